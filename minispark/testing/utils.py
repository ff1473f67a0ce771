"""`assertDataFrameEqual` and `assertSchemaEqual`, with Spark's rules and Spark's messages.

For tests. As in Spark: ``pyspark.testing.utils``. Must not know: RDDs, and how DataFrames are
computed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from minispark.errors import PySparkAssertionError, PySparkTypeError
from minispark.sql import DataFrame, Row
from minispark.sql.absent import not_there_yet
from minispark.sql.row import make_row
from minispark.sql.types import (
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    StructField,
    StructType,
)

__all__ = ["assertDataFrameEqual", "assertSchemaEqual"]

_RED, _NORMAL = "\033[31m", "\033[0m"

_Aligned = tuple[list[Any], list[Any]]
"""Rows that stand beside each other: one of each side, or one of a side alone."""


def assertSchemaEqual(
    actual: StructType,
    expected: StructType,
    ignoreNullable: bool = True,
    ignoreColumnOrder: bool = False,
    ignoreColumnName: bool = False,
) -> None:
    """Assert that two schemas are the same. As in Spark.

    Parameters
    ----------
    actual, expected
        the schemas
    ignoreNullable
        whether columns, elements and values may be nullable on one side only
    ignoreColumnOrder
        whether columns are compared by name, in any order
    ignoreColumnName
        whether columns are compared by position, whatever they are called

    Raises
    ------
    PySparkAssertionError (DIFFERENT_SCHEMA), with both schemas. PySparkTypeError for what is no
    StructType.

    >>> from minispark.sql.types import LongType, StringType, StructType
    >>> one = StructType().add("id", LongType(), nullable=False)
    >>> assertSchemaEqual(one, StructType().add("id", LongType()))
    >>> assertSchemaEqual(one, StructType().add("id", StringType()))
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkAssertionError: [DIFFERENT_SCHEMA] Schemas do not match.
    ...
    """
    __tracebackhide__ = True
    for name, schema in (("actual", actual), ("expected", expected)):
        if not isinstance(schema, StructType):
            raise PySparkTypeError(
                errorClass="NOT_EXPECTED_TYPE",
                messageParameters={
                    "arg_name": name,
                    "expected_type": "struct type",
                    "arg_type": type(schema).__name__,
                },
            )
    if ignoreColumnOrder:
        actual, expected = _by_name(actual), _by_name(expected)
    if ignoreColumnName:
        actual, expected = _numbered(actual), _numbered(expected)
    if ignoreNullable:
        same = _without_nullable(actual) == _without_nullable(expected)
    else:
        same = actual == expected
    if not same:
        raise _different_schema(actual, expected)


def assertDataFrameEqual(
    actual: DataFrame | list[Row] | None,
    expected: DataFrame | list[Row] | None,
    checkRowOrder: bool = False,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    ignoreNullable: bool = True,
    ignoreColumnOrder: bool = False,
    ignoreColumnName: bool = False,
    ignoreColumnType: bool = False,
    maxErrors: int | None = None,
    showOnlyDiff: bool = False,
    includeDiffRows: bool = False,
) -> bool | None:
    """Assert that two DataFrames, or lists of rows, are the same. Their rows are collected.

    Floats are equal if `abs(actual - expected) <= atol + rtol * abs(expected)`, and NaN is equal to
    any float, as in Spark.

    Differs from Spark: `ignoreColumnType` is refused, and so are DataFrames of pandas.

    Parameters
    ----------
    actual, expected
        the DataFrames, or lists of rows; the schemas are compared where both are DataFrames
    checkRowOrder
        whether the order of rows matters
    rtol, atol
        the relative and the absolute tolerance for floats and Decimals
    ignoreNullable, ignoreColumnOrder, ignoreColumnName
        as in `assertSchemaEqual`; the last two need DataFrames
    ignoreColumnType
        refused
    maxErrors
        after so many rows that differ, no more are compared
    showOnlyDiff
        whether the message leaves out the rows that are the same
    includeDiffRows
        whether `data` of the error has the pairs of rows that differ

    Returns
    -------
    True if both are None, else nothing. As in Spark.

    Raises
    ------
    PySparkAssertionError: DIFFERENT_ROWS, DIFFERENT_SCHEMA, or for what is neither a DataFrame nor
    a list INVALID_TYPE_DF_EQUALITY_ARG.

    >>> from minispark.sql import Row
    >>> assertDataFrameEqual([Row(n=1.0), Row(n=2.0)], [Row(n=2.0), Row(n=1.0000001)])
    >>> assertDataFrameEqual([Row(n=1)], [Row(n=2)])
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkAssertionError: [DIFFERENT_ROWS] Results do not match: \
( 100.00000 % )
    ...
    """
    __tracebackhide__ = True
    if actual is None and expected is None:
        return True
    _check_kinds(actual, expected)
    if ignoreColumnType:
        raise not_there_yet("assertDataFrameEqual(ignoreColumnType=True)")
    rows, schema = _read(actual, ignoreColumnOrder, ignoreColumnName)
    wanted, wanted_schema = _read(expected, ignoreColumnOrder, ignoreColumnName)
    if schema is not None and wanted_schema is not None:
        if ignoreNullable:
            assertSchemaEqual(schema, wanted_schema)
        elif schema != wanted_schema:
            raise _different_schema(schema, wanted_schema)

    if not checkRowOrder:
        rows, wanted = sorted(rows, key=str), sorted(wanted, key=str)

    def same(one: Any, other: Any) -> bool:
        return _same(one, other, rtol, atol)

    if checkRowOrder or len(rows) == len(wanted):
        aligned = _beside(rows, wanted)
    else:
        aligned = _merged(rows, wanted, same)
    _compare(aligned, same, max(len(rows), len(wanted)), maxErrors, showOnlyDiff, includeDiffRows)
    return None


def _compare(
    aligned: Iterator[_Aligned],
    same: Callable[[Any, Any], bool],
    total: int,
    most: int | None,
    only_differences: bool,
    with_rows: bool,
) -> None:
    __tracebackhide__ = True
    left: list[str] = []
    right: list[str] = []
    pairs = []
    for here, there in aligned:
        equal = bool(here and there) and same(here[0], there[0])
        if not (equal and only_differences):
            left += map(str, here)
            right += map(str, there)
        if not equal:
            pairs.append((here[0] if here else None, there[0] if there else None))
            if most is not None and len(pairs) >= most:
                break
    if pairs:
        lines = "\n".join(_side_by_side(left, right, total))
        percent = len(pairs) / total * 100
        raise PySparkAssertionError(
            errorClass="DIFFERENT_ROWS",
            messageParameters={
                "error_msg": f"Results do not match: ( {percent:.5f} % )\n{lines}",
            },
            data=pairs if with_rows else None,
        )


def _beside(rows: Sequence[Any], wanted: Sequence[Any]) -> Iterator[_Aligned]:
    """Rows by their places, None where a side has no more."""
    for one, other in zip_longest(rows, wanted):
        yield [one], [other]


def _merged(
    rows: Sequence[Any], wanted: Sequence[Any], same: Callable[[Any, Any], bool]
) -> Iterator[_Aligned]:
    """Sorted rows of unlike number: one that the other side does not have stands alone."""
    here, there = list(reversed(rows)), list(reversed(wanted))
    while here and there:
        one, other = str(here[-1]), str(there[-1])
        if one == other or same(here[-1], there[-1]):
            yield [here.pop()], [there.pop()]
        elif one < other:
            yield [here.pop()], []
        else:
            yield [], [there.pop()]
    while here:
        yield [here.pop()], []
    while there:
        yield [], [there.pop()]


def _same(one: Any, other: Any, rtol: float, atol: float) -> bool:
    def same(one: Any, other: Any) -> bool:
        return _same(one, other, rtol, atol)

    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Row) and isinstance(other, Row):
        return all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    # Not "<=", which NaN would never meet: to Spark it is equal to any float.
    if isinstance(one, float) and isinstance(other, float):
        return not abs(one - other) > atol + rtol * abs(other)
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return not abs(one - other) > Decimal(atol) + Decimal(rtol) * abs(other)
    return bool(one == other)


def _side_by_side(left: list[str], right: list[str], context: int) -> Iterator[str]:
    """The rows of both sides, those that differ marked and in red."""
    here = "".join(line + "\n" for line in left).splitlines()
    there = "".join(line + "\n" for line in right).splitlines()
    marks = {"insert": "+ ", "delete": "- ", "replace": "! ", "equal": "  "}

    def marked(kind: str, lines: list[str]) -> Iterator[str]:
        for line in lines:
            text = marks[kind] + line
            yield text if kind == "equal" else f"{_RED}{text}{_NORMAL}"

    for group in difflib.SequenceMatcher(None, here, there).get_grouped_opcodes(context):
        kinds = {kind for kind, *_ in group}
        yield "*** actual ***"
        if not kinds.isdisjoint({"replace", "delete"}):
            for kind, start, end, _, _ in group:
                yield from marked(kind, here[start:end])
        yield "\n"
        yield "*** expected ***"
        if not kinds.isdisjoint({"replace", "insert"}):
            for kind, _, _, start, end in group:
                yield from marked(kind, there[start:end])


def _read(given: Any, by_name: bool, numbered: bool) -> tuple[list[Any], StructType | None]:
    """The rows; and of a DataFrame the schema, both with its columns changed as asked."""
    if isinstance(given, list):
        if by_name or numbered:
            # Spark's words: it asks a DataFrame for this, and takes a list for one.
            needed = "select" if by_name else "columns"
            raise AttributeError(f"'list' object has no attribute '{needed}'")
        return given, None
    schema, rows = given.schema, given.collect()
    if by_name:
        order = sorted(range(len(schema)), key=schema.names.__getitem__)
        schema = _by_name(schema)
        rows = [make_row(schema.names, [row[place] for place in order]) for row in rows]
    if numbered:
        schema = _numbered(schema)
        rows = [make_row(schema.names, row) for row in rows]
    return rows, schema


def _by_name(schema: StructType) -> StructType:
    return StructType(sorted(schema, key=lambda field: field.name))


def _numbered(schema: StructType) -> StructType:
    return StructType(
        [
            StructField(str(place), field.dataType, field.nullable)
            for place, field in enumerate(schema)
        ]
    )


def _without_nullable(kind: DataType) -> object:
    """Equal for types that differ in what may be null alone."""
    if isinstance(kind, StructType):
        return [(field.name, _without_nullable(field.dataType)) for field in kind]
    if isinstance(kind, ArrayType):
        return ("array", _without_nullable(kind.elementType))
    if isinstance(kind, MapType):
        return ("map", _without_nullable(kind.keyType), _without_nullable(kind.valueType))
    if isinstance(kind, DecimalType):
        return ("decimal", kind.precision, kind.scale)
    return kind.typeName()


def _check_kinds(actual: Any, expected: Any) -> None:
    given = {"actual": actual, "expected": expected}
    missing = [name for name, value in given.items() if value is None]
    wrong = [name for name, value in given.items() if not isinstance(value, DataFrame | list)]
    for name in missing or wrong:
        kind = None if given[name] is None else type(given[name])
        raise PySparkAssertionError(
            errorClass="INVALID_TYPE_DF_EQUALITY_ARG",
            messageParameters={
                "expected_type": "Union[DataFrame, ps.DataFrame, List[Row]]",
                "arg_name": name,
                "actual_type": kind,  # type: ignore[dict-item]  # the type itself, as in Spark
            },
        )


def _different_schema(actual: StructType, expected: StructType) -> PySparkAssertionError:
    lines = difflib.ndiff(str(actual).splitlines(), str(expected).splitlines())
    return PySparkAssertionError(
        errorClass="DIFFERENT_SCHEMA", messageParameters={"error_msg": "\n".join(lines)}
    )
