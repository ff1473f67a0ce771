"""The code of a loop over records, written line by line, compiled, and kept by its text.

For :mod:`minispark.engine.steps`, which says what the lines are. A loop is a function of an
iterator over records and of values that its lines name; values never stand in the text, so that
the loops of one shape are one function. A function of the program is such a value, and is called;
or its expression stands in the line (:mod:`minispark.engine.inlining`). Should that fail, then the
function is called with the same arguments, so that the error comes from the program's own line.

A StopIteration from a function of the program becomes STOP_ITERATION_OCCURRED, as in Spark: here
it would end a loop without a word.
Must not know: steps, partitions.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Any
from zlib import crc32

from minispark.engine.inlining import Expression
from minispark.engine.stop_iteration import stop_iteration_error

Loop = Callable[..., Any]
"""A function of the values in its code, of records, and of the parameters that are named there."""


class Code:
    """The code of a loop while it is written.

    >>> code = Code()
    >>> record = code.loop("records")
    >>> code.line(f"yield {code.call(len, None, record)}")
    >>> list(code.compiled()(*code.values, ["a", "bc"]))
    [1, 2]
    """

    def __init__(self, *parameters: str) -> None:
        self.values: list[Any] = []
        self._parameters = parameters
        self._lines: list[str] = []
        self._depth = 2
        self._numbers = count(1)
        self._replaced: str | None = None  # the call for which an expression is in the next line
        self._retries: list[tuple[int, str]] = []  # lines with expressions, and these calls

    def call(
        self, function: Callable[..., Any], expression: Expression | None, *arguments: str
    ) -> str:
        """The text for what a function gives, by a call or by its expression.

        Arguments are names. The text is for the line that is written next.
        """
        name = self.value(function)
        call = f"{name}({', '.join(arguments)})"
        if expression is None:
            return call
        self._replaced = call
        return expression.over(arguments, [self.value(value) for value in expression.values])

    def value(self, value: Any) -> str:
        """A name for a value."""
        self.values.append(value)
        return f"v{len(self.values) - 1}"

    def name(self, text: str) -> str:
        """A name for what a text gives, which is computed now, and once."""
        if text.isidentifier():
            return text
        name = f"x{next(self._numbers)}"
        self.line(f"{name} = {text}")
        return name

    def loop(self, iterable: str) -> str:
        """Begin a loop inside those that there are; the name of its variable."""
        name = f"x{next(self._numbers)}"
        self.line(f"for {name} in {iterable}:")
        self._depth += 1
        return name

    def line(self, text: str) -> None:
        """Write a line."""
        self._lines.append("    " * self._depth + text)
        if self._replaced is not None:
            self._retries.append((len(self._lines) + _LINES_BEFORE, self._replaced))
            self._replaced = None

    def after_loops(self) -> None:
        """Further lines stand behind all loops: they are reached if nothing was raised."""
        self._depth = 2

    def compiled(self, result: str = "") -> Loop:
        """The function, which returns ``result`` after the loop."""
        values = [f"v{index}" for index in range(len(self.values))]
        source = [f"def loop({', '.join([*values, 'records', *self._parameters])}):"]
        source += ["    try:", *self._lines, *_STOP_ITERATION]
        if self._retries:
            source += [
                "    except Exception as exc:",
                "        line, error = exc.__traceback__.tb_lineno, exc",
                f"        if line not in {[line for line, _ in self._retries]}: raise",
                "    else:",
                f"        return {result}",
                "    try:",
                *(f"        if line == {line}: {call}" for line, call in self._retries),
                *_STOP_ITERATION,
                "    raise error",  # for whoever counts on errors that do not come again
            ]
        elif result:
            source.append(f"    return {result}")
        return _compiled("\n".join(source) + "\n")


_LINES_BEFORE = 2
"""Of a function, before those that are written."""

_STOP_ITERATION = (
    "    except StopIteration as exc:",
    "        raise stop_iteration_error(exc) from exc",
)


@lru_cache(maxsize=256)
def _compiled(source: str) -> Loop:
    """The function that a text defines; tracebacks and debuggers show its lines."""
    # It begins as the names of the package's own files do, and a shape has but one.
    filename = f"{__file__}: {crc32(source.encode()):08x}"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    names: dict[str, Any] = {"stop_iteration_error": stop_iteration_error, "__name__": __name__}
    exec(compile(source, filename, "exec"), names)
    loop: Loop = names["loop"]
    return loop
