"""The runner of tasks with faults around it: `slots.Runner`, put around the engine's own.

The faults are counted when they have come about. Files are damaged just before an attempt that may
read them; the parent of the workers is killed when an attempt begins; a result is lost when the
attempt has ended. A worker is killed by itself, at a point in its task (see `inside`), or from
outside, at any time.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from minispark.engine import engine
from minispark.engine.executors.processes import ProcessRunner
from minispark.engine.executors.slots import Runner, SlotExecutor
from minispark.engine.task import Task, TaskOutcome, failure_of

from . import faults
from .inside import InjectedError, with_fault
from .leftovers import is_alive

MOST_STAGE_FAULTS = 3
"""So many faults that may cost a stage attempt: of one more the job would fail."""

MOST_PARENTS = 1


class Chaos:
    """The faults of one run. Any thread may call it.

    Parameters
    ----------
    seed
        what faults are drawn from
    max_failures
        how many attempts a task has
    files
        the directory below which the context has its files
    notes
        a directory for what tasks note down
    """

    def __init__(self, seed: str, max_failures: int, files: Path, notes: Path) -> None:
        self._seed = seed
        self._weather = faults.weather(Random(seed))
        self._max_failures = max_failures
        self._files = files
        self._notes = notes
        self._lock = threading.Lock()  # guards what follows
        self._item = 0
        self._spares_blocks = False
        self._stage_faults = MOST_STAGE_FAULTS
        self._parents = MOST_PARENTS
        self._injected: Counter[str] = Counter()

    def begin(self, item: int, spares_blocks: bool) -> None:
        """What runs from now on is another program: it may be given as many faults again.

        ``spares_blocks``: its cached partitions are left alone.
        """
        with self._lock:
            self._item = item
            self._spares_blocks = spares_blocks
            self._stage_faults = MOST_STAGE_FAULTS
            self._parents = MOST_PARENTS

    @property
    def injected(self) -> Counter[str]:
        """How many faults of which kind there were."""
        with self._lock:
            found = self._injected.copy()
        for note in self._notes.iterdir():
            _, kind, point = note.name.split(".")
            found[f"{kind} at {point}"] += 1
        return found

    @property
    def notes(self) -> str:
        return str(self._notes)

    def note(self, what: str) -> None:
        with self._lock:
            self._injected[what] += 1

    def plan(self, task: Task, has_worker: bool) -> tuple[faults.Plan, Random]:
        """What befalls an attempt, and where else its chances come from."""
        with self._lock:
            random = Random(f"{self._seed}:{self._item}:{':'.join(map(str, task.id[:4]))}")
            may_fail = task.id.attempt < self._max_failures - 1
            if task.barrier is not None:  # the whole stage fails with one of its tasks
                may_fail = self._stage_faults > 0
            found = faults.plan(random, self._weather, may_fail, has_worker)
            if found.kills_parent:
                found = found._replace(kills_parent=self._parents > 0)
                self._parents -= found.kills_parent
            if found.damage and self._stage_faults == 0:
                found = found._replace(damage=None)
            costs_stage = task.barrier is not None and _may_fail(found)
            self._stage_faults -= costs_stage
            return found, random

    def damage(self, task: Task, how: str, random: Random) -> None:
        """Damage a file that the attempt may read, if there is one."""
        statuses = [status for all in task.set.map_statuses.values() for status in all]
        outputs = [status.path for status in statuses]
        blocks = [str(path) for path in sorted(self._files.rglob("rdd_*"))]
        candidates = [each for each in (outputs, [] if self._spares_blocks else blocks) if each]
        if not candidates:
            return
        path = random.choice(random.choice(candidates))
        with self._lock:
            if self._stage_faults == 0:
                return
            with suppress(OSError):  # it has just gone
                length = os.path.getsize(path)
                if length > 0:
                    self._stage_faults -= 1  # first: the attempt may be cancelled behind it
                    _damage(path, random.randrange(length), how)
                    self._injected[f"{how}: {Path(path).name.split('_')[0]}"] += 1


def _may_fail(plan: faults.Plan) -> bool:
    in_task = plan.in_task
    return (
        plan.kill_after is not None
        or plan.loses_result
        or (in_task is not None and in_task.kind != faults.DELAY)
    )


def _damage(path: str, offset: int, how: str) -> None:
    if how == "gone":
        os.unlink(path)
    elif how == "cut":
        os.truncate(path, offset)
    else:
        with open(path, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ (1 << offset % 8)]))


class ChaosRunner:
    """Runs tasks as another runner does, with faults."""

    def __init__(self, inner: Runner, chaos: Chaos) -> None:
        self._inner = inner
        self._workers = inner if isinstance(inner, ProcessRunner) else None
        self._chaos = chaos

    def run(self, task: Task) -> TaskOutcome:
        chaos = self._chaos
        plan, random = chaos.plan(task, self._workers is not None)
        if plan.damage is not None:
            chaos.damage(task, plan.damage, random)
        if plan.in_task is not None:
            task = with_fault(task, plan.in_task, chaos.notes)
        if self._workers is None:
            outcome = self._inner.run(task)
        else:
            if plan.kills_parent and _kill_parent(self._workers):
                chaos.note("parent killed")
            with _killed_after(self._workers, plan.kill_after) as killed:
                outcome = self._inner.run(task)
            if killed and outcome.failure is not None:
                chaos.note("kill from outside")
        if plan.loses_result and outcome.failure is None:
            outcome.discard()
            chaos.note("result lost")
            return TaskOutcome(failure=failure_of(InjectedError("injected loss")))
        return outcome

    def interrupt(self, thread: threading.Thread) -> None:
        self._inner.interrupt(thread)

    def stop(self) -> None:
        self._inner.stop()


def _kill_parent(workers: ProcessRunner) -> bool:
    with workers._lock:
        parent = workers._parent
    with parent._lock:
        if parent.is_lost:
            return False
        os.kill(parent._pid, signal.SIGKILL)  # nobody has waited for it yet
        return True


@contextmanager
def _killed_after(workers: ProcessRunner, seconds: float | None) -> Iterator[list[int]]:
    """Kill the worker of this thread's task after that time, if the task has not ended by then.

    Gives the process's id, once it is killed.
    """
    me = threading.current_thread()
    killed: list[int] = []

    def kill() -> None:
        # As long as the lock is held the thread does not give its worker back: another task, which
        # may have no other attempt, does not get one that is about to die.
        with workers._lock:
            worker = workers._at_work.get(me)
            if worker is not None:
                worker.send(signal.SIGKILL)
                killed.append(worker._pid)
                while is_alive(worker._pid):
                    time.sleep(0.0005)

    if seconds is None:
        yield killed
        return
    timer = threading.Timer(seconds, kill)
    timer.start()
    try:
        yield killed
    finally:
        timer.cancel()
        timer.join()


@contextmanager
def chaotic(chaos: Chaos) -> Iterator[None]:
    """Contexts that are started meanwhile have these faults."""
    make = engine._executor

    def executor(*args: Any, **kwargs: Any) -> SlotExecutor:
        made = make(*args, **kwargs)
        assert isinstance(made, SlotExecutor)
        made._runner = ChaosRunner(made._runner, chaos)
        return made

    engine._executor = executor
    try:
        yield
    finally:
        engine._executor = make
