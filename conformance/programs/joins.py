"""Joins, cogroups and subtraction by key."""


def _sides(sc):
    left = sc.parallelize([("a", 1), ("b", 2), ("a", 3), ("c", 4)], 2)
    right = sc.parallelize([("a", "x"), ("b", "y"), ("a", "z"), ("d", "w")], 3)
    return left, right


def _plain(cogrouped):
    return cogrouped.mapValues(lambda vs: tuple(list(v) for v in vs)).glom().collect()


def join_without_a_count(sc):
    """As many partitions as both sides together."""
    left, right = _sides(sc)
    return left.join(right).glom().collect()


def join_into_a_given_count(sc):
    """One and four partitions."""
    left, right = _sides(sc)
    return left.join(right, 1).glom().collect(), left.join(right, 4).glom().collect()


def join_product_is_left_major(sc):
    """Duplicates on both sides: every pair, left first."""
    left = sc.parallelize([("k", i) for i in range(4)], 3)
    right = sc.parallelize([("k", c) for c in "wxyz"], 2)
    return left.join(right, 1).collect()


def left_outer_join(sc):
    """Keys of the right side alone vanish."""
    left, right = _sides(sc)
    return left.leftOuterJoin(right, 3).glom().collect()


def right_outer_join(sc):
    """Keys of the left side alone vanish."""
    left, right = _sides(sc)
    return left.rightOuterJoin(right, 3).glom().collect()


def full_outer_join(sc):
    """All keys stay."""
    left, right = _sides(sc)
    return left.fullOuterJoin(right, 3).glom().collect()


def outer_joins_without_a_count(sc):
    """Placement over five partitions."""
    left, right = _sides(sc)
    return [
        j.glom().collect()
        for j in (left.leftOuterJoin(right), left.rightOuterJoin(right), left.fullOuterJoin(right))
    ]


def joins_with_none_values(sc):
    """A None value is no missing value, yet looks the same."""
    left = sc.parallelize([(1, None), (2, 0)], 2)
    right = sc.parallelize([(1, None), (3, "")], 2)
    return [
        j.glom().collect()
        for j in (
            left.join(right, 2),
            left.leftOuterJoin(right, 2),
            left.rightOuterJoin(right, 2),
            left.fullOuterJoin(right, 2),
        )
    ]


def joins_with_none_keys(sc):
    """None equals None here, unlike in SQL."""
    left = sc.parallelize([(None, 1), (0, 2)], 2)
    right = sc.parallelize([(None, "x"), (False, "y")], 2)
    return left.join(right, 2).glom().collect()


def joins_with_an_empty_side(sc):
    """Empty left, empty right, both."""
    some, none = sc.parallelize([(1, 2)], 2), sc.parallelize([], 2)
    return [
        j.glom().collect()
        for j in (
            some.join(none, 2),
            none.join(some, 2),
            none.join(none, 1),
            some.leftOuterJoin(none, 2),
            none.leftOuterJoin(some, 1),
            some.rightOuterJoin(none, 1),
            none.fullOuterJoin(some, 2),
        )
    ]


def joins_with_an_rdd_of_no_partitions(sc):
    """emptyRDD on either side."""
    some, none = sc.parallelize([(1, 2)], 2), sc.emptyRDD()
    return [
        j.glom().collect()
        for j in (some.join(none), none.leftOuterJoin(some), some.fullOuterJoin(none))
    ]


def a_self_join(sc):
    """Both sides are one RDD."""
    rdd = sc.parallelize([(i % 2, i) for i in range(5)], 2)
    return rdd.join(rdd, 2).glom().collect()


def joins_with_equal_keys_of_other_types(sc):
    """1, 1.0 and True meet; the key of the first arrival stays."""
    left = sc.parallelize([(1, "int")], 1)
    right = sc.parallelize([(True, "bool"), (1.0, "float")], 1)
    return left.join(right, 1).collect(), right.join(left, 1).collect()


def join_of_co_partitioned_sides(sc):
    """Both lie in three partitions already: they stay there."""
    left = sc.parallelize([(i, i) for i in range(7)], 2).partitionBy(3)
    right = sc.parallelize([(i % 4, -i) for i in range(7)], 4).partitionBy(3)
    joined = left.join(right)
    return joined.glom().collect(), joined.partitioner == left.partitioner


def join_of_co_partitioned_sides_into_another_count(sc):
    """A given count moves them again."""
    left = sc.parallelize([(i, i) for i in range(7)], 2).partitionBy(3)
    right = sc.parallelize([(i % 4, -i) for i in range(7)], 4).partitionBy(3)
    return left.join(right, 2).glom().collect()


def join_of_one_partitioned_side(sc):
    """Only the left is partitioned."""
    left = sc.parallelize([(i, i) for i in range(7)], 2).partitionBy(3)
    right = sc.parallelize([(i % 4, -i) for i in range(7)], 4)
    return left.join(right).glom().collect()


def join_of_sides_with_custom_partitioners(sc):
    """Co-partitioned by a function of the program: a join hashes anew."""

    def halves(k):
        return k // 2

    left = sc.parallelize([(i, i) for i in range(6)], 2).partitionBy(3, halves)
    right = sc.parallelize([(i, -i) for i in range(6)], 3).partitionBy(3, halves)
    return left.join(right).glom().collect(), left.join(right, 3).glom().collect()


def join_after_cache(sc):
    """Cached sides give the same join twice."""
    left, right = _sides(sc)
    left.cache(), right.cache()
    first = left.join(right, 2).glom().collect()
    second = left.join(right, 2).glom().collect()
    left.unpersist(), right.unpersist()
    return first, second


