"""Hadoop's Writables: Python values as the bytes of a Java class, and back.

For the formats of pairs. Which class a value has, and what comes of each class, is what PySpark's
own converters make of them. Must not know: files, pairs.

| Writable | written from | read as |
|---|---|---|
| NullWritable | None | None |
| BooleanWritable | bool | bool |
| IntWritable | int of 32 bits | int |
| LongWritable | int of 64 bits | int |
| DoubleWritable | float | float |
| Text | str | str |
| BytesWritable | bytes, bytearray | bytearray |
| MapWritable | dict | dict |
| ArrayWritable | tuple | refused: it does not say what is in it |
| ByteWritable, ShortWritable, FloatWritable | | int, int, float |
"""

from __future__ import annotations

import array
import datetime
import decimal
import struct
from collections.abc import Callable
from typing import Any

from minispark.errors import SparkException
from minispark.io.bytesource import ByteSource, vint_bytes
from minispark.io.javamap import grown, hash_order, java_hash, unpickled_order, writable_hash
from minispark.io.text import decode_text

_PACKAGE = "org.apache.hadoop.io."
_SPARK_ERROR = "org.apache.spark.SparkException"

NULL = _PACKAGE + "NullWritable"
BOOLEAN = _PACKAGE + "BooleanWritable"
INT = _PACKAGE + "IntWritable"
LONG = _PACKAGE + "LongWritable"
FLOAT = _PACKAGE + "FloatWritable"
DOUBLE = _PACKAGE + "DoubleWritable"
TEXT = _PACKAGE + "Text"
BYTES = _PACKAGE + "BytesWritable"
MAP = _PACKAGE + "MapWritable"
ARRAY = _PACKAGE + "ArrayWritable"
BYTE = _PACKAGE + "ByteWritable"
SHORT = _PACKAGE + "ShortWritable"

# Classes of Hadoop that stand in files, but which PySpark has no value for.
_WITHOUT_VALUE = {
    _PACKAGE + "VIntWritable",
    _PACKAGE + "VLongWritable",
    _PACKAGE + "SortedMapWritable",
    _PACKAGE + "ObjectWritable",
    _PACKAGE + "MD5Hash",
    _PACKAGE + "TwoDArrayWritable",
    _PACKAGE + "Writable",
}
_PLAIN_JAVA = {
    "java.lang.Object",
    "java.lang.String",
    "java.lang.Boolean",
    "java.lang.Integer",
    "java.lang.Long",
    "java.lang.Float",
    "java.lang.Double",
}

# How a MapWritable names the classes that it knows by itself.
_IDS = {ARRAY: 0x81, BOOLEAN: 0x82, BYTES: 0x83, FLOAT: 0x84, INT: 0x85, LONG: 0x86, MAP: 0x87}
_IDS |= {NULL: 0x89, TEXT: 0x8C}
_BY_ID = {id: name for name, id in _IDS.items()}

# Maps in maps in a file, at most: more is a damaged file.
_DEEPEST = 100


def known_class(name: str) -> str:
    """The name of a class of keys or values, as a program gives it.

    Raises SparkException (java.lang.ClassNotFoundException) for one that is not known here.

    >>> known_class("org.apache.hadoop.io.Text")
    'org.apache.hadoop.io.Text'
    """
    if name in _DECODERS or name in (ARRAY, MAP) or name in _WITHOUT_VALUE or name in _PLAIN_JAVA:
        return name
    accepted = ", ".join(sorted([*_DECODERS, ARRAY, MAP]))
    raise SparkException(
        f"{name}\nNo class of keys or values that is known here; known are {accepted}",
        "java.lang.ClassNotFoundException",
    )


def class_of(value: Any) -> str:
    """The Writable that a value is written as.

    Raises SparkException for a value that has none, with the Java class that it is in Spark.

    >>> class_of(1), class_of(1 << 40)
    ('org.apache.hadoop.io.IntWritable', 'org.apache.hadoop.io.LongWritable')
    """
    kind = type(value)
    if kind is int:
        if -(1 << 31) <= value < 1 << 31:
            return INT
        if -(1 << 63) <= value < 1 << 63:
            return LONG
    name = _CLASSES.get(kind)
    if name is None:
        raise SparkException(
            f"Data of type {java_class_of(value)} cannot be used\n"
            f"It comes from a {kind.__name__}. Written can be None, bool, int of up to 64 bits, "
            "float, str, bytes, and dicts and tuples of these; map others to them, or use "
            "saveAsPickleFile",
            _SPARK_ERROR,
        )
    return name


