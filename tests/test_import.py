"""`import minispark` costs next to nothing: the API is imported when it is first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_api_comes_with_the_first_of_its_names() -> None:
    program = (
        "import sys, minispark\n"
        "print(minispark.__version__, 'minispark.core' in sys.modules)\n"
        "print(minispark.RDD is minispark.core.rdd.RDD, 'minispark.core' in sys.modules)"
    )
    assert run(program) == ["0.1.0 False", "True True"]


@pytest.mark.parametrize(
    "line",
    [
        "from minispark import *; print(SparkContext.__name__)",
        "from minispark import SparkContext; print(SparkContext.__name__)",
        "import minispark.core.context as c; print(c.SparkContext.__name__)",
        "import minispark; print('SparkContext' if 'SparkContext' in dir(minispark) else '')",
        "import minispark; print(minispark.core.context.SparkContext.__name__)",
        "import minispark; print(minispark.context.SparkContext.__name__)",
        "import minispark as m; m.activate(); import pyspark as p; print(p.SparkContext.__name__)",
    ],
)
def test_every_way_to_ask_finds_it(line: str) -> None:
    assert run(line) == ["SparkContext"]


@pytest.mark.parametrize(
    "module", ["engine.task", "core.rdd", "io.text", "conf", "taskcontext", "sql"]
)
def test_a_module_may_be_the_first_to_be_imported(module: str) -> None:
    run(f"import minispark.{module}")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    program = (
        "import minispark\n"
        "for _ in range(2):\n"
        "    try: minispark.nothing\n"
        "    except AttributeError as error: print(error)"
    )
    assert run(program) == ["module 'minispark' has no attribute 'nothing'"] * 2


def test_what_comes_with_an_import_of_pyspark_is_there() -> None:
    program = (
        "import minispark\n"
        "print([getattr(minispark, n).__name__ for n in ('broadcast', 'context', 'rdd', 'sql')])\n"
        "from minispark import Row\n"
        "print(Row(a=1), minispark.sql.SparkSession.__name__)\n"
        "try: from minispark import SQLContext\n"
        "except ImportError as error: print(error)"
    )
    first, second, third = run(program)
    assert first == str([f"minispark.{name}" for name in ("broadcast", "context", "rdd", "sql")])
    assert second == "Row(a=1) SparkSession"
    assert "minispark.sql.SQLContext is not there yet" in third
