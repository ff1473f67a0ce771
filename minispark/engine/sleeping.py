"""A `time.sleep` that a cancelled task wakes from.

A thread that sleeps in C cannot be interrupted in Python. So while there is an executor of
threads, `time.sleep` is this module's: a task sleeps in short naps, and is cancelled between two.
Outside tasks it is what it was.

Must not know: who cancels.
"""

from __future__ import annotations

import threading
import time
from functools import wraps
from typing import SupportsIndex

from minispark.engine import taskstate

NAP_SECONDS = 0.1

_lock = threading.Lock()  # guards the count of those who want it
_wanted = 0
_python_sleep = time.sleep


@wraps(_python_sleep)
def _sleep(seconds: float | SupportsIndex, /) -> None:
    if taskstate.current() is None or not isinstance(seconds, (int, float)):
        _python_sleep(seconds)
        return
    end = time.monotonic() + seconds
    _python_sleep(min(seconds, NAP_SECONDS))  # raises what sleep raises if there is cause
    while (left := end - time.monotonic()) > 0:
        _python_sleep(min(left, NAP_SECONDS))


def begin() -> None:
    """Tasks may be cancelled in their sleep from now on; for each call one of :func:`end`."""
    global _wanted, _python_sleep
    with _lock:
        _wanted += 1
        if _wanted == 1:
            _python_sleep = time.sleep
            time.sleep = _sleep


def end() -> None:
    """Sleep is Python's again, unless someone else has replaced it meanwhile."""
    global _wanted
    with _lock:
        _wanted -= 1
        if _wanted == 0 and time.sleep is _sleep:
            time.sleep = _python_sleep
