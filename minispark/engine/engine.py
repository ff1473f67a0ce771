"""The engine as the facade sees it: make nodes, run jobs, stop.

One :class:`Engine` belongs to one context. It puts the parts together and numbers what they
make; what the parts do stands in their own modules.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from minispark.engine import inheriting
from minispark.engine.amounts import bytes_text
from minispark.engine.blocks import CachedBlocks, Level
from minispark.engine.checkpoint import Checkpoints
from minispark.engine.compression import Compression
from minispark.engine.events import EventBus
from minispark.engine.executors.base import Executor, Workers
from minispark.engine.executors.slots import SlotExecutor
from minispark.engine.executors.threads import ThreadRunner
from minispark.engine.lineage import Node, ShuffleDependency, describe
from minispark.engine.localdir import LocalDirectories
from minispark.engine.memory import MemoryLimit
from minispark.engine.pools import Pools
from minispark.engine.retries import Retries
from minispark.engine.scheduler import Scheduler
from minispark.engine.stages import shuffles_behind
from minispark.engine.task import Action
from minispark.errors import SparkException

ALL_MARKED = "spark.checkpoint.checkpointAllMarkedAncestors"
"""The local property that says whether checkpoints before a checkpoint are carried out, too."""


class CachedRDD(NamedTuple):
    """An RDD of which partitions are cached."""

    id: int
    name: str
    level: str
    num_partitions: int
    cached_partitions: int
    memory_size: int
    disk_size: int


class Engine:
    """Runs jobs over lineages in ``slots`` slots.

    Parameters
    ----------
    slots
        how many tasks run at once
    retries
        how often what fails is tried again
    local_dirs
        where the context's directories are made; none: in the system's temporary directory
    count_updates
        called with the pickled accumulator updates of each task that is counted
    pools
        the order in which jobs get the slots; None: first come, first served
    task_cpus
        how many processors a task is told to have, a decimal number
    barrier_seconds
        how long the tasks of a barrier stage wait for each other; None: as long as it takes
    workers
        how worker processes are made, in which tasks run; None: they run on threads
    memory
        how many bytes the tasks of one process may hold together
    storage_memory
        how many bytes of cached partitions may be in memory
    compression
        by which codecs block files are compressed
    max_result_bytes
        how many bytes of frames the tasks of a stage may give back to the driver
    """

    def __init__(
        self,
        slots: int,
        retries: Retries,
        local_dirs: Sequence[str],
        count_updates: Callable[[bytes], None],
        pools: Pools | None = None,
        task_cpus: str = "1",
        barrier_seconds: float | None = None,
        workers: Workers | None = None,
        memory: int = 512 << 20,
        storage_memory: int = sys.maxsize,
        compression: Compression = Compression(),  # noqa: B008  # a tuple
        max_result_bytes: int = sys.maxsize,
    ) -> None:
        self.events = EventBus()
        self.directory = LocalDirectories(local_dirs)
        try:
            executor = _executor(slots, workers, self.directory.paths)
        except BaseException:  # no process can be started, say
            self.directory.remove()
            raise
        self.blocks = CachedBlocks(self.directory, self.events, storage_memory)
        self._scheduler = Scheduler(
            executor,
            self.directory,
            self.blocks,
            self.events,
            retries,
            count_updates,
            pools or Pools(),
            MemoryLimit(
                memory // (slots if workers is None else 1),
                tuple(self.directory.paths),
                compression.spill,
            ),
            task_cpus,
            barrier_seconds,
            compression,
            max_result_bytes,
        )
        self._checkpoints = Checkpoints()
        self._persisted: weakref.WeakValueDictionary[int, Node] = weakref.WeakValueDictionary()
        self._node_ids = count()
        self._shuffle_ids = count()
        self._stop_lock = threading.RLock()  # held while it stops, so that a second call waits
        self._pid = os.getpid()
        self._is_stopped = False
        inheriting.begin()

    def new_node_id(self) -> int:
        """The next RDD id."""
        return next(self._node_ids)

    def new_shuffle(self, parent: Node, num_partitions: int) -> ShuffleDependency:
        """A new shuffle of ``parent`` into ``num_partitions``."""
        return ShuffleDependency(parent, num_partitions, next(self._shuffle_ids))

    def run_job(
        self,
        node: Node,
        action: Action,
        partitions: Sequence[int] | None = None,
        properties: Mapping[str, str] | None = None,
        carry_out_checkpoints: bool = True,
    ) -> list[Any]:
        """The results of ``action`` on ``partitions`` of ``node`` (None: on all of them).

        Then the checkpoints that its lineage is marked for are carried out.
        """
        self._refuse_forks()
        chosen = range(node.num_partitions) if partitions is None else partitions
        results = self._scheduler.run_job(node, chosen, action, properties or {})
        if carry_out_checkpoints:
            with_those_before = (properties or {}).get(ALL_MARKED) == "true"
            self._checkpoints.carry_out(node, with_those_before)
        return results

    def run_job_for(
        self, seconds: float, node: Node, action: Action, properties: Mapping[str, str]
    ) -> dict[int, Any]:
        """The results of ``action`` on those partitions of ``node`` that end within ``seconds``."""
        self._refuse_forks()
        chosen = range(node.num_partitions)
        return self._scheduler.run_job_for(seconds, node, chosen, action, properties)

    def _refuse_forks(self) -> None:
        if os.getpid() != self._pid:
            raise SparkException(
                f"This context belongs to process {self._pid}; a forked process cannot run jobs "
                "with it, and has to make a context of its own"
            )

    def cancel_jobs(self, is_meant: Callable[[Mapping[str, str]], bool], reason: str) -> None:
        """End the running jobs whose local properties are meant; ``reason`` ends "Job 3 ..."."""
        self._scheduler.cancel_jobs(is_meant, reason)

    def is_place_known(self, node: Node, partition: int) -> bool:
        """Whether it is known where a partition lies."""
        return self._scheduler.places.is_known(node, partition)

    def persist(self, node: Node, level: Level) -> None:
        """Keep the partitions of ``node`` once they are computed."""
        node.storage = level
        self.blocks.keep(node.id, level)
        if node.id not in self._persisted:
            self._persisted[node.id] = node
            weakref.finalize(node, self.blocks.release, node.id).atexit = False

    def unpersist(self, node: Node) -> None:
        """Forget what is kept of ``node``."""
        node.storage = None
        self.blocks.remove(node.id)

    def cached(self) -> list[CachedRDD]:
        """The RDDs of which partitions are cached, in the order of their ids.

        As in Spark: ``SparkContext.getRDDStorageInfo``, which PySpark does not have.
        """
        # Taken at once: other threads may persist meanwhile.
        known = [reference() for reference in self._persisted.valuerefs()]
        found = []
        for node in known:
            if node is not None and node.storage is not None:
                name = node.name or node.kind
                usage = self.blocks.usage(node.id)
                if usage.partitions > 0:
                    level = str(node.storage)
                    found.append(CachedRDD(node.id, name, level, node.num_partitions, *usage))
        return sorted(found)

    def forget_shuffles(self, node: Node, blocking: bool) -> None:
        """Remove the shuffle outputs behind ``node``, but not those behind a cached node."""
        self._scheduler.forget_shuffles(shuffles_behind(node), blocking)

    def describe(self, node: Node) -> str:
        """The lineage of ``node`` as text."""

        def stored(each: Node) -> str | None:
            partitions, memory, disk = self.blocks.usage(each.id)
            if partitions == 0:
                return None
            sizes = f"MemorySize: {bytes_text(memory)}; DiskSize: {bytes_text(disk)}"
            return f"CachedPartitions: {partitions}; {sizes}"

        return describe(node, stored)

    def stop(self) -> None:
        """End all jobs, threads and files. May be called again."""
        if os.getpid() != self._pid:  # threads and files are the parent's
            return
        with self._stop_lock:
            self._scheduler.stop()
            self.directory.remove()
            if not self._is_stopped:
                self._is_stopped = True
                inheriting.end()


def _executor(slots: int, workers: Workers | None, directories: Sequence[str]) -> Executor:
    if workers is None:
        return SlotExecutor(slots, ThreadRunner())
    # Imported where it is wanted: it is not for every system.
    from minispark.engine.executors.processes import ProcessRunner

    return SlotExecutor(slots, ProcessRunner(workers, directories))
