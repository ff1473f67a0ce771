"""Threads that a task starts belong to the task.

In Spark's workers a thread that a task starts finds the task's context as the task does. Here many
tasks are in one process, and Python does not say which thread started which. So while there is an
engine, `Thread.start` is this module's: a thread that is started in a task runs under the task's
state (:mod:`minispark.engine.taskstate`), and what it starts in its turn does too. Outside tasks
it is what it was.

A thread may outlive its task. It does not keep the task's state then, and is a task's no more.

Must not know: what tasks do, and where they run.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import wraps
from threading import Thread

from minispark.engine import taskstate
from minispark.engine.taskstate import TaskState

_lock = threading.Lock()  # guards what follows
_wanted = 0
_before: Callable[[Thread], None] = Thread.start
_ours = _before


def _inheriting(start: Callable[[Thread], None]) -> Callable[[Thread], None]:
    @wraps(start)
    def start_as_in_task(thread: Thread) -> None:
        state = taskstate.current()
        if state is None:
            start(thread)
            return
        _bequeath(thread, state)
        try:
            start(thread)
        except BaseException:
            vars(thread).pop("run", None)
            raise

    return start_as_in_task


def _bequeath(thread: Thread, state: TaskState) -> None:
    """Let ``thread`` say first, when it runs, that it belongs to ``state``."""
    run, known = thread.run, weakref.ref(state)

    def run_in_task() -> None:
        vars(thread).pop("run", None)  # the thread is as the program made it
        taskstate.enter(known())
        run()

    thread.run = run_in_task  # type: ignore[method-assign]  # of this one thread


def begin() -> None:
    """Threads inherit the task from now on; for each call one of :func:`end`."""
    global _wanted, _before, _ours
    with _lock:
        _wanted += 1
        if _wanted == 1:
            _before = Thread.start
            _ours = _inheriting(_before)
            Thread.start = _ours  # type: ignore[method-assign,assignment]  # meant


def end() -> None:
    """`Thread.start` is Python's again, unless someone else has replaced it meanwhile."""
    global _wanted
    with _lock:
        _wanted -= 1
        if _wanted == 0 and Thread.start is _ours:
            Thread.start = _before  # type: ignore[method-assign,assignment]  # meant
