"""Operations within a partition: map and filter and their kin, on what functions really return."""


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def map_keeps_partitions(sc):
    """Order and slices stay."""
    return sc.parallelize(list(range(7)), 3).map(lambda x: x * 10).glom().collect()


def map_to_nothing(sc):
    """A function without return gives None."""

    def forget(x):
        x + 1

    return sc.parallelize([1, 2], 2).map(forget).collect()


def map_with_builtins_and_methods(sc):
    """Functions written in C and unbound methods."""
    return [
        sc.parallelize(["a", "bb"], 2).map(len).collect(),
        sc.parallelize(["a", "bb"], 2).map(str.upper).collect(),
        sc.parallelize(["1", "2"], 2).map(int).collect(),
        sc.parallelize([3, 4], 2).map({3: "three"}.get).collect(),
        sc.parallelize([1, 2], 1).map([10, 20, 30].__getitem__).collect(),
    ]


def map_to_generators(sc):
    """A generator as an element cannot leave the task."""
    return _attempt(lambda: sc.parallelize([1], 1).map(lambda x: (y for y in range(x))).collect())


def map_to_generators_consumed_in_the_task(sc):
    """A generator as an element is fine while it stays in the pipeline."""
    return sc.parallelize([1, 3], 2).map(lambda x: (y for y in range(x))).map(list).collect()


def chained_maps_are_one_pipeline(sc):
    """Elements flow one at a time through the chain."""

    def trace(name):
        def step(x):
            x.append(name)
            return x

        return step

    rdd = sc.parallelize([0, 1], 1).map(lambda x: [x]).map(trace("a")).map(trace("b"))
    return rdd.collect()


def elements_flow_one_at_a_time(sc):
    """Order of the calls of two chained functions within a task."""

    def run(it):
        calls = []

        def first(x):
            calls.append(("first", x))
            return x

        for x in map(first, it):
            calls.append(("second", x))
        return calls

    return sc.parallelize([1, 2, 3], 1).mapPartitions(run).collect()


def flat_map(sc):
    """Lists, tuples, strings, dicts, ranges and generators."""
    rdd = sc.parallelize([1, 2], 2)

    def generate(x):
        yield x
        yield x * 10

    return [
        rdd.flatMap(lambda x: [x] * x).glom().collect(),
        rdd.flatMap(lambda x: (x, -x)).glom().collect(),
        rdd.flatMap(lambda x: "ab" * x).glom().collect(),
        rdd.flatMap(lambda x: {"k": x, "l": x}).glom().collect(),
        rdd.flatMap(range).glom().collect(),
        rdd.flatMap(generate).glom().collect(),
        rdd.flatMap(lambda x: []).glom().collect(),
        rdd.flatMap(lambda x: b"\x01\x02").glom().collect(),
    ]


def flat_map_of_what_cannot_be_iterated(sc):
    """None and ints."""
    rdd = sc.parallelize([1, 2], 1)
    return [
        _attempt(lambda: rdd.flatMap(lambda x: None).collect()),
        _attempt(lambda: rdd.flatMap(lambda x: x).collect()),
    ]


def flat_map_of_words(sc):
    """The first step of word count."""
    lines = ["to be or not", "", "  to   be "]
    return sc.parallelize(lines, 2).flatMap(lambda s: s.split(" ")).glom().collect()


def filters(sc):
    """Truth values of all kinds."""
    rdd = sc.parallelize([0, 1, "", "a", None, [], [0], 0.0, -0.0, float("nan")], 3)
    return [
        rdd.filter(lambda x: x).glom().collect(),
        rdd.filter(lambda x: not x).glom().collect(),
        rdd.filter(bool).glom().collect(),
        rdd.filter(lambda x: None).glom().collect(),
        rdd.filter(lambda x: "yes").count(),
    ]


def filter_with_none(sc):
    """filter(None) is not Python's filter(None)."""
    return _attempt(lambda: sc.parallelize([0, 1], 1).filter(None).collect())


def map_partitions(sc):
    """Sums, lists, empty partitions."""
    rdd = sc.parallelize([1, 2, 3], 4)
    return [
        rdd.mapPartitions(lambda it: [sum(it)]).glom().collect(),
        rdd.mapPartitions(lambda it: [list(it)]).glom().collect(),
        rdd.mapPartitions(list).glom().collect(),
        rdd.mapPartitions(lambda it: it).glom().collect(),
        rdd.mapPartitions(lambda it: iter(())).glom().collect(),
        rdd.mapPartitions(lambda it: "ab").glom().collect(),
        rdd.mapPartitions(lambda it: {"k": 1}).glom().collect(),
        rdd.mapPartitions(lambda it: {1}).glom().collect(),
    ]


