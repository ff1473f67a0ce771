"""Random pipelines whose operations fit their elements, from hypothesis or from a seed.

For the tests and the conformance run. The types of `vocabulary` are followed along the chain, so
that a pipeline fails only where failing is part of the semantics (an empty `reduce`, an uneven
`zip`), and a bound on the number of elements keeps products small.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from hypothesis import strategies as st

from . import vocabulary as words
from .values import encode
from .vocabulary import ANY, FLOAT, INT, MIXED, STR, Type, hashable, listing, pair

LARGEST = 4000
WIDEST = 12
DEEPEST = 5


@dataclass(frozen=True)
class State:
    """What is known of the elements at one point of a chain."""

    kind: Type
    bound: int  # at most so many elements
    source: Type  # the type of the chain's source
    source_bound: int
    parts: int  # at most so many partitions
    source_parts: int
    counted: bool = False  # an accumulator counts: every task must consume all its input
    fails: bool = False  # a task may fail: likewise
    partial: bool = False  # some task does not consume all its input
    raising: bool = False  # what fails tells its message: nothing else may fail


class Choices(Protocol):
    """Where a generated pipeline's choices come from."""

    def integer(self, low: int, high: int) -> int: ...

    def pick(self, options: Sequence[Any]) -> Any: ...


# ---- sources ---------------------------------------------------------------------------------

_LARGE_INTS = [0, 10**3, -(2**31), 2**31, 2**62, 2**63, -(2**63), 2**64 + 1, 10**25]
_WORDS = ["", "a", "b", "ab", "a b", "aa bb aa", "hello world", "Key"]
_WIDE_WORDS = ["é", "ÿz", "żółw", "Ā", "日本", "😀", "a😀", "ß", "\ud800", "x" * 20]
_FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 2.0**53, 1e300, float("inf"), float("-inf"), 3.0]
_ATOMS: list[Any] = [
    None, True, False, 0, 1, 1.0, -1, -2, 2, 0.0, -0.0, 0.5, "", "a", "żó", "😀", b"", b"a",
    b"\xff\x00", 2**61, 2**64, float("inf"), datetime.date(2024, 2, 29), frozenset(),
    frozenset({1, 2}), (), (1,), (1, 2), ("a", None), (None, None), (b"a", 0.5), ((1, "é"), ()),
    (True,), (1.0,),
]  # fmt: skip


def _int(draw: Choices) -> int:
    return draw.pick(_LARGE_INTS) if draw.integer(0, 3) == 3 else draw.integer(-3, 9)


def _key(draw: Choices) -> int:
    return draw.integer(-2, 5)


def _str(draw: Choices) -> str:
    match draw.integer(0, 2):
        case 0:
            return draw.pick(_WORDS)
        case 1:
            return draw.pick(_WIDE_WORDS)
    return "".join(draw.pick("ab é😀") for _ in range(draw.integer(0, 5)))


def _float(draw: Choices) -> float:
    return draw.pick(_FLOATS)


def _mixed(draw: Choices) -> Any:
    return draw.pick(_ATOMS)


_ELEMENTS: dict[Type, Callable[[Choices], Any]] = {
    INT: _int,
    STR: _str,
    FLOAT: _float,
    MIXED: _mixed,
    pair(INT, INT): lambda draw: (_key(draw), _int(draw)),
    pair(INT, STR): lambda draw: (_key(draw), _str(draw)),
    pair(STR, INT): lambda draw: (_str(draw), _int(draw)),
    pair(STR, STR): lambda draw: (_str(draw), _str(draw)),
    pair(MIXED, INT): lambda draw: (_mixed(draw), _int(draw)),
    pair(FLOAT, INT): lambda draw: (_float(draw), _int(draw)),
}


def _slices(draw: Choices) -> int:
    return draw.pick([1, 2, 2, 3, 3, 4, 4, 5, 6, 7])


def _slices_or_none(draw: Choices) -> int | None:
    return draw.pick([None, *range(1, 8)])


def _source_parts(source: dict[str, Any]) -> int:
    """How many partitions a source has, or a few more (text files)."""
    return (source.get("slices") or 2) + (source["kind"] == "text") + len(source.get("files", ()))


def _listed(draw: Choices, kind: Type) -> tuple[dict[str, Any], int]:
    size = draw.pick([0, 1, 2, 3, 5, 8, 12, 12, 20, 20, 30, 40])
    data = [_ELEMENTS[kind](draw) for _ in range(size)]
    source = {"kind": "list", "data": [encode(x) for x in data], "slices": _slices(draw)}
    if data and draw.integer(0, 24) == 0:
        source["times"] = draw.integer(1600, 3200) // len(data)
    if draw.integer(0, 9) == 0:
        source["from"] = draw.pick(["tuple", "generator"])
        source["slices"] = _slices_or_none(draw)
    return source, size * source.get("times", 1)


