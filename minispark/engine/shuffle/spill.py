"""What a task cannot hold: objects in a file of its own, which has no name.

The file is the task's alone and is gone when the task lets go of it, however its process ends. What
is read is compared with its checksum: where it is not what was written the attempt is lost and
another one is made, as where a map output is lost.
Must not know: what the objects are.
"""

from __future__ import annotations

import io
import os
import pickle
import threading
import zlib
from contextlib import suppress
from io import RawIOBase
from typing import Any, Final, NamedTuple, NoReturn, cast

from minispark.engine import closures, taskstate
from minispark.engine.compression import compress, decompress
from minispark.engine.memory import TaskMemory
from minispark.engine.shuffle.files import FetchFailed
from minispark.errors import SparkException

NO_SHUFFLE: Final = -1
"""Stands for the shuffle where what is lost is a task's own."""


class Spilled(NamedTuple):
    """Where an object lies."""

    offset: int
    length: int
    checksum: int
    is_plain: bool
    """Whether there is nothing in it but objects of builtin types."""


class SpillFile:
    """A file to which objects are appended, to be read again in any order."""

    def __init__(self, memory: TaskMemory) -> None:
        self._memory = memory
        self._directory = memory.directory()
        self._lock = threading.Lock()  # its position is shared by all who read
        self._end = 0
        try:
            self._file = _file_without_a_name(self._directory)
        except OSError as exc:
            self._cannot_write(exc)

    def write(self, obj: Any) -> Spilled:
        """Append an object."""
        buffer = io.BytesIO()
        pickler = _Pickler(buffer, protocol=closures.PROTOCOL)
        pickler.dump(obj)
        data = buffer.getbuffer()
        if self._memory.codec is not None:
            data = memoryview(compress(buffer.getvalue(), self._memory.codec))
        try:
            with self._lock:
                self._file.seek(self._end)
                written = 0
                while written < len(data):
                    written += self._file.write(data[written:]) or 0
        except OSError as exc:
            self._cannot_write(exc)
        spilled = Spilled(self._end, len(data), zlib.crc32(data), pickler.is_plain)
        self._end += spilled.length
        self._memory.spilled_bytes += spilled.length
        return spilled

    def read(self, spilled: Spilled) -> Any:
        """The object, anew."""
        parts = []
        missing = spilled.length
        try:
            with self._lock:
                self._file.seek(spilled.offset)
                while missing and (part := self._file.read(missing)):
                    parts.append(part)
                    missing -= len(part)
        except OSError as exc:
            self._lost(spilled, str(exc))
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        if missing or zlib.crc32(data) != spilled.checksum:
            self._lost(spilled, "checksum mismatch")
        pickled = decompress(data)
        return pickle.loads(pickled) if spilled.is_plain else closures.loads(bytes(pickled))

    def _cannot_write(self, exc: OSError) -> NoReturn:
        _fail(
            SparkException(
                f"records that do not fit in memory cannot be written to {self._directory}: {exc}. "
                "spark.local.dir says where they go, and spark.python.worker.memory how much is "
                "held in memory"
            ),
            exc,
        )

    def _lost(self, spilled: Spilled, reason: str) -> NoReturn:
        text = f"spilled records in {self._directory}: {reason} at offset {spilled.offset}"
        _fail(FetchFailed(NO_SHUFFLE, (), text), None)


def _file_without_a_name(directory: str | None) -> RawIOBase:
    """A file that is closed, and gone, when nobody has it.

    Not by `tempfile`, where there is another way: a task that is cancelled while that opens a file
    would leave the descriptor to nobody. `open` is one step.
    """
    # Unbuffered: it is written and read in large pieces.
    if directory is None or os.name == "nt":  # there an open file keeps its name
        import tempfile  # where it is needed: not in every worker

        file = tempfile.TemporaryFile(buffering=0, dir=directory)  # noqa: SIM115
        return cast(RawIOBase, file)
    path = os.path.join(directory, f"spilled_{os.urandom(8).hex()}")
    try:
        return open(path, "x+b", buffering=0)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


class _Pickler(closures.Pickler):
    is_plain = True

    def reducer_override(self, obj: Any) -> Any:
        self.is_plain = False  # it is asked about all that is of no builtin type
        return super().reducer_override(obj)


def _fail(error: Exception, cause: Exception | None) -> NoReturn:
    """End the attempt, whatever the program makes of the exception."""
    task = taskstate.current()
    if task is not None:
        task.engine_failure = error
    raise error from cause
