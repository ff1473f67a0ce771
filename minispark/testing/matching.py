"""Which elements of two collections are equal to one another, within tolerances.

For the assertions of `testing`. The elements may be anything: nested, of mixed types, unhashable,
None or NaN. Must not know: RDDs and DataFrames.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

_Numbered = tuple[int, list[float]]
"""The position of an element, and the numbers in it."""
_EXACT_BELOW = 2**53
"""Integers that a float tells apart."""


@dataclass(frozen=True)
class Tolerance:
    """Floats `a` and `b` are equal if `abs(a - b) <= absolute + relative * abs(b)`.

    So are Decimals; other numbers, and a float and an int, if they are exactly. As in Spark's
    assertDataFrameEqual, but for NaN, which is equal to NaN here.
    """

    relative: float = 1e-5
    absolute: float = 1e-8

    def same(self, actual: Any, expected: Any) -> bool:
        """Whether two elements are equal: numbers within the tolerance, at any depth.

        >>> Tolerance().same(("a", [0.1 + 0.2]), ("a", [0.3]))
        True
        >>> Tolerance().same((1, 2), [1, 2])
        False
        """
        actual, expected = _plain(actual), _plain(expected)
        if isinstance(actual, Decimal) and isinstance(expected, Decimal):
            return self._same_decimal(actual, expected)
        if isinstance(actual, float) and isinstance(expected, float):
            return self._same_float(actual, expected)
        for kind in (tuple, list):
            if isinstance(actual, kind) and isinstance(expected, kind):
                return len(actual) == len(expected) and all(map(self.same, actual, expected))
        if isinstance(actual, dict) and isinstance(expected, dict):
            return actual.keys() == expected.keys() and all(
                self.same(value, expected[key]) for key, value in actual.items()
            )
        return bool(actual == expected)

    def reach(self, number: float) -> float:
        """No number that is further away than this is equal to `number`."""
        if self.relative >= 1:
            return math.inf
        return self.absolute + self.relative * (abs(number) + self.absolute) / (1 - self.relative)

    def _same_float(self, actual: float, expected: float) -> bool:
        if actual == expected:
            return True
        if math.isnan(actual) or math.isnan(expected):
            return math.isnan(actual) and math.isnan(expected)
        if math.isinf(actual) or math.isinf(expected):
            return False
        return abs(actual - expected) <= self.absolute + self.relative * abs(expected)

    def _same_decimal(self, actual: Decimal, expected: Decimal) -> bool:
        if not (actual.is_finite() and expected.is_finite()):
            return actual == expected or (actual.is_nan() and expected.is_nan())
        bound = Decimal(self.absolute) + Decimal(self.relative) * abs(expected)
        return abs(actual - expected) <= bound


def unmatched(
    actual: Sequence[Any], expected: Sequence[Any], tolerance: Tolerance
) -> tuple[list[int], list[int]]:
    """The positions of the elements that have no equal on the other side, each used once.

    Exact equals are paired first, and then what is equal within the tolerance, in the order of
    their numbers.

    >>> unmatched(["a", 1.0, None], [1.0000001, None, None], Tolerance())
    ([0], [2])
    """
    here, there = _without_equals(actual, expected)
    if not here or not there:
        return here, there
    # What is left is compared with tolerance, among elements that differ in numbers alone.
    groups = _groups(expected, there)
    paired: set[int] = set()
    used: set[int] = set()
    for shape, found in _groups(actual, here).items():
        wanted = groups.get(shape, [])
        column = _most_telling(wanted)
        found.sort(key=column)
        wanted.sort(key=column)
        start = 0
        for position, numbers in found:
            number = column((position, numbers))
            reach = tolerance.reach(number)
            while start < len(wanted) and (
                wanted[start][0] in used or column(wanted[start]) < number - reach
            ):
                start += 1
            for other in islice(wanted, start, None):
                if column(other) > number + reach:
                    break
                if other[0] not in used and tolerance.same(actual[position], expected[other[0]]):
                    used.add(other[0])
                    paired.add(position)
                    break
    return (
        [position for position in here if position not in paired],
        [position for position in there if position not in used],
    )


def _without_equals(actual: Sequence[Any], expected: Sequence[Any]) -> tuple[list[int], list[int]]:
    """The positions that are left when exact equals have been paired, by hashing."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for position in reversed(range(len(expected))):
        places[_key(expected[position])].append(position)
    left, used = [], set()
    for position, element in enumerate(actual):
        same = places.get(_key(element))
        if same:
            used.add(same.pop())
        else:
            left.append(position)
    return left, [position for position in range(len(expected)) if position not in used]


def _groups(elements: Sequence[Any], positions: list[int]) -> dict[Hashable, list[_Numbered]]:
    """Those at these positions by their shape, each with its numbers."""
    groups: dict[Hashable, list[_Numbered]] = defaultdict(list)
    for position in positions:
        shape, numbers = _shape(elements[position])
        groups[shape].append((position, numbers))
    return groups


def _most_telling(group: list[_Numbered]) -> Callable[[_Numbered], float]:
    """What gives that number of an element which differs most among them."""
    columns = list(zip(*(numbers for _, numbers in group), strict=True))
    if not columns:
        return lambda each: 0.0
    best = max(range(len(columns)), key=lambda column: len(set(columns[column])))
    return lambda each: each[1][best]


def _plain(value: Any) -> Any:
    """Values whose own `==` does not answer yes or no, as values whose does."""
    if type(value).__name__ == "ResultIterable":  # of groupByKey, of either engine
        return list(value)
    if type(value).__module__ == "numpy":
        return (
            ("numpy", value.shape, value.tolist()) if getattr(value, "shape", ()) else value.item()
        )
    return value


def _key(value: Any) -> Hashable:
    """The same for what is exactly equal; for what cannot be hashed, something of its own."""
    value = _plain(value)
    if isinstance(value, tuple | list):
        return (list if isinstance(value, list) else tuple, *map(_key, value))
    if isinstance(value, dict):
        return (dict, frozenset((key, _key(each)) for key, each in value.items()))
    if isinstance(value, set | frozenset):
        return (set, frozenset(value))
    if isinstance(value, float | Decimal) and value != value:  # NaN
        return (type(value), "nan")
    return value if _hashes(value) else (object, id(value))


def _shape(value: Any) -> tuple[Hashable, list[float]]:
    """What is left of an element without its numbers, and the numbers, in an order that is its own.

    Elements that are equal within a tolerance have one shape.
    """
    numbers: list[float] = []

    def shape(value: Any) -> Hashable:
        value = _plain(value)
        if isinstance(value, tuple | list):
            return (list if isinstance(value, list) else tuple, *map(shape, value))
        if isinstance(value, dict):
            return (dict, *((key, shape(value[key])) for key in sorted(value, key=repr)))
        if isinstance(value, Decimal) and value.is_finite():
            numbers.append(float(value))
            return Decimal
        if isinstance(value, int | float) and abs(value) <= _EXACT_BELOW:
            numbers.append(value)
            return float
        if isinstance(value, float) and math.isfinite(value):
            numbers.append(value)
            return float
        hashed = isinstance(value, set) or _hashes(value)
        return _key(value) if hashed else (object, type(value))

    return shape(value), numbers


def _hashes(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
