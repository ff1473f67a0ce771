"""Block files: lists of frames in a file, each list with its checksum.

A file is a row of segments; who wrote it knows where each lies. Nothing in a file says so: the
index travels with the map status or stays with the block store.
"""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from typing import BinaryIO, NamedTuple

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
def new_block_file(path: str) -> Iterator[BinaryIO]:
    """A file to append segments to. If that fails it goes, and the OSError names it: where there
    is no room, say.
    """
    try:
        with open(path, "wb") as file:
            yield file
    except BaseException as exc:
        remove_file(path)
        if isinstance(exc, OSError) and exc.filename is None:
            exc.filename = path
        raise


def append_segment(file: BinaryIO, frames: list[Frame]) -> Segment:
    """Write ``frames`` at the end of ``file``."""
    data = pickle.dumps(frames, pickle.HIGHEST_PROTOCOL)
    offset = file.tell()
    file.write(data)
    return Segment(offset, len(data), zlib.crc32(data))


def read_segments(path: str, segments: Iterable[Segment]) -> Iterator[Frame]:
    """The frames of ``segments``, one segment in memory at a time.

    Raises :class:`DamagedBlock` where the file does not hold what was written.
    """
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115  # closed below; hot: no ExitStack
    except OSError as exc:
        raise DamagedBlock(path, str(exc)) from exc
    with file:
        if not is_own(os.fstat(file.fileno())):  # it would be unpickled
            raise DamagedBlock(path, "it belongs to another user")
        for segment in segments:
            try:
                file.seek(segment.offset)
                data = _read(file, segment.length)
            except OSError as exc:
                raise DamagedBlock(path, str(exc)) from exc
            if zlib.crc32(data) != segment.checksum:
                raise DamagedBlock(path, f"checksum mismatch at offset {segment.offset}")
            yield from pickle.loads(data)


def _read(file: RawIOBase, length: int) -> bytes:
    """Up to ``length`` bytes: all that there are. One read of a file gives 2 GiB at most."""
    data = file.read(length)
    if data is None or len(data) == length:
        return data or b""
    parts = [data]
    while data := file.read(length - sum(map(len, parts))):
        parts.append(data)
    return b"".join(parts)
