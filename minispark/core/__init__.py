"""The RDD side of the API: contexts, RDDs, broadcast variables.

The facade over :mod:`minispark.engine`; what a program imports from ``pyspark.core``.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """``rdd`` comes with ``context``, as in PySpark, but later: see `ContextBase`."""
    if name == "rdd":
        import minispark.core.rdd

        return minispark.core.rdd
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
