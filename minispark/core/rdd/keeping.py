"""What is kept: cached partitions, checkpoints, shuffle outputs.

Part of the class RDD (`minispark.core.rdd`), for programs that use an RDD more than once, or whose
lineages grow. Must not know: how blocks and files are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from minispark.core.callsite import call_site
from minispark.core.rdd.base import RDDBase
from minispark.engine.blockfile import in_segments
from minispark.engine.lineage import FileNode, LocalCheckpointNode, Node
from minispark.engine.serializers import Frame
from minispark.engine.taskstate import TaskState
from minispark.errors import SparkException
from minispark.storagelevel import StorageLevel

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.core.rdd import RDD

__all__ = ["KeepingOps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class KeepingOps(RDDBase[T_co]):
    """Caching and checkpoints."""

    def cache(self: KeepingOps[T]) -> RDD[T]:
        """Keep the partitions once they are computed: ``persist(StorageLevel.MEMORY_ONLY)``.

        >>> rdd = sc.parallelize([1, 2, 3])
        >>> rdd.cache() is rdd, rdd.is_cached
        (True, True)
        """
        return self.persist(StorageLevel.MEMORY_ONLY)

    def persist(
        self: KeepingOps[T], storageLevel: StorageLevel = StorageLevel.MEMORY_ONLY
    ) -> RDD[T]:
        """Keep the partitions once they are computed.

        Parameters
        ----------
        storageLevel
            where, in Spark's words. Here all levels keep pickled blocks in files below
            ``spark.local.dir``, with the system's page cache as their memory. What counts as
            being in memory is no more than ``spark.memory.fraction`` of
            ``spark.driver.memory``: beyond, partitions of other RDDs that were not used for
            long are dropped and computed again, or count as being on disk, as the level says.
            There is no second copy.

        Raises
        ------
        TypeError
            if ``storageLevel`` is not a StorageLevel
        SparkException
            if this RDD has another level already, or if the level has 40 copies or more, or none,
            or is neither on disk nor in memory

        Examples
        --------
        >>> from minispark import StorageLevel
        >>> print(sc.parallelize([1]).persist(StorageLevel.DISK_ONLY).getStorageLevel())
        Disk Serialized 1x Replicated

        As in Spark: the functions of this RDD are pickled now, and the steps that follow start
        from the kept partitions.
        """
        self.is_cached = True
        if not isinstance(storageLevel, StorageLevel):
            raise TypeError("storageLevel must be of type pyspark.StorageLevel")
        _check_level(storageLevel)
        node = self._node
        if isinstance(node.checkpoint, LocalCheckpoint):
            self.ctx._engine.persist(node, _on_disk_too(storageLevel))
            return self  # type: ignore[return-value]  # every RDDBase is an RDD
        if node.storage is not None and node.storage != storageLevel:
            raise SparkException(
                "Cannot change storage level of an RDD after it was already assigned a level",
                "org.apache.spark.SparkUnsupportedOperationException",
            )
        if storageLevel != StorageLevel.NONE:
            self.ctx._engine.persist(node, storageLevel)
        return self  # type: ignore[return-value]  # every RDDBase is an RDD

    def unpersist(self: KeepingOps[T], blocking: bool = False) -> RDD[T]:
        """Stop keeping the partitions, and remove what was kept.

        Parameters
        ----------
        blocking
            as in Spark; here they are always gone when this returns

        >>> rdd = sc.parallelize([1, 2, 3]).cache()
        >>> rdd.unpersist().is_cached
        False
        """
        self.is_cached = False
        self.ctx._engine.unpersist(self._node)
        return self  # type: ignore[return-value]  # every RDDBase is an RDD

    def getStorageLevel(self) -> StorageLevel:
        """How the partitions are kept.

        >>> print(sc.parallelize([1, 2]).getStorageLevel())
        Serialized 1x Replicated
        """
        level = self._node.storage
        return level if isinstance(level, StorageLevel) else StorageLevel.NONE

    # Checkpoints

    def checkpoint(self) -> None:
        """Have the partitions written to files by the next job, and end the lineage there.

        To be called before any job on this RDD. The job computes the RDD, then a second one
        writes it: ``cache`` it before, and it is not computed twice.

        Raises
        ------
        SparkException
            if ``SparkContext.setCheckpointDir`` was not called; from the action, if the files
            cannot be written

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     sc.setCheckpointDir(folder)
        ...     rdd = sc.parallelize(range(5), 2).map(lambda x: x * x)
        ...     rdd.checkpoint()
        ...     before = rdd.isCheckpointed()
        ...     rdd.count(), before, rdd.isCheckpointed()
        (5, False, True)

        As in Spark: the files stay when the context stops. ``count`` and other actions that run a
        job to the end carry it out, ``toLocalIterator`` and approximate ones do not; an RDD whose
        own job came first (``collect`` of it), or whose files could not be written, is never
        checkpointed. Differs from Spark: the files have a form of their own, and no other context
        reads them; what another run is to read is kept by :meth:`saveAsPickleFile`.
        """
        self.is_checkpointed = True
        directory = self.ctx._checkpoint_directory
        if directory is None:
            raise SparkException("Checkpoint directory has not been set in the SparkContext")
        node = self._node
        self._pipeline = None  # what follows starts from the node: the steps before it may go
        if node.checkpoint is None:
            node.checkpoint = ReliableCheckpoint(self.ctx, f"{directory}/rdd-{node.id}")

    def isCheckpointed(self) -> bool:
        """Whether the lineage ends at this RDD, because its partitions are kept for good.

        >>> rdd = sc.parallelize([1, 2], 2)
        >>> rdd.localCheckpoint()
        >>> rdd.isCheckpointed()
        False
        >>> rdd.collect()
        [1, 2]
        >>> rdd.isCheckpointed()
        True
        """
        return self._node.is_cut

    def getCheckpointFile(self) -> str | None:
        """The directory that this RDD was checkpointed to; None if it was not.

        >>> sc.parallelize([1, 2]).getCheckpointFile() is None
        True
        """
        mark = self._node.checkpoint
        if isinstance(mark, ReliableCheckpoint) and self._node.is_cut:
            return mark.directory
        return None

    def localCheckpoint(self) -> None:
        """Have the partitions cached by the next job, and end the lineage there.

        Quicker than :meth:`checkpoint`, but nothing outlives the context, and an ``unpersist``
        loses the partitions for good.

        Examples
        --------
        >>> rdd = sc.parallelize(range(5), 2).map(lambda x: x * x)
        >>> rdd.localCheckpoint()
        >>> rdd.collect(), rdd.isCheckpointed(), rdd.isLocallyCheckpointed()
        ([0, 1, 4, 9, 16], True, True)

        As in Spark: the next job has to be one on this RDD itself (``collect``, ``union``, a
        shuffle); ``map`` and ``count`` run in one pass with it, unless it is cached.
        """
        node = self._node
        level = node.storage
        kept_at = _on_disk_too(level) if isinstance(level, StorageLevel) else _LOCAL_LEVEL
        self.ctx._engine.persist(node, kept_at)
        if not node.is_cut:
            node.checkpoint = LocalCheckpoint(self.ctx)

    def isLocallyCheckpointed(self) -> bool:
        """Whether :meth:`localCheckpoint` was called, be it carried out or not.

        >>> rdd = sc.parallelize([1, 2])
        >>> rdd.localCheckpoint()
        >>> rdd.isLocallyCheckpointed()
        True
        """
        return isinstance(self._node.checkpoint, LocalCheckpoint)

    # Shuffles

    def cleanShuffleDependencies(self, blocking: bool = False) -> None:
        """Remove the shuffle outputs that this RDD was computed from.

        A later job computes them again. They go by themselves when no RDD needs them any more.

        Parameters
        ----------
        blocking
            whether to wait until they are gone

        Raises
        ------
        TypeError
            if ``blocking`` is not a bool

        Examples
        --------
        >>> rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).reduceByKey(lambda x, y: x + y)
        >>> rdd.count()
        2
        >>> rdd.cleanShuffleDependencies(blocking=True)
        >>> sorted(rdd.collect())
        [('a', 2), ('b', 1)]

        As in Spark: not those behind an RDD that is cached.
        """
        if not isinstance(blocking, bool):
            raise TypeError(f"blocking is a bool, not {type(blocking).__name__}: {blocking!r}")
        self.ctx._engine.forget_shuffles(self._node, blocking)


_LOCAL_LEVEL = StorageLevel(True, True, False, True, 1)
"""How Spark's JVM keeps a local checkpoint of what was not cached: memory and disk, as objects."""


