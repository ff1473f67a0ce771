"""Runs one measurement in a process of its own and watches the memory of the whole process tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil

from benchmarks.child import high_water_mark
from benchmarks.engines import Engine
from benchmarks.memory import PeakMemory
from benchmarks.workloads.base import Workload, checksum

ROOT = Path(__file__).resolve().parent.parent

# The last lines of a program that is a whole process: a copy of the kernel's account of it, which
# who looks from outside misses if the process is short. (What a wait for the process tells counts
# the memory of who started it, too.)
LEAVE_STATUS = """
try:
    with open("/proc/self/status") as status, open("status", "w") as copy:
        copy.write(status.read())
except OSError:
    pass
"""


class MeasurementFailed(Exception):
    """The process of a measurement failed; the text has the end of what it wrote to stderr."""


@dataclass(frozen=True)
class Measurement:
    """One run: how long the measured part took, its peak memory, and a digest of its answer."""

    seconds: float
    peak_bytes: int
    checksum: str


def measure(
    engine: Engine, workload: Workload, size: int, data: Path, master: str, timeout: float
) -> Measurement:
    """Run the workload once, in a new process and an empty working directory.

    Raises:
        MeasurementFailed: The process ended with an error or took longer than `timeout` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as directory:
        answer = Path(directory) / "answer.json"
        script = engine.script(workload, master)
        if script is None:
            request = {
                "workload": workload.name,
                "engine": engine.name,
                "size": size,
                "data": str(data),
                "master": master,
                "answer": str(answer),
            }
            command = [sys.executable, "-m", "benchmarks.child", json.dumps(request)]
        else:
            command = [sys.executable, "-c", script + LEAVE_STATUS]
        # Spark's workers import the workloads by name, so the root is on their path too.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
            ),
            "PYSPARK_PYTHON": sys.executable,
        }
        # As installed programs start: without compiling their modules anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            start = perf_counter()
            process = subprocess.Popen(
                command,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
            memory = PeakMemory(process.pid)
            try:
                output, _ = process.communicate(timeout=timeout)
                seconds = perf_counter() - start
            except subprocess.TimeoutExpired:
                kill_tree(process)
                raise MeasurementFailed(f"not done after {timeout:.0f} s") from None
            except BaseException:
                kill_tree(process)
                raise
            finally:
                peak = memory.stop()
            if process.returncode != 0:
                errors.seek(0)
                raise MeasurementFailed("".join(errors.readlines()[-15:]).strip())
        # The kernel's peak of the first process: exact where it is the only one, however short.
        if script is not None:
            peak = max(peak, high_water_mark(Path(directory) / "status"))
            return Measurement(seconds, peak, checksum(output.strip()))
        found = json.loads(answer.read_text(encoding="utf-8"))
        peak = max(peak, found["peak_bytes"])
        return Measurement(found["seconds"], peak, found["checksum"])


def kill_tree(process: subprocess.Popen[str]) -> None:
    """End a process that we started, and what it started."""
    try:
        descendants = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        descendants = []
    for descendant in descendants:
        try:
            descendant.kill()
        except psutil.NoSuchProcess:
            continue
    process.kill()
    process.wait()
