"""Jobs are cancelled by group, by tag and by Ctrl-C, and their tasks end, whatever they do."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from time import sleep as pythons_sleep
from typing import Any

import pytest

from minispark import InheritableThread, SparkContext, inheritable_thread_target
from minispark.engine.executors import interrupting
from minispark.engine.task import TaskKilled
from minispark.errors import SparkException

pytestmark = pytest.mark.threads

SECONDS_TO_RETURN = 3.0
SECONDS_TO_END = 5.0

running: set[int] = set()
"""The partitions that a task is at; tasks run in this process, in this imported module."""
started = threading.Semaphore(0)


def sleeping(partition: int, _: Any) -> list[int]:
    running.add(partition)
    started.release()
    try:
        time.sleep(600)
    finally:
        running.discard(partition)
    return []


def waits_for_an_event() -> None:
    threading.Event().wait()


def waits_for_an_event_a_while() -> None:
    threading.Event().wait(600)


def waits_for_a_queue() -> None:
    queue.Queue[int]().get()


def waits_for_a_barrier() -> None:
    threading.Barrier(9).wait()


def sleeps_again_when_interrupted() -> None:
    try:
        time.sleep(600)
    finally:
        time.sleep(600)


def busy(partition: int, _: Any) -> list[int]:
    running.add(partition)
    started.release()
    try:
        while True:
            sum(range(100))
    finally:
        running.discard(partition)


class Background:
    """A job of two endless tasks on another thread, from when both run."""

    def __init__(self, sc: SparkContext, work: Any, prepare: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._sc = sc
        self._work = work
        self._prepare = prepare
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        for _ in range(2):
            assert started.acquire(timeout=30)

    def _run(self) -> None:
        self._prepare()
        try:
            self._sc.parallelize([], 2).mapPartitionsWithIndex(self._work).count()
        except SparkException as exc:
            self.error = exc

    def wait(self) -> str:
        self.thread.join(SECONDS_TO_RETURN)
        assert not self.thread.is_alive(), "the caller of a cancelled job waits"
        return str(self.error)


def wait_for_the_end_of_tasks() -> None:
    end = time.monotonic() + SECONDS_TO_END
    while running and time.monotonic() < end:
        time.sleep(0.02)
    assert not running, "tasks of a cancelled job run on"


@pytest.mark.parametrize("work", [sleeping, busy])
def test_a_job_is_cancelled_by_group(sc: SparkContext, work: Any) -> None:
    job = Background(sc, work, lambda: sc.setJobGroup("mine", "endless"))
    sc.cancelJobGroup("another")
    assert running == {0, 1}
    sc.cancelJobGroup("mine")
    assert job.wait() == (
        "[SPARK_JOB_CANCELLED] Job 0 cancelled part of cancelled job group mine SQLSTATE: XXKDA"
    )
    wait_for_the_end_of_tasks()
    assert sc.parallelize(range(10), 2).sum() == 45


@pytest.mark.parametrize("work", [sleeping, busy])
def test_a_job_is_cancelled_by_tag(sc: SparkContext, work: Any) -> None:
    def prepare() -> None:
        sc.addJobTag("red")
        sc.addJobTag("blue")

    job = Background(sc, work, prepare)
    sc.cancelJobsWithTag("re")
    assert running == {0, 1}
    sc.cancelJobsWithTag("blue")
    assert "Job 0 cancelled part of cancelled job tags blue" in job.wait()
    wait_for_the_end_of_tasks()
    assert sc.parallelize(range(10), 2).sum() == 45


@pytest.mark.parametrize(
    "wait",
    [
        waits_for_an_event,
        waits_for_an_event_a_while,
        waits_for_a_queue,
        waits_for_a_barrier,
        sleeps_again_when_interrupted,
    ],
)
def test_a_cancelled_task_is_woken_from_its_wait(
    sc: SparkContext, wait: Callable[[], None]
) -> None:
    def work(partition: int, _: Any) -> list[int]:
        from tests import test_control

        test_control.running.add(partition)
        test_control.started.release()
        try:
            wait()
        finally:
            test_control.running.discard(partition)
        return []

    job = Background(sc, work, lambda: None)
    sc.cancelAllJobs()
    job.wait()
    wait_for_the_end_of_tasks()


def test_waking_a_cancelled_task_disturbs_nobody_who_waits_for_the_same(sc: SparkContext) -> None:
    shared.clear()
    job = Background(sc, waits_for_what_is_shared, lambda: None)
    other = threading.Thread(target=shared.wait, args=(60,))
    other.start()
    sc.cancelAllJobs()
    job.wait()
    wait_for_the_end_of_tasks()
    assert other.is_alive()
    shared.set()
    other.join(30)
    assert not other.is_alive()


shared = threading.Event()


def waits_for_what_is_shared(partition: int, _: Any) -> list[int]:
    running.add(partition)
    started.release()
    try:
        shared.wait()
    finally:
        running.discard(partition)
    return []


def test_no_thread_outlives_a_cancelled_job_and_its_context() -> None:
    before = set(threading.enumerate())
    with SparkContext("local[2]", "test") as sc:
        job = Background(sc, sleeping, lambda: None)
        sc.cancelAllJobs()
        job.wait()
    for thread in set(threading.enumerate()) - before:
        thread.join(SECONDS_TO_END)
        assert not thread.is_alive(), thread.name


@pytest.mark.parametrize("work", [sleeping, busy])
def test_ctrl_c_cancels_the_job_that_the_main_thread_waits_for(sc: SparkContext, work: Any) -> None:
    def interrupt() -> None:
        for _ in range(2):
            assert started.acquire(timeout=30)
        interrupted_at.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    interrupted_at: list[float] = []
    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        sc.parallelize([], 2).mapPartitionsWithIndex(work).count()
    assert time.monotonic() - interrupted_at[0] < SECONDS_TO_RETURN
    other.join()
    wait_for_the_end_of_tasks()
    assert sc.parallelize(range(10), 2).sum() == 45


def test_ctrl_c_is_seen_soon_also_where_it_does_not_wake_the_main_thread(sc: SparkContext) -> None:
    # So it is with one that comes just before the main thread begins to wait.
    def interrupt() -> None:
        for _ in range(2):
            assert started.acquire(timeout=30)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        interrupted_at.append(time.monotonic())
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    interrupted_at: list[float] = []
    other = threading.Thread(target=interrupt)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        other.start()
        with pytest.raises(KeyboardInterrupt):
            sc.parallelize([], 2).mapPartitionsWithIndex(busy).count()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert time.monotonic() - interrupted_at[0] < SECONDS_TO_RETURN
    other.join()
    wait_for_the_end_of_tasks()


def test_ctrl_c_cancels_the_jobs_of_other_threads_too(sc: SparkContext) -> None:
    job = Background(sc, busy, lambda: None)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert "as part of cancellation of all jobs" in job.wait()
    wait_for_the_end_of_tasks()


def test_a_handler_of_the_programs_own_stays() -> None:
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        with SparkContext("local[1]", "test") as sc:
            os.kill(os.getpid(), signal.SIGINT)
            assert sc.parallelize([1]).count() == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [1]


def test_the_handler_goes_with_the_context() -> None:
    with SparkContext("local[1]", "test"):
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_all_jobs_are_cancelled(sc: SparkContext) -> None:
    job = Background(sc, busy, lambda: None)
    sc.cancelAllJobs()
    assert "Job 0 cancelled as part of cancellation of all jobs" in job.wait()
    wait_for_the_end_of_tasks()


def test_jobs_submitted_after_the_cancelling_run(sc: SparkContext) -> None:
    sc.setJobGroup("mine", "")
    sc.cancelJobGroup("mine")
    sc.cancelAllJobs()
    assert sc.parallelize([1, 2]).count() == 2


def test_sleep_is_pythons_own_once_the_context_has_stopped() -> None:
    before = time.sleep
    with SparkContext("local[1]", "test"):
        assert time.sleep is not before
    assert time.sleep is before


def test_a_sleep_that_the_program_leaves_wrapped_sleeps_in_the_next_context() -> None:
    python_sleep = time.sleep
    try:
        with SparkContext("local[2]", "first"):
            inner = time.sleep
            time.sleep = lambda seconds: inner(seconds)
        with SparkContext("local[2]", "second") as sc:
            time.sleep(0.01)
            assert sc.parallelize([1], 1).map(lambda x: time.sleep(0.1) or x).collect() == [1]
    finally:
        time.sleep = python_sleep


def test_pythons_own_sleep_in_a_programs_hand_still_crosses_to_tasks(sc: SparkContext) -> None:
    assert sc.parallelize([0.01], 1).map(pythons_sleep).collect() == [None]
    assert pickle.loads(pickle.dumps(pythons_sleep)) is time.sleep


def test_other_builtin_functions_are_pickled_as_ever(sc: SparkContext) -> None:
    functions = [len, math.sin, dict.fromkeys]
    inside = [pickle.dumps(each) for each in functions]
    assert [pickle.loads(each) for each in inside] == functions
    sc.stop()
    assert [pickle.dumps(each) for each in functions] == inside
    assert pickle.loads(pickle.dumps(pythons_sleep)) is pythons_sleep


def test_a_task_sleeps_as_long_as_it_says(sc: SparkContext) -> None:
    def nap(_: int) -> float:
        begun = time.perf_counter()
        time.sleep(0.25)
        return time.perf_counter() - begun

    assert 0.25 <= sc.parallelize([1], 1).map(nap).first() < 5


@pytest.mark.parametrize(("seconds", "error"), [(-1, ValueError), ("1", TypeError)])
def test_a_wrong_sleep_is_pythons_error(sc: SparkContext, seconds: Any, error: type) -> None:
    with pytest.raises(SparkException) as caught:
        sc.parallelize([1], 1).foreach(lambda _: time.sleep(seconds))
    assert isinstance(caught.value.__cause__, error)


@pytest.mark.parametrize(
    ("tag", "problem"), [("a,b", "contain ','"), ("", "be an empty string"), (None, "be null")]
)
def test_a_tag_that_is_none_is_refused(sc: SparkContext, tag: Any, problem: str) -> None:
    for method in (sc.addJobTag, sc.removeJobTag, sc.cancelJobsWithTag):
        with pytest.raises(SparkException, match=f"Spark job tag cannot {problem}"):
            method(tag)
    with pytest.raises(TypeError, match="tag is a str, not int: 3"):
        sc.addJobTag(3)  # type: ignore[arg-type]


def test_properties_are_a_threads_own_unless_it_inherits_them(sc: SparkContext) -> None:
    seen: list[str | None] = []

    def look() -> None:
        seen.append(sc.getLocalProperty("k"))
        sc.setLocalProperty("k", "inner")

    sc.setLocalProperty("k", "when made")
    wrapped = inheritable_thread_target(look)
    inheriting = InheritableThread(target=look)
    sc.setLocalProperty("k", "when started")
    for thread in (threading.Thread(target=look), threading.Thread(target=wrapped), inheriting):
        thread.start()
        thread.join()
    assert seen == [None, "when made", "when started"]
    assert sc.getLocalProperty("k") == "when started"


def test_an_inheritable_thread_needs_a_context() -> None:
    with pytest.raises(RuntimeError, match="no active SparkContext"):
        InheritableThread(target=print).start()
    with pytest.raises(RuntimeError, match="no active SparkContext"):
        inheritable_thread_target(print)


answers: list[bool] = []
never_set = threading.Event()


def sleeping_with_a_clean_up(_partition: int, _: Any) -> list[int]:
    started.release()
    try:
        time.sleep(600)
    finally:
        answers.append(never_set.wait(0.4))
    return []


def test_a_wait_of_a_cancelled_tasks_own_clean_up_ends_when_it_should(sc: SparkContext) -> None:
    answers.clear()
    job = Background(sc, sleeping_with_a_clean_up, lambda: None)
    sc.cancelAllJobs()
    job.wait()
    end = time.monotonic() + SECONDS_TO_END
    while len(answers) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert answers == [False, False]
    assert not never_set._cond._waiters  # type: ignore[attr-defined]


def test_a_task_is_stopped_without_a_look_into_its_frame(
    sc: SparkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the global interpreter lock that may crash Python.
    monkeypatch.delattr(sys, "_current_frames")
    job = Background(sc, sleeping, lambda: None)
    sc.cancelAllJobs()
    job.wait()
    wait_for_the_end_of_tasks()


def test_locks_are_made_as_before_when_the_last_context_has_stopped() -> None:
    before = vars(threading)["_allocate_lock"]
    with SparkContext("local", "one"):
        assert vars(threading)["_allocate_lock"] is not before
    assert vars(threading)["_allocate_lock"] is before


def until_it_is_killed(started: threading.Event) -> None:
    try:
        started.set()
        while True:
            time.sleep(0.01)
    except TaskKilled:
        pass


def test_a_thread_is_given_up_while_the_watcher_looks_at_those_before() -> None:
    interrupter = interrupting.Interrupter()
    threads = []
    for _ in range(2):
        is_started = threading.Event()
        threads.append(threading.Thread(target=until_it_is_killed, args=(is_started,)))
        threads[-1].start()
        assert is_started.wait(30)
    second = threading.Thread(target=interrupter.interrupt, args=(threads[1],))

    class GivenUp(dict[threading.Thread, float]):
        def __iter__(self) -> Iterator[threading.Thread]:
            found = super().__iter__()
            if second.ident is None:
                second.start()
                second.join(0.2)  # it need not come between
            return found

    interrupter._given_up = GivenUp()
    interrupter.interrupt(threads[0])
    for each in (*threads, second):
        each.join(SECONDS_TO_END)
    interrupter.join(SECONDS_TO_END)
    assert interrupter._watcher is None


def busy_with_a_clean_up(_partition: int, _: Any) -> list[int]:
    started.release()
    try:
        while True:
            sum(range(100))
    finally:
        answers.append(never_set.wait(0.4))
    return []


def test_a_clean_up_that_begins_at_once_waits_as_long_as_it_should(
    sc: SparkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_in = interrupting._raise_in
    waiting = never_set._cond._waiters  # type: ignore[attr-defined]

    def raise_in_and_look_on(thread: threading.Thread) -> None:
        before = len(waiting)
        raise_in(thread)
        end = time.monotonic() + SECONDS_TO_END
        while len(waiting) == before and time.monotonic() < end:
            time.sleep(0.001)

    answers.clear()
    job = Background(sc, busy_with_a_clean_up, lambda: None)
    monkeypatch.setattr(interrupting, "_raise_in", raise_in_and_look_on)
    sc.cancelAllJobs()
    job.wait()
    end = time.monotonic() + SECONDS_TO_END
    while len(answers) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert answers == [False, False]


def stubborn(partition: int, _: Any) -> list[int]:
    running.add(partition)
    started.release()
    try:
        try:
            time.sleep(600)
        except BaseException:
            time.sleep(600)
    finally:
        running.discard(partition)
    return []


held = threading.Lock()


def waiting_in_c(_partition: int, _: Any) -> list[int]:
    started.release()
    with held:
        return []


def test_a_stubborn_task_ends_soon_also_beside_one_that_is_stuck(sc: SparkContext) -> None:
    with held:
        stuck = Background(sc, waiting_in_c, lambda: None)
        sc.cancelAllJobs()
        stuck.wait()
        time.sleep(3)  # until it is looked after more seldom
        job = Background(sc, stubborn, lambda: None)
        sc.cancelAllJobs()
        job.wait()
        wait_for_the_end_of_tasks()


def test_nothing_is_printed_of_a_kill_that_comes_while_an_object_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python drops it there; the task is told to end once more."""
    dropped: list[Any] = []
    in_del = threading.Event()
    monkeypatch.setattr(sys, "unraisablehook", lambda each: dropped.append(each.exc_type))

    class Slow:
        def __del__(self) -> None:
            in_del.set()
            while True:
                time.sleep(0.001)

    def work() -> None:
        with contextlib.suppress(TaskKilled):
            Slow()
            while True:
                time.sleep(0.001)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert in_del.wait(30)
    interrupter = interrupting.Interrupter()
    interrupter.interrupt(thread)
    thread.join(30)
    assert not thread.is_alive()
    interrupter.join(30)

    class Failing:
        def __del__(self) -> None:
            raise ZeroDivisionError

    del_of_others = Failing()
    del del_of_others
    assert dropped == [ZeroDivisionError]


def test_ctrl_c_reaches_a_context_made_after_one_was_stopped_on_another_thread() -> None:
    first = SparkContext("local[2]", "first")
    thread = threading.Thread(target=first.stop)
    thread.start()
    thread.join()
    with SparkContext("local[2]", "second") as sc:
        job = Background(sc, sleeping, lambda: None)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        job.wait()
        wait_for_the_end_of_tasks()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
