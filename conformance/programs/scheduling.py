"""Jobs, stages and tasks: when code runs, how often, and what a failure leaves behind."""

import threading


def _count_calls(sc):
    """An accumulator and a function that counts its calls in it."""
    calls = sc.accumulator(0)

    def look(x):
        calls.add(1)
        return x

    return calls, look


def _in_threads(*functions):
    """Runs the functions at once; their results or errors in the order given."""
    results = [None] * len(functions)

    def run(i):
        try:
            results[i] = functions[i]()
        except Exception as error:
            results[i] = type(error).__name__

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def nothing_runs_before_an_action(sc):
    """A long chain of definitions."""
    calls, look = _count_calls(sc)
    rdd = sc.parallelize([(i % 3, i) for i in range(9)], 3).map(look)
    rdd.filter(look).flatMap(lambda kv: [kv]).mapPartitions(lambda it: it)
    rdd.reduceByKey(max).join(rdd.groupByKey()).cogroup(rdd)
    rdd.distinct().union(rdd).coalesce(2).repartition(4)
    rdd.cartesian(rdd).zip(rdd.cartesian(rdd)).cache()
    rdd.sample(False, 0.5), rdd.randomSplit([1, 1]), rdd.subtract(rdd), rdd.zipWithUniqueId()
    return calls.value


def every_action_runs_the_lineage_again(sc):
    """Three actions, three times the calls."""
    calls, look = _count_calls(sc)
    rdd = sc.parallelize(range(10), 2).map(look)
    rdd.count(), rdd.sum(), rdd.collect()
    return calls.value


def a_map_side_runs_once_for_two_actions(sc):
    """The second action finds the shuffle's output: its stage is skipped."""
    calls, look = _count_calls(sc)
    rdd = (
        sc.parallelize([(i % 3, i) for i in range(12)], 3)
        .map(look)
        .reduceByKey(lambda a, b: a + b, 2)
    )
    out = [(sorted(rdd.collect()), calls.value), (rdd.count(), calls.value)]
    out.append((rdd.mapValues(str).glom().collect(), calls.value))
    return out


def a_reduce_side_runs_for_each_action(sc):
    """Only the map side is skipped."""
    before, look = _count_calls(sc)
    after, look_again = _count_calls(sc)
    rdd = (
        sc.parallelize([(i % 3, i) for i in range(12)], 3)
        .map(look)
        .reduceByKey(lambda a, b: a + b, 2)
        .map(look_again)
    )
    rdd.collect(), rdd.collect()
    return before.value, after.value


def two_reductions_of_one_rdd_run_its_map_twice(sc):
    """Each shuffle has a map side of its own."""
    calls, look = _count_calls(sc)
    rdd = sc.parallelize([(i % 3, i) for i in range(6)], 2).map(look)
    a, b = rdd.reduceByKey(max, 2), rdd.reduceByKey(min, 2)
    return sorted(a.collect()), sorted(b.collect()), calls.value


def a_skipped_stage_skips_its_parents(sc):
    """Two shuffles in a row: the second action computes neither map side."""
    first, look = _count_calls(sc)
    second, look_again = _count_calls(sc)
    rdd = sc.parallelize([(i % 4, i) for i in range(8)], 2).map(look).reduceByKey(max, 2)
    last = rdd.map(look_again).map(lambda kv: (kv[1] % 2, kv[0])).reduceByKey(max, 2)
    one = sorted(last.collect()), first.value, second.value
    return one, sorted(last.collect()), first.value, second.value


def a_shuffle_shared_by_two_children_runs_once(sc):
    """A job that joins two children of one shuffled RDD."""
    calls, look = _count_calls(sc)
    base = sc.parallelize([(i % 4, i) for i in range(8)], 2).map(look).partitionBy(2)
    joined = base.mapValues(lambda v: v + 1).join(base.mapValues(lambda v: -v), 2)
    return joined.glom().collect(), calls.value


def a_shuffle_over_a_cache(sc):
    """A cached RDD behind a shuffle is computed from the map output."""
    calls, look = _count_calls(sc)
    rdd = (
        sc.parallelize([(i % 3, i) for i in range(9)], 3)
        .map(look)
        .reduceByKey(lambda a, b: a + b, 2)
        .cache()
    )
    out = [(sorted(rdd.collect()), calls.value), (sorted(rdd.collect()), calls.value)]
    rdd.unpersist(True)
    return out + [(sorted(rdd.collect()), calls.value)]