def _range(draw: Choices) -> tuple[dict[str, Any], int]:
    step = draw.pick([1, 1, 1, 2, 3, -1])
    size = draw.pick([0, 1, 4, 7, 10, 16, 25, 40, 1500])
    start = draw.integer(-5, 5)
    end = start + step * size
    source = {"kind": "range", "start": start, "end": end, "step": step, "slices": _slices(draw)}
    if draw.integer(0, 2) == 0:
        source.update(kind="sc.range", slices=_slices_or_none(draw))
    return source, size


def _lines(draw: Choices, most: int) -> tuple[str, int]:
    lines = ["", "a", "b a", "aa bb aa", "żółw 😀", "x" * 30]
    ends = ["\n", "\n", "\n", "\r\n", "\r"]
    parts = [draw.pick(lines) + draw.pick(ends) for _ in range(draw.integer(0, most))]
    if parts and draw.pick([False, True]):
        parts[-1] = parts[-1].rstrip("\r\n")
    return "".join(parts), len(parts)


def _text(draw: Choices) -> tuple[dict[str, Any], int]:
    text, count = _lines(draw, 20)
    source: dict[str, Any] = {"kind": "text", "text": text}
    source["slices"] = draw.pick([2, 1, 2, 3, 4, 7, None])
    if draw.integer(0, 4) == 0:
        source["gzip"] = True
    return source, count + 1


def _files(draw: Choices, kind: str) -> tuple[dict[str, Any], int]:
    made = [_lines(draw, 4) for _ in range(draw.integer(0, 4))]
    files = [text for text, _ in made]
    source = {"kind": kind, "files": files, "slices": draw.pick([None, 1, 2, 3, 5])}
    return source, sum(count for _, count in made) + 1 if kind == "files" else len(files)


def _records(draw: Choices) -> tuple[dict[str, Any], int]:
    length = draw.integer(1, 5)
    sizes = [draw.pick([0, 1, 2, 5, 9]) for _ in range(draw.integer(0, 4))]
    files = ["".join(draw.pick("ab\n") for _ in range(size * length)) for size in sizes]
    return {"kind": "records", "files": files, "length": length}, sum(sizes)


def _source(draw: Choices, kind: Type | None) -> tuple[dict[str, Any], Type, int]:
    if kind is None:
        names = ["list"] * 12 + ["range"] * 3 + ["text"] * 2 + ["empty", "files", "whole"]
        names += ["binary", "records"]
        match draw.pick(names):
            case "range":
                return _with_kind(_range(draw), INT)
            case "text":
                source, bound = _text(draw)
                if draw.integer(0, 4) == 0:
                    return {**source, "bytes": True}, MIXED, bound
                return source, STR, bound
            case "files":
                return _with_kind(_files(draw, "files"), STR)
            case "whole":
                return _with_kind(_files(draw, "whole"), pair(STR, STR))
            case "binary":
                return _with_kind(_files(draw, "binary"), pair(STR, MIXED))
            case "records":
                return _with_kind(_records(draw), MIXED)
            case "empty":
                return {"kind": "empty"}, draw.pick([INT, pair(INT, INT)]), 0
        weighted = [*_ELEMENTS, INT, pair(INT, INT), pair(INT, STR), pair(STR, INT)]
        kind = draw.pick(weighted)
    return _with_kind(_listed(draw, kind), kind)


def _with_kind(made: tuple[dict[str, Any], int], kind: Type) -> tuple[dict[str, Any], Type, int]:
    return made[0], kind, made[1]


# ---- operations --------------------------------------------------------------------------------

Made = tuple[dict[str, Any], State] | None


def _n(draw: Choices) -> int | None:
    return draw.pick([None, None, 1, 2, 3, 4, 5, 7])


def _placed(draw: Choices, op: dict[str, Any], key: Type) -> dict[str, Any]:
    names = [name for name, f in words.PARTITION_FUNCS.items() if f.fits(key)]
    chosen = draw.pick([*names[:1], *names[:1], *names])
    op = {**op, "n": _n(draw)}
    return op if chosen == "portable" else {**op, "placed": chosen}


def _reducers(state: State, kind: Type) -> list[tuple[str, Type, int]]:
    """Reducers that fit; nested pairs of many elements are too deep to pickle."""
    return [f for f in _fitting(words.REDUCERS, kind) if f[0] != "nest" or state.bound < 200]


def _fitting(table: dict[str, words.Named], kind: Type) -> list[tuple[str, Type, int]]:
    return [
        (name, found, f.growth)
        for name, f in table.items()
        if (found := f.fits(kind)) is not None and words.depth(found) <= DEEPEST
    ]


