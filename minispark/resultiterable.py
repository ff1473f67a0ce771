"""The values of one key, as `groupByKey` and `cogroup` hand them to a program.

Must not know: how they were grouped.
"""

from collections.abc import Iterable, Iterator, Sized
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["ResultIterable"]

T_co = TypeVar("T_co", covariant=True)


class _SizedIterable(Sized, Iterable[T_co], Protocol[T_co]):
    """What can be counted and read again and again."""


class ResultIterable(Generic[T_co], Iterable[T_co]):
    """Values that can be read again and again, and counted, and no more than that.

    As in Spark: it is no list, so a program turns it into one (`mapValues(list)`) to index or
    compare it.

    >>> values = ResultIterable([3, 1, 2])
    >>> len(values), sorted(values), list(values)
    (3, [1, 2, 3], [3, 1, 2])
    """

    def __init__(self, data: _SizedIterable[T_co]) -> None:
        self.data: Any = data
        self.index = 0
        self.maxindex = len(data)

    def __iter__(self) -> Iterator[T_co]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)
