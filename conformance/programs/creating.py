"""RDDs from Python values: what parallelize, range and emptyRDD take, and how they slice it."""

import array
import collections
import decimal
import itertools

import numpy as np


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def a_list_in_many_counts_of_slices(sc):
    """Ten elements in one to twelve slices."""
    return [sc.parallelize(list(range(10)), n).glom().collect() for n in range(1, 13)]


def a_range_in_many_counts_of_slices(sc):
    """A range object is sliced by index arithmetic, not by batches."""
    return [sc.parallelize(range(10), n).glom().collect() for n in range(1, 13)]


def a_range_with_steps(sc):
    """Ranges that step up, down, and not at all."""
    ranges = [range(0, 20, 3), range(20, 0, -3), range(5, 5), range(7, 2), range(-5, 5, 4)]
    return [sc.parallelize(r, 3).glom().collect() for r in ranges]


def fewer_elements_than_slices(sc):
    """Two and one and no elements in four slices."""
    return [sc.parallelize(data, 4).glom().collect() for data in ([1, 2], [1], [])]


def a_thousand_elements_in_seven(sc):
    """Sizes and ends of the slices of a longer list."""
    parts = sc.parallelize(list(range(1000)), 7).glom().collect()
    return [(len(p), p[0], p[-1]) for p in parts]


def more_than_a_batch_in_a_slice(sc):
    """Slices of 1,024 elements and more are sent in batches; none is lost or moved."""
    parts = sc.parallelize(list(range(5000)), 2).glom().collect()
    return [(len(p), p[0], p[-1], p == sorted(p)) for p in parts]


def zero_slices(sc):
    """numSlices of 0 asks for at least one."""
    return _attempt(lambda: sc.parallelize([1, 2], 0).glom().collect())


def zero_slices_of_a_range(sc):
    """numSlices of 0 for a range object."""
    return _attempt(lambda: sc.parallelize(range(3), 0).glom().collect())


def negative_slices(sc):
    """numSlices below zero."""
    return _attempt(lambda: sc.parallelize([1, 2, 3], -2).glom().collect())


def slices_as_a_float(sc):
    """numSlices 2.0 is taken as 2; 2.9 as well."""
    return [
        _attempt(lambda n=n: sc.parallelize([1, 2, 3, 4], n).glom().collect()) for n in (2.0, 2.9)
    ]


def slices_as_text(sc):
    """numSlices that only int() would understand."""
    return _attempt(lambda: sc.parallelize([1, 2, 3, 4], "2").glom().collect())


def slices_as_a_bool(sc):
    """True is one slice."""
    return sc.parallelize([1, 2, 3], True).glom().collect()


def a_set(sc):
    """A set is taken in its own order; small ints make it known."""
    return sc.parallelize({3, 1, 2}, 2).glom().collect()


def a_dict_gives_its_keys(sc):
    """Iterating a dict."""
    return sc.parallelize({"b": 1, "a": 2, "c": 3}, 2).glom().collect()


def dict_views(sc):
    """keys, values and items."""
    d = {"b": 1, "a": 2}
    return [sc.parallelize(v, 2).glom().collect() for v in (d.keys(), d.values(), d.items())]


def a_str_gives_its_characters(sc):
    """Iterating a str of all widths."""
    return sc.parallelize("aé漢😀z", 2).glom().collect()


def bytes_give_ints(sc):
    """Iterating bytes and a bytearray."""
    return [sc.parallelize(b, 2).glom().collect() for b in (b"abc", bytearray(b"\x00\xff"))]


def a_tuple_and_a_deque(sc):
    """Other sequences."""
    return [
        sc.parallelize((1, (2, 3), "x"), 2).glom().collect(),
        sc.parallelize(collections.deque([1, 2, 3]), 2).glom().collect(),
        sc.parallelize(array.array("i", [5, 6, 7]), 2).glom().collect(),
    ]


def a_generator_is_read_once_and_kept(sc):
    """A generator as input; the RDD can be used twice."""
    rdd = sc.parallelize((x * x for x in range(6)), 3)
    return rdd.glom().collect(), rdd.glom().collect(), rdd.count()


