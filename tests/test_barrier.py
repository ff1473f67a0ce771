"""The tasks of a barrier stage start together, meet, and fail together; nobody waits in vain."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from minispark import BarrierTaskContext, SparkConf, SparkContext, TaskContext
from minispark.engine.barrier import ALL_GATHER, BARRIER, Barrier
from minispark.errors import PySparkRuntimeError, SparkException

starts: list[tuple[int, int]] = []
"""(partition, how many tasks had started before); tasks run in this process."""


def context(master: str, **settings: str) -> SparkContext:
    conf = SparkConf().setMaster(master).setAppName("barrier")
    for key, value in settings.items():
        conf.set(key.replace("__", "."), value)
    return SparkContext(conf=conf)


def test_all_gather_over_four_tasks() -> None:
    def tell(records: Any) -> list[list[str]]:
        return [BarrierTaskContext.get().allGather(str(sum(records)))]

    with context("local[4]") as sc:
        rdd = sc.parallelize(range(8), 4).barrier().mapPartitions(tell)
        assert rdd.collect() == [["1", "5", "9", "13"]] * 4


@pytest.mark.threads
def test_one_task_that_fails_once_costs_a_new_attempt_of_the_whole_stage() -> None:
    starts.clear()

    def fail_once(partition: int, _: Any) -> list[tuple[int, int]]:
        starts.append((partition, len(starts)))
        BarrierTaskContext.get().barrier()
        if partition == 2 and len(starts) == 4:
            raise ValueError("once")
        BarrierTaskContext.get().barrier()
        return [(partition, BarrierTaskContext.get().attemptNumber())]

    REGISTRY["f"] = fail_once
    with context("local[4]") as sc:
        rdd = sc.parallelize([], 4).barrier().mapPartitionsWithIndex(call_registered)
        assert sorted(rdd.groupByKey(2).mapValues(list).collect()) == [(i, [0]) for i in range(4)]
        stage = sc.statusTracker().getStageInfo(0)
        assert stage is not None
        assert stage.currentAttemptId == 1
    assert sorted(partition for partition, _ in starts) == [0, 0, 1, 1, 2, 2, 3, 3]


REGISTRY: dict[str, Callable[[int, Any], Any]] = {}


def call_registered(partition: int, records: Any) -> Any:
    """This module's own function: not a copy that counts for itself."""
    return REGISTRY["f"](partition, records)


@pytest.mark.threads
def test_a_map_stage_that_fails_four_times_fails_the_job() -> None:
    starts.clear()

    def fail(partition: int, _: Any) -> list[Any]:
        starts.append((partition, 0))
        BarrierTaskContext.get().barrier()
        if partition == 1:
            raise ValueError("always")
        BarrierTaskContext.get().barrier()
        return []

    REGISTRY["f"] = fail
    with context("local[2]") as sc:
        rdd = sc.parallelize([], 2).barrier().mapPartitionsWithIndex(call_registered)
        with pytest.raises(SparkException, match="failed the maximum allowable number of times: 4"):
            rdd.groupByKey().collect()
        assert len(starts) == 8
        assert sc.parallelize([1, 2]).count() == 2


def test_a_result_stage_that_fails_fails_the_job_at_once(sc: SparkContext) -> None:
    def fail(partition: int, _: Any) -> list[Any]:
        if partition == 1:
            raise ValueError("boom")
        BarrierTaskContext.get().barrier()
        return []

    rdd = sc.parallelize([], 2).barrier().mapPartitionsWithIndex(fail)
    with pytest.raises(SparkException, match="Could not recover from a failed barrier") as caught:
        rdd.collect()
    assert isinstance(caught.value.__cause__, ValueError)
    assert sc.parallelize([1, 2]).count() == 2


def test_three_tasks_in_two_slots_are_refused(sc: SparkContext) -> None:
    rdd = sc.parallelize(range(3), 3).barrier().mapPartitions(lambda it: it)
    with pytest.raises(SparkException, match=r"SPARK-24819(.|\n)*3 tasks, .*2 slots") as caught:
        rdd.collect()
    java_class = "org.apache.spark.scheduler.BarrierJobSlotsNumberCheckFailed"
    assert caught.value.java_exception_class == java_class


@pytest.mark.parametrize("name", ["first", "union", "coalesce", "toLocalIterator"])
def test_a_stage_that_leaves_tasks_out_is_refused(name: str) -> None:
    with context("local[8]") as sc:
        rdd = sc.parallelize(range(4), 2).barrier().mapPartitions(lambda it: it)
        uses: dict[str, Callable[[], Any]] = {
            "first": rdd.first,
            "union": rdd.union(sc.parallelize([1], 1)).collect,
            "coalesce": rdd.coalesce(1).collect,
            "toLocalIterator": lambda: list(rdd.toLocalIterator()),
        }
        with pytest.raises(SparkException, match=r"SPARK-24820|awaitResult"):
            uses[name]()
        assert rdd.collect() == [0, 1, 2, 3]