def join_of_reduced_sides(sc):
    """Sums by key joined with counts by key."""
    rdd = sc.parallelize([(i % 4, i) for i in range(20)], 3)
    sums = rdd.reduceByKey(lambda a, b: a + b, 2)
    counts = rdd.mapValues(lambda _: 1).reduceByKey(lambda a, b: a + b, 2)
    return sums.join(counts).mapValues(lambda v: v[0] / v[1]).glom().collect()


def a_chain_of_joins(sc):
    """Nested tuples."""
    rdds = [sc.parallelize([(i, f"{c}{i}") for i in range(4)], 2) for c in "abc"]
    return rdds[0].join(rdds[1], 2).join(rdds[2], 2).glom().collect()


def a_join_of_many_keys(sc):
    """Hundreds of keys over seven partitions."""
    left = sc.parallelize([(f"k{i}", i) for i in range(300)], 4)
    right = sc.parallelize([(f"k{i * 3}", -i) for i in range(200)], 3)
    return left.join(right, 7).glom().collect()


def a_join_with_a_text_file(sc, tmp):
    """Lines split into pairs."""
    (tmp / "names.txt").write_text("1,ann\n2,bob\n3,cid\n")
    names = sc.textFile(str(tmp / "names.txt"), 1).map(lambda line: tuple(line.split(",")))
    ages = sc.parallelize([("1", 30), ("3", 41), ("4", 5)], 2)
    return names.join(ages, 2).glom().collect(), names.leftOuterJoin(ages, 2).glom().collect()


def a_join_of_longer_tuples(sc):
    """Items past the second are dropped."""
    left = sc.parallelize([(1, "a", "lost")], 1)
    return left.join(sc.parallelize([(1, "b")], 1), 1).collect()


def cogroup_of_two(sc):
    """A ResultIterable for each side."""
    left, right = _sides(sc)
    return _plain(left.cogroup(right)), _plain(left.cogroup(right, 2))


def cogroup_gives_result_iterables(sc):
    """Type names and lengths."""
    left, right = _sides(sc)
    rows = left.cogroup(right, 1).collect()
    return [(k, type(vs).__name__, [(type(v).__name__, len(v)) for v in vs]) for k, vs in rows]


def cogroup_returned_whole(sc):
    """The ResultIterables themselves."""
    left, right = _sides(sc)
    return left.cogroup(right, 2).glom().collect()


def group_with_two_three_and_four(sc):
    """groupWith takes any number of others."""
    left, right = _sides(sc)
    third = sc.parallelize([("a", None), ("e", 5)], 1)
    fourth = sc.parallelize([("c", 4.5)], 2)
    return [
        _plain(left.groupWith(right)),
        _plain(left.groupWith(right, third)),
        _plain(left.groupWith(right, third, fourth)),
    ]


def group_with_itself(sc):
    """One RDD three times."""
    rdd = sc.parallelize([(i % 2, i) for i in range(4)], 2)
    return _plain(rdd.groupWith(rdd, rdd))


def cogroup_of_co_partitioned_sides(sc):
    """Placement stays; the partitioner too."""
    left = sc.parallelize([(i, i) for i in range(5)], 2).partitionBy(2)
    right = sc.parallelize([(i, -i) for i in range(3, 8)], 3).partitionBy(2)
    both = left.cogroup(right)
    return _plain(both), both.partitioner == left.partitioner


def cogroup_with_an_empty_side(sc):
    """Empty groups."""
    left, _ = _sides(sc)
    return _plain(left.cogroup(sc.parallelize([], 1), 2)), _plain(left.cogroup(sc.emptyRDD()))


def subtract_by_key(sc):
    """Pairs whose key is not on the right."""
    left, right = _sides(sc)
    return left.subtractByKey(right).glom().collect(), left.subtractByKey(right, 2).glom().collect()


def subtract_by_key_keeps_duplicates(sc):
    """All values of a key that stays."""
    left = sc.parallelize([("a", 1), ("b", 2), ("a", 1), ("b", None)], 3)
    return left.subtractByKey(sc.parallelize([("a", 0)], 1), 2).glom().collect()


def subtract_by_key_of_itself(sc):
    """Nothing is left."""
    left, _ = _sides(sc)
    return left.subtractByKey(left, 2).glom().collect()


def subtract_by_key_of_nothing(sc):
    """An empty right side."""
    left, _ = _sides(sc)
    return left.subtractByKey(sc.parallelize([], 2), 3).glom().collect()


def joined_values_are_copies(sc):
    """One list that joins twice is changed once in each pair's own batch."""

    def touch(kv):
        kv[1][0].append(len(kv[1][0]))
        return kv

    left = sc.parallelize([("k", [])], 1)
    right = sc.parallelize([("k", 1), ("k", 2)], 2)
    joined = left.join(right, 1)
    return (
        joined.map(touch).collect(),
        joined.map(lambda kv: kv).map(touch).collect(),
        left.collect(),
    )


def join_with_something_else_fails(sc):
    """A list is no RDD."""
    return sc.parallelize([(1, 2)], 1).join([(1, 3)])


def join_of_non_pairs_fails(sc):
    """Plain ints."""
    rdd = sc.parallelize([1, 2], 1)
    return rdd.join(rdd, 1).collect()


def a_join_filtered_to_a_relation(sc):
    """Orders and customers: who bought nothing, who is unknown."""
    customers = sc.parallelize([(1, "Ann"), (2, "Bob"), (3, "Cid")], 2)
    orders = sc.parallelize([(1, 9.5), (3, 2.5), (1, 4.0), (7, 1.0)], 3)
    everything = customers.fullOuterJoin(orders, 2)
    return (
        everything.filter(lambda kv: kv[1][1] is None).keys().collect(),
        everything.filter(lambda kv: kv[1][0] is None).keys().collect(),
        customers.join(orders, 2).values().reduceByKey(lambda a, b: a + b, 2).glom().collect(),
    )
