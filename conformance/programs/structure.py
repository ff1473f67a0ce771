"""What a lineage looks like: toDebugString, names, ids and descriptions."""

import re


def _tree(rdd):
    """The lineage without RDD ids, call sites and sizes."""
    lines = []
    for line in rdd.toDebugString().decode("utf-8").split("\n"):
        line = re.sub(r"\[\d+\]", "[#]", line)
        line = re.sub(r" at .* (\[[^\]]*\])$", r" at ... \1", line)
        line = re.sub(r"Size: [\d.]+ \w+", "Size: #", line)
        lines.append(line)
    return lines


def tree_of_parallelize(sc):
    """One node."""
    return _tree(sc.parallelize(range(4), 2)), _tree(sc.parallelize([1, 2, 3], 3))


def tree_of_an_empty_rdd(sc):
    """No partitions."""
    return _tree(sc.emptyRDD()), _tree(sc.parallelize([], 1))


def tree_of_a_chain(sc):
    """A pipeline of narrow operations is one node."""
    rdd = sc.parallelize([1, 2, 3], 2).map(str).filter(len).flatMap(list)
    return _tree(rdd), _tree(rdd.glom())


def tree_of_a_shuffle(sc):
    """reduceByKey."""
    return _tree(sc.parallelize([(1, 2)], 2).reduceByKey(max, 3))


def tree_of_a_partition_by(sc):
    """partitionBy alone and with mapValues behind."""
    rdd = sc.parallelize([(1, 2)], 2).partitionBy(3)
    return _tree(rdd), _tree(rdd.mapValues(str))


def tree_of_two_shuffles(sc):
    """Nested indentation."""
    rdd = (
        sc.parallelize([(1, 2)], 2).reduceByKey(max, 3).map(lambda kv: (kv[1], kv[0])).groupByKey(4)
    )
    return _tree(rdd)


def tree_of_a_join(sc):
    """Two branches."""
    a, b = sc.parallelize([(1, 2)], 2), sc.parallelize([(1, 3)], 3)
    return _tree(a.join(b)), _tree(a.join(b, 2))


def tree_of_a_join_of_reduced(sc):
    """Branches with shuffles of their own."""
    a, b = sc.parallelize([(1, 2)], 2), sc.parallelize([(1, 3)], 3)
    return _tree(a.reduceByKey(max, 2).join(b.reduceByKey(max, 2)))


def tree_of_a_cogroup_of_three(sc):
    """A union of unions."""
    a = sc.parallelize([(1, 2)], 2)
    return _tree(a.groupWith(a, a))


def tree_of_a_union(sc):
    """Branches side by side."""
    a = sc.parallelize([1], 1)
    return _tree(a.union(a)), _tree(a.union(a.map(str))), _tree(sc.union([a, a, a]))


def tree_of_a_union_of_unions(sc):
    """Depth two."""
    a = sc.parallelize([1], 1)
    return _tree(a.union(a).union(a)), _tree(a.union(a.union(a)).map(str))


def tree_of_a_co_partitioned_union(sc):
    """Partitions of one partitioner."""
    a = sc.parallelize([(1, 2)], 2)
    return _tree(a.partitionBy(2).union(a.partitionBy(2)))


def tree_of_a_coalesce(sc):
    """With and without shuffle."""
    rdd = sc.parallelize(range(4), 4)
    return _tree(rdd.coalesce(2)), _tree(rdd.map(str).coalesce(2).map(len))


def tree_of_a_repartition(sc):
    """A shuffle inside a coalesce."""
    rdd = sc.parallelize(range(4), 4)
    return _tree(rdd.repartition(2)), _tree(rdd.map(str).repartition(5).map(len))


def tree_of_a_cartesian(sc):
    """Two parents."""
    a = sc.parallelize([1], 2)
    return _tree(a.cartesian(a)), _tree(a.cartesian(a.map(str)).map(str))


def tree_of_a_zip(sc):
    """With and without equal batches."""
    a = sc.parallelize([1, 2], 2)
    return _tree(a.zip(a)), _tree(a.zip(a.map(str)))


def tree_of_a_sort(sc):
    """Sorted into one and into two."""
    a = sc.parallelize([(2, 1), (1, 2)], 2)
    return _tree(a.sortByKey(numPartitions=1)), _tree(a.sortByKey(numPartitions=2))


def tree_of_distinct_and_set_operations(sc):
    """distinct, intersection, subtract."""
    a = sc.parallelize([1, 2], 2)
    return _tree(a.distinct()), _tree(a.intersection(a)), _tree(a.subtract(a))


def tree_of_text(sc, tmp):
    """The path is the name of the first nodes."""
    (tmp / "a.txt").write_text("x\n")
    text = sc.textFile(str(tmp / "a.txt"), 1)
    return _tree(text), _tree(text.map(len))


def tree_of_whole_text_files(sc, tmp):
    """The directory is the name."""
    (tmp / "a.txt").write_text("x\n")
    return _tree(sc.wholeTextFiles(str(tmp), 1))


def tree_of_a_missing_text_file(sc, tmp):
    """Partitions are needed for it."""
    return _tree(sc.textFile(str(tmp / "none.txt"), 1))


