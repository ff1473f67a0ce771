"""Properties, groups and tags of jobs; cancelling them; what the status tracker says."""

import re
import threading
import time


def _caught(f):
    try:
        return f()
    except Exception as error:
        text = str(error)
        for words in ("cannot contain ','", "cannot be an empty string", "cannot be null"):
            if words in text:
                return words
        cancelled = re.search(r"\[SPARK_JOB_CANCELLED\] Job [0-9]+ (.*) SQLSTATE", text)
        return cancelled[1] if cancelled else type(error).__name__


def _cancelled(sc, prepare, cancel, task):
    """A job of two endless tasks on a thread; what its caller gets when it is cancelled."""
    got = []

    def run():
        prepare()
        got.append(_caught(lambda: sc.parallelize([1, 2], 2).map(task).collect()))

    thread = threading.Thread(target=run)
    thread.start()
    while not any(info.numRunningTasks for info in sc.statusTracker().getExecutorInfos()):
        time.sleep(0.01)
    cancel()
    thread.join(60)
    return got, thread.is_alive(), sc.parallelize([1, 2, 3], 2).sum()


def _sleep(x):
    time.sleep(600)


def _loop(x):
    while True:
        x += 1


def cancelled_by_group(sc):
    """Another group is left alone; the words of the error."""

    def prepare():
        sc.setJobGroup("mine", "endless", True)

    def cancel():
        sc.cancelJobGroup("another")
        sc.cancelJobGroup("mine")

    return _cancelled(sc, prepare, cancel, _sleep)


def cancelled_by_tag(sc):
    """A job with two tags is cancelled by either."""

    def prepare():
        sc.addJobTag("red")
        sc.addJobTag("blue")

    return _cancelled(sc, prepare, lambda: sc.cancelJobsWithTag("blue"), _loop)


def cancelled_with_all_jobs(sc):
    """cancelAllJobs needs no group."""
    return _cancelled(sc, lambda: None, sc.cancelAllJobs, _loop)


def cancelling_without_interruption(sc):
    """interruptOnCancel False: the caller gets its error at once all the same."""

    def prepare():
        sc.setJobGroup("mine", "endless", False)

    return _cancelled(sc, prepare, lambda: sc.cancelJobGroup("mine"), _sleep)


def cancelling_what_is_not_there(sc):
    """No group, no tag, no job: nothing happens, and later jobs run."""
    sc.cancelJobGroup("nobody")
    sc.cancelJobsWithTag("nobody")
    sc.cancelAllJobs()
    sc.setJobGroup("g", "d")
    sc.cancelJobGroup("g")
    count = sc.parallelize([1, 2]).count()
    sc.setJobGroup(None, None)
    return count


def tags_of_a_thread(sc):
    """Added twice, removed, removed when not there, cleared."""
    seen = [set(sc.getJobTags())]
    for tag in ("a", "b", "a"):
        sc.addJobTag(tag)
    seen.append(set(sc.getJobTags()))
    sc.removeJobTag("a")
    sc.removeJobTag("zz")
    seen.append(set(sc.getJobTags()))
    seen.append(sc.getLocalProperty("spark.job.tags"))
    sc.clearJobTags()
    return seen, set(sc.getJobTags()), sc.getLocalProperty("spark.job.tags")


def tags_that_are_refused(sc):
    """A comma, nothing, None; in each call that takes one."""
    return [
        _caught(lambda method=method, tag=tag: method(tag))
        for method in (sc.addJobTag, sc.removeJobTag, sc.cancelJobsWithTag)
        for tag in ("a,b", "", None)
    ]


def a_job_group_is_three_properties(sc):
    """And None takes them away."""
    keys = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")
    seen = []
    sc.setJobGroup("g", "words", True)
    seen.append([sc.getLocalProperty(key) for key in keys])
    sc.setInterruptOnCancel(False)
    sc.setJobDescription("others")
    seen.append([sc.getLocalProperty(key) for key in keys])
    sc.setJobGroup(None, None)
    seen.append([sc.getLocalProperty(key) for key in keys])
    return seen


def properties_in_a_task(sc, api):
    """A task sees group, tags, pool and the rest of the thread that ran its job."""
    keys = ["spark.jobGroup.id", "spark.job.tags", "spark.scheduler.pool", "mine", "none"]

    def look(_):
        context = api.TaskContext.get()
        return [context.getLocalProperty(key) for key in keys]

    sc.setJobGroup("g", "d")
    sc.addJobTag("t")
    sc.setLocalProperty("spark.scheduler.pool", "p")
    sc.setLocalProperty("mine", "yes")
    seen = sc.parallelize([1], 1).map(look).collect()
    sc.clearJobTags()
    for key in keys[:4]:
        sc.setLocalProperty(key, None)
    return seen


def threads_and_properties(sc, api):
    """A thread has its own properties; an InheritableThread has those of its starter."""
    seen = []

    def look():
        seen.append((sc.getLocalProperty("k"), sorted(sc.getJobTags())))
        sc.setLocalProperty("k", "inner")

    sc.setLocalProperty("k", "when made")
    sc.addJobTag("t")
    wrapped = api.inheritable_thread_target(look)
    inheriting = api.InheritableThread(target=look)
    sc.setLocalProperty("k", "when started")
    for thread in (threading.Thread(target=look), threading.Thread(target=wrapped), inheriting):
        thread.start()
        thread.join()
    sc.clearJobTags()
    return seen, sc.getLocalProperty("k")


