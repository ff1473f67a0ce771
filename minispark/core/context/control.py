"""What a thread says of the jobs that it submits: properties, descriptions, groups.

Part of the class SparkContext (`minispark.core.context`), for programs.
Must not know: how jobs are run.
"""

from __future__ import annotations

from minispark.core.context.base import ContextBase, need_str

__all__ = ["ControlOps"]


class ControlOps(ContextBase):
    """How a program tells its jobs apart."""

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Set a property of the jobs that this thread submits; None takes it away.

        >>> sc.setLocalProperty("team", "blue")
        >>> from minispark import TaskContext
        >>> def team(_):
        ...     return TaskContext.get().getLocalProperty("team")
        >>> sc.parallelize([1], 1).map(team).collect()
        ['blue']
        >>> sc.setLocalProperty("team", None)
        """
        need_str("key", key)
        if value is None:
            self._properties.pop(key, None)
        else:
            need_str("value", value)
            self._properties[key] = value

    def getLocalProperty(self, key: str) -> str | None:
        """A property of this thread, or None."""
        return self._properties.get(key)

    def setJobDescription(self, value: str | None) -> None:
        """Describe the jobs that this thread submits from now on."""
        self.setLocalProperty("spark.job.description", value)

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Name the group of the jobs that this thread submits from now on."""
        self.setLocalProperty("spark.jobGroup.id", groupId)
        self.setLocalProperty("spark.job.description", description)
        self.setLocalProperty("spark.job.interruptOnCancel", str(interruptOnCancel).lower())
