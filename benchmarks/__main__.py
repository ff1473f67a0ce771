"""`python -m benchmarks`: run all workloads on all engines, several times, and report.

Every measurement goes to a file as it comes: `--resume` goes on from there. A full run writes
everything measured into benchmarks/results.json, and from it the table in README.md and
benchmarks/chart.svg.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import strftime

from benchmarks.data import DIRECTORY
from benchmarks.engines import ENGINES
from benchmarks.limits import Limit, judge
from benchmarks.measure import ROOT
from benchmarks.publish import check_readme, load_growth, load_run, publish, save_run
from benchmarks.report import table
from benchmarks.runs import is_complete, run_all
from benchmarks.workloads import WORKLOADS


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="The same programs on minispark, PySpark and as hand-written loops.",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument(
        "--only", nargs="+", choices=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS)
    )
    parser.add_argument("--rounds", type=int, help="how often (default 3, with --quick 1)")
    parser.add_argument("--master", default="local[2]", help="default local[2]")
    parser.add_argument("--no-pyspark", action="store_true", help="leave PySpark out")
    parser.add_argument(
        "--engines", nargs="+", choices=ENGINES, metavar="ENGINE", help=", ".join(ENGINES)
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DIRECTORY,
        help="directory for generated input, kept for the next run, and for measurements",
    )
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one measurement")
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="the measurements of another run: only what is not there is measured, and added to "
        "it; the report is of all that is there",
    )
    parser.add_argument(
        "--no-write", action="store_true", help="only print; so do runs that are not complete"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="run nothing: say which limits the results in the repository meet; 1 if not all",
    )
    options = parser.parse_args(argv)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.data = options.data.resolve()
    if options.resume and not options.resume.exists():
        parser.error(f"there is no {options.resume}")
    now = strftime("%Y%m%d-%H%M%S")
    options.record = options.resume or options.data / f"measurements-{now}-{os.getpid()}.jsonl"
    return options


def print_limits(limits: list[Limit]) -> None:
    for limit in limits:
        print(limit.line())
    met = [limit.met for limit in limits]
    print(f"{met.count(True)} met, {met.count(False)} not met, {met.count(None)} unknown")


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    if options.check:
        limits = judge(load_run(ROOT), load_growth(ROOT))
        print_limits(limits)
        return 1 if any(limit.met is False for limit in limits) else 0
    writes = not (options.no_write or options.quick)
    if writes:  # a README without the markers is known before the run, not after it
        check_readme(ROOT)
    run, finished = run_all(options)
    print(table(run, [engine for engine in run.engines if run.has(engine)]))
    if not options.quick:
        print()
        print_limits([limit for limit in judge(run, growth=[]) if limit.met is not None])
    problems = run.problems()
    for problem in problems:
        print(problem, file=sys.stderr)
    if writes and finished and is_complete(options, run):
        if problems:
            print("Not written: see the problems above.", file=sys.stderr)
        else:
            save_run(ROOT, run)
            publish(ROOT)
            print("Written: README.md, benchmarks/results.json, chart.svg", file=sys.stderr)
    return 0 if finished and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
