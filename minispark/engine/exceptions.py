"""Exceptions as bytes, on their way from a task to the driver.

An exception of the program keeps its class, its attributes, its traceback and those of its causes.
What cannot be pickled must not be lost over its form: it arrives as a RuntimeError that tells what
it was.

A traceback is written as a list of its places: tracebacks inside tracebacks would be too deep for
pickle just where a recursion has no end. It is made again by code that raises at those places, so
that it shows the program's lines, and marks in them what the original marks.
"""

from __future__ import annotations

import ast
import io
import traceback
from collections.abc import Callable, Iterator
from itertools import islice
from types import CodeType, FunctionType, TracebackType
from typing import Any, NamedTuple

from minispark.engine import closures


def dumps(exc: BaseException) -> bytes:
    """The exception; without what caused it, where that cannot be sent; else in words."""
    for _ in ("as it is", "alone"):
        try:
            data = _dumps(exc)
            if isinstance(closures.loads(data), BaseException):
                return data
        except Exception:
            exc.__cause__ = exc.__context__ = None
    return _dumps(RuntimeError(in_words(exc)).with_traceback(exc.__traceback__))


def in_words(exc: BaseException) -> str:
    """What the last lines of a traceback say, whatever ``str`` makes of the exception."""
    return "".join(traceback.format_exception_only(exc)).strip()


def dumps_alone(exc: BaseException) -> bytes:
    """The exception without traceback and causes; raises what pickling raises."""
    return _dumps_with(exc, {type(exc): _reduce_alone})


def loads(data: bytes | bytearray) -> BaseException:
    """What one of these has written."""
    exc: BaseException = closures.loads(data)
    return exc


def _dumps(exc: BaseException) -> bytes:
    reducers: dict[type, Any] = dict.fromkeys(_classes(exc, set()), _reduce)
    return _dumps_with(exc, reducers | {TracebackType: _reduce_traceback})


def _dumps_with(exc: BaseException, reducers: dict[type, Any]) -> bytes:

    class Pickler(closures.Pickler):
        dispatch_table = closures.reducers_now() | reducers

    with io.BytesIO() as file:
        Pickler(file, protocol=closures.PROTOCOL).dump(exc)
        return file.getvalue()


def _reduce(exc: BaseException) -> tuple[Any, ...]:
    """As the exception says, with what pickle leaves out."""
    made, arguments = _reduce_alone(exc)
    around = (exc.__cause__, exc.__context__, exc.__suppress_context__, exc.__traceback__)
    return made, (*arguments, around)


def _reduce_alone(exc: BaseException) -> tuple[Any, ...]:
    """As the exception says.

    One with an ``__init__`` of its own seldom can be made from its ``args``: it is made without.
    """
    reduced: Any = exc.__reduce_ex__(closures.PROTOCOL)
    make, arguments, *state = reduced
    if make is type(exc) and isinstance(make.__init__, FunctionType):
        make, arguments = make.__new__, (make, *arguments)
    return _made, (make, arguments, state[0] if state else None)


def _made(
    make: Callable[..., BaseException],
    arguments: tuple[Any, ...],
    state: dict[str, Any] | None,
    around: tuple[Any, ...] = (None, None, False, None),
) -> BaseException:
    exc = make(*arguments)
    if state:
        exc.__setstate__(state)
    exc.__cause__, exc.__context__, exc.__suppress_context__, exc.__traceback__ = around
    return exc


def _classes(exc: BaseException | None, seen: set[int]) -> Iterator[type]:
    """The classes of an exception, of what caused it, and of those in a group."""
    if exc is None or id(exc) in seen:
        return
    seen.add(id(exc))
    yield type(exc)
    yield from _classes(exc.__cause__, seen)
    yield from _classes(exc.__context__, seen)
    if isinstance(exc, BaseExceptionGroup):
        for member in exc.exceptions:
            yield from _classes(member, seen)


class _Place(NamedTuple):
    """What a traceback shows of one of its frames."""

    file: str
    function: str
    first_line: int
    """The function's."""
    line: int
    end_line: int
    column: int
    """In bytes, as in the nodes of `ast`; -1 if it is not known."""
    end_column: int
    module: dict[str, Any]
    """What the function's globals say of its module."""


def _reduce_traceback(trace: TracebackType) -> tuple[Any, ...]:
    return _traceback_at, (list(_places(trace)),)


def _places(trace: TracebackType | None) -> Iterator[_Place]:
    while trace is not None:
        frame, line = trace.tb_frame, trace.tb_lineno
        code = frame.f_code
        found = next(islice(code.co_positions(), max(trace.tb_lasti, 0) // 2, None), None)
        start, end_line, column, end_column = found or (None,) * 4
        if start != line or end_line is None or column is None or end_column is None:
            end_line, column, end_column = line, -1, -1
        known = {name: frame.f_globals.get(name) for name in ("__name__", "__file__")}
        yield _Place(
            code.co_filename,
            code.co_name,
            code.co_firstlineno,
            line,
            end_line,
            column,
            end_column,
            {name: value for name, value in known.items() if isinstance(value, str)},
        )
        trace = trace.tb_next


def _traceback_at(places: list[_Place]) -> TracebackType | None:
    trace: TracebackType | None = None
    for place in reversed(places):
        try:
            FunctionType(_raising(place), place.module)()
        except TypeError as exc:
            at_place = exc.__traceback__ and exc.__traceback__.tb_next
            assert at_place is not None
            at_place.tb_next = trace
            trace = at_place
    return trace


def _raising(place: _Place) -> CodeType:
    """The code of a function without arguments that raises a TypeError at a place."""
    statement = ast.Raise(ast.Constant(0))  # no exception: a TypeError
    tree = ast.parse("def raising(): pass")
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body = [statement]
    function.lineno = function.end_lineno = place.first_line
    for node in ast.walk(statement):
        if isinstance(node, (ast.stmt, ast.expr)):
            node.lineno, node.end_lineno = place.line, place.end_line
            node.col_offset, node.end_col_offset = place.column, place.end_column
    code = compile(tree, place.file, "exec", dont_inherit=True)
    body = next(each for each in code.co_consts if isinstance(each, CodeType))
    return body.replace(co_name=place.function, co_qualname=place.function)
