"""What an RDD is made of: nodes and their dependencies.

A node has the five properties of a Spark RDD: partitions, a function that computes one, its
dependencies on parents, a partitioner, and where it is stored. The nodes here are those of
Spark's own JVM side under a Python program, under Spark's names, one for one. That is not
imitation for its own sake: where two nodes meet, records cross as frames (pickled batches), and
it is there that Spark copies, batches and orders them.

    ParallelCollection   the pickled batches that ``parallelize`` made
    Hadoop               records read from files
    Python               the user's functions, in one pass over the parent's records
    Pairwise             (reduce partition, frame) pairs, on their way into a shuffle
    Shuffled             frames read back from a shuffle's map outputs
    MapPartitions        a function of the engine over a parent's frames
    Union, PartitionerAwareUnion, Coalesced, Cartesian, ZippedPartitions2, Empty
    LocalCheckpoint      stands where the lineage of a node was cut

Example: ``sc.parallelize(pairs).map(f).reduceByKey(g)`` is

    Python <- MapPartitions <- Shuffled <=(shuffle)= Pairwise <- Python <- ParallelCollection

A node changes in three ways only. Two are by the RDD on top of it: its name and its storage level.
The third is a checkpoint: then its inputs are replaced, see :mod:`minispark.engine.checkpoint`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, Protocol, cast

from minispark.engine import closures
from minispark.engine.blockfile import Segment, append_segment, new_block_file, read_segments
from minispark.engine.coalescing import by_place, neighbours
from minispark.engine.localdir import remove_file
from minispark.engine.serializers import Frame, FrameCodec, frame_size
from minispark.engine.shuffle.files import FetchFailed, read_reduce_partition
from minispark.engine.shuffle.spread import start_partition
from minispark.engine.steps import joined
from minispark.engine.taskstate import TaskState
from minispark.errors import SparkException

MAX_INLINE_BYTES = 1 << 16
"""So much of a program's data goes to another process inside a message."""

ILLEGAL_ARGUMENT = "java.lang.IllegalArgumentException"


class NodePartitioner(NamedTuple):
    """How the keys of a node are placed: two equal ones place alike."""

    num_partitions: int
    function: Any


class ShuffleDependency:
    """A dependency on all partitions of ``parent``, through a shuffle."""

    def __init__(self, parent: Node, num_partitions: int, shuffle_id: int) -> None:
        self.parent = parent
        self.num_partitions = num_partitions
        self.shuffle_id = shuffle_id

    def __getstate__(self) -> dict[str, Any]:
        """What a task knows of it: where a stage is cut, the lineage ends."""
        return {**self.__dict__, "parent": None}

    def on_release(self, release: Callable[[int], None]) -> None:
        """Call ``release(shuffle_id)`` when no lineage has this shuffle any more."""
        # At the end of the process the whole local directory goes: nothing to do then.
        weakref.finalize(self, release, self.shuffle_id).atexit = False


class Inputs(NamedTuple):
    """What a node reads, as one value: a checkpoint replaces it while tasks may be reading it."""

    parents: tuple[Node, ...] = ()
    """The nodes of which a partition needs some partitions (narrow dependencies)."""
    shuffles: tuple[ShuffleDependency, ...] = ()
    """The shuffles of which a partition needs the output."""
    are_kept: bool = False
    """Whether the one parent holds the node's own partitions, kept by a checkpoint."""


class Checkpoint(Protocol):
    """How the partitions of a node are to be kept for good."""

    def keep(self, node: Node) -> Node | None:
        """Keep all partitions of ``node``; the node that reads them. None if not all can be kept,
        and the lineage has to stay.
        """


