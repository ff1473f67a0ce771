"""`minispark-submit`: what a line means, what the program finds, how it ends.

Programs run in processes of their own, with none of this process's Spark settings.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from minispark.dropin import STANDIN
from minispark.launcher.options import LineError, read_line, take_option
from minispark.launcher.settings import settings_of

PREFIXES = ("SPARK", "PYSPARK", "PYTHONHASHSEED", "PYTHONUNBUFFERED", "MASTER", "JAVA_HOME")
SUBMIT = [sys.executable, "-m", "minispark.cli.submit"]

TELL = """
    import json, sys
    from pyspark import SparkContext
    sc = SparkContext()
    print(json.dumps(dict(sc.getConf().getAll())))
"""


def environment(**more: str) -> dict[str, str]:
    """The variables of this process, but for Spark's."""
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith(PREFIXES)},
        **more,
    }


class Folder:
    """A directory with programs, in which lines are submitted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
        return file

    def submit(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SUBMIT, *words],
            cwd=self.path,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def run(self, program: str, *words: str, **variables: str) -> str:
        """What a program prints, which has to end well and say nothing else."""
        self.write("program.py", program)
        done = self.submit(*words, "program.py", **variables)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def settings(self, *words: str, **variables: str) -> dict[str, Any]:
        """The settings of the program's context."""
        self.write("program.py", TELL)
        done = self.submit(*words, "program.py", **variables)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# -- lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "options", "settings"),
    [
        (["--master", "local[2]", "a.py"], {"--master": "local[2]"}, {}),
        (["--master=local[2]", "a.py"], {"--master": "local[2]"}, {}),
        (["-c", "spark.a=b=c", "--conf=spark.d=", "a.py"], {}, {"spark.a": "b=c", "spark.d": ""}),
        (["--conf", "spark.a=1", "--conf", "spark.a=2", "a.py"], {}, {"spark.a": "2"}),
        (["--name", "--verbose", "a.py"], {"--name": "--verbose"}, {}),
        (["--name", "", "a.py"], {"--name": ""}, {}),
    ],
)
def test_a_line(words: list[str], options: dict[str, str], settings: dict[str, str]) -> None:
    line = read_line(words)
    assert (line.options, line.settings, line.program) == (options, settings, "a.py")


def test_what_is_behind_the_program_is_the_program_s() -> None:
    line = read_line(["-v", "a.py", "--master", "x", "--unknown"])
    assert line.switches == {"--verbose"}
    assert line.arguments == ("--master", "x", "--unknown")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mastre", "local"], "Unrecognized option: --mastre"),
        (["--foo=bar", "a.py"], "Unrecognized option: --foo"),
        (["-c=spark.a=1", "a.py"], "Unrecognized option: -c=spark.a=1"),
        (["--name="], "Unrecognized option: --name="),
        (["--master"], "Missing argument for option '--master'."),
        (["--conf", "spark.a"], "Invalid argument to --conf: spark.a"),
    ],
)
def test_a_line_that_spark_submit_refuses(words: list[str], message: str) -> None:
    with pytest.raises(LineError) as raised:
        read_line(words)
    assert str(raised.value) == message


def test_an_option_of_ours_is_taken_out_of_a_line() -> None:
    words = ["--name", "--engine", "--engine=pyspark", "-x", "a.py", "--engine", "b"]
    assert take_option("--engine", words) == (
        "pyspark",
        ["--name", "--engine", "-x", "a.py", "--engine", "b"],
    )
    with pytest.raises(LineError, match="Missing argument"):
        take_option("--engine", ["--engine"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--executor-cores", "x"], "Executor cores must be a positive number, not 'x'"),
        (["--executor-memory", "0g"], "Executor memory must be a positive number, not '0g'"),
        (["--num-executors", "1g"], "Number of executors must be a positive number, not '1g'"),
        (["-c", "spark.executor.memory=x"], "Executor memory must be a positive number, not 'x'"),
        (["--deploy-mode", "x"], '--deploy-mode must be either "client" or "cluster"'),
        (["--properties-file", "nowhere"], "Invalid properties file 'nowhere'."),
        (["--master", "x"], "Master must either be yarn or start with spark, k8s, or local"),
    ],
)
def test_values_that_spark_submit_refuses(words: list[str], message: str) -> None:
    with pytest.raises(LineError) as raised:
        settings_of(read_line([*words, "a.py"]), {})
    assert str(raised.value).startswith(message)


