"""Nothing is left behind: threads, files, descriptors, directories."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from minispark import SparkConf, SparkContext
from minispark.errors import SparkException


def descriptors() -> int:
    return psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0


def one_job(sc: SparkContext, n: int) -> None:
    """The n-th of many jobs: most end well, some fail, some are interrupted."""
    kind = n % 10
    pairs = sc.parallelize(range(20), 4).map(lambda x: (x % 3, x))
    if kind == 0:
        with pytest.raises(SparkException):
            pairs.map(lambda kv: 1 // kv[0]).collect()
    elif kind == 1 and n % 100 == 1:
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            pairs.foreach(lambda _: threading.Event().wait(5))
        timer.join()
    elif kind < 5:
        assert pairs.reduceByKey(lambda a, b: a + b).count() == 3
    elif kind == 5:
        assert pairs.cache().count() == 20
    elif kind == 6:
        assert sc.broadcast(list(range(10))).value[3] == 3
    else:
        assert pairs.count() == 20


def test_a_thousand_jobs_with_failures_and_interrupts_leave_nothing(tmp_path: Path) -> None:
    conf = SparkConf().setMaster("local[2]").setAppName("leaks")
    conf.set("spark.local.dir", str(tmp_path))
    threads_before = set(threading.enumerate())
    descriptors_before = descriptors()
    sc = SparkContext(conf=conf)
    try:
        for n in range(20):
            one_job(sc, n)
        directory = Path(sc._engine.directory.path)
        for n in range(1000):
            one_job(sc, n)
        gc.collect()
        sc.parallelize([(1, 1)], 1).reduceByKey(max).cache().count()
        shuffles = list(directory.glob("shuffle_*"))
        assert len(shuffles) < 60, "shuffle files go with their lineage"
        assert len(list(directory.glob("rdd_*"))) < 60, "so do cached blocks"
    finally:
        sc.stop()
    for thread in set(threading.enumerate()) - threads_before:
        thread.join(timeout=30)
    # Fewer is fine: a cancelled task of another test may have ended meanwhile.
    assert set(threading.enumerate()) <= threads_before
    assert descriptors() <= descriptors_before
    assert os.listdir(tmp_path) == []


PROGRAM = """
import sys
from minispark import SparkConf, SparkContext
conf = SparkConf().setMaster("local[2]").setAppName("killed").set("spark.local.dir", sys.argv[1])
sc = SparkContext(conf=conf)
sc.parallelize(range(10), 2).map(lambda x: (x, x)).reduceByKey(max).cache().count()
print("ready", flush=True)
{end}
"""


def start(folder: Path, end: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(end=end), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(
    "key",
    [
        "spark.ui.retainedJobs",
        "spark.ui.retainedStages",
        "spark.barrier.sync.timeout",
        "spark.scheduler.mode",
        "spark.task.cpus",
        "spark.default.parallelism",
        "spark.scheduler.allocation.file",
        "spark.files",
    ],
)
def test_a_context_that_does_not_start_leaves_nothing(tmp_path: Path, key: str) -> None:
    threads_before, sleep_before = set(threading.enumerate()), time.sleep
    interrupts_before = signal.getsignal(signal.SIGINT)
    conf = SparkConf().set("spark.local.dir", str(tmp_path)).set(key, "no such thing")
    if key == "spark.scheduler.allocation.file":
        conf.set("spark.scheduler.mode", "FAIR")
    with pytest.raises(SparkException):
        SparkContext("local[2]", "leaks", conf=conf)
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) == threads_before
    assert time.sleep is sleep_before
    assert signal.getsignal(signal.SIGINT) is interrupts_before


@pytest.mark.parametrize("step", ["_show_progress", "cancel_on_interrupt", "StatusStore"])
def test_nor_does_one_that_fails_while_it_starts(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no more threads")

    threads_before, sleep_before = set(threading.enumerate()), time.sleep
    conf = SparkConf().set("spark.local.dir", str(tmp_path)).setExecutorEnv("OF_THE_TASKS", "1")
    monkeypatch.setattr(f"minispark.core.context.{step}", fail)
    with pytest.raises(OSError, match="no more threads"):
        SparkContext("local[2]", "leaks", conf=conf)
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) == threads_before
    assert time.sleep is sleep_before
    assert "OF_THE_TASKS" not in os.environ


def test_a_program_that_ends_without_stop_leaves_no_directory(tmp_path: Path) -> None:
    with start(tmp_path, "") as process:
        assert process.wait(timeout=60) == 0
    assert os.listdir(tmp_path) == []


def test_the_next_start_removes_what_a_killed_program_left(tmp_path: Path) -> None:
    with start(tmp_path, "sys.stdin.read() or __import__('time').sleep(600)") as process:
        process.kill()
        process.wait()
    assert len(os.listdir(tmp_path)) == 1
    with start(tmp_path, "") as process:
        process.wait(timeout=60)
    assert os.listdir(tmp_path) == []


def test_a_running_programs_directory_is_left_alone(tmp_path: Path) -> None:
    with start(tmp_path, "__import__('time').sleep(600)") as first:
        try:
            (directory,) = os.listdir(tmp_path)
            with start(tmp_path, "") as second:
                second.wait(timeout=60)
            assert os.listdir(tmp_path) == [directory]
        finally:
            first.kill()


def test_the_directory_is_for_its_user_alone(sc: SparkContext) -> None:
    assert os.stat(sc._engine.directory.path).st_mode & 0o077 == 0
