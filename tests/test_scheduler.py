"""Jobs, stages and tasks: what runs, how often, and what a failure costs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from minispark import SparkContext, TaskContext
from minispark.engine.events import Event, StageCompleted, StageSubmitted, TaskEnded
from minispark.errors import SparkException


def record(sc: SparkContext) -> list[Event]:
    events: list[Event] = []
    sc._engine.events.add_listener(events.append)
    return events


def of(events: list[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def fail_while_files_are_few(folder: Path, allowed: int) -> Callable[[int], int]:
    """A function that leaves a file each time it is called, and fails the first times."""

    def run(x: int) -> int:
        (folder / f"{os.urandom(8).hex()}").touch()
        if len(os.listdir(folder)) <= allowed:
            raise ValueError(f"attempt {TaskContext.get().attemptNumber()}")
        return TaskContext.get().attemptNumber()

    return run


def test_take_computes_only_the_partitions_it_needs(sc: SparkContext) -> None:
    seen = sc.accumulator(0)

    def look(x: int) -> int:
        seen.add(1)
        return x

    rdd = sc.parallelize(range(100), 100).map(look)
    assert rdd.take(3) == [0, 1, 2]
    assert seen.value < 10


def test_a_second_job_skips_the_stage_whose_outputs_exist(sc: SparkContext) -> None:
    mapped = sc.accumulator(0)

    def look(x: int) -> tuple[int, int]:
        mapped.add(1)
        return x % 3, x

    reduced = sc.parallelize(range(9), 3).map(look).reduceByKey(lambda a, b: a + b)
    assert sorted(reduced.collect()) == [(0, 9), (1, 12), (2, 15)]
    events = record(sc)
    assert sorted(reduced.collect()) == [(0, 9), (1, 12), (2, 15)]
    assert len(of(events, StageSubmitted)) == 1
    assert mapped.value == 9


def test_independent_stages_run_side_by_side(sc: SparkContext) -> None:
    # Each side waits for the other: only two stages that run at once can pass.
    barrier = threading.Barrier(2, timeout=30)
    holders[id(barrier)] = barrier
    key = id(barrier)

    def meet(x: int) -> tuple[int, int]:
        from tests import test_scheduler

        test_scheduler.holders[key].wait()
        return x, x

    left = sc.parallelize([1], 1).map(meet).reduceByKey(lambda a, b: a)
    right = sc.parallelize([1], 1).map(meet).reduceByKey(lambda a, b: a)
    assert left.union(right).collect() == [(1, 1), (1, 1)]


holders: dict[int, threading.Barrier] = {}


def test_many_threads_submit_jobs_to_one_context(sc: SparkContext) -> None:
    rdd = sc.parallelize(range(100), 4).cache()

    def job(n: int) -> int:
        return rdd.map(lambda x: (x % 5, x * n)).reduceByKey(lambda a, b: a + b).values().sum()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(job, range(40))) == [4950 * n for n in range(40)]


def test_a_task_is_tried_as_often_as_the_master_says(tmp_path: Path) -> None:
    with SparkContext("local[1,3]", "retries") as sc:
        attempts = sc.accumulator(0)
        run = fail_while_files_are_few(tmp_path, 2)

        def count(x: int) -> int:
            attempts.add(1)
            return run(x)

        assert sc.parallelize([1], 1).map(count).collect() == [2]
        assert attempts.value == 1, "only the attempt that succeeded is counted"


def test_a_task_that_fails_too_often_fails_the_job(tmp_path: Path) -> None:
    with SparkContext("local[1,3]", "retries") as sc:
        failing = sc.parallelize([1], 1).map(fail_while_files_are_few(tmp_path, 99))
        with pytest.raises(SparkException, match=r"Task 0 in stage 0\.0 failed 3 times") as info:
            failing.collect()
        assert isinstance(info.value.__cause__, ValueError)
        assert str(info.value.__cause__) == "attempt 2"
        assert len(os.listdir(tmp_path)) == 3


def test_a_failure_cancels_the_other_tasks_and_leaves_the_context_usable(
    sc: SparkContext,
) -> None:
    started = sc.accumulator(0)

    def fail_first(i: int, it: Any) -> Any:
        started.add(1)
        if i == 0:
            raise RuntimeError("first")
        return it

    events = record(sc)
    with pytest.raises(SparkException, match="first"):
        sc.parallelize(range(200), 200).mapPartitionsWithIndex(fail_first).collect()
    assert len(of(events, TaskEnded)) < 200
    assert sc.parallelize(range(4), 4).sum() == 6


def test_the_cause_is_an_exception_of_the_programs_own_class(sc: SparkContext) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "class Odd(Exception):\n    pass\n"
        "def check(x):\n    if x % 2:\n        raise Odd(x)\n    return x\n",
        namespace,
    )
    with pytest.raises(SparkException, match="Odd: 1") as info:
        sc.parallelize([0, 1], 2).map(namespace["check"]).collect()
    assert type(info.value.__cause__) is namespace["Odd"]


def test_the_traceback_begins_at_the_programs_own_line(sc: SparkContext) -> None:
    with pytest.raises(SparkException) as info:
        sc.parallelize([0], 1).map(lambda x: 1 // x).collect()
    text = str(info.value)
    first_frame = text[text.index("Traceback") :].splitlines()[1]
    assert __file__ in first_frame


def shuffle_files(sc: SparkContext) -> list[Path]:
    return sorted(Path(sc._engine.directory.path).glob("shuffle_*"))


@pytest.mark.parametrize("damage", ["remove", "truncate", "alter"])
def test_a_lost_map_output_costs_its_map_task_only(sc: SparkContext, damage: str) -> None:
    mapped = sc.accumulator(0)

    def look(i: int, it: Any) -> Any:
        mapped.add(1)
        return ((x % 5, x) for x in it)

    reduced = (
        sc.parallelize(range(100), 4)
        .mapPartitionsWithIndex(look)
        .reduceByKey(lambda a, b: a + b, 3)
    )
    events = record(sc)
    expected = reduced.glom().collect()
    map_stage = of(events, StageSubmitted)[0].stage_id
    victim = shuffle_files(sc)[1]
    data = victim.read_bytes()
    if damage == "remove":
        victim.unlink()
    elif damage == "truncate":
        victim.write_bytes(data[: len(data) // 2])
    else:
        victim.write_bytes(data[:-10] + bytes([data[-10] ^ 1]) + data[-9:])
    events.clear()
    assert reduced.glom().collect() == expected
    failures = [event for event in of(events, StageCompleted) if event.failure]
    assert failures, "the damage was noticed"
    again = [e.num_tasks for e in of(events, StageSubmitted) if e.stage_id == map_stage]
    assert again == [1], "one map task ran again"
    assert mapped.value == 4, "and is not counted again"


def test_a_map_output_that_is_always_lost_ends_the_job(sc: SparkContext) -> None:
    reduced = sc.parallelize(range(10), 2).map(lambda x: (x, x)).reduceByKey(lambda a, b: a)

    def remove_outputs(event: Event) -> None:
        if isinstance(event, StageCompleted) and event.failure is None:
            for file in shuffle_files(sc):
                file.unlink()

    sc._engine.events.add_listener(remove_outputs)
    with pytest.raises(SparkException, match="failed the maximum allowable number of times"):
        reduced.collect()


@pytest.mark.parametrize("damage", ["remove", "alter"])
def test_a_lost_cached_block_is_computed_again(sc: SparkContext, damage: str) -> None:
    rdd = sc.parallelize(range(10), 2).map(lambda x: (x % 2, x)).groupByKey(2).mapValues(sum)
    cached = rdd.cache()
    expected = cached.glom().collect()
    for block in Path(sc._engine.directory.path).glob("rdd_*"):
        if damage == "remove":
            block.unlink()
        else:
            block.write_bytes(b"x" + block.read_bytes()[1:])
    assert cached.glom().collect() == expected


def test_a_lost_cached_block_behind_a_lost_shuffle_is_computed_again(sc: SparkContext) -> None:
    cached = sc.parallelize(range(10), 2).map(lambda x: (x % 2, x)).groupByKey(2).mapValues(sum)
    expected = cached.cache().glom().collect()
    for file in Path(sc._engine.directory.path).iterdir():
        file.unlink()
    assert cached.glom().collect() == expected


def test_interrupting_the_program_cancels_its_job(sc: SparkContext) -> None:
    waiting = sc.parallelize([0, 1], 2).map(_sleep_long)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        waiting.collect()
    assert sc.parallelize(range(10), 4).sum() == 45


def test_an_interrupted_loop_is_left_by_its_thread(sc: SparkContext) -> None:
    before = set(threading.enumerate())
    spinning = sc.parallelize([0, 1], 2).map(_spin)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        spinning.collect()
    for thread in set(threading.enumerate()) - before:
        if thread.name == "minispark-slot":
            thread.join(timeout=30)
            assert not thread.is_alive()


def _sleep_long(x: int) -> int:
    threading.Event().wait(10)
    return x


def _spin(x: int) -> int:
    while True:
        x += 1


def test_stop_ends_a_job_that_another_thread_waits_for() -> None:
    sc = SparkContext("local[2]", "stop")
    rdd = sc.parallelize([0, 1], 2).map(_spin)
    running = threading.Event()
    sc._engine.events.add_listener(lambda event: running.set())
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(rdd.collect)
        assert running.wait(30)
        sc.stop()
        with pytest.raises(SparkException, match="cancelled because SparkContext was shut down"):
            future.result(timeout=30)


def test_a_stopped_context_says_so() -> None:
    sc = SparkContext("local", "stopped")
    rdd = sc.parallelize([1])
    sc.stop()
    sc.stop()
    for use in (rdd.collect, rdd.count, lambda: sc.parallelize([1])):
        with pytest.raises(SparkException, match="stopped SparkContext"):
            use()


def test_an_error_in_an_accumulators_own_code_fails_the_job_not_the_context(
    sc: SparkContext,
) -> None:
    from minispark import AccumulatorParam

    class Broken(AccumulatorParam[int]):
        def zero(self, value: int) -> int:
            return 0

        def addInPlace(self, value1: int, value2: int) -> int:
            if TaskContext.get() is None:
                raise ZeroDivisionError("merging")
            return value1 + value2

    total = sc.accumulator(0, Broken())
    with pytest.raises(ZeroDivisionError, match="merging"):
        sc.parallelize([1, 2], 2).foreach(lambda x: total.add(x))
    assert sc.parallelize([1, 2], 2).count() == 2


def test_accumulators_are_counted_in_the_order_of_partitions(sc: SparkContext) -> None:
    from minispark import AccumulatorParam

    class Append(AccumulatorParam[list[int]]):
        def zero(self, value: list[int]) -> list[int]:
            return []

        def addInPlace(self, value1: list[int], value2: list[int]) -> list[int]:
            return value1 + value2

    order = sc.accumulator([], Append())
    sc.parallelize(range(50), 50).foreach(lambda x: order.add([x]))
    assert order.value == list(range(50))


def test_a_long_lineage_is_no_deep_recursion(sc: SparkContext) -> None:
    rdd = sc.parallelize([0], 1)
    for _ in range(150):
        rdd = rdd.union(sc.parallelize([1], 1))
    assert rdd.sum() == 150
    assert rdd.getNumPartitions() == 151
    cached = sc.parallelize([0], 1)
    for _ in range(150):
        cached = cached.map(lambda x: x + 1).coalesce(1)
    assert cached.collect() == [150]
