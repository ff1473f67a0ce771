"""Count, mean, variance, minimum and maximum of numbers, in one pass and in parts.

For `stats` and its kin, and for programs. Must not know: RDDs.
"""

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

__all__ = ["StatCounter"]


def _functions() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Maximum, minimum and square root: numpy's, where it is installed."""
    try:
        import numpy
    except ImportError:
        return max, min, math.sqrt
    return numpy.maximum, numpy.minimum, numpy.sqrt


class StatCounter:
    """Statistics of numbers that come one by one, or in parts that are counted elsewhere.

    As in Spark: Welford's update for a value and Chan's for a part, in the same order of
    operations, so the floats are the same to the last bit. Where numpy is installed, `min`,
    `max`, `stdev` and `sampleStdev` give its scalars, NaN is contagious in `min` and `max`, and
    the values may be arrays, of which each place is counted by itself.

    Parameters
    ----------
    values: the first numbers to count.

    >>> stats = StatCounter([1.0, 2.0, 3.0]).mergeStats(StatCounter([4.0]))
    >>> stats.count(), stats.mean(), stats.sum(), stats.variance()
    (4, 2.5, 10.0, 1.25)
    >>> stats
    (count: 4, mean: 2.5, stdev: 1.118033988749895, max: 4.0, min: 1.0)
    """

    def __init__(self, values: Iterable[float] | None = None) -> None:
        self.maximum, self.minimum, self.sqrt = _functions()
        self.n = 0
        self.mu: Any = 0.0  # the mean
        self.m2: Any = 0.0  # the sum of the squares of the distances from it
        self.maxValue: Any = float("-inf")
        self.minValue: Any = float("inf")
        for value in () if values is None else values:
            self.merge(value)

    def merge(self, value: float) -> "StatCounter":
        """Count one more value, and give back this counter.

        >>> StatCounter([1.0]).merge(3.0).mean()
        2.0
        """
        before = value - self.mu
        self.n += 1
        self.mu += before / self.n
        self.m2 += before * (value - self.mu)
        self.maxValue = self.maximum(self.maxValue, value)
        self.minValue = self.minimum(self.minValue, value)
        return self

    def mergeStats(self, other: "StatCounter") -> "StatCounter":
        """Count what another counter has counted, and give back this one.

        Raises TypeError when the other is no StatCounter.

        >>> StatCounter([1.0]).mergeStats(StatCounter([3.0, 5.0])).sum()
        9.0
        """
        if not isinstance(other, StatCounter):
            raise TypeError(f"Can only merge StatCounter but got {type(other)}")
        if self.n == 0:
            self.n, self.mu, self.m2 = other.n, other.mu, other.m2
            self.maxValue, self.minValue = other.maxValue, other.minValue
        elif other.n != 0:
            n = self.n + other.n
            distance = other.mu - self.mu
            # The mean of the larger part is moved when the other is small: that rounds less.
            if other.n * 10 < self.n:
                self.mu = self.mu + distance * other.n / n
            elif self.n * 10 < other.n:
                self.mu = other.mu - distance * self.n / n
            else:
                self.mu = (self.mu * self.n + other.mu * other.n) / n
            self.maxValue = self.maximum(self.maxValue, other.maxValue)
            self.minValue = self.minimum(self.minValue, other.minValue)
            self.m2 += other.m2 + distance * distance * self.n * other.n / n
            self.n = n
        return self

    def copy(self) -> "StatCounter":
        """A counter with the same numbers that goes its own way.

        >>> stats = StatCounter([1.0])
        >>> stats.copy().merge(3.0).count(), stats.count()
        (2, 1)
        """
        return deepcopy(self)

    def count(self) -> int:
        """How many values were counted.

        >>> StatCounter([1.0, 3.0]).count()
        2
        """
        return int(self.n)

    def mean(self) -> float:
        """The mean; 0.0 without values.

        >>> StatCounter([1.0, 3.0]).mean(), StatCounter().mean()
        (2.0, 0.0)
        """
        return self.mu  # type: ignore[no-any-return]

    def sum(self) -> float:
        """The sum, made from the mean, so a float.

        >>> StatCounter([1, 3]).sum()
        4.0
        """
        return self.n * self.mu  # type: ignore[no-any-return]

    def min(self) -> float:
        """The least value; infinity without values.

        >>> float(StatCounter([1.0, 3.0]).min()), StatCounter().min()
        (1.0, inf)
        """
        return self.minValue  # type: ignore[no-any-return]

    def max(self) -> float:
        """The greatest value; minus infinity without values.

        >>> float(StatCounter([1.0, 3.0]).max()), StatCounter().max()
        (3.0, -inf)
        """
        return self.maxValue  # type: ignore[no-any-return]

    def variance(self) -> float:
        """The variance of the values as a whole population; NaN without values.

        >>> StatCounter([1.0, 3.0]).variance(), StatCounter().variance()
        (1.0, nan)
        """
        return float("nan") if self.n == 0 else self.m2 / self.n

    def sampleVariance(self) -> float:
        """The variance of what the values are a sample of; NaN for fewer than two values.

        >>> StatCounter([1.0, 3.0]).sampleVariance(), StatCounter([1.0]).sampleVariance()
        (2.0, nan)
        """
        return float("nan") if self.n <= 1 else self.m2 / (self.n - 1)

    def stdev(self) -> float:
        """The square root of `variance`.

        >>> float(StatCounter([1.0, 3.0]).stdev())
        1.0
        """
        return self.sqrt(self.variance())  # type: ignore[no-any-return]

    def sampleStdev(self) -> float:
        """The square root of `sampleVariance`.

        >>> float(StatCounter([1.0, 1.0, 4.0]).sampleStdev())
        1.7320508075688772
        """
        return self.sqrt(self.sampleVariance())  # type: ignore[no-any-return]

    def asDict(self, sample: bool = False) -> dict[str, float]:
        """All of it by name.

        As in Spark, which has it the other way round than one expects: with `sample=True`,
        "stdev" and "variance" are those of the population, else those of the sample.

        >>> StatCounter([1.0, 3.0]).asDict()["variance"], StatCounter([1.0, 3.0]).variance()
        (2.0, 1.0)
        """
        return {
            "count": self.count(),
            "mean": self.mean(),
            "sum": self.sum(),
            "min": self.min(),
            "max": self.max(),
            "stdev": self.stdev() if sample else self.sampleStdev(),
            "variance": self.variance() if sample else self.sampleVariance(),
        }

    def __repr__(self) -> str:
        # By `str`, as Spark does: a numpy scalar of 32 bits has more digits when formatted.
        return (
            f"(count: {self.count()}, mean: {self.mean()!s}, stdev: {self.stdev()!s}, "
            f"max: {self.max()!s}, min: {self.min()!s})"
        )
