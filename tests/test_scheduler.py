"""Jobs, stages and tasks: what runs, how often, and what a failure costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
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


@pytest.mark.threads
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


@pytest.mark.parametrize("master", ["local", "local[2]"])
def test_the_cause_is_an_exception_of_the_programs_own_class(master: str) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "class Odd(Exception):\n"
        "    def __init__(self, x, why):\n        super().__init__(f'{x} is {why}')\n"
        "def check(x):\n    if x % 2:\n        raise Odd(x, 'odd')\n    return x\n",
        namespace,
    )
    with (
        SparkContext(master, "odd") as sc,
        pytest.raises(SparkException, match="Odd: 1 is odd") as info,
    ):
        sc.parallelize([0, 1], 2).map(namespace["check"]).collect()
    assert type(info.value.__cause__) is namespace["Odd"]


def test_the_traceback_begins_at_the_programs_own_line(sc: SparkContext) -> None:
    with pytest.raises(SparkException) as info:
        sc.parallelize([0], 1).map(lambda x: 1 // x).collect()
    text = str(info.value)
    first_frame = text[text.index("Traceback") :].splitlines()[1]
    assert __file__ in first_frame


def test_a_failure_without_a_function_of_the_program_names_its_line(sc: SparkContext) -> None:
    no_pairs = sc.parallelize(range(4), 2)
    with pytest.raises(SparkException, match=rf"\(reduceByKey at {__file__}:\d+\)"):
        no_pairs.reduceByKey(lambda a, b: a + b).collect()
    with pytest.raises(SparkException, match=rf"\(sum at {__file__}:\d+\)"):
        sc.parallelize(["a", "b"], 2).sum()


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
    expected = reduced.glom().collect()
    victim = shuffle_files(sc)[1]
    data = victim.read_bytes()
    if damage == "remove":
        victim.unlink()
    elif damage == "truncate":
        victim.write_bytes(data[: len(data) // 2])
    else:
        victim.write_bytes(data[:-10] + bytes([data[-10] ^ 1]) + data[-9:])
    events = record(sc)
    assert reduced.glom().collect() == expected
    failures = [event for event in of(events, StageCompleted) if event.failure]
    assert failures, "the damage was noticed"
    stages = of(events, StageSubmitted)
    again = [e.num_tasks for e in stages if e.stage_id != stages[0].stage_id]
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
        if file.is_file():
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


def test_a_job_ends_with_its_context_also_if_the_dispatcher_is_woken_meanwhile() -> None:
    sc = SparkContext("local[1]", "test")
    scheduler = sc._engine._scheduler
    requests = scheduler._requests

    class SlowRequests:
        """The dispatcher has the time to look at them between the two steps of an end."""

        get_nowait = requests.get_nowait

        def put(self, work: Callable[[], None]) -> None:
            if work == scheduler._end_all_jobs:
                scheduler._executor.wake()
                scheduler._dispatcher.join(0.2)
            requests.put(work)

    scheduler._requests = SlowRequests()  # type: ignore[assignment]
    running = threading.Event()
    sc._engine.events.add_listener(lambda event: running.set())
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(sc.parallelize([60], 1).map(time.sleep).count)
        assert running.wait(30)
        sc.stop()
        with pytest.raises(SparkException, match="cancelled because SparkContext was shut down"):
            job.result(30)


def test_a_stopped_context_says_so() -> None:
    sc = SparkContext("local", "stopped")
    rdd = sc.parallelize([1])
    sc.stop()
    sc.stop()
    for use in (rdd.collect, rdd.count, lambda: sc.parallelize([1])):
        with pytest.raises(SparkException, match="stopped SparkContext"):
            use()


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_an_error_in_an_accumulators_own_code_costs_its_updates_only(
    sc: SparkContext, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    from minispark import AccumulatorParam

    class Broken(AccumulatorParam[int]):
        def zero(self, value: int) -> int:
            return 0

        def addInPlace(self, value1: int, value2: int) -> int:
            if TaskContext.get() is None:
                raise error("merging")
            return value1 + value2

    total = sc.accumulator(0, Broken())
    good = sc.accumulator(0)
    rdd = sc.parallelize(range(8), 8)
    rdd.foreach(lambda x: total.add(x))
    assert total.value == 0
    assert f"{error.__name__}: merging" in caplog.text
    rdd.foreach(lambda x: good.add(x))
    assert good.value == 28


def test_an_error_in_a_listener_costs_nobody_else_anything(
    sc: SparkContext, caplog: pytest.LogCaptureFixture
) -> None:
    sc._engine.events.add_listener(lambda event: 1 // 0)
    assert sc.parallelize(range(8), 8).sum() == 28
    assert "ZeroDivisionError" in caplog.text


def test_all_map_outputs_lost_are_computed_again(sc: SparkContext) -> None:
    reduced = sc.parallelize(range(100), 8).map(lambda x: (x % 5, x)).reduceByKey(max, 3)
    expected = reduced.collect()
    for file in shuffle_files(sc):
        file.unlink()
    assert reduced.collect() == expected


def test_two_jobs_that_find_different_outputs_lost_both_end(sc: SparkContext) -> None:
    reduced = sc.parallelize(range(200), 8).map(lambda x: (x % 50, x)).reduceByKey(max, 8)
    expected = sorted(reduced.collect())
    stop = threading.Event()

    def lose_outputs() -> None:
        while not stop.wait(0.003):
            committed = [file for file in shuffle_files(sc) if not file.suffix]
            for file in committed[:2]:
                file.unlink(missing_ok=True)

    def jobs() -> None:
        for _ in range(10):
            try:
                answer = sorted(reduced.collect())
            except SparkException as exc:  # lost too often in a row: an end too, not a hang
                if "maximum allowable number of times" not in str(exc):
                    raise
            else:
                assert answer == expected

    thread = threading.Thread(target=lose_outputs)
    thread.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(jobs) for _ in range(4)]:
                future.result(timeout=60)
    finally:
        stop.set()
        thread.join()


def test_a_program_cannot_swallow_that_an_output_is_lost(sc: SparkContext) -> None:
    reduced = sc.parallelize(range(100), 4).map(lambda x: (x, x)).reduceByKey(max, 2)
    assert reduced.count() == 100
    shuffle_files(sc)[1].unlink()

    def careless(it: Any) -> Any:
        try:
            yield from it
        except Exception:
            return

    assert reduced.mapPartitions(careless).count() == 100


def test_a_cancelled_task_keeps_no_cached_block_to_itself(sc: SparkContext, tmp_path: Path) -> None:
    flag = tmp_path / "sleep"
    flag.touch()

    def slow_at_first(x: int) -> int:
        if flag.exists():
            threading.Event().wait(10)
        return x

    rdd = sc.parallelize([1], 1).map(slow_at_first).cache()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        rdd.collect()
    flag.unlink()
    events = record(sc)
    assert rdd.collect() == [1]
    assert max(event.seconds for event in of(events, TaskEnded)) < 5


def test_interrupting_twice_leaves_the_context_usable(sc: SparkContext) -> None:
    spinning = sc.parallelize([0, 1], 2).map(_spin)
    for pause in (0.0, 0.001, 0.01):
        timers = [
            threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
            for delay in (0.2, 0.2 + pause)
        ]
        for timer in timers:
            timer.start()
        interrupts = 0
        while any(timer.is_alive() for timer in timers) or not interrupts:
            try:
                if interrupts:
                    threading.Event().wait(0.1)
                else:
                    spinning.collect()
            except KeyboardInterrupt:
                interrupts += 1
        assert sc.parallelize(range(10), 4).sum() == 45


def test_a_job_inside_a_task_is_refused() -> None:
    with SparkContext("local[1]", "nested") as sc:

        def nested(x: int) -> int:
            return SparkContext.getOrCreate().parallelize([x]).count()

        with pytest.raises(SparkException, match="CONTEXT_ONLY_VALID_ON_DRIVER"):
            sc.parallelize([1], 1).map(nested).collect()


def test_a_forked_process_cannot_run_jobs() -> None:
    code = """
import os
from minispark import SparkContext
with SparkContext("local[2]", "fork") as sc:
    rdd = sc.parallelize([1, 2])
    assert rdd.count() == 2
    child = os.fork()
    if child == 0:
        try:
            rdd.count()
        except Exception as exc:
            print(type(exc).__name__, str(exc)[:30], flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    assert rdd.count() == 2
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout == "SparkException This context belongs to proces\n"


def test_skipped_stages_are_numbered_too(sc: SparkContext) -> None:
    reduced = sc.parallelize([(1, 1)], 1).reduceByKey(max, 1)
    ids = [reduced.map(lambda _: TaskContext.get().stageId()).collect()[0] for _ in range(3)]
    assert ids == [1, 3, 5]


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
