"""Barrier stages: tasks that start together and meet; what such a stage may not be."""

import os
import re
import threading


def _caught(f):
    try:
        return f()
    except Exception as error:
        text = str(error)
        words = (
            "SPARK-24819",
            "SPARK-24820",
            "Could not recover from a failed barrier ResultStage",
            "failed the maximum allowable number of times: 4",
            "NOT_IN_BARRIER_STAGE",
            "CALL_BEFORE_INITIALIZE",
            "Argument `message` must be of type `str`",
        )
        return [each for each in words if each in text] or type(error).__name__


def _two_slots(api):
    """A context of the program's own: a barrier stage depends on how many slots there are."""
    return api.SparkContext("local[2]", "barrier")


def all_gather_over_four_tasks(api):
    """What each says, in the order of partitions; and several meetings."""

    def meet(records):
        context = api.BarrierTaskContext.get()
        first = context.allGather(str(sum(records)))
        context.barrier()
        return [(first, context.allGather(), context.barrier())]

    with api.SparkContext("local[4]", "barrier") as sc:
        return sc.parallelize(range(8), 4).barrier().mapPartitions(meet).glom().collect()


def the_context_of_a_barrier_task(api):
    """TaskContext.get gives the same object; what it tells."""
    with _two_slots(api) as sc:

        def look(index, records):
            context = api.BarrierTaskContext.get()
            return [
                type(context).__name__,
                context is api.TaskContext.get(),
                context.partitionId() == index,
                context.attemptNumber(),
                context.cpus(),
                str(context.cpuAmount()),
                context.resources(),
                len(context.getTaskInfos()),
                type(context.getTaskInfos()[0]).__name__,
                len(context.getLocalProperty("addresses").split(",")),
            ]

        return sc.parallelize([], 2).barrier().mapPartitionsWithIndex(look).glom().collect()


def in_the_midst_of_a_pipeline(api):
    """Steps before and after, with and without index; empty partitions."""
    with _two_slots(api) as sc:
        rdd = sc.parallelize(range(3), 2).map(lambda x: x * 2)
        one = rdd.barrier().mapPartitions(lambda it: [sum(it)]).map(str)
        two = rdd.barrier().mapPartitionsWithIndex(lambda i, it: [(i, list(it))])
        three = sc.parallelize([], 2).barrier().mapPartitions(lambda it: [len(list(it))])
        return [each.glom().collect() for each in (one, two, three)]


def barrier_of_a_barrier(api):
    """Twice in one stage."""
    with _two_slots(api) as sc:
        rdd = sc.parallelize(range(4), 2).barrier().mapPartitions(lambda it: it)
        return rdd.barrier().mapPartitions(lambda it: it).glom().collect()


def around_shuffles(api):
    """Before one, after one, and repartition."""
    with _two_slots(api) as sc:

        def meet(records):
            return [api.BarrierTaskContext.get().allGather(str(sorted(records)))]

        pairs = sc.parallelize([(i % 3, i) for i in range(8)], 2)
        before = pairs.barrier().mapPartitions(lambda it: it).reduceByKey(max)
        after = pairs.reduceByKey(max).barrier().mapPartitions(meet)
        dealt = pairs.barrier().mapPartitions(lambda it: it).repartition(2)
        return before.glom().collect(), after.collect(), sorted(dealt.collect())


def zipped_with_another(api):
    """A zip of a barrier RDD is still a barrier stage."""
    with _two_slots(api) as sc:
        rdd = sc.parallelize(range(4), 2)
        return rdd.barrier().mapPartitions(lambda it: it).zip(rdd).collect()


def a_zip_of_two_barriers(api):
    """Is refused."""
    with _two_slots(api) as sc:
        rdd = sc.parallelize(range(4), 2)
        one, two = (rdd.barrier().mapPartitions(lambda it: it) for _ in range(2))
        return _caught(lambda: one.zip(two).collect())


