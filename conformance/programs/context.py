"""SparkContext, SparkConf and TaskContext: how they are made and what they tell."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor


def _conf(api, **settings):
    conf = api.SparkConf().set("spark.ui.enabled", "false")
    for key, value in settings.items():
        conf.set(key.replace("_", "."), value)
    return conf


def a_context_from_master_and_name(api):
    """The two positional parameters."""
    sc = api.SparkContext("local[2]", "my app")
    try:
        return (
            sc.master,
            sc.appName,
            repr(sc),
            sc.defaultParallelism,
            sc.parallelize(range(4), 2).glom().collect(),
        )
    finally:
        sc.stop()


def a_context_from_a_conf(api):
    """conf= alone, and with master and appName beside it, which win."""
    with api.SparkContext(conf=_conf(api).setMaster("local[3]").setAppName("from conf")) as sc:
        first = sc.master, sc.appName
    with api.SparkContext(
        "local", "named", conf=_conf(api).setMaster("local[3]").setAppName("from conf")
    ) as sc:
        return first, sc.master, sc.appName


def a_conf_is_copied(api):
    """Changes to the conf after the start have no effect."""
    conf = _conf(api).setMaster("local").setAppName("copy").set("spark.my.key", "1")
    with api.SparkContext(conf=conf) as sc:
        conf.set("spark.my.key", "2")
        return sc.getConf().get("spark.my.key")


def the_conf_of_a_context(api):
    """getConf gives a copy with what was set."""
    conf = (
        _conf(api).set("spark.my.key", "value").set("spark.my.number", 7).set("spark.my.flag", True)
    )
    with api.SparkContext("local[2]", "conf", conf=conf) as sc:
        got = sc.getConf()
        names = (
            "spark.my.key",
            "spark.my.number",
            "spark.my.flag",
            "spark.master",
            "spark.app.name",
            "spark.none",
        )
        told = [got.get(k) for k in names]
        got.set("spark.my.key", "changed")
        return (
            told,
            sc.getConf().get("spark.my.key"),
            got.get("spark.none", "default"),
            got.contains("spark.my.key"),
        )


def conf_entries_a_context_adds(api):
    """Some keys are always there."""
    with api.SparkContext("local[2]", "conf") as sc:
        keys = dict(sc.getConf().getAll())
        return [
            k in keys
            for k in (
                "spark.app.id",
                "spark.master",
                "spark.app.name",
                "spark.driver.host",
                "spark.app.startTime",
                "spark.executor.id",
            )
        ], keys["spark.executor.id"]


def conf_entries_a_context_adds_where_they_are_not_set(api):
    """Those of Spark that need no JVM; what is set stays."""
    names = ("spark.serializer.objectStreamReset", "spark.submit.pyFiles")
    with api.SparkContext("local[2]", "conf") as sc:
        added = dict(sc.getConf().getAll())
    given = {"spark.serializer.objectStreamReset": "5", "spark.app.submitTime": "7"}
    given["spark.driver.host"] = "127.0.0.1"
    with api.SparkContext("local[2]", "conf", conf=api.SparkConf().setAll(given.items())) as sc:
        kept = dict(sc.getConf().getAll())
    told = [added.get(name) for name in names], "spark.app.submitTime" in added
    return told, [kept[name] for name in given]


def a_context_as_a_context_manager(api):
    """It is stopped behind the block: another can be made."""
    with api.SparkContext("local", "one") as sc:
        first = sc.parallelize([1], 1).collect()
    with api.SparkContext("local", "two") as sc:
        return first, sc.appName


def a_context_manager_stops_after_an_error(api):
    """The exception passes through."""
    try:
        with api.SparkContext("local", "one"):
            raise KeyError("inside")
    except KeyError as error:
        with api.SparkContext("local", "two") as sc:
            return str(error), sc.appName


def two_contexts_at_once_fail(api):
    """Only one may run; the message names the one that does."""
    with api.SparkContext("local[2]", "first"):
        try:
            api.SparkContext("local", "second")
        except ValueError as error:
            return re.sub(r" created by .*", "", str(error))
    return "accepted"


def after_a_refused_second_context_the_first_works(api):
    """The refusal does no harm."""
    with api.SparkContext("local[2]", "first") as sc:
        try:
            api.SparkContext("local", "second")
        except ValueError:
            pass
        return sc.appName, sc.parallelize([1, 2], 2).sum()


def get_or_create(api):
    """The running context, or a new one."""
    sc = api.SparkContext.getOrCreate(_conf(api).setMaster("local[2]").setAppName("made"))
    try:
        again = api.SparkContext.getOrCreate()
        other = api.SparkContext.getOrCreate(_conf(api).setAppName("ignored"))
        return sc is again, sc is other, other.appName
    finally:
        sc.stop()


def stop_twice(api):
    """The second does nothing."""
    sc = api.SparkContext("local", "stop")
    sc.stop()
    return sc.stop(), sc.stop()


def a_new_context_after_a_stop(api):
    """Ids begin anew."""
    ids = []
    for name in ("one", "two"):
        with api.SparkContext("local", name) as sc:
            rdd = sc.parallelize([1], 1)
            ids.append((rdd.id(), rdd.map(str).collect()))
    return ids


def malformed_masters_fail(api):
    """Each is refused, by some exception; after that a good one works."""
    refused = []
    for master in (
        "loco",
        "local[",
        "local[x]",
        "local[-1]",
        "local[2,]",
        "local[2][3]",
        "local 2",
        "local[1.5]",
    ):
        try:
            api.SparkContext(master, "bad").stop()
        except Exception:
            refused.append(master)
    with api.SparkContext("local", "good") as sc:
        return refused, sc.master


def an_empty_worker_count_fails(api):
    """local[0]: no thread to run a task."""
    try:
        api.SparkContext("local[0]", "none").stop()
    except Exception:
        return "refused"
    return "accepted"


def parallelism_of_masters(api):
    """defaultParallelism and defaultMinPartitions."""
    told = {}
    for master in ("local", "local[1]", "local[3]", "local[2,4]", "local[8]"):
        with api.SparkContext(master, "parallelism") as sc:
            told[master] = (
                sc.defaultParallelism,
                sc.defaultMinPartitions,
                sc.parallelize(range(8)).getNumPartitions(),
            )
    return told


def parallelism_of_all_cores(api):
    """local[*] and local[*,2] take what there is."""
    import os

    told = []
    for master in ("local[*]", "local[*,2]"):
        with api.SparkContext(master, "parallelism") as sc:
            told.append((sc.master, sc.defaultParallelism == len(os.sched_getaffinity(0))))
    return told


def parallelism_by_configuration(api):
    """spark.default.parallelism."""
    with api.SparkContext(
        "local[2]", "parallelism", conf=_conf(api, spark_default_parallelism="5")
    ) as sc:
        return (
            sc.defaultParallelism,
            sc.defaultMinPartitions,
            sc.parallelize(range(10)).glom().collect(),
            sc.range(10).getNumPartitions(),
        )


def what_a_context_tells(sc):
    """Types and patterns."""
    return (
        bool(re.fullmatch(r"\d+\.\d+\.\d+", sc.version)),
        bool(re.fullmatch(r"local-\d+", sc.applicationId)),
        type(sc.sparkUser()).__name__,
        type(sc.startTime).__name__,
        sc.uiWebUrl,
        sc.version,
    )


def a_context_in_html(api):
    """Name, master and version are in the HTML form."""
    with api.SparkContext("local[2]", "shown", conf=_conf(api)) as sc:
        html = sc._repr_html_()
        return [text in html for text in ("SparkContext", "shown", "local[2]", f"v{sc.version}")]


def python_versions_of_a_context(sc):
    """pythonVer is the interpreter's."""
    import sys

    return sc.pythonVer == f"{sys.version_info.major}.{sys.version_info.minor}", type(
        sc.pythonExec
    ).__name__


