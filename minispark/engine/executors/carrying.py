"""Outcomes of tasks as bytes, on their way from a worker process to the driver."""

from __future__ import annotations

import pickle

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
    carried = (outcome._replace(failure=None), failure.text, exceptions.dumps(failure.exception))
    return closures.dumps(carried)


def loads(data: bytes | bytearray) -> TaskOutcome:
    """The outcome that :func:`dumps` has written, on the driver."""
    carried: TaskOutcome | tuple[TaskOutcome, str, bytes] = closures.loads(data)
    if isinstance(carried, TaskOutcome):
        return carried
    outcome, text, exception = carried
    return outcome._replace(failure=TaskFailure(exceptions.loads(exception), text))