def too_few_slots(api):
    """Three tasks in two slots."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("barrier")
    conf.set("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
    conf.set("spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "1")
    with api.SparkContext(conf=conf) as sc:
        rdd = sc.parallelize(range(6), 3).barrier().mapPartitions(lambda it: it)
        refused = [_caught(rdd.collect), _caught(rdd.groupBy(bool).count)]
        return refused, sc.parallelize([1, 2]).count()


def stages_with_another_number_of_tasks(api):
    """first, take, coalesce, union: refused."""
    with api.SparkContext("local[8]", "barrier") as sc:
        plain = sc.parallelize(range(4), 2)
        rdd = plain.barrier().mapPartitions(lambda it: it)
        return [
            _caught(each)
            for each in (
                rdd.first,
                lambda: rdd.take(1),
                lambda: rdd.coalesce(1).collect(),
                lambda: rdd.union(plain).collect(),
                lambda: rdd.cartesian(plain).collect(),
                lambda: sc.runJob(rdd, list, [0]),
            )
        ], rdd.collect()


def a_result_task_that_fails(api):
    """Fails the job at once; the others do not wait for it."""
    with _two_slots(api) as sc:

        def fail(index, records):
            if index == 1:
                raise ValueError("boom")
            api.BarrierTaskContext.get().barrier()
            return records

        rdd = sc.parallelize(range(4), 2).barrier().mapPartitionsWithIndex(fail)
        return _caught(rdd.collect), sc.parallelize([1, 2]).count()


def a_map_task_that_fails_once(api, tmp):
    """All tasks of the stage run again, as attempt 0 of a new attempt of the stage."""
    with _two_slots(api) as sc:
        flag = os.path.join(tmp, "failed")

        def fail_once(index, records):
            context = api.BarrierTaskContext.get()
            context.barrier()
            if index == 1 and not os.path.exists(flag):
                open(flag, "w").close()
                raise ValueError("once")
            said = context.allGather(str(index))
            return [(index, (context.attemptNumber(), said, list(records)))]

        rdd = sc.parallelize(range(4), 2).barrier().mapPartitionsWithIndex(fail_once)
        return rdd.groupByKey(2).mapValues(list).glom().collect(), os.path.exists(flag)


def a_message_that_is_no_str(api):
    """allGather takes a str."""
    with _two_slots(api) as sc:
        rdd = sc.parallelize(range(2), 2).barrier()
        return _caught(
            rdd.mapPartitions(lambda _: [api.BarrierTaskContext.get().allGather(3)]).collect
        )


def outside_a_barrier_stage(sc, api):
    """On the driver, in an ordinary task, and a context that is of no task."""
    context = api.BarrierTaskContext()
    calls = [context.barrier, context.allGather, context.getTaskInfos, api.BarrierTaskContext.get]
    ordinary = sc.parallelize([1], 1).map(lambda _: api.BarrierTaskContext.get())
    refused = [_caught(calls[0]), _caught(calls[1]), _caught(calls[2]), _caught(ordinary.count)]
    api.BarrierTaskContext._taskContext = None  # Spark keeps the one that the driver made
    api.TaskContext._taskContext = None
    return refused, _caught(api.BarrierTaskContext.get)


def an_empty_rdd(sc):
    """No partitions, no tasks."""
    return sc.emptyRDD().barrier().mapPartitions(lambda it: it).collect()


def what_barrier_gives(sc):
    """An RDDBarrier that knows its RDD; partitioner kept only if asked."""
    rdd = sc.parallelize([(1, 2)], 2).partitionBy(2)
    barrier = rdd.barrier()
    kept = barrier.mapPartitions(lambda it: it, preservesPartitioning=True)
    lost = barrier.mapPartitions(lambda it: it)
    return (
        type(barrier).__name__,
        barrier.rdd is rdd,
        kept.partitioner == rdd.partitioner,
        lost.partitioner,
    )


def a_context_described_as_json(api):
    """from_json takes what Spark's own JVM sends."""
    described = {
        "stageId": 1,
        "partitionId": 2,
        "attemptNumber": 3,
        "taskAttemptId": 4,
        "cpus": 2,
        "cpuAmount": "2",
        "resources": {"gpu": {"name": "gpu", "addresses": ["0"]}},
        "localProperties": {"a": "b"},
    }
    context = api.TaskContext.from_json(described)
    seen = [
        context.stageId(),
        context.partitionId(),
        context.attemptNumber(),
        context.taskAttemptId(),
        context.cpus(),
        context.cpuAmount(),
        context.resources()["gpu"].addresses,
        context.getLocalProperty("a"),
        context.getLocalProperty("b"),
    ]
    api.TaskContext._taskContext = None
    return seen


