"""Small helpers under the names of `pyspark.util`.

For programs that import them from there, and for the operations of the RDD facade.
Must not know: RDDs, the engine's scheduler.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from minispark.engine.stop_iteration import stop_iteration_error

if TYPE_CHECKING:
    from minispark.core.context import SparkContext

__all__ = [
    "InheritableThread",
    "fail_on_stopiteration",
    "inheritable_thread_target",
    "stop_iteration_error",
]

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
