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
from typing import Any, Final, TypeVar

from minispark.engine.stop_iteration import stop_iteration_error

__all__ = [
    "combine_values",
    "distinct_keys",
    "group_values",
    "merge_combiners",
    "merge_groups",
]

C = TypeVar("C")
K = TypeVar("K")
V = TypeVar("V")

_MISSING: Final[Any] = object()  # not None: a combiner may be None


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
    get = combiners.get
    try:
        for key, value in records:
            combiner = get(key, _MISSING)
            combiners[key] = (
                create_combiner(value) if combiner is _MISSING else merge_value(combiner, value)
            )
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
    get = combiners.get
    try:
        for key, value in records:
            combiner = get(key, _MISSING)
            combiners[key] = value if combiner is _MISSING else merge(combiner, value)
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


def merge_groups(records: Iterable[tuple[K, list[V]]]) -> Iterator[tuple[K, list[V]]]:
    """Join the lists of each key, made by ``group_values``, into one list.

    The first list of a key is the one that grows: records must not be used elsewhere.

    >>> list(merge_groups([("b", [1, 2]), ("a", [3]), ("b", [4])]))
    [('b', [1, 2, 4]), ('a', [3])]
    """
    groups: dict[K, list[V]] = {}
    get = groups.get
    for key, values in records:
        group = get(key)
        if group is None:
            groups[key] = values
        else:
            group.extend(values)
    return iter(groups.items())


def distinct_keys(keys: Iterable[K]) -> Iterator[K]:
    """Each key once, the first of equal ones.

    >>> list(distinct_keys([2, 1, 2.0, True]))
    [2, 1]
    """
    return iter(dict.fromkeys(keys))
