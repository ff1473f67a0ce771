"""Consecutive steps run as one loop: what they compute, when, and how they fail."""

from __future__ import annotations

import operator
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial, reduce
from itertools import chain, islice
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispark import SparkContext
from minispark.engine.folding import Fold, Reduce
from minispark.engine.inlining import expression_of
from minispark.engine.shuffle.combine import CombineByKey, MergeByKey
from minispark.engine.steps import (
    Ending,
    Filter,
    FlatMap,
    FlatMapValues,
    KeyBy,
    Map,
    MapValues,
    Step,
    joined,
)
from minispark.errors import PySparkRuntimeError, SparkException

MANY = 100
"""More records than are needed to see what functions are given."""


def keyed(f: Callable[[Any], Any], x: Any) -> Any:
    return f(x), x


def with_value(f: Callable[[Any], Any], pair: Any) -> Any:
    return pair[0], f(pair[1])


def with_values(f: Callable[[Any], Any], pair: Any) -> Any:
    return ((pair[0], u) for u in f(pair[1]))


MEANINGS: dict[type[Step], Callable[[Any, Iterable[Any]], Iterable[Any]]] = {
    Map: map,
    Filter: filter,
    FlatMap: lambda f, records: chain.from_iterable(map(f, records)),
    KeyBy: lambda f, records: map(partial(keyed, f), records),
    MapValues: lambda f, records: map(partial(with_value, f), records),
    FlatMapValues: lambda f, records: chain.from_iterable(map(partial(with_values, f), records)),
}
"""What steps mean: these iterators are PySpark's, and go on after an error as they do."""


def run(steps: Iterable[Step | Ending], records: Iterable[Any]) -> Iterator[Any]:
    result: Iterable[Any] = iter(records)
    for function in joined(steps):
        result = function(0, iter(result))
    return iter(result)


def by_definition(steps: Iterable[Step], records: Iterable[Any]) -> Iterator[Any]:
    for step in steps:
        records = MEANINGS[type(step)](step.function, records)
    return iter(records)


def merged(f: Callable[[Any, Any], Any], records: Iterable[Any]) -> Iterable[Any]:
    return combined(lambda value: value, f, records)


def combined(
    create: Callable[[Any], Any], merge: Callable[[Any, Any], Any], records: Iterable[Any]
) -> Iterable[Any]:
    combiners: dict[Any, Any] = {}
    for key, value in records:
        combiners[key] = merge(combiners[key], value) if key in combiners else create(value)
    return combiners.items()


ENDINGS: dict[type[Ending], Callable[..., Iterable[Any]]] = {
    MergeByKey: merged,
    CombineByKey: combined,
    Reduce: lambda f, records: [reduce(f, records, first) for first in islice(records, 1)],
    Fold: lambda zero, f, records: [reduce(f, records, zero)],
}
"""What endings mean."""


def outcome(results: Iterator[Any]) -> list[Any]:
    """All results in their exact form, and the errors between them: who catches them reads on."""
    found = []
    while True:
        try:
            found.append(repr(next(results)))
        except StopIteration:
            return found
        except Exception as exc:
            found.append(f"{type(exc).__name__}: {exc}")


n, missing_later, text = 3, 1, "it's"


def of_a_closure() -> Callable[[Any], Any]:
    step = 7
    return lambda x: x + step


EXPRESSIONS: list[Callable[[Any], Any]] = [
    lambda x: x,
    lambda x: None,
    lambda x: x + 1,
    lambda x: 2 * x - x % 3,
    lambda x: -x // 2**x,
    lambda x: not ~x & 1,
    lambda x: (x, 1),
    lambda x: [x, (x, -0.0)],
    lambda x: x == 4,
    lambda x: x is None,
    lambda x: x is not None,
    lambda x: x in {1, 2},
    lambda x: x not in (1, 2),
    lambda x: "abcdefgh"[x],
    lambda x: x * n,
    of_a_closure(),
    lambda x: x > 3 and x < 8,
    lambda x: x < 3 or x > 8,
    lambda x: x or "zero",
    lambda x: x and x - 2 and "both",
    lambda x: not (x > 1 and (x < 4 or x == 7)),
    lambda x: "even" if x % 2 == 0 else "odd",
    lambda x: 0 < x < 5,
    lambda x: not 1 <= x <= n,
    lambda x: 1 < x < 6 and x != 3,
    lambda x: "low" if 2 > x > -1 else x,
    lambda x: x[1:],
    lambda x: (x[:1], x[0:2:1], 1),
    lambda x: "none" if x is None else x + 1 if x > 5 else x - 1,
    itemgetter(0),
    lambda x: not not x,  # noqa: SIM208
    lambda x: (x, not not (x and 3), not x),  # noqa: SIM208
    lambda x: f"{x}",
    lambda x: f"{{'{x}'}}\n{x + 1}{text}",
    lambda x: f"{x!s}{x!r}{x!a} {x=}",
    lambda x: (f"{x:3}", f"{x!r:>5}{x:+d}"),
    lambda x: f"{x[0]:.1}" if x else f"none of {x, x != 3}"[1:],
]


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)))
def test_a_function_that_is_one_expression_is_read_from_its_bytecode(number: int) -> None:
    function = EXPRESSIONS[number]
    expression = expression_of(function)
    assert expression is not None
    names = [f"v{index}" for index in range(len(expression.values))]
    text = expression.text.format(*names, x="x")
    computed = eval(f"lambda x, {', '.join(names)}: {text}" if names else f"lambda x: {text}")
    for x in [*range(-1, 10), None, 1.5, (1, 2), "abc"]:
        assert outcome(computed(x, *expression.values) for _ in "1") == outcome(
            function(x) for _ in "1"
        )


