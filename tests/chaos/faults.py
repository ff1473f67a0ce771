"""Which faults there are, and which of them befall a task attempt: drawn from a seed.

Pure: nothing here does harm. What befalls an attempt depends on the seed and on which attempt it
is, not on when it runs. So that every job can end well, an attempt that is its task's last one is
left alone; how many damaged files there may be is the affair of who does it (`runner`).
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

START, FUNCTION, END, COMMITTED = "start", "function", "end", "committed"
"""Where in a task: before the first record; in the program's function; when all records are
computed; when the output is committed, and not yet told."""

KILL, RAISE, DELAY = "kill", "raise", "delay"

DAMAGES = ("byte", "cut", "gone")
"""A file has another byte, is shorter, or is not there."""

LONGEST_DELAY = 0.03
MOST_CALLS = 10


class InTask(NamedTuple):
    """A fault in a task, by itself."""

    kind: str
    point: str
    calls: int = 0
    """At which call of a function of the program."""
    seconds: float = 0.0
    """How long a delay is."""


class Plan(NamedTuple):
    """What befalls one attempt."""

    in_task: InTask | None = None
    kill_after: float | None = None
    """The worker is killed from outside after so many seconds."""
    loses_result: bool = False
    kills_parent: bool = False
    damage: str | None = None
    """What is done to a file before the attempt reads it."""


class Weather(NamedTuple):
    """How often the attempts of a run meet faults."""

    failing: float
    damage: float
    parent: float


def weather(random: Random) -> Weather:
    """That of a run: from a few faults to one at almost every attempt."""
    return Weather(
        random.choice([0.1, 0.3, 0.6, 0.9]),
        random.choice([0.05, 0.2, 0.5]),
        random.choice([0, 0.1]),
    )


def plan(random: Random, weather: Weather, may_fail: bool, has_worker: bool) -> Plan:
    """What befalls an attempt.

    ``may_fail``: whether its task has another one. ``has_worker``: whether it runs in a process.
    """
    damage = random.choice(DAMAGES) if random.random() < weather.damage else None
    kills_parent = has_worker and random.random() < weather.parent
    found = Plan(damage=damage, kills_parent=kills_parent)
    if random.random() >= weather.failing:
        return found
    kinds = [DELAY]
    if may_fail:
        kinds += [RAISE, RAISE, "lose"]
        if has_worker:
            kinds += [KILL, KILL, KILL, "outside"]
    match random.choice(kinds):
        case "lose":
            return found._replace(loses_result=True)
        case "outside":
            delay = InTask(DELAY, FUNCTION, _calls(random), LONGEST_DELAY)
            return found._replace(in_task=delay, kill_after=random.uniform(0, LONGEST_DELAY))
        case kind:
            points = [START, FUNCTION, FUNCTION, FUNCTION, END]
            if kind != DELAY:
                points.append(COMMITTED)
            seconds = random.uniform(0, LONGEST_DELAY)
            return found._replace(
                in_task=InTask(kind, random.choice(points), _calls(random), seconds)
            )


def _calls(random: Random) -> int:
    return int(MOST_CALLS ** random.random())
