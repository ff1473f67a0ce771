"""Types from text: SQL's way to write them, and JSON.

For `minispark.sql.types` and for whatever takes a schema. As in Spark, whose parser is in Java,
down to the words of its errors. Not there are collations, and the types that are not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from minispark.errors import ParseException, PySparkTypeError, PySparkValueError
from minispark.sql.absent import not_there_yet
from minispark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
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
    NullType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    YearMonthIntervalType,
)

__all__ = ["parse_type", "type_of_json"]

D = TypeVar("D", bound=DataType)

_TOKEN = re.compile(
    r"(?:\s|--[^\n]*|/\*.*?\*/)*(?:(?P<name>[A-Za-z0-9_]+)|`(?P<quoted>(?:[^`]|``)*)`"
    r"|(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")|(?P<sign><>|[^\s])|(?P<end>\Z))",
    re.DOTALL,
)

_SIMPLE: dict[str, Callable[[], DataType]] = {
    "boolean": BooleanType,
    "tinyint": ByteType,
    "byte": ByteType,
    "smallint": ShortType,
    "short": ShortType,
    "int": IntegerType,
    "integer": IntegerType,
    "bigint": LongType,
    "long": LongType,
    "float": FloatType,
    "real": FloatType,
    "double": DoubleType,
    "date": DateType,
    "time": TimeType,
    "timestamp": TimestampType,
    "timestamp_ntz": TimestampNTZType,
    "timestamp_ltz": TimestampType,
    "string": StringType,
    "binary": BinaryType,
    "decimal": DecimalType,
    "dec": DecimalType,
    "numeric": DecimalType,
    "void": NullType,
    "interval": CalendarIntervalType,
}
_WITH_LENGTH: dict[str, Callable[[int], DataType]] = {
    "char": CharType,
    "character": CharType,
    "varchar": VarcharType,
}
_ABSENT = ("variant", "geometry", "geography")
_MOST_DIGITS = 38


def parse_type(text: str) -> DataType:
    """The type that a text stands for: one type, or fields with their types.

    Raises ParseException (PARSE_SYNTAX_ERROR, UNSUPPORTED_DATATYPE) where it stands for none.

    >>> parse_type("map<string, decimal(5, 2)>")
    MapType(StringType(), DecimalType(5,2), True)
    """
    try:
        return _Parser(text).whole(_Parser.fields)
    except ParseException as of_fields:
        for other in (text, f"struct<{text.strip()}>"):
            with suppress(ParseException):
                return _Parser(other).whole(_Parser.type)
        raise of_fields from None


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str
    place: int


class _Parser:
    """Reads one text, token by token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        # A text that is written wrongly is that first, whatever types it names.
        self._later: ParseException | None = None

    def whole(self, read: Callable[[_Parser], D]) -> D:
        """What ``read`` finds, if it is all that there is."""
        found = read(self)
        if self._at.kind != "end":
            raise self._syntax_error()
        if self._later is not None:
            raise self._later
        return found

    def fields(self) -> StructType:
        """Fields between commas."""
        fields: list[StructField] = []
        while self._at.kind != "end" or fields:
            fields.append(self._field())
            if self._at.kind == "end":
                break
            self._need(",")
        return StructType(fields)

    def _field(self) -> StructField:
        name = self._name()
        self._skip(":")
        kind = self.type()
        nullable, metadata = True, {}
        if self._skip_words("not", "null"):
            nullable = False
        if self._skip_words("comment"):
            metadata = {"comment": self._literal()}
        return StructField(name, kind, nullable, metadata)

    def type(self) -> DataType:
        """One type."""
        start = self._at
        name = self._name().lower()
        if name == "array":
            return ArrayType(self._inside(1)[0])
        if name == "map":
            key, value = self._inside(2)
            return MapType(key, value)
        if name == "struct":
            return self._struct()
        if name in _ABSENT:
            raise not_there_yet(f"The type {start.value!r}")
        if name in ("decimal", "dec", "numeric"):
            return self._decimal(start)
        if name == "time":
            return TimeType(*self._numbers())
        if name == "string" and self._skip_words("collate"):
            return StringType(self._name().upper())
        if name == "interval":
            return self._interval()
        if name == "timestamp" and self._skip_words("without", "time", "zone"):
            return TimestampNTZType()
        if name in _WITH_LENGTH:
            return self._with_length(start)
        if name not in _SIMPLE:
            return self._refused(
                start,
                "UNSUPPORTED_DATATYPE",
                f'Unsupported data type "{start.value.upper()}". SQLSTATE: 0A000',
                {"typeName": f'"{start.value.upper()}"'},
            )
        return _SIMPLE[name]()

    def _with_length(self, start: _Token) -> DataType:
        lengths = self._numbers()
        name = start.value.upper()
        if len(lengths) == 1:
            return _WITH_LENGTH[name.lower()](lengths[0])
        return self._refused(
            start,
            "DATATYPE_MISSING_SIZE",
            f'DataType "{name}" requires a length parameter, for example "{name}"(10). Please '
            "specify the length. SQLSTATE: 42K01",
            {"type": f'"{name}"'},
        )

    def _decimal(self, start: _Token) -> DataType:
        kind = DecimalType(*self._numbers()[:2])
        if kind.precision > _MOST_DIGITS:
            return self._refused(
                start,
                "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
                f"Decimal precision {kind.precision} exceeds max precision {_MOST_DIGITS}. "
                "SQLSTATE: 22003",
                {"precision": str(kind.precision), "maxPrecision": str(_MOST_DIGITS)},
            )
        if kind.scale > kind.precision:
            return self._refused(
                start,
                "DECIMAL_SCALE_EXCEEDS_PRECISION",
                f"Decimal scale {kind.scale} cannot be greater than precision {kind.precision}.",
                {"scale": str(kind.scale), "precision": str(kind.precision)},
            )
        return kind

    def _struct(self) -> StructType:
        fields: list[StructField] = []
        if self._skip("<>"):
            return StructType(fields)
        self._need("<")
        while not self._skip(">"):
            if fields:
                self._need(",")
            fields.append(self._field())
        return StructType(fields)

    def _interval(self) -> DataType:
        for kind in (DayTimeIntervalType, YearMonthIntervalType):
            for start, name in enumerate(kind._names):
                if self._skip_words(name):
                    end = start
                    if self._skip_words("to"):
                        last = self._at.value.lower()
                        if last not in kind._names[start + 1 :]:
                            raise self._syntax_error()
                        self._next += 1
                        end = kind._names.index(last)
                    return kind(start, end)
        return CalendarIntervalType()

    def _inside(self, count: int) -> list[DataType]:
        self._need("<")
        found = [self.type()]
        for _ in range(count - 1):
            self._need(",")
            found.append(self.type())
        self._need(">")
        return found

    def _numbers(self) -> list[int]:
        numbers: list[int] = []
        if self._skip("("):
            while not self._skip(")"):
                if numbers:
                    self._need(",")
                if not self._at.value.isdigit():
                    raise self._syntax_error()
                numbers.append(int(self._name()))
        return numbers

    # -- tokens ----------------------------------------------------------------------------

    @property
    def _at(self) -> _Token:
        return self._tokens[self._next]

    def _name(self) -> str:
        if self._at.kind not in ("name", "quoted"):
            raise self._syntax_error()
        self._next += 1
        return self._tokens[self._next - 1].value

    def _literal(self) -> str:
        if self._at.kind != "text":
            raise self._syntax_error()
        self._next += 1
        return self._tokens[self._next - 1].value

    def _skip(self, sign: str) -> bool:
        if (self._at.kind, self._at.value) != ("sign", sign):
            return False
        self._next += 1
        return True

    def _skip_words(self, *words: str) -> bool:
        found = self._tokens[self._next : self._next + len(words)]
        if [token.value.lower() for token in found if token.kind == "name"] != list(words):
            return False
        self._next += len(words)
        return True

    def _need(self, sign: str) -> None:
        if not self._skip(sign):
            raise self._syntax_error()

    # -- errors ----------------------------------------------------------------------------

    def _syntax_error(self) -> ParseException:
        what = "end of input" if self._at.kind == "end" else f"'{self._at.value}'"
        return self._error(
            self._at,
            "PARSE_SYNTAX_ERROR",
            f"Syntax error at or near {what}. SQLSTATE: 42601",
            {"error": what, "hint": ""},
        )

    def _refused(
        self, at: _Token, condition: str, message: str, parameters: dict[str, str]
    ) -> DataType:
        """Note the error for a type, unless one was noted before; some type to go on with."""
        if self._later is None:
            self._later = self._error(at, condition, message, parameters)
        return NullType()

    def _error(
        self, at: _Token, condition: str, message: str, parameters: dict[str, str]
    ) -> ParseException:
        lines = self._text[: at.place].split("\n")
        column = len(lines[-1])
        text = self._text.split("\n")
        text.insert(len(lines), f"{'-' * column}^^^")
        shown = "\n".join(text)
        error = ParseException(message, errorClass=condition, messageParameters=parameters)
        error._place = f"(line {len(lines)}, pos {column})\n\n== SQL ==\n{shown}\n"
        return error


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while True:
        found = _TOKEN.match(text, place)
        assert found is not None  # anything is a sign
        kind = str(found.lastgroup)
        value = found[kind]
        if kind == "quoted":
            value = value.replace("``", "`")
        elif kind == "text":
            quote = value[0]
            value = re.sub(r"\\(.)", r"\1", value[1:-1].replace(quote * 2, quote))
        start = found.start(kind) - (kind == "quoted")
        if kind == "end":
            yield _Token(kind, value, len(text.rstrip()))
            return
        yield _Token(kind, value, start)
        place = found.end()


