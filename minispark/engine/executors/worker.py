"""What a worker process does: run tasks, one after the other, that its slot on the driver sends.

    driver --RUN, order--> worker --ENDED, outcome--> driver

While a task runs it is the worker that asks, and the driver that answers: for the task set, if the
worker has not read it yet; for cached blocks, which the driver's table knows; and where a barrier
stage meets. What tasks print goes through a pipe to the driver (see `processes`).

A cancelled task is interrupted by SIGTERM: :class:`TaskKilled` is raised in it, its ``finally``
clauses run, and the process ends. A worker whose driver is gone reads the end of its socket, and
ends too; one that is in the middle of a task is ended by its parent (see `parent`), or, if that is
gone before, by itself (see `orphans`).
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import pickle
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from typing import Any, NamedTuple, NoReturn

from minispark.engine import binaries, collector, exceptions, inheriting
from minispark.engine.blocks import StoredBlock, ToWrite
from minispark.engine.executors import carrying
from minispark.engine.executors.channel import Channel
from minispark.engine.executors.forks import flush_streams, run_in_this_process
from minispark.engine.executors.orphans import PARENT_ENDED, end_with_driver
from minispark.engine.task import Task, TaskKilled, TaskOutcome, TaskSet, failure_of
from minispark.engine.taskstate import AttemptId

RUN, ENDED, QUESTION, ANSWER, ERROR = range(5)
"""What a message is: an order and the outcome of its task; a question during it, which has an
answer, or an exception to be raised."""

RAISE_AGAIN_SECONDS = 0.01

KEPT_TASK_SETS = 4
"""So many task sets that it has read a worker keeps: stages that run side by side."""


class Order(NamedTuple):
    """What a worker is told of a task; the rest is in the task set of that number."""

    task_set: int
    id: AttemptId
    output_path: str | None
    is_in_barrier: bool
    python_path: tuple[str, ...]
    """The driver's sys.path."""


class Worker:
    """The process's one worker."""

    def __init__(self, channel: Channel, output: int) -> None:
        self._channel = channel
        self._output = output
        self._lock = threading.Lock()  # a task's threads may ask at the same time, and at its end
        self._has_task = False
        self._task_sets: OrderedDict[int, TaskSet] = OrderedDict()
        self._is_running = False
        self._pid = os.getpid()

    def serve(self) -> None:
        """Run tasks until the driver is gone, or one was killed."""
        os.register_at_fork(after_in_child=_be_no_worker)
        self._watch_unraisable(sys.unraisablehook)
        inheriting.begin()
        while True:
            try:
                _, data = self._channel.receive()
            except EOFError:
                return
            self._has_task = True
            self._set_signals()
            try:
                outcome = self._run(pickle.loads(data))
            except TaskKilled:
                flush_streams()
                _be_no_worker()
                os.kill(os.getpid(), signal.SIGTERM)  # ended by that, for who asks how
            with self._lock, suppress(OSError):  # the driver is gone: found out by the next receive
                self._has_task = False
                self._channel.send(ENDED, outcome)

    def _run(self, order: Order) -> bytes:
        self._is_running = True
        try:
            return carrying.dumps(self._outcome(order))
        finally:
            self._is_running = False
            flush_streams()
            self._open_standard_streams()

    def _set_signals(self) -> None:
        """A task may have set handlers of its own. As in Spark, these are not for the next one: it
        has to hear that it is cancelled, and how processes end that it starts.
        """
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def _open_standard_streams(self) -> None:
        """Those that a task has closed: else the next file has its number, and what is printed."""
        for descriptor in (0, 1, 2):
            try:
                os.fstat(descriptor)
            except OSError:
                os.dup2(self._output, descriptor)

    def _outcome(self, order: Order) -> TaskOutcome:
        try:
            _follow_path(order.python_path)
            task = Task(
                order.id,
                self._task_set(order.task_set),
                _Blocks(self),
                order.output_path,
                _MeetingPlace(self) if order.is_in_barrier else None,
                _Permissions(self),
            )
        except Exception as exc:  # a module that cannot be imported here, say
            return TaskOutcome(failure=failure_of(exc))
        with collector.seldom():
            return run_in_this_process(task)

    def _on_terminate(self, *_: object) -> None:
        if not self._is_running:
            os._exit(0)
        self._is_running = False  # once: what it does in its `finally` clauses is not interrupted
        raise TaskKilled

    def _watch_unraisable(self, hook: Callable[[Any], Any]) -> None:
        """Python drops what is raised in a ``__del__``, or when a weak reference dies: if that was
        to end the task, it is raised again.
        """

        def on_unraisable(unraisable: Any) -> None:
            if not isinstance(unraisable.exc_value, TaskKilled):
                hook(unraisable)
                return
            self._is_running = True
            # Soon: what is raised before this function has ended is dropped too.
            again = threading.Timer(RAISE_AGAIN_SECONDS, os.kill, [self._pid, signal.SIGTERM])
            again.daemon = True
            again.start()

        sys.unraisablehook = on_unraisable

    def _task_set(self, number: int) -> TaskSet:
        found = self._task_sets.get(number)
        if found is None:
            found = binaries.loads(self.ask("task_set"))
            self._task_sets[number] = found
            if len(self._task_sets) > KEPT_TASK_SETS:
                self._task_sets.popitem(last=False)
        return found

    def ask(self, what: str, *arguments: Any) -> Any:
        """What the driver answers during a task; raises what it raises."""
        with self._lock:
            if not self._has_task:  # the driver would take the question for the next task's
                raise RuntimeError("a thread that a task has left behind reads on after its end")
            self._channel.send_object(QUESTION, (what, arguments))
            kind, data = self._channel.receive()
        if kind == ERROR:
            raise exceptions.loads(data)
        return pickle.loads(data)


