"""Splits: how the files of an input are cut into the byte ranges that partitions read.

For the readers of `minispark.io`. As in Hadoop, whose two FileInputFormats differ: the old one
(`mapred`) sets a goal for the size of a split, the new one (`mapreduce`) cuts by size alone.
Must not know: what is in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from minispark.errors import SparkException
from minispark.io.filesystem import FileStatus, child, file_system_of, split_root
from minispark.io.paths import input_entries

NEW_API_INVALID_INPUT = "org.apache.hadoop.mapreduce.lib.input.InvalidInputException"
# A file's last split may be this much larger than the others.
_SLOP = 1.1


@dataclass(frozen=True, slots=True)
class FileSplit:
    """The bytes from `start` to `start + length` of the file with the qualified path `path`."""

    path: str
    start: int
    length: int


def goal_splits(
    files: list[FileStatus],
    min_partitions: int,
    smallest: int = 1,
    is_splittable: Callable[[str], bool] = lambda path: True,
) -> list[FileSplit]:
    """Splits by the rules of Hadoop's old API.

    Parameters
    ----------
    files: what to read, in order.
    min_partitions: into how many splits the bytes of all files should go. It only sets a goal for
        the size of a split; there may be more or fewer. Empty files have no split.
    smallest: the least size of a split, in bytes.
    is_splittable: whether the file with a path may be read from its middle.

    Raises SparkException (java.lang.IllegalArgumentException) where `min_partitions` is negative.
    """
    if min_partitions < 0:
        raise SparkException(
            f"Illegal Capacity: {min_partitions}", "java.lang.IllegalArgumentException"
        )
    goal = sum(file.length for file in files) // (min_partitions or 1)
    return [
        split
        for file in files
        for split in _cut(
            file,
            max(smallest, min(goal, file_system_of(file.path).block_size)),
            is_splittable(file.path),
        )
    ]


def sized_splits(
    files: list[FileStatus],
    smallest: int = 1,
    largest: int | None = None,
    is_splittable: Callable[[str], bool] = lambda path: True,
    multiple_of: int = 1,
) -> list[FileSplit]:
    """Splits by the rules of Hadoop's new API: the size of a block, within two bounds.

    >>> files = [FileStatus("file:/data/a", 100, False)]
    >>> [split.length for split in sized_splits(files, largest=50, multiple_of=20)]
    [40, 40, 20]
    """
    splits: list[FileSplit] = []
    for file in files:
        block = file_system_of(file.path).block_size
        size = max(smallest, block if largest is None else min(largest, block))
        size = max(multiple_of, size - size % multiple_of)
        splits += _cut(file, size, is_splittable(file.path))
    return splits


def _cut(file: FileStatus, size: int, is_splittable: bool) -> Iterator[FileSplit]:
    if not file.length:
        return
    start = 0
    if is_splittable:
        while (file.length - start) / size > _SLOP:
            yield FileSplit(file.path, start, size)
            start += size
    yield FileSplit(file.path, start, file.length - start)


def old_api_files(path: str) -> list[FileStatus]:
    """The files that an input text names, for the old API.

    Raises SparkException where a path does not exist, and (java.io.IOException) where a directory
    holds a directory.
    """
    return _without_directories(
        input_entries(path),
        "Path: {} is a directory, which is not supported by the record reader when "
        "`mapreduce.input.fileinputformat.input.dir.recursive` is false.",
        "java.io.IOException",
    )


def new_api_files(path: str) -> list[FileStatus]:
    """The files that an input text names, for the new API.

    Raises SparkException where a path does not exist, and (java.lang.NullPointerException, as in
    Hadoop) where a directory holds a directory.
    """
    return _without_directories(
        input_entries(path, NEW_API_INVALID_INPUT),
        "No block locations in {}: it is a directory in a directory, and is not read.",
        "java.lang.NullPointerException",
    )


def map_files(entries: list[FileStatus]) -> list[FileStatus]:
    """What sequence files a listing stands for: for a directory, the `data` file in it.

    A directory in the input is taken for one of Hadoop's MapFiles, whose records are there.

    Raises SparkException (java.io.FileNotFoundException) where there is no such file.
    """
    found = []
    for entry in entries:
        if entry.is_directory:
            data = child(entry.path, "data")
            status = file_system_of(data).status(data)
            if status is None:
                raise SparkException(f"File {data} does not exist", "java.io.FileNotFoundException")
            entry = status
        found.append(entry)
    return found


def _without_directories(entries: list[FileStatus], message: str, kind: str) -> list[FileStatus]:
    for entry in entries:
        if entry.is_directory:
            raise SparkException(message.format(split_root(entry.path)[1]), kind)
    return entries
