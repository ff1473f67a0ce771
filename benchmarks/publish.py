"""Where results lie in the repository, and what is made of them: README and chart."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.chart import chart
from benchmarks.growth import Growth
from benchmarks.report import CHART, put_between_markers, section
from benchmarks.results import Run


def load_run(root: Path) -> Run:
    return Run.from_json(json.loads((root / "benchmarks/results.json").read_text("utf-8")))


def load_growth(root: Path) -> list[Growth]:
    """What was measured at several sizes; empty if nothing was."""
    path = root / "benchmarks/scaling.json"
    if not path.exists():
        return []
    return [Growth.from_json(found) for found in json.loads(path.read_text("utf-8"))]


def save_run(root: Path, run: Run) -> None:
    save(root / "benchmarks/results.json", run.as_json())


def save_growth(root: Path, growth: list[Growth]) -> None:
    save(root / "benchmarks/scaling.json", [found.as_json() for found in growth])


def save(path: Path, found: object) -> None:
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def check_readme(root: Path) -> None:
    """Raises:
    ValueError: The README has no place for the section.
    """
    put_between_markers((root / "README.md").read_text("utf-8"), "")


def publish(root: Path) -> None:
    """Make the README's section and the chart anew from what is saved."""
    run, growth = load_run(root), load_growth(root)
    readme = root / "README.md"
    text = put_between_markers(readme.read_text("utf-8"), section(run, growth))
    readme.write_text(text, encoding="utf-8")
    (root / CHART).write_text(chart(run), encoding="utf-8")
