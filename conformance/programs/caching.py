"""cache, persist and unpersist: what is kept, and what that shows."""


def _counted(sc, n=6, slices=2):
    seen = sc.accumulator(0)

    def look(x):
        seen.add(1)
        return x

    return sc.parallelize(range(n), slices).map(look), seen


def cache_returns_the_rdd_itself(sc):
    """And marks it."""
    rdd = sc.parallelize([1], 1)
    before = rdd.is_cached
    same = rdd.cache() is rdd
    marked = rdd.is_cached
    gone = rdd.unpersist() is rdd
    return before, same, marked, gone, rdd.is_cached


def storage_levels_of_cache_and_persist(sc, api):
    """getStorageLevel before and after, for each level."""
    levels = api.StorageLevel
    names = (
        "NONE DISK_ONLY DISK_ONLY_2 DISK_ONLY_3 MEMORY_ONLY MEMORY_ONLY_2 MEMORY_AND_DISK "
        "MEMORY_AND_DISK_2 OFF_HEAP MEMORY_AND_DISK_DESER"
    ).split()
    out = {
        "plain": str(sc.parallelize([1], 1).getStorageLevel()),
        "cache": str(sc.parallelize([1], 1).cache().getStorageLevel()),
    }
    for name in names:
        rdd = sc.parallelize([1], 1).persist(getattr(levels, name))
        out[name] = (
            str(rdd.getStorageLevel()),
            repr(rdd.getStorageLevel()),
            rdd.getStorageLevel() == getattr(levels, name),
            rdd.is_cached,
        )
    return out


def persist_defaults_to_memory(sc, api):
    """As cache does."""
    rdd = sc.parallelize([1], 1).persist()
    return (
        rdd.getStorageLevel() == api.StorageLevel.MEMORY_ONLY,
        rdd.getStorageLevel() == api.StorageLevel.MEMORY_AND_DISK,
    )


def answers_at_every_level(sc, api):
    """Two actions on data kept at each level."""
    out = {}
    for name in ("DISK_ONLY", "MEMORY_ONLY", "MEMORY_AND_DISK", "MEMORY_AND_DISK_DESER"):
        rdd, seen = _counted(sc)
        rdd.persist(getattr(api.StorageLevel, name))
        out[name] = (rdd.glom().collect(), rdd.glom().collect(), seen.value)
        rdd.unpersist()
    return out


def replicated_levels_in_one_process(sc, api):
    """A second copy has nowhere to go; answers are the same and nothing is computed again."""
    rdd, seen = _counted(sc)
    rdd.persist(api.StorageLevel.MEMORY_ONLY_2)
    out = rdd.collect(), rdd.collect(), seen.value
    rdd.unpersist()
    return out


def levels_with_many_copies(sc, api):
    """39 are the most that a level may have."""
    level, words = api.StorageLevel, "Replication restricted to be less than 40"
    seen = [sc.parallelize([1, 2], 2).persist(level(True, False, False, False, 39)).collect()]
    for copies in (40, 100):
        rdd = sc.parallelize([1, 2], 2)
        try:
            seen.append(rdd.persist(level(True, True, False, False, copies)))
        except Exception as error:
            seen.append((words in str(error), rdd.is_cached, repr(rdd.getStorageLevel())))
    return seen


def levels_that_keep_nothing(sc, api):
    """No copy, or neither disk nor memory: such an RDD cannot be computed."""
    seen = []
    for parts in ((True, True, False, False, 0), (False, False, True, False, 1)):
        try:
            seen.append(sc.parallelize([1], 1).persist(api.StorageLevel(*parts)).collect())
        except Exception as error:
            seen.append("requirement failed: StorageLevel is null or invalid" in str(error))
    return seen


def what_is_off_the_heap_in_a_lineage(sc, api):
    """Its words there are other ones than the level's own."""
    rdd = sc.parallelize([1], 1).persist(api.StorageLevel.OFF_HEAP)
    return rdd.toDebugString().decode().rpartition("[")[2], str(rdd.getStorageLevel())


def persist_to_another_level_fails(sc, api):
    """Once assigned, a level stays."""
    rdd = sc.parallelize([1], 1).cache()
    return rdd.persist(api.StorageLevel.DISK_ONLY)


def persist_to_the_same_level_again(sc, api):
    """No error."""
    rdd = (
        sc.parallelize([1], 1)
        .persist(api.StorageLevel.DISK_ONLY)
        .persist(api.StorageLevel.DISK_ONLY)
    )
    return str(rdd.getStorageLevel())


def persist_after_unpersist(sc, api):
    """The level may be another then."""
    rdd = sc.parallelize([1], 1).cache()
    rdd.collect()
    rdd.unpersist()
    between = str(rdd.getStorageLevel())
    return between, str(rdd.persist(api.StorageLevel.DISK_ONLY).getStorageLevel()), rdd.collect()


