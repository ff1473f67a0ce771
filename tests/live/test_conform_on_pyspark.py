"""`minispark conform` with the real PySpark: Spark's own examples, and what is to be found.

Starts many JVMs, so it is not part of the ordinary run: `pytest tests/live`. Needs pyspark and
Java; their absence is an error here, not a skip.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "conformance" / "spark_examples" / "programs.txt"


def conform(here: Path, *words: object) -> tuple[int, str]:
    """Run the command in a directory: its exit status and output."""
    done = subprocess.run(
        [sys.executable, "-m", "minispark", "conform", *map(str, words)],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout


def compared(here: Path, program: str, *words: object) -> tuple[int, str]:
    (here / "program.py").write_text(dedent(program), encoding="utf-8")
    return conform(here, "--master", "local[2]", "program.py", *words)


@pytest.mark.timeout(1800)
def test_sparks_own_examples_give_the_same(tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    status, output = conform(ROOT, "--runs", 6, "--report", "--json", found, LIST)
    results = json.loads(found.read_text())
    assert status == 0, output
    assert len(results) == 9
    random = {row["program"].split(".py")[0] for row in results if row["random"]}
    assert {"logistic_regression", "pi"} <= random
    # Prints what runs at the moment: it may be alike in all runs.
    assert random <= {"logistic_regression", "pi", "status_api_demo"}
    assert all(row["seconds"]["minispark"] * 2 < row["seconds"]["pyspark"] for row in results)


def test_a_planted_difference_is_named(tmp_path: Path) -> None:
    status, output = compared(
        tmp_path,
        """
        import sys
        from pyspark import SparkContext
        sc = SparkContext()
        print(type(sc).__module__)
        parts = 3 if type(sc).__module__.startswith("pyspark") else 2
        sc.parallelize(range(6), 6).coalesce(parts).map(lambda x: "").saveAsTextFile(sys.argv[1])
        """,
        "{out}",
    )
    assert status == 1
    assert output.startswith("differs: standard output, files (")
    assert "  - pyspark.core.context\n  + minispark.core.context\n" in output
    assert "files: out/part-00002: only on pyspark\n" in output


def test_files_of_all_kinds_are_the_same(tmp_path: Path) -> None:
    status, output = compared(
        tmp_path,
        """
        from pyspark import SparkContext
        sc = SparkContext()
        pairs = sc.parallelize([("a", 1), ("b", 2), ("c", 3)], 2)
        pairs.saveAsTextFile("text")
        pairs.saveAsTextFile("packed", "org.apache.hadoop.io.compress.GzipCodec")
        pairs.saveAsPickleFile("pickled")
        pairs.saveAsSequenceFile("sequence")
        pairs.saveAsSequenceFile("packed-sequence", "org.apache.hadoop.io.compress.GzipCodec")
        """,
    )
    assert status == 0, output
    assert output.startswith("same: 0 lines of output, 15 files, exit 0 (")
    assert "random" not in output


def test_a_global_that_tasks_change_is_the_same(tmp_path: Path) -> None:
    status, output = compared(
        tmp_path,
        """
        from pyspark import SparkContext
        counter, seen = 0, []
        def count(x):
            global counter
            counter += 1
            seen.append(x)
            return x
        sc = SparkContext()
        print(sc.parallelize(range(10), 2).map(count).sum())
        print(counter, seen)
        """,
    )
    assert (status, output.split("(")[0]) == (0, "same: 2 lines of output, 0 files, exit 0 ")


FAILS = """
    from pyspark import SparkContext
    sc = SparkContext()
    there = type(sc).__module__.startswith("pyspark")
    def f(x):
        if {differs} and there:
            raise KeyError(x)
        return 1 / x
    print("before")
    sc.parallelize([1, 0], 1).map(f).saveAsTextFile("written")
"""


def test_failures_are_compared(tmp_path: Path) -> None:
    status, output = compared(tmp_path, FAILS.format(differs=False))
    assert (status, output.split(" (")[0]) == (
        0,
        "same: 1 line of output, 0 files, exit 1, SparkException",
    )
    program = FAILS.format(differs=True).replace('saveAsTextFile("written")', "collect()")
    status, output = compared(tmp_path, program)
    assert status == 1
    assert output.startswith("differs: exception (")
    assert "  - KeyError: 1\n  + ZeroDivisionError: division by zero\n" in output
    status, output = compared(tmp_path, program.replace("True and", "False and"))
    assert status == 0, output


def test_interrupted_it_ends_spark_and_its_workers(tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "program.py").write_text(
        dedent(
            f"""
            import os, time
            from pyspark import SparkContext
            sc = SparkContext()
            def wait(x):
                open({str(tmp_path)!r} + f"/worker-{{os.getpid()}}", "w").close()
                time.sleep(300)
            if type(sc).__module__.startswith("pyspark"):
                sc.parallelize(range(2), 2).foreach(wait)
            """
        )
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "minispark", "conform", "--master", "local[2]", "program.py"],
        cwd=tmp_path / "here",
        env={**os.environ, "TMPDIR": str(tmp_path / "temp")},
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(workers := list(tmp_path.glob("worker-*"))) < 2:
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert errors == "minispark conform: stopped; both engines have ended\n"
    assert list((tmp_path / "temp").iterdir()) == []
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(int(worker.name.removeprefix("worker-")), 0)
