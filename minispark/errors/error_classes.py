"""The error conditions as PySpark has them: a dict, and JSON.

For programs that look conditions up; the texts are `minispark.errors.conditions`.
Must not know: the exception classes.
"""

import json
from typing import Any

from minispark.errors.conditions import CONDITIONS, SQL_STATES

__all__ = ["ERROR_CLASSES_JSON", "ERROR_CLASSES_MAP"]


def _entry(condition: str, text: str) -> dict[str, Any]:
    state = SQL_STATES.get(condition)
    return {"message": text.split("\n"), **({} if state is None else {"sqlState": state})}


ERROR_CLASSES_MAP: dict[str, Any] = {name: _entry(name, text) for name, text in CONDITIONS.items()}
"""For each condition the lines of its text, and its SQLSTATE where it has one."""

ERROR_CLASSES_JSON = json.dumps(ERROR_CLASSES_MAP, indent=2)
