"""The pytest plugin: what `import pyspark` gives, the fixtures, and both engines in one run.

Each test is a run of pytest in a process of its own, in a directory with the files that it names.
In the place of the real PySpark is a stand-in that needs no Java (`tests/data/fake_pyspark`);
`tests/live` has the real one.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[1]
STAND_IN = Path(__file__).parent / "data" / "fake_pyspark"
PLUGIN = (
    "minispark"
    if "minispark" in entry_points(group="pytest11").names
    else "minispark.pytest_plugin"
)
WITHOUT = "-p no:randomly -p no:hypothesispytest"
SECONDS = 120


class Project:
    """A directory with tests, and runs of pytest in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        java = directory / "jdk" / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text("#!/bin/sh\nexit 1\n")
        java.chmod(0o755)
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                [str(STAND_IN), str(ROOT), os.environ.get("PYTHONPATH", "")]
            ),
            "JAVA_HOME": str(directory / "jdk"),
            "TMPDIR": str(directory / "tmp"),
        }
        (directory / "tmp").mkdir()
        self.ini()

    def file(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))

    def ini(self, *lines: str) -> None:
        self.file("pytest.ini", "\n".join(["[pytest]", f"addopts = {WITHOUT}", *lines, ""]))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "pytest", "-p", PLUGIN, *arguments]

    def run(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """What a run prints."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == status, printed
        assert list((self.directory / "tmp").glob("minispark-*")) == []
        return printed

    def outcomes(self, *arguments: str, status: int = 0) -> dict[str, str]:
        """How each test ended, by its name with the parameters."""
        printed = self.run("-rA", *arguments, status=status)
        return {
            name: outcome
            for outcome, name in re.findall(r"^([A-Z]+) \S*::(\S+)", printed, re.MULTILINE)
        }


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose runs leave no process behind."""
    yield Project(tmp_path)
    assert _processes_in(tmp_path) == []


def _processes_in(directory: Path) -> list[str]:
    """The processes that work in this directory, once they have had the time to end."""
    if not Path("/proc").is_dir():
        return []
    for _ in range(100):
        found = []
        for link in Path("/proc").glob("[0-9]*/cwd"):
            try:
                if link.resolve() == directory.resolve():
                    found.append((link.parent / "cmdline").read_text().replace("\0", " "))
            except OSError:  # it has ended meanwhile, or is another user's
                continue
        if not any(found):  # one that waits for its parent has no command line
            return []
        time.sleep(0.1)
    return found


# --- which engine -----------------------------------------------------------------------------


def test_without_an_option_no_import_changes_and_nothing_of_the_api_is_imported(project):
    project.file(
        "test_it.py",
        """
        import sys
        import pyspark
        def test_it(pytestconfig):
            assert pyspark.__version__ == "stand-in"
            assert "minispark.pytest_plugin" in sys.modules
            assert "minispark._api" not in sys.modules
        """,
    )
    assert "spark engine" not in project.run()


def test_without_an_option_the_fixtures_are_minisparks_and_the_import_is_left_alone(project):
    project.file(
        "test_it.py",
        """
        import pyspark
        def test_it(sc, spark_engine):
            import minispark
            assert type(sc) is minispark.SparkContext
            assert sc.parallelize([1, 2]).sum() == 3
            assert pyspark.__version__ == "stand-in"
            assert spark_engine == "minispark"
        """,
    )
    project.run()


def test_minispark_is_there_before_a_conftest_imports_pyspark(project):
    project.file("conftest.py", "from pyspark import SparkContext\n")
    project.file(
        "test_it.py",
        """
        from conftest import SparkContext
        from py4j.protocol import Py4JJavaError
        def test_it(sc, spark_engine):
            import minispark
            assert SparkContext is minispark.SparkContext is type(sc)
            assert spark_engine == "minispark"
        """,
    )
    printed = project.run("--spark-engine", "minispark")
    assert re.search(r"^spark engine: minispark \S+ \(in place of PySpark 4.3.0\)$", printed, re.M)


def test_pyspark_is_the_installed_one_and_its_workers_are_this_python(project):
    project.ini("pythonpath = src")
    project.file(
        "test_it.py",
        """
        import os, sys
        import pyspark
        def test_it(sc, spark_engine):
            assert type(sc) is pyspark.SparkContext
            assert pyspark.__version__ == "stand-in"
            assert spark_engine == "pyspark"
            assert os.environ["PYSPARK_PYTHON"] == sys.executable
            # Tasks import what pytest's own setting makes importable.
            assert os.environ["PYTHONPATH"].split(os.pathsep)[0] == os.path.abspath("src")
            assert "minispark._api" not in sys.modules
        """,
    )
    assert "spark engine: PySpark " in project.run("--spark-engine", "pyspark")


def test_the_command_line_goes_before_the_settings(project):
    project.ini("spark_engine = minispark")
    project.file("test_it.py", "def test_it(sc, spark_engine): assert spark_engine == 'minispark'")
    assert "spark engine: minispark" in project.run()
    printed = project.run("--spark-engine", "pyspark", status=1)
    assert "assert 'pyspark' == 'minispark'" in printed


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "spark_engine = sparky",
            "spark_engine = 'sparky' in the settings of pytest: it is one of minispark, pyspark, "
            "both",
        ),
        (
            "spark_conf = spark.master",
            "spark_conf in the settings of pytest: 'spark.master' is not of the form key=value",
        ),
    ],
)
def test_a_wrong_setting_is_named(project, line, told):
    project.ini(line)
    project.file("test_it.py", "def test_it(): pass")
    assert told in project.run(status=4)


