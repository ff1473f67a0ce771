"""Functions that are one expression over their argument: that expression, to stand in other code.

``lambda x: x * 2 + n`` costs more to call than to compute. For :mod:`minispark.engine.steps`, which
writes loops over records: where :func:`expression_of` finds the expression of a function, the loop
has it in place of the call. It is read from the function's bytecode, whose source may not be there.

Only what needs no frame of its own is taken: operators, comparisons, conditions, indexing, tuples,
lists and f-strings, of the argument, constants and variables from outside. No call and no
attribute: those run code that may look at its caller. Operators of a program's own classes may do
so too, which is why :func:`is_plain` looks at records and variables. Any other function stays what
it is: a call.

Must not know: records, steps.
"""

from __future__ import annotations

import dis
import operator
import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any, NamedTuple, cast

_ARGUMENTS = ("x", "y")

_MAX_INSTRUCTIONS = 64
"""How many are followed at most, counting those behind a condition on each of its ways."""

_SKIPPED = {"RESUME", "CACHE", "NOP", "NOT_TAKEN", "COPY_FREE_VARS", "TO_BOOL"}
_ARGUMENT_LOADS = {
    "LOAD_FAST",
    "LOAD_FAST_BORROW",
    "LOAD_FAST_LOAD_FAST",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW",
}
_CONSTANT_LOADS = {"LOAD_CONST", "LOAD_SMALL_INT"}
_UNARY = {"UNARY_NEGATIVE": "-", "UNARY_INVERT": "~", "UNARY_NOT": "not "}
_BINARY = {"+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^", "[]"}
_FORMATTING = {
    "BUILD_STRING",
    "FORMAT_VALUE",  # before Python 3.13, for the next three
    "CONVERT_VALUE",
    "FORMAT_SIMPLE",
    "FORMAT_WITH_SPEC",
}
_CONVERSIONS = ("", "!s", "!r", "!a")
_COMPARISONS = {"<", "<=", "==", "!=", ">", ">="}
_BUILTIN: dict[Any, str] = {
    operator.add: "({x} + {y})",
    operator.mul: "({x} * {y})",
    max: "({y} if {y} > {x} else {x})",  # of equal ones, the first
    min: "({y} if {y} < {x} else {x})",
}
_IDENTITY = ("is", "is not")
_MEMBERSHIP = ("in", "not in")
_SCALARS = {int, float, complex, bool, str, bytes, type(None)}
_CONTAINERS = {tuple, list, dict}
_NAME = re.compile(r"\w+|\{\w+\}")


class Expression(NamedTuple):
    """What a function computes.

    ``text`` is a format: ``{x}`` and ``{y}`` are the arguments, ``{0}``, ``{1}``, ... ``values``.
    """

    text: str
    values: tuple[Any, ...] = ()

    def over(self, arguments: Sequence[str], values: Sequence[str]) -> str:
        """The text with names for the arguments and the values.

        >>> Expression("({x} + {0})", (1,)).over(["a"], ["one"])
        '(a + one)'
        """
        return self.text.format(*values, **dict(zip(_ARGUMENTS, arguments, strict=False)))


class _Template(NamedTuple):
    """An expression without the values: what each is in a function is told by ``operands``."""

    arguments: int
    text: str
    operands: tuple[Callable[[FunctionType], Any], ...]
    variables: tuple[Callable[[FunctionType], Any], ...]


class _Opaque(Exception):
    """The function is no such expression."""


def expression_of(function: Callable[..., Any], arguments: int = 1) -> Expression | None:
    """The expression that ``function`` computes of one or two arguments; None if it is no such.

    >>> expression_of(lambda x: (x, x % 3 + 1))
    Expression(text='({x}, (({x} % {0}) + {1}),)', values=(3, 1))
    >>> expression_of(lambda x: f"{x}-{x + 1:03}").over(["a"], ["dash", "one", "width"])
    "f'{a}{dash}{(a + one):{width}}'"
    >>> expression_of(lambda x: len(x))
    >>> expression_of(lambda a, b: a + b, 2)
    Expression(text='({x} + {y})', values=())
    """
    if type(function) is itemgetter and arguments == 1:
        items = cast("tuple[Any, ...]", function.__reduce__()[1])
        return Expression("{x}[{0}]", items) if len(items) == 1 else None
    if type(function) is not FunctionType:
        known = type(function) is BuiltinFunctionType and _BUILTIN.get(function)
        return Expression(known) if known and arguments == 2 else None
    template = _template_of(function.__code__)
    if template is None or template.arguments != arguments:
        return None
    try:
        if not all(is_plain(variable(function)) for variable in template.variables):
            return None
    except (KeyError, ValueError):  # not there: calling the function tells so
        return None
    return Expression(template.text, tuple(operand(function) for operand in template.operands))