class Node:
    """One step of a lineage. See the module's text for the kinds there are."""

    kind = ""
    is_from_barrier = False
    """Whether the program asked for its tasks to run at once."""
    _for_the_driver: frozenset[str] = frozenset({"checkpoint", "partitioner", "_partitions_lock"})
    """Attributes that no task needs."""

    def __init__(
        self,
        id: int,
        call_site: str,
        parents: tuple[Node, ...] = (),
        shuffles: tuple[ShuffleDependency, ...] = (),
        partitioner: NodePartitioner | None = None,
    ) -> None:
        self.id = id
        self.call_site = call_site
        self.partitioner = partitioner
        self.name: str | None = None
        self.storage: object | None = None
        """How the partitions are kept once computed, as a text tells it; None: they are not."""
        self.checkpoint: Checkpoint | None = None
        """How they are to be kept for good, once a job over this node has ended."""
        self.is_checkpoint_settled = False
        """Whether a job over this node has ended, and found it marked or not."""
        self._inputs = Inputs(parents, shuffles)
        self._partitions_lock = threading.Lock()
        self._num_partitions: int | None = None
        self._settled_to_the_sources = False

    # -- the five properties -------------------------------------------------------------

    @property
    def num_partitions(self) -> int:
        """How many partitions there are; worked out when first asked for."""
        if self._num_partitions is None:
            # Those nearest the sources first, so that a long lineage is no deep recursion.
            for node in reversed(_unsettled(self, with_shuffles=False)):
                node._settle()
        assert self._num_partitions is not None
        return self._num_partitions

    def _settle(self) -> None:
        with self._partitions_lock:
            if self._num_partitions is None:
                self._num_partitions = self._count_partitions()

    @property
    def parents(self) -> Sequence[Node]:
        """The nodes of which a partition needs some partitions (narrow dependencies)."""
        return self._inputs.parents

    @property
    def shuffles(self) -> Sequence[ShuffleDependency]:
        """The shuffles of which a partition needs the output."""
        return self._inputs.shuffles

    def narrow_parents(self, partition: int) -> Sequence[tuple[Node, int]]:
        """The partitions of the parents that a partition is made of."""
        inputs = self._inputs
        if inputs.are_kept:
            return [(inputs.parents[0], partition)]
        return self._members(partition, inputs.parents)

    def _members(self, partition: int, parents: tuple[Node, ...]) -> Sequence[tuple[Node, int]]:
        return [(parent, partition) for parent in parents]

    @property
    def is_grouped_by_place(self) -> bool:
        """Whether the partitions are groups of such as lie together."""
        return False

    def _count_partitions(self) -> int:
        return self.parents[0].num_partitions

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        raise NotImplementedError

    # -- checkpoints -----------------------------------------------------------------------

    @property
    def is_cut(self) -> bool:
        """Whether the partitions are kept for good, and the lineage before them is gone."""
        return self._inputs.are_kept

    def cut(self, kept: Node) -> None:
        """From now on read the partitions from ``kept``, and let go of what they came from."""
        assert kept.num_partitions == self.num_partitions
        self._inputs = Inputs((kept,), are_kept=True)

    # -- reading ---------------------------------------------------------------------------

    def frames(self, partition: int, task: TaskState) -> Iterator[Frame]:
        """The frames of one partition: from the store if it is kept there, else computed."""
        inputs = self._inputs
        if inputs.are_kept:
            compute = partial(inputs.parents[0].frames, partition, task)
        else:
            compute = partial(self._compute, partition, task, inputs)
        if self.storage is None:
            return compute()
        return task.blocks.get_or_store(self.id, partition, task.id.task_id, compute)

    def __getstate__(self) -> dict[str, Any]:
        """What tasks need to compute partitions, once these are settled; for another process."""
        return {
            name: value for name, value in self.__dict__.items() if name not in self._for_the_driver
        }

    # -- text ------------------------------------------------------------------------------

    def __str__(self) -> str:
        name = f"{self.name} " if self.name else ""
        return f"{name}{self.kind}[{self.id}] at {self.call_site}"


class EmptyNode(Node):
    """No partitions."""

    kind = "EmptyRDD"

    def _count_partitions(self) -> int:
        return 0


class ParallelCollectionNode(Node):
    """Batches that the driver pickled when the RDD was defined.

    They are in memory. Once another process needs them, and they are many, they go into the file
    ``spool`` and are read from there.
    """

    kind = "ParallelCollectionRDD"

    def __init__(
        self, id: int, call_site: str, batches: list[Frame], num_slices: int, spool: str
    ) -> None:
        super().__init__(id, call_site)
        self._batches: list[Frame] | None = batches
        self._count = len(batches)
        self._num_slices = num_slices
        self._spool = spool
        self._segments: list[Segment] = []

    def _count_partitions(self) -> int:
        if self._num_slices < 1:
            raise SparkException("Positive number of partitions required", ILLEGAL_ARGUMENT)
        return self._num_slices

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        count, slices = self._count, self._num_slices
        start, end = partition * count // slices, (partition + 1) * count // slices
        batches = self._batches
        if batches is None:
            return read_segments(self._spool, self._segments[start:end])
        return iter(batches[start:end])

    def __getstate__(self) -> dict[str, Any]:
        with self._partitions_lock:
            batches = self._batches
            if batches is not None and sum(map(frame_size, batches)) > MAX_INLINE_BYTES:
                with new_block_file(self._spool) as file:
                    self._segments = [append_segment(file, [batch]) for batch in batches]
                weakref.finalize(self, remove_file, self._spool).atexit = False
                self._batches = None
            return super().__getstate__()


