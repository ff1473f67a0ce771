"""By-key operations: combine, reduce, fold, aggregate, group, count."""


def group_by_key_gives_result_iterables(sc):
    """Type name, length, and that it can be iterated twice."""
    rdd = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2).groupByKey(2)
    return [(k, type(v).__name__, len(v), list(v), list(v)) for k, v in rdd.collect()]


def result_iterable_has_an_index_and_a_maxindex(sc):
    """The public attributes of a ResultIterable."""
    value = sc.parallelize([("a", 1), ("a", 3)], 2).groupByKey(1).values().first()
    return (
        value.index,
        value.maxindex,
        list(value.data),
        type(value.data).__name__,
        type(value).__module__.rpartition(".")[2],
    )


def result_iterable_is_no_sequence(sc):
    """A ResultIterable has no item access."""
    value = sc.parallelize([("a", 1), ("a", 3)], 2).groupByKey(1).values().first()
    return value[0]


def group_by_key_order_of_values(sc):
    """Values by map partition, then by arrival."""
    rdd = sc.parallelize([(i % 3, i) for i in range(20)], 4)
    return rdd.groupByKey(3).mapValues(list).glom().collect()


def group_by_key_of_none_values(sc):
    """None is a value as any other."""
    rdd = sc.parallelize([(1, None), (2, None), (1, 3), (None, None)], 3)
    return rdd.groupByKey(2).mapValues(list).glom().collect()


def group_by_key_of_generators_fails(sc):
    """Generators as values cannot cross a shuffle."""
    rdd = sc.parallelize([1, 2], 1).map(lambda x: (x, (i for i in range(x))))
    return rdd.groupByKey(1).mapValues(list).collect()


def group_by_key_of_mixed_values(sc):
    """Values of many types under one key."""
    values = [1, 1.0, True, "1", b"1", None, (1,), [1], {1: 1}, 1j, {1}, frozenset([1])]
    return sc.parallelize([("k", v) for v in values], 5).groupByKey(1).mapValues(list).collect()


def group_by_with_a_key_function(sc):
    """groupBy keeps the elements, the key beside them."""
    rdd = sc.parallelize(range(10), 3).groupBy(lambda x: x % 4, 2)
    return rdd.mapValues(list).glom().collect()


def group_by_with_a_partition_function(sc):
    """The third argument places the keys."""
    rdd = sc.parallelize(range(10), 3).groupBy(lambda x: x % 4, 3, lambda k: k + 1)
    return rdd.mapValues(list).glom().collect()


def group_by_of_strings(sc):
    """Words by first letter."""
    words = "the quick brown fox jumps over the lazy dog and then thinks better of it".split()
    return sc.parallelize(words, 4).groupBy(lambda w: w[0], 3).mapValues(list).glom().collect()


def group_by_none_keys(sc):
    """A key function that gives None."""
    return sc.parallelize(range(5), 2).groupBy(lambda x: None).mapValues(list).glom().collect()


def reduce_by_key_sums(sc):
    """The plain word count."""
    words = "a rose is a rose is a rose".split()
    return (
        sc.parallelize([(w, 1) for w in words], 3).reduceByKey(lambda a, b: a + b).glom().collect()
    )


