"""The command line: which programs run where, and what their answers are compared with.

    python -m conformance                       minispark against the recorded answers
    python -m conformance --live                minispark against PySpark, run beside it
    python -m conformance --live --sample 30    live for 30, and where there is no good record
    python -m conformance --record              PySpark's answers into conformance/recorded
    python -m conformance --show                the recorded answers, to read

Exit status: 0 all the same, 1 differences, 2 wrong usage, 3 an engine is missing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from conformance import catalog, engines, records, report
from conformance.canonical import Form, written
from conformance.catalog import Program
from conformance.records import Record
from conformance.report import Verdict

# What one program may take. PySpark's includes the start of its JVM.
SECONDS = 60.0
SECONDS_OF_PYSPARK = 240.0


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    engines.choose_executor(options.executor)
    try:
        programs = catalog.discover(options.area, options.program, options.programs)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    recorded = {
        f"{area}.{name}": record
        for area in {p.area for p in programs}
        for name, record in records.read(area, options.recorded).items()
    }
    try:
        if options.show:
            return _show(programs, recorded)
        if options.record:
            return _record(programs, recorded, options)
        return _compare(programs, recorded, options)
    except engines.Unavailable as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance",
        description="Runs small Spark programs on minispark and compares with PySpark's answers.",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--live", action="store_true", help="compare with PySpark itself")
    mode.add_argument("--record", action="store_true", help="write PySpark's answers down")
    mode.add_argument("--show", action="store_true", help="print the recorded answers")
    parser.add_argument("--sample", type=int, metavar="N", help="with --live: N programs only")
    parser.add_argument("--seed", type=int, default=0, help="which ones --sample takes")
    parser.add_argument("--older", action="store_true", help="with --record: only where needed")
    parser.add_argument("--runs", type=int, default=1, help="with --record: all must agree")
    parser.add_argument("--engine", default="minispark", help="what is compared (minispark)")
    parser.add_argument("--master", default="local[2]", help="its master (local[2])")
    parser.add_argument("--executor", default="auto", help="threads or processes (auto)")
    parser.add_argument("--spark-master", default="local[2]", help="PySpark's master (local[2])")
    parser.add_argument("--area", action="append", default=[], help="only this area; repeatable")
    parser.add_argument("--program", action="append", default=[], help="only this; repeatable")
    parser.add_argument(
        "--programs", type=Path, metavar="DIR", default=catalog.PROGRAMS, help="other programs"
    )
    parser.add_argument(
        "--recorded", type=Path, metavar="DIR", default=records.RECORDED, help="other records"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write a summary there")
    parser.add_argument("--verbose", action="store_true", help="name programs as they are run")
    return parser


def _is_good(program: Program, recorded: dict[str, Record]) -> bool:
    record = recorded.get(program.title)
    return record is not None and record.source == program.source


def _run(engine: str, master: str, programs: list[Program], verbose: bool) -> engines.Run:
    started = time.monotonic()

    def on_answer(title: str, answer: Form) -> None:
        if verbose:
            print(f"{engine} {time.monotonic() - started:6.1f}s {title}", file=sys.stderr)

    seconds = SECONDS_OF_PYSPARK if engine == "pyspark" else SECONDS
    return engines.run(engine, master, programs, seconds, on_answer)


def _compare(
    programs: list[Program], recorded: dict[str, Record], options: argparse.Namespace
) -> int:
    live = _live_ones(programs, recorded, options)
    spark: engines.Run | None = None
    if live:
        spark = _run("pyspark", options.spark_master, live, options.verbose)
    mini = _run(options.engine, options.master, programs, options.verbose)
    verdicts = [_judge(p, recorded, spark, mini) for p in programs]
    failed = [v for v in verdicts if v.status != report.SAME]
    complaints = [*mini.complaints, *(spark.complaints if spark else [])]
    for verdict in failed:
        print(verdict.describe(), end="\n\n")
    for complaint in complaints:
        print(complaint, end="\n\n")
    print(report.table(verdicts))
    against = f"recorded answers of PySpark {_versions(programs, recorded)}"
    if spark is not None:
        against = f"PySpark {spark.version} live for {len(live)} programs, {against} for the rest"
    where = f"{options.master}, executor {options.executor},"
    print(f"{mini.engine} {mini.version} on {where} against {against}")
    if options.json is not None:
        about = {
            "engine": mini.engine,
            "version": mini.version,
            "python": mini.python,
            "master": options.master,
            "pyspark": spark.version if spark else _versions(programs, recorded),
            "live": len(live),
        }
        options.json.write_text(report.summary(verdicts, **about), encoding="ascii")
    return 1 if failed or complaints else 0


def _live_ones(
    programs: list[Program], recorded: dict[str, Record], options: argparse.Namespace
) -> list[Program]:
    if not options.live:
        return []
    if options.sample is None:
        return programs
    good = [p for p in programs if _is_good(p, recorded)]
    sample = set(random.Random(options.seed).sample(good, min(options.sample, len(good))))
    return [p for p in programs if p in sample or not _is_good(p, recorded)]


def _judge(
    program: Program, recorded: dict[str, Record], spark: engines.Run | None, mini: engines.Run
) -> Verdict:
    got = mini.answers[program.title][-1]
    record = recorded.get(program.title)
    if spark is not None and program.title in spark.answers:
        expected = spark.answers[program.title][-1]
        good = record if _is_good(program, recorded) else None
        if good is not None and written(good.answer) != written(expected):
            return Verdict(program, report.STALE, good.answer, expected)
    elif record is None:
        return Verdict(program, report.UNRECORDED, None, got)
    elif record.source != program.source:
        return Verdict(program, report.OLDER, record.answer, got)
    else:
        expected = record.answer
    same = written(expected) == written(got) and "broken" not in got
    return Verdict(program, report.SAME if same else report.DIFFERENT, expected, got)


def _versions(programs: list[Program], recorded: dict[str, Record]) -> str:
    return ", ".join(sorted({recorded[p.title].pyspark for p in programs if p.title in recorded}))


def _record(
    programs: list[Program], recorded: dict[str, Record], options: argparse.Namespace
) -> int:
    areas = {p.area for p in programs}
    if options.older:
        programs = [p for p in programs if not _is_good(p, recorded)]
    failures = 0
    if programs:
        run = _run("pyspark", options.spark_master, programs * options.runs, options.verbose)
        for complaint in run.complaints:
            print(complaint)
        for program in programs:
            answers = run.answers[program.title]
            unlike = [a for a in answers if written(a) != written(answers[0])]
            if unlike:
                failures += 1
                print(f"{program.title}: not recorded, its answer varies")
                print(report.difference(answers[0], unlike[0]))
            elif "broken" in answers[0]:
                failures += 1
                print(f"{program.title}: not recorded")
                print("\n".join(report.shown(answers[0])))
            else:
                recorded[program.title] = Record(
                    program.source, run.version, run.python.rpartition(".")[0], answers[0]
                )
    for area in sorted(areas):
        names = [p.name for p in catalog.discover([area], root=options.programs)]
        kept = {n: recorded[f"{area}.{n}"] for n in names if f"{area}.{n}" in recorded}
        records.write(area, kept, options.recorded)
    print(f"{len(programs) - failures} recorded, {failures} not")
    return 1 if failures else 0


def _show(programs: list[Program], recorded: dict[str, Record]) -> int:
    for program in programs:
        record = recorded.get(program.title)
        lines = report.shown(record.answer) if record else ["(no record)"]
        note = "" if _is_good(program, recorded) or record is None else "  (older than the program)"
        print(f"{program.title}{note}")
        print("\n".join(f"    {line}" for line in lines))
    return 0
