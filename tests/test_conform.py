"""`minispark conform`: what counts as a difference, what is random, what is left behind.

A stand-in for PySpark is used: a spark-submit that runs minispark, with the variable STAND_IN set,
so that programs can differ. `tests/live/test_conform_on_pyspark.py` asks the real one.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from minispark.conform import command, contents, failures, lines, perrun, recorder, workspace
from minispark.conform.busy import busy_machine
from minispark.io.sequence import Header, SequenceWriter
from minispark.launcher.options import LineError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory for SPARK_HOME and JAVA_HOME: a Spark and a Java that are none."""
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    for name, does in (
        ("java", "exit 0"),
        ("spark-submit", f'STAND_IN=1 exec {sys.executable} -m minispark.cli.submit "$@"'),
    ):
        (home / "bin" / name).write_text(f"#!/bin/sh\n{does}\n")
        (home / "bin" / name).chmod(0o755)
    return home


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The working directory."""
    directory = tmp_path / "here"
    directory.mkdir()
    return directory


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """Where temporary files go."""
    directory = tmp_path / "temp"
    directory.mkdir()
    return directory


@pytest.fixture
def start(home: Path, here: Path, temp: Path):
    """Start the command with words."""

    def start_it(*words: object, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "minispark", "conform", *map(str, words)],
            cwd=here,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "SPARK_HOME": str(home),
                "JAVA_HOME": str(home),
                "TMPDIR": str(temp),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start_it


@pytest.fixture
def conform(start, here: Path, temp: Path):
    """Write a program, compare its runs: exit status, standard output, standard error."""

    def run(program: str, *words: object, options: tuple[object, ...] = (), **variables: str):
        (here / "program.py").write_text(dedent(program), encoding="utf-8")
        process = start(*options, "program.py", *words, **variables)
        output, errors = process.communicate(timeout=120)
        assert list(temp.iterdir()) == []
        return process.returncode, output, errors

    return run


# --- lines ------------------------------------------------------------------------------------


def differing(*sides):
    """The lines of each hunk, and the numbers of random lines, of runs like 'a b', 'a c'."""
    ours, theirs = ([run.split() for run in side] for side in sides)
    found = lines.compare(ours, theirs)
    return [
        ("".join(i.text for i in hunk.ours), "".join(i.text for i in hunk.theirs))
        for hunk in found.hunks
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (["a b c"], ["a b c"], []),
        (["a b c"], ["a x c"], [("b", "x")]),
        (["a b"], ["a b c"], [("", "c")]),
        (["a"], [""], [("a", "")]),
        # One random line.
        (["a 1 c", "a 2 c"], ["a 3 c", "a 4 c"], []),
        (["a 1 c", "a 2 c"], ["a 1 c", "a 1 c"], []),
        (["a 1 c", "a 1 c"], ["a 2 c", "a 2 c"], [("1", "2")]),
        # Beside it, one that differs.
        (["m 1 c", "m 2 c"], ["p 3 c", "p 4 c"], [("m", "p")]),
        (["1 m", "2 m"], ["3 p", "4 p"], [("m", "p")]),
        (["1", "2"], ["3 x", "4 x"], [("", "x")]),
        # A random number of lines.
        (["a s c", "a s s c"], ["a t t t c", "a t t c"], []),
        (["a s s s c", "a s c"], ["a s c", "a s c"], []),
        (["m s s", "m s"], ["p t t t", "p t"], [("m", "p")]),
        (["m s s", "m s"], ["p t t", "p t t"], [("m", "ptt")]),
        # Told again and again, numbers aside: also where all runs are alike.
        (["a n1 n5 c", "a n1 n3 n5 c"], ["a n2 c n9", "a n2 c n9"], []),
        (["a n1 n5 c", "a n1 n3 n5 c"], ["a n2 d n9", "a n2 d n9"], [("c", "d")]),
        # ... but not a line of numbers alone: it may be the answer.
        (["1 2 42", "1 42"], ["1 2 43", "1 43"], [("42", "43")]),
        # A random order.
        (["b c a", "a b c"], ["c a b", "a c b"], []),
    ],
)
def test_what_differs_between_runs_of_one_engine_is_no_difference(ours, theirs, expected) -> None:
    assert differing(ours, theirs) == expected
    assert differing(theirs, ours) == [(two, one) for one, two in expected]


def test_long_texts_that_differ_everywhere_are_compared_in_reasonable_time() -> None:
    start = time.monotonic()
    found = lines.compare([[f"a{n}" for n in range(50_000)]], [[f"b{n}" for n in range(50_000)]])
    assert sum(len(hunk.ours) for hunk in found.hunks) == 50_000
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("more", [[], ["more"]])
def test_random_lines_at_both_ends_of_a_long_text_hide_nothing_between(more: list[str]) -> None:
    def text(answer: str, random: str, *last: str) -> list[str]:
        rows = [f"row {n} {'-' * (n % 7)}" for n in range(5_000)]
        return [f"first {random}", *rows[:2_500], answer, *rows[2_500:], *last, f"last {random}"]

    ours, theirs = (
        [text(answer, f"{answer}1"), text(answer, f"{answer}2", *more)] for answer in "ab"
    )
    [hunk] = lines.compare(ours, theirs).hunks
    assert ([item.text for item in hunk.ours], [item.text for item in hunk.theirs]) == (
        ["a"],
        ["b"],
    )
    alike = [f"{n % 10}" for n in range(4_998)]  # no line is there once
    found = lines.compare(
        [["0.1", *alike, "x", *alike, "0.2"], ["0.3", *alike, "x", *alike, "0.4"]],
        [["0.5", *alike, "y", *alike, "0.6"], ["0.7", *alike, "y", *alike, "0.8"]],
    )
    assert [hunk.ours[0].text for hunk in found.hunks] == ["x"]


# --- what is of one run -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<A object at 0x7f2b4c5d6e7f>", "<A object at 0x#>"),
        ("colour 0xffffff", "colour 0xffffff"),
        ("app local-1719400000000 runs", "app APPLICATION runs"),
        ("took 0.123 s, found 12 s", "took # s, found 12 s"),
        ("2001-09-09T01:46:45Z and 2001-09-10T01:46:45Z", "TIME and 2001-09-10T01:46:45Z"),
        ("01/09/09 01:46:45 UTC", "TIME UTC"),
        ("2001-09-09", "2001-09-09"),
        ("99/99/99 99:99:99", "99/99/99 99:99:99"),
    ],
)
def test_only_what_is_of_one_run_is_blanked(line: str, expected: str) -> None:
    assert perrun.blanked(line, 1_000_000_000, 1_000_000_010) == expected


# --- files ----------------------------------------------------------------------------------------


def content(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    return contents.lines_of_file(path, lambda line: line)


def sequence_file(path: Path, mark: int) -> bytes:
    with path.open("wb") as file:
        writer = SequenceWriter(file, Header("K", "V"))
        writer.append(b"key", bytes([mark]))
        writer.close()
    return path.read_bytes()


def test_files_are_compared_by_their_content(tmp_path: Path) -> None:
    text = b"some text\n" * 50
    packed = gzip.compress(text, 1), gzip.compress(text, 9, mtime=1)
    assert packed[0] != packed[1]
    assert content(tmp_path / "a.gz", packed[0]) == content(tmp_path / "b.gz", packed[1])
    assert content(tmp_path / "a.gz", packed[0]) == content(tmp_path / "a.txt", text)
    # What is not what its name says is its bytes.
    assert content(tmp_path / "c.gz", text) == content(tmp_path / "a.txt", text)
    one, two, other = (sequence_file(tmp_path / "seq", mark) for mark in (1, 1, 2))
    assert one != two
    assert content(tmp_path / "p", one) == content(tmp_path / "q", two)
    assert content(tmp_path / "p", one) != content(tmp_path / "q", other)
    assert content(tmp_path / "x", b"\x00\x01") == ["00 01"]
    assert content(tmp_path / "x", b"a\nb") != content(tmp_path / "y", b"a\nb\n")
    assert content(tmp_path / ".x.crc", b"1") == content(tmp_path / ".x.crc", b"2")


def test_large_files_are_compared_as_a_whole(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(contents, "MOST_BYTES", 10)
    (told,) = content(tmp_path / "large", b"12345678901")
    assert told.startswith("11 bytes, SHA-256 ")
    assert told != content(tmp_path / "large", b"12345678902")[0]


# --- exceptions -----------------------------------------------------------------------------------


def test_exceptions_are_compared_by_class_and_message() -> None:
    trace = "[PYTHON_EXCEPTION] ...: Traceback (most recent call last):\n  File x\n"
    java = "org.apache.spark.api.python.PythonException"
    there = {"class": "Py4JJavaError", "message": "...", "java": [java, f"{trace}KeyError: 7\n"]}
    here = {
        "class": "SparkException",
        "message": "...",
        "java": [java, f"Job aborted\n{trace}    y\nKeyError: 7"],
    }
    assert failures.comparable(there) == failures.comparable(here)
    other = {**here, "java": [java, f"{trace}KeyError: 8"]}
    assert failures.comparable(there) != failures.comparable(other)
    plain = recorder.facts_of(ValueError("no"))
    assert failures.comparable(plain) != failures.comparable(recorder.facts_of(TypeError("no")))


def test_an_exception_whose_text_fails_is_told_of() -> None:
    class Bad(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert recorder.facts_of(Bad())["message"] == "<its text failed: RuntimeError>"


# --- the working directory ----------------------------------------------------------------------


def test_a_run_has_a_copy_and_what_it_writes_is_found(tmp_path: Path, here: Path) -> None:
    for name in (".git/x", "venv/pyvenv.cfg", "cache/CACHEDIR.TAG", "data/in", "changed", "gone"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("before")
    (here / "near").symlink_to("data/in")
    (here / "far").symlink_to("../elsewhere")
    (tmp_path / "elsewhere").write_text("large")
    (tmp_path / "root").mkdir()
    space = workspace.Workspace(tmp_path / "root", here, makes_out=True)
    space.prepare()
    copied = {path.relative_to(space.work).as_posix() for path in space.work.rglob("*")}
    assert copied == {"data", "data/in", "changed", "gone", "near", "far"}
    assert (space.work / "far").read_text() == "large"
    assert (space.work / "near").resolve() == space.work / "data" / "in"
    (space.work / "changed").write_text("after it")
    (space.work / "gone").unlink()
    (space.work / "new").mkdir()
    (space.work / "spark-warehouse").mkdir()
    (space.out / "part").write_text("1")
    kept = tmp_path / "kept"
    kept.mkdir()
    written = space.finish(kept)
    assert sorted(written.files) == ["changed", "out/part"]
    assert written.files["changed"].read_text() == "after it"
    assert (written.directories, written.deleted) == ({"new/"}, {"gone"})
    assert (here / "changed").read_text() == "before"


def test_a_large_working_directory_is_refused(here: Path) -> None:
    (here / "data").write_bytes(b"0" * 2000)
    workspace.check_size(here, 1)
    with pytest.raises(workspace.WorkspaceError, match=r"more than 0.001 MB.*--copy-limit"):
        workspace.check_size(here, 0.001)


def test_paths_in_arguments_are_those_of_the_copy(tmp_path: Path, here: Path) -> None:
    (here / "a.py").touch()
    words = ["in", f"{here}/in", f"file:{here}/in/", "../in", "/elsewhere", "{out}/x", "--n=1"]
    line = command.read_command(["--master", "local", "a.py", *words], here)
    (tmp_path / "root").mkdir()
    space = workspace.Workspace(tmp_path / "root", here, line.makes_out)
    assert line.words_in(space) == [
        "in",
        f"{space.work}/in",
        f"file:{space.work}/in/",
        f"{tmp_path}/in",
        "/elsewhere",
        f"{space.out}/x",
        "--n=1",
    ]
    assert line.options == ("--master", "local")
    line = command.read_command(["--py-files", "a.py,../b.zip", "--files=/c,d", "a.py"], here)
    assert line.options_in(space) == ["--py-files", f"a.py,{tmp_path}/b.zip", "--files=/c,d"]
    line = command.read_command(["a.py", *words], here)
    assert line.makes_out
    assert line.written_outside() == [tmp_path / "in", Path("/elsewhere")]


def test_a_list_has_a_line_for_each_program(here: Path) -> None:
    (here / "a.py").touch()
    listed = here / "list.txt"
    listed.write_text("# all\n\n--name x a.py 'b c'  # one\na.py\n")
    first, second = command.read_list(listed, ["--master", "local"])
    assert first.options == ("--master", "local", "--name", "x")
    assert (first.arguments, first.directory) == (("b c",), here)
    assert second.title == "a.py [--master local]"
    listed.write_text("a.py\nb.py\n")
    with pytest.raises(LineError, match=r"list.txt, line 2: there is no file .*b.py"):
        command.read_list(listed)


# --- the whole ------------------------------------------------------------------------------------


def test_the_same_is_said_in_one_line(conform, here: Path) -> None:
    (here / "in.txt").write_text("a\n")
    status, output, errors = conform(
        """
        import sys
        from pyspark import SparkContext
        sc = SparkContext("local[2]", "test")
        print(sc.textFile("in.txt").collect())
        sc.parallelize(range(4), 2).saveAsTextFile(sys.argv[1])
        open("written", "w").write(__file__ + str(sys.argv))
        """,
        "{out}",
        options=("--conf", "spark.ui.enabled=false"),
    )
    assert errors == ""
    assert output.startswith("same: 1 line of output, 4 files, exit 0 (minispark ")
    assert status == 0
    assert {path.name for path in here.iterdir()} == {"in.txt", "program.py"}


def test_planted_differences_are_named(conform) -> None:
    status, output, _ = conform(
        """
        import os, sys
        from pyspark import SparkContext
        there = "STAND_IN" in os.environ
        sc = SparkContext("local[2]", "test")
        print("first")
        print("pyspark.core.context" if there else type(sc).__module__)
        sc.parallelize([], 3 if there else 2).saveAsTextFile("parts")
        open("text", "w").write("a\\n1\\n" if there else "a\\n2\\n")
        sys.exit(3 if there else 0)
        """
    )
    assert status == 1
    head, _, rest = output.partition("\n")
    assert head.startswith("differs: standard output, exit status, files (")
    assert "  @@ -2 +2 @@\n    first\n  - pyspark.core.context\n  + minispark.core.context" in rest
    assert "exit status:\n  --- pyspark\n  +++ minispark\n  @@ -1 +1 @@\n  - 3\n  + 0" in rest
    assert "files: parts/part-00002: only on pyspark\n" in rest
    assert ".crc" not in rest
    assert "files: text:\n" in rest
    assert "    a\n  - 1\n  + 2\n" in rest


def test_random_lines_and_files_are_named_and_do_not_count(conform) -> None:
    status, output, _ = conform(
        """
        import random, uuid
        print("a"); print(random.random()); print("b")
        open(f"file-{uuid.uuid4().hex}", "w").close()
        """
    )
    assert (status, output.splitlines()[0].split("(")[0]) == (
        0,
        "same: 3 lines of output, 1 file, exit 0 ",
    )
    assert "random or timed" in output
    assert "  standard output, line 2, minispark: 0." in output
    assert "  standard output, line 2, pyspark: 0." in output
    assert ": not in every run of pyspark" in output


def test_an_engine_that_fails_now_and_then_is_no_random_line(conform, tmp_path: Path) -> None:
    program = """
        import os, sys
        from pathlib import Path
        from pyspark import SparkContext

        runs = Path(sys.argv[1], SparkContext.__module__.partition(".")[0])
        first = not runs.exists()
        runs.touch()
        print("first" if first else "again")
        sys.exit(3 if first and runs.name == "minispark" else 0)
    """
    status, output, _ = conform(program, tmp_path)
    assert status == 1, output
    assert output.splitlines()[0].startswith("differs: exit status ("), output
    assert "exit status: 3 and 0 on minispark, 0 on pyspark" in output


def test_with_one_run_nothing_is_random(conform) -> None:
    status, output, _ = conform("import random; print(random.random())", options=("--runs", 1))
    assert status == 1
    assert "random or timed" not in output


FAILS = """
    import os
    from pyspark import SparkContext
    sc = SparkContext("local[2]", "test")
    print("before", flush=True)
    there = "STAND_IN" in os.environ and {differs}
    sc.parallelize([1], 1).map(lambda x: {{}}["there" if there else "here"]).collect()
