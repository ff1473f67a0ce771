"""Checkpoints, reliable and local: what they keep, when, and what of the lineage is left."""

import os
import re
import shutil


def _caught(f):
    try:
        return f()
    except Exception as error:
        text = str(error)
        words = (
            "Checkpoint directory has not been set",
            "Can not create a Path from an empty string",
            "Parent path is not a directory",
            "CHECKPOINT_RDD_BLOCK_ID_NOT_FOUND",
            "is not appropriate for local checkpointing",
            "Checksum error",
            "does not exist",
            "only once",
        )
        return [each for each in words if each in text]


def _state(rdd):
    return (
        rdd.is_checkpointed,
        rdd.isCheckpointed(),
        rdd.isLocallyCheckpointed(),
        rdd.getCheckpointFile() is not None,
        str(rdd.getStorageLevel()),
    )


def _lineage(rdd):
    """Its kinds of RDD, without ids and sites."""
    text = rdd.toDebugString().decode()
    return re.findall(r"[A-Za-z]+RDD2?", re.sub(r"at .*", "", text))


def _counted(sc, n=4, parts=2):
    """An RDD, and a function that tells how many elements were computed since it was last asked."""
    total = sc.accumulator(0)
    before = [0]

    def one(x):
        total.add(1)
        return x

    def more():
        since, before[0] = total.value - before[0], total.value
        return since

    return sc.parallelize(range(n), parts).map(one), more


def without_a_directory(sc):
    """Is refused; the RDD says that it is checkpointed all the same."""
    sc.setCheckpointDir(None)
    rdd = sc.parallelize(range(5), 2)
    return _caught(rdd.checkpoint), _state(rdd), sc.getCheckpointDir()


def the_directory(sc, tmp):
    """Has one of its own for the context below it, made at once."""
    sc.setCheckpointDir(str(tmp / "kept"))
    (name,) = os.listdir(tmp / "kept")
    given = sc.getCheckpointDir()
    sc.setCheckpointDir("file://" + str(tmp / "other"))
    other = sc.getCheckpointDir()
    return (
        given == f"file:{tmp}/kept/{name}",
        re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name) is not None,
        other.startswith(f"file:{tmp}/other/"),
        os.path.isdir(tmp / "other"),
    )


def odd_directories(sc, tmp):
    """An empty path, one below a file."""
    (tmp / "file").write_text("")
    sc.setCheckpointDir(str(tmp))
    before = sc.getCheckpointDir()
    errors = [_caught(lambda p=p: sc.setCheckpointDir(p)) for p in ("", str(tmp / "file" / "x"))]
    return errors, sc.getCheckpointDir() == before


