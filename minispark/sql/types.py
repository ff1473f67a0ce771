"""The types of columns, schemas made of them, and rows.

For programs, and for what makes and shows DataFrames. As in Spark: ``pyspark.sql.types``. Must not
know: how types are found for values (`minispark.sql.inference`), how values are checked against
them (`minispark.sql.verification`), and how they are read from text (`minispark.sql.ddl`).

A value has two forms. A program's is Python's own: a date, a datetime, a Row. The *internal* one
is what Spark's engine keeps: days, microseconds, a tuple. `toInternal` and `fromInternal` change
one into the other.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator
from typing import Any, ClassVar, cast, overload

from minispark.errors import (
    PySparkIndexError,
    PySparkKeyError,
    PySparkNotImplementedError,
    PySparkRuntimeError,
    PySparkTypeError,
    PySparkValueError,
)
from minispark.sql.absent import absent_names
from minispark.sql.row import Row, make_row

__all__ = [
    "ArrayType",
    "BinaryType",
    "BooleanType",
    "ByteType",
    "CalendarIntervalType",
    "CharType",
    "DataType",
    "DateType",
    "DayTimeIntervalType",
    "DecimalType",
    "DoubleType",
    "FloatType",
    "IntegerType",
    "LongType",
    "MapType",
    "NullType",
    "Row",
    "ShortType",
    "StringType",
    "StructField",
    "StructType",
    "TimeType",
    "TimestampNTZType",
    "TimestampType",
    "VarcharType",
    "YearMonthIntervalType",
]

_MICROS = 1_000_000
_NANOS = 1_000_000_000
_EPOCH = datetime.date(1970, 1, 1).toordinal()


class DataType:
    """The base of all types.

    >>> from minispark.sql.types import IntegerType, StringType
    >>> IntegerType(), IntegerType().simpleString(), IntegerType().json()
    (IntegerType(), 'int', '"integer"')
    >>> StringType() == StringType(), StringType() == IntegerType()
    (True, False)
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __hash__(self) -> int:
        return hash(str(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.__dict__ == other.__dict__

    @classmethod
    def typeName(cls) -> str:
        """The name of the type, as JSON and the tree of a schema have it."""
        return cls.__name__[:-4].lower()

    def simpleString(self) -> str:
        """The type as SQL writes it."""
        return self.typeName()

    def jsonValue(self) -> str | dict[str, Any]:
        """The type as the value that `json` writes."""
        return self.typeName()

    def json(self) -> str:
        """The type as JSON."""
        return json.dumps(self.jsonValue(), separators=(",", ":"), sort_keys=True)

    @classmethod
    def fromDDL(cls, ddl: str) -> DataType:
        """The type that a text stands for, such as ``a int, b string`` or ``map<string, int>``.

        Raises ParseException where it stands for none.

        >>> from minispark.sql.types import DataType
        >>> DataType.fromDDL("array<int>")
        ArrayType(IntegerType(), True)
        """
        from minispark.sql.ddl import parse_type

        return parse_type(ddl)

    def needConversion(self) -> bool:
        """Whether the internal form of a value is another than a program's."""
        return False

    def toInternal(self, obj: Any) -> Any:
        """The internal form of a value."""
        return obj

    def fromInternal(self, obj: Any) -> Any:
        """A program's form of a value."""
        return obj

    def _as_nullable(self) -> DataType:
        return self

    def _tree(self, prefix: str, depth: int) -> Iterator[str]:
        """The lines below this type in the tree of a schema."""
        return iter(())

    def _tree_name(self) -> str:
        return self.typeName()


class _One(type):
    """The class of types without parameters: there is one instance of each."""

    _instances: ClassVar[dict[type, Any]] = {}

    def __call__(cls) -> Any:
        if cls not in _One._instances:
            _One._instances[cls] = super().__call__()
        return _One._instances[cls]


class NullType(DataType, metaclass=_One):
    """The type of None, where nothing else is known.

    >>> NullType().simpleString()
    'void'
    """

    @classmethod
    def typeName(cls) -> str:
        return "void"


class AtomicType(DataType):
    """The base of types that are not made of others."""


class NumericType(AtomicType):
    """The base of the types of numbers."""


class IntegralType(NumericType, metaclass=_One):
    """The base of the types of whole numbers."""


class FractionalType(NumericType):
    """The base of the types of numbers with a fraction."""


class StringType(AtomicType):
    """Text.

    Parameters
    ----------
    collation
        how texts compare: by their bytes, which is the only one there is here

    >>> StringType(), StringType().simpleString()
    (StringType(), 'string')
    """

    def __init__(self, collation: str = "UTF8_BINARY") -> None:
        if collation != "UTF8_BINARY":
            raise PySparkNotImplementedError(
                f"[NOT_IMPLEMENTED] The collation {collation!r} is not there yet: of texts there "
                "are those that compare by their bytes, 'UTF8_BINARY'. PySpark has it: "
                "`minispark-submit --engine pyspark`"
            )
        self.collation = collation


class _OfLength(AtomicType):
    def __init__(self, length: int) -> None:
        self.length = length

    def simpleString(self) -> str:
        return f"{self.typeName()}({self.length})"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.length})"


