"""Files of bytes: records of a fixed length, and whole files as they are.

For `binaryRecords` and `binaryFiles`. As in Spark's FixedLengthBinaryInputFormat and
StreamInputFormat. Must not know: what the bytes mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from minispark.errors import SparkException
from minispark.io.bytesource import ByteSource
from minispark.io.codecs import codec_of_name, refuse_unread
from minispark.io.filesystem import file_system_of, pieces_of
from minispark.io.splits import FileSplit, new_api_files, sized_splits
from minispark.io.whole import WholeFileSplit, group_files, whole_files

# Spark's spark.files.maxPartitionBytes and spark.files.openCostInBytes.
_MOST_IN_PARTITION = 128 << 20
_OPEN_COST = 4 << 20


def record_splits(path: str, length: int) -> list[FileSplit]:
    """Splits that hold whole records of `length` bytes; for no length, each file is one.

    Raises SparkException where a path does not exist, or a directory holds a directory.
    """
    return sized_splits(
        new_api_files(path), is_splittable=lambda _: length > 0, multiple_of=max(1, length)
    )


def read_records(length: int, split: FileSplit) -> Iterator[bytes]:
    """The records of a split.

    Raises SparkException for a length that is none, (java.io.IOException) for a compressed file,
    and (java.io.EOFException) where a file ends within a record.
    """
    if length == 0:
        raise SparkException(
            "/ by zero\nrecordLength is 0; a record has at least one byte",
            "java.lang.ArithmeticException",
        )
    if length < 0:
        raise SparkException(
            f"NegativeArraySizeException: {length}\nrecordLength is negative; a record has at "
            "least one byte",
            "java.lang.NegativeArraySizeException",
        )
    if codec_of_name(split.path) is not None:
        raise SparkException(
            "FixedLengthRecordReader does not support reading compressed files\n"
            f"{split.path} is one by its name; decompress it first",
            "java.io.IOException",
        )
    refuse_unread(split.path)
    with file_system_of(split.path).open(split.path) as file:
        file.seek(split.start)
        source = ByteSource(pieces_of(file), split.path, split.start)
        while source.position < split.start + split.length:
            yield source.take(length)


def stream_splits(path: str, min_partitions: int, parallelism: int) -> list[WholeFileSplit]:
    """How the files that an input text names are grouped: one partition a group.

    A group is closed when it has a share of all bytes, at `max(min_partitions, parallelism)`
    shares, where every file counts 4 MiB more; or 4 MiB, if a share is less; or 128 MiB, if it is
    more.

    Raises SparkException where a path does not exist.
    """
    files = whole_files(path)
    total = sum(file.length + _OPEN_COST for file in files)
    share = total // max(parallelism, min_partitions)
    return group_files(files, min(_MOST_IN_PARTITION, max(_OPEN_COST, share)))


def read_streams(split: WholeFileSplit) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of each file of a split, as they are: nothing is decompressed."""
    for path in split.paths:
        with file_system_of(path).open(path) as file:
            yield path, b"".join(pieces_of(file))
