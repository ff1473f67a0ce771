"""Sorting the records of one partition.

For the sorting operations of the facade. All records are read when the function is called. In
memory for now: sorted runs spilled to `spark.local.dir` and merged go behind this signature, since
the caller hands over an iterable, gets an iterator and holds nothing else.
Must not know: RDDs, partitions, what a key means.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

__all__ = ["sort_records"]

T = TypeVar("T")


def sort_records(
    records: Iterable[T], key: Callable[[T], Any], reverse: bool = False
) -> Iterator[T]:
    """The records in ascending order of ``key``, or descending where ``reverse`` is true.

    Records with equal keys keep the order in which they came, either way.
    Raises TypeError where two keys cannot be compared, and whatever ``key`` raises.

    >>> list(sort_records([(1, "b"), (0, "a"), (1, "a")], key=lambda kv: kv[0], reverse=True))
    [(1, 'b'), (1, 'a'), (0, 'a')]
    """
    return iter(sorted(records, key=key, reverse=reverse))
