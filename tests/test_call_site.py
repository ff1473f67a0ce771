"""Which line a lineage names."""

from __future__ import annotations

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
