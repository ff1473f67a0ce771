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
    read_segments,
)
from minispark.engine.events import BlocksRemoved, BlockStored, EventBus, log_warning
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
            with open(path, "wb") as file:
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


class _Writing:
    """Who writes a block, and what those who wait for it wait for."""

    def __init__(self, task_id: int, path: str) -> None:
        self.paths = {task_id: path}
        """Where each task writes it: one, or several that race."""
        self.ended = threading.Event()


class CachedBlocks:
    """The cached partitions of a context, by RDD id and partition. See :class:`BlockTable`."""

    def __init__(self, directory: LocalDirectories, events: EventBus) -> None:
        self._directory = directory
        self._events = events
        self._lock = threading.Lock()  # guards what follows
        self._blocks: dict[int, dict[int, StoredBlock]] = {}
        self._writings: dict[tuple[int, int], _Writing] = {}
        self._racing: set[int] = set()
        """The tasks that do not wait for another to write a block."""
        # Written by finalizers, which may run on any thread under any lock.
        self._released: deque[int] = deque()

    def find_or_begin(self, rdd_id: int, partition: int, task_id: int) -> StoredBlock | str:
        key = (rdd_id, partition)
        while (block := self.block(rdd_id, partition)) is None:
            path = self._directory.file(f"rdd_{rdd_id}_{partition}_{os.urandom(4).hex()}")
            with self._lock:
                if partition in self._blocks.get(rdd_id, ()):
                    continue  # it came between the two looks
                writing = self._writings.get(key)
                if writing is None:
                    self._writings[key] = _Writing(task_id, path)
                    return path
                if task_id in self._racing:
                    writing.paths[task_id] = path
                    return path
            writing.ended.wait(LOOK_AGAIN_SECONDS)
        return block

    def race(self, task_id: int) -> None:
        """Say that a task is a copy of another that runs: what that one writes it writes too.

        The first that has written a block wins.
        """
        with self._lock:
            self._racing.add(task_id)

    def commit(self, rdd_id: int, partition: int, task_id: int, block: StoredBlock) -> bool:
        key = (rdd_id, partition)
        with self._lock:
            writing = self._writings.get(key)
            if writing is None or task_id not in writing.paths:
                return False
            self._blocks.setdefault(rdd_id, {})[partition] = block
            del self._writings[key]
        writing.ended.set()
        self._events.post(BlockStored(rdd_id, partition, block.size))
        return True

    def give_up(self, rdd_id: int, partition: int, task_id: int) -> None:
        with self._lock:
            self._stop_writing((rdd_id, partition), task_id)

    def forget(self, rdd_id: int, partition: int, block: StoredBlock) -> None:
        with self._lock:
            kept = self._blocks.get(rdd_id, {})
            if kept.get(partition) != block:
                return
            del kept[partition]
        log_warning(
            f"the cached block of partition {partition} of RDD {rdd_id} is damaged or gone, and is "
            f"computed again: {block.path}"
        )

    def abandon(self, task_id: int) -> None:
        """A task was cancelled or lost, and may never come back: others may write its blocks."""
        with self._lock:
            self._racing.discard(task_id)
            given_up = [self._stop_writing(key, task_id) for key in list(self._writings)]
        for path in given_up:
            if path is not None:
                remove_file(path)

    def _stop_writing(self, key: tuple[int, int], task_id: int) -> str | None:
        """A task does not write a block any more; where it has. The lock is held."""
        writing = self._writings.get(key)
        if writing is None or task_id not in writing.paths:
            return None
        path = writing.paths.pop(task_id)
        if not writing.paths:
            del self._writings[key]
            writing.ended.set()
        return path

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
            for key in [key for key in self._writings if key[0] == rdd_id]:
                self._writings.pop(key).ended.set()
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
