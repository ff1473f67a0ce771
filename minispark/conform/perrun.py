"""What in a line of output belongs to one run, and is blanked before lines are compared.

Only what nobody can mean as an answer: object addresses, application ids, durations after the
word "took", and times of day within the run itself. Whatever else differs from run to run is found
by running again (`lines`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_BLANKED = [
    (re.compile(r"\bat 0x[0-9a-fA-F]{6,16}\b"), "at 0x#"),
    (re.compile(r"\b(local-\d{13}|app-\d{14}-\d{4})\b"), "APPLICATION"),
    (re.compile(r"\b(took:?) \d+(\.\d+)?(e-\d+)? ?(ms|s|secs?|seconds?)\b"), r"\1 # \4"),
]
_TIME = re.compile(
    r"\b(?P<date>\d{4}-\d\d-\d\d|\d\d/\d\d/\d\d)[T ]\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:?\d\d)?\b"
)
_SLACK = 2.0  # seconds: what is printed may be rounded


def blanked(line: str, start: float, end: float) -> str:
    """A line without what is of one run only.

    Parameters
    ----------
    line: a line of what a program wrote.
    start, end: of the run, in seconds since the epoch.

    >>> blanked("<Thing object at 0x7f0a12345678>", 0, 1)
    '<Thing object at 0x#>'
    >>> blanked("at 1970-01-01T00:00:01Z, not at 1999-12-31T00:00:00", 0, 1)
    'at TIME, not at 1999-12-31T00:00:00'
    """
    for pattern, replacement in _BLANKED:
        line = pattern.sub(replacement, line)

    def time(found: re.Match[str]) -> str:
        moments = _moments(found[0])
        now = any(start - _SLACK <= moment <= end + _SLACK for moment in moments)
        return "TIME" if now else found[0]

    return _TIME.sub(time, line)


def _moments(text: str) -> list[float]:
    """When a time of day may be meant: as it says, or in local time, or in UTC."""
    text = text.replace(",", ".").replace("/", "-")
    if text[2] == "-":
        text = f"20{text}"
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return []
    if told.tzinfo is not None:
        return [told.timestamp()]
    return [told.timestamp(), told.replace(tzinfo=UTC).timestamp()]
