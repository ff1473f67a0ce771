"""``pyspark.sql.utils``: exceptions, under the address that older programs import them from."""

from __future__ import annotations

from typing import Any

from minispark.errors import (
    AnalysisException,
    IllegalArgumentException,
    ParseException,
    PythonException,
    QueryExecutionException,
    SparkUpgradeException,
    StreamingQueryException,
    UnknownException,
)
from minispark.errors import PySparkException as CapturedException

__all__ = [
    "AnalysisException",
    "CapturedException",
    "IllegalArgumentException",
    "ParseException",
    "PythonException",
    "QueryExecutionException",
    "SparkUpgradeException",
    "StreamingQueryException",
    "UnknownException",
    "is_remote",
    "to_str",
]


def is_remote() -> bool:
    """Whether sessions talk to a Spark Connect server: never here.

    >>> is_remote()
    False
    """
    return False


def to_str(value: Any) -> str | None:
    """A setting as text: as Spark writes it, so that True is ``true``.

    >>> to_str(True), to_str(1.5), to_str(None)
    ('true', '1.5', None)
    """
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
