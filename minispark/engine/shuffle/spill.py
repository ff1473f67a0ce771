"""What a task cannot hold: objects in a file of its own, which has no name.

The file is the task's alone and is gone when the task lets go of it, however its process ends. What
is read is compared with its checksum: where it is not what was written the attempt is lost and
another one is made, as where a map output is lost.
Must not know: what the objects are.
"""

from __future__ import annotations

import threading
import zlib
from io import RawIOBase
from typing import Any, Final, NoReturn, cast

from minispark.engine import closures, taskstate
from minispark.engine.blockfile import Segment
from minispark.engine.memory import TaskMemory
from minispark.engine.shuffle.files import FetchFailed
from minispark.errors import SparkException

NO_SHUFFLE: Final = -1
"""Stands for the shuffle where what is lost is a task's own."""


class SpillFile:
    """A file to which objects are appended, to be read again in any order."""

    def __init__(self, memory: TaskMemory) -> None:
        import tempfile  # where it is needed: not in every worker

        self._memory = memory
        self._directory = memory.directory()
        self._lock = threading.Lock()  # its position is shared by all who read
        self._end = 0
        try:
            # Unbuffered: it is written and read in large pieces. Closed when nobody has it.
            file = tempfile.TemporaryFile(buffering=0, dir=self._directory)  # noqa: SIM115
        except OSError as exc:
            self._cannot_write(exc)
        self._file = cast(RawIOBase, file)

    def write(self, obj: Any) -> Segment:
        """Append an object; where it lies."""
        data = closures.dumps(obj)
        try:
            with self._lock:
                self._file.seek(self._end)
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
        except OSError as exc:
            self._cannot_write(exc)
        segment = Segment(self._end, len(data), zlib.crc32(data))
        self._end += len(data)
        self._memory.spilled_bytes += len(data)
        return segment

    def read(self, segment: Segment) -> Any:
        """The object, anew."""
        parts = []
        missing = segment.length
        try:
            with self._lock:
                self._file.seek(segment.offset)
                while missing and (part := self._file.read(missing)):
                    parts.append(part)
                    missing -= len(part)
        except OSError as exc:
            self._lost(segment, str(exc))
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        if missing or zlib.crc32(data) != segment.checksum:
            self._lost(segment, "checksum mismatch")
        return closures.loads(data)

    def _cannot_write(self, exc: OSError) -> NoReturn:
        _fail(
            SparkException(
                f"records that do not fit in memory cannot be written to {self._directory}: {exc}. "
                "spark.local.dir says where they go, and spark.python.worker.memory how much is "
                "held in memory"
            ),
            exc,
        )

    def _lost(self, segment: Segment, reason: str) -> NoReturn:
        text = f"spilled records in {self._directory}: {reason} at offset {segment.offset}"
        _fail(FetchFailed(NO_SHUFFLE, (), text), None)


def _fail(error: Exception, cause: Exception | None) -> NoReturn:
    """End the attempt, whatever the program makes of the exception."""
    task = taskstate.current()
    if task is not None:
        task.engine_failure = error
    raise error from cause
