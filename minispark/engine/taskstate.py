"""What a running task attempt knows: who it is, and what it has read and counted so far.

There is one :class:`TaskState` an attempt. While the attempt runs, :func:`current` gives it to
whatever runs on its thread: ``TaskContext``, accumulators, broadcast values.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from minispark.engine import closures
from minispark.engine.blocks import BlockStore
from minispark.engine.shuffle.files import MapStatus

if TYPE_CHECKING:
    from minispark.engine.barrier import Barrier


class LocalAccumulator(Protocol):
    """A task's own copy of an accumulator."""

    def local_value(self) -> Any:
        """What this task has added to it."""


@dataclass(frozen=True)
class AttemptId:
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
    barrier: Barrier | None = None
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


_running = threading.local()


def current() -> TaskState | None:
    """The state of the attempt that runs on this thread; None on the driver."""
    state: TaskState | None = getattr(_running, "state", None)
    return state


def enter(state: TaskState | None) -> None:
    """Say which attempt runs on this thread from now on."""
    _running.state = state
    closures.enter_scope(None if state is None else state.classes)
