"""Actions on numbers: sums, statistics, histograms.

Part of the class RDD (`minispark.core.rdd`), for programs. A number is anything that adds up and
compares as numbers do (numpy arrays too, where said). An error in a task makes the action raise
SparkException, with that error as its cause; while results are merged it comes as it is.
Must not know: how a job is run.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from math import isinf, isnan
from typing import Any, TypeVar

from minispark.core.rdd.kinds import SupportsDifference
from minispark.core.rdd.pairs import PairOps
from minispark.core.tasks import numbers as tasks
from minispark.statcounter import StatCounter

__all__ = ["NumberOps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class NumberOps(PairOps[T_co]):
    """What can be asked of an RDD of numbers besides."""

    def sum(self: NumberOps[T]) -> T:
        """The sum of the elements.

        >>> sc.parallelize([1.0, 2.0, 3.0]).sum()
        6.0

        As in Spark: from 0 on, in each partition and then on the driver; 0 where there is none.
        """
        total: T = self.mapPartitionsWithIndex(tasks.sum_partition).fold(0, operator.add)
        return total

    def stats(self: NumberOps[SupportsDifference]) -> StatCounter:
        """Count, mean, variance and bounds of the elements, in one pass.

        Raises
        ------
        ValueError
            if there is no partition at all

        Examples
        --------
        >>> counter = sc.parallelize([1, 2, 3, 4], 2).stats()
        >>> counter.count(), counter.mean(), counter.variance()
        (4, 2.5, 1.25)

        As in Spark: a StatCounter; numpy arrays of one shape are counted place by place.
        """
        return self.mapPartitionsWithIndex(tasks.stats_of_partition).reduce(tasks.merge_stats)

    def mean(self: NumberOps[SupportsDifference]) -> float:
        """The mean of the elements, 0.0 where there is none.

        >>> sc.parallelize([1, 2, 3]).mean()
        2.0

        As in Spark: of ``stats``.
        """
        return self.stats().mean()

    def variance(self: NumberOps[SupportsDifference]) -> float:
        """The variance of the elements as a whole population, nan where there is none.

        >>> sc.parallelize([1, 2, 3, 4], 2).variance()
        1.25

        As in Spark: the squared differences from the mean, divided by the count.
        """
        return self.stats().variance()

    def stdev(self: NumberOps[SupportsDifference]) -> float:
        """The standard deviation of the elements as a whole population, nan where there is none.

        >>> float(sc.parallelize([1, 1, 5, 5], 2).stdev())
        2.0

        As in Spark: the square root of ``variance``, a numpy.float64 if numpy is installed.
        """
        return self.stats().stdev()

    def sampleVariance(self: NumberOps[SupportsDifference]) -> float:
        """The variance of a population of which the elements are a sample, nan for fewer than two.

        >>> sc.parallelize([1, 2, 3]).sampleVariance()
        1.0

        As in Spark: the squared differences from the mean, divided by the count less one.
        """
        return self.stats().sampleVariance()

    def sampleStdev(self: NumberOps[SupportsDifference]) -> float:
        """The standard deviation of a population of which the elements are a sample.

        >>> float(sc.parallelize([1, 2, 3]).sampleStdev())
        1.0

        As in Spark: the square root of ``sampleVariance``, a numpy.float64 if numpy is installed.
        """
        return self.stats().sampleStdev()

    def histogram(
        self: NumberOps[T], buckets: int | list[T] | tuple[T, ...]
    ) -> tuple[Sequence[T], list[int]]:
        """How many elements lie between each two bounds.

        Parameters
        ----------
        buckets
            a sorted list or tuple of bounds, at least two and none twice; or how many buckets of
            one width to make, from the least element to the greatest

        Raises
        ------
        ValueError
            if the bounds are not so, or there is less than one bucket to make; or buckets are to
            be made and there is no element, or an infinite one
        TypeError
            if ``buckets`` is of another type, or no buckets can be made of the elements

        Examples
        --------
        >>> sc.parallelize(range(51)).histogram(2)
        ([0, 25, 50], [25, 26])
        >>> sc.parallelize(range(51)).histogram([0, 5, 25, 50])
        ([0, 5, 25, 50], [5, 20, 26])
        >>> sc.parallelize(["ab", "ac", "b", "bd", "ef"]).histogram(("a", "b", "c"))
        (('a', 'b', 'c'), [2, 2])

        As in Spark: a bucket holds its lower bound and not its upper, save the last, which holds
        both. Elements outside, None and nan are not counted. Returns the bounds and the counts;
        where all elements are equal there is one bucket.
        """
        bounds: Sequence[Any]
        step: Any | None
        if isinstance(buckets, int):
            if buckets < 1:
                raise ValueError("number of buckets must be >= 1")
            comparable = self.filter(tasks.is_comparable)
            low, high = comparable.map(tasks.with_itself).reduce(tasks.merge_bounds)
            if low == high or buckets == 1:
                return [low, high], [comparable.count()]
            bounds, step = _even_bounds(low, high, buckets)
        elif isinstance(buckets, (list, tuple)):
            bounds = buckets
            step = _step_of(bounds)
        else:
            raise TypeError("buckets should be a list or tuple or number(int or long)")
        counts = self.mapPartitionsWithIndex(
            partial(tasks.histogram_of_partition, bounds, step)
        ).reduce(tasks.add_counts)
        return bounds, counts


def _even_bounds(low: Any, high: Any, buckets: int) -> tuple[list[Any], Any]:
    """The bounds of `buckets` buckets of one width, and that width."""
    try:
        step = (high - low) / buckets
    except TypeError as exc:
        raise TypeError("Can not generate buckets with non-number in RDD") from exc
    if isinf(step):
        raise ValueError("Can not generate buckets with infinite value")
    step = int(step)  # an int if that is exact, as it is for ints that divide well
    if step * buckets != high - low:
        step = (high - low) * 1.0 / buckets
    return [i * step + low for i in range(buckets)] + [high], step


def _step_of(bounds: Sequence[Any]) -> Any | None:
    """The width of all buckets between these bounds, or None where it is not one and the same."""
    if len(bounds) < 2:
        raise ValueError("buckets should have more than one value")
    if any(bound is None or (isinstance(bound, float) and isnan(bound)) for bound in bounds):
        raise ValueError("can not have None or NaN in buckets")
    if sorted(bounds) != list(bounds):
        raise ValueError("buckets should be sorted")
    if len(set(bounds)) != len(bounds):
        raise ValueError("buckets should not contain duplicated values")
    try:
        steps = [upper - lower for lower, upper in pairwise(bounds)]
    except TypeError:  # such as str: they have an order and no difference
        return None
    if max(steps) - min(steps) < 1e-10:
        return (bounds[-1] - bounds[0]) / (len(bounds) - 1)
    return None
