"""What an RDD is: a step of a lineage, and how the next step is put on it.

The part of the class RDD on which all operations are built. An RDD either has a *node* of the
engine's lineage, or is a *pipeline*: functions to be run in one pass over the records of the
RDD before it. A pipeline gets its node, and its functions are pickled, when the node is first
needed: by an action, by ``cache``, or by a step that cannot be part of the pass. The next
pipeline starts anew from functions, not from the pickled ones. So a variable of the program is
read when Spark reads it.

Must not know: what any particular operation does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

from minispark.core.callsite import call_site
from minispark.engine import closures
from minispark.engine.lineage import Node, PythonNode
from minispark.engine.serializers import FrameCodec
from minispark.errors import PySparkRuntimeError

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.core.rdd import RDD

__all__ = ["Partitioner", "RDDBase"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

PartitionFunction = Callable[[int, Iterator[Any]], Iterable[Any]]

PIPELINE_CALL_SITE = "RDD at PythonRDD.scala:59"


class Partitioner:
    """Which partition a key belongs to: ``partitionFunc(key) % numPartitions``.

    Two partitioners are equal when they have the same function and number: what one has placed,
    the other need not move.

    >>> from minispark.rdd import Partitioner
    >>> Partitioner(3, int)(7)
    1
    """

    def __init__(self, numPartitions: int, partitionFunc: Callable[[Any], int]) -> None:
        self.numPartitions = numPartitions
        self.partitionFunc = partitionFunc

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Partitioner)
            and self.numPartitions == other.numPartitions
            and self.partitionFunc == other.partitionFunc
        )

    __hash__ = None  # type: ignore[assignment]  # as in Spark: compared, never a key

    def __call__(self, k: Any) -> int:
        return self.partitionFunc(k) % self.numPartitions


class Pipeline:
    """Functions to run in one pass over the records of ``source``'s node."""

    def __init__(
        self,
        source: Node,
        reads: FrameCodec,
        writes: FrameCodec,
        functions: tuple[PartitionFunction, ...],
        preserves_partitioning: bool,
        is_barrier: bool = False,
    ) -> None:
        self.source = source
        self.reads = reads
        self.writes = writes
        self.functions = functions
        self.preserves_partitioning = preserves_partitioning
        self.is_barrier = is_barrier

    def node(self, id: int, call_site: str, profiler: bytes | None = None) -> Node:
        """The node of this pipeline, with its functions as they are now."""
        command, references = closures.dumps_with_references(self.functions)
        return PythonNode(
            id,
            call_site,
            self.source,
            command,
            self.reads,
            self.writes,
            self.preserves_partitioning,
            self.is_barrier,
            profiler,
            references,
        )


