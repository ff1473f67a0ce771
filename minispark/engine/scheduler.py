"""Jobs, stages and tasks: in which order, how often, and until when.

Words. A *job* is an action: a function over the frames of some partitions of a node. It has one
*result stage* and, before it, the *map stages* of the shuffles that its lineage reads. A stage
is a set of *tasks*, one a partition; a task that fails is tried again as a new *attempt*, until
``max_failures`` attempts have failed: then the job fails.

Flow. The caller's thread makes the stages of its job and submits those whose parents are
available; it then waits for the job to end. One dispatcher thread waits for attempts to end
and does what follows from it: note the result, start a waiting stage, try again, end a job.
Whoever changes something starts the tasks for which there are free slots, lowest job first.

Recovery. A task that cannot read a map output ends as FetchFailed. The output is forgotten, its
map task runs again, and then the stage's unfinished tasks do, as a new attempt of the stage.

What a job leaves behind are the shuffle outputs, which later jobs read instead of computing
them (a skipped stage). They go when no lineage has the shuffle any more.

All state is guarded by one lock. Listeners of events and the merging of accumulators run under
it; user functions of tasks never do.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minispark.engine.blocks import BlockStore
from minispark.engine.events import (
    EventBus,
    JobEnded,
    JobStarted,
    StageCompleted,
    StageSubmitted,
    TaskEnded,
    TaskStarted,
)
from minispark.engine.executors.base import Executor
from minispark.engine.lineage import Node, ShuffleDependency, settle
from minispark.engine.localdir import LocalDirectory
from minispark.engine.places import Places
from minispark.engine.shuffle.files import FetchFailed
from minispark.engine.stages import ShuffleOutputs, Stage, shuffles_read
from minispark.engine.task import Action, Task, TaskFailure, TaskOutcome
from minispark.engine.taskstate import AttemptId
from minispark.errors import SparkException

MAX_STAGE_ATTEMPTS = 4
"""How often in a row a stage may fail to fetch, as spark.stage.maxConsecutiveAttempts."""

PYTHON_EXCEPTION = "org.apache.spark.api.python.PythonException"


@dataclass(eq=False)
class Job:
    """One action. ``done`` is set when it has its results or an error."""

    id: int
    stage: Stage
    properties: Mapping[str, str]
    results: list[Any]
    owner: int
    """The thread that waits for it."""
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    cause: BaseException | None = None


class Scheduler:
    """Runs jobs on an executor. Any number of threads may call :meth:`run_job` at once."""

    def __init__(
        self,
        executor: Executor,
        directory: LocalDirectory,
        blocks: BlockStore,
        events: EventBus,
        max_failures: int,
        count_updates: Callable[[bytes], None],
    ) -> None:
        self._executor = executor
        self._directory = directory
        self._blocks = blocks
        self._events = events
        self._max_failures = max_failures
        self._count_updates = count_updates
        self._lock = threading.RLock()  # guards all that follows
        self._jobs: dict[int, Job] = {}
        self._map_stages: dict[int, Stage] = {}
        self._active: list[Stage] = []
        self._waiting: list[Stage] = []
        self._stage_of_task: dict[int, Stage] = {}
        self._outputs: dict[int, ShuffleOutputs] = {}
        self.places = Places(blocks.cached, self._has_output)
        self._next_job = self._next_stage = self._next_task = 0
        self._stopped = False
        # Written by finalizers, which may run on any thread under any lock: no lock of its own.
        self._released: deque[int] = deque()
        self._dispatcher = threading.Thread(
            target=self._dispatch, name="minispark-dispatcher", daemon=True
        )
        self._dispatcher.start()

    # -- jobs --------------------------------------------------------------------------------

    def run_job(
        self,
        node: Node,
        partitions: Sequence[int],
        action: Action,
        properties: Mapping[str, str],
    ) -> list[Any]:
        """Run ``action(task state, frames)`` on ``partitions`` of ``node``; the results in order.

        Raises what the job failed with. If the wait is interrupted (Ctrl-C), the job is
        cancelled and the interruption goes on.
        """
        count = node.num_partitions
        for partition in partitions:
            if not 0 <= partition < count:
                raise SparkException(
                    f"Attempting to access a non-existent partition: {partition}. "
                    f"Total number of partitions: {count}",
                    "java.lang.IllegalArgumentException",
                )
        settle(node)
        if not partitions:
            return []
        try:
            job = self._submit_job(node, partitions, action, properties)
            job.done.wait()
        except BaseException:
            # Interrupted, maybe in the middle of submitting: the jobs of this thread end.
            with self._lock:
                me = threading.get_ident()
                for interrupted in [job for job in self._jobs.values() if job.owner == me]:
                    self.cancel_job(interrupted.id, "")
            raise
        if job.error is not None:
            raise job.error from job.cause
        return job.results

    def cancel_job(self, job_id: int, reason: str) -> None:
        """End a job that has not ended yet; its caller gets Spark's error with ``reason``."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None:
                self._end_job(job, SparkException(f"Job {job_id} cancelled {reason}".rstrip()))
                self._start_tasks()

    def stop(self) -> None:
        """End all jobs, the executor and the dispatcher."""
        with self._lock:
            self._stopped = True
            for job_id in list(self._jobs):
                self.cancel_job(job_id, "because SparkContext was shut down")
        self._executor.stop()
        self._dispatcher.join()

    def release_shuffle(self, shuffle_id: int) -> None:
        """Say that no lineage has this shuffle any more; its files go at the next occasion."""
        self._released.append(shuffle_id)

    def _submit_job(
        self,
        node: Node,
        partitions: Sequence[int],
        action: Action,
        properties: Mapping[str, str],
    ) -> Job:
        with self._lock:
            if self._stopped:
                raise SparkException(
                    "Cannot call methods on a stopped SparkContext.",
                    "java.lang.IllegalStateException",
                )
            self._remove_released()
            self.places.forget()
            for shuffle in shuffles_read(node, self.places):
                self._map_stage(shuffle)  # stages are numbered parents first
            stage = Stage(self._take_stage_id(), node, tuple(partitions), action)
            job_id = self._next_job
            self._next_job += 1
            job = Job(job_id, stage, properties, [None] * len(partitions), threading.get_ident())
            self._jobs[job_id] = job
            needed = self._unavailable(stage)
            for each in needed:
                each.jobs.add(job_id)
            self._events.post(JobStarted(job_id, tuple(sorted(each.id for each in needed))))
            self._submit_stage(stage)
            self._drop_idle_stages()
            self._start_tasks()
            return job

    def _end_job(
        self, job: Job, error: BaseException | None = None, cause: BaseException | None = None
    ) -> None:
        del self._jobs[job.id]
        for stage in [job.stage, *self._map_stages.values()]:
            if job.id in stage.jobs:
                stage.jobs.discard(job.id)
                if not stage.jobs:
                    self._abandon(stage)
        job.error, job.cause = error, cause
        self._events.post(JobEnded(job.id, error is None, None if error is None else str(error)))
        job.done.set()

    def _abandon(self, stage: Stage) -> None:
        """No job needs this stage any more."""
        for task_id, (index, attempt) in list(stage.running.items()):
            self._executor.cancel(task_id)
            self._stage_of_task.pop(task_id, None)
            self._post_end(stage, task_id, index, attempt, TaskOutcome(), "cancelled")
        stage.running.clear()
        stage.pending.clear()
        self._count(stage, to_the_end=True)
        if stage in self._active:
            self._active.remove(stage)
            self._events.post(StageCompleted(stage.id, stage.attempt, "cancelled"))
        if stage in self._waiting:
            self._waiting.remove(stage)
        if stage.shuffle_id is not None:
            self._map_stages.pop(stage.shuffle_id, None)

    def _drop_idle_stages(self) -> None:
        """Let go of the map stages that no job needs, and so of their lineages."""
        for shuffle_id in [key for key, stage in self._map_stages.items() if not stage.jobs]:
            del self._map_stages[shuffle_id]

    # -- stages ------------------------------------------------------------------------------

    def _take_stage_id(self) -> int:
        self._next_stage += 1
        return self._next_stage - 1

    def _map_stage(self, shuffle: ShuffleDependency) -> Stage:
        """The stage that computes a shuffle; made with all those before it."""
        stage = self._map_stages.get(shuffle.shuffle_id)
        if stage is None:
            for before in shuffles_read(shuffle.parent, self.places):
                self._map_stage(before)
            count = shuffle.parent.num_partitions
            outputs = self._outputs.get(shuffle.shuffle_id)
            if outputs is None:
                outputs = ShuffleOutputs(self._take_stage_id(), [None] * count)
                self._outputs[shuffle.shuffle_id] = outputs
                shuffle.on_release(self._released.append)
            stage = Stage(
                outputs.stage_id,
                shuffle.parent,
                range(count),
                shuffle_id=shuffle.shuffle_id,
                outputs=outputs,
            )
            self._map_stages[shuffle.shuffle_id] = stage
        return stage

    def _missing_parents(self, stage: Stage) -> list[Stage]:
        return [
            parent
            for parent in map(self._map_stage, shuffles_read(stage.node, self.places))
            if parent.outputs is not None and not parent.outputs.are_complete
        ]

    def _unavailable(self, stage: Stage) -> list[Stage]:
        """``stage`` and all the stages that have to run before it can."""
        found: list[Stage] = []
        waiting = [stage]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.append(each)
                waiting += self._missing_parents(each)
        return found

    def _submit_stage(self, stage: Stage) -> None:
        """Start the stage, or the stages that it waits for."""
        if stage in self._active:
            return
        missing = self._missing_parents(stage)
        if missing:
            if stage not in self._waiting:
                self._waiting.append(stage)
            for parent in missing:
                parent.jobs |= stage.jobs
                self._submit_stage(parent)
            return
        if stage in self._waiting:
            self._waiting.remove(stage)
        stage.attempt += 1
        stage.statuses = {
            shuffle.shuffle_id: [s for s in self._outputs[shuffle.shuffle_id].statuses if s]
            for shuffle in shuffles_read(stage.node, self.places)
        }
        unfinished = stage.unfinished()
        stage.pending = deque((index, 0) for index in unfinished)
        stage.uncounted.extend(i for i in unfinished if i not in stage.uncounted)
        self._active.append(stage)
        self._active.sort(key=lambda each: (min(each.jobs), each.id))
        self._events.post(StageSubmitted(stage.id, stage.attempt, len(unfinished), min(stage.jobs)))
        if not unfinished:  # a shuffle of a parent without partitions
            self._complete(stage)

    def _complete(self, stage: Stage) -> None:
        """All tasks of the stage have ended well."""
        self._active.remove(stage)
        self._count(stage, to_the_end=True)
        self._events.post(StageCompleted(stage.id, stage.attempt))
        if stage.outputs is None:
            (job_id,) = stage.jobs
            self._end_job(self._jobs[job_id])
            return
        self.places.forget()
        for waiting in list(self._waiting):
            if not self._missing_parents(waiting):
                self._submit_stage(waiting)
        self._drop_idle_stages()

    def _fetch_failed(self, stage: Stage, failure: FetchFailed) -> None:
        """An output that the stage reads is lost: compute it again, then the rest of the stage."""
        outputs = self._outputs.get(failure.shuffle_id)
        if outputs is not None and failure.map_partition is not None:
            outputs.statuses[failure.map_partition] = None
        if stage not in self._active:
            return  # another task of this attempt said so before
        self._active.remove(stage)
        for task_id in list(stage.running):
            self._executor.cancel(task_id)
            self._stage_of_task.pop(task_id, None)
        stage.running.clear()
        stage.pending.clear()
        stage.fetch_failures += 1
        self.places.forget()  # it may be a cached block in front of the shuffle that was lost
        self._events.post(StageCompleted(stage.id, stage.attempt, str(failure)))
        if stage.fetch_failures >= MAX_STAGE_ATTEMPTS:
            self._fail_jobs(
                stage,
                SparkException(
                    f"Job aborted due to stage failure: Stage {stage.id} has failed the maximum "
                    f"allowable number of times: {MAX_STAGE_ATTEMPTS}. Most recent failure "
                    f"reason: {failure}"
                ),
                failure,
            )
            return
        for needed in self._unavailable(stage):
            needed.jobs |= stage.jobs
        self._submit_stage(stage)

    def _fail_jobs(self, stage: Stage, error: BaseException, cause: BaseException) -> None:
        for job_id in sorted(stage.jobs & self._jobs.keys()):
            self._end_job(self._jobs[job_id], error, cause)

    # -- tasks -------------------------------------------------------------------------------

    def _start_tasks(self) -> None:
        """Start tasks of the active stages in the free slots."""
        free = self._executor.slots - len(self._stage_of_task)
        for stage in self._active:
            while stage.pending and free > 0:
                index, attempt = stage.pending.popleft()
                self._start_task(stage, index, attempt)
                free -= 1
            if free <= 0:
                return

    def _start_task(self, stage: Stage, index: int, attempt: int) -> None:
        partition = stage.partitions[index]
        attempt_id = AttemptId(stage.id, stage.attempt, partition, attempt, self._next_task)
        self._next_task += 1
        stage.running[attempt_id.task_id] = (index, attempt)
        self._stage_of_task[attempt_id.task_id] = stage
        self._events.post(
            TaskStarted(stage.id, stage.attempt, partition, attempt, attempt_id.task_id)
        )
        output_path = None
        if stage.shuffle_id is not None:
            output_path = self._directory.file(f"shuffle_{stage.shuffle_id}_{partition}")
        self._executor.submit(
            Task(
                attempt_id,
                stage.node,
                len(stage.partitions),
                self._jobs[min(stage.jobs)].properties,
                self._blocks,
                stage.statuses,
                stage.action,
                output_path,
            )
        )

    def _dispatch(self) -> None:
        while ended := self._executor.wait():
            with self._lock:
                try:
                    for task_id in ended:
                        self._task_ended(task_id)
                    self._start_tasks()
                except BaseException as exc:
                    # A wait must not outlive the one who could end it: tell all who wait.
                    for job in list(self._jobs.values()):
                        self._end_job(job, exc)

    def _task_ended(self, task_id: int) -> None:
        stage = self._stage_of_task.pop(task_id, None)
        if stage is None:
            return  # cancelled after it had ended
        outcome = self._executor.result(task_id)
        index, attempt = stage.running.pop(task_id)
        failure = outcome.failure
        reason = None if failure is None else failure.text
        self._post_end(stage, task_id, index, attempt, outcome, reason)
        if failure is None:
            self._task_succeeded(stage, index, outcome)
        elif isinstance(failure.exception, FetchFailed):
            self._fetch_failed(stage, failure.exception)
        elif attempt + 1 < self._max_failures:
            stage.pending.appendleft((index, attempt + 1))
        else:
            error = self._abort_error(stage, task_id, index, attempt, failure)
            self._fail_jobs(stage, error, failure.exception)

    def _task_succeeded(self, stage: Stage, index: int, outcome: TaskOutcome) -> None:
        if stage.outputs is not None:
            stage.outputs.statuses[index] = outcome.value
        else:
            (job_id,) = stage.jobs
            self._jobs[job_id].results[index] = outcome.value
            stage.finished.add(index)
        stage.updates[index] = outcome.accumulators
        self._count(stage)
        if not stage.pending and not stage.running:
            self._complete(stage)

    def _count(self, stage: Stage, to_the_end: bool = False) -> None:
        """Count the accumulator updates of ended tasks, in the order of partitions, each once."""
        counted = stage.outputs.counted if stage.outputs is not None else set()
        while stage.uncounted and (to_the_end or stage.uncounted[0] in stage.updates):
            index = stage.uncounted.popleft()
            updates = stage.updates.pop(index, None)
            if updates is not None and index not in counted:
                counted.add(index)
                self._count_updates(updates)

    def _post_end(
        self,
        stage: Stage,
        task_id: int,
        index: int,
        attempt: int,
        outcome: TaskOutcome,
        reason: str | None,
    ) -> None:
        self._events.post(
            TaskEnded(
                stage.id,
                stage.attempt,
                stage.partitions[index],
                attempt,
                task_id,
                reason is None,
                outcome.seconds,
                reason,
            )
        )

    def _abort_error(
        self, stage: Stage, task_id: int, index: int, attempt: int, failure: TaskFailure
    ) -> SparkException:
        job = (
            f"Job aborted due to stage failure: Task {index} in stage {stage.id}.{stage.attempt} "
            f"failed {attempt + 1} times, most recent failure: Lost task {index}.{attempt} in "
            f"stage {stage.id}.{stage.attempt} (TID {task_id}) (localhost executor driver): "
        )
        exc = failure.exception
        if isinstance(exc, SparkException):  # the engine's own: its message comes first
            return SparkException(f"{exc}\n{job}{exc}", exc.java_exception_class)
        return SparkException(
            f"{job}{PYTHON_EXCEPTION}: [PYTHON_EXCEPTION] An exception was thrown from the Python "
            f"worker: {failure.text} SQLSTATE: 38000",
            PYTHON_EXCEPTION,
        )

    # -- what there is ---------------------------------------------------------------------

    def _has_output(self, shuffle_id: int, partition: int) -> bool:
        outputs = self._outputs.get(shuffle_id)
        return outputs is not None and any(
            status is not None and status.segments.get(partition) for status in outputs.statuses
        )

    # -- what goes ---------------------------------------------------------------------------

    def _remove_released(self) -> None:
        while self._released:
            outputs = self._outputs.pop(self._released.popleft(), None)
            for status in outputs.statuses if outputs is not None else ():
                if status is not None and os.path.exists(status.path):
                    os.unlink(status.path)
