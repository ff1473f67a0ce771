"""Cached partitions: what ``persist`` keeps, as block files in the context's directories.

The page cache is their memory, so that all processes of a context read them. What Spark calls
memory is therefore an account: of blocks at a level that uses memory, so many bytes count as being
there, and no more. To make room for a new one, those go that were longest not used, though none of
the new one's own RDD, as in Spark: out of memory, and their files with them unless their level uses
the disk too. What finds no room is on disk, if its level uses that, or is not kept: the task that
computes it hands it on as it comes. So does one that cannot write a block that would be in memory,
on a full disk, say: in Spark no disk has a part in it.

A partition is written whole before its first frame is handed on, and by one task at a time: a
second task that wants the same one waits and then reads.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import chain, islice
from typing import BinaryIO, NamedTuple, Protocol, cast

from minispark.engine.blockfile import (
    DamagedBlock,
    Segment,
    append_segment,
    in_segments,
    name_file,
    read_segments,
    removed_if_it_fails,
    take_segments,
)
from minispark.engine.events import (
    BlockEvicted,
    BlockLost,
    BlocksRemoved,
    BlockStored,
    Event,
    EventBus,
    log_warning,
)
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


class ToWrite(NamedTuple):
    """What a task is told that has to write a block: where, how large it may be at most, and if it
    is an error where that cannot be done.
    """

    path: str
    limit: int | None
    must_be_written: bool


class Level(Protocol):
    """How the partitions of an RDD are kept: what of a StorageLevel means something here."""

    useDisk: bool
    useMemory: bool
    useOffHeap: bool


class Usage(NamedTuple):
    """The cached partitions of an RDD: how many, and how many bytes of them are where."""

    partitions: int
    memory_size: int
    disk_size: int


class BlockTable(Protocol):
    """Who knows which partitions are cached, and who writes which.

    It is the driver's: :class:`CachedBlocks`, which a worker process asks through its driver.
    """

    def find_or_begin(
        self, rdd_id: int, partition: int, task_id: int
    ) -> StoredBlock | ToWrite | None:
        """The block of a partition, if need be once another task has written it; or how this task
        has to write it; None if the RDD is not kept any more.
        """

    def commit(self, rdd_id: int, partition: int, task_id: int, block: StoredBlock) -> bool:
        """A task has written a block; whether it is kept. If not, its file is the task's."""

    def give_up(
        self, rdd_id: int, partition: int, task_id: int, problem: str | None = None
    ) -> None:
        """A task does not write a block that it had begun; what has kept it from that, if it is
        worth a warning.
        """

    def forget(self, rdd_id: int, partition: int, block: StoredBlock) -> None:
        """A block cannot be read."""


class BlockStore:
    """Cached partitions as a task reads and writes them, through the table that knows them.

    ``codec``: by which their files are compressed, see `minispark.engine.compression`.
    """

    def __init__(self, table: BlockTable, codec: str | None = None) -> None:
        self._table = table
        self._codec = codec

    def get_or_store(
        self, rdd_id: int, partition: int, task_id: int, compute: Callable[[], Iterable[Frame]]
    ) -> Iterator[Frame]:
        """The frames of a cached partition; computed and stored first if it is not there."""
        found = self._table.find_or_begin(rdd_id, partition, task_id)
        if found is None:
            return iter(compute())
        if isinstance(found, ToWrite):
            return self._store(rdd_id, partition, task_id, found, compute)
        return self._read(rdd_id, partition, found, compute)

    def _store(
        self,
        rdd_id: int,
        partition: int,
        task_id: int,
        place: ToWrite,
        compute: Callable[[], Iterable[Frame]],
    ) -> Iterator[Frame]:
        """Write a block and register it; the frames of the partition, be it kept or not."""
        try:
            frames = iter(compute())
            with removed_if_it_fails(place.path):
                draft = _write(place, frames, self._codec)
        except BaseException:
            self._table.give_up(rdd_id, partition, task_id)
            raise
        if draft.is_whole:
            block = StoredBlock(place.path, tuple(draft.segments))
            if self._table.commit(rdd_id, partition, task_id, block):
                draft.close()
                return self._read(rdd_id, partition, block, compute)
        else:
            self._table.give_up(rdd_id, partition, task_id, draft.problem)
        # What was computed is not computed again: others may count how often it is.
        return _or_computed(chain(draft.take(), frames), compute)

    def _read(
        self,
        rdd_id: int,
        partition: int,
        block: StoredBlock,
        compute: Callable[[], Iterable[Frame]],
    ) -> Iterator[Frame]:
        def computed() -> Iterable[Frame]:
            self._table.forget(rdd_id, partition, block)
            return compute()

        return _or_computed(read_segments(block.path, block.segments), computed)