class CharType(_OfLength):
    """Text of a fixed length.

    >>> CharType(3), CharType(3).simpleString()
    (CharType(3), 'char(3)')
    """


class VarcharType(_OfLength):
    """Text up to a length.

    >>> VarcharType(3), VarcharType(3).simpleString()
    (VarcharType(3), 'varchar(3)')
    """


class BinaryType(AtomicType, metaclass=_One):
    """Bytes.

    >>> BinaryType().simpleString()
    'binary'
    """


class BooleanType(AtomicType, metaclass=_One):
    """True and False.

    >>> BooleanType().simpleString()
    'boolean'
    """


class DatetimeType(AtomicType):
    """The base of the types of days and moments."""


class DateType(DatetimeType, metaclass=_One):
    """A day, as `datetime.date`. Internally: days since 1970.

    >>> import datetime
    >>> DateType().toInternal(datetime.date(1970, 1, 3)), DateType().fromInternal(2)
    (2, datetime.date(1970, 1, 3))
    """

    EPOCH_ORDINAL = _EPOCH

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: datetime.date | None) -> int | None:
        return None if obj is None else obj.toordinal() - _EPOCH

    def fromInternal(self, obj: int | None) -> datetime.date | None:
        return None if obj is None else datetime.date.fromordinal(obj + _EPOCH)


class AnyTimeType(DatetimeType):
    """The base of the types of times of the day."""


class TimeType(AnyTimeType):
    """A time of the day, as `datetime.time`. Internally: nanoseconds since midnight.

    >>> import datetime
    >>> TimeType(), TimeType().toInternal(datetime.time(0, 0, 1))
    (TimeType(6), 1000000000)
    """

    def __init__(self, precision: int = 6) -> None:
        self.precision = precision

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: datetime.time | None) -> int | None:
        if obj is None:
            return None
        seconds = (obj.hour * 60 + obj.minute) * 60 + obj.second
        return seconds * _NANOS + obj.microsecond * 1000

    def fromInternal(self, obj: int | None) -> datetime.time | None:
        if obj is None:
            return None
        seconds, nanos = divmod(obj, _NANOS)
        minutes, second = divmod(seconds, 60)
        return datetime.time(*divmod(minutes, 60), second, nanos // 1000)

    def simpleString(self) -> str:
        return f"time({self.precision})"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"TimeType({self.precision})"


class TimestampType(DatetimeType, metaclass=_One):
    """A moment, as `datetime.datetime`. Internally: microseconds since 1970 in UTC.

    A datetime without a time zone is one in that of the process.

    >>> from datetime import datetime, timezone
    >>> TimestampType().toInternal(datetime(1970, 1, 1, 0, 0, 1, 5, timezone.utc))
    1000005
    """

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: datetime.datetime | None) -> int | None:
        if obj is None:
            return None
        # Not timestamp(): which of two moments of the same local time is meant is up to the system.
        if obj.tzinfo is None:
            seconds = int(time.mktime(obj.timetuple()))
        else:
            seconds = _seconds(obj.utctimetuple())
        return seconds * _MICROS + obj.microsecond

    def fromInternal(self, obj: int | None) -> datetime.datetime | None:
        if obj is None:
            return None
        seconds, micros = divmod(obj, _MICROS)
        return datetime.datetime.fromtimestamp(seconds).replace(microsecond=micros)