# -- settings --------------------------------------------------------------------------------


def test_what_counts_more(folder: Folder) -> None:
    folder.write("conf/spark-defaults.conf", "spark.a defaults\nspark.b defaults\nspark.c d\n")
    folder.write("my.properties", "spark.a=file\nspark.b=file\nspark.master=local[5]\n")
    conf = str(folder.path / "conf")
    pick = lambda found: [found.get(f"spark.{key}") for key in ("a", "b", "c", "master")]
    assert pick(folder.settings()) == [None, None, None, "local[*]"]
    assert pick(folder.settings(SPARK_CONF_DIR=conf)) == ["defaults", "defaults", "d", "local[*]"]
    assert pick(folder.settings(SPARK_HOME=str(folder.path)))[:1] == ["defaults"]
    file = ["--properties-file", "my.properties"]
    assert pick(folder.settings(*file, SPARK_CONF_DIR=conf)) == ["file", "file", None, "local[5]"]
    both = [*file, "--load-spark-defaults", "-c", "spark.a=option", "-c", "spark.master=local[6]"]
    found = folder.settings(*both, SPARK_CONF_DIR=conf, MASTER="local[7]")
    assert pick(found) == ["option", "file", "d", "local[6]"]
    assert pick(folder.settings(*both, "--master", "local[8]"))[3] == "local[8]"
    assert pick(folder.settings(MASTER="local[7]"))[3] == "local[7]"


def test_what_a_program_sets_counts_most(folder: Folder) -> None:
    told = folder.run(
        """
        from pyspark import SparkConf, SparkContext
        early = SparkConf()
        print(early.getAll())
        conf = SparkConf().setMaster("local[1]").set("spark.a", "program")
        with SparkContext(conf=conf) as sc:
            print(sc.master, sc.appName, sc.getConf().get("spark.a"))
        print(SparkConf().get("spark.master"), SparkContext.getSystemProperty("spark.a"))
        """,
        *("--master", "local[2]", "--name", "named", "-c", "spark.a=option"),
    )
    assert told.splitlines() == ["[]", "local[1] named program", "local[2] option"]


def test_properties_are_java_s(folder: Folder) -> None:
    folder.write(
        "x.properties",
        r"""
        # a comment
        ! another
        spark.blank   one two
        spark.colon:v
        spark.unicode \u00e9\
             more
        spark.empty
        spark.key\ with\ blanks=1
        """,
    )
    found = folder.settings("--properties-file", "x.properties")
    assert found["spark.blank"] == "one two"
    assert found["spark.colon"] == "v"
    assert found["spark.unicode"] == "émore"
    assert found["spark.empty"] == ""
    assert found["spark.key with blanks"] == "1"


def test_a_setting_that_is_not_spark_s_is_left_out_and_named(folder: Folder) -> None:
    folder.write("program.py", TELL)
    done = folder.submit("--conf", "other.x=1", "--conf", " spark.a=1", "program.py")
    assert done.stderr.splitlines() == [
        "Warning: Ignoring non-Spark config property: other.x",
        "Warning: Ignoring non-Spark config property:  spark.a",
    ]
    assert not {"other.x", " spark.a", "spark.a"} & set(json.loads(done.stdout))


def test_the_application_is_called_after_the_program(folder: Folder) -> None:
    assert folder.settings()["spark.app.name"] == "program.py"
    assert folder.settings("--name", "x")["spark.app.name"] == "x"


def test_verbose_shows_what_was_read_and_no_secrets(folder: Folder) -> None:
    folder.write("program.py", "")
    secrets = ["-c", "spark.my.password=abc", "-c", "spark.x=my-token", "-c", "spark.y=z"]
    done = folder.submit("-v", "--master", "local[3]", *secrets, "program.py", "a", "b")
    assert done.returncode == 0
    shown = [" ".join(line.split()) for line in done.stderr.splitlines()]
    assert {"master local[3]", "arguments [a b]", "(spark.y,z)"} <= set(shown)
    assert "(spark.my.password,*********(redacted))" in shown
    assert "(spark.x,*********(redacted))" in shown
    assert "abc" not in done.stderr
    other = folder.submit("-v", "-c", "spark.redaction.regex=y", "-c", "spark.y=q", "program.py")
    assert "(spark.y,*********(redacted))" in other.stderr


# -- without minispark-submit ----------------------------------------------------------------