def with_an_assignment(x: Any) -> Any:
    y = x + 1
    return y * y


def a_generator(x: Any) -> Any:
    yield x


@pytest.mark.parametrize(
    "function",
    [
        lambda x: len(x),
        lambda x: x.real,
        lambda x: x.bit_length(),
        lambda x: [y for y in range(x)],  # noqa: C416
        lambda x: 0 < x + 1 < 5,
        lambda x: x[1:2, 3],
        lambda x: f"{x:>{n}}",
        lambda x: f"{len(x)}",
        lambda x: lambda: x,
        lambda x: not_there,  # type: ignore[name-defined]  # noqa: F821
        lambda *x: x,
        lambda x, y=1: x,
        lambda: 1,
        len,
        itemgetter(0, 1),
        with_an_assignment,
        a_generator,
    ],
)
def test_any_other_function_is_called(function: Callable[..., Any]) -> None:
    assert expression_of(function) is None


def test_variables_that_hold_objects_of_a_program_are_left_to_the_function() -> None:
    class Odd:
        pass

    odd = Odd()
    assert expression_of(lambda x: odd) is None


# Random expressions of x, as a program might write them.
values = st.sampled_from(["x", "x", "x[0]", "x[1]", "n", "0", "1", "3", "2.5", "'ab'", "None"])
# Without ** and <<, whose numbers may be huge.
operations = st.sampled_from([*"+-*/%&|^<>", "//", "<=", "==", "!=", ">=", "and", "or", "in", "is"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, operations, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["-", "~", "not "]), inner).map(lambda p: f"({''.join(p)})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} < {p[1]} <= {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"{p[0]}[{p[1]}:{p[2]}]"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}, {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]}, {p[1]}]"),
        inner.map(lambda p: f"str({p})"),  # a call
        inner.map(lambda p: p if "'" in p or '"' in p else f'f"<{{{p}!r:>4}}>"'),
    )


functions = st.recursive(values, larger, max_leaves=6)
scalars = st.one_of(
    st.integers(-5, 5), st.floats(-2, 2), st.booleans(), st.none(), st.sampled_from(["", "a", "bc"])
)
records = st.lists(
    st.one_of(scalars, st.tuples(scalars, scalars), st.tuples(scalars, st.tuples(scalars))),
    max_size=4,
)
kinds = st.sampled_from(list(MEANINGS))


