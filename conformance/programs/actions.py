"""Actions: what they give, what they refuse, and which partitions they compute."""

import numpy as np


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def _counting(sc, rdd):
    seen = sc.accumulator(0)

    def mark(it):
        seen.add(1)
        return it

    return rdd.mapPartitions(mark), seen


def collect_in_partition_order(sc):
    """Whatever order partitions finish in."""
    return sc.parallelize(list(range(20)), 8).map(lambda x: x * x).collect()


def count_of_several(sc):
    """Elements, not partitions; of none, of empty partitions."""
    return [
        sc.parallelize(list(range(10)), 4).count(),
        sc.parallelize([], 4).count(),
        sc.emptyRDD().count(),
        sc.parallelize([None, None], 5).count(),
        type(sc.parallelize([1], 1).count()).__name__,
    ]


def take_of_several(sc):
    """Less than there is, all, more, none."""
    rdd = sc.parallelize(list(range(10)), 4)
    return [rdd.take(n) for n in (0, 1, 3, 10, 50)]


def take_of_odd_counts(sc):
    """Negative, float and bool."""
    rdd = sc.parallelize([1, 2, 3], 2)
    return [_attempt(lambda n=n: rdd.take(n)) for n in (-1, 1.5, True, None, "2")]


def take_past_empty_partitions(sc):
    """The elements sit in the last partition."""
    rdd = sc.parallelize([1, 2, 3, 4], 4).filter(lambda x: x == 4)
    return rdd.take(1), rdd.take(2), rdd.first()


def partitions_that_take_computes(sc):
    """take's rounds grow: one partition, then an estimate of what is still needed."""
    answers = []
    for n in (1, 2, 5, 11, 25, 60, 200):
        rdd, seen = _counting(sc, sc.parallelize(list(range(100)), 50))
        answers.append((len(rdd.take(n)), seen.value))
    return answers


def partitions_that_take_computes_among_empty_ones(sc):
    """While nothing is found each round is four times all before it."""
    answers = []
    for keep in (0, 3, 20, 99, 1000):
        source = sc.parallelize(list(range(100)), 100).filter(lambda x, keep=keep: x >= keep)
        rdd, seen = _counting(sc, source)
        answers.append((rdd.take(2), seen.value))
    return answers


def partitions_that_first_and_is_empty_compute(sc):
    """first and isEmpty look at one partition where they can."""
    answers = []
    for low in (0, 3, 9, 10):
        source = sc.parallelize(list(range(10)), 10).filter(lambda x, low=low: x >= low)
        rdd, seen = _counting(sc, source)
        found = _attempt(rdd.first)
        first_looked = seen.value
        answers.append((found, first_looked, rdd.isEmpty(), seen.value - first_looked))
    return answers


def elements_that_take_pulls(sc):
    """Within a partition take stops early, but for what its batches read ahead."""
    pulled = sc.accumulator(0)

    def pull(x):
        pulled.add(1)
        return x

    sc.parallelize(list(range(1000)), 2).map(pull).take(3)
    return pulled.value


def first_of_several(sc):
    """None is a fine first element."""
    return [
        sc.parallelize([None, 1], 2).first(),
        sc.parallelize([[1], [2]], 2).first(),
        _attempt(sc.parallelize([], 3).first),
    ]


def is_empty(sc):
    """Of no elements, of no partitions, of None elements."""
    return [
        sc.parallelize([], 3).isEmpty(),
        sc.emptyRDD().isEmpty(),
        sc.parallelize([None], 3).isEmpty(),
        sc.parallelize([1, 2], 2).filter(lambda x: x > 5).isEmpty(),
    ]


def reduce_order(sc):
    """Left to right in each partition, then left to right over the partitions."""
    letters = sc.parallelize("abcdefg", 3)
    return letters.reduce(lambda a, b: f"({a}{b})"), letters.reduce(lambda a, b: a + b)


