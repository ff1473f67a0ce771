"""Limits and bad days: each is a right answer or a clear error, and the context works on.

What minispark does on such a day, next to Spark, is in docs/reliability.md.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from minispark import RDD, SparkConf, SparkContext
from minispark.errors import SparkException

EXECUTORS = ("threads", "processes")


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sc(executor: str, tmp_path: Path) -> Iterator[SparkContext]:
    """A context of each executor, which has to work when the test is over."""
    with context(executor, tmp_path / "blocks") as made:
        yield made
        if SparkContext._active_spark_context is made:
            assert_it_works(made)
    assert list((tmp_path / "blocks").iterdir()) == [], "files are left"


def context(executor: str, local_dir: Path, *settings: tuple[str, str]) -> SparkContext:
    conf = SparkConf().setMaster("local[2]").setAppName("bad days")
    conf.set("spark.minispark.executor", executor).set("spark.local.dir", str(local_dir))
    return SparkContext(conf=conf.setAll(settings))


def assert_it_works(sc: SparkContext) -> None:
    """A job with all that jobs need: tasks, a shuffle, cached blocks, a broadcast value."""
    factor = sc.broadcast(10)
    pairs = sc.parallelize(range(20), 4).map(lambda x: (x % 3, x * factor.value)).cache()
    assert sorted(pairs.reduceByKey(lambda a, b: a + b).collect()) == [
        (0, 630),
        (1, 700),
        (2, 570),
    ]
    assert pairs.count() == 20
    pairs.unpersist()


# -- results -----------------------------------------------------------------------------------

RECORD = b"x" * 400_000

TOO_LARGE = (
    r"Job aborted due to stage failure: Total size of serialized results of 3 tasks "
    r"\(117\d\.\d KiB\) is bigger than spark\.driver\.maxResultSize \(1024\.0 KiB\)"
)

ACTIONS: list[Callable[[RDD[bytes]], Any]] = [
    lambda rdd: rdd.collect(),
    lambda rdd: rdd.reduce(lambda a, b: a + b),
    lambda rdd: rdd.fold(b"", lambda a, b: a + b),
    lambda rdd: rdd.take(4),
    lambda rdd: rdd.top(4),
]
"""Some of those that bring records to the driver."""


@pytest.fixture(scope="module", params=EXECUTORS)
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    local_dir = tmp_path_factory.mktemp("limited")
    yield lambda: context(request.param, local_dir, ("spark.driver.maxResultSize", "1m"))
    assert list(local_dir.iterdir()) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_results_larger_than_they_may_be_end_the_job(limited: Any, action: Any) -> None:
    with limited() as sc:
        with pytest.raises(SparkException) as caught:
            action(sc.parallelize(range(6), 6).map(lambda _: RECORD))
        assert re.fullmatch(TOO_LARGE, str(caught.value))
        assert caught.value.java_exception_class == "org.apache.spark.SparkException"
        assert_it_works(sc)


def test_what_brings_little_to_the_driver_is_not_limited(limited: Any, tmp_path: Path) -> None:
    with limited() as sc:
        records = sc.parallelize(range(6), 6).map(lambda _: RECORD)
        assert records.count() == 6
        assert len(records.take(2)) == 2
        assert records.map(lambda x: (1, x)).groupByKey().mapValues(len).collect() == [(1, 6)]
        assert sum(map(len, records.toLocalIterator())) == 2_400_000, "a job a partition"
        assert records.aggregate(0, lambda n, x: n + len(x), int.__add__) == 2_400_000
        records.cache().count()
        records.saveAsPickleFile(str(tmp_path / "records"))


def test_a_result_that_is_too_large_is_computed_to_its_end_but_not_kept(limited: Any) -> None:
    with limited() as sc:
        seen = sc.accumulator(0)

        def records(_: object) -> Iterator[bytes]:
            for _ in range(5):
                yield RECORD
            seen.add(1)

        with pytest.raises(SparkException, match=r"of 1 tasks \(1953.\d KiB\) is bigger"):
            sc.parallelize([0], 1).mapPartitions(records).collect()
        assert seen.value == 0, "as in Spark: a task whose result is refused has not ended well"


@pytest.mark.parametrize("size", ["0", "-1", "-1m"])
def test_no_limit(executor: str, tmp_path: Path, size: str) -> None:
    with context(executor, tmp_path, ("spark.driver.maxResultSize", size)) as sc:
        assert sc.parallelize([0], 1).map(lambda _: RECORD).collect() == [RECORD]


@pytest.mark.parametrize("size", ["", "1.5m", "1 m", "much", "9223372036854775808"])
def test_a_limit_that_is_no_amount_is_refused(tmp_path: Path, size: str) -> None:
    with pytest.raises(SparkException) as caught:
        context("threads", tmp_path, ("spark.driver.maxResultSize", size))
    assert str(caught.value) == (
        f"[INVALID_CONF_VALUE.TYPE_MISMATCH] The value '{size}' in the config "
        "\"spark.driver.maxResultSize\" is invalid. It should be a/an 'bytes in BYTE' value. "
        "SQLSTATE: 22022"
    )
    assert list(tmp_path.iterdir()) == []


# -- functions that change the process ---------------------------------------------------------


def on_each_slot(sc: SparkContext, function: Callable[[int], Any]) -> list[Any]:
    return sc.parallelize(range(2), 2).map(function).collect()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[SparkContext]:
    """A context whose tasks have processes that are not this one."""
    with context("processes", tmp_path / "blocks") as made:
        yield made
        assert_it_works(made)
    assert list((tmp_path / "blocks").iterdir()) == [], "files are left"


SAVES: dict[str, Callable[[RDD[int], str], int]] = {
    "collect": lambda rdd, _: len(rdd.collect()),
    "shuffle": lambda rdd, _: len(rdd.map(lambda x: (x, x)).partitionBy(2).collect()),
    "cache": lambda rdd, _: rdd.cache().count() and rdd.count(),
    "text file": lambda rdd, to: rdd.saveAsTextFile(to) or rdd.ctx.textFile(to).count(),
    "pickle file": lambda rdd, to: rdd.saveAsPickleFile(to) or rdd.ctx.pickleFile(to).count(),
}


@pytest.mark.parametrize("what", SAVES)
def test_a_forked_process_writes_nothing_of_its_task(
    sc: SparkContext, what: str, tmp_path: Path
) -> None:
    def fork_once(x: int) -> int:
        if x == 500:
            pid = os.fork()
            # What the child does meanwhile is its own affair: this function returns in it, too.
            assert pid == 0 or os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        return x

    numbers = sc.parallelize(range(20_000), 2).map(fork_once)
    assert SAVES[what](numbers, str(tmp_path / "saved")) == 20_000


def test_a_forked_process_ends_as_a_program_does(
    sc: SparkContext, capfd: pytest.CaptureFixture[str]
) -> None:
    def fork(end: Callable[[], object]) -> int:
        pid = os.fork()
        if pid == 0:
            threading.Thread(target=int).start()  # minispark's own code runs in between
            return bool(end()) * 3
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    ends: list[Callable[[], object]] = [int, lambda: 1 // 0, lambda: sys.exit(5), lambda: [1]]
    assert sc.parallelize(ends, len(ends)).map(fork).collect() == [0, 1, 5, 0]
    assert capfd.readouterr().err.count("ZeroDivisionError: ") == 1


def test_closed_standard_streams_are_open_again_in_the_next_task(
    workers: SparkContext, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def close(x: int) -> int:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        return x

    assert on_each_slot(workers, close) == [0, 1]

    def say(x: int) -> int:
        os.write(1, b"heard\n")
        print("seen")
        return x

    # A file that had the number of a stream would have had in it what is printed.
    saved = tmp_path / "saved"
    workers.parallelize(range(2), 2).map(say).saveAsTextFile(str(saved))
    assert sorted(workers.textFile(str(saved)).collect()) == ["0", "1"]
    printed = capfd.readouterr().err.split()
    assert sorted(printed) == ["heard", "heard", "seen", "seen"]


def test_a_task_may_close_its_stdout(sc: SparkContext, capfd: pytest.CaptureFixture[str]) -> None:
    def close(x: int) -> int:
        sys.stdout.close()
        return x

    before, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115  # on threads it is ours
    try:
        assert on_each_slot(sc, close) == [0, 1]
        assert on_each_slot(sc, lambda x: print("seen")) == [None, None]
    finally:
        sys.stdout = before
    assert capfd.readouterr().err.count("seen") == 2


def test_handlers_of_signals_are_not_for_the_next_task(workers: SparkContext) -> None:
    def ignore(x: int) -> int:
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)
        return x

    assert on_each_slot(workers, ignore) == [0, 1]
    failing = [sys.executable, "-c", "raise SystemExit(3)"]
    assert on_each_slot(workers, lambda _: subprocess.call(failing)) == [3, 3]
    assert on_each_slot(workers, lambda _: signal.getsignal(signal.SIGTERM) is signal.SIG_IGN) == [
        False,
        False,
    ]


def limit_files(_: int) -> None:
    """The standard streams, and what is open already."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def limit_sizes(_: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