def tree_of_a_word_count(sc, tmp):
    """The whole of it."""
    (tmp / "a.txt").write_text("x y\nx\n")
    words = sc.textFile(str(tmp / "a.txt"), 2).flatMap(str.split).map(lambda w: (w, 1))
    return _tree(words.reduceByKey(lambda a, b: a + b, 2).sortBy(lambda kv: kv[1], numPartitions=1))


def tree_of_a_cached_rdd(sc):
    """The storage level is shown; after an action the cached partitions too."""
    rdd = sc.parallelize([1, 2], 2).map(str).cache()
    before = _tree(rdd)
    rdd.count()
    after = _tree(rdd), _tree(rdd.map(len))
    rdd.unpersist()
    return before, after, _tree(rdd)


def tree_behind_a_cached_parent(sc):
    """A cached RDD in the middle breaks the pipeline in two."""
    base = sc.parallelize([1, 2], 2).map(str)
    base.cache()
    child = base.map(len)
    out = _tree(child)
    base.unpersist()
    return out, _tree(child)


def tree_of_persist_levels(sc, api):
    """How each level is written."""
    levels = api.StorageLevel
    out = []
    for level in (
        levels.DISK_ONLY,
        levels.MEMORY_AND_DISK,
        levels.MEMORY_ONLY_2,
        levels.DISK_ONLY_3,
        levels.MEMORY_AND_DISK_DESER,
    ):
        rdd = sc.parallelize([1], 1).persist(level)
        out.append(_tree(rdd))
        rdd.unpersist()
    return out


def tree_of_named_rdds(sc):
    """The name stands before the class."""
    a = sc.parallelize([1], 1).setName("numbers")
    b = a.map(str).setName("texts")
    return _tree(a), _tree(b), _tree(b.map(len)), _tree(a.union(a).setName("both"))


def tree_of_samples_and_splits(sc):
    """Narrow as any map."""
    a = sc.parallelize([1, 2], 2)
    return _tree(a.sample(False, 0.5, 1)), [_tree(r) for r in a.randomSplit([1, 1], 1)]


def tree_of_range(sc):
    """sc.range and parallelize(range) are a pipeline over an empty list."""
    return _tree(sc.range(5, numSlices=2)), _tree(sc.range(5, numSlices=2).map(str))


def tree_of_a_tree_aggregate_source(sc):
    """After zipWithIndex, keyBy, groupBy."""
    a = sc.parallelize([1, 2], 2)
    return _tree(a.zipWithIndex()), _tree(a.keyBy(str)), _tree(a.groupBy(str, 2))


def debug_string_is_bytes(sc):
    """UTF-8 of the text."""
    rdd = sc.parallelize([1], 1).setName("naïve 中")
    text = rdd.toDebugString()
    return type(text).__name__, text.decode("utf-8").startswith(
        "(1) naïve 中 ParallelCollectionRDD["
    )


def names_are_none_at_first(sc):
    """name, setName, and that setName returns the RDD itself."""
    rdd = sc.parallelize([1], 1)
    before = rdd.name()
    same = rdd.setName("data") is rdd
    return (
        before,
        same,
        rdd.name(),
        rdd.map(str).name(),
        rdd.setName("other").name(),
        rdd.setName("").name(),
    )


def names_do_not_pass_to_children(sc):
    """A child of a named RDD has none."""
    rdd = sc.parallelize([(1, 2)], 1).setName("data")
    return [
        r.name()
        for r in (
            rdd.map(str),
            rdd.reduceByKey(max, 1),
            rdd.union(rdd),
            rdd.cache(),
            rdd.coalesce(1),
        )
    ]


def a_name_given_to_a_pipelined_rdd(sc):
    """Its child is built on it all the same."""
    rdd = sc.parallelize([1], 1).map(str).setName("text")
    return rdd.name(), _tree(rdd.map(len)), rdd.map(len).collect()


def text_files_are_named_by_their_path(sc, tmp):
    """name() of text and whole text files."""
    (tmp / "a.txt").write_text("x\n")
    return sc.textFile(str(tmp / "a.txt"), 1).name(), sc.wholeTextFiles(str(tmp), 1).name()


def ids_grow(sc):
    """Every RDD has an int of its own, larger than that of the one before."""
    a = sc.parallelize([1], 1)
    b = a.map(str)
    c = b.coalesce(1)
    ids = [a.id(), b.id(), c.id(), a.id()]
    return [type(i).__name__ for i in ids], ids[0] < ids[1] < ids[2], ids[0] == ids[3]


def representations(sc):
    """repr of a few RDDs, ids and call sites aside."""
    a = sc.parallelize([1], 1)
    rdds = (
        a,
        a.map(str),
        a.union(a),
        a.coalesce(1),
        a.reduceByKey(max),
        sc.emptyRDD(),
        sc.range(3, numSlices=1),
    )
    return [re.sub(r"\[\d+\] at .*", "[#]", repr(r)) for r in rdds]


def contexts_of_rdds(sc):
    """context and ctx are the context."""
    rdd = sc.parallelize([1], 1)
    return rdd.context is sc, rdd.map(str).ctx is sc, rdd.union(rdd).context is sc


def types_of_rdds(sc):
    """Class names that programs see."""
    a = sc.parallelize([1], 1)
    return [
        type(r).__name__
        for r in (
            a,
            a.map(str),
            a.union(a),
            a.coalesce(1),
            a.cartesian(a),
            a.cache(),
            sc.emptyRDD(),
        )
    ]
