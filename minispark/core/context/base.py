"""What a context is: its settings, its engine, and what every part of the API needs of them.

The other modules of this package put the operations on it, by what they are for; the class
SparkContext (in `__init__`) puts them together, and starts and stops the engine.

Must not know: what any particular operation does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from minispark.conf import SparkConf
from minispark.core.callsite import CallSite, call_site
from minispark.core.rdd import RDD
from minispark.engine import closures, collector
from minispark.engine.engine import Engine
from minispark.engine.lineage import FileNode, MapPartitionsNode, Node
from minispark.engine.serializers import Frame, FrameCodec, Serializer
from minispark.engine.task import collect_frames
from minispark.errors import PySparkRuntimeError, SparkException
from minispark.taskcontext import TaskContext

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.profiler import ProfilerCollector

__all__ = ["ContextBase", "assert_on_driver", "native"]


class ContextBase:
    """The state of a context. It is made when the context starts, and stays."""

    environment: dict[str, Any]
    serializer: FrameCodec
    profiler_collector: ProfilerCollector | None
    _made_at: CallSite
    _conf: SparkConf
    _slots: int
    _is_cluster: bool
    _batchSize: int
    _unbatched_serializer: Serializer
    _local: threading.local
    """What each thread of the program has set."""
    _checkpoint_directory: str | None
    _running: Engine | None
    """None once the context is stopped."""

    @property
    def _engine(self) -> Engine:
        assert_on_driver()
        if self._running is None:
            raise SparkException(
                "Cannot call methods on a stopped SparkContext.\n"
                f"This one was created at: {self._made_at}",
                "java.lang.IllegalStateException",
            )
        return self._running

    @property
    def defaultParallelism(self) -> int:
        """How many partitions ``parallelize`` makes when it is not told.

        ``spark.default.parallelism`` if it is set, else the number of slots; in a local-cluster
        at least 2.

        >>> sc.defaultParallelism == sc.parallelize([1, 2, 3]).getNumPartitions()
        True
        """
        value = self._conf.get("spark.default.parallelism", None)
        if value is not None:
            return int(value.strip())
        return max(self._slots, 2) if self._is_cluster else self._slots

    @property
    def defaultMinPartitions(self) -> int:
        """How many partitions a file has at least when it is not told; at most 2.

        >>> sc.defaultMinPartitions == min(sc.defaultParallelism, 2)
        True
        """
        return min(self.defaultParallelism, 2)

    @property
    def _hadoop_settings(self) -> dict[str, str]:
        """The settings of all jobs that read and write files: ``spark.hadoop.*``."""
        prefix = "spark.hadoop."
        return {
            key.removeprefix(prefix): value
            for key, value in self._conf.getAll()
            if key.startswith(prefix)
        }

    @property
    def _outputs_may_exist(self) -> bool:
        """Whether a job may write into a directory that is there already."""
        return self._conf.get("spark.hadoop.validateOutputSpecs", "true").lower() == "false"

    @property
    def _properties(self) -> dict[str, str]:
        """The properties of this thread; only while the context runs."""
        assert self._engine
        if not hasattr(self._local, "properties"):
            self._local.properties = {}
        return cast("dict[str, str]", self._local.properties)

    def _set_properties(self, properties: Mapping[str, str]) -> None:
        """Give this thread these properties and no others."""
        self._local.properties = dict(properties)

    def _job_properties(self) -> dict[str, str]:
        """The properties of a job that this thread submits now, from the line that it is at."""
        return {**self._properties, "callSite.short": str(call_site())}

    def _collect(
        self, node: Node, codec: FrameCodec, partitions: Sequence[int] | None
    ) -> list[Any]:
        results = self._engine.run_job(node, collect_frames, partitions, self._job_properties())
        with collector.seldom():
            return list(codec.records(chain.from_iterable(results)))

    def _profiler_for(self, id: int) -> bytes | None:
        """A pickled profiler for the tasks of the RDD ``id``; None if there is no profiling."""
        if self.profiler_collector is None:
            return None
        profiler = self.profiler_collector.new_profiler(cast("SparkContext", self))
        self.profiler_collector.add_profiler(id, profiler)
        return closures.dumps(profiler)

    def _file_node(
        self,
        kind: str,
        site: str,
        list_splits: Callable[[], Sequence[Any]],
        read: Callable[[Any], Iterator[Frame]],
        name: str | None,
    ) -> FileNode:
        """Records of files; ``name`` is what the RDD is called."""
        node = FileNode(self._engine.new_node_id(), site, kind, list_splits, read)
        node.name = name
        return node

    def _behind(self, node: Node, site: str) -> MapPartitionsNode:
        """A step of Spark's JVM that changes nothing here."""
        return MapPartitionsNode(self._engine.new_node_id(), site, node)

    def _rdd(self, node: Node, codec: FrameCodec) -> RDD[Any]:
        """An RDD of this context that is a node."""
        return RDD(cast("SparkContext", self), codec, node, None)


def native(operation: str) -> str:
    """The call site of a node that Spark makes for a call from Python."""
    return f"{operation} at NativeMethodAccessorImpl.java:0"


def assert_on_driver() -> None:
    """Raise if this is a task: there is no context in one."""
    if TaskContext.get() is not None:
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})
