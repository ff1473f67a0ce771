"""Numbers and byte strings in a stream of bytes, as Spark and its workers write them: big-endian,
a byte string after its length.

For serializers, and for programs that read or write such streams (``minispark.serializers``).
Must not know: what the bytes mean.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

__all__ = [
    "SpecialLengths",
    "pack_long",
    "read_bool",
    "read_frames",
    "read_int",
    "read_long",
    "write_int",
    "write_long",
    "write_with_length",
]


class SpecialLengths:
    """What stands in place of a length, and is none. As in Spark.

    >>> from minispark.serializers import SpecialLengths
    >>> SpecialLengths.END_OF_DATA_SECTION
    -1
    """

    END_OF_DATA_SECTION = -1
    PYTHON_EXCEPTION_THROWN = -2
    TIMING_DATA = -3
    END_OF_STREAM = -4
    NULL = -5
    START_ARROW_STREAM = -6
    START_OF_INIT_MESSAGE = -8


def read_int(stream: BinaryIO) -> int:
    """Read 4 bytes as an int.

    Raises
    ------
    EOFError
        at the end of the stream
    struct.error
        if there are fewer

    >>> import io
    >>> from minispark.serializers import read_int
    >>> read_int(io.BytesIO(b"\\x00\\x00\\x01\\x00"))
    256

    As in Spark.
    """
    return _read(stream, _INT)


def read_long(stream: BinaryIO) -> int:
    """Read 8 bytes as an int; see :func:`read_int`.

    >>> import io
    >>> from minispark.serializers import pack_long, read_long
    >>> read_long(io.BytesIO(pack_long(-7)))
    -7
    """
    return _read(stream, _LONG)


def read_bool(stream: BinaryIO) -> bool:
    """Read a byte as a bool; see :func:`read_int`.

    >>> import io
    >>> from minispark.serializers import read_bool
    >>> read_bool(io.BytesIO(b"\\x01"))
    True
    """
    return bool(_read(stream, _BOOL))


def write_int(value: int, stream: BinaryIO) -> None:
    """Write an int as 4 bytes; struct.error if it does not fit.

    >>> import io
    >>> from minispark.serializers import write_int
    >>> stream = io.BytesIO()
    >>> write_int(256, stream)
    >>> stream.getvalue()
    b'\\x00\\x00\\x01\\x00'
    """
    stream.write(_INT.pack(value))


def write_long(value: int, stream: BinaryIO) -> None:
    """Write an int as 8 bytes; struct.error if it does not fit.

    >>> import io
    >>> from minispark.serializers import read_long, write_long
    >>> stream = io.BytesIO()
    >>> write_long(2**40, stream)
    >>> read_long(io.BytesIO(stream.getvalue())) == 2**40
    True
    """
    stream.write(_LONG.pack(value))


def pack_long(value: int) -> bytes:
    """An int as 8 bytes; struct.error if it does not fit.

    >>> from minispark.serializers import pack_long
    >>> pack_long(1)
    b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'
    """
    return _LONG.pack(value)


def write_with_length(obj: bytes, stream: BinaryIO) -> None:
    """Write the length of a byte string, as an int, and the byte string.

    >>> import io
    >>> from minispark.serializers import write_with_length
    >>> stream = io.BytesIO()
    >>> write_with_length(b"ab", stream)
    >>> stream.getvalue()
    b'\\x00\\x00\\x00\\x02ab'
    """
    write_int(len(obj), stream)
    stream.write(obj)


def read_frames(stream: BinaryIO) -> Iterator[bytes | None]:
    """The byte strings of a stream, up to its end or the mark of an end; None where it has NULL.

    What the stream breaks off in is left out, as in Spark.
    """
    while True:
        try:
            length = read_int(stream)
        except EOFError:
            return
        if length == SpecialLengths.END_OF_DATA_SECTION:
            return
        if length == SpecialLengths.NULL:
            yield None
            continue
        data = stream.read(length)
        if len(data) < length:
            return
        yield data


_INT = struct.Struct("!i")
_LONG = struct.Struct("!q")
_BOOL = struct.Struct("!?")


def _read(stream: BinaryIO, form: struct.Struct) -> int:
    data = stream.read(form.size)
    if not data:
        raise EOFError
    (value,) = form.unpack(data)
    return int(value)
