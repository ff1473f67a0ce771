"""How a task on a thread is stopped from outside.

Python can raise an exception in another thread, but only at that thread's next Python instruction.
A loop in Python is there at once. A thread that waits for an event, a condition, a queue or a
barrier, or that sleeps (`minispark.engine.sleeping`), is not: it waits in C for a lock that
``threading.Condition.wait`` made for this one wait. That lock can be released from here: the wait
ends as if it had been notified, and the exception is raised then: so it is done only together with
raising the exception, and no wait of the task's own `finally` ends before its time. The exception
takes the waiter out of the condition, so whoever shares it does not notice.

Which lock that is, the thread says itself: one that looks into another's frame while that runs may
crash a Python without the global interpreter lock. So while there is an executor of threads, what
``Condition.wait`` makes its locks with is this module's. A lock whose wait is over may be released,
too: nobody waits for it.

What waits in C for something else (a lock of the program's own, a socket, a child process) cannot
be stopped: it is when it comes back.

A task may come between: it is just about to wait when it is looked at, or it catches the
exception and waits again. So threads that were given up are seen to again, until they have ended,
by a thread that lives only for so long.

Must not know: what a task is, other than that it ends by :class:`TaskKilled`.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from threading import Thread, get_ident

from minispark.engine.task import TaskKilled

LOOK_AGAIN_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5
RAISE_AGAIN_SECONDS = 1.0
"""What a task does in its ``finally`` clauses has so long before it is interrupted too."""

_WAIT = threading.Condition.wait.__code__
_MADE_WITH = "_allocate_lock"
"""What ``Condition.wait`` makes its locks with, in ``threading``."""

_BEING_STARTED: dict[Thread, Thread] = vars(threading)["_limbo"]

_waiters: dict[int, threading.Lock | None] = {}
"""By thread that may be interrupted: the lock of the wait that it began last. A thread's own entry
is written by that thread alone."""

_lock = threading.Lock()  # guards what follows
_wanted = 0
_before: Callable[[], threading.Lock] = vars(threading)[_MADE_WITH]
_ours = _before


def _noting(before: Callable[[], threading.Lock]) -> Callable[[], threading.Lock]:
    def allocate_lock() -> threading.Lock:
        made = before()
        me = get_ident()
        if me in _waiters and sys._getframe(1).f_code is _WAIT:
            _waiters[me] = made
        return made

    return allocate_lock


def begin() -> None:
    """Waits can be ended from now on; for each call one of :func:`end`."""
    global _wanted, _before, _ours
    with _lock:
        _wanted += 1
        if _wanted == 1:
            _before = vars(threading)[_MADE_WITH]
            _ours = _noting(_before)
            setattr(threading, _MADE_WITH, _ours)


def end() -> None:
    """Locks are made as before, unless someone else has replaced it meanwhile."""
    global _wanted
    with _lock:
        _wanted -= 1
        if _wanted == 0 and vars(threading)[_MADE_WITH] is _ours:
            setattr(threading, _MADE_WITH, _before)


@contextlib.contextmanager
def waits_can_end() -> Iterator[None]:
    """Waits of this thread, for as long as the block runs, can be ended by an interrupter."""
    me = get_ident()
    _waiters[me] = None
    try:
        yield
    finally:
        _waiters.pop(me, None)


class Interrupter:
    """Stops threads, and sees to it that they end. Any thread may call it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._given_up: dict[Thread, float] = {}
        """When an exception was last raised in it."""
        self._watcher: Thread | None = None

    def interrupt(self, thread: Thread) -> None:
        """Raise :class:`TaskKilled` in ``thread`` as soon as can be, until it ends."""
        if not isinstance(sys.unraisablehook, _Dropped):
            sys.unraisablehook = _Dropped(sys.unraisablehook)
        with self._changed:
            self._given_up[thread] = time.monotonic() if _stop(thread) else -math.inf
            if self._watcher is None:
                watcher = Thread(target=self._watch, name="minispark-interrupter", daemon=True)
                with contextlib.suppress(RuntimeError):  # there are as many as the system allows
                    watcher.start()
                    self._watcher = watcher

    def join(self, timeout: float) -> None:
        """Wait until all threads that were interrupted have ended, but no longer than that."""
        with self._changed:
            watcher = self._watcher
        if watcher is not None:
            watcher.join(timeout)

    def _watch(self) -> None:
        pause = LOOK_AGAIN_SECONDS
        while True:
            # Whoever has ended meanwhile is noticed soon; who has not for long, seldom.
            with self._changed:
                oldest = next(iter(self._given_up))
            oldest.join(pause)
            with self._changed:
                now = time.monotonic()
                for thread, raised_at in list(self._given_up.items()):
                    if not thread.is_alive():
                        del self._given_up[thread]
                        pause = LOOK_AGAIN_SECONDS
                    elif now - raised_at >= RAISE_AGAIN_SECONDS and _stop(thread):
                        self._given_up[thread] = now
                if not self._given_up:
                    self._watcher = None
                    return
            pause = min(LONGEST_PAUSE_SECONDS, pause * 1.5)


class _Dropped:
    """Python prints what is raised in a ``__del__`` or in a generator that is closed, and drops it.
    A thread that was to end by it is asked again, so there is nothing to print.
    """

    def __init__(self, hook: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self._hook = hook

    def __call__(self, unraisable: sys.UnraisableHookArgs, /) -> None:
        if not issubclass(unraisable.exc_type, TaskKilled):
            self._hook(unraisable)


def _stop(thread: Thread) -> bool:
    """Stop a thread; False if that has to wait a little."""
    if _BEING_STARTED:
        # In Python 3.11 a new thread has the number of the one that starts it until it runs, and
        # would be stopped in its place.
        return False
    # A wait that begins after this look may be one of a `finally` clause.
    waiter = _waiters.get(thread.ident or 0)
    _raise_in(thread)
    if waiter is not None:
        with contextlib.suppress(RuntimeError):  # it has been notified already
            waiter.release()
    return True


def _raise_in(thread: Thread) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TaskKilled)
    )
