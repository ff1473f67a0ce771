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

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from minispark.engine.inlining import expression_of
from minispark.engine.loops import Code
from minispark.engine.steps import Ending

__all__ = [
    "CombineByKey",
    "GroupByKey",
    "MergeByKey",
    "MergeToDict",
    "distinct_keys",
    "merge_groups",
]

K = TypeVar("K")
V = TypeVar("V")

_MISSING: Final[Any] = object()  # not None: a combiner may be None


class _CombinersByKey(Ending):
    """A dict from keys to what their values have become so far."""

    def start(self) -> dict[Any, Any]:
        return {}

    def result(self, state: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
        return iter(state.items())

    def find(self, code: Code, record: str) -> None:
        """Write what finds the combiner of a pair's key; the next line is for keys without one."""
        missing = code.value(_MISSING)
        code.line(f"key, value = {record}")
        code.line(f"combiner = state.get(key, {missing})")
        code.line(f"if combiner is {missing}:")


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
        self.find(code, record)
        code.line("    state[key] = value")
        code.line(f"else: state[key] = {code.call(merge, expression, 'combiner', 'value')}")


class MergeToDict(MergeByKey):
    """The same as one record, a dict."""

    def result(self, state: dict[Any, Any]) -> Iterable[Any]:
        return (state,)


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
        self.find(code, record)
        code.line(f"    state[key] = {code.call(create, first, 'value')}")
        code.line(f"else: state[key] = {code.call(merge, further, 'combiner', 'value')}")


class GroupByKey(Ending):
    """The values of each key as a list, in the order of arrival.

    >>> list(GroupByKey()(0, [("b", 1), ("a", 2), ("b", 1)]))
    [('b', [1, 1]), ('a', [2])]
    """

    def start(self) -> defaultdict[Any, list[Any]]:
        return defaultdict(list)

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        code.line(f"key, value = {record}")
        code.line("state[key].append(value)")

    def result(self, state: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
        return iter(state.items())


def merge_groups(records: Iterable[tuple[K, list[V]]]) -> Iterator[tuple[K, list[V]]]:
    """Join the lists of each key, made by ``GroupByKey``, into one list.

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