@pytest.mark.parametrize("engine", ["pyspark", "both"])
def test_a_missing_pyspark_or_java_is_named_before_any_test(project, engine):
    project.file("test_it.py", "def test_it(): pass")
    arguments = ("--spark-engine", engine)
    project.file(
        "hidden.py",
        """
        from importlib.machinery import PathFinder
        find = PathFinder.find_spec
        def find_spec(name, *rest):
            return None if name == "pyspark" else find(name, *rest)
        PathFinder.find_spec = find_spec
        """,
    )
    printed = project.run("-p", "hidden", *arguments, status=4)
    assert f"the Spark engine '{engine}' was asked for, and PySpark is not installed" in printed
    printed = project.run(*arguments, status=4, JAVA_HOME="/nowhere")
    assert "PySpark needs Java: there is no /nowhere/bin/java in JAVA_HOME (/nowhere)" in printed
    printed = project.run(*arguments, status=4, JAVA_HOME="", PATH=str(project.directory))
    assert "there is no java on PATH, and JAVA_HOME is not set" in printed


def test_an_engine_that_does_not_exist_is_refused(project):
    assert "invalid choice: 'dask'" in project.run("--spark-engine", "dask", status=4)


def test_pyspark_is_refused_where_minispark_stands_in_for_it_already(project):
    project.file("early.py", "import minispark\nminispark.activate()\n")
    printed = project.run("-p", "early", "--spark-engine", "pyspark", status=4)
    assert "minispark.activate() was called before" in printed


# --- fixtures and marker ----------------------------------------------------------------------


def test_settings_of_the_context_come_from_the_settings_of_pytest(project):
    project.file("test_it.py", "def test_it(sc): assert (sc.master, sc.appName) == MASTER_AND_NAME")
    project.file("conftest.py", "import builtins; builtins.MASTER_AND_NAME = 'local[2]', 'pytest'")
    project.run()
    project.run("--spark-engine", "pyspark")
    project.ini("spark_conf =", "    spark.master = local[3]", "    spark.app.name=a = b")
    project.file("conftest.py", "import builtins; builtins.MASTER_AND_NAME = 'local[3]', 'a = b'")
    project.run()
    project.run("--spark-engine", "pyspark")


def test_the_context_is_one_for_the_session_and_is_stopped_at_its_end(project):
    project.file(
        "conftest.py",
        """
        from minispark import SparkContext
        seen = set()
        def pytest_sessionfinish():
            assert len(seen) == 1
            assert SparkContext._active_spark_context is None
            print("all well at the end")
        """,
    )
    project.file(
        "test_it.py",
        """
        from conftest import seen
        def test_one(sc): seen.add(sc)
        def test_two(sc): seen.add(sc)
        """,
    )
    assert "all well at the end" in project.run("-s")


