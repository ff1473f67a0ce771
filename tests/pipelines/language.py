"""The language of pipelines, for whoever writes, runs or reads one.

A pipeline is JSON-able data:

    {"source": SOURCE, "ops": [OP, ...], "action": ACTION}

SOURCE: {"kind": "list", "data": [encoded value, ...], "slices": n or None}, and "times": how often
        over, "from": "tuple" or "generator" in place of a list
        {"kind": "range", "start": a, "end": b, "step": c, "slices": n}, for parallelize
        {"kind": "sc.range", ...} likewise, for SparkContext.range
        {"kind": "text", "text": str, "slices": minPartitions or None}, and "bytes": no decoding,
        "gzip": compressed
        {"kind": "files", "files": [str, ...], "slices": minPartitions}: several text files
        {"kind": "whole", "files": [str, ...], "slices": minPartitions}: wholeTextFiles
        {"kind": "binary", "files": [str, ...], "slices": minPartitions}: binaryFiles
        {"kind": "records", "files": [str, ...], "length": n}: binaryRecords
        {"kind": "empty"}
OP:     {"op": name, parameters}. Functions are names of `vocabulary`. An operation of two RDDs has
        "other": "self" (the RDD so far), "source" (the source's RDD), or a branch
        {"source": SOURCE, "ops": [OP, ...]}.
ACTION: {"action": name, parameters}.

A pipeline with a "raising" operation is answered with the error's class and message; without one,
a failed job is {"error": "job"}: which task failed first is not determined.

`run` interprets a pipeline with any SparkContext, minispark's or PySpark's: it uses the public
API and nothing else. The model interprets the same data for itself.
"""

from __future__ import annotations

import copy
import gzip
import importlib
import itertools
import os
import tempfile
import warnings
from collections.abc import Callable, Iterable
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
            return {"answer": encode(answer), "counted": encode(self._counter.value)}
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
                made = {"tuple": tuple, "generator": iter}.get(source.get("from", ""), list)
                return self._sc.parallelize(made(data), source["slices"])
            case "range":
                numbers = range(source["start"], source["end"], source["step"])
                return self._sc.parallelize(numbers, source["slices"])
            case "sc.range":
                bounds = source["start"], source["end"], source["step"]
                return self._sc.range(*bounds, numSlices=source["slices"])
            case "text":
                packed = source.get("gzip", False)
                data = source["text"].encode()
                path = self._files([gzip.compress(data) if packed else data], packed)
                return self._sc.textFile(path, source["slices"], not source.get("bytes", False))
            case "files":
                path = self._files([text.encode() for text in source["files"]])
                return self._sc.textFile(path, source["slices"])
            case "whole":
                path = self._files([text.encode() for text in source["files"]])
                return self._sc.wholeTextFiles(path, source["slices"]).map(_short_name)
            case "binary":
                path = self._files([text.encode() for text in source["files"]])
                return self._sc.binaryFiles(path, source["slices"]).map(_short_name)
            case "records":
                path = self._files([text.encode() for text in source["files"]])
                return self._sc.binaryRecords(path, source["length"])
            case "empty":
                return self._sc.emptyRDD()
        raise ValueError(source["kind"])

    def _files(self, contents: Iterable[bytes], packed: bool = False) -> str:
        """The glob of new files of these contents; Hadoop sorts what a glob finds."""
        directory = tempfile.mkdtemp(dir=self._directory)
        for number, content in enumerate(contents):
            name = f"f{number:02}.txt" + (".gz" if packed else "")
            with open(os.path.join(directory, name), "wb") as file:
                file.write(content)
        return f"file://{directory}/f*"

    def _saved(self, save: Callable[[str], Any]) -> str:
        """The glob of the part files that `save` writes below the path it is given."""
        path = "file://" + os.path.join(tempfile.mkdtemp(dir=self._directory), "saved")
        save(path)
        return path + "/part-*"

    def _apply(self, rdd: Any, op: dict[str, Any], other: Any) -> Any:
        if op["op"] == "broadcast":
            shared = self._sc.broadcast({"word": "b", "list": [1, 2]})
            return rdd.map(lambda x: (shared.value["word"], x))
        if op["op"] == "broadcastFilter":
            seen = self._sc.broadcast(other.collect())
            return rdd.filter(lambda x: x in seen.value)
        if op["op"] == "accumulate":
            counter = self._counter = self._sc.accumulator(0)

            def count(x: Any) -> Any:
                counter.add(1)
                return x

            return rdd.map(count)
        if op["op"] == "accumulateKinds":
            kinds = self._counter = self._sc.accumulator((), _kinds_param(self._sc))

            def note(it: Any) -> Any:
                for x in it:
                    kinds.add((type(x).__name__,))
                    yield x

            return rdd.mapPartitions(note)
        if op["op"] == "unionAll":
            named = {"r": rdd, "o": other}
            return self._sc.union([named[letter] for letter in op.get("of", "ror")])
        if op["op"] == "textTrip":
            codec = words.CODECS[op["codec"]]
            path = self._saved(lambda path: rdd.saveAsTextFile(path, codec))
            return self._sc.textFile(path, op["n"])
        if op["op"] == "wholeTrip":
            path = self._saved(rdd.saveAsTextFile)
            return self._sc.wholeTextFiles(path, op["n"]).map(_short_name)
        if op["op"] == "pickleTrip":
            path = self._saved(lambda path: rdd.saveAsPickleFile(path, op["batch"]))
            return self._sc.pickleFile(path, op["n"])
        if op["op"] == "persist":
            return rdd.persist(getattr(_engine(self._sc, "storagelevel").StorageLevel, op["level"]))
        if op["op"] == "checkpoint":
            self._sc.setCheckpointDir("file://" + tempfile.mkdtemp(dir=self._directory))
            rdd.checkpoint()
            return rdd
        if op["op"] == "framed":
            return self._sc.parallelize([0, 1, 2, 3], 2).cartesian(rdd)
        if op["op"] == "heavy":
            size = op["bytes"]
            pairs = self._sc.parallelize([0, 1, 2, 3], 2).cartesian(
                rdd.map(lambda x: (x, bytes(size)))
            )
            return pairs.map(lambda pair: (pair[0], pair[1][0]))
        return OPERATIONS[op["op"]](rdd, op, other)


