"""How often what fails is tried again, and when what is slow is tried a second time.

For the scheduler, which follows it; the facade reads it from the settings.
"""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple


class Speculation(NamedTuple):
    """When a task runs so far behind the others of its stage that a copy of it is started.

    Its fields have the meaning of Spark's settings ``spark.speculation.*``; times are in seconds.
    """

    interval: float = 0.1
    """How often it is looked at the running tasks."""
    multiplier: float = 3.0
    """How many times longer than the median of those that have ended."""
    quantile: float = 0.9
    """Which part of the tasks must have ended before that."""
    min_seconds: float = 0.1
    """A task that has not run for so long is not copied."""
    long_seconds: float | None = None
    """In a stage that has no more tasks than there are slots, one that has run for longer is copied
    however few have ended. None: it is not."""


class Retries(NamedTuple):
    """How often, and when, tasks and stages run again."""

    task_failures: int = 1
    """So many failures of one task end its job."""
    stage_failures: int = 4
    """So many failed attempts of one stage in a row end its jobs."""
    speculation: Speculation | None = None


class Pace:
    """How long the tasks of one attempt of a stage take: which of them run far behind.

    Parameters
    ----------
    num_tasks
        how many tasks the attempt has
    slots
        how many tasks run at once
    """

    def __init__(self, rule: Speculation, num_tasks: int, slots: int) -> None:
        self._rule = rule
        self._num_tasks = num_tasks
        self._is_small = num_tasks <= slots
        self._durations: list[float] = []

    def note(self, seconds: float) -> None:
        """A task has ended well, after so many seconds."""
        insort(self._durations, seconds)

    def threshold(self) -> float | None:
        """A task that has run for longer runs far behind; None: none does."""
        rule, ended = self._rule, self._durations
        if self._num_tasks == 1 and rule.long_seconds is None:
            return None
        if ended and len(ended) + 1 > rule.quantile * self._num_tasks:
            middle = len(ended) // 2
            median = (ended[middle] + ended[~middle]) / 2
            return max(rule.multiplier * median, rule.min_seconds)
        return rule.long_seconds if self._is_small else None
