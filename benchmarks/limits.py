"""The limits that the project sets itself, and which of them a run meets. Pure.

They hold for the default executor and `local[2]` on two cores, but for those of one executor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.growth import FLAT, Growth
from benchmarks.report import ratio_text, time_text
from benchmarks.results import LOOPS, Run

OVER_BEST_LOOP = {
    "narrow_chain": 1.25,
    "wordcount": 1.25,
    "wordcount_gzip": 1.25,
    "k_means": 1.25,
    "group": 1.5,
    "reduce_few": 1.5,
    "reduce_many": 1.5,
    "distinct": 1.5,
    "sort": 1.5,
    "join": 3.0,
    "page_rank": 3.0,
}
GEOMETRIC_MEAN = 4.0
TWO_SLOTS = 0.6  # of the time with one
START_SECONDS = 0.3
JOBS_OVER_PYSPARK = 20.0
TASKS_OVER_PYSPARK = 4.0
TASK_SECONDS = {"minispark-processes": 1e-3, "minispark-threads": 0.3e-3}
LONG_ENOUGH = 1.0  # seconds, on another engine or by hand: less tells little of an engine


@dataclass(frozen=True)
class Limit:
    """One limit, what was measured, and whether that is within it; None: not measured."""

    group: str
    about: str
    measured: str
    bound: str
    met: bool | None

    def line(self) -> str:
        word = {True: "met", False: "NOT MET", None: "unknown"}[self.met]
        return f"{word:8}{self.group:15}{self.about}: {self.measured} ({self.bound})"


def at_most(
    group: str,
    about: str,
    found: float | None,
    bound: float,
    text: Callable[[float | None], str] = ratio_text,
) -> Limit:
    met = None if found is None else found <= bound
    return Limit(group, about, text(found), f"at most {text(bound)}", met)


def at_least(group: str, about: str, found: float | None, bound: float) -> Limit:
    met = None if found is None else found >= bound
    return Limit(group, about, ratio_text(found), f"at least {ratio_text(bound)}", met)


def judge(run: Run, growth: list[Growth]) -> list[Limit]:
    """Every limit, in the order of their groups."""
    return [
        *pyspark(run),
        *others(run),
        *loops(run),
        *cores(run),
        *latency(run),
        *by_size(growth),
        *tasks(run),
    ]


def pyspark(run: Run) -> Iterator[Limit]:
    """At least as fast as PySpark, several times on average, and not larger."""
    mean = run.geometric_mean("pyspark", "minispark")
    yield at_least("PySpark", "geometric mean over minispark", mean, GEOMETRIC_MEAN)
    for workload, by_engine in run.series.items():
        if "pyspark" in by_engine:
            times = run.ratio(workload, "pyspark", "minispark")
            yield at_least("PySpark", f"{workload}, over minispark", times, 1)
    for workload, by_engine in run.series.items():
        if "pyspark" in by_engine:
            memory = run.memory_ratio(workload, "minispark", "pyspark")
            yield at_most("memory", f"{workload}, minispark over PySpark", memory, 1)


def others(run: Run) -> Iterator[Limit]:
    """At least as fast as the other engines where they are right and the work is long enough."""
    for workload in run.series:
        loop = min(
            (s for name in LOOPS if (s := run.median_seconds(workload, name)) is not None),
            default=0.0,
        )
        for engine in run.optional:
            seconds = run.median_seconds(workload, engine)
            if seconds is None or run.wrong(workload, engine):
                continue
            if max(seconds, loop) >= LONG_ENOUGH:
                ratio = run.ratio(workload, engine, "minispark")
                yield at_least(run.engines[engine], f"{workload}, over minispark", ratio, 1)


def loops(run: Run) -> Iterator[Limit]:
    """Not much slower than hand-written loops."""
    for workload, bound in OVER_BEST_LOOP.items():
        ratio = run.over_best_loop(workload, "minispark")
        yield at_most("loops", f"{workload}, minispark over the faster loop", ratio, bound)


def cores(run: Run) -> Iterator[Limit]:
    two = run.median_seconds("monte_carlo", "minispark")
    one = run.median_seconds("monte_carlo_one_slot", "minispark")
    ratio = two / one if two is not None and one else None
    yield at_most("cores", "Monte Carlo with two slots over one", ratio, TWO_SLOTS)


def latency(run: Run) -> Iterator[Limit]:
    """Start-up and small jobs."""
    start = run.median_seconds("start", "minispark")
    yield at_most("latency", "start, one job, exit", start, START_SECONDS, time_text)
    for workload, bound in (
        ("tiny_jobs", JOBS_OVER_PYSPARK),
        ("tiny_tasks", TASKS_OVER_PYSPARK),
        ("shuffle_200x200", TASKS_OVER_PYSPARK),
    ):
        ratio = run.ratio(workload, "pyspark", "minispark")
        yield at_least("latency", f"{workload}, PySpark over minispark", ratio, bound)


def by_size(growth: list[Growth]) -> Iterator[Limit]:
    """Time grows with the records at most as it must, memory does not."""
    for workload in ("wordcount", "sort"):
        found = next((g for g in growth if (g.workload, g.engine) == (workload, "minispark")), None)
        if found is None:
            yield Limit("size", f"{workload} by size", "-", "measured by benchmarks.scaling", None)
            continue
        about = f"{workload}, {found.sizes_text()}"
        yield at_most("size", f"{about}, time", found.time_factor(), found.time_bound())
        yield at_most("size", f"{about}, memory", found.memory_factor(), FLAT)


def tasks(run: Run) -> Iterator[Limit]:
    for engine, bound in TASK_SECONDS.items():
        seconds = run.median_seconds("tiny_tasks_10000", engine)
        each = None if seconds is None else seconds / run.environment["sizes"]["tiny_tasks_10000"]
        yield at_most("tasks", f"one of 10,000 tiny tasks, {engine}", each, bound, time_text)
