"""Programs that have to pass `mypy --strict`, and what mypy has to find out about them.

`tests/test_typing.py` checks them: on minispark, and on PySpark where it is installed, whose name
is then put in place of minispark's. Of a line that ends in `# finer`, minispark knows more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, assert_type

from minispark import (
    Accumulator,
    AccumulatorParam,
    BarrierTaskContext,
    BarrierTaskInfo,
    Broadcast,
    InheritableThread,
    RDDBarrier,
    SparkConf,
    SparkContext,
    SparkFiles,
    StatusTracker,
    StorageLevel,
    TaskContext,
    inheritable_thread_target,
)
from minispark.rdd import RDD
from minispark.resource import ResourceProfile, ResourceProfileBuilder, TaskResourceRequests
from minispark.resultiterable import ResultIterable
from minispark.statcounter import StatCounter


def settings() -> SparkContext:
    conf = SparkConf().setMaster("local[2]").setAppName("typed").set("spark.task.cpus", "1")
    assert_type(conf, SparkConf)
    assert_type(conf.get("spark.master"), str | None)
    assert_type(conf.get("spark.master", "local"), str)
    assert_type(conf.getAll(), list[tuple[str, str]])
    assert_type(conf.contains("a"), bool)
    with SparkContext(conf=conf) as sc:
        assert_type(sc, SparkContext)
    return SparkContext.getOrCreate(conf)


def sources(sc: SparkContext) -> None:
    assert_type(sc.parallelize([1, 2]), RDD[int])
    assert_type(sc.parallelize(["a"], 2), RDD[str])
    assert_type(sc.parallelize([("a", 1)]), RDD[tuple[str, int]])
    assert_type(sc.range(10), RDD[int])
    assert_type(sc.emptyRDD(), RDD[Any])
    assert_type(sc.textFile("a.txt"), RDD[str])
    assert_type(sc.wholeTextFiles("folder"), RDD[tuple[str, str]])
    assert_type(sc.union([sc.range(1), sc.range(2)]), RDD[int])
    assert_type(sc.runJob(sc.range(3), lambda part: [str(x) for x in part]), list[str])
    assert_type(sc.defaultParallelism, int)
    assert_type(sc.defaultMinPartitions, int)
    assert_type(sc.version, str)
    assert_type(sc.applicationId, str)
    assert_type(sc.startTime, int)
    assert_type(sc.uiWebUrl, str | None)
    assert_type(sc.getConf(), SparkConf)
    assert_type(sc.statusTracker(), StatusTracker)
    assert_type(sc.getLocalProperty("a"), str | None)
    assert_type(sc.getJobTags(), set[str])
    assert_type(SparkFiles.get("a"), str)


def shared(sc: SparkContext) -> None:
    names = sc.broadcast({1: "one"})
    assert_type(names, Broadcast[dict[int, str]])
    assert_type(names.value, dict[int, str])
    total = sc.accumulator(0)
    assert_type(total, Accumulator[int])
    assert_type(total.value, int)
    assert_type(sc.accumulator(0.5).value, float)
    total += 2
    total.add(1)

    class Longest(AccumulatorParam[str]):
        def zero(self, value: str) -> str:
            return ""

        def addInPlace(self, value1: str, value2: str) -> str:
            return max(value1, value2, key=len)

    assert_type(sc.accumulator("", Longest()).value, str)


def of_elements(sc: SparkContext) -> None:
    numbers, words = sc.parallelize([1, 2, 3]), sc.parallelize(["a", "b"])
    assert_type(numbers.map(lambda x: (x, str(x))), RDD[tuple[int, str]])
    assert_type(numbers.flatMap(lambda x: [x / 2, 0.5]), RDD[float])
    assert_type(numbers.filter(lambda x: x > 1), RDD[int])
    assert_type(numbers.distinct(), RDD[int])
    assert_type(numbers.sample(False, 0.5, 3), RDD[int])
    assert_type(numbers.randomSplit([1, 2], 3), list[RDD[int]])
    assert_type(numbers.glom(), RDD[list[int]])
    assert_type(numbers.keyBy(str), RDD[tuple[str, int]])
    even = numbers.groupBy(lambda x: x % 2 == 0)
    assert_type(even, RDD[tuple[bool, ResultIterable[int]]])  # finer
    assert_type(numbers.sortBy(lambda x: -x), RDD[int])
    assert_type(numbers.pipe("cat"), RDD[str])
    assert_type(numbers.zip(words), RDD[tuple[int, str]])
    assert_type(numbers.zipWithIndex(), RDD[tuple[int, int]])
    assert_type(words.zipWithUniqueId(), RDD[tuple[str, int]])
    assert_type(numbers.cartesian(words), RDD[tuple[int, str]])
    assert_type(numbers.union(numbers), RDD[int])
    assert_type(numbers.union(words), RDD[int | str])
    assert_type(numbers + numbers, RDD[int])
    assert_type(numbers.intersection(numbers), RDD[int])
    assert_type(numbers.subtract(numbers, 2), RDD[int])
    assert_type(numbers.mapPartitions(lambda part: [sum(part)]), RDD[int])
    assert_type(
        numbers.mapPartitionsWithIndex(lambda i, part: [(i, list(part))]),
        RDD[tuple[int, list[int]]],
    )
    assert_type(numbers.coalesce(1), RDD[int])
    assert_type(numbers.repartition(3), RDD[int])
    assert_type(numbers.cache(), RDD[int])
    assert_type(numbers.persist(StorageLevel.DISK_ONLY), RDD[int])
    assert_type(numbers.unpersist(), RDD[int])
    assert_type(numbers.setName("numbers"), RDD[int])
    assert_type(numbers.name(), str | None)
    assert_type(numbers.id(), int)
    assert_type(numbers.context, SparkContext)
    assert_type(numbers.getNumPartitions(), int)
    assert_type(numbers.getStorageLevel(), StorageLevel)
    assert_type(numbers.toDebugString(), bytes | None)


def to_the_driver(sc: SparkContext) -> None:
    numbers, words = sc.parallelize([1, 2, 3]), sc.parallelize(["a", "b"])
    assert_type(numbers.collect(), list[int])
    assert_type(numbers.count(), int)
    assert_type(numbers.first(), int)
    assert_type(words.take(2), list[str])
    assert_type(words.top(2), list[str])
    assert_type(words.takeOrdered(2, len), list[str])
    assert_type(words.takeSample(True, 3, 1), list[str])
    assert_type(words.max(), str)
    assert_type(words.min(len), str)
    assert_type(words.isEmpty(), bool)
    assert_type(words.countByValue(), dict[str, int])
    assert_type(words.toLocalIterator(), Iterator[str])
    assert_type(words.reduce(lambda a, b: a + b), str)
    assert_type(words.treeReduce(lambda a, b: a + b), str)
    assert_type(words.fold("", lambda a, b: a + b), str)
    assert_type(words.aggregate(0, lambda n, word: n + len(word), lambda a, b: a + b), int)
    assert_type(words.treeAggregate(0, lambda n, word: n + len(word), lambda a, b: a + b), int)
    assert_type(words.collectWithJobGroup("group", "words"), list[str])
    assert_type(words.countApprox(100), int)
    assert_type(words.countApproxDistinct(), int)
    words.foreach(print)
    words.foreachPartition(lambda part: None)


def of_numbers(sc: SparkContext) -> None:
    numbers, floats = sc.parallelize([1, 2, 3]), sc.parallelize([0.5, 1.5])
    assert_type(numbers.stats(), StatCounter)
    assert_type(floats.mean(), float)
    assert_type(floats.variance(), float)
    assert_type(floats.stdev(), float)
    assert_type(floats.sampleStdev(), float)
    assert_type(floats.sampleVariance(), float)
    assert_type(floats.histogram(2), tuple[Sequence[float], list[int]])
    assert_type(numbers.sum(), int)
    assert_type(floats.sum(), float)


def of_pairs(sc: SparkContext) -> None:
    pairs = sc.parallelize([("a", 1), ("b", 2)])
    others = sc.parallelize([("a", 0.5)])
    numbers = sc.parallelize([1, 2])
    assert_type(pairs.keys(), RDD[str])
    assert_type(pairs.values(), RDD[int])
    assert_type(pairs.mapValues(str), RDD[tuple[str, str]])
    assert_type(pairs.flatMapValues(lambda n: range(n)), RDD[tuple[str, int]])
    assert_type(pairs.reduceByKey(lambda a, b: a + b), RDD[tuple[str, int]])
    assert_type(pairs.foldByKey(0, lambda a, b: a + b), RDD[tuple[str, int]])
    assert_type(pairs.groupByKey(), RDD[tuple[str, ResultIterable[int]]])  # finer
    ones = numbers.map(lambda x: (x, 1))
    assert_type(ones.groupByKey(), RDD[tuple[int, ResultIterable[int]]])  # finer

    def first(value: int) -> str:
        return str(value)

    def more(text: str, value: int) -> str:
        return text + str(value)

    def both(one: str, other: str) -> str:
        return one + other

    assert_type(pairs.combineByKey(first, more, both), RDD[tuple[str, str]])
    assert_type(
        pairs.aggregateByKey(0.5, lambda c, n: c + n, lambda a, b: a + b), RDD[tuple[str, float]]
    )
    assert_type(pairs.reduceByKeyLocally(lambda a, b: a + b), dict[str, int])
    assert_type(pairs.countByKey(), dict[str, int])
    assert_type(pairs.collectAsMap(), dict[str, int])
    assert_type(pairs.lookup("a"), list[int])
    assert_type(pairs.sampleByKey(False, {"a": 0.5}, 1), RDD[tuple[str, int]])
    assert_type(pairs.join(others), RDD[tuple[str, tuple[int, float]]])
    assert_type(pairs.leftOuterJoin(others), RDD[tuple[str, tuple[int, float | None]]])
    assert_type(pairs.rightOuterJoin(others), RDD[tuple[str, tuple[int | None, float]]])
    assert_type(pairs.fullOuterJoin(others), RDD[tuple[str, tuple[int | None, float | None]]])
    assert_type(
        pairs.cogroup(others), RDD[tuple[str, tuple[ResultIterable[int], ResultIterable[float]]]]
    )
    assert_type(pairs.subtractByKey(others), RDD[tuple[str, int]])
    assert_type(pairs.partitionBy(3), RDD[tuple[str, int]])
    assert_type(pairs.sortByKey(False), RDD[tuple[str, int]])  # finer
    assert_type(pairs.repartitionAndSortWithinPartitions(2), RDD[tuple[str, int]])


def in_tasks(sc: SparkContext) -> None:
    def gather(part: Iterable[int]) -> list[list[str]]:
        context = BarrierTaskContext.get()
        assert_type(context, BarrierTaskContext)
        assert_type(context.getTaskInfos(), list[BarrierTaskInfo])
        return [context.allGather(str(sum(part)))]

    numbers = sc.parallelize([1, 2], 2)
    assert_type(numbers.barrier(), RDDBarrier[int])
    assert_type(numbers.barrier().mapPartitions(gather), RDD[list[str]])
    context = TaskContext.get()
    assert_type(context, TaskContext | None)
    if context is not None:
        assert_type(context.partitionId(), int)
        assert_type(context.getLocalProperty("a"), str | None)
        assert_type(context.cpuAmount(), Decimal)


def control(sc: SparkContext) -> None:
    def job() -> None:
        sc.setJobGroup("group", "words", interruptOnCancel=True)

    InheritableThread(target=job).start()
    InheritableThread(target=inheritable_thread_target(job)).start()
    profile = ResourceProfileBuilder().require(TaskResourceRequests().cpus(2)).build
    assert_type(profile, ResourceProfile)
    assert_type(sc.statusTracker().getActiveJobsIds(), list[int])
