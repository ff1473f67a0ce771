"""The parent of the worker processes: a program that has imported what they need, and forks them.

    driver --FORK + descriptors--> parent --fork--> worker

It is started once a context, by ``exec``, so that workers have nothing of the driver: not its
threads and locks, nor its ``__main__``. It has one thread and imports no code of the program, so
forking it is safe, and costs some milliseconds.

It also sees to their ends. It reaps them, tells the driver how one has ended, and, when a task is
cancelled, asks its worker to end (SIGTERM) and soon makes it (SIGKILL). When its own driver is
gone, however that came, so are all workers, and the directories of its context.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import math
import os
import select
import signal
import socket
import struct
import time

from minispark.engine.executors.base import PATIENCE_SECONDS
from minispark.engine.executors.worker import run_worker
from minispark.engine.localdir import remove_abandoned

REQUEST = struct.Struct("!cq")
"""What is asked for, and of which process."""
RESULT = struct.Struct("!q")
FORK, STOP, STATUS, END = b"f", b"s", b"w", b"e"

LOCK_SECONDS = 2.0
"""So long it may take until a driver that has ended has let go of all that it had."""

LOOK_AGAIN_SECONDS = 0.002
"""At the end, for at most as long as its patience."""


def main(control_descriptor: int, directories: list[str], modules: list[str]) -> None:
    """Serve the driver at the other end of a socket until it is gone.

    Modules that workers may need are imported while there is nothing else to do. If the driver ends
    before it has said that there is an end, ``directories`` are removed: it could not do so.
    """
    with socket.socket(fileno=control_descriptor) as control:
        while modules and not select.select([control], [], [], 0)[0]:
            importlib.import_module(modules.pop(0))
        gc.collect()
        gc.freeze()  # what is there stays: workers share its memory as long as nobody writes to it
        parent = Parent(control)
        parent.serve()
    if not parent.is_dismissed:
        _remove(directories)


def _remove(directories: list[str]) -> None:
    end = time.monotonic() + LOCK_SECONDS
    while directories and time.monotonic() < end:
        directories = [path for path in directories if not remove_abandoned(path)]
        time.sleep(LOOK_AGAIN_SECONDS)


class Parent:
    """What the driver asks for, done."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: set[int] = set()
        self._statuses: dict[int, int] = {}
        self._deadlines: dict[int, float] = {}
        """When a child that was asked to end is made to."""
        self.is_dismissed = False

    def serve(self) -> None:
        while self._wait_for_request():
            data, descriptors, _, _ = socket.recv_fds(self._control, REQUEST.size, 2)
            if len(data) < REQUEST.size:
                break  # the driver is gone
            what, pid = REQUEST.unpack(data)
            if what == FORK:
                self._answer(self._fork(descriptors))
            elif what == STOP:
                self._ask_to_end(pid)
            elif what == END:
                self.is_dismissed = True
            else:
                self._answer(self._status(pid))
        self._end_all()

    def _wait_for_request(self) -> bool:
        """Whether there is a request, or the end of them; sees to deadlines meanwhile."""
        while True:
            self._reap()
            timeout = None
            next_deadline = min(self._deadlines.values(), default=math.inf)
            if next_deadline < math.inf:
                timeout = max(0.0, next_deadline - time.monotonic())
            if select.select([self._control], [], [], timeout)[0]:
                return True
            self._kill_overdue()

    def _fork(self, descriptors: list[int]) -> int:
        """The new process; below zero: the number of the error why there is none."""
        me = os.getpid()
        try:
            pid = os.fork()
        except OSError as exc:  # no memory, say
            pid = -(exc.errno or errno.EAGAIN)
        if pid == 0:
            self._control.close()
            run_worker(me, *descriptors)
        if pid > 0:
            self._children.add(pid)
        for descriptor in descriptors:
            os.close(descriptor)
        return pid

    def _ask_to_end(self, pid: int) -> None:
        if pid in self._children and pid not in self._deadlines:
            self._kill(pid, signal.SIGTERM)
            self._deadlines[pid] = time.monotonic() + PATIENCE_SECONDS

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for pid, deadline in self._deadlines.items():
            if deadline <= now:
                self._kill(pid, signal.SIGKILL)
                self._deadlines[pid] = math.inf

    def _status(self, pid: int) -> int:
        """How a child has ended; it is made to if it has not."""
        self._kill(pid, signal.SIGKILL)
        while pid in self._children:
            self._note(*os.waitpid(pid, 0))
        return self._statuses.pop(pid, 0)

    def _kill(self, pid: int, number: int) -> None:
        """Send a signal to a child; until it is reaped nobody else has its number."""
        if pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._note(pid, status)

    def _note(self, pid: int, status: int) -> None:
        self._children.discard(pid)
        self._deadlines.pop(pid, None)
        self._statuses[pid] = os.waitstatus_to_exitcode(status)

    def _answer(self, number: int) -> None:
        with contextlib.suppress(OSError):  # the driver is gone: found out next
            self._control.sendall(RESULT.pack(number))

    def _end_all(self) -> None:
        for pid in list(self._children):
            self._ask_to_end(pid)
        while self._children:
            time.sleep(LOOK_AGAIN_SECONDS)
            self._reap()
            self._kill_overdue()
