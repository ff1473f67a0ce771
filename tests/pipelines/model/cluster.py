"""RDDs as the cluster has them, and the jobs that compute them; for the model.

Node      one RDD: partitions of frames, and what they are made of
Cluster   runs jobs, and remembers what they leave behind for later ones
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .frames import Frame, unpack
from .randomness import JavaRandom

PartitionFunc = Callable[[int, Iterable[Any]], Iterable[Any]]


class JobFailed(Exception):
    """A task failed, so the job did; its cause is what the task raised."""


class Node:
    """An RDD of the cluster. `parents(i)` are the narrow dependencies of partition i."""

    placement: Any = None  # what decides each key's partition, if that is known

    def __init__(self, cluster: Cluster, ancestors: list[Node], shuffle: Shuffle | None = None):
        self.cluster = cluster
        self.ancestors = ancestors
        self.shuffle = shuffle
        self.kept: dict[int, list[Frame]] | None = None
        self.level = "NONE"
        self.mark: str | None = None  # the next job that reaches it is followed by a checkpoint
        self.visited = False  # by a job that looked for what is marked: none looks again
        self.saved: list[list[Frame]] | None = None
        self.cut = False  # what is kept is all there is: a local checkpoint
        self._layout: Any = None

    def layout(self) -> Any:
        """The partitions: settled when first asked for, then kept."""
        if self._layout is None:
            self._layout = self.arrange()
        return self._layout

    def count(self) -> int:
        return len(self.layout())

    def frames(self, i: int) -> Iterator[Frame]:
        if self.kept is None:
            return self._read(i)
        if i not in self.kept:
            self.kept[i] = list(self._read(i))
        return iter(self.kept[i])

    def _read(self, i: int) -> Iterator[Frame]:
        if self.cut:
            raise LookupError("a block of a local checkpoint is gone")
        return self.compute(i) if self.saved is None else iter(self.saved[i])

    def located(self, i: int) -> bool:
        """Whether the node itself knows where partition i is best computed."""
        return False

    def arrange(self) -> Any:
        raise NotImplementedError

    def parents(self, i: int) -> list[tuple[Node, int]]:
        raise NotImplementedError

    def compute(self, i: int) -> Iterator[Frame]:
        raise NotImplementedError


class Cluster:
    """Runs jobs, and remembers what they leave: shuffle outputs and known places of blocks.

    Everything lives on one host, so a place is known or not. Places of cached blocks are looked
    up once a job and kept until the next one: they may be out of date, as Spark's are.
    """

    def __init__(self) -> None:
        self._places: dict[Node, list[bool]] = {}

    def run(
        self, node: Node, partitions: Iterable[int] | None = None, to_the_end: bool = True
    ) -> Iterator[Frame]:
        """A job; where the program may not wait for its end, no checkpoint follows it."""
        chosen = list(range(node.count()) if partitions is None else partitions)
        self._arrange_all(node)
        if not chosen:
            if to_the_end:
                self._save_what_is_marked(node)
            return iter([])
        try:
            found = self._results(node, chosen)
        except Exception as error:
            raise JobFailed from error
        if to_the_end:
            self._save_what_is_marked(node)
        return iter([frame for part in found for frame in part])

    def _results(self, node: Node, partitions: list[int]) -> list[list[Frame]]:
        self._places.clear()
        self._prepare(node)
        return [list(node.frames(i)) for i in partitions]

    def forget_shuffles(self, node: Node) -> None:
        """Remove the outputs of the shuffles before a node, up to what is kept."""
        before = [*node.ancestors]
        if node.shuffle:
            node.shuffle.outputs = None
            before.append(node.shuffle.parent)
        for parent in before:
            if parent.kept is None:
                self.forget_shuffles(parent)

    def _save_what_is_marked(self, node: Node) -> None:
        """Checkpoints: the last marked nodes behind a job's are computed again, and saved.

        For a local one only those partitions are computed that are not kept yet.
        """
        if node.visited:
            return
        node.visited = True
        if node.mark is not None:
            if node.mark == "files":
                node.saved = self._results(node, list(range(node.count())))
            elif node.kept is None:
                raise JobFailed("nothing keeps a local checkpoint")
            else:
                missing = [i for i in range(node.count()) if i not in node.kept]
                if missing:
                    self._results(node, missing)
                node.cut = True
            node.ancestors, node.shuffle = [], None
            return
        for parent in [*node.ancestors, *([node.shuffle.parent] if node.shuffle else [])]:
            self._save_what_is_marked(parent)

    def place_known(self, node: Node, i: int) -> bool:
        if self._cached_places(node)[i]:
            return True
        if node.saved is not None or node.cut:
            return False
        return node.located(i) or any(self.place_known(parent, j) for parent, j in node.parents(i))

    def _cached_places(self, node: Node) -> list[bool]:
        if node not in self._places:
            kept = node.kept or {}
            self._places[node] = [i in kept for i in range(node.count())]
        return self._places[node]

    def _arrange_all(self, node: Node) -> None:
        seen: set[Node] = set()
        waiting = [node]
        while waiting:
            found = waiting.pop()
            if found not in seen:
                seen.add(found)
                found.layout()
                waiting += found.ancestors
                waiting += [found.shuffle.parent] if found.shuffle else []

    def _prepare(self, node: Node) -> None:
        """Run the map sides that `node` needs and that have not run yet."""
        missing = self._missing(node)
        for shuffle in missing:
            self._prepare(shuffle.parent)
            shuffle.run()
            self._places.clear()
        if missing:
            self._missing(node)
        for i in range(node.count()):
            self.place_known(node, i)

    def _missing(self, node: Node) -> list[Shuffle]:
        missing: list[Shuffle] = []
        seen: set[Node] = set()
        waiting = [node]
        while waiting:
            found = waiting.pop()
            if found in seen:
                continue
            seen.add(found)
            if all(self._cached_places(found)):
                continue
            if found.shuffle and found.shuffle.outputs is None and found.shuffle not in missing:
                missing.append(found.shuffle)
            waiting += reversed(found.ancestors)
        return missing


class Source(Node):
    """Frames that are already there."""

    def __init__(self, cluster: Cluster, partitions: list[list[Frame]]) -> None:
        super().__init__(cluster, [])
        self._partitions = partitions

    def arrange(self) -> Any:
        return self._partitions

    def parents(self, i: int) -> list[tuple[Node, int]]:
        return []

    def compute(self, i: int) -> Iterator[Frame]:
        return iter(self._partitions[i])


class NoFiles(Node):
    """A glob that finds nothing: an error for whoever asks for the partitions."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster, [])

    def arrange(self) -> Any:
        raise JobFailed