def _one_of(draw: Choices, table: dict[str, Any], kind: Type) -> tuple[str, Type] | None:
    """A name of a table whose entries end in a type rule, and its result."""
    names = [(name, found) for name, entry in table.items() if (found := entry[-1](kind))]
    return draw.pick(names) if names else None


def _simple(name: str, table: dict[str, words.Named]) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        names = _fitting(table, state.kind)
        if not names:
            return None
        chosen, kind, growth = draw.pick(names)
        if state.bound * growth > LARGEST:
            return None
        # Behind a hop PySpark computes more or less of what is not read, as its threads are timed.
        if chosen in ("begin", "empty", "even_part") and (state.counted or state.fails):
            return None
        partial = state.partial or chosen in ("begin", "empty", "even_part")
        if name == "filter":
            kind = state.kind
        new = replace(state, kind=kind, bound=state.bound * growth, partial=partial)
        op: dict[str, Any] = {"op": name, "f": chosen}
        if name != "filter" and draw.integer(0, 5) == 0:
            op["keeps"] = draw.pick([True, True, False])
        return op, new

    return make


def _values(name: str, table: dict[str, words.Named]) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        if state.kind[0] != "pair":
            return None
        names = _fitting(table, state.kind[2])
        if not names:
            return None
        chosen, kind, growth = draw.pick(names)
        if state.bound * growth > LARGEST:
            return None
        new = replace(state, kind=pair(state.kind[1], kind), bound=state.bound * growth)
        return {"op": name, "f": chosen}, new

    return make


def _key_by(draw: Choices, state: State) -> Made:
    names = [f for f in _fitting(words.MAPS, state.kind) if hashable(f[1])]
    chosen, kind, _ = draw.pick(names)
    return {"op": "keyBy", "f": chosen}, replace(state, kind=pair(kind, state.kind))


def _plain(name: str, rule: Callable[[Type], Type | None]) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        kind = rule(state.kind)
        return None if kind is None else ({"op": name}, replace(state, kind=kind))

    return make


def _distinct(draw: Choices, state: State) -> Made:
    return ({"op": "distinct", "n": _n(draw)}, state) if hashable(state.kind) else None


def _other(
    draw: Choices, state: State, fits: Callable[[Type], bool], wanted: Type
) -> tuple[Any, Type, int, int]:
    """A second RDD: itself, the source, or a branch; its type, bound and partitions."""
    choices = []
    if fits(state.kind):
        choices += ["self", "branch", "branch"]
    if fits(state.source):
        choices += ["source"]
    chosen = draw.pick(choices or ["branch"])
    if chosen == "self":
        return "self", state.kind, state.bound, state.parts
    if chosen == "source":
        return "source", state.source, state.source_bound, state.source_parts
    kind = wanted if wanted in _ELEMENTS else None
    if kind is None:
        kind = draw.pick([k for k in _ELEMENTS if fits(k)])
    if kind in (INT, STR) and draw.integer(0, 3) == 0:
        source, bound = _range(draw) if kind == INT else _text(draw)
    else:
        source, kind, bound = _source(draw, kind)
    ops: list[dict[str, Any]] = []
    parts = _source_parts(source)
    for _ in range(draw.pick([0, 0, 0, 1, 1, 2])):
        ops.append(_harmless(draw, kind))
        parts = max(parts, ops[-1].get("n") or 0)
    return {"source": source, "ops": ops}, kind, bound, parts


def _harmless(draw: Choices, kind: Type) -> dict[str, Any]:
    """An operation that keeps the type and does not add elements."""
    choices = ["identity", "all", "repartition", "coalesce", "sample", "cache", "run", "reverse"]
    if kind[0] == "pair":
        choices += ["partitionBy", "partitionBy", "partitionBy"]
    match draw.pick(choices):
        case "identity":
            return {"op": "map", "f": "identity"}
        case "all":
            return {"op": "filter", "f": "truthy"}
        case "repartition":
            return {"op": "repartition", "n": draw.integer(1, 5)}
        case "coalesce":
            return {"op": "coalesce", "n": draw.integer(1, 4), "shuffle": False}
        case "sample":
            seed = draw.integer(0, 99)
            return {"op": "sample", "replace": False, "fraction": 0.6, "seed": seed}
        case "cache":
            return {"op": "cache"}
        case "run":
            return {"op": "run"}
        case "reverse":
            return {"op": "mapPartitions", "f": "reverse"}
    return _placed(draw, {"op": "partitionBy"}, kind[1])


def _is_pair(kind: Type) -> bool:
    return kind[0] == "pair" and hashable(kind[1])


