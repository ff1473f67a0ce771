"""The pytest plugin and the sample project with the real PySpark.

Starts JVMs, so it is not part of the ordinary run: `pytest tests/live`. Needs pyspark and Java;
their absence is an error here, not a skip.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.test_pytest_plugin import ROOT, Project, _processes_in
from tests.test_sample_project import SAMPLE, copy_of, environment, run


@pytest.fixture
def project(tmp_path):
    """An empty project, with the real PySpark and Java."""
    project = Project(tmp_path)
    project.environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "TMPDIR": project.environment["TMPDIR"],
    }
    yield project
    assert _processes_in(tmp_path) == []


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ("pyspark", r"^=+ 25 passed in "),
        ("both", r"^=+ 42 passed, 1 skipped in "),
    ],
)
def test_the_sample_project_passes(tmp_path, engine, told):
    done = run(copy_of(SAMPLE, tmp_path / "project"), "--spark-engine", engine)
    assert done.returncode == 0, done.stdout
    assert re.search(told, done.stdout, re.MULTILINE), done.stdout
    if engine == "both":
        lines = done.stdout.splitlines()
        assert "minispark: 17 passed, 1 skipped" in lines
        assert "pyspark: 18 passed" in lines
    assert _processes_in(tmp_path / "project") == []


def test_a_difference_names_the_engine(tmp_path):
    project = copy_of(SAMPLE, tmp_path / "project")
    (project / "tests" / "test_home.py").write_text(
        "def test_where_a_context_is_from(sc):\n"
        "    assert type(sc).__module__.startswith('minispark')\n"
    )
    done = run(project, "--spark-engine", "both", "-k", "where_a_context_is_from")
    assert done.returncode == 1
    assert (
        "differs: tests/test_home.py::test_where_a_context_is_from: passed on minispark, "
        "failed on pyspark" in done.stdout
    )
    assert "1 failed, 1 passed" in done.stdout


def test_the_plugins_own_fixtures_are_of_both_engines(project):
    project.ini("spark_conf =", "    spark.app.name = the tests", "    spark.default.parallelism=3")
    project.file(
        "test_it.py",
        """
        import pytest
        import pyspark
        from minispark.testing import assert_rdd_equal

        def test_settings(sc):
            assert type(sc) is pyspark.SparkContext
            assert (sc.master, sc.appName, sc.defaultParallelism) == ("local[2]", "the tests", 3)

        def test_the_session_is_that_of_the_context(spark, sc):
            assert spark.sparkContext is sc

        def test_of_elements(sc):
            pairs = sc.parallelize([("a", 1), ("b", [2.0, None]), ("a", 3)], 2)
            assert_rdd_equal(pairs.groupByKey(), [("b", [[2.0000001, None]]), ("a", [1, 3])])
            with pytest.raises(AssertionError) as raised:
                assert_rdd_equal(pairs.keys(), ["a", "b", "c"])
            assert str(raised.value).splitlines()[1:] == [
                "missing:", "  'c'", "unexpected:", "  'a' (in partition 1)"]
            with pytest.raises(AssertionError, match="their places are not"):
                assert_rdd_equal(pairs.keys(), [["a", "b"], ["a"]], check_partitions=True)

        def test_group(sc):
            sc.setJobGroup("group", "of the test")
            sc.addJobTag("tag")

        def test_no_group(sc):
            assert sc.getLocalProperty("spark.jobGroup.id") is None
            assert len(sc.getJobTags()) == 0

        @pytest.mark.needs_jvm
        def test_jvm(sc):
            assert sc._jvm.java.lang.Math.abs(-1) == 1
        """,
    )
    printed = project.run("--spark-engine", "both", "-rA")
    assert "11 passed, 1 skipped" in printed


@pytest.mark.parametrize("end", ["test", "run"])
def test_no_jvm_is_left_when_a_process_is_killed(project, end):
    project.file(
        "test_it.py",
        """
        import os, time
        from pathlib import Path
        def test_it(sc, spark_engine):
            assert sc.parallelize([1, 2]).sum() == 3
            if spark_engine == "pyspark":
                Path("running.txt").write_text(str(os.getpid()))
                sc.parallelize([60], 1).foreach(time.sleep)
        """,
    )
    running = subprocess.Popen(
        project.command("--spark-engine", "both"),
        cwd=project.directory,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = project.directory / "running.txt"
    until = time.monotonic() + 120
    while not (told.exists() and told.read_text()):
        assert time.monotonic() < until
        time.sleep(0.1)
    if end == "test":
        os.kill(int(told.read_text()), signal.SIGKILL)
    else:
        running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == (1 if end == "test" else 2), printed
    assert ("was killed by SIGKILL" in printed) == (end == "test")


def test_whole_runs_are_ten_times_as_fast(tmp_path):
    project = copy_of(SAMPLE, tmp_path / "project")
    done = subprocess.run(
        [sys.executable, "compare_times.py", "3"],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    times = re.search(r"minispark is (.*) times as fast", done.stdout)
    assert times
    assert float(times[1]) >= 10