def plain(folder: Folder, program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder.write("plain.py", program))],
        cwd=folder.path,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


PLAIN = """
    from minispark import SparkConf, SparkContext
    print(SparkConf().get("spark.x"))
    sc = SparkContext()
    print(sc.master, sc.appName, sc.getConf().get("spark.x"), SparkConf().get("spark.x"))
"""


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "local[*] pyspark-shell None None"),
        ({"MASTER": "local[6]"}, "local[6] pyspark-shell None None"),
        (
            {"PYSPARK_SUBMIT_ARGS": "--master local[3] --conf 'spark.x=a b' pyspark-shell"},
            "local[3] pyspark-shell a b a b",
        ),
        ({"PYSPARK_SUBMIT_ARGS": "--name n pyspark-shell"}, "local[*] n None None"),
    ],
)
def test_a_plain_program_reads_the_environment(
    folder: Folder, variables: dict[str, str], told: str
) -> None:
    assert plain(folder, PLAIN, **variables).stdout.splitlines() == ["None", told]


def test_a_plain_program_reads_spark_defaults(folder: Folder) -> None:
    folder.write("conf/spark-defaults.conf", "spark.x 1\nspark.master local[4]\n")
    done = plain(folder, PLAIN, SPARK_CONF_DIR=str(folder.path / "conf"))
    assert done.stdout.splitlines() == ["None", "local[4] pyspark-shell 1 1"]


def test_submit_args_without_effect_are_named(folder: Folder) -> None:
    words = "--packages a:b:c -v --conf spark.x=1 --conf other.y=1 pyspark-shell"
    done = plain(folder, PLAIN, PYSPARK_SUBMIT_ARGS=words)
    assert done.stdout.splitlines() == ["None", "local[*] pyspark-shell 1 1"]
    first, second, *shown = done.stderr.splitlines()
    assert first == "Warning: Ignoring non-Spark config property: other.y"
    assert second == "Warning: without effect on minispark: --packages (there is no JVM)"
    assert "(spark.x,1)" in shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("--master local[3]", "it has to end with pyspark-shell"),
        ("--conf bad pyspark-shell", "Invalid argument to --conf: bad"),
        ("--conf 'open pyspark-shell", "No closing quotation"),
        ("--deploy-mode cluster pyspark-shell", "Cluster deploy mode is not supported"),
        ("--remote sc://host pyspark-shell", "--remote is not supported by minispark"),
        ("", "it has to end with pyspark-shell"),
    ],
)
def test_submit_args_that_pyspark_could_not_start_with(folder: Folder, text: str, why: str) -> None:
    done = plain(
        folder,
        """
        from minispark import SparkContext
        from minispark.errors import PySparkRuntimeError
        for _ in range(2):
            try:
                SparkContext()
            except PySparkRuntimeError as error:
                print(error.getCondition(), error)
        """,
        PYSPARK_SUBMIT_ARGS=text,
    )
    first, second = done.stdout.splitlines()
    assert first == second
    assert first.startswith(f"JAVA_GATEWAY_EXITED [JAVA_GATEWAY_EXITED] PYSPARK_SUBMIT_ARGS: {why}")


# -- the program -----------------------------------------------------------------------------


def test_pyspark_is_minispark_in_the_program_and_in_what_it_imports(folder: Folder) -> None:
    folder.write("helper.py", "from pyspark import SparkContext\nfrom pyspark.rdd import RDD\n")
    told = folder.run(
        """
        import pyspark, helper
        from py4j.protocol import Py4JJavaError
        sc = pyspark.SparkContext("local[2]")
        print(helper.SparkContext is pyspark.SparkContext, helper.RDD.__module__)
        print(sc.parallelize([1, 2, 3]).map(lambda x: x * 2).sum())
        try:
            sc.parallelize([1]).map(lambda x: 1 / 0).count()
        except Py4JJavaError as error:
            print("caught")
        """
    )
    assert told.splitlines() == ["True minispark.core.rdd", "12", "caught"]


def test_pyspark_is_minispark_in_processes_that_the_program_starts(folder: Folder) -> None:
    told = folder.run(
        """
        import multiprocessing, subprocess, sys
        from pyspark import SparkContext
        def where(name):
            return SparkContext.__module__
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(where, ["x"]))
            for line in ("import pyspark.rdd; print(pyspark.rdd.RDD.__module__, pyspark.__name__)",
                         "from py4j.protocol import Py4JJavaError; print(Py4JJavaError.__name__)"):
                print(subprocess.check_output([sys.executable, "-c", line], text=True).strip())
        """
    )
    assert told.splitlines() == [
        "['minispark.core.context']",
        "minispark.core.rdd pyspark",
        "SparkException",
    ]