def reduce_over_empty_partitions(sc):
    """Empty partitions are skipped; one element needs no call."""

    def never(a, b):
        raise RuntimeError("not needed")

    return [
        sc.parallelize([1, 2, 3], 6).reduce(lambda a, b: a - b),
        sc.parallelize([7], 4).reduce(never),
        _attempt(lambda: sc.parallelize([], 4).reduce(never)),
        sc.parallelize([None, None], 2).reduce(lambda a, b: a),
    ]


def reduce_that_is_not_associative(sc):
    """Subtraction tells how elements were split."""
    return [sc.parallelize(list(range(1, 9)), n).reduce(lambda a, b: a - b) for n in (1, 2, 3, 8)]


def reduce_to_another_type(sc):
    """The result of the operator need not be an element."""
    return sc.parallelize([1, 2, 3, 4], 2).reduce(lambda a, b: [a, b])


def fold_with_a_neutral_zero(sc):
    """Sum and concatenation."""
    return [
        sc.parallelize([1, 2, 3], 2).fold(0, lambda a, b: a + b),
        sc.parallelize(["a", "b", "c"], 3).fold("", lambda a, b: a + b),
        sc.parallelize([[1], [2]], 2).fold([], lambda a, b: a + b),
    ]


def fold_with_another_zero(sc):
    """The zero counts once a partition, empty ones included, and once at the end."""
    return [sc.parallelize([1, 2, 3], n).fold(10, lambda a, b: a + b) for n in (1, 2, 3, 5)] + [
        sc.parallelize([], 3).fold(10, lambda a, b: a + b),
        sc.emptyRDD().fold(10, max),
    ]


def fold_order(sc):
    """Zero on the left, everywhere."""
    return sc.parallelize("abc", 4).fold("z", lambda a, b: f"({a}{b})")


def aggregate_of_sum_and_count(sc):
    """The example of every book."""
    return sc.parallelize([1, 2, 3, 4], 3).aggregate(
        (0, 0), lambda a, x: (a[0] + x, a[1] + 1), lambda a, b: (a[0] + b[0], a[1] + b[1])
    )


def aggregate_with_another_zero(sc):
    """Empty partitions give the zero; the driver starts with it too."""
    return [
        sc.parallelize([1, 2], n).aggregate("z", lambda a, x: f"{a}{x}", lambda a, b: f"({a}{b})")
        for n in (1, 2, 4)
    ]


def aggregate_into_a_mutable_zero(sc):
    """Each partition has a zero of its own."""

    def add(acc, x):
        acc.append(x)
        return acc

    zero = []
    got = sc.parallelize([1, 2, 3, 4], 3).aggregate(zero, add, lambda a, b: a + b)
    return got, zero


def sums(sc):
    """Of ints, floats, bools, complex, fractions of a float, nothing."""
    return [
        sc.parallelize([1, 2, 3], 2).sum(),
        sc.parallelize([0.1] * 10, 3).sum(),
        sc.parallelize([1, 2.5, True], 2).sum(),
        sc.parallelize([1 + 2j, 3], 2).sum(),
        sc.parallelize([2**64, 1], 2).sum(),
        sc.parallelize([], 2).sum(),
        sc.parallelize([float("nan"), 1], 2).sum(),
        sc.parallelize([float("inf"), float("-inf")], 2).sum(),
        sc.parallelize([-0.0], 1).sum(),
    ]


def fold_of_float_parts(sc):
    """Rounding follows the partitions (that of sum() follows Python's release, too)."""
    values = [1e16, 1.0, -1e16, 1.0, 1e-8] * 3
    return [sc.parallelize(values, n).fold(0.0, lambda a, b: a + b) for n in (1, 2, 3, 5, 15)]


def sum_of_what_cannot_be_added(sc):
    """Strings and lists do not start from 0."""
    return [
        _attempt(lambda: sc.parallelize(["a", "b"], 2).sum()),
        _attempt(lambda: sc.parallelize([[1]], 1).sum()),
        _attempt(lambda: sc.parallelize([None], 1).sum()),
    ]


def max_and_min(sc):
    """Numbers, strings, tuples, mixed numbers."""
    return [
        (sc.parallelize(values, 3).max(), sc.parallelize(values, 3).min())
        for values in ([3, 1, 2], ["b", "a", "c"], [(1, 2), (1, 1)], [1, 2.5, True], [7])
    ]


