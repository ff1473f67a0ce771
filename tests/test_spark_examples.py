"""PySpark's own examples as a judge: what it reads, what it runs them with, what it notices."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.examples import cli, docstrings, report
from conformance.examples.docstrings import Package
from conformance.examples.listed import LISTED, Entry

ROOT = Path(__file__).parent.parent

needs_pyspark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None,
    reason="PySpark is not installed, and the examples are read from its source",
)

RDD = '''
"""A module.

>>> sc.parallelize([1, 2], 2).count()
2
"""
import operator as op
from pyspark.util import no_such_name
from pyspark import StorageLevel as Level

def _test():
    """
    >>> def inner():
    ...     return 1
    """

class RDD:
    """
    >>> class_of = type(sc.parallelize([1]))
    >>> issubclass(class_of, RDD), RDD.__module__
    (True, 'pyspark.core.rdd')
    """

    def sum(self):
        """
        >>> import pyspark, pyspark.core.rdd
        >>> pyspark.core.rdd.RDD is RDD
        True
        >>> from pyspark.core.context import SparkContext
        >>> isinstance(sc, SparkContext)
        True
        >>> op.add(1, 1)
        2
        >>> Level.DISK_ONLY
        StorageLevel(True, False, False, False, 1)
        >>> sc.parallelize([1, 2, 3]).sum()
        7
        >>> sc.parallelize([1]).map(lambda x: 1 / 0).collect()
        Traceback (most recent call last):
            ...
        py4j.protocol.Py4JJavaError: ...
        >>> sc.id  # doctest: +SKIP
        3
        """

    def needs_more(self):
        """
        >>> no_such_name
        1
        >>> import pyspark.sql.functions
        """
'''

HANGS = '''
def waits():
    """
    >>> import time
    >>> while True: time.sleep(1)
    """

def works():
    """
    >>> from pyspark import SparkContext
    >>> sc = SparkContext("local", "mine")
    >>> sc.parallelize([1]).count()
    1
    """
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The source of a PySpark with a few examples."""
    root = tmp_path / "pyspark"
    for directory in ("core", "sql"):
        (root / directory).mkdir(parents=True)
    (root / "version.py").write_text('__version__: str = "9.9.9"\n')
    (root / "core" / "rdd.py").write_text(RDD)
    (root / "conf.py").write_text(HANGS)
    (root / "sql" / "frames.py").write_text('"""\n>>> 1\n1\n"""\n')
    return root


def judged(summary: Path, *options: str, **environment: str) -> tuple[Any, dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, "-m", "conformance.examples", "--json", str(summary), *options],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    return run, json.loads(summary.read_text()) if summary.exists() else {}


def statuses(summary: dict[str, Any], name: str) -> list[str]:
    return [e["status"] for e in summary["examples"] if e["object"] == name]


def test_examples_are_read_with_their_lines_and_the_names_of_their_module(package: Path) -> None:
    found = docstrings.read(package)
    assert found.version == "9.9.9"
    assert found.not_judged == {"sql": 1}
    titles = [d.title for d in found.docstrings]
    assert titles == [
        "conf.waits",
        "conf.works",
        "core.rdd",
        "core.rdd.RDD",
        "core.rdd.RDD.needs_more",
        "core.rdd.RDD.sum",
        "core.rdd._test",
    ]
    lines = RDD.splitlines()
    for docstring in found.docstrings:
        if docstring.module == "core.rdd":
            for example, line in zip(docstring.examples, docstring.lines, strict=True):
                assert example.source.splitlines()[0] in lines[line - 1]
    module = found.modules[1]
    assert module.imports["op"] == "import operator as op"
    assert module.defines == {"_test", "RDD"}
    assert found.docstrings[1].calls == {"SparkContext"}


def test_the_examples_find_minispark_in_the_place_of_pyspark(package: Path, tmp_path: Path) -> None:
    options = ["--pyspark", str(package), "--module", "core.rdd"]
    run, summary = judged(tmp_path / "summary.json", *options)
    assert run.returncode == 1, run.stderr
    assert statuses(summary, "") == ["passed"]
    assert statuses(summary, "RDD") == ["passed", "passed"]
    sums = ["passed"] * 6 + ["failed", "passed", "skipped"]
    assert statuses(summary, "RDD.sum") == sums
    assert statuses(summary, "RDD.needs_more") == ["failed", "failed"]
    line = RDD.splitlines().index("        >>> sc.parallelize([1, 2, 3]).sum()") + 1
    assert f"core.rdd.RDD.sum #7 (line {line}): failed" in run.stdout
    assert "expected:\n    7\n  got:\n    6\n" in run.stdout
    assert "NameError: name 'no_such_name' is not defined" in run.stdout
    assert "No module named 'pyspark.sql.functions'" in run.stdout
    assert summary["total"] == {
        "examples": 15,
        "passed": 11,
        "failed": 3,
        "listed": 0,
        "skipped": 1,
        "wrongly listed": 0,
    }