def _union(draw: Choices, state: State) -> Made:
    other, kind, bound, parts = _other(draw, state, lambda t: True, state.kind)
    if state.bound + bound > LARGEST or state.parts + parts > WIDEST:
        return None
    if kind != state.kind:
        kind = MIXED if hashable(kind) and hashable(state.kind) else ANY
    parts += state.parts
    new = replace(state, kind=kind, bound=state.bound + bound, parts=parts)
    return {"op": "union", "other": other}, new


def _union_all(draw: Choices, state: State) -> Made:
    made = _union(draw, replace(state, bound=2 * state.bound, parts=2 * state.parts))
    if made is None:
        return None
    of = draw.pick(["ror", "ror", "ro", "orr", "o", "rr"])
    return {**made[0], "op": "unionAll", "of": of}, made[1]


def _framed(draw: Choices, state: State) -> Made:
    """A product, whose order shows the batches; large elements travel in smaller ones."""
    size = draw.pick([0, 0, 9_000, 70_000, 700_000])
    bound, parts = 4 * state.bound, 2 * state.parts
    if bound > (200 if size else 2000) or parts > WIDEST:
        return None
    op = {"op": "heavy", "bytes": size} if size else {"op": "framed"}
    return op, replace(state, kind=pair(INT, state.kind), bound=bound, parts=parts)


def _set_operation(name: str) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        if not hashable(state.kind):
            return None
        other, _, _, parts = _other(draw, state, hashable, state.kind)
        if state.parts + parts > WIDEST:
            return None
        op = {"op": name, "other": other}
        op = op if name == "intersection" else {**op, "n": _n(draw)}
        return op, replace(state, parts=op.get("n") or state.parts + parts)

    return make


def _paired(name: str) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        if not _is_pair(state.kind):
            return None
        wanted = pair(state.kind[1], draw.pick([INT, STR]))
        other, kind, bound, parts = _other(draw, state, _is_pair, wanted)
        parts += state.parts * (2 if name == "groupWith" else 1) + parts * (name == "groupWith")
        if parts > WIDEST:
            return None
        key, left, right = state.kind[1], state.kind[2], kind[2]
        if key != kind[1] and name != "subtractByKey":
            key = MIXED
        size = state.bound
        if name.lower().endswith("join"):
            size = state.bound * max(bound, 1) + bound
            if size > LARGEST:
                return None
        opt_left = ("opt", left) if name in ("rightOuterJoin", "fullOuterJoin") else left
        opt_right = ("opt", right) if name in ("leftOuterJoin", "fullOuterJoin") else right
        result = {
            "subtractByKey": state.kind,
            "cogroup": pair(key, pair(("iter", left), ("iter", right))),
            "groupWith": pair(key, ANY),
        }.get(name, pair(key, pair(opt_left, opt_right)))
        op = {"op": name, "other": other}
        if name == "groupWith":
            op["more"] = draw.integer(0, 2)
        else:
            op["n"] = _n(draw)
        parts = op.get("n") or parts
        bound = max(size, state.bound + bound)
        return op, replace(state, kind=result, bound=bound, parts=parts)

    return make


def _cartesian(draw: Choices, state: State) -> Made:
    other, kind, bound, parts = _other(draw, state, lambda t: True, INT)
    result = pair(state.kind, kind)
    bound, parts = bound * state.bound, parts * state.parts
    if bound > 1000 or parts > WIDEST:
        return None
    return {"op": "cartesian", "other": other}, replace(
        state, kind=result, bound=bound, parts=parts
    )


def _zip(draw: Choices, state: State) -> Made:
    if draw.integer(0, 3) and not state.partial:
        names = _fitting(words.MAPS, state.kind)
        chosen, kind, _ = draw.pick(names)
        op: dict[str, Any] = {"op": "zipMapped", "f": chosen}
        fails = state.fails
    else:
        if state.counted or state.partial:
            return None
        if state.raising:
            return None
        other, kind, _, _ = _other(draw, state, lambda t: True, INT)
        op, fails = {"op": "zip", "other": other}, True
    result = pair(state.kind, kind)
    return op, replace(state, kind=result, fails=fails)


def _group_by(draw: Choices, state: State) -> Made:
    names = [f for f in _fitting(words.SORT_KEYS, state.kind) if hashable(f[1])]
    names = [(name, _key_type(name, state.kind), g) for name, _, g in names]
    chosen, key, _ = draw.pick([f for f in names if hashable(f[1])])
    result = pair(key, ("iter", state.kind))
    return _placed(draw, {"op": "groupBy", "f": chosen}, key), replace(state, kind=result)


def _key_type(name: str, kind: Type) -> Type:
    """What a sort key gives (its rule says only whether it fits)."""
    match name:
        case "identity":
            return kind
        case "fst":
            return kind[1]
        case "snd":
            return kind[2]
        case "kind":
            return STR
    return INT


