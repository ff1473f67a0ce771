"""What a task does to send records into a shuffle: place them by key, in frames.

For `partitionBy`. Must not know: where the frames go.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any

from minispark.engine.serializers import Serializer

_as_long = struct.Struct("!q").pack


def place_by_key(
    num_partitions: int,
    partition_func: Callable[[Any], int],
    serializer: Serializer,
    _split: int,
    iterator: Iterator[tuple[Any, Any]],
) -> Iterator[tuple[int, bytes]]:
    """(reduce partition, frame) for the pairs of one partition.

    Pairs are gathered by partition and written out when there are enough of them, all
    partitions at once; a frame is what was gathered for one partition. How many are enough
    grows while the frames are small. The rule is Spark's, because the frames are seen later on
    (by `cartesian` and `zip`, and as objects that share what a frame shares).
    """
    buckets: dict[int, list[tuple[Any, Any]]] = {}
    gathered = 0
    enough: float = min(10 * num_partitions, 1000)
    for key, value in iterator:
        partition = partition_func(key) % num_partitions
        if partition in buckets:
            buckets[partition].append((key, value))
        else:
            buckets[partition] = [(key, value)]
        gathered += 1
        if gathered > enough:
            size = 0
            for partition, pairs in buckets.items():
                _as_long(partition)  # refuses what is no integer, as Spark does: struct.error
                frame = serializer.dumps(pairs)
                size += len(frame)
                yield partition, frame
            average = int(size / len(buckets)) >> 20
            if average < 1:
                enough = min(sys.maxsize, enough * 1.5)
            elif average > 10:
                enough = max(int(enough / 1.5), 1)
            buckets = {}
            gathered = 0
    for partition, pairs in buckets.items():
        _as_long(partition)
        yield partition, serializer.dumps(pairs)
