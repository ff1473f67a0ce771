"""SparkSession: how one is made, its settings, its end."""

import os
import tempfile
import threading


def _attempt(function):
    try:
        return function()
    except Exception as error:
        return error


def building(api):
    """All ways to name settings; values become text."""
    Session = api.sql.SparkSession
    builder = Session.builder.master("local[2]").appName("building").config("a", True)
    builder = builder.config("b", 1.5).config(map={"c": 3, "d": False})
    conf = api.SparkConf(loadDefaults=False).set("e", "f")
    with builder.config(conf=conf).getOrCreate() as spark:
        sc = spark.sparkContext
        return [
            sc.appName,
            sc.master,
            [spark.conf.get(key) for key in "abcde"],
            [sc.getConf().get(key) for key in "abcde"],
            spark.version == sc.version,
            Session.builder is Session.builder,
        ]


def one_session(api):
    """getOrCreate gives the one that runs, and applies the settings to it alone."""
    Session = api.sql.SparkSession
    with Session.builder.master("local[2]").appName("first").getOrCreate() as spark:
        again = Session.builder.appName("second").config("k", "v").master("local[3]").getOrCreate()
        return [
            again is spark,
            spark.conf.get("spark.app.name"),
            spark.sparkContext.appName,
            spark.conf.get("k"),
            spark.sparkContext.getConf().get("k"),
            spark.sparkContext.master,
            Session.getActiveSession() is spark,
            Session.active() is spark,
        ]


def of_a_context(api):
    """A session on a context that runs: what is set for it stays its own."""
    Session = api.sql.SparkSession
    with api.SparkContext("local[2]", "mine") as sc:
        spark = Session.builder.appName("other").config("k", "v").getOrCreate()
        direct = Session(sc)
        found = [
            spark.sparkContext is sc,
            sc.appName,
            spark.conf.get("spark.app.name"),
            spark.conf.get("k"),
            sc.getConf().get("k"),
            direct is spark,
            direct.conf.get("k"),
            Session.builder.getOrCreate() is spark,
        ]
        direct.conf.set("k", "w")
        return [*found, spark.conf.get("k")]


def more_sessions(api):
    """newSession and create: the context is shared, the settings are not."""
    Session = api.sql.SparkSession
    with Session.builder.master("local[2]").config("k", "v").getOrCreate() as spark:
        spark.conf.set("later", "x")
        new = spark.newSession()
        made = Session.builder.config("own", "y").create()
        return [
            new.sparkContext is spark.sparkContext,
            new.conf.get("k", "none"),
            new.conf.get("later", "none"),
            made is spark,
            made.conf.get("own"),
            spark.conf.get("own", "none"),
            Session.getActiveSession() is spark,
            Session.builder.getOrCreate() is spark,
            new.range(2).collect(),
        ]


def the_end(api):
    """stop ends the context and the session; the next one is new."""
    Session = api.sql.SparkSession
    with Session.builder.master("local[2]").appName("one").getOrCreate() as spark:
        pass
    found = [
        Session.getActiveSession(),
        _attempt(Session.active),
        api.SparkContext._active_spark_context,
    ]
    spark.stop()
    with Session.builder.master("local[2]").appName("two").getOrCreate() as other:
        found += [other is spark, other.sparkContext.appName, other.range(2).count()]
        other.sparkContext.stop()
        third = Session.builder.master("local[2]").appName("three").getOrCreate()
        found += [third is other, third.sparkContext.appName, third.range(3).count()]
        third.stop()
    return found


def other_threads(spark, api):
    """In a thread that made no session none is active, but the first one is found."""
    found = []

    def ask():
        found.append(api.sql.SparkSession.getActiveSession())
        found.append(api.sql.SparkSession.active() is not None)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return found