def _by_key(name: str, table: dict[str, Any] | None) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        if not _is_pair(state.kind):
            return None
        key, value = state.kind[1:]
        op: dict[str, Any] = {"op": name}
        if table is None:
            result: Type = ("iter", value)
        elif table is words.REDUCERS:
            op["f"], result, _ = draw.pick(_reducers(state, value))
        else:
            chosen = _one_of(draw, table, value)
            if chosen is None:
                return None
            op["f"], result = chosen
        kind = pair(key, result)
        return _placed(draw, op, key), replace(state, kind=kind)

    return make


def _partition_by(draw: Choices, state: State) -> Made:
    if state.kind[0] != "pair":
        return None
    op = _placed(draw, {"op": "partitionBy"}, state.kind[1])
    return op, state


def _repartition(draw: Choices, state: State) -> Made:
    return {"op": "repartition", "n": draw.integer(1, 7)}, state


def _coalesce(draw: Choices, state: State) -> Made:
    n = draw.pick([1, 2, 2, 3, 3, 4, 9])
    op = {"op": "coalesce", "n": n, "shuffle": draw.pick([False, False, False, True])}
    runs = draw.pick([0, 0, 1, 2])
    return {**op, "runs": runs} if runs else op, state


def _sort(name: str) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        kind = state.kind
        if name != "sortBy":
            if kind[0] != "pair":
                return None
            kind = kind[1]
        names = [f for f, _, _ in _fitting(words.SORT_KEYS, kind)]
        if name == "sortByKey" and (state.raising or draw.integer(0, 9)):
            # Spark compares the keys' keyfunc with bounds that are keys: most pairs of types fail.
            names = [f for f in names if _key_type(f, kind) == kind]
            if not names:
                return None
        op: dict[str, Any] = {"op": name, "f": draw.pick(names)}
        op["ascending"] = draw.pick([False, True])
        if name == "repartitionAndSortWithinPartitions":
            if not hashable(kind):
                return None
            return _placed(draw, op, kind), state
        return {**op, "n": _n(draw)}, state

    return make


def _sample(draw: Choices, state: State) -> Made:
    seed = draw.pick([0, 1, 7, 42, 2**31, 2**40 + 3])
    match draw.pick(["sample", "sample", "sampleByKey", "randomSplit"]):
        case "randomSplit":
            weights = draw.pick([[1, 1], [0.7, 0.3], [1, 2, 3], [0, 1]])
            pick = draw.integer(0, len(weights) - 1)
            return {"op": "randomSplit", "weights": weights, "seed": seed, "pick": pick}, state
        case name:
            if name == "sampleByKey" and not _is_pair(state.kind):
                return None
            again = draw.pick([False, True])
            fraction = draw.pick([0.0, 0.3, 0.5, 0.9, 1.0])
            if again and state.bound > 500:
                return None
            op = {"op": name, "replace": again, "seed": seed, "fraction": fraction}
            if name == "sampleByKey":
                del op["fraction"]
                more = [draw.pick([0.0, 0.2, 0.6, 1.0]) for _ in range(draw.integer(0, 3))]
                op["fractions"] = [fraction, *more]
            return op, replace(state, bound=state.bound * (3 if again else 1))


def _cache(draw: Choices, state: State) -> Made:
    return {"op": "cache"}, state


_LEVELS = ["DISK_ONLY", "DISK_ONLY_2", "MEMORY_ONLY", "MEMORY_AND_DISK", "MEMORY_AND_DISK_DESER"]


def _persist(draw: Choices, state: State) -> Made:
    return {"op": "persist", "level": draw.pick(_LEVELS)}, state


def _accumulate(name: str) -> Callable[[Choices, State], Made]:
    def make(draw: Choices, state: State) -> Made:
        if state.partial or state.fails or state.counted:
            return None
        if name == "accumulateKinds" and _has(state.kind, "iter", "any"):
            return None
        return {"op": name}, replace(state, counted=True)

    return make


def _has(kind: Type, *names: str) -> bool:
    """Whether a type of one of these names is in a type."""
    return kind[0] in names or any(_has(part, *names) for part in kind[1:])


def _checkpoint(draw: Choices, state: State) -> Made:
    # What is saved is computed again, and Spark's accumulators count it again.
    return None if state.counted else ({"op": "checkpoint"}, state)


def _local_checkpoint(draw: Choices, state: State) -> Made:
    return {"op": "localCheckpoint"}, state


def _set_name(draw: Choices, state: State) -> Made:
    return {"op": "setName", "name": draw.pick(["numbers", "żółw", ""])}, state


