"""Shared variables: broadcast values and accumulators."""


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def a_broadcast_table(sc):
    """Read in tasks, read on the driver."""
    table = sc.broadcast({"a": 1, "b": 2})
    rdd = sc.parallelize(["a", "b", "c"], 2)
    return rdd.map(lambda k: table.value.get(k)).collect(), table.value


def broadcasts_of_many_values(sc):
    """None, numbers, text, containers, big ones."""
    rdd = sc.parallelize([2], 1)
    answers = []
    for value in (None, 0, "", [], 1.5, "漢😀", (1, [2]), {1, 2}, b"\x00"):
        shared = sc.broadcast(value)
        answers.append((rdd.map(lambda x: shared.value).collect(), shared.value))
    big = sc.broadcast(list(range(300000)))
    answers.append(rdd.map(lambda x: (len(big.value), big.value[-1])).collect())
    return answers


def a_broadcast_of_a_function(sc):
    """Values are pickled plainly: builtin functions pass, lambdas do not."""
    shared = sc.broadcast(len)
    return [
        sc.parallelize(["abc"], 1).map(lambda x: shared.value(x)).collect(),
        _attempt(lambda: sc.broadcast(lambda x: x)),
    ]


def broadcasts_in_containers(sc):
    """Within lists, dicts, tuples and objects of a closure."""

    class Holder:
        def __init__(self, shared):
            self.shared = shared

        def read(self, x):
            return self.shared.value + x

    shared = [sc.broadcast(10), sc.broadcast(20)]
    nested = {"k": (shared[0], [shared[1]])}
    rdd = sc.parallelize([1, 2], 2)
    return [
        rdd.map(lambda x: [b.value + x for b in shared]).collect(),
        rdd.map(lambda x: nested["k"][0].value + nested["k"][1][0].value + x).collect(),
        rdd.map(Holder(shared[0]).read).collect(),
    ]


def a_broadcast_as_an_element(sc):
    """Broadcasts that travel as data fail to be read, or not."""
    shared = sc.broadcast([1, 2])
    return _attempt(lambda: sc.parallelize([shared], 1).map(lambda b: b.value).collect())


def a_broadcast_of_a_broadcast(sc):
    """One inside of another."""
    inner = sc.broadcast(5)
    got = _attempt(lambda: sc.broadcast([inner]).value[0].value)
    return got if isinstance(got, int) else (type(got).__name__, got.getCondition())


def a_broadcast_on_both_sides_of_a_shuffle(sc):
    """Several stages read it."""
    shared = sc.broadcast({"a": 0, "b": 1})
    rdd = sc.parallelize(["a", "b", "a"], 2).map(lambda w: (w, shared.value[w]))
    counts = rdd.groupByKey(2).mapValues(len)
    return counts.map(lambda kv: (kv[0], kv[1] + shared.value[kv[0]])).glom().collect()


def a_broadcast_in_a_partition_function(sc):
    """Partition functions, combiners and sort keys read it."""
    shared = sc.broadcast({"a": 1, "b": 0, "c": 1})
    rdd = sc.parallelize([("a", 1), ("b", 2), ("c", 3)], 2)
    return [
        rdd.partitionBy(2, lambda k: shared.value[k]).glom().collect(),
        rdd.reduceByKey(lambda a, b: a + shared.value["a"] + b, 2).count(),
        rdd.sortBy(lambda kv: (shared.value[kv[0]], kv[0]), numPartitions=1).collect(),
    ]


def changing_a_broadcast_value_in_a_task(sc):
    """Seen by later elements of the same task, not on the driver."""
    shared = sc.broadcast([0])

    def grow(x):
        shared.value.append(x)
        return len(shared.value)

    return sc.parallelize([1, 2, 3], 1).map(grow).collect(), shared.value


def what_a_worker_keeps_of_broadcast_values(api):
    """Its next task has those that it refers to too, if this one has ended well and read all."""
    with api.SparkContext("local[1]", "kept") as sc:
        shared, other = sc.broadcast([0]), sc.broadcast([0])
        one = sc.parallelize([1], 1)

        def count(broadcast):
            broadcast.value[0] += 1
            return broadcast.value[0]

        def fail(_):
            raise ValueError(count(shared))

        def failure():
            return type(_attempt(one.map(fail).collect)) is not list

        in_shared = one.map(lambda _: count(shared))
        in_other = one.map(lambda _: count(other))
        in_both = one.map(lambda _: (count(shared), count(other)))
        not_used = one.map(lambda _: type(shared).__name__)
        cached = one.map(lambda _: count(shared)).cache()
        keyed = one.map(lambda x: (x, count(shared)))
        not_read = one.mapPartitions(lambda _: [count(shared)])
        rdds = [
            *(in_shared, in_shared, one, in_shared, one.map(str), in_shared),
            *(in_both, in_other, in_both, in_shared, in_both, not_used, in_shared),
            *(cached, cached, in_shared, cached.map(str), in_shared),
            *(keyed.partitionBy(1).mapValues(lambda x: (x, count(shared))), in_shared),
            *(keyed.reduceByKey(lambda a, b: a, 1), in_shared),
            *(not_read, in_shared, in_shared),
        ]
        return [
            [rdd.collect() for rdd in rdds],
            *(failure(), in_shared.collect(), in_shared.collect()),
            *(in_shared.first(), in_shared.first(), in_shared.take(2), in_shared.count()),
            *(in_shared.collect(), one.count(), in_shared.collect()),
        ]


