"""Inside a task: operations on key-value pairs.

For `core.rdd.pairs`; merging by key itself is `engine.shuffle.combine`. A pair is whatever has a
`[0]` and a `[1]`, as in PySpark, save where it is unpacked. See the package's docstring for the
shape of these functions.
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
    for key, values in group_values(pairs):
        yield key, ResultIterable(values)


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
    for key, *sides in group_sides(count, map(SideBatch.of_side, batches)):
        yield key, tuple(map(ResultIterable, sides))


def subtract_partition(_split: int, batches: Iterable[SideBatch]) -> Iterator[tuple[Any, Any]]:
    """The left side's pairs whose key the right side does not have."""
    for key, left, right in group_sides(2, map(SideBatch.of_side, batches)):
        if not right:
            for value in left:
                yield key, value