def test_a_docstring_that_hangs_fails_alone(package: Path, tmp_path: Path) -> None:
    options = ["--pyspark", str(package), "--module", "conf", "--seconds", "3"]
    run, summary = judged(tmp_path / "summary.json", *options)
    assert run.returncode == 1, run.stderr
    assert statuses(summary, "waits") == ["failed", "failed"]
    assert statuses(summary, "works") == ["passed", "passed", "passed"]
    assert "the worker ended with status" in run.stdout
    assert "Timeout" in run.stdout


def test_what_does_not_exist_is_wrong_usage(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--pyspark", str(package)]
    assert cli.main([*given, "--module", "nothing"]) == 2
    assert cli.main([*given, "--object", "conf.nothing"]) == 2
    assert cli.main([*given, "--module", "conf", "--object", "core.rdd.RDD"]) == 2
    assert capsys.readouterr().err == (
        "no examples in nothing\nno examples in conf.nothing\n"
        "none of these objects is in these modules\n"
    )


def test_a_listed_example_may_fail_and_must_not_pass(package: Path) -> None:
    docstring = next(d for d in docstrings.read(package).docstrings if d.title == "conf.works")
    entries = [Entry("conf.works", (1, 2, 3), "why"), Entry("conf.waits", (1,), "other")]
    answer = [["failed", "x"], ["passed", ""], ["skipped", ""]]
    verdicts = report.judge(docstring, answer, entries)
    assert [v.status for v in verdicts] == ["listed", "wrongly listed", "wrongly listed"]
    assert verdicts[0].reason == "why"
    assert "listed because:\n    why" in verdicts[1].describe()


def test_the_list_is_held_to_account(package: Path) -> None:
    found = docstrings.read(package)
    entries = [
        Entry("conf.nothing", (1,), "why"),
        Entry("conf.works", (3, 4), "why"),
        Entry("core.rdd", (1,), " "),
        Entry("conf.works", (3,), "again"),
    ]
    assert report.complaints_about(entries, found) == [
        "listed, but has no examples: conf.nothing",
        "listed, but there is no such example: conf.works #4",
        "listed without a reason: core.rdd",
        "listed twice: conf.works #3",
        "4 of 20 examples are listed: not less than 5%",
    ]


@pytest.fixture(scope="module")
def installed() -> Package:
    return docstrings.read(docstrings.root_of_pyspark())


@needs_pyspark
def test_sparks_own_examples_pass(tmp_path: Path, installed: Package) -> None:
    run, summary = judged(tmp_path / "summary.json")
    total = summary["total"]
    assert installed.version == "4.3.0"
    assert total["examples"] == sum(len(d.examples) for d in installed.docstrings) == 689
    assert total["listed"] == sum(len(entry.places) for entry in LISTED) == 26
    assert total["skipped"] == 9
    assert total["wrongly listed"] == 0
    assert summary["complaints"] == []
    assert [e["object"] for e in summary["examples"] if e["status"] == "failed"] == []
    assert run.returncode == 0


BREAK_TWO_OPERATIONS = """
import sys
if "conformance.examples.worker" in sys.orig_argv:
    from minispark import RDD
    RDD.distinct = lambda self, numPartitions=None: self
    RDD.zipWithIndex = lambda self: self.map(lambda x: (x, 0))
"""


@needs_pyspark
def test_the_judge_names_the_example_of_an_operation_that_is_broken(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BREAK_TWO_OPERATIONS)
    objects = [f"core.rdd.RDD.{name}" for name in ("distinct", "map", "zipWithIndex")]
    asked = [part for name in objects for part in ("--object", name)]
    run, summary = judged(tmp_path / "summary.json", *asked, PYTHONPATH=str(tmp_path))
    assert run.returncode == 1
    failed = {e["object"] for e in summary["examples"] if e["status"] == "failed"}
    assert failed == {"RDD.distinct", "RDD.zipWithIndex"}
    assert "core.rdd.RDD.distinct #1" in run.stdout
    assert "[1, 1, 2, 3]" in run.stdout


def test_without_pyspark_the_judge_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cli.main([]) == 3
    assert "pip install 'minispark[conformance]'" in capsys.readouterr().err
