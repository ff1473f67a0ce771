"""Tasks in worker processes: what they see, what becomes of them, and what is left behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from minispark import BarrierTaskContext, SparkConf, SparkContext
from minispark.core.workers import executor_for
from minispark.engine.sharing import preparations
from minispark.errors import SparkException

PATIENCE = 10.0


def context(*settings: tuple[str, str], master: str = "local[2]") -> SparkContext:
    conf = SparkConf().setMaster(master).setAppName("workers")
    conf.set("spark.minispark.executor", "processes")
    return SparkContext(conf=conf.setAll(settings))


@pytest.fixture
def sc() -> Iterator[SparkContext]:
    with context() as made:
        yield made


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; fail if it does not for long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


# -- what a worker is --------------------------------------------------------------------------


def test_slots_are_processes_that_run_at_the_same_time(sc: SparkContext) -> None:
    def meet(_: object) -> Iterator[int]:
        BarrierTaskContext.get().barrier()
        yield os.getpid()

    pids = sc.parallelize(range(2), 2).barrier().mapPartitions(meet).collect()
    assert len({*pids, os.getpid()}) == 3


def test_workers_are_used_again(sc: SparkContext) -> None:
    pids = set(sc.parallelize(range(40), 40).map(lambda _: os.getpid()).collect())
    pids |= set(sc.parallelize(range(40), 40).map(lambda _: os.getpid()).collect())
    assert len(pids) <= 2


def test_without_reuse_each_task_has_a_process() -> None:
    with context(("spark.python.worker.reuse", "false")) as sc:
        pids = sc.parallelize(range(6), 6).map(lambda _: os.getpid()).collect()
    assert len(set(pids)) == 6


def test_a_worker_has_the_hash_seed_and_environment_of_an_executor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OF_THE_DRIVER", "yes")
    with context(("spark.executorEnv.OF_EXECUTORS", "too")) as sc:

        def look(_: object) -> tuple[str | None, str | None, str | None, str, int]:
            of = os.environ.get
            seed = of("PYTHONHASHSEED")
            return seed, of("OF_THE_DRIVER"), of("OF_EXECUTORS"), os.getcwd(), hash("minispark")

        (found,) = sc.parallelize([1], 1).map(look).collect()
        assert "OF_EXECUTORS" not in os.environ
    assert found == ("0", "yes", "too", str(tmp_path), -2774307303297692517)


def test_a_module_that_the_program_makes_later_is_found(
    sc: SparkContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sc.parallelize([1], 1).map(lambda x: x + 1).collect() == [2]
    (tmp_path / "made_for_workers.py").write_text("VALUE = 5\n")
    monkeypatch.syspath_prepend(tmp_path)

    def use(x: int) -> int:
        import made_for_workers

        return x + int(made_for_workers.VALUE)

    assert sc.parallelize([1], 1).map(use).collect() == [6]


def test_the_program_is_not_run_again(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import os
            from minispark import SparkContext

            print("the program begins")
            seen = []

            class Point:
                def __init__(self, x):
                    self.x = x

            def remember(x):
                seen.append(x)
                return len(seen), os.getpid()

            sc = SparkContext("local[2]", "no guard")
            found = sc.parallelize(range(4), 4).map(remember).collect()
            points = sc.parallelize(range(2), 2).map(Point).collect()
            print([count for count, pid in found], seen, os.getpid() in dict(found).values())
            print([type(p) is Point for p in points])
            """
        )
    )
    run = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert run.stdout == "the program begins\n[1, 1, 1, 1] [] False\n[True, True]\n"
    assert run.stderr == ""


def test_broadcast_values_are_kept_for_the_tasks_that_follow(sc: SparkContext) -> None:
    value = sc.broadcast({"a": 1})
    one = sc.parallelize([0], 1)

    def identity(_: int) -> int:
        value.value["a"] += 1  # seen by whoever has the same copy
        return value.value["a"]

    mapped = one.map(identity)
    assert [mapped.first() for _ in range(3)] == [2, 3, 4]
    value.unpersist()
    assert mapped.first() == 2
    assert value.value == {"a": 1}


def test_a_stage_begins_while_other_threads_broadcast(sc: SparkContext) -> None:
    known = [sc.broadcast(0) for _ in range(500)]
    is_over = threading.Event()

    def broadcast() -> None:
        while not is_over.is_set():
            kept = [sc.broadcast(1) for _ in range(20)]
            del kept

    switched_after = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=broadcast) for _ in range(2)]
    try:
        for each in threads:
            each.start()
        for _ in range(500):
            assert len(preparations()) >= 1
    finally:
        is_over.set()
        for each in threads:
            each.join()
        sys.setswitchinterval(switched_after)
    assert known[0].value == 0