def _engine(sc: Any, module: str) -> Any:
    """A module of the engine that `sc` is of."""
    return importlib.import_module(f"{type(sc).__module__.partition('.')[0]}.{module}")


def _short_name(record: tuple[str, Any]) -> tuple[str, Any]:
    return record[0].rpartition("/")[2], record[1]


def _kinds_param(sc: Any) -> Any:
    class Kinds(_engine(sc, "accumulators").AccumulatorParam):  # type: ignore[misc]
        """Names seen so far, sorted: whatever order tasks end in."""

        def zero(self, value: Any) -> Any:
            return ()

        def addInPlace(self, value: Any, other: Any) -> Any:
            return tuple(sorted({*value, *other}))

    return Kinds()


def _keeps(op: dict[str, Any]) -> dict[str, Any]:
    """The keyword argument preservesPartitioning, where it is given."""
    return {"preservesPartitioning": op["keeps"]} if "keeps" in op else {}


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
    """A fraction for each key: those given, over and over."""
    keys = rdd.keys().distinct().collect()
    fractions = dict(zip(keys, itertools.cycle(op["fractions"]), strict=False))
    return rdd.sampleByKey(op["replace"], fractions, op["seed"])


def _coalesce(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    # Jobs that ran before may change which partitions are put together.
    for _ in range(op.get("runs", 0)):
        rdd.count()
    return rdd.coalesce(op["n"], op["shuffle"])


def _run(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    rdd.count()
    return rdd


def _barrier(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    """A barrier stage of its own, between shuffles: not more tasks than slots."""
    meeting = rdd.repartition(op["tasks"]).barrier()
    if op["indexed"]:
        return meeting.mapPartitionsWithIndex(words.INDEX_MAPS[op["f"]].call).repartition(op["n"])
    return meeting.mapPartitions(words.PARTITION_MAPS[op["f"]].call).repartition(op["n"])


def _raising(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    f = words.RAISERS[op["f"]].call
    match op["where"]:
        case "map":
            return rdd.map(f)
        case "filter":
            return rdd.filter(lambda x: [f(x)])
        case "flatMap":
            return rdd.flatMap(lambda x: (f(y) for y in [x]))
        case "foreach":
            rdd.foreach(f)
            return rdd
    return rdd.mapPartitions(lambda it: map(f, it))


def _unpersist(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    return rdd.unpersist(blocking=True)


def _local_checkpoint(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    rdd.localCheckpoint()
    return rdd


def _clean_shuffle_dependencies(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    # Only a job of the RDD itself makes what is before it known.
    rdd.collect()
    rdd.cleanShuffleDependencies(blocking=True)
    return rdd


def _group_with(rdd: Any, op: dict[str, Any], other: Any) -> Any:
    return rdd.groupWith(other, *[rdd, other][: op.get("more", 1)])


Operation = Callable[[Any, dict[str, Any], Any], Any]

OPERATIONS: dict[str, Operation] = {
    "map": lambda r, op, o: r.map(words.MAPS[op["f"]].call, **_keeps(op)),
    "flatMap": lambda r, op, o: r.flatMap(words.FLAT_MAPS[op["f"]].call, **_keeps(op)),
    "filter": lambda r, op, o: r.filter(words.FILTERS[op["f"]].call),
    "mapPartitions": lambda r, op, o: r.mapPartitions(
        words.PARTITION_MAPS[op["f"]].call, **_keeps(op)
    ),
    "mapPartitionsWithIndex": lambda r, op, o: r.mapPartitionsWithIndex(
        words.INDEX_MAPS[op["f"]].call, **_keeps(op)
    ),
    "mapPartitionsWithSplit": lambda r, op, o: r.mapPartitionsWithSplit(
        words.INDEX_MAPS[op["f"]].call, **_keeps(op)
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
    "groupWith": _group_with,
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
    "unpersist": _unpersist,
    "localCheckpoint": _local_checkpoint,
    "cleanShuffleDependencies": _clean_shuffle_dependencies,
    "run": _run,
    "setName": lambda r, op, o: r.setName(op["name"]),
    "pipe": lambda r, op, o: r.pipe(words.PIPES[op["f"]][0], {"LC_ALL": "C"}, op["check"]),
    "barrier": _barrier,
    "raising": _raising,
}

SOURCES = ["list", "range", "sc.range", "text", "files", "whole", "binary", "records", "empty"]

# Those that need the context besides.
OF_THE_CONTEXT = [
    "broadcast",
    "broadcastFilter",
    "accumulate",
    "accumulateKinds",
    "unionAll",
    "framed",
    "heavy",
    "textTrip",
    "wholeTrip",
    "pickleTrip",
    "persist",
    "checkpoint",
]

Action = Callable[[Any, dict[str, Any]], Any]


def _each(rdd: Any, action: dict[str, Any]) -> None:
    rdd.foreach(lambda x: None)


def _each_partition(rdd: Any, action: dict[str, Any]) -> None:
    rdd.foreachPartition(lambda it: (None for _ in it))


def _key(action: dict[str, Any]) -> list[Any]:
    """The key function of an action, or no argument."""
    return [words.SORT_KEYS[action["f"]].call] if action["f"] is not None else []


def _run_job(rdd: Any, action: dict[str, Any]) -> Any:
    count = rdd.getNumPartitions()
    chosen = [i % count for i in action["partitions"]] if count else []
    return rdd.context.runJob(rdd, words.PARTITION_MAPS[action["f"]].call, chosen)


def _numbers(rdd: Any, action: dict[str, Any]) -> Any:
    """The numbers that an action is about: the elements, or what a function makes of them."""
    return rdd.map(words.MAPS[action["f"]].call) if "f" in action else rdd


def _stats(rdd: Any, action: dict[str, Any]) -> Any:
    found = _numbers(rdd, action).stats()
    values = (found.mean, found.sum, found.min, found.max, found.variance)
    # Which of two zeros is the greater one depends on the processor.
    return [found.count()] + [float(value()) + 0.0 for value in values]


def _approximate(rdd: Any, action: dict[str, Any]) -> Any:
    """An answer and its bounds to nine digits: in Spark, parts are added as they come."""
    found = getattr(_numbers(rdd, action), action["action"])(10**7)
    if action["action"] == "countApprox":
        # Spark cuts a sum of floats to an int: it may be one too small.
        return rdd.count() - found in (0, 1)
    return [float(f"{value:.9g}") for value in (found, found.low, found.high)]


def _partitioner(rdd: Any, action: dict[str, Any]) -> Any:
    known = rdd.partitioner
    return [known and known.numPartitions, rdd.getNumPartitions()]


def _level(rdd: Any, action: dict[str, Any]) -> Any:
    level = rdd.getStorageLevel()
    flags = [level.useDisk, level.useMemory, level.useOffHeap, level.deserialized]
    return [*flags, level.replication]


def _is_checkpointed(rdd: Any, action: dict[str, Any]) -> Any:
    if action["run"]:
        rdd.collect()
    done = [rdd.isCheckpointed(), rdd.isLocallyCheckpointed()]
    return [*done, rdd.is_cached, rdd.is_checkpointed]


def _name(rdd: Any, action: dict[str, Any]) -> Any:
    # What a text file is called is where it lies.
    name = rdd.name()
    return None if name is None or "/" in name else name


ACTIONS: dict[str, Action] = {
    "glom": lambda r, a: r.glom().collect(),
    "collect": lambda r, a: r.collect(),
    "collectWithJobGroup": lambda r, a: r.collectWithJobGroup("group", "of a pipeline"),
    "partitions": lambda r, a: r.getNumPartitions(),
    "partitioner": _partitioner,
    "getStorageLevel": _level,
    "isCheckpointed": _is_checkpointed,
    "name": _name,
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
    "top": lambda r, a: r.top(a["n"], *_key(a)),
    "takeOrdered": lambda r, a: r.takeOrdered(a["n"], *_key(a)),
    "max": lambda r, a: r.max(*_key(a)),
    "min": lambda r, a: r.min(*_key(a)),
    "countByKey": lambda r, a: r.countByKey(),
    "countByValue": lambda r, a: r.countByValue(),
    "collectAsMap": lambda r, a: r.collectAsMap(),
    "reduceByKeyLocally": lambda r, a: r.reduceByKeyLocally(words.REDUCERS[a["f"]].call),
    "lookup": lambda r, a: r.lookup(decode(a["key"])),
    "sum": lambda r, a: _numbers(r, a).sum(),
    "stats": _stats,
    "mean": lambda r, a: float(_numbers(r, a).mean()),
    "variance": lambda r, a: float(_numbers(r, a).variance()),
    "stdev": lambda r, a: float(_numbers(r, a).stdev()),
    "sampleVariance": lambda r, a: float(_numbers(r, a).sampleVariance()),
    "sampleStdev": lambda r, a: float(_numbers(r, a).sampleStdev()),
    "histogram": lambda r, a: r.histogram(decode(a["buckets"])),
    "countApprox": _approximate,
    "sumApprox": _approximate,
    "meanApprox": _approximate,
    "countApproxDistinct": lambda r, a: r.countApproxDistinct(a["sd"]),
    "takeSample": lambda r, a: r.takeSample(a["replace"], a["n"], a["seed"]),
    "toLocalIterator": lambda r, a: list(r.toLocalIterator(a.get("prefetch", False))),
    "someOfLocalIterator": lambda r, a: list(itertools.islice(r.toLocalIterator(), a["n"])),
    "runJob": _run_job,
    "foreach": _each,
    "foreachPartition": _each_partition,
}


def run(
    sc: Any,
    pipeline: Pipeline,
    job_errors: tuple[type[BaseException], ...],
    told: Callable[[BaseException], str],
) -> Any:
    """Run `pipeline` on `sc` and return its answer, or its error as {"error": class name}.

    An exception of one of `job_errors` (what the engine raises when a task fails) gives
    {"error": "job"}, and for a pipeline that has a raising operation "raised", which is what
    `told` tells of the exception: class and message of the user's own.
    """
    # A job that has failed may have tasks that still write there.
    directories = tempfile.TemporaryDirectory(prefix="pipelines-", ignore_cleanup_errors=True)
    with directories as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of operations that have other names now
        try:
            return Interpreter(sc, directory).run(pipeline)
        except job_errors as error:
            return {"error": "job", **({"raised": told(error)} if raises(pipeline) else {})}
        except Exception as error:
            return {"error": type(error).__name__}


def raises(pipeline: Pipeline) -> bool:
    """Whether a function of the pipeline, not of its branches, may raise."""
    return any(op["op"] == "raising" for op in pipeline["ops"])