@given(
    written=st.lists(st.tuples(kinds, functions), min_size=1, max_size=5),
    head=records,
    tail=records,
)
@settings(max_examples=400, deadline=None)
def test_random_steps_over_random_records_give_what_their_chain_gives(
    written: list[tuple[type[Step], str]], head: list[Any], tail: list[Any]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of expressions such as `1 is x`, ~True
        steps = [kind(eval(f"lambda x: {text}", {"n": 3})) for kind, text in written]
        # Such as the first records on, so that the loop is reached without an error before.
        data = head * (40 // len(head)) + tail if head else tail
        assert outcome(run(steps, data)) == outcome(by_definition(steps, data))


def of_y(text: str) -> str:
    return re.sub(r"\bx\b", "y", text)


# With x once and no `*`, so that what is merged does not grow to many times its size.
growing = operations.filter(lambda operation: operation != "*")
two_arguments = st.one_of(
    st.tuples(functions.map(of_y), growing).map(lambda p: f"(x {p[1]} {p[0]})"),
    st.tuples(functions.map(of_y), growing).map(lambda p: f"({p[0]} {p[1]} x)"),
    st.tuples(functions.map(of_y), functions.map(of_y)).map(lambda p: f"(x if {p[0]} else {p[1]})"),
    functions.map(of_y),
)


@given(
    written=st.lists(st.tuples(kinds, functions), max_size=2),
    ending=st.sampled_from(list(ENDINGS)),
    first=functions,
    further=two_arguments,
    data=st.lists(
        st.tuples(st.sampled_from([1, 1.0, "a", None, (2,)]), scalars), min_size=1, max_size=6
    ),
    repeats=st.integers(1, 30),
)
@settings(max_examples=400, deadline=None)
def test_random_endings_give_what_their_definitions_give(
    written: list[tuple[type[Step], str]],
    ending: type[Ending],
    first: str,
    further: str,
    data: list[Any],
    repeats: int,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        steps = [kind(eval(f"lambda x: {text}", {"n": 3})) for kind, text in written]
        create, merge = (
            eval(f"lambda {names}", {"n": 3}) for names in (f"x: {first}", f"x, y: {further}")
        )
        given_to: dict[type[Ending], list[Any]] = {
            CombineByKey: [create, merge],
            Fold: [0, merge],
        }
        arguments = given_to.get(ending, [merge])

        def by_meaning() -> Iterator[Any]:
            yield from ENDINGS[ending](*arguments, by_definition(steps, data * repeats))

        def by_loops() -> Iterator[Any]:
            yield from run([*steps, ending(*arguments)], data * repeats)

        assert outcome(by_loops()) == outcome(by_meaning())


def test_an_ending_is_reached_before_the_next_function_is_called() -> None:
    with pytest.raises(ZeroDivisionError):
        run([Map(lambda x: 1 // x), Fold(0, max)], [0])


def add(x: Any, y: Any) -> Any:
    return x + y


@pytest.mark.parametrize(
    ("function", "is_read"),
    [
        (operator.add, True),
        (operator.mul, True),
        (max, True),
        (min, True),
        (add, True),
        (lambda x, y: (x[0] + y, x[1] + 1), True),
        (lambda a, b: a if a > b else b, True),
        (operator.setitem, False),
        (lambda x, y: divmod(x, y), False),
        (lambda x: x, False),
    ],
)
def test_functions_of_two_arguments_are_read_too(
    function: Callable[..., Any], is_read: bool
) -> None:
    assert (expression_of(function, 2) is not None) == is_read


@pytest.mark.parametrize("ending", [Reduce(max), Reduce(min), Fold(-0.0, max), Fold(5, min)])
def test_the_first_of_equal_ones_is_the_greatest_and_the_least(ending: Ending) -> None:
    numbers = [0, 0.0, -0.0, False, float("nan"), 7, 7.0] * 5
    meaning = ENDINGS[type(ending)](*ending.arguments, iter(numbers))
    assert repr(list(run([ending], numbers))) == repr(list(meaning))


def test_a_combiner_may_be_changed_and_returned() -> None:
    def extend(so_far: list[int], value: int) -> list[int]:
        so_far.append(value)
        return so_far

    steps = [Map(lambda x: (x % 2, x)), CombineByKey(lambda v: [v], extend)]
    assert dict(run(steps, range(MANY))) == {0: [*range(0, MANY, 2)], 1: [*range(1, MANY, 2)]}


@pytest.mark.parametrize("wanted", [0, 1, 5, 15, 16, 17, 40])
def test_no_record_is_computed_that_nobody_asks_for(wanted: int) -> None:
    def traced(how: Callable[[Iterable[Step], Iterable[Any]], Iterator[Any]]) -> list[str]:
        events: list[str] = []

        def seen(name: str, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def call(x: Any) -> Any:
                events.append(f"{name} {x}")
                return f(x)

            return call

        def source() -> Iterator[int]:
            for i in range(MANY):
                events.append(f"source {i}")
                yield i
            events.append("end")

        steps = [
            Map(seen("map", lambda x: x + 1)),
            Filter(lambda x: x % 3 != 0),
            FlatMap(seen("flatMap", lambda x: (events.append(f"part {x}") or y for y in (x, -x)))),
            KeyBy(seen("keyBy", abs)),
            MapValues(lambda v: v * 2),
        ]
        results = how(steps, source())
        for _ in range(wanted):
            events.append(f"result {next(results)}")
        return events

    assert traced(run) == traced(by_definition)


def test_the_end_of_the_records_is_asked_for_once() -> None:
    class Once:
        def __init__(self, count: int) -> None:
            self.left = count

        def __iter__(self) -> Once:
            return self

        def __next__(self) -> int:
            self.left -= 1
            assert self.left >= -1
            if self.left < 0:
                raise StopIteration
            return self.left

    for count in (0, 1, 15, 16, 17):
        assert len(list(run([Map(lambda x: x)], Once(count)))) == count


def test_what_the_next_step_does_to_a_record_is_seen_by_the_steps_after_it_only() -> None:
    def change(x: list[int]) -> list[int]:
        x.append(len(x))
        return x

    shared: list[int] = []
    found = [
        list(record)
        for record in run([Map(lambda x: shared), Map(change), Filter(lambda x: x)], range(MANY))
    ]
    assert found == [list(range(i + 1)) for i in range(MANY)]


FAILING: list[Step] = [
    Map(lambda x: 1 // (50 - x)),
    Filter(lambda x: 1 // (50 - x)),
    FlatMap(lambda x: [1 // (50 - x)]),
    KeyBy(lambda x: 1 // (50 - x)),
    Map(lambda x: divmod(1, 50 - x)),
]


ENDINGS_THAT_FAIL: list[Ending] = [
    MergeByKey(lambda x, y: y // (50 - y)),
    CombineByKey(lambda x: x, lambda x, y: y // (50 - y)),
    Reduce(lambda x, y: y // (50 - y)),
    Fold(1, lambda x, y: y // (50 - y)),
]


@pytest.mark.parametrize("ending", ENDINGS_THAT_FAIL)
def test_an_error_in_an_ending_comes_from_the_line_of_the_function(ending: Ending) -> None:
    by_key = isinstance(ending, (MergeByKey, CombineByKey))
    before = [Map(lambda x: ("key", x))] if by_key else []
    with pytest.raises(ZeroDivisionError) as caught:
        list(run([*before, ending], range(MANY)))
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.name) == (__file__, "<lambda>")
    assert "50 - y" in (last.line or "")


@pytest.mark.parametrize("step", FAILING)
@pytest.mark.parametrize("before", [[], [Map(lambda x: x + 0)], [Map(lambda x: int(x))]])
def test_an_error_comes_from_the_line_of_the_function(step: Step, before: list[Step]) -> None:
    results = run([*before, step, Map(lambda x: (x, 1))], range(MANY))
    with pytest.raises(ZeroDivisionError) as caught:
        list(results)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.name) == (__file__, "<lambda>")
    assert "50 - x" in (last.line or "")
    assert caught.value.__context__ is None


def test_an_error_in_what_comes_before_is_not_taken_for_one_of_a_function() -> None:
    def source() -> Iterator[int]:
        yield from range(MANY)
        raise ZeroDivisionError("of the source")

    with pytest.raises(ZeroDivisionError, match="of the source") as caught:
        list(run([Map(lambda x: x + 1)], source()))
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "source"


@pytest.mark.parametrize("bad", [{0}, {15}, {16}, {3, 4, 99}, {17, 18, 50}, set(range(MANY))])
@pytest.mark.parametrize("is_inlined", [True, False])
def test_who_catches_an_error_reads_on(bad: set[int], is_inlined: bool) -> None:
    def call(x: Any) -> Any:
        return 1 // len(x)

    def inline(x: Any) -> Any:
        return x[0] if x else 1 // 0

    records = [() if n in bad else (n,) for n in range(MANY)]
    f = inline if is_inlined else call
    assert (expression_of(f) is not None) == is_inlined
    several: list[list[Step]] = [
        [Map(f)],
        [KeyBy(f), Map(itemgetter(0)), Filter(lambda x: x % 3)],
        [Map(f), *[Map(lambda x: x)] * 20],
        [FlatMap(lambda x: [x, (5,), ()]), Map(f), Filter(lambda x: x % 3)],
        [Map(lambda x: (1, x)), FlatMapValues(lambda x: [x, (5,)]), MapValues(f)],
        [FlatMap(lambda x: [[x, x], [(5,)]]), FlatMap(iter), Map(f)],
        [FlatMap(lambda x: map(f, [x, (5,), ()])), Map(lambda x: 1 // (x - 5))],
        [FlatMap(lambda x: (f(y) for y in [(5,), x, (5,)])), Map(lambda x: x)],
        [FlatMap(lambda x: [x, x]), Map(f), FlatMap(lambda x: [x])],
        [Map(f), FlatMap(lambda x: [x])],
    ]
    for steps in several:
        assert outcome(run(steps, records)) == outcome(by_definition(steps, records))


def test_an_error_shows_the_lines_of_the_loop() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        list(run([Map(lambda x: divmod(1, 50 - x))], range(MANY)))
    assert "yield v0(x1)" in "".join(traceback.format_exception(caught.value))


def test_the_traceback_of_a_failed_task_begins_in_the_program(sc: SparkContext) -> None:
    numbers = sc.parallelize(range(MANY), 1).map(lambda x: x + 1)
    with pytest.raises(SparkException) as caught:
        numbers.map(lambda x: 1 // (50 - x)).filter(lambda x: x > 0).count()
    cause = caught.value.__cause__
    assert isinstance(cause, ZeroDivisionError)
    (frame,) = traceback.extract_tb(cause.__traceback__)
    assert (frame.filename, frame.name) == (__file__, "<lambda>")


def test_an_error_that_does_not_come_again_is_raised_as_it_was() -> None:
    class Flaky(int):
        failed = False

        def __add__(self, other: Any) -> Any:
            if not Flaky.failed:
                Flaky.failed = True
                raise OSError("once")
            return 0

    with pytest.raises(OSError, match="once"):
        list(run([Map(lambda x: x + 1)], [*range(MANY), Flaky(1)]))


def halts_at(place: int) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        if x == place:
            raise StopIteration("halt")
        return [x]

    return function


@pytest.mark.parametrize("place", [3, 50])
@pytest.mark.parametrize("kind", [Map, Filter, FlatMap, KeyBy])
def test_a_stop_iteration_is_an_error_and_not_the_end(kind: type[Step], place: int) -> None:
    steps = [Map(lambda x: x + 0), kind(halts_at(place)), Filter(lambda x: True)]
    with pytest.raises(PySparkRuntimeError, match=r"STOP_ITERATION_OCCURRED.*halt") as caught:
        list(run(steps, range(MANY)))
    assert isinstance(caught.value.__cause__, StopIteration)


def test_operators_of_a_program_are_called_by_its_functions() -> None:
    callers = set()

    class Number:
        def __add__(self, other: int) -> int:
            callers.add(sys._getframe(1).f_code.co_name)
            return other

    assert sum(run([Map(lambda x: x + 1)], [Number() for _ in range(MANY)])) == MANY
    assert callers == {"<lambda>"}


def test_what_an_unread_function_gives_counts_for_the_next_one() -> None:
    callers = set()

    class Number:
        def __add__(self, other: int) -> int:
            callers.add(sys._getframe(1).f_code.co_name)
            return other

    assert sum(run([Map(lambda x: Number()), Map(lambda x: x + 1)], range(MANY))) == MANY
    assert callers == {"<lambda>"}


def test_a_debugger_or_profiler_sees_every_call() -> None:
    called = []

    def profile(frame: Any, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_name == "<lambda>":
            called.append(frame.f_lineno)

    previous = sys.getprofile()
    sys.setprofile(profile)
    try:
        list(run([Map(lambda x: x + 1)], range(MANY)))
    finally:
        sys.setprofile(previous)
    assert len(called) >= MANY


def test_a_variable_is_read_when_the_record_comes(sc: SparkContext) -> None:
    names: dict[str, Any] = {"__name__": "__main__", "n": 0}
    exec("def count(x):\n    global n\n    n += 1\n    return x\n", names)
    exec("added = lambda x: x + n", names)
    numbers = sc.parallelize([0] * MANY, 1).map(names["count"])
    assert numbers.map(names["added"]).collect() == list(range(1, MANY + 1))


def test_a_variable_that_is_gone_is_a_name_error() -> None:
    def forget(x: int) -> int:
        if x == 50:
            del globals()["missing_later"]
        return x

    with pytest.raises(NameError, match="missing_later"):
        list(run([Map(forget), Map(lambda x: x + missing_later)], range(MANY)))


def test_long_pipelines_are_cut_into_loops() -> None:
    steps: list[Step] = []
    for _ in range(60):
        steps += [Map(lambda x: x + 1), FlatMap(lambda x: [x])]
    assert list(run(steps, range(MANY))) == list(range(60, MANY + 60))


def test_steps_count_in_accumulators_as_functions_do(sc: SparkContext) -> None:
    seen = sc.accumulator(0)

    def count(x: int) -> int:
        seen.add(1)
        return x

    kept = sc.parallelize(range(MANY), 2).map(lambda x: x * 2).map(count).filter(lambda x: x > 50)
    assert kept.take(1) == [52]
    assert seen.value == 27
    assert kept.count() == 74
