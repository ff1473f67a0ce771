"""Combiners by key that do not fit in memory: kept in files, and merged key by key where they are
read.

A key's combiner comes in parts: each time memory is full, what has become of the keys so far is
*added*, and the merging goes on with none. The parts of a key are in one of some *buckets*, by the
key's hash; a bucket is read at once, and merged in a dict. If that does not fit either, the bucket
is dealt out into others, by another hash. Each key has the number at which it first came, so what
comes out of the buckets are runs in the order of first arrival, which are merged: the order is the
same as if all had been in memory.

Where parts are lists, all of one key's values may be more than fit. Then they go into a file of
their own: a :class:`SpilledList`.
Must not know: RDDs, partitions, how records are stored or moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from operator import itemgetter
from sys import getsizeof
from typing import Any, Final, TypeAlias

from minispark.engine.blockfile import Segment
from minispark.engine.memory import ENTRY_BYTES, TaskMemory, size_of
from minispark.engine.shuffle.runs import SortedRuns, in_blocks
from minispark.engine.shuffle.spill import SpillFile

Numbered: TypeAlias = tuple[int, Any, Any]
"""When a key first came, the key, and a part of its combiner."""

_BUCKETS: Final = 32

_DEEPEST: Final = 6
"""So often a bucket is dealt out anew. What is still too much then are keys of one hash."""

_PIECE: Final = 1024
"""How many values of a list are written at once, at most."""


class Parts:
    """What the parts of combiners are."""

    def merge(self, part: Any, later: Any) -> Any:
        """The part that two parts of one key make; it may be the first, changed."""
        raise NotImplementedError

    def size_of(self, part: Any) -> float:
        """About how many bytes it takes."""
        return size_of(part)

    def pieces(self, part: Any) -> Iterable[Any]:
        """The part as one or more that are not too large to be written at once."""
        return (part,)

    def move_out(self, part: Any, file: SpillFile, piece_bytes: float) -> Any:
        """The part as one that takes hardly any memory; None where there is none such."""
        return None


class MergedParts(Parts):
    """Parts that a function makes one of two."""

    def __init__(self, merge: Callable[[Any, Any], Any]) -> None:
        self._merge = merge

    def merge(self, part: Any, later: Any) -> Any:
        return self._merge(part, later)


class ListParts(Parts):
    """Parts that are lists: for each of so many sides, the values of a key."""

    def merge(self, part: list[Any], later: list[Any]) -> list[Any]:
        for values, more in zip(part, later, strict=True):
            values.extend(more)
        return part

    def size_of(self, part: list[Any]) -> float:
        return sum(map(_size_of_list, part))

    def pieces(self, part: list[Any]) -> Iterator[list[Any]]:
        if sum(map(len, part)) <= _PIECE:
            yield part
            return
        for side, values in enumerate(part):
            for start in range(0, len(values), _PIECE):
                piece: list[Any] = [[] for _ in part]
                piece[side] = values[start : start + _PIECE]
                yield piece

    def move_out(self, part: list[Any], file: SpillFile, piece_bytes: float) -> list[Any]:
        return [SpilledList(file, piece_bytes, values) for values in part]


def _size_of_list(values: Any) -> float:
    """As its first and its last value tell."""
    if type(values) is not list or not values:
        return getsizeof(values)
    return getsizeof(values) + len(values) * (size_of(values[0]) + size_of(values[-1])) / 2


class SpilledList:
    """A list in a file: it grows at its end, and can be read again and again.

    It is a list for whoever reads it in another process.
    """

    def __init__(self, file: SpillFile, piece_bytes: float, values: list[Any]) -> None:
        self._file = file
        self._piece_bytes = piece_bytes
        self._segments: list[Segment] = []
        self._last: list[Any] = []
        """What is not yet in the file."""
        self._last_size = 0.0
        self._length = 0
        self.extend(values)

    def extend(self, values: Iterable[Any]) -> None:
        """Append values."""
        for value in values:
            self._last.append(value)
            self._length += 1
            # One in some tells of the others, if they are not large.
            if self._length % 8 == 0 or self._last_size == 0.0:
                self._last_size += 8 * size_of(value)
                if self._last_size >= self._piece_bytes or len(self._last) >= _PIECE:
                    self._segments.append(self._file.write(self._last))
                    self._last = []
                    self._last_size = 0.0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        for segment in self._segments:
            yield from self._file.read(segment)
        yield from self._last

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


class CombinersByKey:
    """Parts of combiners in a file, by key."""

    def __init__(self, memory: TaskMemory, parts: Parts) -> None:
        self._memory = memory
        self._parts = parts
        self._holding = memory.holding()
        self._numbers = count()
        self._file = SpillFile(memory)
        self._buckets = _Buckets(self._file, memory.part(16), 0)
        self._moved_out: dict[Any, list[Any]] = {}
        """[number, part] of the keys whose part is a file's."""

    def add(self, entries: Iterable[tuple[Any, Any]]) -> None:
        """Write the parts of some keys, in the order in which the keys came."""
        self._deal(
            self._buckets,
            ((next(self._numbers), key, part) for key, part in entries),
        )

    def _deal(self, buckets: _Buckets, entries: Iterable[Numbered]) -> None:
        pieces = self._parts.pieces
        buckets.add((number, key, piece) for number, key, part in entries for piece in pieces(part))

    def merged(self) -> Iterator[tuple[Any, Any]]:
        """Each key with its whole combiner, in the order of first arrival. To be called once."""
        runs = SortedRuns(self._memory, itemgetter(0))
        waiting = [self._buckets]
        while waiting:
            buckets = waiting.pop()
            for number in range(_BUCKETS):
                deeper = self._merge_bucket(buckets, number, runs)
                if deeper is not None:
                    waiting.append(deeper)
        large = sorted((number, key, part) for key, (number, part) in self._moved_out.items())
        return map(itemgetter(1, 2), runs.merged(large))

    def _merge_bucket(self, buckets: _Buckets, number: int, runs: SortedRuns) -> _Buckets | None:
        """Make a run of one bucket; or, if it does not fit in memory, other buckets."""
        parts, moved_out, holding = self._parts, self._moved_out, self._holding
        first: dict[Any, int] = {}
        merged: dict[Any, Any] = {}
        batches = buckets.batches(number)
        for batch in batches:
            for arrived, key, part in batch:
                if key in merged:
                    merged[key] = parts.merge(merged[key], part)
                elif key in moved_out:
                    moved_out[key][1] = parts.merge(moved_out[key][1], part)
                else:
                    first[key] = arrived
                    merged[key] = part
            some = batch[:: 1 + len(batch) // 8]
            size = sum(size_of(key) + parts.size_of(part) + ENTRY_BYTES for _, key, part in some)
            holding.size += size * len(batch) / len(some)
            if holding.is_full and buckets.depth < _DEEPEST:
                self._make_room(merged, first)
                if holding.is_full:
                    deeper = _Buckets(self._file, self._memory.part(16), buckets.depth + 1)
                    self._deal(deeper, _numbered(first, merged))
                    first.clear()
                    merged.clear()
                    holding.clear()
                    for rest in batches:
                        deeper.add(rest)
                    return deeper
        runs.add(_numbered(first, merged))
        holding.clear()
        return None

    def _make_room(self, merged: dict[Any, Any], first: dict[Any, int]) -> None:
        """Look what it is that takes the memory, and move out what large parts there are."""
        sizes = {key: self._parts.size_of(part) for key, part in merged.items()}
        large = self._memory.allowed(self._holding) / 8
        for key in [key for key, size in sizes.items() if size > large]:
            moved = self._parts.move_out(merged[key], self._file, large / 8)
            if moved is not None:
                self._moved_out[key] = [first.pop(key), moved]
                del merged[key], sizes[key]
        self._holding.size = sum(sizes.values()) + sum(map(size_of, sizes))
        self._holding.size += len(sizes) * ENTRY_BYTES


def _numbered(first: dict[Any, int], merged: dict[Any, Any]) -> Iterator[Numbered]:
    """Both have the same keys, in the same order."""
    return zip(first.values(), merged.keys(), merged.values(), strict=True)


class _Buckets:
    """Entries in a file, dealt out by the hashes of their keys."""

    def __init__(self, file: SpillFile, at_once: float, depth: int) -> None:
        self._file = file
        self._at_once = at_once
        self.depth = depth
        self._segments: list[list[Segment]] = [[] for _ in range(_BUCKETS)]

    def add(self, entries: Iterable[Numbered]) -> None:
        """Write entries, so many bytes of them at once."""
        depth = self.depth
        for block in in_blocks(entries, self._at_once, _AT_ONCE):
            dealt: list[list[Numbered]] = [[] for _ in range(_BUCKETS)]
            for entry in block:
                dealt[hash((depth, entry[1])) % _BUCKETS].append(entry)
            for segments, some in zip(self._segments, dealt, strict=True):
                if some:
                    segments.append(self._file.write(some))

    def batches(self, number: int) -> Iterator[list[Numbered]]:
        """The entries of one bucket, in the order in which they were added."""
        return map(self._file.read, self._segments[number])


_AT_ONCE: Final = 100_000
"""How many entries are dealt out at once, at most."""