def persist_with_something_else_fails(sc):
    """A str is no storage level."""
    return sc.parallelize([1], 1).persist("MEMORY_ONLY")


def persist_with_something_else_marks_it_all_the_same(sc):
    """is_cached after the refusal."""
    rdd = sc.parallelize([1], 1)
    try:
        rdd.persist(7)
    except TypeError as error:
        return type(error).__name__, rdd.is_cached
    return "accepted"


def unpersist_of_what_is_not_cached(sc):
    """No error; also twice, also blocking."""
    rdd = sc.parallelize([1], 1)
    return (
        rdd.unpersist().collect(),
        rdd.unpersist(True).collect(),
        rdd.unpersist(blocking=True) is rdd,
    )


def a_cached_rdd_is_computed_once(sc):
    """An accumulator in the map tells."""
    rdd, seen = _counted(sc)
    rdd.cache()
    out = [(rdd.sum(), seen.value), (rdd.count(), seen.value), (rdd.collect(), seen.value)]
    rdd.unpersist()
    return out


def an_uncached_rdd_is_computed_each_time(sc):
    """The same without cache."""
    rdd, seen = _counted(sc)
    return [(rdd.sum(), seen.value), (rdd.count(), seen.value)]


def cache_is_lazy(sc):
    """Nothing runs when it is called."""
    rdd, seen = _counted(sc)
    rdd.cache()
    before = seen.value
    rdd.count()
    return before, seen.value


def after_unpersist_it_is_computed_again(sc):
    """The next action recomputes."""
    rdd, seen = _counted(sc)
    rdd.cache().count()
    rdd.unpersist(True)
    one = seen.value
    rdd.count()
    return one, seen.value


def take_computes_whole_cached_partitions(sc):
    """take(1) of a cached RDD stores the whole first partition, and only that."""
    rdd, seen = _counted(sc, 30, 3)
    rdd.cache()
    first = rdd.take(1), seen.value
    again = rdd.take(2), seen.value
    rest = rdd.count(), seen.value
    rdd.unpersist()
    return first, again, rest


def children_defined_before_cache(sc):
    """A child built before cache() was called keeps its own pipeline."""
    rdd, seen = _counted(sc)
    child = rdd.map(lambda x: x * 10)
    rdd.cache()
    out = [
        (child.collect(), seen.value),
        (child.collect(), seen.value),
        (rdd.collect(), seen.value),
        (child.collect(), seen.value),
    ]
    rdd.unpersist()
    return out


def children_defined_after_cache(sc):
    """A child built after it reads the cache."""
    rdd, seen = _counted(sc)
    rdd.cache()
    child = rdd.map(lambda x: x * 10)
    out = [
        (child.collect(), seen.value),
        (child.collect(), seen.value),
        (rdd.collect(), seen.value),
    ]
    rdd.unpersist()
    return out


def children_built_on_a_cache_that_was_given_up(sc):
    """After unpersist they compute through the parent."""
    rdd, seen = _counted(sc)
    rdd.cache()
    child = rdd.map(lambda x: x * 10)
    child.count()
    rdd.unpersist(True)
    return child.collect(), seen.value


def a_cached_child_of_a_cached_parent(sc):
    """Both keep their data."""
    rdd, seen = _counted(sc)
    rdd.cache()
    second = sc.accumulator(0)

    def count(x):
        second.add(1)
        return -x

    child = rdd.map(count).cache()
    out = [
        child.collect(),
        seen.value,
        second.value,
        rdd.collect(),
        child.sum(),
        seen.value,
        second.value,
    ]
    child.unpersist(), rdd.unpersist()
    return out


def cached_mutable_data_is_not_shared(sc):
    """A task that changes cached elements changes its own copies."""

    def spoil(x):
        x.append("!")
        return x

    rdd = sc.parallelize([[1], [2]], 2).map(lambda x: x).cache()
    out = [rdd.map(spoil).collect(), rdd.map(spoil).collect(), rdd.collect()]
    rdd.unpersist()
    return out


def collected_data_from_a_cache_is_a_copy(sc):
    """Changing what collect returned changes nothing."""
    rdd = sc.parallelize([[1], [2]], 2).cache()
    got = rdd.collect()
    got[0].append("!")
    out = rdd.collect()
    rdd.unpersist()
    return out


def the_first_action_returns_what_the_next_do(sc):
    """Objects made by the map come back equal from the cache, with their types."""
    rdd = (
        sc.parallelize(range(4), 2)
        .map(lambda i: (i, [i], {i: str(i)}, float(i), bytes([i])))
        .cache()
    )
    out = rdd.collect(), rdd.collect()
    rdd.unpersist()
    return out