def test_a_context_that_runs_already_is_used_and_left_to_who_made_it(project):
    project.file(
        "conftest.py",
        """
        import pytest
        from minispark import SparkContext
        @pytest.fixture(scope="session", autouse=True)
        def own():
            with SparkContext("local", "own") as context:
                yield
                assert SparkContext._active_spark_context is context
        """,
    )
    project.file("test_it.py", "def test_it(sc): assert sc.appName == 'own'")
    project.run()


def test_what_a_test_sets_for_its_jobs_is_gone_after_it(project):
    project.file(
        "test_it.py",
        """
        def test_one(sc):
            sc.setJobGroup("group", "description")
            sc.setLocalProperty("spark.scheduler.pool", "pool")
            sc.addJobTag("tag")
        def test_two(sc):
            for key in ("spark.jobGroup.id", "spark.job.description", "spark.scheduler.pool"):
                assert sc.getLocalProperty(key) is None
            assert sc.getJobTags() == set()
        """,
    )
    project.run()


def test_a_test_that_stops_the_shared_context_is_the_one_that_fails(project):
    project.file(
        "test_it.py",
        """
        def test_one(sc): sc.stop()
        def test_two(): pass
        """,
    )
    assert project.outcomes(status=1) == {"test_one": "ERROR", "test_two": "PASSED"}
    assert "was stopped in this one: tests after it will fail" in project.run(status=1)


def test_what_needs_a_jvm_is_skipped_on_minispark_alone(project):
    project.file(
        "test_it.py",
        """
        import pytest
        @pytest.mark.needs_jvm
        def test_it(): pass
        @pytest.mark.needs_jvm
        class TestIt:
            def test_sc(self, sc): pass
        """,
    )
    strict = "--strict-markers"
    printed = project.run(strict, "-rs", "--spark-engine", "minispark")
    assert "2 skipped" in printed
    assert "SKIPPED [1] test_it.py:3: needs Spark's JVM, and minispark has none" in printed
    assert "2 passed" in project.run(strict, "--spark-engine", "pyspark")
    # The fixture is minispark's, and what the other test imports is the real one.
    assert "1 passed, 1 skipped" in project.run(strict)
    outcomes = project.outcomes(strict, "--spark-engine", "both")
    assert outcomes == {"test_it[pyspark]": "PASSED", "test_sc[pyspark]": "PASSED"}
    assert "needs_jvm: the test needs Spark's JVM" in project.run("--markers")


# --- both -------------------------------------------------------------------------------------

BOTH = ("--spark-engine", "both")
ONE_OF_EACH = """
    import pytest
    import pyspark

    @pytest.fixture
    def numbers(sc):
        return sc.parallelize([1, 2, 3])

    def test_neither(): pass
    def test_direct(sc): assert sc.parallelize([1, 2]).sum() == 3
    def test_through(numbers): assert numbers.sum() == 6
    @pytest.mark.parametrize("n", [1, 2])
    def test_each(sc, n): assert sc.parallelize([n]).sum() == n
    class TestClass:
        def test_method(self, sc): pass
    @pytest.mark.usefixtures("sc")
    def test_used(): pass
    @pytest.mark.xfail
    def test_known(sc): assert False
    @pytest.mark.skip(reason="because")
    def test_skipped(sc): assert False
    def test_there(sc): assert "minispark" in type(sc).__module__, "the message"
    def test_here(sc): assert "minispark" not in type(sc).__module__
    """
ENDS = {
    "test_neither": "PASSED",
    **{
        f"{name}{engine}]": "PASSED"
        for name in ("test_direct[", "test_through[", "test_each[1-", "test_each[2-", "test_used[")
        for engine in ("minispark", "pyspark")
    },
    "TestClass::test_method[minispark]": "PASSED",
    "TestClass::test_method[pyspark]": "PASSED",
    "test_known[minispark]": "XFAIL",
    "test_known[pyspark]": "XFAIL",
    "test_there[minispark]": "PASSED",
    "test_there[pyspark]": "FAILED",
    "test_here[minispark]": "FAILED",
    "test_here[pyspark]": "PASSED",
}