def test_what_tasks_share_through_the_driver(sc: SparkContext) -> None:
    counter = sc.accumulator(0)

    def count(x: int) -> int:
        counter.add(1)
        return x

    cached = sc.parallelize(range(10), 4).map(count).cache()
    assert cached.sum() == 45
    assert cached.sum() == 45
    assert counter.value == 10
    assert sc.statusTracker().getExecutorInfos() is not None
    assert cached.map(lambda x: (x % 2, x)).groupByKey().mapValues(sum).collectAsMap() == {
        0: 20,
        1: 25,
    }


def test_a_big_collection_goes_through_a_file(sc: SparkContext) -> None:
    words = [f"word {n}" * 10 for n in range(5000)]
    rdd = sc.parallelize(words, 4)
    files = Path(sc._engine.directory.path)
    assert rdd.collect() == words == rdd.collect()
    assert [path.name for path in files.glob("parallelized_*")] == [f"parallelized_{rdd.id()}"]
    del rdd
    gc.collect()
    sc.parallelize([1]).count()  # the last job is forgotten with the next
    assert list(files.glob("parallelized_*")) == []


def test_a_long_lineage_is_no_deep_recursion(sc: SparkContext) -> None:
    rdd = sc.parallelize([1], 1)
    total = rdd
    for _ in range(150):
        total = total.union(rdd)
    assert total.count() == 151


@pytest.mark.parametrize("master", ["local", "local[2]"])
def test_a_broadcast_value_of_a_class_of_the_programs_file_is_refused_as_in_spark(
    master: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            f"""
            from minispark import SparkContext

            class Point:
                pass

            sc = SparkContext("{master}", "by name")
            value = sc.broadcast(Point())
            try:
                sc.parallelize([1], 1).map(lambda _: str(value.value)).collect()
            except Exception as exc:
                print(type(exc.__cause__).__name__, str(exc.__cause__)[:53])
            """
        )
    )
    run = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert run.stdout == ("AttributeError Can't get attribute 'Point' on <module '__main__'>: w\n")


# -- output ------------------------------------------------------------------------------------


