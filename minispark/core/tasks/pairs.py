"""Inside a task: operations on key-value pairs.

For `core.rdd.pairs`; merging by key itself is `engine.shuffle.combine`, and done as soon as one of
these is called, as in PySpark: what compares keys may be the program's, and may fail. A pair is
whatever has a `[0]` and a `[1]`, as in PySpark, save where it is unpacked. See the package's
docstring for the shape of these functions.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from minispark.core.tasks.grouping import SideBatch
from minispark.engine.shuffle.combine import (
    group_sides,
    group_values,
    join_sides,
)
from minispark.resultiterable import ResultIterable

K = TypeVar("K")
V = TypeVar("V")
U = TypeVar("U")


def has_key(key: Any, pair: Any) -> bool:
    """Whether the key of `pair` equals `key`."""
    return bool(pair[0] == key)


# Merging by key: each of these is one side of a shuffle.


def merge_dicts(merge: Callable[[V, V], V], a: dict[K, V], b: dict[K, V]) -> dict[K, V]:
    """Merge the entries of `b` into `a`."""
    for key, value in b.items():
        a[key] = merge(a[key], value) if key in a else value
    return a


def group_partition(
    _split: int, pairs: Iterable[tuple[K, V]]
) -> Iterator[tuple[K, ResultIterable[V]]]:
    """The values of each key."""
    return ((key, ResultIterable(values)) for key, values in group_values(pairs))


def start_from_zero(zero: U, merge_value: Callable[[U, V], U], value: V) -> U:
    """The combiner of a key's first value: merged into a copy of `zero` of its own."""
    return merge_value(copy.deepcopy(zero), value)


# Joins and cogroups, from batches of pairs of their sides.


def join_partition(
    keep_left: bool, keep_right: bool, _split: int, batches: Iterable[SideBatch]
) -> Iterator[tuple[Any, tuple[Any, Any]]]:
    """All combinations of a key's left and right values.

    Where `keep_left` (`keep_right`) is true, a key that only the left (right) side has is kept,
    with None for the other side.
    """
    return join_sides(map(SideBatch.of_side, batches), keep_left, keep_right)


def cogroup_partition(
    count: int, _split: int, batches: Iterable[SideBatch]
) -> Iterator[tuple[Any, tuple[ResultIterable[Any], ...]]]:
    """The values of each side, for each key."""
    groups = group_sides(count, map(SideBatch.of_side, batches))
    return ((key, tuple(map(ResultIterable, sides))) for key, *sides in groups)


def subtract_partition(_split: int, batches: Iterable[SideBatch]) -> Iterator[tuple[Any, Any]]:
    """The left side's pairs whose key the right side does not have."""
    groups = group_sides(2, map(SideBatch.of_side, batches))
    return ((key, value) for key, left, right in groups if not right for value in left)
