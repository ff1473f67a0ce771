"""Standard output when nobody reads it any more.

Must not know: who writes.
"""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from typing import Any


def outlive_readers() -> None:
    """Let the program go on to its end when what reads its output does not, as `head` does.

    So it does under spark-submit, whose JVM reads what the program writes.
    """
    if sys.stdout is None:
        return
    mode = os.fstat(sys.stdout.fileno()).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        old = sys.stdout
        sys.stdout = io.TextIOWrapper(
            _Pipe(old.fileno(), "wb", closefd=False),
            encoding=old.encoding,
            errors=old.errors,
            write_through=True,
        )


class _Pipe(io.FileIO):
    """Writes all that it is given, and into nothing once nobody reads."""

    def write(self, data: Any, /) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                written = super().write(rest)
                if written is None:  # the pipe is full, and another process made it not wait
                    select.select([], [self], [])
                rest = rest[written or 0 :]
        except BrokenPipeError:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.fileno())
            os.close(nothing)
        return size
