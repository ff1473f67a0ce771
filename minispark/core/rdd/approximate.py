"""Actions that give an answer which is about right: within a time, or within little memory.

Part of the class RDD (`minispark.core.rdd`), for programs. An error in a task makes the action
raise SparkException, with that error as its cause, if it happens before the time is over.
Must not know: how a job is run, how numbers are estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from itertools import chain
from typing import Any, TypeVar

from minispark.core.rdd.estimates import BoundedFloat, estimated_mean, estimated_sum
from minispark.core.rdd.numbers import NumberOps
from minispark.core.tasks import approximate as tasks
from minispark.engine.task import collect_frames
from minispark.errors import SparkException
from minispark.statcounter import StatCounter

__all__ = ["ApproximateOps"]

T_co = TypeVar("T_co", covariant=True)

LEAST_DEVIATION = 0.000017


class ApproximateOps(NumberOps[T_co]):
    """What can be asked of an RDD if the answer need not be exact."""

    def countApprox(self, timeout: int, confidence: float = 0.95) -> int:
        """About how many elements there are: what is known after ``timeout``.

        Parameters
        ----------
        timeout
            in milliseconds
        confidence
            as for :meth:`sumApprox`

        Raises
        ------
        TypeError
            if ``timeout`` is no int, or ``confidence`` no float

        Examples
        --------
        >>> sc.parallelize(range(1000), 10).countApprox(10_000)
        1000

        As in Spark: the int below the ``sumApprox`` of the partitions' numbers of elements.

        Differs from Spark: see ``sumApprox``.
        """
        counts = self.mapPartitionsWithIndex(tasks.float_count_of_partition)
        return int(counts.sumApprox(timeout, confidence))

    def sumApprox(
        self: ApproximateOps[float | int], timeout: int, confidence: float = 0.95
    ) -> BoundedFloat:
        """About the sum of the elements: what is known of it after ``timeout``.

        Parameters
        ----------
        timeout
            in milliseconds; the answer comes earlier if the whole sum is known by then
        confidence
            how probable it is to be that the true sum lies between the bounds, from 0.0 to 1.0

        Returns
        -------
        BoundedFloat
            the estimate, with ``confidence``, ``low`` and ``high``. When all partitions have ended
            it is the sum; when none has, it is 0.0 with a confidence of 0.0 and infinite bounds.

        Raises
        ------
        TypeError
            if ``timeout`` is no int, or ``confidence`` no float
        SparkException
            if a task fails before ``timeout``, or bounds are to be found for a ``confidence`` that
            is no probability

        Examples
        --------
        >>> total = sc.parallelize(range(1000), 10).sumApprox(10_000)
        >>> float(total), total.confidence, total.low, total.high
        (499500.0, 1.0, 499500.0, 499500.0)

        As in Spark: each partition counts as one value, and what is missing is estimated from those
        that have ended.

        Differs from Spark: the tasks that are left are cancelled once the answer is given; there
        they run on, and nobody sees what they give.
        """
        sums = self.mapPartitionsWithIndex(tasks.float_sum_of_partition)
        return sums._estimate_within(timeout, confidence, estimated_sum)

    def meanApprox(
        self: ApproximateOps[float | int], timeout: int, confidence: float = 0.95
    ) -> BoundedFloat:
        """About the mean of the elements: what is known of it after ``timeout``.

        Parameters
        ----------
        timeout, confidence
            as for :meth:`sumApprox`, and so are the result and the errors

        Examples
        --------
        >>> float(sc.parallelize(range(1000), 10).meanApprox(10_000))
        499.5

        As in Spark: the bounds are those of the mean of a sample, the elements seen.

        Differs from Spark: see ``sumApprox``.
        """
        counted = self.mapPartitionsWithIndex(tasks.float_stats_of_partition)
        return counted._estimate_within(timeout, confidence, estimated_mean)

    def countApproxDistinct(self, relativeSD: float = 0.05) -> int:
        """About how many different elements there are.

        Parameters
        ----------
        relativeSD
            how far off the answer may be, as a standard deviation relative to it: 0.05 is 5 %.
            Each halving of it takes four times the memory.

        Raises
        ------
        ValueError
            if ``relativeSD`` is less than 0.000017
        TypeError
            if it is no float

        Examples
        --------
        >>> sc.parallelize(i % 10 for i in range(1000)).countApproxDistinct()
        10
        >>> sc.parallelize(range(1000)).countApproxDistinct()
        1006

        As in Spark: HyperLogLog++ over the same hashes, so the very number that Spark gives.
        """
        if relativeSD < LEAST_DEVIATION:
            raise ValueError("relativeSD should be greater than 0.000017")
        _need_float("relativeSD", relativeSD)
        if not relativeSD > LEAST_DEVIATION:
            raise SparkException(
                "requirement failed: accuracy (1.7E-5) must be greater than 0.000017",
                "java.lang.IllegalArgumentException",
            )
        # Imported where it is used: most programs count nothing so.
        from minispark.core.tasks.hyperloglog import Sketch, precision_of

        precision = precision_of(relativeSD)
        sketches: list[Sketch] = self.mapPartitionsWithIndex(
            partial(tasks.sketch_of_partition, precision)
        ).collect()
        return reduce(Sketch.merge, sketches, Sketch(precision)).estimate()

    def _estimate_within(
        self: ApproximateOps[Any],
        timeout: int,
        confidence: float,
        estimate: Callable[[StatCounter, int, int, float], BoundedFloat],
    ) -> BoundedFloat:
        """The estimate from the StatCounters of those partitions that end in time."""
        if isinstance(timeout, bool) or not isinstance(timeout, int):
            raise TypeError(
                f"timeout is an int of milliseconds, not {type(timeout).__name__}: {timeout!r}"
            )
        _need_float("confidence", confidence)
        total = self.getNumPartitions()
        ended = self.ctx._engine.run_job_for(
            timeout / 1000, self._node, collect_frames, self.ctx._job_properties()
        )
        seen = StatCounter()
        for counter in self._codec.records(chain.from_iterable(ended.values())):
            seen.mergeStats(counter)
        return estimate(seen, len(ended), total, confidence)


def _need_float(parameter: str, value: object) -> None:
    if not isinstance(value, float):
        raise TypeError(f"{parameter} is a float, not {type(value).__name__}: {value!r}")
