"""Tasks in worker processes: what they see, what becomes of them, and what is left behind."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import faulthandler
import gc
import io
import linecache
import multiprocessing
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections import UserDict
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from minispark import RDD, BarrierTaskContext, SparkConf, SparkContext
from minispark.core.workers import executor_for
from minispark.engine.events import Event, TaskEnded, TaskStarted
from minispark.engine.executors import processes, starting, threads
from minispark.engine.executors.answering import Attempt
from minispark.engine.executors.parent import FORK, REQUEST, RESULT, Parent
from minispark.engine.sharing import preparations
from minispark.errors import SparkException
from minispark.io import home

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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What tasks have asked the driver, each of which waits for the answer from then on."""
    seen: list[str] = []
    answer = Attempt.answer

    def note(attempt: Attempt, what: str, *arguments: object) -> object:
        seen.append(what)
        return answer(attempt, what, *arguments)

    monkeypatch.setattr(Attempt, "answer", note)
    return seen


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def parent_of_workers() -> psutil.Process:
    """The one child that is a workers' parent: other tests may have left children of theirs."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.ZombieProcess):
            if Parent.__module__ in "".join(child.cmdline()):
                found.append(child)
    (parent,) = found
    return parent


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
    monkeypatch.setattr(home, "_home", str(tmp_path))
    monkeypatch.setenv("OF_THE_DRIVER", "yes")
    with context(("spark.executorEnv.OF_EXECUTORS", "too")) as sc:

        def look(_: object) -> tuple[str | None, str | None, str | None, str, int]:
            of = os.environ.get
            seed = of("PYTHONHASHSEED")
            return seed, of("OF_THE_DRIVER"), of("OF_EXECUTORS"), os.getcwd(), hash("minispark")

        (found,) = sc.parallelize([1], 1).map(look).collect()
        assert "OF_EXECUTORS" not in os.environ
    assert found == ("0", "yes", "too", str(tmp_path), -2774307303297692517)


def test_the_working_directory_is_that_of_the_first_contexts_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, later = tmp_path / "before", tmp_path / "later"
    before.mkdir()
    later.mkdir()
    monkeypatch.setattr(home, "_home", None)
    monkeypatch.chdir(before)
    with context(("spark.python.worker.reuse", "false")) as sc:
        monkeypatch.chdir(later)
        directories = sc.parallelize([1], 1).map(lambda _: os.getcwd())
        assert directories.collect() == [str(before)]
        parent_of_workers().kill()  # another parent takes its place
        assert directories.collect() == [str(before)]


def test_a_working_directory_that_was_removed_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = tmp_path / "removed"
    removed.mkdir()
    monkeypatch.setattr(home, "_home", None)
    monkeypatch.chdir(removed)
    with context(("spark.python.worker.reuse", "false")) as sc:
        assert sc.parallelize([1], 1).count() == 1
        monkeypatch.chdir(tmp_path)
        removed.rmdir()
        parent_of_workers().kill()  # another parent takes its place
        assert sc.parallelize([1], 1).count() == 1


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
            from minispark import SparkConf, SparkContext

            print("the program begins")
            seen = []

            class Point:
                def __init__(self, x):
                    self.x = x

            def remember(x):
                seen.append(x)
                return len(seen), os.getpid()

            conf = SparkConf().set("spark.minispark.executor", "processes")
            sc = SparkContext("local[2]", "no guard", conf=conf)
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


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_program_may_be_started_without_the_standard_streams(closed: str, tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from minispark import SparkContext

        with SparkContext("local[2]", "closed") as sc:
            total = sc.parallelize(range(4), 2).map(lambda x: (print(x), x)[1]).sum()
        with open(sys.argv[1], "w") as file:
            file.write(str(total))
        """
    )
    answer = tmp_path / "answer"
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh"]
    subprocess.run([*shell, sys.executable, "-c", program, str(answer)], timeout=60, check=True)
    assert answer.read_text() == "6"


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], "asserted shown True 0"),
        (["-O"], "ignored shown True 0"),
        (["-I"], "asserted shown True 0"),
        (["-W", "error::UserWarning", "-B"], "asserted raised False 0"),
        (["-W", "error", "-X", "dev", "-X", "utf8"], "asserted raised True 1"),
    ],
)
def test_the_options_of_the_interpreter_are_those_of_tasks(
    tmp_path: Path, executor: str, options: list[str], found: str
) -> None:
    (tmp_path / "with_options.py").write_text(
        textwrap.dedent(
            """
            import sys
            import warnings

            def look(_):
                asserted, shown = "ignored", "shown"
                try:
                    assert False
                except AssertionError:
                    asserted = "asserted"
                try:
                    warnings.warn("a warning", UserWarning)
                except UserWarning:
                    shown = "raised"
                return asserted, shown, not sys.dont_write_bytecode, sys.flags.utf8_mode
            """
        )
    )
    program = textwrap.dedent(
        """
        import sys
        sys.path[:0] = sys.argv[2:]
        import with_options
        from minispark import SparkConf, SparkContext

        conf = SparkConf().setMaster("local[2]").setAppName("options")
        with SparkContext(conf=conf.set("spark.minispark.executor", sys.argv[1])) as sc:
            print(*sc.parallelize([1], 1).map(with_options.look).first())
        """
    )
    root = str(Path(__file__).parents[1])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    command = [sys.executable, *options, "-c", program, executor, str(tmp_path), root]
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == f"{found}\n"
    assert [line for line in run.stderr.splitlines() if "UserWarning" not in line] == []


