"""Sorting, the largest and smallest, numbering, zip and cartesian."""


def sort_by_key_ascending(sc):
    """Three partitions of ints."""
    rdd = sc.parallelize([(i * 7 % 20, i) for i in range(20)], 3)
    return rdd.sortByKey().glom().collect()


def sort_by_key_descending(sc):
    """The bounds are the same, the partitions turned round."""
    rdd = sc.parallelize([(i * 7 % 20, i) for i in range(20)], 3)
    return rdd.sortByKey(False).glom().collect(), rdd.sortByKey(
        ascending=False, numPartitions=4
    ).glom().collect()


def sort_by_key_into_one_partition(sc):
    """No sampling, a coalesce."""
    rdd = sc.parallelize([(3, "c"), (1, "a"), (2, "b"), (1, "A")], 3)
    return rdd.sortByKey(numPartitions=1).glom().collect(), rdd.sortByKey(False, 1).glom().collect()


def sort_by_key_into_more_partitions_than_elements(sc):
    """Empty partitions among them."""
    rdd = sc.parallelize([(3, "c"), (1, "a"), (2, "b")], 2)
    return rdd.sortByKey(numPartitions=7).glom().collect(), rdd.sortByKey(False, 7).glom().collect()


def sort_by_key_with_a_key_function(sc):
    """Words without regard to case."""
    words = ["banana", "Apple", "cherry", "apple", "Banana", "Cherry", "date"]
    rdd = sc.parallelize([(w, i) for i, w in enumerate(words)], 3)
    return rdd.sortByKey(True, 3, keyfunc=str.lower).glom().collect(), rdd.sortByKey(
        False, 2, str.lower
    ).glom().collect()


def sort_by_key_is_stable(sc):
    """Equal keys keep their order, also downwards."""
    rdd = sc.parallelize([(i % 3, i) for i in range(15)], 4)
    return rdd.sortByKey(numPartitions=2).glom().collect(), rdd.sortByKey(False, 2).glom().collect()


def sort_by_key_of_one_key(sc):
    """All in one of the partitions."""
    rdd = sc.parallelize([(5, i) for i in range(10)], 3)
    return rdd.sortByKey(numPartitions=3).glom().collect(), rdd.sortByKey(False, 3).glom().collect()


def sort_by_key_of_an_empty_rdd(sc):
    """It comes back with its own partitions."""
    empty = sc.parallelize([], 3)
    return (
        empty.sortByKey().glom().collect(),
        empty.sortByKey(numPartitions=2).glom().collect(),
        empty.sortByKey(numPartitions=2) is empty,
        sc.emptyRDD().sortByKey(numPartitions=2).glom().collect(),
    )


def sort_by_key_of_an_rdd_without_partitions(sc):
    """numPartitions=None is zero here."""
    return sc.emptyRDD().sortByKey().glom().collect()


def sort_by_key_of_none_and_ints_fails_when_defined(sc):
    """The sampled keys are sorted on the driver: a plain TypeError, no job failure."""
    return sc.parallelize([(None, 1), (1, 2), (3, 4)], 2).sortByKey(numPartitions=2)


def sort_by_key_of_none_and_ints_in_one_partition_fails_at_the_action(sc):
    """Without sampling the error comes from the task."""
    return sc.parallelize([(None, 1), (1, 2)], 2).sortByKey(numPartitions=1).collect()


def sort_by_key_of_mixed_types_fails(sc):
    """str and int."""
    return sc.parallelize([("a", 1), (1, 2)], 1).sortByKey(numPartitions=2).collect()


