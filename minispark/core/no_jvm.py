"""What programs reach into PySpark's Java side with: refused, with the public way to the same.

For the classes of the facade, which have these attributes. Must not know: what the classes do.
"""

from __future__ import annotations

from typing import NoReturn

from minispark.errors import PySparkAttributeError

__all__ = ["NoJvm"]


class NoJvm:
    """An attribute through which PySpark's objects reach their Java ones.

    Asking for it raises PySparkAttributeError, under the condition that Spark Connect, which has no
    JVM either, raises. It is an AttributeError, so ``hasattr`` is False and ``getattr`` with a
    default gives the default: programs that ask before they use the JVM take their other way.

    Parameters
    ----------
    way_out
        the public ways to what programs use the attribute for

    >>> hasattr(sc, "_jvm"), getattr(sc, "_jsc", None)
    (False, None)
    >>> sc._jvm
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkAttributeError: [JVM_ATTRIBUTE_NOT_SUPPORTED] \
SparkContext._jvm is not there: minispark runs without a JVM. Files and directories: sc.textFile \
and its like read any path, Python's pathlib or the package fsspec lists and removes. Log levels: \
sc.setLogLevel, or Python's logging. Java classes: none, write it in Python
    """

    def __init__(self, way_out: str) -> None:
        self._way_out = way_out

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise PySparkAttributeError(
            f"{owner.__name__}.{self._name} is not there: minispark runs without a JVM. "
            f"{self._way_out}",
            errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED",
            messageParameters={"attr_name": self._name},
        )
