"""Compression of what block files hold, a segment at a time.

A compressed segment begins with a byte that says how; one that is not, with pickle's own first
byte. So who reads a file need not be told. What compression does not make smaller is left as it is.
Must not know: files, settings.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

CODECS = {"lz4": b"\x01", "snappy": b"\x02", "zstd": b"\x03", "zlib": b"\x04"}
"""The codecs that there are, and the first byte of their segments. Pickle's is 0x80."""

_PICKLE = 0x80

_MAX_BYTES = 1 << 30
"""LZ4 and Snappy take no more than a few GiB at once. A segment of such a size is one record's."""


class Compression(NamedTuple):
    """The codec of each kind of file; None: it is not compressed."""

    shuffle: str | None = None
    """Of map outputs."""
    spill: str | None = None
    """Of what combining and sorting cannot hold in memory."""
    blocks: str | None = None
    """Of cached partitions."""


def is_there(codec: str) -> bool:
    """Whether the package of a codec is installed."""
    try:
        _functions(codec)
    except ImportError:
        return False
    return True


def compress(data: bytes, codec: str) -> bytes:
    """``data``, a pickle, as a codec makes it smaller; else as it is."""
    if len(data) > _MAX_BYTES:
        return data
    packed = _functions(codec)[0](data)
    return CODECS[codec] + packed if len(packed) + 1 < len(data) else data


def decompress(data: bytes) -> Any:
    """What :func:`compress` was given, as an object that has its bytes."""
    if data[0] == _PICKLE:
        return data
    codec = next(name for name, first in CODECS.items() if first == data[:1])
    return _functions(codec)[1](memoryview(data)[1:])


def _functions(codec: str) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """What compresses and what decompresses. Raises ImportError if a package is not installed."""
    if codec == "zlib":
        return lambda data: zlib.compress(data, 1), zlib.decompress
    import cramjam  # an extra

    match codec:
        case "lz4":
            return cramjam.lz4.compress_block, cramjam.lz4.decompress_block
        case "snappy":
            return cramjam.snappy.compress_raw, cramjam.snappy.decompress_raw
        case _:
            return lambda data: cramjam.zstd.compress(data, 1), cramjam.zstd.decompress
