"""How much memory a task may use for records that it has to hold, and about how much these take.

Sorting, grouping and merging hold records until they have seen all. Each such operation says what
it holds, by estimate, in a :class:`Holding`; when that is full, it writes what it holds to a file
(:mod:`minispark.engine.shuffle.runs`). An estimate, unlike the size of the process, depends on the
records alone: the same program spills at the same records on every run, and tasks that share a
process do not see each other's memory.

An operation may hold half of what the others of its task leave it. The other half is for what no
estimate counts: batches on their way between files and records, and the growth of dicts.
Must not know: shuffles, partitions, files.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, cycle, islice
from sys import getsizeof
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")

MOST_AT_ONCE: Final = 1000
"""How many records are taken in, at most, before their size is looked at."""

_LOOKED_AT: Final = 200
"""Of how many objects inside of one the sizes are summed up."""

_FLAT: Final = frozenset({int, float, bool, complex, str, bytes, bytearray, type(None)})
_SHARED: Final = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
"""What objects refer to and do not hold."""


_LEAST_BATCH: Final = 1 << 16
"""In bytes. Smaller ones would cost more time than they save memory."""


class MemoryLimit(NamedTuple):
    """What each task of a context may hold."""

    size: int
    """In bytes."""
    directories: tuple[str, ...] = ()
    """Where goes what it cannot hold."""
    codec: str | None = None
    """By which codec that is compressed."""


class TaskMemory:
    """What the operations of one task may hold together.

    ``turn``: a number that tells which of the directories is the first. Many tasks make one file.
    """

    def __init__(self, limit: MemoryLimit, turn: int = 0) -> None:
        self.limit = limit.size
        self.codec = limit.codec
        start = turn % max(1, len(limit.directories))
        self._directories = cycle(limit.directories[start:] + limit.directories[:start])
        self._holdings: weakref.WeakSet[Holding] = weakref.WeakSet()
        self.spilled_bytes = 0
        """How much was written because it could not be held."""

    def directory(self) -> str | None:
        """Where the next file goes; None: the system's directory for such files."""
        return next(self._directories, None)

    def part(self, share: int) -> float:
        """One of so many parts, for a batch that goes to a file or comes from it."""
        return max(self.limit / share, _LEAST_BATCH)

    def holding(self) -> Holding:
        """For an operation that begins. It ends with the object."""
        holding = Holding(self)
        self._holdings.add(holding)
        return holding

    def allowed(self, holding: Holding) -> float:
        """How many bytes it may have."""
        others = sum(other.size for other in self._holdings if other is not holding)
        return max(self.limit - others, self.limit / 8) / 2


class Holding:
    """About how many bytes one operation holds.

    >>> holding = TaskMemory(MemoryLimit(10_000)).holding()
    >>> holding.add(20, "some text of hundred characters" * 3)
    >>> holding.is_full
    False
    >>> holding.add(20, "some text of hundred characters" * 3)
    >>> holding.is_full
    True
    """

    def __init__(self, memory: TaskMemory) -> None:
        self.memory = memory
        self.size = 0.0
        self.at_once = 8
        """How many records to take in before the next look."""

    def add(self, count: int, example: object) -> None:
        """There are so many more records of about the size of this one."""
        size = size_of(example) + _POINTER
        self.size += count * size
        few = int(self.memory.limit / 256 / size)
        self.at_once = max(1, min(few, 2 * self.at_once, MOST_AT_ONCE))

    @property
    def is_full(self) -> bool:
        return self.size > self.memory.allowed(self)

    def clear(self) -> None:
        """Nothing is held any more: all is in a file."""
        self.size = 0.0

    def portions(self, records: Iterable[T]) -> Iterator[list[T]]:
        """All records, some at a time; those that were given are held."""
        iterator = iter(records)
        wanted = 0
        portion: list[T] = []
        while len(portion) == wanted:  # it is not asked again after its end
            wanted = self.at_once
            portion = list(islice(iterator, wanted))
            if portion:
                self.add(len(portion), portion[-1])
                yield portion

    def while_read(self, records: Iterable[T]) -> Iterator[T]:
        """Records that are held until the last of them was read."""

        def all_of_them() -> Iterator[Iterable[T]]:
            yield records
            self.clear()

        return chain.from_iterable(all_of_them())


_POINTER: Final = 8


def size_of(obj: object) -> float:
    """About how many bytes an object takes, with all that it holds.

    >>> size_of((1, "a" * 1000)) > 1000, size_of([b"a" * 1000] * 1000) > 1_000_000
    (True, True)
    """
    if type(obj) in _FLAT:
        return getsizeof(obj)
    if isinstance(obj, tuple) and len(obj) == 2 and {type(obj[0]), type(obj[1])} <= _FLAT:
        return getsizeof(obj) + getsizeof(obj[0]) + getsizeof(obj[1])
    return _size_of_nested(obj)


