"""Makes a pipeline whose answers differ smaller, for whoever has to find out why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Pipeline = dict[str, Any]


def smallest(pipeline: Pipeline, differs: Callable[[Pipeline], bool], tries: int = 200) -> Pipeline:
    """Return a pipeline from which no single step leads to a smaller one that still differs.

    `differs` judges a candidate; it is asked `tries` times at most.

    >>> big = {"source": {"kind": "list", "data": [1, 2, 3, 4], "slices": 3},
    ...        "ops": [{"op": "glom"}, {"op": "cache"}], "action": {"action": "glom"}}
    >>> smallest(big, lambda p: 3 in p["source"]["data"] and {"op": "cache"} in p["ops"])
    {'source': {'kind': 'list', 'data': [3], 'slices': 1}, 'ops': [{'op': 'cache'}], \
'action': {'action': 'glom'}}
    """
    while True:
        for candidate in _smaller(pipeline):
            if tries == 0:
                return pipeline
            tries -= 1
            if differs(candidate):
                pipeline = candidate
                break
        else:
            return pipeline


def _smaller(pipeline: Pipeline) -> Iterator[Pipeline]:
    for branch in _smaller_branches(pipeline):
        yield {**pipeline, **branch}
    if pipeline["action"] != {"action": "glom"}:
        yield {**pipeline, "action": {"action": "glom"}}


def _smaller_branches(branch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    source, ops = branch["source"], branch["ops"]
    for i in reversed(range(len(ops))):
        yield {"source": source, "ops": ops[:i] + ops[i + 1 :]}
    for smaller in _smaller_sources(source):
        yield {"source": smaller, "ops": ops}
    for i, op in enumerate(ops):
        for smaller in _smaller_operations(op):
            yield {"source": source, "ops": [*ops[:i], smaller, *ops[i + 1 :]]}


def _smaller_sources(source: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "times" in source:
        yield {key: value for key, value in source.items() if key != "times"}
        yield {**source, "times": source["times"] // 2}
    if "data" in source:
        for data in _shorter(source["data"]):
            yield {**source, "data": data}
    if "files" in source:
        for files in _shorter(source["files"]):
            yield {**source, "files": files}
    for option in ("from", "bytes", "gzip"):
        if option in source:
            yield {key: value for key, value in source.items() if key != option}
    if source.get("text"):
        for lines in _shorter(source["text"].splitlines(keepends=True)):
            yield {**source, "text": "".join(lines)}
    if (source.get("slices") or 1) > 1:
        yield {**source, "slices": source["slices"] - 1}


def _shorter(items: list[Any]) -> Iterator[list[Any]]:
    size = len(items) // 2
    while size:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        size //= 2
    if len(items) == 1:
        yield []


def _smaller_operations(op: dict[str, Any]) -> Iterator[dict[str, Any]]:
    other = op.get("other")
    if isinstance(other, dict):
        yield {**op, "other": "self"}
        for branch in _smaller_branches(other):
            yield {**op, "other": branch}
    for option in ("placed", "keeps"):
        if option in op:
            yield {key: value for key, value in op.items() if key != option}
    if op.get("more"):
        yield {**op, "more": op["more"] - 1}
    if (op.get("n") or 1) > 1:
        yield {**op, "n": op["n"] - 1}
    if op.get("runs"):
        yield {**op, "runs": op["runs"] - 1}