def test_what_tasks_print_is_on_the_drivers_stderr_before_the_job_ends(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    def speak(x: int) -> None:
        print("from print", x)
        print("to stderr", x, file=sys.stderr)
        os.write(1, b"from C %d\n" % x)
        subprocess.run(["echo", f"from a process {x}"], check=True)
        print("no end of line", x, end="")

    sc.parallelize([1, 2], 2).foreach(speak)
    captured = capsys.readouterr()
    assert captured.out == ""
    text = captured.err.replace("no end of line 1", "|1\n").replace("no end of line 2", "|2\n")
    for x in (1, 2):
        own = [line for line in text.splitlines() if line.endswith(str(x))]
        assert own == [
            f"from print {x}",
            f"to stderr {x}",
            f"from C {x}",
            f"from a process {x}",
            f"|{x}",
        ]


def test_much_output_is_not_lost(sc: SparkContext, capsys: pytest.CaptureFixture[str]) -> None:
    def speak(part: Iterator[int]) -> None:
        for x in part:
            print("x" * 99, x)

    sc.parallelize(range(5000), 2).foreachPartition(speak)
    lines = capsys.readouterr().err.splitlines()
    assert sorted(int(line.split()[1]) for line in lines) == list(range(5000))


def test_a_line_without_an_end_is_shown(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    sc.parallelize([1], 1).foreach(lambda _: print("y" * 1_000_000, end=""))
    assert capsys.readouterr().err == "y" * 1_000_000


# -- failures ----------------------------------------------------------------------------------


class Odd(Exception):
    """One that cannot be made from its ``args``."""

    def __init__(self, code: int, *, hint: str) -> None:
        super().__init__(f"code {code}")
        self.code = code
        self.hint = hint


def fail_oddly(_: object) -> None:
    try:
        raise KeyError("the cause")
    except KeyError as exc:
        error = Odd(7, hint="look here")
        error.add_note("a note")
        raise error from exc


def cause_of(sc: SparkContext, function: Callable[[int], object]) -> BaseException:
    with pytest.raises(SparkException) as caught:
        sc.parallelize([1, 2], 2).map(function).collect()
    assert caught.value.__cause__ is not None
    return caught.value.__cause__


def test_an_exception_comes_back_whole(sc: SparkContext) -> None:
    cause = cause_of(sc, fail_oddly)
    assert isinstance(cause, Odd)
    assert (str(cause), cause.code, cause.hint) == ("code 7", 7, "look here")
    assert cause.__notes__ == ["a note"]
    assert isinstance(cause.__cause__, KeyError)
    frames = traceback.extract_tb(cause.__traceback__)
    assert [frame.name for frame in frames] == ["fail_oddly"]
    assert frames[0].line == "raise error from exc"


def test_exceptions_of_all_kinds_come_back(sc: SparkContext) -> None:
    class Local(Exception):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()  # cannot be pickled

    def of_local(_: int) -> None:
        raise Local

    def of_group(_: int) -> None:
        raise ExceptionGroup("two", [ValueError("one"), Odd(1, hint="h")])

    def of_decoding(_: int) -> None:
        b"\xff".decode()

    def of_file(_: int) -> None:
        Path("/no/such/file").read_text()

    def of_exit(_: int) -> None:
        sys.exit(3)

    assert "Local" in repr(cause_of(sc, of_local))
    group = cause_of(sc, of_group)
    assert isinstance(group, ExceptionGroup)
    assert [type(each) for each in group.exceptions] == [ValueError, Odd]
    decoding = cause_of(sc, of_decoding)
    assert isinstance(decoding, UnicodeDecodeError)
    assert "invalid start byte" in str(decoding)
    missing = cause_of(sc, of_file)
    assert isinstance(missing, FileNotFoundError)
    assert missing.filename == "/no/such/file"
    assert isinstance(cause_of(sc, of_exit), SystemExit)


def test_a_result_that_cannot_be_pickled(sc: SparkContext) -> None:
    with pytest.raises(SparkException, match="pickle"):
        sc.parallelize([1], 1).map(lambda _: threading.Lock()).collect()
    assert sc.parallelize([1], 1).count() == 1


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (lambda: os._exit(3), "exit status 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "SIGSEGV"),
    ],
)
def test_a_lost_worker_fails_its_task_only(
    sc: SparkContext, end: Callable[[], None], how: str
) -> None:
    def die(x: int) -> int:
        if x == 1:
            end()
        return x

    with pytest.raises(
        SparkException, match=rf"Python worker exited unexpectedly \(crashed\).*{how}"
    ):
        sc.parallelize([1, 2], 2).map(die).collect()
    assert sc.parallelize([2, 3], 2).map(die).collect() == [2, 3]


def test_a_lost_worker_is_tried_again_where_the_master_says_so(tmp_path: Path) -> None:
    once = tmp_path / "once"

    def die_once(x: int) -> int:
        if x == 1 and not once.exists():
            once.touch()
            os._exit(1)
        return x

    with context(master="local[2,2]") as sc:
        cached = sc.parallelize([1, 2], 2).map(die_once).cache()
        assert cached.collect() == [1, 2]
        assert cached.map(lambda x: (x, x)).reduceByKey(max).count() == 2


def test_a_lost_worker_whose_child_lives_on_is_noticed(sc: SparkContext) -> None:
    def leave_a_child(_: int) -> None:
        if os.fork() == 0:
            time.sleep(PATIENCE)
            os._exit(0)
        os._exit(1)

    started = time.monotonic()
    with pytest.raises(SparkException, match="crashed"):
        sc.parallelize([1], 1).foreach(leave_a_child)
    assert time.monotonic() - started < PATIENCE / 2


def test_the_parent_of_the_workers_is_replaced(sc: SparkContext) -> None:
    assert sc.parallelize([1, 2], 2).count() == 2
    os.kill(children()[0].pid, signal.SIGKILL)  # the eldest
    assert sc.parallelize(range(4), 2).count() == 4

    def die(_: int) -> None:
        os._exit(1)

    with pytest.raises(SparkException, match="crashed"):
        sc.parallelize([1, 2], 2).foreach(die)
    assert sc.parallelize(range(4), 2).count() == 4


def test_files_in_the_programs_memory_are_refused(sc: SparkContext) -> None:
    with pytest.raises(SparkException, match=r"spark\.minispark\.executor=threads"):
        sc.parallelize(["a"], 1).saveAsTextFile(f"memory://workers{os.getpid()}/out")


# -- cancelling --------------------------------------------------------------------------------


def test_a_cancelled_task_runs_its_finally_clauses(sc: SparkContext, tmp_path: Path) -> None:
    started, ended = tmp_path / "started", tmp_path / "ended"

    def wait(_: int) -> None:
        started.touch()
        try:
            time.sleep(60)
        finally:
            ended.touch()

    failed: list[BaseException] = []

    def run() -> None:
        sc.setJobGroup("slow", "to be cancelled", interruptOnCancel=True)
        try:
            sc.parallelize([1], 1).foreach(wait)
        except SparkException as exc:
            failed.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    until(started.exists)
    sc.cancelJobGroup("slow")
    thread.join(PATIENCE)
    assert "cancelled" in str(failed[0])
    until(ended.exists)
    assert sc.parallelize([1, 2], 2).count() == 2


def test_a_task_that_will_not_end_is_made_to(sc: SparkContext, tmp_path: Path) -> None:
    started = tmp_path / "started"

    def refuse(_: int) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        started.write_text(str(os.getpid()))
        while True:
            pass

    def run() -> None:
        with pytest.raises(SparkException):
            sc.parallelize([1], 1).foreach(refuse)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: started.exists() and started.read_text())
    sc.cancelAllJobs()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    until(lambda: not psutil.pid_exists(int(started.read_text())))


