"""A thread that a task starts belongs to the task, for as long as the task runs."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from minispark import SparkContext, TaskContext
from minispark.engine import taskstate
from minispark.errors import PySparkRuntimeError

pytestmark = pytest.mark.threads

state_of_first: weakref.ref[Any] | None = None
"""Tasks run in this process, in this imported module."""
task_has_ended = threading.Event()
seen: list[object] = []
threads: list[threading.Thread] = []


def start(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def outlives_its_task(_: int) -> None:
    global state_of_first
    state = taskstate.current()
    assert state is not None
    state_of_first = weakref.ref(state)
    begun = threading.Event()

    def look_later() -> None:
        seen.append(TaskContext.get() is None)
        begun.set()
        task_has_ended.wait(30)
        gc.collect()
        assert state_of_first is not None
        seen.extend([TaskContext.get(), state_of_first()])
        start(lambda: seen.append(TaskContext.get())).join(30)

    threads.append(start(look_later))
    assert begun.wait(30)


def outlives_a_task_that_fails(x: int) -> None:
    outlives_its_task(x)
    raise ValueError("as it should")


def ask_for_a_context(_: int) -> str:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_context_refused).result()


def _context_refused() -> str:
    with pytest.raises(PySparkRuntimeError) as caught:
        SparkContext("local[1]", "inner")
    return str(caught.value.getCondition())


def test_threads_of_a_task_know_its_partition(sc: SparkContext) -> None:
    def partitions(numbers: Any) -> list[int]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda _: TaskContext.get().partitionId(), numbers))

    assert sc.parallelize(range(8), 4).mapPartitions(partitions).glom().collect() == [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
    ]


def test_threads_of_a_task_print_to_standard_error(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(x: int) -> None:
        thread = threading.Thread(target=lambda: print("thread", x))
        thread.start()
        thread.join()

    sc.parallelize([1], 1).foreach(say)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "thread 1\n")


def test_threads_of_a_task_are_not_the_driver(sc: SparkContext) -> None:
    answers = sc.parallelize([1], 1).map(ask_for_a_context).collect()
    assert answers == ["CONTEXT_ONLY_VALID_ON_DRIVER"]


def test_a_thread_that_outlives_its_task_is_no_tasks_and_does_not_keep_its_state(
    sc: SparkContext,
) -> None:
    _let_a_thread_outlive(lambda: sc.parallelize([1], 1).foreach(outlives_its_task))
    assert seen == [False, None, None, None]


def test_a_thread_that_outlives_a_failed_task_is_no_tasks(sc: SparkContext) -> None:
    errors = []

    def fail() -> None:
        with pytest.raises(Exception, match="as it should") as caught:
            sc.parallelize([1], 1).foreach(outlives_a_task_that_fails)
        errors.append(caught.value)  # its traceback may hold the task's frames

    _let_a_thread_outlive(fail)
    assert (seen[0], seen[1], seen[3]) == (False, None, None)


def _let_a_thread_outlive(job: Callable[[], None]) -> None:
    seen.clear()
    threads.clear()
    task_has_ended.clear()
    job()
    task_has_ended.set()
    for thread in threads:
        thread.join(30)


def test_a_thread_is_as_the_program_made_it(sc: SparkContext) -> None:
    def look(_: int) -> tuple[list[str], str]:
        inside: list[str] = []
        thread = threading.Thread(target=lambda: inside.extend(vars(thread)))
        thread.start()
        thread.join()
        try:
            thread.start()
        except RuntimeError as exc:
            return [name for name in [*inside, *vars(thread)] if name == "run"], str(exc)
        raise AssertionError("started twice")

    assert sc.parallelize([1], 1).map(look).collect() == [([], "threads can only be started once")]


def test_threads_of_the_driver_are_no_tasks(sc: SparkContext) -> None:
    sc.parallelize([1], 1).count()
    found: list[object] = []
    start(lambda: found.append(TaskContext.get())).join()
    assert found == [None]


def test_start_is_pythons_own_once_the_context_has_stopped() -> None:
    before = threading.Thread.start
    with SparkContext("local[1]", "test") as sc:
        assert threading.Thread.start is not before
        sc.stop()
        assert threading.Thread.start is before
    assert threading.Thread.start is before


def test_a_start_that_someone_else_has_replaced_meanwhile_stays() -> None:
    before = threading.Thread.start
    with pytest.MonkeyPatch.context() as patch:
        with SparkContext("local[1]", "test"):
            inner = threading.Thread.start

            def counted(thread: threading.Thread) -> None:
                counts.append(1)
                inner(thread)

            counts: list[int] = []
            patch.setattr(threading.Thread, "start", counted)
        assert threading.Thread.start is counted
        with SparkContext("local[1]", "test") as sc:
            assert sc.parallelize([1], 1).map(ask_for_a_context).count() == 1
        assert threading.Thread.start is counted
        assert counts
        patch.setattr(threading.Thread, "start", before)