def by_the_configuration(api, tmp):
    """spark.checkpoint.dir."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("c")
    with api.SparkContext(conf=conf.set("spark.checkpoint.dir", str(tmp / "kept"))) as sc:
        rdd = sc.parallelize(range(3), 2)
        rdd.checkpoint()
        rdd.count()
        return sc.getCheckpointDir().startswith(f"file:{tmp}/kept/"), rdd.isCheckpointed()


def a_reliable_one(sc, tmp):
    """Carried out by the next job; the files; the lineage ends there, also that of its children."""
    sc.setCheckpointDir(str(tmp))
    rdd = sc.parallelize(range(5), 2).map(lambda x: x * 2)
    rdd.checkpoint()
    rdd.checkpoint()
    child = rdd.map(lambda x: x + 1)
    before = _state(rdd), _lineage(rdd), _lineage(child)
    values = child.collect()
    directory = rdd.getCheckpointFile()
    return (
        before,
        values,
        (_state(rdd), _lineage(rdd), _lineage(child)),
        directory == f"{sc.getCheckpointDir()}/rdd-{rdd.id()}",
        sorted(os.listdir(directory.removeprefix("file:"))),
        rdd.glom().collect(),
        child.glom().collect(),
    )


def how_often_it_is_computed(sc, tmp):
    """By the job, and by the checkpoint; once if it is cached; never again."""
    sc.setCheckpointDir(str(tmp))
    seen = []
    for cached in (False, True):
        rdd, more = _counted(sc)
        if cached:
            rdd.cache()
        rdd.checkpoint()
        for job in (rdd.count, rdd.count, rdd.unpersist, rdd.count):
            job()
            seen.append(more())
    return seen


def after_one_partition(sc, tmp):
    """take computes one partition, the checkpoint all."""
    sc.setCheckpointDir(str(tmp))
    rdd, more = _counted(sc, 4, 4)
    rdd.checkpoint()
    return rdd.take(1), more(), rdd.isCheckpointed(), rdd.collect(), more()


def no_partitions(sc, tmp):
    """Nothing to keep is kept as well."""
    sc.setCheckpointDir(str(tmp))
    seen = []
    for rdd in (sc.emptyRDD(), sc.parallelize([], 2), sc.parallelize([], 2).map(str)):
        rdd.checkpoint()
        seen.append((rdd.count(), rdd.isCheckpointed(), rdd.glom().collect(), _lineage(rdd)))
    return seen


def which_actions_carry_it_out(sc, tmp):
    """Those that run a job to its end on the calling thread."""
    sc.setCheckpointDir(str(tmp / "kept"))
    actions = [
        lambda rdd: rdd.collect(),
        lambda rdd: rdd.count(),
        lambda rdd: rdd.first(),
        lambda rdd: rdd.foreach(lambda x: None),
        lambda rdd: rdd.reduce(max),
        lambda rdd: rdd.sortBy(lambda x: x),
        lambda rdd: rdd.zipWithIndex(),
        lambda rdd: rdd.saveAsTextFile(str(tmp / "out")),
        lambda rdd: rdd.context.runJob(rdd, list, [0]),
        lambda rdd: rdd.context.runJob(rdd, list, []),
        lambda rdd: rdd.getNumPartitions(),
        lambda rdd: rdd.toDebugString(),
        lambda rdd: rdd.countApprox(10000),
        lambda rdd: list(rdd.toLocalIterator()),
        lambda rdd: list(rdd.toLocalIterator(prefetchPartitions=True)),
        lambda rdd: rdd.collectWithJobGroup("group", "job"),
        lambda rdd: rdd.union(rdd).count(),
        lambda rdd: rdd.map(lambda x: (x, x)).groupByKey().count(),
    ]
    seen = []
    for action in actions:
        rdd = sc.parallelize(range(4), 2).map(lambda x: x)
        rdd.checkpoint()
        action(rdd)
        seen.append(rdd.isCheckpointed())
    return seen


def a_mark_that_comes_too_late(sc, tmp):
    """After a job on the RDD itself it is never carried out; after one in a pass with it, it is."""
    sc.setCheckpointDir(str(tmp))
    itself = sc.parallelize(range(4), 2).map(lambda x: x)
    itself.collect()
    itself.checkpoint()
    itself.collect()
    itself.count()
    in_a_pass = sc.parallelize(range(4), 2).map(lambda x: x)
    in_a_pass.count()
    in_a_pass.checkpoint()
    in_a_pass.collect()
    source = sc.parallelize(range(4), 2)
    source.map(lambda x: x).count()
    source.checkpoint()
    source.count()
    return [rdd.isCheckpointed() for rdd in (itself, in_a_pass, source)]


def a_mark_on_what_a_child_has_already(sc, tmp):
    """A child that was defined before the mark computes its parent's functions itself."""
    sc.setCheckpointDir(str(tmp))
    parent = sc.parallelize(range(6), 3).map(lambda x: x)
    child = parent.map(lambda x: -x)
    parent.checkpoint()
    child.count()
    return parent.isCheckpointed(), _lineage(child), child.collect()


def marks_one_before_the_other(sc, tmp):
    """Only the last; the other by a job of its own."""
    sc.setCheckpointDir(str(tmp))
    parent, more = _counted(sc)
    parent.cache().checkpoint()
    child = parent.map(lambda x: x + 1)
    child.checkpoint()
    child.count()
    first = parent.isCheckpointed(), child.isCheckpointed(), more(), _lineage(child)
    parent.count()
    return first, parent.isCheckpointed(), child.isCheckpointed(), child.collect()


