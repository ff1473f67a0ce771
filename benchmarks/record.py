"""Measurements in a file, a line of JSON each, written as they come.

So a run that is interrupted loses nothing, and a later run can go on with what is there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One measurement, or why there is none, with all that it depends on."""

    workload: str
    engine: str
    size: int
    master: str
    round: int
    seconds: float | None = None
    peak_bytes: int | None = None
    checksum: str | None = None
    failure: str | None = None


def append(path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")


def taken_up(path: Path) -> list[Entry]:
    """What was measured, without failures: these are tried again. More can be appended then.

    The last line of a run that was killed may be half a line: it is cut off.
    """
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    entries = [Entry(**json.loads(line)) for line in whole.splitlines()]
    return [entry for entry in entries if entry.failure is None]