def a_wrong_log_level(sc):
    """Refused with the list of what is right."""
    sc.setLogLevel("LOUD")


def log_levels(sc):
    """Accepted in any case of letters; no value comes back."""
    return [sc.setLogLevel(level) for level in ("ERROR", "error", "Off", "OFF")]


def local_properties(sc):
    """Set, read, replaced, removed."""
    before = sc.getLocalProperty("my.key")
    sc.setLocalProperty("my.key", "1")
    first = sc.getLocalProperty("my.key")
    sc.setLocalProperty("my.key", "2")
    second = sc.getLocalProperty("my.key")
    sc.setLocalProperty("my.key", None)
    return before, first, second, sc.getLocalProperty("my.key")


def local_properties_reach_tasks(sc, api):
    """By TaskContext.getLocalProperty."""
    get = api.TaskContext.get
    sc.setLocalProperty("my.key", "seen")
    rdd = sc.parallelize(range(2), 2).map(
        lambda _: (get().getLocalProperty("my.key"), get().getLocalProperty("no.key"))
    )
    first = rdd.collect()
    sc.setLocalProperty("my.key", None)
    return first, rdd.collect()


def job_groups_are_local_properties(sc):
    """setJobGroup and setJobDescription."""
    names = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")
    sc.setJobGroup("group 1", "a description")
    first = [sc.getLocalProperty(n) for n in names]
    sc.setJobDescription("another")
    second = [sc.getLocalProperty(n) for n in names]
    sc.setJobGroup("group 2", "more", True)
    third = [sc.getLocalProperty(n) for n in names]
    for name in names:
        sc.setLocalProperty(name, None)
    return first, second, third


