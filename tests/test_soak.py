"""Many jobs of all kinds on one context, from eight threads: nothing grows. A short form of
`python -m benchmarks.soak`, and what that would notice.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from benchmarks import soak, soak_jobs
from minispark import SparkContext


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_jobs_of_all_kinds_from_eight_threads_leave_nothing_to_grow(
    executor: str,
) -> None:
    # Memory: so short a run has hardly warmed up.
    options = ["--minutes", "0.2", "--executor", executor, "--growth", "0.3"]
    command = [sys.executable, "-m", "benchmarks.soak", *options]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
    assert " 0 went wrong" in run.stdout
    assert all(f"{job.__name__}: " in run.stdout for job in soak_jobs.JOBS)


ROOT = Path(__file__).parent.parent

FLAT = soak.Sample(0.0, 0, 100.0, 6, 50, 23, 1)


@pytest.mark.parametrize(
    ("name", "by", "is_growth"),
    [
        ("mebibytes", 0.04, False),
        ("mebibytes", 0.10, True),
        ("descriptors", 0.02, True),
        ("threads", 0.05, True),
        ("processes", 0.2, True),
        ("files", 1.0, True),
    ],
)
def test_what_grows_after_the_warming_up_is_named(name: str, by: float, is_growth: bool) -> None:
    start = getattr(FLAT, name)
    samples = [replace(FLAT, **{name: start * (1 + by * n / 100)}) for n in range(100)]
    warming_up = [replace(each, **{name: start * n / 20}) for n, each in enumerate(samples[:20])]
    found = {limit.about for limit in soak.judge(warming_up + samples[20:]) if not limit.met}
    assert found == ({name} if is_growth else set())


def test_a_wrong_answer_and_a_job_that_stays_behind_are_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: list[object] = []

    def wrong(sc: SparkContext, random: Random, directory: Path) -> None:
        soak_jobs.check(sc.parallelize([1, 2]).sum(), 4)

    def keeps(sc: SparkContext, random: Random, directory: Path) -> None:
        kept.append(sc.broadcast(1))
        if len(kept) % 5 == 0:
            threading.Thread(target=threading.Event().wait, daemon=True, args=[30]).start()

    monkeypatch.setattr(soak, "JOBS", (wrong, keeps))
    assert soak.main(["--minutes", "0.05", "--executor", "threads", "--threads", "2"]) == 1
    out = capsys.readouterr()
    assert "found 3, expected 4" in out.err
    assert "NOT MET soak           files" in out.out
    assert "NOT MET soak           threads" in out.out