def test_each_test_that_takes_a_context_runs_on_both_engines(project):
    project.file("test_it.py", ONE_OF_EACH)
    printed = project.run("-rA", *BOTH, status=1)
    found = re.findall(r"^([A-Z]+) test_it\.py::(\S+)", printed, re.MULTILINE)
    assert {name: outcome for outcome, name in found} == ENDS
    assert re.search(r"^SKIPPED \[2\] test_it.py:\d+: because$", printed, re.MULTILINE)
    # The second process's own account of a failed assertion.
    assert "AssertionError: the message" in printed
    assert "assert 'minispark' in 'pyspark.context'" in printed
    engines = printed[printed.index("spark engines =") :].splitlines()[1:6]
    assert engines == [
        "minispark: 7 passed, 1 failed, 1 skipped, 1 xfailed",
        "pyspark: 7 passed, 1 failed, 1 skipped, 1 xfailed",
        "once, on minispark: 1 that take none of sc, spark",
        "differs: test_it.py::test_there: passed on minispark, failed on pyspark",
        "differs: test_it.py::test_here: failed on minispark, passed on pyspark",
    ]
    assert re.search(r"^spark engine: minispark \S+ \(in place.*\) and PySpark ", printed, re.M)


def test_where_no_test_takes_a_context_the_report_says_so(project):
    project.file(
        "test_it.py",
        """
        import unittest

        class TestOwn(unittest.TestCase):
            def test_it(self):
                from pyspark import SparkContext
                SparkContext("local", "own").stop()
        """,
    )
    printed = project.run(*BOTH)
    assert "pyspark: no test was run\nonce, on minispark: 1 that take none of sc, spark" in printed


def test_tests_of_both_engines_are_chosen_by_name_and_by_keyword(project):
    project.file("test_it.py", ONE_OF_EACH)
    names = ("test_it.py::test_each[2-pyspark]", "test_it.py::test_direct[minispark]")
    assert project.outcomes(*BOTH, *names) == dict.fromkeys(
        (name.partition("::")[2] for name in names), "PASSED"
    )
    assert project.outcomes(*BOTH, "-k", "pyspark and each") == {
        "test_each[1-pyspark]": "PASSED",
        "test_each[2-pyspark]": "PASSED",
    }
    deselected = ("--deselect", "test_it.py::test_used[pyspark]")
    assert "20/21 tests collected" in project.run(*BOTH, "--co", *deselected)


def test_the_xml_report_has_the_tests_of_both_engines(project):
    project.file("test_it.py", ONE_OF_EACH)
    project.run(*BOTH, "--junitxml", "report.xml", "--durations", "0", status=1)
    (suite,) = ElementTree.parse(project.directory / "report.xml").getroot()
    assert [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] == [
        "21", "2", "0", "4"
    ]  # fmt: skip
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert len(cases) == 21
    (failure,) = cases["test_there[pyspark]"].iter("failure")
    assert "the message" in failure.get("message", "")
    assert [each.attrib for each in cases["test_direct[pyspark]"].iter("property")] == [
        {"name": "spark_engine", "value": "pyspark"}
    ]
    assert all(float(case.attrib["time"]) >= 0 for case in cases.values())


def test_the_first_failure_ends_the_run_on_either_engine(project):
    project.file(
        "test_it.py",
        """
        def test_one(sc): assert "minispark" in type(sc).__module__
        def test_two(sc): pass
        """,
    )
    assert project.outcomes(*BOTH, "-x", status=1) == {
        "test_one[minispark]": "PASSED",
        "test_two[minispark]": "PASSED",
        "test_one[pyspark]": "FAILED",
    }
    assert "2 failed" not in project.run(*BOTH, "--maxfail=1", status=1)
    project.file("test_it.py", "def test_one(sc): 1 / 0\ndef test_two(sc): pass")
    assert project.outcomes(*BOTH, "-x", status=1) == {"test_one[minispark]": "FAILED"}
    assert "2 failed, 1 passed" in project.run(*BOTH, "--maxfail=2", status=1)


def test_what_failed_on_one_engine_is_what_runs_again(project):
    project.file("test_it.py", ONE_OF_EACH)
    project.run(*BOTH, status=1)
    again = {"test_there[pyspark]": "FAILED", "test_here[minispark]": "FAILED"}
    assert project.outcomes(*BOTH, "--lf", status=1) == again
    assert project.outcomes(*BOTH, "--lf", status=1) == again
    first = project.run(*BOTH, "--ff", "-x", status=1)
    assert "1 failed" in first


