"""Cancelling a function between any two of its steps, and which files are open then."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

needs_proc = pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"), reason="this system does not tell which files are open"
)


class Cancelled(BaseException):
    """As the exception that ends a cancelled task on a thread: it may come at any instruction."""


def cancelled_at_each_step(work: Callable[[], object]) -> Iterator[int]:
    """Call ``work`` again and again, and cancel it one instruction later each time, until it comes
    to its end. Gives the number of instructions, each time it was cancelled and at the end. There
    are more than a few.
    """
    for count in range(1, 100_000):
        outer = sys.gettrace()
        sys.settrace(_cancelled_after(count))
        try:
            work()
        except Cancelled:
            is_done = False
        else:
            is_done = True
        finally:
            sys.settrace(outer)
        yield count
        if is_done:
            assert count > 20
            return


def _cancelled_after(count: int) -> Callable[..., Any]:
    left = count

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename == __file__:
            return None
        frame.f_trace_opcodes = True
        left -= 1
        if left == 0:
            raise Cancelled
        return trace

    return trace


def open_files(directory: Path) -> int:
    """How many files and directories below a directory this process has open."""
    links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
    return sum(os.path.islink(link) and str(directory) in os.readlink(link) for link in links)
