"""Spark's words for what several operations meet.

For the operations of an RDD. Must not know: why a job failed.
"""

from minispark.core.rdd.base import RDDBase
from minispark.errors import SparkException
from minispark.errors.exceptions.captured import PYTHON_EXCEPTION, PythonException


def need_rdd(other: object, attribute: str) -> None:
    """Refuse what is no RDD, and so has not the ``attribute`` that Spark would use first.

    >>> need_rdd([1, 2], "mapValues")
    Traceback (most recent call last):
    ...
    AttributeError: 'list' object has no attribute 'mapValues'
    """
    if not isinstance(other, RDDBase):
        raise AttributeError(f"{type(other).__name__!r} object has no attribute {attribute!r}")


def raise_behind(message: str, failure: SparkException | PythonException) -> None:
    """Raise an exception with ``message`` and, as Java tells a cause, the text of ``failure``.

    It is what a program sees where Spark's JVM itself was waiting for the job that failed.
    The exception of the program that made the job fail is the ``__cause__``, as it is of
    ``failure``; where the program is not to blame, ``failure`` itself.

    >>> raise_behind("Job aborted.", SparkException("disk full", "java.io.IOException"))
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.spark.SparkException: Job aborted.
    Caused by: java.io.IOException: disk full
    """
    if isinstance(failure, PythonException):
        java_class = PYTHON_EXCEPTION
    else:
        java_class = failure.java_exception_class
    text = f"{message}\nCaused by: {java_class}: {failure}"
    raise SparkException(text) from failure.__cause__ or failure
