"""Inside a task: what an action does to each partition before its results are merged.

For `core.rdd.actions`. See the package's docstring for the shape of these functions.
"""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import count
from typing import Any, TypeAlias, TypeVar

from minispark.engine.stop_iteration import stop_iteration_error

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")

# A function from an element to what is compared, or None. heapq's own types take one or the other.
SortKey: TypeAlias = Any


def fold_partition_unguarded(
    zero: U, op: Callable[[U, T], U], _split: int, iterator: Iterable[T]
) -> Iterator[U]:
    """The elements folded into `zero`; for treeAggregate, whose functions have no guard."""
    yield reduce(op, iterator, zero)


def key_by_split(groups: int, split: int, iterator: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Each element with the group, one of `groups`, that its partition falls into."""
    group = split % groups
    for x in iterator:
        yield group, x


def count_partition(_split: int, iterator: Iterable[Any]) -> list[int]:
    """How many elements there are; the loop runs in C."""
    numbers = count()  # the second argument of zip: no number is taken after the last element
    deque(zip(iterator, numbers, strict=False), maxlen=0)
    return [next(numbers)]


def count_values(_split: int, iterator: Iterable[K]) -> Iterator[defaultdict[K, int]]:
    """How often each element occurs."""
    yield defaultdict(int, Counter(iter(iterator)))


def largest(num: int, key: SortKey, _split: int, iterator: Iterable[T]) -> Iterator[list[T]]:
    """The `num` largest elements, in descending order."""
    yield heapq.nlargest(num, iterator, key=key)


def smallest(num: int, key: SortKey, _split: int, iterator: Iterable[T]) -> list[list[T]]:
    """The `num` smallest elements, in ascending order."""
    return [heapq.nsmallest(num, iterator, key)]


def merge_largest(num: int, key: SortKey, a: list[T], b: list[T]) -> list[T]:
    """The `num` largest of two lists."""
    return heapq.nlargest(num, a + b, key=key)


def merge_smallest(num: int, key: SortKey, a: list[T], b: list[T]) -> list[T]:
    """The `num` smallest of two lists."""
    return heapq.nsmallest(num, a + b, key)


def take_up_to(num: int, iterator: Iterable[T]) -> Iterator[T]:
    """At most `num` elements; no further one is computed."""
    elements = iter(iterator)
    taken = 0
    while taken < num:
        for x in elements:
            yield x
            break
        else:
            return
        taken += 1


def foreach_element(
    f: Callable[[T], object], _split: int, iterator: Iterable[T]
) -> Iterable[object]:
    """Call `f` on each element; nothing remains."""
    try:
        for x in iterator:
            f(x)
    except StopIteration as exc:
        raise stop_iteration_error(exc) from exc
    return ()


def foreach_partition(
    f: Callable[[Iterator[T]], object], _split: int, iterator: Iterator[T]
) -> Iterable[object]:
    """Call `f` on the partition; if it returns an iterable (a generator), run that to its end."""
    result: Any = f(iterator)
    try:
        return () if result is None else iter(result)
    except TypeError:  # not iterable: then there is nothing more to run
        return ()


def merge_counts(a: defaultdict[K, int], b: defaultdict[K, int]) -> defaultdict[K, int]:
    """Add the counts of `b` to `a`."""
    for value, n in b.items():
        a[value] += n
    return a


def merge_optional(f: Callable[[T, T], T], x: tuple[T, bool], y: tuple[T, bool]) -> tuple[T, bool]:
    """`f` of two values of which either may be missing: `(value, is_missing)`."""
    if x[1]:
        return y
    if y[1]:
        return x
    return f(x[0], y[0]), False


def identity(x: T) -> T:
    """`x` itself."""
    return x
