"""Sorted runs: records that do not fit in memory, in files, merged where they are read.

A run is a row of *blocks*, some records each, sorted by one key over all of them. To merge runs the
first block of each is looked at. The run whose block ends first tells how far all others may go:
nothing that is still in a file comes before the end of that block. What comes before it is put
together and sorted, in C; then the next blocks follow. So there is one block of each run in memory.

In memory a block is *columns*: lists of one length, the first of which are the keys.
Must not know: what records mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, Protocol, TypeAlias

from minispark.engine.memory import TaskMemory, size_of
from minispark.engine.shuffle.spill import Spilled, SpillFile

Columns: TypeAlias = Sequence[Sequence[Any]]

MOST_RUNS: Final = 64
"""How many runs are merged at once."""

MOST_RECORDS: Final = 4096
"""How many records a block has at most."""


class BlockForm(Protocol):
    """How columns stand in a file."""

    def to_block(self, columns: Columns) -> Any:
        """What is written."""

    def to_columns(self, block: Any) -> Columns:
        """The columns again."""


class StoredRecords:
    """Records in a file, in the order in which they were added."""

    def __init__(self, memory: TaskMemory) -> None:
        self._file = SpillFile(memory)
        self._block_bytes = memory.part(64)
        self._spilled: list[Spilled] = []

    def add(self, records: Iterable[Any]) -> None:
        """Append records."""
        self._spilled += map(self._file.write, in_blocks(records, self._block_bytes))

    def merged(self) -> Iterator[Any]:
        """All of them."""
        return chain.from_iterable(map(self._file.read, self._spilled))


class SortedRuns:
    """Runs of one order, in the order in which they were added: among equal keys earlier ones
    come first.
    """

    def __init__(self, memory: TaskMemory, form: BlockForm, reverse: bool = False) -> None:
        self._memory = memory
        self._form = form
        self._reverse = reverse
        self.block_bytes = memory.part(4 * MOST_RUNS)
        """How large blocks should be."""
        self._file = SpillFile(memory)
        self._runs: list[Iterator[Columns]] = []

    def add(self, blocks: Iterable[Columns]) -> None:
        """Write the blocks of one run to a file."""
        spilled = [self._file.write(self._form.to_block(columns)) for columns in blocks]
        self.add_written(map(self._form.to_columns, map(self._file.read, spilled)))

    def add_written(self, run: Iterator[Columns]) -> None:
        """Add one that is in a file already, and is read when it is merged."""
        self._runs.append(run)

    def merged(self, last: Iterable[Columns] = ()) -> Iterator[Columns]:
        """The records of all runs in order, some at a time; ``last`` is one more run. To be called
        once.
        """
        while len(self._runs) > MOST_RUNS:
            self._merge_some()
        return merged([*self._runs, iter(last)], self._reverse)

    def _merge_some(self) -> None:
        """Make longer runs, and fewer."""
        runs, self._runs = self._runs, []
        self._file = SpillFile(self._memory)  # the other one goes with its runs
        for start in range(0, len(runs), MOST_RUNS):
            some = runs[start : start + MOST_RUNS]
            self.add(chain.from_iterable(map(self._cut, merged(some, self._reverse))))

    def _cut(self, columns: Columns) -> Iterator[Columns]:
        """Columns in pieces that are no larger than blocks were."""
        records = zip(*columns, strict=True)
        for piece in in_blocks(records, self.block_bytes):
            yield list(zip(*piece, strict=True))


def in_blocks(records: Iterable[Any], size: float, most: int = MOST_RECORDS) -> Iterator[list[Any]]:
    """The records, in lists of about so many bytes, but no more records than that."""
    iterator = iter(records)
    count = 1
    while block := list(islice(iterator, count)):
        yield block
        fitting = int(size / ((size_of(block[0]) + size_of(block[-1])) / 2))
        count = max(1, min(fitting, 2 * count, most))


def merged(runs: Iterable[Iterator[Columns]], reverse: bool = False) -> Iterator[Columns]:
    """The records of sorted runs, in order; among equal keys those of earlier runs come first."""
    heads = [head for run in runs if (head := _Head(run)).has_more()]
    while len(heads) > 1:
        first = heads[0]
        for head in heads[1:]:
            if _precedes(head.keys[-1], first.keys[-1], reverse):
                first = head
        bound = first.keys[-1]
        together: list[list[Any]] = [[] for _ in first.columns]
        is_before = True
        for head in heads:
            if head is first:
                count = len(head.keys)
                is_before = False
            else:
                count = _count(head.keys, head.start, bound, is_before, reverse)
            for column, more in zip(together, head.columns, strict=True):
                column += more[head.start : count]
            head.start = count
        keys = together[0]
        order = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
        yield [list(map(column.__getitem__, order)) for column in together]
        del together, keys, order
        heads = [head for head in heads if head.has_more()]
    for head in heads:
        yield [column[head.start :] for column in head.columns]
        yield from head.rest


class _Head:
    """The block of a run that is in memory, from ``start`` on."""

    def __init__(self, run: Iterator[Columns]) -> None:
        self.rest = run
        self.columns: Columns = ((),)
        self.start = 0

    @property
    def keys(self) -> Sequence[Any]:
        return self.columns[0]

    def has_more(self) -> bool:
        """Whether there is a record; the next block is read if need be."""
        if self.start == len(self.keys):
            self.columns = next(self.rest, ((),))
            self.start = 0
        return len(self.keys) > 0


def _precedes(key: Any, other: Any, reverse: bool) -> bool:
    return bool(other < key if reverse else key < other)


def _count(keys: Sequence[Any], start: int, bound: Any, is_before: bool, reverse: bool) -> int:
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
