"""What a running task can ask about itself. As in Spark: ``pyspark.taskcontext``."""

from __future__ import annotations

from typing import Any

from minispark.engine import taskstate
from minispark.engine.taskstate import TaskState

__all__ = ["TaskContext"]


class TaskContext:
    """The running task: which stage, which partition, which attempt.

    Examples
    --------
    >>> from minispark import TaskContext
    >>> TaskContext.get() is None  # the driver is not a task
    True
    >>> sc.parallelize([1, 2, 3], 3).map(lambda x: (TaskContext.get().partitionId(), x)).collect()
    [(0, 1), (1, 2), (2, 3)]
    """

    def __init__(self, state: TaskState) -> None:
        self._state = state

    @classmethod
    def get(cls) -> TaskContext | None:
        """The context of the task that runs here; None on the driver."""
        state = taskstate.current()
        return None if state is None else cls(state)

    def stageId(self) -> int:
        """The id of the stage that the task belongs to."""
        return self._state.id.stage_id

    def partitionId(self) -> int:
        """The partition that the task computes."""
        return self._state.id.partition

    def attemptNumber(self) -> int:
        """How often this task was tried before: 0 for the first attempt."""
        return self._state.id.attempt

    def taskAttemptId(self) -> int:
        """A number that no other attempt in this context has."""
        return self._state.id.task_id

    def getLocalProperty(self, key: str) -> str | None:
        """A property that the driver's thread had set with ``SparkContext.setLocalProperty``."""
        return self._state.local_properties.get(key)

    def resources(self) -> dict[str, Any]:
        """The resources that the task was given besides CPUs: none."""
        return {}

    def cpus(self) -> int:
        """How many CPUs the task was given: always 1."""
        return 1
