"""Partition functions, partitioners, coalesce, repartition and union."""


def _pairs(sc, n=12, slices=3):
    return sc.parallelize([(i % 5, i) for i in range(n)], slices)


def a_partition_function_of_the_program(sc):
    """Keys by their remainder, in an order of its own."""
    return _pairs(sc).partitionBy(3, lambda k: 2 - k % 3).glom().collect()


def negative_results_count_from_the_end(sc):
    """-1 is the last partition, as Python's remainder has it."""
    return _pairs(sc).partitionBy(4, lambda k: -k - 1).glom().collect()


def large_results_wrap_around(sc):
    """Results beyond the count, beyond 64 bits too."""
    return _pairs(sc).partitionBy(3, lambda k: 10**30 + k).glom().collect()


def bool_results_are_ints(sc):
    """True is partition 1."""
    return _pairs(sc).partitionBy(3, lambda k: k > 2).glom().collect()


def float_results_fail(sc):
    """Even an integral float cannot be packed."""
    return _pairs(sc).partitionBy(3, lambda k: float(k)).collect()


def none_results_fail(sc):
    """None has no remainder."""
    return _pairs(sc).partitionBy(3, lambda k: None).collect()


def str_results_fail(sc):
    """The remainder of a str is formatting."""
    return _pairs(sc).partitionBy(3, lambda k: "x").collect()


def numpy_results_are_fine(sc):
    """A numpy int has an index."""
    import numpy as np

    return _pairs(sc).partitionBy(3, lambda k: np.int64(k)).glom().collect()


def a_partition_function_that_raises(sc):
    """The user's exception fails the job."""
    return _pairs(sc, slices=1).partitionBy(3, lambda k: {}[k]).collect()


def a_partition_function_with_two_parameters(sc):
    """Called with the key alone."""
    return _pairs(sc).partitionBy(3, lambda k, v: k).collect()


def a_partition_function_with_a_closure(sc):
    """A dict of the driver decides."""
    places = {0: 2, 1: 2, 2: 0, 3: 1, 4: 0}
    return _pairs(sc).partitionBy(3, places.__getitem__).glom().collect()


def a_closure_is_taken_when_the_rdd_is_built(sc):
    """Changing the captured dict after partitionBy, before and after the first action."""
    places = {k: 0 for k in range(5)}
    rdd = _pairs(sc).partitionBy(2, lambda k: places[k])
    places[1] = 1
    first = rdd.glom().collect()
    places[2] = 1
    return first, rdd.glom().collect()


def partition_by_its_own_count(sc):
    """numPartitions=None takes that of the parent."""
    return sc.parallelize([(i, i) for i in range(6)], 4).partitionBy(None).glom().collect()