def take_computes_only_what_it_needs(sc):
    """Partitions touched by take, first, isEmpty and lookup."""
    calls, _ = _count_calls(sc)

    def part(i, it):
        calls.add(1)
        return it

    rdd = sc.parallelize(range(20), 10).mapPartitionsWithIndex(part)
    out = []
    for action in (
        lambda: rdd.take(1),
        lambda: rdd.take(2),
        lambda: rdd.take(3),
        rdd.first,
        rdd.isEmpty,
        lambda: rdd.take(100),
        lambda: rdd.take(0),
    ):
        before = calls.value
        got = action()
        out.append((got, calls.value - before))
    return out


def take_grows_over_empty_partitions(sc):
    """1, then 4 times as many, and so on."""
    calls, _ = _count_calls(sc)

    def part(i, it):
        calls.add(1)
        return it

    rdd = sc.parallelize(range(60), 60).mapPartitionsWithIndex(part).filter(lambda x: x >= 30)
    return rdd.take(2), calls.value


def take_stops_reading_its_partition(sc):
    """Elements seen by a map below take(3)."""
    calls, look = _count_calls(sc)
    return sc.parallelize(list(range(100)), 1).map(look).take(3), calls.value


def accumulators_count_every_task_once(sc):
    """Over several partitions and two actions."""
    calls, look = _count_calls(sc)
    rdd = sc.parallelize(range(100), 7).map(look)
    return [(rdd.count(), calls.value), (rdd.sum(), calls.value)]


