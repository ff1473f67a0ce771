"""Whole files as records: how files are grouped into partitions, and their names and contents.

For whatever reads each file as one record. As in Spark's WholeTextFileInputFormat, where Hadoop's
CombineFileInputFormat does the grouping. Must not know: what is in a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from minispark.io.codecs import codec_of_name, refuse_unread
from minispark.io.filesystem import FileStatus, file_system_of, pieces_of
from minispark.io.paths import input_entries
from minispark.io.splits import NEW_API_INVALID_INPUT


@dataclass(frozen=True, slots=True)
class WholeFileSplit:
    """The files of one partition, by qualified path, in order."""

    paths: tuple[str, ...]


def whole_file_splits(path: str, min_partitions: int) -> list[WholeFileSplit]:
    """How the files that an input text names are grouped: one partition a group.

    A group is closed when it has reached the total size divided by `min_partitions`. Empty files,
    and those left when the others are grouped, make up one last group. Unlike for text, a directory
    in a directory is left out.

    Parameters
    ----------
    path: paths, globs and directories between commas; see `minispark.io.paths`.
    min_partitions: into how many groups the bytes of all files should go.

    Raises SparkException where a path does not exist.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     for name in "abc":
    ...         with open(f"{directory}/{name}", "w") as file:
    ...             _ = file.write("12345")
    ...     [len(split.paths) for split in whole_file_splits(f"{directory}/*", 2)]
    [2, 1]
    """
    files = whole_files(path)
    return group_files(files, math.ceil(sum(file.length for file in files) / (min_partitions or 1)))


def whole_files(path: str) -> list[FileStatus]:
    """The files that an input text names; a directory in a directory is left out.

    Raises SparkException where a path does not exist.
    """
    entries = input_entries(path, NEW_API_INVALID_INPUT)
    return [entry for entry in entries if not entry.is_directory]


def group_files(files: list[FileStatus], largest: int) -> list[WholeFileSplit]:
    """Groups of files, each closed when it has `largest` bytes; see `whole_file_splits`."""
    return [WholeFileSplit(tuple(file.path for file in group)) for group in _groups(files, largest)]


def _groups(files: list[FileStatus], largest: int) -> Iterator[list[FileStatus]]:
    # Hadoop first groups the files that have blocks on some machine: those that are not empty.
    group: list[FileStatus] = []
    grouped: set[int] = set()
    size = 0
    members: list[int] = []
    for index, file in enumerate(files):
        if not file.length:
            continue
        members.append(index)
        group.append(file)
        size += file.length
        if size >= largest:
            yield group
            grouped.update(members)
            group, members, size = [], [], 0
    rest = [file for index, file in enumerate(files) if index not in grouped]
    if largest < 0:
        yield from ([file] for file in rest)
    elif rest:
        yield rest


def read_whole_split(split: WholeFileSplit) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each file of a split, unpacked where its name says so.

    Names are qualified paths such as `file:/data/a.txt`; a byte order mark is kept. To get Spark's
    text, decode the content with `minispark.io.text.decode_text`.

    Raises SparkException for a file that is damaged, or in a format that is not read here.
    """
    for path in split.paths:
        refuse_unread(path)
        codec = codec_of_name(path)
        with file_system_of(path).open(path) as file:
            pieces = pieces_of(file)
            content = b"".join(pieces if codec is None else codec.decompress(pieces, path))
        yield path, content