def _size_of_nested(obj: object) -> float:
    size = 0.0
    looked_at = 0
    waiting: deque[tuple[object, float]] = deque([(obj, 1.0)])
    while waiting and looked_at < _LOOKED_AT:
        each, weight = waiting.popleft()
        looked_at += 1
        size += weight * _own_size(each)
        if type(each) in _FLAT:
            continue
        some, count = _some_inside(each)
        for other in some:
            waiting.append((other, weight * count / len(some)))
    return size


def _own_size(obj: object) -> int:
    try:
        return getsizeof(obj)
    except Exception:  # the program's own __sizeof__
        return object.__sizeof__(obj)


_SOME: Final = 16


def _some_inside(obj: Any) -> tuple[list[Any], int]:
    """Some of the objects that an object holds, and how many there are."""
    kind = type(obj)
    if kind in (list, tuple):
        return list(obj[:: 1 + len(obj) // _SOME]), len(obj)
    if kind in (set, frozenset, deque):
        return list(islice(obj, _SOME)), len(obj)
    if kind is dict:
        some = [part for item in islice(obj.items(), _SOME) for part in item]
        return some, 2 * len(obj)
    inside = [each for each in gc.get_referents(obj) if not isinstance(each, _SHARED)]
    return inside[:: 1 + len(inside) // _SOME], len(inside)


class Room:
    """Watches a dict of combiners by key while a loop fills it.

    The loop compares the length of the dict with ``most_keys``, and calls :meth:`look` when it is
    greater. What is too much is given to ``spill``, and the dict is emptied.
    """

    __slots__ = ("_holding", "_spill", "at_once", "most_keys")

    def __init__(self, memory: TaskMemory | None, spill: Callable[[dict[Any, Any]], None]) -> None:
        self._holding = None if memory is None else memory.holding()
        self._spill = spill
        self.most_keys = sys.maxsize if memory is None else _FIRST_LOOK
        self.at_once = sys.maxsize if memory is None else _FIRST_LOOK
        """How many records to merge before the next look at what the combiners have become."""

    def look(self, combiners: dict[Any, Any]) -> None:
        """Spill what is in the dict, if it is too much."""
        holding = self._holding
        if holding is None:
            return
        average = average_entry(combiners)
        holding.size = len(combiners) * average
        if holding.is_full:
            self._spill(combiners)
            self.clear(combiners)
            self.most_keys = _FIRST_LOOK
        else:
            most = int(holding.memory.allowed(holding) / average)
            self.most_keys = min(most, 2 * len(combiners))

    def clear(self, combiners: dict[Any, Any]) -> None:
        """All in the dict is in a file."""
        combiners.clear()
        if self._holding is not None:
            self._holding.clear()

    def merged_some(self, combiners: dict[Any, Any], count: int) -> None:
        """So many further records were merged into the dict: its combiners may have grown."""
        holding = self._holding
        if holding is None or not combiners:
            return
        before = holding.size
        self.look(combiners)
        growth = holding.size - before
        more = 2 * count
        if not combiners:  # it was too much
            more = count // 2
        elif growth > 0:
            left = holding.memory.allowed(holding) - holding.size
            more = min(more, int(count * left / growth / 2))
        self.at_once = max(1, min(more, max(_MOST_RECORDS, len(combiners))))

    def while_read(self, records: Iterable[T]) -> Iterator[T]:
        """The dict's items, or what is made of them: they are held until the last was read."""
        return iter(records) if self._holding is None else self._holding.while_read(records)


_FIRST_LOOK: Final = 32
_MOST_RECORDS: Final = 1 << 14


def average_entry(combiners: dict[Any, Any]) -> float:
    """About how many bytes a key and its combiner take in a dict."""
    step = 1 + len(combiners) // 64
    keys = list(islice(combiners, None, None, step))
    values = list(islice(combiners.values(), None, None, step))
    size = sum(map(size_of, values))
    if not set(map(type, values)) <= _FLAT:
        # Few of them may have nearly all: a look at the size of each, without what is inside.
        own = sum(map(_own_size, values)) / len(values)
        size *= max(1.0, sum(map(_own_size, combiners.values())) / len(combiners) / own)
    return (size + sum(map(size_of, keys))) / len(keys) + ENTRY_BYTES


ENTRY_BYTES: Final = 110
"""What a dict takes for an entry: it is between a third and two thirds full."""
LIST_BYTES: Final = 90
"""What a short list takes, without what is in it."""
