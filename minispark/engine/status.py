"""What runs and what has run: jobs and stages, as the events tell it.

A listener of a context's events, for the status tracker. It remembers all that runs, and of what
has ended the newest.
Must not know: the scheduler, other than by its events.
"""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice

from minispark.engine.events import (
    BlockEvicted,
    BlockLost,
    BlocksRemoved,
    BlockStored,
    Event,
    JobEnded,
    JobStarted,
    StageCompleted,
    StageSubmitted,
    TaskEnded,
    TaskStarted,
)

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"


class JobStatus:
    """One job."""

    def __init__(self, job_id: int, stage_ids: tuple[int, ...], group: str | None) -> None:
        self.job_id = job_id
        self.stage_ids = stage_ids
        self.group = group
        self.status = RUNNING


class StageStatus:
    """One stage: its newest attempt."""

    def __init__(
        self, stage_id: int, name: str, num_tasks: int, attempt: int = 0, is_active: bool = False
    ) -> None:
        self.stage_id = stage_id
        self.name = name
        self.num_tasks = num_tasks
        self.attempt = attempt
        self.is_active = is_active
        self.active_tasks = 0
        self.completed_tasks = 0
        self.failed_tasks = 0


class StatusStore:
    """The jobs and stages of a context.

    Parameters
    ----------
    retained_jobs, retained_stages
        how many are remembered after their end
    """

    def __init__(self, retained_jobs: int = 1000, retained_stages: int = 1000) -> None:
        self._retained_jobs = max(0, retained_jobs)  # as in Spark, less than none is none
        self._retained_stages = retained_stages
        self._lock = threading.Lock()  # guards what follows
        self._jobs: dict[int, JobStatus] = {}
        self._running: set[int] = set()
        self._ended: deque[int] = deque()
        """The ids of the jobs that have ended and are known, the oldest first."""
        self._stages: dict[int, StageStatus] = {}
        self._stored: dict[tuple[int, int], tuple[int, int]] = {}
        """By RDD and partition: how many bytes are in memory, and how many on disk."""
        self._evictions = 0
        self._running_tasks = 0

    # -- to read -----------------------------------------------------------------------------

    def jobs(self) -> list[JobStatus]:
        """All that is known, the newest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.job_id)

    def job(self, job_id: int) -> JobStatus | None:
        with self._lock:
            return self._jobs.get(job_id)

    def active_stages(self) -> list[int]:
        """The ids of the stages that run, in order."""
        with self._lock:
            return sorted(stage.stage_id for stage in self._stages.values() if stage.is_active)

    def stage(self, stage_id: int) -> StageStatus | None:
        with self._lock:
            return self._stages.get(stage_id)

    @property
    def running_tasks(self) -> int:
        return self._running_tasks

    @property
    def stored_bytes(self) -> tuple[int, int]:
        """The sizes of all cached blocks: of those in memory, and of those on disk."""
        with self._lock:
            sizes = list(self._stored.values())
        return sum(size for size, _ in sizes), sum(size for _, size in sizes)

    @property
    def evictions(self) -> int:
        """How many cached blocks have left memory to make room for others."""
        return self._evictions

    # -- to write ----------------------------------------------------------------------------

    def on_event(self, event: Event) -> None:
        """Take note of an event."""
        with self._lock:
            match event:
                case JobStarted():
                    ids = tuple(stage.stage_id for stage in event.stages)
                    self._jobs[event.job_id] = JobStatus(event.job_id, ids, event.group)
                    self._running.add(event.job_id)
                    for stage in event.stages:
                        known = StageStatus(stage.stage_id, stage.name, stage.num_tasks)
                        self._stages.setdefault(stage.stage_id, known)
                case JobEnded():
                    self._jobs[event.job_id].status = SUCCEEDED if event.succeeded else FAILED
                    self._running.discard(event.job_id)
                    self._ended.append(event.job_id)
                    self._forget_old()
                case StageSubmitted():
                    before = self._stages[event.stage_id]
                    self._stages[event.stage_id] = StageStatus(
                        event.stage_id, before.name, event.num_tasks, event.attempt, True
                    )
                case StageCompleted():
                    self._stages[event.stage_id].is_active = False
                case TaskStarted():
                    self._running_tasks += 1
                    self._stages[event.stage_id].active_tasks += 1
                case TaskEnded():
                    self._task_ended(event)
                case BlockStored():
                    sizes = event.memory_size, event.disk_size
                    self._stored[event.rdd_id, event.partition] = sizes
                case BlockEvicted():
                    self._evictions += 1
                    del self._stored[event.rdd_id, event.partition]
                    if event.is_on_disk:
                        self._stored[event.rdd_id, event.partition] = (0, event.size)
                case BlockLost():
                    del self._stored[event.rdd_id, event.partition]
                case BlocksRemoved():
                    for key in [key for key in self._stored if key[0] == event.rdd_id]:
                        del self._stored[key]

    def _task_ended(self, event: TaskEnded) -> None:
        self._running_tasks -= 1
        stage = self._stages[event.stage_id]
        stage.active_tasks -= 1
        if event.successful:
            stage.completed_tasks += 1
        elif not event.was_cancelled:
            stage.failed_tasks += 1

    def _forget_old(self) -> None:
        while len(self._ended) > self._retained_jobs:
            del self._jobs[self._ended.popleft()]
        excess = len(self._stages) - self._retained_stages
        if excess <= 0:
            return
        needed = {stage_id for job_id in self._running for stage_id in self._jobs[job_id].stage_ids}
        idle = (
            key
            for key, stage in self._stages.items()  # the oldest first
            if not stage.is_active and key not in needed
        )
        for key in list(islice(idle, excess)):
            del self._stages[key]
