"""Tasks that run far behind get a second attempt beside the first; one of the two counts."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from minispark import BarrierTaskContext, SparkConf, SparkContext, TaskContext
from minispark.engine.blocks import CachedBlocks, StoredBlock, ToWrite
from minispark.engine.commits import Commits
from minispark.engine.events import Event, TaskEnded, TaskStarted
from minispark.engine.executors.answering import Attempt, Binary
from minispark.engine.retries import Pace, Speculation
from minispark.engine.task import Task, TaskSet
from minispark.engine.taskstate import AttemptId
from minispark.errors import SparkException

FOREVER = 60.0
"""A task that is waited for so long was not speculated: the test fails by its time."""


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def context(executor: str, master: str = "local[2]", **settings: str) -> SparkContext:
    conf = SparkConf().setMaster(master).setAppName("speculation")
    conf.set("spark.minispark.executor", executor).set("spark.speculation", "true")
    conf.set("spark.speculation.interval", "10ms")
    return SparkContext(
        conf=conf.setAll((f"spark.{k}".replace("__", "."), v) for k, v in settings.items())
    )


def record(sc: SparkContext) -> list[Event]:
    events: list[Event] = []
    sc._engine.events.add_listener(events.append)
    return events


def copies(events: list[Event]) -> list[TaskStarted]:
    return [each for each in events if isinstance(each, TaskStarted) and each.is_copy]


def of_the_slow_one(events: list[Any]) -> list[Any]:
    """On a loaded machine others may be slow, too."""
    return [each for each in events if each.partition == 9]


def slow_at_first(index: int, part: Iterator[int]) -> Iterator[int]:
    """The first attempt at the last of 10 partitions takes for ever."""
    values = list(part)
    if index == 9 and TaskContext.get().attemptNumber() == 0:
        time.sleep(FOREVER)
    yield from values


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < FOREVER / 2


# -- when --------------------------------------------------------------------------------------


def pace(rule: Speculation, num_tasks: int, *seconds: float, slots: int = 2) -> float | None:
    made = Pace(rule, num_tasks, slots)
    for each in seconds:
        made.note(each)
    return made.threshold()


def test_none_is_slow_before_most_have_ended() -> None:
    rule = Speculation(quantile=0.75, multiplier=2.0, min_seconds=0.0)
    assert pace(rule, 8, 1, 1, 1, 1, 1) is None
    assert pace(rule, 8, 1, 1, 1, 1, 1, 1) == 2.0
    assert pace(Speculation(quantile=0.0), 8) is None, "of none there is no median"
    assert pace(Speculation(quantile=0.0, min_seconds=0.0), 8, 1) == 3.0
    assert pace(Speculation(quantile=float("nan")), 8, 1) is None


def test_the_measure_is_the_median_and_a_task_has_some_time_in_any_case() -> None:
    rule = Speculation(quantile=0.5, multiplier=1.5, min_seconds=0.5)
    assert pace(rule, 4, 9, 1, 2) == 3.0
    assert pace(rule, 4, 9, 1, 2, 4) == 4.5
    assert pace(rule, 4, 0.1, 0.1) == 0.5


def test_a_lone_task_is_slow_by_the_clock_only() -> None:
    assert pace(Speculation(quantile=0.0), 1, 5.0) is None
    assert pace(Speculation(long_seconds=7.0), 1) == 7.0
    assert pace(Speculation(long_seconds=7.0), 2) == 7.0
    assert pace(Speculation(long_seconds=7.0), 3) is None, "more tasks than slots"
    assert pace(Speculation(long_seconds=7.0, min_seconds=0.0), 2, 1.0) == 3.0


# -- what comes of it --------------------------------------------------------------------------


def test_a_slow_task_is_copied_and_the_first_result_counts(executor: str) -> None:
    with context(executor) as sc:
        events = record(sc)
        seen = sc.accumulator(0)

        def look(x: int) -> int:
            seen.add(1)
            return x

        rdd = sc.parallelize(range(100), 10).map(look).mapPartitionsWithIndex(slow_at_first)
        assert rdd.collect() == list(range(100))
        assert seen.value == 100, "each partition is counted once"
        (copy,) = of_the_slow_one(copies(events))
        assert copy.attempt == 1
        killed = [each for each in events if isinstance(each, TaskEnded) and each.was_cancelled]
        assert {each.reason for each in killed} == {"another attempt succeeded"}
        assert len(of_the_slow_one(killed)) == 1
        ended = [each for each in events if isinstance(each, TaskEnded) and each.successful]
        assert sorted(each.partition for each in ended) == list(range(10))
        assert sc.parallelize(range(4), 4).sum() == 6


def test_the_first_attempt_may_win(executor: str, tmp_path: Path) -> None:
    """The copy waits until the first attempt has ended, which waits until there is a copy."""
    there_is_a_copy = tmp_path / "copy"

    def work(index: int, part: Iterator[int]) -> Iterator[int]:
        if index == 9 and TaskContext.get().attemptNumber() == 0:
            while not there_is_a_copy.exists():
                time.sleep(0.01)
        elif index == 9:
            there_is_a_copy.touch()
            time.sleep(FOREVER)
        return part

    with context(executor) as sc:
        events = record(sc)
        assert sc.parallelize(range(20), 10).mapPartitionsWithIndex(work).sum() == 190
        (copy,) = of_the_slow_one(copies(events))
        killed = [each for each in events if isinstance(each, TaskEnded) and each.was_cancelled]
        assert [each.task_id for each in of_the_slow_one(killed)] == [copy.task_id]


def test_a_map_task_leaves_one_output(executor: str) -> None:
    with context(executor) as sc:
        events = record(sc)
        pairs = sc.parallelize(range(100), 10).mapPartitionsWithIndex(slow_at_first)
        reduced = pairs.map(lambda x: (x % 3, x)).reduceByKey(lambda a, b: a + b, 2)
        assert sorted(reduced.collect()) == [(0, 1683), (1, 1617), (2, 1650)]
        assert len(of_the_slow_one(copies(events))) == 1
        wait_for(lambda: len(files_of(sc, "shuffle_")) == 10)
        assert sorted(reduced.collect()) == [(0, 1683), (1, 1617), (2, 1650)]


def test_a_copy_does_not_wait_for_the_block_that_the_first_attempt_writes(executor: str) -> None:
    with context(executor) as sc:
        cached = sc.parallelize(range(100), 10).mapPartitionsWithIndex(slow_at_first).cache()
        assert cached.sum() == 4950
        wait_for(lambda: len(files_of(sc, "rdd_")) == 10)
        assert sc._engine.blocks.usage(cached._node.id).partitions == 10
        assert cached.sum() == 4950


@pytest.mark.parametrize("how", ["commit", "give_up"])
def test_a_block_that_is_not_kept_has_no_file_although_its_worker_is_ended(
    tmp_path: Path, how: str
) -> None:
    """It may be ended just before it removes the file: a copy that comes second, say."""

    class Table(CachedBlocks):
        def __init__(self) -> None:
            pass

        def find_or_begin(self, rdd_id: int, partition: int, task_id: int) -> ToWrite:
            return ToWrite(str(tmp_path / "block"), None, True)

        def commit(self, rdd_id: int, partition: int, task_id: int, block: StoredBlock) -> bool:
            return False

        def give_up(self, rdd_id: int, partition: int, task_id: int) -> None:
            pass

    id = AttemptId(0, 0, 0, 1, 5)
    attempt = Attempt(Task(id, cast("TaskSet", None), Table()), Binary(0))
    path = attempt.answer("find_or_begin", 3, 0, 5).path
    Path(path).touch()
    block = [StoredBlock(path, ())] if how == "commit" else []
    assert not attempt.answer(how, 3, 0, 5, *block)
    attempt.end()
    assert not Path(path).exists()


def test_a_failed_first_attempt_leaves_its_copy_and_the_other_way_round(
    executor: str, tmp_path: Path
) -> None:
    for failing in (0, 1):
        folder = tmp_path / str(failing)
        folder.mkdir()

        def work(index: int, part: Iterator[int]) -> Iterator[int]:
            attempt = TaskContext.get().attemptNumber()
            if index == 9:
                (folder / str(attempt)).touch()
                while not (folder / "1").exists():
                    time.sleep(0.01)
                if attempt == failing:
                    raise ValueError("one of two")
                time.sleep(0.3)
            return part

        with context(executor, "local[2,2]", speculation__task__duration__threshold="1h") as sc:
            assert sc.parallelize(range(20), 10).mapPartitionsWithIndex(work).sum() == 190


def test_two_failures_of_first_attempt_and_copy_count_alike(executor: str, tmp_path: Path) -> None:
    def work(index: int, part: Iterator[int]) -> Iterator[int]:
        if index == 9:
            (tmp_path / str(TaskContext.get().attemptNumber())).touch()
            while not (tmp_path / "1").exists():
                time.sleep(0.01)
            raise ValueError("both")
        return part

    with (
        context(executor, "local[2,2]") as sc,
        pytest.raises(SparkException, match="failed 2 times"),
    ):
        sc.parallelize(range(20), 10).mapPartitionsWithIndex(work).count()


def test_a_task_alone_is_copied_when_it_is_too_long(executor: str) -> None:
    def work(part: Iterator[int]) -> Iterator[int]:
        if TaskContext.get().attemptNumber() == 0:
            time.sleep(FOREVER)
        return part

    with context(executor, speculation__task__duration__threshold="50ms") as sc:
        assert sc.parallelize([1, 2], 1).mapPartitions(work).collect() == [1, 2]


def test_jobs_side_by_side_each_have_their_copies(executor: str) -> None:
    # A copy needs a free slot: three slow tasks at once leave one of four.
    with context(executor, "local[4]") as sc:
        results: list[int] = []
        rdd = sc.parallelize(range(100), 10).mapPartitionsWithIndex(slow_at_first)
        threads = [threading.Thread(target=lambda: results.append(rdd.sum())) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(FOREVER / 2)
        assert results == [4950] * 3


def test_tasks_of_a_barrier_stage_are_not_copied(executor: str) -> None:
    def work(index: int, part: Iterator[int]) -> Iterator[int]:
        BarrierTaskContext.get().barrier()
        if index == 1:
            time.sleep(0.5)
        return part

    with context(executor, speculation__minTaskRuntime="1ms", speculation__quantile="0") as sc:
        events = record(sc)
        rdd = sc.parallelize(range(4), 2).barrier().mapPartitionsWithIndex(work)
        assert rdd.collect() == [0, 1, 2, 3]
        assert copies(events) == []


def test_without_the_setting_nothing_is_copied_and_nothing_polls() -> None:
    with SparkContext("local[2]", "plain") as sc:
        events = record(sc)
        assert sc._engine._scheduler._seconds_to_next_look() is None
        slow = sc.parallelize(range(10), 10).map(lambda x: time.sleep(0.4 * (x == 9)) or x)
        assert slow.sum() == 45
        assert copies(events) == []


def test_an_interval_may_be_longer_than_python_can_wait(executor: str) -> None:
    with context(executor, speculation__interval="365000d") as sc:
        assert sc.parallelize(range(4), 4).count() == 4


def test_with_the_setting_an_idle_context_does_not_poll() -> None:
    with context("threads") as sc:
        assert sc.parallelize(range(10), 10).sum() == 45
        wait_for(lambda: sc._engine._scheduler._seconds_to_next_look() is None)


# -- output ------------------------------------------------------------------------------------


def test_a_slow_writing_task_is_committed_once(executor: str, tmp_path: Path) -> None:
    with context(executor) as sc:
        rdd = sc.parallelize(range(100), 10).mapPartitionsWithIndex(slow_at_first)
        rdd.saveAsTextFile(str(tmp_path / "out"))
        written = [*(f"part-{i:05d}" for i in range(10)), "_SUCCESS"]
        checksums = [f".{name}.crc" for name in written]
        assert sorted(os.listdir(tmp_path / "out")) == sorted(written + checksums)
        assert sc.textFile(str(tmp_path / "out")).map(int).sum() == 4950


def test_an_attempt_that_comes_second_to_commit_is_denied(executor: str, tmp_path: Path) -> None:
    """The first attempt has the permission and is slow to use it; the copy must not."""
    from minispark.engine.lineage import Node
    from minispark.io.output import FileOutput

    output = FileOutput(str(tmp_path / "out"))
    asked = tmp_path / "asked"

    def write(task: Any, frames: Iterator[Any]) -> None:
        ids, lines = task.id, iter([f"attempt {task.id.attempt}".encode()])

        def before_commit() -> None:
            if ids.partition == 9 and ids.attempt == 1:
                while not asked.exists():
                    time.sleep(0.01)
            task.before_commit()
            if ids.partition == 9 and ids.attempt == 0:
                asked.touch()
                time.sleep(1)

        output.write_partition(ids.partition, ids.attempt, ids.task_id, lines, before_commit)

    with context(executor, "local[2,1]") as sc:
        output.setup()
        node: Node = sc.parallelize(range(10), 10)._node
        sc._engine.run_job(node, write)
        output.commit()
        assert set(sc.textFile(str(tmp_path / "out")).collect()) == {"attempt 0"}


def attempt(partition: int, task_id: int) -> AttemptId:
    return AttemptId(1, 0, partition, 0, task_id)


def test_who_may_commit() -> None:
    commits = Commits()
    for partition, task_id in ((0, 10), (0, 11), (1, 12)):
        commits.begin(attempt(partition, task_id))
    assert commits.may_commit(11)
    assert not commits.may_commit(10)
    assert commits.may_commit(11), "it may ask again"
    assert commits.may_commit(12)
    commits.end(11)  # it has failed
    assert commits.may_commit(10)
    assert not commits.may_commit(11), "it was given up"
    commits.end(10)
    assert not commits.may_commit(10)


# -- helpers -----------------------------------------------------------------------------------


def files_of(sc: SparkContext, prefix: str) -> list[str]:
    return [name for name in os.listdir(sc._engine.directory.path) if name.startswith(prefix)]


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)
