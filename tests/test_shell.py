"""The command `minispark`: a shell, driven through a terminal; and what else it says."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_submit import environment

pexpect = pytest.importorskip("pexpect")

PYTHONS = [
    "python",
    pytest.param(
        "ipython",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("IPython") is None, reason="IPython is not installed"
        ),
    ),
]
READY = {"python": ">>> ", "ipython": r"In \[\d+\]: "}
MINISPARK = [sys.executable, "-m", "minispark"]


class Shell:
    """A shell in a terminal. Its files and its history lie in a directory of its own."""

    def __init__(self, folder: Path, python: str, *words: str) -> None:
        self.files = folder / "local"
        self.ready = READY[python]
        variables = {
            "HOME": str(folder),
            "IPYTHONDIR": str(folder),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "PYTHON_BASIC_REPL": "1",
            "SPARK_LOCAL_DIRS": str(self.files),
            "TERM": "dumb",
        }
        if python == "python":
            variables["PYSPARK_DRIVER_PYTHON"] = "python"
        else:
            variables["PYSPARK_DRIVER_PYTHON_OPTS"] = "--colors=NoColor --no-confirm-exit"
        self.process = pexpect.spawn(
            MINISPARK[0],
            [*MINISPARK[1:], *words],
            env=environment(**variables),
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 200),
        )
        self.banner = self.until_ready()

    def until_ready(self) -> str:
        """What it shows until it asks again."""
        self.process.expect(self.ready)
        return str(self.process.before)

    def ask(self, line: str) -> str:
        self.process.sendline(line)
        return self.until_ready()

    def close(self) -> None:
        self.process.close(force=True)


@pytest.fixture(params=PYTHONS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path, request.param, "--master", "local[2]", "--conf", "spark.a=x y")
    yield shell
    shell.close()


def test_the_banner_tells_what_is_ready(shell: Shell) -> None:
    assert "Welcome to minispark version" in shell.banner
    assert f"Using Python version {sys.version.split()[0]}" in shell.banner
    assert "SparkContext available as 'sc' (master = local[2], app id = local-" in shell.banner
    assert "SparkSession available as 'spark'." in shell.banner


def test_jobs_errors_and_an_interrupt(shell: Shell) -> None:
    assert "285" in shell.ask("sc.parallelize(range(10), 2).map(lambda x: x * x).sum()")
    assert "True" in shell.ask("import pyspark; print(type(sc) is pyspark.SparkContext)")
    assert "PySparkShell x y" in shell.ask("print(sc.appName, sc.getConf().get('spark.a'))")
    assert "division by zero" in shell.ask("sc.parallelize([1], 1).map(lambda x: 1 / 0).count()")
    shell.process.sendline(
        "import time; print('be' + 'gun'); sc.parallelize([1, 2], 2).map("
        "lambda x: time.sleep(600)).count()"
    )
    shell.process.expect("begun")
    time.sleep(0.3)  # into the job
    shell.process.sendintr()
    assert "KeyboardInterrupt" in shell.until_ready()
    assert "3" in shell.ask("sc.parallelize([1, 2]).sum()")


def test_the_end_leaves_nothing(shell: Shell) -> None:
    shell.ask("kept = sc.parallelize(range(10), 2).cache(); print(kept.count())")
    assert list(shell.files.iterdir()) != []
    shell.process.sendline("exit()")
    shell.process.expect(pexpect.EOF)
    shell.process.wait()
    assert shell.process.exitstatus == 0
    assert list(shell.files.iterdir()) == []


def test_a_signal_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "python")
    shell.process.kill(signal.SIGTERM)
    shell.process.expect(pexpect.EOF)
    shell.process.wait()
    assert shell.process.exitstatus == 143
    assert list(shell.files.iterdir()) == []


def piped(text: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MINISPARK, *words],
        input=text,
        env=environment(PYSPARK_DRIVER_PYTHON="python", **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_user_s_own_startup_runs_and_no_other_name_is_there(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("mine = sc.parallelize([1, 2]).sum()\n")
    done = piped(
        "print(sorted(n for n in globals() if n[:2] != '__'), mine)\n", PYTHONSTARTUP=str(own)
    )
    assert done.stdout.splitlines()[-1] == "['mine', 'sc', 'spark'] 3"


def test_a_shell_in_a_shell_is_one_shell() -> None:
    inner = f"import subprocess; subprocess.run({MINISPARK!r}, input='print(40 + 2)', text=True)"
    done = piped(inner + "\n")
    assert done.stdout.count("Welcome to minispark") == 2
    assert "42" in done.stdout.splitlines()


def test_a_context_that_cannot_start_is_the_end() -> None:
    done = piped("print('went on')\n", "--master", "yarn")
    assert done.returncode == 1
    assert "masters it accepts: local" in done.stderr
    assert "went on" not in done.stdout
    done = piped("print('went on')\n", "--conf", "spark.python.worker.memory=64")
    assert done.returncode == 1
    assert "minispark: invalid format: spark.python.worker.memory is an amount" in done.stderr
    assert "Traceback" not in done.stderr
    assert "went on" not in done.stdout


LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
HEAVY = {"asyncio", "fsspec", "javaproperties", "multiprocessing", "numpy", "pandas", "psutil"}
"""What takes long to import, and is not needed to begin."""


def test_commands_start_with_what_they_need(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(LOADED + "; print('minispark.core' in sys.modules)")
    modules, core = piped("", "submit", str(program)).stdout.splitlines()
    assert not (HEAVY | {"cloudpickle", "pyspark"}) & set(modules.split())
    assert core == "False"
    modules = piped(LOADED + "\n").stdout.splitlines()[-1]
    assert "cloudpickle" in modules.split()
    assert not HEAVY & set(modules.split())


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["--help"], 0, "Usage: minispark [options]"),
        (["--master", "local", "--help"], 0, "Usage: minispark [options]"),
        (["--version"], 0, "minispark 0.1.0: the API of Spark version 4.3.0"),
        (["a.py"], 1, "Error: this is a shell; a program runs with: minispark-submit a.py"),
        (["foo"], 1, "Error: the shell takes options only, not 'foo'"),
        (["--unknown"], 1, "Error: Unrecognized option: --unknown"),
        (["--deploy-mode", "cluster"], 1, "Error: Cluster deploy mode is not supported"),
        (["submit", "--conf"], 1, "Error: Missing argument for option '--conf'."),
    ],
)
def test_what_it_says(words: list[str], status: int, text: str) -> None:
    done = piped("", *words)
    assert done.returncode == status
    assert (done.stdout if status == 0 else done.stderr).startswith(text)


def test_submit_is_minispark_submit(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import pyspark, sys; print(pyspark.SparkContext('local').version, sys.argv[1])"
    )
    done = piped("", "submit", str(program), "x")
    assert done.stdout == "4.3.0 x\n"


def test_another_python_is_started_if_it_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text('#!/bin/sh\necho "$@ $PYSPARK_SUBMIT_ARGS"\n')
    other.chmod(0o755)
    variables = {"PYSPARK_DRIVER_PYTHON": str(other), "PYSPARK_DRIVER_PYTHON_OPTS": "a 'b c'"}
    done = subprocess.run(
        [*MINISPARK, "--master", "local[3]"],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "a b c --name PySparkShell --master 'local[3]' pyspark-shell\n"
    variables["PYSPARK_DRIVER_PYTHON"] = os.fspath(tmp_path / "nothing")
    done = subprocess.run(MINISPARK, env=environment(**variables), capture_output=True, text=True)
    assert done.returncode == 1
    assert "there is no such command" in done.stderr