def test_output_and_warnings_come_from_where_they_arise(project):
    project.file(
        "test_it.py",
        """
        import sys, warnings
        def test_it(sc, spark_engine, record_property):
            print("printed on", spark_engine)
            print("told on", spark_engine, file=sys.stderr)
            warnings.warn("warned on " + spark_engine, FutureWarning)
            record_property("context", sc)
        """,
    )
    printed = project.run(*BOTH, "-rP")
    for engine in ("minispark", "pyspark"):
        assert f"printed on {engine}" in printed
        assert f"told on {engine}" in printed
        assert f"FutureWarning: warned on {engine}" in printed
    assert "2 passed, 2 warnings" in printed
    free = project.run(*BOTH, "-s")
    assert "printed on pyspark" in free
    assert free.count("test session starts") == 1


def test_fixtures_of_every_scope_are_made_once_an_engine(project):
    project.file(
        "conftest.py",
        """
        import os
        import pytest
        from pyspark import SparkContext

        def note(*what):
            with open("notes.txt", "a") as notes:
                print(SparkContext.__module__, *what, file=notes)

        @pytest.fixture(scope="session")
        def spark():
            "As projects have it: their own."
            with SparkContext("local[2]", "own") as context:
                note("start")
                yield context
            note("stop")

        @pytest.fixture(scope="module")
        def module(spark, request):
            note("module", request.module.__name__)
            yield
            note("end of module", request.module.__name__)
        """,
    )
    text = """
        def test_one(spark, module): assert spark.appName == "own"
        def test_two(spark, module): pass
        """
    project.file("test_a.py", text)
    project.file("test_b.py", text)
    assert "8 passed" in project.run(*BOTH)
    notes = (project.directory / "notes.txt").read_text().splitlines()
    told = ["start"]
    for name in ("test_a", "test_b"):
        told += [f"module {name}", f"end of module {name}"]
    told.append("stop")
    assert notes == [
        f"{home} {each}" for home in ("minispark.core.context", "pyspark.context") for each in told
    ]


def test_a_fixture_that_fails_at_the_end_is_told_of_the_last_test(project):
    project.file(
        "test_it.py",
        """
        import pytest
        @pytest.fixture(scope="session")
        def spark(spark_engine):
            yield
            raise RuntimeError("at the end on " + spark_engine)
        def test_one(spark): pass
        def test_two(spark): pass
        """,
    )
    printed = project.run(*BOTH, "-rA", status=1)
    assert "ERROR test_it.py::test_two[minispark] - RuntimeError: at the end on mini" in printed
    assert "ERROR test_it.py::test_two[pyspark] - RuntimeError: at the end on pyspark" in printed
    assert "4 passed, 2 errors" in printed


def test_other_names_of_fixtures_can_stand_for_a_context(project):
    project.ini("spark_fixtures = spark_session")
    project.file(
        "test_it.py",
        """
        import pytest
        @pytest.fixture(scope="session")
        def spark_session(): return 1
        def test_one(spark_session): pass
        def test_two(sc): pass
        """,
    )
    assert project.outcomes(*BOTH) == {
        "test_one[minispark]": "PASSED",
        "test_one[pyspark]": "PASSED",
        "test_two": "PASSED",
    }


def test_a_test_that_cannot_be_two_says_so(project):
    project.file(
        "test_it.py",
        """
        import unittest
        import pytest
        @pytest.mark.usefixtures("sc")
        class TestIt(unittest.TestCase):
            def test_it(self): pass
        """,
    )
    printed = project.run(*BOTH)
    assert "1 passed, 1 warning" in printed
    assert "runs on minispark alone" in printed


def test_without_a_test_of_pyspark_no_second_process_starts(project):
    project.file("conftest.py", "open('started.txt', 'a').write('x')")
    project.file("test_it.py", "def test_it(): pass\ndef test_sc(sc): pass")
    project.run(*BOTH, "-k", "test_it.py and not pyspark")
    assert (project.directory / "started.txt").read_text() == "x"
    assert project.outcomes(*BOTH, "--co") == {}
    assert (project.directory / "started.txt").read_text() == "xx"


def test_temporary_directories_of_the_two_processes_are_apart(project):
    project.file("test_it.py", "def test_it(sc, tmp_path): (tmp_path / 'x').write_text('')")
    project.run(*BOTH, "--basetemp", "base")
    for name in ("base", "base-pyspark"):
        assert len(list((project.directory / name).glob("*_0/x"))) == 1