def an_iterator_is_read_when_defined(sc):
    """The input iterator is exhausted by parallelize itself."""
    source = iter([1, 2, 3])
    rdd = sc.parallelize(source, 2)
    return list(source), rdd.collect()


def itertools_objects(sc):
    """zip, map, islice and enumerate objects as input."""
    return [
        sc.parallelize(zip("ab", [1, 2]), 2).glom().collect(),
        sc.parallelize(map(str, [1, 2, 3]), 2).glom().collect(),
        sc.parallelize(itertools.islice(itertools.count(), 4), 2).glom().collect(),
        sc.parallelize(enumerate("ab"), 2).glom().collect(),
    ]


def a_generator_that_raises(sc):
    """An error of the input is the caller's own."""

    def source():
        yield 1
        raise KeyError("source")

    return _attempt(lambda: sc.parallelize(source(), 2))


def a_numpy_vector(sc):
    """Elements of a numpy array are numpy scalars."""
    return sc.parallelize(np.array([1, 2, 3, 4, 5]), 2).glom().collect()


def a_numpy_matrix(sc):
    """Elements of a two-dimensional array are rows."""
    return sc.parallelize(np.arange(6.0).reshape(3, 2), 2).glom().collect()


def numpy_scalars_keep_their_types(sc):
    """int8, float32, bool_ and str_ through a task."""
    values = [np.int8(3), np.float32(0.1), np.bool_(True), np.str_("s"), np.float64("nan")]
    return sc.parallelize(values, 2).map(lambda x: (type(x).__name__, x)).collect()


def nothing(sc):
    """An empty list with one and three slices."""
    return [
        sc.parallelize([], 1).glom().collect(),
        sc.parallelize([], 3).glom().collect(),
        sc.parallelize([], 3).getNumPartitions(),
    ]


def none_elements(sc):
    """None is an element like any other."""
    rdd = sc.parallelize([None, 1, None, None], 2)
    return rdd.glom().collect(), rdd.count(), rdd.first(), rdd.map(lambda x: x is None).collect()


def not_an_iterable(sc):
    """parallelize of an int and of None."""
    return [_attempt(lambda: sc.parallelize(5, 2)), _attempt(lambda: sc.parallelize(None, 2))]


def values_of_many_types(sc):
    """Types survive the way to the task and back."""
    values = [
        True,
        1,
        2**100,
        -(2**63),
        1.5,
        -0.0,
        float("inf"),
        float("nan"),
        2 + 3j,
        "text",
        b"bytes",
        bytearray(b"array"),
        (1,),
        [1],
        {"k": [1]},
        {1, 2},
        frozenset([3]),
        None,
        ...,
        range(3),
        decimal.Decimal("1.10"),
        ValueError("as data"),
    ]
    return sc.parallelize(values, 5).map(lambda v: (type(v).__name__, v)).glom().collect()


def text_of_every_width(sc):
    """latin-1, BMP, astral, combining, empty and a lone surrogate."""
    words = ["plain", "é", "漢字", "😀", "e\u0301", "", "\x00", "\ud800"]
    return sc.parallelize(words, 3).map(lambda w: (w, len(w))).glom().collect()


def a_recursive_list(sc):
    """An element that holds itself comes back holding itself."""
    loop = [1]
    loop.append(loop)
    got = sc.parallelize([loop], 1).map(lambda x: x[1] is x).collect()
    return got, sc.parallelize([loop], 1).collect()


def elements_are_batched_with_their_identity(sc):
    """One object twice in a batch is one object in the task as well."""
    shared = [0]
    rdd = sc.parallelize([shared, shared, [0]], 1)
    return rdd.mapPartitions(lambda it: [len({id(x) for x in list(it)})]).collect()


def range_of_one_argument(sc):
    """range(end), with numSlices by name."""
    return sc.range(5, numSlices=2).glom().collect()


def range_of_all_arguments(sc):
    """start, end, step, numSlices by place and by name."""
    return [
        sc.range(2, 11, 3, 2).glom().collect(),
        sc.range(start=10, end=0, step=-4, numSlices=2).glom().collect(),
        sc.range(0, numSlices=2).glom().collect(),
        sc.range(5, 1, numSlices=3).glom().collect(),
    ]


def range_with_a_step_of_zero(sc):
    """Python's own error."""
    return _attempt(lambda: sc.range(0, 5, 0, 2))


