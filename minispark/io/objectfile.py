"""The values of pickle files: Java-serialised arrays of byte arrays, each a pickled batch.

For the reader and writer of pickle files. Spark's `saveAsObjectFile` writes ten batches at a time
as one array, in the format of Java's ObjectOutputStream. Must not know: what is in a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minispark.errors import SparkException
from minispark.io.bytesource import ByteSource

BATCHES = 10  # a value

_STREAM = b"\xac\xed\x00\x05"  # magic and version
_NULL, _REFERENCE, _CLASS, _ARRAY = b"\x70", b"\x71", b"\x72", b"\x75"
_FIRST_HANDLE = 0x7E0000
# Of a class description: serializable, no fields, no annotation, no superclass.
_TAIL = b"\x02\x00\x00\x78\x70"
_BYTES_CLASS = b"\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0" + _TAIL
_OUTER_CLASS = b"\x00\x03[[BK\xfd\x19\x15gg\xdb7" + _TAIL
# The array is the first object behind its class; then comes the class of what is in it.
_BYTES_HANDLE = _FIRST_HANDLE + 2


def java_array(batches: Sequence[bytes]) -> bytes:
    """The bytes that Java writes for an array of byte arrays.

    >>> list(batches_of(java_array([b"one", b"two"]), "a file"))
    [b'one', b'two']
    """
    parts = [_STREAM, _ARRAY, _CLASS, _OUTER_CLASS, len(batches).to_bytes(4, "big")]
    bytes_class = _CLASS + _BYTES_CLASS
    for batch in batches:
        parts += (_ARRAY, bytes_class, len(batch).to_bytes(4, "big"), batch)
        bytes_class = _REFERENCE + _BYTES_HANDLE.to_bytes(4, "big")
    return b"".join(parts)


def batches_of(data: bytes, name: str) -> Iterator[bytes]:
    """The byte arrays of an array that Java has written.

    Raises SparkException (java.io.StreamCorruptedException) where the bytes are something else;
    it names the file, `name`.
    """
    source = ByteSource(iter([data]), name)
    if source.take(4) != _STREAM:
        raise _no_batches(source)
    arrays = _Arrays(source)
    for _ in range(arrays.open_outer()):
        yield arrays.next_array()


class _Arrays:
    """Reads byte arrays; a class or an array that came before may stand as a reference."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._handles: list[bytes | None] = []

    def open_outer(self) -> int:
        """Read up to the first array; how many there are."""
        self._expect(_ARRAY)
        self._expect(_CLASS)
        name = self._source.take(int.from_bytes(self._source.take(2), "big"))
        if name not in (b"[[B", b"[Ljava.lang.Object;"):
            raise _no_batches(self._source)
        self._source.take(8)  # the number of the class's version
        self._expect(_TAIL)
        self._handles = [None, None]  # the class, and the array of this class
        return self._source.int32()

    def next_array(self) -> bytes:
        kind = self._source.take(1)
        if kind == _REFERENCE:
            at = self._source.int32() - _FIRST_HANDLE
            found = self._handles[at] if 0 <= at < len(self._handles) else None
            if found is None:
                raise _no_batches(self._source)
            return found
        if kind != _ARRAY:
            raise _no_batches(self._source)
        kind = self._source.take(1)
        if kind == _CLASS:
            self._expect(_BYTES_CLASS)
            self._handles.append(None)
        elif kind != _REFERENCE or self._source.int32() != _BYTES_HANDLE:
            raise _no_batches(self._source)
        array = self._source.take(self._source.int32())
        self._handles.append(array)
        return array

    def _expect(self, wanted: bytes) -> None:
        if self._source.take(len(wanted)) != wanted:
            raise _no_batches(self._source)


def _no_batches(source: ByteSource) -> SparkException:
    return SparkException(
        f"{source.name}: no pickled batches, at byte {source.position} of the value\n"
        "It was not written by saveAsPickleFile, or is damaged",
        "java.io.StreamCorruptedException",
    )