LIMITS: dict[str, Callable[[int], None]] = {
    "Too many open files": limit_files,
    "File too large": limit_sizes,
    "maximum recursion depth exceeded": lambda _: sys.setrecursionlimit(30),
}


@pytest.mark.parametrize("words", LIMITS)
def test_a_limit_that_a_task_has_set_goes_with_the_worker_that_it_fails(
    workers: SparkContext, words: str
) -> None:
    on_each_slot(workers, LIMITS[words])
    pairs = workers.parallelize(range(2000), 4).map(lambda x: (x, (x, [str(x)])))
    with pytest.raises(SparkException, match=words):
        pairs.groupByKey().count()
    assert pairs.groupByKey().count() == 2000


def test_what_a_task_makes_of_its_surroundings(sc: SparkContext, tmp_path: Path) -> None:
    """It is there for later tasks of that worker, as in Spark, or of this process; none fails."""
    (tmp_path / "text").write_text("a\nb\n")
    before, environment, path = os.getcwd(), dict(os.environ), list(sys.path)
    gone = tmp_path / "gone"

    def change(x: int) -> int:
        gone.mkdir(exist_ok=True)
        os.chdir(gone)
        sys.path.clear()
        os.environ.clear()
        return x

    def remove(x: int) -> int:
        gone.rmdir()
        return x

    try:
        assert on_each_slot(sc, change) == [0, 1]
        assert sc.parallelize([1], 1).map(remove).collect() == [1]
        assert sc.textFile(str(tmp_path / "text")).collect() == ["a", "b"]
        relative = os.path.relpath(tmp_path / "text", before)
        assert sc.textFile(relative).collect() == ["a", "b"]
        sc.parallelize(["c"], 1).saveAsTextFile(str(tmp_path / "saved"))
        assert_it_works(sc)
    finally:
        os.chdir(before)
        os.environ.update(environment)
        sys.path[:] = path


ENDS: dict[str, BaseException] = {
    "SystemExit: 3": SystemExit(3),
    "SystemExit: bye": SystemExit("bye"),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
}


@pytest.mark.parametrize("text", ENDS)
def test_a_task_that_would_end_its_program_fails(sc: SparkContext, text: str) -> None:
    end = ENDS[text]

    def raise_it(_: int) -> None:
        raise end

    with pytest.raises(SparkException, match=text) as caught:
        on_each_slot(sc, raise_it)
    assert type(caught.value.__cause__) is type(end)


def test_threads_that_outlive_their_task_hold_up_nobody(sc: SparkContext) -> None:
    before = set(threading.enumerate())

    def start(x: int) -> int:
        threading.Thread(target=time.sleep, args=(2,)).start()
        return x

    began = time.monotonic()
    assert on_each_slot(sc, start) == [0, 1]
    assert_it_works(sc)
    sc.stop()
    assert time.monotonic() - began < 2
    for thread in set(threading.enumerate()) - before:
        thread.join()
