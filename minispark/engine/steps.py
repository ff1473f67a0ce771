"""Steps: what a pipeline does to each record. Consecutive ones run as one loop.

An operation such as ``map`` puts a :class:`Step` into a pipeline, which is a function ``(partition,
iterator) -> iterable`` like any other there; :func:`joined` joins those that follow each other, and
an :class:`Ending` after them: what becomes of all records of a partition, as in ``reduce`` or
before a shuffle. For each such run one loop is written (:mod:`minispark.engine.loops`)::

    sc.range(9).map(lambda x: x + 1).filter(is_odd).flatMap(pair)

    for x1 in records:
        x2 = (x1 + v1)
        if not v2(x2): continue
        for x3 in v3(x2):
            yield x3

As in a chain of generators each record goes through all steps before the next one is read, and no
record is computed that nobody asks for. Which functions may stand in the loop as expressions is
told by what they are given: the first records go through a loop a step, whose functions all are
called. So a partition of a few records costs no work on its code.

Whoever reads may catch what a function raises, and read on. As in Spark the next record follows;
behind a step that gives many records for one, the next of these; and nothing if that step's
function has raised, or one before it. So a loop ends at the last such step, and gives what this
step's function gives, which ``chain`` goes through and holds whatever happens behind it. What an
ending raises nobody catches: there all is one loop, in which the loops of such steps stand.
Must not know: partitions, frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property, partial
from itertools import chain, islice
from typing import Any

from minispark.engine.inlining import Expression, expression_of, is_plain, is_watched
from minispark.engine.loops import Code, Loop

PartitionFunction = Callable[[int, Iterator[Any]], Iterable[Any]]

_WATCHED_RECORDS = 16
"""How many records show what the functions are given."""

_LONGEST = 12
"""Of how many steps one loop is made at most: each may be a loop inside it."""


class Step:
    """One operation on each record, by ``function``, which is the program's."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.function,)

    def __call__(self, partition: int, records: Iterable[Any]) -> Iterable[Any]:
        return Run((self,))(partition, records)

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        """Write the step into a loop; returns the text of the record that it gives."""
        raise NotImplementedError


class ManyStep(Step):
    """A step that gives many records for one."""

    def write_many(self, code: Code, expression: Expression | None, record: str) -> str:
        """Write the step as the last of a loop; returns the text of the iterable that it gives."""
        raise NotImplementedError


class Map(Step):
    """`f(x)` for each x."""

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        return code.call(self.function, expression, code.name(record))


class Filter(Step):
    """Each x for which `f(x)` is true."""

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        x = code.name(record)
        code.line(f"if not {code.call(self.function, expression, x)}: continue")
        return x


class FlatMap(ManyStep):
    """All elements of `f(x)`, for each x."""

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        return code.loop(self.write_many(code, expression, record))

    def write_many(self, code: Code, expression: Expression | None, record: str) -> str:
        return code.call(self.function, expression, code.name(record))


class KeyBy(Step):
    """`(f(x), x)` for each x."""

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        x = code.name(record)
        return f"({code.call(self.function, expression, x)}, {x})"


class MapValues(Step):
    """`(k, f(v))` for each pair."""

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        pair = code.name(record)
        key, value = code.name(f"{pair}[0]"), code.name(f"{pair}[1]")
        return f"({key}, {code.call(self.function, expression, value)})"


class FlatMapValues(ManyStep):
    """`(k, u)` for each u in `f(v)`, for each pair."""

    def write(self, code: Code, expression: Expression | None, record: str) -> str:
        pair = code.name(record)
        u = code.loop(code.call(self.function, expression, code.name(f"{pair}[1]")))
        return f"({pair}[0], {u})"

    def write_many(self, code: Code, expression: Expression | None, record: str) -> str:
        pair = code.name(record)
        values = code.call(self.function, expression, code.name(f"{pair}[1]"))
        return f"{code.value(_with_key_of)}({pair}, {values})"


