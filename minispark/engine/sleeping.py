"""A `time.sleep` that a cancelled task wakes from.

A thread that sleeps in C cannot be interrupted in Python. So while there is an executor of
threads, `time.sleep` is this module's: in a task it waits for an event that never comes, and such
a wait can be ended from outside (:mod:`minispark.engine.executors.interrupting`). Outside tasks it
is what it was.

A program that wrote ``from time import sleep`` before the context began has Python's own function
in hand. pickle refuses a function that its module no longer has under its name; so for as long,
Python's sleep is pickled as "what `time.sleep` is there".

Must not know: who cancels.
"""

from __future__ import annotations

import copyreg
import threading
import time
from collections.abc import Callable
from functools import wraps
from types import BuiltinFunctionType
from typing import Any, SupportsIndex

from minispark.engine import taskstate

SHORT_SECONDS = 0.05
"""Python's own sleep is good enough for less than this."""

_lock = threading.Lock()  # guards what follows
_wanted = 0
_before: Callable[[float | SupportsIndex], None] = time.sleep
_ours = _before


def _waking(
    before: Callable[[float | SupportsIndex], None],
) -> Callable[[float | SupportsIndex], None]:
    """A sleep that is ``before`` outside tasks. One for each beginning: ``before`` may be a
    program's own that calls the one before it.
    """

    @wraps(before)
    def sleep(seconds: float | SupportsIndex, /) -> None:
        if (
            taskstate.current() is None
            or not isinstance(seconds, (int, float))
            or not SHORT_SECONDS < seconds < threading.TIMEOUT_MAX  # what is wrong, Python refuses
        ):
            before(seconds)
            return
        end = time.monotonic() + seconds
        never = threading.Event()
        while (left := end - time.monotonic()) > 0:
            never.wait(left)

    return sleep


def _reduce(function: Any) -> str | tuple[Any, ...]:
    """How a builtin function is pickled: as ever, but for the one that `time.sleep` stands for."""
    if function is _before and time.sleep is _ours:
        return eval, ("__import__('time').sleep",)
    reduced: str | tuple[Any, ...] = function.__reduce__()
    return reduced


def begin() -> None:
    """Tasks may be cancelled in their sleep from now on; for each call one of :func:`end`."""
    global _wanted, _before, _ours
    with _lock:
        _wanted += 1
        if _wanted == 1:
            _before = time.sleep
            _ours = _waking(_before)
            time.sleep = _ours
            if BuiltinFunctionType not in copyreg.dispatch_table:
                copyreg.pickle(BuiltinFunctionType, _reduce)


def end() -> None:
    """Sleep is Python's again, unless someone else has replaced it meanwhile."""
    global _wanted
    with _lock:
        _wanted -= 1
        if _wanted == 0:
            if time.sleep is _ours:
                time.sleep = _before
            if copyreg.dispatch_table.get(BuiltinFunctionType) is _reduce:
                del copyreg.dispatch_table[BuiltinFunctionType]
