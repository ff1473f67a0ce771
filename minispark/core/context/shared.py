"""Broadcast variables and accumulators: what driver and tasks share.

Part of the class SparkContext (`minispark.core.context`), for programs.
Must not know: jobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from minispark.accumulators import (
    COMPLEX_ACCUMULATOR_PARAM,
    FLOAT_ACCUMULATOR_PARAM,
    INT_ACCUMULATOR_PARAM,
    REGISTRY,
    Accumulator,
    AccumulatorParam,
)
from minispark.core.broadcast import Broadcast
from minispark.core.context.base import ContextBase

if TYPE_CHECKING:
    from minispark.core.context import SparkContext

__all__ = ["SharedOps"]

T = TypeVar("T")


class SharedOps(ContextBase):
    """Making variables that tasks read or add to."""

    _broadcast_ids: Iterator[int]

    def broadcast(self, value: T) -> Broadcast[T]:
        """Send ``value`` to tasks once; they read it from ``.value``.

        Raises
        ------
        PicklingError
            if ``value`` cannot be pickled

        >>> limit = sc.broadcast(2)
        >>> sc.parallelize([1, 2, 3]).filter(lambda x: x > limit.value).collect()
        [3]
        """
        return Broadcast(cast("SparkContext", self), value)

    def _place_for_broadcast(self) -> tuple[int, str]:
        """A new id, and the file for its value."""
        broadcast_id = next(self._broadcast_ids)
        return broadcast_id, self._engine.directory.file(f"broadcast_{broadcast_id}")

    def accumulator(
        self, value: T, accum_param: AccumulatorParam[T] | None = None
    ) -> Accumulator[T]:
        """A variable that tasks add to, starting at ``value``.

        Parameters
        ----------
        value
            an int, float or complex number, or any value that ``accum_param`` can add
        accum_param
            how to add; needed for values of other types

        Raises
        ------
        TypeError
            if ``value`` is no number and there is no ``accum_param``

            >>> total = sc.accumulator(0)
            >>> sc.parallelize([1, 2, 3], 2).foreach(lambda x: total.add(x))
            >>> total.value
            6
        """
        param: Any = accum_param
        if param is None:
            for kind, default in (
                (int, INT_ACCUMULATOR_PARAM),
                (float, FLOAT_ACCUMULATOR_PARAM),
                (complex, COMPLEX_ACCUMULATOR_PARAM),
            ):
                if isinstance(value, kind):
                    param = default
                    break
            else:
                raise TypeError(f"No default accumulator param for type {type(value)}")
        return REGISTRY.register(value, param)
