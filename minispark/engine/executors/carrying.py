"""Outcomes of tasks as bytes, on their way from a worker process to the driver.

An exception of the program keeps its class, its attributes, its traceback (as file, function and
line of each frame) and those of its causes; tblib knows how. What cannot be pickled must not be
lost over its form: it arrives as a RuntimeError that tells what it was.
"""

from __future__ import annotations

import io
import pickle
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any

from minispark.engine import closures
from minispark.engine.task import TaskFailure, TaskOutcome


def dumps(outcome: TaskOutcome) -> bytes:
    """An outcome as bytes. A value that cannot be pickled is a failure."""
    failure = outcome.failure
    if failure is None:
        try:
            return closures.dumps(outcome)
        except pickle.PickleError as exc:
            failure = TaskFailure(exc, f"{type(exc).__name__}: {exc}")
            outcome = TaskOutcome(failure=failure, seconds=outcome.seconds)
    carried = (replace(outcome, failure=None), failure.text, _exception_as_bytes(failure.exception))
    return closures.dumps(carried)


def loads(data: bytes | bytearray) -> TaskOutcome:
    """The outcome that :func:`dumps` has written, on the driver."""
    carried: TaskOutcome | tuple[TaskOutcome, str, bytes] = closures.loads(data)
    if isinstance(carried, TaskOutcome):
        return carried
    outcome, text, exception = carried
    return replace(outcome, failure=TaskFailure(closures.loads(exception), text))


def _exception_as_bytes(exc: BaseException) -> bytes:
    """The exception; without what caused it, where that cannot be sent; else in words."""
    for _ in ("as it is", "alone"):
        try:
            data = _dumps(exc)
            if isinstance(closures.loads(data), BaseException):
                return data
        except Exception:
            exc.__cause__ = exc.__context__ = None
    words = f"{type(exc).__module__}.{type(exc).__qualname__}: {exc}"
    return _dumps(RuntimeError(words).with_traceback(exc.__traceback__))


def _dumps(exc: BaseException) -> bytes:
    from tblib.pickling_support import (  # type: ignore[import-untyped]  # rare: imported here
        pickle_exception,
        pickle_traceback,
    )

    reducers: dict[type, Any] = dict.fromkeys(_classes(exc, set()), pickle_exception)
    reducers[TracebackType] = pickle_traceback
    with io.BytesIO() as file:
        pickler = closures.Pickler(file, protocol=closures.PROTOCOL)
        pickler.dispatch_table = ChainMap(reducers, closures.Pickler.dispatch_table)
        pickler.dump(exc)
        return file.getvalue()


def _classes(exc: BaseException | None, seen: set[int]) -> Iterator[type]:
    """The classes of an exception, of what caused it, and of those in a group."""
    if exc is None or id(exc) in seen:
        return
    seen.add(id(exc))
    yield type(exc)
    yield from _classes(exc.__cause__, seen)
    yield from _classes(exc.__context__, seen)
    if isinstance(exc, BaseExceptionGroup):
        for member in exc.exceptions:
            yield from _classes(member, seen)
