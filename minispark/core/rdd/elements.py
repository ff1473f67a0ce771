"""Transformations of elements of any kind: of each, of a partition, of all.

Part of the class RDD (`minispark.core.rdd`), for programs. A transformation runs nothing: it names
a function of `core.tasks` and adds a step to the lineage. An error that a user function raises
inside a task fails the job: the action raises SparkException, with that error as its cause.
Must not know: how a step runs, or where.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from minispark.core.rdd.base import Partitioner
from minispark.core.rdd.failures import need_rdd
from minispark.core.rdd.structure import StructureOps
from minispark.core.tasks import elements as tasks
from minispark.core.tasks.actions import count_partition
from minispark.core.tasks.columns import PlacedKeys
from minispark.core.tasks.placing import place_keys
from minispark.engine import steps
from minispark.engine.shuffle.combine import DistinctKeys
from minispark.engine.shuffle.hashing import portable_hash
from minispark.errors import PySparkRuntimeError
from minispark.rddsampler import RDDRangeSampler, RDDSampler

if TYPE_CHECKING:
    from minispark.core.rdd import RDD
    from minispark.resultiterable import ResultIterable

__all__ = ["ElementOps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
K = TypeVar("K", bound=Hashable)


class ElementOps(StructureOps[T_co]):
    """What any RDD can do, whatever its elements are."""

    # Of each element

    def map(
        self: ElementOps[T], f: Callable[[T], U], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply ``f`` to each element.

        Parameters
        ----------
        f
            a function of one element
        preservesPartitioning
            whether the result keeps this RDD's partitioner: only right if ``f`` leaves the keys
            of pairs as they are

        Examples
        --------
        >>> sc.parallelize(["b", "a", "c"]).map(str.upper).collect()
        ['B', 'A', 'C']

        As in Spark: lazy, and in the order of the elements.
        """
        return self.mapPartitionsWithIndex(steps.Map(f), preservesPartitioning)

    def flatMap(
        self: ElementOps[T], f: Callable[[T], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply ``f``, which gives any number of elements, to each element and take them all.

        Parameters
        ----------
        f
            a function of one element that gives an iterable; it may be a generator
        preservesPartitioning
            see :meth:`map`

        Examples
        --------
        >>> sc.parallelize(["to be", "or not"]).flatMap(str.split).collect()
        ['to', 'be', 'or', 'not']

        As in Spark: one level only, so a str gives its characters.
        """
        return self.mapPartitionsWithIndex(steps.FlatMap(f), preservesPartitioning)

    def filter(self: ElementOps[T], f: Callable[[T], Any]) -> RDD[T]:
        """Keep the elements for which ``f`` gives a true value.

        Parameters
        ----------
        f
            a function of one element

        Examples
        --------
        >>> sc.parallelize([1, 2, 3, 4]).filter(lambda x: x % 2 == 0).collect()
        [2, 4]

        As in Spark: partitions stay as they are, also when nothing is left in them, and so does
        the partitioner.
        """
        return self.mapPartitionsWithIndex(steps.Filter(f), True)

    def keyBy(self: ElementOps[T], f: Callable[[T], K]) -> RDD[tuple[K, T]]:
        """Make a pair of each element, with ``f`` of it as the key.

        Parameters
        ----------
        f
            a function of one element

        Examples
        --------
        >>> sc.parallelize(["one", "three"]).keyBy(len).collect()
        [(3, 'one'), (5, 'three')]

        As in Spark: ``map`` to ``(f(x), x)``.
        """
        return self.mapPartitionsWithIndex(steps.KeyBy(f))

    # Of a partition

    def mapPartitions(
        self: ElementOps[T],
        f: Callable[[Iterator[T]], Iterable[U]],
        preservesPartitioning: bool = False,
    ) -> RDD[U]:
        """Apply ``f`` to each partition as a whole.

        Parameters
        ----------
        f
            a function from the elements of a partition, to be read once, to those of the new one;
            often a generator, which keeps the partition streaming
        preservesPartitioning
            see :meth:`map`

        Examples
        --------
        >>> sc.parallelize([1, 2, 3, 4], 2).mapPartitions(lambda part: [sum(part)]).collect()
        [3, 7]

        As in Spark: ``f`` is called for an empty partition too.
        """
        return self.mapPartitionsWithIndex(
            partial(tasks.apply_to_partition, f), preservesPartitioning
        )

    def mapPartitionsWithSplit(
        self: ElementOps[T],
        f: Callable[[int, Iterator[T]], Iterable[U]],
        preservesPartitioning: bool = False,
    ) -> RDD[U]:
        """The old name of ``mapPartitionsWithIndex``.

        Warns with FutureWarning.

        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     numbered = sc.parallelize("ab", 2).mapPartitionsWithSplit(lambda i, part: [i])
        >>> numbered.collect()
        [0, 1]

        As in Spark: deprecated there since 0.9.
        """
        warnings.warn(
            "mapPartitionsWithSplit is deprecated; use mapPartitionsWithIndex instead",
            FutureWarning,
            stacklevel=2,
        )
        return self.mapPartitionsWithIndex(f, preservesPartitioning)

    def glom(self: ElementOps[T]) -> RDD[list[T]]:
        """Make one list of each partition.

        >>> sc.parallelize([1, 2, 3, 4], 2).glom().collect()
        [[1, 2], [3, 4]]

        As in Spark: an empty partition gives an empty list, so this shows how data is placed.
        """
        return self.mapPartitionsWithIndex(tasks.glom_partition)

    def pipe(
        self, command: str, env: dict[str, str] | None = None, checkCode: bool = False
    ) -> RDD[str]:
        """Give each partition, a line an element, to a command; its output lines are the result.

        Parameters
        ----------
        command
            a program and its arguments, split as a shell does but run without one, once a
            partition
        env
            the variables of its environment; None: none at all
        checkCode
            whether an exit code other than zero is an error

        Raises
        ------
        SparkException
            from the action, if there is no such program, if its output is not UTF-8, and with
            ``checkCode`` if it exits with another code than zero

        Examples
        --------
        >>> sc.parallelize(["b", "a", "c"], 1).pipe("sort -r").collect()
        ['c', 'b', 'a']

        As in Spark: elements are written by ``str``, without line ends of their own, in UTF-8. A
        command may end before it has read all. Unlike there, an error in computing the elements
        fails the task, where Spark waits for ever; and a command ends with its task, with all that
        it has started: by SIGTERM, soon followed by SIGKILL.
        """
        # Imported where it is used: subprocess and selectors are slow to import.
        from minispark.core.tasks.pipes import pipe_partition

        return self.mapPartitionsWithIndex(
            partial(pipe_partition, command, {} if env is None else env, checkCode)
        )

    # Numbers for elements

    def zipWithIndex(self: ElementOps[T]) -> RDD[tuple[T, int]]:
        """Pair each element with its position in the RDD, from 0.

        >>> sc.parallelize(["a", "b", "c"], 2).zipWithIndex().collect()
        [('a', 0), ('b', 1), ('c', 2)]

        As in Spark: with more than one partition, runs a job at once to count their elements.
        """
        starts = [0]
        if self.getNumPartitions() > 1:
            counts = self.mapPartitionsWithIndex(count_partition).collect()
            starts = list(accumulate(counts[:-1], initial=0))
        return self.mapPartitionsWithIndex(partial(tasks.number_elements, starts))

    def zipWithUniqueId(self: ElementOps[T]) -> RDD[tuple[T, int]]:
        """Pair each element with a number that no other element has.

        >>> sc.parallelize(["a", "b", "c"], 2).zipWithUniqueId().collect()
        [('a', 0), ('b', 1), ('c', 3)]

        As in Spark: of n partitions, the one with index k numbers its elements k, n + k,
        2 * n + k, ... so there may be gaps, and no job is needed.
        """
        return self.mapPartitionsWithIndex(partial(tasks.number_in_steps, self.getNumPartitions()))

    # Samples

    def sample(
        self: ElementOps[T], withReplacement: bool, fraction: float, seed: int | None = None
    ) -> RDD[T]:
        """A random part of the elements, in their order.

        Parameters
        ----------
        withReplacement
            whether an element can be taken more than once
        fraction
            without replacement the chance of each element, in [0, 1]; with it the number of times
            that each is expected to be taken, at least 0
        seed
            of the random numbers; None: a random one

        Raises
        ------
        ValueError
            if ``fraction`` is negative

        Examples
        --------
        >>> sc.parallelize(range(100), 4).sample(False, 0.1, 81).count()
        11

        As in Spark: the size is not exactly ``fraction`` times the count, and a seed gives the
        elements that it gives there, from the same partitions.
        """
        if not fraction >= 0:
            raise ValueError("Fraction must be nonnegative.")
        return self.mapPartitionsWithIndex(RDDSampler(withReplacement, fraction, seed).func, True)

    def randomSplit(
        self: ElementOps[T], weights: Sequence[int | float], seed: int | None = None
    ) -> list[RDD[T]]:
        """Divide the elements at random into one RDD a weight.

        Parameters
        ----------
        weights
            what share of the elements each RDD gets; they need not add up to 1
        seed
            of the random numbers; None: a random one

        Raises
        ------
        ValueError
            if a weight is negative, or their sum is not positive

        Examples
        --------
        >>> small, large = sc.parallelize(range(500), 1).randomSplit([2, 3], 17)
        >>> small.count() + large.count()
        500
        >>> 150 < small.count() < 250
        True

        As in Spark: each element goes to exactly one of them, and a seed gives the split that it
        gives there.
        """
        if not all(weight >= 0 for weight in weights):
            raise ValueError("Weights must be nonnegative")
        total = float(sum(weights))
        if not total > 0:
            raise ValueError("Sum of weights must be positive")
        if seed is None:
            seed = random.randint(0, 2**32 - 1)
        bounds = accumulate((weight / total for weight in weights), initial=0.0)
        return [
            self.mapPartitionsWithIndex(RDDRangeSampler(low, high, seed).func, True)
            for low, high in pairwise(bounds)
        ]

    # Elements as members of sets, and of groups

    def distinct(self: ElementOps[T], numPartitions: int | None = None) -> RDD[T]:
        """Each element once.

        Parameters
        ----------
        numPartitions
            of the result; None: ``spark.default.parallelism`` if it is set, else as many as here

        Examples
        --------
        >>> sorted(sc.parallelize([1, 1, 2, 3]).distinct().collect())
        [1, 2, 3]

        As in Spark: a shuffle by the element; of equal elements the first is kept.
        """
        count = self._default_reduce_partitions() if numPartitions is None else numPartitions
        serializer = self.ctx._unbatched_serializer
        distinct = self.mapPartitionsWithIndex(DistinctKeys(in_parts=True))
        placed = distinct._shuffled(
            Partitioner(count, portable_hash),
            partial(place_keys, count, serializer),
            PlacedKeys(serializer),
        )
        return placed.mapPartitionsWithIndex(DistinctKeys())

    def intersection(self: ElementOps[T], other: RDD[T]) -> RDD[T]:
        """The elements that are in both RDDs, each once.

        Parameters
        ----------
        other
            another RDD of the same context

        Examples
        --------
        >>> left, right = sc.parallelize([1, 10, 2, 3, 3]), sc.parallelize([1, 6, 2, 3, 7])
        >>> sorted(left.intersection(right).collect())
        [1, 2, 3]

        As in Spark: a shuffle of both sides, into as many partitions as they have together.
        """
        need_rdd(other, "map")
        pairs = self.mapPartitionsWithIndex(partial(tasks.pair_with, None))
        others = other.mapPartitionsWithIndex(partial(tasks.pair_with, None))
        return pairs.cogroup(others).mapPartitionsWithIndex(tasks.in_every_group)

    def subtract(self: ElementOps[T], other: RDD[T], numPartitions: int | None = None) -> RDD[T]:
        """The elements that are not in ``other``, as often as they occur here.

        Parameters
        ----------
        other
            another RDD of the same context
        numPartitions
            of the result; None: ``spark.default.parallelism`` if it is set, else as many as both
            have together

        Examples
        --------
        >>> left, right = sc.parallelize(["a", "b", "b", "c"]), sc.parallelize(["a", "c"])
        >>> left.subtract(right).collect()
        ['b', 'b']

        As in Spark: a shuffle of both sides.
        """
        need_rdd(other, "map")
        pairs = self.mapPartitionsWithIndex(partial(tasks.pair_with, True))
        others = other.mapPartitionsWithIndex(partial(tasks.pair_with, True))
        return pairs.subtractByKey(others, numPartitions).keys()

    def groupBy(
        self: ElementOps[T],
        f: Callable[[T], K],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, ResultIterable[T]]]:
        """Group the elements by what ``f`` gives for them.

        Parameters
        ----------
        f
            a function from an element to the key of its group
        numPartitions
            of the result; None: see :meth:`distinct`
        partitionFunc
            a function from a key to the number that decides its partition

        Examples
        --------
        >>> groups = sc.parallelize([1, 1, 2, 3, 5, 8]).groupBy(lambda x: x % 2).collect()
        >>> sorted((key, sorted(members)) for key, members in groups)
        [(0, [2, 8]), (1, [1, 1, 3, 5])]

        As in Spark: ``keyBy(f)``, then ``groupByKey``.
        """
        return self.keyBy(f).groupByKey(numPartitions, partitionFunc)

    # Elsewhere

    def toDF(self, schema: Any = None, sampleRatio: float | None = None) -> NoReturn:
        """A DataFrame of the rows of this RDD, once there is a SparkSession.

        The session puts its own in this place: ``spark.createDataFrame`` of this RDD.

        Parameters
        ----------
        schema, sampleRatio
            as of ``createDataFrame``

        Raises
        ------
        PySparkRuntimeError
            (CALL_BEFORE_INITIALIZE) without a session

        Examples
        --------
        >>> sc.parallelize([(1, "a")]).toDF()  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        ...
        PySparkRuntimeError: [CALL_BEFORE_INITIALIZE] Not supported to call ``RDD.toDF`` ...

        As in Spark: what it does before a SparkSession exists. Differs from Spark: when the session
        stops, it is again so.
        """
        raise PySparkRuntimeError(
            errorClass="CALL_BEFORE_INITIALIZE",
            messageParameters={"func_name": "RDD.toDF", "object": "SparkSession"},
        )
