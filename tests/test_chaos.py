"""Faults while jobs run cost time, never the answer, and leave nothing: a short form of
`python -m conformance.chaos`, and what it would notice.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

import pytest

from conformance import catalog, chaos
from tests.chaos import faults
from tests.chaos.left_out import PROGRAMS
from tests.chaos.runs import items_of

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what is left behind is read from /proc"
)

SEED = os.environ.get("MINISPARK_SEED", "1")

RUNS = os.environ.get("MINISPARK_CHAOS", "8")
"""1000 for the full set."""


def test_runs_with_faults_give_the_right_answers_and_leave_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = chaos.main(["--runs", RUNS, "--seed", SEED])
    out = capsys.readouterr().out
    assert status == 0, out
    assert f"{RUNS} runs with faults" in out
    assert "  0 bad runs" in out


NO_RETRIES = """
from minispark.engine import scheduler
init = scheduler.Scheduler.__init__
def without(self, *args, **kwargs):
    init(self, *args, **kwargs)
    self._retries = self._retries._replace(task_failures=1)
scheduler.Scheduler.__init__ = without
"""

NO_CHECKSUMS = """
import types
from minispark.engine import blockfile
blockfile.zlib = types.SimpleNamespace(crc32=lambda data: 0)
"""

A_LOST_WORKER_IS_WAITED_FOR = """
import threading
from minispark.engine.executors import processes
def wait(self, attempt):
    try:
        return run(self, attempt)
    except processes.WorkerLost:
        threading.Event().wait()
run = processes._Worker.run
processes._Worker.run = wait
"""

FILES_STAY = """
from minispark.engine import localdir
localdir.LocalDirectory.remove = lambda self: self._lock.close()
"""

THREADS_STAY = """
import threading
from minispark.engine import engine
stop = engine.Engine.stop
def with_thread(self):
    stop(self)
    threading.Thread(target=threading.Event().wait, name="left-behind", daemon=True).start()
engine.Engine.stop = with_thread
"""

PROCESSES_STAY = """
import subprocess
from minispark.engine import engine
stop = engine.Engine.stop
def with_process(self):
    stop(self)
    subprocess.Popen(["sleep", "1000"])
engine.Engine.stop = with_process
"""


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        pytest.param(NO_RETRIES, "expected", id="no-retries"),
        pytest.param(NO_CHECKSUMS, "expected", id="no-checksums"),
        pytest.param(FILES_STAY, "file /", id="files-stay"),
        pytest.param(THREADS_STAY, "thread left-behind", id="threads-stay"),
        pytest.param(PROCESSES_STAY, "process ", id="processes-stay"),
        pytest.param(A_LOST_WORKER_IS_WAITED_FOR, 'sitecustomize.py", line', id="a-hang"),
    ],
)
def test_what_an_engine_does_wrong_is_noticed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    planted: str,
    told: str,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'tests.chaos.worker' in sys.orig_argv or '-c' in sys.orig_argv:\n"
        + "".join(f"    {line}\n" for line in planted.splitlines())
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seconds = "10" if planted == A_LOST_WORKER_IS_WAITED_FOR else "60"
    assert chaos.main(["--runs", "20", "--seed", SEED, "--seconds", seconds, "--bad", "1"]) == 1
    out = capsys.readouterr().out
    assert told in out
    assert f"--runs 1 --seed {SEED} --first " in out


def test_a_number_and_a_seed_name_one_run() -> None:
    titles = [f"area.{n}" for n in range(100)]
    assert items_of(7, 3, titles) == items_of(7, 3, titles)
    assert items_of(7, 3, titles) != items_of(7, 4, titles)
    assert items_of(7, 3, titles) != items_of(8, 3, titles)


def test_what_is_left_out_is_there() -> None:
    known = {program.title: program for program in catalog.discover()}
    assert [title for title in PROGRAMS if title not in known] == []
    assert not any(known[title].makes_its_own_context for title in PROGRAMS)


def test_an_attempt_that_is_the_last_is_left_alone() -> None:
    weather = faults.Weather(failing=1.0, damage=0.0, parent=0.0)
    plans = [faults.plan(Random(n), weather, may_fail=False, has_worker=True) for n in range(200)]
    assert {plan.in_task and plan.in_task.kind for plan in plans} == {faults.DELAY}
    assert not any(plan.loses_result or plan.kill_after is not None for plan in plans)
