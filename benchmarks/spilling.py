"""`python -m benchmarks.spilling`: shuffles, sorts, groups and joins of more data than memory.

Each program runs with much memory and with little (`spark.python.worker.memory`), and with little
on PySpark, a process each. Prints times, their ratios, and how much the process tree grew: its
peak, less what it is when it is idle. Every answer is a checksum that the program's parameters
give by themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.measure import ROOT, kill_tree
from benchmarks.memory import PeakMemory, tree_bytes
from benchmarks.report import markdown
from benchmarks.spilling_programs import PROGRAMS

GROWTH_MEGABYTES = 2 * 256 + 200
"""Of `local[2]` with 256 MB, at most."""
MOST_TIME = 2.5
"""With little memory over with much."""
LEAST_OVER_PYSPARK = 3.0

MUCH = "16g"

# PySpark's JVM needs some for 2 GB, which is not what this is about.
SUBMIT_ARGUMENTS = {"minispark": "pyspark-shell", "pyspark": "--driver-memory 4g pyspark-shell"}


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.spilling", description="More data than memory."
    )
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--megabytes", type=int, default=2000, help="of pickled records")
    parser.add_argument("--record-bytes", type=int, default=1000)
    parser.add_argument("--memory", default="256m")
    parser.add_argument("--no-pyspark", action="store_true")
    parser.add_argument("--no-ample", action="store_true", help="not with much memory")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=1800)
    return parser.parse_args(argv)


def run(program: str, module: str, memory: str, options: argparse.Namespace) -> dict[str, float]:
    """Seconds, growth of the process tree in bytes; SystemExit if it fails."""
    with TemporaryDirectory(prefix="benchmark-") as directory:
        answer = Path(directory) / "answer.json"
        request = {
            "program": program,
            "module": module,
            "memory": memory,
            "megabytes": options.megabytes,
            "record_bytes": options.record_bytes,
            "answer": str(answer),
        }
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_SUBMIT_ARGS": SUBMIT_ARGUMENTS[module],
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.spilling_programs", json.dumps(request)],
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "idle\n":
                sys.exit(f"{program} on {module} could not start")
            idle = tree_bytes(psutil.Process(process.pid))
            memory_of_tree = PeakMemory(process.pid)
            try:
                process.communicate("go\n", timeout=options.timeout)
            finally:
                peak = memory_of_tree.stop()
        except BaseException:
            kill_tree(process)
            raise
        if process.returncode != 0:
            sys.exit(f"{program} on {module} with {memory} failed")
        found = json.loads(answer.read_text())
    return {"seconds": found["seconds"], "growth": peak - idle, "right": found["right"]}


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    rows = [["", "seconds", "with much memory", "PySpark", "growth of memory", ""]]
    all_met = True
    for program in options.only:
        columns: dict[str, list[dict[str, float]]] = {"little": [], "much": [], "pyspark": []}
        for _ in range(options.rounds):
            columns["little"].append(run(program, "minispark", options.memory, options))
            if not options.no_ample:
                columns["much"].append(run(program, "minispark", MUCH, options))
            if not options.no_pyspark:
                columns["pyspark"].append(run(program, "pyspark", options.memory, options))
        seconds = {
            name: sorted(each["seconds"] for each in runs)[len(runs) // 2]
            for name, runs in columns.items()
            if runs
        }
        growth = max(each["growth"] for each in columns["little"]) / 1e6
        is_right = all(each["right"] for runs in columns.values() for each in runs)
        met = is_right and growth <= GROWTH_MEGABYTES
        met = met and seconds["little"] <= MOST_TIME * seconds.get("much", float("inf"))
        met = met and LEAST_OVER_PYSPARK * seconds["little"] <= seconds.get("pyspark", float("inf"))
        all_met = all_met and met
        row = [program, f"{seconds['little']:.1f}"]
        for other in ("much", "pyspark"):
            ratio = seconds["little"] / seconds[other] if other in seconds else None
            row.append("" if ratio is None else f"{seconds[other]:.1f} ({ratio:.2f})")
        row += [f"{growth:.0f} MB", "met" if met else "NOT MET" if is_right else "WRONG"]
        rows.append(row)
        print(" | ".join(row), file=sys.stderr, flush=True)
    print(markdown(rows))
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
