"""PySpark's answers as they are kept in the repository: one file an area, one block a program.

For the runner. A record names the program's source it answers and the PySpark that gave it, so that
one older than its program can be told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from conformance.canonical import Form, written

RECORDED = Path(__file__).parent / "recorded"


@dataclass(frozen=True)
class Record:
    """What one PySpark answered to one version of a program."""

    source: str
    pyspark: str
    python: str
    answer: Form


def read(area: str, root: Path = RECORDED) -> dict[str, Record]:
    """The area's records by the name of the program; none if nothing was ever recorded."""
    path = root / f"{area}.json"
    if not path.exists():
        return {}
    blocks = json.loads(path.read_text(encoding="ascii"))
    return {name: Record(**block) for name, block in blocks.items()}


def write(area: str, records: dict[str, Record], root: Path = RECORDED) -> None:
    """Writes all records of an area, by name, a line a field."""
    blocks = []
    for name in sorted(records):
        record = records[name]
        fields = [
            f'  "source": {json.dumps(record.source)}',
            f'  "pyspark": {json.dumps(record.pyspark)}',
            f'  "python": {json.dumps(record.python)}',
            f'  "answer": {written(record.answer)}',
        ]
        blocks.append(f"{json.dumps(name)}: {{\n" + ",\n".join(fields) + "\n}")
    root.mkdir(exist_ok=True)
    (root / f"{area}.json").write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="ascii")