def an_inheritable_thread_is_a_thread(sc, api):
    """Its arguments, name and daemon flag; the decorator keeps the function's name."""
    seen = []

    def look(a, b=0):
        """Looks."""
        seen.append((a, b))

    thread = api.InheritableThread(target=look, args=(1,), kwargs={"b": 2}, name="n", daemon=True)
    thread.start()
    thread.join()
    wrapped = api.inheritable_thread_target(look)
    wrapped(3, b=4)
    return seen, thread.name, thread.daemon, wrapped.__name__, wrapped.__doc__


def _stages(tracker, job):
    infos = [tracker.getStageInfo(stage) for stage in sorted(job.stageIds)]
    return [
        (info.stageId, info.currentAttemptId, info.name.split(" at ")[0], tuple(info)[3:])
        for info in infos
    ]


def _when_idle(tracker):
    """Spark tells its tracker a moment after the caller."""
    while tracker.getActiveJobsIds() or tracker.getActiveStageIds():
        time.sleep(0.01)
    time.sleep(0.3)


def status_of_finished_jobs(api):
    """Jobs of a group, their stages; a skipped stage."""
    with api.SparkContext("local[2]", "control") as sc:
        sc.setJobGroup("g", "d")
        rdd = sc.parallelize([(1, 2), (3, 4)], 3).reduceByKey(max, 2)
        rdd.count()
        rdd.collect()
        tracker = sc.statusTracker()
        _when_idle(tracker)
        jobs = [tracker.getJobInfo(i) for i in tracker.getJobIdsForGroup("g")]
        return [
            (job.jobId, sorted(job.stageIds), job.status, _stages(tracker, job)) for job in jobs
        ]


def status_of_a_failed_job(api):
    """A task that failed is counted."""
    with api.SparkContext("local[2]", "control") as sc:
        _caught(lambda: sc.parallelize([0], 1).map(lambda x: 1 // x).collect())
        tracker = sc.statusTracker()
        _when_idle(tracker)
        job = tracker.getJobInfo(0)
        return job.status, _stages(tracker, job)


def status_of_the_unknown(api):
    """No such job, stage, group."""
    with api.SparkContext("local[2]", "control") as sc:
        tracker = sc.statusTracker()
        sc.parallelize([1]).count()
        _when_idle(tracker)
        return (
            tracker.getJobInfo(99),
            tracker.getStageInfo(99),
            list(tracker.getJobIdsForGroup("none")),
            list(tracker.getJobIdsForGroup()),
            list(tracker.getJobIdsForGroup(None)),
        )


def status_of_a_running_job(api):
    """Its stage and tasks while they run."""
    with api.SparkContext("local[2]", "control") as sc:
        thread = threading.Thread(
            target=lambda: _caught(lambda: sc.parallelize([1, 2], 2).map(_sleep).count())
        )
        thread.start()
        tracker = sc.statusTracker()
        while not any(info.numRunningTasks for info in tracker.getExecutorInfos()):
            time.sleep(0.01)
        time.sleep(1.5)  # Spark tells its tracker of running tasks a while after they start
        jobs, stages = tracker.getActiveJobsIds(), tracker.getActiveStageIds()
        job = tracker.getJobInfo(jobs[0])
        info = tracker.getStageInfo(stages[0])
        sc.cancelAllJobs()
        thread.join(60)
        return jobs, stages, job.status, info.numTasks, info.numCompletedTasks, info.numFailedTasks


def a_stage_tried_again(api):
    """local[2,3]: failed tasks are counted, the attempt of the stage stays."""

    def fail_once(_):
        if api.TaskContext.get().attemptNumber() < 2:
            raise ValueError("not yet")
        return 1

    with api.SparkContext("local[2,3]", "control") as sc:
        sc.parallelize([1], 1).map(fail_once).count()
        tracker = sc.statusTracker()
        _when_idle(tracker)
        return _stages(tracker, tracker.getJobInfo(0))


def fair_pools(api):
    """FAIR mode changes no answers; a pool that is in no file is made."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("p").set("spark.scheduler.mode", "fair")
    with api.SparkContext(conf=conf) as sc:
        sc.setLocalProperty("spark.scheduler.pool", "mine")
        one = sc.parallelize(range(10), 4).map(lambda x: (x % 3, x)).groupByKey().mapValues(sum)
        return sorted(one.collect()), sc.getConf().get("spark.scheduler.mode")


def scheduler_modes_that_are_refused(api):
    """An unknown mode, and a missing allocation file; the next context starts."""
    seen = []
    for key, value in (
        ("spark.scheduler.mode", "bogus"),
        ("spark.scheduler.mode", "NONE"),
        ("spark.scheduler.allocation.file", "/no/such/file.xml"),
    ):
        conf = api.SparkConf().setMaster("local[1]").setAppName("p")
        conf.set("spark.scheduler.mode", "FAIR").set(key, value)
        try:
            api.SparkContext(conf=conf).stop()
            seen.append("started")
        except Exception as error:
            words = (
                "is invalid. It should be one of",
                "Use FAIR or FIFO instead",
                "does not exist",
            )
            seen.append([each for each in words if each in str(error)])
    with api.SparkContext("local[1]", "after") as sc:
        seen.append(sc.parallelize([1]).count())
    return seen
