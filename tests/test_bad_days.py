"""Limits and bad days: each is a right answer or a clear error, and the context works on.

What minispark does on such a day, next to Spark, is in docs/reliability.md.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from minispark import RDD, SparkConf, SparkContext
from minispark.engine.localdir import LocalDirectory
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


def test_a_process_forked_while_a_thread_could_not_be_ended_ends(tmp_path: Path) -> None:
    """Python 3.11 goes round in circles where an exception waits for a thread that is no more."""

    def fork_and_wait(_: int) -> int:
        pid = os.fork()
        if pid == 0:
            return 0
        until(lambda: os.waitpid(pid, os.WNOHANG) != (0, 0))
        return 1

    with context("threads", tmp_path) as sc:
        began = tmp_path / "began"

        def hang(x: int) -> None:
            began.touch()
            wait_for_a_lock(x)

        def run() -> None:
            with pytest.raises(SparkException, match="cancelled"):
                sc.parallelize([1], 1).map(hang).collect()

        job = threading.Thread(target=run)
        job.start()
        until(began.exists)
        sc.cancelAllJobs()
        job.join()
        assert sc.parallelize([1], 1).map(fork_and_wait).collect() == [1]


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


def test_a_worker_in_which_a_task_has_failed_is_no_more(workers: SparkContext) -> None:
    def fail(_: int) -> None:
        raise ValueError(os.getpid())

    with pytest.raises(SparkException) as caught:
        workers.parallelize([1], 1).map(fail).collect()
    assert caught.value.__cause__ is not None
    (pid,) = caught.value.__cause__.args
    until(lambda: not psutil.pid_exists(pid))


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


# -- disks -------------------------------------------------------------------------------------


@contextmanager
def mounted(place: Path) -> Iterator[None]:
    """A file system of one megabyte."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "minispark", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root alone; the next test needs none")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def no_file_above_100_kilobytes(place: Path) -> Iterator[None]:
    """The system's limit for this process, and for those that it starts."""
    place.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def values(sc: SparkContext) -> RDD[tuple[int, str]]:
    return sc.parallelize(range(4), 4).map(lambda x: (x, str(x) * 500_000))


WRITERS: dict[str, Callable[[SparkContext, Path], object]] = {
    "shuffle": lambda sc, _: values(sc).groupByKey(2).count(),
    "cache": lambda sc, _: values(sc).cache().count(),
    "broadcast": lambda sc, _: sc.broadcast(os.urandom(2_000_000)),
    "saved": lambda sc, place: values(sc).saveAsTextFile(str(place / "saved")),
    "checkpoint": lambda sc, place: checkpointed(sc, place).count(),
}


def checkpointed(sc: SparkContext, place: Path) -> RDD[tuple[int, str]]:
    sc.setCheckpointDir(str(place / "checkpoints"))
    marked = values(sc)
    marked.checkpoint()
    return marked


@pytest.mark.parametrize(
    ("disk", "words"),
    [(mounted, "No space left on device"), (no_file_above_100_kilobytes, "File too large")],
)
def test_a_full_disk_ends_the_job_and_what_was_written_goes(
    executor: str, tmp_path: Path, disk: Any, words: str
) -> None:
    place = tmp_path / "small"
    with disk(place), context(executor, place / "blocks") as sc:
        for write in WRITERS.values():
            with pytest.raises((SparkException, pickle.PicklingError), match=words):
                write(sc, place)
            until(partial(nothing_is_left, sc, place))
            assert_it_works(sc)
    assert files_in(place) == []


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def nothing_is_left(sc: SparkContext, place: Path) -> bool:
    """What other tasks had finished goes with its lineage, as ever, when the next job comes."""
    gc.collect()
    assert sc.parallelize([1], 1).count() == 1
    return not any(map(is_of_a_job, files_in(place)))


def is_of_a_job(name: str) -> bool:
    return name != "owner.lock" and re.fullmatch(r"broadcast_\d+", name) is None


def files_in(place: Path) -> list[str]:
    return [name for _, _, names in os.walk(place) for name in names]


def test_the_error_names_the_file_for_which_there_was_no_room(
    executor: str, tmp_path: Path
) -> None:
    with no_file_above_100_kilobytes(tmp_path / "small"), context(executor, tmp_path) as sc:
        path = re.escape(sc._engine.directory.path)
        with pytest.raises(SparkException, match=rf"File too large: '{path}/shuffle_0_\d_\d"):
            values(sc).groupByKey(2).count()
        with pytest.raises(pickle.PicklingError) as caught:
            sc.broadcast(os.urandom(2_000_000))
        assert re.match(
            rf"Could not serialize broadcast: OSError: .*: '{path}/broadcast_0", str(caught.value)
        )