class TimestampNTZType(DatetimeType, metaclass=_One):
    """A date and time without a time zone. Internally: microseconds since 1970.

    >>> TimestampNTZType().simpleString(), TimestampNTZType().fromInternal(1000005)
    ('timestamp_ntz', datetime.datetime(1970, 1, 1, 0, 0, 1, 5))
    """

    @classmethod
    def typeName(cls) -> str:
        return "timestamp_ntz"

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: datetime.datetime | None) -> int | None:
        return None if obj is None else _seconds(obj.timetuple()) * _MICROS + obj.microsecond

    def fromInternal(self, obj: int | None) -> datetime.datetime | None:
        if obj is None:
            return None
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=obj)


class DecimalType(FractionalType):
    """Numbers of a fixed number of digits, as `decimal.Decimal`.

    Parameters
    ----------
    precision
        how many digits there are, at most 38
    scale
        how many of them stand behind the point

    >>> DecimalType(), DecimalType(5, 2).simpleString()
    (DecimalType(10,0), 'decimal(5,2)')
    """

    def __init__(self, precision: int = 10, scale: int = 0) -> None:
        self.precision = precision
        self.scale = scale
        self.hasPrecisionInfo = True

    def simpleString(self) -> str:
        return f"decimal({self.precision},{self.scale})"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"DecimalType({self.precision},{self.scale})"


class DoubleType(FractionalType, metaclass=_One):
    """Floating-point numbers of 64 bits: Python's float.

    >>> DoubleType().simpleString()
    'double'
    """


class FloatType(FractionalType, metaclass=_One):
    """Floating-point numbers of 32 bits.

    >>> FloatType().simpleString()
    'float'
    """


class ByteType(IntegralType):
    """Whole numbers of 8 bits.

    >>> ByteType().simpleString(), ByteType().typeName()
    ('tinyint', 'byte')
    """

    def simpleString(self) -> str:
        return "tinyint"


class ShortType(IntegralType):
    """Whole numbers of 16 bits.

    >>> ShortType().simpleString()
    'smallint'
    """

    def simpleString(self) -> str:
        return "smallint"


class IntegerType(IntegralType):
    """Whole numbers of 32 bits.

    >>> IntegerType().simpleString()
    'int'
    """

    def simpleString(self) -> str:
        return "int"


class LongType(IntegralType):
    """Whole numbers of 64 bits: what a Python int becomes where no schema is given.

    >>> LongType().simpleString()
    'bigint'
    """

    def simpleString(self) -> str:
        return "bigint"


class AnsiIntervalType(AtomicType):
    """The base of the types of lengths of time."""

    _names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, startField: int | None = None, endField: int | None = None) -> None:
        if startField is None and endField is None:
            startField, endField = 0, len(self._names) - 1
        elif endField is None:
            endField = startField
        places = range(len(self._names))
        if startField not in places or endField not in places:
            raise PySparkRuntimeError(
                errorClass="INVALID_INTERVAL_CASTING",
                messageParameters={"start_field": str(startField), "end_field": str(endField)},
            )
        self.startField = cast(int, startField)
        self.endField = cast(int, endField)

    def simpleString(self) -> str:
        start, end = self._names[self.startField], self._names[self.endField]
        return f"interval {start}" if start == end else f"interval {start} to {end}"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.startField}, {self.endField})"


class DayTimeIntervalType(AnsiIntervalType):
    """A length of time in days to seconds, as `datetime.timedelta`. Internally: microseconds.

    >>> DayTimeIntervalType(), DayTimeIntervalType().simpleString()
    (DayTimeIntervalType(0, 3), 'interval day to second')
    """

    DAY = 0
    HOUR = 1
    MINUTE = 2
    SECOND = 3
    _names = ("day", "hour", "minute", "second")

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: datetime.timedelta | None) -> int | None:
        if obj is None:
            return None
        return (obj.days * 86400 + obj.seconds) * _MICROS + obj.microseconds

    def fromInternal(self, obj: int | None) -> datetime.timedelta | None:
        return None if obj is None else datetime.timedelta(microseconds=obj)


class YearMonthIntervalType(AnsiIntervalType):
    """A length of time in years and months: as in Spark, no value of a program has it.

    >>> YearMonthIntervalType().simpleString()
    'interval year to month'
    """

    YEAR = 0
    MONTH = 1
    _names = ("year", "month")

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: Any) -> Any:
        raise _no_values("YearMonthIntervalType.toInternal")

    def fromInternal(self, obj: Any) -> Any:
        raise _no_values("YearMonthIntervalType.fromInternal")


