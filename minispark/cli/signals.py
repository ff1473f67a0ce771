"""Signals that end a process.

Must not know: what is cleaned up when it ends.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the process as `sys.exit` does, so that all is cleaned up.

    The second one ends it at once. A program that ignores them, or handles them itself, is left
    alone.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, _end_at_once)
    raise SystemExit(128 + number)


def _end_at_once(number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)