# -- JSON ----------------------------------------------------------------------------------

_JSON_NAMES: Mapping[str, Callable[[], DataType]] = {
    kind.typeName(): kind
    for kind in (
        BinaryType,
        BooleanType,
        ByteType,
        CalendarIntervalType,
        DateType,
        DecimalType,
        DoubleType,
        FloatType,
        IntegerType,
        LongType,
        NullType,
        ShortType,
        StringType,
        TimestampNTZType,
        TimestampType,
    )
}
_JSON_WITH_NUMBERS = re.compile(r"(decimal|char|varchar|time)\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\)")
_MADE_OF_NUMBERS: dict[str, Callable[..., DataType]] = {
    "decimal": DecimalType,
    "char": CharType,
    "varchar": VarcharType,
    "time": TimeType,
}


def type_of_json(value: Any) -> DataType:
    """The type that a type's ``jsonValue`` has given the value of.

    Raises PySparkValueError for what is none.

    >>> type_of_json("integer"), type_of_json({"type": "struct", "fields": []})
    (IntegerType(), StructType([]))
    """
    if isinstance(value, str):
        return _named(value)
    kind = value["type"] if isinstance(value, dict) else None
    if kind == "array":
        return ArrayType.fromJson(value)
    if kind == "map":
        return MapType.fromJson(value)
    if kind == "struct":
        return StructType.fromJson(value)
    if kind == "udt":
        raise not_there_yet("The type of a class of the program (UserDefinedType)")
    if isinstance(value, dict):
        raise PySparkValueError(
            errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": str(kind)}
        )
    raise PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={
            "arg_name": "data_type",
            "expected_type": "str or dict",
            "arg_type": type(value).__name__,
        },
    )


def _named(name: str) -> DataType:
    if name in _JSON_NAMES:
        return _JSON_NAMES[name]()
    numbers = _JSON_WITH_NUMBERS.fullmatch(name)
    if numbers is not None:
        return _MADE_OF_NUMBERS[numbers[1]](*(int(n) for n in numbers.groups()[1:] if n))
    if name.startswith("interval "):
        try:
            return _Parser(name).whole(_Parser.type)
        except ParseException:
            raise _unsupported(name) from None
    if name in _ABSENT:
        raise not_there_yet(f"The type {name!r}")
    raise _unsupported(name)


def _unsupported(name: str) -> PySparkValueError:
    return PySparkValueError(errorClass="CANNOT_PARSE_DATATYPE", messageParameters={"msg": name})