def marks_with_all_ancestors(sc, tmp):
    """With a local property, both."""
    sc.setCheckpointDir(str(tmp))
    sc.setLocalProperty("spark.checkpoint.checkpointAllMarkedAncestors", "true")
    try:
        parent = sc.parallelize(range(4), 2).map(lambda x: x)
        parent.checkpoint()
        child = parent.map(lambda x: (x % 2, x)).groupByKey(2).mapValues(list)
        child.checkpoint()
        child.count()
        return parent.isCheckpointed(), child.isCheckpointed(), child.glom().collect()
    finally:
        sc.setLocalProperty("spark.checkpoint.checkpointAllMarkedAncestors", None)


def behind_a_shuffle(sc, tmp):
    """The partitioner stays, and joins need no shuffle; a later mark computes no map task again."""
    sc.setCheckpointDir(str(tmp))
    rdd, more = _counted(sc, 9, 3)
    sums = rdd.map(lambda x: (x % 3, x)).reduceByKey(lambda a, b: a + b, 2)
    sums.count()
    first = more()
    sums.checkpoint()
    sums.count()
    joined = sums.join(sums.mapValues(str))
    return (
        first,
        more(),
        sums.isCheckpointed(),
        _lineage(sums),
        sums.partitioner is not None,
        sums.glom().collect(),
        joined.getNumPartitions(),
        joined.glom().collect(),
        sums.lookup(2),
    )


def steps_behind_it(sc, tmp):
    """Batches, and so the order of what follows, are those of the RDD."""
    sc.setCheckpointDir(str(tmp))
    rdd = sc.parallelize(range(25), 5).map(lambda x: x)
    rdd.checkpoint()
    rdd.count()
    small = sc.parallelize("ab", 2)
    return [
        each.glom().collect()
        for each in (
            rdd.repartition(3),
            rdd.coalesce(2),
            rdd.union(rdd),
            rdd.cartesian(small),
            rdd.zip(sc.parallelize(range(25), 5)),
            rdd.map(lambda x: (x, x)).partitionBy(3),
            rdd.distinct(2),
        )
    ]


def coalesce_of_shuffled(sc, tmp):
    """Groups of neighbours: nothing is known of where the files lie."""
    sc.setCheckpointDir(str(tmp))
    plain = sc.parallelize(range(10), 5).map(lambda v: (v % 4, v)).reduceByKey(max, 5)
    kept = sc.parallelize(range(10), 5).map(lambda v: (v % 4, v)).reduceByKey(max, 5)
    kept.checkpoint()
    plain.count(), kept.count()
    return plain.coalesce(2).glom().collect(), kept.coalesce(2).glom().collect()


def of_a_text_file(sc, tmp):
    """The file is not needed any more."""
    (tmp / "in").write_text("a\nb\nc\n")
    sc.setCheckpointDir(str(tmp / "kept"))
    lines = sc.textFile(str(tmp / "in"), 2)
    lines.checkpoint()
    first = lines.glom().collect()
    os.remove(tmp / "in")
    return (
        first,
        lines.glom().collect(),
        lines.union(lines).count(),
        lines.name() == str(tmp / "in"),
    )


def the_job_that_computes_it_fails(sc, tmp):
    """Then the next one carries it out."""
    sc.setCheckpointDir(str(tmp / "kept"))
    flag = tmp / "fails"
    flag.write_text("")

    def risky(x):
        if os.path.exists(flag):
            raise ValueError("boom")
        return x

    rdd = sc.parallelize(range(4), 1).map(risky)
    rdd.checkpoint()
    seen = [_caught(rdd.count), rdd.isCheckpointed()]
    os.remove(flag)
    return [*seen, rdd.count(), rdd.isCheckpointed()]


