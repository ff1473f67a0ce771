"""What a task does to send records into a shuffle: place them by key, in frames.

For `partitionBy`, and for the operations that have a shuffle of their own. Must not know: where
the frames go.
"""

from __future__ import annotations

import struct
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from minispark.core.rdd.tasks.columns import (
    are_plain_keys,
    can_write,
    is_plain,
    write_columns,
)
from minispark.engine.serializers import Frame, Serializer, frame_size
from minispark.engine.shuffle.hashing import portable_hash, portable_hashes
from minispark.engine.shuffle.ranges import KeyRanges

Placed: TypeAlias = tuple[int, Frame]

RECORDS_AT_ONCE = 8192
"""How many records are worked on together: enough, and all in the processor's cache."""
RECORDS_A_FRAME = 64
"""How many of them there are for each partition."""

_as_long = struct.Struct("!q").pack


def place_by_key(
    num_partitions: int,
    partition_func: Callable[[Any], int],
    serializer: Serializer,
    is_seen: bool,
    _split: int,
    pairs: Iterable[tuple[Any, Any]],
) -> Iterator[Placed]:
    """(reduce partition, frame) for the pairs of one partition.

    Pairs are gathered by partition and written out when there are enough of them, all
    partitions at once; a frame is what was gathered for one partition. How many are enough
    grows while the frames are small. The rule is Spark's, because the frames are seen later on:
    by `cartesian` and `zip` if `is_seen`, and as objects that share what a frame shares if they
    are not plain.
    """
    iterator = iter(pairs)
    may_be_columns = not is_seen and num_partitions > 0 and can_write(serializer)
    enough: float = min(10 * num_partitions, 1000)
    is_last = False
    while not is_last:
        missing = max(1, int(enough) + 1)
        size = 0
        used: set[int] = set()
        buckets: defaultdict[int, list[tuple[Any, Any]]] = defaultdict(list)
        while missing and not is_last:
            wanted = min(missing, at_once(num_partitions))
            keys, values, error = gather(iterator, wanted)
            missing -= len(keys)
            is_last = len(keys) < wanted
            is_plain_batch = (
                may_be_columns
                and not buckets
                and error is None
                and are_plain_keys(keys)
                and is_plain(values)
            )
            if (
                is_plain_batch
                and isinstance(partition_func, KeyRanges)
                and partition_func.can_sort(keys)
            ):
                columns = partition_func.sorted_columns(keys, values)
            else:
                places = places_of(keys, num_partitions, partition_func)
                if error is not None:
                    raise error
                if not (is_plain_batch and set(map(type, places)) <= {int}):
                    for place, key, value in zip(places, keys, values, strict=True):
                        buckets[place].append((key, value))
                    continue
                columns = dealt(num_partitions, places, keys, values)
            for place, own_keys, own_values in columns:
                frame = write_columns(own_keys, own_values)
                used.add(place)
                size += frame_size(frame)
                yield place, frame
        for place, rows in buckets.items():
            _as_long(place)  # refuses what is no integer, as Spark does: struct.error
            frame = serializer.dumps(rows)
            used.add(place)
            size += len(frame)
            yield place, frame
        if used:
            average = int(size / len(used)) >> 20
            if average < 1:
                enough = min(sys.maxsize, enough * 1.5)
            elif average > 10:
                enough = max(int(enough / 1.5), 1)


def at_once(num_partitions: int) -> int:
    """How many records to place at once."""
    return max(RECORDS_AT_ONCE, RECORDS_A_FRAME * num_partitions)


def gather(
    pairs: Iterator[tuple[Any, Any]], count: int
) -> tuple[list[Any], list[Any], Exception | None]:
    """The keys and the values of the next pairs, and what the iterator raised after them."""
    keys: list[Any] = []
    values: list[Any] = []
    try:
        for key, value in islice(pairs, count):
            keys.append(key)
            values.append(value)
    except Exception as exc:
        return keys, values, exc
    return keys, values, None


def places_of(
    keys: list[Any], num_partitions: int, partition_func: Callable[[Any], int]
) -> list[int]:
    """The reduce partition of each key."""
    if partition_func is portable_hash:
        return [hash_of_key % num_partitions for hash_of_key in portable_hashes(keys)]
    return [partition_func(key) % num_partitions for key in keys]


def dealt(
    num_partitions: int, places: list[int], keys: list[Any], values: list[Any]
) -> list[tuple[int, list[Any], list[Any]]]:
    """(reduce partition, keys, values) for each partition that has some of them."""
    dealt_keys: list[list[Any]] = [[] for _ in range(num_partitions)]
    dealt_values: list[list[Any]] = [[] for _ in range(num_partitions)]
    for place, key, value in zip(places, keys, values, strict=True):
        dealt_keys[place].append(key)
        dealt_values[place].append(value)
    return [
        (place, own_keys, own_values)
        for place, (own_keys, own_values) in enumerate(zip(dealt_keys, dealt_values, strict=True))
        if own_keys
    ]
