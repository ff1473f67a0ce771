"""Tasks on threads of the driver process: a task runs on the thread of its slot.

To stop one its thread is interrupted, see :mod:`minispark.engine.executors.interrupting`.
"""

from __future__ import annotations

from threading import Thread

from minispark.engine import collector, sleeping
from minispark.engine.executors import interrupting
from minispark.engine.executors.forks import run_in_this_process
from minispark.engine.task import Task, TaskOutcome

PATIENCE_SECONDS = 0.5
"""How long the end waits for tasks that were interrupted."""


class ThreadRunner:
    """Runs each task on the thread that asks for it. See `slots.Runner`."""

    def __init__(self) -> None:
        self._interrupter = interrupting.Interrupter()
        interrupting.begin()
        sleeping.begin()

    def run(self, task: Task) -> TaskOutcome:
        with collector.seldom(), interrupting.waits_can_end():
            return run_in_this_process(task)

    def interrupt(self, thread: Thread) -> None:
        self._interrupter.interrupt(thread)

    def stop(self) -> None:
        self._interrupter.join(PATIENCE_SECONDS)
        sleeping.end()
        interrupting.end()
