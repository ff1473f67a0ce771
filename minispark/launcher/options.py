"""The options of spark-submit, read from a line as spark-submit reads them.

For the commands, and for PYSPARK_SUBMIT_ARGS. Must not know: what options are good for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

WITH_VALUE = frozenset(
    {
        "--archives",
        "--class",
        "--conf",
        "--deploy-mode",
        "--driver-class-path",
        "--driver-cores",
        "--driver-java-options",
        "--driver-library-path",
        "--driver-memory",
        "--exclude-packages",
        "--executor-cores",
        "--executor-memory",
        "--files",
        "--jars",
        "--keytab",
        "--kill",
        "--master",
        "--name",
        "--num-executors",
        "--packages",
        "--principal",
        "--properties-file",
        "--proxy-user",
        "--py-files",
        "--queue",
        "--remote",
        "--repositories",
        "--status",
        "--total-executor-cores",
    }
)
SWITCHES = frozenset(
    {"--help", "--load-spark-defaults", "--supervise", "--usage-error", "--verbose", "--version"}
)
ENDING = frozenset({"--help", "--usage-error", "--version"})
"""Behind these nothing is read."""
_SHORT = {"-c": "--conf", "-h": "--help", "-v": "--verbose"}
_JOINED = re.compile(r"(--[^=]+)=(.+)", re.DOTALL)


class LineError(ValueError):
    """A line that spark-submit would refuse too; the text is spark-submit's."""


@dataclass(frozen=True)
class Line:
    """A line of options, a program, and the program's own arguments.

    >>> line = read_line(["--master", "local", "-c", "spark.a=1", "job.py", "--all"])
    >>> line.options, line.settings, line.program, line.arguments
    ({'--master': 'local'}, {'spark.a': '1'}, 'job.py', ('--all',))
    """

    options: dict[str, str] = field(default_factory=dict)
    """Those with a value, but for --conf. Given twice, the last one counts."""
    settings: dict[str, str] = field(default_factory=dict)
    """What --conf says."""
    switches: frozenset[str] = frozenset()
    program: str | None = None
    arguments: tuple[str, ...] = ()


def read_line(words: Sequence[str]) -> Line:
    """Read the options up to the program; what is behind it is the program's.

    Raises LineError for an option that does not exist, or without its value.

    >>> read_line(["--mastre", "local"])
    Traceback (most recent call last):
    ...
    minispark.launcher.options.LineError: Unrecognized option: --mastre
    """
    options: dict[str, str] = {}
    settings: dict[str, str] = {}
    switches = set()
    at = 0
    while at < len(words):
        name, value = _split(words[at])
        at += 1
        if name in WITH_VALUE:
            if value is None:
                if at == len(words):
                    raise LineError(f"Missing argument for option '{words[at - 1]}'.")
                value = words[at]
                at += 1
            if name == "--conf":
                key, equals, text = value.partition("=")
                if not equals:
                    raise LineError(f"Invalid argument to --conf: {value}")
                settings[key] = text
            else:
                options[name] = value
        elif name in SWITCHES:
            switches.add(name)
            if name in ENDING:
                break
        elif name.startswith("-"):
            raise LineError(f"Unrecognized option: {name}")
        else:
            program, arguments = words[at - 1], tuple(words[at:])
            return Line(options, settings, frozenset(switches), program, arguments)
    return Line(options, settings, frozenset(switches))


def take_option(name: str, words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take an option that spark-submit does not know out of a line: its value, and the rest.

    >>> take_option("--engine", ["--engine", "pyspark", "--master", "local", "job.py", "--engine"])
    ('pyspark', ['--master', 'local', 'job.py', '--engine'])
    """
    found = None
    rest: list[str] = []
    at = 0
    while at < len(words) and words[at].startswith("-"):
        option, value = _split(words[at])
        size = 2 if value is None and (option in WITH_VALUE or option == name) else 1
        if option == name:
            if at + size > len(words):
                raise LineError(f"Missing argument for option '{name}'.")
            found = words[at + 1] if value is None else value
        else:
            rest.extend(words[at : at + size])
        at += size
    return found, [*rest, *words[at:]]


def _split(word: str) -> tuple[str, str | None]:
    joined = _JOINED.fullmatch(word)
    name, value = joined.groups() if joined else (word, None)
    return _SHORT.get(name, name), value
