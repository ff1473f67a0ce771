"""File systems: status, listing, opening, renaming and deleting, by qualified path.

For the readers and writers of `minispark.io`. A qualified path is what Hadoop prints for a file:
`file:/data/a.txt` for a local one, `s3a://bucket/key` for one elsewhere; nothing in it is
percent-encoded. Must not know: globs, splits, records, codecs.

Local files have a path of their own here, because importing fsspec costs more than a small job;
all other schemes go through fsspec, imported when the first such path is used.
"""

from __future__ import annotations

import io
import os
import posixpath
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from minispark.errors import SparkException
from minispark.io import home
from minispark.io.checksums import ChecksumReader, ChecksumWriter, checksum_name

_SCHEME = re.compile(r"([^/:]+):(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"//([^/]*)(.*)", re.DOTALL)

# What Hadoop reports for a local file; object stores that have no blocks report the same.
_BLOCK_SIZE = 32 * 1024 * 1024

# How much is read at once, in bytes: what stays in the processor's cache with the records in it.
PIECE = 1 << 16

# How often a directory is removed anew because others have changed it meanwhile.
DELETE_ATTEMPTS = 5


class FileStatus(NamedTuple):
    """One file or directory of a listing: its qualified path and its length in bytes."""

    path: str
    length: int
    is_directory: bool


class Stream(Protocol):
    """What streams to and from files have in common: they are closed by `with`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...


class InputStream(Stream, Protocol):
    """The bytes of a file. `read(n)` gives fewer than n bytes only at the end of the file."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, position: int, /) -> int: ...


class OutputStream(Stream, Protocol):
    """A file that is being written: complete when the stream is closed."""

    def write(self, data: bytes, /) -> int: ...


class FileSystem(Protocol):
    """What readers and writers ask of a place that holds files. Paths are qualified."""

    block_size: int

    def status(self, path: str) -> FileStatus | None:
        """The file or directory at `path`; None where there is none."""

    def children(self, path: str) -> list[FileStatus]:
        """What lies directly in the directory `path`, in the file system's own order."""

    def open(self, path: str) -> InputStream:
        """The bytes of a file."""

    def create(self, path: str) -> OutputStream:
        """A new file in an existing directory."""

    def make_directories(self, path: str) -> None:
        """Makes a directory and those above it; existing ones are left as they are."""

    def make_directory(self, path: str) -> None:
        """Makes a directory in one that is there; of local files an OSError where that is gone.

        So a task that is late does not make anew what its job has removed.
        """

    def rename(self, source: str, target: str) -> None:
        """Moves a file or directory; nothing may exist at `target`."""

    def delete(self, path: str) -> None:
        """Removes a file, or a directory with all that is in it; no error where nothing is.

        Others may be at work in the directory: what goes or comes meanwhile is no error.
        """


def qualified(path: str) -> str:
    """The qualified form of a path as a user writes it, relative to the program's home.

    As in Hadoop's Path: `.` and `..` and doubled slashes are resolved, a slash at the end is
    dropped, and a text with a colon before its first slash has a scheme.

    Raises SparkException (java.lang.IllegalArgumentException) for an empty text, and for a scheme
    without an absolute path.

    >>> qualified("file:///data//logs/")
    'file:/data/logs'
    >>> qualified("s3a://bucket/logs/../a")
    's3a://bucket/a'
    """
    if not path:
        raise SparkException(
            "Can not create a Path from an empty string", "java.lang.IllegalArgumentException"
        )
    parts = _SCHEME.fullmatch(path)
    if parts is None:
        start = "" if path.startswith("/") else home.directory()
        return "file:" + _normalised(os.path.join(start, path))
    scheme, rest = parts[1], parts[2]
    with_authority = _AUTHORITY.fullmatch(rest)
    authority = "" if with_authority is None else with_authority[1]
    location = rest if with_authority is None else with_authority[2]
    if scheme == "file" and authority:
        raise SparkException(
            f"Wrong FS: {path}, expected: file:///", "java.lang.IllegalArgumentException"
        )
    if not location.startswith("/") and (location or not authority):
        raise SparkException(
            f"java.net.URISyntaxException: Relative path in absolute URI: {path}",
            "java.lang.IllegalArgumentException",
        )
    prefix = f"{scheme}://{authority}" if authority else f"{scheme}:"
    return prefix + _normalised(location or "/")


def split_root(path: str) -> tuple[str, str]:
    """A qualified path as the root of its file system and the path below it.

    >>> split_root("file:/data/a"), split_root("s3a://bucket/key")
    (('file:', '/data/a'), ('s3a://bucket', '/key'))
    """
    scheme, _, rest = path.partition(":")
    if not rest.startswith("//"):
        return scheme + ":", rest
    authority, slash, location = rest[2:].partition("/")
    return f"{scheme}://{authority}", slash + location


def name_of(path: str) -> str:
    """The last component of a qualified path."""
    return path.rpartition("/")[2]


def child(directory: str, name: str) -> str:
    """The qualified path of `name` in a directory."""
    return directory + name if directory.endswith("/") else f"{directory}/{name}"


def refuse_colon(name: str, path: str) -> None:
    """Raises the error that Hadoop raises where a name with a colon is put into a path.

    It takes what stands before the colon for a scheme, so Spark can neither match such a file with
    a glob nor read it.
    """
    if ":" in name:
        raise SparkException(
            f"java.net.URISyntaxException: Relative path in absolute URI: {name}\n"
            f"Spark cannot read files with a colon in their name; rename {path}",
            "java.lang.IllegalArgumentException",
        )


def file_system_of(path: str) -> FileSystem:
    """The file system that a qualified path lies in.

    Raises SparkException where no file system is known for the scheme, its driver package is
    not installed, or it is `memory:` and this is a worker process.
    """
    scheme = path.partition(":")[0]
    if scheme.lower() == "file":
        return LocalFileSystem()
    if scheme.lower() == "memory" and not _has_the_programs_memory:
        raise SparkException(
            f"{path}: what is in memory: is in the memory of the program, and tasks run in other "
            "processes; they run on threads of it with spark.minispark.executor=threads"
        )
    from minispark.io.remote import RemoteFileSystem

    return RemoteFileSystem(split_root(path)[0])


_has_the_programs_memory = True


def memory_is_elsewhere() -> None:
    """From now on refuse fsspec's `memory:`: this is another process than the program's."""
    global _has_the_programs_memory
    _has_the_programs_memory = False


def pieces_of(file: InputStream, size: int | None = None, first: int = PIECE) -> Iterator[bytes]:
    """The next `size` bytes of a file, or all of them, in pieces, the first of `first` bytes."""
    wanted = first
    left = size
    while left is None or left > 0:
        piece = file.read(wanted if left is None else min(wanted, left))
        if not piece:
            return
        if left is not None:
            left -= len(piece)
        wanted = PIECE
        yield piece


def _normalised(location: str) -> str:
    # normpath keeps two leading slashes, as POSIX allows; Hadoop does not.
    return posixpath.normpath("/" + location.lstrip("/"))


class LocalFileSystem:
    """The files of this machine, as Hadoop's LocalFileSystem shows them.

    Like it, `create` leaves a checksum file beside what it writes, and `open` checks a file
    that has one.
    """

    block_size = _BLOCK_SIZE

    def status(self, path: str) -> FileStatus | None:
        try:
            found = os.stat(_local(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        is_directory = (found.st_mode & 0o170000) == 0o040000
        return FileStatus(path, 0 if is_directory else found.st_size, is_directory)

    def children(self, path: str) -> list[FileStatus]:
        # The order of the directory itself, unsorted, is Hadoop's order for local files, so it
        # decides the order of partitions and records there too.
        found = []
        with os.scandir(_local(path)) as entries:
            for entry in entries:
                try:
                    is_directory = entry.is_dir()
                    length = 0 if is_directory else entry.stat().st_size
                except FileNotFoundError:  # gone since it was listed, or a link to nowhere
                    continue
                found.append(FileStatus(child(path, entry.name), length, is_directory))
        return found

    def open(self, path: str) -> InputStream:
        local = _local(path)
        try:
            with open(_checksum_file(local), "rb") as file:
                sums = file.read()
        except (FileNotFoundError, NotADirectoryError):
            sums = b""
        try:
            # Unbuffered: every reader asks for large pieces.
            data = io.FileIO(local)
        except FileNotFoundError:
            raise SparkException(
                f"File {path} does not exist", "java.io.FileNotFoundException"
            ) from None
        return ChecksumReader(data, sums, path) if sums else data

    def create(self, path: str) -> OutputStream:
        local = _local(path)
        return ChecksumWriter(local, _checksum_file(local))

    def make_directories(self, path: str) -> None:
        try:
            os.makedirs(_local(path), exist_ok=True)
        except (NotADirectoryError, FileExistsError):
            above = _local(path)
            while not os.path.exists(above):
                above = os.path.dirname(above)
            raise SparkException(
                f"Parent path is not a directory: file:{above}",
                "org.apache.hadoop.fs.ParentNotDirectoryException",
            ) from None

    def make_directory(self, path: str) -> None:
        os.mkdir(_local(path))

    def rename(self, source: str, target: str) -> None:
        os.rename(_local(source), _local(target))

    def delete(self, path: str) -> None:
        local = _local(path)
        if os.path.isdir(local) and not os.path.islink(local):
            _remove_tree(local)
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(local)


def _remove_tree(local: str) -> None:
    # What a task has written is files in one directory. `rmtree` opens that, and would leave it
    # open if the task is cancelled just then.
    with suppress(OSError):
        paths = [os.path.join(local, name) for name in os.listdir(local)]
        if not any(map(os.path.isdir, paths)):
            for path in paths:
                os.unlink(path)
            os.rmdir(local)
    # A cancelled task may still remove its files, or make a last one, while the job is taken back.
    for _ in range(DELETE_ATTEMPTS - 1):
        if not os.path.lexists(local):
            return
        shutil.rmtree(local, ignore_errors=True)
    try:
        shutil.rmtree(local)
    except FileNotFoundError:
        if os.path.lexists(local):
            raise


def _local(path: str) -> str:
    return path.partition(":")[2]


def _checksum_file(local: str) -> str:
    directory, name = os.path.split(local)
    refuse_colon(checksum_name(name), local)
    return os.path.join(directory, checksum_name(name))
