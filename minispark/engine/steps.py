"""Steps: what a pipeline does to each record. Consecutive ones run as one loop.

An operation such as ``map`` puts a :class:`Step` into a pipeline, which is a function ``(partition,
iterator) -> iterable`` like any other there; :func:`joined` joins those that follow each other.
For each such run one generator is written, compiled and kept by its text::

    sc.range(9).map(lambda x: x + 1).filter(is_odd).flatMap(pair)

    for x1 in records:
        x2 = (x1 + v1)
        if not v2(x2): continue
        for x3 in v3(x2):
            yield x3

As in a chain of generators each record goes through all steps before the next one is read, and no
record is computed that nobody asks for. A function that is one simple expression is not called: it
stands in the loop (:mod:`minispark.engine.inlining`). Should it fail there, then it is called with
the same argument, so that the error comes from the program's own line. Which functions may stand
in the loop is told by what they are given: the first records go through a loop a step, whose
functions all are called. So a partition of a few records costs no work on its code.

A StopIteration from a function of the program becomes STOP_ITERATION_OCCURRED, as in Spark: here
it would end the loop without a word.
Must not know: partitions, frames.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, count, groupby, islice
from typing import Any, cast

from minispark.engine.inlining import Expression, expression_of, is_plain, is_watched
from minispark.engine.stop_iteration import stop_iteration_error

_WATCHED_RECORDS = 16
"""How many records show what the functions are given."""

_LONGEST = 12
"""Of how many steps one loop is made at most: each may be a loop inside it."""

PartitionFunction = Callable[[int, Iterator[Any]], Iterable[Any]]
Loop = Callable[..., Iterator[Any]]
"""Of records, and of values that the code of the loop names."""


class Step:
    """One operation on each record, by ``function``, which is the program's."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.function,)

    def __call__(self, partition: int, records: Iterable[Any]) -> Iterator[Any]:
        return Run((self,))(partition, records)

    def write(self, code: _Code, record: str) -> str:
        """Write the step into a loop; returns the text of the record that it gives."""
        raise NotImplementedError


class Map(Step):
    """`f(x)` for each x."""

    def write(self, code: _Code, record: str) -> str:
        return code.call(self, code.name(record))


class Filter(Step):
    """Each x for which `f(x)` is true."""

    def write(self, code: _Code, record: str) -> str:
        x = code.name(record)
        code.line(f"if not {code.call(self, x)}: continue")
        return x


class FlatMap(Step):
    """All elements of `f(x)`, for each x."""

    def write(self, code: _Code, record: str) -> str:
        return code.loop(code.call(self, code.name(record)))


class KeyBy(Step):
    """`(f(x), x)` for each x."""

    def write(self, code: _Code, record: str) -> str:
        x = code.name(record)
        return f"({code.call(self, x)}, {x})"


class MapValues(Step):
    """`(k, f(v))` for each pair."""

    def write(self, code: _Code, record: str) -> str:
        pair = code.name(record)
        key, value = code.name(f"{pair}[0]"), code.name(f"{pair}[1]")
        return f"({key}, {code.call(self, value)})"


class FlatMapValues(Step):
    """`(k, u)` for each u in `f(v)`, for each pair."""

    def write(self, code: _Code, record: str) -> str:
        pair = code.name(record)
        u = code.loop(code.call(self, code.name(f"{pair}[1]")))
        return f"({pair}[0], {u})"


class Run:
    """Steps that follow each other in a pipeline, as one function of it."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps

    def __call__(self, _partition: int, records: Iterable[Any]) -> Iterator[Any]:
        return chain.from_iterable(self._parts(iter(records)))

    def _parts(self, records: Iterator[Any]) -> Iterator[Iterator[Any]]:
        """What is made of the first records, and of the others."""
        seen = [_Seen() for _ in self._steps]
        first: Iterator[Any] = islice(records, _WATCHED_RECORDS)
        for step, given in zip(self._steps, seen, strict=True):
            kind: Callable[[Any], Step] = type(step)
            first = _loop_of_one(kind)(given.passing(first), step.function)
        yield first
        if seen[0].count == _WATCHED_RECORDS:
            loop, values = _written(self._steps, _expressions(self._steps, seen))
            yield loop(records, *values)


class _Seen:
    """What a step was given so far."""

    def __init__(self) -> None:
        self.count = 0
        self.is_plain = True

    def passing(self, records: Iterable[Any]) -> Iterator[Any]:
        for record in records:
            self.count += 1
            self.is_plain = self.is_plain and is_plain(record)
            yield record


def joined(functions: Iterable[PartitionFunction]) -> Iterator[PartitionFunction]:
    """The functions of a pipeline, with steps that follow each other as one function."""
    for are_steps, group in groupby(functions, lambda function: isinstance(function, Step)):
        if are_steps:
            steps = cast("Iterator[Step]", group)
            while together := tuple(islice(steps, _LONGEST)):
                yield Run(together)
        else:
            yield from group


def _expressions(steps: Sequence[Step], seen: Sequence[_Seen]) -> list[Expression | None]:
    """What may stand in the loop for a call of each step's function."""
    if is_watched():
        return [None] * len(steps)
    expressions: list[Expression | None] = []
    gives_plain = False
    for step, given in zip(steps, seen, strict=True):
        gets_plain = given.is_plain if given.count else gives_plain
        expression = expression_of(step.function) if gets_plain else None
        expressions.append(expression)
        gives_plain = gets_plain and (expression is not None or isinstance(step, Filter))
    return expressions


