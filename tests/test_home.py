"""Relative paths are in the working directory of a process's first context, as in Spark."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minispark import SparkContext
from minispark.io import home


def run(program: str, cwd: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *(command or ("-c", program))],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PROGRAM = """\
import os
from minispark import SparkContext
os.chdir("first")
sc = SparkContext("local")
made = sc.textFile("a.txt")
os.chdir("../second")
print(made.collect(), sc.textFile("a.txt").collect())
sc.parallelize([1], 1).saveAsTextFile("out")
sc.stop()
sc = SparkContext("local[2]")
print(sc.textFile("a.txt").collect(), sc.parallelize([1], 1).map(lambda _: os.getcwd()).collect())
sc.addFile("a.txt")
"""


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(f"{name}\n")
    return tmp_path


def test_it_stays_where_the_first_context_of_the_process_was_made(folders: Path) -> None:
    first, second = run(PROGRAM, folders).splitlines()
    assert first == "['first'] ['first']"
    assert second == f"['first'] ['{folders / 'first'}']"
    assert (folders / "first" / "out" / "_SUCCESS").exists()


def test_a_submitted_program_has_it_from_its_start(folders: Path) -> None:
    program = folders / "first" / "program.py"
    program.write_text(
        "import os\n"
        "from pyspark import SparkContext\n"
        "os.chdir('../second')\n"
        "print(SparkContext('local').textFile('a.txt').collect())\n"
    )
    arguments = ("-m", "minispark.cli.submit", "program.py")
    assert run("", folders / "first", *arguments) == "['first']\n"


def test_absolute_paths_need_none(
    sc: SparkContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    (tmp_path / "a.txt").write_text("here\n")
    monkeypatch.setattr(home, "_home", None)
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        assert sc.textFile(str(tmp_path / "a.txt")).collect() == ["here"]
        sc.parallelize([1], 1).saveAsTextFile(str(tmp_path / "out"))
        with pytest.raises(FileNotFoundError):
            sc.textFile("a.txt").collect()
    finally:
        os.chdir(tmp_path)
    assert (tmp_path / "out" / "part-00000").read_text() == "1\n"
