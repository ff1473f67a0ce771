"""Merging of records by key, on the map side and on the reduce side of a shuffle.

For the by-key operations of the facade. Everything here reads all its records before it gives the
first, which are one a key, keys in the order of their first arrival: an order that only depends
on the order of the records, so every run and both sides of a shuffle agree on it. As a dict does,
the first of two equal keys is the one kept (1, 1.0 and True are equal). An unhashable key raises
TypeError, and a record that is no pair what it raises when unpacked.

All of it is in memory for now. Where a user function is called for each record, it is an ending
(:mod:`minispark.engine.steps`), whose loop makes no pair and no call that is not needed; spilling
to `spark.local.dir` past `spark.python.worker.memory` goes between two portions of its records.
Must not know: RDDs, partitions, how records are stored or moved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Any, Final, TypeVar

from minispark.engine.inlining import Expression, expression_of
from minispark.engine.loops import Code
from minispark.engine.steps import Ending

__all__ = [
    "CombineByKey",
    "DistinctKeys",
    "MergeByKey",
    "MergeToDict",
    "group_sides",
    "group_values",
    "join_sides",
]

K = TypeVar("K")
V = TypeVar("V")

_PAIR_WITH_ONE: Final = Expression("({x}, {0},)", (1,))
_SUM: Final = Expression("({x} + {y})")


class _CombinersByKey(Ending):
    """A dict from keys to what their values have become so far."""

    def start(self) -> dict[Any, Any]:
        return {}

    def result(self, state: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
        return iter(state.items())

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


class MergeByKey(_CombinersByKey):
    """The values of each key merged into one: by ``merge(so_far, value)``, which may change and
    return the first.

    Where a value is its own combiner, as in ``reduceByKey``, this also is the map side.

    >>> list(MergeByKey(lambda x, y: x + y)(0, [("b", 1), ("a", 2), ("b", 3)]))
    [('b', 4), ('a', 2)]
    """

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        (merge,) = self.arguments
        expression = expression_of(merge, 2) if are_plain else None
        self.merge(code, record, merge, expression)
        code.line("    state[key] = value")

    def of_elements(
        self, expression: Expression
    ) -> Callable[[dict[Any, Any], Iterable[Any]], dict[Any, Any]] | None:
        """Count them, if each is paired with 1, and these are added up."""
        (merge,) = self.arguments
        if expression != _PAIR_WITH_ONE or type(expression.values[0]) is not int:
            return None
        return _counted if expression_of(merge, 2) == _SUM else None


class MergeToDict(MergeByKey):
    """The same as one record, a dict."""

    def result(self, state: dict[Any, Any]) -> Iterable[Any]:
        return (dict(state),)


def _counted(so_far: dict[K, int], keys: Iterable[K]) -> dict[K, int]:
    counts: Counter[K] = Counter(so_far)
    counts.update(keys)
    return counts


class CombineByKey(_CombinersByKey):
    """The values of each key folded into a combiner: ``create(value)`` makes it of the first one,
    ``merge(combiner, value)`` adds a further one, and may change and return the combiner.

    >>> list(CombineByKey(str, lambda c, v: c + str(v))(0, [("b", 1), ("a", 2), ("b", 3)]))
    [('b', '13'), ('a', '2')]
    """

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        create, merge = self.arguments
        first = expression_of(create) if are_plain else None
        further = expression_of(merge, 2) if first is not None else None
        self.merge(code, record, merge, further)
        code.line(f"    state[key] = {code.call(create, first, 'value')}")


class DistinctKeys(Ending):
    """Each key once, the first of equal ones.

    >>> list(DistinctKeys()(0, [2, 1, 2.0, True]))
    [2, 1]
    """

    def start(self) -> dict[Any, None]:
        return {}

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        code.line(f"state[{record}] = None")

    def result(self, state: dict[Any, None]) -> Iterable[Any]:
        return iter(state)


def group_values(records: Iterable[tuple[K, V]]) -> Iterator[tuple[K, list[V]]]:
    """Collect the values of each key into a list, in order of arrival.

    >>> list(group_values([("b", 1), ("a", 2), ("b", 1)]))
    [('b', [1, 1]), ('a', [2])]
    """
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in records:
        groups[key].append(value)
    return iter(groups.items())


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
    return _grouped(*_gathered(count, batches))


def _grouped(order: dict[K, None] | None, sides: list[dict[K, Any]]) -> Iterator[tuple[Any, ...]]:
    nothing = _Several()
    for key in order or dict.fromkeys(chain.from_iterable(sides)):
        all_values = [values.get(key, nothing) for values in sides]
        yield key, *[list(v) if type(v) is _Several else [v] for v in all_values]


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
    return _joined(*_gathered(2, batches), keep_left, keep_right)


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


def _gathered(
    count: int, batches: Iterable[tuple[int, Iterable[tuple[K, Any]]]]
) -> tuple[dict[K, None] | None, list[dict[K, Any]]]:
    """The keys in order of arrival, and for each side its keys with their value or _Several.

    The order is None where it is that of the first side's keys, then the second side's, and so on.
    """
    sides: list[dict[K, Any]] = [{} for _ in range(count)]
    order: dict[K, None] | None = None
    last = 0
    for side, pairs in batches:
        if order is None and side < last:
            order = dict.fromkeys(chain.from_iterable(sides))
        last = side
        values = sides[side]
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
    return order, sides
