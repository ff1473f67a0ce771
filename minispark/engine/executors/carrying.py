"""Outcomes of tasks as bytes, on their way from a worker process to the driver."""

from __future__ import annotations

import pickle
import traceback

from minispark.engine import closures, exceptions
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
    words = exceptions.in_words(failure.exception)
    exception = exceptions.dumps(failure.exception)
    return closures.dumps((outcome._replace(failure=None), failure.text, words, exception))


def loads(data: bytes | bytearray) -> TaskOutcome:
    """The outcome that :func:`dumps` has written, on the driver."""
    carried: TaskOutcome | tuple[TaskOutcome, str, str, bytes] = closures.loads(data)
    if isinstance(carried, TaskOutcome):
        return carried
    outcome, text, words, as_bytes = carried
    try:
        exception = exceptions.loads(as_bytes)
    except Exception:  # its class is in a module that only the worker finds, say
        exception = RuntimeError(words)
    return outcome._replace(failure=TaskFailure(exception, _with_source(text, exception)))


def _with_source(text: str, exc: BaseException) -> str:
    """The traceback that a worker has written, with the source lines that only the driver has.

    It has those of a notebook's cells, say. As it writes them, provided that this only adds lines.
    """
    written_here = "".join(traceback.format_exception(exc))
    lines = iter(written_here.splitlines())
    return written_here if all(line in lines for line in text.splitlines()) else text
