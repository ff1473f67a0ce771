"""`python -m benchmarks.soak --minutes 60`: does anything grow, when a context is used for long?

Eight threads submit jobs of all kinds to one context (see `soak_jobs`), each of which checks its
answer. A hundred times in a long run all threads wait for each other, so that no job runs, and
what there is then is noted: memory of the process tree, its processes, descriptors and threads, and
the files in the context's directory.

The first fifth is warming up. What comes after it is judged. Of memory, the ends of a straight line
through all samples (least squares): from one to the next it differs by a few MiB, by how many tasks
each worker has run since the last one that failed. It may be 5% more. Of the others the median of
the last tenth of the run, and that of the tenth that follows the warming up: it may not be more.
Exit status: 0 nothing has grown, 1 something has, or a job went wrong.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import threading
import traceback
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from statistics import linear_regression, median
from time import monotonic, sleep

import psutil

from benchmarks.limits import Limit
from benchmarks.memory import own_bytes
from benchmarks.soak_jobs import JOBS
from minispark import SparkConf, SparkContext

SAMPLES, FEWEST = 100, 20
SECONDS_BETWEEN = 1.0
"""At least, as long as there are not fewer samples than that."""

WARM_UP, WINDOW = 0.2, 0.1
"""Of all samples."""
LEAST_WINDOW = 5
"""Samples: a worker may just be replaced in one or two of them."""

GROWTH = 0.05
"""So much more memory is none."""

SECONDS_TO_SETTLE = 5.0
"""How long cancelled tasks may take to end before a sample is taken."""


@dataclass(frozen=True)
class Sample:
    """What there is while no job runs."""

    seconds: float
    jobs: int
    mebibytes: float
    processes: int
    descriptors: int
    threads: int
    files: int

    def line(self) -> str:
        return (
            f"{self.seconds:8.0f} s {self.jobs:8} jobs {self.mebibytes:8.1f} MiB "
            f"{self.processes:4} processes {self.descriptors:5} descriptors "
            f"{self.threads:4} threads {self.files:5} files"
        )


def sample(seconds: float, jobs: int, directory: Path) -> Sample:
    """What this process and those that it has started have now."""
    me = psutil.Process()
    _wait_for_ends(me)
    bytes_, processes, descriptors, threads = 0, 0, 0, 0
    for process in [me, *me.children(recursive=True)]:
        try:
            bytes_ += own_bytes(process)
            descriptors += process.num_fds()
            threads += process.num_threads()
            processes += 1
        except psutil.NoSuchProcess:
            continue
    files = sum(path.is_file() for path in directory.rglob("*"))
    return Sample(seconds, jobs, bytes_ / 2**20, processes, descriptors, threads, files)


def _wait_for_ends(me: psutil.Process) -> None:
    """A worker in which a task has failed is ended meanwhile: give that a moment."""
    known = -1
    for _ in range(40):
        children = me.children(recursive=True)
        if len(children) == known:
            return
        known = len(children)
        sleep(0.1)


def judge(samples: list[Sample], growth: float = GROWTH) -> list[Limit]:
    """What has grown, and what has not."""
    limits = []
    window = max(LEAST_WINDOW, round(WINDOW * len(samples)))
    start = round(WARM_UP * len(samples))
    for field in fields(Sample)[2:]:
        values = [getattr(each, field.name) for each in samples[start:]]
        if field.name == "mebibytes":
            slope, before = linear_regression(range(len(values)), values)
            after = before + slope * (len(values) - 1)
            bound = before * (1 + growth)
        else:
            before, after = median(values[:window]), median(values[-window:])
            bound = before
        text = f"{before:.1f}, then {after:.1f}"
        limits.append(Limit("soak", field.name, text, f"at most {bound:.1f}", after <= bound))
    return limits


class Gate:
    """Where threads wait while it is closed."""

    def __init__(self, threads: int) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._is_open = True
        self._at_work = threads

    def wait(self) -> None:
        with self._changed:
            self._at_work -= 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_open)
            self._at_work += 1

    def leave(self) -> None:
        with self._changed:
            self._at_work -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Returns when all threads wait."""
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: self._at_work == 0)

    def open(self) -> None:
        with self._changed:
            self._is_open = True
            self._changed.notify_all()


