"""Failures: what reaches the caller, where it is raised, and that work goes on afterwards."""

import os
import sys
import tempfile
import threading


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


class _Refused(Exception):
    pass


class _Detailed(Exception):
    def __init__(self, code, detail):
        super().__init__(code, detail)
        self.code = code

    def __str__(self):
        return f"{self.code}: refused"


class _Locked(Exception):
    def __init__(self, message):
        super().__init__(message)
        self.lock = threading.Lock()


class _Silent(Exception):
    def __str__(self):
        raise ValueError("no text")


def _raise(error):
    raise error


def a_failing_map(sc):
    """The job fails with the user's exception in its message."""
    return sc.parallelize([1, 0], 2).map(lambda x: 1 // x).collect()


def a_failing_filter_and_flat_map(sc):
    """Other narrow operations."""
    rdd = sc.parallelize(["a"], 1)
    return [
        _attempt(lambda: rdd.filter(lambda x: x + 1).collect()),
        _attempt(lambda: rdd.flatMap(lambda x: x.missing).collect()),
        _attempt(lambda: rdd.mapPartitions(lambda it: [undefined]).collect()),  # noqa: F821
    ]


def the_words_of_a_failed_job(sc):
    """Whose traceback, and where in it."""
    try:
        sc.parallelize([1, 2, 3], 3).map(lambda x: 1 // (x - 2)).collect()
    except Exception as error:
        text = str(error)
        return [
            "org.apache.spark.api.python.PythonException: [PYTHON_EXCEPTION]" in text,
            "Traceback (most recent call last):" in text,
            "ZeroDivisionError: integer division or modulo by zero" in text,
            "in <lambda>" in text,
        ]


def exceptions_of_many_kinds(sc):
    """Builtin exceptions with and without text."""

    def fail(error):
        def run(x):
            raise error

        return run

    errors = [
        ValueError("plain"),
        ValueError(),
        ValueError("two", 2),
        KeyError("key"),
        KeyError('it\'s "quoted"'),
        IndexError("list index out of range"),
        TypeError(None),
        OSError(2, "No such file", "name"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        AssertionError(),
        NotImplementedError("later"),
        RecursionError("deep"),
        MemoryError("full"),
        ArithmeticError("sum"),
        LookupError(("a", 1)),
    ]
    rdd = sc.parallelize([1], 1)
    return [_attempt(lambda e=e: rdd.map(fail(e)).collect()) for e in errors]


def messages_in_many_scripts(sc):
    """Unicode, lines, empty, long, control characters."""
    messages = [
        "é 漢字 😀",
        "one\ntwo",
        "",
        "x" * 500,
        "tab\tend ",
        "  indented",
        "SQLSTATE: 00000",
    ]

    def fail(message):
        def run(x):
            raise RuntimeError(message)

        return run

    rdd = sc.parallelize([1], 1)
    return [_attempt(lambda m=m: rdd.map(fail(m)).collect()) for m in messages]


def an_exception_class_of_the_program(sc):
    """Defined beside the program."""

    def fail(x):
        raise _Refused("no", x)

    return sc.parallelize([1], 1).map(fail).collect()


def exception_classes_that_are_awkward(sc):
    """Arguments that do not fit, state that cannot be pickled, text that fails."""
    errors = [lambda: _Detailed(7, "x"), lambda: _Locked("held"), lambda: _Silent("s")]
    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda make=make: rdd.map(lambda x: _raise(make())).collect()) for make in errors
    ]


def an_exception_class_defined_in_the_task(sc):
    """The driver has never seen its class."""

    def fail(x):
        class Local(Exception):
            pass

        raise Local("made here")

    return sc.parallelize([1], 1).map(fail).collect()


def a_chain_of_exceptions(sc):
    """raise from, raise within except, raise from None."""

    def from_other(x):
        try:
            return {}[x]
        except KeyError as error:
            raise ValueError("wrapped") from error

    def within_other(x):
        try:
            return {}[x]
        except KeyError:
            raise ValueError("while handling")

    def from_none(x):
        try:
            return {}[x]
        except KeyError:
            raise ValueError("alone") from None

    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda f=f: rdd.map(f).collect()) for f in (from_other, within_other, from_none)
    ]


def an_exception_with_a_note(sc):
    """add_note's text follows the message."""

    def fail(x):
        error = ValueError("noted")
        error.add_note("the note")
        raise error

    return sc.parallelize([1], 1).map(fail).collect()