class CalendarIntervalType(DataType, metaclass=_One):
    """A length of time in months, days and microseconds: as in Spark, no value has it.

    >>> CalendarIntervalType().simpleString()
    'interval'
    """

    @classmethod
    def typeName(cls) -> str:
        return "interval"

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: Any) -> Any:
        raise _no_values("CalendarIntervalType.toInternal")

    def fromInternal(self, obj: Any) -> Any:
        raise _no_values("CalendarIntervalType.fromInternal")


def _no_values(feature: str) -> PySparkNotImplementedError:
    return PySparkNotImplementedError(
        errorClass="NOT_IMPLEMENTED", messageParameters={"feature": feature}
    )


def _need_type(parameter: str, value: object) -> None:
    # An AssertionError, in these words, is what PySpark raises.
    if not isinstance(value, DataType):
        raise AssertionError(f"{parameter} {value} should be an instance of {DataType}")


def _said(flag: bool) -> str:
    return str(flag).lower()


class ArrayType(DataType):
    """Lists of values of one type.

    Parameters
    ----------
    elementType
        the type of the values
    containsNull
        whether None may be among them

    >>> ArrayType(IntegerType()), ArrayType(IntegerType()).simpleString()
    (ArrayType(IntegerType(), True), 'array<int>')
    """

    def __init__(self, elementType: DataType, containsNull: bool = True) -> None:
        _need_type("elementType", elementType)
        self.elementType = elementType
        self.containsNull = containsNull

    def simpleString(self) -> str:
        return f"array<{self.elementType.simpleString()}>"

    def toNullable(self) -> ArrayType:
        """The same type, with None allowed everywhere.

        >>> ArrayType(IntegerType(), False).toNullable()
        ArrayType(IntegerType(), True)
        """
        return self._as_nullable()

    def _as_nullable(self) -> ArrayType:
        return ArrayType(self.elementType._as_nullable(), True)

    def jsonValue(self) -> dict[str, Any]:
        return {
            "type": self.typeName(),
            "elementType": self.elementType.jsonValue(),
            "containsNull": self.containsNull,
        }

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> ArrayType:
        """The type that `jsonValue` has given the value of.

        >>> ArrayType.fromJson(ArrayType(IntegerType()).jsonValue())
        ArrayType(IntegerType(), True)
        """
        from minispark.sql.ddl import type_of_json

        return ArrayType(type_of_json(json["elementType"]), json["containsNull"])

    def needConversion(self) -> bool:
        return self.elementType.needConversion()

    def toInternal(self, obj: list[Any] | None) -> list[Any] | None:
        if not self.needConversion():
            return obj
        return obj and [self.elementType.toInternal(value) for value in obj]

    def fromInternal(self, obj: list[Any] | None) -> list[Any] | None:
        if not self.needConversion():
            return obj
        return obj and [self.elementType.fromInternal(value) for value in obj]

    def _tree(self, prefix: str, depth: int) -> Iterator[str]:
        if depth > 0:
            name, null = self.elementType._tree_name(), _said(self.containsNull)
            yield f"{prefix}-- element: {name} (containsNull = {null})\n"
            yield from self.elementType._tree(f"{prefix}    |", depth - 1)

    def __repr__(self) -> str:
        return f"ArrayType({self.elementType}, {self.containsNull})"