def test_files_that_may_not_be_written_or_read_fail_their_job(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "text").write_text("a")
    closed.chmod(0)
    is_root = os.geteuid() == 0
    with context("threads", tmp_path / "blocks") as sc:
        if is_root:  # who may write everywhere: for a while it is somebody else
            os.seteuid(65534)
        try:
            with pytest.raises((SparkException, OSError), match="Permission denied"):
                sc.parallelize(range(4), 2).saveAsTextFile(str(closed / "saved"))
            with pytest.raises((SparkException, OSError), match="Permission denied"):
                sc.textFile(str(closed / "text")).count()
        finally:
            if is_root:
                os.seteuid(0)
            closed.chmod(0o700)
        assert sc.textFile(str(closed / "text")).collect() == ["a"]
        assert_it_works(sc)


def test_a_removed_directory_costs_what_was_in_it(
    sc: SparkContext, caplog: pytest.LogCaptureFixture
) -> None:
    pairs = sc.parallelize(range(1000), 4).map(lambda x: (x % 10, x))
    kept, grouped = pairs.cache(), pairs.groupByKey().mapValues(len)
    known = sc.broadcast(7)
    read = sc.parallelize(range(4), 2).map(lambda x: x + known.value)
    assert (kept.count(), len(grouped.collect()), read.sum()) == (1000, 10, 34)
    shutil.rmtree(sc._engine.directory.path)
    with caplog.at_level(logging.WARNING, "minispark"):
        assert sorted(grouped.collect()) == [(key, 100) for key in range(10)]
    assert "was removed, and is made again" in caplog.text
    assert kept.count() == 1000
    assert stat.S_IMODE(os.stat(sc._engine.directory.path).st_mode) == 0o700
    with context_of_its_own(sc):
        assert os.path.exists(sc._engine.directory.path), "nobody takes it for a stale one"
    with pytest.raises(SparkException, match="No such file or directory"):
        read.sum()  # what was broadcast was only there


def test_a_directory_that_cannot_be_made_again_ends_the_jobs_that_need_it_only(
    sc: SparkContext, tmp_path: Path
) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may end"

    def wait(x: int) -> int:
        begun.touch()
        wait_for_file(may_end)
        return x

    other = JobThread(sc.parallelize([7], 1).map(wait).collect)
    wait_for_file(begun)
    pairs = sc.parallelize(range(10), 2).map(lambda x: (x, x))
    directory = sc._engine.directory.path
    shutil.rmtree(os.path.dirname(directory))
    Path(os.path.dirname(directory)).touch()
    with pytest.raises(NotADirectoryError, match=re.escape(directory)):
        pairs.groupByKey().count()
    os.unlink(os.path.dirname(directory))
    may_end.touch()
    assert other.result() == [7]
    assert pairs.groupByKey().count() == 10


