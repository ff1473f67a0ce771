"""Merging of records by key, on the map side and on the reduce side of a shuffle.

For the by-key operations of the facade. Every function reads all its records when it is called, and
returns an iterator over one record a key, keys in the order of their first arrival: an order that
only depends on the order of the records, so every run and both sides of a shuffle agree on it. As a
dict does, the first of two equal keys is the one kept (1, 1.0 and True are equal).

All of it is in memory for now. Spilling to `spark.local.dir` past `spark.python.worker.memory` goes
behind these signatures: callers hand over an iterable, get an iterator, and hold nothing else.

A StopIteration raised by a user function becomes STOP_ITERATION_OCCURRED, see
`engine.stop_iteration`; a lone one would read as the end of the records.
Must not know: RDDs, partitions, how records are stored or moved.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Any, TypeVar

from minispark.engine.stop_iteration import stop_iteration_error

__all__ = [
    "combine_values",
    "distinct_keys",
    "group_sides",
    "group_values",
    "join_sides",
    "merge_combiners",
]

C = TypeVar("C")
K = TypeVar("K")
V = TypeVar("V")


def combine_values(
    records: Iterable[tuple[K, V]],
    create_combiner: Callable[[V], C],
    merge_value: Callable[[C, V], C],
) -> Iterator[tuple[K, C]]:
    """Fold the values of each key into a combiner.

    Parameters
    ----------
    create_combiner
        makes the combiner of a key from its first value
    merge_value
        adds a further value, and gives the combiner to keep; it may change and return the first

    Raises TypeError for an unhashable key, and what a record that is no pair raises when unpacked.

    >>> list(combine_values([("b", 1), ("a", 2), ("b", 3)], str, lambda c, v: c + str(v)))
    [('b', '13'), ('a', '2')]
    """
    combiners: dict[K, C] = {}
    try:
        for key, value in records:
            if key in combiners:
                combiners[key] = merge_value(combiners[key], value)
            else:
                combiners[key] = create_combiner(value)
    except StopIteration as exc:
        raise stop_iteration_error(exc) from exc
    return iter(combiners.items())


def merge_combiners(
    records: Iterable[tuple[K, C]], merge: Callable[[C, C], C]
) -> Iterator[tuple[K, C]]:
    """Merge the combiners of each key into one.

    ``merge`` takes the combiner so far and the next one, and gives the one to keep; it may change
    and return the first. Where a value is its own combiner, as in ``reduceByKey``, this also is the
    map side. Raises what ``combine_values`` does.

    >>> list(merge_combiners([("b", 1), ("a", 2), ("b", 3)], lambda x, y: x + y))
    [('b', 4), ('a', 2)]
    """
    combiners: dict[K, C] = {}
    try:
        for key, value in records:
            if key in combiners:
                combiners[key] = merge(combiners[key], value)
            else:
                combiners[key] = value
    except StopIteration as exc:
        raise stop_iteration_error(exc) from exc
    return iter(combiners.items())


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
    order, sides = _gathered(count, batches)
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
    order, (left, right) = _gathered(2, batches)
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


def distinct_keys(keys: Iterable[K]) -> Iterator[K]:
    """Each key once, the first of equal ones.

    >>> list(distinct_keys([2, 1, 2.0, True]))
    [2, 1]
    """
    return iter(dict.fromkeys(keys))
