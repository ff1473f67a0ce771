"""What a shuffle puts where, and in which order it is read back."""


def _words(n, words=37):
    return [(f"w{(i * i + 3 * i) % words}", i) for i in range(n)]


def partition_by_places_and_orders_small_data(sc):
    """A few int keys in three partitions, read back in map order."""
    rdd = sc.parallelize([(i % 5, i) for i in range(17)], 4)
    return rdd.partitionBy(3).glom().collect()


def partition_by_flushes_batches_past_ten_times_the_partitions(sc):
    """More than 10 records per reduce partition: the map side writes in several batches."""
    rdd = sc.parallelize([(i * 7 % 11, i) for i in range(100)], 2)
    return rdd.partitionBy(3).glom().collect()


def partition_by_flushes_batches_past_a_thousand(sc):
    """More than 1,000 records in one map partition for 128 reduce partitions."""
    rdd = sc.parallelize([(i * 31 % 257, i) for i in range(2500)], 1)
    return rdd.partitionBy(101).glom().collect()


def partition_by_grows_its_batch_between_flushes(sc):
    """One reduce partition: every flush is written in the order of arrival."""
    rdd = sc.parallelize([(i % 3, i) for i in range(500)], 2)
    return rdd.partitionBy(1).glom().collect()


def order_of_first_arrival_rules_a_reduce_partition(sc):
    """reduceByKey lists keys by the map partition that first wrote them."""
    data = [("d", 1), ("a", 1), ("c", 1), ("a", 2), ("b", 1), ("e", 1), ("c", 2), ("a", 3)]
    return sc.parallelize(data, 4).reduceByKey(lambda a, b: a + b, 1).glom().collect()


def big_fan_in_of_words(sc):
    """Thousands of records and keys through a shuffle of 7 partitions."""
    rdd = sc.parallelize(_words(2500, 1999), 5)
    return rdd.reduceByKey(lambda a, b: a + b, 7).glom().collect()


def big_fan_in_of_ints(sc):
    """Thousands of int keys, negative ones too."""
    rdd = sc.parallelize([((i * 7919) % 1501 - 750, i) for i in range(3000)], 6)
    return rdd.reduceByKey(max, 5).glom().collect()


def a_shuffle_of_a_shuffle(sc):
    """Two wide operations in a row with different partition counts."""
    rdd = sc.parallelize(_words(300), 3)
    counts = rdd.reduceByKey(lambda a, b: a + b, 4)
    return counts.map(lambda kv: (kv[1] % 10, kv[0])).groupByKey(3).mapValues(list).glom().collect()


def three_shuffles_in_a_chain(sc):
    """groupByKey, then reduceByKey of its sizes, then partitionBy."""
    rdd = sc.parallelize(_words(200, 23), 4)
    sizes = rdd.groupByKey(3).map(lambda kv: (len(kv[1]), kv[0]))
    return sizes.reduceByKey(lambda a, b: a + b, 2).partitionBy(4).glom().collect()


def one_shuffled_rdd_in_two_branches(sc):
    """Both branches and their union see the same shuffled records."""
    shuffled = sc.parallelize([(i % 3, i) for i in range(12)], 4).partitionBy(2)
    evens = shuffled.filter(lambda kv: kv[1] % 2 == 0)
    odds = shuffled.filter(lambda kv: kv[1] % 2 == 1)
    return evens.union(odds).glom().collect(), evens.join(odds).glom().collect()


def reduce_by_key_with_more_partitions_than_keys(sc):
    """Most reduce partitions are empty."""
    rdd = sc.parallelize([(i % 3, i) for i in range(12)], 2)
    return rdd.reduceByKey(lambda a, b: a + b, 8).glom().collect()


def reduce_by_key_with_fewer_partitions(sc):
    """Eight map partitions into two."""
    rdd = sc.parallelize([(i % 7, 1) for i in range(40)], 8)
    return rdd.reduceByKey(lambda a, b: a + b, 2).glom().collect()


def reduce_by_key_of_empty_map_partitions(sc):
    """Map partitions without a record write nothing."""
    rdd = sc.parallelize([("x", 1), ("y", 2)], 6)
    return rdd.reduceByKey(lambda a, b: a + b).glom().collect()


def shuffle_of_an_empty_rdd(sc):
    """No record at all: as many empty partitions as asked for."""
    rdd = sc.parallelize([], 3)
    return rdd.reduceByKey(
        lambda a, b: a + b, 2
    ).glom().collect(), rdd.groupByKey().glom().collect()


def shuffle_of_empty_rdd_without_partitions(sc):
    """emptyRDD has no partition; a shuffle with a given count makes some."""
    rdd = sc.emptyRDD()
    return rdd.reduceByKey(lambda a, b: a + b, 2).glom().collect()


def shuffle_of_empty_rdd_to_its_own_count(sc):
    """numPartitions=None on emptyRDD asks for zero partitions."""
    return sc.emptyRDD().reduceByKey(lambda a, b: a + b).glom().collect()


