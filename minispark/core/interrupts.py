"""Signals: Ctrl-C cancels the context's jobs, and a process that is told to end leaves no files.

For the context. As in Spark; but a handler that the program has set itself stays.
"""

from __future__ import annotations

import os
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


ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that tell a process to end: they do so without running what is to be run at exit."""


def remove_on_end(remove: Callable[[], None]) -> Callable[[], None]:
    """Call ``remove`` before one of :data:`ENDS` ends the process; how to end that.

    Does nothing on threads other than the main one, which may not set handlers, and for signals
    that the program ignores or handles itself. ``remove`` may be called at any point of the main
    thread, so it must wait for no lock.
    """
    handler = _RemovingHandler(remove)

    def restore() -> None:
        if _is_main_thread():
            for number in ENDS:
                if signal.getsignal(number) is handler:
                    signal.signal(number, signal.SIG_DFL)

    if _is_main_thread():
        for number in ENDS:
            before = signal.getsignal(number)
            if before is signal.SIG_DFL or isinstance(before, _RemovingHandler):
                signal.signal(number, handler)
    return restore


class _RemovingHandler:
    def __init__(self, remove: Callable[[], None]) -> None:
        self._remove = remove

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        try:
            self._remove()
        finally:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)


def _end_forks_as_usual() -> None:
    """A process that the program has forked owns nothing: signals end it at once."""
    if _is_main_thread():
        for number in ENDS:
            if isinstance(signal.getsignal(number), _RemovingHandler):
                signal.signal(number, signal.SIG_DFL)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_forks_as_usual)


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
