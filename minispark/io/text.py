"""Text files: the records of a split.

For whatever reads text by line. Records as in Hadoop's LineRecordReader: a record belongs to the
split in which it starts, and one that starts exactly at the end of a split belongs to that split;
so each split but a file's first skips the record at its start.
Must not know: what is done with records, what an RDD is.
"""

from __future__ import annotations

import codecs as python_codecs
import re
from collections.abc import Generator, Iterator
from itertools import chain
from typing import TypeAlias

from minispark.errors import SparkException
from minispark.io.codecs import codec_of_name, is_splittable, refuse_unread
from minispark.io.filesystem import InputStream, file_system_of, pieces_of
from minispark.io.splits import FileSplit, goal_splits, old_api_files

# How much is read at first of what follows a split, in bytes.
_LOOK_AHEAD = 1 << 13
_RECORD_END = re.compile(rb"[\r\n]")
BOM = b"\xef\xbb\xbf"
_Batch: TypeAlias = list[bytes] | bytes
"""Records as a list, or with line feeds between them, which is how they are decoded fastest."""
_XZ_MAGIC = b"\xfd7zXZ\x00"


def text_splits(path: str, min_partitions: int) -> list[FileSplit]:
    """The splits of all files that an input text names: one partition each.

    As in Hadoop, `min_partitions` only sets a goal for the size of a split; there may be more or,
    with small or compressed files, fewer. Empty files have no split.

    Parameters
    ----------
    path: paths, globs and directories between commas; see `minispark.io.paths`.
    min_partitions: into how many splits the bytes of all files should go.

    Raises SparkException where a path does not exist, (java.io.IOException) where a directory
    holds a directory, and (java.lang.IllegalArgumentException) where `min_partitions` is negative.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     with open(f"{directory}/a", "w") as file:
    ...         _ = file.write("12345678\\n12345678\\n")
    ...     [(split.start, split.length) for split in text_splits(directory, 4)]
    [(0, 4), (4, 4), (8, 4), (12, 4), (16, 2)]
    """
    return goal_splits(old_api_files(path), min_partitions, is_splittable=is_splittable)


def read_split(split: FileSplit) -> Iterator[bytes]:
    """The records of a split, without their ends, as the file has them.

    A record ends with a line feed, a carriage return, or both in this order; the last one of a file
    may end with the file. A UTF-8 byte order mark at the start of a file is left out. The
    file is read in pieces: memory holds one piece, or one record where that is larger.

    Raises SparkException for a file that is damaged, or in a format that is not read here.
    """
    return chain.from_iterable(map(_listed, _batches(split)))


def read_split_text(split: FileSplit) -> Iterator[str]:
    """The records of a split as text: what `decode_text` makes of those of `read_split`, faster."""
    return chain.from_iterable(map(_decoded, _batches(split)))


def read_split_with_offsets(split: FileSplit) -> Iterator[tuple[int, bytes]]:
    """The records of a split, each with the byte of the file at which it starts.

    In a compressed file that is counted in the unpacked bytes; in one that is read in several
    splits (bzip2), from the start of the split.
    """
    offset = split.start
    # Records come with their ends, so that they can be counted, and so with the one to skip.
    records = chain.from_iterable(map(_listed, _batches(split, keep_ends=True)))
    if split.start > 0:
        offset += len(next(records, b""))
    for record in records:
        start = offset
        offset += len(record)
        if start == 0:
            if record == BOM:  # and no line
                continue
            record = record.removeprefix(BOM)
        yield start, record.rstrip(b"\r\n")


def _listed(batch: _Batch) -> list[bytes]:
    return batch if isinstance(batch, list) else batch.split(b"\n")


def _decoded(batch: _Batch) -> list[str]:
    try:
        if isinstance(batch, bytes):
            return batch.decode().split("\n")
        return list(map(bytes.decode, batch))
    except UnicodeDecodeError:
        return list(map(decode_text, _listed(batch)))


def _batches(split: FileSplit, keep_ends: bool = False) -> Iterator[_Batch]:
    """The records of a split. With their ends: also the first, to be skipped, and the BOM."""
    refuse_unread(split.path)
    codec = codec_of_name(split.path)
    with file_system_of(split.path).open(split.path) as file:
        if codec is None:
            yield from _plain_batches(file, split, keep_ends)
            return
        if codec.split is not None:
            own, after = codec.split(file, split.path, split.start, split.length)
        else:
            own = codec.decompress(pieces_of(file), split.path)
            after = iter(())
        if split.start == 0 and not keep_ends:
            own = without_bom(own)
        yield from _records_between(own, after, split.start > 0, keep_ends)


def _plain_batches(file: InputStream, split: FileSplit, keep_ends: bool) -> Iterator[_Batch]:
    length = split.length
    file.seek(split.start)
    if split.start == 0:
        head = file.read(len(_XZ_MAGIC))
        if head == _XZ_MAGIC and split.path.endswith(".xz"):
            raise SparkException(
                f"{split.path}: Spark has no codec for .xz and would take the compressed bytes for "
                "text; decompress the file first, or compress it as .gz or .bz2",
                "java.io.IOException",
            )
        bom = len(BOM) if head.startswith(BOM) and not keep_ends else 0
        length = max(0, length - bom)
        file.seek(bom)
    # Both read on from where the file stands: what is after the split comes after it is read.
    own, after = pieces_of(file, length), pieces_of(file, first=_LOOK_AHEAD)
    yield from _records_between(own, after, split.start > 0, keep_ends)


