"""Faults while jobs run: `python -m conformance.chaos --runs 1000 --seed 1`.

    python -m conformance.chaos --runs 1000 --seed 1             a thousand runs
    python -m conformance.chaos --runs 1 --seed 1 --first 17     that run again

For those who judge the engine. A run is a context, in which some random pipelines and some of the
conformance programs run while workers are killed, tasks delayed or made to fail, results lost and
files damaged: see `tests.chaos`. All answers have to be right, and nothing may be left: no file,
process, thread or descriptor. The processes of a run that takes too long write down where their
threads are, and are killed. Runs without a single fault do not count. What runs when differs from
time to time, so a run that went wrong may have to be done again more than once.

Exit status: 0 all well; 1 something went wrong, or a kind of fault did not occur.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from conformance.engines import Worker
from tests.chaos.leftovers import processes_of_session

MODULE = "tests.chaos.worker"
PROGRESS_SECONDS = 60
SECONDS_TO_WRITE = 2.0
"""What a process that hangs has for writing down where its threads are."""

IN_MID_TASK = ("kill at function", "kill from outside")
"""A worker killed while a function of the program runs, or at any time from outside."""

KILLED_SHARE = 0.2
"""In so many runs a worker has to be killed in mid-task."""

ENOUGH = 100
"""So many runs have faults of every kind."""

KINDS = (
    *(f"{kind} at {point}" for kind in ("kill", "raise") for point in ("start", "function", "end")),
    *("kill at committed", "raise at committed", "kill from outside", "parent killed"),
    *(f"delay at {point}" for point in ("start", "function", "end")),
    "result lost",
    *(f"{how}: {what}" for how in ("byte", "cut", "gone") for what in ("shuffle", "rdd")),
)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    started = told = time.monotonic()
    tally = _Tally()
    worker: Worker | None = None
    try:
        for number in count(options.first):
            if worker is None:
                worker = Worker("minispark", MODULE, ["--seed", str(options.seed)])
            with _watched(worker.pid, options.seconds):
                report = worker.ask(str(number))
            tally.add(number, report, options.seed)
            if not worker.alive:
                _kill(worker.pid)
                worker.close()
                worker = None
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                print(f"{tally.runs} runs so far, {len(tally.bad)} bad", file=sys.stderr)
            if tally.runs + len(tally.bad) >= options.runs or len(tally.bad) >= options.bad:
                break
    finally:
        if worker is not None:
            worker.close()
            _kill(worker.pid)
    seconds = time.monotonic() - started
    print(f"{tally.runs} runs with faults in {seconds:.0f} s, seed {options.seed}")
    print(tally.text())
    return 1 if tally.bad or tally.missing() else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.chaos",
        description="Runs pipelines and programs while faults are injected.",
    )
    parser.add_argument("--runs", type=int, default=1000, help="how many runs (1000)")
    parser.add_argument("--seed", type=int, default=1, help="which series of runs (1)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one (0)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for one run (60)")
    parser.add_argument("--bad", type=int, default=10, help="bad runs, then it stops (10)")
    return parser


class _Tally:
    """What came of the runs so far."""

    def __init__(self) -> None:
        self.runs = 0
        self.bad: list[int] = []
        self._killed = 0
        self._executors: Counter[str] = Counter()
        self._items: Counter[str] = Counter()
        self._injected: Counter[str] = Counter()
        self._noticed: Counter[str] = Counter()

    def add(self, number: int, report: dict[str, Any], seed: int) -> None:
        """Count a run; print it if something is wrong with it."""
        broken = [report["broken"]] if "broken" in report else []
        wrong = [*broken, *report.get("differences", ()), *report.get("left", ())]
        if wrong:
            self.bad.append(number)
            again = f"python -m conformance.chaos --runs 1 --seed {seed} --first {number}"
            about = [f"{name}: {report[name]}" for name in ("titles", "injected") if name in report]
            print(f"\nrun {number} of seed {seed} ({again})", *about, *wrong, sep="\n  ")
            sys.stdout.flush()
        elif report["injected"]:
            self.runs += 1
        if not broken:
            self._killed += any(kind in report["injected"] for kind in IN_MID_TASK)
            self._executors[report["executor"]] += 1
            self._items.update(
                "pipelines" if title.startswith("pipeline ") else "programs"
                for title in report["titles"]
            )
            self._injected.update(report["injected"])
            self._noticed.update(report["noticed"])

    def missing(self) -> list[str]:
        """What there should have been, and was not."""
        if self.runs < ENOUGH:
            return []
        found = [f"no fault of the kind {kind!r}" for kind in KINDS if not self._injected[kind]]
        if self._killed < KILLED_SHARE * self.runs:
            found.append(f"workers killed in mid-task in {self._killed} runs only")
        return found

    def text(self) -> str:
        lines = [
            f"  {_counts(self._executors)}; {_counts(self._items)}; {_counts(self._noticed)}",
            f"  in {self._killed} runs a worker was killed in mid-task",
            f"  {self._injected.total()} faults:",
            *(f"  {n:8} {kind}" for kind, n in self._injected.most_common()),
            *(f"  missing: {what}" for what in self.missing()),
            f"  {len(self.bad)} bad runs{''.join(f' {number}' for number in self.bad)}",
        ]
        return "\n".join(lines)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name}: {n}" for name, n in counter.most_common())


@contextmanager
def _watched(session: int, seconds: float) -> Iterator[None]:
    """End the processes of a session when that time is over, with their threads' stacks told."""

    def end() -> None:
        # The leader last: what the others write goes through it.
        for pids in (processes_of_session(session) - {session}, {session}):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGABRT)
            time.sleep(SECONDS_TO_WRITE)
        _kill(session)

    watchdog = threading.Timer(seconds, end)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
        watchdog.join()


def _kill(session: int) -> None:
    for pid in processes_of_session(session):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