class MapType(DataType):
    """Dicts with keys of one type and values of one type.

    Parameters
    ----------
    keyType
        the type of the keys, which are never None
    valueType
        the type of the values
    valueContainsNull
        whether None may be among the values

    >>> MapType(StringType(), IntegerType())
    MapType(StringType(), IntegerType(), True)
    >>> MapType(StringType(), IntegerType()).simpleString()
    'map<string,int>'
    """

    def __init__(
        self, keyType: DataType, valueType: DataType, valueContainsNull: bool = True
    ) -> None:
        _need_type("keyType", keyType)
        _need_type("valueType", valueType)
        self.keyType = keyType
        self.valueType = valueType
        self.valueContainsNull = valueContainsNull

    def simpleString(self) -> str:
        return f"map<{self.keyType.simpleString()},{self.valueType.simpleString()}>"

    def toNullable(self) -> MapType:
        """The same type, with None allowed everywhere.

        >>> MapType(StringType(), IntegerType(), False).toNullable()
        MapType(StringType(), IntegerType(), True)
        """
        return self._as_nullable()

    def _as_nullable(self) -> MapType:
        return MapType(self.keyType._as_nullable(), self.valueType._as_nullable(), True)

    def jsonValue(self) -> dict[str, Any]:
        return {
            "type": self.typeName(),
            "keyType": self.keyType.jsonValue(),
            "valueType": self.valueType.jsonValue(),
            "valueContainsNull": self.valueContainsNull,
        }

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> MapType:
        """The type that `jsonValue` has given the value of.

        >>> MapType.fromJson(MapType(StringType(), IntegerType()).jsonValue())
        MapType(StringType(), IntegerType(), True)
        """
        from minispark.sql.ddl import type_of_json

        key, value = type_of_json(json["keyType"]), type_of_json(json["valueType"])
        return MapType(key, value, json["valueContainsNull"])

    def needConversion(self) -> bool:
        return self.keyType.needConversion() or self.valueType.needConversion()

    def toInternal(self, obj: dict[Any, Any] | None) -> dict[Any, Any] | None:
        if not self.needConversion():
            return obj
        key, value = self.keyType.toInternal, self.valueType.toInternal
        return obj and {key(k): value(v) for k, v in obj.items()}

    def fromInternal(self, obj: dict[Any, Any] | None) -> dict[Any, Any] | None:
        if not self.needConversion():
            return obj
        key, value = self.keyType.fromInternal, self.valueType.fromInternal
        return obj and {key(k): value(v) for k, v in obj.items()}

    def _tree(self, prefix: str, depth: int) -> Iterator[str]:
        if depth > 0:
            yield f"{prefix}-- key: {self.keyType._tree_name()}\n"
            yield from self.keyType._tree(f"{prefix}    |", depth - 1)
            name, null = self.valueType._tree_name(), _said(self.valueContainsNull)
            yield f"{prefix}-- value: {name} (valueContainsNull = {null})\n"
            yield from self.valueType._tree(f"{prefix}    |", depth - 1)

    def __repr__(self) -> str:
        return f"MapType({self.keyType}, {self.valueType}, {self.valueContainsNull})"


