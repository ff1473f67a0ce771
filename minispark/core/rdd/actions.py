"""Actions on elements of any kind: what runs a job and brings an answer to the driver.

Part of the class RDD (`minispark.core.rdd`), for programs. Most reduce each partition inside a task
(`core.tasks.actions`) and merge what the tasks return here, in the order of the partitions. An
error that a user function raises in a task makes the action raise SparkException, with that error
as its cause; one it raises while results are merged comes as it is.
Must not know: how a job is run.
"""

from __future__ import annotations

import random
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial, reduce
from itertools import chain
from math import ceil, log, sqrt
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from minispark.core.rdd.elements import ElementOps
from minispark.core.rdd.kinds import S
from minispark.core.rdd.local import partition_results
from minispark.core.tasks import actions as tasks
from minispark.core.tasks.elements import pair_with
from minispark.engine.folding import Fold, Reduce
from minispark.engine.task import collect_frames
from minispark.util import fail_on_stopiteration

if TYPE_CHECKING:
    from minispark.core.rdd import RDD

__all__ = ["ActionOps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
K = TypeVar("K")


class ActionOps(ElementOps[T_co]):
    """What can be asked of any RDD, whatever its elements are."""

    # All elements into one value

    def reduce(self: ActionOps[T], f: Callable[[T, T], T]) -> T:
        """Reduce the elements to one with ``f``.

        Parameters
        ----------
        f
            a function of two elements: associative, and commutative too if the order of the
            elements is not to matter

        Raises
        ------
        ValueError
            if there is no element

        Examples
        --------
        >>> sc.parallelize([1, 2, 3, 4, 5]).reduce(lambda x, y: x + y)
        15

        As in Spark: each partition from left to right, then the partitions' results from left to
        right on the driver; empty partitions have none.
        """
        results: list[T] = self.mapPartitionsWithIndex(Reduce(f)).collect()
        if results:
            return reduce(fail_on_stopiteration(f), results)
        raise ValueError("Can not reduce() empty RDD")

    def fold(self: ActionOps[T], zeroValue: T, op: Callable[[T, T], T]) -> T:
        """Reduce the elements to one with ``op``, starting from ``zeroValue``.

        Parameters
        ----------
        zeroValue
            neutral for ``op``
        op
            a function of two elements, associative and commutative; it may change and return its
            first argument

        Examples
        --------
        >>> sc.parallelize([1, 2, 3, 4, 5]).fold(0, lambda x, y: x + y)
        15
        >>> sc.parallelize([], 3).fold(1, lambda x, y: x + y)
        4

        As in Spark: ``zeroValue`` is used once in each partition, empty ones too, and once more on
        the driver, so one that is not neutral counts that often.
        """
        return self.aggregate(zeroValue, op, op)

    def aggregate(
        self: ActionOps[T], zeroValue: U, seqOp: Callable[[U, T], U], combOp: Callable[[U, U], U]
    ) -> U:
        """Aggregate the elements into a value that can be of another type.

        Parameters
        ----------
        zeroValue
            neutral for both functions
        seqOp
            from an aggregate and an element to an aggregate; it may change and return the first
        combOp
            from two aggregates to one; it may change and return the first

        Examples
        --------
        >>> add = lambda acc, x: (acc[0] + x, acc[1] + 1)
        >>> merge = lambda a, b: (a[0] + b[0], a[1] + b[1])
        >>> sc.parallelize([1, 2, 3, 4]).aggregate((0, 0), add, merge)
        (10, 4)

        As in Spark: see ``fold`` for where ``zeroValue`` is used. On the driver it is the very
        object that was passed in, so a ``combOp`` that changes its first argument changes that.
        """
        results = self.mapPartitionsWithIndex(Fold(zeroValue, seqOp)).collect()
        return reduce(fail_on_stopiteration(combOp), results, zeroValue)

    def treeReduce(self: ActionOps[T], f: Callable[[T, T], T], depth: int = 2) -> T:
        """Reduce the elements to one with ``f``, merging in tasks before merging on the driver.

        Parameters
        ----------
        f
            as for :meth:`reduce`
        depth
            how many levels of merging to aim at, at least 1

        Raises
        ------
        ValueError
            if ``depth`` is smaller, or there is no element

        Examples
        --------
        >>> sc.parallelize([-5, -4, -3, -2, -1, 1, 2, 3, 4], 10).treeReduce(max)
        4

        As in Spark: for many partitions with large results, which ``reduce`` would all hold on the
        driver. See ``treeAggregate``.
        """
        if depth < 1:
            raise ValueError(f"Depth cannot be smaller than 1 but got {int(depth)}.")
        merge: Callable[[tuple[T, bool], tuple[T, bool]], tuple[T, bool]]
        merge = partial(tasks.merge_optional, f)
        nothing: Any = (None, True)
        present = self.mapPartitionsWithIndex(partial(pair_with, False))
        result: T
        result, is_missing = present.treeAggregate(nothing, merge, merge, depth)
        if is_missing:
            raise ValueError("Cannot reduce empty RDD.")
        return result

    def treeAggregate(
        self: ActionOps[T],
        zeroValue: U,
        seqOp: Callable[[U, T], U],
        combOp: Callable[[U, U], U],
        depth: int = 2,
    ) -> U:
        """Aggregate the elements, merging in tasks before merging on the driver.

        Parameters
        ----------
        zeroValue, seqOp, combOp
            as for :meth:`aggregate`
        depth
            how many levels of merging to aim at, at least 1

        Raises
        ------
        ValueError
            if ``depth`` is smaller

        Examples
        --------
        >>> add = lambda x, y: x + y
        >>> sc.parallelize([-5, -4, -3, -2, -1, 1, 2, 3, 4], 10).treeAggregate(0, add, add)
        -5

        As in Spark: ``zeroValue`` is used once in each partition and not on the driver. While there
        are many aggregates, a shuffle merges those of each p-th partition, p being about the
        depth-th root of the number of partitions.
        """
        if depth < 1:
            raise ValueError(f"Depth cannot be smaller than 1 but got {int(depth)}.")
        partitions: float = self.getNumPartitions()
        if partitions == 0:
            return zeroValue
        aggregates = self.mapPartitionsWithIndex(
            partial(tasks.fold_partition_unguarded, zeroValue, seqOp)
        )
        scale = max(ceil(partitions ** (1.0 / depth)), 2)
        while partitions > scale + partitions / scale:  # as long as a round saves more than it adds
            partitions /= scale
            groups = int(partitions)
            keyed = aggregates.mapPartitionsWithIndex(partial(tasks.key_by_split, groups))
            merged = keyed.reduceByKey(combOp, groups)
            aggregates = merged.values()
        return aggregates.reduce(combOp)

    @overload
    def max(self: RDD[S], key: None = None) -> S: ...  # type: ignore[misc]  # see kinds

    @overload
    def max(self: ActionOps[T], key: Callable[[T], S]) -> T: ...

    def max(self: ActionOps[T], key: Callable[[T], Any] | None = None) -> T:
        """The greatest element.

        Parameters
        ----------
        key
            from an element to what is compared; None: the element itself

        Raises
        ------
        ValueError
            if there is no element

        Examples
        --------
        >>> sc.parallelize([1.0, 5.0, 43.0, 10.0]).max()
        43.0
        >>> sc.parallelize([1.0, 5.0, 43.0, 10.0]).max(key=str)
        5.0

        As in Spark: of equal ones, the first.
        """
        greater: Callable[[T, T], T] = max if key is None else partial(max, key=key)  # type: ignore[assignment]  # T may have no order
        return self.reduce(greater)

    @overload
    def min(self: RDD[S], key: None = None) -> S: ...  # type: ignore[misc]  # see kinds

    @overload
    def min(self: ActionOps[T], key: Callable[[T], S]) -> T: ...

    def min(self: ActionOps[T], key: Callable[[T], Any] | None = None) -> T:
        """The least element.

        Parameters
        ----------
        key
            from an element to what is compared; None: the element itself

        Raises
        ------
        ValueError
            if there is no element

        Examples
        --------
        >>> sc.parallelize([2.0, 5.0, 43.0, 10.0]).min()
        2.0
        >>> sc.parallelize([2.0, 5.0, 43.0, 10.0]).min(key=str)
        10.0

        As in Spark: of equal ones, the first.
        """
        lesser: Callable[[T, T], T] = min if key is None else partial(min, key=key)  # type: ignore[assignment]  # T may have no order
        return self.reduce(lesser)

    # Counts

    def count(self) -> int:
        """The number of elements.

        >>> sc.parallelize([2, 3, 4]).count()
        3

        As in Spark: every element is computed to be counted.
        """
        return sum(self.mapPartitionsWithIndex(tasks.count_partition).collect())

    def countByValue(self: ActionOps[K]) -> dict[K, int]:
        """How often each element occurs.

        Raises
        ------
        ValueError
            if there is no partition at all

        Examples
        --------
        >>> sorted(sc.parallelize([1, 2, 1, 2, 2], 2).countByValue().items())
        [(1, 2), (2, 3)]

        As in Spark: a defaultdict on the driver, so a missing element counts 0.
        """
        return self.mapPartitionsWithIndex(tasks.count_values).reduce(tasks.merge_counts)

    # Some of the elements

    @overload
    def top(self: RDD[S], num: int, key: None = None) -> list[S]: ...  # type: ignore[misc]  # see kinds

    @overload
    def top(self: ActionOps[T], num: int, key: Callable[[T], S]) -> list[T]: ...

    def top(self: ActionOps[T], num: int, key: Callable[[T], Any] | None = None) -> list[T]:
        """The ``num`` greatest elements, from the greatest down.

        Parameters
        ----------
        num
            how many
        key
            from an element to what is compared; None: the element itself

        Raises
        ------
        ValueError
            if there is no partition at all

        Examples
        --------
        >>> sc.parallelize([10, 4, 2, 12, 3]).top(2)
        [12, 10]
        >>> sc.parallelize([10, 4, 2, 12, 3]).top(3, key=str)
        [4, 3, 2]

        As in Spark: no more than ``num`` elements a partition are held; fewer come where there are
        no more.
        """
        return self.mapPartitionsWithIndex(partial(tasks.largest, num, key)).reduce(
            partial(tasks.merge_largest, num, key)
        )

    @overload
    def takeOrdered(self: RDD[S], num: int, key: None = None) -> list[S]: ...  # type: ignore[misc]  # see kinds

    @overload
    def takeOrdered(self: ActionOps[T], num: int, key: Callable[[T], S]) -> list[T]: ...

    def takeOrdered(self: ActionOps[T], num: int, key: Callable[[T], Any] | None = None) -> list[T]:
        """The ``num`` least elements, in ascending order.

        Parameters
        ----------
        num
            how many
        key
            from an element to what is compared; None: the element itself

        Raises
        ------
        ValueError
            if ``num`` is negative

        Examples
        --------
        >>> sc.parallelize([10, 1, 2, 9, 3, 4, 5, 6, 7]).takeOrdered(3)
        [1, 2, 3]
        >>> sc.parallelize([10, 1, 2, 9, 3, 4, 5, 6, 7], 2).takeOrdered(3, key=lambda x: -x)
        [10, 9, 7]

        As in Spark: see ``top``.
        """
        if num < 0:
            raise ValueError("top N cannot be negative.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        return self.mapPartitionsWithIndex(partial(tasks.smallest, num, key)).reduce(
            partial(tasks.merge_smallest, num, key)
        )

    def take(self: ActionOps[T], num: int) -> list[T]:
        """The first ``num`` elements.

        Parameters
        ----------
        num
            how many

        Examples
        --------
        >>> sc.parallelize(range(100), 100).filter(lambda x: x > 90).take(3)
        [91, 92, 93]

        As in Spark: computes the first partition, then, as long as there are too few elements, more
        partitions a round: four times as many as so far if there was nothing in them, else as many
        as should be enough, and half as many again.
        """
        items: list[T] = []
        total = self.getNumPartitions()
        scanned = 0
        while len(items) < num and scanned < total:
            if scanned == 0:
                to_scan = 1
            elif not items:
                to_scan = scanned * 4
            else:
                wanted = int(1.5 * num * scanned / len(items)) - scanned
                to_scan = min(max(wanted, 1), scanned * 4)
            items += self.ctx.runJob(
                cast("RDD[T]", self),
                partial(tasks.take_up_to, num - len(items)),
                range(scanned, min(scanned + to_scan, total)),
            )
            scanned += to_scan
        return items[:num]

    def first(self: ActionOps[T]) -> T:
        """The first element.

        Raises
        ------
        ValueError
            if there is none

        Examples
        --------
        >>> sc.parallelize([2, 3, 4]).first()
        2

        As in Spark: ``take(1)``, so empty partitions at the start are passed over.
        """
        elements = self.take(1)
        if elements:
            return elements[0]
        raise ValueError("RDD is empty")

    def isEmpty(self) -> bool:
        """Whether there is no element.

        >>> sc.parallelize([]).isEmpty()
        True
        >>> sc.parallelize([1]).isEmpty()
        False

        As in Spark: partitions, which may be empty, are computed as by ``take(1)``.
        """
        return self.getNumPartitions() == 0 or not self.take(1)

    def takeSample(
        self: ActionOps[T], withReplacement: bool, num: int, seed: int | None = None
    ) -> list[T]:
        """A random sample of ``num`` elements, in random order.

        Parameters
        ----------
        withReplacement
            whether an element can be taken more than once
        num
            how many
        seed
            of the random numbers; None: a random one

        Raises
        ------
        ValueError
            if ``num`` is negative, or nearly as large as an index can be

        Examples
        --------
        >>> len(sc.parallelize(range(10)).takeSample(True, 20, 1))
        20
        >>> len(sc.parallelize(range(10)).takeSample(False, 15, 1))
        10

        As in Spark: counts, then samples until there are enough; without replacement there are
        never more than there are elements. A seed gives the sample that it gives there.
        """
        largest = sys.maxsize - int(10.0 * sqrt(sys.maxsize))
        if num < 0:
            raise ValueError("Sample size cannot be negative.")
        if num > largest:
            raise ValueError(f"Sample size cannot be greater than {largest:d}.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        total = self.count()
        if total == 0:
            return []
        rand = random.Random(seed)
        if not withReplacement and num >= total:
            samples = self.collect()
        else:
            fraction = _sampling_fraction(num, total, withReplacement)
            samples = self.sample(withReplacement, fraction, seed).collect()
            while len(samples) < num:
                again = rand.randint(0, sys.maxsize)
                samples = self.sample(withReplacement, fraction, again).collect()
        rand.shuffle(samples)
        return samples[:num]

    # All of the elements

    def collectWithJobGroup(
        self: ActionOps[T], groupId: str, description: str, interruptOnCancel: bool = False
    ) -> list[T]:
        """``collect``, as a job of the group ``groupId``.

        Warns with FutureWarning.

        Parameters
        ----------
        groupId, description, interruptOnCancel
            as for ``SparkContext.setJobGroup``; they stay set

        Examples
        --------
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     sc.parallelize([1, 2]).collectWithJobGroup("numbers", "two of them")
        [1, 2]

        As in Spark: deprecated there since 3.1, in favour of InheritableThread.
        """
        warnings.warn(
            "Deprecated in 3.1, Use pyspark.InheritableThread with the pinned thread mode enabled.",
            FutureWarning,
            stacklevel=2,
        )
        self.ctx.setJobGroup(groupId, description, interruptOnCancel)
        return self.collect()

    def toLocalIterator(self: ActionOps[T], prefetchPartitions: bool = False) -> Iterator[T]:
        """An iterator over all elements that holds no more than a partition of them.

        Parameters
        ----------
        prefetchPartitions
            whether the next partition is computed while the elements of one are consumed; then up
            to two partitions are held

        Examples
        --------
        >>> list(sc.parallelize(range(5), 3).toLocalIterator())
        [0, 1, 2, 3, 4]

        As in Spark: a job a partition, each only when it is reached.
        """
        run_job = partial(
            self.ctx._engine.run_job,
            self._node,
            collect_frames,
            properties=self.ctx._job_properties(),
            carry_out_checkpoints=False,  # as there: the RDD may be read no further
        )
        results = partition_results(run_job, self.getNumPartitions, prefetchPartitions)
        records = self._codec.records(chain.from_iterable(chain.from_iterable(results)))
        return (record for record in records)  # a generator, as in Spark: it can be closed

    # No answer, only effects

    def foreach(self: ActionOps[T], f: Callable[[T], object]) -> None:
        """Call ``f`` on each element, for its effect.

        Parameters
        ----------
        f
            a function of one element; what it gives is dropped

        Examples
        --------
        >>> total = sc.accumulator(0)
        >>> sc.parallelize([1, 2, 3, 4, 5]).foreach(total.add)
        >>> total.value
        15

        As in Spark: ``f`` runs in tasks, on copies: what it changes in the driver's objects is
        lost, save in accumulators.
        """
        self.mapPartitionsWithIndex(partial(tasks.foreach_element, f)).count()

    def foreachPartition(self: ActionOps[T], f: Callable[[Iterator[T]], object]) -> None:
        """Call ``f`` on each partition, for its effect.

        Parameters
        ----------
        f
            a function of the elements of a partition, to be read once; if it is a generator
            function it is run to its end, else what it gives is dropped

        Examples
        --------
        >>> parts = sc.accumulator(0)
        >>> sc.parallelize([1, 2, 3, 4, 5], 3).foreachPartition(lambda part: parts.add(1))
        >>> parts.value
        3

        As in Spark: see ``foreach``. Empty partitions too.
        """
        self.mapPartitionsWithIndex(partial(tasks.foreach_partition, f)).count()


def _sampling_fraction(size: int, total: int, with_replacement: bool) -> float:
    """The chance of an element with which a sample has `size` or more of `total`, nearly always.

    As in Spark: in fewer than one in 10,000 samples there are too few.
    """
    fraction = size / total
    if with_replacement:
        deviations = 9 if size < 12 else 5
        return fraction + deviations * sqrt(fraction / total)
    gamma = -log(5e-05) / total
    return min(1.0, fraction + gamma + sqrt(gamma * gamma + 2 * gamma * fraction))