class Worker(Node):
    """A function over the elements of each partition of its parent."""

    def __init__(self, parent: Node, form: Any, func: PartitionFunc, out: Any, keeps: bool) -> None:
        super().__init__(parent.cluster, [parent])
        self._parent, self._form, self._func, self._out = parent, form, func, out
        self.placement = parent.placement if keeps else None

    def arrange(self) -> Any:
        return range(self._parent.count())

    def parents(self, i: int) -> list[tuple[Node, int]]:
        return [(self._parent, i)]

    def compute(self, i: int) -> Iterator[Frame]:
        elements = self._func(i, unpack(self._form, self._parent.frames(i)))
        return self._out.write(elements)


class Shuffle:
    """The map side: which frames of each partition of `parent` go to which reduce partition."""

    def __init__(self, parent: Node, split: Callable[[int], Iterable[tuple[int, Frame]]], n: int):
        self.parent = parent
        self.split = split
        self.n = n
        self.outputs: list[list[list[Frame]]] | None = None

    def run(self) -> None:
        outputs = []
        for i in range(self.parent.count()):
            buckets: list[list[Frame]] = [[] for _ in range(self.n)]
            for bucket, frame in self.split(i):
                buckets[bucket].append(frame)
            outputs.append(buckets)
        self.outputs = outputs


class Shuffled(Node):
    """The reduce side: map outputs in the order of the map partitions."""

    def __init__(self, shuffle: Shuffle, placement: Any) -> None:
        super().__init__(shuffle.parent.cluster, [], shuffle)
        self._shuffle = shuffle
        self.placement = placement

    def arrange(self) -> Any:
        return range(self._shuffle.n)

    def parents(self, i: int) -> list[tuple[Node, int]]:
        return []

    def located(self, i: int) -> bool:
        return self._shuffle.outputs is not None and any(out[i] for out in self._shuffle.outputs)

    def compute(self, i: int) -> Iterator[Frame]:
        assert self._shuffle.outputs is not None
        return itertools.chain.from_iterable(out[i] for out in self._shuffle.outputs)


class Dealt(Shuffled):
    """The reduce side of repartition: it asks what is before it for its partitions."""

    def arrange(self) -> Any:
        self._shuffle.parent.count()
        return super().arrange()


