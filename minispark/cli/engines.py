"""The other engine: a line is handed to the command of the real PySpark.

Must not know: what is in the line.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from typing import NoReturn

from minispark.dropin import STANDIN
from minispark.launcher.options import LineError, take_option

ENGINES = ("minispark", "pyspark")


def stay_here(command: str, words: Sequence[str]) -> list[str]:
    """The words of a line without --engine; if it says pyspark, become that ``command``.

    Raises LineError for an engine that does not exist, or is not there.
    """
    engine, words = take_option("--engine", words)
    if engine == "pyspark":
        run_on_pyspark(command, words)
    if engine not in (None, *ENGINES):
        raise LineError(f"--engine is {' or '.join(ENGINES)}, not {engine!r}")
    return words


def run_on_pyspark(command: str, words: Sequence[str]) -> NoReturn:
    """Become PySpark's ``command``, with this Python for driver and workers.

    Raises LineError if PySpark or Java are not there.
    """
    path = os.path.join(spark_home(), "bin", command)
    if not os.access(path, os.X_OK):
        raise LineError(f"--engine pyspark: there is no command {path}")
    if not _java_is_there():
        raise LineError(
            "--engine pyspark needs Java, and none was found: install Java 17 or later, and have "
            "it on the PATH, or name its directory in the variable JAVA_HOME"
        )
    environment = dict(os.environ)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    if STANDIN in paths:  # the command is given in a program that minispark-submit runs
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path != STANDIN)
    for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
        environment.setdefault(name, sys.executable)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(path, [path, *words], environment)


def spark_home() -> str:
    """The directory of Spark: what SPARK_HOME says, or else of the installed package.

    Raises LineError if there is neither.
    """
    if os.environ.get("SPARK_HOME"):
        return os.environ["SPARK_HOME"]
    found = PathFinder.find_spec("pyspark", [path for path in sys.path if path != STANDIN])
    if found is None or not found.submodule_search_locations:
        raise LineError(
            "--engine pyspark needs PySpark, and it is not installed in this Python: "
            "pip install pyspark, or name the directory of a Spark in the variable SPARK_HOME"
        )
    return str(next(iter(found.submodule_search_locations)))


def _java_is_there() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which(os.path.join(home, "bin", "java") if home else "java"))
