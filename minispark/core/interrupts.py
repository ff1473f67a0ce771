"""Ctrl-C: all jobs of the context are cancelled, and then it is an ordinary KeyboardInterrupt.

For the context. As in Spark; but a handler that the program has set itself stays.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


def cancel_on_interrupt(cancel_jobs: Callable[[], None]) -> Callable[[], None]:
    """Call ``cancel_jobs`` before KeyboardInterrupt is raised; how to end that.

    Does nothing on threads other than the main one, which may not set handlers, and where the
    program has a handler of its own.
    """

    def on_interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
        try:
            cancel_jobs()
        finally:
            raise KeyboardInterrupt

    def restore() -> None:
        if _is_main_thread() and signal.getsignal(signal.SIGINT) is on_interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    if _is_main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, on_interrupt)
    return restore


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