def max_and_min_by_key(sc):
    """Among equals, the first."""
    words = sc.parallelize(["aa", "b", "cc", "d", "ee", "f"], 3)
    return [
        words.max(key=len),
        words.min(key=len),
        words.max(len),
        words.max(lambda w: -ord(w[0])),
        words.min(lambda w: -ord(w[0])),
    ]


def max_and_min_with_nan(sc):
    """nan goes by its place, as in Python."""
    nan = float("nan")
    return [sc.parallelize([nan, 1.0, 2.0], n).max() for n in (1, 2, 3)] + [
        sc.parallelize([1.0, nan, 0.0], n).min() for n in (1, 2, 3)
    ]


def max_of_what_cannot_be_compared(sc):
    """int and str; None and int across partitions."""
    return [
        _attempt(lambda: sc.parallelize([1, "a"], 1).max()),
        _attempt(lambda: sc.parallelize([1, None], 2).max()),
        _attempt(lambda: sc.parallelize([{}, {}], 1).min()),
    ]


def top(sc):
    """Descending, by key, more than there is, none."""
    rdd = sc.parallelize([5, 1, 4, 2, 3, 4], 3)
    return [
        rdd.top(3),
        rdd.top(3, key=lambda x: -x),
        rdd.top(100),
        _attempt(lambda: rdd.top(0)),
        _attempt(lambda: rdd.top(-1)),
        sc.parallelize([], 2).top(2),
        _attempt(lambda: sc.emptyRDD().top(2)),
    ]


def top_of_equals(sc):
    """Equal keys keep their order."""
    rdd = sc.parallelize([(1, "a"), (2, "b"), (1, "c"), (2, "d"), (2, "e")], 3)
    return rdd.top(3, key=lambda p: p[0]), rdd.top(5, key=lambda p: p[0])


def take_ordered(sc):
    """Ascending, by key, more than there is, none."""
    rdd = sc.parallelize([5, 1, 4, 2, 3, 4], 3)
    return [
        rdd.takeOrdered(3),
        rdd.takeOrdered(3, key=lambda x: -x),
        rdd.takeOrdered(100),
        _attempt(lambda: rdd.takeOrdered(0)),
        _attempt(lambda: rdd.takeOrdered(-1)),
        sc.parallelize([], 2).takeOrdered(2),
        _attempt(lambda: sc.emptyRDD().takeOrdered(2)),
    ]


def take_ordered_of_equals(sc):
    """Equal keys keep their order."""
    rdd = sc.parallelize([(1, "a"), (2, "b"), (1, "c"), (2, "d"), (1, "e")], 3)
    return [rdd.takeOrdered(n, key=lambda p: p[0]) for n in (1, 2, 3, 5)]


def top_of_mixed_types(sc):
    """What cannot be ordered."""
    return [
        _attempt(lambda: sc.parallelize([1, "a", 2], 1).top(2)),
        _attempt(lambda: sc.parallelize([1, None], 2).takeOrdered(2)),
    ]


def count_by_value(sc):
    """A defaultdict in order of arrival."""
    rdd = sc.parallelize(["b", "a", "b", None, "c", None], 3)
    counts = rdd.countByValue()
    return counts, counts["absent"], len(counts)


def count_by_value_of_equal_values(sc):
    """1, 1.0 and True are one value; nan is as many as there are."""
    return [
        sc.parallelize([1, 1.0, True, 0, False, -0.0], 2).countByValue(),
        len(sc.parallelize([float("nan"), float("nan")], 1).countByValue()),
        _attempt(lambda: sc.parallelize([[1]], 1).countByValue()),
        sc.parallelize([], 2).countByValue(),
    ]


def count_by_key(sc):
    """Counts of keys."""
    rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 5), (None, 1)], 2)
    return rdd.countByKey(), _attempt(lambda: sc.parallelize([([], 1)], 1).countByKey())


