"""The language of pipelines, for whoever writes, runs or reads one.

A pipeline is JSON-able data:

    {"source": SOURCE, "ops": [OP, ...], "action": ACTION}

SOURCE: {"kind": "list", "data": [encoded value, ...], "slices": n}, and "times": how often over
        {"kind": "range", "start": a, "end": b, "step": c, "slices": n}
        {"kind": "text", "text": str, "slices": minPartitions or None}
        {"kind": "empty"}
OP:     {"op": name, parameters}. Functions are names of `vocabulary`. An operation of two RDDs has
        "other": "self" (the RDD so far), "source" (the source's RDD), or a branch
        {"source": SOURCE, "ops": [OP, ...]}.
ACTION: {"action": name, parameters}.

`run` interprets a pipeline with any SparkContext, minispark's or PySpark's: it uses the public
API and nothing else. The model interprets the same data for itself.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable
from typing import Any

from . import vocabulary as words
from .values import decode, encode

Pipeline = dict[str, Any]


class Interpreter:
    """Builds the RDD of a pipeline on one context and runs its action."""

    def __init__(self, sc: Any, directory: str) -> None:
        self._sc = sc
        self._directory = directory
        self._counter: Any = None

    def run(self, pipeline: Pipeline) -> Any:
        """Return the answer of `pipeline` as encoded data; the engine's errors pass through."""
        rdd = self._branch(pipeline)
        answer = ACTIONS[pipeline["action"]["action"]](rdd, pipeline["action"])
        if self._counter is not None:
            return {"answer": encode(answer), "counted": self._counter.value}
        return {"answer": encode(answer)}

    def _branch(self, branch: dict[str, Any]) -> Any:
        source = rdd = self._source(branch["source"])
        for op in branch["ops"]:
            other = None
            if "other" in op:
                named = {"self": rdd, "source": source}
                chosen = op["other"]
                other = named[chosen] if isinstance(chosen, str) else self._branch(chosen)
            rdd = self._apply(rdd, op, other)
        return rdd

    def _source(self, source: dict[str, Any]) -> Any:
        match source["kind"]:
            case "list":
                data = decode(["list", source["data"]]) * source.get("times", 1)
                return self._sc.parallelize(data, source["slices"])
            case "range":
                numbers = range(source["start"], source["end"], source["step"])
                return self._sc.parallelize(numbers, source["slices"])
            case "text":
                handle, path = tempfile.mkstemp(suffix=".txt", dir=self._directory)
                with os.fdopen(handle, "wb") as file:
                    file.write(source["text"].encode())
                return self._sc.textFile("file://" + path, source["slices"])
            case "empty":
                return self._sc.emptyRDD()
        raise ValueError(source["kind"])

    def _apply(self, rdd: Any, op: dict[str, Any], other: Any) -> Any:
        if op["op"] == "broadcast":
            shared = self._sc.broadcast({"word": "b", "list": [1, 2]})
            return rdd.map(lambda x: (shared.value["word"], x))
        if op["op"] == "accumulate":
            counter = self._counter = self._counter or self._sc.accumulator(0)

            def count(x: Any) -> Any:
                counter.add(1)
                return x

            return rdd.map(count)
        if op["op"] == "unionAll":
            return self._sc.union([rdd, other, rdd])
        if op["op"] == "framed":
            return self._sc.parallelize([0, 1, 2, 3], 2).cartesian(rdd)
        if op["op"] == "heavy":
            size = op["bytes"]
            pairs = self._sc.parallelize([0, 1, 2, 3], 2).cartesian(
                rdd.map(lambda x: (x, bytes(size)))
            )
            return pairs.map(lambda pair: (pair[0], pair[1][0]))
        return OPERATIONS[op["op"]](rdd, op, other)


