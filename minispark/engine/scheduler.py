"""Jobs, stages and tasks: in which order, how often, and until when.

Words. A *job* is an action: a function over the frames of some partitions of a node. It has one
*result stage* and, before it, the *map stages* of the shuffles that its lineage reads. A stage
is a set of *tasks*, one a partition; a task that fails is tried again as a new *attempt*, until
so many attempts have failed as :mod:`minispark.engine.retries` says: then the job fails.

Flow. A caller's thread puts a request into a queue (run this job, cancel that one) and waits for
its job to end. One thread, the dispatcher, does everything else: it makes the stages of a job,
submits those whose parents are available, starts tasks while there are free slots, in the order
of :mod:`minispark.engine.pools`, and hears from the executor which attempts have ended. So the
state needs no lock, and an interrupt of the program (Ctrl-C) never finds it half changed.

    caller --request--> dispatcher --submit--> executor --wait/result--> dispatcher --done--> caller

Barriers. The tasks of a barrier stage start together, when there are enough free slots. When one
fails, all do: a map stage is tried again, its tasks all anew; a result stage fails its job, since
the program may have seen what some of its tasks did.

Speculation. Where it is wanted, tasks that run far behind the others of their stage get a second
attempt beside the first (a copy), in a slot that has nothing else to do. The first that ends well
counts, and the other is cancelled.

Recovery. A task that cannot read a map output ends as FetchFailed. The output is forgotten, its
map task runs again, and then the stage's unfinished tasks do, as a new attempt of the stage.

What a job leaves behind are the shuffle outputs, which later jobs read instead of computing
them (a skipped stage). They go when no lineage has the shuffle any more.

Code of the program runs on the dispatcher in one place only, where accumulators are added up; an
error there costs that update, as in Spark.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from minispark.engine.barrier import Barrier, check_barrier_stage, is_barrier
from minispark.engine.blocks import CachedBlocks
from minispark.engine.commits import Commits
from minispark.engine.compression import Compression
from minispark.engine.events import (
    EventBus,
    JobEnded,
    JobStarted,
    StageCompleted,
    StageInfo,
    StageSubmitted,
    TaskEnded,
    TaskStarted,
    log_error,
    log_warning,
)
from minispark.engine.executors.base import Executor
from minispark.engine.failures import (
    abort_error,
    failed_too_often,
    lost,
    python_exception,
    too_large,
)
from minispark.engine.lineage import Node, ShuffleDependency, settle
from minispark.engine.localdir import LocalDirectories
from minispark.engine.memory import MemoryLimit
from minispark.engine.places import Places
from minispark.engine.pools import Pools
from minispark.engine.retries import Pace, Retries
from minispark.engine.shuffle.files import FetchFailed
from minispark.engine.stages import Running, ShuffleOutputs, Stage, all_shuffles, shuffles_read
from minispark.engine.task import Action, Task, TaskFailure, TaskOutcome, TaskSet
from minispark.engine.taskstate import AttemptId, CommitDenied
from minispark.errors import SparkException

LOOK_AGAIN_SECONDS = 0.5
"""How long a signal may wait that comes just before its thread begins to wait for a job."""

JOB_GROUP = "spark.jobGroup.id"
"""The local property that names the group of a job."""


class Job:
    """One action. ``done`` is set when it has its results or an error."""

    def __init__(
        self,
        node: Node,
        partitions: Sequence[int],
        action: Action,
        properties: Mapping[str, str],
    ) -> None:
        self.node = node
        self.partitions = partitions
        self.action = action
        self.properties = properties
        self.results: list[Any] = [None] * len(partitions)
        self.done = threading.Event()
        self.error: BaseException | None = None
        self.cause: BaseException | None = None
        self.id = -1
        """Given when the job is submitted, as is the stage."""
        self.stage: Stage | None = None
        self.is_cancelled = False


class Scheduler:
    """Runs jobs on an executor. Any number of threads may call :meth:`run_job` at once."""

    def __init__(
        self,
        executor: Executor,
        directory: LocalDirectories,
        blocks: CachedBlocks,
        events: EventBus,
        retries: Retries,
        count_updates: Callable[[bytes], None],
        pools: Pools,
        memory: MemoryLimit,
        task_cpus: str = "1",
        barrier_seconds: float | None = None,
        compression: Compression = Compression(),  # noqa: B008  # a tuple
        max_result_bytes: int = sys.maxsize,
    ) -> None:
        self._executor = executor
        self._directory = directory
        self._blocks = blocks
        self._events = events
        self._retries = retries
        self._count_updates = count_updates
        self._requests: SimpleQueue[Callable[[], None]] = SimpleQueue()
        # Guards _is_closed against a request behind it. An interrupt's handler may ask for the
        # cancelling of jobs while its own thread has the lock: it may take it twice.
        self._request_lock = threading.RLock()
        self._pools = pools
        self._memory = memory
        self._task_cpus = task_cpus
        self._barrier_seconds = barrier_seconds
        self._compression = compression
        self._max_result_bytes = max_result_bytes
        self._is_closed = False
        self._commits = Commits()
        # Written by finalizers, which may run on any thread under any lock: it has no lock.
        self._released: deque[int] = deque()
        # All that follows is the dispatcher's. Others only ask `places`.
        self._jobs: dict[int, Job] = {}
        self._map_stages: dict[int, Stage] = {}
        self._active: list[Stage] = []
        self._waiting: list[Stage] = []
        self._stage_of_task: dict[int, Stage] = {}
        self._has_less = False
        """Whether outputs were forgotten, or a map stage given up, since stages were submitted."""
        self._outputs: dict[int, ShuffleOutputs] = {}
        self.places = Places(blocks.cached, self._has_output)
        self._next_job = self._next_stage = self._next_task = 0
        self._next_look = 0.0
        """When the running tasks are looked at for those that run far behind."""
        self._dispatcher = threading.Thread(
            target=self._dispatch, name="minispark-dispatcher", daemon=True
        )
        self._dispatcher.start()

    # -- for callers -------------------------------------------------------------------------

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
        job = self._new_job(node, partitions, action, properties)
        if partitions:
            self._wait(job, None)
        return job.results

    def run_job_for(
        self,
        seconds: float,
        node: Node,
        partitions: Sequence[int],
        action: Action,
        properties: Mapping[str, str],
    ) -> dict[int, Any]:
        """As ``run_job``, but not for longer than ``seconds``: the results of the tasks that have
        ended by then, by index. The others are cancelled.
        """
        job = self._new_job(node, partitions, action, properties)
        if not partitions:
            return {}
        self._wait(job, min(seconds, threading.TIMEOUT_MAX))
        assert job.stage is not None
        return {index: job.results[index] for index in sorted(job.stage.finished)}

    def _new_job(
        self,
        node: Node,
        partitions: Sequence[int],
        action: Action,
        properties: Mapping[str, str],
    ) -> Job:
        count = node.num_partitions
        for partition in partitions:
            if not 0 <= partition < count:
                raise SparkException(
                    f"Attempting to access a non-existent partition: {partition}. "
                    f"Total number of partitions: {count}",
                    "java.lang.IllegalArgumentException",
                )
        settle(node)
        return Job(node, tuple(partitions), action, properties)

    def _wait(self, job: Job, seconds: float | None) -> None:
        """Submit a job and wait for its end; after so many seconds it ends as it is."""
        self._refuse_accumulators("run a job")
        try:
            self._request(partial(self._submit_job, job))
            if not _has_come(job.done, seconds):
                self._request(partial(self._end_early, job))
                job.done.wait()
        except BaseException:
            self._cancel_for_sure(job)
            raise
        if job.error is not None:
            raise job.error from job.cause

    def cancel_jobs(self, is_meant: Callable[[Mapping[str, str]], bool], reason: str) -> None:
        """End the jobs whose local properties are meant, among those submitted before."""
        self._request(partial(self._cancel_jobs, is_meant, reason))

    def forget_shuffles(self, shuffle_ids: Collection[int], blocking: bool) -> None:
        """Remove the outputs of shuffles; a job that needs them computes them again."""
        self._refuse_accumulators("wait for the scheduler")
        done = threading.Event()
        self._request(partial(self._forget_shuffles, shuffle_ids, done))
        if blocking:
            done.wait()

    def stop(self) -> None:
        """End all jobs, the executor and the dispatcher. May be called again."""
        self._refuse_accumulators("stop its context")
        with self._request_lock:
            if not self._is_closed:
                # In this order: the dispatcher looks at its last requests once it is closed.
                self._requests.put(self._end_all_jobs)
                self._is_closed = True
            self._executor.wake()
        self._dispatcher.join()
        self._executor.stop()

    def release_shuffle(self, shuffle_id: int) -> None:
        """Say that no lineage has this shuffle any more; its files go with the next job."""
        self._released.append(shuffle_id)

    def _refuse_accumulators(self, what: str) -> None:
        """The dispatcher cannot wait for itself: code of the program runs there in one place."""
        if threading.current_thread() is self._dispatcher:
            raise SparkException(f"An accumulator's own code cannot {what}")

    def _request(self, work: Callable[[], None]) -> None:
        with self._request_lock:
            if self._is_closed:
                raise SparkException(
                    "Cannot call methods on a stopped SparkContext.",
                    "java.lang.IllegalStateException",
                )
            self._requests.put(work)
            self._executor.wake()

    def _cancel_for_sure(self, job: Job) -> None:
        """Cancel the job of an interrupted wait, also if that is interrupted once more."""
        while not job.is_cancelled:
            try:
                with self._request_lock:
                    if not self._is_closed:  # else the end of all jobs is the end of this one
                        self._requests.put(partial(self._cancel_job, job))
                        self._executor.wake()
                    job.is_cancelled = True
            except KeyboardInterrupt:
                continue

    # -- the dispatcher ------------------------------------------------------------------------

    def _dispatch(self) -> None:
        try:
            self._work_until_closed()
        except BaseException as exc:  # the executor cannot be waited for, say
            log_error("the scheduler failed; its context is of no use any more")
            with self._request_lock:
                self._is_closed = True
            self._do_requests()
            self._end_all_with(exc)

    def _work_until_closed(self) -> None:
        is_ending = False
        while not is_ending:
            for task_id in self._executor.wait(self._seconds_to_next_look()):
                self._do(partial(self._task_ended, task_id))
            # What is asked for before the end is still done: nobody is left to wait.
            is_ending = self._is_closed
            self._do_requests()
            self._do(self._copy_slow_tasks)
            self._do(self._start_tasks)

    def _do_requests(self) -> None:
        while True:
            try:
                work = self._requests.get_nowait()
            except Empty:
                return
            self._do(work)

    def _do(self, work: Callable[[], None]) -> None:
        """One step. An error in it is ours: whoever waits is told, rather than left to wait."""
        try:
            work()
        except BaseException as exc:
            log_error("the scheduler failed; all running jobs end")
            self._end_all_with(exc)

    def _end_all_with(self, error: BaseException) -> None:
        for job in self._jobs.values():
            job.error = error
            job.done.set()
        for task_id in self._stage_of_task:
            with suppress(Exception):  # that may be what failed
                self._executor.cancel(task_id)
        for state in (self._jobs, self._map_stages, self._stage_of_task):
            state.clear()
        self._active.clear()
        self._waiting.clear()

    # -- jobs --------------------------------------------------------------------------------

    def _submit_job(self, job: Job) -> None:
        try:
            self._remove_released()
            self.places.forget()
            shuffles = all_shuffles(job.node)
            for shuffle in shuffles:
                if is_barrier(shuffle.parent):
                    count = shuffle.parent.num_partitions
                    check_barrier_stage(shuffle.parent, count, self._executor.slots)
            has_barrier = is_barrier(job.node)
            if has_barrier:
                check_barrier_stage(job.node, len(set(job.partitions)), self._executor.slots)
            for shuffle in shuffles:
                self._number(shuffle)
        except Exception as exc:  # the program's own: a file that is gone, say
            job.error = exc
            job.done.set()
            return
        job.stage = stage = Stage(self._take_stage_id(), job.node, job.partitions, job.action)
        stage.is_barrier = has_barrier
        job.id = self._next_job
        self._next_job += 1
        self._jobs[job.id] = job
        needed = self._unavailable(stage)
        for each in needed:
            each.jobs.add(job.id)
        self._events.post(JobStarted(job.id, self._stages_of(job), job.properties.get(JOB_GROUP)))
        self._submit_stages(stage)
        self._drop_idle_stages()

    def _stages_of(self, job: Job) -> tuple[StageInfo, ...]:
        """All stages of a job, those that it can skip included."""
        stage = job.stage
        assert stage is not None
        name = job.properties.get("callSite.short", stage.node.call_site)
        stages = [StageInfo(stage.id, name, len(stage.partitions))]
        for shuffle in all_shuffles(job.node):
            outputs = self._outputs[shuffle.shuffle_id]
            name = shuffle.parent.call_site
            stages.append(StageInfo(outputs.stage_id, name, len(outputs.statuses)))
        return tuple(sorted(stages, key=lambda each: each.stage_id))

    def _cancel_jobs(self, is_meant: Callable[[Mapping[str, str]], bool], reason: str) -> None:
        for job in list(self._jobs.values()):
            if is_meant(job.properties):
                text = f"[SPARK_JOB_CANCELLED] Job {job.id} {reason} SQLSTATE: XXKDA"
                self._end_job(job, SparkException(text))

    def _cancel_job(self, job: Job) -> None:
        if job.id in self._jobs:
            self._end_job(job, SparkException(f"Job {job.id} cancelled"))

    def _end_early(self, job: Job) -> None:
        if job.id in self._jobs:
            self._end_job(job)

    def _end_all_jobs(self) -> None:
        for job in list(self._jobs.values()):
            text = f"Job {job.id} cancelled because SparkContext was shut down"
            self._end_job(job, SparkException(text))

    def _end_job(
        self, job: Job, error: BaseException | None = None, cause: BaseException | None = None
    ) -> None:
        del self._jobs[job.id]
        job.error, job.cause = error, cause
        try:
            for stage in [job.stage, *self._map_stages.values()]:
                if stage is not None and job.id in stage.jobs:
                    stage.jobs.discard(job.id)
                    if not stage.jobs:
                        self._abandon(stage)
            text = None if error is None else str(error)
            self._events.post(JobEnded(job.id, error is None, text))
        finally:  # nobody else would wake the caller: no thread can be started any more, say
            job.done.set()

    def _abandon(self, stage: Stage) -> None:
        """No job needs this stage any more."""
        self._cancel_tasks(stage, "cancelled")
        self._count(stage, to_the_end=True)
        if stage in self._active:
            self._active.remove(stage)
            self._events.post(StageCompleted(stage.id, stage.attempt, "cancelled"))
        if stage in self._waiting:
            self._waiting.remove(stage)
        if stage.shuffle_id is not None:
            self._map_stages.pop(stage.shuffle_id, None)
            self._has_less = True

    # -- stages ------------------------------------------------------------------------------

    def _take_stage_id(self) -> int:
        self._next_stage += 1
        return self._next_stage - 1

    def _number(self, shuffle: ShuffleDependency) -> None:
        """Give the map stage of a shuffle its number in a new job, whether or not it will run."""
        outputs = self._outputs.get(shuffle.shuffle_id)
        if outputs is None:
            outputs = ShuffleOutputs(shuffle.parent.num_partitions)
            self._outputs[shuffle.shuffle_id] = outputs
            shuffle.on_release(self._released.append)
        if shuffle.shuffle_id not in self._map_stages:  # a stage that runs keeps its number
            outputs.stage_id = self._take_stage_id()

    def _map_stage(self, shuffle: ShuffleDependency) -> Stage:
        """The stage that computes a shuffle."""
        stage = self._map_stages.get(shuffle.shuffle_id)
        if stage is None:
            outputs = self._outputs[shuffle.shuffle_id]
            stage = self._map_stages[shuffle.shuffle_id] = Stage(
                outputs.stage_id,
                shuffle.parent,
                range(len(outputs.statuses)),
                shuffle_id=shuffle.shuffle_id,
                outputs=outputs,
                is_barrier=is_barrier(shuffle.parent),
            )
        return stage

    def _missing_parents(self, stage: Stage) -> list[Stage]:
        return [
            self._map_stage(shuffle)
            for shuffle in shuffles_read(stage.node, self.places)
            if not self._outputs[shuffle.shuffle_id].are_complete
        ]

    def _unavailable(self, stage: Stage) -> list[Stage]:
        """``stage`` and all the stages that have to run before it can."""
        found: dict[int, Stage] = {}
        waiting = [stage]
        while waiting:
            each = waiting.pop()
            if each.id not in found:
                found[each.id] = each
                waiting += self._missing_parents(each)
        return list(found.values())

    def _submit_stages(self, *stages: Stage) -> None:
        """Start the stages, or those that they wait for."""
        seen: set[int] = set()
        to_submit = list(stages)
        while to_submit:
            each = to_submit.pop()
            if each.id in seen or each in self._active:
                continue
            seen.add(each.id)
            missing = self._missing_parents(each)
            if not missing:
                self._start_stage(each)
                continue
            if each not in self._waiting:
                self._waiting.append(each)
            for parent in missing:
                parent.jobs |= each.jobs
                to_submit.append(parent)

    def _start_stage(self, stage: Stage) -> None:
        if stage in self._waiting:
            self._waiting.remove(stage)
        stage.attempt += 1
        statuses = {
            shuffle.shuffle_id: [s for s in self._outputs[shuffle.shuffle_id].statuses if s]
            for shuffle in shuffles_read(stage.node, self.places)
        }
        properties = self._jobs[min(stage.jobs)].properties
        stage.pool = self._pools.name_of(properties)
        if stage.is_barrier:
            self._forget_all(stage)  # the tasks of a barrier stage all run, or none
            stage.barrier = Barrier(stage.partitions, self._barrier_seconds)
            addresses = ",".join(["localhost:0"] * len(stage.partitions))
            properties = {**properties, "addresses": addresses}
        stage.task_set = TaskSet(
            stage.node,
            properties,
            statuses,
            self._memory,
            stage.action,
            self._task_cpus,
            self._compression,
            self._max_result_bytes,
        )
        stage.results = stage.result_bytes = 0
        unfinished = stage.unfinished()
        stage.pending = deque(unfinished)
        stage.attempts.clear()
        stage.failures.clear()
        stage.copied.clear()
        rule = self._retries.speculation
        if rule is not None and not stage.is_barrier:
            stage.pace = Pace(rule, len(unfinished), self._executor.slots)
        known = set(stage.uncounted)
        stage.uncounted.extend(index for index in unfinished if index not in known)
        self._active.append(stage)
        self._active.sort(key=lambda each: (min(each.jobs), each.id))
        self._events.post(StageSubmitted(stage.id, stage.attempt, len(unfinished), min(stage.jobs)))
        if not unfinished:  # a shuffle of a parent without partitions
            self._complete(stage)

    def _complete(self, stage: Stage) -> None:
        """All tasks of the stage have ended well."""
        self._active.remove(stage)
        stage.failed_attempts = 0
        self._count(stage, to_the_end=True)
        self._events.post(StageCompleted(stage.id, stage.attempt))
        if stage.outputs is None:
            (job_id,) = stage.jobs
            self._end_job(self._jobs[job_id])
            return
        self.places.forget()
        if not stage.outputs.are_complete:  # one was lost meanwhile
            self._submit_stages(stage)
            return
        self._submit_stages(*self._waiting)
        self._drop_idle_stages()

    def _drop_idle_stages(self) -> None:
        """Let go of the map stages that no job needs, and so of their lineages."""
        for shuffle_id in [key for key, stage in self._map_stages.items() if not stage.jobs]:
            del self._map_stages[shuffle_id]

    def _fetch_failed(self, stage: Stage, failure: FetchFailed) -> None:
        """Outputs that the stage reads are lost: compute them again, then the rest of the stage."""
        self._forget_outputs(stage, failure)
        stage.failed_attempts += 1
        if stage.is_barrier and stage.outputs is None:
            self._abort_barrier(stage, failure, str(failure))
            return
        self.places.forget()  # it may be a cached block in front of the shuffle that was lost
        self._active.remove(stage)
        self._cancel_tasks(stage, str(failure))
        self._events.post(StageCompleted(stage.id, stage.attempt, str(failure)))
        if stage.failed_attempts >= self._retries.stage_failures:
            what = failed_too_often(stage, self._retries.stage_failures)
            error = SparkException(
                f"Job aborted due to stage failure: {what} Most recent failure reason: {failure}"
            )
            self._fail_jobs(stage, error, failure)
            return
        for needed in self._unavailable(stage):
            needed.jobs |= stage.jobs
        self._submit_stages(stage)

    def _forget_outputs(self, stage: Stage, failure: FetchFailed) -> None:
        """Forget the outputs that are lost; not those that took their place since the stage began.

        Another job may have had the same loss, and its map tasks run again.
        """
        outputs = self._outputs.get(failure.shuffle_id)
        assert stage.task_set is not None
        read = stage.task_set.map_statuses.get(failure.shuffle_id, ())
        if outputs is not None:
            for partition in failure.map_partitions:
                if outputs.statuses[partition] is read[partition]:
                    outputs.forget(partition)
        self._has_less = True

    def _fail_jobs(self, stage: Stage, error: BaseException, cause: BaseException | None) -> None:
        for job_id in sorted(stage.jobs):
            self._end_job(self._jobs[job_id], error, cause)

    # -- tasks -------------------------------------------------------------------------------

    def _start_tasks(self) -> None:
        """Start tasks of the active stages in the free slots."""
        if self._has_less:  # of what a waiting stage had already
            self._has_less = False
            self._submit_stages(*self._waiting)
        while (free := self._executor.slots - len(self._stage_of_task)) > 0:
            stage = self._pools.next_stage(self._active, free)
            if stage is None:
                return
            self._start_task(stage)
            while stage.is_barrier and stage.pending:
                self._start_task(stage)

    def _start_task(self, stage: Stage) -> None:
        """Start the first of the stage's pending tasks."""
        index = stage.pending.popleft()
        partition = stage.partitions[index]
        output_path = None
        if stage.shuffle_id is not None:
            # Each attempt has a file of its own: one that was given up may still be writing.
            name = f"shuffle_{stage.shuffle_id}_{partition}_{self._next_task}"
            try:
                output_path = self._directory.file(name)
            except (OSError, SparkException) as exc:  # it cannot be made again, or is another's
                self._fail_jobs(stage, exc, None)
                return
        attempt = stage.attempts.get(index, 0)
        stage.attempts[index] = attempt + 1
        attempt_id = AttemptId(stage.id, stage.attempt, partition, attempt, self._next_task)
        self._next_task += 1
        is_copy = index in stage.copied and stage.runs(index)
        if is_copy:
            self._blocks.race(attempt_id.task_id)
        stage.running[attempt_id.task_id] = Running(index, attempt, time.monotonic())
        self._stage_of_task[attempt_id.task_id] = stage
        self._events.post(
            TaskStarted(stage.id, stage.attempt, partition, attempt, attempt_id.task_id, is_copy)
        )
        if stage.shuffle_id is None:
            self._commits.begin(attempt_id)
        assert stage.task_set is not None
        self._executor.submit(
            Task(
                attempt_id,
                stage.task_set,
                self._blocks,
                output_path,
                stage.barrier,
                self._commits,
            )
        )

    def _seconds_to_next_look(self) -> float | None:
        """When it is time to look at the running tasks; None: not before something happens."""
        if self._retries.speculation is None:
            return None
        if not any(stage.pace is not None and stage.running for stage in self._active):
            return None
        return min(max(0.0, self._next_look - time.monotonic()), threading.TIMEOUT_MAX)

    def _copy_slow_tasks(self) -> None:
        """Have those tasks start a second time that run far behind the others of their stage."""
        rule, now = self._retries.speculation, time.monotonic()
        if rule is None or now < self._next_look:
            return
        self._next_look = now + rule.interval
        for stage in self._active:
            threshold = None if stage.pace is None else stage.pace.threshold()
            if threshold is None:
                continue
            for each in stage.running.values():
                if now - each.started > threshold and each.position not in stage.copied:
                    stage.copied.add(each.position)
                    stage.pending.append(each.position)

    def _end_others(self, stage: Stage, position: int) -> None:
        """An attempt at a partition has ended well: no other is wanted."""
        stage.copied.discard(position)
        if position in stage.pending:
            stage.pending.remove(position)
        for task_id, other in list(stage.running.items()):
            if other.position == position:
                self._cancel_task(stage, task_id, "another attempt succeeded")

    def _cancel_tasks(self, stage: Stage, reason: str) -> None:
        """Stop the stage's tasks, running or not."""
        if stage.barrier is not None:
            stage.barrier.break_off(reason)
        for task_id in list(stage.running):
            self._cancel_task(stage, task_id, reason)
        stage.pending.clear()

    def _cancel_task(self, stage: Stage, task_id: int, reason: str) -> None:
        attempt = stage.running.pop(task_id)
        self._commits.end(task_id)
        self._executor.cancel(task_id)
        self._blocks.abandon(task_id)
        self._stage_of_task.pop(task_id, None)
        self._post_end(stage, task_id, attempt, 0.0, reason, was_cancelled=True)

    def _task_ended(self, task_id: int) -> None:
        stage = self._stage_of_task.pop(task_id, None)
        if stage is None:
            return  # cancelled after it had ended
        outcome = self._executor.result(task_id)
        attempt = stage.running.pop(task_id)
        failure = outcome.failure
        reason = None if failure is None else failure.text
        # A lost worker could not say so, nor a thread that a task has left behind.
        self._blocks.abandon(task_id)
        self._post_end(
            stage, task_id, attempt, outcome.seconds, reason, spilled=outcome.spilled_bytes
        )
        if failure is None:
            if stage.pace is not None:
                stage.pace.note(time.monotonic() - attempt.started)
            if attempt.position in stage.copied:
                self._end_others(stage, attempt.position)
        self._commits.end(task_id)
        if failure is None:
            self._task_succeeded(stage, attempt.position, outcome)
        elif isinstance(failure.exception, FetchFailed):
            log_warning(f"{lost(stage, task_id, attempt)}: FetchFailed({failure.exception})")
            self._fetch_failed(stage, failure.exception)
        elif stage.is_barrier:
            self._barrier_failed(stage, attempt.position, failure)
        else:
            self._task_failed(stage, task_id, attempt, failure)

    def _task_failed(
        self, stage: Stage, task_id: int, attempt: Running, failure: TaskFailure
    ) -> None:
        position = attempt.position
        failures = stage.failures.get(position, 0)
        is_denied = isinstance(failure.exception, CommitDenied)
        if not is_denied:  # as in Spark: another attempt has not failed by that
            stage.failures[position] = failures = failures + 1
        if failures >= max(1, self._retries.task_failures):
            error = abort_error(stage, task_id, attempt, failures, failure)
            self._fail_jobs(stage, error, failure.exception)
            return
        log_warning(f"{lost(stage, task_id, attempt)}: {failure.text}")
        has_other = position in stage.copied and (stage.runs(position) or position in stage.pending)
        if not has_other:
            stage.pending.appendleft(position)
        if not (has_other and is_denied):  # one more copy would be denied, too
            stage.copied.discard(position)

    def _barrier_failed(self, stage: Stage, index: int, failure: TaskFailure) -> None:
        """A task of a barrier stage failed: so all of them have."""
        kind = "ResultTask" if stage.outputs is None else "ShuffleMapTask"
        reason = (
            f"Stage failed because barrier task {kind}({stage.id}, {stage.partitions[index]}) "
            f"finished unsuccessfully.\n{python_exception(failure)}"
        )
        stage.failed_attempts += 1
        if stage.outputs is None or stage.failed_attempts >= self._retries.stage_failures:
            self._abort_barrier(stage, failure.exception, reason)
            return
        self._active.remove(stage)
        self._cancel_tasks(stage, reason)
        self._events.post(StageCompleted(stage.id, stage.attempt, reason))
        self._submit_stages(stage)

    def _abort_barrier(self, stage: Stage, cause: BaseException, reason: str) -> None:
        what = "Could not recover from a failed barrier ResultStage."
        if stage.outputs is not None:
            what = failed_too_often(stage, self._retries.stage_failures)
        text = f"Job aborted due to stage failure: {what} Most recent failure reason: {reason}"
        self._fail_jobs(stage, SparkException(text), cause)

    def _forget_all(self, stage: Stage) -> None:
        """Forget what the tasks of a stage have computed."""
        stage.finished.clear()
        if stage.outputs is not None:
            stage.outputs.forget_all()

    def _task_succeeded(self, stage: Stage, index: int, outcome: TaskOutcome) -> None:
        if stage.barrier is not None and stage.running:
            stage.barrier.end(stage.partitions[index])
        if stage.outputs is not None:
            stage.outputs.statuses[index] = outcome.value
        else:
            stage.results += 1
            stage.result_bytes += outcome.result_bytes
            if stage.result_bytes > self._max_result_bytes:
                self._fail_jobs(stage, too_large(stage, self._max_result_bytes), None)
                return
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
                try:
                    self._count_updates(updates)
                except BaseException:  # also what would end a program: this is not its thread
                    log_error("an accumulator could not be updated; the update is dropped")

    def _post_end(
        self,
        stage: Stage,
        task_id: int,
        attempt: Running,
        seconds: float,
        reason: str | None,
        was_cancelled: bool = False,
        spilled: int = 0,
    ) -> None:
        self._events.post(
            TaskEnded(
                stage.id,
                stage.attempt,
                stage.partitions[attempt.position],
                attempt.attempt,
                task_id,
                reason is None,
                seconds,
                reason,
                was_cancelled,
                spilled,
            )
        )

    # -- what there is ---------------------------------------------------------------------

    def _has_output(self, shuffle_id: int, partition: int) -> bool:
        outputs = self._outputs.get(shuffle_id)
        return outputs is not None and any(
            status is not None and status.segments(partition) for status in outputs.statuses
        )

    def _forget_shuffles(self, shuffle_ids: Collection[int], done: threading.Event) -> None:
        try:
            for shuffle_id in shuffle_ids:
                if shuffle_id in self._outputs:
                    self._outputs[shuffle_id].forget_all()
                    # Asked for by the program, as it were a first time: unlike lost outputs.
                    self._outputs[shuffle_id].counted.clear()
            self._has_less = True
        finally:
            done.set()

    def _remove_released(self) -> None:
        self._blocks.remove_released()
        while self._released:
            outputs = self._outputs.pop(self._released.popleft(), None)
            if outputs is not None:
                outputs.forget_all()


def _has_come(event: threading.Event, seconds: float | None) -> bool:
    """As ``event.wait(seconds)``, but a Ctrl-C is never left for later.

    Python looks for signals, and then waits for a lock in C: one that comes between the two would
    be seen when the wait is over. Without the global interpreter lock that is no rare case.
    """
    end = float("inf") if seconds is None else time.monotonic() + seconds
    while not event.wait(min(LOOK_AGAIN_SECONDS, end - time.monotonic())):
        if time.monotonic() >= end:
            return False
    return True
