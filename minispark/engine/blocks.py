"""Cached partitions: what ``persist`` keeps, as block files in the context's directory.

The page cache is their memory. A partition is written whole before its first frame is handed
on, and by one task at a time: a second task that wants the same one waits and then reads.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from minispark.engine.blockfile import (
    SEGMENT_BYTES,
    DamagedBlock,
    Segment,
    append_segment,
    frame_size,
    read_segments,
)
from minispark.engine.events import BlocksRemoved, BlockStored, EventBus
from minispark.engine.localdir import LocalDirectory
from minispark.engine.serializers import Frame


@dataclass(frozen=True)
class StoredBlock:
    """One cached partition: its file, and the segments in it."""

    path: str
    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        return sum(segment.length for segment in self.segments)


class BlockStore:
    """The cached partitions of a context, by RDD id and partition."""

    def __init__(self, directory: LocalDirectory, events: EventBus) -> None:
        self._directory = directory
        self._events = events
        self._lock = threading.Lock()
        self._blocks: dict[int, dict[int, StoredBlock]] = {}
        self._writers: dict[tuple[int, int], threading.Lock] = {}
        # Written by finalizers, which may run on any thread under any lock.
        self._released: deque[int] = deque()

    def get_or_store(
        self, rdd_id: int, partition: int, compute: Callable[[], Iterable[Frame]]
    ) -> Iterator[Frame]:
        """The frames of a cached partition; computed and stored first if it is not there."""
        block = self.block(rdd_id, partition)
        if block is None:
            with self._lock:
                writer = self._writers.setdefault((rdd_id, partition), threading.Lock())
            with writer:
                block = self.block(rdd_id, partition)
                if block is None:
                    block = self._store(rdd_id, partition, compute())
        return self._read(rdd_id, partition, block, compute)

    def block(self, rdd_id: int, partition: int) -> StoredBlock | None:
        """Where a cached partition is, or None."""
        return self._blocks.get(rdd_id, {}).get(partition)

    def blocks(self, rdd_id: int) -> list[StoredBlock]:
        """All cached partitions of an RDD."""
        return list(self._blocks.get(rdd_id, {}).values())

    def cached(self, rdd_id: int) -> set[int]:
        """Which partitions of an RDD are cached."""
        return set(self._blocks.get(rdd_id, ()))

    def remove(self, rdd_id: int) -> None:
        """Forget the partitions of an RDD and remove their files."""
        with self._lock:
            blocks = self._blocks.pop(rdd_id, {})
            for key in [key for key in self._writers if key[0] == rdd_id]:
                del self._writers[key]
        for block in blocks.values():
            _unlink(block.path)
        if blocks:
            self._events.post(BlocksRemoved(rdd_id))

    def release(self, rdd_id: int) -> None:
        """Say that no one has this RDD any more; its blocks go when the next one is stored."""
        self._released.append(rdd_id)

    def _store(self, rdd_id: int, partition: int, frames: Iterable[Frame]) -> StoredBlock:
        while self._released:
            self.remove(self._released.popleft())
        path = self._directory.file(f"rdd_{rdd_id}_{partition}_{os.urandom(4).hex()}")
        segments: list[Segment] = []
        try:
            with open(path, "wb") as file:
                batch: list[Frame] = []
                size = 0
                for frame in frames:
                    batch.append(frame)
                    size += frame_size(frame)
                    if size >= SEGMENT_BYTES:
                        segments.append(append_segment(file, batch))
                        batch, size = [], 0
                if batch:
                    segments.append(append_segment(file, batch))
        except BaseException:
            _unlink(path)
            raise
        block = StoredBlock(path, tuple(segments))
        with self._lock:
            self._blocks.setdefault(rdd_id, {})[partition] = block
        self._events.post(BlockStored(rdd_id, partition, block.size))
        return block

    def _read(
        self,
        rdd_id: int,
        partition: int,
        block: StoredBlock,
        compute: Callable[[], Iterable[Frame]],
    ) -> Iterator[Frame]:
        given = 0
        try:
            for frame in read_segments(block.path, block.segments):
                yield frame
                given += 1
        except DamagedBlock:
            # A lost block costs its recomputation; what was handed on already is not given again.
            with self._lock:
                kept = self._blocks.get(rdd_id, {})
                if kept.get(partition) is block:
                    del kept[partition]
            yield from islice(compute(), given, None)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
