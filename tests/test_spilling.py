"""What does not fit in the memory of a task: the answer, the order, the errors are the same."""

from __future__ import annotations

import errno
import gc
import os
import pickle
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from operator import add, eq, itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minispark import RDD, SparkConf, SparkContext
from minispark.engine import taskstate
from minispark.engine.blocks import BlockStore
from minispark.engine.events import Event, TaskEnded
from minispark.engine.memory import MemoryLimit, TaskMemory, size_of
from minispark.engine.shuffle import spill
from minispark.engine.shuffle.combine import (
    CombineByKey,
    DistinctKeys,
    MergeByKey,
    group_sides,
    group_values,
    group_values_in_parts,
    join_sides,
)
from minispark.engine.shuffle.external import SpilledList, _ByKey
from minispark.engine.shuffle.runs import Columns, SortedRuns, merged
from minispark.engine.shuffle.sort import sort_records
from minispark.engine.shuffle.spill import Spilled, SpillFile
from minispark.engine.steps import Filter, FlatMap, Map, joined
from minispark.engine.taskstate import AttemptId, TaskState
from minispark.errors import SparkException
from tests.cancelling import cancelled_at_each_step, needs_proc, open_files

LITTLE = 30_000


@contextmanager
def in_task(limit: int) -> Iterator[TaskMemory]:
    """As inside a task that may hold so many bytes."""
    memory = TaskMemory(MemoryLimit(limit))
    none: Any = None
    state = TaskState(AttemptId(0, 0, 0, 0, 0), {}, BlockStore(none), {}, memory)
    taskstate.enter(state)
    try:
        yield memory
    finally:
        taskstate.enter(None)


def records(count: int, keys: int) -> Iterator[tuple[Any, Any]]:
    for i in range(count):
        key = i * 7919 % keys
        yield (key if key % 3 else f"key {key}"), f"value {i}"


def sides(count: int) -> Iterator[tuple[int, list[tuple[Any, Any]]]]:
    for start in range(0, count, 500):
        some = [(i * 31 % 997, i) for i in range(start, start + 500)]
        yield start // 500 * 7 % 2, some


