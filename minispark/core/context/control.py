"""What a thread says of the jobs that it submits, and how jobs are watched and cancelled.

Part of the class SparkContext (`minispark.core.context`), for programs.
Must not know: how jobs are run.
"""

from __future__ import annotations

from collections.abc import Mapping

from minispark.core.arguments import need_str
from minispark.core.context.base import ContextBase
from minispark.core.status import StatusTracker
from minispark.engine.scheduler import JOB_GROUP
from minispark.engine.status import StatusStore
from minispark.errors import SparkException

__all__ = ["ControlOps"]

JOB_TAGS = "spark.job.tags"


class ControlOps(ContextBase):
    """How a program tells its jobs apart, watches and cancels them."""

    _status: StatusStore

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
        """A property of this thread, or None.

        >>> sc.getLocalProperty("spark.jobGroup.id") is None
        True
        """
        return self._properties.get(key)

    def setJobDescription(self, value: str | None) -> None:
        """Describe the jobs that this thread submits from now on; None: not any more.

        >>> sc.setJobDescription("the nightly count")
        >>> sc.getLocalProperty("spark.job.description")
        'the nightly count'
        >>> sc.setJobDescription(None)
        """
        self.setLocalProperty("spark.job.description", value)

    # -- groups and tags -------------------------------------------------------------------

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Name the group of the jobs that this thread submits from now on.

        Parameters
        ----------
        groupId
            the name, for :meth:`cancelJobGroup` and the status tracker
        description
            for people
        interruptOnCancel
            as in Spark; the tasks of a cancelled job are stopped in any case

        >>> sc.setJobGroup("nightly", "the nightly count")
        >>> sc.getLocalProperty("spark.jobGroup.id")
        'nightly'
        >>> sc.setLocalProperty("spark.jobGroup.id", None)

        Differs from Spark: a task that waits inside C code for something else than time (a lock,
        a socket) ends when it comes back; Spark kills its worker process.
        """
        self.setLocalProperty(JOB_GROUP, groupId)
        self.setLocalProperty("spark.job.description", description)
        self.setInterruptOnCancel(interruptOnCancel)

    def setInterruptOnCancel(self, interruptOnCancel: bool) -> None:
        """Say whether the tasks of this thread's jobs are to be interrupted when cancelled.

        >>> sc.setInterruptOnCancel(True)
        >>> sc.getLocalProperty("spark.job.interruptOnCancel")
        'true'

        As in Spark: Python tasks are stopped whatever is said here.
        """
        if not isinstance(interruptOnCancel, bool):
            raise TypeError(f"interruptOnCancel is True or False, not {interruptOnCancel!r}")
        self.setLocalProperty("spark.job.interruptOnCancel", str(interruptOnCancel).lower())

    def addJobTag(self, tag: str) -> None:
        """Put a tag on the jobs that this thread submits from now on.

        Raises
        ------
        SparkException
            if it is empty or has a comma in it

        >>> sc.addJobTag("blue")
        >>> sc.addJobTag("hourly")
        >>> sorted(sc.getJobTags())
        ['blue', 'hourly']
        >>> sc.clearJobTags()
        """
        self._set_tags([*self._tags, _known_tag(tag)])

    def removeJobTag(self, tag: str) -> None:
        """Take a tag off the jobs that this thread submits from now on, if it is there.

        >>> sc.addJobTag("blue")
        >>> sc.removeJobTag("blue")
        >>> len(sc.getJobTags())
        0
        """
        unwanted = _known_tag(tag)
        self._set_tags([each for each in self._tags if each != unwanted])

    def getJobTags(self) -> set[str]:
        """The tags of this thread's jobs.

        >>> len(sc.getJobTags())
        0
        """
        return set(self._tags)

    def clearJobTags(self) -> None:
        """Take all tags off the jobs that this thread submits from now on.

        >>> sc.addJobTag("blue")
        >>> sc.clearJobTags()
        >>> len(sc.getJobTags())
        0
        """
        self._set_tags([])

    @property
    def _tags(self) -> list[str]:
        return _tags_of(self._properties)

    def _set_tags(self, tags: list[str]) -> None:
        self.setLocalProperty(JOB_TAGS, ",".join(dict.fromkeys(tags)) or None)

    # -- cancelling ------------------------------------------------------------------------

    def cancelJobGroup(self, groupId: str) -> None:
        """Cancel the running jobs of a group: their callers get SparkException at once.

        >>> sc.cancelJobGroup("nobody's")  # no job, no harm

        As in Spark: the context stays usable, and jobs submitted later are not touched.
        """
        need_str("groupId", groupId)
        reason = f"cancelled part of cancelled job group {groupId}"
        self._engine.cancel_jobs(lambda its: its.get(JOB_GROUP) == groupId, reason)

    def cancelJobsWithTag(self, tag: str) -> None:
        """Cancel the running jobs that have a tag: their callers get SparkException at once.

        Raises
        ------
        SparkException
            if the tag is empty or has a comma in it

        >>> sc.cancelJobsWithTag("blue")  # no job, no harm
        """
        _known_tag(tag)
        reason = f"cancelled part of cancelled job tags {tag}"
        self._engine.cancel_jobs(lambda its: tag in _tags_of(its), reason)

    def cancelAllJobs(self) -> None:
        """Cancel all running jobs: their callers get SparkException at once.

        >>> sc.cancelAllJobs()  # no job, no harm
        """
        self._engine.cancel_jobs(lambda _: True, "cancelled as part of cancellation of all jobs")

    # -- watching --------------------------------------------------------------------------

    def statusTracker(self) -> StatusTracker:
        """What tells how jobs and stages stand.

        >>> sc.statusTracker().getActiveJobsIds()
        []
        """
        assert self._engine
        return StatusTracker(self._status)


def _tags_of(properties: Mapping[str, str]) -> list[str]:
    tags = properties.get(JOB_TAGS)
    return tags.split(",") if tags else []


def _known_tag(tag: object) -> str:
    problem = None
    if tag is None:
        problem = "be null"
    elif tag == "":
        problem = "be an empty string"
    else:
        need_str("tag", tag)
        if "," in str(tag):
            problem = "contain ','"
    if problem is not None:
        raise SparkException(
            f"Spark job tag cannot {problem}.", "java.lang.IllegalArgumentException"
        )
    return str(tag)
