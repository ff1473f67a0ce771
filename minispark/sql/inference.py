"""Types for values: the schema of rows that come without one.

For `minispark.sql.session`. As in Spark, also in what is looked at: of a list in a row all
of it, and so of a dict, unless the settings ask for Spark's older ways. Must not know: sessions.
"""

from __future__ import annotations

import datetime
import decimal
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from minispark.errors import PySparkTypeError
from minispark.sql.types import (
    ArrayType,
    AtomicType,
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
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
)

__all__ = [
    "Inference",
    "as_of_schema",
    "has_null_type",
    "infer_schema",
    "infer_type",
    "merge_types",
]

_OF_VALUES: dict[type, Callable[[], DataType]] = {
    bool: BooleanType,
    int: LongType,
    float: DoubleType,
    str: StringType,
    bytes: BinaryType,
    bytearray: BinaryType,
    decimal.Decimal: lambda: DecimalType(38, 18),
    datetime.date: DateType,
    datetime.datetime: TimestampType,
    datetime.time: TimeType,
    datetime.timedelta: DayTimeIntervalType,
}
_OF_SIZES = {1: ByteType, 2: ShortType, 4: IntegerType, 8: LongType}


@dataclass(frozen=True)
class Inference:
    """How types are found: what the settings say."""

    dict_as_struct: bool = False
    array_from_first: bool = False
    map_from_first: bool = False
    without_zone: bool = False
    """Whether a datetime without a time zone is a TimestampNTZType."""

    def schema(self, row: Any, names: list[str] | None = None) -> StructType:
        """The schema of a row: a tuple, list, Row, namedtuple, dict or object.

        Parameters
        ----------
        row: the row. The fields of a dict or an object are sorted by their names.
        names: what the fields of a tuple or list are called; with fewer than there are fields, the
            others are added to it: ``_1``, ``_2`` and so on, by their place.

        Raises PySparkTypeError (CANNOT_INFER_SCHEMA_FOR_TYPE, CANNOT_INFER_TYPE_FOR_FIELD).

        >>> Inference().schema((1, "a"), ["id"])
        StructType([StructField('id', LongType(), True), StructField('_2', StringType(), True)])
        """
        fields = []
        for name, value in _items(row, names):
            try:
                fields.append(StructField(name, self.type(value)))
            except TypeError:
                raise PySparkTypeError(
                    errorClass="CANNOT_INFER_TYPE_FOR_FIELD", messageParameters={"field_name": name}
                ) from None
        return StructType(fields)

    def type(self, value: Any) -> DataType:
        """The type of a value.

        Raises a TypeError for one that has none.

        >>> Inference().type([1, None]), Inference().type({"a": 1.5})
        (ArrayType(LongType(), True), MapType(StringType(), DoubleType(), True))
        """
        if value is None:
            return NullType()
        known = _OF_VALUES.get(type(value))
        if known is not None:
            is_local = known is TimestampType and value.tzinfo is None
            return TimestampNTZType() if is_local and self.without_zone else known()
        if isinstance(value, dict):
            return self._of_dict(value)
        if isinstance(value, list):
            return self._of_list(value)
        if isinstance(value, array):
            return ArrayType(_of_array(value.typecode, value.itemsize), False)
        return self._inside().schema(value)

    def _of_dict(self, value: dict[Any, Any]) -> DataType:
        full = [(key, item) for key, item in value.items() if None not in (key, item)]
        if self.dict_as_struct:
            return StructType([StructField(key, self.type(item)) for key, item in full])
        if self.map_from_first:
            first = full[0] if full else (None, None)
            return MapType(self.type(first[0]), self.type(first[1]))
        keys, items = map(self.type, value), map(self.type, value.values())
        nothing: DataType = NullType()
        return MapType(reduce(merge_types, keys, nothing), reduce(merge_types, items, nothing))

    def _of_list(self, value: list[Any]) -> ArrayType:
        inside = self._of_elements()
        if not value:
            return ArrayType(NullType())
        if self.array_from_first:
            return ArrayType(inside.type(value[0]))
        return ArrayType(reduce(merge_types, map(inside.type, value)))

    def _of_elements(self) -> Inference:
        # As in Spark, where what is asked of datetimes is taken for what is asked of dicts.
        return replace(self, map_from_first=self.without_zone, without_zone=False)

    def _inside(self) -> Inference:
        return replace(self, map_from_first=False)


def infer_schema(row: Any, names: list[str] | None = None) -> StructType:
    """The schema of one row, under no settings: see `Inference.schema`.

    >>> infer_schema({"a": 1})
    StructType([StructField('a', LongType(), True)])
    """
    return Inference().schema(row, names)


def infer_type(value: Any) -> DataType:
    """The type of one value, under no settings: see `Inference.type`.

    >>> infer_type(1.5)
    DoubleType()
    """
    return Inference().type(value)