def its_own_job_fails(sc, tmp):
    """The action fails, though it had its answer; it is never carried out."""
    sc.setCheckpointDir(str(tmp / "kept"))
    flag = tmp / "seen"

    def once(x):
        if os.path.exists(flag):
            raise ValueError("only once")
        if x == 3:
            open(flag, "w").close()
        return x

    rdd = sc.parallelize(range(4), 1).map(once)
    rdd.checkpoint()
    seen = [_caught(rdd.count), rdd.isCheckpointed(), _caught(rdd.count)]
    os.remove(flag)
    return [*seen, rdd.count(), rdd.isCheckpointed(), rdd.getCheckpointFile()]


def files_that_are_gone_or_damaged(sc, tmp):
    """Are an error that names them."""
    sc.setCheckpointDir(str(tmp))
    rdd = sc.parallelize(range(6), 2).map(lambda x: x)
    rdd.checkpoint()
    rdd.count()
    part = os.path.join(rdd.getCheckpointFile().removeprefix("file:"), "part-00001")
    with open(part, "r+b") as file:
        file.write(b"xx")
    altered = _caught(rdd.collect)
    with open(part, "r+b") as file:
        file.truncate(3)
    cut = _caught(rdd.collect)
    os.remove(part)
    return altered, cut, _caught(rdd.collect)


def the_directory_is_made_anew(sc, tmp):
    """If it has gone meanwhile."""
    sc.setCheckpointDir(str(tmp / "kept"))
    shutil.rmtree(tmp / "kept")
    rdd = sc.parallelize(range(6), 2)
    rdd.checkpoint()
    return rdd.count(), rdd.isCheckpointed(), rdd.collect()


def a_local_one(sc):
    """Carried out by a job on the RDD itself; functions of a pass with it compute it anew."""
    rdd, more = _counted(sc)
    rdd.localCheckpoint()
    seen = [(_state(rdd), rdd.is_cached, _lineage(rdd), more())]
    for job in (rdd.count, rdd.collect, rdd.collect, rdd.count, rdd.map(str).collect):
        job()
        seen.append((_state(rdd), _lineage(rdd), more()))
    return seen


def a_local_one_of_a_cached_rdd(sc, api):
    """The level gets the disk; count carries it out."""
    seen = []
    for level in ("MEMORY_ONLY", "DISK_ONLY", "MEMORY_AND_DISK_2", "OFF_HEAP"):
        rdd, more = _counted(sc)
        rdd.persist(getattr(api.StorageLevel, level))
        rdd.localCheckpoint()
        seen.append((rdd.count(), _state(rdd), _lineage(rdd), more(), rdd.collect(), more()))
    rdd = sc.parallelize([1], 1)
    rdd.localCheckpoint()
    rdd.cache()
    return seen, str(rdd.getStorageLevel())


def a_local_one_after_one_partition(sc):
    """What is missing is computed."""
    rdd, more = _counted(sc, 8, 4)
    rdd.cache().localCheckpoint()
    return rdd.take(1), more(), rdd.isCheckpointed(), rdd.count(), more()


def a_local_one_that_is_unpersisted(sc):
    """Before: it cannot be carried out, once. After: it is gone."""
    before = sc.parallelize(range(4), 2).map(lambda x: x)
    before.localCheckpoint()
    before.unpersist()
    first = _caught(before.collect), _state(before), before.collect(), _lineage(before)
    after = sc.parallelize(range(4), 2).map(lambda x: x)
    after.localCheckpoint()
    after.collect()
    after.unpersist()
    return first, _caught(after.collect), after.count(), _state(after)


def both_kinds(sc, tmp):
    """A local one goes before a reliable one, whichever came first."""
    sc.setCheckpointDir(str(tmp))
    one = sc.parallelize(range(4), 2).map(lambda x: x)
    one.checkpoint()
    one.localCheckpoint()
    two = sc.parallelize(range(4), 2).map(lambda x: x)
    two.localCheckpoint()
    two.checkpoint()
    three = sc.parallelize(range(4), 2).map(lambda x: x)
    three.checkpoint()
    three.count()
    three.localCheckpoint()
    return [(rdd.count(), _state(rdd), _lineage(rdd)) for rdd in (one, two, three)]


