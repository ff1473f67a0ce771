"""`python -m benchmarks`: run all workloads on all engines, several times, and report.

Rounds are interleaved (each round runs everything once, the order of the engines turned by one)
so that a slow minute of the machine falls on all engines alike. Every measurement goes to a file as
it comes: `--resume` goes on from there. A full run writes everything measured into
benchmarks/results.json, and from it the table in README.md and benchmarks/chart.svg.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import strftime

from benchmarks import record
from benchmarks.engines import ENGINES, Engine
from benchmarks.limits import Limit, judge
from benchmarks.measure import ROOT, MeasurementFailed, measure
from benchmarks.publish import check_readme, load_growth, load_run, publish, save_run
from benchmarks.report import memory_text, table, time_text
from benchmarks.results import Run, Series
from benchmarks.workloads import WORKLOADS

DATA = Path(tempfile.gettempdir()) / "minispark-benchmarks"


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
        default=DATA,
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
        help="run nothing: print which limits the results in the repository meet",
    )
    options = parser.parse_args(argv)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.data = options.data.resolve()
    if options.resume and not options.resume.exists():
        parser.error(f"there is no {options.resume}")
    now = strftime("%Y%m%d-%H%M%S")
    options.record = options.resume or options.data / f"measurements-{now}-{os.getpid()}.jsonl"
    return options


def chosen_engines(options: argparse.Namespace) -> dict[str, Engine]:
    """The engines to run: those asked for, else all, without optional ones that are not there.

    Raises:
        SystemExit: One is wanted and not there.
    """
    found = {}
    for name, engine in ENGINES.items():
        asked_for = name in (options.engines or ())
        if (options.engines and not asked_for) or (options.no_pyspark and name == "pyspark"):
            continue
        if (reason := engine.missing()) is None:
            found[name] = engine
        elif engine.optional and not asked_for:
            print(f"{engine.title} is left out: {reason}", file=sys.stderr)
        else:
            raise SystemExit(
                f"{engine.title} cannot run: {reason} (see --no-pyspark and --engines)"
            )
    return found


def sizes_of(options: argparse.Namespace) -> dict[str, int]:
    """The size of every workload that is to run."""
    return {
        name: workload.quick_size if options.quick else workload.size
        for name, workload in WORKLOADS.items()
        if name in (options.only or WORKLOADS)
    }


def entries(
    options: argparse.Namespace, engines: dict[str, Engine], known: list[record.Entry]
) -> Iterator[record.Entry]:
    """Every measurement that is not known, round by round, as it comes."""
    sizes = sizes_of(options)
    done = {(entry.round, entry.workload, entry.engine) for entry in known}
    failed = set()
    names = list(engines)
    for number in range(1, options.rounds + 1):
        turn = (number - 1) % len(names)
        for name, size in sizes.items():
            workload = WORKLOADS[name]
            for engine_name in names[turn:] + names[:turn]:
                engine = engines[engine_name]
                if not engine.runs(workload) or (name, engine_name) in failed:
                    continue
                if (number, name, engine_name) in done:
                    continue
                master = workload.master or options.master
                what = (name, engine_name, size, master, number)
                try:
                    found = measure(engine, workload, size, options.data, master, options.timeout)
                except MeasurementFailed as failure:
                    failed.add((name, engine_name))
                    yield record.Entry(*what, failure=str(failure))
                    continue
                yield record.Entry(*what, found.seconds, found.peak_bytes, found.checksum)


def run_all(options: argparse.Namespace) -> tuple[Run, bool]:
    """Measure what is to be measured; a line for each to stderr, and one to the record.

    The second value says whether it came to its end: False after Ctrl-C.
    """
    engines, sizes = chosen_engines(options), sizes_of(options)
    for name, size in sizes.items():
        WORKLOADS[name].input(size, options.data)  # make the files before anything is timed
    known = []
    if options.resume:
        known = [
            entry
            for entry in record.taken_up(options.resume)
            if sizes.get(entry.workload) == entry.size
            and entry.master == (WORKLOADS[entry.workload].master or options.master)
            and entry.engine in ENGINES
            and ENGINES[entry.engine].runs(WORKLOADS[entry.workload])
        ]
    print(f"measurements: {options.record}", file=sys.stderr, flush=True)
    measured = list(known)
    try:
        for entry in entries(options, engines, known):
            record.append(options.record, entry)
            measured.append(entry)
            told = f"round {entry.round}: {entry.workload} on {entry.engine}: "
            if entry.failure is None:
                told += f"{time_text(entry.seconds)}, {memory_text(entry.peak_bytes)}"
            else:
                told += f"FAILED\n{entry.failure}"
            print(told, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"Interrupted; go on with --resume {options.record}", file=sys.stderr)
        return as_run(options, measured), False
    return as_run(options, measured), True


def as_run(options: argparse.Namespace, measured: list[record.Entry]) -> Run:
    """The measurements in the order of the report, with what they were made on."""
    sizes = sizes_of(options)
    present = {entry.engine for entry in measured}
    engines = {name: engine for name, engine in ENGINES.items() if name in present}
    series: dict[str, dict[str, Series]] = {
        name: {e.name: Series() for e in engines.values() if e.runs(WORKLOADS[name])}
        for name in sizes
    }
    for entry in sorted(measured, key=lambda entry: entry.round):
        found = series[entry.workload][entry.engine]
        found.failure = entry.failure
        if entry.seconds is not None and entry.peak_bytes is not None and entry.checksum:
            found.seconds.append(entry.seconds)
            found.peak_bytes.append(entry.peak_bytes)
            found.checksums.append(entry.checksum)
    versions = [engine.version() for engine in engines.values() if engine.missing() is None]
    return Run(
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
            "versions": list(dict.fromkeys(filter(None, versions))),
        },
        titles={name: WORKLOADS[name].title.format(size=f"{n:,}") for name, n in sizes.items()},
        engines={name: engine.title for name, engine in engines.items()},
        series=series,
        without_goal=[name for name in sizes if not WORKLOADS[name].loop_is_goal],
        optional=[name for name, engine in engines.items() if engine.optional],
    )


def is_complete(options: argparse.Namespace, run: Run) -> bool:
    """Whether all sizes are full, and all that has to be there was measured in every round."""
    return not options.quick and all(
        engine.name in run.series.get(name, {})
        and len(run.series[name][engine.name].seconds) >= options.rounds
        for name, workload in WORKLOADS.items()
        for engine in ENGINES.values()
        if engine.runs(workload) and not engine.optional
    )


def print_limits(limits: list[Limit]) -> None:
    for limit in limits:
        print(limit.line())
    met = [limit.met for limit in limits]
    print(f"{met.count(True)} met, {met.count(False)} not met, {met.count(None)} unknown")


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    if options.check:
        print_limits(judge(load_run(ROOT), load_growth(ROOT)))
        return 0
    if not (
        options.no_write or options.quick
    ):  # a README without the markers is known before the run, not after it
        check_readme(ROOT)
    run, finished = run_all(options)
    print(table(run, [engine for engine in run.engines if run.has(engine)]))
    if not options.quick:
        print()
        print_limits([limit for limit in judge(run, growth=[]) if limit.met is not None])
    problems = run.problems()
    for problem in problems:
        print(problem, file=sys.stderr)
    if finished and is_complete(options, run) and not options.no_write:
        if problems:
            print("Not written: see the problems above.", file=sys.stderr)
        else:
            save_run(ROOT, run)
            publish(ROOT)
            print("Written: README.md, benchmarks/results.json, chart.svg", file=sys.stderr)
    return 0 if finished and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
