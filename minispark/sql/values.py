"""What becomes of a program's values on their way through Spark's engine.

For `minispark.sql.rows`. Rows cross into Spark's JVM and back; each value is then one of its
column's type, or null. So an int in a column of floats is lost, a float of 32 bits is rounded, a
tuple in an array column is a list, and a dict is in the order of Java's HashMap. Here values make
the same way in one step. Must not know: what rows are for.
"""

from __future__ import annotations

import decimal
import re
import struct
from collections.abc import Callable
from typing import Any

from minispark.errors import (
    ArithmeticException,
    IllegalArgumentException,
    PySparkTypeError,
    SparkException,
)
from minispark.io.javamap import hash_order, java_hash, unpickled_order
from minispark.io.writables import java_double
from minispark.sql.row import Row, make_row
from minispark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
)

__all__ = ["row_reader"]

Reader = Callable[[Any], Any]

_LONGEST = 1 << 63
_NO_ARRAYS = (str, bytes, bytearray, dict, set, frozenset)
_HALF = re.compile("[\ud800-\udfff]")
_KNOWN_TO_JAVA = {"builtins", "collections", "datetime", "decimal", "array", Row.__module__}
_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}
_NUMBERED = (DateType, DayTimeIntervalType, TimestampNTZType, TimestampType, TimeType)


def row_reader(schema: StructType, binary: Callable[[bytes], Any]) -> Callable[[Any], Any]:
    """A function from a row in its internal form, a tuple, to the values that a program gets back.

    Parameters
    ----------
    schema: the types of the columns.
    binary: what is made of bytes.

    The function raises ArithmeticException for a decimal that its column has no room for,
    IllegalArgumentException (STRUCT_ARRAY_LENGTH_MISMATCH) for a row of another length, and
    SparkException for None in place of a row.

    >>> read = row_reader(StructType().add("a", "float").add("b", "string"), bytes)
    >>> read((0.1, 2.5))
    (0.10000000149011612, '2.5')
    """
    fields = [_reader(field.dataType, binary) for field in schema.fields]
    strict = [
        (place, field.name) for place, field in enumerate(schema.fields) if not field.nullable
    ]

    def read(row: Any) -> tuple[Any, ...]:
        if row is None:
            raise SparkException(
                "A row is None, and has no values for the columns", "java.lang.NullPointerException"
            )
        _need_length(row, len(fields))
        values = tuple(
            None if value is None else field(value)
            for field, value in zip(fields, row, strict=True)
        )
        for place, name in strict:
            if values[place] is None:
                raise IllegalArgumentException(
                    f"The column {name} is not nullable, but a row has no value of its type there: "
                    f"{row[place]!r}"
                )
        return values

    return read


def _need_length(row: Any, length: int) -> None:
    if len(row) != length:
        raise IllegalArgumentException(
            "Input row doesn't have expected number of values required by the schema. "
            f"{length} fields are required while {len(row)} values are provided. SQLSTATE: 2201E",
            errorClass="STRUCT_ARRAY_LENGTH_MISMATCH",
            messageParameters={"expected": str(length), "actual": str(len(row))},
        )


