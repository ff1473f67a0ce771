"""Joins as functions of RDDs. As in Spark: ``pyspark.join``; the methods of RDD do the same.

For programs that import them. Must not know: how a join is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from minispark.core.rdd import RDD
    from minispark.resultiterable import ResultIterable

__all__ = [
    "python_cogroup",
    "python_full_outer_join",
    "python_join",
    "python_left_outer_join",
    "python_right_outer_join",
]

K = TypeVar("K")
V = TypeVar("V")
W = TypeVar("W")


def python_join(
    rdd: RDD[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None
) -> RDD[tuple[K, tuple[V, W]]]:
    """``rdd.join(other, numPartitions)``.

    >>> from minispark.join import python_join
    >>> python_join(sc.parallelize([(1, "a")]), sc.parallelize([(1, "b")]), 1).collect()
    [(1, ('a', 'b'))]
    """
    return rdd.join(other, numPartitions)


def python_left_outer_join(
    rdd: RDD[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None
) -> RDD[tuple[K, tuple[V, W | None]]]:
    """``rdd.leftOuterJoin(other, numPartitions)``.

    >>> from minispark.join import python_left_outer_join
    >>> python_left_outer_join(sc.parallelize([(1, "a")]), sc.parallelize([(2, "b")]), 1).collect()
    [(1, ('a', None))]
    """
    return rdd.leftOuterJoin(other, numPartitions)


def python_right_outer_join(
    rdd: RDD[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None
) -> RDD[tuple[K, tuple[V | None, W]]]:
    """``rdd.rightOuterJoin(other, numPartitions)``.

    >>> from minispark.join import python_right_outer_join
    >>> python_right_outer_join(sc.parallelize([(1, "a")]), sc.parallelize([(2, "b")]), 1).collect()
    [(2, (None, 'b'))]
    """
    return rdd.rightOuterJoin(other, numPartitions)


def python_full_outer_join(
    rdd: RDD[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None
) -> RDD[tuple[K, tuple[V | None, W | None]]]:
    """``rdd.fullOuterJoin(other, numPartitions)``.

    >>> from minispark.join import python_full_outer_join
    >>> pairs = python_full_outer_join(sc.parallelize([(1, "a")]), sc.parallelize([(2, "b")]), 1)
    >>> sorted(pairs.collect())
    [(1, ('a', None)), (2, (None, 'b'))]
    """
    return rdd.fullOuterJoin(other, numPartitions)


def python_cogroup(
    rdds: Sequence[RDD[tuple[K, Any]]], numPartitions: int | None
) -> RDD[tuple[K, tuple[ResultIterable[Any], ...]]]:
    """``groupWith`` of any number of RDDs, into ``numPartitions`` partitions.

    >>> from minispark.join import python_cogroup
    >>> left, right = sc.parallelize([(1, "a")]), sc.parallelize([(1, "b"), (1, "c")])
    >>> [(k, [list(values) for values in groups])
    ...  for k, groups in python_cogroup((left, right), 1).collect()]
    [(1, [['a'], ['b', 'c']])]
    """
    from minispark.core.rdd.pairs import cogroup_all  # it imports what this module is part of

    return cogroup_all(rdds, numPartitions)
