"""Programs that mypy has to refuse: each line that has `# error` and a code, no other.

`tests/test_typing.py` checks it, and that PySpark's hints refuse no line that minispark's accept.
Of a line that ends in `# finer`, minispark knows more.
"""

from __future__ import annotations

from minispark import AccumulatorParam, SparkConf, SparkContext, StorageLevel, TaskContext


def only_pairs_have_keys(sc: SparkContext) -> None:
    numbers = sc.parallelize([1, 2, 3])
    numbers.reduceByKey(lambda a, b: a + b)  # error: misc
    numbers.groupByKey()  # error: misc
    numbers.keys()  # error: misc
    numbers.values()  # error: misc
    numbers.mapValues(str)  # error: misc
    numbers.countByKey()  # error: misc
    numbers.collectAsMap()  # error: misc
    numbers.lookup(1)  # error: arg-type,misc
    numbers.sortByKey()  # error: misc
    numbers.partitionBy(2)  # error: misc
    numbers.join(numbers)  # error: arg-type,misc


def functions_take_what_there_is(sc: SparkContext) -> None:
    words, pairs = sc.parallelize(["a"]), sc.parallelize([("a", 1)])
    words.map(lambda word: word.no_such_method())  # error: attr-defined
    words.map(abs)  # error: arg-type
    words.filter(lambda word: word > 1)  # error: operator
    words.flatMap(lambda word: 1)  # error: arg-type,return-value
    words.reduce(lambda a, b: 1)  # error: arg-type,return-value
    pairs.mapValues(lambda n: n.upper())  # error: attr-defined
    pairs.reduceByKey(lambda a, b: str(a))  # error: arg-type,return-value
    pairs.lookup(1)  # error: arg-type
    pairs.leftOuterJoin(pairs).mapValues(lambda sides: sides[0] + sides[1])  # error: operator


def values_are_what_they_are(sc: SparkContext) -> None:
    numbers = sc.parallelize([1])
    words: list[str] = numbers.collect()  # error: assignment
    first: str = numbers.first()  # error: assignment
    name: str = sc.broadcast(1).value  # error: assignment
    total: str = sc.accumulator(0).value  # error: assignment
    sc.accumulator(0).add("a")  # error: arg-type
    setting: str = SparkConf().get("a")  # error: assignment
    print(words, first, name, total, setting)


def arguments_have_types(sc: SparkContext) -> None:
    numbers = sc.parallelize([1])
    sc.parallelize(1)  # error: arg-type
    sc.textFile(1)  # error: arg-type
    numbers.take("a")  # error: arg-type
    numbers.coalesce("a")  # error: arg-type
    numbers.persist("MEMORY_ONLY")  # error: arg-type
    numbers.union([1])  # error: arg-type
    numbers.sample(False)  # error: call-arg
    numbers.no_such_operation()  # error: attr-defined
    SparkConf().setMaster(1)  # error: arg-type
    StorageLevel("disk", True, False, False)  # error: arg-type
    TaskContext.get().partitionId()  # error: union-attr


def keys_are_hashable_and_what_is_sorted_has_an_order(sc: SparkContext) -> None:
    numbers, complexes = sc.parallelize([1]), sc.parallelize([1j])
    numbers.keyBy(lambda x: [x])  # error: type-var
    numbers.groupBy(lambda x: [x])  # error: type-var
    numbers.sortBy(lambda x: x + 1j)  # error: type-var
    numbers.takeOrdered(2, lambda x: 1j)  # error: type-var
    complexes.max()  # error: call-arg
    complexes.top(2)  # error: call-arg
    complexes.keyBy(lambda x: x).sortByKey()  # error: call-overload
    complexes.keyBy(lambda x: x).repartitionAndSortWithinPartitions()  # error: call-overload


def zero_and_combiner_agree(sc: SparkContext) -> None:
    numbers, pairs = sc.parallelize([1]), sc.parallelize([("a", 1)])
    numbers.fold("", lambda a, b: a)  # error: arg-type
    numbers.aggregate(0, lambda c, n: "a", lambda a, b: a)  # error: arg-type,return-value
    pairs.foldByKey("", lambda a, b: a)  # error: arg-type
    pairs.aggregateByKey(0, lambda c, n: "a", lambda a, b: a)  # error: arg-type,return-value
    pairs.join(numbers)  # error: arg-type
    numbers.mapPartitions(lambda part: 1)  # error: arg-type,return-value
    numbers.foreach(1)  # error: arg-type
    sc.union([1])  # error: arg-type
    sc.runJob(numbers, 1)  # error: arg-type
    sc.setJobGroup("a")  # error: call-arg


def only_numbers_have_a_mean(sc: SparkContext) -> None:
    words = sc.parallelize(["a"])
    words.sumApprox(100)  # error: misc
    words.meanApprox(100)  # error: misc
    words.mean()  # error: misc  # finer
    words.stats()  # error: misc  # finer
    words.stdev()  # error: misc  # finer


class Sum(AccumulatorParam[int]):
    def zero(self, value: str) -> int:  # error: override
        return 0


def only_names_that_are_there_can_be_imported() -> None:
    from minispark import nothing  # error: attr-defined  # noqa: F401
