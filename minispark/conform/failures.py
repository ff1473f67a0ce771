"""What of an uncaught exception is compared: class and message, and not what is each engine's own.

For the command, and for the conformance suite. It knows exceptions by their facts alone
(`recorder.facts_of`), never by importing an engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Form = dict[str, Any]

_NORMALISED = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        # Where an engine keeps its exception classes is its own business.
        (r"^(?:pyspark|minispark)(?:\.\w+)*\.(?=\w+(?::|$))", "ENGINE."),
        (r"\bpyspark\b|\bminispark\b", "ENGINE"),
        (r"\b0x[0-9a-fA-F]+\b", "0x#"),
        (r"\b([Ss]tage) \d+", r"\1 #"),
        (r"\(TID \d+\) \([^()]* executor [^()]*\)", "(TID #) (HOST executor)"),
        (r"\bTID \d+", "TID #"),
        (r"\b(RDD|rdd)_\d+_", r"\1_#_"),
        (r"\bo\d+\.", "o#."),
        (r"\bBroadcast\(\d+\)", "Broadcast(#)"),
        (r"\((\w+) at [^()\s]+\.(?:java|scala|py):\d+\)", r"(\1 at CALLSITE)"),
        # Python 3.12 put it in other words.
        (r"Can't get local object", "Can't pickle local object"),
    ]
]


def comparable(facts: Mapping[str, Any]) -> Form:
    """The form of an exception in which it is compared.

    What reaches PySpark as a Py4JJavaError, and minispark as a SparkException, is told by the Java
    class and the first line of the message; an exception of the program in a task by what stands
    at the end of the Python traceback; any other one by its class and message.

    >>> comparable({"class": "ValueError", "message": "no"})
    {'exception': {'class': 'ValueError', 'message': 'no'}}
    """
    if facts["class"] == "PythonException":
        # What a failed function of a program is, once there was a session in the process.
        return {"captured": ["PythonException", blanked(_end_of_traceback(facts["message"]))]}
    if "java" in facts:
        java_class, message = facts["java"]
        if java_class.endswith("PythonException"):
            return {"java": [java_class, blanked(_end_of_traceback(message))]}
        first_line = message.splitlines()[0] if message else ""
        return {"java": [java_class, blanked(first_line)]}
    told: Form = {"class": facts["class"], "message": blanked(facts["message"])}
    if "condition" in facts:
        told["condition"] = facts["condition"]
        parameters = sorted(facts["parameters"].items())
        told["parameters"] = {name: blanked(value) for name, value in parameters}
    return {"exception": told}


def blanked(message: str) -> str:
    """A message without the engine's name, addresses, and numbers of stages, tasks and the like."""
    for pattern, replacement in _NORMALISED:
        message = pattern.sub(replacement, message)
    return message


def _end_of_traceback(message: str) -> str:
    """What follows the last frame of the last traceback in a message: exception and its text."""
    _, marker, after = message.rpartition("Traceback (most recent call last):\n")
    if not marker:
        return message
    lines = after.splitlines()
    while lines and lines[0].startswith("  "):
        lines.pop(0)
    text = "\n".join(lines)
    for end in ("\n SQLSTATE: ", "\n\nDriver stacktrace:"):
        text = text.partition(end)[0]
    return text.rstrip("\n")
