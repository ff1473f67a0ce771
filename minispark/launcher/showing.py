"""What --verbose shows.

Must not know: where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from minispark.launcher.options import Line

_SECRET = r"(?i)secret|password|token|access[.]?key"
_REDACTED = "*********(redacted)"


def parsed(line: Line, settings: Mapping[str, str]) -> str:
    """What --verbose shows: the line as it was understood, and the settings; no secrets."""
    regex = re.compile(settings.get("spark.redaction.regex", _SECRET))
    rows = [
        ("master", settings["spark.master"]),
        *((option.removeprefix("--"), value) for option, value in line.options.items()),
        ("program", line.program),
        ("name", settings["spark.app.name"]),
        ("arguments", f"[{' '.join(line.arguments)}]"),
    ]
    return "\n".join(
        [
            "Parsed arguments:",
            *(f"  {name:<23} {value}" for name, value in dict(rows).items()),
            "",
            "System properties:",
            *(f"({key},{value})" for key, value in _redacted(sorted(settings.items()), regex)),
            "",
        ]
    )


def _redacted(
    settings: Iterable[tuple[str, str]], regex: re.Pattern[str]
) -> Iterator[tuple[str, str]]:
    for key, value in settings:
        yield key, _REDACTED if regex.search(key) or regex.search(value) else value
