"""Stages: what of a lineage is computed in one pass, and how far it has come.

A lineage is cut at its shuffle dependencies. A *map stage* computes the parent of one shuffle
and writes its outputs; a *result stage* computes the partitions that an action asked for. A map
stage belongs to its shuffle: later jobs that need the same shuffle find its outputs and skip it.

State here has one owner, the scheduler's dispatcher.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minispark.engine.barrier import Barrier
from minispark.engine.lineage import Node, ShuffleDependency
from minispark.engine.localdir import remove_file
from minispark.engine.places import Places
from minispark.engine.retries import Pace
from minispark.engine.shuffle.files import MapStatus
from minispark.engine.task import Action, TaskSet


class ShuffleOutputs:
    """What is known of a shuffle, for as long as some lineage has it."""

    def __init__(self, num_map_partitions: int) -> None:
        self.stage_id = -1
        """The number of its map stage in the newest job."""
        self.statuses: list[MapStatus | None] = [None] * num_map_partitions
        """Where the output of each map partition is; None: not computed, or lost."""
        self.counted: set[int] = set()
        """The map partitions whose accumulator updates have been counted."""

    @property
    def are_complete(self) -> bool:
        return all(status is not None for status in self.statuses)

    def forget(self, map_partition: int) -> None:
        """The output of a map partition is lost, or is not wanted any more."""
        status, self.statuses[map_partition] = self.statuses[map_partition], None
        if status is not None:
            remove_file(status.path)

    def forget_all(self) -> None:
        """No output is wanted any more."""
        for map_partition in range(len(self.statuses)):
            self.forget(map_partition)


class Running(NamedTuple):
    """One attempt that runs."""

    position: int
    """The index of its partition among those of the stage."""
    attempt: int
    started: float
    """By ``time.monotonic``."""


class Stage:
    """A set of tasks that need no shuffle between them.

    Parameters
    ----------
    action
        of a result stage: what its tasks do with their frames
    shuffle_id, outputs
        of a map stage: its shuffle, and what there is of it
    is_barrier
        whether its tasks start together, and fail together
    """

    def __init__(
        self,
        id: int,
        node: Node,
        partitions: Sequence[int],
        action: Action | None = None,
        shuffle_id: int | None = None,
        outputs: ShuffleOutputs | None = None,
        is_barrier: bool = False,
    ) -> None:
        self.id = id
        self.node = node
        self.partitions = partitions
        self.action = action
        self.shuffle_id = shuffle_id
        self.outputs = outputs
        self.is_barrier = is_barrier
        self.jobs: set[int] = set()
        """The unfinished jobs that need this stage."""
        self.pool = ""
        """The pool of its first job, from when it is started."""
        self.barrier: Barrier | None = None
        """Of an attempt of a barrier stage: where its tasks meet."""
        self.attempt = -1
        self.failed_attempts = 0
        """How many attempts in a row have failed."""
        self.pending: deque[int] = deque()
        """The tasks to start: indexes of their partitions."""
        self.running: dict[int, Running] = {}
        """The attempts that run, by task id."""
        self.attempts: dict[int, int] = {}
        """How many attempts of a task were started, by index."""
        self.failures: dict[int, int] = {}
        """How many of them have failed."""
        self.pace: Pace | None = None
        """How long tasks take, where slow ones are tried a second time."""
        self.copied: set[int] = set()
        """The indexes of those."""
        self.uncounted: deque[int] = deque()
        """Indexes whose accumulator updates are still to be counted, in order."""
        self.updates: dict[int, bytes | None] = {}
        """Updates of tasks that ended, until those of the tasks before them are counted."""
        self.task_set: TaskSet | None = None
        """What the tasks of this attempt have in common."""
        self.finished: set[int] = set()
        """Of a result stage: the indexes that have a result."""
        self.results = self.result_bytes = 0
        """How many results this attempt has given, and how large they are."""

    def fits(self, free: int) -> bool:
        """Whether it has tasks that may start in so many free slots."""
        return len(self.pending) > 0 and (not self.is_barrier or len(self.pending) <= free)

    def runs(self, index: int) -> bool:
        """Whether an attempt of this task runs."""
        return any(each.position == index for each in self.running.values())

    def unfinished(self) -> list[int]:
        """The indexes still to be computed."""
        if self.outputs is not None:
            return [i for i, status in enumerate(self.outputs.statuses) if status is None]
        return [i for i in range(len(self.partitions)) if i not in self.finished]


def shuffles_read(node: Node, places: Places) -> list[ShuffleDependency]:
    """The shuffles that a stage ending in ``node`` reads, without those behind a cached node."""
    return [shuffle for step in _narrow_lineage(node, places) for shuffle in step.shuffles]


def all_shuffles(node: Node) -> list[ShuffleDependency]:
    """The shuffles of a whole lineage, those that others read before them first."""
    found: dict[int, ShuffleDependency] = {}
    seen: set[int] = set()
    waiting: list[Node | ShuffleDependency] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ShuffleDependency):  # all before it has been found
            found.setdefault(each.shuffle_id, each)
        elif each.id not in seen:
            seen.add(each.id)
            for shuffle in each.shuffles:
                waiting += (shuffle, shuffle.parent)
            waiting += each.parents
    return list(found.values())


def shuffles_behind(node: Node) -> set[int]:
    """The ids of the shuffles of a lineage, but for those behind other nodes that are cached."""
    found: set[int] = set()
    seen = {node.id}
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.storage is not None and each is not node:
            continue
        found |= {shuffle.shuffle_id for shuffle in each.shuffles}
        for before in (*each.parents, *(shuffle.parent for shuffle in each.shuffles)):
            if before.id not in seen:
                seen.add(before.id)
                waiting.append(before)
    return found


def _narrow_lineage(node: Node, places: Places) -> Iterator[Node]:
    """``node`` and all that it depends on within its stage, each once."""
    seen = {node.id}
    waiting = [node]
    while waiting:
        step = waiting.pop()
        if len(places.cached(step)) == step.num_partitions > 0:
            continue
        yield step
        for parent in step.parents:
            if parent.id not in seen:
                seen.add(parent.id)
                waiting.append(parent)
