"""Where records are: partitions, placement, lineage.

Part of the class RDD (`minispark.core.rdd`), for programs: the operations that make a new node
of the lineage, or ask about one. Each makes the nodes that Spark makes, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from minispark.core.callsite import call_site
from minispark.core.rdd.base import Partitioner, PartitionFunction, RDDBase
from minispark.core.rdd.failures import need_rdd
from minispark.core.rdd.keeping import KeepingOps
from minispark.core.tasks.columns import PlacedPairs
from minispark.core.tasks.placing import place_by_key
from minispark.engine.lineage import (
    CartesianNode,
    CoalescedNode,
    MapPartitionsNode,
    Node,
    NodePartitioner,
    PairwiseNode,
    PartitionerAwareUnionNode,
    ShuffledNode,
    UnionNode,
    ZippedNode,
    spread,
)
from minispark.engine.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CartesianDeserializer,
    CloudPickleSerializer,
    FrameCodec,
    NoOpSerializer,
    PairDeserializer,
)
from minispark.engine.shuffle.hashing import portable_hash

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.core.rdd import RDD

__all__ = ["StructureOps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
K = TypeVar("K")
V = TypeVar("V")


def _native(operation: str) -> str:
    """The call site of a node that Spark makes when Python calls ``operation``."""
    return f"{operation} at NativeMethodAccessorImpl.java:0"


class StructureOps(KeepingOps[T_co]):
    """What an RDD can do with its partitions as they are."""

    # Put together

    def union(self: StructureOps[T], other: RDD[U]) -> RDD[T | U]:
        """The elements of this RDD, then those of ``other``; duplicates stay.

        Parameters
        ----------
        other
            another RDD of the same context

        Examples
        --------
        >>> sc.parallelize([1, 2], 1).union(sc.parallelize([2, 3], 1)).glom().collect()
        [[1, 2], [2, 3]]

        As in Spark: the partitions of both, one after the other; but two RDDs that are
        partitioned alike stay so, partition by partition.
        """
        need_rdd(other, "_jrdd_deserializer")
        if self._codec == other._codec:
            left, right, codec = self._node, other._node, self._codec
        else:
            codec = self.ctx.serializer
            left, right = self._reserialize()._node, other._reserialize()._node
        united = self._new(union_node(self.ctx, [left, right]), codec)
        if (
            self.partitioner == other.partitioner
            and self.getNumPartitions() == united.getNumPartitions()
        ):
            united.partitioner = self.partitioner
        return united

    def __add__(self: StructureOps[T], other: RDD[U]) -> RDD[T | U]:
        """``a + b`` is ``a.union(b)``.

        >>> (sc.parallelize([1], 1) + sc.parallelize([2], 1)).collect()
        [1, 2]
        """
        if not isinstance(other, RDDBase):
            raise TypeError(f"an RDD can only be added to an RDD, not to {type(other).__name__}")
        return self.union(other)

    def cartesian(self: StructureOps[T], other: RDD[U]) -> RDD[tuple[T, U]]:
        """All pairs of an element of this RDD and an element of ``other``.

        Examples
        --------
        >>> sc.parallelize([1, 2], 1).cartesian(sc.parallelize(["a", "b"], 1)).collect()
        [(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]

        As in Spark: a partition for each pair of partitions. Within one, a batch of the left
        side meets a batch of the right side, left-major in both; and the right side is computed
        once for each batch of the left: cache it where that is dear. The partitions of the right
        side are found when this is called, those of the left side at the action: a file that is
        not there fails then.
        """
        need_rdd(other, "_jrdd_deserializer")
        codec = CartesianDeserializer(self._codec, other._codec)
        left, right = self._node, other._node
        _ = right.num_partitions  # as in Spark, found now: a path that is not there fails here
        node = CartesianNode(self.ctx._engine.new_node_id(), _native("cartesian"), left, right)
        return self._new(node, codec)

    def zip(self: StructureOps[T], other: RDD[U]) -> RDD[tuple[T, U]]:
        """Pairs of the first elements, the second elements, and so on.

        Both sides need the same number of partitions, and of elements in each.

        Raises
        ------
        ValueError
            if the numbers of partitions differ
        SparkException
            from the action, if the numbers of elements in a partition differ

        Examples
        --------
        >>> numbers = sc.parallelize(range(4), 2)
        >>> numbers.zip(numbers.map(lambda x: x * x)).collect()
        [(0, 0), (1, 1), (2, 4), (3, 9)]
        """
        need_rdd(other, "_jrdd_deserializer")
        left: RDDBase[Any] = self
        right: RDDBase[Any] = other
        left_size, right_size = _batch_size(left._codec), _batch_size(right._codec)
        if left_size != right_size or not left_size:
            size = min(left_size, right_size)
            codec = BatchedSerializer(CloudPickleSerializer(), size if size > 0 else 100)
            right = right._reserialize(codec)
            left = left._reserialize(codec)
        if left.getNumPartitions() != right.getNumPartitions():
            raise ValueError("Can only zip with RDD which has the same number of partitions")
        left_node, right_node = left._node, right._node
        node = ZippedNode(self.ctx._engine.new_node_id(), _native("zip"), left_node, right_node)
        return self._new(node, PairDeserializer(left._codec, right._codec))

    # Move

    def partitionBy(
        self: StructureOps[tuple[K, V]],
        numPartitions: int | None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, V]]:
        """Move each pair to partition ``partitionFunc(key) % numPartitions``.

        Parameters
        ----------
        numPartitions
            None: ``spark.default.parallelism`` if it is set, else as many as there are
        partitionFunc
            gives an int for a key; the default gives every kind of key the place it has in Spark

        Examples
        --------
        >>> pairs = sc.parallelize([1, 2, 3, 4, 2]).map(lambda x: (x, x))
        >>> pairs.partitionBy(2).glom().collect()
        [[(2, 2), (4, 4), (2, 2)], [(1, 1), (3, 3)]]

        As in Spark: nothing moves, and the result is this RDD, where it is partitioned so
        already.
        """
        return self._placed(numPartitions, partitionFunc, is_seen=True)

    def _placed(
        self: StructureOps[tuple[K, V]],
        numPartitions: int | None,
        partitionFunc: Callable[[K], int] = portable_hash,
        *,
        is_seen: bool,
    ) -> RDD[tuple[K, V]]:
        """As `partitionBy`; if not `is_seen`, only the next step sees the result."""
        count = self._default_reduce_partitions() if numPartitions is None else numPartitions
        partitioner = Partitioner(count, partitionFunc)
        if self.partitioner == partitioner:
            return self  # type: ignore[return-value]  # every RDDBase is an RDD
        serializer = self.ctx._unbatched_serializer
        return self._shuffled(
            partitioner,
            partial(place_by_key, count, partitionFunc, serializer, is_seen),
            BatchedSerializer(serializer) if is_seen else PlacedPairs(serializer),
        )

    def _shuffled(
        self, partitioner: Partitioner, place: PartitionFunction, reads: FrameCodec
    ) -> RDD[Any]:
        """What a shuffle gives: the frames that `place` makes, where it says, as `reads` reads."""
        engine = self.ctx._engine
        made_at = str(call_site())
        count = partitioner.numPartitions
        placed = self._then(place, True, NoOpSerializer())._node_at(made_at)
        pairwise = PairwiseNode(engine.new_node_id(), made_at, placed)
        shuffled = ShuffledNode(
            engine.new_node_id(),
            _native("partitionBy"),
            engine.new_shuffle(pairwise, count),
            NodePartitioner(count, partitioner.partitionFunc),
        )
        values = MapPartitionsNode(
            engine.new_node_id(),
            "mapPartitions at PythonRDD.scala:197",
            shuffled,
            preserves_partitioning=True,
        )
        result = self._new(values, reads)
        result.partitioner = partitioner
        return result

    def repartition(self: StructureOps[T], numPartitions: int) -> RDD[T]:
        """Deal the elements out over ``numPartitions`` partitions, by a shuffle.

        To have fewer partitions, ``coalesce`` does without one.

        Raises
        ------
        ValueError
            if ``numPartitions`` is not positive

        Examples
        --------
        >>> sc.parallelize(range(6), 2).repartition(3).getNumPartitions()
        3

        As in Spark: in batches of ten, so few elements do not spread evenly.
        """
        return self.coalesce(numPartitions, shuffle=True)

    def coalesce(self: StructureOps[T], numPartitions: int, shuffle: bool = False) -> RDD[T]:
        """Put neighbouring partitions together until there are ``numPartitions``.

        Parameters
        ----------
        numPartitions
            how many; without a shuffle more than there are changes nothing
        shuffle
            deal the elements out anew, as ``repartition`` does

        Raises
        ------
        ValueError
            if ``numPartitions`` is not positive

        Examples
        --------
        >>> sc.parallelize([1, 2, 3, 4, 5], 3).coalesce(1).glom().collect()
        [[1, 2, 3, 4, 5]]
        """
        if not numPartitions > 0:
            raise ValueError("Number of partitions must be positive.")
        engine, site = self.ctx._engine, _native("coalesce")
        if not shuffle:
            before = self._node
            node = CoalescedNode(
                engine.new_node_id(), site, before, numPartitions, engine.is_place_known
            )
            return self._new(node, self._codec)
        batch_size = min(10, self.ctx._batchSize or 1024)
        dealt = self._reserialize(BatchedSerializer(CloudPickleSerializer(), batch_size))
        before = dealt._node
        placed = MapPartitionsNode(
            engine.new_node_id(), site, before, partial(spread, numPartitions)
        )
        shuffled = ShuffledNode(
            engine.new_node_id(),
            site,
            engine.new_shuffle(placed, numPartitions),
            NodePartitioner(numPartitions, None),
        )
        coalesced = CoalescedNode(
            engine.new_node_id(), site, shuffled, numPartitions, engine.is_place_known
        )
        values = MapPartitionsNode(engine.new_node_id(), site, coalesced)
        return self._new(values, dealt._codec)

    # Tell

    def name(self) -> str | None:
        """The name that :meth:`setName` gave; for a file's RDD its path; else None.

        >>> sc.parallelize([1, 2]).name() is None
        True
        """
        return self._node.name or None

    def setName(self: StructureOps[T], name: str | None) -> RDD[T]:
        """Give the RDD a name, to be seen in lineages and in the UI.

        Raises
        ------
        TypeError
            if ``name`` is not a str (or None, for no name)

        >>> sc.parallelize([1, 2]).setName("numbers").name()
        'numbers'
        """
        if name is not None and not isinstance(name, str):
            raise TypeError(f"setName() takes a str, not {name!r} ({type(name).__name__})")
        self._node.name = name
        return self  # type: ignore[return-value]  # every RDDBase is an RDD

    def toDebugString(self) -> bytes | None:
        """The lineage as a tree, from this RDD down to its sources.

        >>> print(sc.parallelize([1, 2], 2).map(str).toDebugString().decode())
        (2) PythonRDD[...] at RDD at PythonRDD.scala:59 []
         |  ParallelCollectionRDD[...] at readRDDFromFile at PythonRDD.scala:326 []

        As in Spark: a new column begins behind each shuffle, and the number in brackets is that
        of partitions.
        """
        return self.ctx._engine.describe(self._node).encode("utf-8")


def union_node(ctx: SparkContext, nodes: list[Node]) -> Node:
    """The union of ``nodes``; of those that are all partitioned alike, partition by partition."""
    some = [node for node in nodes if node.num_partitions]
    partitioner = some[0].partitioner if some else None
    id, site = ctx._engine.new_node_id(), _native("union")
    if partitioner is not None and all(node.partitioner == partitioner for node in some):
        return PartitionerAwareUnionNode(id, site, some)
    return UnionNode(id, site, some)


def _batch_size(codec: FrameCodec) -> int:
    if isinstance(codec, (BatchedSerializer, AutoBatchedSerializer)):
        return codec.batchSize
    return 1
