"""The answers of real PySpark, as they are recorded in the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def conform(
    tmp_path: Path, *options: str, **environment: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    summary = tmp_path / "summary.json"
    env = {key: value for key, value in os.environ.items() if key != "PYTHONHASHSEED"}
    run = subprocess.run(
        [sys.executable, "-m", "conformance", "--json", str(summary), *options],
        cwd=ROOT,
        env=env | environment,
        capture_output=True,
        text=True,
    )
    return run, json.loads(summary.read_text()) if summary.exists() else {}


# Without the interpreter's lock `auto` is threads, but for the one program with a profiler.
THREADS = "threads" if getattr(sys, "_is_gil_enabled", lambda: True)() else "auto"


@pytest.mark.parametrize(
    ("master", "executor", "environment"),
    [
        ("local[2]", "processes", {}),
        ("local", THREADS, {"PYTHONHASHSEED": "0"}),
        ("local[8]", THREADS, {"PYTHONHASHSEED": "123"}),
    ],
)
def test_all_programs_give_the_recorded_answers(
    tmp_path: Path, master: str, executor: str, environment: dict[str, str]
) -> None:
    run, summary = conform(tmp_path, "--master", master, "--executor", executor, **environment)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-5000:]
    assert summary["total"]["programs"] >= 250
    assert summary["total"]["same"] == summary["total"]["programs"]
    assert summary["failed"] == {}


BREAK_THREE_OPERATIONS = """
import sys
if "conformance.worker" in sys.orig_argv:
    from minispark import RDD
    RDD.distinct = lambda self, numPartitions=None: self
    RDD.leftOuterJoin = RDD.join
    RDD.zipWithIndex = lambda self: self.map(lambda x: (x, 0))
"""


def test_the_runner_names_operations_that_are_broken(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BREAK_THREE_OPERATIONS)
    areas = ("--area", "sets", "--area", "joins", "--area", "ordering")
    run, summary = conform(tmp_path, *areas, PYTHONPATH=str(tmp_path))
    assert run.returncode == 1
    assert 0 < summary["total"]["different"] < summary["total"]["programs"]
    for program in (
        "sets.distinct_keeps_the_order_of_first_arrival",
        "joins.left_outer_join",
        "ordering.zip_with_index_over_partitions",
    ):
        assert summary["failed"][program] == "different"
        assert f"{program}: answers differ" in run.stdout