class StructField(DataType):
    """A field of a StructType.

    Parameters
    ----------
    name
        its name
    dataType
        the type of its values
    nullable
        whether they may be None
    metadata
        what a program wants to note of it, as values that JSON has

    >>> StructField("age", IntegerType(), False)
    StructField('age', IntegerType(), False)
    """

    def __init__(
        self,
        name: str,
        dataType: DataType,
        nullable: bool = True,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        _need_type("dataType", dataType)
        if not isinstance(name, str):
            raise AssertionError(f"field name {name} should be a string")
        self.name = name
        self.dataType = dataType
        self.nullable = nullable
        self.metadata = metadata or {}

    def simpleString(self) -> str:
        return f"{self.name}:{self.dataType.simpleString()}"

    def jsonValue(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.dataType.jsonValue(),
            "nullable": self.nullable,
            "metadata": self.metadata,
        }

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> StructField:
        """The field that `jsonValue` has given the value of.

        >>> StructField.fromJson(StructField("age", IntegerType()).jsonValue())
        StructField('age', IntegerType(), True)
        """
        from minispark.sql.ddl import type_of_json

        kind = type_of_json(json["type"])
        return StructField(json["name"], kind, json.get("nullable", True), json.get("metadata"))

    def needConversion(self) -> bool:
        return self.dataType.needConversion()

    def toInternal(self, obj: Any) -> Any:
        return self.dataType.toInternal(obj)

    def fromInternal(self, obj: Any) -> Any:
        return self.dataType.fromInternal(obj)

    def typeName(self) -> str:  # type: ignore[override]
        """Not there, as in Spark: ask ``dataType`` for its."""
        raise PySparkTypeError(errorClass="INVALID_TYPENAME_CALL", messageParameters={})

    def _tree(self, prefix: str, depth: int) -> Iterator[str]:
        if depth > 0:
            name, kind, null = self.name, self.dataType._tree_name(), _said(self.nullable)
            yield f"{prefix}-- {on_one_line(name)}: {kind} (nullable = {null})\n"
            yield from self.dataType._tree(f"{prefix}    |", depth - 1)

    def __repr__(self) -> str:
        return f"StructField('{self.name}', {self.dataType}, {self.nullable})"


_ESCAPES = str.maketrans(
    {
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\f": "\\f",
        "\b": "\\b",
        "\u000b": "\\v",
        "\u0007": "\\a",
    }
)


def on_one_line(text: str) -> str:
    """A text on one line: what would break the line, written as Spark writes it."""
    return text.translate(_ESCAPES)


class StructType(DataType):
    """Rows: named fields, each with a type. A schema is one of these.

    Parameters
    ----------
    fields
        its fields

    >>> schema = StructType([StructField("name", StringType()), StructField("age", LongType())])
    >>> schema.names, schema["age"], len(schema), [field.name for field in schema]
    (['name', 'age'], StructField('age', LongType(), True), 2, ['name', 'age'])
    >>> schema.simpleString()
    'struct<name:string,age:bigint>'
    """

    def __init__(self, fields: list[StructField] | None = None) -> None:
        self.fields = fields or []
        if not all(isinstance(field, StructField) for field in self.fields):
            raise AssertionError("fields should be a list of StructField")
        self.names = [field.name for field in self.fields]
        self._note_conversions()

    def _note_conversions(self) -> None:
        self._needConversion = [field.needConversion() for field in self.fields]
        self._needSerializeAnyField = any(self._needConversion)

    @overload
    def add(
        self,
        field: str,
        data_type: str | DataType,
        nullable: bool = True,
        metadata: dict[str, Any] | None = None,
    ) -> StructType: ...

    @overload
    def add(self, field: StructField) -> StructType: ...

    def add(
        self,
        field: str | StructField,
        data_type: str | DataType | None = None,
        nullable: bool = True,
        metadata: dict[str, Any] | None = None,
    ) -> StructType:
        """Add a field at the end, given as one or as its name, type and so on; this type itself.

        Raises
        ------
        PySparkValueError
            (ARGUMENT_REQUIRED) for a name without a type

        >>> StructType().add("name", "string").add(StructField("age", LongType()))
        StructType([StructField('name', StringType(), True), StructField('age', LongType(), True)])
        """
        if not isinstance(field, StructField):
            if isinstance(field, str) and data_type is None:
                raise PySparkValueError(
                    errorClass="ARGUMENT_REQUIRED",
                    messageParameters={
                        "arg_name": "data_type",
                        "condition": "passing name of struct_field to create",
                    },
                )
            if isinstance(data_type, str):
                from minispark.sql.ddl import type_of_json

                data_type = type_of_json(data_type)
            field = StructField(field, data_type, nullable, metadata)
        self.fields.append(field)
        self.names.append(field.name)
        self._note_conversions()
        return self

    def fieldNames(self) -> list[str]:
        """The names of all fields, as a new list.

        >>> StructType().add("name", "string").fieldNames()
        ['name']
        """
        return list(self.names)

    def __iter__(self) -> Iterator[StructField]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    @overload
    def __getitem__(self, key: str | int) -> StructField: ...

    @overload
    def __getitem__(self, key: slice) -> StructType: ...

    def __getitem__(self, key: str | int | slice) -> StructField | StructType:
        if isinstance(key, str):
            for field in self.fields:
                if field.name == key:
                    return field
            raise PySparkKeyError(errorClass="KEY_NOT_EXISTS", messageParameters={"key": key})
        if isinstance(key, int):
            try:
                return self.fields[key]
            except IndexError:
                raise PySparkIndexError(
                    errorClass="INDEX_OUT_OF_RANGE",
                    messageParameters={"arg_name": "StructType", "index": str(key)},
                ) from None
        if isinstance(key, slice):
            return StructType(self.fields[key])
        raise PySparkTypeError(
            errorClass="NOT_EXPECTED_TYPE",
            messageParameters={
                "expected_type": "int, slice or str",
                "arg_name": "key",
                "arg_type": type(key).__name__,
            },
        )

    def simpleString(self) -> str:
        return f"struct<{','.join(field.simpleString() for field in self.fields)}>"

    def toNullable(self) -> StructType:
        """The same type, with None allowed everywhere.

        >>> StructType([StructField("a", LongType(), False)]).toNullable()
        StructType([StructField('a', LongType(), True)])
        """
        return self._as_nullable()

    def _as_nullable(self) -> StructType:
        return StructType(
            [
                StructField(field.name, field.dataType._as_nullable(), True, field.metadata)
                for field in self.fields
            ]
        )

    def jsonValue(self) -> dict[str, Any]:
        return {"type": self.typeName(), "fields": [field.jsonValue() for field in self.fields]}

    @classmethod
    def fromJson(cls, json: dict[str, Any]) -> StructType:
        """The type that `jsonValue` has given the value of.

        >>> StructType.fromJson(StructType().add("a", "integer").jsonValue())
        StructType([StructField('a', IntegerType(), True)])
        """
        return StructType([StructField.fromJson(field) for field in json["fields"]])

    def treeString(self, maxDepth: int = 2147483647) -> str:
        """The tree of the fields and their types, as `DataFrame.printSchema` prints it.

        Parameters
        ----------
        maxDepth
            how many levels are shown

        Examples
        --------
        >>> print(StructType().add("a", ArrayType(LongType())).treeString())
        root
         |-- a: array (nullable = true)
         |    |-- element: long (containsNull = true)
        <BLANKLINE>
        """
        depth = maxDepth if maxDepth > 0 else 2147483647
        return "root\n" + "".join(self._tree(" |", depth))

    def _tree(self, prefix: str, depth: int) -> Iterator[str]:
        for field in self.fields:
            yield from field._tree(prefix, depth)

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: Any) -> tuple[Any, ...] | None:
        if obj is None:
            return None
        values = self._values(obj)
        if not self._needSerializeAnyField:
            return tuple(values)
        parts = zip(self.fields, values, self._needConversion)  # noqa: B905  # as in Spark
        return tuple(field.toInternal(value) if needs else value for field, value, needs in parts)

    def _values(self, obj: Any) -> Any:
        """The values of the fields, from whatever a program gives for a row."""
        if isinstance(obj, dict):
            return map(obj.get, self.names)
        if isinstance(obj, (tuple, list)):
            return obj
        if hasattr(obj, "__dict__"):
            return map(obj.__dict__.get, self.names)
        raise PySparkValueError(
            errorClass="UNEXPECTED_TUPLE_WITH_STRUCT", messageParameters={"tuple": str(obj)}
        )

    def fromInternal(self, obj: Any) -> Row | None:
        if obj is None:
            return None
        if isinstance(obj, Row):
            return obj
        if not self._needSerializeAnyField:
            return make_row(self.names, obj)
        parts = zip(self.fields, obj, self._needConversion)  # noqa: B905  # as in Spark
        values = [field.fromInternal(value) if needs else value for field, value, needs in parts]
        return make_row(self.names, values)

    def __repr__(self) -> str:
        return f"StructType([{', '.join(map(str, self.fields))}])"


