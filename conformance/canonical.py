"""Answers of programs in one plain form that can be written down and compared.

For the workers (which make it) and the report (which shows it). It knows the value types of
programs and of the RDD API by name, never by importing an engine: `pyspark.statcounter.StatCounter`
and `minispark.statcounter.StatCounter` are to come out alike.

The form is JSON. A JSON array is a list; null, true, false, integers, finite floats and strings are
themselves; everything else is an object with one key, its tag:

    (1, "a")               {"tuple": [1, "a"]}
    {"a": 1}               {"dict": [["a", 1]]}          in the dict's order
    {2, 1}                 {"set": [1, 2]}               sorted by their written form
    float("nan")           {"float": "nan"}
    numpy.int64(3)         {"numpy.int64": 3}
    ValueError("no")       {"exception": {"class": "ValueError", "message": "no"}}

Two answers are the same when their written forms are the same text, so 1, 1.0 and True differ, and
so do 0.0 and -0.0. A type not named here is an error, never its `repr`.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import json
import math
import types
import uuid
from typing import Any

from conformance.catalog import MODULE_PREFIX
from minispark.conform.failures import comparable
from minispark.conform.recorder import facts_of

Form = Any

ENGINES = ("pyspark", "minispark")


class UnknownType(TypeError):
    """An answer holds a value whose type has no canonical form."""


def written(form: Form) -> str:
    """A form as one line of ASCII text; two forms are equal when these are."""
    return json.dumps(form, ensure_ascii=True, separators=(", ", ": "))


class Canonical:
    """Makes canonical forms of one program's answer.

    `directory` is the program's temporary directory: in strings and messages it reads `TMP`.
    """

    def __init__(self, directory: str = "") -> None:
        self._directory = directory
        self._path: list[int] = []

    def returned(self, value: Any) -> Form:
        return {"returns": self.value(value)}

    def raised(self, error: BaseException) -> Form:
        return {"raises": self.exception(error)}

    def value(self, value: Any) -> Form:
        """The form of any value; raises `UnknownType` for one that has none."""
        simple = _SIMPLE.get(type(value))
        if simple is not None:
            return simple(value)
        if type(value) is str:
            return self._text(value)
        if id(value) in self._path:
            return {"cycle": len(self._path) - self._path.index(id(value))}
        self._path.append(id(value))
        try:
            return self._compound(value)
        finally:
            self._path.pop()

    def exception(self, error: BaseException) -> Form:
        """An exception by what a program can tell its user: see docs/conformance.md."""
        form = comparable(facts_of(error))
        for kind in ("java", "captured"):
            if kind in form:
                name, message = form[kind]
                return {kind: [name, self._message(message)]}
        told = form["exception"]
        told["message"] = self._message(told["message"])
        if "parameters" in told:
            told["parameters"] = {k: self._message(v) for k, v in told["parameters"].items()}
        return form

    def _text(self, text: str) -> Form:
        if self._directory:
            text = text.replace(self._directory, "TMP")
        # A pair of lone surrogates would come back from JSON as one character.
        if any("\ud800" <= c <= "\udfff" for c in text):
            return {"surrogates": [f"{ord(c):x}" for c in text]}
        return text

    def _message(self, text: str) -> Form:
        return self._text(text.replace(MODULE_PREFIX, ""))

    def _items(self, values: Any) -> list[Form]:
        return [self.value(v) for v in values]

    def _pairs(self, mapping: Any) -> list[Form]:
        return [[self.value(k), self.value(v)] for k, v in mapping.items()]

    def _unordered(self, values: Any) -> list[Form]:
        return sorted(self._items(values), key=written)

    def _compound(self, value: Any) -> Form:
        kind = type(value)
        if kind is list:
            return self._items(value)
        if kind is tuple:
            return {"tuple": self._items(value)}
        if kind is dict:
            return {"dict": self._pairs(value)}
        if kind is set or kind is frozenset:
            return {kind.__name__: self._unordered(value)}
        if kind is collections.defaultdict:
            factory = getattr(value.default_factory, "__name__", None)
            return {"defaultdict": [factory, self._pairs(value)]}
        if kind is collections.OrderedDict or kind is collections.Counter:
            return {kind.__name__: self._pairs(value)}
        if kind is collections.deque:
            return {"deque": self._items(value)}
        if isinstance(value, BaseException):
            return self.exception(value)
        if isinstance(value, enum.Enum):
            return {"enum": f"{kind.__qualname__}.{value.name}"}
        if isinstance(value, type):
            return {"class": value.__qualname__}
        if kind is types.FunctionType:
            return {"function": value.__name__}
        if kind is functools.partial:
            return {
                "partial": [
                    self.value(value.func),
                    self._items(value.args),
                    self._pairs(value.keywords),
                ]
            }
        package = kind.__module__.split(".")[0]
        if package == "numpy":
            return self._numpy(value)
        if package in ENGINES:
            return self._of_the_engine(value)
        if kind.__module__.startswith(MODULE_PREFIX):
            return self._of_the_program(value)
        raise UnknownType(f"{kind.__module__}.{kind.__qualname__} has no canonical form")

    def _numpy(self, value: Any) -> Form:
        if type(value).__name__ == "ndarray":
            return {"ndarray": [str(value.dtype), list(value.shape), self._items(value.tolist())]}
        if hasattr(value, "dtype") and hasattr(value, "item"):
            return {f"numpy.{type(value).__name__}": self.value(value.item())}
        raise UnknownType(f"numpy's {type(value).__name__} has no canonical form")

    def _of_the_engine(self, value: Any) -> Form:
        name = type(value).__name__
        if name == "ResultIterable":
            return {name: [len(value), *self._items(value)]}
        if name == "StatCounter":
            fields = ("count", "mean", "variance", "sampleVariance", "sum", "min", "max")
            return {name: [self.value(getattr(value, field)()) for field in fields]}
        if name == "StorageLevel":
            fields = ("useDisk", "useMemory", "useOffHeap", "deserialized", "replication")
            return {name: [self.value(getattr(value, field)) for field in fields]}
        if name == "BoundedFloat":
            fields = ("confidence", "low", "high")
            return {name: [float(value), *(self.value(getattr(value, f)) for f in fields)]}
        if name == "Row":
            names = list(getattr(value, "__fields__", ())) or None
            return {name: [self.value(names), *self._items(tuple(value))]}
        if hasattr(value, "jsonValue"):  # a type of a column, or a field
            return {"type": [repr(value), json.dumps(value.jsonValue(), sort_keys=True)]}
        if name == "Accumulator":
            return {name: self.value(value.value)}
        raise UnknownType(f"the engine's {name} has no canonical form: return plain values")

    def _of_the_program(self, value: Any) -> Form:
        kind = type(value)
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            fields = zip(kind._fields, value, strict=True)
            return {"namedtuple": [kind.__name__, [[k, self.value(v)] for k, v in fields]]}
        content: list[Form] = []
        for base in (list, tuple, dict, str, int, float, bytes, set, frozenset):
            if isinstance(value, base):
                content = [self.value(base(value))]  # type: ignore[call-overload]
        attributes = dict(getattr(value, "__dict__", {}))
        for owner in kind.__mro__:
            for slot in _slots(owner):
                if hasattr(value, slot):
                    attributes[slot] = getattr(value, slot)
        told = [[name, self.value(attributes[name])] for name in sorted(attributes)]
        return {"object": [kind.__qualname__, *content, told]}


def _slots(owner: type) -> tuple[str, ...]:
    slots = owner.__dict__.get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    return tuple(n for n in names if n not in ("__dict__", "__weakref__"))


def _float(value: float) -> Form:
    return value if math.isfinite(value) else {"float": repr(value)}


_SIMPLE: dict[type, Any] = {
    type(None): lambda v: None,
    bool: lambda v: v,
    int: lambda v: v,
    float: _float,
    complex: lambda v: {"complex": [_float(v.real), _float(v.imag)]},
    bytes: lambda v: {"bytes": v.hex()},
    bytearray: lambda v: {"bytearray": v.hex()},
    memoryview: lambda v: {"memoryview": v.tobytes().hex()},
    range: lambda v: {"range": [v.start, v.stop, v.step]},
    slice: lambda v: {"slice": repr(v)},
    type(Ellipsis): lambda v: {"ellipsis": True},
    array.array: lambda v: {"array": [v.typecode, v.tobytes().hex()]},
    decimal.Decimal: lambda v: {"Decimal": str(v)},
    fractions.Fraction: lambda v: {"Fraction": str(v)},
    uuid.UUID: lambda v: {"UUID": str(v)},
    datetime.date: lambda v: {"date": v.isoformat()},
    datetime.time: lambda v: {"time": repr(v)},
    datetime.datetime: lambda v: {"datetime": repr(v)},
    datetime.timedelta: lambda v: {"timedelta": repr(v)},
    datetime.timezone: lambda v: {"timezone": repr(v)},
}
