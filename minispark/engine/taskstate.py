"""What a running task attempt knows: who it is, and what it has read and counted so far.

There is one :class:`TaskState` an attempt. While the attempt runs, :func:`current` gives it to
whatever runs on its thread, or on one that the task has started
(:mod:`minispark.engine.inheriting`): ``TaskContext``, accumulators, broadcast values. Only the
attempt itself keeps its state.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from minispark.engine import closures
from minispark.engine.blocks import BlockStore
from minispark.engine.shuffle.files import MapStatus


class LocalAccumulator(Protocol):
    """A task's own copy of an accumulator."""

    def local_value(self) -> Any:
        """What this task has added to it."""


class MeetingPlace(Protocol):
    """Where the tasks of a barrier stage wait for each other: see `minispark.engine.barrier`."""

    def meet(self, partition: int, kind: str, message: str = "") -> list[str]:
        """Wait for all the others; what each has said, in the order of partitions."""


class AttemptId(NamedTuple):
    """One attempt to compute one partition of one stage."""

    stage_id: int
    stage_attempt: int
    partition: int
    attempt: int
    task_id: int


@dataclass
class TaskState:
    """The state of one attempt; its owner is the thread that runs the task."""

    id: AttemptId
    local_properties: Mapping[str, str]
    blocks: BlockStore
    map_statuses: Mapping[int, Sequence[MapStatus]]
    """The map outputs of each shuffle that the stage reads, by shuffle id."""
    classes: closures.ClassScope = field(default_factory=closures.ClassScope)
    accumulators: dict[int, LocalAccumulator] = field(default_factory=dict)
    barrier: MeetingPlace | None = None
    """Where the tasks of a barrier stage meet; None in other stages."""
    cpus: int = 1
    context: object | None = None
    """The TaskContext that the program has asked for: one and the same for the whole attempt."""
    broadcasts: dict[int, Any] = field(default_factory=dict)
    """The broadcast variables that the task's functions refer to, by id."""
    engine_failure: Exception | None = None
    """What the engine could not do for the task: it ends the attempt, even if the program's code
    catches the exception."""
    is_reading_broadcast: bool = False
    has_ended: bool = False
    """Threads that outlive the attempt belong to none."""


_running = threading.local()


def current() -> TaskState | None:
    """The state of the attempt that this thread belongs to; None on the driver."""
    known: weakref.ref[TaskState] | None = getattr(_running, "state", None)
    state = None if known is None else known()
    return None if state is None or state.has_ended else state


def enter(state: TaskState | None) -> None:
    """Say which attempt this thread belongs to from now on. Its state is kept by who runs it."""
    _running.state = None if state is None else weakref.ref(state)
    closures.enter_scope(None if state is None else state.classes)
