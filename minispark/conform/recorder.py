"""Runs a program as Python would, and writes down the exception that it does not catch.

Each engine runs a copy of this file, under the program's name, in its own process. So it must know
nothing of either engine, nor import anything but the standard library: an exception is asked by
names of attributes what it tells.

Beside the copy lies `task.json`, which names the program and the files for its output: under
spark-submit, what a program writes to standard error would come out as standard output. The record
is written beside it.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

TASK = "task.json"
RECORD = "record.json"


def facts_of(error: BaseException) -> dict[str, Any]:
    """What an exception tells, as JSON.

    `java` is the class and the message of the Java exception that reached Python, or that would
    have on Spark. `condition` and `parameters` are those of Spark's own errors.

    >>> facts_of(ValueError("no"))
    {'class': 'ValueError', 'message': 'no'}
    """
    try:
        message = str(error)
    except Exception as failed:
        message = f"<its text failed: {type(failed).__name__}>"
    facts: dict[str, Any] = {"class": type(error).__name__, "message": message}
    behind: Any = getattr(error, "java_exception", None)
    named = getattr(error, "java_exception_class", None)
    if behind is not None:
        facts["java"] = [behind.getClass().getName(), behind.getMessage() or ""]
    elif named is not None:
        facts["java"] = [str(named), message]
    if callable(getattr(error, "getCondition", None)):
        facts["condition"] = error.getCondition()  # type: ignore[attr-defined]
        parameters = error.getMessageParameters() or {}  # type: ignore[attr-defined]
        facts["parameters"] = {name: str(value) for name, value in parameters.items()}
    return facts


def run(folder: str) -> None:
    """Run the program that `task.json` in a directory names; the process ends as it ends."""
    with open(os.path.join(folder, TASK), encoding="utf-8") as file:
        task = json.load(file)
    program = task["program"]
    with open(program, "rb") as source:
        text = source.read()
    _write(folder, {})  # the engine has come as far as this
    # spark-submit gives a program a pipe to read from that nobody ever writes to.
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    for number, path in ((1, task["stdout"]), (2, task["stderr"])):
        output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, number)
        os.close(output)
    sys.argv[0] = program
    own = os.path.realpath(folder)
    there = os.path.dirname(os.path.realpath(program))
    sys.path[:] = [there if os.path.realpath(path or ".") == own else path for path in sys.path]
    module = ModuleType("__main__")
    module.__dict__.update(
        __builtins__=__builtins__,
        __file__=program,
        __cached__=None,
        __loader__=SourceFileLoader("__main__", program),
    )
    _kept.append(sys.modules["__main__"])
    sys.modules["__main__"] = module
    try:
        exec(compile(text, program, "exec", dont_inherit=True), module.__dict__)
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            _write(folder, {"exception": {"class": "SystemExit", "message": str(end.code)}})
        raise
    except BaseException as error:
        _write(folder, {"exception": facts_of(error)})
        # Its first frame is the one above.
        behind = None if error.__traceback__ is None else error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(behind), behind)
        sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


_kept: list[ModuleType] = []
"""The module that stood as `__main__`: this code is in it."""


def _write(folder: str, record: dict[str, Any]) -> None:
    path = os.path.join(folder, RECORD)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(record, file)
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    run(os.path.dirname(os.path.abspath(__file__)))