def large_records_through_a_shuffle(sc):
    """Records of 100 kB keep their order."""
    rdd = sc.parallelize([(i % 3, bytes([i]) * 100_000) for i in range(12)], 3)
    return rdd.partitionBy(2).mapValues(lambda b: (b[0], len(b))).glom().collect()


def shuffled_records_are_copies(sc):
    """A shared mutable value arrives once per record, no longer shared."""

    def poison(it):
        seen = []
        for _, v in it:
            v.append("!")
            seen.append(list(v))
        return [seen]

    shared = [1]
    rdd = sc.parallelize([("a", shared), ("a", shared), ("b", shared)], 3).partitionBy(1)
    return rdd.mapPartitions(poison).collect(), rdd.mapPartitions(poison).collect(), shared


def shared_values_in_one_batch_stay_shared(sc):
    """Two records of one batch that hold one list still hold one list after the shuffle."""

    def touch(it):
        items = list(it)
        items[0][1].append("!")
        return [v for _, v in items]

    shared = [1]
    rdd = sc.parallelize([("a", shared), ("a", shared)], 1).map(lambda kv: kv)
    return rdd.partitionBy(1).mapPartitions(touch).collect()


def records_longer_than_pairs_fail(sc):
    """partitionBy unpacks exactly two items."""
    return sc.parallelize([(1, 2, 3)], 1).partitionBy(2).collect()


def records_that_are_no_pairs_fail(sc):
    """reduceByKey of plain ints."""
    return sc.parallelize([1, 2, 3], 1).reduceByKey(lambda a, b: a + b, 1).collect()


def lists_as_pairs_come_back_as_tuples(sc):
    """A two-item list is a pair; the shuffle hands back tuples."""
    rdd = sc.parallelize([[1, "a"], [2, "b"], [1, "c"]], 2)
    return rdd.partitionBy(2).glom().collect()


def two_letter_strings_are_pairs(sc):
    """A two-character str unpacks into key and value."""
    return sc.parallelize(["ab", "cd", "ax"], 2).groupByKey(2).mapValues(list).glom().collect()


def default_parallelism_sets_the_reduce_partitions(api):
    """spark.default.parallelism rules numPartitions=None of every by-key operation."""
    conf = api.SparkConf().set("spark.default.parallelism", "3").set("spark.ui.enabled", "false")
    with api.SparkContext("local[2]", "parallelism", conf=conf) as sc:
        a = sc.parallelize([(i % 4, i) for i in range(8)], 2)
        b = sc.parallelize([(i % 4, -i) for i in range(8)], 5)
        return [
            sc.parallelize(range(6)).glom().collect(),
            a.reduceByKey(lambda x, y: x + y).glom().collect(),
            a.groupByKey().mapValues(list).glom().collect(),
            a.partitionBy(None).glom().collect(),
            a.join(b).getNumPartitions(),
            a.cogroup(b).getNumPartitions(),
            a.distinct().getNumPartitions(),
            a.sortByKey().getNumPartitions(),
            a.subtract(b).getNumPartitions(),
            a.union(b).getNumPartitions(),
            a.reduceByKey(lambda x, y: x + y, 4).getNumPartitions(),
        ]


def zero_reduce_partitions(sc):
    """partitionBy(0) of some data."""
    return sc.parallelize([(1, 2)], 1).partitionBy(0).collect()


def negative_reduce_partitions(sc):
    """partitionBy(-1)."""
    return sc.parallelize([(1, 2)], 1).partitionBy(-1).collect()


def reduce_order_shows_in_strings(sc):
    """The order of values inside a key: by map partition, then as they came."""
    rdd = sc.parallelize([("k", c) for c in "abcdefghij"], 4)
    return rdd.reduceByKey(lambda a, b: f"({a}{b})", 1).collect()


def iterators_stay_lazy_through_a_narrow_stage(sc):
    """A map before a shuffle and one behind it see the records one at a time."""
    log = []

    def before(kv):
        return kv[0], kv[1] * 10

    rdd = sc.parallelize([(i % 2, i) for i in range(6)], 2).map(before).partitionBy(2)
    out = rdd.mapPartitionsWithIndex(lambda i, it: ((i, next(it)) for _ in range(1))).collect()
    return out, log


def a_generator_over_a_shuffled_partition_may_stop_early(sc):
    """Reading only the first records of a reduce partition is allowed."""

    def head(it):
        for n, x in enumerate(it):
            if n == 2:
                return
            yield x

    return (
        sc.parallelize([(i, i) for i in range(50)], 3)
        .partitionBy(4)
        .mapPartitions(head)
        .glom()
        .collect()
    )


def nested_pairs_after_two_groupings(sc):
    """Groups of groups."""
    rdd = sc.parallelize([((i % 2, i % 3), i) for i in range(12)], 3)
    inner = rdd.groupByKey(2).map(lambda kv: (kv[0][0], (kv[0][1], list(kv[1]))))
    return inner.groupByKey(2).mapValues(list).glom().collect()