def _with_key_of(pair: Any, values: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    # No function with `yield`: what is no iterable is refused now, as in Spark.
    return ((pair[0], u) for u in values)


class Ending:
    """What becomes of all records of a partition, by functions of the program or other arguments.

    ``state`` is what has become of them so far.
    """

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.arguments

    def __call__(self, partition: int, records: Iterable[Any]) -> Iterable[Any]:
        return EndedRun((), self)(partition, records)

    def start(self) -> Any:
        """The state before the first record."""
        raise NotImplementedError

    def room(self) -> Any:
        """What the loop has as ``room``, where it has to look how large its state is."""
        return None

    def write(self, code: Code, are_plain: bool, record: str) -> None:
        """Write what is done with a record into a loop that has ``state`` and ``room``."""
        raise NotImplementedError

    def of_elements(
        self, expression: Expression
    ) -> Callable[[Any, Any, Iterable[Any]], Any] | None:
        """What takes the state, the room, and elements to the state after them, as a loop over what
        ``expression`` makes of each would; None where nothing is quicker than the loop.
        """
        return None

    def after(self, loop: Loop, records: Iterator[Any], state: Any, room: Any) -> Any:
        """The state after all further records."""
        return loop(records, state, room)

    def result(self, state: Any, room: Any) -> Iterable[Any]:
        """What the state after the last record gives for the partition."""
        raise NotImplementedError


def joined(functions: Iterable[PartitionFunction]) -> Iterator[PartitionFunction]:
    """The functions of a pipeline, with those that can run as one loop as one function."""
    steps: list[Step] = []
    for function in functions:
        if len(steps) == _LONGEST or not isinstance(function, (Step, Ending)):
            yield from _runs(steps)
            steps = []
        if isinstance(function, Ending):
            yield EndedRun(steps, function)
            steps = []
        elif isinstance(function, Step):
            steps.append(function)
        else:
            yield function
    yield from _runs(steps)


def _runs(steps: Sequence[Step]) -> Iterator[PartitionFunction]:
    """Steps as one function or two: a loop ends at the last step that gives many records."""
    end = max((i for i, step in enumerate(steps, 1) if isinstance(step, ManyStep)), default=0)
    if end:
        yield ManyRun(steps[:end])
    if steps[end:]:
        yield Run(steps[end:])


class Run:
    """Steps that follow each other in a pipeline, as one function of it: each gives one record for
    one, or none.
    """

    gives_many = False

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps

    def __call__(self, _partition: int, records: Iterable[Any]) -> Iterable[Any]:
        return chain.from_iterable(self._parts(iter(records)))

    def _parts(self, records: Iterator[Any]) -> Iterator[Iterator[Any]]:
        """What is made of the first records, and of the others."""
        watched = _FirstRecords(self._steps, records, self.gives_many)
        yield watched.results
        if watched.are_over and not watched.are_many:
            return
        loop = _loop(self._steps, watched.expressions(), self.gives_many)
        ended: list[bool] = []
        while not ended:  # more than once if somebody has caught what was raised
            yield loop(records, ended)


class ManyRun(Run):
    """The same, of which the last gives many records for one, and others may."""

    gives_many = True

    def __call__(self, partition: int, records: Iterable[Any]) -> Iterable[Any]:
        return chain.from_iterable(super().__call__(partition, records))


class EndedRun:
    """Steps, if there are any, and the ending after them, as one function of a pipeline."""

    def __init__(self, steps: Sequence[Step], ending: Ending) -> None:
        self._steps = steps
        self._ending = ending

    def __call__(self, _partition: int, records: Iterable[Any]) -> Iterable[Any]:
        # Now, as in Spark: before the next function is called, which cannot catch what is raised.
        iterator = iter(records)
        ending = self._ending
        room = ending.room()
        watched = _FirstRecords(self._steps, iterator)
        first_loop = _ended_loop((), [], ending, are_plain=False)
        state = first_loop(watched.results, ending.start(), room)
        if watched.are_many:
            state = self._after_rest(watched, iterator, state, room)
        return ending.result(state, room)

    def _after_rest(
        self, watched: _FirstRecords, records: Iterator[Any], state: Any, room: Any
    ) -> Any:
        """The state after all further records."""
        steps, ending = self._steps, self._ending
        expressions, are_plain = watched.expressions(), watched.are_plain[-1]
        last = expressions[-1] if are_plain and steps and isinstance(steps[-1], Map) else None
        of_elements = last and ending.of_elements(last)
        if of_elements:
            return of_elements(state, room, _elements(steps[:-1], expressions[:-1], records))
        loop = _ended_loop(steps, expressions, ending, are_plain)
        return ending.after(loop, records, state, room)


class _FirstRecords:
    """A partition's first records on their way through steps, each of which is watched."""

    def __init__(
        self, steps: Sequence[Step], records: Iterator[Any], gives_many: bool = False
    ) -> None:
        self._steps = steps
        self._seen = [_Seen() for _ in range(len(steps) + 1)]
        passing = self._seen[0].passing(islice(records, _WATCHED_RECORDS))
        for step, seen in zip(steps, self._seen[1:], strict=True):
            kind: Callable[[Any], Step] = type(step)
            loop = _loop_of_one(kind, gives_many and step is steps[-1])
            passing = seen.passing(loop(step.function, passing))
        self.results = passing

    @property
    def are_over(self) -> bool:
        """Whether they were all read: if not, somebody has caught what was raised meanwhile."""
        return self._seen[0].is_over

    @property
    def are_many(self) -> bool:
        """Whether there may be further records."""
        return self._seen[0].count == _WATCHED_RECORDS

    def expressions(self) -> list[Expression | None]:
        """What may stand in a loop for the call of each step's function."""
        return [
            expression_of(step.function) if is_plain else None
            for step, is_plain in zip(self._steps, self.are_plain, strict=False)
        ]

    @cached_property
    def are_plain(self) -> list[bool]:
        """Whether each step, and who comes after the last, is given plain records."""
        if is_watched():
            return [False] * len(self._seen)
        found = [self._seen[0].is_plain]
        for step, seen in zip(self._steps, self._seen[1:], strict=True):
            gives_plain = isinstance(step, Filter) or expression_of(step.function) is not None
            found.append(seen.is_plain if seen.count else found[-1] and gives_plain)
        return found


def _loop(
    steps: Sequence[Step], expressions: Sequence[Expression | None], gives_many: bool
) -> Loop:
    """The loop of some steps: of records, and a list that is empty until all were read, to those
    that the steps give; or to what the last step's function gives, if this is many for one.
    """
    code = Code("ended")
    code.line(f"yield {_write(steps, expressions, code, gives_many)}")
    code.after_loops()
    code.line("ended.append(True)")
    return partial(code.compiled(), *code.values)


def _elements(
    steps: Sequence[Step], expressions: Sequence[Expression | None], records: Iterator[Any]
) -> Iterable[Any]:
    """All that some steps give, for who reads it to the end."""
    if not steps:
        return records
    gives_many = isinstance(steps[-1], ManyStep)
    elements: Iterable[Any] = _loop(steps, expressions, gives_many)(records, [])
    return chain.from_iterable(elements) if gives_many else elements


def _ended_loop(
    steps: Sequence[Step],
    expressions: Sequence[Expression | None],
    ending: Ending,
    are_plain: bool,
) -> Loop:
    """The loop of some steps and an ending: of records, a state and its room to the state after
    them.
    """
    code = Code("state", "room")
    ending.write(code, are_plain, _write(steps, expressions, code))
    return partial(code.compiled("state"), *code.values)


def _write(
    steps: Sequence[Step],
    expressions: Sequence[Expression | None],
    code: Code,
    gives_many: bool = False,
) -> str:
    record = code.loop("records")
    for number, (step, expression) in enumerate(zip(steps, expressions, strict=True), 1):
        if gives_many and number == len(steps) and isinstance(step, ManyStep):
            return step.write_many(code, expression, record)
        record = step.write(code, expression, record)
    return record


@cache
def _loop_of_one(kind: Callable[[Any], Step], gives_many: bool) -> Loop:
    """The loop of one step: of the step's function, which it calls, and records."""
    code = Code()
    code.line(f"yield {_write([kind(len)], [None], code, gives_many)}")
    loop, others = code.compiled(), code.values[1:]
    return lambda function, records: loop(function, *others, records)


class _Seen:
    """What a step was given so far."""

    def __init__(self) -> None:
        self.count = 0
        self.is_plain = True
        self.is_over = False

    def passing(self, records: Iterable[Any]) -> Iterator[Any]:
        for record in records:
            self.count += 1
            self.is_plain = self.is_plain and is_plain(record)
            yield record
        self.is_over = True