def java_class_of(value: Any) -> str:
    """The Java class that a value is of when Spark has unpickled it.

    >>> java_class_of([1]), java_class_of((1, 2)), java_class_of(1 << 70)
    ('java.util.ArrayList', '[Ljava.lang.Object;', 'java.math.BigInteger')
    """
    if type(value) is int:
        if -(1 << 31) <= value < 1 << 31:
            return "java.lang.Integer"
        return "java.lang.Long" if -(1 << 63) <= value < 1 << 63 else "java.math.BigInteger"
    if type(value) is array.array:
        return "[" + _JAVA_ARRAYS.get(value.typecode, "I")
    return _JAVA_CLASSES.get(type(value)) or type(value).__name__


def encode(value: Any) -> bytes:
    """The bytes of the Writable of a value.

    >>> encode(1), encode("ab"), encode((1, None))
    (b'\\x00\\x00\\x00\\x01', b'\\x02ab', b'\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x01')
    """
    return _ENCODERS[class_of(value)](value)


def text_of(value: Any) -> str:
    """What Java prints for the Writable of a value.

    >>> text_of(1e10), text_of(True), text_of(b"az"), text_of({"a": None})
    ('1.0E10', 'true', '61 7a', '{a=(null)}')
    """
    kind = class_of(value)
    if kind == NULL:
        return "(null)"
    if kind == BOOLEAN:
        return "true" if value else "false"
    if kind == DOUBLE:
        return java_double(value)
    if kind == BYTES:
        return bytes(value).hex(" ")
    if kind == TEXT:
        return _java_text(value).decode()
    if kind == ARRAY:
        items = ", ".join(map(text_of, value))
        return f"ArrayWritable [valueClass=interface {_PACKAGE}Writable, values=[{items}]]"
    if kind == MAP:
        return "{" + ", ".join(f"{text_of(k)}={text_of(v)}" for k, v in _map_items(value)) + "}"
    return str(value)


def decoder(class_name: str) -> Callable[[ByteSource], Any]:
    """How the values of a Writable class are read.

    The reader is for the values of one file, in order.

    Raises SparkException for a class that PySpark has no value for, with the words of its error.

    >>> decoder("org.apache.hadoop.io.IntWritable")(ByteSource(iter([bytes([0, 0, 1, 0])]), "file"))
    256
    """
    if class_name == MAP:
        return _MapReader()
    known = _DECODERS.get(class_name)
    if known is not None:
        return known
    if class_name == ARRAY:
        raise SparkException(
            f"java.lang.NoSuchMethodException: {ARRAY}.<init>()\n"
            "An ArrayWritable does not say what is in it, so Spark cannot read it back either; "
            "write a dict with the indexes as keys, or use saveAsPickleFile",
            "java.lang.RuntimeException",
        )
    if class_name in _WITHOUT_VALUE:
        raise SparkException(
            f"had a not serializable result: {class_name}\n"
            "PySpark cannot hand on values of this class; write the file with IntWritable, "
            "LongWritable, Text or another class that it can"
        )
    raise SparkException(
        f"java.io.IOException: WritableName can't load class: {class_name}\n"
        f"Read can be files of {', '.join(sorted([*_DECODERS, MAP]))}",
        "java.lang.RuntimeException",
    )


