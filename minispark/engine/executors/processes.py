"""Tasks in worker processes: each slot's thread hands its task to a worker, and waits.

    slot thread --order--> worker --outcome--> slot thread      (see `worker`)
         |                    ^
         +------ FORK --> parent                                (see `parent`)

A worker is made when a task finds no idle one, runs one task at a time, and is used again. While
its task runs, the slot's thread has answered what it asks (see `answering`), and shows what it
prints: on the driver's ``sys.stderr``, as it stands then, whole lines at a time. (In Spark it is
standard error, too: a program's standard output is the driver's.)

A worker that ends by itself loses its running attempt only. That is a failure of this attempt, and
the next task gets another worker.

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
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from fcntl import ioctl
from itertools import count
from socket import AF_UNIX, SHUT_RDWR, SOCK_STREAM, send_fds, socket, socketpair
from termios import FIONREAD
from threading import Thread

from minispark.engine.executors import carrying
from minispark.engine.executors.answering import Answers, Attempt, Binary
from minispark.engine.executors.base import Workers
from minispark.engine.executors.channel import Channel
from minispark.engine.executors.parent import FORK, REQUEST, RESULT, STATUS, STOP
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
            data = worker.run(attempt)
            is_usable = self._workers.are_reused
            return carrying.loads(data)
        except WorkerLost:
            if task.output_path is not None:
                remove_map_output(task.output_path)
            status = self._parent.status(worker.pid)
            attempt.lose()
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
        with self._lock:
            for worker in self._at_work.values():  # its parent may have been ended before
                worker.kill()

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

    def _binary_of(self, task_set: TaskSet) -> Binary:
        with self._lock:
            found = self._binaries.get(task_set)
            if found is None:
                found = Binary(next(self._numbers))
                self._binaries[task_set] = found
        return found


class _Worker:
    """One worker process, as its slot's thread sees it."""

    def __init__(self, pid: int, end: socket, output: int) -> None:
        self.pid = pid
        self._channel = Channel(end)
        self._answers = Answers(self._channel)
        self._is_lost = False
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
                self._answers.give(attempt, data)
        except (OSError, EOFError) as exc:
            self._is_lost = True
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

    def kill(self) -> None:
        """End it without its parent."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def close(self) -> None:
        """Let it end, if it has not."""
        self._answers.end(are_given=not self._is_lost)
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
        try:
            return self._fork()
        except OSError as exc:
            raise SparkException(
                f"Worker processes cannot be started: {exc}. Tasks run on threads with "
                "spark.minispark.executor=threads"
            ) from exc

    def _fork(self) -> _Worker:
        end, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        with theirs, ExitStack() as if_it_fails:
            if_it_fails.callback(end.close)
            output, written = os.pipe()
            if_it_fails.callback(os.close, output)
            descriptors = [theirs.fileno(), written]
            try:
                try:
                    pid = self._ask(FORK, 0, descriptors)
                except OSError:  # somebody has ended it
                    self._start_again()
                    pid = self._ask(FORK, 0, descriptors)
            finally:
                os.close(written)
            if pid < 0:
                raise OSError(-pid, os.strerror(-pid))
            worker = _Worker(pid, end, output)
            if_it_fails.pop_all()
            return worker

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
                    *(
                        (os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0)
                        for descriptor in (0, 1, 2)
                        if descriptor == 0 or not _is_handed_on(descriptor)
                    ),
                ],
                setpgroup=0,  # a Ctrl-C at the terminal is the driver's affair
                setsigmask=(),
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD],
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


def _is_handed_on(descriptor: int) -> bool:
    """Whether a program that is started has the descriptor, as the standard ones if not closed."""
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
