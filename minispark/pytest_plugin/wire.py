"""What passes between the two processes of `both`: lines of JSON.

For `other` and `serving`. Reports pass as pytest itself makes them serializable. Must not know:
what the messages mean.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

Message = dict[str, Any]


def encode(message: Message) -> bytes:
    """A message as a line.

    >>> encode({"run": "test_x.py::test_y"})
    b'{"run": "test_x.py::test_y"}\\n'
    """
    return json.dumps(message).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line.

    >>> decode(b'{"run": "test_x.py::test_y"}')
    {'run': 'test_x.py::test_y'}
    """
    message: Message = json.loads(line)
    return message


def report_to_message(config: pytest.Config, report: Any) -> Message:
    """A report of a test, or of a phase of it."""
    data: Message | None = config.hook.pytest_report_to_serializable(config=config, report=report)
    if data is None:
        raise TypeError(f"no plugin of pytest makes a {type(report).__name__} serializable")
    if "user_properties" in data:
        # Any value may be in these; a report shows their text.
        data["user_properties"] = [(str(key), _plain(v)) for key, v in data["user_properties"]]
    return data


def report_from_message(config: pytest.Config, data: Message) -> Any:
    """The report again. JSON has no tuples, and pytest's own reporters ask for some."""
    for key in ("longrepr", "location"):
        if isinstance(data.get(key), list):
            data[key] = tuple(data[key])
    for key in ("sections", "user_properties"):
        if key in data:
            data[key] = [tuple(each) for each in data[key]]
    return config.hook.pytest_report_from_serializable(config=config, data=data)


def warning_to_message(warning: warnings.WarningMessage, **told: Any) -> Message:
    """A warning: its text, the name of its class, and where it arose."""
    return {
        "text": str(warning.message),
        "category": warning.category.__name__,
        "filename": warning.filename,
        "lineno": warning.lineno,
        **told,
    }


def warning_from_message(message: Message) -> warnings.WarningMessage:
    """A warning that is shown alike; its class has the name alone of the one that it was."""
    category = type(message["category"], (Warning,), {})
    return warnings.WarningMessage(
        category(message["text"]), category, message["filename"], message["lineno"]
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else repr(value)
