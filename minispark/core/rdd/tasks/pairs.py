"""Inside a task: operations on key-value pairs.

For `core.rdd.pairs`; merging by key itself is `engine.shuffle.combine`. A pair is whatever has a
`[0]` and a `[1]`, as in PySpark, save where it is unpacked. See the package's docstring for the
shape of these functions.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

from minispark.engine.shuffle.combine import merge_groups
from minispark.resultiterable import ResultIterable

K = TypeVar("K")
V = TypeVar("V")
U = TypeVar("U")
W = TypeVar("W")

Tagged: TypeAlias = tuple[int, Any]


def has_key(key: Any, pair: Any) -> bool:
    """Whether the key of `pair` equals `key`."""
    return bool(pair[0] == key)


# Merging by key: each of these is one side of a shuffle.


def merge_dicts(merge: Callable[[V, V], V], a: dict[K, V], b: dict[K, V]) -> dict[K, V]:
    """Merge the entries of `b` into `a`."""
    for key, value in b.items():
        a[key] = merge(a[key], value) if key in a else value
    return a


def merge_groups_of_partition(
    _split: int, pairs: Iterable[tuple[K, list[V]]]
) -> Iterator[tuple[K, list[V]]]:
    """One list a key, from lists."""
    return merge_groups(pairs)


def merge_groups_to_iterables(
    _split: int, pairs: Iterable[tuple[K, list[V]]]
) -> Iterator[tuple[K, ResultIterable[V]]]:
    """One ResultIterable a key, from lists."""
    for key, values in merge_groups(pairs):
        yield key, ResultIterable(values)


def start_from_zero(zero: U, merge_value: Callable[[U, V], U], value: V) -> U:
    """The combiner of a key's first value: merged into a copy of `zero` of its own."""
    return merge_value(copy.deepcopy(zero), value)


# Joins: each side's values carry the side's number through one shuffle, then are told apart.


def tag_values(
    tag: int, _split: int, pairs: Iterable[tuple[K, V]]
) -> Iterator[tuple[K, tuple[int, V]]]:
    """`(k, (tag, v))` for each pair."""
    for pair in pairs:
        yield pair[0], (tag, pair[1])


def sides_of(count: int, tagged: Iterable[Tagged]) -> list[list[Any]]:
    """The values of each side, in order of arrival."""
    sides: list[list[Any]] = [[] for _ in range(count)]
    for tag, value in tagged:
        sides[tag].append(value)
    return sides


def join_partition(
    keep_left: bool,
    keep_right: bool,
    _split: int,
    pairs: Iterable[tuple[K, list[Tagged]]],
) -> Iterator[tuple[K, tuple[Any, Any]]]:
    """All combinations of a key's left and right values.

    Where `keep_left` (`keep_right`) is true, a key that only the left (right) side has is kept,
    with None for the other side.
    """
    nothing = [None]
    for key, tagged in merge_groups(pairs):
        left, right = sides_of(2, tagged)
        if keep_right:
            left = left or nothing
        if keep_left:
            right = right or nothing
        for v in left:
            for w in right:
                yield key, (v, w)


def cogroup_partition(
    count: int, _split: int, pairs: Iterable[tuple[K, list[Tagged]]]
) -> Iterator[tuple[K, tuple[ResultIterable[Any], ...]]]:
    """The values of each side, for each key."""
    for key, tagged in merge_groups(pairs):
        yield key, tuple(map(ResultIterable, sides_of(count, tagged)))


def subtract_partition(
    _split: int, pairs: Iterable[tuple[K, list[Tagged]]]
) -> Iterator[tuple[K, Any]]:
    """The left side's pairs whose key the right side does not have."""
    for key, tagged in merge_groups(pairs):
        left, right = sides_of(2, tagged)
        if not right:
            for value in left:
                yield key, value