class FileNode(Node):
    """Records of files: ``list_splits()`` tells the partitions, ``read(split)`` their frames."""

    _for_the_driver = Node._for_the_driver | {"_list_splits"}

    def __init__(
        self,
        id: int,
        call_site: str,
        kind: str,
        list_splits: Callable[[], Sequence[Any]],
        read: Callable[[Any], Iterator[Frame]],
    ) -> None:
        super().__init__(id, call_site)
        self.kind = kind
        self._list_splits = list_splits
        self._read = read
        self._splits: Sequence[Any] = ()

    def _count_partitions(self) -> int:
        self._splits = self._list_splits()
        return len(self._splits)

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        return self._read(self._splits[partition])


class PythonNode(Node):
    """The program's functions over a parent's records, in one pass.

    ``command`` is the pickled tuple of functions ``(partition, iterator) -> iterable``, each
    given what the one before it gives; it is loaded anew for each task. ``references`` are what has
    to stay for that. ``profiler`` is a pickled object: its ``profile(f)`` calls f, and gives what f
    gives.
    """

    kind = "PythonRDD"
    _for_the_driver = Node._for_the_driver | {"_references"}

    def __init__(
        self,
        id: int,
        call_site: str,
        parent: Node,
        command: bytes,
        reads: FrameCodec,
        writes: FrameCodec,
        preserves_partitioning: bool,
        is_from_barrier: bool = False,
        profiler: bytes | None = None,
        references: tuple[object, ...] = (),
    ) -> None:
        partitioner = parent.partitioner if preserves_partitioning else None
        super().__init__(id, call_site, (parent,), partitioner=partitioner)
        self.is_from_barrier = is_from_barrier
        self._command = command
        self._references = references
        self._profiler = profiler
        self._reads = reads
        self._writes = writes

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        frames = _of_other_functions(inputs.parents[0].frames(partition, task), task)
        task.inputs_begun += 1
        if self._profiler is None:
            return self._apply(partition, frames)
        profiler = closures.loads(self._profiler)
        read = list(frames)  # now: what the parent does is not in this profile
        written = profiler.profile(lambda: list(self._apply(partition, iter(read))))
        return iter(cast("list[Frame]", written))

    def _apply(self, partition: int, frames: Iterator[Frame]) -> Iterator[Frame]:
        functions = closures.loads(self._command)
        records: Any = self._reads.records(frames)
        for function in joined(functions):
            records = function(partition, records)
        return self._writes.frames(records)


def _of_other_functions(frames: Iterator[Frame], task: TaskState) -> Iterator[Frame]:
    """Frames whose error is the task's, whatever is made of it by the functions that read them.

    In Spark another worker makes these frames.
    """
    try:
        yield from frames
    except Exception as exc:
        task.engine_failure = task.engine_failure or exc
        raise
    task.inputs_ended += 1


class MapPartitionsNode(Node):
    """A function of the engine's own over a parent's frames."""

    kind = "MapPartitionsRDD"

    def __init__(
        self,
        id: int,
        call_site: str,
        parent: Node,
        function: Callable[[int, Iterator[Frame]], Iterator[Frame]] | None = None,
        preserves_partitioning: bool = False,
        kind: str = kind,
    ) -> None:
        partitioner = parent.partitioner if preserves_partitioning else None
        super().__init__(id, call_site, (parent,), partitioner=partitioner)
        self.kind = kind
        self._function = function

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        frames = inputs.parents[0].frames(partition, task)
        return frames if self._function is None else self._function(partition, frames)


class PairwiseNode(MapPartitionsNode):
    """(reduce partition, frame) pairs, as a Python node wrote them."""

    def __init__(self, id: int, call_site: str, parent: Node) -> None:
        super().__init__(id, call_site, parent, kind="PairwiseRDD")


class ShuffledNode(Node):
    """What a shuffle's map tasks wrote for each reduce partition."""

    kind = "ShuffledRDD"

    def __init__(
        self,
        id: int,
        call_site: str,
        dependency: ShuffleDependency,
        partitioner: NodePartitioner | None,
    ) -> None:
        super().__init__(id, call_site, shuffles=(dependency,), partitioner=partitioner)

    def _count_partitions(self) -> int:
        return max(0, self.shuffles[0].num_partitions)

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        shuffle_id = inputs.shuffles[0].shuffle_id
        statuses = task.map_statuses.get(shuffle_id)
        try:
            if statuses is None:  # a cached partition in front of the shuffle was lost
                raise FetchFailed(shuffle_id, (), "its map outputs are not at hand")
            yield from read_reduce_partition(shuffle_id, statuses, partition)
        except FetchFailed as exc:
            task.engine_failure = exc
            raise


