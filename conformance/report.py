"""What a run found, for people and for programs: verdicts, differences, the table, the summary."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.canonical import Form
from conformance.catalog import Program

WIDTH = 100

SAME = "same"
DIFFERENT = "different"
OLDER = "older"
UNRECORDED = "unrecorded"
STALE = "stale"

MEANING = {
    DIFFERENT: "answers differ",
    OLDER: "the record is older than the program",
    UNRECORDED: "there is no record of the program",
    STALE: "PySpark now answers otherwise than recorded",
}


@dataclass(frozen=True)
class Verdict:
    """How one program fared: what PySpark answers, what the engine answered."""

    program: Program
    status: str
    expected: Form = None
    got: Form = None

    def describe(self) -> str:
        heading = f"{self.program.title}: {MEANING.get(self.status, self.status)}"
        if self.status not in (DIFFERENT, STALE):
            return heading
        return heading + "\n" + difference(self.expected, self.got)


def difference(expected: Form, got: Form) -> str:
    """Both answers where they are short, else the lines in which they differ."""
    left, right = shown(expected), shown(got)
    if len(left) + len(right) <= 12:
        return "\n".join(
            ["  expected:", *(f"    {s}" for s in left), "  got:", *(f"    {s}" for s in right)]
        )
    lines = difflib.unified_diff(left, right, "expected", "got", lineterm="", n=2)
    return "\n".join(f"  {line}" for line in lines)


def shown(form: Form) -> list[str]:
    """A canonical form as lines near to Python's own notation."""
    return _lines(form, WIDTH)


def _lines(form: Form, width: int) -> list[str]:
    flat = _flat(form)
    if len(flat) <= width and "\n" not in flat:
        return [flat]
    if isinstance(form, str):
        return [_flat(part) for part in form.splitlines(keepends=True)]
    if isinstance(form, list):
        opening, members, closing = "[", [(None, v) for v in form], "]"
    elif isinstance(form, dict) and len(form) == 1:
        ((tag, content),) = form.items()
        if tag == "broken":
            return ["broken:", *(f"  {line}" for line in str(content).splitlines())]
        if tag == "tuple":
            opening, members, closing = "(", [(None, v) for v in content], ")"
        elif tag == "dict":
            opening, members, closing = "{", [(_flat(k), v) for k, v in content], "}"
        else:
            inner = _lines(content, width - 2)
            return [f"{tag} {inner[0]}", *inner[1:]]
    elif isinstance(form, dict):
        opening, members, closing = "{", list(form.items()), "}"
    else:
        return [flat]
    out = [opening]
    for key, member in members:
        inner = _lines(member, width - 2)
        if key is not None:
            inner[0] = f"{key}: {inner[0]}"
        inner[-1] += ","
        out += [f"  {line}" for line in inner]
    return [*out, closing]


def _flat(form: Form) -> str:
    if isinstance(form, list):
        return "[" + ", ".join(map(_flat, form)) + "]"
    if isinstance(form, dict):
        if len(form) == 1:
            ((tag, content),) = form.items()
            if tag == "tuple":
                comma = "," if len(content) == 1 else ""
                return "(" + ", ".join(map(_flat, content)) + comma + ")"
            if tag == "dict":
                return "{" + ", ".join(f"{_flat(k)}: {_flat(v)}" for k, v in content) + "}"
            if tag == "bytes":
                return repr(bytes.fromhex(content))
            if tag == "float":
                return str(content)
            if tag in ("returns", "raises"):
                return f"{tag} {_flat(content)}"
            return f"<{tag} {_flat(content)}>"
        return "{" + ", ".join(f"{k}: {_flat(v)}" for k, v in form.items()) + "}"
    return repr(form)


def table(verdicts: Iterable[Verdict]) -> str:
    """The table by area, with a line of totals."""
    areas = _by_area(verdicts)
    columns = ["programs", SAME, DIFFERENT, OLDER]
    widest = max([len("area"), len("total"), *map(len, areas)])
    lines = ["  ".join(["area".ljust(widest), *(c.rjust(9) for c in columns)])]
    total = dict.fromkeys(columns, 0)
    for area, counts in areas.items():
        lines.append("  ".join([area.ljust(widest), *(str(counts[c]).rjust(9) for c in columns)]))
        for column in columns:
            total[column] += counts[column]
    lines.append("  ".join(["total".ljust(widest), *(str(total[c]).rjust(9) for c in columns)]))
    return "\n".join(lines)


def summary(verdicts: list[Verdict], **about: Any) -> str:
    """The run as JSON text: what was compared with what, counts by area, names of what failed."""
    areas = _by_area(verdicts)
    total = {c: sum(counts[c] for counts in areas.values()) for c in next(iter(areas.values()), {})}
    failed = {v.program.title: v.status for v in verdicts if v.status != SAME}
    document = {**about, "total": total, "areas": areas, "failed": failed}
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _by_area(verdicts: Iterable[Verdict]) -> dict[str, dict[str, int]]:
    areas: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        counts = areas.setdefault(
            verdict.program.area, {"programs": 0, SAME: 0, DIFFERENT: 0, OLDER: 0}
        )
        counts["programs"] += 1
        column = verdict.status
        # For the table, a program without a record has one that is too old, and a record that
        # PySpark contradicts is a difference.
        column = {UNRECORDED: OLDER, STALE: DIFFERENT}.get(column, column)
        counts[column] += 1
    return dict(sorted(areas.items()))
