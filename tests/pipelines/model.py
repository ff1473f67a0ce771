"""What Spark answers to a pipeline, in plain single-threaded Python; the judge of the tests.

It follows the documented semantics and, where Spark's answer depends on them, the mechanics:
which batches ("frames") elements travel in, which jobs run and what they leave behind, where
keys are placed, in which order partitions are merged. It may not import any engine, and stays
simple: every stage computes whole partitions as lists or generators in the calling thread.

    frame    what moves between workers as one: pickled bytes of a list of elements, a str (a
             line of text), or a pair of frames (zip, cartesian)
    Format   how the elements of a frame are read; two RDDs of the same format may be joined
             frame by frame, otherwise both are written anew
    Node     an RDD as the cluster sees it: partitions of frames
    Dataset  an RDD as the program sees it: a node, or functions still to be fused into one
"""

from __future__ import annotations

import bisect
import copy
import functools
import heapq
import itertools
import math
import pickle
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import vocabulary as words
from .hashing import portable_hash
from .randomness import JavaRandom, XorShiftRandom
from .values import decode, encode

Frame = Any
Elements = Iterator[Any]
PartitionFunc = Callable[[int, Iterable[Any]], Iterable[Any]]


class JobFailed(Exception):
    """A task failed, so the job did."""


class ResultIterable:
    """What groupByKey gives for the values of a key: iterable, with a length."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


# ---- formats ---------------------------------------------------------------------------------

AUTOMATIC = 0
UNLIMITED = -1


@dataclass(frozen=True)
class Batched:
    """Pickled lists of `size` elements; AUTOMATIC: 1, 2, 4, ... by pickled size."""

    size: int

    def read(self, frame: Frame) -> Any:
        return pickle.loads(frame)

    def write(self, elements: Iterable[Any]) -> Iterator[Frame]:
        source = iter(elements)
        count, best = (1, 1 << 16) if self.size == AUTOMATIC else (self.size, None)
        while batch := list(itertools.islice(source, count)):
            frame = pickle.dumps(batch, 5)
            yield frame
            if best is not None:
                if len(frame) < best:
                    count *= 2
                elif len(frame) > best * 10 and count > 1:
                    count //= 2


@dataclass(frozen=True)
class Lines:
    """A line of text a frame."""

    def read(self, frame: Frame) -> Any:
        return [frame]


@dataclass(frozen=True)
class Zipped:
    """A pair of frames whose elements belong together, in order."""

    left: Any
    right: Any

    def read(self, frame: Frame) -> Any:
        left, right = list(self.left.read(frame[0])), list(self.right.read(frame[1]))
        if len(left) != len(right):
            raise ValueError("different number of items in batches")
        return list(zip(left, right, strict=True))


@dataclass(frozen=True)
class Crossed:
    """A pair of frames, of whose elements all pairs are meant, the left ones outside."""

    left: Any
    right: Any

    def read(self, frame: Frame) -> Any:
        return list(itertools.product(self.left.read(frame[0]), self.right.read(frame[1])))


@dataclass(frozen=True)
class Nothing:
    """No frames at all (emptyRDD)."""

    def read(self, frame: Frame) -> Any:
        raise AssertionError


AUTO = Batched(AUTOMATIC)


def unpack(form: Any, frames: Iterable[Frame]) -> Elements:
    for frame in frames:
        yield from form.read(frame)


# ---- nodes -----------------------------------------------------------------------------------


class Node:
    """An RDD of the cluster. `parents(i)` are the narrow dependencies of partition i."""

    placement: Any = None  # what decides each key's partition, if that is known

    def __init__(self, cluster: Cluster, ancestors: list[Node], shuffle: Shuffle | None = None):
        self.cluster = cluster
        self.ancestors = ancestors
        self.shuffle = shuffle
        self.kept: dict[int, list[Frame]] | None = None
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
            return self.compute(i)
        if i not in self.kept:
            self.kept[i] = list(self.compute(i))
        return iter(self.kept[i])

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

    def run(self, node: Node, partitions: Iterable[int] | None = None) -> Iterator[Frame]:
        chosen = list(range(node.count()) if partitions is None else partitions)
        self._arrange_all(node)
        if not chosen:
            return iter([])
        self._places.clear()
        try:
            self._prepare(node)
            return iter([frame for i in chosen for frame in list(node.frames(i))])
        except Exception as error:
            raise JobFailed from error

    def place_known(self, node: Node, i: int) -> bool:
        if self._cached_places(node)[i] or node.located(i):
            return True
        return any(self.place_known(parent, j) for parent, j in node.parents(i))

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


# ---- datasets --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Placement:
    """Partitions by `func` of the key modulo n; equal only for the same function."""

    n: int
    func: Callable[[Any], int]


class Dataset:
    """An RDD as a program has it.

    Functions are fused: a dataset made by a function keeps the node before it and one function,
    until something asks for its own node. A cached dataset is not fused into the next.
    """

    def __init__(self, node: Node | None, form: Any, placement: Placement | None = None) -> None:
        self._node = node
        self.form = form
        self.placement = placement
        self.cached = False
        self._fused: tuple[Node, Any, PartitionFunc, bool] | None = None

    # -- the node beneath

    @property
    def node(self) -> Node:
        if self._node is None:
            assert self._fused is not None
            parent, form, func, keeps = self._fused
            self._node = Worker(parent, form, func, self.form, keeps)
        return self._node

    @property
    def cluster(self) -> Cluster:
        return self._fused[0].cluster if self._fused else self.node.cluster

    def parts(self) -> int:
        return self._fused[0].count() if self._fused else self.node.count()

    def each_partition(self, func: PartitionFunc, keeps: bool = False) -> Dataset:
        new = Dataset(None, AUTO)
        if self._fused and not self.cached:
            parent, form, before, kept = self._fused
            keeps = kept and keeps
            new._fused = (parent, form, lambda i, it: func(i, before(i, it)), keeps)
        else:
            new._fused = (self.node, self.form, func, keeps)
        new.placement = self.placement if keeps else None
        return new

    def rewritten(self, form: Any) -> Dataset:
        if self.form == form:
            return self
        new = self.each_partition(lambda i, it: it, keeps=True)
        new.form = form
        return new

    def pull(self) -> list[Any]:
        """All elements, read by the driver."""
        return list(unpack(self.form, self.cluster.run(self.node)))

    def cache(self) -> Dataset:
        self.cached = True
        if self.node.kept is None:
            self.node.kept = {}
        return self

    # -- narrow

    def map(self, f: Callable[[Any], Any], keeps: bool = False) -> Dataset:
        return self.each_partition(lambda i, it: map(f, it), keeps)

    def flat_map(self, f: Callable[[Any], Iterable[Any]], keeps: bool = False) -> Dataset:
        return self.each_partition(lambda i, it: (y for x in it for y in f(x)), keeps)

    def filter(self, f: Callable[[Any], Any]) -> Dataset:
        return self.each_partition(lambda i, it: filter(f, it), keeps=True)

    def map_values(self, f: Callable[[Any], Any]) -> Dataset:
        return self.map(lambda kv: (kv[0], f(kv[1])), keeps=True)

    def flat_map_values(self, f: Callable[[Any], Iterable[Any]]) -> Dataset:
        return self.flat_map(lambda kv: ((kv[0], x) for x in f(kv[1])), keeps=True)

    def glom(self) -> Dataset:
        # A generator: where nobody asks for the list, the elements are not asked for either.
        return self.each_partition(lambda i, it: (list(part) for part in (it,)))

    def sample(self, replace: bool, fraction: float, seed: int) -> Dataset:
        return self.sample_by(replace, lambda x: fraction, seed)

    def sample_by(self, replace: bool, fraction: Callable[[Any], float], seed: int) -> Dataset:
        def sampled(i: int, it: Iterable[Any]) -> Elements:
            draw = _generator(seed, i)
            for x in it:
                if replace:
                    yield from itertools.repeat(x, _poisson(draw, fraction(x)))
                elif draw.random() < fraction(x):
                    yield x

        return self.each_partition(sampled, keeps=True)

    def split(self, weights: list[float], seed: int, pick: int) -> Dataset:
        total = float(sum(weights))
        bounds = [0.0]
        for weight in weights:
            bounds.append(bounds[-1] + weight / total)

        def between(i: int, it: Iterable[Any]) -> Elements:
            draw = _generator(seed, i)
            return (x for x in it if bounds[pick] <= draw.random() < bounds[pick + 1])

        return self.each_partition(between, keeps=True)

    def with_index(self) -> Dataset:
        starts = [0]
        if self.parts() > 1:
            counts = self.each_partition(lambda i, it: [sum(1 for _ in it)]).pull()
            starts += itertools.accumulate(counts[:-1])
        return self.each_partition(lambda i, it: ((x, n) for n, x in enumerate(it, starts[i])))

    def with_unique_id(self) -> Dataset:
        n = self.parts()
        return self.each_partition(lambda i, it: ((x, k * n + i) for k, x in enumerate(it)))

    # -- two datasets, frame by frame

    def union(self, other: Dataset) -> Dataset:
        left, right = self, other
        if left.form != right.form:
            left, right = left.rewritten(AUTO), right.rewritten(AUTO)
        node = Union(left.cluster, [left.node, right.node])
        new = Dataset(node, left.form)
        if self.placement == other.placement and self.parts() == new.parts():
            new.placement = self.placement
        return new

    def union_all(self, others: list[Dataset]) -> Dataset:
        sides = [self, *others]
        if any(data.form != self.form for data in sides):
            sides = [data.rewritten(AUTO) for data in sides]
        return Dataset(Union(self.cluster, [data.node for data in sides]), sides[0].form)

    def cartesian(self, other: Dataset) -> Dataset:
        return Dataset(Pairs(self.node, other.node, True), Crossed(self.form, other.form))

    def zip(self, other: Dataset) -> Dataset:
        left, right = self, other
        sizes = [d.form.size if isinstance(d.form, Batched) else 1 for d in (left, right)]
        if sizes[0] != sizes[1] or sizes[0] == AUTOMATIC:
            size = min(sizes) if min(sizes) > 0 else 100
            right, left = right.rewritten(Batched(size)), left.rewritten(Batched(size))
        if left.parts() != right.parts():
            raise ValueError("Can only zip with RDD which has the same number of partitions")
        return Dataset(Pairs(left.node, right.node, False), Zipped(left.form, right.form))

    # -- shuffles

    def partition_by(self, n: int | None, func: Callable[[Any], int]) -> Dataset:
        count = self.parts() if n is None else n
        placement = Placement(count, func)
        if self.placement == placement:
            return self

        def buckets(i: int, it: Iterable[Any]) -> Iterator[tuple[int, Frame]]:
            waiting: dict[int, list[Any]] = defaultdict(list)
            seen, limit = 0, float(min(10 * count, 1000))
            for k, v in it:
                waiting[func(k) % count].append((k, v))
                seen += 1
                if seen > limit:
                    for bucket, items in waiting.items():
                        yield bucket, pickle.dumps(items, 5)
                    waiting.clear()
                    seen, limit = 0, limit * 1.5
            for bucket, items in waiting.items():
                yield bucket, pickle.dumps(items, 5)

        before = self.each_partition(buckets, keeps=True)
        assert before._fused is not None
        parent, form, split, _ = before._fused

        # The map side is a worker of its own that writes frames as they are.
        mapper = Worker(parent, form, split, _AsIs(), False)
        shuffle = Shuffle(mapper, mapper.frames, count)
        return Dataset(Shuffled(shuffle, placement), Batched(UNLIMITED), placement)

    def repartition(self, n: int) -> Dataset:
        small = self.rewritten(Batched(10))

        def deal(i: int) -> Iterator[tuple[int, Frame]]:
            start = XorShiftRandom(i).next_int(n)
            for k, frame in enumerate(small.node.frames(i), start + 1):
                yield k % n, frame

        return Dataset(Shuffled(Shuffle(small.node, deal, n), None), small.form)

    def coalesce(self, n: int) -> Dataset:
        return Dataset(Coalesced(self.node, n), self.form)

    def combine(
        self,
        create: Callable[[Any], Any],
        merge: Callable[[Any, Any], Any],
        join: Callable[[Any, Any], Any],
        n: int | None,
        func: Callable[[Any], int] = portable_hash,
    ) -> Dataset:
        def merged(first: Callable[[Any], Any], then: Callable[[Any, Any], Any]) -> PartitionFunc:
            def run(i: int, it: Iterable[Any]) -> Iterable[Any]:
                found: dict[Any, Any] = {}
                for k, v in it:
                    found[k] = then(found[k], v) if k in found else first(v)
                return found.items()

            return run

        local = self.each_partition(merged(create, merge), keeps=True)
        placed = local.partition_by(self.parts() if n is None else n, func)
        return placed.each_partition(merged(lambda c: c, join), keeps=True)

    def group_by_key(self, n: int | None, func: Callable[[Any], int] = portable_hash) -> Dataset:
        def append(found: list[Any], v: Any) -> list[Any]:
            found.append(v)
            return found

        grouped = self.combine(lambda v: [v], append, lambda a, b: a + b, n, func)
        return grouped.map_values(ResultIterable)

    def distinct(self, n: int | None) -> Dataset:
        paired = self.map(lambda x: (x, None))
        return paired.combine(lambda v: v, lambda a, b: a, lambda a, b: a, n).map(lambda kv: kv[0])

    def cogroup(self, others: list[Dataset], n: int | None) -> Dataset:
        def tagged(side: int, data: Dataset) -> Dataset:
            return data.map_values(lambda v: (side, v))

        sides = [tagged(side, data) for side, data in enumerate([self, *others])]
        together = functools.reduce(Dataset.union, sides)

        def by_side(tags: Iterable[tuple[int, Any]]) -> tuple[list[Any], ...]:
            found: tuple[list[Any], ...] = tuple([] for _ in sides)
            for side, v in tags:
                found[side].append(v)
            return found

        return together.group_by_key(n).map_values(by_side)

    def join(self, other: Dataset, n: int | None, left: bool, right: bool) -> Dataset:
        """left, right: whether keys that only this side has are in the result, with None."""

        def product(sides: tuple[list[Any], list[Any]]) -> Iterable[Any]:
            lefts, rights = sides
            return itertools.product(
                lefts or ([None] if right else []), rights or ([None] if left else [])
            )

        return self.cogroup([other], n).flat_map_values(product)

    def subtract_by_key(self, other: Dataset, n: int | None) -> Dataset:
        groups = self.cogroup([other], n).filter(lambda kv: kv[1][0] and not kv[1][1])
        return groups.flat_map_values(lambda sides: sides[0])

    def sort_by_key(self, ascending: bool, n: int | None, key: Callable[[Any], Any]) -> Dataset:
        count = self.parts() if n is None else n
        data = self

        def in_order(i: int, it: Iterable[Any]) -> Iterable[Any]:
            return sorted(it, key=lambda kv: key(kv[0]), reverse=not ascending)

        if count == 1:
            if data.parts() > 1:
                data = data.coalesce(1)
            return data.each_partition(in_order, keeps=True)
        size = data.size()
        if not size:
            return data
        fraction = min(count * 20.0 / size, 1.0)
        keys = sorted(data.sample(False, fraction, 1).map(lambda kv: kv[0]).pull(), key=key)
        bounds = [keys[int(len(keys) * (i + 1) / count)] for i in range(count - 1)]

        def placed(k: Any) -> int:
            found = bisect.bisect_left(bounds, key(k))
            return found if ascending else count - 1 - found

        return data.partition_by(count, placed).each_partition(in_order, keeps=True)

    # -- actions

    def size(self) -> int:
        return sum(self.each_partition(lambda i, it: [sum(1 for _ in it)]).pull())

    def take(self, n: int) -> list[Any]:
        found: list[Any] = []
        total, tried = self.parts(), 0
        while len(found) < n and tried < total:
            more = 1
            if tried:
                more = tried * 4
                if found:
                    more = min(max(int(1.5 * n * tried / len(found)) - tried, 1), more)
            left = n - len(found)
            some = self.each_partition(lambda i, it, left=left: itertools.islice(it, left))
            chosen = range(tried, min(tried + more, total))
            found += unpack(AUTO, self.cluster.run(some.node, chosen))
            tried += more
        return found[:n]

    def reduce(self, f: Callable[[Any, Any], Any]) -> Any:
        def reduced(i: int, it: Iterable[Any]) -> Elements:
            source = iter(it)
            for first in source:
                yield functools.reduce(f, source, first)

        parts = self.each_partition(reduced).pull()
        if not parts:
            raise ValueError("Can not reduce() empty RDD")
        return functools.reduce(f, parts)

    def tree_reduce(self, f: Callable[[Any, Any], Any], depth: int) -> Any:
        def op(a: Any, b: Any) -> Any:
            if a[1]:
                return b
            return a if b[1] else (f(a[0], b[0]), False)

        value, missing = self.map(lambda x: (x, False)).tree_aggregate((None, True), op, op, depth)
        if missing:
            raise ValueError("Cannot reduce empty RDD.")
        return value

    def aggregate(self, zero: Any, seq: Callable[..., Any], comb: Callable[..., Any]) -> Any:
        parts = self.each_partition(_folded(zero, seq)).pull()
        return functools.reduce(comb, parts, copy.deepcopy(zero))

    def tree_aggregate(
        self, zero: Any, seq: Callable[..., Any], comb: Callable[..., Any], depth: int
    ) -> Any:
        if self.parts() == 0:
            return zero
        partial = self.each_partition(_folded(zero, seq))
        n: float = partial.parts()
        scale = max(math.ceil(n ** (1.0 / depth)), 2)
        while n > scale + n / scale:
            n /= scale
            groups = int(n)
            keyed = partial.each_partition(
                lambda i, it, groups=groups: ((i % groups, x) for x in it)
            )
            partial = keyed.combine(lambda c: c, comb, comb, groups).map(lambda kv: kv[1])
        return partial.reduce(comb)

    def merged_maps(self, func: PartitionFunc, f: Callable[[Any, Any], Any]) -> dict[Any, Any]:
        def merge(a: dict[Any, Any], b: dict[Any, Any]) -> dict[Any, Any]:
            for k, v in b.items():
                a[k] = f(a[k], v) if k in a else v
            return a

        return self.each_partition(func).reduce(merge)

    def count_by_value(self) -> dict[Any, int]:
        def counted(i: int, it: Iterable[Any]) -> Elements:
            counts: dict[Any, int] = defaultdict(int)
            for x in it:
                counts[x] += 1
            yield counts

        return self.merged_maps(counted, lambda a, b: a + b)

    def reduce_locally(self, f: Callable[[Any, Any], Any]) -> dict[Any, Any]:
        def reduced(i: int, it: Iterable[Any]) -> Elements:
            found: dict[Any, Any] = {}
            for k, v in it:
                found[k] = f(found[k], v) if k in found else v
            yield found

        return self.merged_maps(reduced, f)

    def best(self, n: int, key: Callable[[Any], Any], largest: bool) -> list[Any]:
        if not largest and (n == 0 or self.parts() == 0):
            return []
        choose = heapq.nlargest if largest else heapq.nsmallest
        parts = self.each_partition(lambda i, it: [choose(n, it, key=key)])
        return parts.reduce(lambda a, b: choose(n, a + b, key=key))

    def lookup(self, wanted: Any) -> list[Any]:
        values = self.filter(lambda kv: kv[0] == wanted).map(lambda kv: kv[1])
        if self.placement is None:
            return values.pull()
        part = self.placement.func(wanted) % self.placement.n
        found = values.each_partition(lambda i, it: it)
        return list(unpack(AUTO, self.cluster.run(found.node, [part])))

    def take_sample(self, replace: bool, n: int, seed: int) -> list[Any]:
        if n == 0 or self.parts() == 0:
            return []
        total = self.size()
        if total == 0:
            return []
        draw = random.Random(seed)
        if not replace and n >= total:
            everything = self.pull()
            draw.shuffle(everything)
            return everything
        fraction = n / total
        if replace:
            fraction += (9 if n < 12 else 5) * math.sqrt(fraction / total)
        else:
            gamma = -math.log(5e-05) / total
            fraction = min(1, fraction + gamma + math.sqrt(gamma * gamma + 2 * gamma * fraction))
        found = self.sample(replace, fraction, seed).pull()
        while len(found) < n:
            found = self.sample(replace, fraction, draw.randint(0, (1 << 63) - 1)).pull()
        draw.shuffle(found)
        return found[:n]


class _AsIs:
    """The map side of a shuffle writes (reduce partition, frame) pairs as they come."""

    def write(self, elements: Iterable[Any]) -> Iterator[Any]:
        return iter(elements)


def _folded(zero: Any, seq: Callable[[Any, Any], Any]) -> PartitionFunc:
    """A function that folds a partition from a copy of `zero`."""
    return lambda i, it: [functools.reduce(seq, it, copy.deepcopy(zero))]


def _generator(seed: int, split: int) -> random.Random:
    draw = random.Random(seed ^ split)
    for _ in range(10):
        draw.randint(0, 1)
    return draw


def _poisson(draw: random.Random, mean: float) -> int:
    if mean >= 20.0:
        count, total = 0, draw.expovariate(mean)
        while total < 1.0:
            count += 1
            total += draw.expovariate(mean)
        return count
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


# ---- text files ------------------------------------------------------------------------------


def _text_partitions(data: bytes, wanted: int) -> list[list[str]]:
    """Split a file as Hadoop's FileInputFormat does; a split has the lines that start in it."""
    goal = len(data) // max(wanted, 1)
    size = max(1, min(goal, 32 << 20))
    splits: list[tuple[int, int]] = []
    at = 0
    while (len(data) - at) / size > 1.1:
        splits.append((at, at + size))
        at += size
    if at < len(data):
        splits.append((at, len(data)))

    lines: list[tuple[int, str]] = []
    begin = 0
    while begin < len(data):
        end = min((p for p in (data.find(b"\n", begin), data.find(b"\r", begin)) if p >= 0),
                  default=len(data))  # fmt: skip
        lines.append((begin, data[begin:end].decode()))
        begin = end + (2 if data[end : end + 2] == b"\r\n" else 1)
    return [
        [line for start, line in lines if (low < start or low == start == 0) and start <= high]
        for low, high in splits
    ]


