"""The exceptions of `py4j.protocol` that programs for PySpark catch.

Where PySpark raises `Py4JJavaError`, minispark raises SparkException: here it has that name too.
"""

from minispark.errors import SparkException

__all__ = ["Py4JError", "Py4JJavaError", "Py4JNetworkError"]

Py4JJavaError = SparkException
Py4JError = SparkException
"""In py4j what Py4JJavaError is derived from."""


class Py4JNetworkError(SparkException):
    """The JVM was not reached. Never raised: there is none."""
