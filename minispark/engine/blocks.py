"""Cached partitions: what ``persist`` keeps, as block files in the context's directory.

The page cache is their memory. A partition is written whole before its first frame is handed
on, and by one task at a time: a second task that wants the same one waits and then reads.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, Protocol

from minispark.engine.blockfile import (
    DamagedBlock,
    Segment,
    append_segment,
    in_segments,
    new_block_file,
    read_segments,
)
from minispark.engine.events import BlocksRemoved, BlockStored, EventBus
from minispark.engine.localdir import LocalDirectories, remove_file
from minispark.engine.serializers import Frame

LOOK_AGAIN_SECONDS = 0.2
"""How often a task that waits for another to write a block looks whether it is cancelled."""


class StoredBlock(NamedTuple):
    """One cached partition: its file, and the segments in it."""

    path: str
    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        return sum(segment.length for segment in self.segments)


class BlockTable(Protocol):
    """Who knows which partitions are cached, and who writes which.

    It is the driver's: :class:`CachedBlocks`, which a worker process asks through its driver.
    """

    def find_or_begin(self, rdd_id: int, partition: int, task_id: int) -> StoredBlock | str:
        """The block of a partition, if need be once another task has written it; or the path to
        which this task has to write it.
        """

    def commit(self, rdd_id: int, partition: int, task_id: int, block: StoredBlock) -> bool:
        """A task has written a block; whether it is still wanted."""

    def give_up(self, rdd_id: int, partition: int, task_id: int) -> None:
        """A task does not write a block that it had begun."""

    def forget(self, rdd_id: int, partition: int, block: StoredBlock) -> None:
        """A block cannot be read."""


class BlockStore:
    """Cached partitions as a task reads and writes them, through the table that knows them."""

    def __init__(self, table: BlockTable) -> None:
        self._table = table

    def get_or_store(
        self, rdd_id: int, partition: int, task_id: int, compute: Callable[[], Iterable[Frame]]
    ) -> Iterator[Frame]:
        """The frames of a cached partition; computed and stored first if it is not there."""
        block: StoredBlock | str | None = self._table.find_or_begin(rdd_id, partition, task_id)
        if isinstance(block, str):
            block = self._store(rdd_id, partition, task_id, block, compute)
        if block is None:  # it was unpersisted while it was written
            return iter(compute())
        return self._read(rdd_id, partition, block, compute)

    def _store(
        self,
        rdd_id: int,
        partition: int,
        task_id: int,
        path: str,
        compute: Callable[[], Iterable[Frame]],
    ) -> StoredBlock | None:
        """Write a block and register it; None if meanwhile nobody wants it any more."""
        segments: list[Segment] = []
        try:
            frames = compute()
            with new_block_file(path) as file:
                for batch in in_segments(frames):
                    segments.append(append_segment(file, batch))
        except BaseException:
            remove_file(path)
            self._table.give_up(rdd_id, partition, task_id)
            raise
        block = StoredBlock(path, tuple(segments))
        if self._table.commit(rdd_id, partition, task_id, block):
            return block
        remove_file(path)
        return None

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
            self._table.forget(rdd_id, partition, block)
            yield from islice(compute(), given, None)


class _Writer:
    """The task that writes a block, and what those who wait for it wait for."""

    def __init__(self, task_id: int, path: str) -> None:
        self.task_id = task_id
        self.path = path
        self.ended = threading.Event()


class CachedBlocks:
    """The cached partitions of a context, by RDD id and partition. See :class:`BlockTable`."""

    def __init__(self, directory: LocalDirectories, events: EventBus) -> None:
        self._directory = directory
        self._events = events
        self._lock = threading.Lock()  # guards what follows
        self._blocks: dict[int, dict[int, StoredBlock]] = {}
        self._writers: dict[tuple[int, int], _Writer] = {}
        # Written by finalizers, which may run on any thread under any lock.
        self._released: deque[int] = deque()

    def find_or_begin(self, rdd_id: int, partition: int, task_id: int) -> StoredBlock | str:
        key = (rdd_id, partition)
        while (block := self.block(rdd_id, partition)) is None:
            path = self._directory.file(f"rdd_{rdd_id}_{partition}_{os.urandom(4).hex()}")
            mine = _Writer(task_id, path)
            with self._lock:
                writer = self._writers.setdefault(key, mine)
            if writer is mine:
                if (block := self.block(rdd_id, partition)) is None:
                    return path
                self._end_writing(key, mine)  # it came between the two looks
                return block
            writer.ended.wait(LOOK_AGAIN_SECONDS)
        return block

    def commit(self, rdd_id: int, partition: int, task_id: int, block: StoredBlock) -> bool:
        key = (rdd_id, partition)
        with self._lock:
            writer = self._writers.get(key)
            is_wanted = writer is not None and writer.task_id == task_id
            if is_wanted:
                self._blocks.setdefault(rdd_id, {})[partition] = block
        if writer is None or not is_wanted:
            return False
        self._end_writing(key, writer)
        self._events.post(BlockStored(rdd_id, partition, block.size))
        return True

    def give_up(self, rdd_id: int, partition: int, task_id: int) -> None:
        key = (rdd_id, partition)
        with self._lock:
            writer = self._writers.get(key)
        if writer is not None and writer.task_id == task_id:
            self._end_writing(key, writer)

    def forget(self, rdd_id: int, partition: int, block: StoredBlock) -> None:
        with self._lock:
            kept = self._blocks.get(rdd_id, {})
            if kept.get(partition) == block:
                del kept[partition]

    def abandon(self, task_id: int) -> None:
        """A task was cancelled or lost, and may never come back: others may write its blocks."""
        with self._lock:
            given_up = [item for item in self._writers.items() if item[1].task_id == task_id]
        for key, writer in given_up:
            self._end_writing(key, writer)
            remove_file(writer.path)

    def _end_writing(self, key: tuple[int, int], writer: _Writer) -> None:
        with self._lock:
            if self._writers.get(key) is writer:
                del self._writers[key]
        writer.ended.set()

    def block(self, rdd_id: int, partition: int) -> StoredBlock | None:
        """Where a cached partition is, or None."""
        with self._lock:
            return self._blocks.get(rdd_id, {}).get(partition)

    def blocks(self, rdd_id: int) -> list[StoredBlock]:
        """All cached partitions of an RDD."""
        with self._lock:
            return list(self._blocks.get(rdd_id, {}).values())

    def cached(self, rdd_id: int) -> set[int]:
        """Which partitions of an RDD are cached."""
        with self._lock:
            return set(self._blocks.get(rdd_id, ()))

    def remove(self, rdd_id: int) -> None:
        """Forget the partitions of an RDD and remove their files."""
        with self._lock:
            blocks = self._blocks.pop(rdd_id, {})
            for key in [key for key in self._writers if key[0] == rdd_id]:
                self._writers.pop(key).ended.set()
        for block in blocks.values():
            remove_file(block.path)
        if blocks:
            self._events.post(BlocksRemoved(rdd_id))

    def release(self, rdd_id: int) -> None:
        """Say that no one has this RDD any more; its blocks go with the next job."""
        self._released.append(rdd_id)

    def remove_released(self) -> None:
        """Remove the blocks of the RDDs that no one has any more."""
        while self._released:
            self.remove(self._released.popleft())
