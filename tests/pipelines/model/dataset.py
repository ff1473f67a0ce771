"""RDDs as a program has them: operations that make others, and actions; for the model.

Their names are the model's own: what they do is what Spark documents of `map`, `groupByKey` and
so on, written for one thread and without regard to memory.
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

from .cluster import (
    Cluster,
    Coalesced,
    Dealt,
    JobFailed,
    Node,
    Pairs,
    PartitionFunc,
    Shuffle,
    Shuffled,
    Union,
    Worker,
)
from .frames import (
    AUTO,
    AUTOMATIC,
    UNLIMITED,
    Batched,
    Crossed,
    Elements,
    Frame,
    Raw,
    Zipped,
    unpack,
)
from .hashing import portable_hash
from .numbers import Moments, bucket_counts, distinct_estimate, even_buckets, width_of
from .randomness import XorShiftRandom


class ResultIterable:
    """What groupByKey gives for the values of a key: iterable, with a length."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


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
        self.checkpointed = False
        self.name: str | None = None
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
        if self._fused and not (self.cached or self.checkpointed):
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

    def pull(self, to_the_end: bool = True) -> list[Any]:
        """All elements, read by the driver."""
        return list(unpack(self.form, self.cluster.run(self.node, to_the_end=to_the_end)))

    def pull_one_by_one(self) -> list[Any]:
        """All elements, by a job for each partition, which the driver reads before the next."""
        found: list[Any] = []
        for i in range(self.node.count()):
            found += unpack(self.form, self.cluster.run(self.node, [i], to_the_end=False))
        return found

    def persist(self, level: str) -> Dataset:
        self.cached = True
        if self.node.mark == "kept":
            level = _ON_DISK_TOO.get(level, level)
        elif self.node.level not in ("NONE", level):
            raise JobFailed("an RDD that is kept cannot be kept in another way")
        if self.node.kept is None:
            self.node.kept = {}
        self.node.level = level
        return self

    def checkpoint(self) -> Dataset:
        self.checkpointed = True
        self.node.mark = self.node.mark or "files"
        return self

    def local_checkpoint(self) -> Dataset:
        """Unlike `checkpoint` it does not end fusing: a later job may not reach the node."""
        node = self.node
        if node.kept is None:
            node.kept, node.level = {}, "MEMORY_AND_DISK_DESER"
        node.level = _ON_DISK_TOO.get(node.level, node.level)
        if node.saved is None:
            node.mark = "kept"
        return self

    def unpersist(self) -> Dataset:
        self.cached = False
        self.node.kept = None
        self.node.level = "NONE"
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

    def through(
        self, transform: Callable[[bytes], bytes], status: Callable[[bytes], int]
    ) -> Dataset:
        """Through a command: what it makes of all lines of a partition, and how it ends."""

        def piped(i: int, it: Iterable[Any]) -> Elements:
            data = "".join(str(x).rstrip("\n") + "\n" for x in it).encode()
            for line in transform(data).split(b"\n")[:-1]:
                yield line.decode()
            if status(data):
                raise RuntimeError("the command failed")

        return self.each_partition(piped)

    def as_files(self) -> list[bytes]:
        """What saveAsTextFile writes, by a job; a file a partition."""

        def written(i: int, it: Iterable[Any]) -> Elements:
            lines = [x if isinstance(x, bytes) else str(x).encode() for x in it]
            yield b"".join(line.decode(errors="replace").encode() + b"\n" for line in lines)

        return self.each_partition(written).pull()

    def as_batches(self, size: int) -> list[list[Frame]]:
        """What saveAsPickleFile writes, by a job; the frames of each partition."""
        data = self.rewritten(Batched(size))
        files = Worker(data.node, Raw(), lambda i, frames: [list(frames)], AUTO, False)
        return list(unpack(AUTO, self.cluster.run(files)))

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

        return Dataset(Dealt(Shuffle(small.node, deal, n), None), small.form)

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

    def moments(self) -> Moments:
        return self.each_partition(lambda i, it: [Moments.of(it)]).reduce(Moments.plus)

    def histogram(self, buckets: Any) -> Any:
        if isinstance(buckets, int):
            bounds = self.map(lambda x: (x, x)).reduce(
                lambda a, b: (min(a[0], b[0]), max(a[1], b[1]))
            )
            if bounds[0] == bounds[1] or buckets == 1:
                return list(bounds), [self.size()]
            buckets, width = even_buckets(*bounds, buckets)
        else:
            width = width_of(buckets)
        counts = self.each_partition(lambda i, it: [bucket_counts(it, buckets, width)])
        return buckets, counts.reduce(lambda a, b: [x + y for x, y in zip(a, b, strict=True)])

    def about_distinct(self, sd: float) -> int:
        hashes = self.map(lambda x: portable_hash(x) & 0xFFFFFFFF).pull()
        return distinct_estimate(hashes, sd)

    def chosen(self, func: PartitionFunc, partitions: list[int]) -> list[Any]:
        some = self.each_partition(func)
        return list(unpack(AUTO, self.cluster.run(some.node, partitions)))

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


# Of a local checkpoint nothing may be evicted.
_ON_DISK_TOO = {"MEMORY_ONLY": "MEMORY_AND_DISK"}


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