def an_unknown_argument(api):
    """TaskContext(colour=...) is a TypeError."""
    try:
        return api.TaskContext(colour="blue")
    except TypeError as error:
        return str(error)
    finally:
        api.TaskContext._taskContext = None


def cpus_of_a_task(api):
    """spark.task.cpus; more than there are cores is refused."""
    seen = []
    for master, cpus in (("local[2]", "2"), ("local[2]", "1"), ("local[1]", "2")):
        conf = api.SparkConf().setMaster(master).setAppName("c").set("spark.task.cpus", cpus)
        try:
            with api.SparkContext(conf=conf) as sc:
                task = sc.parallelize([1], 1).map(
                    lambda _: (api.TaskContext.get().cpus(), str(api.TaskContext.get().cpuAmount()))
                )
                seen.append((sc.defaultParallelism, task.collect()))
        except Exception as error:
            seen.append("has to be >= the number of cpus per task = 2" in str(error))
    return seen


def parts_of_a_cpu(api):
    """spark.task.cpus may be a part of a cpu: as many tasks run at once as there is room for."""

    def tell(_):
        context = api.TaskContext.get()
        return context.cpus(), str(context.cpuAmount())

    def meet(records):
        api.BarrierTaskContext.get().barrier()
        return records

    seen = []
    for master, cpus, slots in (
        ("local[2]", "0.5", 4),
        ("local[1]", "0.3", 3),
        ("local[3]", "1.50", 2),
        ("local[2]", " 1.0", 2),
        ("local[10]", "1e1", 1),
    ):
        conf = api.SparkConf().setMaster(master).setAppName("c").set("spark.task.cpus", cpus)
        with api.SparkContext(conf=conf) as sc:
            together = sc.parallelize(range(slots), slots).barrier().mapPartitions(meet)
            seen.append((sc.parallelize([1], 1).map(tell).collect(), together.collect()))
    return seen


def numbers_of_cpus_that_are_refused(api):
    """None, less, too many, too small, and no number."""
    seen = []
    for cpus in ("0", "-1", "2.50", "1e3", "99999999999", "0.3333333333", "x", "", "NaN", "1_0"):
        conf = api.SparkConf().setMaster("local[2]").setAppName("c").set("spark.task.cpus", cpus)
        try:
            api.SparkContext(conf=conf).stop()
        except Exception as error:
            seen.append(re.search(r"\[INVALID.*22022|The number of cores.*", str(error))[0])
    return seen


def the_address_of_the_class(sc, api):
    """RDDBarrier is where programs import it from."""
    barrier = sc.parallelize([1], 1).barrier()
    return type(barrier).__module__.partition(".")[2], type(barrier) is api.RDDBarrier


def meeting_in_a_thread_of_the_task(api):
    """BarrierTaskContext.get() is the task's there, and its calls meet those of the other tasks."""
    get = api.BarrierTaskContext.get

    def meet(records):
        told = []
        thread = threading.Thread(target=lambda: told.append(get().allGather(str(sum(records)))))
        thread.start()
        thread.join()
        return told

    with _two_slots(api) as sc:
        return sc.parallelize([1, 2, 3], 2).barrier().mapPartitions(meet).collect()
