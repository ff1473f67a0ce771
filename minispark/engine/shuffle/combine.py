"""Merging of records by key, on the map side and on the reduce side of a shuffle.

For the by-key operations of the facade. Everything here reads all its records before it gives the
first, which are one a key, keys in the order of their first arrival: an order that only depends
on the order of the records, so every run and both sides of a shuffle agree on it. As a dict does,
the first of two equal keys is the one kept (1, 1.0 and True are equal). An unhashable key raises
TypeError, and a record that is no pair what it raises when unpacked.

What does not fit in the task's memory goes into files, and comes out in the same order: see
:mod:`minispark.engine.shuffle.external`. In front of a shuffle merging only saves work, and the
records behind it are merged again: there it is handed on in *parts*, in which a key may come once
more. Where a user function is called for each record, it is an ending, whose loop makes no pair and
no call that is not needed: see :mod:`minispark.engine.steps`.
Must not know: RDDs, partitions, how records are stored or moved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from operator import itemgetter
from typing import Any, Final, TypeVar

from minispark.engine import taskstate
from minispark.engine.inlining import Expression, expression_of
from minispark.engine.loops import Code, Loop
from minispark.engine.memory import (
    ENTRY_BYTES,
    LIST_BYTES,
    Holding,
    Room,
    TaskMemory,
    size_of,
)
from minispark.engine.shuffle.external import CombinersByKey, GroupsByKey
from minispark.engine.shuffle.runs import StoredRecords
from minispark.engine.steps import Ending

__all__ = [
    "CombineByKey",
    "DistinctKeys",
    "MergeByKey",
    "MergeToDict",
    "group_sides",
    "group_values",
    "group_values_in_parts",
    "grouped_values",
    "join_sides",
]

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

_PAIR_WITH_ONE: Final = Expression("({x}, {0},)", (1,))
_SUM: Final = Expression("({x} + {y})")


class _Spilling(Room):
    """The room of a dict of combiners; what had no room is stored.

    Parameters
    ----------
    memory
        None: there is room for all
    merge
        what makes one of two combiners that were stored; None: they are handed on as they are
    """

    __slots__ = ("_memory", "_merge", "stored")

    def __init__(
        self, memory: TaskMemory | None, merge: Callable[[Any, Any], Any] | None = None
    ) -> None:
        super().__init__(memory, self.store)
        self._memory = memory
        self._merge = merge
        self.stored: CombinersByKey | StoredRecords | None = None

    def store(self, combiners: dict[Any, Any]) -> None:
        """Write the combiners so far to a file."""
        if self.stored is None:
            assert self._memory is not None
            if self._merge is None:
                self.stored = StoredRecords(self._memory)
            else:
                self.stored = CombinersByKey(self._memory, self._merge)
        if isinstance(self.stored, CombinersByKey):
            self.stored.add_all(combiners)
        else:
            self.stored.add(combiners.items())


class _CombinersByKey(Ending):
    """A dict from keys to what their values have become so far."""

    def start(self) -> dict[Any, Any]:
        return {}

    def merging(self) -> Callable[[Any, Any], Any] | None:
        """What makes one of two combiners of a key; None: they are handed on, in parts."""
        return None

    def room(self) -> _Spilling:
        return _Spilling(taskstate.memory(), self.merging())

    def after(
        self, loop: Loop, records: Iterator[Any], state: dict[Any, Any], room: _Spilling
    ) -> Any:
        if state and set(map(type, state.values())) <= _OF_ONE_SIZE:
            return loop(records, state, room)
        for first in records:
            count = room.at_once
            state = loop(chain((first,), islice(records, count - 1)), state, room)
            room.merged_some(state, count)
        return state

    def result(self, state: dict[Any, Any], room: _Spilling) -> Iterable[Any]:
        if room.stored is None:
            return room.while_read(state.items())
        room.store(state)
        room.clear(state)
        return room.stored.merged()

    def merge(
        self, code: Code, record: str, function: Callable[..., Any], expression: Expression | None
    ) -> None:
        """Write what is done for keys that have a combiner; the next line is for the others.

        The dict is asked as often as in Spark: keys may be objects of the program.
        """
        code.line(f"key, value = {record}")
        code.line("if key in state:")
        code.line("    combiner = state[key]")
        code.line(f"    state[key] = {code.call(function, expression, 'combiner', 'value')}")
        code.line("else:")

    def look(self, code: Code, indent: str = "") -> None:
        """Write the look at the size of the dict, after a key was added."""
        code.line(f"{indent}if len(state) > room.most_keys: room.look(state)")


_OF_ONE_SIZE: Final = {int, float, bool}


class MergeByKey(_CombinersByKey):
    """The values of each key merged into one: by ``merge(so_far, value)``, which may change and
    return the first.

    Where a value is its own combiner, as in ``reduceByKey``, this also is the map side: then the
    result may be ``in_parts``.

    >>> list(MergeByKey(lambda x, y: x + y)(0, [("b", 1), ("a", 2), ("b", 3)]))
    [('b', 4), ('a', 2)]
    """

    def __init__(self, merge: Callable[[Any, Any], Any], in_parts: bool = False) -> None:
        super().__init__(merge, in_parts)

    def merging(self) -> Callable[[Any, Any], Any] | None:
        merge, in_parts = self.arguments
        return None if in_parts else merge

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        merge = self.arguments[0]
        expression = expression_of(merge, 2) if are_plain else None
        self.merge(code, record, merge, expression)
        code.line("    state[key] = value")
        self.look(code, "    ")

    def of_elements(
        self, expression: Expression
    ) -> Callable[[dict[Any, Any], Room, Iterable[Any]], dict[Any, Any]] | None:
        """Count them, if each is paired with 1, and these are added up."""
        merge = self.arguments[0]
        if expression != _PAIR_WITH_ONE or type(expression.values[0]) is not int:
            return None
        return _counted if expression_of(merge, 2) == _SUM else None


class MergeToDict(MergeByKey):
    """The same as one record, a dict."""

    def room(self) -> _Spilling:
        return _Spilling(None)  # it is one record

    def result(self, state: dict[Any, Any], room: _Spilling) -> Iterable[Any]:
        return (dict(state),)


def _counted(so_far: dict[K, int], room: Room, keys: Iterable[K]) -> dict[K, int]:
    counts: Counter[K] = Counter(so_far)
    iterator = iter(keys)
    at_once = _FIRST_COUNTED
    for key in iterator:
        known = len(counts)
        counts[key] += 1
        counts.update(islice(iterator, at_once - 1))
        new = len(counts) - known
        if len(counts) > room.most_keys:
            room.look(counts)
        more = min(2 * at_once, _MOST_COUNTED)
        # Where most of them are new, no more than may come before the next look.
        at_once = more if 8 * new < at_once else max(1, min(more, room.most_keys - len(counts)))
    return counts


_FIRST_COUNTED: Final = 64
_MOST_COUNTED: Final = 1 << 14


class CombineByKey(_CombinersByKey):
    """The values of each key folded into a combiner: ``create(value)`` makes it of the first one,
    ``merge(combiner, value)`` adds a further one, and may change and return the combiner. For the
    map side: the result may be in parts.

    >>> list(CombineByKey(str, lambda c, v: c + str(v))(0, [("b", 1), ("a", 2), ("b", 3)]))
    [('b', '13'), ('a', '2')]
    """

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        create, merge = self.arguments
        first = expression_of(create) if are_plain else None
        further = expression_of(merge, 2) if first is not None else None
        self.merge(code, record, merge, further)
        code.line(f"    state[key] = {code.call(create, first, 'value')}")
        self.look(code, "    ")


class DistinctKeys(_CombinersByKey):
    """Each key once, the first of equal ones; on the map side it may be ``in_parts``.

    >>> list(DistinctKeys()(0, [2, 1, 2.0, True]))
    [2, 1]
    """

    def __init__(self, in_parts: bool = False) -> None:
        super().__init__(in_parts)

    def merging(self) -> Callable[[Any, Any], Any] | None:
        (in_parts,) = self.arguments
        return None if in_parts else _first

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        code.line(f"state[{record}] = None")
        self.look(code)

    def after(
        self, loop: Loop, records: Iterator[Any], state: dict[Any, Any], room: _Spilling
    ) -> Any:
        return loop(records, state, room)  # there are no combiners that could grow

    def result(self, state: dict[Any, None], room: _Spilling) -> Iterable[Any]:
        if room.stored is None:
            return room.while_read(state)
        return map(itemgetter(0), super().result(state, room))


def _first(value: V, _other: V) -> V:
    return value


def group_values(records: Iterable[tuple[K, V]]) -> Iterator[tuple[K, Sequence[V]]]:
    """Collect the values of each key into a list, in order of arrival.

    If there is not enough memory for all values of one key, they are a
    :class:`minispark.engine.shuffle.external.SpilledList`.

    >>> list(group_values([("b", 1), ("a", 2), ("b", 1)]))
    [('b', [1, 1]), ('a', [2])]
    """
    memory = taskstate.memory()
    if memory is None:
        return iter(grouped_values(records).items())
    holding = memory.holding()
    iterator = iter(records)
    groups = next(_groups_that_fit(holding, iterator))
    if not holding.is_full:
        return holding.while_read(groups.items())
    stored = GroupsByKey(memory, 1)
    stored.add_groups((key, (values,)) for key, values in groups.items())
    groups.clear()
    holding.clear()
    while some := list(islice(iterator, holding.at_once)):
        stored.add(0, [key for key, _ in some], [value for _, value in some])
    return ((key, values) for key, (values,) in stored.groups())


def group_values_in_parts(records: Iterable[tuple[K, V]]) -> Iterator[tuple[K, list[V]]]:
    """The same in front of a shuffle: the groups so far are handed on when memory is full.

    >>> list(group_values_in_parts([("b", 1), ("a", 2), ("b", 1)]))
    [('b', [1, 1]), ('a', [2])]
    """
    memory = taskstate.memory()
    if memory is None:
        return iter(grouped_values(records).items())
    groups = _groups_that_fit(memory.holding(), records)
    first = next(groups)  # now: as many as there are, mostly all
    return chain.from_iterable(each.items() for each in chain([first], groups))


def grouped_values(records: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The same where they are few."""
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in records:
        groups[key].append(value)
    return groups