def test_the_program_finds_what_python_gives_a_program(folder: Folder) -> None:
    folder.write(
        "deep/program.py",
        """
        import os, sys, __main__
        print(__name__, __file__ == sys.argv[0] == os.path.abspath("deep/program.py"))
        print(sys.argv[1:], sys.path[0] == os.path.dirname(__file__))
        print(__main__.x if "x" in globals() else None, __spec__, __package__, __doc__)
        print(sorted(set(globals()) - {"os", "sys", "__main__", "__annotations__"}))
        """,
    )
    done = folder.submit("deep/program.py", "a", "--b", "c d")
    plainly = subprocess.run(
        [sys.executable, str(folder.path / "deep" / "program.py"), "a", "--b", "c d"],
        cwd=folder.path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[:2] == ["__main__ True", "['a', '--b', 'c d'] True"]
    assert done.stdout == plainly.stdout


def test_a_directory_that_python_is_to_leave_out_is_left_out(folder: Folder) -> None:
    program = "import sys; print(sys.path[0])"
    assert folder.run(program) == f"{folder.path}\n"
    assert folder.run(program, PYTHONSAFEPATH="1") == f"{STANDIN}\n"


def test_functions_and_classes_of_the_program_can_be_pickled(folder: Folder) -> None:
    told = folder.run(
        """
        import pickle
        from pyspark import SparkContext
        class Point:
            def __init__(self, x): self.x = x
        def double(point): return Point(point.x * 2)
        print(pickle.loads(pickle.dumps(double)) is double)
        print(type(pickle.loads(pickle.dumps(Point(1)))) is Point)
        sc = SparkContext("local[2]")
        found = sc.parallelize([Point(1), Point(2)]).map(double).collect()
        print([(type(point) is Point, point.x) for point in found])
        """
    )
    assert told.splitlines() == ["True", "True", "[(True, 2), (True, 4)]"]


def test_strings_hash_as_in_spark_s_python(folder: Folder) -> None:
    program = "import os; print(hash('a'), os.environ['PYTHONHASHSEED'])"
    first = folder.run(program)
    assert first == folder.run(program, PYTHONHASHSEED="17")
    assert first.split()[1] == "0"


def test_a_traceback_begins_with_the_program(folder: Folder) -> None:
    path = folder.write("program.py", "def f():\n    raise ValueError('boom')\nf()\n")
    done = folder.submit("program.py")
    plainly = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (1, plainly.stderr)


def test_a_syntax_error_is_python_s(folder: Folder) -> None:
    path = folder.write("program.py", "x = = 1\n")
    done = folder.submit("program.py")
    plainly = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (1, plainly.stderr)


@pytest.mark.parametrize(
    ("program", "status", "error"),
    [
        ("", 0, ""),
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit(-1)", 255, ""),
        ("import sys; sys.exit('text')", 1, "text\n"),
        ("import os; print('x'); os._exit(5)", 5, ""),
        (
            "import sys; sys.excepthook = lambda *a: print('hook', file=sys.stderr); 1/0",
            1,
            "hook\n",
        ),
        ("import atexit, sys; atexit.register(lambda: print('end', file=sys.stderr))", 0, "end\n"),
    ],
)
def test_how_a_program_ends(folder: Folder, program: str, status: int, error: str) -> None:
    folder.write("program.py", program)
    done = folder.submit("program.py")
    assert (done.returncode, done.stderr) == (status, error)


def test_an_interrupt_ends_with_the_status_of_spark_submit(folder: Folder) -> None:
    folder.write("program.py", "raise KeyboardInterrupt")
    assert folder.submit("program.py").returncode == 130


def test_output_goes_out_as_it_is_written(folder: Folder) -> None:
    folder.write("program.py", "import os\nprint('begun', end='')\nos._exit(0)\n")
    assert folder.submit("program.py").stdout == "begun"
    assert folder.submit("program.py", PYTHONHASHSEED="0").stdout == "begun"


SLEEPER = """
    import time
    from pyspark import SparkContext
    sc = SparkContext("local[2]", conf=None)
    print("ready", flush=True)
    try:
        sc.parallelize([1, 2], 2).map(lambda x: time.sleep(600)).collect()
    finally:
        print("finally", flush=True)
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_ends_the_program_and_leaves_nothing(
    folder: Folder, number: signal.Signals, status: int
) -> None:
    folder.write("program.py", SLEEPER)
    files = folder.path / "local"
    process = subprocess.Popen(
        [*SUBMIT, "-c", f"spark.local.dir={files}", "program.py"],
        cwd=folder.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.3)  # into the job; before it would do as well
    process.send_signal(number)
    told, error = process.communicate(timeout=30)
    assert (process.returncode, told) == (status, "finally\n")
    assert list(files.iterdir()) == []
    if number != signal.SIGINT:
        assert error == ""


def test_a_forked_process_ends_by_the_signal(folder: Folder) -> None:
    told = folder.run(
        """
        import multiprocessing
        from pyspark import SparkContext
        sc = SparkContext("local[2]")
        kept = sc.parallelize(range(10), 2).cache()
        kept.count()
        begun = multiprocessing.get_context("fork").Event()
        def wait():
            begun.set()
            while True:
                try:
                    multiprocessing.Event().wait(60)
                except BaseException:
                    pass
        process = multiprocessing.get_context("fork").Process(target=wait)
        process.start()
        begun.wait(60)
        process.terminate()
        process.join(30)
        print(process.exitcode, kept.sum())
        process.kill()
        """
    )
    assert told == "-15 45\n"


def test_a_program_goes_on_when_nobody_reads_its_output(folder: Folder) -> None:
    folder.write(
        "program.py",
        """
        import sys
        for number in range(100_000):
            print(number)
        open("done.txt", "w").write("yes")
        sys.exit(4)
        """,
    )
    with subprocess.Popen(
        [*SUBMIT, "program.py"],
        cwd=folder.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        assert process.wait(timeout=60) == 4
        assert process.stderr.read() == ""
    assert (folder.path / "done.txt").read_text() == "yes"


# -- files -----------------------------------------------------------------------------------


def test_py_files_are_there_before_the_context_and_in_tasks(folder: Folder) -> None:
    folder.write("lib/one.py", "def add(x): return x + 100\n")
    folder.write("lib/beside.py", "")
    with zipfile.ZipFile(folder.path / "pack.zip", "w") as archive:
        archive.writestr("pack/__init__.py", "def add(x): return x + 200\n")
    told = folder.run(
        """
        import importlib.util, os
        import one, pack
        from pyspark import SparkContext
        os.chdir("/")
        sc = SparkContext("local[2]")
        print(sc.parallelize([1], 1).map(lambda x: (one.add(x), pack.add(x))).collect())
        print(importlib.util.find_spec("beside"), sc.getConf().get("spark.submit.pyFiles"))
        """,
        *("--py-files", "lib/one.py,pack.zip"),
    )
    names = ",".join(str(folder.path / name) for name in ("lib/one.py", "pack.zip"))
    assert told.splitlines() == ["[(101, 201)]", f"None {names}"]


def test_files_and_archives_are_found_by_tasks(folder: Folder) -> None:
    folder.write("a b%41.txt", "text")
    folder.write("one.csv", "1")
    folder.write("two.csv", "2")
    with zipfile.ZipFile(folder.path / "pack.zip", "w") as archive:
        archive.writestr("inside.txt", "packed")
    told = folder.run(
        """
        import os
        from pyspark import SparkContext, SparkFiles
        sc = SparkContext("local[2]")
        def read(name): return open(SparkFiles.get(name)).read()
        print(sc.parallelize(["a b%41.txt", "two.csv", "p/inside.txt"], 1).map(read).collect())
        """,
        *("--files", "a b%41.txt,*.csv", "--archives", "pack.zip#p"),
    )
    assert told == "['text', '2', 'packed']\n"


def test_a_pattern_that_no_file_matches_is_told(folder: Folder) -> None:
    folder.write("program.py", TELL)
    for words in (["--files", "*.nothing"], ["--conf", "spark.files=*.nothing"]):
        done = folder.submit(*words, "program.py")
        assert done.returncode == 0
        assert done.stderr == "Warning: no file matches '*.nothing'\n"
        assert "spark.files" not in json.loads(done.stdout)


def test_a_file_that_is_missing_is_an_error_of_the_context(folder: Folder) -> None:
    folder.write("program.py", "print('begun')\n" + dedent(TELL))
    for option in ("--files", "--py-files", "--archives"):
        done = folder.submit(option, "missing.py", "program.py")
        assert (done.returncode, done.stdout) == (1, "begun\n")
        assert "missing.py" in done.stderr.splitlines()[-1]


# -- what is refused or has no effect --------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--deploy-mode", "cluster", "a.py"], "Cluster deploy mode is not supported"),
        (["-c", "spark.submit.deployMode=cluster", "a.py"], "Cluster deploy mode is not"),
        (["--class", "x", "a.py"], "--class is not supported by minispark"),
        (["--supervise", "a.py"], "--supervise is not supported by minispark"),
        (["--kill", "x"], "--kill is not supported by minispark"),
        (["--proxy-user", "x", "a.py"], "--proxy-user is not supported by minispark"),
        (["a.jar"], "'a.jar' is no Python program"),
        (["a.R"], "'a.R' is no Python program"),
    ],
)
def test_what_is_not_possible_names_the_way_out(
    folder: Folder, words: list[str], message: str
) -> None:
    folder.write("a.py", "print('ran')")
    done = folder.submit(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {message}")
    assert "minispark-submit --engine pyspark" in done.stderr


def test_options_without_effect_are_named(folder: Folder) -> None:
    folder.write("program.py", TELL)
    words = ["--driver-memory", "1g", "--jars", "a.jar", "--queue", "q", "--executor-cores", "2"]
    done = folder.submit(*words, "program.py")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Warning: without effect on minispark: --jars (there is no JVM)",
        "Warning: without effect on minispark: --executor-cores, --queue (with a local master "
        "the program has one process, and no executors)",
    ]
    assert json.loads(done.stdout)["spark.driver.memory"] == "1g"


def test_a_program_that_is_not_there(folder: Folder) -> None:
    done = folder.submit("missing.py")
    assert done.returncode == 2
    assert done.stderr.endswith("missing.py': [Errno 2] No such file or directory\n")


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ([], 255, "Usage: minispark-submit"),
        (["--help"], 0, "Usage: minispark-submit"),
        (["-h", "--unknown"], 0, "Usage: minispark-submit"),
        (["--usage-error"], 1, "Usage: minispark-submit"),
        (["--version"], 0, "minispark 0.1.0: the API of Spark version 4.3.0"),
        (["--conf", "spark.a=1"], 1, "Error: Missing application resource."),
        (["--unknown", "a.py"], 1, "Error: Unrecognized option: --unknown"),
        (["--engine", "x", "a.py"], 1, "Error: --engine is minispark or pyspark, not 'x'"),
    ],
)
def test_lines_without_a_program(folder: Folder, words: list[str], status: int, text: str) -> None:
    done = folder.submit(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(text)


# -- the other engine ------------------------------------------------------------------------


def test_the_other_engine_gets_the_same_line(folder: Folder) -> None:
    command = folder.write(
        "spark/bin/spark-submit",
        """\
        #!/bin/sh
        echo "$@"
        echo "$PYSPARK_PYTHON $PYSPARK_DRIVER_PYTHON"
        echo "[$PYTHONPATH]"
        exit 7
        """,
    )
    command.chmod(0o755)
    java = folder.write("java/bin/java", "#!/bin/sh\n")
    java.chmod(0o755)
    home = {"SPARK_HOME": str(folder.path / "spark"), "JAVA_HOME": str(folder.path / "java")}
    words = ["--engine", "pyspark", "--unknown", "--master", "yarn", "a.jar", "--engine", "x"]
    done = folder.submit(*words, **home, PYTHONPATH="")
    assert done.returncode == 7
    assert done.stdout.splitlines() == [
        "--unknown --master yarn a.jar --engine x",
        " ".join([os.path.abspath(sys.executable)] * 2),
        "[]",
    ]
    inside = folder.submit("--engine", "pyspark", "a.py", **home, PYTHONPATH=STANDIN)
    assert (inside.returncode, inside.stdout.splitlines()[2]) == (7, "[]")
    missing = folder.submit(*words, **{**home, "JAVA_HOME": str(folder.path)})
    assert missing.returncode == 1
    assert missing.stderr.startswith("Error: --engine pyspark needs Java, and none was found")
    missing = folder.submit(*words, **{**home, "SPARK_HOME": str(folder.path)})
    assert missing.stderr.startswith("Error: --engine pyspark: there is no command")
