"""Tasks in worker processes: each slot's thread hands its task to a worker, and waits.

    slot thread --order--> worker --outcome--> slot thread      (see `worker`)
         |                    ^
         +------ FORK --> parent                                (see `parent`)

A worker is made when a task finds no idle one, runs one task at a time, and is used again. While
its task runs, the slot's thread answers what it asks, and shows what it prints: on the driver's
``sys.stderr``, as it stands then, whole lines at a time. (In Spark it is standard error, too: a
program's standard output is the driver's.)

A worker that ends by itself loses its running attempt only. That is a failure of this attempt, and
the next task gets another worker.

Must not know: stages, retries, who reads blocks.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from socket import AF_UNIX, SHUT_RDWR, SOCK_STREAM, send_fds, socket, socketpair
from threading import Thread
from typing import Any

from minispark.engine import binaries
from minispark.engine.executors import carrying
from minispark.engine.executors.base import Workers
from minispark.engine.executors.channel import Channel
from minispark.engine.executors.parent import FORK, REQUEST, RESULT, STATUS, STOP
from minispark.engine.executors.worker import ANSWER, ENDED, ERROR, RUN, Order
from minispark.engine.sharing import preparations
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

START_SECONDS = 60.0
"""So long the parent may take to answer."""

_LONGEST_LINE = 1 << 16

_PROGRAM = """\
import sys
sys.path[:] = eval(sys.argv[1])
from minispark.engine.executors.parent import main
main(int(sys.argv[2]), sys.argv[3:])
"""
_DESCRIPTOR = 3
"""Of its socket, in the parent."""


class WorkerLost(Exception):
    """A worker ended in the middle of a task."""


class ProcessRunner:
    """Runs tasks in worker processes. See `slots.Runner`."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        environment = {**workers.environment, "PYTHONHASHSEED": "0"}  # as in Spark
        self._parent = _Parent(environment, workers.modules)
        self._numbers = count()
        self._lock = threading.Lock()  # guards what follows
        self._idle: list[_Worker] = []
        self._at_work: dict[Thread, _Worker] = {}
        self._given_up: weakref.WeakSet[Thread] = weakref.WeakSet()
        self._binaries: weakref.WeakKeyDictionary[TaskSet, _Binary] = weakref.WeakKeyDictionary()

    def run(self, task: Task) -> TaskOutcome:
        me = threading.current_thread()
        try:
            worker = self._take(me)
        except SparkException as exc:
            return TaskOutcome(failure=TaskFailure(exc, str(exc)))
        is_usable = False
        try:
            data = worker.run(task, self._binary_of(task.set))
            is_usable = self._workers.are_reused
            return carrying.loads(data)
        except WorkerLost:
            if task.output_path is not None:
                remove_map_output(task.output_path)
            status = self._parent.status(worker.pid)
            if me in self._given_up:
                raise TaskKilled from None
            lost = SparkException(f"Python worker exited unexpectedly (crashed). {_how(status)}")
            return TaskOutcome(failure=TaskFailure(lost, str(lost)))
        except Exception as exc:  # an exception of the program, say, that cannot be read here
            return TaskOutcome(failure=failure_of(exc))
        finally:
            with self._lock:
                del self._at_work[me]
                is_usable = is_usable and me not in self._given_up
                if is_usable:
                    self._idle.append(worker)
            if not is_usable:
                worker.close()

    def interrupt(self, thread: Thread) -> None:
        with self._lock:
            self._given_up.add(thread)
            worker = self._at_work.get(thread)
        if worker is not None:
            self._parent.stop(worker.pid)

    def stop(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()
        self._parent.close()

    def _take(self, me: Thread) -> _Worker:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            worker = self._parent.fork()
        with self._lock:
            if me not in self._given_up:
                self._at_work[me] = worker
                return worker
        worker.close()
        raise TaskKilled

    def _binary_of(self, task_set: TaskSet) -> _Binary:
        with self._lock:
            found = self._binaries.get(task_set)
            if found is None:
                found = _Binary(next(self._numbers))
                self._binaries[task_set] = found
        return found


class _Binary:
    """The bytes of a task set, made when the first worker asks for them."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._lock = threading.Lock()  # guards what follows
        self._data: bytes | None = None

    def data(self, task_set: TaskSet) -> bytes:
        with self._lock:
            if self._data is None:
                self._data = binaries.dumps(task_set, preparations())
            return self._data


class _Worker:
    """One worker process, as its slot's thread sees it."""

    def __init__(self, pid: int, end: socket, output: int) -> None:
        self.pid = pid
        self._channel = Channel(end)
        self._output = output
        self._line = b""
        os.set_blocking(output, False)
        # A process that the task has started may hold the socket open longer than the worker.
        self._process = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        self._poll = select.poll()
        for descriptor in (end.fileno(), output, self._process):
            if descriptor is not None:
                self._poll.register(descriptor, select.POLLIN)

    def run(self, task: Task, binary: _Binary) -> bytearray:
        """Have a task run; its outcome. Raises :class:`WorkerLost`."""
        order = Order(
            binary.number,
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
                self._answer(task, binary, *pickle.loads(data))
        except (OSError, EOFError) as exc:
            raise WorkerLost from exc
        finally:
            self._show_all()

    def _answer(self, task: Task, binary: _Binary, what: str, arguments: Sequence[Any]) -> None:
        try:
            if what == "task_set":
                answer: Any = binary.data(task.set)
            elif what == "meet":
                assert task.barrier is not None
                answer = task.barrier.meet(*arguments)
            else:
                answer = getattr(task.blocks, what)(*arguments)
        except Exception as exc:
            self._channel.send_object(ERROR, exc)
        else:
            self._channel.send_object(ANSWER, answer)

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
                raise WorkerLost

    def _show(self) -> bool:
        """Show what the task has printed, in whole lines; whether there was anything to read."""
        try:
            data = os.read(self._output, _LONGEST_LINE)
        except BlockingIOError:
            return False
        if not data:
            self._poll.unregister(self._output)
            return False
        lines, end, self._line = (self._line + data).rpartition(b"\n")
        if len(self._line) > _LONGEST_LINE:
            lines, end, self._line = lines + end, self._line, b""
        _print(lines + end)
        return True

    def _show_all(self) -> None:
        with suppress(OSError, KeyError):
            while self._show():
                pass
        line, self._line = self._line, b""
        _print(line)

    def close(self) -> None:
        """Let it end, if it has not."""
        self._channel.close()
        os.close(self._output)
        if self._process is not None:
            os.close(self._process)


class _Parent:
    """The process that forks the workers. Any thread may call it.

    It is started at once, so that it is ready when the first task is.
    """

    def __init__(self, environment: Mapping[str, str], modules: Sequence[str]) -> None:
        self._environment = environment
        self._modules = modules
        self._lock = threading.Lock()  # guards what follows
        self._is_closed = False
        self._has_forked = False
        self._start()

    def fork(self) -> _Worker:
        """A new worker. SparkException if there can be none."""
        ends = socketpair(AF_UNIX, SOCK_STREAM)
        output, written = os.pipe()
        try:
            descriptors = [ends[1].fileno(), written]
            try:
                pid = self._ask(FORK, 0, descriptors)
            except OSError:  # somebody has ended it
                self._start_again()
                pid = self._ask(FORK, 0, descriptors)
            return _Worker(pid, ends[0], output)
        except OSError as exc:
            ends[0].close()
            os.close(output)
            raise SparkException(
                f"Worker processes cannot be started: {exc}. Tasks run on threads with "
                "spark.minispark.executor=threads"
            ) from exc
        finally:
            ends[1].close()
            os.close(written)

    def stop(self, pid: int) -> None:
        """Ask a worker to end, and make it, if it does not soon."""
        with suppress(OSError), self._lock:
            self._control.sendall(REQUEST.pack(STOP, pid))

    def status(self, pid: int) -> int:
        """How a worker has ended; as of ``subprocess.Popen.returncode``."""
        try:
            return self._ask(STATUS, pid, [])
        except OSError:
            return -signal.SIGKILL  # so it is when the parent is gone

    def close(self) -> None:
        """End the parent and all workers."""
        with self._lock:
            self._is_closed = True
            self._end()

    def _start(self) -> None:
        self._has_forked = False
        self._control, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        self._control.settimeout(START_SECONDS)
        paths = [path for path in sys.path if isinstance(path, str)]
        arguments = [sys.executable, "-c", _PROGRAM, repr(paths), str(_DESCRIPTOR), *self._modules]
        with theirs:
            self._pid = os.posix_spawn(
                sys.executable,
                arguments,
                self._environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), _DESCRIPTOR),
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    *(
                        (os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0)
                        for descriptor in (1, 2)
                        if not _is_inherited(descriptor)
                    ),
                ],
                setpgroup=0,  # a Ctrl-C at the terminal is the driver's affair
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
            )

    def _start_again(self) -> None:
        with self._lock:
            if self._is_closed:
                raise OSError("the context was stopped")
            self._end()
            self._start()

    def _end(self) -> None:
        if not self._has_forked:  # there is nothing that it would have to end
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        with suppress(OSError):
            self._control.shutdown(SHUT_RDWR)  # also if a forked child of the driver has a copy
        self._control.close()
        with suppress(ChildProcessError):  # the program has waited for all its children itself
            os.waitpid(self._pid, 0)

    def _ask(self, what: bytes, pid: int, descriptors: list[int]) -> int:
        with self._lock:
            self._has_forked = self._has_forked or what == FORK
            send_fds(self._control, [REQUEST.pack(what, pid)], descriptors)
            data = self._control.recv(RESULT.size)
        if len(data) < RESULT.size:
            raise ConnectionError("their parent process has ended")
        (answer,) = RESULT.unpack(data)
        return int(answer)


def _is_inherited(descriptor: int) -> bool:
    """Whether processes that are started have it; not if the driver was started without it."""
    try:
        return os.get_inheritable(descriptor)
    except OSError:
        return False


def _how(status: int) -> str:
    """How a process has ended, in words."""
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
