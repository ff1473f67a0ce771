"""Asks minispark and the model the same, for the tests and the conformance run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from minispark import SparkContext
from minispark.errors import SparkException

from . import language, model
from .shrink import smallest

Answer = dict[str, Any]
Asked = Callable[[dict[str, Any]], Answer]


def of_minispark(sc: SparkContext) -> Asked:
    """Return what asks minispark for the answer of a pipeline, as JSON gives it back."""
    return lambda pipeline: _through_json(language.run(sc, pipeline, (SparkException,), _told))


def _told(error: BaseException) -> str:
    """Class and message of the program's own exception, as the end of its traceback has them."""
    cause = error.__cause__
    while isinstance(cause, SparkException):
        cause = cause.__cause__
    return "" if cause is None else f"{type(cause).__name__}: {cause}"


def of_model(pipeline: dict[str, Any]) -> Answer:
    """Return the model's answer of a pipeline, as JSON gives it back."""
    return _through_json(model.run(pipeline))


def _through_json(answer: Answer) -> Answer:
    found: Answer = json.loads(json.dumps(answer))
    return found


def difference(pipeline: dict[str, Any], ask: Asked, tries: int = 200) -> str | None:
    """Return None where the engine that `ask` asks agrees with the model, else what differs.

    The text shows the smallest pipeline found that still differs. While searching, pipelines that
    the model refuses are passed over unless it refused the first one too: dropping operations
    makes types meet that never would. One that the engine dies or hangs at is shown as it is, and
    ends the search: each try might cost the time limit.
    """
    expected, found = of_model(pipeline), ask(pipeline)
    if found == expected:
        return None
    if "broken" in found:
        return f"pipeline: {json.dumps(pipeline)}\n  no answer: {found['broken']}"
    broken = False

    def differs(candidate: dict[str, Any]) -> bool:
        nonlocal broken
        wanted = of_model(candidate)
        if broken or ("error" in wanted) != ("error" in expected):
            return False
        found = ask(candidate)
        broken = "broken" in found
        return not broken and found != wanted

    small = smallest(pipeline, differs, tries)
    return (
        f"pipeline: {json.dumps(small)}\n"
        f"     model: {json.dumps(of_model(small))}\n"
        f"    engine: {json.dumps(ask(small))}\n"
        f"  (was {json.dumps(pipeline)})"
    )