def run_job_on_chosen_partitions(sc):
    """Results one behind the other in the order asked for."""
    rdd = sc.parallelize(range(8), 4)
    run = lambda parts: sc.runJob(rdd, lambda it: [sum(it)], parts)  # noqa: E731
    return run(None), run([0, 2]), run([3, 1]), run([1, 1, 1]), run([]), run(range(1, 3)), run((2,))


def run_job_returns_what_the_function_yields(sc):
    """Any iterable, flattened."""
    rdd = sc.parallelize(range(6), 3)
    return (
        sc.runJob(rdd, lambda it: it),
        sc.runJob(rdd, lambda it: (x for x in it if x % 2)),
        sc.runJob(rdd, lambda it: "ab"),
    )


def run_job_on_a_partition_that_is_not_there(sc):
    """Past the end."""
    return sc.runJob(sc.parallelize(range(4), 2), lambda it: it, [0, 5])


def run_job_on_a_negative_partition(sc):
    """-1 is not the last."""
    return sc.runJob(sc.parallelize(range(4), 2), lambda it: it, [-1])


def run_job_with_a_function_that_returns_none(sc):
    """None cannot be iterated."""
    return sc.runJob(sc.parallelize(range(4), 2), lambda it: None)


def run_job_on_a_shuffled_rdd(sc):
    """Only the partitions asked for, after all map tasks."""
    rdd = sc.parallelize([(i % 4, i) for i in range(12)], 3).reduceByKey(lambda a, b: a + b, 4)
    return sc.runJob(rdd, lambda it: list(it), [2, 0])


def run_job_allow_local_is_ignored(sc):
    """The fourth parameter."""
    return sc.runJob(sc.parallelize(range(4), 2), lambda it: [list(it)], [1], True)


def no_task_context_on_the_driver(api, sc):
    """TaskContext.get() is None there."""
    return api.TaskContext.get()


def task_context_in_tasks(api, sc):
    """Partition, attempt, stage, ids, cpus."""
    get = api.TaskContext.get

    def tell(it):
        c = get()
        return [
            (
                c.partitionId(),
                c.attemptNumber(),
                type(c.stageId()).__name__,
                type(c.taskAttemptId()).__name__,
                c.cpus(),
                c.resources(),
                list(it),
            )
        ]

    return sc.parallelize(range(6), 3).mapPartitions(tell).collect()


