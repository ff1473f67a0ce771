"""Python's garbage collector while tasks run: it looks less often.

Tasks make containers by the million (pairs, batches), nearly none of them in cycles. At its
usual thresholds the collector walks them over and over: a join took 1.8 times as long. So while
any task runs in this process the thresholds are raised, and set back when none does.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 100)

_lock = threading.Lock()  # guards what follows
_running = 0
_usual = gc.get_threshold()


@contextmanager
def seldom() -> Iterator[None]:
    """Raise the thresholds for as long as the block runs on some thread."""
    global _running, _usual
    with _lock:
        if _running == 0:
            _usual = gc.get_threshold()
            if _usual[0] and _usual < _THRESHOLDS:  # 0: the program has turned it off
                gc.set_threshold(*_THRESHOLDS)
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                gc.set_threshold(*_usual)
