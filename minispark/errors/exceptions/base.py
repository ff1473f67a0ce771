"""The exception classes that PySpark programs raise and catch, under PySpark's names.

For the facade, which raises them, and for programs, which catch them. Each class that wraps a
builtin exception is caught as that too: `except TypeError` sees a PySparkTypeError.
Must not know: where conditions come from (`minispark.errors.utils`), or who raises what.
"""

import copyreg
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable
from enum import Enum
from pickle import PicklingError
from typing import Any

from minispark.errors.utils import ErrorClassesReader

_STATE = re.compile(r"SQLSTATE: (\w{5})")


class QueryContextType(Enum):
    """What kind of query a QueryContext points into."""

    SQL = 0
    DataFrame = 1


class QueryContext(ABC):
    """Where in a query an error happened. RDD programs have none; the type is there to name."""

    @abstractmethod
    def contextType(self) -> QueryContextType:
        """The kind of query."""

    @abstractmethod
    def objectType(self) -> str:
        """The type of the object that holds the query, such as "VIEW", or an empty string."""

    @abstractmethod
    def objectName(self) -> str:
        """The name of the object that holds the query, or an empty string."""

    @abstractmethod
    def startIndex(self) -> int:
        """Where the fragment starts in the query, from 0."""

    @abstractmethod
    def stopIndex(self) -> int:
        """Where the fragment stops in the query, from 0."""

    @abstractmethod
    def fragment(self) -> str:
        """The part of the query that failed."""

    @abstractmethod
    def callSite(self) -> str:
        """The line of the program that made the failing part."""

    @abstractmethod
    def summary(self) -> str:
        """What happened, in a few words."""


class PySparkException(Exception):
    """The base of all errors with a condition: a name that programs can test for.

    As in Spark: give either a text of your own, or a condition and its parameters.

    Parameters
    ----------
    message: the text; without it, the text of the condition.
    errorClass: the name of the condition.
    messageParameters: what goes in the angle brackets of the condition's text.
    contexts: where in a query it happened.

    >>> error = PySparkException(errorClass="CANNOT_BE_NONE", messageParameters={"arg_name": "f"})
    >>> print(error)
    [CANNOT_BE_NONE] Argument `f` cannot be None.
    >>> error.getCondition(), error.getMessageParameters(), error.getSqlState()
    ('CANNOT_BE_NONE', {'arg_name': 'f'}, None)
    >>> print(PySparkException("no such luck"))
    no such luck
    """

    def __init__(
        self,
        message: str | None = None,
        errorClass: str | None = None,
        messageParameters: dict[str, str] | None = None,
        contexts: list[QueryContext] | None = None,
    ) -> None:
        # The builtin's __init__ is not called, so that `args` holds what Spark's holds: the
        # arguments that were given by position.
        if message is None:
            if errorClass is None:
                raise TypeError(f"{type(self).__name__} needs a message or an errorClass")
            message = ErrorClassesReader().get_error_message(errorClass, messageParameters or {})
        self._message = message
        self._errorClass = errorClass
        self._messageParameters = messageParameters
        self._contexts = [] if contexts is None else contexts

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is by default rebuilt by calling its class with `args`, which know nothing
        # of arguments given by name. Errors cross from tasks to the driver, so they must survive.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def getCondition(self) -> str | None:
        """The name of the condition, or None for an error with a text of its own."""
        return self._errorClass

    def getErrorClass(self) -> str | None:
        """The same as `getCondition`, which took its place in Spark 4.0."""
        warnings.warn("Deprecated in 4.0.0, use getCondition instead.", FutureWarning, stacklevel=2)
        return self.getCondition()

    def getMessageParameters(self) -> dict[str, str] | None:
        """What fills the condition's text, or None when nothing was given."""
        return self._messageParameters

    def getSqlState(self) -> str | None:
        """The SQLSTATE of the condition, or None when it has none."""
        state = ErrorClassesReader().get_sqlstate(self._errorClass)
        if state is None and self._errorClass is not None:
            # Texts of what Spark's Java side says end in it.
            found = _STATE.search(self._message)
            state = found and found[1]
        return state

    def getMessage(self) -> str:
        """The condition in brackets and the text.

        >>> PySparkException("no such luck").getMessage()
        '[None] no such luck'
        """
        return f"[{self.getCondition()}] {self._message}"

    def getBreakingChangeInfo(self) -> dict[str, Any] | None:
        """How to live with a change of behaviour that caused the error, or None."""
        return ErrorClassesReader().get_breaking_change_info(self._errorClass)

    def getQueryContext(self) -> list[QueryContext]:
        """Where in a query it happened: empty for RDD programs."""
        return self._contexts

    def __str__(self) -> str:
        return self._message if self.getCondition() is None else self.getMessage()