@pytest.mark.threads
def test_it_waits_for_free_slots_and_starts_all_at_once(sc: SparkContext) -> None:
    held, release = threading.Event(), threading.Event()

    def hold(_: int, __: Any) -> list[int]:
        held.set()
        assert release.wait(30)
        return []

    REGISTRY["f"] = hold
    other = threading.Thread(
        target=sc.parallelize([], 1).mapPartitionsWithIndex(call_registered).collect
    )
    other.start()
    assert held.wait(30)
    results: list[Any] = []

    def meet() -> None:
        rdd = sc.parallelize(range(2), 2).barrier()
        got = rdd.mapPartitions(lambda _: [BarrierTaskContext.get().allGather("x")]).collect()
        results.extend(got)

    barrier_job = threading.Thread(target=meet)
    barrier_job.start()
    while len(sc.statusTracker().getActiveJobsIds()) < 2:
        time.sleep(0.005)
    assert sc.statusTracker().getExecutorInfos()[0].numRunningTasks == 1
    release.set()
    barrier_job.join(30)
    other.join(30)
    assert results == [["x", "x"]] * 2


@pytest.mark.threads
def test_a_cancelled_barrier_job_leaves_no_task_waiting(sc: SparkContext) -> None:
    waiting = threading.Semaphore(0)
    left = threading.Semaphore(0)

    def wait(partition: int, _: Any) -> list[int]:
        waiting.release()
        try:
            if partition:
                time.sleep(600)
            BarrierTaskContext.get().barrier()
        finally:
            left.release()
        return []

    REGISTRY["f"] = wait
    errors: list[BaseException] = []

    def run() -> None:
        try:
            sc.parallelize([], 2).barrier().mapPartitionsWithIndex(call_registered).collect()
        except SparkException as exc:
            errors.append(exc)

    job = threading.Thread(target=run)
    job.start()
    for _ in range(2):
        assert waiting.acquire(timeout=30)
    sc.cancelAllJobs()
    job.join(1)
    assert not job.is_alive()
    for _ in range(2):
        assert left.acquire(timeout=5), "a task of a cancelled barrier stage runs on"
    assert "cancelled" in str(errors[0])


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        (("barrier", None), "ended without a call"),
        (("barrier", "allGather"), "Different barrier sync types"),
    ],
)
def test_nobody_waits_for_who_will_not_come(
    sc: SparkContext, calls: tuple[str, str | None], words: str
) -> None:
    def meet(partition: int, _: Any) -> list[Any]:
        method = calls[partition]
        return [getattr(BarrierTaskContext.get(), method)()] if method else []

    with pytest.raises(SparkException, match=words):
        sc.parallelize([], 2).barrier().mapPartitionsWithIndex(meet).collect()


def test_a_timeout_ends_the_waiting() -> None:
    def late(partition: int, _: Any) -> list[Any]:
        if partition:
            time.sleep(600)
        BarrierTaskContext.get().barrier()
        return []

    with (
        context("local[2]", spark__barrier__sync__timeout="1s") as sc,
        pytest.raises(SparkException, match=r"barrier epoch 0 within 1 second\(s\)"),
    ):
        sc.parallelize([], 2).barrier().mapPartitionsWithIndex(late).collect()


@pytest.mark.parametrize(
    ("time_limit", "told"),
    [
        ("soon", "It should be a/an 'time in SECONDS' value."),
        ("0", "The value should be a positive time value."),
        ("-5s", "The value should be a positive time value."),
        ("999ms", "The value should be a positive time value."),
    ],
)
def test_a_timeout_that_is_no_time_is_refused(time_limit: str, told: str) -> None:
    message = (
        f"The value '{time_limit}' in the config \"spark.barrier.sync.timeout\" is invalid. {told}"
    )
    with pytest.raises(SparkException, match=re.escape(message)):
        context("local[2]", spark__barrier__sync__timeout=time_limit)