def task_context_behind_shuffles_and_unions(api, sc):
    """partitionId is that of the partition being computed."""
    get = api.TaskContext.get
    rdd = sc.parallelize([(i, i) for i in range(6)], 3)
    shuffled = (
        rdd.map(lambda kv: (kv[0], get().partitionId()))
        .partitionBy(2)
        .map(lambda kv: (kv, get().partitionId()))
    )
    union = rdd.map(lambda kv: get().partitionId()).union(rdd.map(lambda kv: get().partitionId()))
    return (
        shuffled.collect(),
        union.collect(),
        rdd.coalesce(2).map(lambda kv: get().partitionId()).collect(),
    )


def task_attempt_ids_are_unique(api, sc):
    """One for each task."""
    get = api.TaskContext.get
    ids = sc.parallelize(range(6), 6).map(lambda _: get().taskAttemptId()).collect()
    return len(set(ids)), ids == sorted(ids)


def stage_ids_are_shared_within_a_stage(api, sc):
    """And differ between the two stages of a shuffle."""
    get = api.TaskContext.get
    rdd = (
        sc.parallelize([(i, i) for i in range(4)], 2)
        .map(lambda kv: (kv[0], get().stageId()))
        .partitionBy(2)
    )
    pairs = rdd.map(lambda kv: (kv[1], get().stageId())).collect()
    return len({a for a, _ in pairs}), len({b for _, b in pairs}), all(a < b for a, b in pairs)


def parallelize_takes_any_iterable(sc):
    """list, tuple, set of one, dict, str, generator, range, map, bytes."""
    sources = (
        [1, 2, 3],
        (1, 2, 3),
        {7},
        {"a": 1, "b": 2},
        "abc",
        (x for x in range(3)),
        range(3),
        map(str, [1, 2]),
        b"ab",
        [],
    )
    return [sc.parallelize(s, 2).glom().collect() for s in sources]


def parallelize_takes_counts_that_look_like_ints(sc):
    """int() of the number of slices."""
    return (
        sc.parallelize([1, 2, 3], 2.9).glom().collect(),
        sc.parallelize([1, 2, 3], "2").glom().collect(),
        sc.parallelize([1, 2], True).glom().collect(),
    )


def parallelize_into_no_slices_fails(sc):
    """Zero."""
    return sc.parallelize([1, 2, 3], 0).collect()


def parallelize_of_nothing_into_no_slices_fails(sc):
    """An empty list and zero."""
    return sc.parallelize([], 0).collect()


def parallelize_into_negative_slices_fails(sc):
    """-1."""
    return sc.parallelize([1, 2, 3], -1).collect()


def parallelize_of_a_number_fails(sc):
    """An int is not iterable."""
    return sc.parallelize(5, 1)


def parallelize_of_ranges(sc):
    """Steps, negative ones, and slices that do not divide evenly."""
    ranges = (
        range(10),
        range(1, 10, 3),
        range(10, 0, -2),
        range(5, 5),
        range(0, 7),
        range(2**40, 2**40 + 3),
        range(-5, 5),
    )
    return [sc.parallelize(r, n).glom().collect() for r in ranges for n in (1, 3, 4)]


def range_of_the_context(sc):
    """sc.range with its parameters."""
    return (
        sc.range(5, numSlices=2).glom().collect(),
        sc.range(2, 9, 2, 3).glom().collect(),
        sc.range(5, 0, -1, 2).glom().collect(),
        sc.range(3, 3, numSlices=2).glom().collect(),
        sc.range(-2, 2, numSlices=1).collect(),
    )


def range_with_step_zero(sc):
    """Python's own error."""
    return sc.range(0, 5, 0)


def empty_rdd(sc):
    """No partitions."""
    rdd = sc.emptyRDD()
    return rdd.getNumPartitions(), rdd.collect(), rdd.isEmpty(), rdd.count(), rdd.glom().collect()


def what_parallelize_copies(sc):
    """Changing the list afterwards changes nothing."""
    data = [[1], [2]]
    rdd = sc.parallelize(data, 2)
    data[0].append("later")
    data.append([3])
    return rdd.collect()


