"""What becomes of a process that a task forks, if it does not end by itself.

It has a copy of all that was there, the files and the socket of the task included, and comes back
from the program's function, too. But what the task gives, and where that is written, is the affair
of the process that was asked. So it ends there, as a program ends: before the engine's code, which
has called the function, goes on. Python's own profiling says when; only such a process pays for it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from threading import get_ident
from types import FrameType
from typing import Any, NoReturn

from minispark.engine import taskstate
from minispark.engine.own_code import is_own_code
from minispark.engine.task import Task, TaskOutcome, failure_of, run_task


def run_in_this_process(task: Task) -> TaskOutcome:
    """Run one attempt; in a process that it forks this does not return."""
    pid = os.getpid()
    outcome = run_task(task)
    if os.getpid() != pid:
        _end(None if outcome.failure is None else outcome.failure.exception)
    return outcome


def flush_streams() -> None:
    """Write what tasks have printed."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # the program may have closed it, or put its own there
            stream.flush()


def _in_fork() -> None:
    if taskstate.current() is None:
        return
    _forget_exceptions_of_others()
    callers = set()
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if is_own_code(frame.f_code.co_filename):
            callers.add(frame)
        frame = frame.f_back

    def end_in_callers(frame: FrameType, event: str, arg: Any) -> None:
        is_caller = frame in callers or (event == "call" and frame.f_back in callers)
        # An exception, too, returns None, from each function that does not catch it.
        if is_caller and not (event == "return" and arg is None):
            sys.setprofile(None)
            _end(sys.exc_info()[1])

    sys.setprofile(end_in_callers)


def _forget_exceptions_of_others() -> None:
    """See to it that no exception waits for a thread of the process that has forked this one.

    That there is one is known in all threads until its thread has raised it, and this one never
    will. A Python that is profiled would look for it before each function, and, 3.11, never end.
    """

    class Mine(Exception):
        pass

    with suppress(Mine):
        me = ctypes.c_ulong(get_ident())
        ctypes.pythonapi.PyThreadState_SetAsyncExc(me, ctypes.py_object(Mine))
        while True:  # it is raised here
            pass


def _end(exc: BaseException | None) -> NoReturn:
    """End this process as a program ends."""
    code = 0
    if isinstance(exc, SystemExit) and isinstance(exc.code, int | None):
        code = exc.code or 0
    elif exc is not None:
        code = 1
        with suppress(Exception):
            sys.stderr.write(failure_of(exc).text)
    flush_streams()
    os._exit(code)


os.register_at_fork(after_in_child=_in_fork)
