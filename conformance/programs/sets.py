"""distinct, intersection, subtract, and union used as a set operation."""


def distinct_keeps_the_order_of_first_arrival(sc):
    """Within the partition where the hash puts each."""
    rdd = sc.parallelize([5, 3, 5, 1, 3, 9, 1, 7, 5], 3)
    return rdd.distinct().glom().collect()


def distinct_into_given_partitions(sc):
    """More and fewer partitions."""
    rdd = sc.parallelize([i * 7 % 10 for i in range(30)], 3)
    return (
        rdd.distinct(2).glom().collect(),
        rdd.distinct(6).glom().collect(),
        rdd.distinct(1).collect(),
    )


def distinct_of_words(sc):
    """str elements."""
    return sc.parallelize("to be or not to be that is to".split(), 3).distinct().glom().collect()


def distinct_of_tuples_and_none(sc):
    """Tuples, None, nested tuples."""
    rdd = sc.parallelize([(1, 2), None, (1, 2), (None,), None, ((1,), "a"), ((1,), "a")], 3)
    return rdd.distinct(3).glom().collect()


def distinct_of_equal_numbers(sc):
    """1, 1.0 and True: the first in partition order is kept."""
    return (
        sc.parallelize([1.0, 1, True, 0, False, -0.0], 2).distinct(2).glom().collect(),
        sc.parallelize([True, 1.0, 1], 3).distinct(1).collect(),
        sc.parallelize([-0.0, 0.0, 0], 1).distinct(1).collect(),
    )


def distinct_of_nans(sc):
    """Every pickled nan is its own."""
    nan = float("nan")
    return sc.parallelize([nan, nan, 1.0], 1).distinct(1).collect()


def distinct_of_mixed_types(sc):
    """Elements that never compare equal."""
    rdd = sc.parallelize([1, "1", b"1", (1,), 1.5, None, "1", b"1", (1,), None], 4)
    return rdd.distinct(3).glom().collect()


def distinct_of_an_empty_rdd(sc):
    """Empty partitions, and none."""
    return sc.parallelize(
        [], 2
    ).distinct().glom().collect(), sc.emptyRDD().distinct().glom().collect()


def distinct_of_lists_fails(sc):
    """Lists cannot be hashed."""
    return sc.parallelize([[1], [1]], 1).distinct(1).collect()


def distinct_of_many(sc):
    """2,000 elements, 500 of them distinct."""
    return sc.parallelize([i * 37 % 500 for i in range(2000)], 4).distinct(3).glom().collect()


def distinct_after_distinct(sc):
    """The second changes the order no more."""
    rdd = sc.parallelize([3, 1, 3, 2, 1], 2).distinct(2)
    return rdd.glom().collect(), rdd.distinct(2).glom().collect()


def distinct_count(sc):
    """Just how many."""
    return sc.parallelize([i % 17 for i in range(400)], 5).distinct().count()


def intersection_of_two(sc):
    """Each common element once, placed over the partitions of both."""
    a = sc.parallelize([1, 2, 3, 4, 4, 5], 2)
    b = sc.parallelize([4, 6, 2, 4, 8], 3)
    return a.intersection(b).glom().collect(), b.intersection(a).glom().collect()


def intersection_with_itself(sc):
    """Its distinct elements."""
    rdd = sc.parallelize([3, 1, 3, 2], 2)
    return rdd.intersection(rdd).glom().collect()


def intersection_of_disjoint_and_empty(sc):
    """Nothing in common."""
    a = sc.parallelize([1, 2], 2)
    return (
        a.intersection(sc.parallelize([3], 1)).glom().collect(),
        a.intersection(sc.parallelize([], 1)).glom().collect(),
        a.intersection(sc.emptyRDD()).glom().collect(),
    )


def intersection_of_none_and_equal_numbers(sc):
    """None meets None; 1 meets True, the left one stays."""
    a = sc.parallelize([None, 1, 2.0, "x"], 2)
    b = sc.parallelize([True, None, 2, "y"], 2)
    return a.intersection(b).glom().collect(), b.intersection(a).glom().collect()


def intersection_of_words(sc):
    """str elements over four partitions."""
    a = sc.parallelize("the cat sat on the mat".split(), 2)
    b = sc.parallelize("a cat and a hat on a mat".split(), 2)
    return a.intersection(b).glom().collect()


def intersection_of_lists_fails(sc):
    """Lists cannot be hashed."""
    rdd = sc.parallelize([[1]], 1)
    return rdd.intersection(rdd).collect()


def subtract_of_two(sc):
    """Duplicates on the left stay."""
    a = sc.parallelize([1, 2, 2, 3, 4, 4, 5], 3)
    b = sc.parallelize([4, 1], 2)
    return a.subtract(b).glom().collect(), a.subtract(b, 2).glom().collect()


def subtract_from_an_empty_rdd(sc):
    """Nothing minus something, something minus nothing."""
    a, none = sc.parallelize([1, 2], 2), sc.parallelize([], 2)
    return (
        none.subtract(a, 2).glom().collect(),
        a.subtract(none, 2).glom().collect(),
        a.subtract(a, 1).collect(),
    )


def subtract_of_none(sc):
    """None can be subtracted."""
    return (
        sc.parallelize([None, 1, None], 2).subtract(sc.parallelize([None], 1), 2).glom().collect()
    )


def subtract_of_pairs(sc):
    """Whole pairs, not their keys."""
    a = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2)
    b = sc.parallelize([("a", 3), ("b", 9)], 1)
    return a.subtract(b, 2).glom().collect()


def subtract_of_equal_numbers(sc):
    """True takes away 1 and 1.0; duplicates that stay are all named as the first."""
    return (
        sc.parallelize([1, 1.0, 2, 2.0], 2).subtract(sc.parallelize([True], 1), 1).collect(),
        sc.parallelize([2.0, 2, 3], 3).subtract(sc.parallelize([1], 1), 1).collect(),
    )


def subtract_of_lists_fails(sc):
    """Lists cannot be hashed."""
    return sc.parallelize([[1]], 1).subtract(sc.parallelize([1], 1)).collect()


def union_then_distinct(sc):
    """The set union."""
    a, b = sc.parallelize([1, 2, 3], 2), sc.parallelize([3, 4, 1], 2)
    return a.union(b).distinct(3).glom().collect(), a.union(b).distinct().glom().collect()


def symmetric_difference(sc):
    """Two subtractions and a union."""
    a, b = sc.parallelize(range(0, 10), 3), sc.parallelize(range(5, 15), 2)
    return a.subtract(b, 2).union(b.subtract(a, 2)).glom().collect()


def set_operations_on_strings_of_every_width(sc):
    """Latin, Greek, Chinese, emoji."""
    a = sc.parallelize(["é", "Ω", "中", "😀", ""], 2)
    b = sc.parallelize(["😀", "中", "x", "é"], 2)
    return [
        r.glom().collect() for r in (a.intersection(b), a.subtract(b, 3), a.union(b).distinct(3))
    ]


def set_operations_on_cached_rdds(sc):
    """The same answers from a cache."""
    a, b = sc.parallelize([1, 2, 2], 2).cache(), sc.parallelize([2, 3], 2).cache()
    out = [
        a.intersection(b).collect(),
        a.subtract(b, 2).collect(),
        a.union(b).distinct(2).collect(),
    ]
    out += [
        a.intersection(b).collect(),
        a.subtract(b, 2).collect(),
        a.union(b).distinct(2).collect(),
    ]
    a.unpersist(), b.unpersist()
    return out