class AnalysisException(PySparkException):
    """A query plan made no sense."""


class SessionNotSameException(PySparkException):
    """Things of two sessions were mixed in one operation."""


class TempTableAlreadyExistsException(AnalysisException):
    """A temporary view has that name already."""


class ParseException(AnalysisException):
    """A SQL command, or a schema as text, could not be read.

    As in Spark: the message is a line; as text, the place in the command follows below it.
    """

    _place: str | None = None
    """Where in which command it happened, as text: whoever raises it says so."""

    def __str__(self) -> str:
        text = super().__str__()
        return text if self._place is None else f"\n{text} {self._place}"


class IllegalArgumentException(PySparkException):
    """An argument has a value that is not allowed."""


class ArithmeticException(PySparkException):
    """A calculation has no result, such as a division by zero in a query."""


class UnsupportedOperationException(PySparkException):
    """The operation is not there for this object."""


class ArrayIndexOutOfBoundsException(PySparkException):
    """An array has no such place."""


class DateTimeException(PySparkException):
    """A date or time is out of range or not one."""


class NumberFormatException(IllegalArgumentException):
    """A text is not a number."""


class StreamingQueryException(PySparkException):
    """A streaming query stopped because of an error."""


class StreamingPythonRunnerInitializationException(PySparkException):
    """The Python process of a streaming query did not start."""


class QueryExecutionException(PySparkException):
    """A query failed while it ran."""


class PythonException(PySparkException):
    """Python code of a query raised an exception."""


class SparkRuntimeException(PySparkException):
    """A query failed on a value."""


class SparkUpgradeException(PySparkException):
    """A result would differ from what an earlier version gave."""


class SparkNoSuchElementException(PySparkException):
    """What was asked for by name is not there."""


class UnknownException(PySparkException):
    """None of the others."""


class PickleException(PySparkException):
    """The other side could not pickle or unpickle something."""


class PySparkValueError(PySparkException, ValueError):
    """A ValueError with a condition."""


class PySparkTypeError(PySparkException, TypeError):
    """A TypeError with a condition."""


class PySparkIndexError(PySparkException, IndexError):
    """An IndexError with a condition."""


class PySparkAttributeError(PySparkException, AttributeError):
    """An AttributeError with a condition."""


class PySparkRuntimeError(PySparkException, RuntimeError):
    """A RuntimeError with a condition."""


class PySparkAssertionError(PySparkException, AssertionError):
    """An AssertionError with a condition, and the rows that were found to differ, if any."""

    def __init__(
        self,
        message: str | None = None,
        errorClass: str | None = None,
        messageParameters: dict[str, str] | None = None,
        data: Iterable[Any] | None = None,
    ) -> None:
        super().__init__(message, errorClass, messageParameters)
        self.data = data


class PySparkNotImplementedError(PySparkException, NotImplementedError):
    """A NotImplementedError with a condition."""


class PySparkPicklingError(PySparkException, PicklingError):
    """A PicklingError with a condition."""


class PySparkKeyError(PySparkException, KeyError):
    """A KeyError with a condition."""


class PySparkImportError(PySparkException, ImportError):
    """An ImportError with a condition."""
