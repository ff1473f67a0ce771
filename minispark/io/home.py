"""The directory that relative paths of a program are in.

As in Spark: its JVM starts with the first context of a process, or with the command that runs the
program, in the working directory of then. No `os.chdir` of the program takes it anywhere else.
Must not know: what the paths are for.
"""

from __future__ import annotations

import os
from contextlib import suppress

_home: str | None = None


def settle() -> None:
    """From now on it is what the working directory is now, if it was not settled before."""
    global _home
    with suppress(OSError):  # somebody has removed it
        _home = _home or os.getcwd()


def directory() -> str:
    """The directory. Raises OSError where it is not settled, and the working directory is gone."""
    return _home or os.getcwd()
