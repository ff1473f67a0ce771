"""What happens inside a task: a node on top of its lineage, with a trap.

A trap springs once: it notes down that it does, in a directory, since a killed process can tell
nothing any more, and then delays the task, raises in it, or kills the process that runs it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from types import FrameType
from typing import Any

from minispark.engine import loops
from minispark.engine.lineage import Inputs, Node
from minispark.engine.own_code import is_own_code
from minispark.engine.serializers import Frame
from minispark.engine.task import Task
from minispark.engine.taskstate import TaskState

from .faults import COMMITTED, DELAY, END, FUNCTION, KILL, START, InTask

ROOT = str(Path(__file__).parents[2]) + os.sep
HERE = os.path.dirname(__file__) + os.sep
INLINED = f"{loops.__file__}:"
"""How the code of loops begins in which the program's functions stand as expressions."""

NO_ACCUMULATOR = -1
NO_RDD = -1


class InjectedError(Exception):
    """What a task raises, outside of the program's functions."""


class InjectedInterrupt(BaseException):
    """What a task raises inside a function of the program, which might catch an Exception."""


def with_fault(task: Task, fault: InTask, notes: str) -> Task:
    """The same attempt with a fault in it, of which there is a note in ``notes`` if it comes."""
    task_set = copy(task.set)
    task_set.node = FaultyNode(task_set.node, fault, os.path.join(notes, f"{task.id.task_id}"))
    return task._replace(set=task_set)


class FaultyNode(Node):
    """Computes what another node does, with a fault."""

    def __init__(self, node: Node, fault: InTask, note: str) -> None:
        super().__init__(NO_RDD, node.call_site, (node,))
        self._fault = fault
        self._note = note

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        trap = _Trap(self._fault, self._note)
        point = self._fault.point
        if point == START:
            trap.spring(START)
        if point == COMMITTED:
            task.accumulators[NO_ACCUMULATOR] = trap
        if point == FUNCTION:
            trap.set()
        try:
            frames = inputs.parents[0].frames(partition, task)
        except BaseException:
            trap.unset()
            raise
        return self._trapped(frames, trap)

    def _trapped(self, frames: Iterator[Frame], trap: _Trap) -> Iterator[Frame]:
        try:
            # `yield from` would close the others first, when nobody reads on: with the trap set.
            for frame in frames:  # noqa: UP028
                yield frame
        finally:
            trap.unset()
        if self._fault.point in (FUNCTION, END) and not trap.is_sprung:
            trap.spring(END)


class _Trap:
    def __init__(self, fault: InTask, note: str) -> None:
        self._fault = fault
        self._note = note
        self._calls = fault.calls
        self.is_sprung = False

    def spring(self, point: str) -> None:
        kind = self._fault.kind
        self.is_sprung = True
        # One call into the system: a cancelled task leaves nothing half done.
        os.mkdir(f"{self._note}.{kind}.{point}")
        if kind == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif kind == DELAY:
            time.sleep(self._fault.seconds)
        elif point == FUNCTION:
            raise InjectedInterrupt(f"injected {point}")
        else:
            raise InjectedError(f"injected {point}")

    def set(self) -> None:
        """Wait for the n-th call of a function of the program, on this thread."""
        sys.setprofile(self._on_call)

    def unset(self) -> None:
        if sys.getprofile() == self._on_call:
            sys.setprofile(None)

    def _on_call(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and not self.is_sprung and _is_of_program(frame.f_code.co_filename):
            self._calls -= 1
            if self._calls <= 0:
                self.spring(FUNCTION)

    def local_value(self) -> Any:
        """For the engine this is an accumulator: it is asked when the output is committed."""
        self.spring(COMMITTED)


def _is_of_program(filename: str) -> bool:
    if filename.startswith(INLINED):
        return True
    return filename.startswith(ROOT) and not filename.startswith(HERE) and not is_own_code(filename)
