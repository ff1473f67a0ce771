"""Text whose records end in bytes of the program's choice, of one split.

For Spark's DataFrame readers; `minispark.io.text` has the usual line ends. As in Hadoop's
LineRecordReader with a delimiter. Must not know: what is done with records.
"""

from __future__ import annotations

from collections.abc import Iterator

from minispark.io.codecs import codec_of_name, refuse_unread
from minispark.io.filesystem import file_system_of, pieces_of
from minispark.io.splits import FileSplit
from minispark.io.text import BOM, without_bom

__all__ = ["read_delimited"]


def read_delimited(split: FileSplit, delimiter: bytes) -> Iterator[bytes]:
    """The records of a split, without their ends.

    A record belongs to the split in which the delimiter before it starts. Memory holds a piece of
    the file, or one record where that is larger.

    Raises SparkException for a file that is damaged, or in a format that is not read here.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     with open(f"{directory}/a", "w") as file:
    ...         _ = file.write("one||two||three")
    ...     splits = [FileSplit(f"file:{directory}/a", start, 5) for start in (0, 5, 10)]
    ...     [list(read_delimited(split, b"||")) for split in splits]
    [[b'one', b'two'], [b'three'], []]
    """
    refuse_unread(split.path)
    codec = codec_of_name(split.path)
    with file_system_of(split.path).open(split.path) as file:
        if codec is None:
            skipped = len(BOM) if split.start == 0 and file.read(len(BOM)) == BOM else 0
            file.seek(split.start + skipped)
            own, after = pieces_of(file, max(0, split.length - skipped)), pieces_of(file)
        else:
            if codec.split is not None:
                own, after = codec.split(file, split.path, split.start, split.length)
            else:
                own, after = codec.decompress(pieces_of(file), split.path), iter(())
            if split.start == 0:
                own = without_bom(own)
        yield from _records(own, after, split.start == 0, delimiter)


def _records(
    own: Iterator[bytes], after: Iterator[bytes], is_first: bool, delimiter: bytes
) -> Iterator[bytes]:
    """The records that belong to `own`, of which the last may end in `after`."""
    belongs = is_first  # whether the record that is being read is one of them
    held = bytearray()  # what is left of the piece, from the start of the record on
    searched = 0  # how much of it holds no delimiter
    end: int | None = None  # where own bytes end in `held`, once it is known
    while True:
        found = held.find(delimiter, searched)
        if found < 0:
            searched = max(0, len(held) - len(delimiter) + 1)
            piece = next(own, None) if end is None else None
            if piece is None:
                if end is None:
                    end = len(held)
                if not belongs and searched >= end:
                    return
                piece = next(after, None)
                if piece is None:
                    if belongs and held:
                        yield bytes(held)
                    return
            held += piece
            continue
        if belongs:
            yield bytes(held[:found])
        belongs = end is None or found < end
        if not belongs:
            return
        rest = found + len(delimiter)
        del held[:rest]
        searched = 0
        end = None if end is None else end - rest
