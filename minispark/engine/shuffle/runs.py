"""Sorted runs: records that do not fit in memory, in files, merged where they are read.

A run is a row of *blocks*, lists of records, sorted by one key over all of them. To merge runs the
first block of each is looked at. The run whose block ends first tells how far all others may go:
nothing that is still in a file comes before the end of that block. What comes before it is put
together and sorted, in C; then the next blocks follow. So there is one block of each run in memory.
Must not know: what records mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, TypeAlias

from minispark.engine.blockfile import Segment
from minispark.engine.memory import TaskMemory, size_of
from minispark.engine.shuffle.spill import SpillFile

Run: TypeAlias = Iterable[list[Any]]
"""Blocks, to be read once."""
Key: TypeAlias = Callable[[Any], Any]

MOST_RUNS: Final = 64
"""How many runs are merged at once."""

MOST_RECORDS: Final = 4096
"""How many records a block has at most."""


class StoredRecords:
    """Records in a file, in the order in which they were added."""

    def __init__(self, memory: TaskMemory) -> None:
        self._file = SpillFile(memory)
        self._block_bytes = memory.part(64)
        self._segments: list[Segment] = []

    def add(self, records: Iterable[Any]) -> None:
        """Append records."""
        self._segments += map(self._file.write, in_blocks(records, self._block_bytes))

    def merged(self) -> Iterator[Any]:
        """All of them."""
        return chain.from_iterable(map(self._file.read, self._segments))


class SortedRuns:
    """Runs of one order, in the order in which they were added: among equal keys earlier ones
    come first.

    >>> from minispark.engine.memory import MemoryLimit
    >>> runs = SortedRuns(TaskMemory(MemoryLimit(1 << 20)), key=lambda x: x)
    >>> runs.add([1, 4, 6])
    >>> runs.add([2, 4])
    >>> list(runs.merged([0, 9]))
    [0, 1, 2, 4, 4, 6, 9]
    """

    def __init__(self, memory: TaskMemory, key: Key, reverse: bool = False) -> None:
        self._memory = memory
        self._key = key
        self._reverse = reverse
        self._block_bytes = memory.part(4 * MOST_RUNS)
        self._file = SpillFile(memory)
        self._runs: list[Run] = []

    def add(self, records: Iterable[Any]) -> None:
        """Write sorted records to a file."""
        segments = [self._file.write(block) for block in in_blocks(records, self._block_bytes)]
        self._runs.append(map(self._file.read, segments))

    def merged(self, last: Sequence[Any] = ()) -> Iterator[Any]:
        """The records of all runs in order; ``last`` is one more, in memory. To be called once."""
        while len(self._runs) > MOST_RUNS:
            self._merge_some()
        runs = self._runs
        if last:
            runs.append(_blocks_of(last))
        return merged(runs, self._key, self._reverse)

    def _merge_some(self) -> None:
        """Make longer runs, and fewer."""
        runs, self._runs = self._runs, []
        self._file = SpillFile(self._memory)  # the other one goes with its runs
        for start in range(0, len(runs), MOST_RUNS):
            self.add(merged(runs[start : start + MOST_RUNS], self._key, self._reverse))


def in_blocks(records: Iterable[Any], size: float, most: int = MOST_RECORDS) -> Iterator[list[Any]]:
    """The records, in lists of about so many bytes, but no more records than that."""
    iterator = iter(records)
    count = 1
    while block := list(islice(iterator, count)):
        yield block
        fitting = int(size / ((size_of(block[0]) + size_of(block[-1])) / 2))
        count = max(1, min(fitting, 2 * count, most))


def _blocks_of(records: Sequence[Any]) -> Run:
    return (records[i : i + MOST_RECORDS] for i in range(0, len(records), MOST_RECORDS))  # type: ignore[misc]


def merged(runs: Iterable[Run], key: Key, reverse: bool = False) -> Iterator[Any]:
    """The records of sorted runs, in order; among equal keys those of earlier runs come first."""
    return chain.from_iterable(_merged(runs, key, reverse))


def _merged(runs: Iterable[Run], key: Key, reverse: bool) -> Iterator[Iterable[Any]]:
    heads = [head for run in runs if (head := _Head(run, key)).has_more()]
    while len(heads) > 1:
        first = heads[0]
        for head in heads[1:]:
            if _precedes(head.last, first.last, reverse):
                first = head
        records: list[Any] = []
        keys: list[Any] = []
        is_before = True
        for head in heads:
            if head is first:
                count = len(head.keys)
                is_before = False
            else:
                count = _count(head.keys, head.start, first.last, is_before, reverse)
            records += head.block[head.start : count]
            keys += head.keys[head.start : count]
            head.start = count
        order = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
        yield map(records.__getitem__, order)
        del records, keys, order
        heads = [head for head in heads if head.has_more()]
    for head in heads:
        yield head.block[head.start :]
        yield from head.rest


class _Head:
    """The block of a run that is in memory, from ``start`` on."""

    def __init__(self, run: Run, key: Key) -> None:
        self.rest = iter(run)
        self._key = key
        self.block: list[Any] = []
        self.keys: list[Any] = []
        self.start = 0

    @property
    def last(self) -> Any:
        return self.keys[-1]

    def has_more(self) -> bool:
        """Whether there is a record; the next block is read if need be."""
        if self.start == len(self.keys):
            self.block = next(self.rest, [])
            self.keys = list(map(self._key, self.block))
            self.start = 0
        return len(self.keys) > 0


def _precedes(key: Any, other: Any, reverse: bool) -> bool:
    return bool(other < key if reverse else key < other)


def _count(keys: list[Any], start: int, bound: Any, is_before: bool, reverse: bool) -> int:
    """Up to which position keys precede ``bound``, or are equal to it if ``is_before``."""
    low, high = start, len(keys)
    while low < high:
        middle = (low + high) // 2
        if is_before:
            belongs = not _precedes(bound, keys[middle], reverse)
        else:
            belongs = _precedes(keys[middle], bound, reverse)
        if belongs:
            low = middle + 1
        else:
            high = middle
    return low
