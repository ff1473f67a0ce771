"""Small helpers under the names of `pyspark.util`.

For programs that import them from there, and for the operations of the RDD facade.
Must not know: RDDs, contexts, the engine's scheduler.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from minispark.engine.stop_iteration import stop_iteration_error

__all__ = ["fail_on_stopiteration", "stop_iteration_error"]

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
