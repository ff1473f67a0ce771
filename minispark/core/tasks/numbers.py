"""Inside a task: sums, statistics and histograms of numbers.

For `core.rdd.numbers`. See the package's docstring for the shape of these functions.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from minispark.statcounter import StatCounter


def sum_partition(_split: int, numbers: Iterable[Any]) -> list[Any]:
    """The sum, from 0 on."""
    return [sum(numbers)]


def stats_of_partition(_split: int, numbers: Iterable[Any]) -> list[StatCounter]:
    """Count, mean, variance and bounds."""
    return [StatCounter(numbers)]


def merge_stats(a: StatCounter, b: StatCounter) -> StatCounter:
    """`b` merged into `a`."""
    return a.mergeStats(b)


def is_comparable(x: Any) -> bool:
    """Whether `x` can be one of the bounds of a histogram. A nan of a subclass of float can."""
    return x is not None and not (type(x) is float and x != x)


def with_itself(x: Any) -> tuple[Any, Any]:
    """`x` as the least and the greatest of the one element seen."""
    return x, x


def merge_bounds(a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[Any, Any]:
    """The least and the greatest of two such pairs."""
    return min(a[0], b[0]), max(a[1], b[1])


def histogram_of_partition(
    buckets: Sequence[Any], step: Any | None, _split: int, iterator: Iterable[Any]
) -> list[list[int]]:
    """How many elements fall into each bucket; `step` is the width of all of them if it is even.

    A bucket holds its lower bound and not its upper one, save the last, which holds both.
    """
    low, high = buckets[0], buckets[-1]
    counts = [0] * len(buckets)
    for x in iterator:
        if x is None or (isinstance(x, float) and x != x) or x > high or x < low:
            continue
        counts[bisect_right(buckets, x) - 1 if step is None else int((x - low) / step)] += 1
    at_the_end = counts.pop()
    counts[-1] += at_the_end
    return [counts]


def add_counts(a: list[int], b: list[int]) -> list[int]:
    """The sums of two lists, place by place."""
    return [i + j for i, j in zip(a, b, strict=True)]
