"""What a part file holds: lines of text, or a SequenceFile.

For the committer, which gives a format the open file and the records of a partition. Formats can be
pickled, and know how their files' names end. Must not know: directories, tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from minispark.io.codecs import codec_of_class
from minispark.io.filesystem import OutputStream

_FLUSH_SIZE = 1 << 17


class PartFormat(Protocol):
    """How the records of one partition become one file."""

    @property
    def suffix(self) -> str:
        """The end of the names of part files."""

    def write(self, file: OutputStream, records: Iterator[Any]) -> None:
        """Write the records of a partition, all of them."""


@dataclass(frozen=True)
class LineFormat:
    """Records are bytes: a line each.

    Parameters
    ----------
    codec_class: the Java class name of a Hadoop codec; None for plain text.

    Raises SparkException for an unknown codec.

    >>> LineFormat("org.apache.hadoop.io.compress.GzipCodec").suffix
    '.gz'
    """

    codec_class: str | None = None

    def __post_init__(self) -> None:
        if self.codec_class:
            codec_of_class(self.codec_class)  # refuses an unknown class before anything is written

    @property
    def suffix(self) -> str:
        return codec_of_class(self.codec_class).suffix if self.codec_class else ""

    def write(self, file: OutputStream, records: Iterator[bytes]) -> None:
        compressor = codec_of_class(self.codec_class).compressor() if self.codec_class else None
        buffer = bytearray()
        for record in records:
            buffer += record
            buffer += b"\n"
            if len(buffer) >= _FLUSH_SIZE:
                data = bytes(buffer)
                file.write(data if compressor is None else compressor.compress(data))
                buffer.clear()
        data = bytes(buffer)
        file.write(data if compressor is None else compressor.compress(data) + compressor.flush())


@dataclass(frozen=True)
class SequenceFormat:
    """Records are (key, value) pairs of bytes, for a SequenceFile.

    Parameters
    ----------
    key_class, value_class: the Writables that the bytes are of.
    codec_class: the Java class name of a Hadoop codec; None: nothing is compressed.
    in_blocks: whether many records are compressed together, or each value by itself.

    Raises SparkException for an unknown codec.
    """

    key_class: str
    value_class: str
    codec_class: str | None = None
    in_blocks: bool = False

    def __post_init__(self) -> None:
        if self.codec_class:
            codec_of_class(self.codec_class)

    @property
    def suffix(self) -> str:
        return ""

    def write(self, file: OutputStream, records: Iterator[tuple[bytes, bytes]]) -> None:
        # Imported where it is used: most programs save text, if anything.
        from minispark.io.sequence import Header, SequenceWriter

        header = Header(self.key_class, self.value_class, self.codec_class or None, self.in_blocks)
        writer = SequenceWriter(file, header)
        for key, value in records:
            writer.append(key, value)
        writer.close()
