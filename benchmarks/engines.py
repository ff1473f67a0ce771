"""What workloads run on. Each engine can say whether it runs a workload, and run it timed.

Timing is inside the process: a context, its warm-up and a pool are there before the clock starts.
A workload that is a whole process (`Workload.script`) is timed from outside, by measure.py.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import add
from time import perf_counter
from typing import Any, Protocol

from benchmarks.workloads.base import Workload


class Engine(Protocol):
    """One column of the table."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    def missing(self) -> str | None:
        """Why this engine cannot run here, or None."""

    def version(self) -> str:
        """What runs, and which one of it."""

    def runs(self, workload: Workload) -> bool:
        """Whether the workload has a version for this engine."""

    def script(self, workload: Workload, master: str) -> str | None:
        """The source of a workload that is a whole process; None for the others."""

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        """Seconds and result of one run, warm-up excluded."""


def timed(program: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    gc.collect()
    start = perf_counter()
    result = program(*arguments)
    return perf_counter() - start, result


@dataclass(frozen=True)
class SparkEngine:
    """An engine with Spark's Python API, found in the module of that name."""

    name: str
    title: str
    module: str
    settings: dict[str, str] = field(default_factory=dict)

    def missing(self) -> str | None:
        if importlib.util.find_spec(self.module) is None:
            return f"no module {self.module}"
        return None

    def version(self) -> str:
        from importlib.metadata import version  # large: not to be counted as an engine's memory

        return f"{self.title} {version(self.module)}"

    def runs(self, workload: Workload) -> bool:
        return workload.spark is not None or workload.script is not None

    def script(self, workload: Workload, master: str) -> str | None:
        if workload.script is None:
            return None
        return workload.script.format(module=self.module, master=master)

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        assert workload.spark is not None
        spark = importlib.import_module(self.module)
        conf = spark.SparkConf().setMaster(master).setAppName(workload.name)
        # Neither costs anything that a workload is about.
        conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
        for key, setting in self.settings.items():
            conf.set(key, setting)
        sc = spark.SparkContext(conf=conf)
        try:
            sc.setLogLevel("ERROR")
            for _ in range(10):
                pairs = sc.parallelize(range(1_000), 4).map(lambda x: (x % 10, x))
                pairs.reduceByKey(add).collect()
            return timed(workload.spark, sc, value)
        finally:
            sc.stop()


@dataclass(frozen=True)
class LoopEngine:
    """A hand-written loop, in this one process."""

    name: str
    title: str

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return self.title

    def runs(self, workload: Workload) -> bool:
        return workload.loop is not None or workload.loop_script is not None

    def script(self, workload: Workload, master: str) -> str | None:
        return workload.loop_script

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        assert workload.loop is not None
        return timed(workload.loop, value)


@dataclass(frozen=True)
class TwoLoopsEngine:
    """Hand-written loops in two worker processes that wait for them."""

    name: str
    title: str

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return self.title

    def runs(self, workload: Workload) -> bool:
        return workload.loop2 is not None

    def script(self, workload: Workload, master: str) -> str | None:
        return None

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        import multiprocessing

        assert workload.loop2 is not None
        with multiprocessing.Pool(2) as pool:
            pool.map(abs, range(100))
            return timed(workload.loop2, value, pool)


ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        SparkEngine("minispark", "minispark", "minispark"),
        SparkEngine("pyspark", "PySpark", "pyspark"),
        LoopEngine("loop", "plain loop"),
        TwoLoopsEngine("loop2", "plain loops, 2 processes"),
    )
}