"""


def test_failures_are_compared(conform) -> None:
    status, output, _ = conform(FAILS.format(differs=False))
    assert status == 0
    assert output.startswith("same: 1 line of output, 0 files, exit 1, SparkException (")
    status, output, _ = conform(FAILS.format(differs=True))
    assert status == 1
    assert output.startswith("differs: exception (")
    assert "  - KeyError: 'there'\n  + KeyError: 'here'\n" in output


def test_standard_input_is_empty_also_where_an_engine_gives_a_pipe_without_an_end(
    here: Path,
) -> None:
    program, output = here / "reads.py", here / "output"
    program.write_text("import sys; print(repr(sys.stdin.read()))")
    task = {"program": str(program), "stdout": str(output), "stderr": str(here / "errors")}
    (here / recorder.TASK).write_text(json.dumps(task))
    started = shutil.copy(recorder.__file__, here / "started.py")
    with subprocess.Popen([sys.executable, started], stdin=subprocess.PIPE) as process:
        try:
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    assert output.read_text() == "''\n"


def test_the_text_of_an_exit_is_compared_and_standard_error_is_not(conform) -> None:
    program = """
    import os, sys
    print(os.environ.get("STAND_IN"), file=sys.stderr)
    sys.exit("bad" + {})
    """
    assert conform(program.format("''"))[0] == 0
    status, output, _ = conform(program.format("os.environ.get('STAND_IN', '0')"))
    assert status == 1
    assert "  - bad1\n  + bad0\n" in output


def test_an_engine_that_takes_too_long_is_ended_and_named(conform) -> None:
    program = "import os, time\nprint(1)\nif {}: time.sleep(100)"
    start = time.monotonic()
    status, output, _ = conform(
        program.format("'STAND_IN' in os.environ"), options=("--timeout", 4)
    )
    assert status == 1
    assert "time: it did not end within 4 s on pyspark, and did on the other engine" in output
    status, _, errors = conform(program.format(True), options=("--timeout", 2))
    assert status == 2
    assert "did not end within 2 s on either engine" in errors
    assert time.monotonic() - start < 60


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing(start, here: Path, temp: Path, number) -> None:
    told = here.parent / "pids"
    (here / "a.py").write_text(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'],\n"
        "                         process_group=0)\n"
        f"open({str(told)!r} + '.new', 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(told)!r} + '.new', {str(told)!r})\n"
        "time.sleep(300)\n"
    )
    process = start("a.py")
    while not told.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert errors == "minispark conform: stopped; both engines have ended\n"
    assert list(temp.iterdir()) == []
    for pid in map(int, told.read_text().split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_what_a_program_leaves_running_is_ended(conform, here: Path) -> None:
    told = here.parent / "pid"
    status, _, _ = conform(
        f"""
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
        open({str(told)!r}, "a").write(f"{{child.pid}}\\n")
        """
    )
    assert status == 0
    for pid in map(int, told.read_text().split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_output_where_the_engines_would_meet_is_refused(conform, tmp_path: Path) -> None:
    program = "import sys; open(sys.argv[1], 'w').close()"
    status, _, errors = conform(program, tmp_path / "common")
    assert status == 2
    assert f"on minispark the program has written {tmp_path}/common" in errors
    assert "{out}" in errors


def test_what_is_kept_is_all_that_the_runs_wrote(conform, here: Path) -> None:
    status, _, _ = conform("print(1); open('x', 'w').write('2')", options=("--keep", "kept"))
    assert status == 0
    found = {p.relative_to(here / "kept").as_posix(): p for p in here.glob("kept/*/**/*")}
    assert found["1-minispark-1/stdout"].read_text() == "1\n"
    assert found["2-pyspark-1/work/x"].read_text() == "2"
    assert conform("", options=("--keep", "kept"))[0] == 2


def test_what_a_report_keeps_is_not_copied_again(start, here: Path) -> None:
    (here / "a.py").write_text("import os; print(sorted(os.listdir()))")
    process = start("--report", "--keep", "kept", "a.py", "a.py")
    process.communicate(timeout=60)
    for number in ("001", "002"):
        stdout = here / "kept" / f"{number}-a" / "1-minispark-1" / "stdout"
        assert stdout.read_text() == "['a.py']\n"


def test_a_machine_that_was_kept_busy_is_idle_again() -> None:
    before = psutil.Process().children()
    with busy_machine(level=1):
        workers = [each for each in psutil.Process().children() if each not in before]
        assert len(workers) >= 2
    assert not any(worker.is_running() for worker in workers)


def test_a_report_has_a_row_for_each_program(start, here: Path) -> None:
    (here / "good.py").write_text("import sys; print(sys.argv[1:])")
    (here / "bad.py").write_text("import os; print(os.environ.get('STAND_IN'))")
    (here / "list").write_text("--conf spark.a=1 good.py 1 'b c'\n")
    process = start("--report", "--json", "j.json", "good.py", "bad.py", "list")
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    table = output.splitlines()[-4:]
    assert [line.split("  ")[0] for line in table] == [
        "program",
        "good.py",
        "bad.py",
        "good.py 1 'b c' [--conf spark.a=1]",
    ]
    assert "differs: standard output" in table[2]
    assert "== bad.py\nstandard output:\n" in output
    told = json.loads((here / "j.json").read_text())
    assert [row["result"] for row in told] == ["same", "differs", "same"]
    [place] = told[1]["differs"][0]["places"]
    assert [place["minispark"][0]["text"], place["minispark"][0]["line"]] == ["None", 1]
    assert set(told[0]["seconds"]) == {"minispark", "pyspark"}


def test_without_java_or_pyspark_it_says_the_way_out(conform, home: Path, tmp_path: Path) -> None:
    status, output, errors = conform("print(1)", JAVA_HOME=str(tmp_path))
    assert (status, output) == (2, "")
    assert "pyspark did not start the program" in errors
    assert "--engine pyspark needs Java, and none was found: install Java 17 or later" in errors
    status, _, errors = conform("print(1)", SPARK_HOME=str(tmp_path))
    assert status == 2
    assert "there is no command" in errors


def test_a_line_that_an_engine_refuses_is_not_compared(conform) -> None:
    status, _, errors = conform("print(1)", options=("--master", "yarn"))
    assert (status, errors) == (0, "")  # no context: nobody asks for the master
    status, _, errors = conform("print(1)", options=("--deploy-mode", "cluster"))
    assert status == 2
    assert "Cluster deploy mode is not supported by minispark" in errors


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["nothing.py"], "there is no file"),
        (["--report"], "--report needs programs"),
        (["--timeout", "0", "a.py"], "--timeout is a number of seconds above 0, not '0'"),
        (["--timeout"], "Missing argument for option '--timeout'"),
        (["--runs=x", "a.py"], "--runs is a number from 1 on, not 'x'"),
        (["--mastre", "local", "a.py"], "Unrecognized option: --mastre"),
        (["a.jar"], "its name has to end with .py"),
        (["--json", "no/where.json", "a.py"], "--json: there is no directory no"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(start, here: Path, words, error) -> None:
    (here / "a.py").write_text("print(1)")
    process = start(*words)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith("minispark conform: ")
    assert error in errors


def test_a_program_finds_what_python_would_give_it(conform) -> None:
    status, output, _ = conform(
        """
        import os, pickle, sys
        class A: pass
        names = sorted(name for name in globals() if not name.startswith("__"))
        assert names == ["A", "os", "pickle", "sys"], names
        assert sys.modules["__main__"].A is A
        assert __name__ == "__main__" and __file__ == sys.argv[0] == os.path.abspath("program.py")
        assert os.path.dirname(__file__) in sys.path
        assert sys.argv[1:] == ["1"]
        assert type(pickle.loads(pickle.dumps(A()))) is A
        from pyspark import SparkContext
        sc = SparkContext("local")
        assert sc.appName == "program.py"
        """,
        "1",
    )
    assert output.startswith("same: 0 lines of output, 0 files, exit 0 ")
    assert status == 0
