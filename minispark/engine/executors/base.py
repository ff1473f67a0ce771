"""What the scheduler asks of an executor: four calls, a way to be woken, and an end.

An executor runs task attempts and nothing else. Order, retries, attempts, map outputs and
recovery are the scheduler's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from minispark.engine.task import Task, TaskOutcome

PATIENCE_SECONDS = 0.5
"""So long a cancelled task may take over its ``finally`` clauses."""


class Executor(Protocol):
    """Runs task attempts in a fixed number of slots."""

    @property
    def slots(self) -> int:
        """How many attempts run at once."""

    def submit(self, task: Task) -> None:
        """Run an attempt. The scheduler never submits more than there are free slots."""

    def wait(self, seconds: float | None = None) -> list[int]:
        """Wait for any attempt to end, but no longer than that; the ids of those that did.

        Empty after :meth:`wake`, and where none has.
        """

    def wake(self) -> None:
        """End a wait that is going on, or else the next one. Any thread may call it."""

    def result(self, task_id: int) -> TaskOutcome:
        """What came of an attempt that :meth:`wait` named; once for each."""

    def cancel(self, task_id: int) -> None:
        """Stop an attempt. Its slot is free at once, and :meth:`wait` will not name it."""

    def stop(self) -> None:
        """End all slots. May be called again."""


class Workers(NamedTuple):
    """How worker processes are made and used."""

    environment: Mapping[str, str]
    directory: str | None
    """The working directory; None: the driver's, whatever it is when they are started."""
    modules: Sequence[str]
    """What their parent imports before it forks them."""
    are_reused: bool = True
    """Whether a worker runs more than one task."""
