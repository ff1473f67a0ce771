"""What an operation asks of elements, keys and values: for type checkers.

For the modules of the class RDD. Where an operation needs `S` of the elements, its `self` is an
`RDD[S]` though it stands in one of the classes that RDD is put together from: mypy checks the bound
of a type variable in `self` for the class itself only.

Must not know: any operation.
"""

from typing import Any, Protocol, TypeVar

__all__ = ["S", "SupportsDifference", "SupportsOrdering"]


class SupportsOrdering(Protocol):
    """What can be sorted."""

    def __lt__(self, other: Any, /) -> bool: ...


class SupportsDifference(Protocol):
    """Numbers, and arrays of them: what has a mean and a distance from it."""

    def __sub__(self, other: Any, /) -> Any: ...


S = TypeVar("S", bound=SupportsOrdering)
