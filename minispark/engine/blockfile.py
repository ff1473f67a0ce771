"""Block files: lists of frames in a file, each list with its checksum.

A file is a row of segments; who wrote it knows where each lies. Nothing in a file says so: the
index travels with the map status or stays with the block store. A segment may be compressed; its
checksum is that of the bytes in the file.
"""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NamedTuple, cast

from minispark.engine.compression import compress, decompress
from minispark.engine.localdir import is_own, remove_file
from minispark.engine.serializers import Frame, frame_size

SEGMENT_BYTES = 8 << 20
"""About how much of a block is in memory at once while it is written or read."""


class DamagedBlock(Exception):
    """A block file is missing, too short, or not what was written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"block file {self.path}: {self.reason}"


class Segment(NamedTuple):
    """Where one list of frames lies in a block file."""

    offset: int
    length: int
    checksum: int


def in_segments(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    """``frames`` in lists of about :data:`SEGMENT_BYTES`."""
    batch: list[Frame] = []
    size = 0
    for frame in frames:
        batch.append(frame)
        size += frame_size(frame)
        if size >= SEGMENT_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def removed_if_it_fails(path: str) -> Iterator[None]:
    """If what writes a file fails, the file goes, and an OSError names it: where there is no room,
    say.
    """
    try:
        yield
    except BaseException as exc:
        remove_file(path)
        name_file(exc, path)
        raise


@contextmanager
def new_block_file(path: str) -> Iterator[BinaryIO]:
    """A file to append segments to. See :func:`removed_if_it_fails`."""
    with removed_if_it_fails(path), open(path, "wb") as file:
        yield file


def name_file(exc: BaseException, path: str) -> None:
    """Have an OSError say of which file it is, if it does not."""
    if isinstance(exc, OSError) and exc.filename is None:
        exc.filename = path


def append_segment(file: BinaryIO, frames: list[Frame], codec: str | None = None) -> Segment:
    """Write ``frames`` at the end of ``file``, compressed by a codec of `compression`."""
    data = pickle.dumps(frames, pickle.HIGHEST_PROTOCOL)
    if codec is not None:
        data = compress(data, codec)
    offset = file.tell()
    _write(file, data)
    return Segment(offset, len(data), zlib.crc32(data))


def read_segments(path: str, segments: Iterable[Segment]) -> Iterator[Frame]:
    """The frames of ``segments``, one segment in memory at a time.

    Raises :class:`DamagedBlock` where the file does not hold what was written.
    """
    with _open(path) as file:
        for segment in segments:
            yield from _frames(file, path, segment)


def take_segments(file: BinaryIO, path: str, segments: Iterable[Segment]) -> Iterator[Frame]:
    """As :func:`read_segments`, of a file that is open and goes: now, or, if the system does not
    remove open files, once it is read.
    """
    with suppress(OSError):
        remove_file(path)
    return _taken(file, path, segments)


def _taken(file: BinaryIO, path: str, segments: Iterable[Segment]) -> Iterator[Frame]:
    try:
        with file:
            for segment in segments:
                yield from _frames(file, path, segment)
    finally:
        remove_file(path)


def _open(path: str) -> BinaryIO:
    try:
        file = cast("BinaryIO", open(path, "rb", buffering=0))  # noqa: SIM115  # the caller closes
    except OSError as exc:
        raise DamagedBlock(path, str(exc)) from exc
    if not is_own(os.fstat(file.fileno())):  # it would be unpickled
        file.close()
        raise DamagedBlock(path, "it belongs to another user")
    return file


def _frames(file: BinaryIO, path: str, segment: Segment) -> list[Frame]:
    try:
        file.seek(segment.offset)
        data = _read(file, segment.length)
    except OSError as exc:
        raise DamagedBlock(path, str(exc)) from exc
    if len(data) != segment.length or zlib.crc32(data) != segment.checksum:
        raise DamagedBlock(path, f"checksum mismatch at offset {segment.offset}")
    frames: list[Frame] = pickle.loads(decompress(data))
    return frames


def _write(file: BinaryIO, data: bytes) -> None:
    """Write all of ``data``. One write of a file without a buffer takes what there is room for."""
    written = file.write(data)
    while written < len(data):
        written += file.write(memoryview(data)[written:])


def _read(file: BinaryIO, length: int) -> bytes:
    """Up to ``length`` bytes: all that there are. One read of a file gives 2 GiB at most."""
    data = file.read(length)
    if len(data) == length:
        return data
    parts = [data]
    while data := file.read(length - sum(map(len, parts))):
        parts.append(data)
    return b"".join(parts)