def an_unpersisted_broadcast(sc):
    """It is sent again when it is needed again."""
    shared = sc.broadcast([1, 2])
    rdd = sc.parallelize([0], 1).map(lambda x: shared.value)
    before = rdd.collect()
    shared.unpersist()
    middle = rdd.collect()
    shared.unpersist(blocking=True)
    return before, middle, rdd.collect(), shared.value


def a_destroyed_broadcast(sc):
    """After destroy: new closures, old pipelines, the driver's own value."""
    shared = sc.broadcast([1, 2])
    rdd = sc.parallelize([0], 1).map(lambda x: shared.value)
    before = rdd.collect()
    shared.destroy()
    fresh = _attempt(lambda: sc.parallelize([0], 1).map(lambda x: shared.value).collect())
    old = _attempt(rdd.collect)
    return before, type(fresh).__name__ == "list", type(old).__name__ == "list"


def the_error_of_a_destroyed_broadcast(sc):
    """A closure that captures it is refused."""
    shared = sc.broadcast([1, 2])
    shared.destroy(blocking=True)
    return [
        _attempt(lambda: sc.parallelize([0], 1).map(lambda x: shared.value).collect()),
        _attempt(lambda: shared.destroy()),
        _attempt(lambda: shared.unpersist()),
    ]


def the_value_of_a_destroyed_broadcast_on_the_driver(sc):
    """What .value says after destroy."""
    shared = sc.broadcast([1, 2])
    before = shared.value
    shared.destroy()
    return before, _attempt(lambda: shared.value)


def a_broadcast_that_cannot_be_pickled(sc):
    """Refused at once."""
    import threading

    return [
        _attempt(lambda: sc.broadcast(threading.Lock())),
        _attempt(lambda: sc.broadcast([x for x in [(y for y in [])]])),
    ]


def broadcasts_of_different_jobs(sc):
    """Many of them, each with its own value."""
    rdd = sc.parallelize([1, 2], 2)
    made = [sc.broadcast(i * 100) for i in range(10)]
    return [rdd.map(lambda x, b=b: x + b.value).collect() for b in made]


def a_counter(sc):
    """The plain accumulator."""
    counter = sc.accumulator(0)
    sc.parallelize([1, 2, 3, 4], 3).foreach(lambda x: counter.add(x))
    return counter.value


def accumulators_of_numbers(sc):
    """int, float, complex; adding one to another."""
    answers = []
    for zero in (0, 5, 0.0, 1.5, 0j, True, 2**70):
        total = sc.accumulator(zero)
        sc.parallelize([1, 2, 3], 2).foreach(lambda x: total.add(x))
        answers.append(total.value)
    return answers


def accumulators_with_a_wrong_zero(sc):
    """Strings, lists, None need a param."""
    return [
        _attempt(lambda: sc.accumulator("")),
        _attempt(lambda: sc.accumulator([])),
        _attempt(lambda: sc.accumulator(None)),
        _attempt(lambda: sc.accumulator({})),
    ]


def plus_equals(sc):
    """+= in a function needs global or an attribute; here on an attribute and on the driver."""
    counter = sc.accumulator(10)
    counter += 5

    def add(it):
        local = counter
        for x in it:
            local += x

    sc.parallelize([1, 2, 3], 2).foreachPartition(add)
    counter.add(100)
    return counter.value


def plus_equals_on_a_captured_name(sc):
    """+= makes the name local: Python's UnboundLocalError."""
    counter = sc.accumulator(0)

    def add(x):
        counter += x  # noqa: F823, F841

    return _attempt(lambda: sc.parallelize([1], 1).foreach(add))


def setting_the_value(sc):
    """value can be set on the driver."""
    counter = sc.accumulator(3)
    counter.value = 50
    sc.parallelize([1, 2], 2).foreach(lambda x: counter.add(x))
    before = counter.value
    counter.value = 0
    return before, counter.value


def reading_the_value_in_a_task(sc):
    """Refused: only the driver may."""
    counter = sc.accumulator(0)
    return _attempt(lambda: sc.parallelize([1], 1).map(lambda x: counter.value).collect())


