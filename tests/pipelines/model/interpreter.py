"""Interprets pipelines with the model's datasets (see `language`)."""

from __future__ import annotations

import copy
import functools
import itertools
from typing import Any

from .. import vocabulary as words
from ..values import decode, encode
from .cluster import Cluster, JobFailed, Source
from .dataset import Dataset, ResultIterable
from .frames import Batched, Lines, Nothing
from .hashing import portable_hash
from .text import text_partitions


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
                parts = text_partitions(source["text"].encode(), wanted)
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
        case "collect":
            return data.pull()
        case "toLocalIterator":
            return data.pull_one_by_one()
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
