"""`assert_rdd_equal`: two RDDs, or an RDD and a list, have the same elements.

For tests. Both engines' RDDs are taken alike: it asks for no more than `glom().collect()`. Must not
know: SparkContext, or how elements are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from minispark.testing.matching import Tolerance, unmatched

_LINES = 20
"""Elements that a message shows of each kind."""
_WIDTH = 200
"""Characters that it shows of an element."""


def assert_rdd_equal(
    actual: Any,
    expected: Any,
    check_order: bool = False,
    check_partitions: bool = False,
    rtol: float = 1e-5,
    atol: float = 1e-8,
) -> None:
    """Assert that two RDDs have the same elements, each as many times.

    Elements may be of any type, also unhashable, None or NaN (which is equal to NaN here). Floats,
    at any depth of tuples, lists and dicts, are equal if `abs(actual - expected) <= atol + rtol *
    abs(expected)`. Values of `groupByKey` are compared as lists. Everything is collected.

    Differs from Spark: PySpark has it for DataFrames only, as `assertDataFrameEqual`. It works with
    RDDs of real PySpark too; import it from `minispark.testing` in tests that run on both.

    Parameters
    ----------
    actual
        what is tested: an RDD of either engine, or a list
    expected
        likewise
    check_order
        whether the order matters
    check_partitions
        whether the partitions must be the same, too; a list is then one of partitions, as
        `glom().collect()` gives it. The order within a partition matters with `check_order`
    rtol, atol
        the relative and the absolute tolerance for floats

    Raises
    ------
    AssertionError, which lists what is missing, what is unexpected, how often, and where it is.
    TypeError for anything else than an RDD or a list, ValueError for a negative tolerance.

    >>> from minispark.testing import assert_rdd_equal
    >>> pairs = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2).reduceByKey(lambda x, y: x + y)
    >>> assert_rdd_equal(pairs, [("a", 4), ("b", 2)])
    >>> assert_rdd_equal(sc.parallelize([1, 2, 2], 3), [1, 2, 3])
    Traceback (most recent call last):
        ...
    AssertionError: RDDs are not equal: 1 element is missing, 1 is unexpected (3 found, 3 expected)
    missing:
      3
    unexpected:
      2 (in partition 2)
    """
    __tracebackhide__ = True
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not value >= 0:
            raise ValueError(f"Argument `{name}` should be a number from 0 on, got {value!r}.")
    tolerance = Tolerance(rtol, atol)
    here = _partitions("actual", actual, check_partitions)
    there = _partitions("expected", expected, check_partitions)
    told = list(_differences(here, there, tolerance, check_order, check_partitions))
    if told:
        raise AssertionError("RDDs are not equal: " + "\n".join(told))


class _Partitions:
    """The elements of one side, and which partition each is in; None for a plain list."""

    def __init__(self, parts: list[list[Any]], known: bool) -> None:
        self.parts = parts
        self.known = known
        self.elements = [element for part in parts for element in part]
        self._places = [number for number, part in enumerate(parts) for _ in part]

    def where(self, position: int) -> str:
        return f" (in partition {self._places[position]})" if self.known else ""


def _partitions(name: str, given: Any, partitioned: bool) -> _Partitions:
    if callable(getattr(given, "glom", None)) and callable(getattr(given, "collect", None)):
        return _Partitions(given.glom().collect(), True)
    if not isinstance(given, list):
        hint = ": give its `rdd`" if hasattr(given, "rdd") else ""
        raise TypeError(
            f"Argument `{name}` should be an RDD or a list, got {type(given).__name__}{hint}."
        )
    if not partitioned:
        return _Partitions([given], False)
    wrong = next((part for part in given if not isinstance(part, list)), None)
    if wrong is not None:
        raise TypeError(
            f"Argument `{name}` should be an RDD or, with check_partitions, a list of lists, one a "
            f"partition; it has a {type(wrong).__name__} in it."
        )
    return _Partitions(given, True)


def _differences(
    here: _Partitions,
    there: _Partitions,
    tolerance: Tolerance,
    check_order: bool,
    check_partitions: bool,
) -> Iterator[str]:
    """The lines that say what differs; none if nothing does."""
    surplus, missing = unmatched(here.elements, there.elements, tolerance)
    if surplus or missing:
        yield _summary(len(surplus), len(missing), len(here.elements), len(there.elements))
        yield from _listed("missing", there, missing)
        yield from _listed("unexpected", here, surplus)
    if check_partitions:
        wrong = list(_wrong_partitions(here.parts, there.parts, tolerance, check_order))
        if wrong and not (surplus or missing):
            yield "the elements are the same, their places are not"
        yield from wrong
    elif check_order:
        first = _first_difference(here.elements, there.elements, tolerance)
        if first is not None:
            if not (surplus or missing):
                yield "the elements are the same, their order is not"
            yield f"first difference: {_at(first, here, there)}"


def _wrong_partitions(
    here: list[list[Any]], there: list[list[Any]], tolerance: Tolerance, check_order: bool
) -> Iterator[str]:
    if len(here) != len(there):
        yield f"{len(here)} partitions found, {len(there)} expected"
    for number in range(max(len(here), len(there))):
        found = here[number] if number < len(here) else []
        wanted = there[number] if number < len(there) else []
        if check_order:
            same = _first_difference(found, wanted, tolerance) is None
        else:
            same = unmatched(found, wanted, tolerance) == ([], [])
        if not same:
            yield f"partition {number}: expected {_text(wanted)}"
            yield f"{'found':>{len(f'partition {number}: expected')}} {_text(found)}"


def _first_difference(
    here: Sequence[Any], there: Sequence[Any], tolerance: Tolerance
) -> int | None:
    for position, (found, wanted) in enumerate(zip(here, there, strict=False)):
        if not tolerance.same(found, wanted):
            return position
    shorter = min(len(here), len(there))
    return None if len(here) == len(there) else shorter


def _at(position: int, here: _Partitions, there: _Partitions) -> str:
    def side(elements: _Partitions) -> str:
        if position >= len(elements.elements):
            return "nothing more"
        return _text(elements.elements[position]) + elements.where(position)

    return f"at position {position} {side(there)} was expected, and {side(here)} found"


def _summary(surplus: int, missing: int, found: int, wanted: int) -> str:
    told = []
    if missing:
        told.append(f"{missing} element{'s are' if missing > 1 else ' is'} missing")
    if surplus:
        what = "" if told else f" element{'s' if surplus > 1 else ''}"
        told.append(f"{surplus}{what} {'are' if surplus > 1 else 'is'} unexpected")
    return f"{', '.join(told)} ({found} found, {wanted} expected)"


def _listed(title: str, side: _Partitions, positions: Iterable[int]) -> Iterator[str]:
    """The elements at these positions, those that look alike in one line with their number."""
    counts: dict[str, int] = {}
    for position in positions:
        line = _text(side.elements[position]) + side.where(position)
        counts[line] = counts.get(line, 0) + 1
    if counts:
        yield f"{title}:"
    for line, count in list(counts.items())[:_LINES]:
        yield f"  {line}" + (f", {count} times" if count > 1 else "")
    if len(counts) > _LINES:
        yield f"  ... and {len(counts) - _LINES} others"


def _text(element: Any) -> str:
    text = repr(element)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}... ({len(text)} characters)"