def setting_the_value_in_a_task(sc):
    """Refused as well."""
    counter = sc.accumulator(0)

    def assign(x):
        counter.value = x

    return _attempt(lambda: sc.parallelize([1], 1).foreach(assign)), counter.value


def adding_the_wrong_type(sc):
    """A string to a number fails in the task."""
    counter = sc.accumulator(0)
    return [
        _attempt(lambda: sc.parallelize(["a"], 1).foreach(lambda x: counter.add(x))),
        counter.value,
        _attempt(lambda: counter.add("a")),
        counter.value,
    ]


def accumulators_in_a_transformation(sc):
    """Counted at each evaluation, not before the first."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    rdd = sc.parallelize([1, 2, 3], 2).map(note)
    seen = [counter.value]
    rdd.count()
    seen.append(counter.value)
    rdd.collect()
    seen.append(counter.value)
    rdd.union(rdd).count()
    seen.append(counter.value)
    return seen


def accumulators_with_a_cache(sc):
    """A cached RDD is evaluated once."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    rdd = sc.parallelize([1, 2, 3], 2).map(note).cache()
    seen = []
    for _ in range(3):
        rdd.count()
        seen.append(counter.value)
    rdd.unpersist()
    rdd.count()
    seen.append(counter.value)
    return seen


def accumulators_with_part_of_a_cache(sc):
    """first fills the cache with one partition only, but all of it."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    rdd = sc.parallelize(list(range(10)), 5).map(note).cache()
    seen = []
    for action in (rdd.first, rdd.first, lambda: rdd.take(3), rdd.count, rdd.count):
        action()
        seen.append(counter.value)
    rdd.unpersist()
    return seen


def accumulators_behind_a_shuffle(sc):
    """The map side is not evaluated again while its output is there."""
    maps, reduces = sc.accumulator(0), sc.accumulator(0)

    def note_map(x):
        maps.add(1)
        return x % 2, x

    def note_reduce(kv):
        reduces.add(1)
        return kv

    rdd = sc.parallelize(list(range(6)), 3).map(note_map)
    rdd = rdd.reduceByKey(lambda a, b: a + b, 2).map(note_reduce)
    seen = []
    for _ in range(3):
        rdd.count()
        seen.append((maps.value, reduces.value))
    return seen


def accumulators_of_a_failed_job(sc):
    """Tasks that succeeded count; the one that failed does not."""
    counter = sc.accumulator(0)

    def note(it):
        for x in it:
            counter.add(1)
            yield 1 // x

    failed = _attempt(lambda: sc.parallelize([0], 1).mapPartitions(note).collect())
    return type(failed).__name__ == "list", counter.value


def accumulators_of_sorting(sc):
    """sortByKey evaluates its input to count and to sample, then to sort."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    rdd = sc.parallelize([(i * 7 % 10, i) for i in range(10)], 2).map(note)
    seen = [counter.value]
    ordered = rdd.sortByKey(numPartitions=2)
    seen.append(counter.value)
    ordered.collect()
    seen.append(counter.value)
    ordered.collect()
    seen.append(counter.value)
    rdd.sortByKey(numPartitions=1)
    seen.append(counter.value)
    return seen


def accumulators_of_zip_with_index(sc):
    """zipWithIndex counts all partitions but the last when there are several."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    rdd = sc.parallelize(list(range(6)), 3).map(note)
    indexed = rdd.zipWithIndex()
    defined = counter.value
    indexed.collect()
    return defined, counter.value


def several_accumulators(sc):
    """Each its own sum."""
    evens, odds, total = sc.accumulator(0), sc.accumulator(0), sc.accumulator(0.0)

    def note(x):
        (evens if x % 2 == 0 else odds).add(1)
        total.add(x / 2)

    sc.parallelize(list(range(11)), 4).foreach(note)
    return evens.value, odds.value, total.value


def accumulators_in_containers(sc):
    """A dict of accumulators in a closure."""
    counts = {c: sc.accumulator(0) for c in "ab"}
    sc.parallelize("abbab", 3).foreach(lambda c: counts[c].add(1))
    return {c: a.value for c, a in counts.items()}


def an_accumulator_as_an_element(sc):
    """One that travels as data counts as well, or is refused."""
    counter = sc.accumulator(0)
    got = _attempt(lambda: sc.parallelize([counter], 1).foreach(lambda a: a.add(5)))
    return got, counter.value


def a_vector_accumulator(sc, api):
    """An AccumulatorParam of the program."""

    class VectorParam(api.accumulators.AccumulatorParam):
        def zero(self, value):
            return [0.0] * len(value)

        def addInPlace(self, left, right):
            for i, x in enumerate(right):
                left[i] += x
            return left

    total = sc.accumulator([1.0, 2.0, 3.0], VectorParam())
    sc.parallelize([1, 2, 3], 2).foreach(lambda x: total.add([x, x * 10, 0]))
    driver = list(total.value)
    total += [0.5, 0.5, 0.5]
    return driver, total.value


def a_list_accumulator(sc, api):
    """Values in the order of partitions within a task, of tasks' ends between them."""

    class ListParam(api.accumulators.AccumulatorParam):
        def zero(self, value):
            return []

        def addInPlace(self, left, right):
            return left + right

    seen = sc.accumulator(["start"], ListParam())
    sc.parallelize([1, 2, 3], 1).foreach(lambda x: seen.add([x]))
    return seen.value