def raising_what_is_no_exception(sc):
    """raise 'text' is a TypeError."""

    def fail(x):
        raise "text"  # noqa: B016

    return sc.parallelize([1], 1).map(fail).collect()


def sys_exit_in_a_task(sc):
    """SystemExit fails the task, not the driver."""
    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda: rdd.map(lambda x: sys.exit(3)).collect()),
        _attempt(lambda: rdd.map(lambda x: sys.exit("bye")).collect()),
        _attempt(lambda: rdd.foreach(lambda x: sys.exit(0))),
        rdd.count(),
    ]


def a_generator_exit_in_a_task(sc):
    """GeneratorExit and KeyboardInterrupt raised by user code."""
    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda: rdd.map(lambda x: _raise(GeneratorExit("g"))).collect()),
        rdd.count(),
    ]


def errors_in_the_functions_of_a_shuffle(sc):
    """Combiners, mergers, partition functions, key functions."""

    def fail(*args):
        raise _Refused("shuffle", len(args))

    pairs = sc.parallelize([("a", 1), ("a", 2), ("b", 3)], 2)
    return [
        _attempt(lambda: pairs.reduceByKey(fail, 2).collect()),
        _attempt(lambda: pairs.combineByKey(fail, max, max, 2).collect()),
        _attempt(lambda: pairs.combineByKey(str, str.__add__, fail, 2).collect()),
        _attempt(lambda: pairs.aggregateByKey(0, fail, max, 2).collect()),
        _attempt(lambda: pairs.foldByKey(0, fail, 2).collect()),
        _attempt(lambda: pairs.partitionBy(2, fail).collect()),
        _attempt(lambda: pairs.groupBy(fail, 2).collect()),
        _attempt(lambda: pairs.groupByKey(2, fail).collect()),
        _attempt(lambda: pairs.distinct().map(fail).collect()),
    ]


def errors_in_sorting(sc):
    """Key functions and keys that cannot be compared; the error comes when sorting is defined."""

    def fail(x):
        raise _Refused("key", x)

    rdd = sc.parallelize([3], 2)
    return [
        _attempt(lambda: rdd.sortBy(fail)),
        _attempt(lambda: rdd.sortBy(fail, numPartitions=1).getNumPartitions()),
        _attempt(lambda: rdd.sortBy(fail, numPartitions=1).collect()),
        _attempt(lambda: sc.parallelize([(1, 0), ("a", 0)], 2).sortByKey().getNumPartitions()),
        _attempt(lambda: sc.parallelize([(1, 0), ("a", 0)], 1).sortByKey().collect()),
        _attempt(lambda: sc.parallelize([(None, 0), (1, 0)], 1).sortByKey().collect()),
        _attempt(lambda: rdd.sortByKey().collect()),
    ]


def errors_in_actions(sc):
    """The functions of reduce, fold, aggregate, foreach, top, max, histogram."""

    def fail(*args):
        raise _Refused("action", len(args))

    rdd = sc.parallelize([1, 2, 3, 4], 2)
    return [
        _attempt(lambda: rdd.reduce(fail)),
        _attempt(lambda: rdd.fold(0, fail)),
        _attempt(lambda: rdd.aggregate(0, fail, max)),
        _attempt(lambda: rdd.aggregate(0, max, fail)),
        _attempt(lambda: rdd.treeReduce(fail)),
        _attempt(lambda: rdd.treeAggregate(0, max, fail)),
        _attempt(lambda: rdd.foreach(fail)),
        _attempt(lambda: rdd.foreachPartition(fail)),
        _attempt(lambda: rdd.top(1, key=fail)),
        _attempt(lambda: rdd.takeOrdered(1, key=fail)),
        _attempt(lambda: rdd.max(key=fail)),
        _attempt(lambda: rdd.map(fail).take(1)),
        _attempt(lambda: rdd.map(fail).first()),
        _attempt(lambda: rdd.map(fail).isEmpty()),
        _attempt(lambda: rdd.map(fail).count()),
        _attempt(lambda: rdd.map(fail).sum()),
        _attempt(lambda: rdd.map(fail).lookup(1)),
    ]


def errors_only_on_the_driver(sc):
    """A reduce whose last step, on the driver, fails gives the plain exception."""

    def merge(a, b):
        if (a, b) == (3, 7):
            raise _Refused("driver", b)
        return a + b

    return _attempt(lambda: sc.parallelize([1, 2, 3, 4], 2).reduce(merge))


