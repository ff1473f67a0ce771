"""A run: which measurements are made, in which order, and what they make up.

Rounds are interleaved (each runs everything once, or as often as a workload says, the order of the
engines turned by one) so that a slow minute of the machine falls on all engines alike.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import sys
from collections.abc import Iterable, Iterator

from benchmarks import record
from benchmarks.engines import ENGINES, Engine
from benchmarks.measure import ROOT, MeasurementFailed, measure
from benchmarks.report import memory_text, time_text
from benchmarks.results import Run, Series
from benchmarks.workloads import WORKLOADS


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
    for number, name in runs_of(sizes, options.rounds):
        workload, size = WORKLOADS[name], sizes[name]
        turn = (number - 1) % len(names)
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


def runs_of(names: Iterable[str], rounds: int) -> Iterator[tuple[int, str]]:
    """(which run of it, workload), round by round."""
    for number in range(rounds):
        for name in names:
            repeats = WORKLOADS[name].repeats
            for run in range(number * repeats, (number + 1) * repeats):
                yield run + 1, name


def run_all(options: argparse.Namespace) -> tuple[Run, bool]:
    """Measure what is to be measured; a line for each to stderr, and one to the record.

    The second value says whether it came to its end: False after Ctrl-C.
    """
    engines, sizes = chosen_engines(options), sizes_of(options)
    # Before anything is timed: the files, and minispark's bytecode, which pip makes of what it
    # installs.
    for name, size in sizes.items():
        WORKLOADS[name].input(size, options.data)
    compileall.compile_dir(ROOT / "minispark", quiet=1)
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
        and len(run.series[name][engine.name].seconds) >= options.rounds * workload.repeats
        for name, workload in WORKLOADS.items()
        for engine in ENGINES.values()
        if engine.runs(workload) and not engine.optional
    )