def accumulators_of_failed_tasks_do_not_count(sc):
    """A failing job keeps the counts of its finished tasks only: here none."""
    calls, look = _count_calls(sc)
    try:
        sc.parallelize(range(4), 1).map(look).map(lambda x: 1 // (x - 3)).collect()
    except Exception:
        pass
    return calls.value


def a_job_after_a_failed_job(sc):
    """The context and the RDD stay usable."""
    rdd = sc.parallelize([1, 0, 2], 3)
    bad = rdd.map(lambda x: 1 // x)
    out = []
    for _ in range(2):
        try:
            bad.collect()
        except Exception:
            out.append("failed")
        out.append(rdd.map(lambda x: x + 1).collect())
    return out


def a_failed_shuffle_can_be_tried_again(sc, tmp):
    """A file decides: the first run fails in the map side, the second finds it and goes on."""
    flag = str(tmp / "flag")

    def check(kv):
        import os

        if not os.path.exists(flag):
            raise RuntimeError("not yet")
        return kv

    rdd = (
        sc.parallelize([(i % 2, i) for i in range(6)], 2)
        .map(check)
        .reduceByKey(lambda a, b: a + b, 2)
    )
    try:
        first = rdd.collect()
    except Exception:
        first = "failed"
    (tmp / "flag").write_text("")
    return first, rdd.glom().collect()


def a_failure_in_the_reduce_side_keeps_the_map_side(sc, tmp):
    """Only the failed stage runs again."""
    calls, look = _count_calls(sc)
    flag = str(tmp / "flag")

    def check(kv):
        import os

        if not os.path.exists(flag):
            raise RuntimeError("not yet")
        return kv

    rdd = (
        sc.parallelize([(i % 2, i) for i in range(6)], 2)
        .map(look)
        .reduceByKey(lambda a, b: a + b, 2)
        .map(check)
    )
    try:
        rdd.collect()
    except Exception:
        pass
    (tmp / "flag").write_text("")
    return rdd.glom().collect(), calls.value


def jobs_from_many_threads(sc):
    """Eight threads, one context; each gets its own answer."""
    rdd = sc.parallelize(range(100), 4)
    return _in_threads(*[lambda n=n: rdd.map(lambda x: x * n).sum() for n in range(8)])


def shuffles_from_many_threads(sc):
    """Four threads run an action on one shuffled RDD."""
    rdd = sc.parallelize([(i % 5, i) for i in range(50)], 3).reduceByKey(lambda a, b: a + b, 2)
    return _in_threads(*[lambda: rdd.glom().collect()] * 4)


def a_failure_in_one_thread_leaves_the_others(sc):
    """Three good jobs beside a bad one."""

    def bad():
        try:
            return sc.parallelize(range(4), 2).map(lambda x: x // 0).collect()
        except Exception:
            return "failed"

    good = lambda: sc.parallelize(range(4), 2).sum()  # noqa: E731
    return _in_threads(good, bad, good, good)


def a_cached_rdd_from_many_threads(sc):
    """All see the same data."""
    rdd = sc.parallelize(range(10), 3).map(lambda x: x * x).cache()
    out = _in_threads(*[rdd.collect] * 4)
    rdd.unpersist()
    return out


def local_properties_are_those_of_a_thread(sc, api):
    """A property set in one thread is not seen in another."""
    get = api.TaskContext.get

    def job(value):
        sc.setLocalProperty("my.thread", value)
        return (
            sc.parallelize(range(2), 2).map(lambda _: get().getLocalProperty("my.thread")).collect()
        )

    return _in_threads(
        lambda: job("a"),
        lambda: job("b"),
        lambda: sc.parallelize([1], 1).map(lambda _: get().getLocalProperty("my.thread")).collect(),
    )


def a_nested_pipeline_of_generators(sc):
    """Elements pass one by one through the functions of a stage."""

    def run(it):
        log = []

        def source():
            for x in it:
                log.append(f"read {x}")
                yield x

        def middle(xs):
            for x in xs:
                log.append(f"use {x}")
                yield x

        list(middle(source()))
        return log

    return sc.parallelize(range(3), 1).mapPartitions(run).collect()


def map_and_filter_interleave(sc):
    """A narrow chain takes each element to its end before the next."""

    def chain(it):
        log = []

        def a(x):
            log.append(f"a{x}")
            return x

        def b(x):
            log.append(f"b{x}")
            return True

        for _ in filter(b, map(a, it)):
            pass
        return log

    return sc.parallelize(range(3), 1).mapPartitions(chain).collect()


def the_order_of_calls_inside_a_stage(sc, tmp):
    """Functions of one stage write to a file: element by element, not function by function."""
    path = str(tmp / "log")

    def say(text):
        with open(path, "a") as log:
            log.write(text + " ")

    def first(x):
        say(f"first{x}")
        return x

    def second(x):
        say(f"second{x}")
        return x

    sc.parallelize(range(3), 1).map(first).filter(lambda x: x != 1).map(second).collect()
    return (tmp / "log").read_text()


def map_partitions_runs_even_for_empty_partitions(sc):
    """Once for each."""
    return sc.parallelize([], 3).mapPartitionsWithIndex(lambda i, it: [(i, list(it))]).collect()


def globals_are_taken_when_first_used(sc):
    """A captured variable changed after the definition and after the first action."""
    factor = 1
    rdd = sc.parallelize([1, 2], 2).map(lambda x: x * factor)
    factor = 10
    first = rdd.collect()
    factor = 100
    return first, rdd.collect(), rdd.map(lambda x: x).collect()


def a_captured_list_changed_by_tasks(sc):
    """The driver's list stays as it is."""
    seen = []
    sc.parallelize(range(4), 2).foreach(seen.append)
    return seen


def tasks_of_one_stage_do_not_share_captured_data(sc):
    """Each task has a copy of its own."""
    seen = []

    def look(x):
        seen.append(x)
        return len(seen)

    return sc.parallelize(range(6), 3).map(look).glom().collect()


def module_state_of_two_jobs(sc):
    """Nor do two jobs of one RDD."""
    seen = []

    def look(x):
        seen.append(x)
        return len(seen)

    rdd = sc.parallelize(range(4), 2).map(look)
    return rdd.collect(), rdd.collect()


def retries_of_a_failing_task(api, tmp):
    """local[2,3]: three attempts; the third one works."""
    log = str(tmp / "log")

    def sometimes(i, it):
        items = list(it)
        if i == 1:
            with open(log, "a") as f:
                f.write("x")
            with open(log) as f:
                if len(f.read()) < 3:
                    raise RuntimeError("again")
        return items

    with api.SparkContext("local[2,3]", "retries") as sc:
        sc.setLogLevel("OFF")
        out = sc.parallelize(range(6), 3).mapPartitionsWithIndex(sometimes).glom().collect()
    return out, (tmp / "log").read_text()


def retries_end_after_the_last_attempt(api, tmp):
    """local[2,3]: never works; it ran three times."""
    log = str(tmp / "log")

    def never(it):
        with open(log, "a") as f:
            f.write("x")
        raise RuntimeError("never")

    with api.SparkContext("local[2,3]", "retries") as sc:
        sc.setLogLevel("OFF")
        try:
            sc.parallelize(range(2), 1).mapPartitions(never).collect()
        except Exception as error:
            return (tmp / "log").read_text(), "RuntimeError: never" in str(error)


def no_retries_without_a_count(api, tmp):
    """local[2]: one attempt."""
    log = str(tmp / "log")

    def never(it):
        with open(log, "a") as f:
            f.write("x")
        raise RuntimeError("never")

    with api.SparkContext("local[2]", "retries") as sc:
        sc.setLogLevel("OFF")
        try:
            sc.parallelize(range(2), 1).mapPartitions(never).collect()
        except Exception as error:
            return (tmp / "log").read_text(), "RuntimeError: never" in str(error)


def attempt_numbers_of_retries(api):
    """TaskContext.attemptNumber counts from 0."""
    get = api.TaskContext.get

    def until_two(x):
        if get().partitionId() == 1 and get().attemptNumber() < 2:
            raise RuntimeError("again")
        return x, get().partitionId(), get().attemptNumber()

    with api.SparkContext("local[2,4]", "retries") as sc:
        sc.setLogLevel("OFF")
        return sc.parallelize(range(4), 2).map(until_two).collect()


def accumulators_with_retries_count_once(api):
    """Failed attempts leave no trace."""
    get = api.TaskContext.get

    with api.SparkContext("local[2,3]", "retries") as sc:
        sc.setLogLevel("OFF")
        calls = sc.accumulator(0)

        def look(x):
            calls.add(1)
            if x == 3 and get().attemptNumber() < 2:
                raise RuntimeError("again")
            return x

        return sc.parallelize(range(6), 2).map(look).collect(), calls.value


def retries_in_a_map_side(api):
    """A shuffle whose map tasks fail once gives each record once."""
    get = api.TaskContext.get

    def once(kv):
        if get().attemptNumber() == 0 and kv[1] % 3 == 2:
            raise RuntimeError("again")
        return kv

    with api.SparkContext("local[2,2]", "retries") as sc:
        sc.setLogLevel("OFF")
        rdd = sc.parallelize([(i % 2, i) for i in range(9)], 3).map(once)
        return rdd.groupByKey(2).mapValues(list).glom().collect()


def retries_in_a_cached_rdd(api):
    """What a failed attempt computed is not kept twice."""
    get = api.TaskContext.get

    def once(x):
        if get().attemptNumber() == 0 and x == 2:
            raise RuntimeError("again")
        return x

    with api.SparkContext("local[1,2]", "retries") as sc:
        sc.setLogLevel("OFF")
        rdd = sc.parallelize(range(6), 2).map(once).cache()
        return rdd.glom().collect(), rdd.glom().collect()


def a_job_without_partitions(sc):
    """Runs nothing and gives nothing."""
    return (
        sc.emptyRDD().map(lambda x: 1 // 0).collect(),
        sc.emptyRDD().count(),
        sc.emptyRDD().foreach(print),
    )


def many_small_jobs(sc):
    """Thirty of them in a row."""
    rdd = sc.parallelize(range(4), 2)
    return [rdd.map(lambda x, n=n: x + n).sum() for n in range(30)]


def many_partitions(sc):
    """A hundred tasks."""
    return sc.parallelize(range(300), 100).map(lambda x: x % 7).glom().map(len).collect()


def a_wide_shuffle(sc):
    """20 map partitions into 30 reduce partitions."""
    rdd = sc.parallelize([(i * 17 % 211, i) for i in range(400)], 20)
    return rdd.groupByKey(30).mapValues(list).glom().collect()


def iterated_jobs_over_growing_lineage(sc):
    """Fifteen maps, one action each."""
    rdd, out = sc.parallelize([1, 2], 2), []
    for _ in range(15):
        rdd = rdd.map(lambda x: x + 1)
        out.append(rdd.sum())
    return out


def a_long_lineage_of_shuffles(sc):
    """Six reduceByKey in a row, one action."""
    rdd = sc.parallelize([(i, 1) for i in range(12)], 3)
    for n in (6, 5, 4, 3, 2, 1):
        rdd = rdd.map(lambda kv, n=n: (kv[0] % n, kv[1])).reduceByKey(lambda a, b: a + b, 2)
    return rdd.glom().collect()


def an_iteration_over_to_local_iterator(sc):
    """Partitions are computed as they are asked for."""
    calls, look = _count_calls(sc)
    it = sc.parallelize(range(6), 3).map(look).toLocalIterator()
    first = next(it)
    seen = calls.value
    return first, seen <= 4, list(it), calls.value
