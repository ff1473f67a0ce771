"""Barrier stages: all tasks run at once, and can wait for each other.

A stage is a barrier stage when ``rdd.barrier()`` stands in what it computes. Its tasks start
together or not at all; when one fails, all do. While they run they meet at a :class:`Barrier`,
which the scheduler makes anew for each attempt of the stage, and breaks when a task has ended, so
that nobody waits for it.

Must not know: how tasks are started.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from minispark.engine.lineage import Node
from minispark.errors import SparkException

BARRIER, ALL_GATHER = "BARRIER", "ALL_GATHER"


class Barrier:
    """Where the tasks of one attempt of a barrier stage meet. They meet any number of times.

    Parameters
    ----------
    parties
        the partitions of the tasks
    seconds
        how long a task waits for the others; None: as long as it takes
    """

    def __init__(self, parties: Iterable[int], seconds: float | None = None) -> None:
        self.parties = sorted(parties)
        self._seconds = seconds
        self._changed = threading.Condition()  # guards what follows
        self._messages: dict[int, str] = {}
        self._kind = ""
        self._round = 0
        self._gathered: list[str] = []
        self._broken: str | None = None

    def meet(self, partition: int, kind: str, message: str = "") -> list[str]:
        """Wait for all the others; what each has said, in the order of partitions.

        Raises
        ------
        SparkException
            if they cannot all come: one has ended, has called for something else, or is too late
        """
        with self._changed:
            if self._messages and self._kind != kind:
                self._break(
                    "Different barrier sync types found for the sync: "
                    f"{', '.join(sorted((self._kind, kind)))}. Please use the same barrier sync "
                    "type within a single sync."
                )
            self._raise_if_broken()
            self._kind = kind
            self._messages[partition] = message
            if len(self._messages) == len(self.parties):
                self._gathered = [self._messages[each] for each in self.parties]
                self._messages = {}
                self._round += 1
                self._changed.notify_all()
                return self._gathered
            self._wait_for_round(self._round)
            return self._gathered

    def end(self, partition: int) -> None:
        """The task of ``partition`` has ended: those that wait for it need not."""
        self.break_off(
            f"Task of partition {partition} ended without a call of barrier() or allGather() "
            "that the others wait for."
        )

    def break_off(self, reason: str) -> None:
        """Nobody waits any more, nor will."""
        with self._changed:
            self._break(reason)

    def _break(self, reason: str) -> None:
        if self._broken is None:
            self._broken = reason
            self._changed.notify_all()

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise SparkException(self._broken)

    def _wait_for_round(self, current: int) -> None:
        deadline = None if self._seconds is None else time.monotonic() + self._seconds
        while self._round == current:
            self._raise_if_broken()
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                self._break(
                    "The coordinator didn't get all barrier sync requests for barrier epoch "
                    f"{current} within {self._seconds:g} second(s)."
                )
            else:
                self._changed.wait(left)


def is_barrier(node: Node) -> bool:
    """Whether ``node`` is computed in one pass with a node that a barrier was asked for."""
    return any(each.is_from_barrier for each in _in_one_pass(node, lambda _: True))


def check_barrier_stage(node: Node, num_tasks: int, slots: int) -> None:
    """Raise SparkException if a barrier stage that ends in ``node`` can never run."""
    if node.num_partitions > slots:
        raise SparkException(
            "[SPARK-24819]: Barrier execution mode does not allow run a barrier stage that "
            "requires more slots than the total number of slots in the cluster currently. Please "
            "init a new cluster with more resources(e.g. CPU, GPU) or repartition the input "
            "RDD(s) to reduce the number of slots required to run this barrier stage.\n"
            f"The stage has {node.num_partitions} tasks, and the master has {slots} slots.",
            "org.apache.spark.scheduler.BarrierJobSlotsNumberCheckFailed",
        )

    def fits(each: Node) -> bool:
        barriers = sum(is_barrier(parent) for parent in each.parents)
        return each.num_partitions == num_tasks and barriers <= 1

    if not all(fits(each) for each in _in_one_pass(node, fits)):
        raise SparkException(
            "[SPARK-24820][SPARK-24821]: Barrier execution mode does not allow the following "
            "pattern of RDD chain within a barrier stage:\n"
            "1. Ancestor RDDs that have different number of partitions from the resulting RDD "
            "(e.g. union()/coalesce()/first()/take()/PartitionPruningRDD). A workaround for "
            "first()/take() can be barrierRdd.collect().head (scala) or barrierRdd.collect()[0] "
            "(python).\n"
            "2. An RDD that depends on multiple barrier RDDs (e.g. barrierRdd1.zip(barrierRdd2)).",
            "org.apache.spark.scheduler.BarrierJobUnsupportedRDDChainException",
        )


def _in_one_pass(node: Node, go_on: Callable[[Node], bool]) -> Iterable[Node]:
    """``node`` and what is computed in one pass with it, not beyond nodes that end the search."""
    seen = {node.id}
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        if go_on(each):
            for parent in each.parents:
                if parent.id not in seen:
                    seen.add(parent.id)
                    waiting.append(parent)
