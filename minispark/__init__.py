"""minispark: Spark's RDD API in plain Python.

The same programs, the same answers, no JVM: ``from minispark import SparkContext`` here,
``from pyspark import SparkContext`` there.

    core, and one module for each that a program imports from ``pyspark``   the API
    engine                                                                  how a job runs
    io                                                                      files in and out
"""

import importlib
from typing import TYPE_CHECKING, Any

from minispark.version import __version__

if TYPE_CHECKING:
    from minispark import broadcast, cloudpickle, context, rdd, sql  # noqa: F401
    from minispark._api import *  # noqa: F403
    from minispark.sql import Row as Row

__all__ = [
    "RDD",
    "Accumulator",
    "AccumulatorParam",
    "BarrierTaskContext",
    "BarrierTaskInfo",
    "BasicProfiler",
    "Broadcast",
    "CPickleSerializer",
    "InheritableThread",
    "MarshalSerializer",
    "Profiler",
    "RDDBarrier",
    "SparkConf",
    "SparkContext",
    "SparkExecutorInfo",
    "SparkFiles",
    "SparkJobInfo",
    "SparkStageInfo",
    "StatusTracker",
    "StorageLevel",
    "TaskContext",
    "__version__",
    "inheritable_thread_target",
]


_MODULES = frozenset({"broadcast", "cloudpickle", "context", "rdd", "sql"})
"""Modules that come with an import of PySpark, and that nothing here needs before it is asked."""
_OF_SQL = frozenset({"HiveContext", "Row", "SQLContext"})
"""Names that PySpark has at the top too, and not in its `__all__`."""


def _ask(name: str) -> Any:
    """The API is imported when it is first asked for: commands start without it, to be quick."""
    if "SparkContext" not in globals():
        api = importlib.import_module("minispark._api")
        globals().update({shared: getattr(api, shared) for shared in api.__all__})
    if name in globals():  # one of them, or a module that came with them
        return globals()[name]
    if name in _MODULES:
        return importlib.import_module(f"minispark.{name}")
    if name in _OF_SQL:
        return getattr(importlib.import_module("minispark.sql"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if not TYPE_CHECKING:  # type checkers would take any name for one of these
    __getattr__ = _ask


def __dir__() -> list[str]:
    """All names, whether or not the API is imported."""
    return sorted({*globals(), *importlib.import_module("minispark._api").__all__})