def _broadcast_filter(draw: Choices, state: State) -> Made:
    if _has(state.kind, "iter", "any") or state.counted or state.fails:
        return None
    other, _, bound, _ = _other(draw, state, lambda t: not _has(t, "iter", "any"), state.kind)
    if bound * state.bound > 20_000:
        return None
    return {"op": "broadcastFilter", "other": other}, state


def _text_trip(draw: Choices, state: State) -> Made:
    """Through text files: what str gives of elements must not be where they lie in memory."""
    if _has(state.kind, "iter", "any") or state.counted or state.fails:
        return None
    new = replace(state, kind=STR, parts=state.parts + 8)
    op: dict[str, Any] = {"op": "textTrip", "codec": draw.pick(["none", "none", *words.CODECS])}
    # How small bzip2 gets differs, and where it is cut with it.
    op["n"] = 1 if op["codec"] == "bzip2" else draw.pick([None, 1, 2, 3, 5])
    return (op, new) if new.parts <= WIDEST else None


def _pickle_trip(draw: Choices, state: State) -> Made:
    # Larger files might be cut.
    if state.counted or state.fails or state.bound > 400:
        return None
    op = {"op": "pickleTrip", "batch": draw.pick([10, 10, 1, 3, 0])}
    return {**op, "n": draw.pick([None, 1, 2, 3, 5])}, state


def _whole_trip(draw: Choices, state: State) -> Made:
    made = _text_trip(draw, state)
    if made is None:
        return None
    op = {"op": "wholeTrip", "n": draw.pick([None, 1, 2, 3, 5])}
    return op, replace(made[1], kind=pair(STR, STR), bound=min(state.parts, LARGEST))


def _pipe(draw: Choices, state: State) -> Made:
    # A task that fails while a command is fed hangs in PySpark.
    if _has(state.kind, "iter", "any") or state.fails:
        return None
    name = draw.pick([*words.PIPES])
    op = {"op": "pipe", "f": name, "check": draw.pick([False, True])}
    return op, replace(state, kind=STR, fails=name == "find" and op["check"])


def _barrier(draw: Choices, state: State) -> Made:
    """At most as many tasks as there are slots; not where it would be asked for some of them."""
    indexed = draw.pick([False, True])
    table = words.INDEX_MAPS if indexed else words.PARTITION_MAPS
    names = [f for f in _fitting(table, state.kind) if f[0] not in ("begin", "empty", "even_part")]
    chosen, kind, _ = draw.pick(names)
    op: dict[str, Any] = {"op": "barrier", "tasks": draw.integer(1, 2), "f": chosen}
    op.update(indexed=indexed, n=draw.integer(1, 4))
    return op, replace(state, kind=kind)


def _raising(draw: Choices, state: State) -> Made:
    """One thing in a pipeline that may fail: what the failure says is compared."""
    if state.fails or state.counted or state.partial:
        return None
    name, kind, _ = draw.pick(_fitting(words.RAISERS, state.kind))
    where = draw.pick(["map", "filter", "flatMap", "mapPartitions", "foreach"])
    kind = kind if where in ("map", "flatMap", "mapPartitions") else state.kind
    op = {"op": "raising", "f": name, "where": where}
    return op, replace(state, kind=kind, fails=True, partial=name == "stop", raising=True)


def _pair_part(index: int) -> Callable[[Type], Type | None]:
    return lambda kind: kind[index] if kind[0] == "pair" else None


