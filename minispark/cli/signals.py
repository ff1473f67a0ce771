"""Signals that end a process.

Must not know: what is cleaned up when it ends.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import NoReturn


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the process as `sys.exit` does, so that all is cleaned up.

    The second one ends it at once. A program that ignores them, or handles them itself, is left
    alone. A process that it forks ends by the signal, as one of Python does: nothing in it is its
    own to be cleaned up.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    os.register_at_fork(after_in_child=_leave_alone)


def _leave_alone() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is _end:
                signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, _end_at_once)
    raise SystemExit(128 + number)


def _end_at_once(number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)