def is_plain(value: Any, depth: int = 3) -> bool:
    """Whether operators on ``value`` run nothing but Python's own code, as far as a look tells.

    >>> is_plain(1), is_plain(("a", [1.5, None])), is_plain(is_plain), is_plain((1, object()))
    (True, True, False, False)
    """
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind not in _CONTAINERS or depth == 0:
        return False
    inside = chain.from_iterable(value.items()) if kind is dict else value
    return all(is_plain(each, depth - 1) for each in islice(inside, 8))


def is_watched() -> bool:
    """Whether a debugger, profiler or measurement of coverage sees the calls on this thread."""
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    return monitoring is not None and any(monitoring.get_tool(i) is not None for i in range(6))


@lru_cache(maxsize=1024)  # a task reads its functions anew: equal code, not the same
def _template_of(code: CodeType) -> _Template | None:
    import inspect  # where it is needed: it takes as long to import as all steps

    special = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR
    special |= inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    if code.co_argcount not in (1, 2) or code.co_kwonlyargcount or code.co_flags & special:
        return None
    if code.co_exceptiontable or len(code.co_code) > 16 * _MAX_INSTRUCTIONS:
        return None
    reader = _Reader(code)
    try:
        text = reader.result(0, [])
    except (_Opaque, IndexError):  # an empty stack: an instruction that is not understood
        return None
    return _Template(code.co_argcount, text, tuple(reader.operands), tuple(reader.variables))


class _Reader:
    """Follows bytecode with a stack of texts, in place of one of values."""

    def __init__(self, code: CodeType) -> None:
        self.operands: list[Callable[[FunctionType], Any]] = []
        self.variables: list[Callable[[FunctionType], Any]] = []
        names = code.co_varnames[: code.co_argcount]
        self._arguments = {
            name: f"{{{known}}}" for name, known in zip(names, _ARGUMENTS, strict=False)
        }
        self._instructions = list(dis.get_instructions(code))
        self._index = {each.offset: index for index, each in enumerate(self._instructions)}
        self._free = {name: index for index, name in enumerate(code.co_freevars)}
        self._left = _MAX_INSTRUCTIONS
        self._names = 0

    def result(self, index: int, stack: list[str]) -> str:
        """What is returned, from the instruction at ``index`` on."""
        while True:
            self._left -= 1
            if self._left < 0:
                raise _Opaque
            instruction = self._instructions[index]
            name = instruction.opname
            index += 1
            if name == "TO_BOOL" and not self._is_before(index, "POP_JUMP_", "UNARY_NOT"):
                stack.append(f"(not not {_pop(stack, 1)[0]})")
            if name in _SKIPPED:
                continue
            if name == "RETURN_VALUE" and len(stack) == 1:
                return stack[0]
            if name == "RETURN_CONST" and not stack:
                return self._constant(instruction.argval)
            if name == "JUMP_FORWARD":
                index = self._index[instruction.argval]
            elif name == "COPY" and instruction.arg == 1 and self._is_before(index, "POP_JUMP_"):
                # Of `and` and `or`: the value decides, and may be the result.
                value, kept = stack.pop(), self._name()
                stack += [kept, f"({kept} := {value})"]
            elif name.startswith("JUMP_IF_"):  # the same, in Python 3.11
                value, kept = stack.pop(), self._name()
                _need_names(stack)
                taken = self.result(self._index[instruction.argval], [*stack, kept])
                following = self.result(index, stack)
                return _either(name, f"({kept} := {value})", taken, following)
            elif name.startswith("POP_JUMP_"):
                condition = stack.pop()
                _need_names(stack)
                taken = self.result(self._index[instruction.argval], list(stack))
                following = self.result(index, stack)
                return _either(name, condition, taken, following)
            elif name == "BUILD_SLICE" and not self._is_before(index, "BINARY_SUBSCR"):
                raise _Opaque
            else:
                self._push(instruction, stack)

    def _push(self, instruction: dis.Instruction, stack: list[str]) -> None:
        """Follow an instruction that only works on the stack."""
        name, argument = instruction.opname, instruction.argval
        if name in _ARGUMENT_LOADS:
            for loaded in argument if type(argument) is tuple else (argument,):
                if loaded not in self._arguments:
                    raise _Opaque
                stack.append(self._arguments[loaded])
        elif name in _CONSTANT_LOADS:
            stack.append(self._constant(argument))
        elif name == "LOAD_GLOBAL" and not (instruction.arg or 0) & 1:  # else it is to be called
            self.variables.append(lambda function: function.__globals__[argument])
            within = self._operand(lambda function: function.__globals__)
            stack.append(f"{within}[{self._constant(argument)}]")
        elif name == "LOAD_DEREF":
            place = self._free[argument]
            self.variables.append(lambda function: _closure(function)[place].cell_contents)
            cell = self._operand(lambda function: _closure(function)[place])
            stack.append(f"{cell}.cell_contents")
        elif name in _UNARY:
            stack.append(f"({_UNARY[name]}{_pop(stack, 1)[0]})")
        elif name == "COPY":
            _need_names([stack[-argument]])
            stack.append(stack[-argument])
        elif name == "SWAP":
            _need_names([stack[-1]])
            _need_names(stack[1 - argument : -1])
            stack[-1], stack[-argument] = stack[-argument], stack[-1]
        elif name == "POP_TOP":
            _need_names([stack.pop()])
        elif name == "BUILD_SLICE":
            stack.append(":".join(_pop(stack, argument)))
        elif name == "BINARY_SLICE":
            container, start, stop = _pop(stack, 3)
            stack.append(f"{container}[{start}:{stop}]")
        elif name in ("BUILD_TUPLE", "BUILD_LIST") and argument:
            items = "".join(f"{item}, " for item in _pop(stack, argument)).rstrip()
            stack.append(f"({items})" if name == "BUILD_TUPLE" else f"[{items}]")
        elif name in _FORMATTING:
            stack.append(_formatted(instruction, stack))
        else:
            symbol = _symbol(instruction)
            left, right = _pop(stack, 2)
            text = f"{left}[{right}]" if symbol == "[]" else f"({left} {symbol} {right})"
            stack.append(text)

    def _is_before(self, index: int, *names: str) -> bool:
        """Whether the instruction from ``index`` on that does something has such a name."""
        while self._instructions[index].opname in _SKIPPED:
            index += 1
        return self._instructions[index].opname.startswith(names)

    def _constant(self, value: Any) -> str:
        return self._operand(lambda _function: value)

    def _operand(self, operand: Callable[[FunctionType], Any]) -> str:
        self.operands.append(operand)
        return f"{{{len(self.operands) - 1}}}"

    def _name(self) -> str:
        self._names += 1
        return f"kept{self._names}"