class UnionNode(Node):
    """The partitions of the parents, one parent after the other."""

    kind = "UnionRDD"

    def __init__(
        self,
        id: int,
        call_site: str,
        parents: Sequence[Node],
        partitioner: NodePartitioner | None = None,
    ) -> None:
        super().__init__(id, call_site, tuple(parents), partitioner=partitioner)

    def _count_partitions(self) -> int:
        return sum(parent.num_partitions for parent in self.parents)

    def _members(self, partition: int, parents: tuple[Node, ...]) -> Sequence[tuple[Node, int]]:
        for parent in parents:
            if partition < parent.num_partitions:
                return [(parent, partition)]
            partition -= parent.num_partitions
        raise IndexError(partition)

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        return _concatenated(self._members(partition, inputs.parents), task)


class PartitionerAwareUnionNode(UnionNode):
    """Parents that are partitioned alike: partition i holds the i-th partition of each."""

    kind = "PartitionerAwareUnionRDD"

    def __init__(self, id: int, call_site: str, parents: Sequence[Node]) -> None:
        super().__init__(id, call_site, parents, parents[0].partitioner)

    def _members(self, partition: int, parents: tuple[Node, ...]) -> Sequence[tuple[Node, int]]:
        return [(parent, partition) for parent in parents]

    def _count_partitions(self) -> int:
        return self.parents[0].num_partitions


class CoalescedNode(Node):
    """Partitions of the parent put together, into at most ``limit``.

    ``is_place_known(parent, partition)`` is asked when the partitions are first needed; by what it
    tells, see :mod:`minispark.engine.coalescing`, they are grouped for good.
    """

    kind = "CoalescedRDD"
    _for_the_driver = Node._for_the_driver | {"_is_place_known"}

    def __init__(
        self,
        id: int,
        call_site: str,
        parent: Node,
        limit: int,
        is_place_known: Callable[[Node, int], bool],
    ) -> None:
        super().__init__(id, call_site, (parent,))
        self._limit = limit
        self._is_place_known = is_place_known
        self._groups: list[Sequence[int]] = []
        self._by_place = False

    def _members(self, partition: int, parents: tuple[Node, ...]) -> Sequence[tuple[Node, int]]:
        return [(parents[0], member) for member in self._groups[partition]]

    @property
    def is_grouped_by_place(self) -> bool:
        return self.num_partitions > 0 and self._by_place

    def _count_partitions(self) -> int:
        (parent,) = self.parents
        count = parent.num_partitions
        groups = min(self._limit, count)
        placed = [i for i in range(count) if self._is_place_known(parent, i)]
        self._by_place = bool(placed)
        self._groups = by_place(count, groups, placed) if placed else neighbours(count, groups)
        return len(self._groups)

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        return _concatenated(self._members(partition, inputs.parents), task)


class CartesianNode(Node):
    """Every frame of a left partition with every frame of a right one, left-major."""

    kind = "CartesianRDD"

    def __init__(self, id: int, call_site: str, left: Node, right: Node) -> None:
        super().__init__(id, call_site, (left, right))

    def _members(self, partition: int, parents: tuple[Node, ...]) -> Sequence[tuple[Node, int]]:
        left, right = parents
        of_left, of_right = divmod(partition, right.num_partitions)
        return [(left, of_left), (right, of_right)]

    def _count_partitions(self) -> int:
        left, right = self.parents
        return left.num_partitions * right.num_partitions

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        (left, of_left), (right, of_right) = self._members(partition, inputs.parents)
        # As in Spark the right side is computed again for each left frame: nothing has to fit
        # in memory, and who finds that dear caches the right side.
        for left_frame in left.frames(of_left, task):
            for right_frame in right.frames(of_right, task):
                yield (left_frame, right_frame)


class ZippedNode(Node):
    """The frames of two parents, one to one."""

    kind = "ZippedPartitionsRDD2"

    def __init__(self, id: int, call_site: str, left: Node, right: Node) -> None:
        super().__init__(id, call_site, (left, right))

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        left, right = (parent.frames(partition, task) for parent in inputs.parents)
        end = object()
        while True:
            left_frame, right_frame = next(left, end), next(right, end)
            if left_frame is end and right_frame is end:
                return
            if left_frame is end or right_frame is end:
                task.engine_failure = SparkException(
                    "Can only zip RDDs with same number of elements in each partition"
                )
                raise task.engine_failure
            yield (left_frame, right_frame)


