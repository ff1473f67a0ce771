"""Bytes to be read piece by piece, where every read says how much it needs.

For the readers of binary formats. A length that a damaged file claims is never trusted: what is
not there costs no memory, and is an error that names the place. Must not know: formats.
"""

from __future__ import annotations

from collections.abc import Iterator

from minispark.errors import SparkException

IO_ERROR = "java.io.IOException"
END_OF_FILE = "java.io.EOFException"


class ByteSource:
    """A row of pieces of bytes, read from its start to its end.

    Parameters
    ----------
    pieces: the bytes, in order.
    name: of what they are, for errors.
    position: of the first byte in what `name` names.

    >>> source = ByteSource(iter([b"ab", b"cd"]), "file:/data/a")
    >>> source.take(3), source.position, source.at_end
    (b'abc', 3, False)
    >>> source.take(1 << 40)
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.spark.SparkException: file:/data/a is damaged at byte 3: it ends \
where 1099511627776 more bytes should be
    """

    def __init__(self, pieces: Iterator[bytes], name: str, position: int = 0) -> None:
        self._pieces = pieces
        self._piece = b""
        self._used = 0  # of the piece
        self.name = name
        self.position = position

    @property
    def at_end(self) -> bool:
        """Whether no byte is left."""
        while self._used == len(self._piece):
            following = next(self._pieces, None)
            if following is None:
                return True
            self._piece, self._used = following, 0
        return False

    def take(self, size: int) -> bytes:
        """The next `size` bytes.

        Raises SparkException (java.io.EOFException) where fewer are left, and
        (java.io.IOException) for a negative size.
        """
        end = self._used + size
        if size >= 0 and end <= len(self._piece):
            taken = self._piece[self._used : end]
            self._used = end
            self.position += size
            return taken
        if size < 0:
            raise self.damaged(f"a length of {size} bytes")
        found: list[bytes] = []
        wanted = size
        while wanted:
            if self.at_end:
                raise self.damaged(f"it ends where {size} more bytes should be", END_OF_FILE)
            part = self._piece[self._used : self._used + wanted]
            self._used += len(part)
            wanted -= len(part)
            found.append(part)
        self.position += size
        return b"".join(found)

    def int32(self) -> int:
        """A signed number of four bytes."""
        return int.from_bytes(self.take(4), "big", signed=True)

    def vint(self) -> int:
        """A number in Hadoop's form of variable length: one byte from -112 to 127, else up to 9.

        >>> ByteSource(iter([b"\\x8f\\x80"]), "").vint()
        128
        """
        first = self.take(1)[0]
        first -= first >> 7 << 8  # it is signed
        if first >= -112:
            return first
        negative = first < -120
        value = int.from_bytes(self.take(-120 - first if negative else -112 - first), "big")
        return ~value if negative else value

    def skip_to(self, mark: bytes) -> bool:
        """Leave out all bytes before the next `mark`; False where there is none up to the end."""
        kept = self._piece[self._used :]
        start = self.position
        while (at := kept.find(mark)) < 0:
            following = next(self._pieces, None)
            if following is None:
                self._piece, self._used = b"", 0
                self.position = start + len(kept)
                return False
            drop = max(0, len(kept) - len(mark) + 1)
            start += drop
            kept = kept[drop:] + following
        self._piece, self._used = kept, at
        self.position = start + at
        return True

    def damaged(self, why: str, kind: str = IO_ERROR) -> SparkException:
        """The error that says what is wrong at the place that is read next."""
        return SparkException(f"{self.name} is damaged at byte {self.position}: {why}", kind)


def vint_bytes(value: int) -> bytes:
    """A number of 64 bits in Hadoop's form of variable length.

    >>> vint_bytes(127), vint_bytes(-112), vint_bytes(128), vint_bytes(-113)
    (b'\\x7f', b'\\x90', b'\\x8f\\x80', b'\\x87p')
    """
    if -112 <= value <= 127:
        return (value & 0xFF).to_bytes(1, "big")
    magnitude = value if value >= 0 else ~value
    size = (magnitude.bit_length() + 7) // 8
    return bytes([256 - (112 if value >= 0 else 120) - size]) + magnitude.to_bytes(size, "big")
