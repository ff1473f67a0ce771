"""Tasks in worker processes: each slot's thread hands its task to a worker, and waits.

    slot thread --order--> worker --outcome--> slot thread      (see `worker`)
         |                    ^
         +------ FORK --> parent                                (see `parent`, `starting`)

A worker is made when a task finds no idle one, runs one task at a time, and is used again. While
its task runs, the slot's thread has answered what it asks (see `answering`), and shows what it
prints: on the driver's ``sys.stderr``, as it stands then, whole lines at a time. (In Spark it is
standard error, too: a program's standard output is the driver's.)

A worker that ends by itself loses its running attempt only. That is a failure of this attempt, and
the next task gets another worker. A parent that ends by itself loses nothing: its workers are used
on, and another parent makes the next ones.

Must not know: stages, retries, who reads blocks.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import weakref
from array import array
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from fcntl import ioctl
from itertools import count
from socket import AF_UNIX, SOCK_STREAM, socket, socketpair
from termios import FIONREAD
from threading import Thread

from minispark.engine.executors import carrying
from minispark.engine.executors.answering import Answers, Attempt, Binary
from minispark.engine.executors.base import PATIENCE_SECONDS, Workers
from minispark.engine.executors.channel import Channel
from minispark.engine.executors.starting import ParentLost, ParentProcess
from minispark.engine.executors.worker import ENDED, RUN, Order
from minispark.engine.shuffle.files import remove_map_output
from minispark.engine.task import (
    Task,
    TaskFailure,
    TaskKilled,
    TaskOutcome,
    TaskSet,
    failure_of,
)
from minispark.errors import SparkException

_LONGEST_LINE = 1 << 16


class WorkerLost(Exception):
    """A worker ended in the middle of a task."""


class ProcessRunner:
    """Runs tasks in worker processes. See `slots.Runner`.

    ``directories`` are the context's; if the driver is killed, they go with the workers.
    """

    def __init__(self, workers: Workers, directories: Sequence[str]) -> None:
        self._workers = workers
        self._directories = directories
        self._numbers = count()
        self._lock = threading.Lock()  # guards what follows
        self._is_stopped = False
        self._parent = ParentProcess(
            workers, directories
        )  # at once, so that it is ready when the first task is
        self._idle: list[_Worker] = []
        self._at_work: dict[Thread, _Worker] = {}
        self._given_up: weakref.WeakSet[Thread] = weakref.WeakSet()
        self._binaries: weakref.WeakKeyDictionary[TaskSet, Binary] = weakref.WeakKeyDictionary()

    def run(self, task: Task) -> TaskOutcome:
        me = threading.current_thread()
        try:
            worker = self._take(me)
        except SparkException as exc:
            return TaskOutcome(failure=TaskFailure(exc, str(exc)))
        except Exception as exc:
            return TaskOutcome(failure=failure_of(exc))
        attempt = Attempt(task, self._binary_of(task.set))
        is_usable = False
        try:
            outcome = carrying.loads(worker.run(attempt))
            # As in Spark: who knows what a failed task has left in its worker (a limit, say).
            is_usable = self._workers.are_reused and outcome.failure is None
            return outcome
        except WorkerLost:
            if task.output_path is not None:
                remove_map_output(task.output_path)
            status = worker.status()
            if me in self._given_up:
                raise TaskKilled from None
            lost = SparkException(f"Python worker exited unexpectedly (crashed). {_how(status)}")
            return TaskOutcome(failure=TaskFailure(lost, str(lost)))
        except Exception as exc:  # an exception of the program, say, that cannot be read here
            return TaskOutcome(failure=failure_of(exc))
        finally:
            try:
                attempt.end()
            finally:
                self._leave(me, worker, is_usable)

    def interrupt(self, thread: Thread) -> None:
        with self._lock:
            self._given_up.add(thread)
            worker = self._at_work.get(thread)
        if worker is not None and not worker.ask_to_end():
            self._end(worker, thread)

    def _end(self, worker: _Worker, thread: Thread) -> None:
        """Do what the worker's parent would have done, which is lost."""

        def send(number: signal.Signals) -> None:
            with self._lock:
                if self._at_work.get(thread) is worker:
                    worker.send(number)

        send(signal.SIGTERM)
        patience = threading.Timer(PATIENCE_SECONDS, send, [signal.SIGKILL])
        patience.daemon = True
        patience.start()

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()
            worker.answers.join(PATIENCE_SECONDS)
        self._parent.close()
        with self._lock:
            for worker in self._at_work.values():  # its parent may have been lost before
                worker.send(signal.SIGKILL)

    def _take(self, me: Thread) -> _Worker:
        worker = self._idle_worker() or self._new_worker()
        with self._lock:
            if me not in self._given_up:
                self._at_work[me] = worker
                return worker
        worker.close()
        raise TaskKilled

    def _leave(self, me: Thread, worker: _Worker, is_usable: bool) -> None:
        with self._lock:
            del self._at_work[me]
            is_usable = is_usable and me not in self._given_up
            if is_usable:
                self._idle.append(worker)
        if not is_usable:
            worker.close()

    def _idle_worker(self) -> _Worker | None:
        """One that lives: something that its last task has left behind may have ended it."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                worker = self._idle.pop()
            if worker.is_alive():
                return worker
            worker.close()

    def _new_worker(self) -> _Worker:
        """SparkException if there can be none."""
        try:
            try:
                return _fork(self._living_parent())
            except ParentLost:
                return _fork(self._living_parent())
        except OSError as exc:
            raise SparkException(
                f"Worker processes cannot be started: {exc}. Tasks run on threads with "
                "spark.minispark.executor=threads"
            ) from exc

    def _living_parent(self) -> ParentProcess:
        with self._lock:
            if self._is_stopped:
                raise OSError("the context was stopped")
            if self._parent.is_lost:
                self._parent.close()
                self._parent = ParentProcess(self._workers, self._directories)
            return self._parent

    def _binary_of(self, task_set: TaskSet) -> Binary:
        with self._lock:
            found = self._binaries.get(task_set)
            if found is None:
                found = Binary(next(self._numbers))
                self._binaries[task_set] = found
        return found


class _Worker:
    """One worker process, as its slot's thread sees it."""

    def __init__(self, parent: ParentProcess, pid: int, end: socket, output: int) -> None:
        self._parent = parent
        self._pid = pid
        self._channel = Channel(end)
        self.answers = Answers(self._channel)
        self._output = output
        self._line = b""
        os.set_blocking(output, False)
        self._process: int | None = None
        # A process that the task has started may hold the socket open longer than the worker.
        with suppress(AttributeError, OSError):  # not every system has it
            self._process = os.pidfd_open(pid)
        self._poll = select.poll()
        for descriptor in (end.fileno(), output, self._process):
            if descriptor is not None:
                self._poll.register(descriptor, select.POLLIN)

    def run(self, attempt: Attempt) -> bytearray:
        """Have a task run; its outcome. Raises :class:`WorkerLost`."""
        task = attempt.task
        order = Order(
            attempt.binary.number,
            task.id,
            task.output_path,
            task.barrier is not None,
            tuple(path for path in sys.path if isinstance(path, str)),
        )
        try:
            self._channel.send_object(RUN, order)
            while True:
                self._wait_for_message()
                kind, data = self._channel.receive()
                if kind == ENDED:
                    return data
                self.answers.give(attempt, data)
        except (OSError, EOFError) as exc:
            raise WorkerLost from exc
        finally:
            self._show_all()

    def _wait_for_message(self) -> None:
        while True:
            ready = {descriptor for descriptor, _ in self._poll.poll()}
            if self._output in ready:
                self._show()
            if self._channel.fileno() in ready:
                return
            if self._process in ready:
                # What it has sent before it ended is there by now.
                if select.select([self._channel], [], [], 0)[0]:
                    return
                raise EOFError("it has ended")

    def _show(self) -> int:
        """Show what the task has printed, in whole lines; how many bytes there were to read."""
        try:
            data = os.read(self._output, _LONGEST_LINE)
        except BlockingIOError:
            return 0
        if not data:
            self._poll.unregister(self._output)
            return 0
        lines, end, self._line = (self._line + data).rpartition(b"\n")
        if len(self._line) > _LONGEST_LINE:
            lines, end, self._line = lines + end, self._line, b""
        _print(lines + end)
        return len(data)

    def _show_all(self) -> None:
        """Show what there is now: what the task has started may print for ever."""
        with suppress(OSError, KeyError):
            waiting = array("i", [0])
            ioctl(self._output, FIONREAD, waiting)
            left = waiting[0]
            while left > 0 and (count := self._show()):
                left -= count
        line, self._line = self._line, b""
        _print(line)

    def is_alive(self) -> bool:
        """Whether an idle one can be given a task."""
        ready = {descriptor for descriptor, _ in self._poll.poll(0)}
        return self._process not in ready and self._channel.is_open()

    def ask_to_end(self) -> bool:
        """Ask it to end, and make it, if it does not soon; False if its parent is lost."""
        return self._parent.stop(self._pid)

    def status(self) -> int | None:
        """How it has ended; it is made to if it has not. None: its parent is lost."""
        status = self._parent.status(self._pid)
        if status is None:
            self.send(signal.SIGKILL)
        return status

    def send(self, number: signal.Signals) -> None:
        """Send it a signal without its parent; none when it has ended: its number may be another's
        by then.
        """
        with suppress(ProcessLookupError):
            if self._process is not None:
                signal.pidfd_send_signal(self._process, number)
            elif self._channel.is_open():
                os.kill(self._pid, number)

    def close(self) -> None:
        """Let it end, if it has not. It may be in a task yet, or wait for something."""
        self.answers.close()
        self._channel.close()
        os.close(self._output)
        if self._process is not None:
            os.close(self._process)


def _fork(parent: ParentProcess) -> _Worker:
    """A new worker; OSError if there can be none."""
    end, theirs = socketpair(AF_UNIX, SOCK_STREAM)
    with theirs, ExitStack() as if_it_fails:
        if_it_fails.callback(end.close)
        output, written = os.pipe()
        if_it_fails.callback(os.close, output)
        try:
            pid = parent.fork([theirs.fileno(), written])
        finally:
            os.close(written)
        worker = _Worker(parent, pid, end, output)
        if_it_fails.pop_all()
        return worker


def _how(status: int | None) -> str:
    """How a process has ended, in words."""
    if status is None:
        return "How it ended is not known, since the process that had started it has ended, too."
    if status >= 0:
        return f"It ended with exit status {status}."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"It was ended by {name}."


def _print(data: bytes) -> None:
    if data and sys.stderr is not None:
        with suppress(OSError, ValueError):  # a closed stream is no reason for a task to fail
            sys.stderr.write(data.decode("utf-8", "replace"))
            sys.stderr.flush()
