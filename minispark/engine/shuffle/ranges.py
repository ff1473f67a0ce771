"""Which range of keys a key falls into: the partitioner of a sort.

For sorting operations. Must not know: partitions, records, how bounds are found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

_NUMBERS = {int, float, bool}
_TEXTS = ({str}, {bytes})


class KeyRanges:
    """`ranges(key)` is the range, of one more than there are bounds; a bound belongs to the lower.

    Parameters
    ----------
    bounds
        in ascending order
    keyfunc
        from a key to what is compared with the bounds; None: the key itself
    ascending
        False: the first range is that of the greatest keys

    >>> [KeyRanges([10, 20])(key) for key in (1, 10, 15, 99)]
    [0, 0, 1, 2]

    Two objects are different partitioners, as two sorts are in Spark.
    """

    def __init__(
        self,
        bounds: Sequence[Any],
        keyfunc: Callable[[Any], Any] | None = None,
        ascending: bool = True,
    ) -> None:
        self._bounds = bounds
        self._keyfunc = keyfunc
        self._ascending = ascending

    def __call__(self, key: Any) -> int:
        place = bisect_left(self._bounds, key if self._keyfunc is None else self._keyfunc(key))
        return place if self._ascending else len(self._bounds) - place

    def can_sort(self, keys: list[Any]) -> bool:
        """Whether any order of comparisons of keys and bounds comes to one and the same end.

        It does for texts and for numbers. No key may be NaN.
        """
        if self._keyfunc is not None or any(bound != bound for bound in self._bounds):
            return False
        kinds = {*map(type, keys), *map(type, self._bounds)}
        return kinds in _TEXTS or kinds <= _NUMBERS

    def sorted_columns(
        self, keys: list[Any], values: list[Any]
    ) -> list[tuple[int, list[Any], list[Any]]]:
        """(range, keys, values) for each range that has any, in the order of keys; equal keys stay
        as they come. For keys of which :meth:`can_sort` is true.

        >>> KeyRanges([10]).sorted_columns([30, 2, 20, 1], ["a", "b", "c", "d"])
        [(0, [1, 2], ['d', 'b']), (1, [20, 30], ['c', 'a'])]
        """
        rows = sorted(
            zip(keys, values, strict=True), key=itemgetter(0), reverse=not self._ascending
        )
        keys = list(map(itemgetter(0), rows))
        values = list(map(itemgetter(1), rows))
        if self._ascending:
            cuts = [bisect_right(keys, bound) for bound in self._bounds]
        else:
            upwards = keys[::-1]
            cuts = [len(keys) - bisect_right(upwards, bound) for bound in self._bounds[::-1]]
        return [
            (place, keys[start:end], values[start:end])
            for place, (start, end) in enumerate(pairwise([0, *cuts, len(keys)]))
            if start < end
        ]
