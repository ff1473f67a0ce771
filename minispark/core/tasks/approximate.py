"""Inside a task: what approximate answers are made of.

For `core.rdd.approximate`. See the package's docstring for the shape of these functions.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from minispark.engine.shuffle.hashing import portable_hash
from minispark.statcounter import StatCounter

if TYPE_CHECKING:
    from minispark.core.tasks.hyperloglog import Sketch


def float_count_of_partition(_split: int, elements: Iterable[Any]) -> list[float]:
    """How many elements there are."""
    return [float(sum(1 for _ in elements))]


def float_sum_of_partition(_split: int, numbers: Iterable[Any]) -> list[StatCounter]:
    """The sum, as the one value of a counter."""
    return [StatCounter([float(sum(numbers))])]


def float_stats_of_partition(_split: int, numbers: Iterable[Any]) -> list[StatCounter]:
    """Count, mean, variance and bounds of the numbers as floats."""
    return [StatCounter(map(float, numbers))]


def sketch_of_partition(precision: int, _split: int, elements: Iterable[Any]) -> "Iterator[Sketch]":
    """What is to be remembered of the elements, for the number of different ones."""
    # Imported where it is used: most programs count nothing so.
    from minispark.core.tasks.hyperloglog import Sketch

    yield Sketch(precision).add_all(portable_hash(element) & 0xFFFFFFFF for element in elements)
