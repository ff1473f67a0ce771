"""Sorting: of pairs by key, of elements, and within partitions.

Part of the class RDD (`minispark.core.rdd`), for programs. Keys are compared with `<`, or what a
`keyfunc` gives for them is; where two cannot be compared, TypeError: in the task, or on the driver
while the sample is sorted. Equal keys keep the order in which they arrive.
Must not know: how a shuffle moves records.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from minispark.core.rdd.approximate import ApproximateOps
from minispark.core.rdd.kinds import S
from minispark.core.tasks import ordered as tasks
from minispark.engine.shuffle.hashing import portable_hash
from minispark.engine.shuffle.ranges import KeyRanges

if TYPE_CHECKING:
    from minispark.core.rdd import RDD

__all__ = ["OrderedOps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
V = TypeVar("V")


class OrderedOps(ApproximateOps[T_co]):
    """What an RDD can do whose elements, or keys, have an order."""

    @overload
    def sortByKey(  # type: ignore[misc]  # see kinds
        self: RDD[tuple[S, V]], ascending: bool = True, numPartitions: int | None = None
    ) -> RDD[tuple[S, V]]: ...

    @overload
    def sortByKey(
        self: OrderedOps[tuple[K, V]],
        ascending: bool,
        numPartitions: int | None,
        keyfunc: Callable[[K], S],
    ) -> RDD[tuple[K, V]]: ...

    @overload
    def sortByKey(
        self: OrderedOps[tuple[K, V]],
        ascending: bool = True,
        numPartitions: int | None = None,
        *,
        keyfunc: Callable[[K], S],
    ) -> RDD[tuple[K, V]]: ...

    def sortByKey(
        self: OrderedOps[tuple[K, V]],
        ascending: bool = True,
        numPartitions: int | None = None,
        keyfunc: Callable[[K], Any] = tasks.itself,
    ) -> RDD[tuple[K, V]]:
        """Sort pairs by key, through all partitions.

        Parameters
        ----------
        ascending
            False: in descending order
        numPartitions
            of the result; None: ``spark.default.parallelism`` if it is set, else as many as here
        keyfunc
            from a key to what is compared

        Examples
        --------
        >>> pairs = sc.parallelize([("a", 1), ("b", 2), ("1", 3), ("d", 4), ("2", 5)])
        >>> pairs.sortByKey().collect()
        [('1', 3), ('2', 5), ('a', 1), ('b', 2), ('d', 4)]
        >>> pairs.sortByKey(False, 2).glom().collect()
        [[('d', 4), ('b', 2)], [('a', 1), ('2', 5), ('1', 3)]]
        >>> sc.parallelize([("b", 1), ("A", 2)]).sortByKey(keyfunc=str.lower).keys().collect()
        ['A', 'b']

        As in Spark: for more than one partition, runs two jobs at once, a count and a sample of the
        keys, to find bounds that make the partitions about as large as each other; equal keys are
        in one partition.
        """
        if numPartitions is None:
            numPartitions = self._default_reduce_partitions()
        sort = partial(tasks.sort_partition, tasks.pair_key(keyfunc), not ascending)
        if numPartitions == 1:
            single = self.coalesce(1) if self.getNumPartitions() > 1 else self
            return single.mapPartitionsWithIndex(sort, True)
        count = self.count()
        if not count:
            return self  # type: ignore[return-value]  # self is the whole class, an RDD
        fraction = min(numPartitions * 20.0 / count, 1.0)
        samples = sorted(self.sample(False, fraction, 1).keys().collect(), key=keyfunc)
        bounds = [
            samples[int(len(samples) * (i + 1) / numPartitions)] for i in range(numPartitions - 1)
        ]
        ranges = KeyRanges(bounds, None if keyfunc is tasks.itself else keyfunc, ascending)
        placed = self._placed(numPartitions, ranges, is_seen=False)
        return placed.mapPartitionsWithIndex(sort, True)

    def sortBy(
        self: OrderedOps[T],
        keyfunc: Callable[[T], S],
        ascending: bool = True,
        numPartitions: int | None = None,
    ) -> RDD[T]:
        """Sort elements by what ``keyfunc`` gives for them, through all partitions.

        Parameters
        ----------
        keyfunc
            from an element to what is compared
        ascending, numPartitions
            see :meth:`sortByKey`

        Examples
        --------
        >>> sc.parallelize([("a", 1), ("b", 2), ("1", 3)]).sortBy(lambda pair: -pair[1]).collect()
        [('1', 3), ('b', 2), ('a', 1)]

        As in Spark: ``keyBy(keyfunc)``, then ``sortByKey``, with its two jobs at once.
        """
        keyed = self.keyBy(cast("Callable[[T], Any]", keyfunc))  # what is hashed is the partition
        return keyed.sortByKey(ascending, numPartitions).values()

    @overload
    def repartitionAndSortWithinPartitions(  # type: ignore[misc]  # see kinds
        self: RDD[tuple[S, V]],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
        ascending: bool = True,
    ) -> RDD[tuple[S, V]]: ...

    @overload
    def repartitionAndSortWithinPartitions(
        self: OrderedOps[tuple[K, V]],
        numPartitions: int | None,
        partitionFunc: Callable[[K], int],
        ascending: bool,
        keyfunc: Callable[[K], S],
    ) -> RDD[tuple[K, V]]: ...

    @overload
    def repartitionAndSortWithinPartitions(
        self: OrderedOps[tuple[K, V]],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
        ascending: bool = True,
        *,
        keyfunc: Callable[[K], S],
    ) -> RDD[tuple[K, V]]: ...

    def repartitionAndSortWithinPartitions(
        self: OrderedOps[tuple[K, V]],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
        ascending: bool = True,
        keyfunc: Callable[[K], Any] = tasks.itself,
    ) -> RDD[tuple[K, V]]:
        """Partition pairs by key, and sort each partition by key.

        Parameters
        ----------
        numPartitions, ascending, keyfunc
            see :meth:`sortByKey`
        partitionFunc
            from a key to the number that decides its partition

        Examples
        --------
        >>> pairs = sc.parallelize([(0, 5), (3, 8), (2, 6), (0, 8), (3, 8), (1, 3)])
        >>> pairs.repartitionAndSortWithinPartitions(2, lambda key: key % 2).glom().collect()
        [[(0, 5), (0, 8), (2, 6)], [(1, 3), (3, 8), (3, 8)]]

        As in Spark: one shuffle and no job before it; the order is within partitions only.
        """
        sort = partial(tasks.sort_partition, tasks.pair_key(keyfunc), not ascending)
        placed = self._placed(numPartitions, partitionFunc, is_seen=False)
        return placed.mapPartitionsWithIndex(sort, True)