def cache_of_what_cannot_be_pickled_fails(sc):
    """Generators as elements."""
    rdd = sc.parallelize([1, 2], 1).map(lambda x: (i for i in range(x))).cache()
    return rdd.count()


def uncached_generators_can_be_used_inside_a_pipeline(sc):
    """Elements that never leave the task need no pickling."""
    return sc.parallelize([1, 2], 1).map(lambda x: (i for i in range(x))).map(sum).collect()


def a_cached_pipeline_breaks_at_the_cache(sc):
    """The same pipeline with a cache in the middle must pickle there."""
    rdd = sc.parallelize([1, 2], 1).map(lambda x: (i for i in range(x))).cache()
    return rdd.map(sum).collect()


def cache_of_a_shuffled_rdd(sc):
    """reduceByKey kept."""
    rdd = (
        sc.parallelize([(i % 3, i) for i in range(12)], 3)
        .reduceByKey(lambda a, b: a + b, 2)
        .cache()
    )
    out = (
        rdd.glom().collect(),
        rdd.glom().collect(),
        rdd.mapValues(str).glom().collect(),
        rdd.lookup(1),
    )
    rdd.unpersist()
    return out


def cache_of_a_union(sc):
    """Parts of both sides."""
    rdd = sc.parallelize([1, 2], 2).union(sc.parallelize("ab", 1)).cache()
    out = rdd.glom().collect(), rdd.glom().collect()
    rdd.unpersist()
    return out


def cache_of_a_cartesian(sc):
    """Pairs kept."""
    rdd = sc.parallelize([1, 2], 2).cartesian(sc.parallelize("ab", 1)).cache()
    out = rdd.glom().collect(), rdd.glom().collect(), rdd.map(lambda p: p[0]).collect()
    rdd.unpersist()
    return out


def cache_of_a_zip(sc):
    """Pairs kept."""
    a = sc.parallelize([1, 2, 3], 2)
    rdd = a.zip(a.map(str)).cache()
    out = rdd.glom().collect(), rdd.glom().collect()
    rdd.unpersist()
    return out


def cache_of_a_coalesce(sc):
    """Groups kept."""
    rdd = sc.parallelize(range(8), 4).coalesce(3).cache()
    out = rdd.glom().collect(), rdd.glom().collect(), rdd.repartition(2).glom().collect()
    rdd.unpersist()
    return out


def cache_of_text(sc, tmp):
    """The file may change or go once it is cached."""
    path = tmp / "a.txt"
    path.write_text("x\ny\n")
    rdd = sc.textFile(str(path), 1).cache()
    first = rdd.collect()
    path.write_text("other\n")
    second = rdd.collect(), rdd.map(len).collect()
    rdd.unpersist(True)
    return first, second


def uncached_text_is_read_again(sc, tmp):
    """The splits are those of the first action; the content is what the file holds now."""
    path = tmp / "a.txt"
    path.write_text("x\ny\n")
    rdd = sc.textFile(str(path), 1)
    first = rdd.collect()
    path.write_text("p\nq\n")
    return first, rdd.collect()


def cache_of_an_empty_rdd(sc):
    """Empty partitions, and none."""
    a, b = sc.parallelize([], 2).cache(), sc.emptyRDD().cache()
    out = a.collect(), a.glom().collect(), b.collect(), a.count()
    a.unpersist(), b.unpersist()
    return out


def partitions_are_cached_one_by_one(sc):
    """A job over one partition stores that one; the next computes the rest."""
    seen = sc.accumulator(0)

    def look(i, it):
        seen.add(1)
        return it

    rdd = sc.parallelize(range(4), 2).mapPartitionsWithIndex(look).cache()
    one = sc.runJob(rdd, lambda it: it, [1]), seen.value
    two = rdd.collect(), seen.value
    rdd.unpersist()
    return one, two


def random_data_is_fixed_by_a_cache(sc):
    """Without a cache each action would draw anew."""
    import random

    rdd = sc.parallelize(range(5), 2).map(lambda _: random.random()).cache()
    same = rdd.collect() == rdd.collect()
    rdd.unpersist()
    return same


def iterative_program_with_a_cache(sc):
    """Ten steps over cached links, as page rank does."""
    links = sc.parallelize([(1, [2, 3]), (2, [3]), (3, [1]), (4, [3, 1])], 2).cache()
    ranks = links.mapValues(lambda _: 1.0)
    for _ in range(3):
        shares = links.join(ranks, 2).flatMap(
            lambda kv: [(d, kv[1][1] / len(kv[1][0])) for d in kv[1][0]]
        )
        ranks = shares.reduceByKey(lambda a, b: a + b, 2).mapValues(
            lambda s: round(0.15 + 0.85 * s, 12)
        )
    out = ranks.glom().collect()
    links.unpersist()
    return out


