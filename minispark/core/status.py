"""What runs and what has run, for programs that watch their jobs. As in Spark:
``pyspark.core.status``.
"""

from __future__ import annotations

from typing import NamedTuple

from minispark.engine.status import RUNNING, StatusStore

__all__ = ["SparkExecutorInfo", "SparkJobInfo", "SparkStageInfo", "StatusTracker"]


class SparkJobInfo(NamedTuple):
    """One job: ``status`` is RUNNING, SUCCEEDED or FAILED.

    >>> from minispark.core.status import SparkJobInfo
    >>> SparkJobInfo(0, [0, 1], "RUNNING").status
    'RUNNING'
    """

    jobId: int
    stageIds: list[int]
    status: str


class SparkStageInfo(NamedTuple):
    """One stage: its newest attempt, and how far its tasks are.

    >>> from minispark.core.status import SparkStageInfo
    >>> SparkStageInfo(0, 0, "count at job.py:3", 4, 2, 1, 0).numCompletedTasks
    1
    """

    stageId: int
    currentAttemptId: int
    name: str
    numTasks: int
    numActiveTasks: int
    numCompletedTasks: int
    numFailedTasks: int


class SparkExecutorInfo(NamedTuple):
    """Where tasks run, and how many bytes of cached blocks are there.

    >>> from minispark.core.status import SparkExecutorInfo
    >>> SparkExecutorInfo("localhost", 0, 0, 2, 0, 0, 0, 0).numRunningTasks
    2
    """

    host: str
    port: int
    cacheSize: int
    numRunningTasks: int
    usedOnHeapStorageMemory: int
    usedOffHeapStorageMemory: int
    totalOnHeapStorageMemory: int
    totalOffHeapStorageMemory: int


class StatusTracker:
    """Asks how jobs and stages stand; ``SparkContext.statusTracker()`` gives it.

    As in Spark: the newest thousand jobs and stages are remembered (``spark.ui.retainedJobs``,
    ``spark.ui.retainedStages``).

    >>> sc.setJobGroup("nightly", "the nightly count")
    >>> sc.parallelize([1, 2, 3], 3).count()
    3
    >>> tracker = sc.statusTracker()
    >>> job = tracker.getJobInfo(tracker.getJobIdsForGroup("nightly")[0])
    >>> job.status, [tracker.getStageInfo(stage).numTasks for stage in job.stageIds]
    ('SUCCEEDED', [3])
    >>> sc.setLocalProperty("spark.jobGroup.id", None)
    """

    def __init__(self, jtracker: StatusStore) -> None:
        self._store = jtracker

    def getJobIdsForGroup(self, jobGroup: str | None = None) -> list[int]:
        """The ids of the jobs of a group that are known, the newest first.

        Parameters
        ----------
        jobGroup
            as set with ``SparkContext.setJobGroup``; None: the jobs of no group

        >>> sc.statusTracker().getJobIdsForGroup("never")
        []
        """
        return [job.job_id for job in self._store.jobs() if job.group == jobGroup]

    def getActiveStageIds(self) -> list[int]:
        """The ids of the stages that run, in order.

        >>> sc.statusTracker().getActiveStageIds()
        []
        """
        return self._store.active_stages()

    def getActiveJobsIds(self) -> list[int]:
        """The ids of the jobs that run, in order.

        >>> sc.statusTracker().getActiveJobsIds()
        []
        """
        return sorted(job.job_id for job in self._store.jobs() if job.status == RUNNING)

    def getJobInfo(self, jobId: int) -> SparkJobInfo | None:
        """How a job stands; None if it is not known, or not any more.

        >>> sc.statusTracker().getJobInfo(123456) is None
        True
        """
        job = self._store.job(_id("jobId", jobId))
        return None if job is None else SparkJobInfo(job.job_id, list(job.stage_ids), job.status)

    def getStageInfo(self, stageId: int) -> SparkStageInfo | None:
        """How a stage stands; None if it is not known, or not any more.

        >>> sc.statusTracker().getStageInfo(123456) is None
        True

        As in Spark: a stage that was skipped has all its tasks, and none completed.
        """
        stage = self._store.stage(_id("stageId", stageId))
        if stage is None:
            return None
        return SparkStageInfo(
            stage.stage_id,
            stage.attempt,
            stage.name,
            stage.num_tasks,
            stage.active_tasks,
            stage.completed_tasks,
            stage.failed_tasks,
        )

    def getExecutorInfos(self) -> list[SparkExecutorInfo]:
        """Where tasks run: one entry, this process.

        >>> [info.numRunningTasks for info in sc.statusTracker().getExecutorInfos()]
        [0]

        Differs from Spark: there is no port (0). What is in memory is an account, see
        :meth:`RDD.persist`; its limit is not told (0).
        """
        in_memory, _ = self._store.stored_bytes
        running = self._store.running_tasks
        return [SparkExecutorInfo("localhost", 0, in_memory, running, in_memory, 0, 0, 0)]


def _id(parameter: str, value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{parameter} is an int, not {type(value).__name__}: {value!r}")
    return value