def _records_between(
    own: Iterator[bytes], after: Iterator[bytes], skip_first: bool, keep_ends: bool
) -> Iterator[_Batch]:
    """The records that start in the bytes `own` or exactly at their end, whole, in batches.

    `after` is what follows in the file; of it only as much is read as the last record needs.
    With `skip_first` the first record is left out, unless records keep their ends.
    """
    rest, skipping = yield from _cut(own, skip_first and not keep_ends, keep_ends)
    if rest.endswith(b"\r"):
        # The end of a record, or the half of one.
        if not skipping:
            yield [rest if keep_ends else rest[:-1]]
        following = next(after, b"")
        if following[:1] in (b"", b"\n"):
            return
        rest, skipping, after = b"", False, chain([following], after)
    if skipping:
        return
    last = _first_record(after, keep_ends)
    if last is not None:
        yield [rest + last]
    elif rest:
        yield [rest]


def _cut(
    pieces: Iterator[bytes], skipping: bool, keep_ends: bool
) -> Generator[_Batch, None, tuple[bytes, bool]]:
    """Yields batches of whole records; returns what is left, a record without its end.

    A carriage return at the very end is left with its record, since a line feed may follow. While
    `skipping` the first record is not kept; returned too is whether it is still going on.
    """
    rest: list[bytes] = []
    held_return = False  # whether the rest ends with a carriage return
    for piece in pieces:
        has_return = held_return or b"\r" in piece
        if not has_return and b"\n" not in piece:
            if not skipping:
                rest.append(piece)  # joined once only, however long the record is
            continue
        rest.append(piece)
        text = b"".join(rest) if len(rest) > 1 else piece
        if has_return or keep_ends:
            # For bytes, the line ends of splitlines are exactly Hadoop's.
            records = text.splitlines(keep_ends)
            held_return = text.endswith(b"\r")
            left = b"" if text.endswith(b"\n") else records.pop()
            rest = [left + b"\r"] if held_return and not keep_ends else [left]
            if skipping and records:
                del records[0]
                skipping = False
            yield records
            continue
        whole, _, left = text.rpartition(b"\n")
        rest = [left]
        if skipping:
            skipping = False
            _, line_end, whole = whole.partition(b"\n")
            if not line_end:
                continue
        yield whole
    return b"".join(rest), skipping


def _first_record(pieces: Iterator[bytes], keep_end: bool) -> bytes | None:
    """The first record in some bytes, to its end or theirs; None where there are no bytes.

    With `keep_end` the first byte of its end is kept.
    """
    found: list[bytes] = []
    for piece in pieces:
        match = _RECORD_END.search(piece)
        if match is not None:
            return b"".join([*found, piece[: match.start() + keep_end]])
        found.append(piece)
    return b"".join(found) if found else None


def without_bom(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of a text without the byte order mark that it may start with."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(BOM):
            break
    head = head.removeprefix(BOM)
    if head:
        yield head
    yield from pieces


def decode_text(record: bytes) -> str:
    """The text of a record that should be UTF-8.

    As in Spark, where Java decodes it: what is no UTF-8 becomes U+FFFD, once for each run of bytes
    that Java takes for one malformed character. Java and Python count these alike but for
    surrogates, which for Java are one character of three bytes.

    >>> decode_text(b"caf\\xc3\\xa9 \\xff \\xed\\xa0\\x80")
    'café \\ufffd \\ufffd'
    """
    try:
        return record.decode()
    except UnicodeDecodeError:
        return record.decode("utf-8", _JAVA_REPLACE)


def repair_text(record: bytes) -> bytes:
    """The UTF-8 form of `decode_text`: what Spark hands on where it is asked for bytes.

    >>> repair_text(b"a\\xff")
    b'a\\xef\\xbf\\xbd'
    """
    return record if record.isascii() else decode_text(record).encode()


def _java_replace(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\ufffd", error.start + _malformed_length(error.object[error.start : error.start + 4])


def _malformed_length(data: bytes) -> int:
    """How many of up to four bytes, which do not start a character, Java replaces as one."""
    first = data[0]
    if 0xC2 <= first <= 0xDF:
        wanted = 2
    elif 0xE0 <= first <= 0xEF:
        wanted = 3
    elif 0xF0 <= first <= 0xF4:
        wanted = 4
    else:
        return 1
    if len(data) == 1:
        return 1
    second = data[1]
    if (
        not 0x80 <= second <= 0xBF
        or (first == 0xE0 and second < 0xA0)
        or (first == 0xF0 and second < 0x90)
        or (first == 0xF4 and second > 0x8F)
    ):
        return 1
    length = 2
    while length < min(wanted, len(data)) and 0x80 <= data[length] <= 0xBF:
        length += 1
    return length


_JAVA_REPLACE = "minispark.java_replace"
python_codecs.register_error(_JAVA_REPLACE, _java_replace)