_OPERATIONS: dict[str, tuple[int, Callable[[Choices, State], Made]]] = {
    "map": (4, _simple("map", words.MAPS)),
    "flatMap": (3, _simple("flatMap", words.FLAT_MAPS)),
    "filter": (3, _simple("filter", words.FILTERS)),
    "mapPartitions": (3, _simple("mapPartitions", words.PARTITION_MAPS)),
    "mapPartitionsWithIndex": (2, _simple("mapPartitionsWithIndex", words.INDEX_MAPS)),
    "glom": (1, _plain("glom", listing)),
    "glomFlat": (1, _plain("glomFlat", lambda kind: kind)),
    "mapPartitionsWithSplit": (1, _simple("mapPartitionsWithSplit", words.INDEX_MAPS)),
    "keyBy": (3, _key_by),
    "mapValues": (3, _values("mapValues", words.MAPS)),
    "flatMapValues": (2, _values("flatMapValues", words.FLAT_MAPS)),
    "keys": (1, _plain("keys", _pair_part(1))),
    "values": (1, _plain("values", _pair_part(2))),
    "distinct": (2, _distinct),
    "union": (3, _union),
    "unionAll": (1, _union_all),
    "framed": (3, _framed),
    "intersection": (2, _set_operation("intersection")),
    "subtract": (2, _set_operation("subtract")),
    "subtractByKey": (2, _paired("subtractByKey")),
    "cartesian": (2, _cartesian),
    "zip": (2, _zip),
    "zipWithIndex": (1, _plain("zipWithIndex", lambda kind: pair(kind, INT))),
    "zipWithUniqueId": (1, _plain("zipWithUniqueId", lambda kind: pair(kind, INT))),
    "groupBy": (2, _group_by),
    "groupByKey": (2, _by_key("groupByKey", None)),
    "reduceByKey": (3, _by_key("reduceByKey", words.REDUCERS)),
    "combineByKey": (2, _by_key("combineByKey", words.COMBINERS)),
    "aggregateByKey": (2, _by_key("aggregateByKey", words.AGGREGATES)),
    "foldByKey": (2, _by_key("foldByKey", words.FOLDS)),
    "cogroup": (2, _paired("cogroup")),
    "groupWith": (2, _paired("groupWith")),
    "join": (2, _paired("join")),
    "leftOuterJoin": (2, _paired("leftOuterJoin")),
    "rightOuterJoin": (2, _paired("rightOuterJoin")),
    "fullOuterJoin": (2, _paired("fullOuterJoin")),
    "partitionBy": (3, _partition_by),
    "repartition": (3, _repartition),
    "coalesce": (4, _coalesce),
    "sortBy": (3, _sort("sortBy")),
    "sortByKey": (3, _sort("sortByKey")),
    "repartitionAndSortWithinPartitions": (2, _sort("repartitionAndSortWithinPartitions")),
    "sample": (2, _sample),
    "cache": (3, _cache),
    "run": (3, lambda draw, state: ({"op": "run"}, state)),
    "broadcast": (1, _plain("broadcast", lambda kind: pair(STR, kind))),
    "broadcastFilter": (1, _broadcast_filter),
    "accumulate": (1, _accumulate("accumulate")),
    "accumulateKinds": (1, _accumulate("accumulateKinds")),
    "persist": (1, _persist),
    "unpersist": (1, lambda draw, state: ({"op": "unpersist"}, state)),
    "checkpoint": (2, _checkpoint),
    "localCheckpoint": (2, _local_checkpoint),
    "cleanShuffleDependencies": (2, _plain("cleanShuffleDependencies", lambda kind: kind)),
    "setName": (1, _set_name),
    "pipe": (2, _pipe),
    "textTrip": (2, _text_trip),
    "wholeTrip": (1, _whole_trip),
    "pickleTrip": (2, _pickle_trip),
    "barrier": (1, _barrier),
    "raising": (2, _raising),
}
_WEIGHTED = [name for name, (weight, _) in _OPERATIONS.items() for _ in range(weight)]

# ---- actions -----------------------------------------------------------------------------------


_STATISTICS = ["stats", "mean", "variance", "stdev", "sampleVariance", "sampleStdev"]
_STATISTICS += ["sum", "sumApprox", "meanApprox"]
# Numbers that add up alike in any order.
_SMALL = ["half", "mod3", "floor", "len", "kind_length"]
_BUCKETS: dict[Type, list[Any]] = {
    INT: [1, 2, 3, 7, [0, 5], (-3, 0, 3, 9), [0, 2, 4, 6], [-5, 0, 1000, 10**26]],
    FLOAT: [1, 2, 5, [0.0, 0.5, 1.0], (-1.0, 0.0, 3.5), [0, 10**6]],
    STR: [1, 2, ["", "a", "b"], ("a", "x", "é")],
}


def _actions(state: State) -> list[str]:
    kind = state.kind
    names = ["glom"] * 16 + ["collect", "count", "partitions", "reduce", "aggregate", "top"]
    names += ["takeOrdered", "max", "min", "treeReduce", "treeAggregate", "foreach"]
    names += ["toLocalIterator", "collectWithJobGroup", "partitioner", "partitioner"]
    names += [
        "getStorageLevel",
        "isCheckpointed",
        "name",
        "foreachPartition",
        "countApprox",
        *_STATISTICS,
    ]
    if not state.counted and not state.fails:
        names += ["take"] * 3 + ["first", "isEmpty", "takeSample", "runJob"]
        names += ["someOfLocalIterator"]
    if hashable(kind):
        names += ["countByValue"] * 2
        if state.bound <= 200:
            names += ["countApproxDistinct"] * 2
    if _is_pair(kind):
        names += ["countByKey", "collectAsMap", "reduceByKeyLocally"] * 2
        if not state.counted and not state.fails and kind[1] in _ELEMENTS:
            names += ["lookup"] * 2
    if kind in (INT, FLOAT):
        names += [*_STATISTICS, *_STATISTICS]
    if kind in _BUCKETS:
        names += ["histogram"] * 3
    if any(entry[-1](kind) for entry in words.FOLDS.values()):
        names += ["fold"] * 4
    return names


