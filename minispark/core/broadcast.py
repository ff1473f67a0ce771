"""Broadcast variables: values that the driver sends once and tasks only read.

The value is pickled into a file when it is broadcast. What pickles with a closure is the file's
name; a task reads it when it first asks for the value, and has a copy of its own.
As in Spark: ``pyspark.core.broadcast``.
"""

from __future__ import annotations

import os
import pickle
from typing import Any, Generic, TypeVar

from minispark.engine import closures, taskstate
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

    def __init__(self, broadcast_id: int, path: str, on_driver: bool) -> None:
        self._id = broadcast_id
        self._path = path
        self._on_driver = on_driver
        self._destroyed = False

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
        with open(path, "wb") as file:
            file.write(data)
        return cls(broadcast_id, path, on_driver=True)

    @property
    def value(self) -> T:
        """The value: a copy, on the driver as well, and the same one each time it is asked for."""
        if not hasattr(self, "_value"):
            with open(self._path, "rb") as file:
                self._value: T = closures.loads(file.read())
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

    def destroy(self, blocking: bool = False) -> None:
        """Remove the value for good: a later job that uses it fails.

        Parameters
        ----------
        blocking
            as in Spark; the value is always gone when this returns
        """
        if not self._on_driver:
            raise _invalid("destroyed")
        self._destroyed = True
        os.unlink(self._path)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self._on_driver:
            raise _invalid("serialized")
        if self._destroyed:
            raise SparkException(f"Attempted to use Broadcast({self._id}) after it was destroyed")
        return (_in_task, (self._id, self._path))


def _invalid(operation: str) -> PySparkRuntimeError:
    return PySparkRuntimeError(
        errorClass="INVALID_BROADCAST_OPERATION", messageParameters={"operation": operation}
    )


def _in_task(broadcast_id: int, path: str) -> Broadcast[Any]:
    """What unpickling a broadcast variable gives: one for each task."""
    state = taskstate.current()
    if state is None:
        return Broadcast(broadcast_id, path, on_driver=False)
    found: Broadcast[Any] | None = state.broadcasts.get(broadcast_id)
    if found is None:
        found = state.broadcasts[broadcast_id] = Broadcast(broadcast_id, path, on_driver=False)
    return found
