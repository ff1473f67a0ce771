"""What the settings say of how much there may be, and what is said of a setting that is wrong."""

from __future__ import annotations

import sys

from minispark.conf import SparkConf
from minispark.core.settings import wrong_type
from minispark.errors import SparkException
from minispark.resource.requests import byte_size, mebibytes

MAX_RESULT_SIZE = "spark.driver.maxResultSize"

_LARGEST = (1 << 63) - 1
_EXECUTOR_MEMORY = "spark.executor.memory"

LEAST_MEMORY = 450
"""MiB that the driver, and each executor, needs at least."""


def max_result_bytes(settings: SparkConf) -> int:
    """How many bytes the results of a stage may have together; ``sys.maxsize``: any number.

    As in Spark: 1g unless it is set, a number alone is in bytes, and 0 and less mean no limit.
    Raises SparkException for what is no amount.
    """
    text = settings.get(MAX_RESULT_SIZE, "1g")
    try:
        size = byte_size(text.removeprefix("-"), "b")
    except SparkException as exc:
        raise wrong_type(MAX_RESULT_SIZE, text, "bytes in BYTE") from exc
    if size > _LARGEST:
        raise wrong_type(MAX_RESULT_SIZE, text, "bytes in BYTE")
    return size if size > 0 and not text.startswith("-") else sys.maxsize


def memory_of(key: str, text: str) -> int:
    """How many MiB of memory a setting asks for. Raises SparkException for what is no amount."""
    try:
        return mebibytes(text)
    except SparkException as exc:
        raise SparkException(f"{key}: {exc}", "java.lang.NumberFormatException") from None


def check_executor_memory(settings: SparkConf, worker_memory: int | None) -> None:
    """Raise SparkException for an amount that Spark refuses, and if a local-cluster's workers,
    with ``worker_memory`` MiB each, have no room for an executor.

    That is all that this memory means, as in Spark: Python's is not bound by it.
    """
    text = settings.get(_EXECUTOR_MEMORY, "1g")
    megabytes = memory_of(_EXECUTOR_MEMORY, text)
    # Spark reads it twice: a number alone is so many MiB, and here so many bytes.
    if (size := byte_size(text, "b")) < LEAST_MEMORY << 20:
        raise SparkException(
            f"[INVALID_EXECUTOR_MEMORY.CONFIG_MEMORY] Insufficient executor memory: Executor "
            f"memory {size} must be at least {LEAST_MEMORY << 20}.\nPlease increase executor "
            f'memory using the --executor-memory option or "{_EXECUTOR_MEMORY}" in Spark '
            "configuration. SQLSTATE: F0000",
            "org.apache.spark.SparkIllegalArgumentException",
        )
    if worker_memory is not None and megabytes > worker_memory:
        raise SparkException(
            f"Asked to launch cluster with {worker_memory} MiB/worker but requested {megabytes} "
            "MiB/executor"
        )
