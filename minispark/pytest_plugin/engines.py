"""Which engine the tests are to run on, and whether it is there.

For the plugin's other modules. Must not know: fixtures, and how two engines are run side by side.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import pytest

MINISPARK, PYSPARK, BOTH = CHOICES = ("minispark", "pyspark", "both")
NEEDS_JVM = "needs_jvm"

ENGINE = pytest.StashKey[str | None]()
"""In the config: the engine that was asked for; None if none was."""

VARIANT = "_spark_engine"
"""The parameter by which a test that runs on both engines is told apart."""


def asked_for(config: pytest.Config) -> str | None:
    """The engine that the command line names, or else the settings; None for none."""
    given: str | None = getattr(config.known_args_namespace, "spark_engine", None)
    named = given or config.getini("spark_engine") or None
    if named is not None and named not in CHOICES:
        raise pytest.UsageError(
            f"spark_engine = {named!r} in the settings of pytest: it is one of {', '.join(CHOICES)}"
        )
    return named


def prepare(engine: str | None, config: pytest.Config) -> None:
    """Make `import pyspark` mean that engine here; refuse one that is not there."""
    if engine in (PYSPARK, BOTH):
        _look_for_pyspark(engine)
    if engine == PYSPARK:
        _leave_to_pyspark(config)
    if engine in (MINISPARK, BOTH):
        import minispark

        minispark.activate()


def package(config: pytest.Config) -> str:
    """The package whose SparkContext the fixtures give."""
    return MINISPARK if config.stash[ENGINE] is None else PYSPARK


def variant(item: pytest.Item | None) -> str | None:
    """The engine of a test that runs on both; None for any other."""
    callspec = getattr(item, "callspec", None)
    return None if callspec is None else callspec.params.get(VARIANT)


def runs_on_minispark(item: pytest.Item) -> bool:
    """Whether what the test calls PySpark is minispark.

    With no engine asked for, that is so where it takes one of the plugin's own fixtures.
    """
    engine = item.config.stash[ENGINE]
    if engine is not None:
        return (variant(item) or engine) != PYSPARK
    info = getattr(item, "_fixtureinfo", None)
    defined = info.name2fixturedefs if info else {}
    return any(
        defined[name][-1].func.__module__ == f"{__package__}.fixtures"
        for name in ("sc", "spark")
        if name in defined
    )


def header(engine: str | None) -> str | None:
    """The line for the head of pytest's report."""
    if engine is None:
        return None
    used = []
    if engine in (MINISPARK, BOTH):
        from minispark.version import SPARK_VERSION, __version__

        used.append(f"minispark {__version__} (in place of PySpark {SPARK_VERSION})")
    if engine in (PYSPARK, BOTH):
        used.append(f"PySpark {_version_of_pyspark()}")
    return "spark engine: " + " and ".join(used)


def _real() -> ModuleSpec | None:
    """The installed PySpark, also where minispark stands in for it."""
    found = PathFinder.find_spec(PYSPARK, sys.path)
    return found if found is not None and found.origin else None


def _look_for_pyspark(engine: str) -> None:
    asked = f"the Spark engine {engine!r} was asked for"
    if _real() is None:
        raise pytest.UsageError(
            f"{asked}, and PySpark is not installed here: `pip install pyspark`, or use "
            "--spark-engine minispark"
        )
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else "java"
    if shutil.which(java) is None:
        where = f"in JAVA_HOME ({home})" if home else "on PATH, and JAVA_HOME is not set"
        raise pytest.UsageError(
            f"{asked}, and PySpark needs Java: there is no {java} {where}. Install it, or use "
            "--spark-engine minispark"
        )


def _leave_to_pyspark(config: pytest.Config) -> None:
    from minispark.dropin import is_active

    if is_active():
        raise pytest.UsageError(
            "the Spark engine 'pyspark' was asked for, and minispark.activate() was called "
            "before: `import pyspark` gives minispark in this process"
        )
    # Spark's own choice is the `python3` of PATH, which need not be the one that runs the tests.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # pytest sets this path in its own process, and tasks import the same modules in others.
    found = [*map(str, config.getini("pythonpath")), *_split(os.environ.get("PYTHONPATH", ""))]
    if found:
        os.environ["PYTHONPATH"] = os.pathsep.join(found)


def _split(path: str) -> list[str]:
    return path.split(os.pathsep) if path else []


def _version_of_pyspark() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PYSPARK)
    except PackageNotFoundError:
        found = _real()
        return f"of {found.origin}" if found else "(not there)"