def reduce_by_key_of_one_value_calls_nothing(sc):
    """A lonely value goes through as it is, even where the function would fail."""
    return sc.parallelize([("a", 1), ("b", None)], 2).reduceByKey(lambda a, b: 1 // 0, 2).collect()


def reduce_by_key_with_an_operator_that_is_not_associative(sc):
    """Subtraction shows the tree of calls."""
    rdd = sc.parallelize([("k", i) for i in range(1, 11)], 4)
    return rdd.reduceByKey(lambda a, b: a - b, 1).collect()


def reduce_by_key_with_a_partition_function(sc):
    """numPartitions and partitionFunc together."""
    rdd = sc.parallelize([(i % 6, i) for i in range(18)], 3)
    return rdd.reduceByKey(lambda a, b: a + b, 3, lambda k: k // 2).glom().collect()


def reduce_by_key_with_a_failing_function(sc):
    """An exception of the user inside a merge."""
    rdd = sc.parallelize([("a", 1), ("a", "x")], 1)
    return rdd.reduceByKey(lambda a, b: a + b, 1).collect()


def reduce_by_key_with_stop_iteration(sc):
    """StopIteration from the function is turned into an error."""

    def stop(a, b):
        raise StopIteration("enough")

    return sc.parallelize([("a", 1), ("a", 2)], 1).reduceByKey(stop, 1).collect()


def reduce_by_key_that_mutates_its_left_argument(sc):
    """Lists as values, extended in place."""

    def extend(a, b):
        a.extend(b)
        return a

    data = [(i % 2, [i]) for i in range(8)]
    rdd = sc.parallelize(data, 3)
    first = rdd.reduceByKey(extend, 2).glom().collect()
    return first, rdd.reduceByKey(extend, 2).glom().collect(), data


def reduce_by_key_locally_gives_a_dict(sc):
    """A dict in the order of first arrival."""
    result = sc.parallelize([(i * 5 % 7, i) for i in range(20)], 3).reduceByKeyLocally(
        lambda a, b: a + b
    )
    return type(result).__name__, list(result.items())


def reduce_by_key_locally_of_an_empty_rdd(sc):
    """Empty partitions give empty dicts; nothing to reduce gives {}."""
    return sc.parallelize([], 2).reduceByKeyLocally(lambda a, b: a + b)


def reduce_by_key_locally_without_partitions(sc):
    """emptyRDD has nothing to reduce at all."""
    return sc.emptyRDD().reduceByKeyLocally(lambda a, b: a + b)


def combine_by_key_shows_every_call(sc):
    """Strings tell which of the three functions ran, and in which order."""
    rdd = sc.parallelize([("x", c) for c in "abcdefg"] + [("y", "z")], 3)
    return (
        rdd.combineByKey(
            lambda v: f"c[{v}]", lambda c, v: f"v({c},{v})", lambda a, b: f"m<{a},{b}>", 2
        )
        .glom()
        .collect()
    )


def combine_by_key_with_mutable_combiners(sc):
    """Lists as combiners, changed in place by both merges."""

    def add(acc, v):
        acc.append(v)
        return acc

    def merge(a, b):
        a.extend(["|", *b])
        return a

    rdd = sc.parallelize([(i % 2, i) for i in range(9)], 3)
    return rdd.combineByKey(lambda v: [v], add, merge, 1).glom().collect()


def combine_by_key_for_a_mean(sc):
    """Sum and count as a tuple."""
    rdd = sc.parallelize([("a", 1), ("b", 10), ("a", 2), ("b", 30), ("a", 6)], 3)
    means = rdd.combineByKey(
        lambda v: (v, 1),
        lambda c, v: (c[0] + v, c[1] + 1),
        lambda a, b: (a[0] + b[0], a[1] + b[1]),
        2,
    )
    return means.mapValues(lambda c: c[0] / c[1]).glom().collect()


def combine_by_key_that_returns_none(sc):
    """None as a combiner is a combiner."""
    rdd = sc.parallelize([("a", 1), ("a", 2), ("b", 3)], 2)
    return rdd.combineByKey(lambda v: None, lambda c, v: (c, v), lambda a, b: [a, b], 1).collect()


def aggregate_by_key_uses_the_zero_once_per_key_and_partition(sc):
    """The zero value appears once in each map partition that has the key."""
    rdd = sc.parallelize([("k", c) for c in "abcdef"] + [("l", "z")], 3)
    return rdd.aggregateByKey("0", lambda a, b: a + b, lambda a, b: f"{a}|{b}", 1).collect()


def aggregate_by_key_copies_a_mutable_zero(sc):
    """The zero list of the driver stays empty."""
    zero = []

    def add(acc, v):
        acc.append(v)
        return acc

    rdd = sc.parallelize([(i % 3, i) for i in range(9)], 3)
    return rdd.aggregateByKey(zero, add, lambda a, b: a + b, 2).glom().collect(), zero


def aggregate_by_key_to_another_type(sc):
    """Distinct values per key as a sorted list."""
    rdd = sc.parallelize([(i % 3, i * i % 5) for i in range(30)], 4)
    sets = rdd.aggregateByKey(set(), lambda s, v: s | {v}, lambda a, b: a | b, 3)
    return sets.mapValues(sorted).glom().collect()


def fold_by_key_uses_the_zero_per_map_partition(sc):
    """A zero that is not neutral counts once for each map partition of the key."""
    rdd = sc.parallelize([("a", 1), ("a", 2), ("a", 3), ("b", 4)], 4)
    return rdd.foldByKey(100, lambda a, b: a + b, 2).glom().collect()


def fold_by_key_order(sc):
    """The zero comes first on the left."""
    rdd = sc.parallelize([("k", c) for c in "abcdef"], 3)
    return rdd.foldByKey("_", lambda a, b: a + b, 1).collect()


def fold_by_key_with_a_list_zero(sc):
    """A list as zero, concatenated."""
    rdd = sc.parallelize([(i % 2, [i]) for i in range(6)], 2)
    return rdd.foldByKey([], lambda a, b: a + b, 2).glom().collect()


def fold_by_key_with_an_uncopyable_zero(sc):
    """The zero is deep-copied: a lock cannot be, and cannot be pickled before that."""
    import threading

    return sc.parallelize([(1, 2)], 1).foldByKey(threading.Lock(), lambda a, b: b, 1).collect()


def count_by_key_is_a_defaultdict(sc):
    """Order of first arrival; the type is defaultdict."""
    counts = sc.parallelize([("b", 1), ("a", 2), ("b", 3), ("c", None)], 2).countByKey()
    return type(counts).__name__, list(counts.items()), counts["missing"]


def count_by_key_of_an_empty_rdd(sc):
    """Empty partitions count nothing."""
    return dict(sc.parallelize([], 2).countByKey())


def count_by_key_without_partitions(sc):
    """emptyRDD."""
    return sc.emptyRDD().countByKey()


def count_by_value_of_pairs(sc):
    """Whole records as keys."""
    counts = sc.parallelize([(1, 2), (1, 2), (2, 1)], 2).countByValue()
    return list(counts.items())


def count_by_key_of_one_and_true(sc):
    """1, 1.0 and True are one key; the first seen names it."""
    return list(sc.parallelize([(True, 0), (1, 0), (1.0, 0), (2, 0)], 2).countByKey().items())


def keys_and_values(sc):
    """The two halves, partition by partition."""
    rdd = sc.parallelize([(i, -i) for i in range(5)], 2)
    return rdd.keys().glom().collect(), rdd.values().glom().collect()


def keys_of_longer_tuples(sc):
    """keys and values index; they do not unpack."""
    rdd = sc.parallelize([(1, 2, 3), "xyz"], 1)
    return rdd.keys().collect(), rdd.values().collect()


def map_values_keeps_keys(sc):
    """Only the value changes."""
    return sc.parallelize([("a", [1, 2]), ("b", [])], 2).mapValues(len).glom().collect()


def map_values_of_longer_tuples_drops_the_rest(sc):
    """mapValues builds a new pair of item 0 and f(item 1)."""
    return sc.parallelize([(1, 2, 3)], 1).mapValues(lambda v: v).collect()


def flat_map_values_repeats_the_key(sc):
    """No value: the key vanishes."""
    rdd = sc.parallelize([("a", "xyz"), ("b", ""), ("c", "q")], 2)
    return rdd.flatMapValues(lambda v: v).glom().collect()


def flat_map_values_with_a_generator_function(sc):
    """A generator function is an iterable."""

    def expand(n):
        yield n
        yield -n

    return sc.parallelize([(1, 2), (3, 4)], 2).flatMapValues(expand).collect()


def flat_map_values_of_a_number_fails(sc):
    """An int is not iterable."""
    return sc.parallelize([(1, 2)], 1).flatMapValues(lambda v: v).collect()


def key_by_pairs_elements_with_keys(sc):
    """keyBy puts the key in front."""
    return sc.parallelize(["a", "bb", "ccc", ""], 3).keyBy(len).glom().collect()


def collect_as_map_keeps_the_last_value(sc):
    """Later partitions win."""
    return sc.parallelize([(1, "a"), (2, "b"), (1, "c")], 3).collectAsMap()


def collect_as_map_of_no_pairs(sc):
    """dict() of ints on the driver."""
    return sc.parallelize([1, 2], 1).collectAsMap()


def collect_as_map_of_two_letter_strings(sc):
    """dict() takes any two-item iterable."""
    return sc.parallelize(["ab", "cd"], 1).collectAsMap()


def lookup_in_unpartitioned_data(sc):
    """All partitions are searched, in order."""
    rdd = sc.parallelize([(i % 3, i) for i in range(9)], 3)
    return rdd.lookup(1), rdd.lookup(7), rdd.lookup(True), rdd.lookup(1.0)


def lookup_in_partitioned_data_runs_one_partition(sc):
    """Only the key's partition is computed."""
    ran = sc.accumulator(0)

    def count(it):
        ran.add(1)
        return it

    rdd = sc.parallelize([(i % 6, i) for i in range(18)], 3).partitionBy(4)
    rdd = rdd.mapPartitions(count, preservesPartitioning=True)
    return rdd.lookup(5), ran.value, rdd.lookup(99), ran.value


def lookup_of_an_absent_none(sc):
    """None as a key is found by equality."""
    rdd = sc.parallelize([(None, 1), (0, 2)], 2)
    return rdd.lookup(None), rdd.partitionBy(2).lookup(None)


def lookup_in_grouped_data(sc):
    """The values of a grouped RDD are ResultIterables."""
    rdd = sc.parallelize([(i % 3, i) for i in range(9)], 3).groupByKey(2)
    return [list(v) for v in rdd.lookup(1)]


def word_count_over_sentences(sc):
    """flatMap, map, reduceByKey, sort by count."""
    lines = ["to be or not to be", "that is the question", "", "to be to be"]
    words = sc.parallelize(lines, 3).flatMap(str.split).map(lambda w: (w, 1))
    counts = words.reduceByKey(lambda a, b: a + b, 3)
    return counts.glom().collect(), counts.sortBy(
        lambda kv: (-kv[1], kv[0]), numPartitions=2
    ).glom().collect()


def tree_aggregate_over_many_partitions(sc):
    """The tree's own shuffle: order shown by strings."""
    rdd = sc.parallelize(range(30), 30)
    seq, comb = (lambda a, b: a + [b]), (lambda a, b: a + b)
    return [rdd.treeAggregate([], seq, comb, depth) for depth in (1, 2, 3)]


def tree_reduce_over_many_partitions(sc):
    """Concatenation shows the order of the tree's merges."""
    rdd = sc.parallelize([chr(97 + i) for i in range(26)], 26)
    return [rdd.treeReduce(lambda a, b: f"({a}{b})", depth) for depth in (1, 2, 3)]
