"""Which line a lineage names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import minispark
from minispark import SparkContext
from minispark.engine.own_code import is_own_code

PACKAGE = Path(minispark.__file__).parent


def test_a_program_beside_the_package_is_not_taken_for_the_package(sc: SparkContext) -> None:
    program = str(PACKAGE.parent / "minispark_job.py")
    names = {"rdd": sc.parallelize([("a", 1)], 1)}
    source = "\n\nmade = rdd.partitionBy(2)\n"
    exec(compile(source, program, "exec"), names)
    lineage = names["made"].toDebugString().decode()
    assert f"partitionBy at {program}:3" in lineage


def test_the_package_is_told_from_what_only_begins_like_it() -> None:
    assert is_own_code(str(PACKAGE / "core" / "context.py"))
    assert not is_own_code(str(PACKAGE) + "_job.py")
    assert not is_own_code(str(PACKAGE) + "_tools/job.py")
    assert not is_own_code("<stdin>")


def test_under_minispark_submit_it_is_the_program_s_line(tmp_path: Path) -> None:
    program = tmp_path / "job.py"
    program.write_text(
        "from pyspark import SparkContext\n"
        "sc = SparkContext('local')\n"
        "print(sc.parallelize([('a', 1)], 1).partitionBy(2).toDebugString().decode())\n"
        "SparkContext('local')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "minispark.cli.submit", program],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert f"partitionBy at {program}:3 " in done.stdout
    assert f"created by __init__ at {program}:2" in done.stderr
