"""The sample project in examples/: a PySpark project whose tests pass on minispark.

On a copy of it, as its reader runs it. `tests/live` has it on PySpark, and on both.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_pytest_plugin import PLUGIN, ROOT, WITHOUT

SAMPLE = ROOT / "examples" / "pyspark_project"


def copy_of(sample: Path, directory: Path) -> Path:
    """A copy of the project without what its runs have left."""
    return shutil.copytree(sample, directory, ignore=shutil.ignore_patterns("__pycache__", ".*"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_of(SAMPLE, tmp_path / "project")


def environment() -> dict[str, str]:
    """Variables for a run of pytest that has the plugin, and no other that it need not have."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": f"-p {PLUGIN} {WITHOUT}"}


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_its_tests_pass_on_minispark(project):
    done = run(project)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^=+ 24 passed, 1 skipped in .*=$", done.stdout, re.MULTILINE)
    assert "25 tests; one is marked" in (project / "README.md").read_text()


def test_its_tests_fail_where_the_program_is_wrong(project):
    report = project / "src" / "shop_report" / "report.py"
    report.write_text(report.read_text().replace(".subtract(", ".union("))
    done = run(project)
    assert done.returncode == 1
    assert "FAILED tests/test_files.py::test_customers_who_never_ordered" in done.stdout
    assert "1 failed, 23 passed" in done.stdout


def test_its_program_knows_nothing_of_minispark():
    sources = list((SAMPLE / "src").rglob("*.py"))
    assert len(sources) == 4
    assert [path.name for path in sources if "minispark" in path.read_text()] == []


def test_its_times_are_told_only_if_its_tests_pass(project):
    (project / "tests" / "test_wrong.py").write_text("def test_it(): assert 0")
    done = subprocess.run(
        [sys.executable, "compare_times.py", "1"],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("the tests do not pass on minispark:")