def settings(api):
    """Set, asked for, forgotten."""
    with api.sql.SparkSession.builder.master("local[2]").appName("conf").getOrCreate() as spark:
        conf = spark.conf
        found = [
            _attempt(lambda: conf.get("a.b")),
            conf.get("a.b", "x"),
            conf.get("a.b", None),
        ]
        for value in ("1", 5, True, False):
            conf.set("a.b", value)
            found.append(conf.get("a.b"))
        found.append(conf.getAll["a.b"])
        conf.unset("a.b")
        conf.unset("a.b")
        found.append(_attempt(lambda: conf.get("a.b")))
        conf.set("spark.app.name", "other")
        found += [conf.get("spark.app.name"), spark.sparkContext.appName]
        conf.unset("spark.app.name")
        found.append(_attempt(lambda: conf.get("spark.app.name")))
        return found


def settings_with_defaults(spark):
    conf = spark.conf
    keys = ["shuffle.partitions", "files.maxPartitionBytes", "files.openCostInBytes"]
    keys += ["files.minPartitionNum", "leafNodeDefaultParallelism", "timestampType"]
    keys += ["caseSensitive", "repl.eagerEval.enabled", "catalogImplementation", "ansi.enabled"]
    keys += ["sources.partitionOverwriteMode", "execution.arrow.pyspark.enabled"]
    found = [[conf.get(f"spark.sql.{key}"), conf.isModifiable(f"spark.sql.{key}")] for key in keys]
    conf.set("spark.sql.files.maxPartitionBytes", "1k")
    found.append(conf.get("spark.sql.files.maxPartitionBytes"))
    conf.unset("spark.sql.files.maxPartitionBytes")
    found.append(conf.get("spark.sql.files.maxPartitionBytes"))
    found.append(conf.get("spark.sql.shuffle.partitions", "7"))
    return found + [conf.isModifiable(key) for key in ("a.b", "spark.master", "spark.ui.enabled")]


def settings_that_are_refused(spark):
    conf = spark.conf
    return [
        _attempt(lambda: conf.set(key, value))
        for key, value in [
            ("a", None),
            ("spark.executor.memory", "1g"),
            ("spark.task.cpus", "1"),
            ("spark.default.parallelism", "3"),
            ("spark.sql.warehouse.dir", "x"),
            ("spark.sql.catalogImplementation", "hive"),
            ("spark.sql.shuffle.partitions", "x"),
            ("spark.sql.shuffle.partitions", "0"),
            ("spark.sql.files.maxPartitionBytes", "1.5"),
            ("spark.sql.files.openCostInBytes", "many"),
            ("spark.sql.files.minPartitionNum", "0"),
            ("spark.sql.files.maxPartitionNum", "-1"),
            ("spark.sql.leafNodeDefaultParallelism", "0"),
            ("spark.sql.timestampType", "x"),
            ("spark.sql.session.timeZone", "nowhere"),
            ("spark.sql.caseSensitive", "maybe"),
        ]
    ] + [
        _attempt(lambda: conf.get(1)),
        _attempt(lambda: conf.get("a", 1)),
        _attempt(lambda: conf.get("spark.sql.shuffle.partitions", "x")),
        _attempt(lambda: conf.unset("spark.sql.warehouse.dir")),
        _attempt(lambda: spark.client),
        _attempt(lambda: spark.nothing),
    ]


def failures_under_a_session(spark):
    """A failed function, as actions tell of it, and as those that write or iterate do."""
    sc = spark.sparkContext
    failing = sc.parallelize([1, 0], 2).map(lambda n: 1 // n)
    written = os.path.join(tempfile.mkdtemp(), "written")
    return [
        _attempt(failing.collect),
        _attempt(failing.count),
        _attempt(lambda: failing.saveAsTextFile(written)),
        _attempt(lambda: list(failing.toLocalIterator())),
        _attempt(lambda: list(failing.toLocalIterator(prefetchPartitions=True))),
        _attempt(sc.textFile("/nowhere/at/all").collect),
    ]
