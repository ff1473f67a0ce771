"""One task: a stage's pipeline over one partition, and what comes of it.

The same function runs a task whichever executor called it. A map task writes the shuffle
output of its partition and gives back where it lies; a result task gives its partition's frames
to the job's action and gives back what that returns.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any, NamedTuple

from minispark.engine import closures, exceptions, taskstate
from minispark.engine.blocks import BlockStore, BlockTable
from minispark.engine.compression import Compression
from minispark.engine.lineage import Node
from minispark.engine.localdir import remove_file
from minispark.engine.memory import MemoryLimit, TaskMemory
from minispark.engine.own_code import is_own_code
from minispark.engine.serializers import Frame, frame_size
from minispark.engine.sharing import keep_only
from minispark.engine.shuffle.files import MapStatus, write_map_output
from minispark.engine.taskstate import AttemptId, MeetingPlace, Permissions, TaskState

Action = Callable[[TaskState, Iterator[Frame]], Any]


def collect_frames(task: TaskState, frames: Iterator[Frame]) -> list[Frame]:
    """The action behind ``collect``: a partition's frames as they are, and how large they are.

    If they are larger than a job's results may be together they are not kept, but read to their
    end: as in Spark, where the job fails with the size of the whole.
    """
    kept: list[Frame] = []
    size = 0
    for frame in frames:
        size += frame_size(frame)
        if size <= task.max_result_bytes:
            kept.append(frame)
        else:
            kept.clear()
    task.result_bytes = size
    return kept


class TaskKilled(BaseException):
    """Raised inside a running task when its job is cancelled."""


class TaskSet:
    """What the tasks of one attempt of a stage have in common.

    Parameters
    ----------
    map_statuses
        the map outputs of each shuffle that the stage reads, by shuffle id
    memory
        how much each of them may hold
    action
        what a result task does with its frames; None in a map stage
    compression
        by which codecs tasks compress the files that they write
    max_result_bytes
        how many bytes of frames the action may give back
    """

    def __init__(
        self,
        node: Node,
        local_properties: Mapping[str, str],
        map_statuses: Mapping[int, Sequence[MapStatus]],
        memory: MemoryLimit,
        action: Action | None = None,
        cpus: str = "1",
        compression: Compression = Compression(),  # noqa: B008  # a tuple
        max_result_bytes: int = sys.maxsize,
    ) -> None:
        self.node = node
        self.local_properties = local_properties
        self.map_statuses = map_statuses
        self.memory = memory
        self.action = action
        self.cpus = cpus
        self.compression = compression
        self.max_result_bytes = max_result_bytes


class Task(NamedTuple):
    """All that an executor needs to run one attempt."""

    id: AttemptId
    set: TaskSet
    blocks: BlockTable
    output_path: str | None = None
    """Where a map task writes; None in a result task."""
    barrier: MeetingPlace | None = None
    """Where the tasks of a barrier stage meet."""
    commits: Permissions | None = None
    """Who may put output in place, in a result stage."""


class TaskFailure(NamedTuple):
    """Why an attempt failed."""

    exception: BaseException
    text: str
    """The traceback as it is shown to the user."""


class TaskOutcome(NamedTuple):
    """What came of an attempt: a value (of the action, or a map status) or a failure."""

    value: Any = None
    failure: TaskFailure | None = None
    accumulators: bytes | None = None
    """The pickled list of (accumulator id, what the task added)."""
    seconds: float = 0.0
    spilled_bytes: int = 0
    result_bytes: int = 0
    """How many bytes of frames the value has, or would have, if it were not too large."""

    def discard(self) -> None:
        """Nobody wants it any more: remove the map output that it may be."""
        if isinstance(self.value, MapStatus):
            remove_file(self.value.path)


def run_task(task: Task) -> TaskOutcome:
    """Run one attempt on this thread. User errors end in the outcome, never as exceptions."""
    state = TaskState(
        id=task.id,
        local_properties=task.set.local_properties,
        blocks=BlockStore(task.blocks, task.set.compression.blocks),
        map_statuses=task.set.map_statuses,
        memory=TaskMemory(task.set.memory, task.id.task_id),
        barrier=task.barrier,
        cpus=task.set.cpus,
        commits=task.commits,
        max_result_bytes=task.set.max_result_bytes,
    )
    has_read_all = False
    started = perf_counter()
    taskstate.enter(state)
    try:
        value = _compute(task, state)
        if state.engine_failure is not None:  # code of the program may have swallowed it
            raise state.engine_failure
        accumulators = None
        if state.accumulators:
            accumulators = closures.dumps(
                [(key, local.local_value()) for key, local in state.accumulators.items()]
            )
        has_read_all = state.inputs_begun == state.inputs_ended
        seconds = perf_counter() - started
        return TaskOutcome(
            value,
            None,
            accumulators,
            seconds,
            state.memory.spilled_bytes,
            state.result_bytes,
        )
    except TaskKilled:
        raise
    except BaseException as exc:
        if task.output_path is not None:  # it may be there: an update was what failed
            remove_file(task.output_path)
        # What the engine could not do comes first, whatever the program made of it.
        failure = failure_of(state.engine_failure or exc)
        return TaskOutcome(failure=failure, seconds=perf_counter() - started)
    finally:
        if state.inputs_begun > 0:
            # In Spark a worker that has failed, or has not read all its input, is not used again.
            keep_only(list(state.broadcasts.values()) if has_read_all else [])
        state.has_ended = True
        taskstate.enter(None)
        for end in state.at_end:
            end()


def _compute(task: Task, state: TaskState) -> Any:
    frames = task.set.node.frames(task.id.partition, state)
    if task.output_path is not None:
        return write_map_output(task.output_path, frames, task.set.compression.shuffle)
    assert task.set.action is not None
    return task.set.action(state, frames)


def failure_of(exc: BaseException) -> TaskFailure:
    """An exception that has ended an attempt, as the failure that it is."""
    exc.__traceback__ = _below_the_engine(exc.__traceback__)
    return TaskFailure(_as_seen_by_driver(exc), "".join(traceback.format_exception(exc)))


def _below_the_engine(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's first line on; all of it if it never left minispark."""
    below = trace
    while below is not None and is_own_code(below.tb_frame.f_code.co_filename):
        below = below.tb_next
    return below or trace


def _as_seen_by_driver(exc: BaseException) -> BaseException:
    """The exception as one of the driver's own classes.

    A class that the program defined has a copy of its own in each task (see closures). What
    cannot be copied stays as it is: a failure must not be lost over its form.
    """
    cls = type(exc)
    if getattr(sys.modules.get(cls.__module__), cls.__qualname__, None) is cls:
        return exc
    try:
        data = exceptions.dumps_alone(exc)
        closures.enter_scope(None)
        copy = exceptions.loads(data)
    except Exception:
        return exc
    if not isinstance(copy, BaseException):
        return exc
    copy.__cause__, copy.__context__ = exc.__cause__, exc.__context__
    copy.__suppress_context__ = exc.__suppress_context__
    return copy.with_traceback(exc.__traceback__)