def _seconds(moment: time.struct_time) -> int:
    """Seconds since 1970 of a moment in UTC."""
    days = datetime.date(moment.tm_year, moment.tm_mon, moment.tm_mday).toordinal() - _EPOCH
    return ((days * 24 + moment.tm_hour) * 60 + moment.tm_min) * 60 + moment.tm_sec


def _create_row(fields: Any, values: Any) -> Row:
    """A row of these values, under the name that programs know it by in PySpark."""
    return make_row(fields, values)


def _parse_datatype_json_string(json_string: str) -> DataType:
    """The type that a type's JSON stands for, under the name that programs know it by."""
    from minispark.sql.ddl import type_of_json

    return type_of_json(json.loads(json_string))


def _parse_datatype_string(s: str) -> DataType:
    """The type that a text stands for, under the name that programs know it by in PySpark."""
    return DataType.fromDDL(s)


_absent = absent_names(
    __name__,
    "Geography",
    "GeographyType",
    "Geometry",
    "GeometryType",
    "UserDefinedType",
    "VariantType",
    "VariantVal",
)
_INFERENCE = {
    "_create_converter": "as_of_schema",
    "_has_nulltype": "has_null_type",
    "_infer_schema": "infer_schema",
    "_infer_type": "infer_type",
    "_merge_type": "merge_types",
}
"""Functions by the names that programs know them by in PySpark: see `minispark.sql.inference`."""


def __getattr__(name: str) -> Any:
    if name in _INFERENCE:
        from minispark.sql import inference

        return getattr(inference, _INFERENCE[name])
    if name == "_make_type_verifier":
        from minispark.sql.verification import verifier

        return verifier
    return _absent(name)