def a_set_accumulator(sc, api):
    """A union of sets, in place."""

    class SetParam(api.accumulators.AccumulatorParam):
        def zero(self, value):
            return set()

        def addInPlace(self, left, right):
            left |= right
            return left

    start = {0}
    seen = sc.accumulator(start, SetParam())
    sc.parallelize([1, 2, 3, 2], 2).foreach(lambda x: seen.add({x}))
    return seen.value, start


def a_dict_accumulator_of_mixed_terms(sc, api):
    """add takes another type than the value."""

    class CountParam(api.accumulators.AccumulatorParam):
        def zero(self, value):
            return {}

        def addInPlace(self, left, right):
            if isinstance(right, str):
                right = {right: 1}
            for k, v in right.items():
                left[k] = left.get(k, 0) + v
            return left

    counts = sc.accumulator({}, CountParam())
    sc.parallelize(["a", "b", "a", "c"], 2).foreach(lambda w: counts.add(w))
    return sorted(counts.value.items())


def a_maximum_accumulator(sc, api):
    """An operation other than addition; zero must be neutral."""

    class MaxParam(api.accumulators.AccumulatorParam):
        def zero(self, value):
            return float("-inf")

        def addInPlace(self, left, right):
            return max(left, right)

    best = sc.accumulator(3, MaxParam())
    sc.parallelize([1, 9, 4], 3).foreach(lambda x: best.add(x))
    return best.value


def an_accumulator_param_that_fails(sc, api):
    """In the task, and when merged on the driver."""

    class FailParam(api.accumulators.AccumulatorParam):
        def zero(self, value):
            return 0

        def addInPlace(self, left, right):
            raise ValueError("no adding")

    counter = sc.accumulator(0, FailParam())
    failed = _attempt(lambda: sc.parallelize([1], 1).foreach(lambda x: counter.add(x)))
    return failed, counter.value, _attempt(lambda: counter.add(1))


def an_unused_accumulator(sc):
    """Captured and never added to."""
    counter = sc.accumulator(7)
    rdd = sc.parallelize([1, 2], 2).map(lambda x: (x, counter is None))
    return rdd.collect(), counter.value


def how_accumulators_look(sc):
    """str and repr."""
    counter = sc.accumulator(7)
    text = repr(counter)
    return str(counter), text.startswith("Accumulator<id="), text.endswith(", value=7>")


def accumulators_in_take(sc):
    """Only the partitions computed count, with all their pulled elements."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    rdd = sc.parallelize(list(range(100)), 10).map(note)
    seen = []
    for n in (1, 5, 10, 15, 40):
        rdd.take(n)
        seen.append(counter.value)
    return seen


def accumulators_of_skipped_elements(sc):
    """A lazy generator that is not read to its end."""
    counter = sc.accumulator(0)

    def note(x):
        counter.add(1)
        return x

    def two(it):
        yield next(it)
        yield next(it)

    got = sc.parallelize(list(range(20)), 2).map(note).mapPartitions(two).collect()
    return got, counter.value


def what_a_broadcast_value_shares(sc):
    """Objects that are one in the value are one in the copy, whatever it is made of."""
    text, number, shared = "a text " * 3, 10**40, [1]
    values = [
        {"a": 1, "b": 2.5, "c": None, "d": True, "é\\ud800": -0.0, b"f": number},
        {text: text, "other": text},
        {1: shared, 2: shared},
        {"a", "b", 3, None, 2.5, b"f"},
        frozenset({text, number}),
        {(text, 1): 1, (text, 2): 2},
        {},
        set(),
        [text, text],
    ]

    def look(value):
        objects = list(value.items()) if isinstance(value, dict) else list(value)
        parts = [part for each in objects for part in (each if type(each) is tuple else [each])]
        same = [[x is y for y in parts if type(y) in (str, list)] for x in parts]
        shown = repr(value) if isinstance(value, dict) else sorted(map(repr, value))
        return type(value).__name__, shown, same if isinstance(value, (dict, list)) else len(value)

    copies = [sc.broadcast(value) for value in values]
    return sc.parallelize([0], 1).map(lambda _: [look(copy.value) for copy in copies]).collect()
