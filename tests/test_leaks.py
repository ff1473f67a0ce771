"""Nothing is left behind: threads, files, descriptors, directories."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from minispark import SparkConf, SparkContext
from minispark.core.interrupts import ENDS
from minispark.engine import localdir
from minispark.engine.localdir import LocalDirectory
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
conf = SparkConf().setMaster(sys.argv[2]).setAppName("killed").set("spark.local.dir", sys.argv[1])
sc = SparkContext(conf=conf)
sc.parallelize(range(10), 2).map(lambda x: (x, x)).reduceByKey(max).cache().count()
print("ready", flush=True)
{end}
"""


FOREVER = """
while True:
    sc.parallelize(range(1000), 4).map(lambda x: (x % 9, x)).groupByKey().cache().count()
"""


def start(folder: Path, end: str, master: str = "local[2]") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(end=end), str(folder), master],
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
    with start(tmp_path, "__import__('time').sleep(600)", "local") as process:
        process.kill()
        process.wait()
    assert len(os.listdir(tmp_path)) == 1
    with start(tmp_path, "") as process:
        process.wait(timeout=60)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "os._exit(3)"])
def test_a_killed_program_with_worker_processes_leaves_no_directory(
    tmp_path: Path, end: str
) -> None:
    how = f"__import__('os').kill(__import__('os').getpid(), {getattr(signal, end, 0)})"
    end = f"__import__('os').{end[3:]}" if end.startswith("os.") else how
    with start(tmp_path, end) as process:
        assert process.wait(timeout=60) != 0
    until_gone(tmp_path)


@pytest.mark.parametrize("files", [[], ["owner.lock"]])
def test_the_next_start_removes_what_a_program_left_that_was_killed_while_it_started(
    tmp_path: Path, files: list[str]
) -> None:
    leave(tmp_path / "new-minispark-ab_cd123", files)
    leave(tmp_path / "minispark-ab_cd123", files)
    LocalDirectory(str(tmp_path)).remove()
    assert os.listdir(tmp_path) == []


def test_what_is_no_contexts_directory_stays(tmp_path: Path) -> None:
    leave(tmp_path / "minispark-examples", ["program.py"])
    leave(tmp_path / "new-minispark-examples", ["owner.lock", "program.py"])
    leave(tmp_path / "minispark-output", [], mode=0o755)
    leave(tmp_path / "minispark-long-name", [])
    (tmp_path / "minispark-a_link1").symlink_to(tmp_path / "minispark-examples")
    (tmp_path / "minispark-a_file1").touch()
    before = sorted(tmp_path.rglob("*"))
    LocalDirectory(str(tmp_path)).remove()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_start_is_not_taken_for_one_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another context starts, and removes what is stale, at each step of this one's start."""
    steps: list[str] = []

    def meanwhile(owner: object, name: str) -> None:
        step = getattr(owner, name)

        def run(*arguments: Any, **named: Any) -> Any:
            result = None
            if name == "_lock":  # the file is open, and not locked yet
                other(name)
            result = step(*arguments, **named)
            if name != "_lock":
                other(name)
            return result

        monkeypatch.setattr(owner, name, run)

    def other(name: str) -> None:
        if name not in steps:
            steps.append(name)
            LocalDirectory(str(tmp_path)).remove()

    meanwhile(tempfile, "mkdtemp")
    meanwhile(localdir, "_lock")
    meanwhile(os, "rename")
    directory = LocalDirectory(str(tmp_path))
    assert sorted(steps) == ["_lock", "mkdtemp", "rename"]
    assert os.listdir(directory.path) == ["owner.lock"]
    LocalDirectory(str(tmp_path)).remove()
    assert os.listdir(tmp_path) == [os.path.basename(directory.path)]
    directory.remove()
    assert os.listdir(tmp_path) == []


def test_contexts_of_several_processes_start_and_end_at_once(tmp_path: Path) -> None:
    code = """
import os, random, sys, time
from minispark.engine.localdir import LocalDirectory
for _ in range(150):
    directory = LocalDirectory(sys.argv[1])
    path = os.path.join(directory.path, "file")
    open(path, "w").close()
    time.sleep(random.random() / 500)
    assert os.path.exists(path)
    if random.random() < 0.3:
        directory._lock.close()  # as when it is killed
    else:
        directory.remove()
"""
    programs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [each.wait(timeout=60) for each in programs] == [0, 0, 0]
    LocalDirectory(str(tmp_path)).remove()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("work", ["__import__('time').sleep(600)", FOREVER])
def test_a_program_on_threads_that_is_told_to_end_leaves_no_directory(
    tmp_path: Path, number: int, work: str
) -> None:
    for pause in (0.0, 0.03, 0.06):
        with start(tmp_path, work, "local") as process:
            time.sleep(pause)
            process.send_signal(number)
            assert process.wait(timeout=60) == -number
        assert os.listdir(tmp_path) == []


def test_a_removal_that_is_interrupted_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for again in ("by its owner", "by the next start"):
        directory = LocalDirectory(str(tmp_path))
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(shutil, "rmtree", interrupted)
            with pytest.raises(KeyboardInterrupt):
                directory.remove()
        assert len(os.listdir(tmp_path)) == 1
        (directory if again == "by its owner" else LocalDirectory(str(tmp_path))).remove()
        assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("master", ["local", "local[2]"])
@pytest.mark.parametrize("pause", [0.0, 0.001, 0.005, 0.02, 0.05, 0.1, 0.2])
def test_a_program_that_is_interrupted_twice_leaves_no_directory(
    tmp_path: Path, pause: float, master: str
) -> None:
    with start(tmp_path, FOREVER, master) as process:
        process.send_signal(signal.SIGINT)
        time.sleep(pause)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) != 0
    until_gone(tmp_path)


def test_signals_that_end_a_process_are_the_programs_own(tmp_path: Path) -> None:
    def mine(*_: object) -> None:
        pass

    def handlers() -> list[object]:
        return [signal.getsignal(number) for number in ENDS]

    before = handlers()
    try:
        signal.signal(signal.SIGTERM, mine)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with SparkContext("local", "signals"):
            assert signal.getsignal(signal.SIGTERM) is mine
            assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
            child = os.fork()
            if child == 0:
                os._exit(0 if handlers() == [mine, signal.SIG_DFL] else 1)
            assert os.waitpid(child, 0)[1] == 0
        assert handlers() == [mine, signal.SIG_DFL]
        with SparkContext("local", "signals"):
            signal.signal(signal.SIGHUP, mine)
        assert handlers() == [mine, mine]
    finally:
        for number, handler in zip(ENDS, before, strict=True):
            signal.signal(number, handler)  # type: ignore[arg-type]


def test_a_start_that_fails_in_the_engine_leaves_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(os, "posix_spawn", fail)
    conf = SparkConf().set("spark.local.dir", str(tmp_path))
    conf.set("spark.minispark.executor", "processes")
    with pytest.raises(OSError, match="no more processes"):
        SparkContext("local[2]", "leaks", conf=conf)
    assert os.listdir(tmp_path) == []


def leave(directory: Path, files: list[str], mode: int = 0o700) -> None:
    directory.mkdir(mode)
    for name in files:
        (directory / name).touch()


def until_gone(folder: Path) -> None:
    end = time.monotonic() + 10
    while os.listdir(folder):
        assert time.monotonic() < end, "it is still there"
        time.sleep(0.01)


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