def range_with_floats(sc):
    """Only ints make a range."""
    return _attempt(lambda: sc.range(1.5))


def range_of_big_ints(sc):
    """Beyond 64 bits."""
    return sc.range(2**70, 2**70 + 5, 2, 2).glom().collect()


def empty_rdd(sc):
    """emptyRDD has no partition at all."""
    rdd = sc.emptyRDD()
    return rdd.getNumPartitions(), rdd.collect(), rdd.glom().collect(), rdd.isEmpty(), rdd.count()


def operations_on_an_empty_rdd(sc):
    """Narrow and wide operations on emptyRDD."""
    rdd = sc.emptyRDD()
    pairs = rdd.map(lambda x: (x, x))
    return [
        rdd.map(lambda x: x).glom().collect(),
        rdd.filter(bool).count(),
        pairs.reduceByKey(lambda a, b: a, 2).glom().collect(),
        pairs.groupByKey(3).glom().collect(),
        rdd.distinct(2).glom().collect(),
        rdd.union(sc.parallelize([1], 1)).glom().collect(),
        rdd.take(3),
        rdd.sum(),
        rdd.fold(7, lambda a, b: a + b),
        rdd.zipWithIndex().collect(),
    ]


def actions_that_an_empty_rdd_refuses(sc):
    """first, reduce, max, min and mean of emptyRDD."""
    rdd = sc.emptyRDD()
    return [
        _attempt(rdd.first),
        _attempt(lambda: rdd.reduce(lambda a, b: a)),
        _attempt(rdd.max),
        _attempt(rdd.min),
        _attempt(rdd.mean),
        _attempt(rdd.variance),
    ]


def changing_the_input_later_changes_nothing(sc):
    """The list is copied when parallelize is called."""
    data = [1, 2, 3]
    rdd = sc.parallelize(data, 2)
    data.append(4)
    data[0] = 100
    first = rdd.collect()
    data.clear()
    return first, rdd.collect()


def changing_an_element_later_changes_nothing(sc):
    """Nor is an element shared with the driver."""
    inner = [1]
    rdd = sc.parallelize([inner], 1)
    inner.append(2)
    return rdd.collect()


def default_slices_of_a_context(api):
    """Without numSlices, the master's cores."""
    with api.SparkContext("local[3]", "t") as sc:
        return (
            sc.defaultParallelism,
            sc.parallelize(list(range(7))).glom().collect(),
            sc.range(7).glom().collect(),
            sc.parallelize([1]).getNumPartitions(),
        )


def default_parallelism_from_the_conf(api):
    """spark.default.parallelism is the number of slices."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("t")
    conf.set("spark.default.parallelism", "5")
    with api.SparkContext(conf=conf) as sc:
        pairs = sc.parallelize([(i, 1) for i in range(6)], 2)
        return (
            sc.defaultParallelism,
            sc.parallelize(list(range(10))).glom().collect(),
            pairs.reduceByKey(lambda a, b: a + b).getNumPartitions(),
            pairs.join(pairs).getNumPartitions(),
        )


def a_context_of_batches_of_two(api):
    """batchSize=2 changes how slices are cut."""
    with api.SparkContext("local[2]", "t", batchSize=2) as sc:
        return [
            sc.parallelize(list(range(10)), 4).glom().collect(),
            sc.parallelize(list(range(10)), 2).repartition(3).glom().collect(),
        ]


def a_context_of_single_elements(api):
    """batchSize=1."""
    with api.SparkContext("local[2]", "t", batchSize=1) as sc:
        return [
            sc.parallelize(list(range(10)), 4).glom().collect(),
            sc.parallelize(list(range(10)), 3).repartition(2).glom().collect(),
            sc.parallelize(list(range(6)), 2).map(lambda x: x + 1).collect(),
        ]


def a_context_of_unlimited_batches(api):
    """batchSize=-1."""
    with api.SparkContext("local[2]", "t", batchSize=-1) as sc:
        return [
            sc.parallelize(list(range(10)), 4).glom().collect(),
            sc.parallelize(list(range(10)), 2).repartition(3).glom().collect(),
            sc.parallelize(list(range(6)), 2).map(lambda x: x + 1).collect(),
        ]
