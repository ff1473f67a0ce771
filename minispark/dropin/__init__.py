"""Stand in for PySpark in this process: what says `import pyspark` gets minispark.

For programs and notebooks.

    import minispark
    minispark.activate()
    from pyspark import SparkContext      # minispark's, with no Java
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any

from minispark.dropin.modules import InPlaceOfPySpark, is_in_place
from minispark.engine.sharing import share

__all__ = ["Activation", "activate", "deactivate", "is_active"]

STANDIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standin")
"""A directory with a `pyspark` that calls `activate`, for the PYTHONPATH of other processes."""

_lock = threading.RLock()
_was_active = False
_finder = InPlaceOfPySpark()
_put_aside: dict[str, ModuleType] = {}
"""The modules of real PySpark that were imported before."""


class Activation:
    """What `activate` gives: used in a `with` statement, it ends with the block.

    One that found minispark in place already leaves it there.
    """

    def __init__(self, ends_it: bool) -> None:
        self._ends_it = ends_it

    def __repr__(self) -> str:
        return "minispark stands in for PySpark: import pyspark gives it"

    def __enter__(self) -> Activation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._ends_it:
            deactivate()


def activate() -> Activation:
    """From now on, an import of `pyspark`, or of a module below it, gives minispark's.

    In the whole process, also in modules that are imported later. `py4j.protocol` has the
    exceptions by which PySpark's programs catch failed jobs. Where the real PySpark is installed,
    it is not reached until `deactivate`. Done again, it changes nothing.

    Returns
    -------
    Something for a `with` statement, at whose end it is undone.

    Raises
    ------
    RuntimeError, while a context of the real PySpark runs in this process. What was imported of
    the real PySpark earlier stays that, and a RuntimeWarning says so.

    >>> import minispark
    >>> with minispark.activate():
    ...     from pyspark.rdd import RDD
    >>> RDD is minispark.RDD
    True
    """
    global _was_active
    with _lock:
        if is_active():
            return Activation(False)
        real = {name: module for name, module in sys.modules.items() if is_in_place(name)}
        if real:
            _refuse_a_running_context(real)
            warnings.warn(
                "pyspark was imported before minispark.activate(): the names that were imported "
                "from it stay those of PySpark. Activate minispark before the first import",
                RuntimeWarning,
                stacklevel=2,
            )
        for name in real:
            _put_aside[name] = sys.modules.pop(name)
        sys.meta_path.insert(0, _finder)
        _was_active = True
        return Activation(True)


def deactivate() -> None:
    """Undo `activate`: `pyspark` is again what is installed under that name, if anything is.

    What was imported meanwhile stays minispark's. Where nothing is to be undone, it does nothing.

    >>> import minispark
    >>> from minispark.dropin import is_active
    >>> with minispark.activate():
    ...     is_active()
    True
    >>> minispark.deactivate()
    >>> is_active()
    False
    """
    with _lock:
        if not is_active():
            return
        sys.meta_path.remove(_finder)
        for name in [name for name in sys.modules if is_in_place(name)]:
            del sys.modules[name]
        sys.modules.update(_put_aside)
        _put_aside.clear()


def _as_on_the_driver() -> Callable[[], object] | None:
    if is_active():
        return activate
    return deactivate if _was_active else None


share(_as_on_the_driver)


def is_active() -> bool:
    """Whether `import pyspark` gives minispark now.

    >>> import minispark.dropin
    >>> minispark.dropin.is_active()
    False
    """
    return _finder in sys.meta_path


def _refuse_a_running_context(real: dict[str, ModuleType]) -> None:
    context: Any = getattr(real.get("pyspark.core.context"), "SparkContext", None)
    if getattr(context, "_active_spark_context", None) is not None:
        raise RuntimeError(
            "minispark.activate() while a SparkContext of PySpark runs in this process: stop it "
            "first, with its stop()"
        )