def _java_text(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return decode_text(text.encode("utf-8", "surrogatepass")).encode()


def encode_text(text: str) -> bytes:
    """Hadoop's Text: the UTF-8 behind its length."""
    data = _java_text(text)
    return vint_bytes(len(data)) + data


def _encode_map(value: dict[Any, Any]) -> bytes:
    items = _map_items(value)
    ids = dict(_IDS)
    names: list[str] = []
    body: list[bytes] = []
    for item in (each for pair in items for each in pair):
        name = class_of(item)
        if name not in ids:
            names.append(name)
            ids[name] = len(names)
        body += (bytes([ids[name]]), encode(item))
    head = [bytes([len(names)])]
    for number, name in enumerate(names, 1):
        head += (bytes([number]), len(name).to_bytes(2, "big"), name.encode())
    return b"".join([*head, len(items).to_bytes(4, "big"), *body])


def _map_items(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    order = hash_order(unpickled_order(list(value)), writable_hash)
    return [(key, value[key]) for key in order]


def java_double(value: float, shortest: str | None = None) -> str:
    """A float as Java writes it. ``shortest`` has its digits; None: those of a float of 64 bits.

    >>> java_double(1e7), java_double(0.25), java_double(float("inf"))
    ('1.0E7', '0.25', 'Infinity')
    """
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    sign, digits, exponent = decimal.Decimal(shortest or repr(value)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0") or "0"
    point = 0 if value == 0 else len(digits) + exponent  # digits before the decimal point
    minus = "-" if sign else ""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        whole = text[:point].ljust(point, "0") if point > 0 else "0"
        part = text[point:] if point > 0 else "0" * -point + text
        return f"{minus}{whole}.{part or '0'}"
    return f"{minus}{text[0]}.{text[1:] or '0'}E{point - 1}"


def _boolean(source: ByteSource) -> bool:
    return source.take(1) != b"\0"


def _signed(size: int) -> Callable[[ByteSource], int]:
    return lambda source: int.from_bytes(source.take(size), "big", signed=True)


def _floating(form: str) -> Callable[[ByteSource], float]:
    reader = struct.Struct(form)
    return lambda source: reader.unpack(source.take(reader.size))[0]


def take_text(source: ByteSource) -> str:
    """What `encode_text` gave."""
    return decode_text(source.take(source.vint()))


def _bytes(source: ByteSource) -> bytearray:
    return bytearray(source.take(source.int32()))


class _MapReader:
    """Reads maps as Spark does: all into one MapWritable, whose table stays as large as it was."""

    def __init__(self) -> None:
        self._capacity = 16

    def __call__(self, source: ByteSource) -> dict[Any, Any]:
        found = _map_as_written(source, 0)
        self._capacity = grown(self._capacity, len(found))
        return _in_order(found, self._capacity)


def _in_order(found: dict[Any, Any], capacity: int = 16) -> dict[Any, Any]:
    # First a map of Writables, then one of what they hold.
    keys = hash_order(hash_order(list(found), writable_hash, capacity), java_hash)
    return {key: found[key] for key in keys}


def _map_as_written(source: ByteSource, depth: int) -> dict[Any, Any]:
    if depth > _DEEPEST:
        raise source.damaged(f"maps in maps, more than {_DEEPEST} deep")
    classes = dict(_BY_ID)
    for _ in range(source.take(1)[0]):
        id = source.take(1)[0]
        name = source.take(int.from_bytes(source.take(2), "big"))
        classes[id] = name.decode("utf-8", "replace")

    def item() -> Any:
        id = source.take(1)[0]
        if id not in classes:
            raise source.damaged(f"a class with the number {id}, which stands for none")
        if classes[id] == MAP:
            return _in_order(_map_as_written(source, depth + 1))
        return decoder(classes[id])(source)

    size = source.int32()
    if size < 0:
        raise source.damaged(f"a map of {size} items")
    found: dict[Any, Any] = {}
    for _ in range(size):
        key = item()
        found[key] = item()
    return found


_CLASSES: dict[type, str] = {
    type(None): NULL,
    bool: BOOLEAN,
    float: DOUBLE,
    str: TEXT,
    bytes: BYTES,
    bytearray: BYTES,
    dict: MAP,
    tuple: ARRAY,
}
_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    NULL: lambda value: b"",
    BOOLEAN: lambda value: b"\1" if value else b"\0",
    INT: lambda value: value.to_bytes(4, "big", signed=True),
    LONG: lambda value: value.to_bytes(8, "big", signed=True),
    DOUBLE: struct.Struct(">d").pack,
    TEXT: encode_text,
    BYTES: lambda value: len(value).to_bytes(4, "big") + bytes(value),
    MAP: _encode_map,
    ARRAY: lambda value: len(value).to_bytes(4, "big") + b"".join(map(encode, value)),
}
_DECODERS: dict[str, Callable[[ByteSource], Any]] = {
    NULL: lambda source: None,
    BOOLEAN: _boolean,
    BYTE: _signed(1),
    SHORT: _signed(2),
    INT: _signed(4),
    LONG: _signed(8),
    FLOAT: _floating(">f"),
    DOUBLE: _floating(">d"),
    TEXT: take_text,
    BYTES: _bytes,
}
_JAVA_CLASSES: dict[type, str] = {
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    str: "java.lang.String",
    bytes: "[B",
    bytearray: "[B",
    list: "java.util.ArrayList",
    tuple: "[Ljava.lang.Object;",
    dict: "java.util.HashMap",
    set: "java.util.HashSet",
    frozenset: "java.util.HashSet",
    complex: "net.razorvine.pickle.objects.ComplexNumber",
    decimal.Decimal: "java.math.BigDecimal",
    datetime.date: "java.util.GregorianCalendar",
    datetime.datetime: "java.util.GregorianCalendar",
    datetime.timedelta: "net.razorvine.pickle.objects.TimeDelta",
}
_JAVA_ARRAYS = {"b": "B", "h": "S", "i": "I", "l": "J", "q": "J", "f": "F", "d": "D", "u": "C"}