class _Draft:
    """What a task has written of a block. The file is open: nobody else has to know its name."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.file: BinaryIO | None = None
        self.segments: list[Segment] = []
        self.unwritten: Sequence[Frame] = ()
        """The frames at which it was no more possible."""
        self.problem: str | None = None
        self.is_whole = False

    def take(self) -> Iterator[Frame]:
        """The frames; the file goes."""
        if self.file is None:
            return iter(self.unwritten)
        return chain(take_segments(self.file, self.path, self.segments), self.unwritten)

    def give_up(self, place: ToWrite, exc: OSError, unwritten: Sequence[Frame] = ()) -> None:
        """It cannot be written; raises that where it has to be."""
        if place.must_be_written:
            raise exc
        name_file(exc, place.path)
        self.problem = str(exc)
        self.unwritten = unwritten
        if self.file is not None:
            with suppress(OSError):  # others may have the room
                self.file.truncate(sum(segment.length for segment in self.segments))

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def _write(place: ToWrite, frames: Iterator[Frame], codec: str | None) -> _Draft:
    """Write frames to a place; as many as there may be, and can be, if they need not be written."""
    draft = _Draft(place.path)
    size = 0
    with ExitStack() as stack:
        stack.callback(draft.close)
        try:
            # Without a buffer: what was written can be read, whatever comes next.
            file = open(place.path, "w+b", buffering=0)  # noqa: SIM115  # the draft's
            draft.file = cast("BinaryIO", file)
        except OSError as exc:
            draft.give_up(place, exc)
            return draft
        for batch in in_segments(frames):
            try:
                segment = append_segment(draft.file, batch, codec)
            except OSError as exc:
                draft.give_up(place, exc, batch)
                break
            draft.segments.append(segment)
            size += segment.length
            if place.limit is not None and size > place.limit:
                break
        else:
            draft.is_whole = True
        stack.pop_all()  # it stays open
    return draft


def _or_computed(
    frames: Iterator[Frame], compute: Callable[[], Iterable[Frame]]
) -> Iterator[Frame]:
    """``frames``; from where they cannot be read on, computed."""
    given = 0
    try:
        for frame in frames:
            yield frame
            given += 1
    except DamagedBlock:
        # A lost block costs its recomputation; what was handed on already is not given again.
        yield from islice(compute(), given, None)


class _Writing:
    """Who writes a block, and what those who wait for it wait for."""

    def __init__(self) -> None:
        self.paths: dict[int, str] = {}
        """Where each task writes it: one, or several that race."""
        self.ended = threading.Event()


class _Kept:
    """An RDD that is kept: how, and what there is of it."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.blocks: dict[int, StoredBlock] = {}
        self.memory_size = 0
        self.warned_of: set[int] = set()
        """The partitions that could not be written, and of which a warning has told."""


Key = tuple[int, int]
"""An RDD's id, and a partition."""