def _groups_that_fit(
    holding: Holding, records: Iterable[tuple[K, V]]
) -> Iterator[dict[K, list[V]]]:
    """Groups, each time memory is full, and at the end. They are held until the next are asked
    for.
    """
    groups: defaultdict[K, list[V]] = defaultdict(list)
    known = 0
    iterator = iter(records)
    # One record at a time: the program may change a key, and use it again for the next one.
    for key, value in iterator:
        groups[key].append(value)
        count = holding.at_once
        for key, value in islice(iterator, count - 1):  # the last one's
            groups[key].append(value)
        holding.add(count, value)
        holding.size += (len(groups) - known) * (size_of(key) + ENTRY_BYTES + LIST_BYTES)
        known = len(groups)
        if holding.is_full:
            yield groups
            groups = defaultdict(list)
            known = 0
            holding.clear()
    yield groups


def group_sides(
    count: int, batches: Iterable[tuple[int, Iterable[tuple[K, Any]]]]
) -> Iterator[tuple[Any, ...]]:
    """Collect the values of each key, those of each of several sides apart.

    Parameters
    ----------
    count
        how many sides there are
    batches
        (side, pairs), in order of arrival

    Returns
    -------
    for each key, (key, list of the values of side 0, list of the values of side 1, ...)

    >>> list(group_sides(2, [(0, [("b", 1), ("b", 2)]), (1, [("a", 3), ("b", 4)])]))
    [('b', [1, 2], [4]), ('a', [], [3])]
    """
    held, stored = _gathered(count, batches)
    if stored is None:
        return held.while_read(held.groups())
    return ((key, *sides) for key, sides in stored.groups())


