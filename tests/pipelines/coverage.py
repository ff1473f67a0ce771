"""What of the language occurs in pipelines, for whoever asks whether a run has tried all of it."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator
from typing import Any

from .language import ACTIONS, OF_THE_CONTEXT, OPERATIONS, SOURCES

Name = tuple[str, str]

# So many pipelines must have all of it.
ENOUGH = 1000


def vocabulary() -> list[Name]:
    """All that pipelines are made of: ("operation", "map"), ("action", "count"), ..."""
    return [
        *(("source", name) for name in SOURCES),
        *(("operation", name) for name in [*OPERATIONS, *OF_THE_CONTEXT]),
        *(("action", name) for name in ACTIONS),
    ]


def occurring(pipeline: dict[str, Any]) -> Iterator[Name]:
    """What occurs in a pipeline, as often as it does, its branches included.

    >>> source = {"kind": "empty"}
    >>> ops = [{"op": "union", "other": {"source": source, "ops": []}}]
    >>> list(occurring({"source": source, "ops": ops, "action": {"action": "count"}}))
    [('source', 'empty'), ('operation', 'union'), ('source', 'empty'), ('action', 'count')]
    """
    yield "source", pipeline["source"]["kind"]
    for op in pipeline["ops"]:
        yield "operation", op["op"]
        if isinstance(op.get("other"), dict):
            yield from occurring(op["other"])
    if "action" in pipeline:
        yield "action", pipeline["action"]["action"]


class Coverage:
    """Counts what occurs in the pipelines of a run."""

    def __init__(self, pipelines: Iterable[dict[str, Any]] = ()) -> None:
        self.pipelines = 0
        self._counts: collections.Counter[Name] = collections.Counter()
        for pipeline in pipelines:
            self.add(pipeline)

    def add(self, pipeline: dict[str, Any]) -> None:
        self.pipelines += 1
        self._counts.update(occurring(pipeline))

    def missing(self) -> list[Name]:
        """What never occurred, though there were enough pipelines for all of it."""
        if self.pipelines < ENOUGH:
            return []
        return [name for name in vocabulary() if not self._counts[name]]

    def rarest(self, count: int) -> list[tuple[str, int]]:
        counts = {name: self._counts[what, name] for what, name in vocabulary()}
        return sorted(counts.items(), key=lambda item: item[1])[:count]

    def table(self) -> str:
        """A line for each word of the language, with how often it occurred."""
        lines = []
        for what, name in vocabulary():
            lines.append(f"{what:10} {name:36} {self._counts[what, name]:6}")
        return "\n".join(lines)
