"""Who gets the next free slot: the first job, or, with FAIR pools, whoever is owed most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minispark import SparkConf, SparkContext, StatusTracker
from minispark.engine.pools import Pool, Pools
from minispark.errors import SparkException

# Tasks run in this process, in this imported module: its events are theirs too.
pytestmark = pytest.mark.threads
quick = threading.Event()
long_runs = threading.Event()
may_end = threading.Event()
short_ended = threading.Event()


def long_task(partition: int, _: Any) -> list[int]:
    long_runs.set()
    assert may_end.wait(60)
    return [partition]


def first_is_quick(partition: int, _: Any) -> list[int]:
    """One slot comes free while three tasks of the long job are unfinished."""
    return [] if partition == 0 and quick.wait(60) else long_task(partition, [])


def long_and_short_job(mode: str, after_quick_task: Any) -> list[str]:
    """A long job of four tasks in two slots, then a short one; which ended, in order.

    ``after_quick_task(tracker)`` is called when a slot has come free for the second time.
    """
    for event in (quick, long_runs, may_end):
        event.clear()
    ended: list[str] = []
    conf = SparkConf().setMaster("local[2]").setAppName("pools").set("spark.scheduler.mode", mode)
    with SparkContext(conf=conf) as sc:

        def run_long() -> None:
            sc.setLocalProperty("spark.scheduler.pool", "long")
            sc.parallelize([], 4).mapPartitionsWithIndex(first_is_quick).collect()
            ended.append("long")

        def run_short() -> None:
            sc.setLocalProperty("spark.scheduler.pool", "short")
            sc.parallelize([1], 1).count()
            ended.append("short")
            short_ended.set()

        short_ended.clear()
        threads = [threading.Thread(target=run_long), threading.Thread(target=run_short)]
        threads[0].start()
        assert long_runs.wait(60)
        threads[1].start()
        tracker = sc.statusTracker()
        wait_until(lambda: len(tracker.getActiveJobsIds()) == 2)
        quick.set()
        after_quick_task(tracker)
        may_end.set()
        for thread in threads:
            thread.join(60)
    return ended


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_with_fair_pools_a_short_job_ends_while_a_long_one_runs() -> None:
    ended = long_and_short_job("FAIR", lambda _: short_ended.wait(60))
    assert ended == ["short", "long"]


def test_fifo_gives_the_free_slot_to_the_first_job() -> None:
    def look(tracker: StatusTracker) -> None:
        def long_has_it() -> bool:
            stage = tracker.getStageInfo(0)
            assert stage is not None
            return (stage.numCompletedTasks, stage.numActiveTasks) == (1, 2)

        wait_until(long_has_it)
        short = tracker.getStageInfo(1)
        assert short is not None
        seen.append((short.numActiveTasks, short.numCompletedTasks))

    seen: list[tuple[int, int]] = []
    assert sorted(long_and_short_job("FIFO", look)) == ["long", "short"]
    assert seen == [(0, 0)]


ALLOCATIONS = """<?xml version="1.0"?>
<allocations>
  <pool name="production">
    <schedulingMode>FAIR</schedulingMode><weight>2</weight><minShare>3</minShare>
  </pool>
  <pool name="odd">
    <schedulingMode>NONE</schedulingMode><weight>much</weight><minShare>-1</minShare>
  </pool>
</allocations>
"""


def test_pools_are_read_from_the_allocation_file(tmp_path: Path) -> None:
    path = tmp_path / "pools.xml"
    path.write_text(ALLOCATIONS)
    pools = Pools("fair", str(path))
    assert pools._pools == {
        "production": Pool("FAIR", 3, 2),
        "odd": Pool("FIFO", -1, 1),
        "default": Pool(),
    }
    assert pools.name_of({}) == "default"
    assert pools.name_of({"spark.scheduler.pool": "new"}) == "new"
    assert pools._pools["new"] == Pool()


@pytest.mark.parametrize(
    ("settings", "java_class", "message"),
    [
        ({"mode": "NONE"}, "java.lang.IllegalArgumentException", "Use FAIR or FIFO"),
        ({"mode": "x"}, "org.apache.spark.SparkIllegalArgumentException", "OUT_OF_RANGE"),
        (
            {"mode": "FAIR", "allocation.file": "/nowhere/pools.xml"},
            "java.io.FileNotFoundException",
            "File /nowhere/pools.xml does not exist",
        ),
    ],
)
def test_wrong_settings_are_refused(
    settings: dict[str, str], java_class: str, message: str
) -> None:
    conf = SparkConf().setMaster("local[1]").setAppName("pools")
    for key, value in settings.items():
        conf.set(f"spark.scheduler.{key}", value)
    with pytest.raises(SparkException, match=message) as caught:
        SparkContext(conf=conf)
    assert caught.value.java_exception_class == java_class
    assert SparkContext._active_spark_context is None


class FakeStage:
    """As much of a stage as the order needs."""

    def __init__(self, id: int, pool: str, running: int, pending: int = 1) -> None:
        self.id, self.pool = id, pool
        self.running = dict.fromkeys(range(running))
        self.pending = list(range(pending))

    def fits(self, free: int) -> bool:
        return bool(self.pending)


@pytest.mark.parametrize(
    ("stages", "chosen"),
    [
        ([(0, "default", 1), (1, "other", 0)], 1),  # fewer tasks run in the other pool
        ([(0, "default", 0), (1, "production", 2)], 1),  # it has less than its minimum share
        ([(0, "default", 2), (1, "production", 3)], 1),  # 3 of weight 2 is less than 2 of 1
        ([(0, "default", 1), (1, "production", 4)], 0),
        ([(0, "production", 2), (1, "production", 1)], 1),  # fair within the pool
        ([(0, "default", 2), (1, "default", 0)], 0),  # first come within the pool
        ([(0, "b", 1), (1, "a", 1)], 1),  # by name, where all is equal
    ],
)
def test_the_slot_goes_to_whoever_is_owed_most(
    tmp_path: Path, stages: list[tuple[int, str, int]], chosen: int
) -> None:
    path = tmp_path / "pools.xml"
    path.write_text(ALLOCATIONS)
    pools = Pools("FAIR", str(path))
    fakes: Any = [FakeStage(*stage) for stage in stages]
    for fake in fakes:
        pools.name_of({"spark.scheduler.pool": fake.pool})
    best = pools.next_stage(fakes, 1)
    assert best is not None
    assert best.id == chosen


def test_a_stage_without_tasks_to_start_gets_no_slot() -> None:
    idle: Any = FakeStage(0, "default", 0, pending=0)
    assert Pools("FAIR").next_stage([idle], 1) is None
    assert Pools("FIFO").next_stage([idle], 1) is None