def map_partitions_without_a_result(sc):
    """Returning None or an int."""
    rdd = sc.parallelize([1, 2], 1)
    return [
        _attempt(lambda: rdd.mapPartitions(lambda it: None).collect()),
        _attempt(lambda: rdd.mapPartitions(lambda it: 5).collect()),
        _attempt(lambda: rdd.mapPartitions(lambda it: None).count()),
    ]


def what_map_partitions_is_given(sc):
    """The argument is an iterator: next works, len and indexing do not."""

    def look(it):
        facts = [iter(it) is it, hasattr(it, "__next__"), hasattr(it, "__len__")]
        facts.append(next(it))
        facts.append(list(it))
        facts.append(list(it))
        return facts

    return sc.parallelize([1, 2, 3], 1).mapPartitions(look).collect()


def map_partitions_of_part_of_the_input(sc):
    """A function may leave the rest of its partition unread."""

    def two(it):
        yield next(it)
        yield next(it)

    rdd = sc.parallelize(list(range(3000)), 2)
    return rdd.mapPartitions(two).glom().collect(), rdd.mapPartitions(two).map(str).count()


def map_partitions_reading_nothing(sc):
    """A function that never touches its input."""
    rdd = sc.parallelize(list(range(3000)), 2)
    return rdd.mapPartitions(lambda it: ["unread"]).glom().collect(), rdd.count()


def map_partitions_with_index(sc):
    """Indices reach the function as ints from 0."""
    rdd = sc.parallelize("abc", 4)
    return [
        rdd.mapPartitionsWithIndex(lambda i, it: [(i, list(it))]).glom().collect(),
        rdd.mapPartitionsWithIndex(lambda i, it: [type(i).__name__]).collect(),
        rdd.filter(lambda x: x != "b").mapPartitionsWithIndex(lambda i, it: [i] * 2).collect(),
    ]


def map_partitions_with_split(sc):
    """The deprecated name."""
    return sc.parallelize([1, 2], 2).mapPartitionsWithSplit(lambda i, it: [(i, sum(it))]).collect()


def indices_after_union_and_coalesce(sc):
    """mapPartitionsWithIndex counts the partitions of the RDD it is called on."""
    both = sc.parallelize([1, 2], 2).union(sc.parallelize([3, 4, 5], 3))

    def tag(i, it):
        return [(i, x) for x in it]

    return [
        both.mapPartitionsWithIndex(tag).collect(),
        both.coalesce(2).mapPartitionsWithIndex(tag).collect(),
        both.mapPartitionsWithIndex(tag).coalesce(2).mapPartitionsWithIndex(tag).collect(),
    ]


def glom_of_everything(sc):
    """Lists, also of empty partitions, and glom of glom."""
    rdd = sc.parallelize([1, 2, 3], 4)
    return rdd.glom().collect(), rdd.glom().glom().collect(), rdd.glom().map(len).collect()


def key_by(sc):
    """Keys of any type."""
    rdd = sc.parallelize(["apple", "b", ""], 2)
    return [
        rdd.keyBy(len).glom().collect(),
        rdd.keyBy(lambda s: s[:1] or None).glom().collect(),
        rdd.keyBy(list).glom().collect(),
    ]


def keys_and_values(sc):
    """Of pairs, of longer tuples, of lists and of strings."""
    rdd = sc.parallelize([(1, 2), (3, 4, 5), [6, 7], "89"], 2)
    return rdd.keys().glom().collect(), rdd.values().glom().collect()


def keys_and_values_of_dicts(sc):
    """Elements that have no [0] or no [1]."""
    return [
        _attempt(lambda: sc.parallelize([{}], 1).keys().collect()),
        _attempt(lambda: sc.parallelize([(1,)], 1).values().collect()),
        _attempt(lambda: sc.parallelize([7], 1).values().collect()),
        sc.parallelize([{0: "a", 1: "b"}], 1).values().collect(),
    ]


def map_values(sc):
    """Keys stay, pairs come out as tuples."""
    rdd = sc.parallelize([("a", 1), ["b", 2], ("c", 3, 4)], 2)
    return rdd.mapValues(lambda v: v * 10).glom().collect()


