"""Inside a task: operations on elements of any kind.

For `core.rdd.elements`. See the package's docstring for the shape of these functions. What is a
generator in PySpark is one here too: who catches an error and reads on finds nothing more.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")


def apply_to_partition(
    f: Callable[[Iterator[T]], Iterable[U]], _split: int, iterator: Iterator[T]
) -> Iterable[U]:
    """`f` of the whole partition: whatever it returns goes on as it is."""
    return f(iterator)


def glom_partition(_split: int, iterator: Iterable[T]) -> Iterator[list[T]]:
    """The partition as one list."""
    yield list(iterator)


def pair_with(constant: U, _split: int, iterator: Iterable[T]) -> Iterator[tuple[T, U]]:
    """`(x, constant)` for each x."""
    return zip(iterator, itertools.repeat(constant))


def number_elements(
    starts: list[int], split: int, iterator: Iterable[T]
) -> Iterator[tuple[T, int]]:
    """Each x with its position, counted from the partition's start."""
    yield from zip(iterator, itertools.count(starts[split]))


def number_in_steps(step: int, split: int, iterator: Iterable[T]) -> Iterator[tuple[T, int]]:
    """Each x with the numbers `split`, `split + step`, `split + 2 * step`, ..."""
    yield from zip(iterator, itertools.count(split, step))


def in_every_group(
    _split: int, groups_by_key: Iterable[tuple[T, tuple[Sized, ...]]]
) -> Iterator[T]:
    """The keys of a cogroup that occur on all its sides."""
    for key, groups in groups_by_key:
        if all(groups):
            yield key