def _reader(kind: DataType, binary: Callable[[bytes], Any]) -> Reader:
    """What is made of values that are not None, in their internal form, for a column of a type."""
    if isinstance(kind, ArrayType):
        return _array_reader(kind, binary)
    if isinstance(kind, MapType):
        return _map_reader(kind, binary)
    if isinstance(kind, StructType):
        return _struct_reader(kind, binary)
    if isinstance(kind, BinaryType):
        return lambda value: _bytes(value, binary)
    if isinstance(kind, DecimalType):
        return lambda value: _decimal(value, kind)
    if isinstance(kind, _NUMBERED):
        from_internal = kind.fromInternal
        return lambda value: from_internal(value) if _is_number(value) else None
    if type(kind) in _BITS:
        return _int_reader(_BITS[type(kind)])
    if type(kind) in _SIMPLE:
        return _SIMPLE[type(kind)]
    raise IllegalArgumentException(f"There are no values of the type {kind.simpleString()}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_LONGEST <= value < _LONGEST


def _int_reader(bits: int) -> Reader:
    half, whole = 1 << bits - 1, 1 << bits

    def read(value: Any) -> Any:
        # As in Java: of a number that is too long the lowest bits stay.
        return (value + half) % whole - half if _is_number(value) else _no_value(value)

    return read


def _array_reader(kind: ArrayType, binary: Callable[[bytes], Any]) -> Reader:
    element = _reader(kind.elementType, binary)

    def read(values: Any) -> list[Any] | None:
        if type(values) is not list:
            _no_value(values)
        if isinstance(values, _NO_ARRAYS) or not hasattr(values, "__iter__"):
            return None
        return [None if value is None else element(value) for value in values]

    return read


def _map_reader(kind: MapType, binary: Callable[[bytes], Any]) -> Reader:
    key, item = _reader(kind.keyType, binary), _reader(kind.valueType, binary)
    hash_of = _long_hash if isinstance(kind.keyType, LongType) else java_hash

    def read(values: Any) -> dict[Any, Any] | None:
        if type(values) is not dict:
            _no_value(values)
        if not isinstance(values, dict):
            return None
        # Java makes a map of what Python has pickled, and another of what goes back.
        found = {}
        for k in unpickled_order(list(values)):
            v = values[k]
            found[None if k is None else _hashable(key(k))] = None if v is None else item(v)
        capacity = 1 << (len(found) - 1).bit_length() if found else 1
        return {k: found[k] for k in hash_order(list(found), hash_of, capacity)}

    return read


def _hashable(key: Any) -> Any:
    try:
        hash(key)
    except TypeError:
        raise PySparkTypeError(f"a dict cannot have the key {key!r}: it is not hashable") from None
    return key


def _long_hash(key: Any) -> int:
    bits = key & 0xFFFFFFFFFFFFFFFF
    return int((bits ^ bits >> 32) & 0xFFFFFFFF)


def _struct_reader(kind: StructType, binary: Callable[[bytes], Any]) -> Reader:
    fields, names = [_reader(field.dataType, binary) for field in kind.fields], kind.names

    def read(row: Any) -> Any:
        if not isinstance(row, (tuple, list)):
            return None
        _need_length(row, len(fields))
        values = [
            None if value is None else field(value)
            for field, value in zip(fields, row, strict=True)
        ]
        return make_row(names, values)

    return read


def _bytes(value: Any, binary: Callable[[bytes], Any]) -> Any:
    if isinstance(value, str):
        return binary(value.encode("utf-8", "replace"))
    return binary(bytes(value)) if isinstance(value, (bytes, bytearray)) else None


def _decimal(value: Any, kind: DecimalType) -> Any:
    if not isinstance(value, decimal.Decimal):
        return _no_value(value)
    if value.is_nan():
        return None
    if value.is_infinite():
        raise SparkException(
            f"a column of decimals has no place for {value}: use a float, or None",
            "net.razorvine.pickle.PickleException",
        )
    with decimal.localcontext(prec=2000):
        rounded = value.quantize(decimal.Decimal(1).scaleb(-kind.scale), decimal.ROUND_HALF_UP)
    if len(rounded.as_tuple().digits) > kind.precision and abs(rounded) >= 10 ** (
        kind.precision - kind.scale
    ):
        raise ArithmeticException(
            f" The {rounded:f} rounded half up from {value} cannot be represented as "
            f"Decimal({kind.precision}, {kind.scale}). SQLSTATE: 22003",
            errorClass="NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION",
            messageParameters={
                "roundedValue": f"{rounded:f}",
                "originalValue": str(value),
                "precision": str(kind.precision),
                "scale": str(kind.scale),
            },
        )
    return rounded or abs(rounded)  # there is no -0


def _no_value(value: Any) -> Any:
    """None for a value that is of another type, if it is one that Java knows."""
    if type(value).__module__ not in _KNOWN_TO_JAVA:
        raise SparkException(
            f"expected zero arguments for construction of ClassDict (for "
            f"{type(value).__module__}.{type(value).__qualname__}). A column has a value of a "
            f"class of Python, {value!r}: make an int, a float or a str of it",
            "net.razorvine.pickle.PickleException",
        )
    return None


def _double(value: Any) -> Any:
    return value if type(value) is float else _no_value(value)


def _float(value: Any) -> Any:
    if type(value) is not float:
        return _no_value(value)
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _text(value: Any) -> str:
    """What Java makes of a value where a text is wanted."""
    if type(value) is not str:
        _no_value(value)
    if isinstance(value, str):
        # Half a character is none.
        return value if value.isascii() else _HALF.sub("\ufffd", value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, (int, decimal.Decimal)):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join('null' if item is None else _text(item) for item in value)}]"
    raise PySparkTypeError(
        f"{value!r} in a column of strings: make a str of it; Spark would show what its Java "
        "objects are called"
    )


_SIMPLE: dict[type[DataType], Reader] = {
    BooleanType: lambda value: value if isinstance(value, bool) else _no_value(value),
    DoubleType: _double,
    FloatType: _float,
    NullType: lambda value: None,
    StringType: _text,
}