class Union(Node):
    """Partitions of the inputs one after the other; co-partitioned ones side by side."""

    def __init__(self, cluster: Cluster, inputs: list[Node]) -> None:
        self._inputs = [node for node in inputs if node.count()]
        super().__init__(cluster, self._inputs)
        placements = {node.placement for node in self._inputs}
        if len(placements) == 1 and None not in placements:
            self.placement = placements.pop()

    def arrange(self) -> Any:
        if self.placement is not None:
            counts = {node.count() for node in self._inputs}
            assert len(counts) == 1
            return [[(node, i) for node in self._inputs] for i in range(counts.pop())]
        return [[(node, i)] for node in self._inputs for i in range(node.count())]

    def parents(self, i: int) -> list[tuple[Node, int]]:
        return list(self.layout()[i])

    def compute(self, i: int) -> Iterator[Frame]:
        return itertools.chain.from_iterable(node.frames(j) for node, j in self.layout()[i])


class Pairs(Node):
    """The partitions of zip (i with i) and cartesian (each with each)."""

    def __init__(self, left: Node, right: Node, each_with_each: bool) -> None:
        super().__init__(left.cluster, [left, right])
        self._left, self._right, self._cross = left, right, each_with_each
        right.layout()  # asked for when defined

    def arrange(self) -> Any:
        left, right = range(self._left.count()), range(self._right.count())
        if self._cross:
            return list(itertools.product(left, right))
        return list(zip(left, right, strict=True))

    def parents(self, i: int) -> list[tuple[Node, int]]:
        left, right = self.layout()[i]
        return [(self._left, left), (self._right, right)]

    def compute(self, i: int) -> Iterator[Frame]:
        left, right = self.layout()[i]
        if self._cross:
            for frame in self._left.frames(left):
                for other in self._right.frames(right):
                    yield frame, other
            return
        none = object()
        sides = itertools.zip_longest(
            self._left.frames(left), self._right.frames(right), fillvalue=none
        )
        for both in sides:
            if none in both:
                raise ValueError("Can only zip RDDs with same number of elements in each partition")
            yield both


class Coalesced(Node):
    """Fewer partitions without a shuffle: neighbours together, or by place where places are known.

    As Spark's DefaultPartitionCoalescer does on one host: a group is opened for each partition
    asked for, later groups get a place from a random partition, and each remaining partition goes
    to the least loaded group, or to a random one if that is less loaded by a tenth of the input.
    """

    def __init__(self, parent: Node, n: int) -> None:
        super().__init__(parent.cluster, [parent])
        self._parent, self._n = parent, n
        self._by_place = False

    def arrange(self) -> Any:
        count = self._parent.count()
        groups = min(self._n, count)
        known = [i for i in range(count) if self.cluster.place_known(self._parent, i)]
        if not known:
            return [range(g * count // groups, (g + 1) * count // groups) for g in range(groups)]
        self._by_place = True
        return [group for group in self._grouped_by_place(count, groups, known) if group]

    def _grouped_by_place(self, count: int, n: int, known: list[int]) -> list[list[int]]:
        draw = JavaRandom(7919)
        groups: list[list[int]] = []
        rest = dict.fromkeys(range(count))

        def add(group: list[int], i: int) -> None:
            if i in rest:
                del rest[i]
                group.append(i)

        groups.append([])
        add(groups[0], known[0])
        while len(groups) < n:
            groups.append([])
            add(groups[-1], known[draw.next_int(len(known))])
        without = [i for i in range(count) if i not in set(known)]
        for candidates in (iter(known), iter(without)):
            for group in groups:
                while not group:
                    i = next(candidates, None)
                    if i is None:
                        break
                    add(group, i)
        slack = int(0.1 * count)
        for i in list(rest):
            first, second = groups[draw.next_int(n)], groups[draw.next_int(n)]
            lighter = first if len(first) < len(second) else second
            chosen = lighter
            if i in known:
                nearest = min(groups, key=len)
                if not len(lighter) + slack <= len(nearest):
                    chosen = nearest
            chosen.append(i)
        return groups

    def located(self, i: int) -> bool:
        self.layout()
        return self._by_place

    def parents(self, i: int) -> list[tuple[Node, int]]:
        return [(self._parent, j) for j in self.layout()[i]]

    def compute(self, i: int) -> Iterator[Frame]:
        return itertools.chain.from_iterable(self._parent.frames(j) for j in self.layout()[i])