def map_values_of_what_is_no_pair(sc):
    """Elements that are too short or cannot be indexed."""
    return [
        _attempt(lambda: sc.parallelize([1], 1).mapValues(str).collect()),
        _attempt(lambda: sc.parallelize([(1,)], 1).mapValues(str).collect()),
        _attempt(lambda: sc.parallelize(["ab"], 1).mapValues(str.upper).collect()),
    ]


def flat_map_values(sc):
    """Lists, strings, generators, nothing."""
    rdd = sc.parallelize([("a", [1, 2]), ("b", []), ("c", "xy")], 2)
    return [
        rdd.flatMapValues(lambda v: v).glom().collect(),
        rdd.flatMapValues(lambda v: (x for x in v)).glom().collect(),
        rdd.flatMapValues(lambda v: {"k": v}).keys().collect(),
        _attempt(lambda: rdd.flatMapValues(lambda v: None).collect()),
    ]


def stop_iteration_in_map(sc):
    """A stray StopIteration must not end the partition quietly."""

    def stop(x):
        if x == 2:
            raise StopIteration("early")
        return x

    return _attempt(lambda: sc.parallelize([1, 2, 3], 1).map(stop).collect())


def stop_iteration_in_many_places(sc):
    """filter, flatMap, mapPartitions, a generator, reduce, fold, keyBy, mapValues."""

    def stop(*args):
        raise StopIteration

    def generator(it):
        yield 1
        raise StopIteration

    rdd = sc.parallelize([1, 2, 3, 4], 2)
    pairs = rdd.map(lambda x: (x % 2, x))
    return [
        _attempt(lambda: rdd.filter(stop).collect()),
        _attempt(lambda: rdd.flatMap(stop).collect()),
        _attempt(lambda: rdd.mapPartitions(stop).collect()),
        _attempt(lambda: rdd.mapPartitions(generator).collect()),
        _attempt(lambda: rdd.flatMap(lambda x: generator(x)).collect()),
        _attempt(lambda: rdd.reduce(stop)),
        _attempt(lambda: rdd.fold(0, stop)),
        _attempt(lambda: rdd.aggregate(0, stop, stop)),
        _attempt(lambda: rdd.keyBy(stop).collect()),
        _attempt(lambda: pairs.mapValues(stop).collect()),
        _attempt(lambda: pairs.reduceByKey(stop).collect()),
        _attempt(lambda: pairs.sortBy(stop).collect()),
        _attempt(lambda: rdd.foreach(stop)),
        _attempt(lambda: rdd.foreachPartition(stop)),
    ]


def next_on_an_empty_partition(sc):
    """next(it) without a default, as users write it."""
    rdd = sc.parallelize([1], 2)
    return [
        _attempt(lambda: rdd.mapPartitions(lambda it: [next(it)]).collect()),
        rdd.mapPartitions(lambda it: [next(it, "none")]).collect(),
    ]


def a_generator_that_yields_one_list_again_and_again(sc):
    """Collected in one batch, the same list is the same list."""

    def same(it):
        out = []
        for x in it:
            out.append(x)
            yield out

    return sc.parallelize([1, 2, 3], 1).mapPartitions(same).collect()


def one_list_yielded_through_a_map(sc):
    """A map behind the generator sees the list as it is at that moment."""

    def same(it):
        out = []
        for x in it:
            out.append(x)
            yield out

    return sc.parallelize([1, 2, 3, 4], 2).mapPartitions(same).map(list).glom().collect()


def one_list_yielded_into_a_shuffle(sc):
    """groupByKey and partitionBy pickle in batches of what was yielded."""

    def same(it):
        out = []
        for x in it:
            out.append(x)
            yield (x % 2, out)

    rdd = sc.parallelize([1, 2, 3, 4], 1).mapPartitions(same)
    return [
        rdd.groupByKey(2).mapValues(list).glom().collect(),
        rdd.partitionBy(2).glom().collect(),
        rdd.reduceByKey(lambda a, b: a + b, 2).glom().collect(),
    ]


def one_list_yielded_into_a_union(sc):
    """Union and coalesce move batches as they are."""

    def same(it):
        out = []
        for x in it:
            out.append(x)
            yield out

    rdd = sc.parallelize([1, 2, 3], 1).mapPartitions(same)
    other = sc.parallelize([["other"]], 1)
    return rdd.union(other).glom().collect(), rdd.union(other).coalesce(1).map(list).collect()


