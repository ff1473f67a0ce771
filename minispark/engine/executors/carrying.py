"""Outcomes of tasks as bytes, on their way from a worker process to the driver.

An exception of the program keeps its class, its attributes, its traceback (file, function and line
of each frame, by tblib) and those of its causes. What cannot be pickled must not be lost over its
form: it arrives as a RuntimeError that tells what it was.
"""

from __future__ import annotations

import io
import pickle
import traceback
from collections.abc import Callable, Iterator
from types import FunctionType, TracebackType
from typing import Any

from minispark.engine import closures
from minispark.engine.task import TaskFailure, TaskOutcome

MOST_FRAMES = 100
"""How many frames the traceback of an exception has at most; its text has all."""


def dumps(outcome: TaskOutcome) -> bytes:
    """An outcome as bytes. A value that cannot be pickled is a failure."""
    failure = outcome.failure
    if failure is None:
        try:
            return closures.dumps(outcome)
        except pickle.PickleError as exc:
            failure = TaskFailure(exc, f"{type(exc).__name__}: {exc}")
            outcome = TaskOutcome(failure=failure, seconds=outcome.seconds)
    words = _in_words(failure.exception)
    exception = _exception_as_bytes(failure.exception, words)
    carried = (outcome._replace(failure=None), failure.text, words, exception)
    return closures.dumps(carried)


def loads(data: bytes | bytearray) -> TaskOutcome:
    """The outcome that :func:`dumps` has written, on the driver."""
    carried: TaskOutcome | tuple[TaskOutcome, str, str, bytes] = closures.loads(data)
    if isinstance(carried, TaskOutcome):
        return carried
    outcome, text, words, as_bytes = carried
    try:
        exception = closures.loads(as_bytes)
    except Exception:  # its class is in a module that only the worker finds, say
        exception = RuntimeError(words)
    return outcome._replace(failure=TaskFailure(exception, text))


def _in_words(exc: BaseException) -> str:
    """What the last lines of a traceback say, whatever ``str`` makes of the exception."""
    return "".join(traceback.format_exception_only(exc)).strip()


def _exception_as_bytes(exc: BaseException, words: str) -> bytes:
    """The exception; without what caused it, where that cannot be sent; else in words."""
    for _ in ("as it is", "alone"):
        try:
            data = _dumps(exc)
            if isinstance(closures.loads(data), BaseException):
                return data
        except Exception:
            exc.__cause__ = exc.__context__ = None
    return _dumps(RuntimeError(words).with_traceback(exc.__traceback__))


def _shortened(trace: TracebackType | None) -> TracebackType | None:
    """Without the middle of very many frames, as of an endless recursion: pickle goes down them by
    calls.
    """
    entries: list[TracebackType] = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    if len(entries) > MOST_FRAMES:
        del entries[MOST_FRAMES // 2 : -MOST_FRAMES // 2]
    for entry in reversed(entries):
        trace = TracebackType(trace, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return trace


def _dumps(exc: BaseException) -> bytes:
    from tblib.pickling_support import (  # type: ignore[import-untyped]  # rare: imported here
        pickle_traceback,
    )

    reducers: dict[type, Any] = dict.fromkeys(_classes(exc, set()), _reduce)
    reducers[TracebackType] = pickle_traceback

    class Pickler(closures.Pickler):
        dispatch_table = closures.reducers_now() | reducers

    with io.BytesIO() as file:
        Pickler(file, protocol=closures.PROTOCOL).dump(exc)
        return file.getvalue()


def _reduce(exc: BaseException) -> tuple[Any, ...]:
    """As the exception says, with what pickle leaves out.

    One with an ``__init__`` of its own seldom can be made from its ``args``: it is made without.
    """
    reduced: Any = exc.__reduce_ex__(closures.PROTOCOL)
    make, arguments, *state = reduced
    if make is type(exc) and isinstance(make.__init__, FunctionType):
        make, arguments = make.__new__, (make, *arguments)
    trace = _shortened(exc.__traceback__)
    around = (exc.__cause__, exc.__context__, exc.__suppress_context__, trace)
    return _made, (make, arguments, state[0] if state else None, around)


def _made(
    make: Callable[..., BaseException],
    arguments: tuple[Any, ...],
    state: dict[str, Any] | None,
    around: tuple[Any, ...],
) -> BaseException:
    exc = make(*arguments)
    if state:
        exc.__setstate__(state)
    exc.__cause__, exc.__context__, exc.__suppress_context__, exc.__traceback__ = around
    return exc


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
