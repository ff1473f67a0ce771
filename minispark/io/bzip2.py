"""bzip2 files, read from the middle: the blocks that begin in a range of the compressed bytes.

For the codecs. A bzip2 stream is a row of blocks, each compressed on its own and begun by a marker
of 48 bits, at any bit; so a block can be found and unpacked without what comes before it. As in
Hadoop, a split holds the blocks whose markers begin in it. Must not know: records.
"""

from __future__ import annotations

import bz2
from collections.abc import Iterator

from minispark.errors import SparkException
from minispark.io.filesystem import InputStream, pieces_of

_BLOCK = 0x314159265359
_END = 0x177245385090
_MARKER_BITS = 48
_HEADER = 4  # the bytes before the first marker
# More bytes than any block takes: it holds at most 900,000, and compression adds little.
_LARGEST_BLOCK = 1 << 21


def split_blocks(
    file: InputStream, path: str, start: int, length: int
) -> tuple[Iterator[bytes], Iterator[bytes]]:
    """What the blocks of one split hold, and what those after it hold, a piece a block.

    The two are read from the file one after the other.

    Parameters
    ----------
    file: the compressed file.
    path: named in errors.
    start, length: the range of compressed bytes in which the split's blocks begin.

    Raises SparkException (java.io.IOException) where a block is damaged, or, at the start of a
    file, where it is not a bzip2 file at all.
    """
    file.seek(start)
    blocks = _blocks(file, path, start)
    beyond: list[bytes] = []

    def own() -> Iterator[bytes]:
        if start == 0:
            _check_header(file, path)
        for offset, content in blocks:
            if offset <= _HEADER:  # belongs to the first split, however short that is
                if start > 0:
                    continue
            elif offset >= start + length:
                beyond.append(content)
                return
            yield content

    def after() -> Iterator[bytes]:
        yield from beyond
        for _, content in blocks:
            yield content

    return own(), after()


def _check_header(file: InputStream, path: str) -> None:
    header = file.read(_HEADER)
    if header[:3] != b"BZh" or not header[3:].isdigit():
        raise SparkException(f"{path} is not a valid .bz2 file", "java.io.IOException")
    file.seek(0)


def _blocks(file: InputStream, path: str, start: int) -> Iterator[tuple[int, bytes]]:
    """Each block from a position on: the byte in which its marker begins, and its content."""
    data = b""
    offset = start  # of data in the file
    begin: int | None = None  # the bit of data at which the block in hand begins
    search = 0  # the bit of data from which markers have not been looked for
    pieces = pieces_of(file)
    while True:
        found = _next_marker(data, search)
        if found is None:
            search = max(0, len(data) * 8 - _MARKER_BITS + 1, search)
            piece = next(pieces, None)
            if piece is None:
                break
            drop = (search if begin is None else begin) // 8
            data = data[drop:] + piece
            offset += drop
            search -= drop * 8
            if begin is not None:
                begin -= drop * 8
                if len(data) > _LARGEST_BLOCK + len(piece):
                    raise _damaged(path, offset, "it has no end")
            continue
        at, marker = found
        if begin is not None:
            where = offset + begin // 8
            yield where, _unpacked(data, begin, at, path, where)
        begin = at if marker == _BLOCK else None
        search = at + _MARKER_BITS
    if begin is not None:  # the end marker is missing
        where = offset + begin // 8
        yield where, _unpacked(data, begin, len(data) * 8, path, where)


def _next_marker(data: bytes, start: int) -> tuple[int, int] | None:
    """The bit at which the first marker from the bit `start` on begins, and which it is."""
    best: tuple[int, int] | None = None
    for marker in (_BLOCK, _END):
        for shift in range(8):
            # Whatever the shift, five bytes are the marker's alone.
            inner = (marker >> shift & ((1 << 40) - 1)).to_bytes(5, "big")
            at = start // 8
            while (at := data.find(inner, at)) >= 0:
                bit = (at - 1) * 8 + shift
                if best is not None and bit >= best[0]:
                    break
                if bit >= start and _bits(data, bit, _MARKER_BITS) == marker:
                    best = bit, marker
                    break
                at += 1
    return best


def _bits(data: bytes, start: int, count: int) -> int:
    """`count` bits of some bytes, as a number; fewer where they end before."""
    end = -(-(start + count) // 8)
    taken = data[start // 8 : end]
    surplus = (start // 8 + len(taken)) * 8 - (start + count)
    return int.from_bytes(taken, "big") >> max(0, surplus) & ((1 << count) - 1)


def _unpacked(data: bytes, begin: int, end: int, path: str, where: int) -> bytes:
    """The content of the block in some bits: made into a stream of its own, and unpacked."""
    checksum = _bits(data, begin + _MARKER_BITS, 32)
    size = end - begin + _MARKER_BITS + 32
    block = _bits(data, begin, end - begin)
    stream = ((block << _MARKER_BITS | _END) << 32 | checksum) << (-size % 8)
    try:
        return bz2.decompress(b"BZh9" + stream.to_bytes(-(-size // 8), "big"))
    except (OSError, ValueError) as error:
        raise _damaged(path, where, error) from error


def _damaged(path: str, where: int, why: object) -> SparkException:
    return SparkException(
        f"{path} is damaged in the bzip2 block that begins at byte {where}: {why}",
        "java.io.IOException",
    )
