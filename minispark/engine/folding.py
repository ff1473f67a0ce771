"""Reducing all records of a partition to one value, at the end of a run of steps.

For the actions of the facade. Must not know: what is done with the values of partitions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from minispark.engine.inlining import expression_of, is_plain
from minispark.engine.loops import Code
from minispark.engine.steps import Ending

_MISSING: Final[Any] = object()  # not None: a record may be None


class Reduce(Ending):
    """The records reduced to one by ``f(so_far, record)``; nothing where there are none.

    >>> list(Reduce(max)(0, [1, 3, 2])), list(Reduce(max)(0, []))
    ([3], [])
    """

    def start(self) -> Any:
        return _MISSING

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        (f,) = self.arguments
        x = code.name(record)
        code.line(f"if state is {code.value(_MISSING)}: state = {x}")
        expression = expression_of(f, 2) if are_plain else None
        code.line(f"else: state = {code.call(f, expression, 'state', x)}")

    def result(self, state: Any, room: None) -> Iterable[Any]:
        return () if state is _MISSING else (state,)


class Fold(Ending):
    """The records folded into ``zero`` by ``f(so_far, record)``.

    >>> list(Fold("", lambda so_far, x: so_far + str(x))(0, [1, 2]))
    ['12']
    """

    def start(self) -> Any:
        zero, _ = self.arguments
        return zero

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        zero, f = self.arguments
        expression = expression_of(f, 2) if are_plain and is_plain(zero) else None
        code.line(f"state = {code.call(f, expression, 'state', code.name(record))}")

    def result(self, state: Any, room: None) -> Iterable[Any]:
        return (state,)
