"""What is in a file that a program wrote, as lines to compare.

A compressed file is its content, since compressors of one format differ in their bytes; a
SequenceFile is its records, since its sync mark is random; a checksum file only has to be there.
Must not know: which engine wrote it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from minispark.errors import SparkException
from minispark.io.codecs import codec_of_name
from minispark.io.sequence import read_sequence_split
from minispark.io.splits import FileSplit

MOST_BYTES = 16_000_000
"""A larger content is compared as a whole, not by lines."""
_PIECE = 1 << 20
_BYTES_A_LINE = 32


def lines_of_file(path: Path, blank: Callable[[str], str]) -> list[str]:
    """The content of a file as lines; those of text without what is of one run only.

    Parameters
    ----------
    path: the file, or a symbolic link, which counts as where it points.
    blank: what takes out of a line what is of one run only.
    """
    if path.is_symlink():
        return [f"link to {path.readlink()}"]
    if path.name.startswith(".") and path.name.endswith(".crc"):
        return []
    for read in (_records, _decompressed, _plain):
        try:
            return _bounded(read(path), blank)
        except SparkException:
            continue  # it is not what its name or its beginning says: then its bytes
    raise AssertionError("any file has bytes")


def lines_of_text(path: Path, blank: Callable[[str], str]) -> list[str]:
    """The lines of a file of text, as `lines_of_file`; the last one is empty if all are ended."""
    return _bounded(_plain(path), blank)


def _records(path: Path) -> Iterator[bytes]:
    if _beginning(path, 3) != b"SEQ":
        raise SparkException(f"{path} is no SequenceFile")
    split = FileSplit(path.absolute().as_uri(), 0, path.stat().st_size)
    header, records = read_sequence_split(split)
    yield f"{header}\n".encode()
    for key, value in records:
        yield f"{key!r}: {value!r}\n".encode()


def _decompressed(path: Path) -> Iterator[bytes]:
    codec = codec_of_name(path.name)
    if codec is None:
        raise SparkException(f"{path} is not compressed")
    return codec.decompress(_plain(path), path.name)


def _plain(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _beginning(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _bounded(pieces: Iterable[bytes], blank: Callable[[str], str]) -> list[str]:
    kept: list[bytes] = []
    size = 0
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if size <= MOST_BYTES:
            kept.append(piece)
        else:
            kept.clear()
    if size > MOST_BYTES:
        return [f"{size} bytes, SHA-256 {digest.hexdigest()}"]
    return _lines(b"".join(kept), blank)


def _lines(content: bytes, blank: Callable[[str], str]) -> list[str]:
    try:
        text = content.decode("utf-8")
        if "\0" not in text:
            return [blank(line) for line in text.split("\n")]
    except UnicodeDecodeError:
        pass
    size = _BYTES_A_LINE
    return [content[at : at + size].hex(" ") for at in range(0, len(content), size)]
