"""What a task or the driver does to an object is its own affair: nothing is shared."""


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def changing_collected_data(sc):
    """Collected elements are copies of cached ones too."""
    rdd = sc.parallelize([[1], [2]], 2).map(lambda x: x + [0]).cache()
    first = rdd.collect()
    first[0].append("driver")
    second = rdd.collect()
    rdd.unpersist()
    return first, second


def changing_elements_in_a_task(sc):
    """A task may change its elements; the next job sees them unchanged."""

    def grow(x):
        x.append("task")
        return x

    data = [[1], [2]]
    rdd = sc.parallelize(data, 2)
    grown = rdd.map(grow)
    return grown.collect(), grown.collect(), rdd.collect(), data


def changing_cached_elements_in_a_task(sc):
    """What is cached is not what the task was given."""

    def grow(x):
        x.append("task")
        return x

    rdd = sc.parallelize([[1], [2]], 2).map(lambda x: x).cache()
    answers = rdd.count(), rdd.map(grow).collect(), rdd.map(grow).collect(), rdd.collect()
    rdd.unpersist()
    return answers


def changing_the_element_after_it_was_mapped(sc):
    """Branches of one RDD do not meet."""

    def left(x):
        x["left"] = True
        return x

    def right(x):
        x["right"] = True
        return x

    rdd = sc.parallelize([{}, {}], 2)
    return rdd.map(left).union(rdd.map(right)).collect()


def changing_elements_through_zip_with_itself(sc):
    """Both sides of a zip of an RDD with itself are computed apart."""

    def grow(pair):
        pair[0].append("left")
        return pair

    rdd = sc.parallelize([[1], [2]], 2)
    return rdd.zip(rdd).map(grow).collect()


def changing_shuffled_values_in_a_task(sc):
    """A shuffle's output read twice is read fresh."""

    def grow(values):
        values = list(values)
        for v in values:
            v.append("task")
        return values

    grouped = sc.parallelize([("k", [1]), ("k", [2])], 2).groupByKey(1)
    return grouped.mapValues(grow).collect(), grouped.mapValues(grow).collect()


def changing_the_zero_of_fold(sc):
    """The driver's zero stays as it was; each partition begins with a fresh one."""

    def extend(a, b):
        a.extend(b)
        return a

    zero = [0]
    got = sc.parallelize([[1], [2], [3]], 3).fold(zero, extend)
    return got, zero


def changing_the_zero_of_fold_in_one_partition(sc):
    """Within one partition the zero is one object."""

    def extend(a, b):
        a.extend(b)
        return a

    zero = []
    got = sc.parallelize([[1], [2], [3]], 1).fold(zero, extend)
    again = sc.parallelize([[1], [2], [3]], 1).fold(zero, extend)
    return got, again, zero


def changing_the_zero_of_aggregate(sc):
    """As for fold."""

    def add(acc, x):
        acc["n"] = acc.get("n", 0) + x
        return acc

    def merge(a, b):
        for k, v in b.items():
            a[k] = a.get(k, 0) + v
        return a

    zero = {}
    got = sc.parallelize([1, 2, 3, 4], 3).aggregate(zero, add, merge)
    return got, zero


def changing_the_zero_of_aggregate_by_key(sc):
    """Every key has a zero of its own."""

    def add(acc, x):
        acc.append(x)
        return acc

    zero = []
    rdd = sc.parallelize([("a", 1), ("b", 2), ("a", 3), ("b", 4)], 2)
    got = rdd.aggregateByKey(zero, add, lambda a, b: a + b, 2).glom().collect()
    return got, zero


def changing_the_zero_of_fold_by_key(sc):
    """Every key has a zero of its own here as well."""

    def extend(a, b):
        a.extend(b)
        return a

    zero = ["z"]
    rdd = sc.parallelize([("a", [1]), ("b", [2]), ("a", [3]), ("b", [4])], 2)
    return rdd.foldByKey(zero, extend, 2).glom().collect(), zero


def changing_the_zero_of_tree_aggregate(sc):
    """And here."""

    def add(acc, x):
        acc.append(x)
        return acc

    zero = []
    got = sc.parallelize([1, 2, 3, 4, 5], 5).treeAggregate(zero, add, lambda a, b: a + b)
    return got, zero


def changing_a_captured_list(sc):
    """A task's append is not seen on the driver."""
    seen = []

    def note(x):
        seen.append(x)
        return len(seen)

    rdd = sc.parallelize([1, 2, 3, 4], 2).map(note)
    return rdd.collect(), rdd.collect(), seen


def changing_a_captured_list_on_the_driver(sc):
    """A function is pickled when its first job needs it, and kept."""
    limits = [2]
    rdd = sc.parallelize([1, 2, 3, 4], 2).filter(lambda x: x <= limits[0])
    limits[0] = 3
    first = rdd.collect()
    limits[0] = 4
    return first, rdd.collect(), rdd.count()


