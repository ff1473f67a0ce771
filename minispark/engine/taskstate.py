"""What a running task attempt knows: who it is, and what it has read and counted so far.

There is one :class:`TaskState` an attempt. While the attempt runs, :func:`current` gives it to
whatever runs on its thread, or on one that the task has started
(:mod:`minispark.engine.inheriting`): ``TaskContext``, accumulators, broadcast values. Only the
attempt itself keeps its state.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from minispark.engine import closures
from minispark.engine.blocks import BlockStore
from minispark.engine.memory import TaskMemory
from minispark.engine.shuffle.files import MapStatus


class LocalAccumulator(Protocol):
    """A task's own copy of an accumulator."""

    def local_value(self) -> Any:
        """What this task has added to it."""


class MeetingPlace(Protocol):
    """Where the tasks of a barrier stage wait for each other: see `minispark.engine.barrier`."""

    def meet(self, partition: int, kind: str, message: str = "") -> list[str]:
        """Wait for all the others; what each has said, in the order of partitions."""


class CommitDenied(Exception):
    """Another attempt at the same partition puts its output in place."""

    def __init__(self) -> None:
        super().__init__("Not committed because another attempt at this partition is, or was")


class Permissions(Protocol):
    """Who may put output in place: see `minispark.engine.commits`."""

    def may_commit(self, task_id: int) -> bool:
        """Whether this attempt is the one that does."""


class AttemptId(NamedTuple):
    """One attempt to compute one partition of one stage."""

    stage_id: int
    stage_attempt: int
    partition: int
    attempt: int
    task_id: int


class TaskState:
    """The state of one attempt; its owner is the thread that runs the task.

    Parameters
    ----------
    map_statuses
        the map outputs of each shuffle that the stage reads, by shuffle id
    barrier
        where the tasks of a barrier stage meet; None in other stages
    cpus
        how many processors it is told to have, a decimal number
    commits
        who may put output in place; None where nobody has to ask
    max_result_bytes
        how many bytes of frames the action may give back
    """

    def __init__(
        self,
        id: AttemptId,
        local_properties: Mapping[str, str],
        blocks: BlockStore,
        map_statuses: Mapping[int, Sequence[MapStatus]],
        memory: TaskMemory,
        barrier: MeetingPlace | None = None,
        cpus: str = "1",
        commits: Permissions | None = None,
        max_result_bytes: int = sys.maxsize,
    ) -> None:
        self.id = id
        self.local_properties = local_properties
        self.blocks = blocks
        self.map_statuses = map_statuses
        self.memory = memory
        self.barrier = barrier
        self.cpus = cpus
        self._commits = commits
        self.max_result_bytes = max_result_bytes
        self.result_bytes = 0
        """How many bytes of frames the action gives back, or would give back if it might."""
        self.classes = closures.ClassScope()
        self.accumulators: dict[int, LocalAccumulator] = {}
        self.broadcasts: dict[int, Any] = {}
        """The broadcast variables that the task's functions refer to, by id."""
        self.inputs_begun = 0
        self.inputs_ended = 0
        """Of the program's functions: how many there are, and how many were read to their end."""
        self.context: object | None = None
        """The TaskContext that the program has asked for: one for the whole attempt."""
        self.engine_failure: Exception | None = None
        """What the engine could not do for the task, or what functions have raised whose frames
        others read: it ends the attempt, even if the program's code catches the exception."""
        self.is_reading_broadcast = False
        self.at_end: list[Callable[[], None]] = []
        """What is called when the attempt ends, however it does. It raises nothing."""
        self.has_ended = False
        """Threads that outlive the attempt belong to none."""

    def before_commit(self) -> None:
        """To be called before output is put in place: :class:`CommitDenied` if it must not be."""
        if self._commits is not None and not self._commits.may_commit(self.id.task_id):
            raise CommitDenied


_running = threading.local()


def current() -> TaskState | None:
    """The state of the attempt that this thread belongs to; None on the driver."""
    known: weakref.ref[TaskState] | None = getattr(_running, "state", None)
    state = None if known is None else known()
    return None if state is None or state.has_ended else state


def memory() -> TaskMemory | None:
    """The memory of the attempt that this thread belongs to; None on the driver."""
    state = current()
    return None if state is None else state.memory


def enter(state: TaskState | None) -> None:
    """Say which attempt this thread belongs to from now on. Its state is kept by who runs it."""
    _running.state = None if state is None else weakref.ref(state)
    closures.enter_scope(None if state is None else state.classes)