def collect_as_map(sc):
    """The last value of a key wins; the dict is in order of first arrival."""
    return [
        sc.parallelize([("b", 1), ("a", 2), ("b", 3)], 2).collectAsMap(),
        sc.parallelize([], 2).collectAsMap(),
        sc.parallelize([["a", 1], "xy"], 2).collectAsMap(),
        _attempt(lambda: sc.parallelize([(1, 2, 3)], 1).collectAsMap()),
        _attempt(lambda: sc.parallelize([([], 3)], 1).collectAsMap()),
    ]


def foreach(sc):
    """Runs for every element, gives None."""
    total = sc.accumulator(0)
    answer = sc.parallelize([1, 2, 3], 2).foreach(lambda x: total.add(x))
    return answer, total.value


def foreach_partition(sc):
    """Runs for every partition; what it returns is thrown away."""
    total = sc.accumulator(0)
    rdd = sc.parallelize([1, 2, 3], 5)

    def gather(it):
        total.add(100 + sum(it))

    def generate(it):
        total.add(1)
        yield from it

    def number(it):
        total.add(1000)
        return 5

    answers = [rdd.foreachPartition(gather), total.value]
    answers += [rdd.foreachPartition(generate), total.value]
    answers += [_attempt(lambda: rdd.foreachPartition(number)), total.value]
    answers += [rdd.foreachPartition(lambda it: list(it)), total.value]
    return answers


def lookups(sc):
    """Unpartitioned and partitioned; missing keys; None; unhashable."""
    rdd = sc.parallelize([(1, "a"), (2, "b"), (1, "c"), (None, "n")], 3)
    by_key = rdd.partitionBy(4)
    return [
        rdd.lookup(1),
        rdd.lookup(7),
        rdd.lookup(None),
        by_key.lookup(1),
        by_key.lookup(7),
        by_key.lookup(None),
        by_key.lookup(1.0),
        by_key.lookup(True),
        rdd.lookup([1]),
        _attempt(lambda: by_key.lookup([1])),
    ]


def lookup_computes_one_partition(sc):
    """Where the partitioner is known."""
    rdd = sc.parallelize([(i, i * i) for i in range(12)], 3).partitionBy(4)
    seen = sc.accumulator(0)

    def mark(it):
        seen.add(1)
        return it

    marked = rdd.mapPartitions(mark, preservesPartitioning=True)
    return marked.lookup(6), seen.value


def to_local_iterator(sc):
    """An iterator over all partitions in order."""
    rdd = sc.parallelize(list(range(7)), 3)
    it = rdd.toLocalIterator()
    first = next(it)
    return first, list(it), list(it), list(sc.emptyRDD().toLocalIterator())


def to_local_iterator_is_a_partition_at_a_time(sc):
    """Only the partitions asked for are computed, one ahead with prefetch."""
    rdd, seen = _counting(sc, sc.parallelize(list(range(6)), 6))
    it = rdd.toLocalIterator()
    started = seen.value
    got = [next(it), next(it)]
    after_two = seen.value
    rest = list(it)
    return started, got, after_two, rest, seen.value


def to_local_iterator_with_prefetch(sc):
    """The same elements."""
    return list(sc.parallelize(list(range(7)), 3).toLocalIterator(prefetchPartitions=True))


def to_local_iterator_with_an_error(sc):
    """Elements before the failing partition come first."""

    def fail(x):
        return 1 // (x - 4)

    it = sc.parallelize(list(range(6)), 3).map(fail).toLocalIterator()
    got = []
    error = None
    try:
        for x in it:
            got.append(x)
    except Exception as e:
        error = e
    return got, error


def tree_reduce(sc):
    """Depths one to four, and what the order is."""
    rdd = sc.parallelize("abcdefghijklmnop", 9)
    numbers = sc.parallelize(list(range(30)), 11)
    return [numbers.treeReduce(lambda a, b: a + b, depth) for depth in (1, 2, 3, 4)] + [
        rdd.treeReduce(lambda a, b: f"({a}{b})", depth) for depth in (1, 2, 3, 4)
    ]