# --- both: what goes wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "told"),
    [("os.kill(os.getpid(), 9)", "was killed by SIGKILL"), ("os._exit(7)", "ended: 7")],
)
def test_a_process_that_dies_fails_the_tests_that_it_was_to_run(project, end, told):
    project.file(
        "test_it.py",
        f"""
        import os
        def test_one(sc): pass
        def test_two(sc, spark_engine):
            if spark_engine == "pyspark":
                os.write(2, b"the last words")
                {end}
        def test_three(sc): pass
        """,
    )
    printed = project.run(*BOTH, "-rA", status=1)
    assert "4 passed, 2 failed" in printed.replace("2 failed, 4 passed", "4 passed, 2 failed")
    assert "PASSED test_it.py::test_one[pyspark]" in printed
    for name in ("test_two", "test_three"):
        assert f"FAILED test_it.py::{name}[pyspark]" in printed
    assert len(re.findall("^not passed on PySpark: the pytest", printed, re.MULTILINE)) == 2
    assert f"the pytest process on PySpark {told}" in printed


def test_a_process_that_dies_while_its_own_child_holds_the_pipe_is_noticed(project):
    project.file(
        "test_it.py",
        """
        import os, time
        def test_it(sc, spark_engine):
            if spark_engine == "pyspark":
                if os.fork() == 0:
                    until = time.monotonic() + 30
                    while not os.path.exists("noticed.txt"):
                        if time.monotonic() > until:
                            open("waited.txt", "w").close()
                            os._exit(0)
                        time.sleep(0.05)
                    os._exit(0)
                os._exit(1)
        """,
    )
    assert "process on PySpark ended: 1" in project.run(*BOTH, status=1)
    project.file("noticed.txt", "")
    assert not (project.directory / "waited.txt").exists()


def test_a_conftest_that_fails_on_pyspark_alone_fails_its_tests(project):
    project.file(
        "conftest.py",
        """
        import pyspark
        if pyspark.__version__ == "stand-in":
            raise ImportError("not with this version")
        """,
    )
    project.file("test_it.py", "def test_one(sc): pass\ndef test_two(sc): pass\n")
    printed = project.run(*BOTH, "-rA", status=1)
    assert "2 failed, 2 passed" in printed
    assert "the pytest process on PySpark ended: 4" in printed
    assert "ImportError: not with this version" in printed


def test_a_plugin_that_fails_on_pyspark_is_shown_with_its_traceback(project):
    project.file(
        "conftest.py",
        """
        import pyspark
        def pytest_collection_finish():
            if pyspark.__version__ == "stand-in":
                raise RuntimeError("in a hook")
        """,
    )
    project.file("test_it.py", "def test_one(sc): pass\n")
    printed = project.run(*BOTH, "-rA", "-s", status=1)
    assert "the pytest process on PySpark ended: 3" in printed
    assert "INTERNALERROR> RuntimeError: in a hook" in printed


def test_a_module_that_cannot_be_imported_on_pyspark_fails_its_tests_alone(project):
    project.file("test_a.py", "from pyspark import RDD\ndef test_one(sc): pass\n")
    project.file("test_b.py", "def test_two(sc): pass\n")
    printed = project.run(*BOTH, "-rA", status=1)
    assert "1 failed, 3 passed" in printed
    assert "the pytest process on PySpark has not collected this test" in printed
    assert "cannot import name 'RDD' from 'pyspark'" in printed
    assert "PASSED test_b.py::test_two[pyspark]" in printed


def test_a_test_that_is_there_on_one_engine_only_is_missing_on_the_other(project):
    project.file(
        "test_it.py",
        """
        import pyspark
        def test_one(sc): pass
        if pyspark.__version__ != "stand-in":
            def test_two(sc): pass
        """,
    )
    outcomes = project.outcomes(*BOTH, status=1)
    assert outcomes["test_two[pyspark]"] == "FAILED"
    assert list(outcomes.values()).count("PASSED") == 3


def test_pytest_exit_on_pyspark_ends_the_run(project):
    project.file(
        "test_it.py",
        """
        import pytest
        def test_one(sc, spark_engine):
            if spark_engine == "pyspark":
                pytest.exit("enough", 9)
        def test_two(sc): pass
        """,
    )
    printed = project.run(*BOTH, status=9)
    assert "Exit: enough" in printed
    assert "2 passed" in printed


