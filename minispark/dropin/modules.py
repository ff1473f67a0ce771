"""Imports of `pyspark` and `py4j`, answered with minispark's modules of those names.

For `activate`, which puts the finder in place and takes it out again. A module below `pyspark` *is*
minispark's module of that name, so that a class is one and the same under both names; `pyspark`
itself and `pyspark.version` are modules of their own, since they tell another version. Must not
know: who asked for it, and when.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from minispark.version import SPARK_VERSION

PACKAGES = ("pyspark", "py4j")
"""What is answered, with all that is below it."""

_OWN = frozenset({"cli", "conform", "dropin", "engine", "io", "launcher", "pytest_plugin", "ui"})
"""Modules of minispark that mean nothing to a program for PySpark."""

_DATAFRAMES = "has of DataFrames only what an RDD program needs"
_WHY = {
    "ml": "machine learning on DataFrames runs in Spark's JVM",
    "mllib": "its algorithms run in Spark's JVM",
    "pandas": _DATAFRAMES,
    "pipelines": _DATAFRAMES,
    "sql": _DATAFRAMES,
    "streaming": "streams run in Spark's JVM",
    "java_gateway": "runs without a JVM",
    "py4j": "runs without a JVM; of py4j there are the exceptions, in py4j.protocol",
}


def is_in_place(name: str) -> bool:
    """Whether a module of this name is answered here.

    >>> is_in_place("pyspark.rdd"), is_in_place("pysparkling")
    (True, False)
    """
    return name.partition(".")[0] in PACKAGES


class InPlaceOfPySpark(MetaPathFinder, Loader):
    """Finds and loads what is imported as `pyspark` or `py4j`.

    What minispark does not have raises ModuleNotFoundError, also where the real package is
    installed: half of one and half of the other would not be an answer.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module, None for one that is not answered here."""
        if not is_in_place(name):
            return None
        package, _, below = name.partition(".")
        own = _own_name(name)
        found = None if below.partition(".")[0] in _OWN else _spec_of(own)
        if found is None:
            part = package if package == "py4j" else below.partition(".")[0]
            why = _WHY.get(part, "PySpark has it for its own use, or not at all")
            raise ModuleNotFoundError(
                f"No module named {name!r}: minispark stands in for PySpark here, and {why}. "
                "With PySpark and Java installed, `minispark-submit --engine pyspark program.py` "
                "runs the program there, and `pytest --spark-engine pyspark` tests",
                name=name,
            )
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(name, self, origin=own, loader_state=own, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        """Put minispark's module in the place of the new one."""
        assert module.__spec__ is not None
        name = module.__spec__.name
        own = _imported(module.__spec__.loader_state)
        if name == "pyspark":
            _resemble(module, own)
        elif name == "pyspark.version":
            module.__version__ = SPARK_VERSION  # type: ignore[attr-defined]
        else:
            # The import system hands out what stands here: one module under two names.
            sys.modules[name] = own


def _imported(name: str) -> ModuleType:
    """A module of minispark, imported after the packages that it is in.

    An import of `a.b` takes the lock of `a.b` and then imports `a`. If `a` imports `a.b`, another
    thread that imports `a` meanwhile has the locks the other way round.
    """
    package, *parts = name.split(".")
    module = importlib.import_module(package)
    for part in parts:
        package += "." + part
        module = importlib.import_module(package)
    return module


def _own_name(name: str) -> str:
    package, dot, below = name.partition(".")
    return (__package__ + ".py4j" if package == "py4j" else "minispark") + dot + below


def _spec_of(name: str) -> ModuleSpec | None:
    """The spec of a module of minispark, found without an import of the packages above it.

    Up to Python 3.11 a finder is asked under the lock of all imports: if it waited for a module
    that another thread is importing, the two would wait for each other.
    """
    package, *parts = name.split(".")
    found = sys.modules[package].__spec__
    for part in parts:
        if found is None or found.submodule_search_locations is None:
            return None
        package += "." + part
        found = PathFinder.find_spec(package, found.submodule_search_locations)
    return found


def _resemble(module: ModuleType, own: ModuleType) -> None:
    """Make `module` the `pyspark` that programs see: minispark, but for the version."""

    def ask(name: str) -> Any:
        # `from pyspark import ml` asks here, then the finder, and would not show its answer.
        if name in _WHY and sys._getframe(1).f_code.co_name == "_handle_fromlist":
            return importlib.import_module(f"pyspark.{name}")
        try:
            found = getattr(own, name)
            if isinstance(found, ModuleType):
                return importlib.import_module(f"pyspark.{name}")
            return found
        except (AttributeError, ModuleNotFoundError):
            raise AttributeError(f"module 'pyspark' has no attribute {name!r}") from None

    module.__doc__ = own.__doc__
    module.__file__ = own.__file__
    module.__dict__.update({name: getattr(own, name) for name in own.__all__})
    module.__version__ = SPARK_VERSION  # type: ignore[attr-defined]
    module.__all__ = own.__all__  # type: ignore[attr-defined]
    module.__getattr__ = ask  # type: ignore[method-assign]
