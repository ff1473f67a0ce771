"""The functions that pipelines may use, by name, with the types of elements they fit.

For the engines' interpreter, the model and the strategies alike. Nothing here knows an engine:
functions travel to workers by value, so they use built-ins and this module's own imports only.

A type is a tuple: ("int",), ("str",), ("float",), ("mixed",) (hashable, without order), ("any",)
(neither), ("pair", K, V), ("list", T), ("iter", T) (a ResultIterable), ("opt", T) (T or None).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Type = tuple[Any, ...]

INT: Type = ("int",)
STR: Type = ("str",)
FLOAT: Type = ("float",)
MIXED: Type = ("mixed",)
ANY: Type = ("any",)


def pair(key: Type, value: Type) -> Type:
    return ("pair", key, value)


def listing(item: Type) -> Type:
    return ("list", item)


def hashable(kind: Type) -> bool:
    """Whether elements of this type are keys whose placement is determined."""
    match kind[0]:
        case "int" | "str" | "float" | "mixed":
            return True
        case "pair" | "opt":
            return all(hashable(part) for part in kind[1:])
    return False


def orderable(kind: Type) -> bool:
    """Whether any two elements of this type can be compared with `<`."""
    match kind[0]:
        case "int" | "str" | "float":
            return True
        case "pair" | "list":
            return all(orderable(part) for part in kind[1:])
    return False


def depth(kind: Type) -> int:
    """How deep a type is nested; a plain one is 1."""
    return 1 + max((depth(part) for part in kind[1:]), default=0)


@dataclass(frozen=True)
class Named:
    """One function of the vocabulary.

    `fits` gives the type of the result (of an element of it, for functions that return many) for
    a type of argument, or None where the function does not fit. `growth` bounds how many
    elements come out for one that goes in.
    """

    call: Any
    fits: Callable[[Type], Type | None]
    growth: int = 1


def _same(kind: Type) -> Type | None:
    return kind


def _to(result: Type) -> Callable[[Type], Type | None]:
    return lambda kind: result


def _only(argument: Type, result: Type) -> Callable[[Type], Type | None]:
    return lambda kind: result if kind == argument else None


def _part(name: str, index: int) -> Callable[[Type], Type | None]:
    return lambda kind: kind[index] if kind[0] == name else None


def _sized(kind: Type) -> Type | None:
    return INT if kind[0] in ("str", "list", "iter") else None


def _where(test: Callable[[Type], bool], result: Callable[[Type], Type | None] = _same) -> Any:
    return lambda kind: result(kind) if test(kind) else None


def _has_int_key(kind: Type) -> bool:
    return kind[0] == "pair" and kind[1] == INT


def _swap(kind: Type) -> Type | None:
    return pair(kind[2], kind[1]) if kind[0] == "pair" else None


# ---- one element to one ----------------------------------------------------------------------

MAPS: dict[str, Named] = {
    "identity": Named(lambda x: x, _same),
    "inc": Named(lambda x: x + 1, _only(INT, INT)),
    "neg": Named(lambda x: -x, _only(INT, INT)),
    "mod3": Named(lambda x: x % 3, _only(INT, INT)),
    "square": Named(lambda x: x * x, _only(INT, INT)),
    "half": Named(lambda x: x % 1000 / 2, _only(INT, FLOAT)),
    "decimal": Named(str, _only(INT, STR)),
    "mod_pair": Named(lambda x: (x % 3, x), _only(INT, pair(INT, INT))),
    "upper": Named(lambda s: s.upper(), _only(STR, STR)),
    "head": Named(lambda s: s[:1], _only(STR, STR)),
    "len": Named(lambda s: len(s), _sized),
    "floor": Named(lambda x: int(min(max(x, -1e6), 1e6)), _only(FLOAT, INT)),
    "minus": Named(lambda x: -x, _only(FLOAT, FLOAT)),
    "twin": Named(lambda x: (x, x), lambda t: pair(t, t)),
    "with_one": Named(lambda x: (x, 1), lambda t: pair(t, INT)),
    "tag": Named(lambda x: ("t", x), lambda t: pair(STR, t)),
    "none_key": Named(lambda x: (None, x), lambda t: pair(MIXED, t)),
    "boxed": Named(lambda x: [x], listing),
    "kind": Named(lambda x: type(x).__name__, _where(lambda t: t[0] != "iter", _to(STR))),
    "kind_length": Named(lambda x: len(type(x).__name__), _to(INT)),
    "none": Named(lambda x: None, _to(MIXED)),
    "swap": Named(lambda kv: (kv[1], kv[0]), _swap),
    "fst": Named(lambda kv: kv[0], _part("pair", 1)),
    "snd": Named(lambda kv: kv[1], _part("pair", 2)),
    "items": Named(lambda vs: list(vs), lambda t: listing(t[1]) if t[0] == "iter" else None),
    "backwards": Named(lambda vs: vs[::-1], _where(lambda t: t[0] in ("list", "str"))),
    "total": Named(lambda vs: sum(vs), _where(lambda t: t[1:] == (INT,), _to(INT))),
}

# ---- one element to many ---------------------------------------------------------------------


def _countdown(x: int) -> Any:
    while x > 0:
        yield x
        x -= 1


FLAT_MAPS: dict[str, Named] = {
    "twice": Named(lambda x: [x, x], _same, 2),
    "once": Named(lambda x: (x,), _same),
    "nothing": Named(lambda x: [], _same),
    "upto": Named(lambda x: range(x % 4), _only(INT, INT), 3),
    "countdown": Named(lambda x: _countdown(x % 3), _only(INT, INT), 2),
    "chars": Named(lambda s: s[:4], _only(STR, STR), 4),
    "words": Named(lambda s: s.split()[:4], _only(STR, STR), 4),
    "odd_only": Named(lambda x: [x] if x % 2 else [], _only(INT, INT)),
    "firsts": Named(
        lambda vs: itertools.islice(vs, 3),
        lambda t: t[1] if t[0] in ("list", "iter") else None,
        3,
    ),
    "ends": Named(lambda kv: kv, lambda t: t[1] if t[0] == "pair" and t[1] == t[2] else None, 2),
}

# ---- tests -----------------------------------------------------------------------------------

FILTERS: dict[str, Named] = {
    "all": Named(lambda x: True, _same),
    "no": Named(lambda x: False, _same),
    "truthy": Named(lambda x: x, _where(lambda t: t[0] != "iter")),
    "not_none": Named(lambda x: x is not None, _same),
    "even": Named(lambda x: x % 2 == 0, _only(INT, INT)),
    "small": Named(lambda x: x < 10, _only(INT, INT)),
    "short": Named(lambda s: len(s) < 3, _where(lambda t: t[0] in ("str", "list", "iter"))),
    "even_key": Named(lambda kv: kv[0] % 2 == 0, _where(_has_int_key)),
    "has_value": Named(lambda kv: kv[1] is not None, _where(lambda t: t[0] == "pair")),
}

# ---- a partition -----------------------------------------------------------------------------


def _windows(it: Any) -> Any:
    before = None
    for x in it:
        yield (before, x)
        before = x


PARTITION_MAPS: dict[str, Named] = {
    "count": Named(lambda it: [sum(1 for _ in it)], _to(INT)),
    "sum": Named(lambda it: [sum(it)], _only(INT, INT)),
    "reverse": Named(lambda it: reversed(list(it)), _same),
    "sorted": Named(lambda it: sorted(it), _where(orderable)),
    "begin": Named(lambda it: itertools.islice(it, 2), _same),
    "empty": Named(lambda it: [], _same),
    "windows": Named(_windows, lambda t: pair(("opt", t), t)),
    "listed": Named(lambda it: [list(it)], listing),
    "same": Named(lambda it: it, _same),
}

INDEX_MAPS: dict[str, Named] = {
    "tag": Named(lambda i, it: ((i, x) for x in it), lambda t: pair(INT, t)),
    "size": Named(lambda i, it: [(i, sum(1 for _ in it))], _to(pair(INT, INT))),
    "even_part": Named(lambda i, it: it if i % 2 == 0 else iter([]), _same),
    "flip_odd": Named(lambda i, it: list(it)[::-1] if i % 2 else it, _same),
}

# ---- two of a type to one --------------------------------------------------------------------

REDUCERS: dict[str, Named] = {
    "add": Named(lambda a, b: a + b, _where(lambda t: t[0] in ("int", "str", "list", "float"))),
    "sub": Named(lambda a, b: a - b, _only(INT, INT)),
    "max": Named(lambda a, b: max(a, b), _where(orderable)),
    "min": Named(lambda a, b: min(a, b), _where(orderable)),
    "left": Named(lambda a, b: a, _same),
    "right": Named(lambda a, b: b, _same),
    "dash": Named(lambda a, b: a + "-" + b, _only(STR, STR)),
    "nest": Named(lambda a, b: (a, b), _to(ANY)),
}

# Functions over a zero of its own: name -> (zero, seqOp, combOp, fits).
AGGREGATES: dict[str, tuple[Any, Any, Any, Callable[[Type], Type | None]]] = {
    "list": ([], lambda acc, v: [*acc, v], lambda a, b: a + b, listing),
    "append": ([], lambda acc, v: acc.append(v) or acc, lambda a, b: a.extend(b) or a, listing),
    "count": (0, lambda acc, v: acc + 1, lambda a, b: a + b, _to(INT)),
    "sum_count": (
        (0, 0),
        lambda acc, v: (acc[0] + v, acc[1] + 1),
        lambda a, b: (a[0] + b[0], a[1] + b[1]),
        _only(INT, pair(INT, INT)),
    ),
    "text": ("<", lambda acc, v: f"{acc}{v}", lambda a, b: f"{a}|{b}", _where(hashable, _to(STR))),
}

# Zeros for fold and foldByKey: name -> (zero, op, fits).
FOLDS: dict[str, tuple[Any, Any, Callable[[Type], Type | None]]] = {
    "add": (0, lambda a, b: a + b, _only(INT, INT)),
    "add_ten": (10, lambda a, b: a + b, _only(INT, INT)),
    "concat": ("z", lambda a, b: a + b, _only(STR, STR)),
    "extend": ([], lambda a, b: a + b, _where(lambda t: t[0] == "list")),
    "pile": ([], lambda a, b: a.extend(b) or a, _where(lambda t: t[0] == "list")),
}

# combineByKey: name -> (createCombiner, mergeValue, mergeCombiners, fits).
COMBINERS: dict[str, tuple[Any, Any, Any, Callable[[Type], Type | None]]] = {
    "list": (
        lambda v: [v],
        lambda acc, v: acc.append(v) or acc,
        lambda a, b: a.extend(b) or a,
        listing,
    ),
    "range": (
        lambda v: (v, v),
        lambda acc, v: (min(acc[0], v), max(acc[1], v)),
        lambda a, b: (min(a[0], b[0]), max(a[1], b[1])),
        _where(orderable, lambda t: pair(t, t)),
    ),
    "trace": (
        lambda v: f"c{v}",
        lambda acc, v: f"{acc}m{v}",
        lambda a, b: f"({a}{b})",
        _where(hashable, _to(STR)),
    ),
}

# ---- sort keys and partition functions ---------------------------------------------------------

SORT_KEYS: dict[str, Named] = {
    "identity": Named(lambda x: x, _where(orderable)),
    "neg": Named(lambda x: -x, _only(INT, INT)),
    "mod3": Named(lambda x: x % 3, _only(INT, INT)),
    "len": Named(lambda x: len(x), _sized),
    "fst": Named(lambda kv: kv[0], _where(lambda t: t[0] == "pair" and orderable(t[1]))),
    "snd": Named(lambda kv: kv[1], _where(lambda t: t[0] == "pair" and orderable(t[2]))),
    "tied": Named(lambda x: 0, _to(INT)),
    "kind": Named(lambda x: type(x).__name__, _to(STR)),
}

# "portable" stands for the default and is not passed.
PARTITION_FUNCS: dict[str, Named] = {
    "portable": Named(None, _where(hashable)),
    "mod7": Named(lambda k: k % 7, _only(INT, INT)),
    "minus": Named(lambda k: -k, _only(INT, INT)),
    "length": Named(lambda k: len(k), _sized),
    "five": Named(lambda k: 5, _same),
    "large": Named(lambda k: k * 10**12, _only(INT, INT)),
}

# ---- functions that raise for some elements ------------------------------------------------------


class Refused(Exception):
    """An exception of the program's own."""


