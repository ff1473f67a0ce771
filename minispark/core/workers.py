"""Where tasks run: on threads of this process, or in worker processes."""

from __future__ import annotations

import os
import sys
from typing import Literal

from minispark.conf import SparkConf
from minispark.core.settings import boolean
from minispark.engine.executors.base import Workers
from minispark.engine.sharing import share
from minispark.errors import SparkException
from minispark.io import home
from minispark.io.filesystem import memory_is_elsewhere

EXECUTOR = "spark.minispark.executor"
REUSE = "spark.python.worker.reuse"

MODULES = (
    "minispark.core.tasks.elements",
    "minispark.core.tasks.numbers",
    "minispark.core.tasks.actions",
    "minispark.core.files",
    "minispark.core.tasks.pairs",
    "minispark.core.broadcast",
    "minispark.io.text",
    "minispark.core.context",
)
"""What tasks may refer to, what most need first."""


share(lambda: memory_is_elsewhere if "fsspec" in sys.modules else None)


def workers_for(
    settings: SparkConf, environment: dict[str, str], slots: int, are_wanted: bool
) -> Workers | None:
    """How the worker processes are made that run tasks; None: they run on threads.

    ``are_wanted`` is for masters whose tasks cannot run on threads. Raises SparkException if a
    setting is not understood, or if there is no program to start.
    """
    reused = are_reused(settings)
    wanted = settings.get(EXECUTOR, None) or "auto"
    if executor_for(wanted, slots, are_wanted, is_profiled(settings)) == "threads":
        return None
    _check_program()
    return Workers({**_own_environment(), **environment}, _directory(), MODULES, reused)


def _own_environment() -> dict[str, str]:
    """This process's environment, without what its Python was told to ignore (-E, -I)."""
    ignored = "PYTHON" if sys.flags.ignore_environment else ()
    return {name: value for name, value in os.environ.items() if not name.startswith(ignored)}


def _directory() -> str | None:
    try:
        return home.directory()
    except OSError:  # somebody has removed it
        return None


def are_reused(settings: SparkConf) -> bool:
    """Whether a worker runs more than one task. Raises SparkException if it is not told clearly."""
    return boolean(settings, REUSE, True)


def _check_program() -> None:
    """Raise SparkException if ``sys.executable``, which workers are started with, is no program."""
    program = sys.executable
    if not (os.path.isfile(program) and os.access(program, os.X_OK)):
        raise SparkException(
            f"Worker processes are started with sys.executable, and {program!r} is no program: "
            "set sys.executable to a Python that has minispark, or use a master local[N] with "
            f"{EXECUTOR}=threads"
        )


def is_profiled(settings: SparkConf) -> bool:
    """Whether tasks run under a profiler."""
    names = ("spark.python.profile", "spark.python.profile.memory")
    return any(settings.get(name, None) == "true" for name in names)


def executor_for(
    wanted: str, slots: int, are_wanted: bool, are_profiled: bool = False
) -> Literal["threads", "processes"]:
    """What ``spark.minispark.executor`` means for so many slots.

    ``auto``: threads where they use all slots, which is with one slot, or in a Python without the
    global interpreter lock; else processes. With one slot debuggers and mocks work in tasks.
    Without the lock tasks under a profiler have processes: cProfile of Python 3.13 and 3.14 hangs
    or crashes there when other threads run beside it (CPython's issue 125165).
    """
    # Python inside another program, as in a web server, may have no program of its own to start.
    can_fork = hasattr(os, "fork") and hasattr(os, "posix_spawn") and bool(sys.executable)
    has_lock = getattr(sys, "_is_gil_enabled", bool)() if sys.version_info >= (3, 13) else True
    match wanted:
        case "auto" if are_wanted and can_fork:
            return "processes"
        case "auto" if not are_wanted:
            is_better = slots > 1 if has_lock else are_profiled
            return "processes" if is_better and can_fork else "threads"
        case "threads" if are_profiled and not has_lock:
            raise SparkException(
                f"{EXECUTOR}=threads: without the global interpreter lock no profiler can run "
                "beside other threads; leave the setting out, and tasks have worker processes"
            )
        case "threads" if not are_wanted:
            return "threads"
        case "processes" if can_fork:
            return "processes"
        case "auto" | "processes":
            raise SparkException(
                f"{EXECUTOR}={wanted}: worker processes need a system that can fork, and "
                "sys.executable; use a master local[N], whose tasks run on threads here"
            )
        case "threads":
            raise SparkException(
                f"{EXECUTOR}=threads: the tasks of a local-cluster run in worker processes; use "
                "local[N] for threads"
            )
        case _:
            raise SparkException(f"{EXECUTOR} is auto, threads or processes, not {wanted!r}")