class _Code:
    """The code of a loop over records, while steps write it."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.expression: Expression | None = None
        """Of the function of the step that is writing."""
        self._lines: list[str] = []
        self._depth = 1
        self._names = count(1)
        self._stands_for: str | None = None  # the call for which an expression is in the next line
        self._retries: list[tuple[int, str]] = []

    def call(self, step: Step, argument: str) -> str:
        """The text of what the step's function gives for an argument, which is a name."""
        function = self._value(step.function)
        if self.expression is None:
            return f"{function}({argument})"
        self._stands_for = f"{function}({argument})"
        values = map(self._value, self.expression.values)
        return self.expression.text.format(*values, x=argument)

    def name(self, text: str) -> str:
        """A name for what a text gives, computed once."""
        if text.isidentifier():
            return text
        name = self._new_name()
        self.line(f"{name} = {text}")
        return name

    def loop(self, iterable: str) -> str:
        """Begin a loop inside those that there are; the name of its variable."""
        name = self._new_name()
        self.line(f"for {name} in {iterable}:")
        self._depth += 1
        return name

    def line(self, text: str) -> None:
        """Write a line."""
        self._lines.append("    " * (self._depth + 1) + text)
        if self._stands_for is not None:
            self._retries.append((len(self._lines) + _LINES_BEFORE, self._stands_for))
            self._stands_for = None

    def source(self) -> str:
        """The whole function."""
        parameters = ", ".join(["records", *map(_value_name, range(len(self.values)))])
        source = [f"def loop({parameters}):", "    try:", *self._lines, *_STOP_ITERATION]
        if self._retries:
            source += [
                "    except Exception as exc:",
                "        line, error = exc.__traceback__.tb_lineno, exc",
                f"        if line not in {[line for line, _ in self._retries]}: raise",
                "    else:",
                "        return",
                "    try:",
                *(f"        if line == {line}: {call}" for line, call in self._retries),
                *_STOP_ITERATION,
                "    raise error",  # for whoever counts on errors that do not come again
            ]
        return "\n".join(source) + "\n"

    def _new_name(self) -> str:
        return f"x{next(self._names)}"

    def _value(self, value: Any) -> str:
        self.values.append(value)
        return _value_name(len(self.values) - 1)


_LINES_BEFORE = 2
"""Of a function, before those that steps write."""

_STOP_ITERATION = (
    "    except StopIteration as exc:",
    "        raise stop_iteration_error(exc) from exc",
)


def _value_name(index: int) -> str:
    return f"v{index}"


def _written(
    steps: Sequence[Step], expressions: Sequence[Expression | None]
) -> tuple[Loop, list[Any]]:
    """The loop for some steps, and the values that it takes besides the records."""
    code = _Code()
    record = code.loop("records")
    for step, expression in zip(steps, expressions, strict=True):
        code.expression = expression
        record = step.write(code, record)
    code.line(f"yield {record}")
    return _compiled(code.source()), code.values


@cache
def _loop_of_one(kind: Callable[[Any], Step]) -> Loop:
    """The loop of one step: of records, and of the step's function, which it calls."""
    loop, _ = _written([kind(len)], [None])
    return loop


@lru_cache(maxsize=256)
def _compiled(source: str) -> Loop:
    """The function that a text defines; tracebacks and debuggers show its lines."""
    filename = f"{__file__}: loop {next(_numbers)}"  # as part of this module
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    names: dict[str, Any] = {"stop_iteration_error": stop_iteration_error, "__name__": __name__}
    exec(compile(source, filename, "exec"), names)
    return cast(Loop, names["loop"])


_numbers = count(1)