class _Blocks:
    """The driver's table of cached blocks. See :class:`minispark.engine.blocks.BlockTable`."""

    def __init__(self, worker: Worker) -> None:
        self._ask = worker.ask

    def find_or_begin(
        self, rdd_id: int, partition: int, task_id: int
    ) -> StoredBlock | ToWrite | None:
        found: StoredBlock | ToWrite | None
        found = self._ask("find_or_begin", rdd_id, partition, task_id)
        return found

    def commit(self, rdd_id: int, partition: int, task_id: int, block: StoredBlock) -> bool:
        return bool(self._ask("commit", rdd_id, partition, task_id, block))

    def give_up(
        self, rdd_id: int, partition: int, task_id: int, problem: str | None = None
    ) -> None:
        self._ask("give_up", rdd_id, partition, task_id, problem)

    def forget(self, rdd_id: int, partition: int, block: StoredBlock) -> None:
        self._ask("forget", rdd_id, partition, block)


class _MeetingPlace:
    """Where the tasks of a barrier stage meet: on the driver."""

    def __init__(self, worker: Worker) -> None:
        self._ask = worker.ask

    def meet(self, partition: int, kind: str, message: str = "") -> list[str]:
        said: list[str] = self._ask("meet", partition, kind, message)
        return said


class _Permissions:
    """Who may put output in place: the driver's, see :mod:`minispark.engine.commits`."""

    def __init__(self, worker: Worker) -> None:
        self._ask = worker.ask

    def may_commit(self, task_id: int) -> bool:
        return bool(self._ask("may_commit", task_id))


def run_worker(parent: int, end: int, output: int) -> NoReturn:
    """Be a worker that the process ``parent`` has forked, and end with it.

    Tasks write to the descriptor ``output``.
    """
    code = 1
    try:
        end_with_driver(end, parent)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.set_inheritable(output, False)
        # As lines, so that what several workers print does not mix within one.
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            stream = open(  # noqa: SIM115  # for as long as the process lives
                descriptor, "w", 1, "utf-8", "backslashreplace", closefd=False
            )
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        faulthandler.enable(file=2)
        if "PYTHONBREAKPOINT" not in os.environ:  # else it is another debugger's
            sys.breakpointhook = _refuse_breakpoint
        Worker(Channel(socket(fileno=end)), output).serve()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        flush_streams()
        os._exit(code)


def _be_no_worker() -> None:
    """From now on, and in a process that a task has forked, signals end it, as any other."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(PARENT_ENDED, signal.SIG_DFL)


def _refuse_breakpoint(*_: object, **__: object) -> NoReturn:
    raise RuntimeError(
        "breakpoint() cannot stop in a worker process, which has no terminal. Tasks run in the "
        "program's own process with the master local, or with spark.minispark.executor=threads"
    )


def _follow_path(python_path: tuple[str, ...]) -> None:
    if sys.path != list(python_path):
        sys.path[:] = python_path
        importlib.invalidate_caches()