def tree_reduce_refusals(sc):
    """Depth below one; nothing to reduce."""
    rdd = sc.parallelize([1], 2)
    return [
        _attempt(lambda: rdd.treeReduce(lambda a, b: a, 0)),
        _attempt(lambda: sc.parallelize([], 3).treeReduce(lambda a, b: a)),
        _attempt(lambda: sc.emptyRDD().treeReduce(lambda a, b: a)),
    ]


def tree_aggregate(sc):
    """Depths and zeros that are not neutral."""
    rdd = sc.parallelize(list(range(30)), 11)

    def seq(a, x):
        return a + x

    return [rdd.treeAggregate(0, seq, seq, depth) for depth in (1, 2, 3)] + [
        rdd.treeAggregate(100, seq, seq, depth) for depth in (1, 2, 3, 4)
    ]


def tree_aggregate_order(sc):
    """Which partition meets which."""
    rdd = sc.parallelize("abcdefghijkl", 10)
    return [
        rdd.treeAggregate("", lambda a, x: a + x, lambda a, b: f"({a}{b})", depth)
        for depth in (1, 2, 3, 5)
    ]


def tree_aggregate_refusals(sc):
    """Depth below one; no partitions."""
    return [
        _attempt(lambda: sc.parallelize([1], 1).treeAggregate(0, max, max, 0)),
        _attempt(lambda: sc.emptyRDD().treeAggregate(5, max, max)),
        sc.parallelize([], 4).treeAggregate(5, max, max),
    ]


def reduce_by_key_locally(sc):
    """A dict on the driver."""
    rdd = sc.parallelize([("b", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5)], 3)
    return [
        rdd.reduceByKeyLocally(lambda a, b: a + b),
        rdd.mapValues(str).reduceByKeyLocally(lambda a, b: f"({a}{b})"),
        sc.parallelize([], 2).reduceByKeyLocally(lambda a, b: a),
        _attempt(lambda: sc.emptyRDD().reduceByKeyLocally(lambda a, b: a)),
        _attempt(lambda: sc.parallelize([1], 1).reduceByKeyLocally(lambda a, b: a)),
    ]


def stats(sc):
    """All that a StatCounter knows."""
    counter = sc.parallelize([1, 2, 3.5, -4, 10], 3).stats()
    return [
        counter,
        counter.stdev(),
        counter.sampleStdev(),
        counter.asDict(),
        counter.asDict(sample=True),
        repr(counter),
    ]


def stats_of_little(sc):
    """One value and nothing."""
    one = sc.parallelize([5], 3).stats()
    none = sc.parallelize([], 2).stats()
    return [one, one.stdev(), one.sampleStdev(), none, none.asDict(), repr(none)]


def stats_of_odd_numbers(sc):
    """Bools, nan, infinities, numpy scalars."""
    return [
        sc.parallelize([True, False, True], 2).stats(),
        sc.parallelize([1.0, float("nan")], 2).stats(),
        sc.parallelize([1.0, float("inf")], 2).stats(),
        sc.parallelize([np.float32(1.5), np.int64(2)], 2).stats(),
        _attempt(lambda: sc.parallelize(["a"], 1).stats()),
    ]


def mean_and_variance(sc):
    """All the shortcuts and their types."""
    rdd = sc.parallelize([1, 2, 3, 4, 7, 9.5], 4)
    return [
        rdd.mean(),
        rdd.variance(),
        rdd.stdev(),
        rdd.sampleVariance(),
        rdd.sampleStdev(),
    ]


def mean_and_variance_of_one(sc):
    """nan for what needs two."""
    rdd = sc.parallelize([3], 2)
    return [rdd.mean(), rdd.variance(), rdd.stdev(), rdd.sampleVariance(), rdd.sampleStdev()]


def mean_and_variance_of_none(sc):
    """Of an RDD with empty partitions only."""
    rdd = sc.parallelize([], 2)
    actions = [rdd.mean, rdd.variance, rdd.stdev, rdd.sampleVariance, rdd.sampleStdev]
    return [_attempt(a) for a in actions]


def mean_by_partitions(sc):
    """Merging is numerically what it is."""
    values = [0.1 * i * (-1) ** i for i in range(50)]
    return [
        (sc.parallelize(values, n).mean(), sc.parallelize(values, n).variance())
        for n in (1, 2, 5, 7)
    ]