class CachedBlocks:
    """The cached partitions of a context, by RDD id and partition. See :class:`BlockTable`.

    Parameters
    ----------
    memory
        how many bytes of blocks may be in memory
    """

    def __init__(
        self, directory: LocalDirectories, events: EventBus, memory: int = sys.maxsize
    ) -> None:
        self._directory = directory
        self._events = events
        self._memory = memory
        self._lock = threading.Lock()  # guards what follows
        self._kept: dict[int, _Kept] = {}
        self._in_memory: OrderedDict[Key, int] = OrderedDict()
        """The sizes of the blocks in memory, the one that was longest not used first."""
        self._memory_size = 0
        self._writings: dict[Key, _Writing] = {}
        self._racing: set[int] = set()
        """The tasks that do not wait for another to write a block."""
        self._to_remove: list[str] = []
        """Files of blocks that are no more."""
        self._to_tell: deque[Event] = deque()
        """What has happened, in this order."""
        # Written by finalizers, which may run on any thread under any lock.
        self._released: deque[int] = deque()

    # -- for tasks ---------------------------------------------------------------------------

    def find_or_begin(
        self, rdd_id: int, partition: int, task_id: int
    ) -> StoredBlock | ToWrite | None:
        key = (rdd_id, partition)
        while True:
            with self._lock:
                kept = self._kept.get(rdd_id)
                if kept is None:
                    return None
                block = kept.blocks.get(partition)
                if block is not None:
                    if key in self._in_memory:
                        self._in_memory.move_to_end(key)
                    return block
                writing = self._writings.get(key)
                if writing is None or task_id in self._racing:
                    name = f"rdd_{rdd_id}_{partition}_{os.urandom(4).hex()}"
                    path = self._directory.file(name)
                    self._writings.setdefault(key, _Writing()).paths[task_id] = path
                    level = kept.level
                    for_memory = _is_for_memory(level)
                    room = self._memory - kept.memory_size if for_memory else 0
                    return ToWrite(path, None if level.useDisk else room, not for_memory)
            writing.ended.wait(LOOK_AGAIN_SECONDS)

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
            is_kept = self._admit(key, block)
            del self._writings[key]
        writing.ended.set()
        self._settle()
        return is_kept

    def give_up(
        self, rdd_id: int, partition: int, task_id: int, problem: str | None = None
    ) -> None:
        with self._lock:
            self._stop_writing((rdd_id, partition), task_id)
            kept = self._kept.get(rdd_id)
            if problem is None or kept is None or partition in kept.warned_of:
                return
            kept.warned_of.add(partition)
        log_warning(
            f"partition {partition} of RDD {rdd_id} is not kept, and is computed each time that it "
            f"is wanted: {problem}"
        )

    def forget(self, rdd_id: int, partition: int, block: StoredBlock) -> None:
        with self._lock:
            kept = self._kept.get(rdd_id)
            if kept is None or kept.blocks.get(partition) != block:
                return  # it was evicted, say
            self._drop((rdd_id, partition), kept)
            self._to_tell.append(BlockLost(rdd_id, partition))
        self._settle()
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

    # -- for the driver ----------------------------------------------------------------------

    def keep(self, rdd_id: int, level: Level) -> None:
        """From now on keep the partitions of an RDD; of what is there nothing changes."""
        with self._lock:
            self._kept.setdefault(rdd_id, _Kept(level)).level = level

    def cached(self, rdd_id: int) -> set[int]:
        """Which partitions of an RDD are cached."""
        with self._lock:
            kept = self._kept.get(rdd_id)
            return set() if kept is None else set(kept.blocks)

    def usage(self, rdd_id: int) -> Usage:
        """What is cached of an RDD."""
        with self._lock:
            kept = self._kept.get(rdd_id)
            if kept is None:
                return Usage(0, 0, 0)
            size = sum(block.size for block in kept.blocks.values())
            return Usage(len(kept.blocks), kept.memory_size, size - kept.memory_size)

    def remove(self, rdd_id: int) -> None:
        """Keep an RDD no longer, and remove the files of its partitions."""
        with self._lock:
            kept = self._kept.pop(rdd_id, None)
            if kept is not None and kept.blocks:
                for partition in list(kept.blocks):
                    self._drop((rdd_id, partition), kept)
                self._to_tell.append(BlocksRemoved(rdd_id))
            for key in [key for key in self._writings if key[0] == rdd_id]:
                self._writings.pop(key).ended.set()
        self._settle()

    def release(self, rdd_id: int) -> None:
        """Say that no one has this RDD any more; its blocks go with the next job."""
        self._released.append(rdd_id)

    def remove_released(self) -> None:
        """Remove the blocks of the RDDs that no one has any more, and what could not go before."""
        while self._released:
            self.remove(self._released.popleft())
        if self._to_remove:
            self._settle()

    # -- under the lock ----------------------------------------------------------------------

    def _stop_writing(self, key: Key, task_id: int) -> str | None:
        """A task does not write a block any more; where it has."""
        writing = self._writings.get(key)
        if writing is None or task_id not in writing.paths:
            return None
        path = writing.paths.pop(task_id)
        if not writing.paths:
            del self._writings[key]
            writing.ended.set()
        return path

    def _admit(self, key: Key, block: StoredBlock) -> bool:
        """Take in a block if its RDD is still kept, and there is a place for it."""
        rdd_id, partition = key
        kept = self._kept.get(rdd_id)
        if kept is None:
            return False
        size = block.size
        in_memory = _is_for_memory(kept.level) and self._make_room(rdd_id, kept, size)
        if not in_memory and not kept.level.useDisk:
            return False
        kept.blocks[partition] = block
        if in_memory:
            self._in_memory[key] = size
            self._memory_size += size
            kept.memory_size += size
        sizes = (size, 0) if in_memory else (0, size)
        self._to_tell.append(BlockStored(rdd_id, partition, *sizes))
        return True

    def _make_room(self, rdd_id: int, kept: _Kept, size: int) -> bool:
        """Whether so much more of an RDD has room in memory; what has to go for it goes."""
        missing = self._memory_size + size - self._memory
        if missing <= 0:
            return True
        if missing > self._memory_size - kept.memory_size:
            return False
        going = []
        for key, freed in self._in_memory.items():
            if missing <= 0:
                break
            if key[0] != rdd_id:
                going.append(key)
                missing -= freed
        for key in going:
            self._evict(key)
        return True

    def _evict(self, key: Key) -> None:
        rdd_id, partition = key
        kept = self._kept[rdd_id]
        size = self._in_memory[key]
        if kept.level.useDisk:
            self._leave_memory(key, kept)
        else:
            self._drop(key, kept)
        self._to_tell.append(BlockEvicted(rdd_id, partition, size, kept.level.useDisk))

    def _drop(self, key: Key, kept: _Kept) -> None:
        self._leave_memory(key, kept)
        self._to_remove.append(kept.blocks.pop(key[1]).path)

    def _leave_memory(self, key: Key, kept: _Kept) -> None:
        size = self._in_memory.pop(key, 0)
        self._memory_size -= size
        kept.memory_size -= size

    # -- behind it ---------------------------------------------------------------------------

    def _settle(self) -> None:
        """Remove files and tell what has happened, without the lock: both may take their time."""
        if self._to_remove:
            with self._lock:
                paths, self._to_remove = self._to_remove, []
            for path in paths:
                try:
                    with suppress(FileNotFoundError):
                        os.unlink(path)
                except OSError:  # on Windows, while a task reads it: it goes later
                    with self._lock:
                        self._to_remove.append(path)
        if self._to_tell:
            self._events.post_all(self._to_tell)


def _is_for_memory(level: Level) -> bool:
    """Whether blocks may be in memory. There is none off the heap, as in Spark by default."""
    return level.useMemory and not level.useOffHeap
