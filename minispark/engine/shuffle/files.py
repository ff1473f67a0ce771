"""Shuffle outputs: one file a map task, read back by the reduce tasks.

A map task's records arrive as (reduce partition, frame). They are gathered in memory up to
:data:`SEGMENT_BYTES`, then written in the order of reduce partitions; a large output is a few
such runs. The rename of the file is its commit, and the :class:`MapStatus` tells where the
segments of each reduce partition lie. A reduce task reads the map outputs in the order of map
partitions and, within one, in the order in which they were written: so order is determined.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from minispark.engine.blockfile import (
    SEGMENT_BYTES,
    DamagedBlock,
    Segment,
    append_segment,
    new_block_file,
    read_segments,
)
from minispark.engine.localdir import remove_file
from minispark.engine.serializers import Frame, frame_size


class Run(NamedTuple):
    """Segments that lie one behind the other, one for each of some reduce partitions.

    As arrays: there are as many as map and reduce partitions multiplied, and each reduce task is
    told of all.
    """

    partitions: array[int]
    """Which reduce partitions they are for, in order."""
    offsets: array[int]
    """Where each begins, and where the last one ends."""
    checksums: array[int]


class MapStatus(NamedTuple):
    """Where the output of one map task is: its file, and what lies there, as it was written."""

    path: str
    runs: tuple[Run, ...]

    def segments(self, partition: int) -> list[Segment]:
        """The segments of a reduce partition."""
        found: list[Segment] = []
        for partitions, offsets, checksums in self.runs:
            at = bisect_left(partitions, partition)
            if at < len(partitions) and partitions[at] == partition:
                start = offsets[at]
                found.append(Segment(start, offsets[at + 1] - start, checksums[at]))
        return found


class FetchFailed(Exception):
    """A reduce task could not read map outputs: their map tasks have to run again.

    ``map_partitions`` is empty where the task was started without the shuffle's outputs.
    """

    def __init__(self, shuffle_id: int, map_partitions: tuple[int, ...], reason: str) -> None:
        super().__init__(shuffle_id, map_partitions, reason)
        self.shuffle_id = shuffle_id
        self.map_partitions = map_partitions
        self.reason = reason

    def __str__(self) -> str:
        partitions = ", ".join(map(str, self.map_partitions))
        return f"shuffle {self.shuffle_id}, map outputs {partitions}: {self.reason}"


def write_map_output(
    path: str, records: Iterable[tuple[int, Frame]], codec: str | None = None
) -> MapStatus:
    """Write one map task's (reduce partition, frame) records to ``path``; commit by rename."""
    runs: list[Run] = []
    temporary = _unfinished(path)
    try:
        with new_block_file(temporary) as file:
            buffered: dict[int, list[Frame]] = {}
            size = 0
            for partition, frame in records:
                if partition in buffered:
                    buffered[partition].append(frame)
                else:
                    buffered[partition] = [frame]
                size += frame_size(frame)
                if size >= SEGMENT_BYTES:
                    runs.append(_write_run(file, buffered, codec))
                    buffered.clear()
                    size = 0
            if buffered:
                runs.append(_write_run(file, buffered, codec))
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return MapStatus(path, tuple(runs))


def _write_run(file: BinaryIO, buffered: Mapping[int, list[Frame]], codec: str | None) -> Run:
    partitions = sorted(buffered)
    offsets, checksums = array("Q", [file.tell()]), array("I")
    for partition in partitions:
        segment = append_segment(file, buffered[partition], codec)
        offsets.append(segment.offset + segment.length)
        checksums.append(segment.checksum)
    return Run(array("I", partitions), offsets, checksums)


def remove_map_output(path: str) -> None:
    """Remove what a map task that was stopped has written, finished or not."""
    remove_file(_unfinished(path))
    remove_file(path)


def _unfinished(path: str) -> str:
    return f"{path}.new"


def read_reduce_partition(
    shuffle_id: int, statuses: Sequence[MapStatus], partition: int
) -> Iterator[Frame]:
    """All frames for ``partition``, in the order of the map partitions."""
    for map_partition, status in enumerate(statuses):
        segments = status.segments(partition)
        if segments:
            try:
                yield from read_segments(status.path, segments)
            except DamagedBlock as exc:
                # Damage seldom comes alone: one look at the rest saves a stage attempt for each.
                lost = [map_partition, *_damaged(statuses, partition, map_partition + 1)]
                raise FetchFailed(shuffle_id, tuple(lost), str(exc)) from exc


def _damaged(statuses: Sequence[MapStatus], partition: int, start: int) -> Iterator[int]:
    """The map partitions from ``start`` on whose output for ``partition`` cannot be read."""
    for map_partition in range(start, len(statuses)):
        status = statuses[map_partition]
        try:
            for _ in read_segments(status.path, status.segments(partition)):
                pass
        except DamagedBlock:
            yield map_partition