def sort_by_key_with_a_failing_key_function(sc):
    """The user's error on the driver."""
    return sc.parallelize([(1, 1), (0, 2)], 2).sortByKey(numPartitions=2, keyfunc=lambda k: 1 // k)


def sort_by_key_runs_jobs_when_defined(sc):
    """An accumulator tells how often the elements were looked at before any action."""
    seen = sc.accumulator(0)

    def look(kv):
        seen.add(1)
        return kv

    rdd = sc.parallelize([(i, i) for i in range(10)], 2).map(look).sortByKey(numPartitions=2)
    before = seen.value
    rdd.collect()
    return before, seen.value


def sort_by_key_into_one_partition_runs_no_job_when_defined(sc):
    """No bounds to find."""
    seen = sc.accumulator(0)

    def look(kv):
        seen.add(1)
        return kv

    rdd = sc.parallelize([(i, i) for i in range(10)], 2).map(look).sortByKey(numPartitions=1)
    before = seen.value
    rdd.collect()
    return before, seen.value


def sort_by_key_of_many_elements_samples_its_bounds(sc):
    """5,000 keys into 4 partitions: the sampled bounds decide the sizes."""
    rdd = sc.parallelize([(i * 2654435761 % 100003, i) for i in range(5000)], 5).sortByKey(
        numPartitions=4
    )
    return (
        rdd.map(lambda kv: kv[0])
        .glom()
        .map(lambda p: (len(p), p[0], p[-1], p == sorted(p)))
        .collect()
    )


def sort_by_of_many_elements_downwards(sc):
    """2,000 numbers into 8 partitions; all are returned."""
    rdd = sc.parallelize([i * 48271 % 2003 for i in range(2000)], 3)
    return rdd.sortBy(lambda x: x, ascending=False, numPartitions=8).glom().collect()


def sort_by_of_many_duplicates(sc):
    """3,000 elements of 5 kinds into 4 partitions."""
    rdd = sc.parallelize([(i * i) % 5 for i in range(3000)], 4).sortBy(lambda x: x, numPartitions=4)
    return rdd.glom().map(lambda p: (len(p), sorted(set(p)))).collect()


def sort_by_of_words_by_length(sc):
    """Stable within a length."""
    words = "the quick brown fox jumps over the lazy dog".split()
    return sc.parallelize(words, 3).sortBy(len, numPartitions=3).glom().collect()


def sort_by_a_tuple(sc):
    """Count down, then name up."""
    rdd = sc.parallelize([("b", 2), ("a", 2), ("c", 5), ("d", 1), ("e", 5)], 2)
    return rdd.sortBy(lambda kv: (-kv[1], kv[0]), numPartitions=2).glom().collect()


def sort_by_defaults_to_its_own_partitions(sc):
    """numPartitions=None."""
    return sc.parallelize([3, 1, 2, 5, 4, 9, 8], 4).sortBy(lambda x: x).glom().collect()


def sort_by_of_sorted_data(sc):
    """Already in order, and in reverse order."""
    return (
        sc.parallelize(range(12), 3).sortBy(lambda x: x).glom().collect(),
        sc.parallelize(range(12, 0, -1), 3).sortBy(lambda x: x).glom().collect(),
    )


def sort_by_of_strings_of_every_width(sc):
    """By code point."""
    words = ["z", "é", "Ω", "中", "😀", "", "a", "\uffff", "Z", "aa"]
    return sc.parallelize(words, 3).sortBy(lambda w: w, numPartitions=3).glom().collect()


def sort_by_of_floats(sc):
    """Infinities, both zeros, small numbers."""
    values = [1.5, -0.0, 0.0, float("inf"), -1e300, float("-inf"), 5e-324, 0, -0.0]
    rdd = sc.parallelize(values, 3)
    return rdd.sortBy(lambda x: x, numPartitions=2).glom().collect(), rdd.sortBy(
        lambda x: x, False, 1
    ).collect()


def sort_by_with_nan(sc):
    """nan compares with nothing: the order is that of Python's sort."""
    nan = float("nan")
    return (
        sc.parallelize([3.0, nan, 1.0, nan, 2.0], 2).sortBy(lambda x: x, numPartitions=1).collect()
    )


def sort_by_of_tuples_and_lists(sc):
    """Lexicographic."""
    return (
        sc.parallelize([(2, "a"), (1, "z"), (1, "b"), (2,), ()], 2)
        .sortBy(lambda t: t, numPartitions=2)
        .glom()
        .collect(),
        sc.parallelize([[2], [1, 5], [1]], 2).sortBy(lambda t: t, numPartitions=2).glom().collect(),
    )


def sort_by_of_bools_and_ints(sc):
    """True sorts as 1."""
    return sc.parallelize([True, 0, 2, False, 1], 2).sortBy(lambda x: x, numPartitions=1).collect()


def sort_by_of_incomparable_fails(sc):
    """Complex numbers."""
    return sc.parallelize([1j, 2j], 1).sortBy(lambda x: x, numPartitions=1).collect()


def sort_by_after_a_shuffle(sc):
    """Word counts by count."""
    words = "a b a c b a d e e e e".split()
    counts = sc.parallelize(words, 3).map(lambda w: (w, 1)).reduceByKey(lambda a, b: a + b, 2)
    return counts.sortBy(lambda kv: kv[1], ascending=False, numPartitions=2).glom().collect()


def sort_twice(sc):
    """By the second item, then by the first."""
    rdd = sc.parallelize([(i % 3, -i) for i in range(9)], 2)
    return (
        rdd.sortBy(lambda kv: kv[1], numPartitions=2)
        .sortBy(lambda kv: kv[0], numPartitions=2)
        .glom()
        .collect()
    )


def sort_by_of_a_cached_rdd_computes_it_once(sc):
    """Counting, sampling and sorting read the cache."""
    seen = sc.accumulator(0)

    def look(x):
        seen.add(1)
        return x

    rdd = sc.parallelize(range(6), 2).map(look).cache()
    ordered = rdd.sortBy(lambda x: -x, numPartitions=2)
    out = ordered.glom().collect()
    rdd.unpersist()
    return out, seen.value


def top_of_numbers(sc):
    """Descending, whatever the partition."""
    rdd = sc.parallelize([10, 4, 2, 12, 3, 12], 3)
    return rdd.top(1), rdd.top(3), rdd.top(10), rdd.top(0)


def top_with_a_key(sc):
    """By length; ties as they come."""
    rdd = sc.parallelize(["aa", "b", "cc", "ddd", "e", "ff"], 3)
    return rdd.top(4, key=len), rdd.top(2, str.upper), rdd.top(4, key=lambda w: 0)


def top_of_a_negative_number(sc):
    """heapq takes it for nothing."""
    return sc.parallelize([1, 2], 2).top(-1)


def top_of_an_empty_rdd(sc):
    """Empty partitions give empty lists."""
    return sc.parallelize([], 3).top(2)


def top_without_partitions(sc):
    """Nothing to reduce."""
    return sc.emptyRDD().top(2)


def top_of_mixed_types_fails(sc):
    """int and str in one partition."""
    return sc.parallelize([1, "a"], 1).top(2)


def top_of_mixed_types_across_partitions_fails_on_the_driver(sc):
    """Each partition alone compares well; the merge does not."""
    return sc.parallelize([1, "a"], 2).top(2)


def take_ordered_of_numbers(sc):
    """Ascending."""
    rdd = sc.parallelize([10, 4, 2, 12, 3, 2], 3)
    return rdd.takeOrdered(1), rdd.takeOrdered(3), rdd.takeOrdered(10), rdd.takeOrdered(0)


def take_ordered_with_a_key(sc):
    """Negated numbers; ties as they come."""
    rdd = sc.parallelize([(1, "a"), (2, "b"), (1, "c"), (2, "d"), (0, "e")], 3)
    return (
        rdd.takeOrdered(3, key=lambda kv: -kv[0]),
        rdd.takeOrdered(4, lambda kv: kv[0]),
        rdd.takeOrdered(3, key=lambda kv: 0),
    )


def take_ordered_of_a_negative_number(sc):
    """Refused."""
    return sc.parallelize([1, 2], 2).takeOrdered(-1)


def take_ordered_of_empty_rdds(sc):
    """With and without partitions."""
    return sc.parallelize([], 3).takeOrdered(2), sc.emptyRDD().takeOrdered(2)


def max_and_min_with_ties(sc):
    """The first of equals."""
    rdd = sc.parallelize(["bb", "aa", "c", "d"], 3)
    return rdd.max(key=len), rdd.min(key=len), rdd.max(), rdd.min()


def zip_with_index_over_partitions(sc):
    """Counts run on, empty partitions do not matter."""
    return (
        sc.parallelize("abcdef", 4).zipWithIndex().glom().collect(),
        sc.parallelize(["x"], 3).zipWithIndex().glom().collect(),
        sc.parallelize([], 2).zipWithIndex().glom().collect(),
        sc.parallelize("ab", 1).zipWithIndex().glom().collect(),
        sc.emptyRDD().zipWithIndex().collect(),
    )


def zip_with_index_runs_a_job_for_many_partitions(sc):
    """One partition needs no counting."""
    seen = sc.accumulator(0)

    def look(x):
        seen.add(1)
        return x

    sc.parallelize(range(4), 1).map(look).zipWithIndex()
    one = seen.value
    sc.parallelize(range(4), 2).map(look).zipWithIndex()
    return one, seen.value


def zip_with_index_after_a_filter(sc):
    """Of what is left."""
    return sc.parallelize(range(20), 4).filter(lambda x: x % 3 == 0).zipWithIndex().glom().collect()


def zip_with_unique_id(sc):
    """Partition number plus multiples of the count."""
    return (
        sc.parallelize("abcdefg", 3).zipWithUniqueId().glom().collect(),
        sc.parallelize(["x"], 3).zipWithUniqueId().glom().collect(),
        sc.parallelize([], 2).zipWithUniqueId().glom().collect(),
    )


def zip_with_itself(sc):
    """The same RDD twice."""
    rdd = sc.parallelize(range(7), 3)
    return rdd.zip(rdd).glom().collect()


def zip_with_its_map(sc):
    """A fixed batch size beside an automatic one."""
    rdd = sc.parallelize(range(7), 3)
    return rdd.zip(rdd.map(lambda x: x * x)).glom().collect(), rdd.map(str).zip(
        rdd
    ).glom().collect()


def zip_of_two_mapped(sc):
    """Automatic batches on both sides."""
    a, b = (
        sc.parallelize(range(300), 2).map(str),
        sc.parallelize(range(1000, 1300), 2).map(lambda x: x),
    )
    return a.zip(b).glom().collect()


def zip_of_different_batch_sizes(sc):
    """100 elements in 2 and 100 in 2, made with other batch sizes by a union and a repartition."""
    a = sc.parallelize(range(100), 2)
    b = sc.parallelize(range(50), 1).union(sc.parallelize(range(50, 100), 1))
    return a.zip(b).map(lambda p: p[0] - p[1]).glom().collect()


def zip_of_lists_with_equal_counts(sc):
    """Two parallelized lists."""
    return sc.parallelize("abcde", 2).zip(sc.parallelize([1, 2, 3, 4, 5], 2)).glom().collect()


def zip_of_different_lengths_fails(sc):
    """The same partitions, not the same elements."""
    return sc.parallelize(range(5), 2).zip(sc.parallelize(range(6), 2)).collect()


def zip_of_different_lengths_with_whole_batches_fails(sc):
    """One side has a batch more in a partition."""
    return sc.parallelize(range(4), 4).zip(sc.parallelize(range(8), 4)).collect()


def zip_with_one_batch_more_fails(sc):
    """Batches of one on both sides, two of them in the last partition of one side."""
    return sc.parallelize([0, 1, 2, 3], 4).zip(sc.parallelize([0, 1, 2, 3, 4], 4)).collect()


def zip_of_different_lengths_read_by_a_task_fails(sc):
    """The batches are compared where they are read: in the task, when there is one."""
    return sc.parallelize(range(5), 2).zip(sc.parallelize(range(6), 2)).map(list).collect()


def zip_of_different_lengths_fails_only_where_read(sc):
    """The first partition alone is fine."""
    return (
        sc.parallelize([0, 1, 2, 3, 4], 2)
        .zip(sc.parallelize([0, 1, 2, 3, 4, 5, 6, 7], 2).filter(lambda x: x > 1))
        .take(2)
    )


def zip_of_mapped_with_different_lengths_fails(sc):
    """Batches of automatic size."""
    a, b = sc.parallelize(range(5), 1).map(str), sc.parallelize(range(6), 1).map(str)
    return a.zip(b).collect()


def zip_of_lengths_that_differ_by_a_partition_fails(sc):
    """Equal totals, other placement."""
    a = sc.parallelize([1, 2, 3, 4], 2)
    b = a.mapPartitionsWithIndex(lambda i, it: [i] * (1 + 2 * i))
    return a.zip(b).collect()


def zip_of_different_partition_counts_fails(sc):
    """Refused when called."""
    return sc.parallelize(range(4), 2).zip(sc.parallelize(range(4), 4))


def zip_with_text(sc, tmp):
    """Lines beside numbers."""
    (tmp / "a.txt").write_text("a\nb\nc\n")
    text = sc.textFile(str(tmp / "a.txt"), 1)
    numbers = sc.parallelize([1, 2, 3], 1)
    return (
        text.zip(numbers).glom().collect(),
        numbers.zip(text).glom().collect(),
        text.zip(text).glom().collect(),
    )


def zip_of_empty_rdds(sc):
    """Empty partitions, and none."""
    return (
        sc.parallelize([], 2).zip(sc.parallelize([], 2)).glom().collect(),
        sc.emptyRDD().zip(sc.emptyRDD()).collect(),
    )


def zip_then_more(sc):
    """A zip as source of a map, a reduce and another zip."""
    a = sc.parallelize(range(6), 2)
    z = a.zip(a.map(lambda x: x % 2))
    return (
        z.map(lambda p: p[0] + p[1]).glom().collect(),
        z.map(lambda p: (p[1], p[0])).reduceByKey(lambda x, y: x + y, 2).glom().collect(),
        z.zip(a).glom().collect(),
    )


def zip_of_zips(sc):
    """Nested pairs."""
    a = sc.parallelize(range(4), 2)
    return a.zip(a).zip(a.zip(a)).glom().collect()


def cartesian_order(sc):
    """Partition (i, j), left-major inside."""
    return sc.parallelize([1, 2, 3], 2).cartesian(sc.parallelize("ab", 2)).glom().collect()


def cartesian_with_several_batches(sc):
    """Partitions of several batches: batch against batch, left batches outermost."""
    a, b = sc.parallelize(range(5), 2), sc.parallelize("vwxyz", 2)
    return a.cartesian(b).glom().collect()


def cartesian_with_one_element_batches(sc):
    """Three elements of a two-slice list are batches of one."""
    a = sc.parallelize([1, 2, 3], 2)
    return a.cartesian(a).glom().collect()


def cartesian_of_long_sides(sc):
    """2,100 elements in one slice: batches of 1,024; only the switches are shown."""
    pairs = sc.parallelize(list(range(2100)), 1).cartesian(sc.parallelize([0, 1], 1)).collect()
    jumps = [i for i in range(1, len(pairs)) if pairs[i][0] < pairs[i - 1][0]]
    return len(pairs), pairs[:6], jumps


def cartesian_of_two_long_sides(sc):
    """Both sides of several batches: where the left or the right jumps back."""
    a = sc.parallelize(list(range(30)), 7).coalesce(1)
    return a.cartesian(a).glom().collect()


def cartesian_of_mapped_sides(sc):
    """Automatic batches grow: 1, 2, 4, ..."""
    a, b = sc.parallelize(range(8), 1).map(lambda x: x), sc.parallelize("abcde", 1).map(str.upper)
    return a.cartesian(b).glom().collect(), b.cartesian(sc.parallelize([1, 2], 1)).glom().collect()


def cartesian_of_filtered_sides(sc):
    """Filters empty some partitions."""
    a = sc.parallelize(range(10), 3).filter(lambda x: x > 4)
    return a.cartesian(a).glom().collect()


def cartesian_of_a_cartesian(sc):
    """Nested pairs, on either side."""
    a, b, c = sc.parallelize([1, 2], 2), sc.parallelize("ab", 1), sc.parallelize([True, None], 1)
    return a.cartesian(b).cartesian(c).glom().collect(), c.cartesian(
        a.cartesian(b)
    ).glom().collect()


def cartesian_of_text(sc, tmp):
    """Lines come one by one, without batches."""
    (tmp / "a.txt").write_text("x\ny\nz\n")
    text = sc.textFile(str(tmp / "a.txt"), 1)
    return (
        text.cartesian(sc.parallelize([1, 2, 3], 1)).glom().collect(),
        sc.parallelize([1, 2, 3], 1).cartesian(text).glom().collect(),
    )


def cartesian_of_text_with_text(sc, tmp):
    """Strings on both sides without batches."""
    (tmp / "a.txt").write_text("xy\nz\n")
    text = sc.textFile(str(tmp / "a.txt"), 1)
    return text.cartesian(text).collect()


def cartesian_after_partition_by(sc):
    """Shuffled batches: one for each map partition and flush."""
    a = sc.parallelize([(i % 3, i) for i in range(6)], 2).partitionBy(2)
    return a.cartesian(sc.parallelize("ab", 1)).glom().collect(), a.cartesian(a).glom().collect()


def cartesian_of_a_union(sc):
    """Sides of unlike serializers."""
    a = sc.parallelize([1, 2], 1).union(sc.parallelize([3], 1).map(lambda x: x))
    return a.cartesian(sc.parallelize("ab", 1)).glom().collect()


def cartesian_with_empty_sides(sc):
    """Partitions are there, pairs are not."""
    a = sc.parallelize([1, 2], 2)
    return (
        a.cartesian(sc.parallelize([], 2)).glom().collect(),
        sc.parallelize([], 1).cartesian(a).glom().collect(),
        a.cartesian(sc.emptyRDD()).glom().collect(),
        a.cartesian(sc.emptyRDD()).getNumPartitions(),
    )


def cartesian_with_itself_then_filter(sc):
    """Pairs in order."""
    rdd = sc.parallelize([3, 1, 2], 2)
    return rdd.cartesian(rdd).filter(lambda p: p[0] < p[1]).glom().collect()


def cartesian_then_reduce_by_key(sc):
    """A matrix product by pairs."""
    a = sc.parallelize([(0, [1, 2]), (1, [3, 4])], 2)
    b = sc.parallelize([(0, [5, 7]), (1, [6, 8])], 2)
    cells = a.cartesian(b).map(
        lambda p: ((p[0][0], p[1][0]), sum(x * y for x, y in zip(p[0][1], p[1][1])))
    )
    return cells.glom().collect(), cells.map(lambda c: (c[0][0], c[1])).reduceByKey(
        lambda x, y: x + y, 2
    ).glom().collect()


def cartesian_after_repartition(sc):
    """Batches of ten."""
    a = sc.parallelize(range(25), 1).repartition(2)
    return a.cartesian(sc.parallelize("ab", 1)).glom().collect()


def zip_after_repartition(sc):
    """Two repartitions of equal data zip well."""
    a = sc.parallelize(range(25), 3).repartition(2)
    b = sc.parallelize(range(25), 3).map(lambda x: -x).repartition(2)
    return a.zip(b).glom().collect()


def zip_after_partition_by(sc):
    """Shuffled batches on one side, automatic ones on the other."""
    a = sc.parallelize([(i % 3, i) for i in range(30)], 2).partitionBy(2)
    return a.zip(a.values()).glom().collect(), a.zip(a).glom().collect()


def zip_of_cartesians(sc):
    """Zipping a product with itself."""
    a = sc.parallelize([1, 2], 1)
    c = a.cartesian(sc.parallelize("ab", 1))
    return c.zip(c).glom().collect(), c.zip(sc.parallelize(range(4), 1)).glom().collect()


def union_and_cartesian_in_one(sc):
    """A product beside a list of pairs."""
    a = sc.parallelize([1, 2], 2)
    return a.cartesian(a).union(sc.parallelize([(0, 0)], 1)).glom().collect()


def coalesce_of_a_cartesian(sc):
    """Six partitions into two."""
    return (
        sc.parallelize([1, 2, 3], 3).cartesian(sc.parallelize("ab", 2)).coalesce(2).glom().collect()
    )
