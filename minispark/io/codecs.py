"""Compressed files: which codec a file name or a Hadoop class name stands for, and its streams.

For the text readers and the committer. As in Hadoop, a file is compressed when its name ends in
the suffix of a codec, whatever is in it. Must not know: records, splits, where files lie.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from minispark.errors import SparkException
from minispark.io.bzip2 import split_blocks
from minispark.io.filesystem import InputStream

_PACKAGE = "org.apache.hadoop.io.compress."
# How much a compressed piece may grow before it is handed on, in bytes.
_OUTPUT_PIECE = 1 << 18


class Compressor(Protocol):
    """A stream that compresses: all that `compress` returns and then `flush` makes up the file."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Decompressor(Protocol):
    """One compressed stream. `feed` gives at most a piece; b"" with `needs_input` asks for more."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def feed(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class Codec:
    """One format of compressed files.

    `suffix` marks its files. `split`, where Hadoop reads a file in several splits, gives what
    belongs to a range of compressed bytes and what follows it, from the file, its path, and the
    range's start and length.
    """

    suffix: str
    compressor: Callable[[], Compressor]
    _decompressor: Callable[[], _Decompressor]
    _errors: tuple[type[Exception], ...]
    split: (
        Callable[[InputStream, str, int, int], tuple[Iterator[bytes], Iterator[bytes]]] | None
    ) = None

    def decompress(self, pieces: Iterable[bytes], path: str) -> Iterator[bytes]:
        """The content of a compressed file, in pieces of bounded size.

        A file may hold several streams one after the other.

        Parameters
        ----------
        pieces: the bytes of the file, in order.
        path: named in errors.

        Raises SparkException (java.io.IOException) where the bytes are not of this format, and
        (java.io.EOFException) where they end too early.

        >>> codec = codec_of_name("a.gz")
        >>> packer = codec.compressor()
        >>> b"".join(codec.decompress([packer.compress(b"text"), packer.flush()], "a.gz"))
        b'text'
        """
        stream: _Decompressor | None = None
        try:
            for piece in pieces:
                data = piece
                while data or (stream is not None and not stream.needs_input and not stream.eof):
                    if stream is None:
                        stream = self._decompressor()
                    out = stream.feed(data)
                    data = b""
                    if out:
                        yield out
                    if stream.eof:
                        data, stream = stream.unused_data, None
        except self._errors as error:
            raise SparkException(
                f"{path} is not a valid {self.suffix} file: {error}", "java.io.IOException"
            ) from error
        if stream is not None:
            raise SparkException(
                f"Unexpected end of input stream: {path} is cut short", "java.io.EOFException"
            )


class _Zlib:
    """A zlib or gzip stream, with the attributes that bz2's decompressor has."""

    needs_input = True

    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def feed(self, data: bytes) -> bytes:
        out = self._stream.decompress(self._stream.unconsumed_tail + data, _OUTPUT_PIECE)
        self.needs_input = not self._stream.unconsumed_tail and len(out) < _OUTPUT_PIECE
        return out


class _Bzip2:
    def __init__(self) -> None:
        self._stream = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return self._stream.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def feed(self, data: bytes) -> bytes:
        return self._stream.decompress(data, _OUTPUT_PIECE)


_GZIP = Codec(
    suffix=".gz",
    compressor=lambda: zlib.compressobj(wbits=31),
    _decompressor=lambda: _Zlib(31),
    _errors=(zlib.error,),
)
_DEFLATE = Codec(
    suffix=".deflate",
    compressor=zlib.compressobj,
    _decompressor=lambda: _Zlib(15),
    _errors=(zlib.error,),
)
_BZIP2 = Codec(
    suffix=".bz2",
    compressor=bz2.BZ2Compressor,
    _decompressor=_Bzip2,
    _errors=(OSError, EOFError, ValueError),
    split=split_blocks,
)

_BY_SUFFIX = {codec.suffix: codec for codec in (_GZIP, _DEFLATE, _BZIP2)}
_BY_CLASS = {
    _PACKAGE + "GzipCodec": _GZIP,
    _PACKAGE + "DefaultCodec": _DEFLATE,
    _PACKAGE + "DeflateCodec": _DEFLATE,
    _PACKAGE + "BZip2Codec": _BZIP2,
}
# Known to Hadoop, not read or written here.
_UNREAD = {
    ".snappy": _PACKAGE + "SnappyCodec",
    ".lz4": _PACKAGE + "Lz4Codec",
    ".zst": _PACKAGE + "ZStandardCodec",
}


def codec_of_name(path: str) -> Codec | None:
    """The codec of the file at `path`, by the end of its name; None for a file that has none.

    >>> codec_of_name("logs.GZ").suffix, codec_of_name("gz")
    ('.gz', None)
    """
    return _BY_SUFFIX.get(_suffix(path))


def is_splittable(path: str) -> bool:
    """Whether Hadoop reads the file at `path` in several splits.

    >>> [is_splittable(name) for name in ("a.txt", "a.gz", "a.bz2", "a.snappy")]
    [True, False, True, False]
    """
    suffix = _suffix(path)
    if suffix in _UNREAD:
        return False
    codec = _BY_SUFFIX.get(suffix)
    return codec is None or codec.split is not None


def refuse_unread(path: str) -> None:
    """Raises SparkException (java.io.IOException) for a file in a format that is not read here."""
    suffix = _suffix(path)
    if suffix in _UNREAD:
        raise SparkException(
            f"{path}: files ending in {suffix} are not read here; decompress the file first, or "
            f"compress it as .gz, .bz2 or .deflate",
            "java.io.IOException",
        )


def codec_of_class(class_name: str) -> Codec:
    """The codec with this Java class name, as `saveAsTextFile` is given it.

    Raises SparkException (java.lang.ClassNotFoundException) for a class that is not known, and
    (java.lang.UnsupportedOperationException) for one of Hadoop's that is not written here.

    >>> codec_of_class("org.apache.hadoop.io.compress.GzipCodec").suffix
    '.gz'
    """
    codec = _BY_CLASS.get(class_name)
    if codec is not None:
        return codec
    accepted = ", ".join(_BY_CLASS)
    if class_name in _UNREAD.values():
        raise SparkException(
            f"{class_name} is not written here; use one of {accepted}",
            "java.lang.UnsupportedOperationException",
        )
    raise SparkException(
        f"{class_name}\nNo such compression codec; known are {accepted}",
        "java.lang.ClassNotFoundException",
    )


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :].lower() if "." in name else ""
