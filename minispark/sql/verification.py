"""Are values what a schema says? As in Spark: the same checks, in the same words.

For `minispark.sql.session`. Must not know: where values come from.
"""

from __future__ import annotations

import datetime
import decimal
from array import array
from collections.abc import Callable
from typing import Any

from minispark.errors import PySparkTypeError, PySparkValueError
from minispark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
)

__all__ = ["verifier"]

Check = Callable[[Any], object]

_ACCEPTED: dict[type[DataType], tuple[type, ...]] = {
    BooleanType: (bool,),
    ByteType: (int,),
    ShortType: (int,),
    IntegerType: (int,),
    LongType: (int,),
    FloatType: (float,),
    DoubleType: (float,),
    DecimalType: (decimal.Decimal,),
    BinaryType: (bytearray, bytes),
    DateType: (datetime.date, datetime.datetime),
    TimeType: (datetime.time,),
    TimestampType: (datetime.datetime,),
    TimestampNTZType: (datetime.datetime,),
    DayTimeIntervalType: (datetime.timedelta,),
    ArrayType: (list, tuple, array),
    MapType: (dict,),
}
_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


def verifier(kind: DataType, nullable: bool = True, name: str | None = None) -> Check:
    """A function that raises for a value that is not of a type.

    Parameters
    ----------
    kind: the type.
    nullable: whether None is of it.
    name: what the value is called in errors.

    The function raises PySparkTypeError (FIELD_DATA_TYPE_UNACCEPTABLE) or PySparkValueError
    (FIELD_NOT_NULLABLE, FIELD_STRUCT_LENGTH_MISMATCH, VALUE_OUT_OF_BOUNDS), under these conditions
    or, with a name, those that end in ``_WITH_NAME``.

    >>> verifier(IntegerType(), name="field age")("x")
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkTypeError: [FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME] \
field age: IntegerType() can not accept object 'x' in type <class 'str'>.
    """
    check = _check_of(kind, name)

    def verify(value: Any) -> None:
        if value is None or (isinstance(value, decimal.Decimal) and value.is_nan()):
            if not nullable:
                raise PySparkValueError(**_condition("FIELD_NOT_NULLABLE", name))
        else:
            check(value)

    return verify


def _check_of(kind: DataType, name: str | None) -> Check:
    if isinstance(kind, (StringType, CharType, VarcharType)):
        return lambda value: None
    if isinstance(kind, StructType):
        return _struct_check(kind, name)
    accepts = _type_check(kind, name)
    if isinstance(kind, ArrayType):
        return _array_check(kind, name, accepts)
    if isinstance(kind, MapType):
        return _map_check(kind, name, accepts)
    if type(kind) in _BITS:
        return _range_check(_BITS[type(kind)], accepts)
    return accepts


def _type_check(kind: DataType, name: str | None) -> Check:
    accepted = _ACCEPTED.get(type(kind))

    def check(value: Any) -> None:
        if accepted is None:
            # An AssertionError, in these words, is what PySpark raises.
            text = f"unknown datatype: {kind} for object {value!r}"
            raise AssertionError(text if name is None else f"{name}: {text}")
        if type(value) not in accepted:
            raise _unacceptable(kind, name, value)

    return check


def _range_check(bits: int, accepts: Check) -> Check:
    least, most = -(1 << bits - 1), (1 << bits - 1) - 1

    def check(value: Any) -> None:
        accepts(value)
        if not least <= value <= most:
            raise PySparkValueError(
                errorClass="VALUE_OUT_OF_BOUNDS",
                messageParameters={
                    "arg_name": "obj",
                    "lower_bound": str(least),
                    "upper_bound": str(most),
                    "actual": str(value),
                },
            )

    return check


def _array_check(kind: ArrayType, name: str | None, accepts: Check) -> Check:
    element = verifier(kind.elementType, kind.containsNull, f"element in array {name}")

    def check(values: Any) -> None:
        accepts(values)
        for value in values:
            element(value)

    return check


def _map_check(kind: MapType, name: str | None, accepts: Check) -> Check:
    key = verifier(kind.keyType, False, f"key of map {name}")
    item = verifier(kind.valueType, kind.valueContainsNull, f"value of map {name}")

    def check(values: Any) -> None:
        accepts(values)
        for k, v in values.items():
            key(k)
            item(v)

    return check


def _struct_check(kind: StructType, name: str | None) -> Check:
    within = "" if name is None else f" in {name}"
    fields = [
        (field.name, verifier(field.dataType, field.nullable, f"field {field.name}{within}"))
        for field in kind.fields
    ]

    def check(row: Any) -> None:
        if isinstance(row, (tuple, list)) and not isinstance(row, dict):
            if len(row) != len(fields):
                lengths = {"object_length": str(len(row)), "field_length": str(len(fields))}
                raise PySparkValueError(**_condition("FIELD_STRUCT_LENGTH_MISMATCH", name, lengths))
            values = iter(row)
        elif isinstance(row, dict) or hasattr(row, "__dict__"):
            found = row if isinstance(row, dict) else row.__dict__
            values = (found.get(field) for field, _ in fields)
        else:
            raise _unacceptable(kind, name, row)
        for value, (_, verify) in zip(values, fields, strict=True):
            verify(value)

    return check


def _unacceptable(kind: DataType, name: str | None, value: object) -> PySparkTypeError:
    told = {"data_type": str(kind), "obj": repr(value), "obj_type": str(type(value))}
    return PySparkTypeError(**_condition("FIELD_DATA_TYPE_UNACCEPTABLE", name, told))


def _condition(
    condition: str, name: str | None, parameters: dict[str, str] | None = None
) -> dict[str, Any]:
    if name is None:
        return {"errorClass": condition, "messageParameters": parameters or {}}
    told = {"field_name": str(name), **(parameters or {})}
    return {"errorClass": f"{condition}_WITH_NAME", "messageParameters": told}
