"""The table of docs/reliability.md: each test that it names exists, and each fault has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ["fault", "what happens here", "test that shows it", "what Spark does"]


def rows() -> list[list[str]]:
    """The cells of all tables on the page that have these columns."""
    found, is_wanted = [], False
    for line in (ROOT / "docs" / "reliability.md").read_text("utf-8").splitlines():
        if not line.startswith("|"):
            is_wanted = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells == COLUMNS:
            is_wanted = True
        elif is_wanted and set(line) - set("|- "):
            found.append(cells)
    return found


def names_of_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_fault_has_tests_that_exist(row: list[str]) -> None:
    assert len(row) == len(COLUMNS)
    assert all(row), "a cell is empty"
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", row[2])
    assert named
    for file, test in named:
        assert test in names_of_tests(ROOT / "tests" / file), f"there is no {file}::{test}"


def test_the_page_has_a_table() -> None:
    assert len(rows()) > 15
