"""The command line: PySpark's own docstring examples as a judge of minispark.

    python -m conformance.examples                      all of them, on minispark
    python -m conformance.examples --object core.rdd.RDD.map --verbose
    python -m conformance.examples --engine pyspark     on PySpark itself: what fails there too?

Exit status: 0 all pass but those on the list, 1 one fails or one on the list passes, 2 wrong usage,
3 PySpark's source or an engine is missing.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from conformance import engines
from conformance.examples import docstrings, report
from conformance.examples.docstrings import Docstring
from conformance.examples.listed import LISTED

# What one docstring may take. PySpark's includes the start of its JVM.
SECONDS = 60.0
SECONDS_OF_PYSPARK = 240.0


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        root = options.pyspark or docstrings.root_of_pyspark()
        package = docstrings.read(root)
        wanted = _wanted(package.docstrings, options)
        answers = _run(root, wanted, options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except (docstrings.NotInstalled, engines.Unavailable) as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 3
    entries = [entry for entry in LISTED if entry.on_pyspark or options.engine != "pyspark"]
    complaints = [*answers.complaints, *report.complaints_about(entries, package)]
    verdicts = [v for d in wanted for v in report.judge(d, answers.answers[d.title][-1], entries)]
    bad = [v for v in verdicts if v.status in report.BAD]
    for verdict in verdicts:
        if verdict in bad:
            print(verdict.describe(), end="\n\n")
        elif options.verbose:
            print(verdict.heading + (f": {verdict.reason}" if verdict.reason else ""))
    for complaint in complaints:
        print(complaint, end="\n\n")
    print(report.table(verdicts))
    rest = ", ".join(f"{name} {n}" for name, n in package.not_judged.items())
    print(f"not judged, because not the RDD side (lines with >>>): {rest}")
    print(f"{answers.engine} {answers.version} against the examples of PySpark {package.version}")
    if options.json is not None:
        about = {
            "engine": answers.engine,
            "version": answers.version,
            "python": answers.python,
            "pyspark": package.version,
            "not judged": package.not_judged,
        }
        options.json.write_text(report.summary(verdicts, complaints, **about), encoding="ascii")
    return 1 if bad or complaints else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.examples",
        description="Runs the examples in PySpark's docstrings with minispark's objects.",
    )
    parser.add_argument(
        "--engine", choices=["minispark", "pyspark"], default="minispark", help="what runs them"
    )
    parser.add_argument(
        "--pyspark", type=Path, metavar="DIR", help="PySpark's source (the one that is installed)"
    )
    parser.add_argument("--module", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--object", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--seconds", type=float, help="what one docstring may take")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write a summary there")
    parser.add_argument("--verbose", action="store_true", help="a line for each example")
    return parser


def _wanted(found: list[Docstring], options: argparse.Namespace) -> list[Docstring]:
    """The docstrings asked for. Raises `ValueError` for a module or object that has none."""
    for asked, known in (
        (options.module, {d.module for d in found}),
        (options.object, {d.title for d in found}),
    ):
        unknown = set(asked) - known
        if unknown:
            raise ValueError(f"no examples in {', '.join(sorted(unknown))}")
    wanted = [
        d
        for d in found
        if (not options.module or d.module in options.module)
        and (not options.object or d.title in options.object)
    ]
    if not wanted:
        raise ValueError("none of these objects is in these modules")
    return wanted


def _run(root: Path, wanted: list[Docstring], options: argparse.Namespace) -> engines.Run:
    """Runs each module's examples in a process of its own, as PySpark does."""
    seconds = options.seconds
    if seconds is None:
        seconds = SECONDS_OF_PYSPARK if options.engine == "pyspark" else SECONDS
    runs = []
    for name in sorted({d.module for d in wanted}):
        titles = [d.title for d in wanted if d.module == name]
        arguments = ["--pyspark", str(root.absolute()), "--module", name, "--seconds", str(seconds)]
        worker = "conformance.examples.worker"
        runs.append(engines.serve(options.engine, worker, arguments, titles, hash_seed="0"))
    answers = {title: answer for run in runs for title, answer in run.answers.items()}
    complaints = [complaint for run in runs for complaint in run.complaints]
    return replace(runs[0], answers=answers, complaints=complaints)
