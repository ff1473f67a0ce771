"""Records by key that do not fit in memory: kept in a file, and brought together key by key where
they are read.

Records are dealt out into *buckets*, by the hashes of their keys. A bucket is read at once, and
merged or grouped in a dict; if it does not fit either, it is dealt out into other buckets, by
another hash. Each record has the number at which it came, and so each key that at which it came
first: what comes out of the buckets are runs in the order of first arrival, which are merged. So
the order is the same as if all had been in memory.

All values of one key may be more than fit. Then they go into a :class:`SpilledList`.
Must not know: RDDs, partitions, how records are stored or moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from sys import getsizeof
from typing import Any, Final, TypeAlias

from minispark.engine.memory import ENTRY_BYTES, LIST_BYTES, TaskMemory, average_entry, size_of
from minispark.engine.shuffle.runs import Columns, SortedRuns, in_blocks
from minispark.engine.shuffle.spill import Spilled, SpillFile

Batch: TypeAlias = tuple[int, Sequence[int], Sequence[Any], Sequence[Any]]
"""A side; and for some of its records, when they came, their keys, and their values."""

Records: TypeAlias = tuple[list[int], list[Any], list[Any]]
"""When they came, their keys, and their values."""

_BUCKETS: Final = 32

_DEEPEST: Final = 6
"""So often a bucket is dealt out anew. What is still too much then are keys of one hash."""

_DEALT_AT_ONCE: Final = 100_000
"""How many records are dealt out at once, at most."""

_PIECE: Final = 1024
"""How many values of a list are written at once, at most."""


class SpilledList:
    """A list in a file: it grows at its end, and can be read again and again.

    It is a list for whoever reads it in another process.
    """

    def __init__(self, file: SpillFile, piece_bytes: float) -> None:
        self._file = file
        self._piece_bytes = piece_bytes
        self._spilled: list[Spilled] = []
        self._last: list[Any] = []
        """What is not yet in the file."""
        self._last_size = 0.0
        self._length = 0
        self.size = 0.0
        """About how many bytes its values would take in memory."""

    def extend(self, values: Sequence[Any]) -> None:
        """Append some values: no more than may be held in memory."""
        self._last += values
        self._length += len(values)
        size = len(values) * size_of(values[-1])
        self.size += size
        self._last_size += size
        if self._last_size >= self._piece_bytes or len(self._last) >= _PIECE:
            self.write()

    def write(self) -> None:
        """Write what is not yet in the file."""
        if self._last:
            self._spilled.append(self._file.write(self._last))
            self._last = []
            self._last_size = 0.0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        for spilled in self._spilled:
            yield from self._file.read(spilled)
        yield from self._last

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


class _ByKey:
    """Records in buckets. What becomes of those of one bucket is for the kinds of this."""

    def __init__(self, memory: TaskMemory) -> None:
        self._memory = memory
        self._holding = memory.holding()
        self._file = SpillFile(memory)
        self._buckets = _Buckets(self._file, memory.part(16), 0)
        self._count = 0

    def add(self, side: int, keys: Sequence[Any], values: Sequence[Any]) -> None:
        """Write records of one side, in the order in which they came."""
        numbers = range(self._count, self._count + len(keys))
        self._count += len(keys)
        self._buckets.add(side, numbers, keys, values)

    def _read(self) -> Iterator[Columns]:
        """All keys, in the order of first arrival, some at a time: the first column is that of
        their numbers.
        """
        runs = SortedRuns(self._memory, self)
        waiting = [self._buckets]
        while waiting:
            buckets = waiting.pop()
            buckets.write()
            for number in range(_BUCKETS):
                deeper = self._read_bucket(buckets, number, runs)
                if deeper is not None:
                    waiting.append(deeper)
        return runs.merged(self._last())

    def _read_bucket(self, buckets: _Buckets, number: int, runs: SortedRuns) -> _Buckets | None:
        """Make a run of one bucket; or, if it does not fit in memory, other buckets."""
        holding = self._holding
        self._begin()
        batches = buckets.batches(number)
        for batch in batches:
            self._take(batch)
            if holding.is_full:
                self._make_room()
            if holding.is_full and buckets.depth < _DEEPEST:
                deeper = _Buckets(self._file, self._memory.part(16), buckets.depth + 1)
                for taken in self._give_back():
                    deeper.add(*taken)
                self._begin()
                holding.clear()
                for rest in batches:
                    deeper.add(*rest)
                return deeper
        if self._is_as_it_came():
            runs.add_written(columns for _, *columns in buckets.batches(number))
        else:
            runs.add(self._blocks(runs.block_bytes))
        self._begin()
        holding.clear()
        return None

    def _begin(self) -> None:
        """Nothing was read of a bucket."""
        raise NotImplementedError

    def _take(self, batch: Batch) -> None:
        """Take in some records of the bucket; say in `_holding` what that takes."""
        raise NotImplementedError

    def _make_room(self) -> None:
        """Memory is full: look more closely whether it is, and put away what can be."""
        raise NotImplementedError

    def _give_back(self) -> Iterator[Batch]:
        """What was taken in, as records."""
        raise NotImplementedError

    def _is_as_it_came(self) -> bool:
        """Whether the bucket's batches are what was made of it: no key came twice."""
        return False

    def _blocks(self, size: float) -> Iterator[Columns]:
        """What was made of the bucket, in the order of first arrival."""
        raise NotImplementedError

    def _last(self) -> Iterator[Columns]:
        """What was put away, in the order of first arrival."""
        return iter(())

    def to_block(self, columns: Columns) -> Any:
        return columns

    def to_columns(self, block: Any) -> Columns:
        return block  # type: ignore[no-any-return]


