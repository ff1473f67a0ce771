"""What PySpark's SQL side has and minispark does not have yet: refused by name, with the way out.

For the modules and classes of `minispark.sql`. Must not know: what those names would do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from minispark.core.no_jvm import NoJvm
from minispark.errors import (
    PySparkAttributeError,
    PySparkImportError,
    PySparkNotImplementedError,
)

__all__ = ["WAY_OUT", "PartOfPySpark", "absent_names", "not_there_yet"]

WAY_OUT = (
    "minispark has RDDs, and of DataFrames what an RDD program needs. PySpark runs the program as "
    "it is: `minispark-submit --engine pyspark`"
)


def not_there_yet(what: str) -> PySparkNotImplementedError:
    """The error for something that PySpark does and minispark does not do yet.

    >>> raise not_there_yet("spark.read.json")
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkNotImplementedError: [NOT_IMPLEMENTED] spark.read.json \
is not there yet. minispark has RDDs, and of DataFrames what an RDD program needs. PySpark runs \
the program as it is: `minispark-submit --engine pyspark`
    """
    return PySparkNotImplementedError(
        f"{what} is not there yet. {WAY_OUT}",
        errorClass="NOT_IMPLEMENTED",
        messageParameters={"feature": what},
    )


def absent_names(module: str, *names: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``, by which an import of one of ``names`` says that it is not there.

    >>> from minispark.sql import Window
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkImportError: [NOT_IMPLEMENTED] minispark.sql.Window \
is not there yet. minispark has RDDs, and of DataFrames what an RDD program needs. PySpark runs \
the program as it is: `minispark-submit --engine pyspark`
    """

    def ask(name: str) -> NoReturn:
        if name in names:
            raise PySparkImportError(
                f"{module}.{name} is not there yet. {WAY_OUT}",
                errorClass="NOT_IMPLEMENTED",
                messageParameters={"feature": f"{module}.{name}"},
            )
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return ask


class PartOfPySpark:
    """A class that has some of what PySpark's class of that name has.

    Asking for the rest raises PySparkAttributeError, so that ``hasattr`` is False and programs that
    ask before they use it take their other way.
    """

    _absent: ClassVar[frozenset[str]] = frozenset()
    """What only PySpark has."""

    def __getattr__(self, name: str) -> NoReturn:
        for owner in type(self).__mro__:
            if isinstance(owner.__dict__.get(name), NoJvm):
                getattr(owner, name)  # raises, and says what there is in its place
        if name in self._absent:
            what = f"{type(self).__name__}.{name}"
            raise PySparkAttributeError(
                f"{what} is not there yet. {WAY_OUT}",
                errorClass="NOT_IMPLEMENTED",
                messageParameters={"feature": what},
            )
        self._has_no(name)

    def _has_no(self, name: str) -> NoReturn:
        """Raise for a name that PySpark does not have either."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