class RDDBase(Generic[T_co]):
    """The state of an RDD and the primitives that its operations are made of."""

    def __init__(
        self, ctx: SparkContext, codec: FrameCodec, node: Node | None, pipeline: Pipeline | None
    ) -> None:
        self.ctx = ctx
        self.is_cached = False
        self.is_checkpointed = False
        self.has_resource_profile = False  # as in Spark's local mode
        self.partitioner: Partitioner | None = None
        self._codec = codec
        self._pipeline = pipeline
        if node is not None:
            self._node = node

    # -- lineage ---------------------------------------------------------------------------

    @cached_property
    def _node(self) -> Node:
        """This RDD's node; made, and the functions pickled, when it is first asked for."""
        return self._node_at(PIPELINE_CALL_SITE)

    def _node_at(self, made_at: str) -> Node:
        """The node; if it has to be made, it says that it was made at ``made_at``."""
        if "_node" not in self.__dict__:
            assert self._pipeline is not None
            id = self.ctx._engine.new_node_id()
            node = self._pipeline.node(id, made_at, self.ctx._profiler_for(id))
            self.__dict__.setdefault("_node", node)
        return cast(Node, self.__dict__["_node"])

    def _new(self, node: Node, codec: FrameCodec) -> RDD[Any]:
        """An RDD that is a node."""
        raise NotImplementedError  # the class that is put together knows what it makes

    def _new_pipelined(self, pipeline: Pipeline, codec: FrameCodec) -> RDD[Any]:
        """An RDD that is a pipeline."""
        raise NotImplementedError

    def mapPartitionsWithIndex(
        self: RDDBase[T],
        f: Callable[[int, Iterator[T]], Iterable[U]],
        preservesPartitioning: bool = False,
    ) -> RDD[U]:
        """Apply ``f`` to each partition and its index.

        Parameters
        ----------
        f
            a function of the partition's index and an iterator over its elements, which gives
            an iterable
        preservesPartitioning
            whether the result keeps this RDD's partitioner: only right if ``f`` leaves the keys
            of pairs as they are

        Examples
        --------
        >>> rdd = sc.parallelize([1, 2, 3, 4], 2)
        >>> rdd.mapPartitionsWithIndex(lambda i, it: [(i, sum(it))]).collect()
        [(0, 3), (1, 7)]

        As in Spark: consecutive steps run in one pass, record by record; no copy is made
        between them.
        """
        return self._then(f, preservesPartitioning, self.ctx.serializer)

    def _then(
        self,
        function: PartitionFunction,
        preserves_partitioning: bool,
        writes: FrameCodec,
        is_barrier: bool = False,
    ) -> RDD[Any]:
        before = self._pipeline
        if before is None or self._is_read_back:
            pipeline = Pipeline(
                self._node, self._codec, writes, (function,), preserves_partitioning, is_barrier
            )
        else:
            pipeline = Pipeline(
                before.source,
                before.reads,
                writes,
                (*before.functions, function),
                before.preserves_partitioning and preserves_partitioning,
                before.is_barrier or is_barrier,
            )
        rdd = self._new_pipelined(pipeline, writes)
        if pipeline.preserves_partitioning:
            rdd.partitioner = self.partitioner
        return rdd

    @property
    def _is_read_back(self) -> bool:
        """Whether the next step reads this RDD's records from frames."""
        return self._pipeline is None or self.is_cached or self.is_checkpointed

    def _reserialize(self, codec: FrameCodec | None = None) -> RDD[Any]:
        """This RDD with its records in the batches of ``codec``."""
        codec = codec or self.ctx.serializer
        if self._codec == codec:
            return cast("RDD[Any]", self)
        return self._then(_unchanged, True, codec)

    # -- asking ----------------------------------------------------------------------------

    @property
    def context(self) -> SparkContext:
        """The SparkContext that this RDD was made with.

        >>> sc.parallelize([1]).context is sc
        True
        """
        return self.ctx

    def id(self) -> int:
        """A number that no other RDD of this context has.

        >>> a, b = sc.parallelize([1]), sc.parallelize([1])
        >>> a.id() == b.id()
        False
        """
        return self._node.id

    def getNumPartitions(self) -> int:
        """The number of partitions.

        >>> sc.parallelize([1, 2, 3, 4], 2).getNumPartitions()
        2
        """
        node = self._node if self._pipeline is None else self._pipeline.source
        return node.num_partitions

    def collect(self: RDDBase[T]) -> list[T]:
        """All elements, in the order of partitions, as a list on the driver.

        >>> sc.parallelize([3, 1, 2], 2).collect()
        [3, 1, 2]

        As in Spark: the list holds copies; changing them changes nothing else.
        """
        return self.ctx._collect(self._node_at(str(call_site())), self._codec, None)

    def _default_reduce_partitions(self) -> int:
        """How many partitions a shuffle of this RDD has when the program does not say."""
        if self.ctx._conf.contains("spark.default.parallelism"):
            return self.ctx.defaultParallelism
        return self.getNumPartitions()

    def __repr__(self) -> str:
        return str(self._node)

    def __getnewargs__(self) -> NoReturn:
        raise PySparkRuntimeError(
            errorClass="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER", messageParameters={}
        )


def _unchanged(_partition: int, iterator: Iterator[T]) -> Iterator[T]:
    return iterator
