"""The hints of the API are at least as precise as PySpark's, as mypy sees them.

`tests/typing/right.py` has to pass, with the types that it asserts; in `wrong.py` exactly the
marked lines have to be refused. Where PySpark is installed the same is asked of its hints: they may
know less on the lines marked as finer, and nowhere more.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy", reason="mypy is in the extra `lint`")

PROGRAMS = Path(__file__).parent / "typing"
FINER = "# finer"


def refused(folder: Path, name: str, engine: str) -> dict[int, set[str]]:
    """The lines of a program that mypy refuses, with the codes of the errors."""
    text = (PROGRAMS / name).read_text("utf-8")
    if engine == "pyspark":  # there minispark.rdd is no file of its own
        text = text.replace("from minispark.rdd ", "from pyspark.core.rdd ")
        text = text.replace("from minispark", "from pyspark")
    program = folder / f"{engine}_{name}"
    program.write_text(text, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    ran = subprocess.run(
        [*command, "--cache-dir", str(folder / "cache"), str(program)],
        cwd=PROGRAMS.parent.parent,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    lines: dict[int, set[str]] = {}
    for line in ran.stdout.splitlines():
        found = re.match(r".*_(?:right|wrong)\.py:(\d+): error: .*\[([a-z-]+)\]$", line)
        if found:
            lines.setdefault(int(found[1]), set()).add(found[2])
        else:
            assert ": note: " in line, line  # an error of the package's own
    return lines


def marked() -> dict[int, set[str]]:
    lines = (PROGRAMS / "wrong.py").read_text("utf-8").splitlines()
    marks = {n: re.search(r"# error: ([a-z,-]+)", line) for n, line in enumerate(lines, 1)}
    return {number: set(mark[1].split(",")) for number, mark in marks.items() if mark}


def finer(name: str) -> set[int]:
    lines = (PROGRAMS / name).read_text("utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith(FINER)}


def test_right_programs_have_the_types_that_they_say(tmp_path: Path) -> None:
    assert (PROGRAMS / "right.py").read_text("utf-8").count("assert_type(") >= 80
    assert refused(tmp_path, "right.py", "minispark") == {}


def test_wrong_programs_are_refused_line_by_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "wrong.py", "minispark") == marked()


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="PySpark not installed")
def test_pyspark_s_hints_know_no_more(tmp_path: Path) -> None:
    assert set(refused(tmp_path, "right.py", "pyspark")) == finer("right.py")
    assert set(refused(tmp_path, "wrong.py", "pyspark")) == set(marked()) - finer("wrong.py")