def _check_level(level: StorageLevel) -> None:
    """Raise SparkException for a level that Spark refuses: now, or when a task first uses it."""
    if level.replication >= 40:
        raise SparkException(
            "assertion failed: Replication restricted to be less than 40 for calculating hash "
            "codes",
            "java.lang.AssertionError",
        )
    is_used = level.useDisk or level.useMemory
    if level != StorageLevel.NONE and not (is_used and level.replication > 0):
        raise SparkException(
            f"requirement failed: StorageLevel is null or invalid: {level!r}",
            "java.lang.IllegalArgumentException",
        )


def _on_disk_too(level: StorageLevel) -> StorageLevel:
    """The level of a local checkpoint of what is cached at ``level``: nothing may be evicted."""
    return StorageLevel(True, level.useMemory, False, level.deserialized, level.replication)


class ReliableCheckpoint(NamedTuple):
    """Partitions in files of a directory that outlives the context."""

    ctx: SparkContext
    directory: str

    def keep(self, node: Node) -> Node:
        # Imported where it is used: most programs have no checkpoint.
        from minispark.io.checkpoints import (
            begin,
            complete,
            partition_file,
            read_partition,
            remove,
        )

        engine = self.ctx._engine
        begin(self.directory)
        try:
            write = partial(_write_partition, self.directory)
            engine.run_job(node, write, properties=self.ctx._job_properties())
            complete(self.directory)
        except BaseException:
            remove(self.directory)
            raise
        files = [partition_file(self.directory, i) for i in range(node.num_partitions)]
        return FileNode(
            engine.new_node_id(),
            str(call_site()),
            "ReliableCheckpointRDD",
            lambda: files,
            read_partition,
        )


class LocalCheckpoint(NamedTuple):
    """Partitions as cached blocks."""

    ctx: SparkContext

    def keep(self, node: Node) -> Node | None:
        engine = self.ctx._engine
        if node.storage is None:  # it was unpersisted meanwhile
            raise SparkException(
                "assumption failed: Storage level StorageLevel(1 replicas) is not appropriate for "
                "local checkpointing",
                "java.lang.AssertionError",
            )
        missing = sorted(set(range(node.num_partitions)) - engine.blocks.cached(node.id))
        if missing:
            engine.run_job(node, _read_through, missing, self.ctx._job_properties())
            if len(engine.blocks.cached(node.id)) < node.num_partitions:
                return None  # on a full disk, say: a lineage that is not there cannot be computed
        return LocalCheckpointNode(engine.new_node_id(), str(call_site()), node)


def _write_partition(directory: str, task: TaskState, frames: Iterator[Frame]) -> None:
    from minispark.io.checkpoints import write_partition

    write_partition(
        directory, task.id.partition, task.id.task_id, in_segments(frames), task.before_commit
    )


def _read_through(_task: TaskState, frames: Iterator[Frame]) -> None:
    for _ in frames:
        pass