def join_sides(
    batches: Iterable[tuple[int, Iterable[tuple[K, Any]]]],
    keep_left: bool = False,
    keep_right: bool = False,
) -> Iterator[tuple[K, tuple[Any, Any]]]:
    """All combinations of a value of side 0 and one of side 1 with the same key.

    The batches are those of ``group_sides``. Where ``keep_left`` (``keep_right``) is true, a value
    whose key the right (left) side does not have is combined with None.

    >>> list(join_sides([(0, [("b", 1), ("b", 2)]), (1, [("a", 3), ("b", 4)])], keep_right=True))
    [('b', (1, 4)), ('b', (2, 4)), ('a', (None, 3))]
    """
    held, stored = _gathered(2, batches)
    if stored is None:
        return held.while_read(_joined(held.order, held.sides, keep_left, keep_right))
    return _products(stored, keep_left, keep_right)


def _products(
    stored: GroupsByKey, keep_left: bool, keep_right: bool
) -> Iterator[tuple[K, tuple[Any, Any]]]:
    missing = (None,)
    for key, (left, right) in stored.groups():
        lefts = left or (missing if keep_right else ())
        rights = stored.in_memory(right) or (missing if keep_left else ())
        for v in lefts:
            for w in rights:
                yield key, (v, w)


def _joined(
    order: dict[K, None] | None, sides: list[dict[K, Any]], keep_left: bool, keep_right: bool
) -> Iterator[tuple[K, tuple[Any, Any]]]:
    left, right = sides
    keys: Iterable[K] = order or left
    if keep_right and order is None:
        keys = dict.fromkeys(chain(left, right))
    nothing = _Several()
    lefts = map(left.get, keys, repeat(None if keep_right else nothing))
    rights = map(right.get, keys, repeat(None if keep_left else nothing))
    for key, v, w in zip(keys, lefts, rights, strict=True):
        if type(v) is _Several:
            for one in v:
                if type(w) is _Several:
                    for other in w:
                        yield key, (one, other)
                else:
                    yield key, (one, w)
        elif type(w) is _Several:
            for other in w:
                yield key, (v, other)
        else:
            yield key, (v, w)


