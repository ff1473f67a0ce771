"""`python -m benchmarks.scaling`: word count and sort of 1, 4 and 16 million records.

Prints times, peak memory and by which power of the size the time grows. A run of minispark with
the sizes that are the default is written to benchmarks/scaling.json and into the README.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.data import DIRECTORY
from benchmarks.engines import ENGINES
from benchmarks.growth import Growth
from benchmarks.measure import ROOT, measure
from benchmarks.publish import publish, save_growth
from benchmarks.report import growth_table, memory_text, time_text
from benchmarks.workloads import WORKLOADS

MILLIONS = (1, 4, 16)
# Million records -> the size of the workload: the text has a million words in 7 MB.
SIZES = {"wordcount": lambda millions: 7 * millions, "sort": lambda millions: millions * 10**6}


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling",
        description="How time and memory grow with the number of records.",
    )
    parser.add_argument(
        "--millions", nargs="+", type=float, default=MILLIONS, help="default 1 4 16"
    )
    parser.add_argument("--only", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=["minispark"], metavar="ENGINE"
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--data", type=Path, default=DIRECTORY)
    parser.add_argument("--timeout", type=float, default=1800)
    parser.add_argument("--no-write", action="store_true", help="only print")
    return parser.parse_args(argv)


def measured(options: argparse.Namespace) -> list[Growth]:
    found = {
        (workload, engine): Growth(workload, engine)
        for workload in options.only
        for engine in options.engines
    }
    for _ in range(options.rounds):
        for millions in options.millions:
            for (name, engine), growth in found.items():
                size = int(SIZES[name](millions))
                workload, data = WORKLOADS[name], options.data.resolve()
                workload.input(size, data)
                one = measure(
                    ENGINES[engine], workload, size, data, options.master, options.timeout
                )
                growth.add(int(millions * 10**6), one.seconds, one.peak_bytes)
                told = f"{name} of {millions:g} million on {engine}: "
                told += f"{time_text(one.seconds)}, {memory_text(one.peak_bytes)}"
                print(told, file=sys.stderr, flush=True)
    return list(found.values())


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    growth = measured(options)
    print(growth_table(growth, {name: engine.title for name, engine in ENGINES.items()}))
    complete = set(options.millions) >= set(MILLIONS) and set(options.only) == set(SIZES)
    if complete and "minispark" in options.engines and not options.no_write:
        save_growth(ROOT, growth)
        publish(ROOT)
        print("Written: README.md, benchmarks/scaling.json", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
