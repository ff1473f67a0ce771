"""Sorting the records of one partition.

For the sorting operations of the facade. All records are read when the function is called; what
does not fit in the task's memory is sorted and written as a run each time it is full, and the runs
are merged where the result is read.
Must not know: RDDs, partitions, what a key means.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from minispark.engine import taskstate
from minispark.engine.shuffle.runs import SortedRuns

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
    memory = taskstate.memory()
    if memory is None:
        return iter(sorted(records, key=key, reverse=reverse))
    holding = memory.holding()
    held: list[T] = []
    runs: SortedRuns | None = None
    for portion in holding.portions(records):
        held += portion
        if holding.is_full:
            held.sort(key=key, reverse=reverse)
            runs = runs or SortedRuns(memory, key, reverse)
            runs.add(held)
            held.clear()
            holding.clear()
    held.sort(key=key, reverse=reverse)
    return holding.while_read(held if runs is None else runs.merged(held))
