"""Small helpers under the names of `pyspark.util`.

For programs that import them from there, and for the operations of the RDD facade.
Must not know: RDDs, the engine's scheduler.
"""

from __future__ import annotations

import contextlib
import gc
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TextIO, TypeVar

from minispark.engine.own_code import is_own_code
from minispark.engine.stop_iteration import stop_iteration_error
from minispark.errors import PySparkRuntimeError
from minispark.serializers import (
    SpecialLengths,
    UTF8Deserializer,
    read_int,
    write_int,
    write_with_length,
)

if TYPE_CHECKING:
    from minispark.core.context import SparkContext

__all__ = [
    "JVM_BYTE_MAX",
    "JVM_BYTE_MIN",
    "JVM_INT_MAX",
    "JVM_INT_MIN",
    "JVM_LONG_MAX",
    "JVM_LONG_MIN",
    "JVM_SHORT_MAX",
    "JVM_SHORT_MIN",
    "InheritableThread",
    "PySparkRuntimeError",
    "SpecialLengths",
    "UTF8Deserializer",
    "VersionUtils",
    "disable_gc",
    "fail_on_stopiteration",
    "inheritable_thread_target",
    "is_remote_only",
    "print_exec",
    "read_int",
    "try_simplify_traceback",
    "walk_tb",
    "write_int",
    "write_with_length",
]

JVM_BYTE_MIN: Final = -(2**7)
JVM_BYTE_MAX: Final = 2**7 - 1
JVM_SHORT_MIN: Final = -(2**15)
JVM_SHORT_MAX: Final = 2**15 - 1
JVM_INT_MIN: Final = -(2**31)
JVM_INT_MAX: Final = 2**31 - 1
JVM_LONG_MIN: Final = -(2**63)
JVM_LONG_MAX: Final = 2**63 - 1

P = ParamSpec("P")
R = TypeVar("R")


def fail_on_stopiteration(f: Callable[P, R]) -> Callable[P, R]:
    """Wrap ``f`` so that a StopIteration it raises becomes an error instead of ending a loop.

    The wrapper takes and gives what ``f`` does. Where ``f`` raises StopIteration, the wrapper
    raises PySparkRuntimeError (STOP_ITERATION_OCCURRED), with that exception as its cause.

    >>> fail_on_stopiteration(next)(iter([1]))
    1
    >>> fail_on_stopiteration(next)(iter([]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    minispark.errors.exceptions.base.PySparkRuntimeError: [STOP_ITERATION_OCCURRED] ...

    As in Spark: ``pyspark.util.fail_on_stopiteration``. Loops of this package that can catch the
    exception themselves do so, which saves a call for each record.
    """

    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return f(*args, **kwargs)
        except StopIteration as exc:
            raise stop_iteration_error(exc) from exc

    return guarded


def print_exec(stream: TextIO) -> None:
    """Print the exception that is being handled, with its traceback.

    >>> import io
    >>> from minispark.util import print_exec
    >>> stream = io.StringIO()
    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError:
    ...     print_exec(stream)
    >>> stream.getvalue().splitlines()[-1]
    'ZeroDivisionError: division by zero'
    """
    traceback.print_exception(sys.exception(), file=stream)


class VersionUtils:
    """What a version of Spark is.

    >>> from minispark.util import VersionUtils
    >>> VersionUtils.majorMinorVersion("4.3.0")
    (4, 3)
    """

    @staticmethod
    def majorMinorVersion(sparkVersion: str) -> tuple[int, int]:
        """The first two numbers of a version.

        Raises
        ------
        ValueError
            if it does not begin with two numbers

        >>> from minispark.util import VersionUtils
        >>> VersionUtils.majorMinorVersion("2.3.0-SNAPSHOT")
        (2, 3)
        """
        match = re.search(r"^(\d+)\.(\d+)(\..*)?$", sparkVersion)
        if match is None:
            raise ValueError(
                f"Spark tried to parse '{sparkVersion}' as a Spark version string, but it could "
                "not find the major and minor version numbers."
            )
        return int(match[1]), int(match[2])


def walk_tb(tb: TracebackType | None) -> Iterator[TracebackType]:
    """A traceback's entries, the outermost first.

    >>> from minispark.util import walk_tb
    >>> try:
    ...     int("x")
    ... except ValueError as error:
    ...     print(len(list(walk_tb(error.__traceback__))))
    1
    """
    while tb is not None:
        yield tb
        tb = tb.tb_next


