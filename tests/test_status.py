"""The status tracker tells what the jobs do, and forgets the oldest."""

from __future__ import annotations

import threading

import pytest

from minispark import SparkConf, SparkContext
from minispark.errors import SparkException


@pytest.mark.threads
def test_a_job_and_its_stages_are_known_while_they_run_and_after(sc: SparkContext) -> None:
    runs, may_end = threading.Event(), threading.Event()
    REGISTRY.update(runs=runs, may_end=may_end)
    sc.setJobGroup("g", "")
    rdd = sc.parallelize([(1, 1), (2, 2)], 2).reduceByKey(max).mapPartitions(_wait)
    thread = threading.Thread(target=rdd.count)
    tracker = sc.statusTracker()
    assert tracker.getActiveJobsIds() == tracker.getActiveStageIds() == []
    thread.start()
    assert runs.wait(30)
    assert tracker.getActiveJobsIds() == [0]
    assert tracker.getJobInfo(0) == (0, [0, 1], "RUNNING")
    assert tracker.getActiveStageIds() == [1]
    map_stage, result_stage = tracker.getStageInfo(0), tracker.getStageInfo(1)
    assert map_stage is not None
    assert map_stage[3:] == (2, 0, 2, 0)
    assert result_stage is not None
    assert result_stage.numActiveTasks == 2
    assert tracker.getExecutorInfos()[0].numRunningTasks == 2
    may_end.set()
    thread.join()
    assert tracker.getJobInfo(0) == (0, [0, 1], "SUCCEEDED")
    assert tracker.getStageInfo(1)[3:] == (2, 0, 2, 0)  # type: ignore[index]
    assert tracker.getActiveJobsIds() == tracker.getActiveStageIds() == []
    assert tracker.getExecutorInfos()[0].numRunningTasks == 0
    # The thread had no group of its own.
    assert (tracker.getJobIdsForGroup("g"), tracker.getJobIdsForGroup()) == ([], [0])


REGISTRY: dict[str, threading.Event] = {}


def _wait(records: object) -> list[int]:
    REGISTRY["runs"].set()
    assert REGISTRY["may_end"].wait(30)
    return []


def test_a_skipped_stage_has_tasks_and_none_completed(sc: SparkContext) -> None:
    rdd = sc.parallelize([(1, 1)], 3).groupByKey(2)
    rdd.count(), rdd.count()
    tracker = sc.statusTracker()
    assert tracker.getJobInfo(1) == (1, [2, 3], "SUCCEEDED")
    skipped = tracker.getStageInfo(2)
    assert skipped is not None
    assert skipped.name.startswith("groupByKey at ")
    assert skipped[3:] == (3, 0, 0, 0)


def test_a_failed_job_has_a_failed_task(sc: SparkContext) -> None:
    with pytest.raises(SparkException):
        sc.parallelize([0], 1).map(lambda x: 1 // x).collect()
    tracker = sc.statusTracker()
    assert tracker.getJobInfo(0) == (0, [0], "FAILED")
    assert tracker.getStageInfo(0)[3:] == (1, 0, 0, 1)  # type: ignore[index]


def test_the_oldest_are_forgotten() -> None:
    conf = SparkConf().setMaster("local[1]").setAppName("status")
    conf.set("spark.ui.retainedJobs", "2").set("spark.ui.retainedStages", "3")
    with SparkContext(conf=conf) as sc:
        for _ in range(5):
            sc.parallelize([1], 1).count()
        tracker = sc.statusTracker()
        assert tracker.getJobIdsForGroup() == [4, 3]
        assert [tracker.getStageInfo(i) is not None for i in range(5)] == [False] * 2 + [True] * 3


@pytest.mark.parametrize("key", ["spark.ui.retainedJobs", "spark.ui.retainedStages"])
def test_less_than_none_may_be_remembered(key: str, capfd: pytest.CaptureFixture[str]) -> None:
    conf = SparkConf().setMaster("local[1]").setAppName("status").set(key, "-5")
    with SparkContext(conf=conf) as sc:
        assert [sc.parallelize([1], 1).count() for _ in range(3)] == [1] * 3
        tracker = sc.statusTracker()
        assert tracker.getJobIdsForGroup() == ([] if "Jobs" in key else [2, 1, 0])
        assert [tracker.getStageInfo(i) for i in range(3)] == [None] * 3 or "Jobs" in key
    assert capfd.readouterr().err == ""


def test_cached_blocks_are_counted(sc: SparkContext) -> None:
    rdd = sc.parallelize(range(100), 2).cache()
    rdd.count()
    assert sc.statusTracker().getExecutorInfos()[0].cacheSize > 0
    rdd.unpersist()
    assert sc.statusTracker().getExecutorInfos()[0].cacheSize == 0


@pytest.mark.parametrize("wrong", ["0", None, 1.0])
def test_an_id_is_an_int(sc: SparkContext, wrong: object) -> None:
    with pytest.raises(TypeError, match="jobId is an int, not "):
        sc.statusTracker().getJobInfo(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="stageId is an int, not "):
        sc.statusTracker().getStageInfo(wrong)  # type: ignore[arg-type]