def histogram_of_a_count_of_buckets(sc):
    """Even buckets over ints and floats."""
    rdd = sc.parallelize([1, 5, 10, 3, 3, 7], 3)
    return [
        rdd.histogram(1),
        rdd.histogram(2),
        rdd.histogram(4),
        rdd.map(float).histogram(3),
        sc.parallelize([2, 2, 2], 2).histogram(3),
        sc.parallelize([7], 2).histogram(1),
    ]


def histogram_of_given_buckets(sc):
    """Lists and tuples of bounds; what lies outside; the last is closed."""
    rdd = sc.parallelize(list(range(51)), 4)
    return [
        rdd.histogram([0, 5, 25, 50]),
        rdd.histogram((0, 25, 50)),
        rdd.histogram([0, 15, 30, 45, 60]),
        rdd.histogram([10, 20]),
        rdd.histogram([0.0, 0.5, 50.5]),
        rdd.histogram([-10, -5]),
        sc.parallelize([], 2).histogram([0, 1]),
    ]


def histogram_of_strings(sc):
    """Given bounds, and a single bucket."""
    rdd = sc.parallelize(["ab", "ac", "b", "bd", "ef"], 2)
    return [
        rdd.histogram(("a", "b", "c")),
        rdd.histogram(1),
        _attempt(lambda: rdd.histogram(2)),
    ]


def histogram_of_nan_and_none(sc):
    """nan and None elements are left out."""
    nan = float("nan")
    return [
        sc.parallelize([1.0, nan, 3.0, None], 2).histogram([0, 2, 4]),
        _attempt(lambda: sc.parallelize([1.0, nan, 3.0], 2).histogram(2)),
        _attempt(lambda: sc.parallelize([nan], 1).histogram(2)),
        _attempt(lambda: sc.parallelize([1.0, float("inf")], 2).histogram(2)),
        sc.parallelize([1.0, float("inf"), float("-inf")], 2).histogram([0, 2]),
    ]


def histogram_refusals(sc):
    """No buckets, unsorted, double, wrong type, empty RDD."""
    rdd = sc.parallelize([1, 2, 3], 2)
    return [
        _attempt(lambda: rdd.histogram(0)),
        _attempt(lambda: rdd.histogram(-1)),
        _attempt(lambda: rdd.histogram([])),
        _attempt(lambda: rdd.histogram([1])),
        _attempt(lambda: rdd.histogram([3, 1])),
        _attempt(lambda: rdd.histogram([1, 1, 2])),
        _attempt(lambda: rdd.histogram([1, "a"])),
        _attempt(lambda: rdd.histogram([1, float("nan"), 3])),
        _attempt(lambda: rdd.histogram(2.5)),
        _attempt(lambda: rdd.histogram("ab")),
        _attempt(lambda: rdd.histogram(None)),
        _attempt(lambda: sc.parallelize([], 2).histogram(2)),
        _attempt(lambda: sc.emptyRDD().histogram(2)),
    ]


def run_job_on_some_partitions(sc):
    """In the order asked for, also twice."""
    rdd = sc.parallelize(list(range(8)), 4)
    return [
        sc.runJob(rdd, lambda it: [sum(it)]),
        sc.runJob(rdd, lambda it: list(it), [2, 0]),
        sc.runJob(rdd, lambda it: list(it), []),
        sc.runJob(rdd, lambda it: (x * x for x in it), [3]),
        sc.runJob(rdd, lambda it: "ab", [1], True),
    ]


def run_job_on_partitions_that_are_not_there(sc):
    """An index past the end."""
    rdd = sc.parallelize([1, 2], 2)
    return _attempt(lambda: sc.runJob(rdd, list, [5])), _attempt(lambda: sc.runJob(rdd, list, [-1]))


def actions_give_new_lists(sc):
    """Two collects give two lists."""
    rdd = sc.parallelize([[1], [2]], 2)
    one = rdd.collect()
    one[0].append("mine")
    one.append("mine too")
    return rdd.collect(), rdd.take(5)
