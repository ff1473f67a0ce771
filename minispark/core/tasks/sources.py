"""What a task does to make elements from nothing but its partition's index.

For `SparkContext.range`. Must not know: contexts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def range_slice(whole: range, num_slices: int, split: int, empty: Iterator[Any]) -> range:
    """The part of `whole` that partition `split` of `num_slices` holds.

    >>> [list(range_slice(range(10), 4, i, iter(()))) for i in range(4)]
    [[0, 1], [2, 3, 4], [5, 6], [7, 8, 9]]
    """
    list(empty)  # read to its end, as in Spark: its worker keeps broadcast values
    # A true division and a cut, as Spark has it: for sizes past 2**53 it rounds as Spark does.
    start, end = (int(i * len(whole) / num_slices) for i in (split, split + 1))
    step = whole.step if len(whole) > 1 else 1
    first = whole[0]
    return range(first + start * step, first + end * step, step)