class _Several(list[Any]):
    """The values of a key that has not just one. Most keys of a join have: no list for these."""

    __slots__ = ()


class _Sides:
    """The values of each key on each side, in memory."""

    def __init__(self, count: int, holding: Holding | None) -> None:
        self._count = count
        self._holding = holding
        self.clear()

    def clear(self) -> None:
        self.sides: list[dict[Any, Any]] = [{} for _ in range(self._count)]
        """A value, or _Several, by key."""
        self.order: dict[Any, None] | None = None
        """The keys in order of arrival; None: the first side's, then the second's, and so on."""
        self._last = 0
        if self._holding is not None:
            self._holding.clear()

    def add(self, side: int, pairs: Iterable[tuple[Any, Any]]) -> None:
        if self.order is None and side < self._last:
            self.order = dict.fromkeys(chain.from_iterable(self.sides))
        self._last = side
        order = self.order
        values = self.sides[side]
        for key, value in pairs:
            if key in values:
                known = values[key]
                if type(known) is _Several:
                    known.append(value)
                else:
                    values[key] = _Several((known, value))
            else:
                values[key] = value
                if order is not None:
                    order.setdefault(key)

    def add_some(self, side: int, pairs: list[tuple[Any, Any]]) -> bool:
        """Whether that is enough now."""
        holding, values = self._holding, self.sides[side]
        if not pairs or holding is None:
            return False
        known = len(values)
        self.add(side, pairs)
        key, value = pairs[-1]
        holding.add(len(pairs), value)
        holding.size += (len(values) - known) * (size_of(key) + ENTRY_BYTES)
        return holding.is_full

    def keys(self) -> Iterable[Any]:
        """In the order of arrival."""
        return self.order or dict.fromkeys(chain.from_iterable(self.sides))

    def groups(self) -> Iterator[tuple[Any, ...]]:
        """(key, list of the values of side 0, list of the values of side 1, ...)"""
        nothing = _Several()
        for key in self.keys():
            all_values = [values.get(key, nothing) for values in self.sides]
            yield key, *[list(v) if type(v) is _Several else [v] for v in all_values]

    def store(self, stored: GroupsByKey) -> None:
        """Write all to a file."""
        stored.add_groups((key, sides) for key, *sides in self.groups())
        self.clear()

    def while_read(self, records: Iterable[T]) -> Iterator[T]:
        return iter(records) if self._holding is None else self._holding.while_read(records)


def _gathered(
    count: int, batches: Iterable[tuple[int, Iterable[tuple[K, Any]]]]
) -> tuple[_Sides, GroupsByKey | None]:
    """All in memory, or all stored."""
    memory = taskstate.memory()
    if memory is None:
        held = _Sides(count, None)
        for side, pairs in batches:
            held.add(side, pairs)
        return held, None
    held = _Sides(count, memory.holding())
    stored: GroupsByKey | None = None
    for side, pairs in batches:
        if stored is not None:
            some = list(pairs)
            stored.add(side, [key for key, _ in some], [value for _, value in some])
        elif held.add_some(side, list(pairs)):
            stored = GroupsByKey(memory, count)
            held.store(stored)
    return held, stored
