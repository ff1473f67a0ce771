"""RDDs whose tasks run all at once, and can wait for each other.

Part of the class RDD (`minispark.core.rdd`), for programs that bring their own distributed
computing into a stage. Must not know: how tasks are started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from minispark.core.tasks.elements import apply_to_partition

if TYPE_CHECKING:
    from minispark.core.rdd import RDD

__all__ = ["RDDBarrier"]

T = TypeVar("T")
U = TypeVar("U")


class RDDBarrier(Generic[T]):
    """What ``rdd.barrier()`` gives: the next step is computed in a barrier stage.

    All tasks of such a stage start together, or not at all, and when one fails all are tried
    again. A task meets the others through :class:`~minispark.BarrierTaskContext`.

    >>> from minispark import BarrierTaskContext
    >>> def in_step(records):
    ...     BarrierTaskContext.get().barrier()
    ...     return records
    >>> sc.parallelize([1, 2, 3], 2).barrier().mapPartitions(in_step).collect()
    [1, 2, 3]

    As in Spark: a failed task of a stage that feeds a shuffle is tried again with all others, up
    to four times; one of a stage whose results go to the driver fails the job.
    """

    rdd: RDD[T]

    def __init__(self, rdd: RDD[T]) -> None:
        self.rdd = rdd

    def mapPartitions(
        self, f: Callable[[Iterable[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply ``f`` to each partition, all at once.

        Parameters
        ----------
        f
            a function of an iterator over a partition's elements, which gives an iterable
        preservesPartitioning
            whether the result keeps the RDD's partitioner

        Raises
        ------
        SparkException
            from the action, if there are more partitions than slots, or if the stage puts
            partitions together or leaves some out (``union``, ``coalesce``, ``first``, ``take``)

        >>> sc.parallelize([1, 2, 3], 2).barrier().mapPartitions(lambda it: [sum(it)]).collect()
        [1, 5]

        Differs from Spark: too many partitions are refused at once. Spark asks again for ten
        minutes, in case that slots are added.
        """
        return self.rdd._then(
            partial(apply_to_partition, f), preservesPartitioning, self.rdd.ctx.serializer, True
        )

    def mapPartitionsWithIndex(
        self,
        f: Callable[[int, Iterator[T]], Iterable[U]],
        preservesPartitioning: bool = False,
    ) -> RDD[U]:
        """Apply ``f`` to each partition and its index, all at once; see :meth:`mapPartitions`.

        >>> rdd = sc.parallelize([1, 2, 3], 2).barrier()
        >>> rdd.mapPartitionsWithIndex(lambda i, it: [(i, sum(it))]).collect()
        [(0, 1), (1, 5)]
        """
        return self.rdd._then(f, preservesPartitioning, self.rdd.ctx.serializer, True)