# -- ends --------------------------------------------------------------------------------------


def test_stop_leaves_no_process() -> None:
    before = {each.pid for each in children()}
    with context() as sc:
        assert sc.parallelize(range(4), 4).count() == 4
        assert len(children()) > len(before)
    assert {each.pid for each in children()} <= before


def test_stop_does_not_wait_for_a_forked_child_of_the_driver() -> None:
    with context() as sc:
        assert sc.parallelize(range(4), 4).count() == 4
        pid = os.fork()
        if pid == 0:
            time.sleep(PATIENCE)
            os._exit(0)
        started = time.monotonic()
    assert time.monotonic() - started < PATIENCE / 2
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_driver(tmp_path: Path, number: int) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import os, signal, sys, time
            from minispark import SparkContext

            folder = sys.argv[1]

            def work(x):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                with open(f"{folder}/{x}", "w") as file:
                    print(os.getpid(), file=file)
                while True:
                    pass

            SparkContext("local[2]", "to be killed").parallelize([1, 2], 2).foreach(work)
            """
        )
    )
    with subprocess.Popen([sys.executable, program, tmp_path]) as driver:
        files = [tmp_path / "1", tmp_path / "2"]
        until(lambda: all(file.exists() and file.read_text().strip() for file in files))
        pids = [int(file.read_text()) for file in files]
        family = psutil.Process(driver.pid).children(recursive=True)
        assert {each.pid for each in family} > set(pids)
        driver.send_signal(number)
        driver.wait(PATIENCE)
    until(lambda: not any(each.is_running() for each in family))


# -- settings ----------------------------------------------------------------------------------


def test_which_executor_when() -> None:
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    assert executor_for("auto", 1, False) == "threads"
    assert executor_for("auto", 2, False) == ("processes" if has_lock else "threads")
    assert executor_for("auto", 1, False, True) == ("threads" if has_lock else "processes")
    assert executor_for("threads", 8, False) == "threads"
    assert executor_for("processes", 1, False) == "processes"
    assert executor_for("auto", 1, True) == "processes"


@pytest.mark.parametrize(
    ("master", "setting", "text"),
    [
        ("local[2]", "fork", "auto, threads or processes, not 'fork'"),
        ("local-cluster[1,2,1024]", "threads", "run in worker processes"),
        ("local-cluster[0,2,1024]", "auto", "0 workers"),
    ],
)
def test_a_wrong_setting_is_refused(master: str, setting: str, text: str) -> None:
    with pytest.raises(SparkException, match=text):
        context(("spark.minispark.executor", setting), master=master)


def test_a_local_cluster() -> None:
    with context(master="local-cluster[2,1,1024]") as sc:
        assert sc.defaultParallelism == 2
        assert sc.master == "local-cluster[2,1,1024]"
        pids = sc.parallelize(range(8), 8).map(lambda _: os.getpid()).collect()
        assert os.getpid() not in pids
    with context(master="local-cluster[1,1,1024]") as sc:
        assert sc.defaultParallelism == 2


def test_a_local_cluster_whose_workers_are_too_small_is_refused() -> None:
    with pytest.raises(SparkException, match="512 MiB/worker but requested 1024 MiB/executor"):
        context(master="local-cluster[2,1,512]")
    with context(("spark.executor.memory", "512m"), master="local-cluster[2,1,512]") as sc:
        assert sc.parallelize([1]).count() == 1
