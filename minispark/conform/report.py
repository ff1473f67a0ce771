"""What is printed: of one program a line and its differences; of many a table.

Must not know: how it was found out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from minispark.conform.compare import Difference, Random, Verdict
from minispark.conform.lines import Hunk, Item
from minispark.conform.runs import Run

_MOST_IN_JSON = 1000
_MOST_LINES = 40
_MOST_RANDOM = 5
_WIDTH = 160


def text_of(verdict: Verdict) -> str:
    """A verdict for people: its first line says whether the engines gave the same."""
    times = _times(verdict)
    if verdict.same:
        head = f"same: {_amounts(next(iter(verdict.runs.values()))[0])} {times}"
    else:
        head = f"differs: {', '.join(verdict.groups)} {times}"
    return "\n".join([head, *details_of(verdict)])


def details_of(verdict: Verdict) -> Iterator[str]:
    """What differs, and what is random or timed."""
    engines = list(verdict.runs)
    for difference in verdict.differences:
        yield ""
        yield from _difference(difference, engines)
    if verdict.random:
        yield ""
        yield "random or timed (differs between two runs of one engine, and is not counted):"
        for random in verdict.random:
            yield from _random(random)


def table_of(results: Sequence[tuple[str, Verdict | str]]) -> str:
    """A table of many programs: a title each, and the verdict, or why there is none."""
    rows = [("program", "result", "minispark", "pyspark", "speed-up")]
    for title, verdict in results:
        rows.append((_cut(title, 60), *_cells(verdict)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def json_of(results: Sequence[tuple[str, Verdict | str]]) -> str:
    """The table for machines: a list of objects."""
    return json.dumps([_plain(title, verdict) for title, verdict in results], indent=2) + "\n"


def _plain(title: str, verdict: Verdict | str) -> dict[str, Any]:
    if isinstance(verdict, str):
        return {"program": title, "result": "not compared", "why": verdict}
    return {
        "program": title,
        "result": "same" if verdict.same else "differs",
        "differs": [_plain_difference(each, tuple(verdict.runs)) for each in verdict.differences],
        "random": [{"where": each.where, "engine": each.engine} for each in verdict.random],
        "seconds": {engine: runs[0].seconds for engine, runs in verdict.runs.items()},
    }


def _plain_difference(difference: Difference, engines: Sequence[str]) -> dict[str, Any]:
    places = [
        {
            engine: [{"line": item.number, "text": item.text} for item in items[:_MOST_IN_JSON]]
            for engine, items in zip(engines, (hunk.ours, hunk.theirs), strict=True)
        }
        for hunk in difference.hunks[:_MOST_IN_JSON]
    ]
    return {
        "in": difference.group,
        "where": difference.where,
        "said": difference.said,
        "places": places,
        "places in all": len(difference.hunks),
    }


def _cells(verdict: Verdict | str) -> tuple[str, str, str, str]:
    if isinstance(verdict, str):
        return "not compared", "", "", ""
    result = "same" if verdict.same else f"differs: {', '.join(verdict.groups)}"
    if verdict.random:
        result += f" ({_places(verdict)} random or timed)"
    ours, theirs = (runs[0].seconds for runs in verdict.runs.values())
    return result, f"{ours:.1f} s", f"{theirs:.1f} s", f"{theirs / ours:.0f}x"


def _places(verdict: Verdict) -> int:
    """How many places, alike in both engines, are random or timed."""
    places = set()
    for random in verdict.random:
        places |= {(random.where, item.number) for item in random.items} or {(random.where, 0)}
    return len(places)


def _times(verdict: Verdict) -> str:
    told = [f"{engine} {runs[0].seconds:.1f} s" for engine, runs in verdict.runs.items()]
    ours, theirs = (runs[0].seconds for runs in verdict.runs.values())
    return f"({', '.join(told)}: {theirs / ours:.0f}x)"


def _amounts(run: Run) -> str:
    with run.stdout.open("rb") as file:
        lines = sum(1 for _ in file)
    names = [name.rpartition("/")[2] for name in run.written.files]
    files = sum(not (name.startswith(".") and name.endswith(".crc")) for name in names)
    told = [_count(lines, "line") + " of output", _count(files, "file"), f"exit {run.status}"]
    if run.failure is not None:
        told.append(run.failure["class"])
    return ", ".join(told)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _difference(difference: Difference, engines: Sequence[str]) -> Iterator[str]:
    where = difference.where
    title = where if where == difference.group else f"{difference.group}: {where}"
    if difference.said:
        yield f"{title}: {difference.said}"
        return
    ours, theirs = engines
    yield f"{title}:"
    yield f"  --- {theirs}"
    yield f"  +++ {ours}"
    lines = [line for hunk in difference.hunks for line in _hunk(hunk)]
    yield from (f"  {line}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"  ... and {len(lines) - _MOST_LINES} more lines (--keep DIR keeps the whole)"


def _hunk(hunk: Hunk) -> Iterator[str]:
    yield f"@@ {_place(hunk.theirs, '-')} {_place(hunk.ours, '+')} @@".replace("  ", " ")
    if hunk.before is not None:
        yield f"  {_cut(hunk.before)}"
    for sign, items in (("-", hunk.theirs), ("+", hunk.ours)):
        yield from (f"{sign} {_cut(item.text)}" for item in items)


def _place(items: Sequence[Item], sign: str) -> str:
    if not items:
        return ""
    first, last = items[0].number, items[-1].number
    return f"{sign}{first}" if first == last else f"{sign}{first}-{last}"


def _random(random: Random) -> Iterator[str]:
    if not random.items:
        yield f"  {random.where}: not in every run of {random.engine}"
        return
    for item in random.items[:_MOST_RANDOM]:
        yield f"  {random.where}, line {item.number}, {random.engine}: {_cut(item.text)}"
    if len(random.items) > _MOST_RANDOM:
        more = len(random.items) - _MOST_RANDOM
        yield f"  {random.where}, {random.engine}: and {more} more"


def _cut(text: str, width: int = _WIDTH) -> str:
    """A text on one line, with what cannot be printed as Python writes it."""
    shown = "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in text)
    return shown if len(shown) <= width else f"{shown[: width - 4]} ..."
