"""Accumulators: variables that tasks add to and only the driver reads.

A task that uses an accumulator gets a copy that starts at zero; what it adds travels back when
the task ends well, and is counted once for each partition, in the order of partitions.
As in Spark: ``pyspark.accumulators``.
"""

from __future__ import annotations

import threading
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from minispark.engine import closures, taskstate
from minispark.errors import PySparkRuntimeError

__all__ = ["Accumulator", "AccumulatorParam"]

T = TypeVar("T")


class SpecialAccumulatorIds:
    """The ids of accumulators that Spark keeps for itself: the profiles of DataFrame functions.

    >>> from minispark.accumulators import SpecialAccumulatorIds
    >>> SpecialAccumulatorIds.SQL_UDF_PROFIER
    -1
    """

    SQL_UDF_PROFIER = -1
    SQL_UDF_PROFIER_V2 = -2


class AccumulatorParam(Generic[T]):
    """How values of an accumulator are added up: the base class for one's own kinds.

    Subclasses define :meth:`zero` and :meth:`addInPlace`.

    Examples
    --------
    >>> from minispark.accumulators import AccumulatorParam
    >>> class VectorParam(AccumulatorParam):
    ...     def zero(self, value):
    ...         return [0.0] * len(value)
    ...     def addInPlace(self, value1, value2):
    ...         return [a + b for a, b in zip(value1, value2)]
    >>> total = sc.accumulator([1.0, 2.0], VectorParam())
    >>> sc.parallelize([1.0, 2.0, 3.0], 2).foreach(lambda x: total.add([x, 2 * x]))
    >>> total.value
    [7.0, 14.0]
    """

    def zero(self, value: T) -> T:
        """The neutral value of the kind of ``value``: what a task's copy starts with.

        >>> from minispark.accumulators import INT_ACCUMULATOR_PARAM
        >>> INT_ACCUMULATOR_PARAM.zero(5)
        0
        """
        raise NotImplementedError

    def addInPlace(self, value1: T, value2: T) -> T:
        """The sum of two values; ``value1`` may be changed and given back.

        >>> from minispark.accumulators import INT_ACCUMULATOR_PARAM
        >>> INT_ACCUMULATOR_PARAM.addInPlace(2, 3)
        5
        """
        raise NotImplementedError


class AddingAccumulatorParam(AccumulatorParam[T]):
    """Adds with ``+=``, starting from ``zero_value``: for ints, floats, complex numbers."""

    def __init__(self, zero_value: T) -> None:
        self.zero_value = zero_value

    def zero(self, value: T) -> T:
        return self.zero_value

    def addInPlace(self, value1: T, value2: T) -> T:
        value1 += value2  # type: ignore[operator]
        return value1


INT_ACCUMULATOR_PARAM: AddingAccumulatorParam[int] = AddingAccumulatorParam(0)
FLOAT_ACCUMULATOR_PARAM: AddingAccumulatorParam[float] = AddingAccumulatorParam(0.0)
COMPLEX_ACCUMULATOR_PARAM: AddingAccumulatorParam[complex] = AddingAccumulatorParam(0.0j)


class Accumulator(Generic[T]):
    """A variable that tasks add to with ``+=`` or ``add``; see ``SparkContext.accumulator``.

    Examples
    --------
    >>> evens = sc.accumulator(0)
    >>> def look(x):
    ...     if x % 2 == 0:
    ...         evens.add(1)
    >>> sc.parallelize(range(10), 3).foreach(look)
    >>> evens.value
    5
    """

    def __init__(self, aid: int, value: T, accum_param: AccumulatorParam[T]) -> None:
        self.aid = aid
        self.accum_param = accum_param
        self._value = value
        self._deserialized = False

    def __reduce__(self) -> tuple[Any, ...]:
        param = self.accum_param
        return (_in_task, (self.aid, param.zero(self._value), param))

    @property
    def value(self) -> T:
        """The value so far. Only the driver may read or set it.

        >>> total = sc.accumulator(1)
        >>> total.value = 5
        >>> sc.parallelize([1, 2], 2).foreach(total.add)
        >>> total.value
        8

        Raises PySparkRuntimeError (VALUE_NOT_ACCESSIBLE) in a task.
        """
        self._refuse_in_task()
        return self._value

    @value.setter
    def value(self, value: T) -> None:
        self._refuse_in_task()
        self._value = value

    def add(self, term: T) -> None:
        """Add ``term``.

        >>> total = sc.accumulator(1)
        >>> total.add(2)
        >>> total += 3
        >>> total.value
        6
        """
        self._value = self.accum_param.addInPlace(self._value, term)

    def __iadd__(self, term: T) -> Accumulator[T]:
        self.add(term)
        return self

    def local_value(self) -> T:
        """What a task has added: for the engine, which sends it to the driver."""
        return self._value

    def _refuse_in_task(self) -> None:
        if self._deserialized:
            raise PySparkRuntimeError(
                errorClass="VALUE_NOT_ACCESSIBLE",
                messageParameters={"value": "Accumulator.value"},
            )

    def __str__(self) -> str:
        return str(self._value)

    def __repr__(self) -> str:
        return f"Accumulator<id={self.aid}, value={self._value}>"


class AccumulatorRegistry:
    """The driver's accumulators by id, and the merging of what tasks send."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accumulators: WeakValueDictionary[int, Accumulator[Any]] = WeakValueDictionary()
        self._next_id = 0

    def register(self, value: T, param: AccumulatorParam[T]) -> Accumulator[T]:
        """A new accumulator."""
        with self._lock:
            accumulator = Accumulator(self._next_id, value, param)
            self._accumulators[self._next_id] = accumulator
            self._next_id += 1
        return accumulator

    def get(self, aid: int) -> Accumulator[Any] | None:
        """The driver's accumulator ``aid``."""
        return self._accumulators.get(aid)

    def count(self, updates: bytes) -> None:
        """Add what one task sent."""
        for aid, update in closures.loads(updates):
            accumulator = self._accumulators.get(aid)
            if accumulator is not None:
                accumulator.add(update)


REGISTRY = AccumulatorRegistry()
"""One for the process, as ids are: an accumulator outlives the context that made it."""


def _in_task(aid: int, zero: T, param: AccumulatorParam[T]) -> Accumulator[T]:
    """What unpickling an accumulator gives: in a task its own copy, on the driver the original."""
    state = taskstate.current()
    if state is None:
        original = REGISTRY.get(aid)
        if original is not None:
            return original
        accumulators: dict[int, Any] = {}
    else:
        accumulators = state.accumulators
    copy: Accumulator[T] | None = accumulators.get(aid)
    if copy is None:
        copy = Accumulator(aid, zero, param)
        copy._deserialized = True
        accumulators[aid] = copy
    return copy