def _action(draw: Choices, state: State) -> dict[str, Any]:
    kind, name = state.kind, draw.pick(_actions(state))
    action: dict[str, Any] = {"action": name}
    match name:
        case "isCheckpointed":
            action["run"] = draw.pick([False, True])
        case "take" | "takeSample" | "top" | "takeOrdered" | "someOfLocalIterator":
            action["n"] = draw.pick([0, 1, 2, 3, 5, 10, 100])
        case "treeReduce" | "treeAggregate":
            action["depth"] = draw.integer(1, 3)
        case "lookup":
            action["key"] = encode(_ELEMENTS[kind[1]](draw))
        case "toLocalIterator":
            action["prefetch"] = draw.pick([False, True])
        case "countApproxDistinct":
            action["sd"] = draw.pick([0.05, 0.05, 0.02])
        case "histogram":
            action["buckets"] = encode(draw.pick(_BUCKETS[kind]))
        case "runJob":
            action["partitions"] = draw.pick([[0], [1], [1, 0], [3, 1, 2], []])
    match name:
        case "reduce" | "treeReduce":
            action["f"] = draw.pick([f for f, _, _ in _reducers(state, kind)])
        case "reduceByKeyLocally":
            names = [f for f, _, _ in _reducers(state, kind[2])]
            action["f"] = draw.pick(names)
        case "aggregate" | "treeAggregate":
            chosen = _one_of(draw, words.AGGREGATES, kind)
            assert chosen is not None
            action["f"] = chosen[0]
        case "fold":
            chosen = _one_of(draw, words.FOLDS, kind)
            assert chosen is not None
            action["f"] = chosen[0]
        case "top" | "takeOrdered" | "max" | "min":
            names = [f for f, _, _ in _fitting(words.SORT_KEYS, kind)]
            action["f"] = draw.pick([*names, None] if words.orderable(kind) else names)
        case "runJob":
            action["f"] = draw.pick([f for f, _, _ in _fitting(words.PARTITION_MAPS, kind)])
        case "takeSample":
            action["replace"] = draw.pick([False, True])
            action["seed"] = draw.pick([0, 1, 42])
        case _ if name in _STATISTICS:
            numeric = [f for f, found, _ in _fitting(words.MAPS, kind) if found in (INT, FLOAT)]
            if name.endswith("Approx"):
                action["f"] = draw.pick([f for f in numeric if f in _SMALL])
            elif kind != FLOAT or draw.integer(0, 3) == 0:
                action["f"] = draw.pick(numeric)
    return action


def generate(draw: Choices) -> dict[str, Any]:
    """Return a pipeline of two to six operations that fit their elements."""
    source, kind, bound = _source(draw, None)
    parts = _source_parts(source)
    state = State(kind, bound, kind, bound, parts, parts)
    ops: list[dict[str, Any]] = []
    wanted = draw.integer(2, 6)
    while len(ops) < wanted:
        name = draw.pick(_WEIGHTED)
        if ops and ops[-1]["op"] in ("cache", "persist") and draw.integer(0, 3) == 0:
            name = "unpersist"
        made = _OPERATIONS[name][1](draw, state)
        if made is not None and words.depth(made[1].kind) <= DEEPEST:
            if made[0]["op"] == "pipe" and "\\ud800" in json.dumps([source, ops]):
                continue  # what cannot be encoded hangs in PySpark
            ops.append(made[0])
            state = made[1]
            if made[0]["op"] != "coalesce" and made[0].get("n"):
                state = replace(state, parts=made[0]["n"])
    if ops[-1]["op"] in ("cache", "persist", "unpersist") and draw.integer(0, 2) == 0:
        action = {"action": "getStorageLevel"}
    elif "heckpoint" in ops[-1]["op"] and draw.integer(0, 2) == 0:
        action = {"action": "isCheckpointed", "run": draw.pick([False, True])}
    else:
        action = _action(draw, state)
    return {"source": source, "ops": ops, "action": action}


class _FromHypothesis:
    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self._draw(st.integers(0, len(options) - 1))]


class _FromSeed:
    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def pick(self, options: Sequence[Any]) -> Any:
        return self._random.choice(options)


@st.composite
def pipelines(draw: Callable[[Any], Any]) -> dict[str, Any]:
    """Hypothesis's pipelines: a failing one is shrunk."""
    return generate(_FromHypothesis(draw))


def numbered(seed: int, number: int) -> dict[str, Any]:
    """Return the pipeline of this number in the series of `seed`: the same one everywhere."""
    return generate(_FromSeed(f"{seed}:{number}"))