def _placed(op: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments numPartitions and partitionFunc of a shuffle."""
    given: dict[str, Any] = {"numPartitions": op.get("n")}
    if op.get("placed", "portable") != "portable":
        given["partitionFunc"] = words.PARTITION_FUNCS[op["placed"]].call
    return given


def _with_zero(entry: tuple[Any, ...]) -> tuple[Any, ...]:
    """The functions of an entry after a zero of its own: actions may change it on the driver."""
    return (copy.deepcopy(entry[0]), *entry[1:-1])


def _aggregate_by_key(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    return rdd.aggregateByKey(*_with_zero(words.AGGREGATES[op["f"]]), **_placed(op))


def _fold_by_key(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    return rdd.foldByKey(*_with_zero(words.FOLDS[op["f"]]), **_placed(op))


def _sample_by_key(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    fractions = dict.fromkeys(rdd.keys().distinct().collect(), op["fraction"])
    return rdd.sampleByKey(op["replace"], fractions, op["seed"])


def _coalesce(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    # Jobs that ran before may change which partitions are put together.
    for _ in range(op.get("runs", 0)):
        rdd.count()
    return rdd.coalesce(op["n"], op["shuffle"])


def _run(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    rdd.count()
    return rdd


Operation = Callable[[Any, dict[str, Any], Any], Any]

OPERATIONS: dict[str, Operation] = {
    "map": lambda r, op, o: r.map(words.MAPS[op["f"]].call),
    "flatMap": lambda r, op, o: r.flatMap(words.FLAT_MAPS[op["f"]].call),
    "filter": lambda r, op, o: r.filter(words.FILTERS[op["f"]].call),
    "mapPartitions": lambda r, op, o: r.mapPartitions(words.PARTITION_MAPS[op["f"]].call),
    "mapPartitionsWithIndex": lambda r, op, o: r.mapPartitionsWithIndex(
        words.INDEX_MAPS[op["f"]].call
    ),
    "glom": lambda r, op, o: r.glom(),
    "glomFlat": lambda r, op, o: r.glom().flatMap(lambda xs: xs),
    "keyBy": lambda r, op, o: r.keyBy(words.MAPS[op["f"]].call),
    "mapValues": lambda r, op, o: r.mapValues(words.MAPS[op["f"]].call),
    "flatMapValues": lambda r, op, o: r.flatMapValues(words.FLAT_MAPS[op["f"]].call),
    "keys": lambda r, op, o: r.keys(),
    "values": lambda r, op, o: r.values(),
    "distinct": lambda r, op, o: r.distinct(op["n"]),
    "union": lambda r, op, o: r.union(o),
    "intersection": lambda r, op, o: r.intersection(o),
    "subtract": lambda r, op, o: r.subtract(o, op["n"]),
    "subtractByKey": lambda r, op, o: r.subtractByKey(o, op["n"]),
    "cartesian": lambda r, op, o: r.cartesian(o),
    "zip": lambda r, op, o: r.zip(o),
    "zipMapped": lambda r, op, o: r.zip(r.map(words.MAPS[op["f"]].call)),
    "zipWithIndex": lambda r, op, o: r.zipWithIndex(),
    "zipWithUniqueId": lambda r, op, o: r.zipWithUniqueId(),
    "groupBy": lambda r, op, o: r.groupBy(words.SORT_KEYS[op["f"]].call, **_placed(op)),
    "groupByKey": lambda r, op, o: r.groupByKey(**_placed(op)),
    "reduceByKey": lambda r, op, o: r.reduceByKey(words.REDUCERS[op["f"]].call, **_placed(op)),
    "combineByKey": lambda r, op, o: r.combineByKey(*words.COMBINERS[op["f"]][:-1], **_placed(op)),
    "aggregateByKey": _aggregate_by_key,
    "foldByKey": _fold_by_key,
    "cogroup": lambda r, op, o: r.cogroup(o, op["n"]),
    "groupWith": lambda r, op, o: r.groupWith(o, r),
    "join": lambda r, op, o: r.join(o, op["n"]),
    "leftOuterJoin": lambda r, op, o: r.leftOuterJoin(o, op["n"]),
    "rightOuterJoin": lambda r, op, o: r.rightOuterJoin(o, op["n"]),
    "fullOuterJoin": lambda r, op, o: r.fullOuterJoin(o, op["n"]),
    "partitionBy": lambda r, op, o: r.partitionBy(**_placed(op)),
    "repartition": lambda r, op, o: r.repartition(op["n"]),
    "coalesce": _coalesce,
    "sortBy": lambda r, op, o: r.sortBy(words.SORT_KEYS[op["f"]].call, op["ascending"], op["n"]),
    "sortByKey": lambda r, op, o: r.sortByKey(
        op["ascending"], op["n"], words.SORT_KEYS[op["f"]].call
    ),
    "repartitionAndSortWithinPartitions": lambda r, op, o: r.repartitionAndSortWithinPartitions(
        **_placed(op), ascending=op["ascending"], keyfunc=words.SORT_KEYS[op["f"]].call
    ),
    "sample": lambda r, op, o: r.sample(op["replace"], op["fraction"], op["seed"]),
    "sampleByKey": _sample_by_key,
    "randomSplit": lambda r, op, o: r.randomSplit(op["weights"], op["seed"])[op["pick"]],
    "cache": lambda r, op, o: r.cache(),
    "run": _run,
}

Action = Callable[[Any, dict[str, Any]], Any]


def _each(rdd: Any, action: dict[str, Any]) -> None:
    rdd.foreach(lambda x: None)


ACTIONS: dict[str, Action] = {
    "glom": lambda r, a: r.glom().collect(),
    "collect": lambda r, a: r.collect(),
    "partitions": lambda r, a: r.getNumPartitions(),
    "count": lambda r, a: r.count(),
    "take": lambda r, a: r.take(a["n"]),
    "first": lambda r, a: r.first(),
    "isEmpty": lambda r, a: r.isEmpty(),
    "reduce": lambda r, a: r.reduce(words.REDUCERS[a["f"]].call),
    "treeReduce": lambda r, a: r.treeReduce(words.REDUCERS[a["f"]].call, a["depth"]),
    "fold": lambda r, a: r.fold(*_with_zero(words.FOLDS[a["f"]])),
    "aggregate": lambda r, a: r.aggregate(*_with_zero(words.AGGREGATES[a["f"]])),
    "treeAggregate": lambda r, a: r.treeAggregate(
        *_with_zero(words.AGGREGATES[a["f"]]), a["depth"]
    ),
    "top": lambda r, a: r.top(a["n"], words.SORT_KEYS[a["f"]].call),
    "takeOrdered": lambda r, a: r.takeOrdered(a["n"], words.SORT_KEYS[a["f"]].call),
    "max": lambda r, a: r.max(words.SORT_KEYS[a["f"]].call),
    "min": lambda r, a: r.min(words.SORT_KEYS[a["f"]].call),
    "countByKey": lambda r, a: r.countByKey(),
    "countByValue": lambda r, a: r.countByValue(),
    "collectAsMap": lambda r, a: r.collectAsMap(),
    "reduceByKeyLocally": lambda r, a: r.reduceByKeyLocally(words.REDUCERS[a["f"]].call),
    "lookup": lambda r, a: r.lookup(decode(a["key"])),
    "sum": lambda r, a: r.sum(),
    "takeSample": lambda r, a: r.takeSample(a["replace"], a["n"], a["seed"]),
    "toLocalIterator": lambda r, a: list(r.toLocalIterator()),
    "foreach": _each,
}


def run(sc: Any, pipeline: Pipeline, job_errors: tuple[type[BaseException], ...]) -> Any:
    """Run `pipeline` on `sc` and return its answer, or its error as {"error": class name}.

    An exception of one of `job_errors` (what the engine raises when a task fails) gives
    {"error": "job"}.
    """
    with tempfile.TemporaryDirectory(prefix="pipelines-") as directory:
        try:
            return Interpreter(sc, directory).run(pipeline)
        except job_errors:
            return {"error": "job"}
        except Exception as error:
            return {"error": type(error).__name__}
