"""A sum or a mean of which only some partitions are known: the estimate, and how far it may be off.

For the approximate actions (`core.rdd.approximate`). The formulas are those of Spark's evaluators:
what has not been seen is taken to be like what has; the bounds come from Student's t distribution,
from 101 values on from the normal one.
Must not know: jobs, RDDs.
"""

from __future__ import annotations

from math import cos, inf, isnan, pi, sin, sqrt, tan

from minispark.errors import SparkException
from minispark.statcounter import StatCounter

__all__ = ["BoundedFloat", "estimated_mean", "estimated_sum", "student_quantile"]


class BoundedFloat(float):
    """An estimate, with bounds between which the true value lies.

    Parameters
    ----------
    mean
        the estimate, and what the object is as a float
    confidence
        the probability that the true value lies between the bounds; 1.0 where nothing is left to
        chance, 0.0 where nothing is known
    low, high
        the bounds

    Examples
    --------
    >>> from minispark.rdd import BoundedFloat
    >>> about = BoundedFloat(10.0, 0.95, 8.5, 11.5)
    >>> about + 1, about.confidence, about.low, about.high
    (11.0, 0.95, 8.5, 11.5)
    """

    confidence: float
    low: float
    high: float

    def __new__(cls, mean: float, confidence: float, low: float, high: float) -> BoundedFloat:
        self = float.__new__(cls, mean)
        self.confidence = confidence
        self.low = low
        self.high = high
        return self

    def __getnewargs__(self) -> tuple[float, float, float, float]:  # type: ignore[override]  # float has one
        return float(self), self.confidence, self.low, self.high


NOTHING_KNOWN = (0.0, 0.0, -inf, inf)


def estimated_sum(seen: StatCounter, ended: int, total: int, confidence: float) -> BoundedFloat:
    """The sum of all values, when those of ``ended`` of ``total`` partitions are in ``seen``.

    Raises
    ------
    SparkException
        if bounds are needed and ``confidence`` is not in [0, 1]
    """
    if ended == total:
        return BoundedFloat(seen.sum(), 1.0, seen.sum(), seen.sum())
    if seen.n == 0:
        return BoundedFloat(*NOTHING_KNOWN)
    part = ended / total
    mean, variance = seen.mean(), seen.sampleVariance() / seen.n
    unseen = seen.n * (1 - part) / part
    estimate = mean * unseen
    if isnan(variance) or seen.n == 1:
        return BoundedFloat(seen.sum() + estimate, confidence, -inf, inf)
    # The variance of a product of two estimates: how many values are unseen, and their mean.
    unseen_variance = seen.n * (1 - part) / (part * part)
    deviation = sqrt(
        mean * mean * unseen_variance + unseen * unseen * variance + variance * unseen_variance
    )
    reach = _quantile(confidence, seen.n) * deviation
    known = seen.sum()
    return BoundedFloat(
        known + estimate, confidence, known + (estimate - reach), known + (estimate + reach)
    )


def estimated_mean(seen: StatCounter, ended: int, total: int, confidence: float) -> BoundedFloat:
    """The mean of all values, when those of ``ended`` of ``total`` partitions are in ``seen``.

    Raises
    ------
    SparkException
        if bounds are needed and ``confidence`` is not in [0, 1]
    """
    mean = seen.mean()
    if ended == total:
        return BoundedFloat(mean, 1.0, mean, mean)
    if seen.n == 0:
        return BoundedFloat(*NOTHING_KNOWN)
    if seen.n == 1:
        return BoundedFloat(mean, confidence, -inf, inf)
    reach = _quantile(confidence, seen.n) * sqrt(seen.sampleVariance() / seen.n)
    return BoundedFloat(mean, confidence, mean - reach, mean + reach)


def _quantile(confidence: float, count: int) -> float:
    """How many deviations an estimate from ``count`` values may be off with this confidence."""
    if not 0.0 <= confidence <= 1.0:
        raise SparkException(
            f"{(1 + confidence) / 2} out of [0, 1] range (the confidence has to be in it)",
            "org.apache.commons.math3.exception.OutOfRangeException",
        )
    if confidence == 1.0:
        return inf
    if count > 100:
        from statistics import NormalDist  # where it is used: it is slow to import

        return NormalDist().inv_cdf((1 + confidence) / 2)
    return student_quantile(confidence, count - 1)


def student_quantile(confidence: float, degrees: int) -> float:
    """The t such that a variable of Student's distribution is in [-t, t] with this probability.

    >>> round(student_quantile(0.95, 4), 6)
    2.776445
    """
    # With t = sqrt(degrees) * tan(angle) the probability is a finite sum of powers of cos(angle),
    # which grows with the angle.
    low, high = 0.0, pi / 2
    while low < (middle := (low + high) / 2) < high:
        if _probability_within(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return sqrt(degrees) * tan(high) if confidence else 0.0


def _probability_within(angle: float, degrees: int) -> float:
    """Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4."""
    sine, cosine = sin(angle), cos(angle)
    is_odd = degrees % 2
    term = cosine if is_odd else 1.0
    total = 0.0
    for k in range(2 + is_odd, degrees + 1, 2):
        total += term
        term *= (k - 1) / k * cosine * cosine
    return 2 / pi * (angle + sine * total) if is_odd else sine * total
