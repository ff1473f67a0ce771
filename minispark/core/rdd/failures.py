"""How Spark's JVM speaks of a failed job when something of its own was waiting for it.

For the operations that it wraps: saving, and iterating over partitions. Must not know: why a job
failed.
"""

from minispark.errors import SparkException


def raise_behind(message: str, failure: SparkException) -> None:
    """Raise an exception with ``message`` and, as Java tells a cause, the text of ``failure``.

    The exception of the program that made the job fail is the ``__cause__``, as it is of
    ``failure``; where the program is not to blame, ``failure`` itself.

    >>> raise_behind("Job aborted.", SparkException("disk full", "java.io.IOException"))
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.spark.SparkException: Job aborted.
    Caused by: java.io.IOException: disk full
    """
    text = f"{message}\nCaused by: {failure.java_exception_class}: {failure}"
    raise SparkException(text) from failure.__cause__ or failure
