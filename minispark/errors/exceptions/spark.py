"""The exception for what goes wrong in the engine, where PySpark has a Java exception to show.

For whatever runs jobs or reads and writes files. Must not know: jobs, stages and files.
"""

from __future__ import annotations


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

    @property
    def java_exception(self) -> JavaException:
        """What Py4JJavaError gives under this name: the Java exception, as far as it is known.

        >>> error = SparkException("Input path does not exist: file:/nowhere",
        ...                        "org.apache.hadoop.mapred.InvalidInputException")
        >>> error.java_exception.getClass().getSimpleName()
        'InvalidInputException'
        """
        return JavaException(self.java_exception_class, str(self))


class JavaException:
    """The methods of a Java exception that programs ask: its class and its message.

    Its cause and its stack are Java's, and are not there: `__cause__` of the SparkException is the
    error of the program's own function.
    """

    def __init__(self, name: str, message: str) -> None:
        self._name = name
        self._message = message

    def getMessage(self) -> str:
        """The message, without the class."""
        return self._message

    def getLocalizedMessage(self) -> str:
        """The message: Spark's are in one language."""
        return self._message

    def toString(self) -> str:
        """The class and the message, as Java shows an exception."""
        return f"{self._name}: {self._message}"

    def getClass(self) -> JavaClass:
        """The class, for its names."""
        return JavaClass(self._name)

    def __str__(self) -> str:
        return self.toString()


class JavaClass:
    """The names of a Java class."""

    def __init__(self, name: str) -> None:
        self._name = name

    def getName(self) -> str:
        """With its package."""
        return self._name

    def getSimpleName(self) -> str:
        """Without its package."""
        return self._name.rpartition(".")[2]