def try_simplify_traceback(tb: TracebackType) -> TracebackType | None:
    """A traceback without the entries of this package that it begins with; None if none is left.

    >>> from minispark.util import fail_on_stopiteration, try_simplify_traceback, walk_tb
    >>> try:
    ...     fail_on_stopiteration(int)("x")
    ... except ValueError as error:
    ...     simplified = try_simplify_traceback(error.__traceback__.tb_next)
    >>> simplified is None  # `int` has no entry of its own
    True
    """
    for entry in walk_tb(tb):
        if not is_own_code(entry.tb_frame.f_code.co_filename):
            return entry
    return None


@contextlib.contextmanager
def disable_gc() -> Iterator[None]:
    """Keep the garbage collector from running, if it is on, in a ``with`` block.

    >>> import gc
    >>> from minispark.util import disable_gc
    >>> with disable_gc():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def is_remote_only() -> bool:
    """Whether RDDs are left out of this installation: never.

    >>> from minispark.util import is_remote_only
    >>> is_remote_only()
    False

    As in Spark, where they are left out of ``pyspark-client``.
    """
    return False


def inheritable_thread_target(f: Callable[P, R]) -> Callable[P, R]:
    """Wrap the target of a thread so that it has the local properties of the thread that wraps it.

    Those are copied now: job group, tags, pool and whatever else ``setLocalProperty`` has set.
    What the target sets itself is its own thread's.

    Parameters
    ----------
    f
        a function; it may be used as a decorator

    Raises
    ------
    RuntimeError
        if there is no active SparkContext

    >>> from threading import Thread
    >>> from minispark import inheritable_thread_target
    >>> sc.setLocalProperty("team", "blue")
    >>> seen = []
    >>> def look():
    ...     seen.append(sc.getLocalProperty("team"))
    >>> for target in (look, inheritable_thread_target(look)):
    ...     thread = Thread(target=target)
    ...     thread.start()
    ...     thread.join()
    >>> seen
    [None, 'blue']
    >>> sc.setLocalProperty("team", None)
    """
    if not callable(f):
        raise TypeError(f"f is a function, not {type(f).__name__}: {f!r}")
    properties = dict(_active_context()._properties)

    @wraps(f)
    def with_properties(*args: P.args, **kwargs: P.kwargs) -> R:
        _active_context()._set_properties(properties)
        return f(*args, **kwargs)

    return with_properties


class InheritableThread(threading.Thread):
    """A thread that has the local properties of the thread that starts it.

    Parameters
    ----------
    target
        what it runs
    args, kwargs
        as of ``threading.Thread``, whose first parameter (``group``) comes first
    session
        as in Spark, where it passes the tags of a SparkSession on; without effect here, where
        tags are local properties

    Raises
    ------
    RuntimeError
        from :meth:`start`, if there is no active SparkContext

    >>> from minispark import InheritableThread
    >>> sc.setLocalProperty("team", "blue")
    >>> seen = []
    >>> thread = InheritableThread(target=lambda: seen.append(sc.getLocalProperty("team")))
    >>> thread.start()
    >>> thread.join()
    >>> seen
    ['blue']
    >>> sc.setLocalProperty("team", None)
    """

    def __init__(
        self, target: Callable[..., Any], *args: Any, session: Any = None, **kwargs: Any
    ) -> None:
        def with_properties(*its: Any, **named: Any) -> Any:
            _active_context()._set_properties(self._properties)
            return target(*its, **named)

        self._properties: dict[str, str] = {}
        super().__init__(*args, target=with_properties, **kwargs)  # type: ignore[misc]  # by name

    def start(self) -> None:
        """Copy the properties and start.

        >>> from minispark import InheritableThread
        >>> thread = InheritableThread(target=print, args=("hello",))
        >>> thread.start(); thread.join()
        hello
        """
        self._properties = dict(_active_context()._properties)
        super().start()


def _active_context() -> SparkContext:
    from minispark.core.context import SparkContext  # it imports this module

    context = SparkContext._active_spark_context
    if context is None:
        raise RuntimeError("there is no active SparkContext whose local properties to inherit")
    return context


_MIB_OF_UNIT = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}


def _parse_memory(s: str) -> int:
    """An amount of memory with a unit (k, m, g or t, in either case) in whole MiB.

    >>> from minispark.util import _parse_memory
    >>> _parse_memory("1.5g"), _parse_memory("2048K"), _parse_memory("100k")
    (1536, 2, 0)

    As in Spark.
    """
    unit = s[-1].lower()
    if unit not in _MIB_OF_UNIT:
        raise ValueError("invalid format: " + s)
    return int(float(s[:-1]) * _MIB_OF_UNIT[unit])
