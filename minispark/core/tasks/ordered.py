"""Inside a task: the sorting of a partition by key.

For `core.rdd.ordered`. See the package's docstring for the shape of these functions.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

from minispark.engine.shuffle.sort import sort_records

K = TypeVar("K")
V = TypeVar("V")


def itself(key: K) -> K:
    """The key as it is: the default of every `keyfunc`."""
    return key


def pair_key(keyfunc: Callable[[K], Any]) -> Callable[[tuple[K, Any]], Any]:
    """From a pair to `keyfunc` of its key; in C where that is the key itself."""
    return itemgetter(0) if keyfunc is itself else partial(_key_of_pair, keyfunc)


def _key_of_pair(keyfunc: Callable[[K], Any], pair: tuple[K, Any]) -> Any:
    return keyfunc(pair[0])


def sort_partition(
    key: Callable[[tuple[K, V]], Any], descending: bool, _split: int, pairs: Iterable[tuple[K, V]]
) -> Iterator[tuple[K, V]]:
    """The pairs in order of `key`."""
    return sort_records(pairs, key, descending)