def _symbol(instruction: dis.Instruction) -> str:
    """The operator of two operands that an instruction is."""
    name = instruction.opname
    if name == "BINARY_OP" and instruction.argrepr in _BINARY:  # without those that assign
        return instruction.argrepr
    if name == "BINARY_SUBSCR":
        return "[]"
    if name == "COMPARE_OP" and instruction.argval in _COMPARISONS:
        return str(instruction.argval)
    if name == "IS_OP":
        return _IDENTITY[instruction.arg or 0]
    if name == "CONTAINS_OP":
        return _MEMBERSHIP[instruction.arg or 0]
    raise _Opaque


def _either(jump: str, condition: str, taken: str, following: str) -> str:
    """The text for a jump that is taken on a condition."""
    if "NONE" in jump:
        condition = f"({condition} is {'not ' if 'NOT_NONE' in jump else ''}None)"
        return f"({taken} if {condition} else {following})"
    if "TRUE" in jump:
        return f"({taken} if {condition} else {following})"
    return f"({following} if {condition} else {taken})"


def _formatted(instruction: dis.Instruction, stack: list[str]) -> str:
    """The text of what an instruction for an f-string, or for a part of it, makes of the stack."""
    name, argument = instruction.opname, instruction.arg or 0
    if name == "BUILD_STRING":
        parts = _pop(stack, argument)
        parts = [part if part.startswith("f'") else _f_string(part) for part in parts]
        return f"f'{''.join(part[2:-1] for part in parts)}'"
    if name == "CONVERT_VALUE":
        return _pop(stack, 1)[0] + _CONVERSIONS[argument]
    has_format = name == "FORMAT_WITH_SPEC" or (name == "FORMAT_VALUE" and argument & 4)
    format_of_it = f":{{{{{_pop(stack, 1)[0]}}}}}" if has_format else ""
    conversion = _CONVERSIONS[argument & 3] if name == "FORMAT_VALUE" else ""
    return _f_string(_pop(stack, 1)[0] + conversion + format_of_it)


def _f_string(value: str) -> str:
    if "'" in value:
        raise _Opaque  # one f-string in another: not before Python 3.12
    return f"f'{{{{{value}}}}}'"


def _need_names(texts: list[str]) -> None:
    """Refuse texts that would be computed at another time, or twice: names may be."""
    if not all(map(_NAME.fullmatch, texts)):
        raise _Opaque


def _pop(stack: list[str], count: int) -> list[str]:
    if not 0 < count <= len(stack):
        raise _Opaque
    taken = stack[-count:]
    del stack[-count:]
    return taken


def _closure(function: FunctionType) -> tuple[Any, ...]:
    return function.__closure__ or ()
