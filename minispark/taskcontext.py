"""What a running task can ask about itself, and say to the others of its stage. As in Spark:
``pyspark.taskcontext``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import ceil
from typing import Any, TypeVar

from minispark.engine import taskstate
from minispark.engine.barrier import ALL_GATHER, BARRIER
from minispark.engine.taskstate import MeetingPlace, TaskState
from minispark.errors import PySparkRuntimeError
from minispark.resource.information import ResourceInformation

__all__ = ["BarrierTaskContext", "BarrierTaskInfo", "TaskContext"]

C = TypeVar("C", bound="TaskContext")


class TaskContext:
    """The running task: which stage, which partition, which attempt.

    Programs do not make one: :meth:`get` gives it.

    Parameters
    ----------
    kwargs
        what the methods give: ``stageId``, ``partitionId``, ``attemptNumber``,
        ``taskAttemptId``, ``localProperties``, ``cpus``, ``cpuAmount``, ``resources``; None for
        what is left out

    Raises
    ------
    TypeError
        if there is another one

    Examples
    --------
    >>> from minispark import TaskContext
    >>> TaskContext.get() is None  # the driver is not a task
    True
    >>> sc.parallelize([1, 2, 3], 3).map(lambda x: (TaskContext.get().partitionId(), x)).collect()
    [(0, 1), (1, 2), (2, 3)]

    Differs from Spark: one that the driver has made is not what ``get`` gives there.
    """

    _stageId: int | None = None
    _partitionId: int | None = None
    _attemptNumber: int | None = None
    _taskAttemptId: int | None = None
    _localProperties: Mapping[str, str] | None = None
    _cpus: int | None = None
    _cpuAmount: Decimal | None = None
    _resources: dict[str, ResourceInformation] | None = None

    def __init__(self, **kwargs: Any) -> None:
        for key, value in kwargs.items():
            if not hasattr(TaskContext, f"_{key}"):
                raise TypeError(f"__init__() got an unexpected keyword argument '{key}'")
            if value is not None:
                setattr(self, f"_{key}", value)

    @classmethod
    def get(cls) -> TaskContext | None:
        """The context of the task that runs here; None on the driver.

        >>> from minispark import TaskContext
        >>> sc.parallelize([1], 1).map(lambda _: TaskContext.get() is None).collect()
        [False]

        As in Spark: in a barrier stage it is a :class:`BarrierTaskContext`.
        """
        state = taskstate.current()
        if state is None:
            return None
        if not isinstance(state.context, TaskContext):
            state.context = _context_of(state)
        return state.context

    @classmethod
    def from_json(cls: type[C], json: dict[str, Any]) -> C:
        """A context with what a dict says.

        Parameters
        ----------
        json
            ``stageId``, ``partitionId``, ``attemptNumber``, ``taskAttemptId``, ``cpus``,
            ``resources`` (each with ``name`` and ``addresses``) and ``localProperties``; it may
            have ``cpuAmount``

        Examples
        --------
        >>> from minispark import TaskContext
        >>> described = dict(stageId=1, partitionId=2, attemptNumber=0, taskAttemptId=7, cpus=1,
        ...                  resources={}, localProperties={})
        >>> TaskContext.from_json(described).partitionId()
        2
        """
        resources = {
            key: ResourceInformation(its["name"], its["addresses"])
            for key, its in json["resources"].items()
        }
        amount = Decimal(json["cpuAmount"]) if "cpuAmount" in json else None
        names = ("stageId", "partitionId", "attemptNumber", "taskAttemptId", "cpus")
        return cls(
            **{name: json[name] for name in names},
            cpuAmount=amount,
            resources=resources,
            localProperties=json["localProperties"],
        )

    def stageId(self) -> int:
        """The id of the stage that the task belongs to.

        >>> from minispark import TaskContext
        >>> stages = sc.parallelize([1, 2], 2).map(lambda _: TaskContext.get().stageId()).collect()
        >>> stages[0] == stages[1]
        True
        """
        return self._stageId  # type: ignore[return-value]  # None only in one made by hand

    def partitionId(self) -> int:
        """The partition that the task computes.

        >>> from minispark import TaskContext
        >>> sc.parallelize([1, 2], 2).map(lambda _: TaskContext.get().partitionId()).collect()
        [0, 1]
        """
        return self._partitionId  # type: ignore[return-value]  # as above

    def attemptNumber(self) -> int:
        """How often this task was tried before: 0 for the first attempt.

        >>> from minispark import TaskContext
        >>> sc.parallelize([1], 1).map(lambda _: TaskContext.get().attemptNumber()).collect()
        [0]
        """
        return self._attemptNumber  # type: ignore[return-value]  # as above

    def taskAttemptId(self) -> int:
        """A number that no other attempt in this context has.

        >>> from minispark import TaskContext
        >>> ids = sc.parallelize([1, 2], 2).map(lambda _: TaskContext.get().taskAttemptId())
        >>> len(set(ids.collect()))
        2
        """
        return self._taskAttemptId  # type: ignore[return-value]  # as above

    def getLocalProperty(self, key: str) -> str | None:
        """A property that the driver's thread had set with ``SparkContext.setLocalProperty``.

        >>> from minispark import TaskContext
        >>> sc.setLocalProperty("team", "blue")
        >>> rdd = sc.parallelize([1], 1)
        >>> rdd.map(lambda _: TaskContext.get().getLocalProperty("team")).collect()
        ['blue']
        >>> sc.setLocalProperty("team", None)
        """
        return (self._localProperties or {}).get(key)

    def cpus(self) -> int:
        """How many CPUs the task was given: ``spark.task.cpus``, rounded up; by default 1.

        >>> from minispark import TaskContext
        >>> sc.parallelize([1], 1).map(lambda _: TaskContext.get().cpus()).collect()
        [1]
        """
        return self._cpus  # type: ignore[return-value]  # as above

    def cpuAmount(self) -> Decimal:
        """How many CPUs the task was given, which may be a part of one: ``spark.task.cpus``.

        >>> from minispark import TaskContext
        >>> sc.parallelize([1], 1).map(lambda _: TaskContext.get().cpuAmount()).collect()
        [Decimal('1')]
        """
        return self._cpuAmount  # type: ignore[return-value]  # as above

    def resources(self) -> dict[str, ResourceInformation]:
        """The resources that the task was given besides CPUs: none.

        >>> from minispark import TaskContext
        >>> sc.parallelize([1], 1).map(lambda _: TaskContext.get().resources()).collect()
        [{}]
        """
        return self._resources  # type: ignore[return-value]  # as above


class BarrierTaskContext(TaskContext):
    """A task of a barrier stage: it can wait for the other tasks of the stage, and tell them.

    Examples
    --------
    >>> from minispark import BarrierTaskContext
    >>> def meet(records):
    ...     context = BarrierTaskContext.get()
    ...     return [context.allGather(f"{sum(records)} in {context.partitionId()}")]
    >>> sc.parallelize([1, 2, 3], 2).barrier().mapPartitions(meet).collect()
    [['1 in 0', '5 in 1'], ['1 in 0', '5 in 1']]
    """

    _barrier: MeetingPlace | None = None

    @classmethod
    def get(cls) -> BarrierTaskContext:
        """The context of the barrier task that runs here.

        Raises
        ------
        PySparkRuntimeError
            (NOT_IN_BARRIER_STAGE) on the driver, and in a task of another stage

        >>> from minispark import BarrierTaskContext
        >>> rdd = sc.parallelize([1, 2], 2).barrier()
        >>> rdd.mapPartitions(lambda _: [BarrierTaskContext.get().partitionId()]).collect()
        [0, 1]
        """
        context = TaskContext.get()
        if not isinstance(context, BarrierTaskContext):
            raise PySparkRuntimeError(errorClass="NOT_IN_BARRIER_STAGE", messageParameters={})
        return context

    def barrier(self) -> None:
        """Wait until all tasks of the stage have called this.

        Raises
        ------
        SparkException
            if one of them has ended, or has called :meth:`allGather` instead; or after
            ``spark.barrier.sync.timeout`` seconds
        PySparkRuntimeError
            (CALL_BEFORE_INITIALIZE) if this is the context of no task

        >>> from minispark import BarrierTaskContext
        >>> def wait(records):
        ...     BarrierTaskContext.get().barrier()
        ...     return records
        >>> sc.parallelize([1, 2], 2).barrier().mapPartitions(wait).collect()
        [1, 2]

        Differs from Spark: a task that ends without the call ends the waiting of the others at
        once; there they wait for the timeout, which is a year unless it is set.
        """
        self._known_barrier("barrier").meet(self.partitionId(), BARRIER)

    def allGather(self, message: str = "") -> list[str]:
        """Wait until all tasks of the stage have called this; what each has said.

        Parameters
        ----------
        message
            what this task says

        Returns
        -------
        the messages, in the order of partitions

        Raises
        ------
        TypeError
            if ``message`` is not a str
        SparkException, PySparkRuntimeError
            as of :meth:`barrier`

        >>> from minispark import BarrierTaskContext
        >>> def tell(records):
        ...     return [BarrierTaskContext.get().allGather(str(list(records)))]
        >>> sc.parallelize([1, 2], 2).barrier().mapPartitions(tell).collect()
        [['[1]', '[2]'], ['[1]', '[2]']]
        """
        if not isinstance(message, str):
            raise TypeError("Argument `message` must be of type `str`")
        return list(self._known_barrier("allGather").meet(self.partitionId(), ALL_GATHER, message))

    def getTaskInfos(self) -> list[BarrierTaskInfo]:
        """Where the tasks of the stage run, in the order of partitions.

        Raises
        ------
        PySparkRuntimeError
            (CALL_BEFORE_INITIALIZE) if this is the context of no task

        >>> from minispark import BarrierTaskContext
        >>> rdd = sc.parallelize([1, 2], 2).barrier()
        >>> rdd.mapPartitions(lambda _: [len(BarrierTaskContext.get().getTaskInfos())]).collect()
        [2, 2]
        """
        self._known_barrier("getTaskInfos")
        addresses = (self.getLocalProperty("addresses") or "").split(",")
        return [BarrierTaskInfo(address) for address in addresses]

    def _known_barrier(self, method: str) -> MeetingPlace:
        if self._barrier is None:
            raise PySparkRuntimeError(
                errorClass="CALL_BEFORE_INITIALIZE",
                messageParameters={"func_name": method, "object": "BarrierTaskContext"},
            )
        return self._barrier


class BarrierTaskInfo:
    """Where a task of a barrier stage runs.

    Attributes
    ----------
    address
        host and port of its executor: ``localhost:0``, for all tasks run in this process

    >>> from minispark import BarrierTaskInfo
    >>> BarrierTaskInfo("localhost:0").address
    'localhost:0'
    """

    def __init__(self, address: str) -> None:
        self.address = address


def _context_of(state: TaskState) -> TaskContext:
    cpus = Decimal(state.cpus)
    known: dict[str, Any] = {
        "stageId": state.id.stage_id,
        "partitionId": state.id.partition,
        "attemptNumber": state.id.attempt,
        "taskAttemptId": state.id.task_id,
        "localProperties": state.local_properties,
        "cpus": ceil(cpus),
        "cpuAmount": cpus,
        "resources": {},
    }
    if state.barrier is None:
        return TaskContext(**known)
    context = BarrierTaskContext(**known)
    context._barrier = state.barrier
    return context
