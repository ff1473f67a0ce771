"""Interprets pipelines with the model's datasets (see `language`)."""

from __future__ import annotations

import copy
import functools
import itertools
import math
from typing import Any

from .. import vocabulary as words
from ..language import raises
from ..values import decode, encode
from .cluster import Cluster, JobFailed, NoFiles, Source
from .dataset import Dataset, ResultIterable
from .frames import AUTO, Batched, Lines, Nothing, Raw, Zipped
from .hashing import portable_hash
from .numbers import Moments
from .text import files_partitions, lines_of, text_partitions, whole_partitions


class Model:
    """Interprets one pipeline (see `language`)."""

    def __init__(self) -> None:
        self._cluster = Cluster()
        self._counted: int | tuple[str, ...] | None = None

    def run(self, pipeline: dict[str, Any]) -> Any:
        answer = encode(_act(self._branch(pipeline), pipeline["action"]))
        if self._counted is not None:
            return {"answer": answer, "counted": encode(self._counted)}
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
                n = 2 if source["slices"] is None else source["slices"]
                return self._parallelize(data, n)
            case "range" | "sc.range":
                numbers = range(source["start"], source["end"], source["step"])
                n = 2 if source["slices"] is None else source["slices"]
                empty = self._parallelize([], n)
                if not numbers:
                    return empty
                size = len(numbers)
                return empty.each_partition(
                    lambda i, it: numbers[i * size // n : (i + 1) * size // n]
                )
            case "text":
                data = source["text"].encode()
                form = Lines(decoded=not source.get("bytes", False))
                if source.get("gzip"):
                    return Dataset(Source(self._cluster, [lines_of(data)]), form)
                wanted = 2 if source["slices"] is None else source["slices"]
                return Dataset(Source(self._cluster, text_partitions(data, wanted)), form)
            case "files":
                files = [text.encode() for text in source["files"]]
                return self._read(files, source["slices"])
            case "whole":
                named = [(f"f{i:02}.txt", t.encode()) for i, t in enumerate(source["files"])]
                return self._read_whole(named, source["slices"])
            case "binary":
                contents = [text.encode() for text in source["files"]]
                return self._read_binary([(f"f{i:02}.txt", c) for i, c in enumerate(contents)])
            case "records":
                n = source["length"]
                contents = [text.encode() for text in source["files"]]
                if not contents:
                    return Dataset(NoFiles(self._cluster), Raw())
                # An empty file has no partition.
                parts = [[c[i : i + n] for i in range(0, len(c), n)] for c in contents if c]
                return Dataset(Source(self._cluster, parts), Raw())
            case "empty":
                return Dataset(Source(self._cluster, []), Nothing())
        raise ValueError(source["kind"])

    def _read(self, files: list[bytes], wanted: int | None) -> Dataset:
        if not files:
            return Dataset(NoFiles(self._cluster), Lines())
        parts = files_partitions(files, 2 if wanted is None else wanted)
        return Dataset(Source(self._cluster, parts), Lines())

    def _read_whole(self, files: list[tuple[str, bytes]], wanted: int | None) -> Dataset:
        form = Zipped(Lines(), Lines())
        if not files:
            return Dataset(NoFiles(self._cluster), form).map(lambda record: record)
        groups = whole_partitions(files, 2 if wanted is None else wanted)
        frames = [[(name, data.decode()) for name, data in group] for group in groups]
        return Dataset(Source(self._cluster, frames), form).map(lambda record: record)

    def _read_binary(self, files: list[tuple[str, bytes]]) -> Dataset:
        """Small files share a partition."""
        form = Zipped(Lines(), Raw())
        found = Source(self._cluster, [files]) if files else NoFiles(self._cluster)
        return Dataset(found, form).map(lambda record: record)

    def _parallelize(self, data: list[Any], n: int) -> Dataset:
        form = Batched(max(1, min(len(data) // n, 1024)))
        frames = list(form.write(data))
        cuts = [i * len(frames) // n for i in range(n + 1)]
        parts = [frames[a:b] for a, b in itertools.pairwise(cuts)]
        return Dataset(Source(self._cluster, parts), form)

    def _count(self, x: Any) -> Any:
        assert isinstance(self._counted, int)
        self._counted += 1
        return x

    def _note(self, it: Any) -> Any:
        for x in it:
            assert isinstance(self._counted, tuple)
            self._counted = tuple(sorted({*self._counted, type(x).__name__}))
            yield x

    def _apply(self, data: Dataset, op: dict[str, Any], other: Any) -> Dataset:
        n: Any = op.get("n")
        keeps: bool = op.get("keeps", False)
        placed: Any = words.PARTITION_FUNCS[op.get("placed", "portable")].call or portable_hash
        match op["op"]:
            case "map":
                return data.map(words.MAPS[op["f"]].call, keeps)
            case "flatMap":
                return data.flat_map(words.FLAT_MAPS[op["f"]].call, keeps)
            case "filter":
                return data.filter(words.FILTERS[op["f"]].call)
            case "mapPartitions":
                f = words.PARTITION_MAPS[op["f"]].call
                return data.each_partition(lambda i, it: f(it), keeps)
            case "mapPartitionsWithIndex" | "mapPartitionsWithSplit":
                return data.each_partition(words.INDEX_MAPS[op["f"]].call, keeps)
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
                named = {"r": data, "o": other}
                first, *others = (named[letter] for letter in op.get("of", "ror"))
                return first.union_all(others)
            case "framed":
                return self._parallelize([0, 1, 2, 3], 2).cartesian(data)
            case "heavy":
                heavy = data.map(lambda x: (x, bytes(op["bytes"])))
                pairs = self._parallelize([0, 1, 2, 3], 2).cartesian(heavy)
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
                more = op.get("more", 1) if op["op"] == "groupWith" else 0
                others = [other, *[data, other][:more]]
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
                keys = data.map(lambda kv: kv[0]).distinct(None).pull()
                fractions = dict(zip(keys, itertools.cycle(op["fractions"]), strict=False))
                return data.sample_by(op["replace"], lambda kv: fractions[kv[0]], op["seed"])
            case "randomSplit":
                return data.split(op["weights"], op["seed"], op["pick"])
            case "cache":
                return data.persist("MEMORY_ONLY")
            case "persist":
                return data.persist(op["level"])
            case "checkpoint":
                return data.checkpoint()
            case "localCheckpoint":
                return data.local_checkpoint()
            case "cleanShuffleDependencies":
                data.pull()
                self._cluster.forget_shuffles(data.node)
                return data
            case "unpersist":
                return data.unpersist()
            case "setName":
                _ = data.node
                data.name = op["name"]
                return data
            case "pipe":
                _, transform, status = words.PIPES[op["f"]]
                return data.through(transform, status if op["check"] else lambda data: 0)
            case "barrier":
                table = words.INDEX_MAPS if op["indexed"] else words.PARTITION_MAPS
                f = table[op["f"]].call
                run = f if op["indexed"] else lambda i, it: f(it)
                # A barrier's functions start a node of their own; here a shuffle does, before it.
                return data.repartition(op["tasks"]).each_partition(run).repartition(n)
            case "raising":
                return _raising(data, words.RAISERS[op["f"]].call, op["where"])
            case "textTrip":
                files = data.as_files()
                if op["codec"] == "none" or not files:
                    return self._read(files, n)
                return Dataset(Source(self._cluster, list(map(lines_of, files))), Lines())
            case "wholeTrip":
                named_files = [(f"part-{i:05}", file) for i, file in enumerate(data.as_files())]
                return self._read_whole(named_files, n)
            case "pickleTrip":
                batches = data.as_batches(op["batch"])
                if not batches:
                    return Dataset(NoFiles(self._cluster), AUTO)
                return Dataset(Source(self._cluster, batches), AUTO)
            case "broadcastFilter":
                seen = other.pull()
                return data.filter(lambda x: x in seen)
            case "run":
                data.size()
                return data
            case "broadcast":
                return data.map(lambda x: ("b", x))
            case "accumulate":
                self._counted = 0
                return data.map(self._count)
            case "accumulateKinds":
                self._counted = ()
                return data.each_partition(lambda i, it: self._note(it))
        raise ValueError(op["op"])


def _act(data: Dataset, action: dict[str, Any]) -> Any:
    match action["action"]:
        case "glom":
            return data.glom().pull()
        case "collect" | "collectWithJobGroup":
            return data.pull()
        case "toLocalIterator":
            return data.pull_one_by_one()
        case "someOfLocalIterator":
            # Who asks for nothing starts no job, not even to find out the partitions.
            return data.pull_one_by_one()[: action["n"]] if action["n"] else []
        case "partitioner":
            return [data.placement and data.placement.n, data.parts()]
        case "getStorageLevel":
            return [*_LEVELS[data.node.level]]
        case "isCheckpointed":
            if action["run"]:
                data.pull()
            node = data.node
            done = node.saved is not None or node.cut
            return [done, node.mark == "kept", data.cached, data.checkpointed]
        case "name":
            return data.name or None
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
            key = _key(action)
            return data.best(action["n"], key, largest=action["action"] == "top")
        case "max" | "min":
            choose: Any = max if action["action"] == "max" else min
            key = _key(action)
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
            numbers = _numbers(data, action)
            parts = numbers.each_partition(lambda i, it: [sum(it)]).pull()
            return functools.reduce(lambda a, b: a + b, parts, 0)
        case "takeSample":
            return data.take_sample(action["replace"], action["n"], action["seed"])
        case "stats" | "mean" | "variance" | "stdev" | "sampleVariance" | "sampleStdev":
            return _statistic(action["action"], _numbers(data, action).moments())
        case "histogram":
            return data.histogram(decode(action["buckets"]))
        case "countApprox":
            return data.size() == data.size()  # asked twice, as the language does
        case "sumApprox" | "meanApprox":
            return _approximate(action["action"], _numbers(data, action))
        case "countApproxDistinct":
            return data.about_distinct(action["sd"])
        case "runJob":
            f = words.PARTITION_MAPS[action["f"]].call
            count = data.parts()
            chosen = [i % count for i in action["partitions"]] if count else []
            return data.chosen(lambda i, it: f(it), chosen)
        case "foreach" | "foreachPartition":
            data.size()
            return None
    raise ValueError(action["action"])


# useDisk, useMemory, useOffHeap, deserialized, replication
_LEVELS = {
    "NONE": (False, False, False, False, 1),
    "DISK_ONLY": (True, False, False, False, 1),
    "DISK_ONLY_2": (True, False, False, False, 2),
    "MEMORY_ONLY": (False, True, False, False, 1),
    "MEMORY_AND_DISK": (True, True, False, False, 1),
    "MEMORY_AND_DISK_DESER": (True, True, False, True, 1),
}


class PySparkRuntimeError(Exception):
    """Spark's own error in a task."""


def _raising(data: Dataset, f: Any, where: str) -> Dataset:
    match where:
        case "map":
            return data.map(_guarded(f))
        case "filter":
            return data.filter(lambda x: [_guarded(f)(x)])
        case "flatMap":
            return data.flat_map(lambda x: (f(y) for y in [x]))
        case "foreach":
            data.map(_guarded(f)).size()
            return data
    # Here a StopIteration ends the partition: the iterator is the program's own.
    return data.each_partition(lambda i, it: map(f, it))


def _guarded(f: Any) -> Any:
    """A function of the program, whose StopIteration must not end a loop."""

    def call(x: Any) -> Any:
        try:
            return f(x)
        except StopIteration as error:
            raise PySparkRuntimeError(
                "[STOP_ITERATION_OCCURRED] Caught StopIteration thrown from user's code; "
                f"failing the task: {error}"
            ) from error

    return call


def _key(action: dict[str, Any]) -> Any:
    return None if action["f"] is None else words.SORT_KEYS[action["f"]].call


def _numbers(data: Dataset, action: dict[str, Any]) -> Dataset:
    return data.map(words.MAPS[action["f"]].call) if "f" in action else data


def _statistic(name: str, found: Moments) -> Any:
    match name:
        case "stats":
            total = found.n * found.mean
            values = (found.mean, total, found.low, found.high, found.variance())
            return [found.n, *(float(value) + 0.0 for value in values)]
        case "mean":
            return float(found.mean)
        case "variance" | "sampleVariance":
            return float(found.variance(sample=name != "variance"))
    return math.sqrt(found.variance(sample=name != "stdev"))


def _approximate(name: str, data: Dataset) -> list[float]:
    """With ample time the answer is known, and its bounds are the answer."""
    numbers = data.pull(to_the_end=False)
    total, count = float(sum(numbers)), len(numbers)
    value = total if name == "sumApprox" else total / (count or 1)
    return [float(f"{value:.9g}")] * 3


def _told(failed: JobFailed) -> str:
    cause = failed.__cause__
    return "" if cause is None else f"{type(cause).__name__}: {cause}"


def run(pipeline: dict[str, Any]) -> Any:
    """Return what Spark answers to `pipeline`, or {"error": ...}, as `language.run` does.

    >>> run({"source": {"kind": "range", "start": 0, "end": 3, "step": 1, "slices": 2},
    ...      "ops": [{"op": "map", "f": "inc"}], "action": {"action": "glom"}})
    {'answer': ['list', [['list', [1]], ['list', [2, 3]]]]}
    """
    try:
        return Model().run(pipeline)
    except JobFailed as failed:
        return {"error": "job", **({"raised": _told(failed)} if raises(pipeline) else {})}
    except Exception as error:
        return {"error": type(error).__name__}