def test_what_the_driver_ignores_of_its_environment_tasks_ignore(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        sys.path[:0] = sys.argv[1:]
        from minispark import SparkContext

        with SparkContext("local[2]", "ignored") as sc:
            def look(_):
                return sys.flags.optimize, sys.warnoptions, hash("minispark")

            print(sc.parallelize([1], 1).map(look).collect())
        """
    )
    environment = {**os.environ, "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error"}
    root = str(Path(__file__).parents[1])
    command = [sys.executable, "-E", "-c", program, root]
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == "[(0, [], -2774307303297692517)]\n"


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_broadcast_values_are_kept_for_the_tasks_that_follow(executor: str) -> None:
    with context(("spark.minispark.executor", executor), master="local") as sc:
        value = sc.broadcast({"a": 1})

        def change(_: int) -> int:
            value.value["a"] += 1  # seen by whoever has the same copy
            return value.value["a"]

        assert sc.parallelize(range(3), 3).map(change).collect() == [2, 3, 4]
        assert sc.parallelize([0], 1).map(change).collect() == [5]
        value.unpersist()
        assert sc.parallelize([0], 1).map(change).collect() == [2]
        assert value.value == {"a": 1}


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_broadcast_values_that_the_next_task_does_not_refer_to_are_dropped(executor: str) -> None:
    with context(("spark.minispark.executor", executor), master="local") as sc:
        value = sc.broadcast([0])
        one = sc.parallelize([1], 1)

        def change(x: int) -> int:
            value.value[0] += x
            return value.value[0]

        def fail(x: int) -> None:
            raise ValueError(change(x))

        changed = one.map(change)
        assert [changed.collect(), changed.collect()] == [[1], [2]]
        assert one.collect() == [1]  # calls no function
        assert changed.collect() == [3]
        assert one.map(str).collect() == ["1"]
        assert [changed.collect(), changed.collect()] == [[1], [2]]
        assert (changed.first(), changed.first()) == (3, 1)  # does not read to the end
        with pytest.raises(SparkException):
            one.map(fail).collect()
        assert changed.collect() == [1]


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_without_reuse_each_task_reads_broadcast_values_anew(executor: str) -> None:
    reuse = ("spark.python.worker.reuse", "false")
    with context(("spark.minispark.executor", executor), reuse, master="local") as sc:
        value = sc.broadcast([1])
        changed = sc.parallelize(range(3), 3).map(lambda _: value.value.append(1) or value.value)
        assert changed.collect() == [[1, 1], [1, 1], [1, 1]]


def test_what_threads_keep_of_a_broadcast_value_goes() -> None:
    def copies() -> int:
        gc.collect()
        return sum(isinstance(each, UserDict) for each in gc.get_objects())

    before = copies()
    with context(("spark.minispark.executor", "threads")) as sc:
        names = sc.broadcast(UserDict(a=1))
        assert sc.parallelize([0], 1).map(lambda _: names.value["a"]).collect() == [1]
        assert copies() == before + 1
        names.destroy()
        assert copies() == before
        more = sc.broadcast(UserDict(a=1))
        assert sc.parallelize([0], 1).map(lambda _: more.value["a"]).collect() == [1]
        assert copies() == before + 1
        assert sc.parallelize([0], 1).map(str).collect() == ["0"]
        assert copies() == before


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

    def are_gone() -> bool:
        sc.parallelize([1]).count()  # the last job is forgotten with the next, or one after it
        return not list(files.glob("parallelized_*"))

    until(are_gone)


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


def test_a_child_that_prints_for_ever_holds_up_no_task(
    sc: SparkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(io.StringIO):
        def write(self, text: str) -> int:
            time.sleep(0.01)  # the child prints meanwhile
            return len(text)

    def leave_a_child(_: int) -> int:
        child = subprocess.Popen(["timeout", str(PATIENCE), "yes"])
        time.sleep(0.1)
        return child.pid

    monkeypatch.setattr(sys, "stderr", Slow())
    started = time.monotonic()
    (pid,) = sc.parallelize([1], 1).map(leave_a_child).collect()
    os.kill(pid, signal.SIGTERM)
    assert time.monotonic() - started < PATIENCE / 2


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

    def of_recursion(n: int) -> int:
        return of_recursion(n + 1) + 1

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
    endless = cause_of(sc, of_recursion)
    assert isinstance(endless, RecursionError)
    assert {each.name for each in traceback.extract_tb(endless.__traceback__)} == {"of_recursion"}


def test_an_exception_that_cannot_be_shown_comes_back(sc: SparkContext) -> None:
    class Silent(Exception):
        def __init__(self) -> None:
            self.lock = threading.Lock()  # cannot be pickled

        def __str__(self) -> str:
            raise ValueError

    def fail(_: int) -> None:
        raise Silent

    assert "Silent: <exception str() failed>" in str(cause_of(sc, fail))


def test_an_exception_whose_class_only_the_worker_finds(sc: SparkContext, tmp_path: Path) -> None:
    (tmp_path / "of_the_worker.py").write_text("class Hidden(Exception): pass")

    def fail(_: int) -> None:
        sys.path.insert(0, str(tmp_path))
        import of_the_worker

        raise of_the_worker.Hidden("the message")

    assert repr(cause_of(sc, fail)) == "RuntimeError('of_the_worker.Hidden: the message')"


def test_a_breakpoint_says_where_it_would_stop(
    sc: SparkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_: int) -> None:
        breakpoint()

    cause = cause_of(sc, look)
    assert isinstance(cause, RuntimeError)
    assert "spark.minispark.executor=threads" in str(cause)
    sc.stop()
    monkeypatch.setenv("PYTHONBREAKPOINT", "0")  # no debugger at all
    with context() as quiet:
        assert quiet.parallelize([1], 1).map(look).collect() == [None]


def test_an_endless_recursion_is_told(sc: SparkContext) -> None:
    def down(n: int) -> int:
        return down(n + 1)

    cause = cause_of(sc, down)
    assert isinstance(cause, RecursionError)
    names = [frame.name for frame in traceback.extract_tb(cause.__traceback__)]
    assert len(names) > 500
    assert set(names) == {"down"}


def test_a_traceback_marks_what_it_marks_on_threads(sc: SparkContext) -> None:
    def divide(x: int) -> float:
        return abs(1) + 1 / (x - 1)

    def fail(x: int) -> float:
        try:
            return abs(-1) + divide(x)
        except ZeroDivisionError as exc:
            raise ValueError(
                "over",
                "three lines",
            ) from exc

    in_processes = traceback.format_exception(cause_of(sc, fail))
    sc.stop()
    with context(("spark.minispark.executor", "threads")) as on_threads:
        assert in_processes == traceback.format_exception(cause_of(on_threads, fail))
    assert any("~~^~~~~~" in line for line in in_processes)


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_errors_in_cells_of_a_notebook_are_shown_with_their_lines(
    executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "def divide(x):\n    return abs(1) + 1 / (x - 1)\n"
    lines = source.splitlines(keepends=True)
    # As IPython does, so that tracebacks have them.
    monkeypatch.setitem(linecache.cache, "<cell 1>", (len(source), None, lines, "<cell 1>"))
    cell: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "<cell 1>", "exec"), cell)
    with context(("spark.minispark.executor", executor)) as sc, pytest.raises(SparkException) as e:
        sc.parallelize([1, 2], 2).map(cell["divide"]).collect()
    assert (
        '  File "<cell 1>", line 2, in divide\n'
        "    return abs(1) + 1 / (x - 1)\n"
        "                    ~~^~~~~~~~~\n"
        "ZeroDivisionError: division by zero\n"
    ) in str(e.value)


def test_a_result_that_cannot_be_pickled(sc: SparkContext) -> None:
    with pytest.raises(SparkException, match="pickle"):
        sc.parallelize([1], 1).map(lambda _: threading.Lock()).collect()
    assert sc.parallelize([1], 1).count() == 1


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (lambda: os._exit(3), "exit status 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "SIGTERM"),
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


def use_much_memory() -> None:
    """More than the process may have: Python says so."""
    size = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (size + (128 << 20), resource.RLIM_INFINITY))
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def use_much_time() -> None:
    """More than the process may have: the system ends it."""
    resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
    while True:
        pass


ENDS: dict[str, Callable[[], object]] = {
    "exit": lambda: os._exit(0),
    "SIGKILL, as where there is no memory": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGSEGV": faulthandler._sigsegv,  # type: ignore[attr-defined]
    "SIGABRT": os.abort,
    "an address that is none": lambda: ctypes.string_at(0),
    "a stack that is too deep": faulthandler._stack_overflow,  # type: ignore[attr-defined]
    "a limit on CPU time": use_much_time,
    "MemoryError": use_much_memory,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_task_that_ends_its_worker_costs_an_attempt_and_nothing_else(
    tmp_path: Path, end: str
) -> None:
    once = tmp_path / "once"

    def die_once(index: int, part: Iterator[int]) -> Iterator[tuple[int, int]]:
        if index == 2 and not once.exists():
            once.touch()
            ENDS[end]()
        for x in part:
            yield x % 5, x

    with context(master="local[2,2]") as sc:
        counted = sc.accumulator(0)
        events: list[Event] = []
        sc._engine.events.add_listener(events.append)
        pairs = sc.parallelize(range(40), 8).mapPartitionsWithIndex(die_once)
        pairs = pairs.map(lambda pair: counted.add(1) or pair)
        assert sorted(pairs.reduceByKey(max, 3).collect()) == [(x, 35 + x) for x in range(5)]
        assert counted.value == 40
        failed = [each for each in events if isinstance(each, TaskEnded) and not each.successful]
        assert [(each.partition, each.attempt) for each in failed] == [(2, 0)]
        assert sum(isinstance(each, TaskStarted) for each in events) == 8 + 3 + 1
        assert sc.parallelize(range(4), 4).sum() == 6
        workers = parent_of_workers().children()
        until(lambda: sum(each.status() != psutil.STATUS_ZOMBIE for each in workers) <= 2)


@pytest.mark.parametrize("has_descriptors", [True, False])
def test_a_worker_that_ends_while_it_is_idle_fails_no_task(
    monkeypatch: pytest.MonkeyPatch, has_descriptors: bool
) -> None:
    if not has_descriptors:  # of processes
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    with context() as sc:
        assert sc.parallelize(range(4), 2).count() == 4
        parent = parent_of_workers()
        workers = parent.children()
        for worker in workers:
            worker.kill()
        until(lambda: {each.status() for each in workers} == {psutil.STATUS_ZOMBIE})
        assert sc.parallelize(range(4), 2).count() == 4


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_what_goes_wrong_around_a_task_is_its_failure(
    monkeypatch: pytest.MonkeyPatch, executor: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    with context(("spark.minispark.executor", executor), master="local") as sc:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Attempt, "end", fail)
            meanwhile.setattr(threads, "run_in_this_process", fail)
            with pytest.raises(SparkException, match="the disk is gone"):
                sc.parallelize([1], 1).count()
        assert sc.parallelize([1], 1).count() == 1


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


def test_a_worker_that_is_lost_at_a_barrier_is_noticed(
    sc: SparkContext, tmp_path: Path, asked: list[str]
) -> None:
    started = tmp_path / "started"

    def meet_or_work(part: Iterator[int]) -> Iterator[int]:
        if next(iter(part)) == 0:
            started.write_text(str(os.getpid()))
            BarrierTaskContext.get().barrier()
        time.sleep(PATIENCE)
        yield 1

    def kill() -> None:
        until(lambda: "meet" in asked)
        os.kill(int(started.read_text()), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    began = time.monotonic()
    with pytest.raises(SparkException, match=r"exited unexpectedly.*SIGKILL"):
        sc.parallelize(range(2), 2).barrier().mapPartitions(meet_or_work).collect()
    assert time.monotonic() - began < PATIENCE / 2
    thread.join()
    until(lambda: "minispark-answers" not in [each.name for each in threading.enumerate()])
    assert sc.parallelize(range(4), 2).count() == 4


def test_a_worker_that_is_lost_while_it_waits_for_a_block_is_noticed(
    tmp_path: Path, asked: list[str]
) -> None:
    writer, may_end = tmp_path / "writer", tmp_path / "may end"

    def write(_: object) -> Iterator[int]:
        writer.write_text(str(os.getpid()))
        until(may_end.exists)
        yield 1

    with context(master="local[2,1]") as sc:
        cached = sc.parallelize([1], 1).mapPartitions(write).cache()
        counts: list[int] = []
        writing = threading.Thread(target=lambda: counts.append(cached.count()))
        writing.start()
        until(lambda: writer.exists() and writer.read_text())

        def kill() -> None:
            def others() -> list[psutil.Process]:
                parent = parent_of_workers()
                return [each for each in parent.children() if str(each.pid) != writer.read_text()]

            until(lambda: asked.count("find_or_begin") == 2)
            others()[0].kill()

        killing = threading.Thread(target=kill)
        killing.start()
        began = time.monotonic()
        with pytest.raises(SparkException, match=r"exited unexpectedly.*SIGKILL"):
            cached.count()
        assert time.monotonic() - began < PATIENCE / 2
        killing.join()
        may_end.touch()
        writing.join(PATIENCE)
        assert counts == [1]
        assert cached.count() == 1


def test_what_is_printed_at_a_barrier_is_shown_meanwhile(
    sc: SparkContext, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = tmp_path / "printed"

    def speak(part: Iterator[int]) -> Iterator[int]:
        def print_much() -> None:
            for _ in range(10_000):  # more than a pipe holds
                print("x" * 99)
            printed.touch()

        first = next(iter(part))
        if first == 0:
            threading.Thread(target=print_much).start()
        else:
            until(printed.exists)
        BarrierTaskContext.get().barrier()
        yield first

    assert sc.parallelize(range(2), 2).barrier().mapPartitions(speak).collect() == [0, 1]
    assert capsys.readouterr().err == ("x" * 99 + "\n") * 10_000


def test_a_process_that_a_task_forks_is_no_second_worker(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    def fork(end: Callable[[], None] | None) -> int:
        pid = os.fork()
        if pid == 0 and end:
            end()  # else it returns, as the worker does
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if pid else 0

    def fail() -> None:
        raise ValueError("in a fork")

    def be_terminated() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    ends = [None, fail, lambda: sys.exit(5), be_terminated]
    assert sc.parallelize(ends, len(ends)).map(fork).collect() == [0, 1, 5, -signal.SIGTERM]
    assert sc.parallelize(range(8), 8).collect() == list(range(8))
    sc.stop()
    printed = capsys.readouterr().err
    assert printed.count("Traceback") == 1
    assert printed.rstrip().endswith("ValueError: in a fork")


def test_the_parent_of_the_workers_is_replaced(sc: SparkContext) -> None:
    assert sc.parallelize([1, 2], 2).count() == 2
    parent_of_workers().kill()
    assert sc.parallelize(range(4), 2).count() == 4

    def die(_: int) -> None:
        os._exit(1)

    with pytest.raises(SparkException, match="crashed"):
        sc.parallelize([1, 2], 2).foreach(die)
    assert sc.parallelize(range(4), 2).count() == 4


def test_the_workers_of_a_lost_parent_end_with_the_context(tmp_path: Path) -> None:
    started = tmp_path / "started"

    def work(_: int) -> None:
        started.write_text(f"{os.getpid()} {os.getppid()}\n")
        while True:
            pass

    def run(sc: SparkContext) -> None:
        with pytest.raises(SparkException):
            sc.parallelize([1], 1).foreach(work)

    with context() as sc:
        thread = threading.Thread(target=run, args=(sc,))
        thread.start()
        until(lambda: started.exists() and started.read_text().endswith("\n"))
        worker, parent = map(psutil.Process, map(int, started.read_text().split()))
        parent.kill()
        until(lambda: parent.status() == psutil.STATUS_ZOMBIE)
    thread.join(PATIENCE)
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_a_parent_that_does_not_answer_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_: int) -> None:
        os._exit(1)

    def how_one_ends() -> str:
        with pytest.raises(SparkException, match="crashed") as caught:
            sc.parallelize([1], 1).foreach(die)
        return str(caught.value)

    with context() as sc:
        assert sc.parallelize([1, 2], 2).count() == 2
        parent = parent_of_workers()
        parent.suspend()
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(starting, "ANSWER_SECONDS", 0.5)
            assert "How it ended is not known" in how_one_ends()
        until(lambda: parent.status() == psutil.STATUS_ZOMBIE)
        until(lambda: "exit status 1" in how_one_ends())  # the last of its workers first
        assert sc.parallelize(range(4), 2).collect() == [0, 1, 2, 3]


def test_a_cancel_does_not_wait_for_a_parent_that_does_not_answer(
    sc: SparkContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, is_asked = tmp_path / "started", threading.Event()
    send_fds = starting.send_fds

    def note(control: socket.socket, data: list[bytes], descriptors: list[int]) -> int:
        sent = send_fds(control, data, descriptors)
        if descriptors:
            is_asked.set()
        return sent

    def wait(_: int) -> None:
        started.touch()
        time.sleep(60)

    def run_slowly() -> None:
        sc.setJobGroup("slow", "to be cancelled")
        with pytest.raises(SparkException, match="cancelled"):
            sc.parallelize([1], 1).foreach(wait)

    counts: list[int] = []
    threads = [
        threading.Thread(target=run_slowly),
        threading.Thread(target=lambda: counts.append(sc.parallelize([1], 1).count())),
    ]
    threads[0].start()
    until(started.exists)
    monkeypatch.setattr(starting, "send_fds", note)
    parent = parent_of_workers()
    parent.suspend()
    threads[1].start()
    assert is_asked.wait(PATIENCE)
    sc.cancelJobGroup("slow")
    threads[0].join(PATIENCE)
    assert [each.is_alive() for each in threads] == [False, True]
    parent.resume()
    threads[1].join(PATIENCE)
    assert counts == [1]


def test_stop_does_not_wait_for_a_parent_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starting, "END_SECONDS", 0.5)
    with context() as sc:
        assert sc.parallelize([1, 2], 2).count() == 2
        parent = parent_of_workers()
        family = [parent, *parent.children()]
        parent.suspend()
        started = time.monotonic()
    assert time.monotonic() - started < PATIENCE / 2
    until(lambda: not any(each.is_running() for each in family))


def test_a_process_that_cannot_be_forked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=Parent(theirs).serve)
        thread.start()
        ours.sendall(REQUEST.pack(FORK, 0))
        assert RESULT.unpack(ours.recv(RESULT.size)) == (-errno.EAGAIN,)
        ours.shutdown(socket.SHUT_WR)
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_parent_that_cannot_be_asked_lives_on(
    sc: SparkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ETOOMANYREFS, "too many references")

    parent = parent_of_workers()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(starting, "send_fds", refuse)
        with pytest.raises(SparkException, match=r"cannot be started.*too many references"):
            sc.parallelize([1], 1).count()
    assert sc.parallelize([1], 1).count() == 1
    assert parent_of_workers() == parent


def test_a_driver_with_too_many_files_is_told(sc: SparkContext) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))  # no further one
    try:
        with pytest.raises(SparkException, match=r"cannot be started.*Too many open files"):
            sc.parallelize(range(4), 4).count()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert sc.parallelize(range(4), 4).count() == 4


@pytest.mark.parametrize(
    ("before", "streams"),
    [
        ("signal.signal(signal.SIGCHLD, signal.SIG_IGN)", ""),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])", ""),
        ("", "2>&-"),
        ("", ">&-"),
        ("", "<&- >&- 2>&-"),
    ],
)
def test_what_the_driver_made_of_signals_and_streams_is_its_own(
    before: str, streams: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import os, signal, sys
            from minispark import SparkConf, SparkContext

            {before}

            def die(x):
                print("the last words", file=sys.stderr)
                os.kill(os.getpid(), signal.SIGTERM)
                os._exit(3)

            conf = SparkConf().set("spark.minispark.executor", "processes")
            sc = SparkContext("local[2]", "of its own", conf=conf)
            try:
                sc.parallelize([1, 2], 2).foreach(die)
            except Exception as exc:
                found = str(exc)
            with open(sys.argv[1], "w") as file:
                print(sc.parallelize(range(4), 4).collect(), found, file=file)
            sc.stop()
            """
        )
    )
    result = tmp_path / "result"
    command = ["sh", "-c", f'exec "$@" {streams}', "sh", sys.executable, program, result]
    subprocess.run(command, capture_output=True, check=True)
    assert result.read_text().startswith("[0, 1, 2, 3] Python worker exited unexpectedly")
    assert "ended by SIGTERM" in result.read_text()


