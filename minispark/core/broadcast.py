"""Broadcast variables: values that the driver sends once and tasks only read.

The value is pickled into a file when it is broadcast. What pickles with a closure is the file's
name; a task reads it when it first asks for the value, and has a copy of its own.
As in Spark: ``pyspark.core.broadcast``.
"""

from __future__ import annotations

import os
import pickle
from typing import Any, Generic, TypeVar

from minispark.core.callsite import call_site
from minispark.engine import closures, taskstate
from minispark.engine.blockfile import Segment, append_segment, read_segments
from minispark.errors import PySparkRuntimeError, SparkException

__all__ = ["Broadcast"]

T = TypeVar("T")


class Broadcast(Generic[T]):
    """A value that every task can read; made by ``SparkContext.broadcast``.

    Examples
    --------
    >>> names = sc.broadcast({1: "one", 2: "two"})
    >>> names.value[1]
    'one'
    >>> sc.parallelize([2, 1, 2]).map(lambda x: names.value[x]).collect()
    ['two', 'one', 'two']
    >>> names.destroy()
    """

    def __init__(self, broadcast_id: int, path: str, segment: Segment, on_driver: bool) -> None:
        self._id = broadcast_id
        self._path = path
        self._segment = segment
        self._on_driver = on_driver
        self._destroyed_at: str | None = None

    @classmethod
    def create(cls, broadcast_id: int, path: str, value: T) -> Broadcast[T]:
        """Write ``value`` to ``path``; raises PicklingError if it cannot be pickled."""
        try:
            data = pickle.dumps(value, closures.PROTOCOL)
        except pickle.PickleError:
            raise
        except Exception as exc:
            raise pickle.PicklingError(
                f"Could not serialize broadcast: {type(exc).__name__}: {exc}"
            ) from exc
        temporary = f"{path}.new"
        with open(temporary, "wb") as file:
            segment = append_segment(file, [data])
        os.replace(temporary, path)
        return cls(broadcast_id, path, segment, on_driver=True)

    @property
    def value(self) -> T:
        """The value: a copy, on the driver as well, and the same one each time it is asked for."""
        if not hasattr(self, "_value"):
            self._refuse_if_destroyed()
            (data,) = read_segments(self._path, [self._segment])
            state = taskstate.current()
            if state is None:
                self._value: T = closures.loads(data)
            else:
                state.is_reading_broadcast = True
                try:
                    self._value = closures.loads(data)
                finally:
                    state.is_reading_broadcast = False
        return self._value

    def unpersist(self, blocking: bool = False) -> None:
        """Drop the copies that tasks have; they read it anew if they need it again.

        Parameters
        ----------
        blocking
            as in Spark; here no task keeps a copy after its end, so there is nothing to wait for
        """
        if not self._on_driver:
            raise _invalid("unpersisted")
        self._refuse_if_destroyed()

    def destroy(self, blocking: bool = False) -> None:
        """Remove the value for good: a later job that uses it fails.

        Parameters
        ----------
        blocking
            as in Spark; the value is always gone when this returns
        """
        if not self._on_driver:
            raise _invalid("destroyed")
        self._refuse_if_destroyed()
        self._destroyed_at = str(call_site())
        os.unlink(self._path)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self._on_driver:
            raise _invalid("serialized")
        if self._destroyed_at is not None:
            raise SparkException(f"Task not serializable\n{self._destroyed_text()}")
        return (_in_task, (self._id, self._path, self._segment))

    def _refuse_if_destroyed(self) -> None:
        if self._destroyed_at is not None:
            raise SparkException(
                f"[INTERNAL_ERROR_BROADCAST] {self._destroyed_text()}  SQLSTATE: XX000"
            )

    def _destroyed_text(self) -> str:
        return (
            f"Attempted to use Broadcast({self._id}) after it was destroyed ({self._destroyed_at})"
        )


def _invalid(operation: str) -> PySparkRuntimeError:
    return PySparkRuntimeError(
        errorClass="INVALID_BROADCAST_OPERATION", messageParameters={"operation": operation}
    )


def _in_task(broadcast_id: int, path: str, segment: Segment) -> Broadcast[Any]:
    """What unpickling a broadcast variable gives: one for each task."""
    state = taskstate.current()
    found: Broadcast[Any] | None = None if state is None else state.broadcasts.get(broadcast_id)
    if found is None:
        # As in Spark: it is sent with a function that refers to it, not inside another's value.
        if state is None or state.is_reading_broadcast:
            raise PySparkRuntimeError(
                errorClass="BROADCAST_VARIABLE_NOT_LOADED",
                messageParameters={"variable": str(broadcast_id)},
            )
        found = state.broadcasts[broadcast_id] = Broadcast(
            broadcast_id, path, segment, on_driver=False
        )
    return found