def a_local_one_and_what_follows(sc):
    """Joins, unions and shuffles of it."""
    rdd = sc.parallelize([(i % 3, i) for i in range(9)], 3).reduceByKey(max, 3)
    rdd.localCheckpoint()
    rdd.collect()
    return [
        each.glom().collect()
        for each in (rdd, rdd.union(rdd), rdd.join(rdd), rdd.sortByKey(numPartitions=2))
    ], rdd.lookup(1)


def in_a_barrier_stage(api, tmp):
    """A barrier RDD."""
    with api.SparkContext("local[2]", "barrier") as sc:
        sc.setCheckpointDir(str(tmp))
        rdd = sc.parallelize(range(4), 2).barrier().mapPartitions(lambda it: it)
        rdd.checkpoint()
        return rdd.collect(), rdd.isCheckpointed(), rdd.map(lambda x: x + 1).collect()


def the_files_outlive_the_context(api, tmp):
    """They stay."""
    with api.SparkContext("local[2]", "kept") as sc:
        sc.setCheckpointDir(str(tmp))
        rdd = sc.parallelize(range(4), 2)
        rdd.checkpoint()
        rdd.count()
        directory = rdd.getCheckpointFile().removeprefix("file:")
    return sorted(name for name in os.listdir(directory) if not name.startswith("."))


def cleaning_shuffles(sc):
    """What follows is computed again, unless a cached RDD stands between."""
    rdd, more = _counted(sc, 9, 3)
    sums = rdd.map(lambda x: (x % 3, x)).reduceByKey(lambda a, b: a + b, 2)
    sums.count(), sums.count()
    seen = [more()]
    sums.cleanShuffleDependencies()
    sums.cleanShuffleDependencies(True)
    sums.cleanShuffleDependencies(blocking=False)
    return seen, sums.glom().collect(), sums.mapValues(str).sortByKey().collect()


def accumulators_after_cleaning(sc):
    """What is computed again is counted again, but not what is behind a cached RDD."""
    rdd, more = _counted(sc)
    sums = rdd.map(lambda x: (x % 3, x)).reduceByKey(lambda a, b: a + b, 2)
    seen = []
    for _ in range(2):
        seen.append((sums.glom().collect(), more()))
        sums.collect()
        sums.cleanShuffleDependencies(True)
    sums.cache().collect()
    seen.append(more())
    grouped = sums.groupByKey(2)
    grouped.collect()
    grouped.cleanShuffleDependencies(True)
    return seen, grouped.mapValues(list).glom().collect(), more()


def cleaning_where_there_is_none(sc):
    """No shuffle, none that has run, none at all."""
    plain = sc.parallelize([1, 2], 2)
    pairs = plain.map(lambda x: (x, x)).groupByKey(2)
    return (
        plain.cleanShuffleDependencies(),
        pairs.cleanShuffleDependencies(True),
        sc.emptyRDD().cleanShuffleDependencies(),
        pairs.mapValues(list).collect(),
    )


def an_iteration(sc, tmp):
    """Each tenth step is checkpointed: the lineage does not grow."""
    sc.setCheckpointDir(str(tmp))
    ranks = sc.parallelize([(i, 1.0) for i in range(5)], 2)
    links = sc.parallelize([(i, (i * 2 + 1) % 5) for i in range(5)], 2).cache()
    longest = 0
    for step in range(25):
        ranks = (
            links.join(ranks)
            .map(lambda pair: (pair[1][0], pair[1][1] / 2))
            .reduceByKey(lambda a, b: a + b, 2)
            .mapValues(lambda r: r + 0.5)
        )
        if step % 10 == 9:
            ranks.cache().checkpoint()
            ranks.count()
            longest = max(longest, len(_lineage(ranks)))
    return longest, sorted(ranks.collect())