class _Buckets:
    """Records in a file, dealt out by the hashes of their keys."""

    def __init__(self, file: SpillFile, at_once: float, depth: int) -> None:
        self._file = file
        self.at_once = at_once
        self.depth = depth
        self._spilled: list[list[Spilled]] = [[] for _ in range(_BUCKETS)]
        self._waiting: dict[int, Records] = {}
        """What is not yet written, by side."""
        self._waiting_count = 0
        self._waiting_size = 0.0

    def add(
        self, side: int, numbers: Sequence[int], keys: Sequence[Any], values: Sequence[Any]
    ) -> None:
        """Add records; they are written with others when they are enough."""
        if not keys:
            return
        columns = self._waiting.setdefault(side, ([], [], []))
        for column, more in zip(columns, (numbers, keys, values), strict=True):
            column += more
        self._waiting_count += len(keys)
        self._waiting_size += len(keys) * (size_of(keys[-1]) + size_of(values[-1]))
        if self._waiting_size >= self.at_once or self._waiting_count >= _DEALT_AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what was added."""
        depth = self.depth
        for side, columns in self._waiting.items():
            dealt: list[Records] = [([], [], []) for _ in range(_BUCKETS)]
            for number, key, value in zip(*columns, strict=True):
                numbers, keys, values = dealt[hash((depth, key)) % _BUCKETS]
                numbers.append(number)
                keys.append(key)
                values.append(value)
            for spilled, some in zip(self._spilled, dealt, strict=True):
                if some[0]:
                    spilled.append(self._file.write((side, *some)))
        self._waiting = {}
        self._waiting_count, self._waiting_size = 0, 0.0

    def batches(self, number: int) -> Iterator[Batch]:
        """The records of one bucket, in the order in which they were added."""
        return map(self._file.read, self._spilled[number])


class CombinersByKey(_ByKey):
    """Combiners that are merged: a key may be added many times."""

    def __init__(self, memory: TaskMemory, merge: Callable[[Any, Any], Any]) -> None:
        super().__init__(memory)
        self._merge = merge
        self._begin()

    def add_all(self, combiners: dict[Any, Any]) -> None:
        """Write the combiners of some keys, in the order in which these came."""
        items = iter(combiners.items())
        while some := list(islice(items, _PIECE)):
            keys, values = zip(*some, strict=True)
            self.add(0, keys, values)

    def merged(self) -> Iterator[tuple[Any, Any]]:
        """Each key with its combiner, in the order of first arrival. To be called once."""
        parts = (zip(keys, values, strict=True) for _, keys, values in self._read())
        return chain.from_iterable(parts)

    def _begin(self) -> None:
        self._first: list[int] = []
        self._merged: dict[Any, Any] = {}
        self._taken = 0

    def _take(self, batch: Batch) -> None:
        merge, merged, first = self._merge, self._merged, self._first
        _, numbers, keys, values = batch
        self._taken += len(keys)
        known = len(merged)
        for number, key, value in zip(numbers, keys, values, strict=True):
            if key in merged:
                merged[key] = merge(merged[key], value)
            else:
                merged[key] = value
                first.append(number)
        entry = size_of(keys[-1]) + size_of(values[-1]) + ENTRY_BYTES
        self._holding.size += (len(merged) - known) * entry

    def _make_room(self) -> None:
        self._holding.size = len(self._merged) * average_entry(self._merged)

    def _is_as_it_came(self) -> bool:
        return self._taken == len(self._merged)

    def _entries(self) -> Iterator[tuple[int, Any, Any]]:
        return zip(self._first, self._merged.keys(), self._merged.values(), strict=True)

    def _give_back(self) -> Iterator[Batch]:
        for block in in_blocks(self._entries(), self._memory.part(16)):
            numbers, keys, values = zip(*block, strict=True)
            yield 0, numbers, keys, values

    def _blocks(self, size: float) -> Iterator[Columns]:
        for block in in_blocks(self._entries(), size):
            yield list(map(list, zip(*block, strict=True)))


class GroupsByKey(_ByKey):
    """The values of each key, of so many sides."""

    def __init__(self, memory: TaskMemory, num_sides: int) -> None:
        super().__init__(memory)
        self._num_sides = num_sides
        self._large: dict[Any, tuple[int, list[SpilledList]]] = {}
        """When a key came first, and its values, if they are many."""
        self._begin()

    def add_groups(self, groups: Iterable[tuple[Any, Sequence[Sequence[Any]]]]) -> None:
        """Write what was grouped in memory: keys, in the order in which they came, and the values
        of each side.
        """
        enough = self._enough()
        waiting: list[Records] = [([], [], []) for _ in range(self._num_sides)]
        for key, sides in groups:
            number = self._count
            self._count += 1
            if max(map(len, sides)) > _PIECE and max(map(_size_of_list, sides)) > enough:
                self._put_away(number, key, sides)
                continue
            for side, values in enumerate(sides):
                numbers, keys, all_values = columns = waiting[side]
                numbers.extend(repeat(number, len(values)))
                keys.extend(repeat(key, len(values)))
                all_values.extend(values)
                if len(numbers) >= _PIECE:
                    self._buckets.add(side, *columns)
                    waiting[side] = [], [], []
        for side, columns in enumerate(waiting):
            self._buckets.add(side, *columns)

    def add(self, side: int, keys: Sequence[Any], values: Sequence[Any]) -> None:
        if not self._large.keys().isdisjoint(keys):
            keys, values = self._add_to_large(side, keys, values)
        super().add(side, keys, values)

    def _add_to_large(
        self, side: int, keys: Sequence[Any], values: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """Put away the values of keys that have very many; gives what is left."""
        others: tuple[list[Any], list[Any]] = [], []
        of_large: dict[Any, list[Any]] = {}
        for key, value in zip(keys, values, strict=True):
            if key in self._large:
                of_large.setdefault(key, []).append(value)
            else:
                others[0].append(key)
                others[1].append(value)
        for key, some in of_large.items():
            self._large[key][1][side].extend(some)
        return others

    def groups(self) -> Iterator[tuple[Any, Sequence[Sequence[Any]]]]:
        """Each key with the values of each side, in the order of first arrival. To be called
        once.
        """
        parts = (
            zip(keys, zip(*sides, strict=True), strict=True) for _, keys, *sides in self._read()
        )
        return chain.from_iterable(parts)

    def in_memory(self, values: Sequence[Any]) -> Sequence[Any]:
        """Values of a key that are to be read many times: a list, if they are not too many."""
        if isinstance(values, SpilledList) and values.size < self._memory.part(4):
            return list(values)
        return values

    def _begin(self) -> None:
        self._first: dict[Any, int] = {}
        self._sides: list[dict[Any, list[Any]]] = [{} for _ in range(self._num_sides)]
        for _, lists in self._large.values():
            for spilled in lists:
                spilled.write()

    def _take(self, batch: Batch) -> None:
        side, numbers, keys, values = batch
        groups, first, large = self._sides[side], self._first, self._large
        known = len(groups)
        for number, key, value in zip(numbers, keys, values, strict=True):
            if key in groups:
                groups[key].append(value)
            elif large and key in large:
                large[key][1][side].extend((value,))
            else:
                groups[key] = [value]
                if number < first.setdefault(key, number):  # it is another side's
                    del first[key]  # and not only equal
                    first[key] = number
        self._holding.size += len(keys) * (size_of(values[-1]) + 8)
        self._holding.size += (len(groups) - known) * (size_of(keys[-1]) + ENTRY_BYTES + LIST_BYTES)

    def _make_room(self) -> None:
        """Put away keys of which there are very many values."""
        size = 0.0
        enough = self._enough()
        for key in list(self._first):  # the first of equal ones
            sides = [groups.get(key, ()) for groups in self._sides]
            sizes = list(map(_size_of_list, sides))
            if max(sizes) > enough:
                for groups in self._sides:
                    groups.pop(key, None)
                self._put_away(self._first.pop(key), key, sides)
            else:
                size += sum(sizes)
        self._holding.size = size + len(self._first) * (ENTRY_BYTES + LIST_BYTES)

    def _enough(self) -> float:
        """How many bytes of values are very many for a key."""
        return self._memory.allowed(self._holding) / 8

    def _put_away(self, number: int, key: Any, sides: Sequence[Sequence[Any]]) -> None:
        piece_bytes = self._memory.part(1024)
        lists = [SpilledList(self._file, piece_bytes) for _ in sides]
        for spilled, values in zip(lists, sides, strict=True):
            for some in in_blocks(values, piece_bytes, _PIECE):
                spilled.extend(some)
        self._large[key] = number, lists

    def _give_back(self) -> Iterator[Batch]:
        for side, groups in enumerate(self._sides):
            records = (
                (self._first[key], key, value) for key, values in groups.items() for value in values
            )
            for block in in_blocks(records, self._memory.part(16)):
                numbers, keys, values = zip(*block, strict=True)
                yield side, numbers, keys, values

    def _blocks(self, size: float) -> Iterator[Columns]:
        # A key of the second side may have come before one of the first.
        numbers = sorted(self._first.values())
        keys = sorted(self._first, key=self._first.__getitem__)
        lists = [map(groups.get, keys, repeat(())) for groups in self._sides]
        for block in in_blocks(zip(numbers, keys, *lists, strict=True), size):
            yield list(zip(*block, strict=True))

    def _last(self) -> Iterator[Columns]:
        for key, (number, lists) in sorted(self._large.items(), key=_number_of):
            yield [[number], [key], *([values] for values in lists)]

    def to_block(self, columns: Columns) -> Any:
        """The values one after the other, and how many there are of each key."""
        numbers, keys, *sides = columns
        lengths = [list(map(len, lists)) for lists in sides]
        return numbers, keys, lengths, [list(chain.from_iterable(lists)) for lists in sides]

    def to_columns(self, block: Any) -> Columns:
        numbers, keys, lengths, sides = block
        lists = (
            [list(islice(values, length)) for length in each]
            for each, values in zip(lengths, map(iter, sides), strict=True)
        )
        return [numbers, keys, *lists]


def _number_of(entry: tuple[Any, tuple[int, list[SpilledList]]]) -> int:
    return entry[1][0]


def _size_of_list(values: Sequence[Any]) -> float:
    """As its first and its last value tell."""
    if not values:
        return 0.0
    return getsizeof(values) + len(values) * (size_of(values[0]) + size_of(values[-1])) / 2
