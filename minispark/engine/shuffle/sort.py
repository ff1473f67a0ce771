"""Sorting the records of one partition.

For the sorting operations of the facade. All records are read when the function is called; what
does not fit in the task's memory is sorted and written as a run each time it is full, and the runs
are merged where the result is read.
Must not know: RDDs, partitions, what a key means.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

from minispark.engine import taskstate
from minispark.engine.shuffle.runs import Columns, SortedRuns, in_blocks

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
    form = _WithKeys(key)
    runs: SortedRuns | None = None
    for portion in holding.portions(records):
        held += portion
        if holding.is_full:
            held.sort(key=key, reverse=reverse)
            runs = runs or SortedRuns(memory, form, reverse)
            runs.add(form.blocks(held, runs.block_bytes))
            held.clear()
            holding.clear()
    held.sort(key=key, reverse=reverse)
    if runs is None:
        return holding.while_read(held)
    last = map(form.to_columns, in_blocks(held, runs.block_bytes))
    merged = chain.from_iterable(records for _, records in runs.merged(last))
    return holding.while_read(merged)


class _WithKeys:
    """Records stand in files without their keys."""

    def __init__(self, key: Callable[[Any], Any]) -> None:
        self._key = key

    def blocks(self, records: list[Any], size: float) -> Iterator[Columns]:
        """Only what is written of them: no keys."""
        return (((), block) for block in in_blocks(records, size))

    def to_block(self, columns: Columns) -> Any:
        return columns[1]

    def to_columns(self, block: Any) -> Columns:
        return list(map(self._key, block)), block
