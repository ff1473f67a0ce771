"""Which line of the program called minispark: for lineage texts and error messages."""

from __future__ import annotations

import sys
from typing import NamedTuple

from minispark.engine.own_code import is_own_code, starts_programs


class CallSite(NamedTuple):
    """The minispark function that was called, and the line of the program that called it."""

    function: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.function} at {self.file}:{self.line}"


def call_site() -> CallSite:
    """The outermost call into minispark on this thread."""
    frame = sys._getframe(1)
    found = CallSite(frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
    inner = frame
    while inner.f_back is not None:
        outer = inner.f_back
        if _is_called(inner.f_code.co_filename) and not _is_called(outer.f_code.co_filename):
            found = CallSite(inner.f_code.co_name, outer.f_code.co_filename, outer.f_lineno)
        inner = outer
    return found


def _is_called(filename: str) -> bool:
    return is_own_code(filename) and not starts_programs(filename)
