"""A run: a context with faults, some pipelines and programs in it, and what they leave behind.

All of it follows from a seed and a number, but for what threads and processes do when.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import minispark
from conformance import catalog, records
from conformance.canonical import written
from conformance.worker import Host
from minispark.conf import SYSTEM_PROPERTIES
from minispark.engine.events import Event, JobEnded, StageCompleted, TaskEnded
from tests.pipelines.check import of_minispark, of_model
from tests.pipelines.strategies import numbered

from .inside import InjectedInterrupt
from .left_out import (
    are_blocks_spared,
    is_pipeline_left_out,
    is_program_left_out,
    needs_its_memory,
)
from .leftovers import Leftovers
from .runner import Chaos, chaotic

MAX_FAILURES = 4
MASTER = f"local[2,{MAX_FAILURES}]"
ITEMS = 4

LITTLE_MEMORY = "1k"
"""For each task, in about a third of the runs: what they sort, group and join is spilled then."""

SECONDS = 600.0
"""For one program. Who asks for a run notices earlier that it hangs."""


class Item(NamedTuple):
    """A pipeline of `tests.pipelines`; or None, and the title of a program of `conformance`."""

    title: str
    pipeline: dict[str, Any] | None = None


class Report(NamedTuple):
    """What came of a run."""

    executor: str
    titles: list[str]
    differences: list[str]
    left: list[str]
    """What is there yet when the context has stopped."""
    injected: dict[str, int]
    noticed: dict[str, int]
    """What the engine's events tell of faults."""


class Programs:
    """The programs there are for it, and their recorded answers."""

    def __init__(self) -> None:
        found = [p for p in catalog.discover() if not is_program_left_out(p)]
        self.by_title = {p.title: p for p in found}
        self.titles = sorted(self.by_title)
        self.answers = {
            f"{area}.{name}": record.answer
            for area in sorted({p.area for p in found})
            for name, record in records.read(area).items()
        }


def items_of(seed: int, number: int, titles: list[str]) -> list[Item]:
    """What is run, in order: half of it pipelines, half of it programs."""
    random = Random(f"{seed}:{number}:items")
    items: list[Item] = []
    while len(items) < ITEMS:
        if random.random() < 0.5:
            items.append(Item(random.choice(titles)))
        else:
            which = random.randrange(1_000_000)
            pipeline = numbered(seed, which)
            if not is_pipeline_left_out(pipeline):
                items.append(Item(f"pipeline {which}", pipeline))
    return items


def run(seed: int, number: int, programs: Programs, chosen: list[Item] | None = None) -> Report:
    """Do the run of a number, or one with other items."""
    executor = Random(f"{seed}:{number}:executor").choice(["processes", "processes", "threads"])
    items = items_of(seed, number, programs.titles) if chosen is None else chosen
    has_little = Random(f"{seed}:{number}:memory").random() < 0.75
    has_little = has_little and not any(needs_its_memory(*item) for item in items)
    before = Leftovers()
    differences: list[str] = []
    noticed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="run-") as directory:
        local, notes = Path(directory, "local"), Path(directory, "notes")
        notes.mkdir()
        chaos = Chaos(f"{seed}:{number}", MAX_FAILURES, local, notes)
        with _settings(executor, directory, has_little), chaotic(chaos), _uncaught() as uncaught:
            host = Host(minispark, MASTER, Path(directory), SECONDS)
            sc = host.shared_context()
            failures: list[str] = []
            sc._engine.events.add_listener(lambda event: _notice(event, noticed, failures))
            for position, item in enumerate(items):
                chaos.begin(position, are_blocks_spared(item.title, item.pipeline))
                difference = _difference(host, sc, item, programs)
                if difference is not None:
                    differences.append(f"{item.title}:{difference}")
                    differences += [f"a job failed: {text}" for text in failures]
                failures.clear()
            host.close()
        left = [f"file {path}" for path in local.rglob("*")] + before.found()
        titles = [item.title for item in items]
        return Report(executor, titles, differences + uncaught, left, chaos.injected, dict(noticed))


def _difference(host: Host, sc: Any, item: Item, programs: Programs) -> str | None:
    about = ""
    if item.pipeline is not None:
        about = f"\n    {item.pipeline}"
        expected, found = of_model(item.pipeline), of_minispark(sc)(item.pipeline)
    else:
        expected = programs.answers[item.title]
        found = host.run(programs.by_title[item.title])
    if written(found) == written(expected):
        return None
    return f"{about}\n    expected {written(expected)}\n    found    {written(found)}"


def _notice(event: Event, noticed: Counter[str], failures: list[str]) -> None:
    if isinstance(event, JobEnded) and event.reason is not None:
        failures.append(event.reason)
    elif isinstance(event, TaskEnded):
        noticed["task attempts"] += 1
        noticed["attempts that spilled"] += event.spilled_bytes > 0
        if not event.successful and not event.was_cancelled:
            noticed["failed task attempts"] += 1
    elif isinstance(event, StageCompleted) and event.failure not in (None, "cancelled"):
        noticed["failed stage attempts"] += 1


@contextmanager
def _settings(executor: str, directory: str, has_little_memory: bool) -> Iterator[None]:
    outer = tempfile.tempdir
    tempfile.tempdir = directory
    SYSTEM_PROPERTIES["spark.minispark.executor"] = executor
    if has_little_memory:
        SYSTEM_PROPERTIES["spark.python.worker.memory"] = LITTLE_MEMORY
    try:
        yield
    finally:
        SYSTEM_PROPERTIES.clear()
        tempfile.tempdir = outer


@contextmanager
def _uncaught() -> Iterator[list[str]]:
    """The exceptions that nobody catches: in threads, and where Python can only print them."""
    found: list[str] = []
    outer = threading.excepthook, sys.unraisablehook

    def note(error: Any) -> None:
        if issubclass(error.exc_type, InjectedInterrupt):  # in a generator that is being closed
            return
        lines = traceback.format_exception(error.exc_type, error.exc_value, error.exc_traceback)
        found.append(f"nobody caught: {''.join(lines)}")

    threading.excepthook = sys.unraisablehook = note
    try:
        yield found
        gc.collect()
    finally:
        threading.excepthook, sys.unraisablehook = outer
