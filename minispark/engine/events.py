"""What happened, as values in one stream that progress bar, status, UI and log read.

An event is a named tuple: a module of frozen dataclasses takes eight times as long to import.
Listeners are called one at a time, in the order in which they were added, on the thread on which
the thing happened, which waits: a listener takes note and returns. An error in a listener is logged
and costs nobody else anything.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class StageInfo(NamedTuple):
    """A stage of a job, whether or not it will run."""

    stage_id: int
    name: str
    num_tasks: int


class JobStarted(NamedTuple):
    job_id: int
    stages: tuple[StageInfo, ...]
    group: str | None = None


class JobEnded(NamedTuple):
    job_id: int
    succeeded: bool
    reason: str | None = None


class StageSubmitted(NamedTuple):
    stage_id: int
    attempt: int
    num_tasks: int
    job_id: int


class StageCompleted(NamedTuple):
    stage_id: int
    attempt: int
    failure: str | None = None


class TaskStarted(NamedTuple):
    stage_id: int
    stage_attempt: int
    partition: int
    attempt: int
    task_id: int
    is_copy: bool = False
    """Whether another attempt at the same partition runs already."""


class TaskEnded(NamedTuple):
    stage_id: int
    stage_attempt: int
    partition: int
    attempt: int
    task_id: int
    successful: bool
    seconds: float
    reason: str | None = None
    was_cancelled: bool = False
    """It ended because nobody wants it any more, not by itself."""
    spilled_bytes: int = 0
    """How much it wrote to files because it did not fit in memory."""


class BlockStored(NamedTuple):
    """A partition is cached, and so many bytes of it are where."""

    rdd_id: int
    partition: int
    memory_size: int
    disk_size: int


class BlockEvicted(NamedTuple):
    """A cached partition has left memory, to make room for another."""

    rdd_id: int
    partition: int
    size: int
    is_on_disk: bool
    """Whether it is still there; else it is computed when it is wanted."""


class BlockLost(NamedTuple):
    """A cached partition could not be read, and is there no more."""

    rdd_id: int
    partition: int


class BlocksRemoved(NamedTuple):
    """An RDD is cached no more."""

    rdd_id: int


Event = (
    JobStarted
    | JobEnded
    | StageSubmitted
    | StageCompleted
    | TaskStarted
    | TaskEnded
    | BlockStored
    | BlockEvicted
    | BlockLost
    | BlocksRemoved
)


class EventBus:
    """The one stream of a context's events."""

    def __init__(self) -> None:
        # Held while listeners are called, one event after the other; and guards what follows.
        self._lock = threading.RLock()
        self._listeners: tuple[Callable[[Event], None], ...] = ()

    def add_listener(self, listener: Callable[[Event], None]) -> None:
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def post(self, event: Event) -> None:
        listeners = self._listeners
        if not listeners:
            return
        with self._lock:
            for listener in listeners:
                try:
                    listener(event)
                except Exception:
                    log_error(f"a listener failed at {event}")

    def post_all(self, events: deque[Event]) -> None:
        """Post what is in a queue, in its order, also if several threads do so at once."""
        with self._lock:
            while events:
                self.post(events.popleft())


def log_warning(message: str) -> None:
    """Log what is not as the program may think, and does no harm."""
    import logging

    logging.getLogger("minispark").warning(message)


def log_error(message: str) -> None:
    """Log what went wrong, with the exception that is being handled."""
    import logging  # where it is needed: most runs log nothing

    logging.getLogger("minispark").error(message, exc_info=True)
