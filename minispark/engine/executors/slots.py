"""Slots: a thread each, which runs one task after the other, itself or somewhere else.

    scheduler --submit--> inbox --> slot thread --runner.run--> outbox --wait/result--> scheduler

A slot thread is made when the first task needs it. To cancel a running attempt its runner is told
to interrupt it, and the thread is given up: what it waits for may take its time (a read from a
socket that cannot be interrupted, say), so a new thread takes over the slot, and the old one ends
when it comes back.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Protocol

from minispark.engine.localdir import remove_file
from minispark.engine.task import Task, TaskKilled, TaskOutcome, failure_of


class Runner(Protocol):
    """Where the tasks of slots run. Any thread may call it."""

    def run(self, task: Task) -> TaskOutcome:
        """Run an attempt to its end; the slot's thread waits.

        Raises :class:`TaskKilled` where the attempt was interrupted.
        """

    def interrupt(self, thread: threading.Thread) -> None:
        """Stop the attempt that ``thread`` runs, or is about to, as soon as can be.

        Does not wait for it. The thread will run no other attempt.
        """

    def stop(self) -> None:
        """All attempts have ended or were interrupted: end everything. Called once."""


class SlotExecutor:
    """The executor of a number of slots. See :class:`minispark.engine.executors.base.Executor`."""

    def __init__(self, slots: int, runner: Runner) -> None:
        self._slots = slots
        self._runner = runner
        self._inbox: SimpleQueue[Task | None] = SimpleQueue()
        self._outbox: SimpleQueue[int | None] = SimpleQueue()
        self._outcomes: dict[int, TaskOutcome] = {}
        self._lock = threading.Lock()  # guards what follows
        self._threads: set[threading.Thread] = set()
        self._running: dict[int, threading.Thread] = {}
        self._submitted: set[int] = set()
        self._stopped = False

    @property
    def slots(self) -> int:
        return self._slots

    def submit(self, task: Task) -> None:
        task_id = task.id.task_id
        with self._lock:
            self._submitted.add(task_id)
            if len(self._threads) < min(self._slots, len(self._submitted)):
                try:
                    self._start_thread()
                except RuntimeError as exc:  # there are as many as the system allows
                    self._submitted.discard(task_id)
                    self._outcomes[task_id] = TaskOutcome(failure=failure_of(exc))
                    self._outbox.put(task_id)
                    return
        self._inbox.put(task)

    def wait(self, seconds: float | None = None) -> list[int]:
        try:
            task_id = self._outbox.get(timeout=seconds)
        except Empty:
            return []
        return [] if task_id is None else [task_id]

    def wake(self) -> None:
        self._outbox.put(None)

    def result(self, task_id: int) -> TaskOutcome:
        with self._lock:
            return self._outcomes.pop(task_id)

    def cancel(self, task_id: int) -> None:
        with self._lock:
            self._submitted.discard(task_id)
            if task_id in self._outcomes:
                self._outcomes.pop(task_id).discard()
            thread = self._running.pop(task_id, None)
            if thread is None:
                return
            self._threads.discard(thread)
            self._runner.interrupt(thread)
            if not self._stopped and len(self._threads) < len(self._submitted):
                self._start_thread()

    def stop(self) -> None:
        with self._lock:
            was_stopped = self._stopped
            self._stopped = True
            for task_id, thread in self._running.items():
                self._submitted.discard(task_id)
                self._threads.discard(thread)
                self._runner.interrupt(thread)
            self._running.clear()
            idle = list(self._threads)
        for _ in idle:
            self._inbox.put(None)
        for thread in idle:
            thread.join()
        if not was_stopped:
            self._runner.stop()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._run, name="minispark-slot", daemon=True)
        thread.start()
        self._threads.add(thread)

    def _outcome(self, task: Task) -> TaskOutcome:
        try:
            return self._runner.run(task)
        except TaskKilled:
            raise
        except BaseException as exc:  # a file that cannot be removed, say: the job must not wait
            return TaskOutcome(failure=failure_of(exc))

    def _run(self) -> None:
        with suppress(TaskKilled):  # raised again while it ends: it took its time
            self._serve()

    def _serve(self) -> None:
        me = threading.current_thread()
        task: Task | None = None
        try:
            while (task := self._inbox.get()) is not None:
                task_id = task.id.task_id
                with self._lock:
                    is_wanted = task_id in self._submitted
                    if is_wanted:
                        self._running[task_id] = me
                if not is_wanted:
                    task = None  # an idle slot holds no lineage
                    continue
                outcome = self._outcome(task)
                with self._lock:
                    if self._running.pop(task_id, None) is not me:
                        raise TaskKilled  # while it ended: this slot has another thread now
                    self._submitted.discard(task_id)
                    self._outcomes[task_id] = outcome
                self._outbox.put(task_id)
                del task, outcome
        except TaskKilled:
            if task is not None and task.output_path is not None:
                remove_file(task.output_path)  # it may have been complete already