def conf_without_a_context(api):
    """SparkConf alone."""
    conf = api.SparkConf(False)
    conf.setMaster("local").setAppName("x").set("a.b", "c").setIfMissing("a.b", "d").setIfMissing(
        "e", "f"
    )
    conf.setAll([("g", "h"), ("i", 1)]).setSparkHome("/spark").setExecutorEnv(
        "VAR", "value"
    ).setExecutorEnv(pairs=[("P", "q")])
    return (
        sorted(conf.getAll()),
        conf.get("none"),
        conf.get("none", "d"),
        conf.contains("g"),
        sorted(conf.toDebugString().split("\n")),
    )


def conf_lines_once_a_context_was_started(api):
    """By name in what is made from then on."""
    with api.SparkContext("local", "lines", conf=_conf(api).set("spark.b", 1).set("spark.a", 2)):
        pass
    conf = api.SparkConf(False).set("b", 1).set("a", 2).set("c", 3).set("a.b", 4)
    return conf.toDebugString().split("\n")


def conf_executor_env_needs_a_pair(api):
    """Neither key nor pairs."""
    return api.SparkConf(False).setExecutorEnv()


def environment_reaches_tasks(api):
    """environment= and setExecutorEnv."""
    import os

    conf = _conf(api).setExecutorEnv("MY_OTHER", "two")
    with api.SparkContext("local[2]", "env", environment={"MY_VARIABLE": "one"}, conf=conf) as sc:
        return (
            sc.parallelize([1], 1)
            .map(lambda _: (os.environ.get("MY_VARIABLE"), os.environ.get("MY_OTHER")))
            .collect()
        )


def a_context_in_a_closure_fails(sc):
    """Where the pipeline is serialised."""
    return sc.parallelize([1], 1).map(lambda x: sc.parallelize([x], 1).collect()).collect()


def an_rdd_in_a_closure_fails(sc):
    """Actions inside transformations."""
    other = sc.parallelize([1, 2], 1)
    return sc.parallelize([1], 1).map(lambda x: other.count()).collect()


def a_context_made_in_a_task_fails(api, sc):
    """Only the driver may."""
    make = api.SparkContext
    return sc.parallelize([1], 1).map(lambda _: make("local", "inner")).collect()


def an_action_after_stop_fails(api):
    """Of an RDD of a stopped context: some error, never an answer."""
    sc = api.SparkContext("local", "stopped")
    rdd = sc.parallelize([1, 2], 1)
    sc.stop()
    try:
        return rdd.collect()
    except Exception:
        return "refused"


def parallelize_after_stop_fails(api):
    """Some error."""
    sc = api.SparkContext("local", "stopped")
    sc.stop()
    try:
        return sc.parallelize([1, 2], 1).collect()
    except Exception:
        return "refused"


def a_batch_size_of_the_context(api):
    """batchSize=2: batches of two in parallelize, in cartesian and in repartition."""
    with api.SparkContext("local[2]", "batches", batchSize=2, conf=_conf(api)) as sc:
        rdd = sc.parallelize(list(range(7)), 2)
        return (
            rdd.glom().collect(),
            rdd.cartesian(rdd).glom().collect(),
            rdd.repartition(3).glom().collect(),
            rdd.map(str).cartesian(rdd).glom().collect(),
        )


def batch_sizes_and_serializers(api):
    """All sizes from -1 on; a serializer of the program's choice; what works with none of them."""
    marshal = api.serializers.MarshalSerializer()
    given = [{"batchSize": size} for size in (-1, 0, 1, 3, True, -7, "a")]
    given += [{"serializer": each} for each in (marshal, None, 3, type(marshal))]
    found = []
    for each in given:
        try:
            with api.SparkContext("local[2]", "batches", conf=_conf(api), **each) as sc:
                rdd = sc.parallelize(list("abcdefg"), 3)
                found.append((rdd.glom().collect(), rdd.repartition(2).glom().collect()))
        except Exception:
            found.append("refused")
    return found