def the_same_partitioner_twice_is_the_same_rdd(sc):
    """partitionBy with an equal partitioner returns self."""

    def by_two(k):
        return k // 2

    rdd = _pairs(sc).partitionBy(3)
    custom = _pairs(sc).partitionBy(3, by_two)
    return (
        rdd.partitionBy(3) is rdd,
        rdd.partitionBy(4) is rdd,
        rdd.partitionBy(3, by_two) is rdd,
        custom.partitionBy(3, by_two) is custom,
        custom.partitionBy(3, lambda k: k // 2) is custom,
        rdd.mapValues(str).partitionBy(3) is rdd,
    )


def partitioners_compare_by_count_and_function(sc):
    """Equal partitioners on different RDDs; unequal ones."""
    a, b, c = _pairs(sc).partitionBy(3), _pairs(sc, 4, 2).partitionBy(3), _pairs(sc).partitionBy(2)
    custom = _pairs(sc).partitionBy(3, abs)
    return (
        a.partitioner == b.partitioner,
        a.partitioner == c.partitioner,
        a.partitioner == custom.partitioner,
        a.partitioner != b.partitioner,
        a.partitioner == None,  # noqa: E711
        a.partitioner == "x",
        custom.partitioner.partitionFunc is abs,
    )


def a_partitioner_can_be_called(sc):
    """With a key it gives the partition."""
    p = _pairs(sc).partitionBy(3, abs).partitioner
    return p.numPartitions, [p(k) for k in (0, 1, -4, 7, 2**70, True)], type(p).__name__


def who_keeps_the_partitioner(sc):
    """Which operations keep it and which drop it."""
    rdd = _pairs(sc).partitionBy(3)
    made = {
        "mapValues": rdd.mapValues(str),
        "flatMapValues": rdd.flatMapValues(lambda v: [v]),
        "filter": rdd.filter(lambda kv: True),
        "sample": rdd.sample(False, 0.5, 1),
        "map": rdd.map(lambda kv: kv),
        "map_preserving": rdd.map(lambda kv: kv, preservesPartitioning=True),
        "flatMap": rdd.flatMap(lambda kv: [kv]),
        "mapPartitions": rdd.mapPartitions(lambda it: it),
        "mapPartitions_preserving": rdd.mapPartitions(lambda it: it, True),
        "mapPartitionsWithIndex": rdd.mapPartitionsWithIndex(lambda i, it: it),
        "keys": rdd.keys(),
        "values": rdd.values(),
        "keyBy": rdd.keyBy(lambda kv: kv),
        "glom": rdd.glom(),
        "cache": _pairs(sc).partitionBy(3).cache(),
        "coalesce": rdd.coalesce(2),
        "coalesce_same": rdd.coalesce(3),
        "repartition": rdd.repartition(3),
        "distinct": rdd.distinct(),
        "reduceByKey": rdd.reduceByKey(max),
        "groupByKey": rdd.groupByKey(),
        "sortByKey": rdd.sortByKey(),
        "sortByKey_1": rdd.sortByKey(numPartitions=1),
        "join": rdd.join(rdd),
        "cogroup": rdd.cogroup(rdd),
        "subtractByKey": rdd.subtractByKey(rdd),
        "union_self": rdd.union(rdd),
        "union_other": rdd.union(_pairs(sc)),
        "zipWithIndex": rdd.zipWithIndex(),
        "zip": rdd.zip(rdd),
        "cartesian": rdd.cartesian(rdd),
        "map_mapValues": rdd.map(lambda kv: kv).mapValues(str),
        "mapValues_map": rdd.mapValues(str).map(lambda kv: kv, True),
        "repartitionAndSort": rdd.repartitionAndSortWithinPartitions(3),
        "sampleByKey": rdd.sampleByKey(False, {k: 1.0 for k in range(5)}, 1),
        "randomSplit": rdd.randomSplit([1, 1], 1)[0],
    }
    return {name: (r.partitioner is not None, r.getNumPartitions()) for name, r in made.items()}


def reduce_of_partitioned_data_does_not_move(sc):
    """With the same partitioner reduceByKey needs no second shuffle."""
    rdd = _pairs(sc, 20, 4).partitionBy(3)
    return rdd.reduceByKey(lambda a, b: a + b, 3).glom().collect(), rdd.groupByKey(3).mapValues(
        list
    ).glom().collect()


def reduce_after_a_custom_partitioner_moves(sc):
    """reduceByKey asks for the default function: another shuffle."""
    rdd = _pairs(sc, 20, 4).partitionBy(3, lambda k: k // 2)
    return rdd.reduceByKey(lambda a, b: a + b).glom().collect()


def reduce_with_the_same_custom_partitioner_stays(sc):
    """The same function object given again."""

    def halves(k):
        return k // 2

    rdd = _pairs(sc, 20, 4).partitionBy(3, halves)
    return rdd.reduceByKey(lambda a, b: a + b, 3, halves).glom().collect()


def map_values_that_preserve_a_broken_promise(sc):
    """preservesPartitioning=True is believed: duplicates stay apart."""
    rdd = _pairs(sc, 20, 4).partitionBy(3)
    lied = rdd.map(lambda kv: (kv[0] % 2, kv[1]), preservesPartitioning=True)
    return lied.reduceByKey(lambda a, b: a + b, 3).glom().collect()


def repartition_and_sort_within_partitions(sc):
    """Each partition sorted by key."""
    rdd = sc.parallelize([(i * 7 % 11, i) for i in range(22)], 3)
    return rdd.repartitionAndSortWithinPartitions(3).glom().collect()


def repartition_and_sort_descending_with_a_key_function(sc):
    """By the last digit, downwards; equal ones as they came."""
    rdd = sc.parallelize([(i * 7 % 31, i) for i in range(25)], 3)
    return (
        rdd.repartitionAndSortWithinPartitions(2, lambda k: k % 2, False, keyfunc=lambda k: k % 10)
        .glom()
        .collect()
    )


def repartition_and_sort_by_the_default_count(sc):
    """No argument at all."""
    rdd = sc.parallelize([(3, "c"), (1, "a"), (2, "b"), (1, "z")], 2)
    out = rdd.repartitionAndSortWithinPartitions()
    return out.glom().collect(), out.partitioner is not None


def repartition_and_sort_of_none_keys_fails(sc):
    """None and int do not compare."""
    return sc.parallelize([(None, 1), (0, 2)], 1).repartitionAndSortWithinPartitions(1).collect()


def coalesce_groups_neighbours(sc):
    """10 partitions into 1 to 10."""
    rdd = sc.parallelize(range(20), 10)
    return [rdd.coalesce(n).glom().collect() for n in range(1, 11)]


def coalesce_of_seven_into_each(sc):
    """A prime number of partitions."""
    rdd = sc.parallelize(range(7), 7)
    return [rdd.coalesce(n).glom().collect() for n in (2, 3, 4, 5, 6)]


def coalesce_upwards_changes_nothing(sc):
    """More partitions than there are: as many as there are."""
    rdd = sc.parallelize(range(6), 3)
    return rdd.coalesce(10).getNumPartitions(), rdd.coalesce(10).glom().collect()


def coalesce_with_shuffle(sc):
    """shuffle=True is repartition."""
    rdd = sc.parallelize(range(60), 4)
    return rdd.coalesce(2, shuffle=True).glom().collect(), rdd.coalesce(6, True).glom().collect()


def coalesce_to_zero(sc):
    """Refused when called."""
    return sc.parallelize(range(6), 3).coalesce(0)


def coalesce_to_a_negative_count(sc):
    """Refused when called, with shuffle too."""
    return sc.parallelize(range(6), 3).coalesce(-2, shuffle=True)


def repartition_to_zero(sc):
    """Refused as coalesce."""
    return sc.parallelize(range(6), 3).repartition(0)


def coalesce_of_an_empty_rdd(sc):
    """Empty partitions, and no partitions."""
    return (
        sc.parallelize([], 4).coalesce(2).glom().collect(),
        sc.emptyRDD().coalesce(2).glom().collect(),
        sc.emptyRDD().coalesce(2).getNumPartitions(),
        sc.emptyRDD().repartition(2).glom().collect(),
    )


def coalesce_after_a_map_and_a_filter(sc):
    """Elements keep their order inside a group of partitions."""
    rdd = sc.parallelize(range(30), 6).filter(lambda x: x % 3 == 0).map(lambda x: x * 2)
    return rdd.coalesce(4).glom().collect()


def coalesce_of_a_coalesce(sc):
    """Groups of groups."""
    return sc.parallelize(range(24), 12).coalesce(7).coalesce(3).glom().collect()


def coalesce_of_a_union(sc):
    """Neighbours across the seam."""
    rdd = sc.parallelize(range(6), 3).union(sc.parallelize("abcd", 2))
    return rdd.coalesce(2).glom().collect()


def coalesce_runs_fewer_tasks(sc):
    """Partition numbers seen by a function behind the coalesce, and by one before it."""
    before = sc.parallelize(range(8), 8).mapPartitionsWithIndex(lambda i, it: [(i, list(it))])
    return before.coalesce(3).mapPartitionsWithIndex(lambda i, it: [(i, list(it))]).collect()


def map_partitions_of_a_coalesced_group_sees_it_whole(sc):
    """One call for a group."""
    return sc.parallelize(range(10), 5).coalesce(2).mapPartitions(lambda it: [sum(it)]).collect()


def repartition_deals_batches_of_ten(sc):
    """More than ten elements a partition: dealt in batches of ten."""
    rdd = sc.parallelize(range(100), 2)
    return rdd.repartition(3).glom().collect()


def repartition_upwards(sc):
    """Two partitions into seven."""
    return sc.parallelize(range(95), 2).repartition(7).glom().collect()


def repartition_downwards(sc):
    """Nine into two."""
    return sc.parallelize(range(95), 9).repartition(2).glom().collect()


def repartition_of_few_elements(sc):
    """Fewer elements than partitions; each map partition is a batch."""
    return [
        sc.parallelize(range(5), m).repartition(n).glom().collect()
        for m in (1, 2, 5)
        for n in (1, 2, 3, 8)
    ]


def repartition_starts_differ_by_partition(sc):
    """Where each of twelve map partitions puts its first batch, for several counts."""
    rdd = sc.parallelize(range(12), 12)
    return {n: rdd.repartition(n).glom().collect() for n in (2, 3, 4, 5, 7, 8, 16, 31)}


def repartition_to_one(sc):
    """All in one, by map partition."""
    return sc.parallelize(range(40), 3).repartition(1).glom().collect()


def repartition_of_an_empty_rdd(sc):
    """Empty partitions stay empty."""
    return sc.parallelize([], 3).repartition(2).glom().collect()


def repartition_with_empty_partitions_among_full_ones(sc):
    """A filter emptied the middle."""
    rdd = sc.parallelize(range(60), 6).filter(lambda x: x < 15 or x > 45)
    return rdd.repartition(4).glom().collect()


def repartition_after_a_map(sc):
    """Batches of ten from a pipelined RDD."""
    return sc.parallelize(range(70), 2).map(lambda x: x * x).repartition(4).glom().collect()


def repartition_of_a_range_with_slices(sc):
    """sc.range as source."""
    return sc.range(0, 90, 1, 3).repartition(5).glom().collect()


def repartition_of_text(sc, tmp):
    """Lines as source."""
    (tmp / "a.txt").write_text("".join(f"line {i}\n" for i in range(45)))
    return sc.textFile(str(tmp / "a.txt"), 1).repartition(3).glom().collect()


def repartition_of_a_union(sc):
    """A union as source."""
    rdd = sc.parallelize(range(25), 2).union(sc.parallelize("abcdefghijkl", 1))
    return rdd.repartition(3).glom().collect()


def repartition_of_a_shuffled_rdd(sc):
    """partitionBy's output as source."""
    rdd = sc.parallelize([(i % 3, i) for i in range(50)], 2).partitionBy(2)
    return rdd.repartition(3).glom().collect()


def repartition_of_a_repartition(sc):
    """Twice in a row."""
    return sc.parallelize(range(64), 2).repartition(4).repartition(3).glom().collect()


def repartition_then_map_partitions(sc):
    """Sizes after it."""
    rdd = sc.parallelize(range(1000), 4).repartition(6)
    return rdd.mapPartitions(lambda it: [sum(1 for _ in it)]).collect()


def small_batches_survive_a_repartition(sc):
    """parallelize with many slices makes batches of one element; they are joined to tens."""
    return sc.parallelize(range(33), 11).repartition(2).glom().collect()


def union_lays_partitions_side_by_side(sc):
    """First those of the left, then those of the right."""
    return sc.parallelize(range(4), 2).union(sc.parallelize("abc", 3)).glom().collect()


def union_keeps_duplicates(sc):
    """Nothing is removed."""
    rdd = sc.parallelize([1, 1, 2], 2)
    return (rdd + rdd).glom().collect()


def union_with_itself_three_times(sc):
    """Nested unions of one RDD."""
    rdd = sc.parallelize([1, 2], 2)
    return rdd.union(rdd).union(rdd.union(rdd)).glom().collect()


def union_of_mapped_and_plain(sc):
    """Two sides with different batch sizes."""
    a = sc.parallelize(range(5), 2)
    return (
        a.union(a.map(str))
        .union(sc.parallelize(range(100), 1).filter(lambda x: x > 97))
        .glom()
        .collect()
    )


def union_of_text_and_plain(sc, tmp):
    """A text file beside a list."""
    (tmp / "a.txt").write_text("x\ny\n")
    text = sc.textFile(str(tmp / "a.txt"), 1)
    return text.union(sc.parallelize([1, 2], 1)).glom().collect(), text.union(text).glom().collect()


def union_of_a_list(sc):
    """SparkContext.union of several RDDs."""
    rdds = [sc.parallelize([i, i + 1], 2) for i in range(3)]
    out = sc.union(rdds)
    return out.glom().collect(), out.getNumPartitions()


def union_of_a_mixed_list(sc, tmp):
    """SparkContext.union of RDDs that come from different sources."""
    (tmp / "a.txt").write_text("x\ny\n")
    text = sc.textFile(str(tmp / "a.txt"), 1)
    return sc.union([text, sc.parallelize([1, 2], 1), text.map(len)]).glom().collect()


def union_of_a_list_of_one(sc):
    """One RDD alone."""
    return sc.union([sc.parallelize([1, 2], 2)]).glom().collect()


def union_of_an_empty_list(sc):
    """Nothing to take the first of."""
    return sc.union([])


def union_with_an_empty_rdd(sc):
    """emptyRDD adds no partition, an empty list does."""
    rdd = sc.parallelize([1, 2], 2)
    return (
        rdd.union(sc.emptyRDD()).glom().collect(),
        sc.emptyRDD().union(rdd).glom().collect(),
        rdd.union(sc.parallelize([], 2)).glom().collect(),
        sc.emptyRDD().union(sc.emptyRDD()).glom().collect(),
    )


def adding_something_else_fails(sc):
    """rdd + list; the text of the error is the engine's own affair."""
    try:
        return sc.parallelize([1], 1) + [2]
    except TypeError:
        return "TypeError"


def union_of_co_partitioned_rdds_merges_partitions(sc):
    """The same partitioner on both sides: partition i of both, one behind the other."""
    a = sc.parallelize([(i, "a") for i in range(6)], 2).partitionBy(3)
    b = sc.parallelize([(i, "b") for i in range(6)], 3).partitionBy(3)
    out = a.union(b)
    return out.glom().collect(), out.partitioner == a.partitioner, out.getNumPartitions()


def union_of_co_partitioned_rdds_after_map_values(sc):
    """mapValues keeps them together."""
    a = sc.parallelize([(i, "a") for i in range(6)], 2).partitionBy(3).mapValues(str.upper)
    b = sc.parallelize([(i, "b") for i in range(6)], 3).partitionBy(3)
    return a.union(b).glom().collect(), a.union(b).partitioner is not None


def union_of_differently_partitioned_rdds(sc):
    """Different counts: side by side, no partitioner."""
    a = sc.parallelize([(i, "a") for i in range(6)], 2).partitionBy(3)
    b = sc.parallelize([(i, "b") for i in range(6)], 2).partitionBy(2)
    out = a.union(b)
    return out.glom().collect(), out.partitioner is None


def union_of_rdds_with_different_functions(sc):
    """The same count but another function."""
    a = sc.parallelize([(i, "a") for i in range(6)], 2).partitionBy(2)
    b = sc.parallelize([(i, "b") for i in range(6)], 2).partitionBy(2, lambda k: k // 3)
    return a.union(b).glom().collect(), a.union(b).partitioner is None


def union_list_of_co_partitioned_rdds(sc):
    """sc.union of three RDDs of one partitioner: the data, and what .partitioner says."""
    rdds = [sc.parallelize([(i, c) for i in range(4)], 2).partitionBy(2) for c in "abc"]
    out = sc.union(rdds)
    return out.glom().collect(), out.partitioner is None, out.getNumPartitions()


def reduce_after_a_co_partitioned_union(sc):
    """No further shuffle is needed; the answer shows the order."""
    a = sc.parallelize([(i % 4, f"a{i}") for i in range(8)], 2).partitionBy(2)
    b = sc.parallelize([(i % 4, f"b{i}") for i in range(8)], 3).partitionBy(2)
    return a.union(b).reduceByKey(lambda x, y: x + y, 2).glom().collect()


def lookup_after_a_co_partitioned_union(sc):
    """lookup uses the union's partitioner."""
    a = sc.parallelize([(i, f"a{i}") for i in range(6)], 2).partitionBy(3)
    b = sc.parallelize([(i, f"b{i}") for i in range(6)], 2).partitionBy(3)
    return a.union(b).lookup(4)


def lookup_after_a_partition_function_of_its_own(sc):
    """The partitioner's function is called on the driver."""
    rdd = sc.parallelize([(i, i * i) for i in range(10)], 3).partitionBy(4, lambda k: k * 3)
    return [rdd.lookup(k) for k in (0, 7, 9, 11)]


def partitions_of_everything(sc):
    """getNumPartitions of many shapes."""
    a, b = sc.parallelize([(1, 2), (3, 4)], 3), sc.parallelize([(1, 5)], 2)
    return [
        r.getNumPartitions()
        for r in (
            a,
            a.map(str),
            a.union(b),
            a.cartesian(b),
            a.zip(a),
            a.join(b),
            a.cogroup(b),
            a.groupWith(b, b),
            a.distinct(),
            a.distinct(5),
            a.intersection(b),
            a.subtract(b),
            a.subtractByKey(b),
            a.sortByKey(),
            a.sortByKey(numPartitions=7),
            a.sortBy(str),
            a.glom(),
            a.coalesce(2),
            a.repartition(9),
            a.groupBy(str),
            a.groupBy(str, 4),
            a.zipWithIndex(),
            a.zipWithUniqueId(),
            a.sample(False, 0.5),
            sc.emptyRDD(),
            sc.range(10, numSlices=4),
            sc.parallelize([], 2),
            a.join(b, 1),
            a.leftOuterJoin(b),
            a.fullOuterJoin(b, 4),
            a.partitionBy(6),
            a.keyBy(str),
            a.pipe("cat"),
        )
    ]


def parallelize_more_slices_than_elements(sc):
    """Where two elements fall among many slices."""
    return {n: sc.parallelize(["a", "b"], n).glom().collect() for n in (1, 2, 3, 4, 5, 8)}


def parallelize_in_batches(sc):
    """Slices of lists that do not divide evenly."""
    return [
        [len(p) for p in sc.parallelize(list(range(n)), s).glom().collect()]
        for n, s in (
            (10, 4),
            (11, 3),
            (100, 7),
            (5000, 3),
            (3000, 2),
            (2049, 1),
            (17, 16),
            (1025, 2),
        )
    ]


def partitioned_empty_rdd(sc):
    """partitionBy of nothing."""
    rdd = sc.parallelize([], 2).partitionBy(3)
    return rdd.glom().collect(), rdd.lookup(1), rdd.partitioner is not None


def map_partitions_with_index_behind_a_union(sc):
    """Indexes run over the whole union."""
    rdd = sc.parallelize("ab", 2).union(sc.parallelize("cde", 3))
    return rdd.mapPartitionsWithIndex(lambda i, it: [(i, x) for x in it]).collect()