def a_failure_behind_a_shuffle(sc):
    """The map stage fails; the reduce stage fails."""

    def fail(x):
        if x in (2, (1, 1)):
            raise _Refused("stage", x)
        return x

    pairs = sc.parallelize([(1, 1), (2, 2)], 2)
    return [
        _attempt(lambda: pairs.mapValues(fail).reduceByKey(max, 2).collect()),
        _attempt(
            lambda: pairs.reduceByKey(max, 2).filter(lambda kv: kv[0] == 1).map(fail).collect()
        ),
        _attempt(lambda: pairs.reduceByKey(max, 2).collect()),
    ]


def a_failure_in_a_later_partition(sc):
    """take does not get to it; collect does."""
    rdd = sc.parallelize([1, 2, 0], 3).map(lambda x: 6 // x)
    return [rdd.take(1), rdd.first(), _attempt(rdd.collect), _attempt(lambda: rdd.take(3))]


def a_failure_after_enough_elements(sc):
    """Within a partition take stops before the failing element."""
    rdd = sc.parallelize([1, 2, 3, 0], 1).map(lambda x: 6 // x)
    return [rdd.take(1), rdd.take(3), _attempt(lambda: rdd.take(4))]


def work_goes_on_after_a_failure(sc):
    """The RDD, its parents and the context are still good."""
    source = sc.parallelize([0, 1, 2], 3)
    broken = source.map(lambda x: 1 // x)
    answers = []
    for _ in range(3):
        answers.append(type(_attempt(broken.collect)).__name__ == "list")
        answers.append(source.sum())
        answers.append(broken.filter(lambda x: True).take(0))
    return answers


def an_accumulator_after_a_failure(sc):
    """Updates of a failed task do not count."""
    total = sc.accumulator(0)

    def fail(x):
        total.add(x)
        if x == 3:
            raise _Refused("counted", x)
        return x

    error = _attempt(lambda: sc.parallelize([1, 2, 3], 1).map(fail).collect())
    return error, total.value


def unpicklable_closures(sc):
    """Locks, generators and files captured by a function."""
    lock = threading.Lock()
    generator = (x for x in [1])
    stream = sys.stderr
    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda: rdd.map(lambda x: lock).collect()),
        _attempt(lambda: rdd.map(lambda x: generator).collect()),
        _attempt(lambda: rdd.filter(lambda x: lock is None).count()),
        _attempt(lambda: rdd.foreach(lambda x: lock)),
        _attempt(lambda: rdd.map(lock.acquire).collect()),
        stream is sys.stderr,
    ]


def when_an_unpicklable_closure_is_noticed(sc):
    """At the action, not when the operation is defined; by-key operations earlier."""
    lock = threading.Lock()
    rdd = sc.parallelize([(1, 1)], 1)
    defined = [
        _attempt(lambda: rdd.map(lambda x: lock).getNumPartitions()),
        _attempt(lambda: type(rdd.map(lambda x: lock).filter(bool)).__name__),
        _attempt(lambda: type(rdd.reduceByKey(lambda a, b: lock, 1)).__name__),
        _attempt(lambda: type(rdd.map(lambda x: lock).groupByKey(1)).__name__),
        _attempt(lambda: type(rdd.map(lambda x: lock).coalesce(1)).__name__),
        _attempt(lambda: type(rdd.map(lambda x: lock).union(rdd)).__name__),
        _attempt(lambda: type(rdd.map(lambda x: lock).cache()).__name__),
    ]
    return defined


def unpicklable_elements(sc):
    """parallelize pickles at once."""
    return [
        _attempt(lambda: sc.parallelize([threading.Lock()], 1)),
        _attempt(lambda: sc.parallelize([1, (x for x in [])], 2)),
    ]


def unpicklable_results(sc):
    """A task's elements must be picklable where they leave it."""
    rdd = sc.parallelize([1, 2], 1)
    return [
        _attempt(lambda: rdd.map(lambda x: threading.Lock()).collect()),
        rdd.map(lambda x: threading.Lock()).count(),
        rdd.map(lambda x: threading.Lock()).map(lambda lock: lock.locked()).collect(),
        _attempt(lambda: rdd.map(lambda x: (x, threading.Lock())).groupByKey(1).count()),
        _attempt(lambda: rdd.map(lambda x: (threading.Lock(), x)).partitionBy(2).count()),
        _attempt(lambda: rdd.map(lambda x: threading.Lock()).take(1)),
    ]


def unpicklable_results_of_actions(sc):
    """What reduce and fold return per partition must be picklable as well."""
    rdd = sc.parallelize([1, 2], 1)
    return [
        _attempt(lambda: rdd.reduce(lambda a, b: threading.Lock())),
        _attempt(lambda: rdd.fold(0, lambda a, b: threading.Lock())),
        _attempt(lambda: rdd.aggregate(0, lambda a, b: threading.Lock(), lambda a, b: 5)),
    ]


def functions_and_modules_as_results(sc):
    """Functions and modules can be elements."""
    rdd = sc.parallelize([2], 1)
    double = rdd.map(lambda x: lambda y: x * y).collect()[0]
    module = rdd.map(lambda x: sys).collect()[0]
    return double(21), module is sys


def the_context_in_a_closure(sc):
    """sc cannot be used in a task."""
    rdd = sc.parallelize([1], 1)
    return [
        _attempt(lambda: rdd.map(lambda x: sc.parallelize([x])).collect()),
        _attempt(lambda: rdd.map(lambda x: sc).count()),
        _attempt(lambda: rdd.foreach(lambda x: sc.accumulator(0))),
        _attempt(lambda: sc.broadcast(sc)),
        _attempt(lambda: sc.parallelize([sc], 1)),
    ]


def an_rdd_in_a_closure(sc):
    """Nor can an RDD."""
    rdd = sc.parallelize([1], 1)
    other = sc.parallelize([2], 1)
    return [
        _attempt(lambda: rdd.map(lambda x: other.count()).collect()),
        _attempt(lambda: rdd.map(lambda x: rdd).collect()),
        _attempt(lambda: rdd.filter(lambda x: other.first() == x).count()),
        _attempt(lambda: sc.broadcast(other)),
        _attempt(lambda: sc.parallelize([other], 1)),
        _attempt(lambda: rdd.map(lambda x: [other]).foreach(print)),
    ]


def a_context_held_by_an_object_in_a_closure(sc):
    """A method whose self holds sc."""

    class Job:
        def __init__(self):
            self.sc = sc
            self.factor = 2

        def scale(self, x):
            return x * self.factor

        def run(self):
            return sc.parallelize([1], 1).map(self.scale).collect()

        def run_without_self(self):
            factor = self.factor
            return sc.parallelize([1], 1).map(lambda x: x * factor).collect()

    return _attempt(Job().run), Job().run_without_self()


def unhashable_keys(sc):
    """Lists, dicts and sets as keys of everything that hashes."""
    answers = []
    for key in ([1], {"a": 1}, {1}):
        pairs = sc.parallelize([(key, 1), (key, 2)], 2)
        answers += [
            _attempt(lambda: pairs.reduceByKey(max, 2).collect()),
            _attempt(lambda: pairs.groupByKey(2).collect()),
            _attempt(lambda: pairs.partitionBy(2).collect()),
            _attempt(lambda: pairs.distinct(2).collect()),
            _attempt(lambda: pairs.join(pairs, 2).collect()),
            _attempt(lambda: pairs.countByKey()),
        ]
    return answers


def unhashable_keys_to_one_partition(sc):
    """partitionBy(1) hashes all the same; partition functions of one's own need not."""
    pairs = sc.parallelize([([1], 1)], 1)
    return [
        _attempt(lambda: pairs.partitionBy(1).collect()),
        pairs.partitionBy(2, len).glom().collect(),
        _attempt(lambda: pairs.groupByKey(1).collect()),
        _attempt(lambda: pairs.partitionBy(2, lambda k: "x").collect()),
        _attempt(lambda: pairs.partitionBy(2, lambda k: 1.9).glom().collect()),
        _attempt(lambda: pairs.partitionBy(2, lambda k: None).glom().collect()),
        pairs.partitionBy(2, lambda k: -1).glom().collect(),
        pairs.partitionBy(2, lambda k: True).glom().collect(),
    ]


def elements_that_are_no_pairs(sc):
    """By-key operations on ints, triples, strings of one and of two, None."""
    answers = []
    for element in (1, (1, 2, 3), "a", "ab", None, (1,), [1, 2], {"a": 1, "b": 2}):
        rdd = sc.parallelize([element], 1)
        answers += [
            _attempt(lambda: rdd.reduceByKey(max, 1).collect()),
            _attempt(lambda: rdd.groupByKey(1).mapValues(list).collect()),
            _attempt(lambda: rdd.partitionBy(1).collect()),
            _attempt(lambda: rdd.join(rdd, 1).collect()),
            _attempt(lambda: rdd.sortByKey().collect()),
        ]
    return answers


def arguments_of_the_wrong_value(sc):
    """What is checked on the driver."""
    rdd = sc.parallelize([1, 2, 3], 2)
    return [
        _attempt(lambda: rdd.sample(False, -0.1)),
        _attempt(lambda: rdd.takeSample(False, -1)),
        _attempt(lambda: rdd.coalesce(0)),
        _attempt(lambda: rdd.coalesce(-1)),
        _attempt(lambda: rdd.repartition(0)),
        _attempt(lambda: rdd.zip(sc.parallelize([1], 1))),
        _attempt(lambda: rdd.zip(sc.parallelize([1, 2], 2)).collect()),
        _attempt(lambda: rdd.reduceByKey()),
        _attempt(lambda: rdd.nope),
        _attempt(lambda: rdd.take()),
    ]


def other_rdds_that_are_none(sc):
    """Which class of exception; the messages name internals."""
    rdd = sc.parallelize([1, 2, 3], 2)
    pairs = rdd.map(lambda x: (x, x))
    attempts = [
        _attempt(lambda: rdd.union(5)),
        _attempt(lambda: rdd.cartesian(5)),
        _attempt(lambda: rdd.zip([1, 2, 3])),
        _attempt(lambda: pairs.join(5)),
        _attempt(lambda: pairs.cogroup(None)),
        _attempt(lambda: rdd.subtract([1])),
        _attempt(lambda: rdd.intersection({1})),
        _attempt(lambda: sc.union([rdd, 5])),
    ]
    return [type(error).__name__ for error in attempts]


def sample_fractions(sc):
    """Fractions out of range are refused on either side."""
    rdd = sc.parallelize(list(range(10)), 2)
    return [
        _attempt(lambda: rdd.sample(False, 1.5, 1).collect()),
        _attempt(lambda: rdd.sample(False, "a", 1).collect()),
        _attempt(lambda: rdd.sample(True, 1.5, 1).collect()),
        _attempt(lambda: rdd.randomSplit([])),
        _attempt(lambda: [r.collect() for r in rdd.randomSplit([0, 1], 1)]),
        _attempt(lambda: [r.collect() for r in rdd.randomSplit([0, 0], 1)]),
    ]


def iterating_or_indexing_an_rdd(sc):
    """An RDD is no sequence."""
    rdd = sc.parallelize([1, 2], 2)
    return [
        _attempt(lambda: list(rdd)),
        _attempt(lambda: len(rdd)),
        _attempt(lambda: rdd[0]),
        _attempt(lambda: 1 in rdd),
        bool(rdd),
    ]


def storage_levels_that_are_refused(sc, api):
    """An RDD's level cannot be changed once it is set."""
    rdd = sc.parallelize([1], 1).map(lambda x: x)
    rdd.persist(api.StorageLevel.MEMORY_ONLY)
    again = _attempt(lambda: rdd.persist(api.StorageLevel.DISK_ONLY))
    same = _attempt(lambda: rdd.persist(api.StorageLevel.MEMORY_ONLY).count())
    rdd.unpersist()
    return again, same, _attempt(lambda: rdd.persist("MEMORY_ONLY"))


def a_missing_file(sc, tmp):
    """textFile is lazy; getNumPartitions and actions are not."""
    rdd = sc.textFile(str(tmp / "missing.txt"))
    return [
        _attempt(rdd.count),
        _attempt(rdd.getNumPartitions),
        _attempt(lambda: rdd.map(len).filter(bool).getNumPartitions()),
        _attempt(lambda: type(rdd.map(len)).__name__),
        _attempt(lambda: rdd.union(sc.parallelize([1], 1)).collect()),
    ]


def saving_twice(sc, tmp):
    """An existing directory is refused and untouched."""
    out = tmp / "out"
    sc.parallelize(["a"], 1).saveAsTextFile(str(out))
    again = _attempt(lambda: sc.parallelize(["b"], 1).saveAsTextFile(str(out)))
    return again, (out / "part-00000").read_text()


def a_stopped_context(api):
    """RDDs of a context that was stopped, and the context itself."""
    sc = api.SparkContext("local[2]", "stopped")
    rdd = sc.parallelize([1, 2], 2)
    before = rdd.sum()
    sc.stop()
    sc.stop()
    return before, [
        type(_attempt(action)).__name__ in ("int", "list")
        for action in (rdd.sum, rdd.collect, lambda: sc.parallelize([1], 1).collect())
    ]


def two_contexts(api):
    """Only one at a time; getOrCreate gives the one there is."""
    with api.SparkContext("local[2]", "first") as sc:
        second = _attempt(lambda: api.SparkContext("local[2]", "second"))
        text = str(second).split(" existing SparkContext")[0]
        same = api.SparkContext.getOrCreate() is sc
        works = sc.parallelize([1, 2], 2).sum()
    return type(second).__name__, text, same, works


def masters_that_are_malformed(api):
    """A master that says nothing."""
    answers = []
    for master in ("nowhere", "local[x]", "local[0]", "local[-1]"):
        got = _attempt(lambda master=master: api.SparkContext(master, "t"))
        if hasattr(got, "stop"):
            got.stop()
            got = "accepted"
        answers.append(got == "accepted")
    return answers


def attempts_of_a_task(api):
    """local[N,F]: a task may fail F-1 times."""
    with api.SparkContext("local[2,3]", "attempts") as sc:

        def flaky(it):
            attempt = api.TaskContext.get().attemptNumber()
            if attempt < 2:
                raise _Refused("attempt", attempt)
            return [(attempt, list(it))]

        def broken(it):
            raise _Refused("always", api.TaskContext.get().attemptNumber())

        rdd = sc.parallelize([1, 2, 3], 2)
        sc.setLogLevel("OFF")
        error = _attempt(lambda: rdd.mapPartitions(broken).collect())
        return rdd.mapPartitions(flaky).collect(), error


def accumulators_of_repeated_attempts(api):
    """Only the attempt that succeeds counts."""
    with api.SparkContext("local[2,3]", "attempts") as sc:
        sc.setLogLevel("OFF")
        total = sc.accumulator(0)

        def flaky(it):
            total.add(1)
            if api.TaskContext.get().attemptNumber() < 2:
                raise _Refused("again")
            return it

        return sc.parallelize([1, 2, 3, 4], 4).mapPartitions(flaky).count(), total.value


def a_missing_file_in_a_product(sc, tmp):
    """On the right side it fails when `cartesian` is called, on the left at the action."""
    here, missing = sc.parallelize([1, 2], 2), sc.textFile(f"file://{tmp}/missing")
    return (
        _attempt(lambda: here.cartesian(missing).name()),
        _attempt(lambda: missing.cartesian(here).name()),
        _attempt(lambda: missing.cartesian(here).collect()),
        _attempt(lambda: here.zip(missing).name()),
        _attempt(lambda: here.union(missing).name()),
    )


def a_job_without_tasks_behind_a_missing_file(sc, tmp):
    """Before a job the partitions of all that it is made of are worked out, behind shuffles too."""
    grouped = sc.textFile(f"file://{tmp}/missing").map(lambda line: (line, 1)).groupByKey(1)
    return grouped.getNumPartitions(), _attempt(lambda: sc.runJob(grouped, iter, []))


def a_file_that_goes_before_it_is_read(sc, tmp):
    """Is the reason why the job is aborted, whatever is done with the lines."""
    errors = []
    for read in (
        lambda rdd: rdd.collect(),
        lambda rdd: rdd.map(len).sum(),
        lambda rdd: rdd.map(lambda line: (line, 1)).reduceByKey(max, 2).count(),
    ):
        path = tmp / "lines"
        path.write_text("a\n")
        rdd = sc.textFile(str(path), 1)
        rdd.getNumPartitions()
        path.unlink()
        try:
            read(rdd)
        except Exception as error:
            errors.append(error)
    return errors


def what_is_no_sequence_file(sc, tmp):
    """Says so, and names it."""
    (tmp / "text").write_text("nothing of the kind")
    return sc.pickleFile(str(tmp / "text"), 1).collect()


def the_java_exception_of_a_failure(sc):
    """Its class and message, as programs ask Py4JJavaError for them."""
    written = os.path.join(tempfile.mkdtemp(), "written")
    sc.parallelize([1]).saveAsTextFile(written)
    failures = [
        _attempt(sc.parallelize([1, 0], 2).map(lambda n: 1 // n).collect),
        _attempt(sc.textFile(written + "missing").collect),
        _attempt(lambda: sc.parallelize([1]).saveAsTextFile(written)),
    ]
    found = []
    for failure in failures:
        java = failure.java_exception
        name = java.getClass().getName()
        assert java.getLocalizedMessage() == java.getMessage()
        assert java.toString() == str(java) == f"{name}: {java.getMessage()}"
        found.append((name, java.getClass().getSimpleName()))
    return found