def changing_a_captured_dict_in_partitions(sc):
    """Each task loads its closure anew, so counters start at nothing in each."""
    counts = {}

    def count(it):
        for x in it:
            counts[x] = counts.get(x, 0) + 1
        return list(counts.items())

    return sc.parallelize("aabba", 3).mapPartitions(count).glom().collect(), counts


def changing_a_broadcast_value_on_the_driver(sc):
    """Tasks read what was broadcast, not what it has become."""
    value = [1, 2]
    shared = sc.broadcast(value)
    value.append(3)
    got = sc.parallelize([0], 1).map(lambda x: list(shared.value)).collect()
    return got, shared.value, value


def changing_the_value_of_a_broadcast_on_the_driver(sc):
    """shared.value on the driver is the driver's own."""
    shared = sc.broadcast({"k": 1})
    shared.value["k"] = 2
    got = sc.parallelize([0], 1).map(lambda x: dict(shared.value)).collect()
    return got, shared.value


def changing_what_reduce_returns(sc):
    """A single element reduced is a copy."""
    data = [[1]]
    got = sc.parallelize(data, 1).reduce(lambda a, b: a)
    got.append(2)
    return data, got


def a_mutable_element_as_an_accumulator_of_reduce(sc):
    """reduce may grow its left argument; the data stay."""

    def extend(a, b):
        a.extend(b)
        return a

    data = [[1], [2], [3]]
    rdd = sc.parallelize(data, 2)
    return rdd.reduce(extend), rdd.reduce(extend), data


def a_mutable_value_as_an_accumulator_of_reduce_by_key(sc):
    """So may reduceByKey."""

    def extend(a, b):
        a.extend(b)
        return a

    data = [("k", [1]), ("k", [2]), ("k", [3])]
    reduced = sc.parallelize(data, 2).reduceByKey(extend, 1)
    return reduced.collect(), reduced.collect(), data


def a_default_argument_that_grows(sc):
    """The mutable default of a function is the task's own."""

    def remember(x, seen=[]):  # noqa: B006
        seen.append(x)
        return list(seen)

    rdd = sc.parallelize([1, 2, 3, 4], 2).map(remember)
    return rdd.collect(), rdd.collect(), remember(9)


def a_function_attribute_that_grows(sc):
    """So are a function's attributes."""

    def count(x):
        count.calls += 1
        return count.calls

    count.calls = 0
    rdd = sc.parallelize([1, 2, 3, 4], 2).map(count)
    return rdd.collect(), rdd.collect(), count.calls


def a_bound_method_and_its_object(sc):
    """self is a copy in the task."""

    class Counter:
        def __init__(self):
            self.calls = 0

        def next(self, x):
            self.calls += 1
            return self.calls

    counter = Counter()
    rdd = sc.parallelize([1, 2, 3, 4], 2).map(counter.next)
    return rdd.collect(), rdd.collect(), counter.calls


def a_captured_flag_set_in_a_task(sc):
    """A flag raised in a task is down on the driver."""
    state = {"seen": False}

    def touch(x):
        state["seen"] = True
        return state["seen"]

    return sc.parallelize([1, 2], 2).map(touch).collect(), state


def elements_of_union_with_itself(sc):
    """The same list twice in a union is two lists."""

    def grow(x):
        x.append(len(x))
        return x

    rdd = sc.parallelize([[], []], 1)
    return rdd.union(rdd).map(grow).glom().collect()


def elements_of_a_cartesian_with_itself(sc):
    """Pairs of a cartesian product are made of copies from batches."""

    def grow(pair):
        pair[0].append("x")
        return len(pair[0]), len(pair[1])

    rdd = sc.parallelize([[], []], 1)
    return rdd.cartesian(rdd).map(grow).collect()


def one_mutable_joined_with_many(sc):
    """The value of a key that meets many partners."""

    def grow(pair):
        pair[0].append("x")
        return list(pair[0]), pair[1]

    left = sc.parallelize([("k", [])], 1)
    right = sc.parallelize([("k", 1), ("k", 2), ("k", 3)], 1)
    return left.join(right, 1).mapValues(grow).collect()


def parallelized_elements_that_are_one_object(sc):
    """One list parallelized three times grows in one task as one or as many."""

    def grow(x):
        x.append(1)
        return len(x)

    one = []
    rdd = sc.parallelize([one, one, one, one], 2)
    return rdd.map(grow).collect(), one


def collected_results_do_not_share(sc):
    """Two actions, two results, also of a checkpoint-free cache in memory only."""
    rdd = sc.parallelize([{"n": [0]}], 1).map(dict).persist()
    a, b = rdd.first(), rdd.first()
    a["n"].append(1)
    answers = a, b, rdd.first(), a is b
    rdd.unpersist()
    return answers


def what_tasks_print_is_not_the_drivers_output(sc):
    """print itself, a function that prints, one that names the standard output."""
    import contextlib
    import io
    import sys

    def tell(x):
        print(x, end="!", flush=True)
        return x

    numbers = sc.parallelize([1, 2], 2)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        numbers.foreach(print)
        told = numbers.map(tell).collect()
        numbers.foreach(lambda x: print(x, file=sys.stdout))
        print("driver")
    return told, out.getvalue()
