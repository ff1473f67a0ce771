"""Operations on key-value pairs: by key, over values, joins.

Part of the class RDD (`minispark.core.rdd`), for programs. A pair is a tuple of a key and a value.
What merges by key does so twice, in the tasks before the shuffle and in those after it
(`core.tasks.pairs`), and comes out in the order in which keys first arrive: by partition of the
input, then by position. A key must be hashable, and equal keys are one key (1, 1.0 and True).

Where not said otherwise: `numPartitions` is the number of partitions of the result, by default
`spark.default.parallelism` if it is set, else as many as the input has, for joins as many as all
inputs have together. `partitionFunc` goes from a key to the number that decides its partition.
An error that a user function raises in a task makes the action raise SparkException, with that
error as its cause; an unhashable key is a TypeError there.
Must not know: how a shuffle moves records.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial, reduce
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from minispark.core.rdd.actions import ActionOps
from minispark.core.rdd.base import Partitioner
from minispark.core.rdd.failures import need_rdd
from minispark.core.tasks import pairs as tasks
from minispark.core.tasks.actions import identity
from minispark.core.tasks.grouping import (
    PlacedSides,
    PlacedValues,
    SideBatch,
    UnitedSides,
    batches_of_side,
    place_groups,
    place_sides,
)
from minispark.engine import steps
from minispark.engine.shuffle.combine import CombineByKey, MergeByKey, MergeToDict
from minispark.engine.shuffle.hashing import portable_hash
from minispark.rddsampler import RDDStratifiedSampler

if TYPE_CHECKING:
    from minispark.core.rdd import RDD
    from minispark.resultiterable import ResultIterable

__all__ = ["PairOps", "cogroup_all"]

T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
W = TypeVar("W")
U = TypeVar("U")


class PairOps(ActionOps[T_co]):
    """What an RDD of pairs can do besides."""

    # The parts of pairs

    def keys(self: PairOps[tuple[K, Any]]) -> RDD[K]:
        """The key of each pair.

        >>> sc.parallelize([(1, 2), (3, 4)]).keys().collect()
        [1, 3]

        As in Spark: the first item of anything that has one.
        """
        return self.map(itemgetter(0))

    def values(self: PairOps[tuple[Any, V]]) -> RDD[V]:
        """The value of each pair.

        >>> sc.parallelize([(1, 2), (3, 4)]).values().collect()
        [2, 4]

        As in Spark: the second item of anything that has one.
        """
        return self.map(itemgetter(1))

    def mapValues(self: PairOps[tuple[K, V]], f: Callable[[V], U]) -> RDD[tuple[K, U]]:
        """Apply ``f`` to the value of each pair, and leave its key.

        Parameters
        ----------
        f
            a function of a value

        Examples
        --------
        >>> sc.parallelize([("a", ["apple", "plum"]), ("b", [])]).mapValues(len).collect()
        [('a', 2), ('b', 0)]

        As in Spark: keeps the partitioner.
        """
        return self.mapPartitionsWithIndex(steps.MapValues(f), True)

    def flatMapValues(
        self: PairOps[tuple[K, V]], f: Callable[[V], Iterable[U]]
    ) -> RDD[tuple[K, U]]:
        """Apply ``f`` to the value of each pair, and make a pair of each element that it gives.

        Parameters
        ----------
        f
            a function of a value that gives an iterable

        Examples
        --------
        >>> sc.parallelize([("a", ["x", "y"]), ("b", ["z"])]).flatMapValues(list).collect()
        [('a', 'x'), ('a', 'y'), ('b', 'z')]

        As in Spark: keeps the partitioner.
        """
        return self.mapPartitionsWithIndex(steps.FlatMapValues(f), True)

    # Merging the values of each key

    def reduceByKey(
        self: PairOps[tuple[K, V]],
        func: Callable[[V, V], V],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, V]]:
        """Reduce the values of each key to one with ``func``.

        Parameters
        ----------
        func
            a function of two values, associative and commutative
        numPartitions, partitionFunc
            see the module

        Examples
        --------
        >>> counts = sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).reduceByKey(lambda x, y: x + y)
        >>> sorted(counts.collect())
        [('a', 2), ('b', 1)]

        As in Spark: a key with one value keeps it, without a call of ``func``.
        """
        return (
            self.mapPartitionsWithIndex(MergeByKey(func, in_parts=True), True)
            ._placed(numPartitions, partitionFunc, is_seen=False)
            .mapPartitionsWithIndex(MergeByKey(func), True)
        )

    def combineByKey(
        self: PairOps[tuple[K, V]],
        createCombiner: Callable[[V], U],
        mergeValue: Callable[[U, V], U],
        mergeCombiners: Callable[[U, U], U],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, U]]:
        """Merge the values of each key into a combiner, which can be of another type.

        Parameters
        ----------
        createCombiner
            makes a combiner of a value
        mergeValue
            adds a value to a combiner; it may change and return the combiner
        mergeCombiners
            makes one combiner of two; it may change and return the first
        numPartitions, partitionFunc
            see the module

        Examples
        --------
        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 2)], 2)
        >>> lists = pairs.combineByKey(
        ...     lambda v: [v], lambda vs, v: vs + [v], lambda vs, ws: vs + ws)
        >>> sorted(lists.collect())
        [('a', [1, 2]), ('b', [1])]

        As in Spark: ``createCombiner`` and ``mergeValue`` run before the shuffle, one of them for
        each value, and ``mergeCombiners`` after it.
        """
        return (
            self.mapPartitionsWithIndex(CombineByKey(createCombiner, mergeValue), True)
            ._placed(numPartitions, partitionFunc, is_seen=False)
            .mapPartitionsWithIndex(MergeByKey(mergeCombiners), True)
        )

    def aggregateByKey(
        self: PairOps[tuple[K, V]],
        zeroValue: U,
        seqFunc: Callable[[U, V], U],
        combFunc: Callable[[U, U], U],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, U]]:
        """Aggregate the values of each key, starting from ``zeroValue``.

        Parameters
        ----------
        zeroValue
            neutral for both functions
        seqFunc
            from an aggregate and a value to an aggregate; it may change and return the first
        combFunc
            from two aggregates to one; it may change and return the first
        numPartitions, partitionFunc
            see the module

        Examples
        --------
        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
        >>> add = lambda acc, v: (acc[0] + v, acc[1] + 1)
        >>> merge = lambda a, b: (a[0] + b[0], a[1] + b[1])
        >>> sorted(pairs.aggregateByKey((0, 0), add, merge).collect())
        [('a', (3, 2)), ('b', (1, 1))]

        As in Spark: ``zeroValue`` is used, as a deep copy, once for each key of each partition that
        has it.
        """
        return self.combineByKey(
            partial(tasks.start_from_zero, zeroValue, seqFunc),
            seqFunc,
            combFunc,
            numPartitions,
            partitionFunc,
        )

    def foldByKey(
        self: PairOps[tuple[K, V]],
        zeroValue: V,
        func: Callable[[V, V], V],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, V]]:
        """Reduce the values of each key to one with ``func``, starting from ``zeroValue``.

        Parameters
        ----------
        zeroValue
            neutral for ``func``
        func
            a function of two values, associative and commutative
        numPartitions, partitionFunc
            see the module

        Examples
        --------
        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 1)])
        >>> sorted(pairs.foldByKey(0, lambda x, y: x + y).collect())
        [('a', 2), ('b', 1)]

        As in Spark: see ``aggregateByKey``.
        """
        return self.aggregateByKey(zeroValue, func, func, numPartitions, partitionFunc)

    def groupByKey(
        self: PairOps[tuple[K, V]],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, ResultIterable[V]]]:
        """Collect the values of each key.

        Parameters
        ----------
        numPartitions, partitionFunc
            see the module

        Examples
        --------
        >>> groups = sc.parallelize([("a", 1), ("b", 1), ("a", 2)]).groupByKey()
        >>> sorted(groups.mapValues(len).collect())
        [('a', 2), ('b', 1)]
        >>> sorted(groups.mapValues(list).collect())
        [('a', [1, 2]), ('b', [1])]

        As in Spark: values in the order of the input; they all are moved, so for
        a sum or a count ``reduceByKey`` is better: it moves one value a key and partition.
        """
        count = self._default_reduce_partitions() if numPartitions is None else numPartitions
        partitioner = Partitioner(count, partitionFunc)
        placed: PairOps[tuple[K, V]]
        if self.partitioner == partitioner:
            placed = self
        else:
            serializer = self.ctx._unbatched_serializer
            placed = self._shuffled(
                partitioner,
                partial(place_groups, count, partitionFunc, serializer),
                PlacedValues(serializer),
            )
        return placed.mapPartitionsWithIndex(tasks.group_partition, True)

    def reduceByKeyLocally(self: PairOps[tuple[K, V]], func: Callable[[V, V], V]) -> dict[K, V]:
        """Reduce the values of each key to one with ``func``, and give a dict to the driver.

        Parameters
        ----------
        func
            a function of two values, associative and commutative

        Raises
        ------
        ValueError
            if there is no partition at all

        Examples
        --------
        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 1)])
        >>> sorted(pairs.reduceByKeyLocally(lambda x, y: x + y).items())
        [('a', 2), ('b', 1)]

        As in Spark: no shuffle; the partitions' dicts are merged on the driver.
        """
        dicts: RDD[dict[K, V]] = self.mapPartitionsWithIndex(MergeToDict(func))
        return dicts.reduce(partial(tasks.merge_dicts, func))

    def countByKey(self: PairOps[tuple[K, Any]]) -> dict[K, int]:
        """How many pairs each key has.

        Raises
        ------
        ValueError
            if there is no partition at all

        Examples
        --------
        >>> sorted(sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).countByKey().items())
        [('a', 2), ('b', 1)]

        As in Spark: a defaultdict on the driver, so a missing key counts 0.
        """
        return self.keys().countByValue()

    # The pairs of one key, or of a sample

    def lookup(self: PairOps[tuple[K, V]], key: K) -> list[V]:
        """The values of the pairs with this key.

        Parameters
        ----------
        key
            compared by ``==``

        Examples
        --------
        >>> pairs = sc.parallelize([(1, "a"), (2, "b"), (1, "c")])
        >>> pairs.lookup(1)
        ['a', 'c']
        >>> pairs.partitionBy(4).lookup(3)
        []

        As in Spark: where the RDD has a partitioner, only the key's own partition is computed.
        """
        values = self.filter(partial(tasks.has_key, key)).values()
        if self.partitioner is None:
            return values.collect()
        return self.ctx.runJob(values, identity, [self.partitioner(key)])

    def collectAsMap(self: PairOps[tuple[K, V]]) -> dict[K, V]:
        """All pairs as a dict on the driver.

        >>> sc.parallelize([(1, 2), (3, 4)]).collectAsMap()
        {1: 2, 3: 4}

        As in Spark: of several values of a key, the last one stays.
        """
        return dict(self.collect())

    def sampleByKey(
        self: PairOps[tuple[K, V]],
        withReplacement: bool,
        fractions: Mapping[K, float | int],
        seed: int | None = None,
    ) -> RDD[tuple[K, V]]:
        """A random part of the pairs, with a fraction for each key.

        Parameters
        ----------
        withReplacement, seed
            see :meth:`sample`
        fractions
            the fraction of each key that occurs

        Raises
        ------
        AssertionError
            if a fraction is negative
        SparkException
            from the action, if a key has no fraction (KeyError)

        Examples
        --------
        >>> pairs = sc.parallelize(["a", "b"], 2).cartesian(sc.parallelize(range(1000)))
        >>> sample = pairs.sampleByKey(False, {"a": 0.2, "b": 0.1}, 2).countByKey()
        >>> 100 < sample["a"] < 300 and 50 < sample["b"] < 150
        True

        As in Spark: a seed gives the pairs that it gives there, from the same partitions.
        """
        for fraction in fractions.values():
            assert fraction >= 0.0, f"Negative fraction value: {fraction}"
        sampler = RDDStratifiedSampler(withReplacement, fractions, seed)
        return self.mapPartitionsWithIndex(sampler.func, True)

    # Joins

    def join(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, U]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V, U]]]:
        """All pairs of a value here and a value in ``other`` that have the same key.

        Parameters
        ----------
        other
            another RDD of pairs of the same context
        numPartitions
            see the module

        Examples
        --------
        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2), ("a", 3)])
        >>> sorted(left.join(right).collect())
        [('a', (1, 2)), ('a', (1, 3))]

        As in Spark: a shuffle of both sides; for a key, the values of the left side are the outer
        loop.
        """
        return _cogrouped([self, other], partial(tasks.join_partition, False, False), numPartitions)

    def leftOuterJoin(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, U]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V, U | None]]]:
        """As ``join``, and each pair here whose key ``other`` does not have, with None.

        Parameters
        ----------
        other, numPartitions
            see :meth:`join`

        Examples
        --------
        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
        >>> sorted(left.leftOuterJoin(right).collect())
        [('a', (1, 2)), ('b', (4, None))]

        As in Spark: see ``join``.
        """
        return _cogrouped([self, other], partial(tasks.join_partition, True, False), numPartitions)

    def rightOuterJoin(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, U]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V | None, U]]]:
        """As ``join``, and each pair of ``other`` whose key is not here, with None.

        Parameters
        ----------
        other, numPartitions
            see :meth:`join`

        Examples
        --------
        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
        >>> sorted(right.rightOuterJoin(left).collect())
        [('a', (2, 1)), ('b', (None, 4))]

        As in Spark: see ``join``.
        """
        return _cogrouped([self, other], partial(tasks.join_partition, False, True), numPartitions)

    def fullOuterJoin(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, U]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V | None, U | None]]]:
        """As ``join``, and each pair whose key only one side has, with None for the other.

        Parameters
        ----------
        other, numPartitions
            see :meth:`join`

        Examples
        --------
        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2), ("c", 8)])
        >>> sorted(left.fullOuterJoin(right).collect())
        [('a', (1, 2)), ('b', (4, None)), ('c', (None, 8))]

        As in Spark: see ``join``.
        """
        return _cogrouped([self, other], partial(tasks.join_partition, True, True), numPartitions)

    def cogroup(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, U]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[ResultIterable[V], ResultIterable[U]]]]:
        """For each key of either side, its values here and its values in ``other``.

        Parameters
        ----------
        other, numPartitions
            see :meth:`join`

        Examples
        --------
        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
        >>> groups = left.cogroup(right).mapValues(lambda sides: [list(side) for side in sides])
        >>> sorted(groups.collect())
        [('a', [[1], [2]]), ('b', [[4], []])]

        As in Spark: a shuffle of both sides, and what a join is made of.
        """
        return _cogrouped([self, other], partial(tasks.cogroup_partition, 2), numPartitions)

    def groupWith(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, Any]], *others: RDD[tuple[K, Any]]
    ) -> RDD[tuple[K, tuple[ResultIterable[Any], ...]]]:
        """As ``cogroup``, with any number of other RDDs.

        Parameters
        ----------
        other, others
            other RDDs of pairs of the same context

        Examples
        --------
        >>> x, y = sc.parallelize([("a", 5), ("b", 6)]), sc.parallelize([("a", 1)])
        >>> groups = x.groupWith(y, x).mapValues(lambda sides: [list(side) for side in sides])
        >>> sorted(groups.collect())
        [('a', [[5], [1], [5]]), ('b', [[6], [], [6]])]

        As in Spark: see ``cogroup``.
        """
        return cogroup_all([self, other, *others], None)

    def subtractByKey(
        self: PairOps[tuple[K, V]], other: RDD[tuple[K, Any]], numPartitions: int | None = None
    ) -> RDD[tuple[K, V]]:
        """The pairs whose key is not a key of ``other``.

        Parameters
        ----------
        other, numPartitions
            see :meth:`join`

        Examples
        --------
        >>> left, right = sc.parallelize([("a", 1), ("b", 4), ("b", 5)]), sc.parallelize([("a", 3)])
        >>> sorted(left.subtractByKey(right).collect())
        [('b', 4), ('b', 5)]

        As in Spark: a shuffle of both sides.
        """
        return _cogrouped([self, other], tasks.subtract_partition, numPartitions)


def cogroup_all(
    sides: Sequence[PairOps[tuple[K, Any]]], num_partitions: int | None
) -> RDD[tuple[K, tuple[ResultIterable[Any], ...]]]:
    """The values of each key, those of each side together."""
    return _cogrouped(sides, partial(tasks.cogroup_partition, len(sides)), num_partitions)


def _cogrouped(
    sides: Sequence[PairOps[tuple[K, Any]]],
    finish: Callable[[int, Iterable[SideBatch]], Iterable[Any]],
    num_partitions: int | None,
) -> RDD[Any]:
    """The pairs of all sides, those of a key in one partition, as `finish` has them."""
    for side in sides:
        need_rdd(side, "mapValues")
    ctx = sides[0].ctx
    codec, serializer = ctx.serializer, ctx._unbatched_serializer
    in_batches: list[RDD[SideBatch]] = [
        side._then(
            partial(batches_of_side, index, side._is_read_back, codec, serializer),
            True,
            UnitedSides(codec),
        )
        for index, side in enumerate(sides)
    ]
    united = reduce(lambda left, right: left.union(right), in_batches)
    count = united._default_reduce_partitions() if num_partitions is None else num_partitions
    partitioner = Partitioner(count, portable_hash)
    if united.partitioner != partitioner:
        place = partial(place_sides, count, serializer)
        united = united._shuffled(partitioner, place, PlacedSides(serializer))
    return united.mapPartitionsWithIndex(finish, True)
