"""Files as Spark's DataFrame readers see them: which are read, and how partitions are packed.

For the readers of `minispark.sql`. Unlike Hadoop's formats, the readers share out all files anew:
they are cut by size, sorted by size, and put together until a partition is full. Must not know:
what is in a file, and which settings say how large a partition is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minispark.io.codecs import is_splittable
from minispark.io.filesystem import FileStatus, file_system_of, name_of, qualified
from minispark.io.paths import glob_filter, is_glob, unfiltered_matches
from minispark.io.splits import FileSplit

__all__ = ["Packing", "packed", "scanned_files"]


class PathNotFound(Exception):
    """There is nothing at a path, or nothing that a glob matches."""


class NoDirectoriesOfValues(Exception):
    """A directory is called ``name=value``: its files have a column more."""


def scanned_files(
    paths: list[str], name_pattern: str | None = None, recursive: bool = False
) -> list[FileStatus]:
    """The files that are read, in the order in which they are listed.

    A directory stands for the files in it, and with `recursive` for those of the directories below
    it too. Left out are empty files, and names that begin with `.`, or with `_` and without `=`.

    Parameters
    ----------
    paths: each a path or a glob; commas mean nothing.
    name_pattern: a glob that names of files have to match.
    recursive: whether directories in directories are read.

    Raises PathNotFound, with the qualified path, and NoDirectoriesOfValues, with the directory.
    """
    is_wanted = glob_filter(name_pattern) if name_pattern is not None else None
    found = []
    for path in paths:
        for root in _roots(qualified(path)):
            for file in _below(root, recursive):
                if file.length and (is_wanted is None or is_wanted(name_of(file.path))):
                    found.append(file)
    return found


def _roots(path: str) -> list[FileStatus]:
    if is_glob(path):
        roots = unfiltered_matches(path)
    else:
        status = file_system_of(path).status(path)
        roots = [] if status is None else [status]
    if not roots:
        raise PathNotFound(path)
    return roots


def _below(root: FileStatus, recursive: bool) -> Iterator[FileStatus]:
    if not root.is_directory:
        if not _is_hidden(name_of(root.path)):
            yield root
        return
    directories = []
    for entry in file_system_of(root.path).children(root.path):
        name = name_of(entry.path)
        if _is_hidden(name):
            continue
        if not entry.is_directory:
            yield entry
        elif "=" in name and not recursive:
            raise NoDirectoriesOfValues(entry.path)
        elif recursive:
            directories.append(entry)
    for directory in directories:
        yield from _below(directory, recursive)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


@dataclass(frozen=True)
class Packing:
    """How large partitions become, in bytes.

    `open_cost` is what opening a file counts for. `parallelism` is how many partitions there are at
    least, if files can be cut; `most`, if it is not None, about how many at most.
    """

    largest: int
    open_cost: int
    parallelism: int
    most: int | None = None

    def piece_size(self, files: list[FileStatus]) -> int:
        """How large a piece of a file is at most, and what a partition holds."""
        total = sum(file.length + self.open_cost for file in files)
        return min(self.largest, max(self.open_cost, total // self.parallelism))


def packed(files: list[FileStatus], packing: Packing, are_whole: bool) -> list[list[FileSplit]]:
    """The pieces of files that each partition reads.

    The largest pieces come first; those of the same size in the order of the files.

    Parameters
    ----------
    files: what is read, none of them empty.
    packing: how large partitions become.
    are_whole: whether files may not be cut.

    Raises ValueError where pieces would be of no bytes.

    >>> files = [FileStatus("file:/a", 10, False), FileStatus("file:/b", 25, False)]
    >>> partitions = packed(files, Packing(largest=10, open_cost=0, parallelism=1), False)
    >>> [[(split.path, split.start, split.length) for split in part] for part in partitions]
    [[('file:/a', 0, 10)], [('file:/b', 0, 10)], [('file:/b', 10, 10)], [('file:/b', 20, 5)]]
    """
    size = packing.piece_size(files)
    pieces = [piece for file in files for piece in _cut(file, size, are_whole)]
    pieces.sort(key=lambda piece: -piece.length)
    partitions = list(_filled(pieces, size, packing.open_cost))
    if packing.most is not None and len(partitions) > packing.most:
        total = sum(piece.length + packing.open_cost for piece in pieces)
        partitions = list(_filled(pieces, -(-total // packing.most), packing.open_cost))
    return partitions


def _cut(file: FileStatus, size: int, is_whole: bool) -> Iterator[FileSplit]:
    if is_whole or not is_splittable(file.path):
        yield FileSplit(file.path, 0, file.length)
        return
    if size == 0:
        raise ValueError("step cannot be 0.")
    for start in range(0, file.length, size):
        yield FileSplit(file.path, start, min(size, file.length - start))


def _filled(pieces: list[FileSplit], size: int, open_cost: int) -> Iterator[list[FileSplit]]:
    partition: list[FileSplit] = []
    held = 0
    for piece in pieces:
        if partition and held + piece.length > size:
            yield partition
            partition, held = [], 0
        held += piece.length + open_cost
        partition.append(piece)
    if partition:
        yield partition