def _in_threads(function):
    def of_partition(records):
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(function, records))

    return of_partition


def task_context_in_threads_of_a_task(sc, api):
    """A pool's threads, a timer, and threads that threads start know the task as it does itself."""
    get = api.TaskContext.get

    def whose(records):
        task, found = get(), []

        def look():
            found.append(get() is task)

        def start_another():
            other = threading.Thread(target=look)
            other.start()
            other.join()

        threads = [threading.Thread(target=start_another), threading.Timer(0.01, look)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [(task.partitionId(), found)]

    numbers = sc.parallelize(range(4), 2)
    sc.setLocalProperty("threads", "two")
    asked = _in_threads(lambda x: (get().partitionId(), get().getLocalProperty("threads"), x))
    try:
        return numbers.mapPartitions(asked).collect(), numbers.mapPartitions(whose).collect()
    finally:
        sc.setLocalProperty("threads", None)


def sharing_in_threads_of_a_task(sc):
    """Accumulators, broadcast values, `hash` and the program's classes are the task's."""
    sums, words = sc.accumulator(0), sc.broadcast(["a", "b"])

    def work(x):
        sums.add(x)
        return words.value[x % 2], hash("abc")

    done = sc.parallelize(range(4), 2).mapPartitions(_in_threads(work)).collect()
    return done, sums.value


def contexts_in_threads_of_a_task(sc, api):
    """They are refused there too."""

    def make(_):
        try:
            api.SparkContext("local[1]", "inner")
        except Exception as error:
            return type(error).__name__, error.getCondition()
        return "made"

    return sc.parallelize([1], 1).mapPartitions(_in_threads(make)).collect()


def _start(api, key, value):
    """What a job gives in a context with a setting; if it fails, which words the error has."""
    conf = _conf(api).setMaster("local[2]").setAppName("setting").set(key, value)
    try:
        with api.SparkContext(conf=conf) as sc:
            return sc.parallelize(range(4), 2).count()
    except Exception as error:
        text = str(error)
        words = (
            "should be between 0 and 1",
            "Storage fraction must be in [0,1)",
            f'Illegal value for config key {key}: For input string: "{value}"',
            f"Failed to parse byte string: {value}",
            "Invalid suffix: ",
            "Fractional values are not supported. Input was: ",
            f"must be at least {450 << 20}",
            f"The value '{value}' in the config \"{key}\" is invalid",
            "Can not create a Path from an empty string",
            f"The codec {value} is not available",
        )
        return [each for each in words if each in text]


def settings_of_memory_that_are_refused(api):
    """Parts of it that are none, and amounts for executors, also where there is no other one."""
    fractions = [
        _start(api, f"spark.memory.{name}", value)
        for name in ("fraction", "storageFraction")
        for value in ("7", "-0.1", "x", "1", "0.3")
    ]
    amounts = ("1x", "", "-1g", "1.5g", "449m", "450m", "1024", "2g")
    return fractions, [_start(api, "spark.executor.memory", amount) for amount in amounts]


def numbers_of_jobs_to_remember(api):
    """Less than none is none; what is no int is refused."""
    seen = []
    for number in ("-5", "0", "2"):
        conf = _conf(api).setMaster("local").setAppName("jobs").set("spark.ui.retainedJobs", number)
        with api.SparkContext(conf=conf) as sc:
            for _ in range(3):
                sc.parallelize([1], 1).count()
            time.sleep(0.5)
            seen.append(sc.statusTracker().getJobIdsForGroup(None))
    texts = ("x", "1.5", "", "99999999999")
    return seen, [_start(api, "spark.ui.retainedJobs", text) for text in texts]


def other_settings_that_are_refused(api):
    """A directory for checkpoints that has no name, and codecs that nobody knows."""
    return [
        _start(api, "spark.checkpoint.dir", ""),
        *(_start(api, "spark.io.compression.codec", name) for name in ("gzip", "zlib", "", "lzf")),
    ]