def one_list_yielded_into_a_cache(sc):
    """Cached batches hold what the list was when the batch was pickled."""

    def same(it):
        out = []
        for x in it:
            out.append(x)
            yield out

    rdd = sc.parallelize([1, 2, 3], 1).mapPartitions(same).cache()
    answers = rdd.collect(), rdd.map(len).collect(), rdd.collect()
    rdd.unpersist()
    return answers


def identity_within_a_batch_survives(sc):
    """Two references to one object stay one object after collect."""
    got = sc.parallelize([1, 2], 1).mapPartitions(lambda it: [(lambda x: [x, x])([0])]).collect()
    pair = got[0]
    pair[0].append(1)
    return pair


def identity_between_elements(sc):
    """Elements that are one object in the task are one object in the driver's list."""

    def twice(it):
        one = []
        return [one, one]

    a, b = sc.parallelize([1], 1).mapPartitions(twice).collect()
    return a is b


def nothing_runs_before_an_action(sc):
    """Functions that would fail are never called."""

    def fail(*args):
        raise RuntimeError("must not run")

    rdd = sc.parallelize([1, 2], 2)
    lazy = rdd.map(fail).filter(fail).flatMap(fail).mapPartitions(fail).keyBy(fail)
    lazy = lazy.groupByKey(2).mapValues(fail).union(rdd.map(fail)).distinct(2).glom()
    return lazy.getNumPartitions()


def map_is_run_again_for_each_action(sc):
    """Without cache, each action computes anew."""
    runs = sc.accumulator(0)

    def count(x):
        runs.add(1)
        return x

    rdd = sc.parallelize([1, 2, 3], 2).map(count)
    seen = []
    for action in (rdd.count, rdd.collect, rdd.sum):
        action()
        seen.append(runs.value)
    return seen


def preserves_partitioning(sc):
    """mapValues keeps the partitioner; map loses it; mapPartitions as told."""
    rdd = sc.parallelize([(i, i) for i in range(4)], 2).partitionBy(3)

    def known(r):
        return r.partitioner is not None

    return [
        known(rdd),
        known(rdd.mapValues(lambda v: v)),
        known(rdd.flatMapValues(lambda v: [v])),
        known(rdd.filter(bool)),
        known(rdd.map(lambda x: x)),
        known(rdd.map(lambda x: x, preservesPartitioning=True)),
        known(rdd.mapPartitions(lambda it: it, True)),
        known(rdd.glom()),
        known(rdd.keys()),
    ]


def a_function_that_is_not_callable(sc):
    """map(5) fails when its task runs, or before."""
    rdd = sc.parallelize([1], 1)
    return _attempt(lambda: rdd.map(5).collect()), _attempt(lambda: rdd.filter("x").collect())


def a_function_of_the_wrong_arity(sc):
    """Python's own TypeError from the task."""
    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda: rdd.map(lambda: 1).collect()),
        _attempt(lambda: rdd.map(lambda a, b: 1).collect()),
        _attempt(lambda: rdd.mapPartitionsWithIndex(lambda it: it).collect()),
    ]


def map_partitions_as_a_class(sc):
    """A class that is its own iterator, built from the partition's iterator."""

    class Pairs:
        def __init__(self, it):
            self.it = it

        def __iter__(self):
            return self

        def __next__(self):
            return next(self.it), next(self.it)

    return sc.parallelize([1, 2, 3, 4, 5, 6], 2).mapPartitions(Pairs).glom().collect()


def a_generator_with_a_finally(sc):
    """Clean-up code of a partition function runs, also when the rest is not wanted."""
    closed = sc.accumulator(0)

    def source(it):
        try:
            yield from it
        finally:
            closed.add(1)

    rdd = sc.parallelize([1, 2, 3, 4], 2).mapPartitions(source)
    return rdd.collect(), closed.value


def pipe_through_a_command(sc):
    """Lines through a program of the system, with its environment."""
    rdd = sc.parallelize(["b", "a", "é"], 2)
    command = "sh -c 'cat; echo $X'"
    return rdd.pipe("cat").glom().collect(), rdd.pipe(command, {"X": "env"}).collect()


def pipe_through_a_command_that_fails(sc):
    """Exit status ignored unless checkCode."""
    rdd = sc.parallelize(["a"], 1)
    return rdd.pipe("false").collect(), _attempt(
        lambda: rdd.pipe("false", checkCode=True).collect()
    )