class LocalCheckpointNode(Node):
    """Where the lineage of a node was cut whose partitions are kept as blocks.

    They are read from there; this stands for what is no more, should one be lost.
    """

    kind = "LocalCheckpointRDD"

    def __init__(self, id: int, call_site: str, kept: Node) -> None:
        super().__init__(id, call_site)
        self._kept_id = kept.id
        self._count = kept.num_partitions

    def _count_partitions(self) -> int:
        return self._count

    def _compute(self, partition: int, task: TaskState, inputs: Inputs) -> Iterator[Frame]:
        task.engine_failure = SparkException(
            f"[CHECKPOINT_RDD_BLOCK_ID_NOT_FOUND] Checkpoint block rdd_{self._kept_id}_{partition} "
            "not found!\nThe RDD was unpersisted after localCheckpoint, or the block was lost, and "
            "its lineage is gone. checkpoint() is slower, and keeps partitions in files of their "
            "own."
        )
        raise task.engine_failure


def _concatenated(members: Sequence[tuple[Node, int]], task: TaskState) -> Iterator[Frame]:
    if len(members) == 1:
        ((parent, member),) = members
        return parent.frames(member, task)
    return chain.from_iterable(parent.frames(member, task) for parent, member in members)


def settle(node: Node) -> None:
    """Work out the partitions of ``node`` and of all that it is made of, behind shuffles too.

    As in Spark before each job, also one without tasks: a file that is not there fails here.
    """
    found = _unsettled(node, with_shuffles=True)
    for each in reversed(found):
        each._settle()
    for each in found:
        each._settled_to_the_sources = True


def _unsettled(node: Node, with_shuffles: bool) -> list[Node]:
    """``node`` and what it is made of, as far as partitions were not worked out yet.

    With shuffles: as far as somewhere behind a node there may be such.
    """
    found: dict[int, Node] = {}
    waiting = [node]
    while waiting:
        each = waiting.pop()
        done = each._settled_to_the_sources if with_shuffles else each._num_partitions is not None
        if each.id in found or done:
            continue
        found[each.id] = each
        waiting += each.parents
        if with_shuffles:
            waiting += [shuffle.parent for shuffle in each.shuffles]
    return list(found.values())


def spread(num_partitions: int, partition: int, frames: Iterator[Frame]) -> Iterator[Frame]:
    """Deal frames out over partitions in turn, for ``repartition``."""
    first = start_partition(partition, num_partitions) + 1
    for position, frame in enumerate(frames, first):
        yield (position % num_partitions, frame)


def describe(root: Node, stored: Callable[[Node], str | None]) -> str:
    """The lineage as Spark's ``toDebugString`` draws it.

    ``stored(node)`` gives the line on a node's cached partitions, or None if it has none.
    """
    # A level's own text is PySpark's; this one is Spark's.
    persistence = "" if root.storage is None else str(root.storage).replace("OffHeap", "(off heap)")

    def own_lines(node: Node) -> list[str]:
        lines = [f"{node} [{persistence}]"]
        if node.storage is not None and (line := stored(node)) is not None:
            lines.append(f"    {line}")
        return lines

    def branch(num_partitions: int) -> tuple[str, str]:
        """How a group of nodes is headed, and the bar that runs down below the head."""
        head = f"({num_partitions})"
        left = (len(head) - 1) // 2
        return head, " " * left + "|" + " " * (len(head) - left)

    def dependencies(node: Node, prefix: str) -> list[tuple[Node, str, bool, bool]]:
        """(node, prefix, is behind a shuffle, is the last) of what ``node`` reads, last first."""
        reads = [(parent, False) for parent in node.parents]
        reads += [(shuffle.parent, True) for shuffle in node.shuffles]
        last = len(reads) - 1
        return [
            (child, prefix, is_shuffle, index == last)
            for index, (child, is_shuffle) in enumerate(reads)
        ][::-1]

    head, bar = branch(root.num_partitions)
    first, *rest = own_lines(root)
    lines = [f"{head} {first}", *(f"{bar} {line}" for line in rest)]
    # What is still to be drawn, the next last: calls do not get deeper as the lineage gets longer.
    waiting = dependencies(root, bar)
    while waiting:
        node, prefix, is_shuffle, is_last = waiting.pop()
        first, *rest = own_lines(node)
        if is_shuffle:
            outer = prefix.rstrip().removesuffix("|")
            head, bar = branch(node.num_partitions)
            prefix = outer + ("  " if is_last else "| ") + bar
            lines.append(f"{outer}+-{head} {first}")
        else:
            lines.append(prefix + first)
        lines += [prefix + line for line in rest]
        waiting += dependencies(node, prefix)
    return "\n".join(lines)