def _items(row: Any, names: list[str] | None) -> Iterable[tuple[str, Any]]:
    if isinstance(row, dict):
        return sorted(row.items())
    if isinstance(row, (tuple, list)):
        fields = getattr(row, "_fields", None)
        if hasattr(row, "__fields__"):
            fields = row.__fields__
        if fields is None:
            fields = [] if names is None else names
            fields += [f"_{place}" for place in range(len(fields) + 1, len(row) + 1)]
        return zip(fields, tuple(row))  # noqa: B905  # as in Spark: there may be more names
    if hasattr(row, "__dict__"):
        return sorted(row.__dict__.items())
    raise PySparkTypeError(
        errorClass="CANNOT_INFER_SCHEMA_FOR_TYPE",
        messageParameters={"data_type": type(row).__name__},
    )


def _of_array(typecode: str, size: int) -> DataType:
    if typecode in "fd":
        return FloatType() if typecode == "f" else DoubleType()
    if typecode == "u":
        return StringType()
    # A number without a sign needs one bit more.
    kind = _OF_SIZES.get(2 * size if typecode.isupper() else size)
    if kind is None or typecode in "qQ":
        raise PySparkTypeError(
            errorClass="UNSUPPORTED_DATA_TYPE",
            messageParameters={"data_type": f"array({typecode})"},
        )
    return kind()


def merge_types(a: DataType, b: DataType) -> DataType:
    """A type for values of both types.

    Raises PySparkTypeError (CANNOT_MERGE_TYPE) where there is none.

    >>> merge_types(NullType(), LongType()), merge_types(LongType(), StringType())
    (LongType(), StringType())
    """
    if isinstance(a, NullType) or isinstance(b, NullType):
        return b if isinstance(a, NullType) else a
    moments = (TimestampType, TimestampNTZType)
    if isinstance(a, moments) and isinstance(b, moments):
        return a if type(a) is type(b) else TimestampType()
    for one, other in ((a, b), (b, a)):
        if isinstance(one, StringType) and isinstance(other, AtomicType):
            return one
    if isinstance(a, StructType) and isinstance(b, StructType):
        return _merged_structs(a, b)
    if isinstance(a, ArrayType) and isinstance(b, ArrayType):
        return ArrayType(merge_types(a.elementType, b.elementType))
    if isinstance(a, MapType) and isinstance(b, MapType):
        return MapType(merge_types(a.keyType, b.keyType), merge_types(a.valueType, b.valueType))
    if type(a) is not type(b):
        raise PySparkTypeError(
            errorClass="CANNOT_MERGE_TYPE",
            messageParameters={"data_type1": type(a).__name__, "data_type2": type(b).__name__},
        )
    return a


def _merged_structs(a: StructType, b: StructType) -> StructType:
    others = {field.name: field.dataType for field in b.fields}
    fields = [
        StructField(field.name, merge_types(field.dataType, others.get(field.name, NullType())))
        for field in a.fields
    ]
    known = {field.name for field in fields}
    fields += [StructField(name, kind) for name, kind in others.items() if name not in known]
    return StructType(fields)


def has_null_type(kind: DataType) -> bool:
    """Whether something in a type is not known.

    >>> has_null_type(ArrayType(NullType())), has_null_type(ArrayType(LongType()))
    (True, False)
    """
    if isinstance(kind, StructType):
        return any(has_null_type(field.dataType) for field in kind.fields)
    if isinstance(kind, ArrayType):
        return has_null_type(kind.elementType)
    if isinstance(kind, MapType):
        return has_null_type(kind.keyType) or has_null_type(kind.valueType)
    return isinstance(kind, NullType)


def as_of_schema(kind: DataType) -> Callable[[Any], Any]:
    """A function that makes tuples of rows, and texts of what a schema says is text.

    >>> as_of_schema(StructType().add("a", "string").add("b", "long"))({"b": 2, "a": True})
    ('true', 2)
    """
    if isinstance(kind, StructType):
        return _row_as_of(kind)
    if isinstance(kind, ArrayType):
        element = as_of_schema(kind.elementType)
        if element is _unchanged:
            return _unchanged
        return lambda values: values if values is None else [element(value) for value in values]
    if isinstance(kind, MapType):
        key, item = as_of_schema(kind.keyType), as_of_schema(kind.valueType)
        if key is _unchanged and item is _unchanged:
            return _unchanged
        return lambda values: (
            values if values is None else {key(k): item(v) for k, v in values.items()}
        )
    if isinstance(kind, NullType):
        return lambda value: None
    return _text if isinstance(kind, StringType) else _unchanged


def _row_as_of(kind: StructType) -> Callable[[Any], Any]:
    names = kind.names
    converters = [as_of_schema(field.dataType) for field in kind.fields]
    changes = any(converter is not _unchanged for converter in converters)

    def convert(row: Any) -> Any:
        if row is None:
            return None
        if isinstance(row, (tuple, list)):
            if not changes:
                return tuple(row)
            parts = zip(row, converters)  # noqa: B905  # as in Spark: a wrong length shows later
        else:
            values = row if isinstance(row, dict) else getattr(row, "__dict__", None)
            if values is None:
                raise PySparkTypeError(
                    errorClass="UNSUPPORTED_DATA_TYPE",
                    messageParameters={"data_type": type(row).__name__},
                )
            parts = zip(map(values.get, names), converters)  # noqa: B905
        return tuple(converter(value) for value, converter in parts)

    return convert


def _text(value: Any) -> Any:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unchanged(value: Any) -> Any:
    return value