class Soak:
    """The threads that submit jobs."""

    def __init__(self, sc: SparkContext, directory: Path, threads: int, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []
        self._sc = sc
        self._directory = directory
        self._lock = threading.Lock()  # guards the two above
        self._is_over = False
        self._gate = Gate(threads)
        self._threads = [
            threading.Thread(target=self._submit, args=(Random(f"{seed}:{number}"),))
            for number in range(threads)
        ]

    def _submit(self, random: Random) -> None:
        while not self._is_over:
            job = random.choice(JOBS)
            try:
                job(self._sc, random, self._directory)
            except Exception:
                with self._lock:
                    self.errors.append(f"{job.__name__}: {traceback.format_exc()}")
            with self._lock:
                self.done[job.__name__] += 1
            self._gate.wait()
        self._gate.leave()

    def run(self, seconds: float, local: Path) -> list[Sample]:
        """Have jobs run for so long; what was noted."""
        samples: list[Sample] = []
        count = max(FEWEST, min(SAMPLES, int(seconds / SECONDS_BETWEEN)))
        started = monotonic()
        for thread in self._threads:
            thread.start()
        while len(samples) < count:
            threading.Event().wait(seconds / count)
            self._gate.close()
            samples.append(self._settled(monotonic() - started, local))
            if len(samples) % (count // FEWEST) == 0:
                print(samples[-1].line(), flush=True)
            self._is_over = len(samples) == count
            self._gate.open()
        for thread in self._threads:
            thread.join()
        return samples

    def _settled(self, seconds: float, local: Path) -> Sample:
        gc.collect()
        # A job that uses all slots at once, so that each has its thread or process; and what nobody
        # has any more goes with the next job.
        slots = self._sc.defaultParallelism
        self._sc.parallelize(range(slots), slots).barrier().mapPartitions(iter).count()
        deadline = monotonic() + SECONDS_TO_SETTLE
        while self._given_up() and monotonic() < deadline:
            threading.Event().wait(0.01)
        return sample(seconds, self.done.total(), local)

    def _given_up(self) -> bool:
        """Whether threads of cancelled tasks live yet."""
        slots = sum(thread.name == "minispark-slot" for thread in threading.enumerate())
        return slots > self._sc.defaultParallelism


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Many jobs of all kinds on one context: does anything grow?",
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--threads", type=int, default=8, help="that submit jobs (8)")
    parser.add_argument("--master", default="local[4]", help="default local[4]")
    parser.add_argument("--executor", default="auto", help="threads or processes (auto)")
    parser.add_argument("--seed", type=int, default=1, help="which jobs (1)")
    parser.add_argument("--growth", type=float, default=GROWTH, help="of memory (0.05)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        local, directory = Path(name, "local"), Path(name, "files")
        directory.mkdir()
        conf = SparkConf().setMaster(options.master).setAppName("soak")
        conf.set("spark.local.dir", str(local)).set("spark.minispark.executor", options.executor)
        # Kept for the status tracker: full soon, so that it is when the warming up ends.
        conf.set("spark.ui.retainedJobs", "100").set("spark.ui.retainedStages", "100")
        with SparkContext(conf=conf) as sc:
            sc.setCheckpointDir(str(directory / "checkpoints"))
            soak = Soak(sc, directory, options.threads, options.seed)
            samples = soak.run(options.minutes * 60, local)
    print(", ".join(f"{name}: {count}" for name, count in soak.done.most_common()))
    for error in soak.errors[:5]:
        print(error, file=sys.stderr)
    limits = judge(samples, options.growth)
    for limit in limits:
        print(limit.line())
    print(f"{soak.done.total()} jobs, {len(soak.errors)} went wrong")
    return 0 if all(limit.met for limit in limits) and not soak.errors else 1


if __name__ == "__main__":
    sys.exit(main())
