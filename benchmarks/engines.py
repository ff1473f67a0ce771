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
from typing import Any

from benchmarks.workloads.base import Workload


@dataclass(frozen=True)
class Engine:
    """One column of the report.

    Attributes:
        name: What `--engines` and results.json call it.
        title: What the report calls it.
        optional: Left out where it is not installed, and allowed to be wrong or unable: it is
            there for orientation.
    """

    name: str
    title: str
    optional: bool = False

    def missing(self) -> str | None:
        """Why this engine cannot run here, or None."""
        return None

    def version(self) -> str | None:
        """What runs, and which one of it; None for what has no version."""
        return None

    def runs(self, workload: Workload) -> bool:
        """Whether the workload is for this engine and has a version for it."""
        raise NotImplementedError

    def script(self, workload: Workload, master: str) -> str | None:
        """The source of a workload that is a whole process; None for the others."""
        return None

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        """Seconds and result of one run, warm-up excluded."""
        raise NotImplementedError


def timed(program: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    gc.collect()
    start = perf_counter()
    result = program(*arguments)
    return perf_counter() - start, result


def version_of(package: str) -> str:
    from importlib.metadata import version  # large: not to be counted as an engine's memory

    return f"{package} {version(package)}"


def no_module(module: str) -> str | None:
    return None if importlib.util.find_spec(module) else f"no module {module}"


@dataclass(frozen=True)
class SparkEngine(Engine):
    """An engine with Spark's Python API, found in the module of that name."""

    module: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    def missing(self) -> str | None:
        return no_module(self.module)

    def version(self) -> str | None:
        return version_of(self.module)

    def runs(self, workload: Workload) -> bool:
        return workload.is_for(self.name) and (
            workload.spark is not None or workload.script is not None
        )

    def script(self, workload: Workload, master: str) -> str | None:
        if workload.script is None:
            return None
        settings = "".join(f".set({key!r}, {value!r})" for key, value in self.settings.items())
        conf = f", conf=spark.SparkConf(){settings}" if settings else ""
        return workload.script.format(module=self.module, master=master, conf=conf)

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
class PysparklingEngine(Engine):
    """pysparkling as it comes: Spark's programs, in this one process."""

    def missing(self) -> str | None:
        return no_module("pysparkling")

    def version(self) -> str | None:
        return version_of("pysparkling")

    def runs(self, workload: Workload) -> bool:
        return workload.is_for(self.name) and workload.spark is not None

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        from pysparkling import Context

        assert workload.spark is not None
        return timed(workload.spark, Context(), value)


@dataclass(frozen=True)
class DaskEngine(Engine):
    """dask.bag over two warm processes."""

    def missing(self) -> str | None:
        return no_module("dask.bag") if importlib.util.find_spec("dask") else "no module dask"

    def version(self) -> str | None:
        return version_of("dask")

    def runs(self, workload: Workload) -> bool:
        from benchmarks.workloads.on_dask import PROGRAMS

        return workload.is_for(self.name) and workload.name in PROGRAMS

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        import dask

        from benchmarks.workloads.on_dask import PROGRAMS

        with (
            ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool,
            dask.config.set(scheduler="processes", pool=pool),
        ):
            list(pool.map(abs, range(100)))
            return timed(PROGRAMS[workload.name], value)


@dataclass(frozen=True)
class LoopEngine(Engine):
    """A hand-written loop, in this one process."""

    def runs(self, workload: Workload) -> bool:
        return workload.is_for(self.name) and (
            workload.loop is not None or workload.loop_script is not None
        )

    def script(self, workload: Workload, master: str) -> str | None:
        return workload.loop_script

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        assert workload.loop is not None
        return timed(workload.loop, value)


@dataclass(frozen=True)
class TwoLoopsEngine(Engine):
    """Hand-written loops in two worker processes that wait for them."""

    def runs(self, workload: Workload) -> bool:
        return workload.is_for(self.name) and workload.loop2 is not None

    def run(self, workload: Workload, value: Any, master: str) -> tuple[float, Any]:
        import multiprocessing

        assert workload.loop2 is not None
        with multiprocessing.Pool(2) as pool:
            pool.map(abs, range(100))
            return timed(workload.loop2, value, pool)


def minispark_on(executor: str) -> SparkEngine:
    """minispark with that executor, whatever it would choose."""
    return SparkEngine(
        f"minispark-{executor}",
        f"minispark, {executor}",
        module="minispark",
        settings={"spark.minispark.executor": executor},
    )


ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        SparkEngine("minispark", "minispark", module="minispark"),
        minispark_on("threads"),
        minispark_on("processes"),
        SparkEngine("pyspark", "PySpark", module="pyspark"),
        PysparklingEngine("pysparkling", "pysparkling", optional=True),
        DaskEngine("dask", "dask.bag", optional=True),
        LoopEngine("loop", "plain loop"),
        TwoLoopsEngine("loop2", "plain loops, 2 processes"),
    )
}