def storage_level_class(api):
    """Equality, text and attributes of storage levels."""
    levels = api.StorageLevel
    custom = levels(True, True, False, False, 3)
    return (
        str(custom),
        repr(custom),
        custom == levels.MEMORY_AND_DISK,
        custom == levels(True, True, False, False, 3),
        levels.MEMORY_ONLY.useMemory,
        levels.MEMORY_ONLY.useDisk,
        levels.DISK_ONLY_3.replication,
        levels.MEMORY_ONLY == "x",
        custom,
        levels.NONE,
    )


def _context(api, settings):
    conf = api.SparkConf().setMaster("local[1]").setAppName("c").set("spark.ui.enabled", "false")
    return api.SparkContext(conf=conf.setAll(settings.items()))


def _little_memory(api):
    """About 14 MB for cached partitions."""
    return _context(api, {"spark.memory.fraction": "0.02"})


def _large(sc, megabytes, slices):
    """Partitions of so many megabytes, which do not compress, and how many were computed."""
    import random

    seen = sc.accumulator(0)

    def make(index, _):
        seen.add(1)
        numbers = random.Random(index)
        return (numbers.randbytes(100_000) for _ in range(10 * megabytes))

    return sc.parallelize(range(slices), slices).mapPartitionsWithIndex(make), seen


def _cached_partitions(rdd):
    found = [line for line in rdd.toDebugString().decode().splitlines() if "Cached" in line]
    return [line.split(":")[1].split(";")[0] for line in found]


def _at_each_level(api, megabytes, slices):
    out = {}
    for name in (
        "MEMORY_ONLY MEMORY_ONLY_2 MEMORY_AND_DISK MEMORY_AND_DISK_2 MEMORY_AND_DISK_DESER "
        "DISK_ONLY DISK_ONLY_2 OFF_HEAP"
    ).split():
        with _little_memory(api) as sc:
            rdd, seen = _large(sc, megabytes, slices)
            rdd.persist(getattr(api.StorageLevel, name))
            rounds = [(rdd.map(lambda x: x[0]).sum(), seen.value) for _ in range(3)]
            out[name] = rounds, _cached_partitions(rdd)
    return out


def an_rdd_larger_than_memory_at_each_level(api):
    """One of three partitions fits; the others are computed each time, or lie on disk."""
    return _at_each_level(api, 9, 3)


def a_partition_larger_than_memory_at_each_level(api):
    """It is handed on as it is computed, or lies on disk."""
    return _at_each_level(api, 25, 1)


def another_rdd_makes_room(api):
    """What was cached before goes, and is computed again, or is on disk."""
    out = {}
    for name in ("MEMORY_ONLY", "MEMORY_AND_DISK", "DISK_ONLY"):
        with _little_memory(api) as sc:
            one, seen = _large(sc, 9, 1)
            one.persist(getattr(api.StorageLevel, name)).count()
            other, _ = _large(sc, 9, 1)
            other.cache().count()
            before = _cached_partitions(one), _cached_partitions(other), seen.value
            out[name] = before, one.map(len).sum(), seen.value
    return out


def memory_fractions_that_are_refused(api):
    """Which values are, and in which words."""
    out = {}
    for value in ("0", "1", "-0.5", "2", "much"):
        conf = (
            api.SparkConf().setMaster("local[1]").setAppName("f").set("spark.ui.enabled", "false")
        )
        try:
            with api.SparkContext(conf=conf.set("spark.memory.fraction", value)) as sc:
                out[value] = sc.parallelize([1]).cache().count()
        except Exception as error:
            out[value] = "should be between 0 and 1" in str(error), "must be > 0" in str(error)
    return out


def compression_changes_no_answer(api):
    """Of map outputs, spilled files and cached blocks."""
    kinds = ("shuffle", "shuffle.spill", "rdd")
    with _context(api, {f"spark.{kind}.compress": "true" for kind in kinds}) as sc:
        pairs = sc.parallelize(range(1000), 3).map(lambda x: (x % 7, "text" * (x % 50)))
        rdd = pairs.groupByKey(2).mapValues(lambda values: sorted(map(len, values))).cache()
        return rdd.glom().collect() == rdd.glom().collect(), rdd.mapValues(sum).glom().collect()


def compression_that_is_refused(api):
    """What is no boolean."""
    out = {}
    for kind in ("shuffle", "shuffle.spill", "rdd"):
        conf = (
            api.SparkConf().setMaster("local[1]").setAppName("c").set("spark.ui.enabled", "false")
        )
        try:
            with api.SparkContext(conf=conf.set(f"spark.{kind}.compress", "yes")) as sc:
                out[kind] = sc.parallelize([(1, 1)]).groupByKey().count()
        except Exception as error:
            out[kind] = "The value 'yes' in the config" in str(error)
    return out
