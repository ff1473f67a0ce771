"""What ``master`` may say, and what it means here."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from minispark.errors import SparkException

ACCEPTED = "local, local[N], local[*], local[N,F], local-cluster[W,C,M]"

_LOCAL = re.compile(r"local(?:\[(?P<slots>[0-9]+|\*)(?:\s*,\s*(?P<failures>[0-9]+))?\])?")


_CLUSTER = re.compile(r"local-cluster\[\s*([0-9]+)\s*,\s*([0-9]+)\s*,\s*([0-9]+)\s*\]")

CLUSTER_FAILURES = 4
"""How many attempts a task has, where spark.task.maxFailures does not say."""


class Master(NamedTuple):
    """How many processors there are, and how many attempts a task has."""

    cores: int
    max_failures: int
    worker_memory: int | None = None
    """Of a local-cluster: how many MiB a worker has for executors."""
    executors: int = 1
    """How many there are, each with as many of the processors."""


def parse_master(text: str) -> Master:
    """Read a master URL; raises SparkException for what is not one, or not supported."""
    cluster = _CLUSTER.fullmatch(text)
    if cluster is not None:
        workers, cores, memory = (int(number) for number in cluster.groups())
        if workers * cores < 1:
            raise SparkException(f"Asked for a cluster of {workers} workers with {cores} cores")
        return Master(workers * cores, CLUSTER_FAILURES, memory, workers)
    match = _LOCAL.fullmatch(text)
    if match is None:
        raise SparkException(
            f"Could not parse Master URL: '{text}'\n"
            f"minispark runs on one machine; masters it accepts: {ACCEPTED}"
        )
    slots, failures = match["slots"], match["failures"]
    count = 1 if slots is None else _processors() if slots == "*" else int(slots)
    if count < 1:
        raise SparkException(f"Asked to run locally with {count} threads")
    return Master(count, max(1, int(failures or 1)))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
