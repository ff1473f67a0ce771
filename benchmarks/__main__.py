"""`python -m benchmarks`: run all workloads on all engines, several times, and report.

Rounds are interleaved (each round runs everything once, the order of the engines turned by one)
so that a slow minute of the machine falls on all engines alike. A full run writes the table
into README.md and everything measured into benchmarks/results.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.engines import ENGINES, Engine
from benchmarks.measure import ROOT, MeasurementFailed, measure
from benchmarks.report import (
    Run,
    Series,
    memory_text,
    put_between_markers,
    section,
    table,
    time_text,
)
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
        default=Path(tempfile.gettempdir()) / "minispark-benchmarks",
        help="directory for generated input, kept for the next run",
    )
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one measurement")
    parser.add_argument(
        "--no-write", action="store_true", help="only print; so do runs that are not complete"
    )
    options = parser.parse_args(argv)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.data = options.data.resolve()
    options.engines = options.engines or list(ENGINES)
    if options.no_pyspark:
        options.engines = [name for name in options.engines if name != "pyspark"]
    everything = set(options.engines) == set(ENGINES) and not options.only
    options.complete = everything and not options.quick
    return options


def chosen_engines(names: list[str]) -> dict[str, Engine]:
    """The engines to run.

    Raises:
        SystemExit: One is wanted and not there.
    """
    found = {name: engine for name, engine in ENGINES.items() if name in names}
    for engine in found.values():
        if reason := engine.missing():
            raise SystemExit(
                f"{engine.title} cannot run: {reason} (see --no-pyspark and --engines)"
            )
    return found


def run_all(options: argparse.Namespace) -> Run:
    """Every workload on every engine, round by round; a line for each measurement to stderr."""
    engines = chosen_engines(options.engines)
    workloads = {name: w for name, w in WORKLOADS.items() if name in (options.only or WORKLOADS)}
    sizes = {name: w.quick_size if options.quick else w.size for name, w in workloads.items()}
    for name, workload in workloads.items():
        workload.input(sizes[name], options.data)  # make the files before anything is timed
    run = Run(
        environment={
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "system": f"{platform.system()} {platform.machine()}",
            "cores": len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count(),
            "master": options.master,
            "rounds": options.rounds,
            "quick": options.quick,
            "sizes": sizes,
            "versions": [e.version() for e in engines.values() if "loop" not in e.name],
        },
        titles={name: w.title.format(size=f"{sizes[name]:,}") for name, w in workloads.items()},
        engines={name: engine.title for name, engine in engines.items()},
        series={
            name: {e.name: Series() for e in engines.values() if e.runs(w)}
            for name, w in workloads.items()
        },
        without_goal=[name for name, w in workloads.items() if not w.loop_is_goal],
    )
    names = list(engines)
    for round_number in range(options.rounds):
        turn = round_number % len(names)
        for name, workload in workloads.items():
            for engine_name in names[turn:] + names[:turn]:
                series = run.series[name].get(engine_name)
                if series is None or series.failure is not None:
                    continue
                told = f"round {round_number + 1}: {name} on {engine_name}: "
                try:
                    found = measure(
                        engines[engine_name],
                        workload,
                        sizes[name],
                        options.data,
                        workload.master or options.master,
                        options.timeout,
                    )
                except MeasurementFailed as failure:
                    series.failure = str(failure)
                    print(told + f"FAILED\n{failure}", file=sys.stderr, flush=True)
                    continue
                series.seconds.append(found.seconds)
                series.peak_bytes.append(found.peak_bytes)
                series.checksums.append(found.checksum)
                told += f"{time_text(found.seconds)}, {memory_text(found.peak_bytes)}"
                print(told, file=sys.stderr, flush=True)
    return run


def write(run: Run) -> None:
    """results.json and the README's table."""
    results = json.dumps(run.as_json(), indent=1, ensure_ascii=False)
    (ROOT / "benchmarks" / "results.json").write_text(results + "\n", encoding="utf-8")
    readme = ROOT / "README.md"
    text = put_between_markers(readme.read_text(encoding="utf-8"), section(run))
    readme.write_text(text, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    writes = options.complete and not options.no_write
    if writes:  # a README without the markers is known before the run, not after it
        put_between_markers((ROOT / "README.md").read_text(encoding="utf-8"), "")
    run = run_all(options)
    print(table(run))
    problems = run.problems()
    for problem in problems:
        print(problem, file=sys.stderr)
    if writes:
        if problems:
            print("Not written: see the problems above.", file=sys.stderr)
        else:
            write(run)
            print("Written: README.md, benchmarks/results.json", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
