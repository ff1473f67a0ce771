"""What happened, as values in one stream that progress bar, status, UI and log read.

An event is a frozen dataclass. Listeners are called in the order in which they were added, on
the thread on which the thing happened, while the scheduler holds its lock: a listener takes
note and returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class JobStarted:
    job_id: int
    stage_ids: tuple[int, ...]


@dataclass(frozen=True)
class JobEnded:
    job_id: int
    succeeded: bool
    reason: str | None = None


@dataclass(frozen=True)
class StageSubmitted:
    stage_id: int
    attempt: int
    num_tasks: int
    job_id: int


@dataclass(frozen=True)
class StageCompleted:
    stage_id: int
    attempt: int
    failure: str | None = None


@dataclass(frozen=True)
class TaskStarted:
    stage_id: int
    stage_attempt: int
    partition: int
    attempt: int
    task_id: int


@dataclass(frozen=True)
class TaskEnded:
    stage_id: int
    stage_attempt: int
    partition: int
    attempt: int
    task_id: int
    successful: bool
    seconds: float
    reason: str | None = None


@dataclass(frozen=True)
class BlockStored:
    rdd_id: int
    partition: int
    size: int


@dataclass(frozen=True)
class BlocksRemoved:
    rdd_id: int


Event = (
    JobStarted
    | JobEnded
    | StageSubmitted
    | StageCompleted
    | TaskStarted
    | TaskEnded
    | BlockStored
    | BlocksRemoved
)


class EventBus:
    """The one stream of a context's events."""

    def __init__(self) -> None:
        self._listeners: tuple[Callable[[Event], None], ...] = ()

    def add_listener(self, listener: Callable[[Event], None]) -> None:
        self._listeners = (*self._listeners, listener)

    def post(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
