"""Which of several attempts at a partition puts its output in place: the first that asks.

Tasks that write files ask before they do. Two attempts may be at work at once: one that runs far
behind and its copy, or one that was given up and the next. One whose attempt the scheduler has
cancelled is told no; when one that was told yes fails, the next may.

For the scheduler, which says who runs. Any thread may ask.
"""

from __future__ import annotations

import threading

from minispark.engine.taskstate import AttemptId


class Commits:
    """The permissions of the attempts that run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards what follows
        self._running: dict[int, tuple[int, int]] = {}
        """Stage and partition, by task id."""
        self._holders: dict[tuple[int, int], int] = {}
        """The task that was told yes, by stage and partition."""

    def begin(self, attempt: AttemptId) -> None:
        """An attempt starts."""
        with self._lock:
            self._running[attempt.task_id] = (attempt.stage_id, attempt.partition)

    def may_commit(self, task_id: int) -> bool:
        """Whether this attempt is the one that puts the output of its partition in place."""
        with self._lock:
            partition = self._running.get(task_id)
            return partition is not None and self._holders.setdefault(partition, task_id) == task_id

    def end(self, task_id: int) -> None:
        """An attempt has ended, or is given up. Those whose output is not wanted come first."""
        with self._lock:
            partition = self._running.pop(task_id, None)
            if partition is not None and self._holders.get(partition) == task_id:
                del self._holders[partition]
