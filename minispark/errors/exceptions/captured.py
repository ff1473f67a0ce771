"""The names of the exceptions that PySpark makes from Java's, for programs that catch them.

In PySpark each derives from the class of that name in ``pyspark.errors``. Nothing comes from Java
here, so they are those classes, and are caught alike.

One is more: once there was a SparkSession in the process, PySpark raises PythonException where a
function of the program failed in a task, and Py4JJavaError no longer. So it is here.
"""

from __future__ import annotations

from typing import Final

from minispark.errors.exceptions.base import (
    AnalysisException,
    ArithmeticException,
    ArrayIndexOutOfBoundsException,
    DateTimeException,
    IllegalArgumentException,
    NumberFormatException,
    ParseException,
    QueryExecutionException,
    SparkNoSuchElementException,
    SparkRuntimeException,
    SparkUpgradeException,
    StreamingQueryException,
    UnknownException,
    UnsupportedOperationException,
)
from minispark.errors.exceptions.base import PySparkException as CapturedException
from minispark.errors.exceptions.base import PythonException as BasePythonException
from minispark.errors.exceptions.spark import SparkException

__all__ = [
    "AnalysisException",
    "ArithmeticException",
    "ArrayIndexOutOfBoundsException",
    "CapturedException",
    "DateTimeException",
    "IllegalArgumentException",
    "NumberFormatException",
    "ParseException",
    "PythonException",
    "QueryExecutionException",
    "SparkNoSuchElementException",
    "SparkRuntimeException",
    "SparkUpgradeException",
    "StreamingQueryException",
    "UnknownException",
    "UnsupportedOperationException",
]

PYTHON_EXCEPTION: Final = "org.apache.spark.api.python.PythonException"


class PythonException(BasePythonException):
    """A function of the program failed in a task, and there was a SparkSession in the process.

    As in PySpark, what catches Py4JJavaError, here SparkException, does not catch it.

    Parameters
    ----------
    message: what `str` gives.
    traceback: the traceback of the task, as text.
    """

    def __init__(self, message: str, traceback: str) -> None:
        super().__init__(
            message,
            "PYTHON_EXCEPTION",
            {"msg": "An exception was thrown from the Python worker", "traceback": traceback},
        )

    def getSqlState(self) -> str:
        """That of every failed function."""
        return "38000"

    def __str__(self) -> str:
        return self._message


class _Handler:
    is_installed = False


def install_exception_handler() -> None:
    """From now on, failed functions of the program raise PythonException: a session was made."""
    _Handler.is_installed = True


def remove_exception_handler() -> None:
    """As if no session had been made in this process: for those who run many programs in one."""
    _Handler.is_installed = False


JOB_FAILURES = (SparkException, PythonException)
"""What a failed job raises."""


def python_failure(message: str, traceback: str) -> SparkException | PythonException:
    """The exception for a function of the program that failed in a task.

    >>> type(python_failure("...", "ValueError: no")).__name__ in (
    ...     "SparkException",
    ...     "PythonException",
    ... )
    True
    """
    if _Handler.is_installed:
        return PythonException(message, traceback)
    return SparkException(message, PYTHON_EXCEPTION)