def test_tasks_meet_any_number_of_times() -> None:
    barrier = Barrier([3, 1])
    gathered: list[list[list[str]]] = [[], []]

    def work(index: int, partition: int) -> None:
        for i in range(200):
            gathered[index].append(barrier.meet(partition, ALL_GATHER, f"{partition}.{i}"))

    threads = [threading.Thread(target=work, args=args) for args in ((0, 3), (1, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert gathered[0] == gathered[1] == [[f"1.{i}", f"3.{i}"] for i in range(200)]


def test_a_broken_barrier_stays_broken() -> None:
    barrier = Barrier([0, 1])
    barrier.break_off("over")
    for _ in range(2):
        with pytest.raises(SparkException, match="over"):
            barrier.meet(0, BARRIER)


def test_outside_a_barrier_stage_there_is_no_barrier(sc: SparkContext) -> None:
    with pytest.raises(PySparkRuntimeError, match="NOT_IN_BARRIER_STAGE"):
        BarrierTaskContext.get()
    with pytest.raises(SparkException, match="NOT_IN_BARRIER_STAGE"):
        sc.parallelize([1], 1).map(lambda _: BarrierTaskContext.get()).collect()
    for method in ("barrier", "allGather", "getTaskInfos"):
        with pytest.raises(PySparkRuntimeError, match=f"CALL_BEFORE_INITIALIZE.*`{method}`"):
            getattr(BarrierTaskContext(), method)()


def test_the_context_of_a_task_is_one_object(sc: SparkContext) -> None:
    same = sc.parallelize([1], 1).map(lambda _: TaskContext.get() is TaskContext.get())
    assert same.collect() == [True]


def test_a_context_knows_no_other_names() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        TaskContext(colour="blue")
    assert TaskContext(partitionId=3).partitionId() == 3


def test_tasks_that_take_more_cpus_share_the_slots() -> None:
    with context("local[4]", spark__task__cpus="2") as sc:
        assert sc.defaultParallelism == 4
        assert sc.parallelize([1], 1).map(lambda _: TaskContext.get().cpus()).collect() == [2]
        assert sc._engine._scheduler._executor.slots == 2
    with pytest.raises(SparkException, match=r"cores per executor \(=1\).*cpus per task = 2"):
        context("local[1]", spark__task__cpus="2")


@pytest.mark.parametrize(
    ("master", "cpus", "slots", "told"),
    [
        ("local[2]", "0.5", 4, (1, Decimal("0.5"))),
        ("local[2]", " 1.0 ", 2, (1, Decimal(1))),
        ("local[4]", "1.50", 2, (2, Decimal("1.5"))),
        ("local[2]", "0.7", 2, (1, Decimal("0.7"))),
        ("local", "0.3", 3, (1, Decimal("0.3"))),
        ("local", ".25", 4, (1, Decimal("0.25"))),
        ("local[20]", "1e1", 2, (10, Decimal(10))),
        ("local-cluster[2,3,1024]", "2", 2, (2, Decimal(2))),
    ],
)
def test_a_task_may_have_a_part_of_a_cpu(
    master: str, cpus: str, slots: int, told: tuple[int, Decimal]
) -> None:
    def tell(_: object) -> tuple[int, str]:
        context = TaskContext.get()
        return context.cpus(), str(context.cpuAmount())

    def meet(records: Any) -> Any:
        BarrierTaskContext.get().barrier()
        return records

    with context(master, spark__task__cpus=cpus) as sc:
        assert sc.parallelize([1], 1).map(tell).collect() == [(told[0], str(told[1]))]
        together = sc.parallelize(range(slots), slots).barrier().mapPartitions(meet)
        assert together.collect() == list(range(slots))
        with pytest.raises(SparkException, match=f"the master has {slots} slots"):
            sc.parallelize([], slots + 1).barrier().mapPartitions(meet).collect()


POSITIVE = "must be a positive value between 1E-9 and 2147483647 (inclusive)."


@pytest.mark.parametrize(
    ("cpus", "message"),
    [
        ("0", POSITIVE),
        ("-1", POSITIVE),
        ("1e-10", POSITIVE),
        ("2147483648", POSITIVE),
        ("0.3333333333", "supports at most 9 decimal places."),
        ("abc", "It should be a/an 'decimal' value."),
        ("", "It should be a/an 'decimal' value."),
        ("NaN", "It should be a/an 'decimal' value."),
        ("Infinity", "It should be a/an 'decimal' value."),
        ("1_0", "It should be a/an 'decimal' value."),
        ("2.50", "The number of cores per executor (=2) has to be >= the number of cpus per task"),
    ],
)
def test_cpus_of_a_task_that_are_refused(cpus: str, message: str) -> None:
    with pytest.raises(SparkException, match=re.escape(message)):
        context("local[2]", spark__task__cpus=cpus)


def test_a_local_cluster_has_the_cores_of_each_worker() -> None:
    with pytest.raises(SparkException, match=r"cores per executor \(=2\)"):
        context("local-cluster[2,2,1024]", spark__task__cpus="3")
