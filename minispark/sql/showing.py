"""Rows as text: the table that `DataFrame.show` prints, as Spark prints it.

Must not know: where rows come from. Widths are counted in halves of a wide character, and texts are
cut, in UTF-16 units, as in Java.
"""

from __future__ import annotations

import datetime
import html
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

from minispark.errors import UnsupportedOperationException
from minispark.io.writables import java_double
from minispark.sql.moments import zone_of
from minispark.sql.row import Row
from minispark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    MapType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    on_one_line,
)

__all__ = ["table_text"]

_LEAST_WIDTH = 3
_MOST_ROWS = 2147483631  # of a Java array, but one
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60"
    "\uffe0-\uffe6]"
)


def table_text(
    schema: StructType,
    take: Callable[[int], Sequence[Row]],
    zone: str,
    rows: int,
    width: int,
    is_vertical: bool,
) -> str:
    """The first rows as a table.

    Parameters
    ----------
    schema: what the columns are.
    take: gives the first so many rows.
    zone: the time zone in which moments are shown.
    rows: how many rows.
    width: how wide a value may be, in characters; 0 or less: as wide as it is.
    is_vertical: whether each value has a line of its own.

    >>> from minispark.sql.types import LongType
    >>> schema = StructType().add("id", LongType())
    >>> print(table_text(schema, lambda count: [Row(id=1)], "UTC", 20, 20, False), end="")
    +---+
    | id|
    +---+
    |  1|
    +---+
    """
    cells, footer = _cells(schema, take, zone, rows, width)
    table = _records(cells) if is_vertical else _table(cells, pads_left=width > 0)
    return "(0 rows)" if is_vertical and len(cells) == 1 else table + footer


def table_html(
    schema: StructType, take: Callable[[int], Sequence[Row]], zone: str, rows: int, width: int
) -> str:
    """The first rows as a table of HTML; the parameters are those of `table_text`.

    >>> from minispark.sql.types import LongType
    >>> schema = StructType().add("id", LongType())
    >>> print(table_html(schema, lambda count: [Row(id=1)], "UTC", 20, 20), end="")
    <table border='1'>
    <tr><th>id</th></tr>
    <tr><td>1</td></tr>
    </table>
    """
    cells, footer = _cells(schema, take, zone, rows, width)
    lines = ["<table border='1'>"]
    for place, row in enumerate(cells):
        tag = "td" if place else "th"
        texts = (html.escape(cell).replace("&#x27;", "'") for cell in row)
        lines.append(f"<tr><{tag}>{f'</{tag}><{tag}>'.join(texts)}</{tag}></tr>")
    return "\n".join([*lines, "</table>\n"]) + (footer and f"{footer}\n")


def _cells(
    schema: StructType, take: Callable[[int], Sequence[Row]], zone: str, rows: int, width: int
) -> tuple[list[list[str]], str]:
    """The names of the columns and the texts of the first rows, and what is said of the others."""
    wanted = min(max(rows, 0), _MOST_ROWS - 1)
    found = take(wanted + 1)
    texts = [_text_of(field.dataType, zone) for field in schema.fields]
    cells = [[on_one_line(name) for name in schema.names]]
    for row in found[:wanted]:
        values = zip(texts, tuple(row), strict=True)
        cells.append([_cut(on_one_line(_or_null(text, value)), width) for text, value in values])
    if len(found) <= wanted:
        return cells, ""
    return cells, f"only showing top {wanted} row{'' if wanted == 1 else 's'}"


def _table(cells: list[list[str]], pads_left: bool) -> str:
    widths = [max([_LEAST_WIDTH, *map(_width, column)]) for column in zip(*cells, strict=True)]
    rule = f"+{'+'.join('-' * width for width in widths)}+\n"
    lines = [
        f"|{'|'.join(_padded(cell, w, pads_left) for cell, w in zip(row, widths, strict=True))}|\n"
        for row in cells
    ]
    return rule + lines[0] + rule + "".join(lines[1:]) + rule


