"""What the settings say of processors: how many a task has, and so how many tasks run at once."""

from __future__ import annotations

import re
from decimal import Decimal

from minispark.conf import SparkConf
from minispark.core.master import Master
from minispark.core.settings import wrong_type, wrong_value
from minispark.errors import SparkException

TASK_CPUS = "spark.task.cpus"

_LEAST, _MOST, _PLACES = Decimal("1e-9"), Decimal((1 << 31) - 1), 9


def task_cpus(settings: SparkConf) -> Decimal:
    """How many processors each task has, which may be a part of one.

    Raises SparkException for what is no such number.
    """
    text = settings.get(TASK_CPUS, "1")
    if re.fullmatch(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?\s*", text, re.I) is None:
        raise wrong_type(TASK_CPUS, text, "decimal")
    cpus = Decimal(text)
    problem = None
    if not _LEAST <= cpus <= _MOST:
        problem = "must be a positive value between 1E-9 and 2147483647 (inclusive)"
    elif cpus != round(cpus, _PLACES):
        problem = f"supports at most {_PLACES} decimal places"
    if problem is not None:
        rule = f"Number of cores to allocate for each task {problem}."
        raise wrong_value(TASK_CPUS, text.strip(), rule)
    return cpus.normalize()


def task_slots(master: Master, cpus: Decimal) -> int:
    """How many tasks run at once, if each has so many processors.

    Raises SparkException if there is no room for one.
    """
    cores = master.cores // master.executors
    if cpus > cores:
        raise SparkException(
            f"The number of cores per executor (={cores}) has to be >= the number of "
            f"cpus per task = {cpus:f}."
        )
    return int(cores // cpus) * master.executors