def as_lists(groups: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [(key, *map(list, values)) for key, *values in groups]


def extend(values: list[Any], value: Any) -> list[Any]:
    values.append(value)
    return values


OPERATIONS: dict[str, Callable[[], list[Any]]] = {
    "sort": lambda: list(sort_records(records(9000, 500), key=itemgetter(1))),
    "sort, descending": lambda: list(
        sort_records(enumerate(records(9000, 50)), lambda x: str(x[1][0]), reverse=True)
    ),
    "group": lambda: as_lists(group_values(records(9000, 3000))),
    "group, few keys": lambda: as_lists(group_values(records(9000, 4))),
    "group, one key": lambda: as_lists(group_values(records(9000, 1))),
    "cogroup": lambda: as_lists(group_sides(2, sides(9000))),
    "join": lambda: list(join_sides(sides(9000), keep_left=True)),
    "outer join": lambda: list(join_sides(sides(5000), keep_left=True, keep_right=True)),
    "merge": lambda: list(MergeByKey(add)(0, records(9000, 4500))),
    "merge, each key once": lambda: list(MergeByKey(add)(0, records(9000, 9000))),
    "merge, nearly each key once": lambda: list(MergeByKey(add)(0, records(9007, 9000))),
    "merge, growing": lambda: list(MergeByKey(add)(0, records(9000, 30))),
    "count": lambda: list(MergeByKey(add)(0, ((k, 1) for k, _ in records(9000, 4500)))),
    "distinct": lambda: list(DistinctKeys()(0, map(itemgetter(0), records(9000, 4500)))),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_in_little_memory_each_operation_gives_the_same_in_the_same_order(name: str) -> None:
    operation = OPERATIONS[name]
    expected = operation()
    with in_task(LITTLE) as memory:
        assert operation() == expected
        assert memory.spilled_bytes > 5 * LITTLE
    with in_task(1 << 30) as memory:
        assert operation() == expected
        assert memory.spilled_bytes == 0


@pytest.mark.parametrize(
    "ending", [MergeByKey(add, in_parts=True), CombineByKey(lambda v: v, add)], ids=repr
)
def test_in_front_of_a_shuffle_what_does_not_fit_is_handed_on_in_parts(ending: Any) -> None:
    expected = dict(MergeByKey(add)(0, records(9000, 700)))
    with in_task(LITTLE) as memory:
        parts = list(ending(0, records(9000, 700)))
    assert memory.spilled_bytes > 0
    assert len(parts) > len(expected)
    assert list(MergeByKey(add)(0, parts)) == list(expected.items())


def test_groups_in_front_of_a_shuffle_are_handed_on_in_parts() -> None:
    with in_task(LITTLE) as memory:
        parts = list(group_values_in_parts(records(9000, 700)))
    assert memory.spilled_bytes == 0
    assert len(parts) > 700
    together: dict[Any, list[Any]] = {}
    for key, values in parts:
        together.setdefault(key, []).extend(values)
    assert list(together.items()) == list(group_values(records(9000, 700)))


def test_a_record_that_gives_many_keys_is_no_exception() -> None:
    """The loop that runs over them is inside of the one over records."""

    def counted() -> list[Any]:
        steps = [FlatMap(lambda n: ((i % 4500, 1) for i in range(n))), MergeByKey(add)]
        (run,) = joined(steps)
        return list(run(0, iter([9000])))

    expected = counted()
    with in_task(LITTLE) as memory:
        assert counted() == expected
        assert memory.spilled_bytes > 5 * LITTLE


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_was_stored_is_brought_together_with_all_the_memory_there_is(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[float] = []
    read = _ByKey._read

    def look(self: _ByKey) -> Any:
        allowed.append(self._memory.allowed(self._holding))
        return read(self)

    monkeypatch.setattr(_ByKey, "_read", look)
    with in_task(5 * LITTLE):
        OPERATIONS[name]()
    fits = name in ("sort", "sort, descending")  # is in runs
    assert allowed == ([] if fits else [5 * LITTLE / 2])


RUNS = st.lists(st.lists(st.integers(0, 9)), max_size=6)


@given(runs=RUNS, block=st.integers(1, 4), reverse=st.booleans())
def test_runs_are_merged_as_if_sorted_together(
    runs: list[list[int]], block: int, reverse: bool
) -> None:
    """Equal keys stay in the order of runs, and within one in that of records."""
    numbered = [[(x, r, i) for i, x in enumerate(run)] for r, run in enumerate(runs)]
    every = [record for run in numbered for record in run]

    def blocks(run: list[tuple[int, int, int]]) -> Iterator[Columns]:
        ordered = sorted(run, key=itemgetter(0), reverse=reverse)
        for i in range(0, len(run), block):
            yield list(zip(*ordered[i : i + block], strict=True))

    got = [zip(*columns, strict=True) for columns in merged(map(blocks, numbered), reverse)]
    expected = sorted(every, key=itemgetter(0), reverse=reverse)
    assert list(chain.from_iterable(got)) == expected


class AsTheyAre:
    def to_block(self, columns: Columns) -> Any:
        return columns

    def to_columns(self, block: Any) -> Columns:
        return block  # type: ignore[no-any-return]


def test_more_runs_than_can_be_merged_at_once_are_merged_in_steps() -> None:
    with in_task(LITTLE) as memory:
        runs = SortedRuns(memory, AsTheyAre())
        for number in range(200):
            keys = range(0, 40, 1 + number % 3)
            runs.add([[keys, [number] * len(keys)]])
        got = [zip(*columns, strict=True) for columns in runs.merged([([5], ["last"])])]
    every = [(i, number) for number in range(200) for i in range(0, 40, 1 + number % 3)]
    assert list(chain.from_iterable(got)) == sorted([*every, (5, "last")], key=itemgetter(0))


def test_keys_that_cannot_be_compared_are_a_type_error_as_in_memory() -> None:
    mixed = [(i if i < 5000 else str(i), None) for i in range(9000)]
    with in_task(LITTLE), pytest.raises(TypeError, match="'<' not supported"):
        list(sort_records(mixed, itemgetter(0)))


def test_keys_of_one_hash_cannot_be_dealt_out_and_are_merged_all_the_same() -> None:
    pairs = [(Alike(i % 200), "x" * 100) for i in range(2000)]
    with in_task(LITTLE) as memory:
        got = [(key.number, len(values)) for key, values in group_values(pairs)]
        assert memory.spilled_bytes > 0
    assert got == [(i, 10) for i in range(200)]


class Alike:
    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike) and other.number == self.number

    def __hash__(self) -> int:
        return 1


def test_the_values_of_one_key_are_read_from_a_file_again_and_again() -> None:
    with in_task(LITTLE):
        ((_, values),) = group_values((0, f"value {i}") for i in range(20_000))
        assert isinstance(values, SpilledList)
        assert len(values) == 20_000
        expected = [f"value {i}" for i in range(20_000)]
        assert list(values) == list(values) == expected
        one, other = iter(values), iter(values)
        assert [next(one), next(other), next(one)] == ["value 0", "value 0", "value 1"]
        assert pickle.loads(pickle.dumps(values)) == expected


def test_all_values_of_one_key_take_no_more_memory_than_there_is() -> None:
    limit = 4 << 20
    with in_task(limit):
        tracemalloc.start()
        try:
            ((_, values),) = group_values(("hot", float(i)) for i in range(400_000))
            assert sum(values) == sum(range(400_000))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2 * limit


LARGE_RECORDS: dict[str, tuple[list[Any], Callable[[int], Any]]] = {
    "counted keys": (
        [Map(lambda i: f"{i:020000}"), Map(lambda k: (k, 1)), MergeByKey(lambda a, b: a + b, True)],
        int,
    ),
    "values": ([MergeByKey(max, in_parts=True)], lambda i: (i, f"{i:020000}")),
    "distinct": ([DistinctKeys(in_parts=True)], lambda i: f"{i:020000}"),
    "growing combiners": (
        [CombineByKey(lambda v: [v], extend)],
        lambda i: (i % 40, f"{i:020000}"),
    ),
    "growing combiners, none of the first records": (
        [
            Filter(lambda i: i > 100),
            Map(lambda i: (i % 40, f"{i:020000}")),
            CombineByKey(lambda v: [v], extend),
        ],
        int,
    ),
    "combiners that were none": (
        [CombineByKey(lambda v: None, lambda c, v: extend(c or [], v))],
        lambda i: (i % 4, f"{i:020000}"),
    ),
}


@pytest.mark.parametrize("name", LARGE_RECORDS)
def test_large_records_are_looked_at_before_they_take_much_more_than_there_is(name: str) -> None:
    steps, record = LARGE_RECORDS[name]
    (run,) = joined(steps)
    limit = 2 << 20
    with in_task(limit) as memory:
        tracemalloc.start()
        try:
            count = sum(1 for _ in run(0, map(record, range(2000))))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert memory.spilled_bytes > 30_000_000
    assert count > 0
    assert peak < 3 * limit


def test_keys_with_very_many_values_among_others_in_the_same_order() -> None:
    def sides() -> Iterator[tuple[int, list[tuple[Any, Any]]]]:
        for start in range(0, 120_000, 1000):
            values = range(start, start + 1000)
            yield start // 1000 % 3 % 2, [(f"hot {i % 2}" if i % 3 else i // 7, i) for i in values]

    def pairs() -> Iterator[tuple[Any, Any]]:
        return chain.from_iterable(some for _, some in sides())

    expected = as_lists(group_values(pairs())), as_lists(group_sides(2, sides()))
    with in_task(1 << 20) as memory:
        got = as_lists(group_values(pairs()))
        of_groups = memory.spilled_bytes
        assert (got, as_lists(group_sides(2, sides()))) == expected
    # Those of few keys are most of it, and they are written once.
    written = sum(len(pickle.dumps(some)) for _, some in sides())
    assert 0 < of_groups < 1.3 * written


def test_of_equal_keys_of_several_sides_the_first_is_kept() -> None:
    """Also where another side has so many values that they go into a file of their own."""

    def sides() -> Iterator[tuple[int, list[tuple[Any, Any]]]]:
        for start in range(0, 12_000, 500):
            side = start * 3 // 12_000
            kind = (int, float, complex)[side]
            some = range(start, start + 500)
            yield side, [(kind(i % (20 if side == 1 else 900)), f"value {i}") for i in some]

    expected = as_lists(group_sides(3, sides()))
    with in_task(LITTLE) as memory:
        assert repr(as_lists(group_sides(3, sides()))) == repr(expected)
        assert memory.spilled_bytes > 5 * LITTLE


def test_a_side_of_a_join_is_not_read_again_for_each_value_of_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lefts, rights = [f"left {i}" for i in range(6000)], [f"right {i}" for i in range(500)]
    read = SpillFile.read
    reads = 0

    def counted(self: SpillFile, spilled: Spilled) -> Any:
        nonlocal reads
        reads += 1
        return read(self, spilled)

    monkeypatch.setattr(SpillFile, "read", counted)
    with in_task(300_000) as memory:
        joined = join_sides([(0, [(0, v) for v in lefts]), (1, [(0, w) for w in rights])])
        expected = ((0, (v, w)) for v in lefts for w in rights)
        assert all(map(eq, joined, expected))
        assert next(expected, None) is None
        assert memory.spilled_bytes > 0
    assert reads < 100


@needs_proc
def test_what_is_spilled_is_gone_with_who_reads_it(tmp_path: Path) -> None:
    memory = TaskMemory(MemoryLimit(LITTLE, (str(tmp_path),)))
    runs = SortedRuns(memory, AsTheyAre())
    for _ in range(3):
        runs.add([[range(1000)], [range(1000, 2000)]])
    reading = runs.merged()
    next(reading)
    assert open_files(tmp_path) == 1
    assert os.listdir(tmp_path) == []  # nothing that a killed process would leave behind
    del runs, reading
    gc.collect()
    assert open_files(tmp_path) == 0


@pytest.mark.parametrize(
    ("obj", "size"),
    [
        (list(range(1000, 100_000)), 99_000 * 36),
        ({f"key {i}": [i, float(i)] for i in range(10_000)}, 10_000 * 260),
        ([("a" * 1000, i) for i in range(1000)], 1000 * 1150),
        ([Alike(i) for i in range(1000)], 1000 * 100),
    ],
)
def test_estimates_are_about_right(obj: object, size: int) -> None:
    assert 0.5 < size_of(obj) / size < 2


def test_what_has_no_end_and_what_lies_about_its_size_are_estimated_too() -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    class Liar:
        def __sizeof__(self) -> int:
            raise ValueError("no")

    assert all(size_of(obj) > 0 for obj in (endless, deep, [Liar()]))


def test_two_operations_of_a_task_share_its_memory() -> None:
    with in_task(LITTLE) as memory:
        one, other = memory.holding(), memory.holding()
        alone = memory.allowed(one)
        other.size = LITTLE / 2
        assert memory.allowed(one) < alone
        del other
        gc.collect()
        assert memory.allowed(one) == alone


# In programs


def spilling(memory: str, executor: str, master: str = "local[2]") -> SparkContext:
    conf = SparkConf().setMaster(master).setAppName("spilling")
    conf.set("spark.python.worker.memory", memory).set("spark.minispark.executor", executor)
    return SparkContext(conf=conf)


def pairs_of(sc: SparkContext) -> RDD[tuple[int, str]]:
    return sc.parallelize(range(20_000), 4).map(lambda i: (i * 7919 % 5003, f"value {i}"))


def listed(pair: tuple[Any, Any]) -> Any:
    key, values = pair
    return key, [list(each) for each in values] if isinstance(values, tuple) else list(values)


PROGRAMS: list[Callable[[SparkContext], RDD[Any]]] = [
    lambda sc: pairs_of(sc).sortByKey(False, 3),
    lambda sc: pairs_of(sc).groupByKey(3).map(listed),
    lambda sc: pairs_of(sc).reduceByKey(add, 3),
    lambda sc: pairs_of(sc).combineByKey(lambda v: [v], extend, add, 3),
    lambda sc: pairs_of(sc).distinct(3),
    lambda sc: pairs_of(sc).join(pairs_of(sc).mapValues(len), 3),
    lambda sc: (
        pairs_of(sc).cogroup(pairs_of(sc).mapValues(lambda v: [v]), numPartitions=3).map(listed)
    ),
    lambda sc: pairs_of(sc).subtractByKey(pairs_of(sc).filter(lambda kv: kv[0] % 2 == 0), 3),
    lambda sc: pairs_of(sc).map(lambda kv: (kv[0] % 2, kv[1])).groupByKey(2).mapValues(len),
    lambda sc: pairs_of(sc).map(lambda kv: (kv[0] % 9, [kv[1]])).groupByKey(2).map(listed),
]


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_programs_give_the_same_in_little_memory(executor: str) -> None:
    with spilling("512m", executor) as sc:
        expected = [program(sc).glom().collect() for program in PROGRAMS]
    with spilling("200k", executor) as sc:
        events: list[Event] = []
        sc._engine.events.add_listener(events.append)
        for program, answer in zip(PROGRAMS, expected, strict=True):
            events.clear()
            assert program(sc).glom().collect() == answer
            ended = [event for event in events if isinstance(event, TaskEnded)]
            assert sum(event.spilled_bytes for event in ended) > 200_000
        assert not [name for name in os.listdir(sc._engine.directory.path) if "spill" in name]


def test_what_is_spilled_may_be_compressed() -> None:
    spilled = []
    for is_compressed in ("false", "true"):
        conf = SparkConf().setMaster("local").setAppName("spilling")
        conf.set("spark.python.worker.memory", "200k")
        conf.set("spark.shuffle.spill.compress", is_compressed)
        with SparkContext(conf=conf) as sc:
            events: list[Event] = []
            sc._engine.events.add_listener(events.append)
            assert pairs_of(sc).map(lambda kv: (kv[0], [kv[1]])).groupByKey(2).count() == 5003
            ended = [event for event in events if isinstance(event, TaskEnded)]
            spilled.append(sum(event.spilled_bytes for event in ended))
    assert 0 < spilled[1] < 0.8 * spilled[0]


@pytest.mark.parametrize("text", ["512", "lots", "0m", "-1g", "1.5.5g", ""])
def test_an_amount_of_memory_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"spark\.python\.worker\.memory is an amount"):
        spilling(text, "threads")


def test_spilled_records_that_were_altered_cost_another_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damaged: list[int] = []
    read = SpillFile.read

    def read_once_damaged(self: SpillFile, segment: Any) -> Any:
        if not damaged:
            damaged.append(segment.offset)
            self._file.seek(segment.offset + segment.length // 2)
            byte = self._file.read(1) or b""
            self._file.seek(segment.offset + segment.length // 2)
            self._file.write(bytes([byte[0] ^ 1]))
        return read(self, segment)

    monkeypatch.setattr(SpillFile, "read", read_once_damaged)
    with spilling("200k", "threads") as sc:
        rdd = pairs_of(sc).sortByKey(numPartitions=2)
        assert rdd.count() == 20_000
        assert rdd.keys().collect() == sorted(i * 7919 % 5003 for i in range(20_000))
    assert damaged


@needs_proc
def test_a_task_that_is_cancelled_while_it_opens_its_file_keeps_none_open(tmp_path: Path) -> None:
    memory = TaskMemory(MemoryLimit(LITTLE, (str(tmp_path),)))
    for _ in cancelled_at_each_step(lambda: SpillFile(memory)):
        assert open_files(tmp_path) == 0
        # One that has a name yet goes with the directory: there is nothing in it.
        assert all(path.stat().st_size == 0 for path in tmp_path.iterdir())


def test_a_full_disk_ends_the_job_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with spilling("200k", "threads") as sc:
        with monkeypatch.context() as patched:
            patched.setattr(spill, "_file_without_a_name", no_space)
            with pytest.raises(SparkException, match=r"No space left on device.*spark\.local\.dir"):
                pairs_of(sc).groupByKey(2).count()
        assert pairs_of(sc).groupByKey(2).count() == 5003