def _records(cells: list[list[str]]) -> str:
    names, rows = cells[0], cells[1:]
    if not names:
        # As in Spark, which looks for the longest of no names.
        raise UnsupportedOperationException("empty.max")
    left = max([_LEAST_WIDTH, *map(_width, names)])
    right = max([_LEAST_WIDTH, *(_width(cell) for row in rows for cell in row)])
    lines = []
    for number, row in enumerate(rows):
        lines.append(f"-RECORD {number}".ljust(left + right + 5, "-") + "\n")
        for name, cell in zip(names, row, strict=True):
            lines.append(f" {_padded(name, left, False)} | {_padded(cell, right, False)} \n")
    return "".join(lines)


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _width(text: str) -> int:
    return _units(text) + len(_WIDE.findall(text))


def _padded(cell: str, width: int, on_the_left: bool) -> str:
    spaces = " " * (width - _width(cell))
    return spaces + cell if on_the_left else cell + spaces


def _cut(text: str, width: int) -> str:
    if width <= 0 or _units(text) <= width:
        return text
    kept, dots = (width, "") if width < 4 else (width - 3, "...")
    # Half a character is a question mark, as what Java hands to Python.
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * kept]
    return units.decode("utf-16-le", "replace").replace("\ufffd", "?") + dots


def _or_null(text: Callable[[Any], str], value: Any) -> str:
    return "NULL" if value is None else text(value)


def _text_of(kind: DataType, zone: str) -> Callable[[Any], str]:
    """How values of a type are written."""
    if isinstance(kind, ArrayType):
        element = _text_of(kind.elementType, zone)
        return lambda values: f"[{', '.join(_or_null(element, value) for value in values)}]"
    if isinstance(kind, MapType):
        key, item = _text_of(kind.keyType, zone), _text_of(kind.valueType, zone)
        return lambda values: (
            f"{{{', '.join(f'{key(k)} -> {_or_null(item, v)}' for k, v in values.items())}}}"
        )
    if isinstance(kind, StructType):
        fields = [_text_of(field.dataType, zone) for field in kind.fields]
        return lambda row: (
            f"{{{', '.join(_or_null(f, v) for f, v in zip(fields, tuple(row), strict=True))}}}"
        )
    if isinstance(kind, TimestampType):
        shown_in = zone_of(zone)
        return lambda value: _moment(value.astimezone(shown_in))
    if isinstance(kind, DayTimeIntervalType):
        return lambda value: _interval(value, kind)
    return _PLAIN.get(type(kind), str)


def _binary(value: bytes) -> str:
    return f"[{' '.join(f'{byte:02X}' for byte in value)}]"


def _float(value: float) -> str:
    """A float of 32 bits, with the fewest digits that stand for it."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            break
    return java_double(value, text)


def _fraction(micros: int) -> str:
    return f".{micros:06}".rstrip("0") if micros else ""


def _moment(value: datetime.datetime) -> str:
    day = f"{value.year:04}-{value.month:02}-{value.day:02}"
    return f"{day} {_time(value.time())}"


def _time(value: datetime.time) -> str:
    seconds = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    return seconds + _fraction(value.microsecond)


def _interval(value: datetime.timedelta, kind: DayTimeIntervalType) -> str:
    micros = abs(value) // datetime.timedelta(microseconds=1)
    sign = "-" if value < datetime.timedelta(0) else ""
    first, last = kind.startField, kind.endField
    seconds, micros = divmod(micros, 1_000_000)
    parts = []
    for field, size in enumerate((86400, 3600, 60, 1)):
        if first <= field <= last:
            amount, seconds = divmod(seconds, size)
            parts.append(f"{amount}" if field == kind.DAY else f"{amount:02}")
    if last == kind.SECOND:
        parts[-1] += _fraction(micros)
    text = ":".join(parts)
    if first == kind.DAY and last > kind.DAY:
        text = text.replace(":", " ", 1)
    names = kind.simpleString().removeprefix("interval ").upper()
    return f"INTERVAL '{sign}{text}' {names}"


_PLAIN: dict[type[DataType], Callable[[Any], str]] = {
    BinaryType: _binary,
    BooleanType: lambda value: str(value).lower(),
    DecimalType: lambda value: f"{value:f}",
    DoubleType: java_double,
    FloatType: _float,
    TimestampNTZType: _moment,
    TimeType: _time,
}