SLOW_ON_PYSPARK = """
    import time
    from pathlib import Path
    def test_it(sc, spark_engine):
        if spark_engine == "pyspark":
            Path("running.txt").write_text("")
            try:
                time.sleep(60)
            finally:
                Path("ended.txt").write_text("")
    """


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_both_processes_end_when_the_first_is_ended(project, sent):
    project.file("test_it.py", SLOW_ON_PYSPARK)
    running = subprocess.Popen(
        project.command(*BOTH, "--junitxml", "report.xml"),
        cwd=project.directory,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + SECONDS
    while not (project.directory / "running.txt").exists():
        assert time.monotonic() < until
        assert running.poll() is None
        time.sleep(0.05)
    begin = time.monotonic()
    running.send_signal(sent)
    printed, _ = running.communicate(timeout=SECONDS)
    assert running.returncode == (2 if sent == signal.SIGINT else -sent)
    assert ("KeyboardInterrupt" in printed) == (sent == signal.SIGINT)
    assert _processes_in(project.directory) == []
    assert (project.directory / "ended.txt").exists()
    assert time.monotonic() - begin < 30
    # The second process writes no report of its own, which would have its tests alone.
    assert (project.directory / "report.xml").exists() == (sent == signal.SIGINT)
    if sent == signal.SIGINT:
        assert list((project.directory / "tmp").glob("minispark-*")) == []


@pytest.mark.skipif(find_spec("pytest_timeout") is None, reason="pytest-timeout is not installed")
def test_a_test_that_takes_too_long_fails_there_and_the_next_one_runs(project):
    project.file("test_it.py", SLOW_ON_PYSPARK + "\n    def test_two(sc): pass\n")
    printed = project.run(*BOTH, "--timeout", "3", "-rA", status=1)
    assert "1 failed, 3 passed" in printed
    assert "FAILED test_it.py::test_it[pyspark] - Failed: Timeout" in printed


# --- with other plugins -----------------------------------------------------------------------


@pytest.mark.skipif(
    find_spec("xdist") is None or PLUGIN != "minispark",
    reason="pytest-xdist, or minispark's own entry point, is not installed",
)
@pytest.mark.parametrize("engine", ["minispark", "pyspark", "both"])
def test_workers_of_xdist_have_the_engine_too(project, engine):
    project.file("conftest.py", "from pyspark import SparkContext\n")
    project.file(
        "test_it.py",
        """
        import pytest
        from conftest import SparkContext
        @pytest.mark.parametrize("n", range(6))
        def test_it(sc, n, spark_engine):
            assert SparkContext is type(sc)
            assert type(sc).__module__.startswith(spark_engine)
        """,
    )
    printed = project.run("--spark-engine", engine, "-n", "2", "-rA")
    count = 12 if engine == "both" else 6
    assert f"{count} passed" in printed
    if engine == "both":
        assert "minispark: 6 passed\npyspark: 6 passed" in printed


@pytest.mark.skipif(find_spec("pytest_cov") is None, reason="pytest-cov is not installed")
def test_coverage_is_that_of_the_first_process(project):
    project.file("code_.py", "def f(here):\n    if here:\n        return 1\n    return 2\n")
    project.file(
        "test_it.py",
        """
        from code_ import f
        def test_it(sc, spark_engine, pytestconfig):
            f(spark_engine == "minispark")
            assert pytestconfig.option.no_cov == (spark_engine == "pyspark")
        """,
    )
    printed = project.run(
        *BOTH, "--cov", "code_", "--cov-report", "term-missing", "-p", "no:cacheprovider"
    )
    assert re.search(r"^code_\.py +4 +1 +75% +4$", printed, re.MULTILINE)


@pytest.mark.skipif(find_spec("pytest_randomly") is None, reason="it is not installed")
def test_the_random_seed_is_that_of_the_first_process(project):
    project.file("pytest.ini", "[pytest]")
    project.file(
        "test_it.py",
        """
        def test_it(sc, spark_engine, pytestconfig):
            with open(spark_engine + ".txt", "w") as seed:
                seed.write(str(pytestconfig.getoption("randomly_seed")))
        """,
    )
    project.run(*BOTH)
    seeds = {(project.directory / f"{name}.txt").read_text() for name in ("minispark", "pyspark")}
    assert len(seeds) == 1