def test_processes_of_multiprocessing_end_quietly_in_tasks(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    def use_a_pool(x: int) -> list[int]:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            return pool.map(abs, [-x, x])

    assert sc.parallelize([1, 2], 2).map(use_a_pool).collect() == [[1, 1], [2, 2]]
    assert capsys.readouterr().err == ""


def test_a_thread_that_reads_on_after_its_task_disturbs_no_other(sc: SparkContext) -> None:
    cached = [sc.parallelize([i], 1).cache() for i in range(20)]

    def read_ahead(part: Iterator[int]) -> Iterator[int]:
        read: queue.SimpleQueue[int] = queue.SimpleQueue()

        def run() -> None:
            with contextlib.suppress(RuntimeError):
                for x in part:
                    time.sleep(0.01)
                    read.put(x)

        threading.Thread(target=run).start()
        while True:
            yield read.get()

    pieces = sc.union(cached).coalesce(1).mapPartitions(read_ahead)
    for _ in range(3):
        assert pieces.take(2) == [0, 1]
        time.sleep(0.02)
        assert sc.parallelize(range(4), 2).collect() == [0, 1, 2, 3]


def test_files_in_the_programs_memory_are_refused(sc: SparkContext) -> None:
    with pytest.raises(SparkException, match=r"spark\.minispark\.executor=threads"):
        sc.parallelize(["a"], 1).saveAsTextFile(f"memory://workers{os.getpid()}/out")


# -- cancelling --------------------------------------------------------------------------------


def test_a_cancelled_task_runs_its_finally_clauses(sc: SparkContext, tmp_path: Path) -> None:
    started, ended = tmp_path / "started", tmp_path / "ended"

    def wait(_: int) -> None:
        try:
            started.touch()
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


def test_a_task_that_is_cancelled_in_a_destructor_runs_its_finally_clauses(
    sc: SparkContext, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started, ended = tmp_path / "started", tmp_path / "ended"

    class Slow:
        def __del__(self) -> None:
            started.touch()
            time.sleep(60)

    def work(_: int) -> None:
        try:
            Slow()
            time.sleep(60)
        finally:
            ended.touch()

    def run() -> None:
        with pytest.raises(SparkException, match="cancelled"):
            sc.parallelize([1], 1).foreach(work)

    thread = threading.Thread(target=run)
    thread.start()
    until(started.exists)
    sc.cancelAllJobs()
    thread.join(PATIENCE)
    until(ended.exists)
    assert capsys.readouterr().err == ""


def test_what_a_destructor_raises_is_shown(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    class Failing:
        def __del__(self) -> None:
            raise ValueError("in a destructor")

    sc.parallelize([1], 1).foreach(lambda _: Failing() and None)
    assert "ValueError: in a destructor" in capsys.readouterr().err


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


@pytest.mark.parametrize("has_descriptors", [True, False])
def test_a_cancelled_task_ends_without_the_parent_of_its_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_descriptors: bool
) -> None:
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 2.0)
    if not has_descriptors:  # of processes
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    ended = tmp_path / "ended"

    def work(x: int) -> None:
        if x == 1:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            (tmp_path / str(x)).write_text(f"{os.getpid()} {os.getppid()}\n")
            while True:
                pass
        finally:
            ended.write_text(str(x))

    def run(sc: SparkContext) -> None:
        sc.setJobGroup("endless", "to be cancelled", interruptOnCancel=True)
        with pytest.raises(SparkException, match="cancelled"):
            sc.parallelize([1, 2], 2).foreach(work)

    with context() as sc:
        thread = threading.Thread(target=run, args=(sc,))
        thread.start()
        files = [tmp_path / "1", tmp_path / "2"]
        until(lambda: all(file.exists() and file.read_text().endswith("\n") for file in files))
        pids = [[int(pid) for pid in file.read_text().split()] for file in files]
        workers = [psutil.Process(pid) for pid, _ in pids]
        parent = psutil.Process(pids[0][1])
        parent.kill()
        until(lambda: parent.status() == psutil.STATUS_ZOMBIE)
        sc.cancelJobGroup("endless")
        thread.join(PATIENCE)
        until(lambda: not any(each.is_running() for each in workers))
        assert ended.read_text() == "2"
        assert sc.parallelize(range(4), 2).collect() == [0, 1, 2, 3]


@pytest.mark.parametrize("swallows", [False, True])
def test_a_task_that_was_cancelled_while_it_waited_for_a_block_does_not_keep_it(
    tmp_path: Path, asked: list[str], swallows: bool
) -> None:
    started, may_fail = tmp_path / "started", tmp_path / "may fail"

    def fail_once(_: object) -> Iterator[int]:
        if not may_fail.exists():
            started.touch()
            until(may_fail.exists)
            raise ValueError
        yield 1

    def read_all(part: Iterator[int]) -> list[int]:
        try:
            return list(part)
        except BaseException:
            if not swallows:
                raise
            return []

    def run(group: str, rdd: RDD[int]) -> None:
        sc.setJobGroup(group, group, interruptOnCancel=True)
        with pytest.raises(SparkException):
            rdd.count()

    with context(master="local[3]") as sc:
        cached = sc.parallelize([1], 1).mapPartitions(fail_once).cache()
        more = sc.union([sc.parallelize([0], 1), cached]).coalesce(1).mapPartitions(read_all)
        writing = threading.Thread(target=run, args=("writes", cached))
        writing.start()
        until(started.exists)
        waiting = threading.Thread(target=run, args=("waits", more))
        waiting.start()
        until(lambda: asked.count("find_or_begin") == 2)
        sc.cancelJobGroup("waits")
        waiting.join(PATIENCE)
        may_fail.touch()
        writing.join(PATIENCE)
        counts: list[int] = []
        last = threading.Thread(target=lambda: counts.append(cached.count()), daemon=True)
        last.start()
        last.join(PATIENCE)
        assert counts == [1]


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
            from minispark import SparkConf, SparkContext

            folder = sys.argv[1]

            def work(x):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                with open(f"{folder}/{x}", "w") as file:
                    print(os.getpid(), file=file)
                while True:
                    pass

            conf = SparkConf().set("spark.minispark.executor", "processes")
            SparkContext("local[2]", "to be killed", conf=conf).parallelize([1, 2], 2).foreach(work)
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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell of it")
@pytest.mark.parametrize("is_stubborn", [False, True])
def test_workers_end_with_their_driver_also_without_their_parent(
    tmp_path: Path, is_stubborn: bool
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import os, signal, sys, time
            from minispark import SparkConf, SparkContext

            folder = sys.argv[1]

            def work(x):
                if {is_stubborn}:
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                try:
                    with open(f"{{folder}}/{{x}}", "w") as file:
                        print(os.getpid(), os.getppid(), file=file)
                    while True:
                        pass
                finally:
                    open(f"{{folder}}/{{x}} has ended", "w").close()

            conf = SparkConf().set("spark.minispark.executor", "processes")
            SparkContext("local[2]", "to be killed", conf=conf).parallelize([1, 2], 2).foreach(work)
            """
        )
    )
    with subprocess.Popen([sys.executable, program, tmp_path]) as driver:
        files = [tmp_path / "1", tmp_path / "2"]
        until(lambda: all(file.exists() and file.read_text().endswith("\n") for file in files))
        pids = [list(map(int, file.read_text().split())) for file in files]
        workers = [psutil.Process(pid) for pid, _ in pids]
        psutil.Process(pids[0][1]).kill()
        time.sleep(0.2)
        assert all(each.is_running() for each in workers), "the driver may need them"
        assert driver.poll() is None
        driver.kill()
        driver.wait(PATIENCE)
    until(lambda: not any(each.is_running() for each in workers))
    ended = [(tmp_path / f"{x} has ended").exists() for x in (1, 2)]
    assert ended == [not is_stubborn] * 2


def test_stop_does_not_wait_for_another_threads_request_to_the_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starting, "END_SECONDS", 0.5)

    def die(_: int) -> None:
        os._exit(1)

    with context() as sc:
        assert sc.parallelize([1, 2], 2).count() == 2
        parent_of_workers().suspend()
        failed: list[BaseException] = []

        def run() -> None:
            try:
                sc.parallelize([1], 1).foreach(die)
            except SparkException as exc:
                failed.append(exc)

        thread = threading.Thread(target=run)
        thread.start()
        parent = sc._engine._scheduler._executor._runner._parent  # type: ignore[attr-defined]
        until(parent._asking.locked)
        started = time.monotonic()
    assert time.monotonic() - started < PATIENCE / 2
    thread.join(PATIENCE)
    assert len(failed) == 1


# -- settings ----------------------------------------------------------------------------------


def test_which_executor_when() -> None:
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    assert executor_for("auto", 1, False) == "threads"
    assert executor_for("auto", 2, False) == ("processes" if has_lock else "threads")
    assert executor_for("auto", 1, False, True) == ("threads" if has_lock else "processes")
    assert executor_for("threads", 8, False) == "threads"
    assert executor_for("processes", 1, False) == "processes"
    assert executor_for("auto", 1, True) == "processes"


def test_without_a_program_to_start_tasks_run_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert executor_for("auto", 2, False) == "threads"
    with pytest.raises(SparkException, match=r"sys\.executable"):
        executor_for("processes", 2, False)


@pytest.mark.parametrize("setting", ["auto", "processes"])
def test_a_program_that_is_none_is_told(
    setting: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    conf = SparkConf().setMaster("local-cluster[1,1,1024]").setAppName("no program")
    conf.set("spark.minispark.executor", setting).set("spark.local.dir", str(tmp_path))
    with pytest.raises(
        SparkException, match=r"sys\.executable, and '/no/such/python' is no .*executor=threads"
    ):
        SparkContext(conf=conf)
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("master", ["local", "local[2]"])
@pytest.mark.parametrize("value", ["maybe", "1", ""])
def test_reuse_is_true_or_false(master: str, value: str) -> None:
    with pytest.raises(SparkException) as caught:
        context(
            ("spark.python.worker.reuse", value),
            ("spark.minispark.executor", "auto"),
            master=master,
        )
    assert str(caught.value) == (
        f"[INVALID_CONF_VALUE.TYPE_MISMATCH] The value '{value}' in the config "
        "\"spark.python.worker.reuse\" is invalid. It should be a/an 'boolean' value. "
        "SQLSTATE: 22022"
    )
    with context(("spark.python.worker.reuse", " TRUE "), master=master) as sc:
        assert sc.parallelize([1]).count() == 1


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