def _raises(error: type[BaseException], when: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        if when(x):
            raise error("refused here")
        return x

    return call


# What they say does not depend on the element: which task fails first is not determined.
RAISERS: dict[str, Named] = {
    "sevens": Named(_raises(ValueError, lambda x: x == 7), _only(INT, INT)),
    "negative": Named(_raises(ArithmeticError, lambda x: x < 0), _only(INT, INT)),
    "empty": Named(_raises(KeyError, lambda s: not s), _only(STR, STR)),
    "own": Named(_raises(Refused, lambda s: len(s) > 4), _only(STR, STR)),
    "nothing": Named(_raises(LookupError, lambda x: x is None), _same),
    "all": Named(_raises(RuntimeError, lambda x: True), _same),
    "stop": Named(_raises(StopIteration, lambda x: True), _same),
    "index": Named(lambda kv: kv[2], _where(lambda t: t[0] == "pair", _to(MIXED))),
}

# ---- codecs of text, and commands ----------------------------------------------------------------

CODECS: dict[str, str | None] = {
    "none": None,
    "gzip": "org.apache.hadoop.io.compress.GzipCodec",
    "deflate": "org.apache.hadoop.io.compress.DefaultCodec",
    "bzip2": "org.apache.hadoop.io.compress.BZip2Codec",
}

# name -> (command, what it makes of all its input, its exit status)
PIPES: dict[str, tuple[str, Callable[[bytes], bytes], Callable[[bytes], int]]] = {
    "cat": ("cat", lambda data: data, lambda data: 0),
    "sort": (
        "sort",
        lambda data: b"".join(s + b"\n" for s in sorted(data.split(b"\n")[:-1])),
        lambda data: 0,
    ),
    "translate": ("tr '01ab' 'xyXY'", lambda data: _translated(data), lambda data: 0),
    "bytes": ("wc -c", lambda data: b"%d\n" % len(data), lambda data: 0),
    "find": (
        "grep 1",
        lambda data: b"".join(s + b"\n" for s in data.split(b"\n")[:-1] if b"1" in s),
        lambda data: 0 if b"1" in data else 1,
    ),
}


def _translated(data: bytes) -> bytes:
    return data.translate(bytes.maketrans(b"01ab", b"xyXY"))
