"""With which settings a program starts: the command line, the environment, and files of settings.

For the context, which takes them in when the first one of a process is made, and for the commands
(`minispark.cli`). As in Spark's launcher. Must not know: what any setting does.

    options      the options of spark-submit, read from a line
    settings     what a line, the environment and the files say together
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from minispark.io import home

_lock = threading.Lock()
_given: Mapping[str, str] | None = None
_is_taken_in = False


def begin_with(settings: Mapping[str, str]) -> None:
    """Have these settings taken in, instead of those of the environment."""
    global _given
    home.settle()
    _given = settings


def take_in() -> None:
    """Make the settings with which the program starts known to SparkConfs; once a process. Its home
    is settled, too.

    They are what `begin_with` was given, or else what the variable PYSPARK_SUBMIT_ARGS and the
    file ``spark-defaults.conf`` say. As in Spark, a SparkConf made earlier does not have them.

    Raises PySparkRuntimeError if PYSPARK_SUBMIT_ARGS says something that spark-submit refuses.
    """
    from minispark.conf import SYSTEM_PROPERTIES  # here, since commands need not wait for it

    global _is_taken_in
    with _lock:
        home.settle()
        if not _is_taken_in:
            SYSTEM_PROPERTIES.update(_of_the_environment() if _given is None else _given)
            _is_taken_in = True


def defaults_file(environment: Mapping[str, str] = os.environ) -> str | None:
    """Where ``spark-defaults.conf`` is: in SPARK_CONF_DIR, else in SPARK_HOME's ``conf``."""
    folder = environment.get("SPARK_CONF_DIR")
    if not folder and environment.get("SPARK_HOME"):
        folder = os.path.join(environment["SPARK_HOME"], "conf")
    path = os.path.join(folder, "spark-defaults.conf") if folder else None
    return path if path and os.path.isfile(path) else None


def _of_the_environment() -> dict[str, str]:
    names = {"PYSPARK_SUBMIT_ARGS", "MASTER", "SPARK_DRIVER_MEMORY"}
    if names.isdisjoint(os.environ) and defaults_file() is None:
        return {}  # most programs: nothing to be imported, nothing to be read
    from minispark.launcher.settings import settings_of_environment

    return settings_of_environment(os.environ)
