"""The files of a checkpoint: one for each partition, complete under its name or not there.

For the RDDs that are checkpointed. A file is a row of segments, each a list of frames, pickled,
behind its length and checksum; at its end a mark that it is complete. It lies on any file system
and tells all about itself, so that it outlives the context that wrote it. Must not know: what an
RDD is, what is in a frame.

Each attempt writes below `_temporary`, and commits by a rename. What attempts have left that were
killed goes when all are complete, or with the directory when they cannot be; after a crash of
the program it stays, and nothing reads it.
"""

from __future__ import annotations

import pickle
import struct
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from minispark.errors import SparkException
from minispark.io.bytesource import END_OF_FILE, ByteSource
from minispark.io.filesystem import child, file_system_of, pieces_of, qualified

_HEADER = struct.Struct(">QI")
"""Of a segment: how many bytes it has, and their CRC-32."""
_END = (1 << 64) - 1
"""As the length of a segment: there is none any more. The checksum is that of all headers."""


def new_directory(parent: str) -> str:
    """Make a directory for one context's checkpoints; its qualified path.

    Raises SparkException where ``parent`` is empty, or no directory can be made there.
    """
    path = child(qualified(parent), str(uuid.uuid4()))
    try:
        file_system_of(path).make_directories(path)
    except OSError as exc:
        raise SparkException(
            f"No directory for checkpoints can be made below {parent}: {exc}",
            "java.io.FileNotFoundException",
        ) from exc
    return path


def begin(directory: str) -> None:
    """Make the directory for one RDD's parts."""
    file_system_of(directory).make_directories(_attempts(directory))


def complete(directory: str) -> None:
    """All parts are there: remove what attempts have left that were killed."""
    file_system_of(directory).delete(_attempts(directory))


def partition_file(directory: str, partition: int) -> str:
    """The file of a partition."""
    return child(directory, f"part-{partition:05d}")


def write_partition(
    directory: str,
    partition: int,
    task_id: int,
    segments: Iterable[list[Any]],
    before_commit: Callable[[], None],
) -> None:
    """Write a partition's frames, segment by segment; the rename is the commit.

    ``before_commit`` is called before it, and may raise. An attempt that raises leaves nothing.
    The directory is one that was begun, and is not complete.
    """
    fs = file_system_of(directory)
    attempt = child(_attempts(directory), f"attempt-{partition:05d}-{task_id}")
    try:
        fs.make_directory(attempt)
        written = partition_file(attempt, partition)
        with fs.create(written) as file:
            headers = 0
            for frames in segments:
                data = pickle.dumps(frames, pickle.HIGHEST_PROTOCOL)
                header = _HEADER.pack(len(data), zlib.crc32(data))
                headers = zlib.crc32(header, headers)
                file.write(header)
                file.write(data)
            file.write(_HEADER.pack(_END, headers))
        before_commit()
        # A checksum file goes before its part file, which is then never without it.
        for entry in sorted(fs.children(attempt), key=lambda each: each.path):
            target = child(directory, entry.path.rpartition("/")[2])
            fs.delete(target)
            fs.rename(entry.path, target)
    finally:
        fs.delete(attempt)


def read_partition(path: str) -> Iterator[Any]:
    """The frames of a partition, one segment in memory at a time.

    Raises SparkException where the file is gone, too short, or not what was written.
    """
    with file_system_of(path).open(path) as file:
        source = ByteSource(pieces_of(file), path)
        headers = 0
        while True:
            at = source.position
            try:
                header = source.take(_HEADER.size)
                length, checksum = _HEADER.unpack(header)
                if length == _END:
                    if checksum != headers or not source.at_end:
                        raise _damaged(path, at)
                    return
                data = source.take(length)
            except SparkException as short:
                if short.java_exception_class != END_OF_FILE:
                    raise
                raise _damaged(path, at) from short
            if zlib.crc32(data) != checksum:
                raise _damaged(path, at)
            headers = zlib.crc32(header, headers)
            yield from pickle.loads(data)


def remove(directory: str) -> None:
    """Remove the checkpoint of one RDD."""
    file_system_of(directory).delete(directory)


def _attempts(directory: str) -> str:
    return child(directory, "_temporary")


def _damaged(path: str, offset: int) -> SparkException:
    return SparkException(
        f"Checksum error: {path} at {offset}: the checkpoint is damaged. Remove it, and run the "
        "program that made it again.",
        "org.apache.hadoop.fs.ChecksumException",
    )
