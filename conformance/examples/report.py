"""What the judge found, for people and programs: a verdict an example, the table, the summary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.canonical import Form
from conformance.examples import worker
from conformance.examples.docstrings import Docstring, Package
from conformance.examples.listed import MOST, Entry

PASSED = "passed"
FAILED = "failed"
LISTED = "listed"
SKIPPED = "skipped"
WRONGLY_LISTED = "wrongly listed"

COLUMNS = (PASSED, FAILED, LISTED, SKIPPED, WRONGLY_LISTED)
BAD = (FAILED, WRONGLY_LISTED)


@dataclass(frozen=True)
class Verdict:
    """How one example fared. `place` is its place in its docstring, the first is 1."""

    module: str
    object: str
    line: int
    place: int
    status: str
    source: str = ""
    want: str = ""
    got: str = ""
    reason: str = ""

    @property
    def heading(self) -> str:
        title = f"{self.module}.{self.object}" if self.object else self.module
        return f"{title} #{self.place} (line {self.line}): {self.status}"

    def describe(self) -> str:
        """The example, what PySpark says it gives, and what it gave."""
        parts = [("example", self.source), ("expected", self.want), ("got", self.got)]
        if self.status == WRONGLY_LISTED:
            parts = [("example", self.source), ("listed because", self.reason)]
        lines = [self.heading]
        for name, text in parts:
            lines += [f"  {name}:", *(f"    {line}" for line in text.rstrip().splitlines())]
        return "\n".join(lines)


def judge(docstring: Docstring, answer: Form, entries: Iterable[Entry]) -> list[Verdict]:
    """A verdict for each example of a docstring, from a worker's answer."""
    reasons = {
        place: entry.reason
        for entry in entries
        if entry.title == docstring.title
        for place in entry.places
    }
    if isinstance(answer, dict):  # the worker's end is every example's
        answer = [[worker.FAILED, answer["broken"]]] * len(docstring.examples)
    verdicts = []
    for place, (example, line, (outcome, got)) in enumerate(
        zip(docstring.examples, docstring.lines, answer, strict=True), start=1
    ):
        reason = reasons.get(place, "")
        status = outcome
        if reason:
            status = LISTED if outcome == worker.FAILED else WRONGLY_LISTED
        verdicts.append(
            Verdict(
                docstring.module,
                docstring.name,
                line,
                place,
                status,
                example.source,
                example.want,
                got,
                reason,
            )
        )
    return verdicts


def complaints_about(entries: Iterable[Entry], package: Package) -> list[str]:
    """What is wrong with the list itself, whatever the examples give."""
    found = []
    places = {d.title: len(d.examples) for d in package.docstrings}
    seen: Counter[tuple[str, int]] = Counter()
    for entry in entries:
        seen.update((entry.title, place) for place in entry.places)
        if entry.title not in places:
            found.append(f"listed, but has no examples: {entry.title}")
            continue
        for place in entry.places:
            if not 1 <= place <= places[entry.title]:
                found.append(f"listed, but there is no such example: {entry.title} #{place}")
        if not entry.reason.strip():
            found.append(f"listed without a reason: {entry.title}")
    found += [f"listed twice: {t} #{place}" for (t, place), n in seen.items() if n > 1]
    total = sum(places.values())
    if len(seen) >= MOST * total:
        found.append(f"{len(seen)} of {total} examples are listed: not less than {MOST:.0%}")
    return found


def table(verdicts: Iterable[Verdict]) -> str:
    """The table by module, with a line of totals."""
    modules = _by_module(verdicts)
    total: Counter[str] = sum(modules.values(), Counter())
    rows = [*modules.items(), ("total", total)]
    widest = max(len(name) for name, _ in rows)
    lines = ["  ".join(["module".ljust(widest), "examples", *COLUMNS])]
    for name, counts in rows:
        cells = [str(counts.total()).rjust(len("examples"))]
        cells += [str(counts[column]).rjust(len(column)) for column in COLUMNS]
        lines.append("  ".join([name.ljust(widest), *cells]))
    return "\n".join(lines)


def summary(verdicts: list[Verdict], complaints: list[str], **about: Form) -> str:
    """The run as JSON text: counts by module, and each example."""
    modules = _by_module(verdicts)
    document = {
        **about,
        "total": _counts(sum(modules.values(), Counter())),
        "modules": {name: _counts(counts) for name, counts in modules.items()},
        "complaints": complaints,
        "examples": [
            {
                "module": v.module,
                "object": v.object,
                "line": v.line,
                "place": v.place,
                "status": v.status,
                **({"reason": v.reason} if v.reason else {}),
            }
            for v in verdicts
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _counts(counts: Counter[str]) -> dict[str, int]:
    return {"examples": counts.total(), **{column: counts[column] for column in COLUMNS}}


def _by_module(verdicts: Iterable[Verdict]) -> dict[str, Counter[str]]:
    modules: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        modules.setdefault(verdict.module, Counter())[verdict.status] += 1
    return modules
