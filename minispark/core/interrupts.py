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

    handler = _CancellingHandler(cancel_jobs)

    def restore() -> None:
        if _is_main_thread() and signal.getsignal(signal.SIGINT) is handler:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    if _is_main_thread():
        before = signal.getsignal(signal.SIGINT)
        # One of ours is of a context that was stopped on another thread, which cannot restore.
        if before is signal.default_int_handler or isinstance(before, _CancellingHandler):
            signal.signal(signal.SIGINT, handler)
    return restore


class _CancellingHandler:
    def __init__(self, cancel_jobs: Callable[[], None]) -> None:
        self._cancel_jobs = cancel_jobs

    def __call__(self, _signal: int, _frame: FrameType | None) -> NoReturn:
        try:
            self._cancel_jobs()
        finally:
            raise KeyboardInterrupt


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