# ---- pipelines -------------------------------------------------------------------------------


class Model:
    """Interprets one pipeline (see `language`)."""

    def __init__(self) -> None:
        self._cluster = Cluster()
        self._counted: int | None = None

    def run(self, pipeline: dict[str, Any]) -> Any:
        answer = encode(_act(self._branch(pipeline), pipeline["action"]))
        if self._counted is not None:
            return {"answer": answer, "counted": self._counted}
        return {"answer": answer}

    def _branch(self, branch: dict[str, Any]) -> Dataset:
        source = data = self._source(branch["source"])
        for op in branch["ops"]:
            other = op.get("other")
            if other == "self":
                other = data
            elif other == "source":
                other = source
            elif other is not None:
                other = self._branch(other)
            data = self._apply(data, op, other)
        return data

    def _source(self, source: dict[str, Any]) -> Dataset:
        match source["kind"]:
            case "list":
                data = decode(["list", source["data"]]) * source.get("times", 1)
                return self._parallelize(data, source["slices"])
            case "range":
                numbers = range(source["start"], source["end"], source["step"])
                n, empty = source["slices"], self._parallelize([], source["slices"])
                if not numbers:
                    return empty
                size = len(numbers)
                return empty.each_partition(
                    lambda i, it: numbers[i * size // n : (i + 1) * size // n]
                )
            case "text":
                wanted = 2 if source["slices"] is None else source["slices"]
                parts = _text_partitions(source["text"].encode(), wanted)
                return Dataset(Source(self._cluster, parts), Lines())
            case "empty":
                return Dataset(Source(self._cluster, []), Nothing())
        raise ValueError(source["kind"])

    def _parallelize(self, data: list[Any], n: int) -> Dataset:
        form = Batched(max(1, min(len(data) // n, 1024)))
        frames = list(form.write(data))
        cuts = [i * len(frames) // n for i in range(n + 1)]
        parts = [frames[a:b] for a, b in itertools.pairwise(cuts)]
        return Dataset(Source(self._cluster, parts), form)

    def _count(self, x: Any) -> Any:
        assert self._counted is not None
        self._counted += 1
        return x

    def _apply(self, data: Dataset, op: dict[str, Any], other: Any) -> Dataset:
        n: Any = op.get("n")
        placed: Any = words.PARTITION_FUNCS[op.get("placed", "portable")].call or portable_hash
        match op["op"]:
            case "map":
                return data.map(words.MAPS[op["f"]].call)
            case "flatMap":
                return data.flat_map(words.FLAT_MAPS[op["f"]].call)
            case "filter":
                return data.filter(words.FILTERS[op["f"]].call)
            case "mapPartitions":
                f = words.PARTITION_MAPS[op["f"]].call
                return data.each_partition(lambda i, it: f(it))
            case "mapPartitionsWithIndex":
                return data.each_partition(words.INDEX_MAPS[op["f"]].call)
            case "glom":
                return data.glom()
            case "glomFlat":
                return data.glom().flat_map(lambda xs: xs)
            case "keyBy":
                f = words.MAPS[op["f"]].call
                return data.map(lambda x: (f(x), x))
            case "mapValues":
                return data.map_values(words.MAPS[op["f"]].call)
            case "flatMapValues":
                return data.flat_map_values(words.FLAT_MAPS[op["f"]].call)
            case "keys":
                return data.map(lambda kv: kv[0])
            case "values":
                return data.map(lambda kv: kv[1])
            case "distinct":
                return data.distinct(n)
            case "union":
                return data.union(other)
            case "unionAll":
                return data.union_all([other, data])
            case "heavy":
                heavy = data.map(lambda x: (x, bytes(op["bytes"])))
                pairs = self._parallelize([0, 1, 2], 2).cartesian(heavy)
                return pairs.map(lambda pair: (pair[0], pair[1][0]))
            case "intersection":
                marked = data.map(lambda x: (x, None))
                groups = marked.cogroup([other.map(lambda x: (x, None))], None)
                return groups.filter(lambda kv: all(kv[1])).map(lambda kv: kv[0])
            case "subtract":
                right = other.map(lambda x: (x, True))
                left = data.map(lambda x: (x, True))
                return left.subtract_by_key(right, n).map(lambda kv: kv[0])
            case "subtractByKey":
                return data.subtract_by_key(other, n)
            case "cartesian":
                return data.cartesian(other)
            case "zip":
                return data.zip(other)
            case "zipMapped":
                return data.zip(data.map(words.MAPS[op["f"]].call))
            case "zipWithIndex":
                return data.with_index()
            case "zipWithUniqueId":
                return data.with_unique_id()
            case "groupBy":
                f = words.SORT_KEYS[op["f"]].call
                return data.map(lambda x: (f(x), x)).group_by_key(n, placed)
            case "groupByKey":
                return data.group_by_key(n, placed)
            case "reduceByKey":
                f = words.REDUCERS[op["f"]].call
                return data.combine(lambda v: v, f, f, n, placed)
            case "combineByKey":
                create, merge, join, _ = words.COMBINERS[op["f"]]
                return data.combine(create, merge, join, n, placed)
            case "aggregateByKey":
                zero, seq, comb, _ = words.AGGREGATES[op["f"]]
                first = lambda v: seq(copy.deepcopy(zero), v)
                return data.combine(first, seq, comb, n, placed)
            case "foldByKey":
                zero, add, _ = words.FOLDS[op["f"]]
                return data.combine(lambda v: add(copy.deepcopy(zero), v), add, add, n, placed)
            case "cogroup" | "groupWith":
                others = [other] if op["op"] == "cogroup" else [other, data]
                groups = data.cogroup(others, n)
                return groups.map_values(lambda sides: tuple(map(ResultIterable, sides)))
            case "join":
                return data.join(other, n, left=False, right=False)
            case "leftOuterJoin":
                return data.join(other, n, left=True, right=False)
            case "rightOuterJoin":
                return data.join(other, n, left=False, right=True)
            case "fullOuterJoin":
                return data.join(other, n, left=True, right=True)
            case "partitionBy":
                return data.partition_by(n, placed)
            case "repartition":
                return data.repartition(n)
            case "coalesce":
                for _ in range(op.get("runs", 0)):
                    data.size()
                return data.repartition(n) if op["shuffle"] else data.coalesce(n)
            case "sortBy":
                f = words.SORT_KEYS[op["f"]].call
                keyed = data.map(lambda x: (f(x), x))
                return keyed.sort_by_key(op["ascending"], n, lambda k: k).map(lambda kv: kv[1])
            case "sortByKey":
                return data.sort_by_key(op["ascending"], n, words.SORT_KEYS[op["f"]].call)
            case "repartitionAndSortWithinPartitions":
                f, up = words.SORT_KEYS[op["f"]].call, op["ascending"]
                moved = data.partition_by(data.parts() if n is None else n, placed)
                return moved.each_partition(
                    lambda i, it: sorted(it, key=lambda kv: f(kv[0]), reverse=not up), keeps=True
                )
            case "sample":
                return data.sample(op["replace"], op["fraction"], op["seed"])
            case "sampleByKey":
                fractions = dict.fromkeys(
                    data.map(lambda kv: kv[0]).distinct(None).pull(), op["fraction"]
                )
                return data.sample_by(op["replace"], lambda kv: fractions[kv[0]], op["seed"])
            case "randomSplit":
                return data.split(op["weights"], op["seed"], op["pick"])
            case "cache":
                return data.cache()
            case "run":
                data.size()
                return data
            case "broadcast":
                return data.map(lambda x: ("b", x))
            case "accumulate":
                self._counted = self._counted or 0
                return data.map(self._count)
        raise ValueError(op["op"])


def _act(data: Dataset, action: dict[str, Any]) -> Any:
    match action["action"]:
        case "glom":
            return data.glom().pull()
        case "collect" | "toLocalIterator":
            return data.pull()
        case "partitions":
            return data.parts()
        case "count":
            return data.size()
        case "take":
            return data.take(action["n"])
        case "first":
            if found := data.take(1):
                return found[0]
            raise ValueError("RDD is empty")
        case "isEmpty":
            return data.parts() == 0 or not data.take(1)
        case "reduce":
            return data.reduce(words.REDUCERS[action["f"]].call)
        case "treeReduce":
            return data.tree_reduce(words.REDUCERS[action["f"]].call, action["depth"])
        case "fold":
            zero, add, _ = words.FOLDS[action["f"]]
            return data.aggregate(zero, add, add)
        case "aggregate" | "treeAggregate":
            zero, seq, comb, _ = words.AGGREGATES[action["f"]]
            if action["action"] == "aggregate":
                return data.aggregate(zero, seq, comb)
            return data.tree_aggregate(copy.deepcopy(zero), seq, comb, action["depth"])
        case "top" | "takeOrdered":
            key = words.SORT_KEYS[action["f"]].call
            return data.best(action["n"], key, largest=action["action"] == "top")
        case "max" | "min":
            choose: Any = max if action["action"] == "max" else min
            key = words.SORT_KEYS[action["f"]].call
            return data.reduce(lambda a, b: choose(a, b, key=key))
        case "countByKey":
            return data.map(lambda kv: kv[0]).count_by_value()
        case "countByValue":
            return data.count_by_value()
        case "collectAsMap":
            return dict(data.pull())
        case "reduceByKeyLocally":
            return data.reduce_locally(words.REDUCERS[action["f"]].call)
        case "lookup":
            return data.lookup(decode(action["key"]))
        case "sum":
            parts = data.each_partition(lambda i, it: [sum(it)]).pull()
            return functools.reduce(lambda a, b: a + b, parts, 0)
        case "takeSample":
            return data.take_sample(action["replace"], action["n"], action["seed"])
        case "foreach":
            data.size()
            return None
    raise ValueError(action["action"])


def run(pipeline: dict[str, Any]) -> Any:
    """Return what Spark answers to `pipeline`, or {"error": ...}, as `language.run` does.

    >>> run({"source": {"kind": "range", "start": 0, "end": 3, "step": 1, "slices": 2},
    ...      "ops": [{"op": "map", "f": "inc"}], "action": {"action": "glom"}})
    {'answer': ['list', [['list', [1]], ['list', [2, 3]]]]}
    """
    try:
        return Model().run(pipeline)
    except JobFailed:
        return {"error": "job"}
    except Exception as error:
        return {"error": type(error).__name__}
