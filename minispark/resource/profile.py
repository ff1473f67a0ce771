"""Profiles: requests put together. As in Spark: ``pyspark.resource.profile``."""

from __future__ import annotations

from itertools import count

from minispark.resource.requests import (
    ExecutorResourceRequest,
    ExecutorResourceRequests,
    TaskResourceRequest,
    TaskResourceRequests,
)

__all__ = ["ResourceProfile", "ResourceProfileBuilder"]

_ids = count(1)  # 0 is the default profile's


class ResourceProfile:
    """What the stages of an RDD ask for; :class:`ResourceProfileBuilder` makes one.

    >>> from minispark.resource import ResourceProfileBuilder, TaskResourceRequests
    >>> profile = ResourceProfileBuilder().require(TaskResourceRequests().cpus(2)).build
    >>> profile.taskResources["cpus"].amount
    2.0
    """

    def __init__(
        self,
        _java_resource_profile: object = None,
        _exec_req: dict[str, ExecutorResourceRequest] | None = None,
        _task_req: dict[str, TaskResourceRequest] | None = None,
    ) -> None:
        self._id = next(_ids)
        self._executor_requests = dict(_exec_req or {})
        self._task_requests = dict(_task_req or {})

    @property
    def id(self) -> int:
        """A number that no other profile has.

        >>> from minispark.resource import ResourceProfileBuilder
        >>> ResourceProfileBuilder().build.id != ResourceProfileBuilder().build.id
        True
        """
        return self._id

    @property
    def taskResources(self) -> dict[str, TaskResourceRequest]:
        """What each task is asked for, by name.

        >>> from minispark.resource import ResourceProfileBuilder
        >>> ResourceProfileBuilder().build.taskResources
        {}
        """
        return dict(self._task_requests)

    @property
    def executorResources(self) -> dict[str, ExecutorResourceRequest]:
        """What each executor is asked for, by name.

        >>> from minispark.resource import ResourceProfileBuilder
        >>> ResourceProfileBuilder().build.executorResources
        {}
        """
        return dict(self._executor_requests)


class ResourceProfileBuilder:
    """Puts requests together.

    >>> from minispark.resource import ExecutorResourceRequests, ResourceProfileBuilder
    >>> from minispark.resource import TaskResourceRequests
    >>> builder = ResourceProfileBuilder().require(ExecutorResourceRequests().cores(4))
    >>> profile = builder.require(TaskResourceRequests().cpus(2)).build
    >>> profile.executorResources["cores"].amount, profile.taskResources["cpus"].amount
    (4, 2.0)
    """

    def __init__(self) -> None:
        self._executor_requests: dict[str, ExecutorResourceRequest] = {}
        self._task_requests: dict[str, TaskResourceRequest] = {}

    def require(
        self, resourceRequest: ExecutorResourceRequests | TaskResourceRequests
    ) -> ResourceProfileBuilder:
        """Ask for this, too.

        Raises
        ------
        TypeError
            if it is neither of the two kinds of requests

        >>> from minispark.resource import ResourceProfileBuilder, TaskResourceRequests
        >>> builder = ResourceProfileBuilder().require(TaskResourceRequests().cpus(2))
        >>> builder.taskResources["cpus"].amount
        2.0
        """
        if isinstance(resourceRequest, TaskResourceRequests):
            self._task_requests.update(resourceRequest.requests)
        elif isinstance(resourceRequest, ExecutorResourceRequests):
            self._executor_requests.update(resourceRequest.requests)
        else:
            raise TypeError(
                "resourceRequest is an ExecutorResourceRequests or a TaskResourceRequests, not "
                f"{type(resourceRequest).__name__}: {resourceRequest!r}"
            )
        return self

    def clearExecutorResourceRequests(self) -> None:
        """Ask nothing of executors.

        >>> from minispark.resource import ExecutorResourceRequests, ResourceProfileBuilder
        >>> builder = ResourceProfileBuilder().require(ExecutorResourceRequests().cores(4))
        >>> builder.clearExecutorResourceRequests()
        >>> builder.executorResources
        {}
        """
        self._executor_requests.clear()

    def clearTaskResourceRequests(self) -> None:
        """Ask nothing of tasks.

        >>> from minispark.resource import ResourceProfileBuilder, TaskResourceRequests
        >>> builder = ResourceProfileBuilder().require(TaskResourceRequests().cpus(2))
        >>> builder.clearTaskResourceRequests()
        >>> builder.taskResources
        {}
        """
        self._task_requests.clear()

    @property
    def taskResources(self) -> dict[str, TaskResourceRequest]:
        """What each task is asked for so far, by name.

        >>> from minispark.resource import ResourceProfileBuilder
        >>> ResourceProfileBuilder().taskResources
        {}
        """
        return dict(self._task_requests)

    @property
    def executorResources(self) -> dict[str, ExecutorResourceRequest]:
        """What each executor is asked for so far, by name.

        >>> from minispark.resource import ResourceProfileBuilder
        >>> ResourceProfileBuilder().executorResources
        {}
        """
        return dict(self._executor_requests)

    @property
    def build(self) -> ResourceProfile:
        """A profile of what is asked for so far.

        >>> from minispark.resource import ResourceProfileBuilder
        >>> ResourceProfileBuilder().build.id > 0
        True
        """
        return ResourceProfile(None, self._executor_requests, self._task_requests)