def wait_for_file(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


class JobThread(threading.Thread):
    """A job that a thread of its own waits for."""

    def __init__(self, run: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._run_job = run
        self._ended: Any = None
        self.start()

    def run(self) -> None:
        try:
            self._ended = self._run_job()
        except BaseException as exc:
            self._ended = exc

    def result(self) -> Any:
        """What it gave, or what it failed with."""
        self.join(30)
        assert not self.is_alive(), "it hangs"
        return self._ended


def test_no_more_threads_than_the_system_allows(
    executor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may end"

    def wait(x: int) -> int:
        begun.touch()
        wait_for_file(may_end)
        return x

    start = threading.Thread.start

    def cannot(thread: threading.Thread) -> None:
        if thread.name.startswith("minispark-"):
            raise RuntimeError("can't start new thread")
        start(thread)

    with context(executor, tmp_path / "blocks") as sc:
        other = JobThread(sc.parallelize([7], 1).map(wait).collect)
        wait_for_file(begun)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", cannot)
            with pytest.raises(SparkException, match="can't start new thread"):
                sc.parallelize([1], 1).count()
            other.join(0.1)
            assert other.is_alive(), "it has its threads"
            sc.cancelAllJobs()
            assert "cancelled as part of cancellation of all jobs" in str(other.result())
        may_end.touch()
        assert_it_works(sc)
    assert list((tmp_path / "blocks").iterdir()) == []


def test_a_cancelled_job_ends_although_its_tasks_cannot_be_ended(
    sc: SparkContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when no thread can be started that would take the place of the one given up."""
    begun, may_end = tmp_path / "begun", tmp_path / "may end"

    def wait(x: int) -> int:
        begun.touch()
        wait_for_file(may_end)
        return x

    def cannot(_: int) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(sc._engine._scheduler._executor, "cancel", cannot)
        jobs = [JobThread(sc.parallelize([x], 1).map(wait).collect) for x in (1, 2)]
        wait_for_file(begun)
        sc.cancelAllJobs()
        assert all(isinstance(job.result(), Exception) for job in jobs)
    may_end.touch()


@contextmanager
def context_of_its_own(sc: SparkContext) -> Iterator[None]:
    """Another context below the same directory, as of another program."""
    other = LocalDirectory(os.path.dirname(sc._engine.directory.path))
    try:
        yield
    finally:
        other.remove()


# -- who else is there -------------------------------------------------------------------------


@pytest.fixture
def another_user() -> int:
    if os.geteuid() != 0:
        pytest.skip("only root can make files of another user")
    return 65534


def test_a_directory_that_is_another_users_is_refused(sc: SparkContext, another_user: int) -> None:
    directory = sc._engine.directory.path
    pairs = sc.parallelize(range(10), 2).map(lambda x: (x, x))
    os.rename(directory, f"{directory}.away")
    os.mkdir(directory, 0o700)
    os.chown(directory, another_user, -1)
    with pytest.raises(SparkException, match="is not this context's directory any more"):
        pairs.groupByKey().count()
    os.rmdir(directory)
    os.rename(f"{directory}.away", directory)
    assert pairs.groupByKey().count() == 10


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_directory_that_others_can_write_into_is_refused(sc: SparkContext, mode: int) -> None:
    directory = sc._engine.directory.path
    os.chmod(directory, mode)
    with pytest.raises(SparkException, match="others can write into it"):
        sc.parallelize(range(10), 2).cache().count()
    os.chmod(directory, 0o700)


@pytest.mark.parametrize("kind", ["shuffle", "rdd"])
def test_a_block_file_of_another_user_is_not_read(
    executor: str, tmp_path: Path, another_user: int, kind: str
) -> None:
    with context(executor, tmp_path) as sc:
        pairs = sc.parallelize(range(10), 2).map(lambda x: (x, x))
        kept = pairs.groupByKey() if kind == "shuffle" else pairs.cache()
        assert kept.count() == 10
        for path in Path(sc._engine.directory.path).glob(f"{kind}_*"):
            os.chown(path, another_user, -1)
            path.write_bytes(b"what is not read does no harm")
        assert kept.count() == 10, "it is computed again"


def test_nothing_listens(sc: SparkContext) -> None:
    def addresses(_: int) -> list[Any]:
        driver = psutil.Process(this)
        return [
            connection.laddr
            for process in [driver, *driver.children(recursive=True)]
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]

    this = os.getpid()
    before = addresses(0)  # of the test's own process: another test may have left something
    assert on_each_slot(sc, addresses) == [before, before]


def test_stale_directories_of_other_users_are_left_alone(tmp_path: Path, another_user: int) -> None:
    theirs = tmp_path / "minispark-theirs"
    theirs.mkdir(mode=0o700)
    (theirs / "owner.lock").write_bytes(b"")
    os.chown(theirs, another_user, -1)
    with context("threads", tmp_path) as sc:
        assert_it_works(sc)
    assert theirs.exists()


def test_a_directory_that_another_program_removes_meanwhile_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "minispark-gone").mkdir(mode=0o700)
    scan = os.scandir

    def scan_late(root: str) -> Iterator[os.DirEntry[str]]:
        entries = list(scan(root))
        (tmp_path / "minispark-gone").rmdir()
        return iter(entries)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(os, "scandir", scan_late)
        made = LocalDirectory(str(tmp_path))
    made.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_which_everyone_can_remove_files_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    for mode, is_told in ((0o777, True), (0o1777, False), (0o755, False)):
        shared.chmod(mode)
        caplog.clear()
        with caplog.at_level(logging.WARNING, "minispark"), context("threads", shared) as sc:
            assert stat.S_IMODE(os.stat(sc._engine.directory.path).st_mode) == 0o700
        assert ("has no sticky bit" in caplog.text) is is_told


# -- sizes -------------------------------------------------------------------------------------

LARGE = 50_000_000

PATHS: dict[str, Callable[[RDD[bytes]], object]] = {
    "map": lambda large: large.map(len).collect(),
    "shuffle": lambda large: (
        large.map(lambda x: (1, x))
        .groupByKey(1)
        .values()
        .map(lambda group: sum(map(len, group)))
        .collect()
    ),
    "sort": lambda large: (
        large.map(lambda x: (1, x)).sortByKey(True, 1).values().map(len).collect()
    ),
    "cache": lambda large: large.cache().map(len).collect() and large.map(len).collect(),
    "collect": lambda large: [len(x) for x in large.collect()],
    "first": lambda large: [len(large.first())],
}


@pytest.mark.parametrize("path", PATHS)
def test_a_large_record(sc: SparkContext, path: str) -> None:
    """A gigabyte takes these ways, too: see docs/reliability.md."""
    assert PATHS[path](sc.parallelize([LARGE], 1).map(bytes)) == [LARGE]


def test_a_large_value_for_all_tasks(sc: SparkContext) -> None:
    value = bytes(LARGE)
    known = sc.broadcast(value)
    assert sc.parallelize([1], 1).map(lambda _: len(known.value)).collect() == [LARGE]
    assert sc.parallelize([value], 1).map(len).collect() == [LARGE]


def test_many_partitions(sc: SparkContext) -> None:
    many = sc.parallelize(range(3000), 3000)
    assert many.map(lambda x: x + 1).sum() == 3000 * 3001 // 2
    assert sc.union([many, many]).coalesce(4).count() == 6000
    assert sc.parallelize([1], 100_000).coalesce(3).glom().map(len).collect() == [0, 0, 1]


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


DEPTHS: dict[str, Callable[[SparkContext], object]] = {
    "collect": lambda sc: sc.parallelize([100_000], 1).map(nested).collect(),
    "shuffle": lambda sc: (
        sc.parallelize([100_000], 1).map(lambda x: (1, nested(x))).groupByKey().count()
    ),
    "parallelize": lambda sc: sc.parallelize([nested(100_000)], 1).count(),
    "broadcast": lambda sc: sc.broadcast(nested(100_000)),
}


@pytest.mark.parametrize("path", DEPTHS)
def test_what_is_nested_too_deeply_cannot_be_pickled(sc: SparkContext, path: str) -> None:
    with pytest.raises((SparkException, pickle.PicklingError), match="recursion"):
        DEPTHS[path](sc)


def test_what_contains_itself_comes_back_so(sc: SparkContext) -> None:
    def contain_itself(_: int) -> list[Any]:
        found: list[Any] = []
        found.append(found)
        return found

    (found,) = sc.parallelize([1], 1).map(contain_itself).collect()
    assert found[0] is found


FEW_DESCRIPTORS = """
import resource, sys
from minispark import SparkConf, SparkContext
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), hard))
conf = SparkConf().set("spark.local.dir", sys.argv[2])
conf.set("spark.minispark.executor", sys.argv[3])
with SparkContext("local[2]", "few", conf=conf) as sc:
    pairs = sc.parallelize(range(2000), 60).map(lambda x: (x, x))
    assert pairs.groupByKey(30).count() == 2000
    assert pairs.sortByKey(True, 30).count() == 2000
    assert pairs.join(pairs, 10).count() == 2000
    assert pairs.cache().count() == 2000
    pairs.saveAsTextFile(sys.argv[2] + "/saved")
    assert sc.textFile(sys.argv[2] + "/saved").coalesce(1).count() == 2000
print("all there")
"""


@pytest.mark.parametrize("count", [64, 24])
def test_few_descriptors_are_enough(executor: str, tmp_path: Path, count: int) -> None:
    command = [sys.executable, "-c", FEW_DESCRIPTORS, str(count), str(tmp_path), executor]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.stdout == "all there\n", ended.stderr


# -- functions that never return ---------------------------------------------------------------


def loop(_: int) -> None:
    while True:
        pass


def wait_for_a_lock(_: int) -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=3.3)  # on threads what hangs in C goes on until it is over


ENDLESS: dict[str, Callable[[int], object]] = {
    "loop": loop,
    "sleep": lambda _: time.sleep(1e9),
    "lock": wait_for_a_lock,
}


@pytest.mark.parametrize("how", ["cancel", "stop"])
@pytest.mark.parametrize("what", ENDLESS)
def test_what_never_returns_can_be_ended(
    executor: str, tmp_path: Path, what: str, how: str
) -> None:
    endless = ENDLESS[what]
    began = tmp_path / "began"

    def begin(x: int) -> object:
        began.touch()
        return endless(x)

    def run() -> None:
        with pytest.raises(SparkException, match="cancelled"):
            sc.parallelize(range(2), 2).map(begin).collect()
        ended.set()

    ended = threading.Event()
    with context(executor, tmp_path / "blocks") as sc:
        job = threading.Thread(target=run)
        job.start()
        until(began.exists)
        asked = time.monotonic()
        if how == "cancel":
            sc.cancelAllJobs()
        else:
            sc.stop()
        assert ended.wait(5)
        job.join()
        if how == "cancel":
            assert_it_works(sc)
    assert time.monotonic() - asked < 5
