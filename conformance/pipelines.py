"""Random pipelines against the model and live PySpark: `python -m conformance.pipelines`.

    python -m conformance.pipelines --count 10000 --seed 1       minispark against the model
    python -m conformance.pipelines --count 10000 --live 500     also 500 of them on PySpark
    python -m conformance.pipelines --record     PySpark's answers to the kept cases, for the tests

For those who judge the engine. The pipelines and the model are those of `tests.pipelines`; here
they are only counted, run and compared. Engines run in processes of their own: a pipeline that
an engine dies or hangs at is a difference, and the run goes on in another process. `--coverage`
prints how often each operation occurred; one that never occurs in a run of 1,000 or more makes the
run fail. Exit status: 0 all the same, 1 differences or an operation that never occurred, 3 PySpark
or Java is missing.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conformance.engines import Unavailable, Worker, choose_executor
from tests.pipelines.check import Answer, difference, of_model
from tests.pipelines.coverage import Coverage, vocabulary
from tests.pipelines.strategies import numbered

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "pipelines" / "cases.json"
SHOWN = 10
PROGRESS_SECONDS = 60

# Shrinking a difference asks the engine again and again; PySpark is slow to answer.
TRIES = {"minispark": 200, "pyspark": 60}


class Engine:
    """An engine that is asked for one pipeline after the other; after a death, a new worker is."""

    def __init__(self, name: str, master: str, seconds: float) -> None:
        self.name = name
        self._arguments = ["--master", master, "--seconds", str(seconds)]
        self._worker = self._started()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *raised: object) -> None:
        self._worker.close()

    def ask(self, pipeline: dict[str, Any]) -> Answer:
        """The engine's answer; {"broken": why} if it died or took too long."""
        if not self._worker.alive:
            self._worker.close()
            self._worker = self._started()
        answer: Answer = self._worker.ask(json.dumps(pipeline))
        return answer

    def _started(self) -> Worker:
        return Worker(self.name, "tests.pipelines.worker", self._arguments)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    choose_executor(options.executor)
    try:
        return _record(options) if options.record else _check(options)
    except Unavailable as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 3


def _check(options: argparse.Namespace) -> int:
    numbers = range(options.first, options.first + options.count)
    with Engine("minispark", options.master, options.seconds) as engine:
        found = _compare(engine, options, numbers)
    if options.live:
        with Engine("pyspark", "local[2]", options.seconds) as engine:
            found += _compare(engine, options, numbers[: options.live])
    return 1 if found else 0


def _record(options: argparse.Namespace) -> int:
    """Write PySpark's answers to the kept cases; return 1 where the model's differ."""
    found = 0
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    with Engine("pyspark", "local[2]", options.seconds) as engine:
        for case in cases:
            case["pyspark"] = engine.ask(case["pipeline"])
            if case["pyspark"] != of_model(case["pipeline"]):
                found += 1
                print(f"the model differs: {case['about']}\n{json.dumps(case)}", flush=True)
    lines = ",\n".join(json.dumps(case) for case in cases)
    CASES.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"recorded {len(cases)} cases, {found} differ from the model")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.pipelines",
        description="Runs random pipelines on minispark and on PySpark, against a plain model.",
    )
    parser.add_argument("--count", type=int, default=1000, help="how many pipelines (1000)")
    parser.add_argument("--seed", type=int, default=1, help="which series of pipelines (1)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one (0)")
    parser.add_argument("--live", type=int, default=0, metavar="N", help="N also on PySpark (0)")
    parser.add_argument("--coverage", action="store_true", help="print what occurred how often")
    parser.add_argument("--record", action="store_true", help="record the kept cases instead")
    parser.add_argument("--seconds", type=float, default=60.0, help="for one pipeline (60)")
    parser.add_argument("--master", default="local[2]", help="minispark's master (local[2])")
    parser.add_argument("--executor", default="auto", help="threads or processes (auto)")
    return parser


def _compare(engine: Engine, options: argparse.Namespace, numbers: Iterable[int]) -> int:
    """Print how an engine's answers compare with the model's; return how much is wrong.

    That is how many differ, and how much of the language never occurred though it should have.
    """
    started = told = time.monotonic()
    endings: collections.Counter[str] = collections.Counter()
    coverage = Coverage()
    different: list[int] = []
    for number in numbers:
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            print(
                f"{engine.name}: {coverage.pipelines} so far, {len(different)} differ",
                file=sys.stderr,
            )
        pipeline = numbered(options.seed, number)
        coverage.add(pipeline)
        endings[of_model(pipeline).get("error", "an answer")] += 1
        tries = TRIES[engine.name] if len(different) < SHOWN else 0
        text = difference(pipeline, engine.ask, tries)
        if text is not None:
            different.append(number)
            if len(different) <= SHOWN:
                print(
                    f"\n{engine.name}, pipeline {number} of seed {options.seed}\n{text}", flush=True
                )
    seconds = time.monotonic() - started
    ends = ", ".join(f"{name}: {count}" for name, count in endings.most_common())
    print(
        f"{engine.name}: {endings.total()} pipelines against the model in {seconds:.0f} s ({ends})"
    )
    rarest = ", ".join(f"{name} {count}" for name, count in coverage.rarest(5))
    print(f"  the rarest of {len(vocabulary())} sources, operations and actions: {rarest}")
    if options.coverage:
        print(coverage.table())
    missing = coverage.missing()
    for what, name in missing:
        print(f"  the {what} {name} never occurred")
    print(f"  {len(different)} differences", *different[:SHOWN], flush=True)
    return len(different) + len(missing)


if __name__ == "__main__":
    sys.exit(main())
