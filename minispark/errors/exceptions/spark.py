"""The exception for what goes wrong in the engine, where PySpark has a Java exception to show.

For whatever runs jobs or reads and writes files. Must not know: jobs, stages and files.
"""


class SparkException(Exception):
    """A job failed, or the engine refused to do something.

    It stands where PySpark raises `py4j.protocol.Py4JJavaError`: there is no Java here, but the
    words of the message are those of the Java exception, without its stack trace. When code of the
    program failed in a task, `__cause__` is the exception that it raised. Like Py4JJavaError it is
    not a PySparkException, so an `except` clause that does not catch the failure on Spark does
    not catch it here either.

    Parameters
    ----------
    message: what `str` gives.
    java_exception_class: the class of the exception that Spark's JVM would have thrown.

    >>> error = SparkException("Input path does not exist: file:/nowhere",
    ...                        "org.apache.hadoop.mapred.InvalidInputException")
    >>> str(error)
    'Input path does not exist: file:/nowhere'
    >>> error.java_exception_class
    'org.apache.hadoop.mapred.InvalidInputException'
    """

    def __init__(
        self, message: str, java_exception_class: str = "org.apache.spark.SparkException"
    ) -> None:
        super().__init__(message)
        self.java_exception_class = java_exception_class
