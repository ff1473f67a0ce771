"""What crosses between driver and tasks is copied, and classes keep one identity on each side."""

from __future__ import annotations

import copyreg
import gc
import pickle
import subprocess
import sys
import threading
import weakref
from typing import Any

import pytest

from minispark import SparkContext
from minispark.engine import closures
from minispark.engine.shuffle.hashing import seed0_hash
from minispark.errors import PySparkRuntimeError


def program(source: str) -> dict[str, Any]:
    """The namespace of a program, as if it were ``__main__``: it pickles by value."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)
    return namespace


def test_a_tasks_change_of_a_captured_object_stays_in_the_task(sc: SparkContext) -> None:
    captured: list[int] = []

    def add(x: int) -> int:
        captured.append(x)
        return len(captured)

    assert sc.parallelize([5, 6, 7, 8], 2).map(add).glom().collect() == [[1, 2], [1, 2]]
    assert captured == []


def test_a_tasks_change_of_a_class_stays_in_the_task(sc: SparkContext) -> None:
    main = program(
        "class Counter:\n    seen = 0\n"
        "def count(x):\n    Counter.seen += 1\n    return Counter.seen\n"
    )
    assert sc.parallelize(range(4), 2).map(main["count"]).glom().collect() == [[1, 2], [1, 2]]
    assert main["Counter"].seen == 0


def test_instances_that_come_back_are_of_the_programs_class(sc: SparkContext) -> None:
    main = program(
        "class Point:\n    def __init__(self, x):\n        self.x = x\n"
        "def make(x):\n    return Point(x)\n"
        "def check(p):\n    return isinstance(p, Point)\n"
    )
    points = sc.parallelize([1, 2], 2).map(main["make"])
    assert all(type(point) is main["Point"] for point in points.collect())
    assert points.cache().map(main["check"]).collect() == [True, True]
    sent = sc.parallelize([main["Point"](1)], 1)
    assert sent.map(main["check"]).collect() == [True]


def test_enum_members_stay_members(sc: SparkContext) -> None:
    main = program(
        "import enum\nclass Color(enum.Enum):\n    RED = 1\n    BLUE = 2\n"
        "def same(c):\n    return c is Color.RED\n"
    )
    color = main["Color"]
    assert sc.parallelize([color.RED, color.BLUE], 1).map(main["same"]).collect() == [True, False]
    assert sc.parallelize([color.RED], 1).collect()[0] is color.RED


def test_hash_in_a_task_is_that_of_sparks_workers(sc: SparkContext) -> None:
    words = ["a", "key", "ключ", "𝄞"]
    expected = [seed0_hash(word) for word in words]
    assert sc.parallelize(words, 2).map(lambda w: hash(w)).collect() == expected
    assert sc.parallelize(words, 2).map(hash).collect() == expected

    def nested(word: str) -> int:
        return (lambda: hash(word))()

    assert sc.parallelize(words, 2).map(nested).collect() == expected


def test_what_a_task_prints_goes_to_standard_error(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = sc.parallelize([1, 2], 1)
    numbers.foreach(print)
    numbers.foreach(lambda x: print("n", x, sep="=", flush=True))
    numbers.foreach(lambda x: print(x, file=sys.stdout))
    print("driver")
    printed = capsys.readouterr()
    assert printed.out == "driver\n"
    assert printed.err == "1\n2\nn=1\nn=2\n1\n2\n"


def test_a_print_function_that_came_from_a_task_prints_as_ever_on_the_driver(
    sc: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    (give,) = sc.parallelize([1], 1).map(lambda _: lambda text: print(text)).collect()
    give("here")
    assert capsys.readouterr().out == "here\n"


def test_hash_and_print_as_data_are_the_builtin_functions(sc: SparkContext) -> None:
    sent = sc.parallelize([hash, print], 1)
    assert sent.map(lambda x: x).collect() == [hash, print]
    assert sent.map(lambda x: x in (hash, print)).collect() == [True, True]
    assert sent.cache().map(lambda f: f("abc") if f is hash else f).collect() == [
        seed0_hash("abc"),
        print,
    ]
    made = sc.parallelize([1], 1).map(lambda _: {"hash": hash, "name": hash.__name__})
    assert made.collect() == [{"hash": hash, "name": "hash"}]
    again = sc.parallelize([print], 1).map(lambda f: pickle.loads(pickle.dumps(f)) is f)
    assert again.collect() == [True]


def test_a_hash_function_of_the_programs_own_is_used(sc: SparkContext) -> None:
    main = program("def hash(x):\n    return 42\ndef use(x):\n    return hash(x)\n")
    assert sc.parallelize(["a"], 1).map(main["use"]).collect() == [42]


def test_what_cannot_be_pickled_says_so_when_the_job_is_defined(sc: SparkContext) -> None:
    lock = threading.Lock()
    rdd = sc.parallelize([1], 1).map(lambda _: lock)
    with pytest.raises(pickle.PicklingError, match="Could not serialize object: TypeError"):
        rdd.collect()
    with pytest.raises(pickle.PicklingError, match="Could not serialize object: TypeError"):
        sc.parallelize([lock])


@pytest.mark.parametrize(
    ("capture", "condition"),
    [
        (lambda sc: sc, "CONTEXT_ONLY_VALID_ON_DRIVER"),
        (lambda sc: sc.parallelize([1]), "RDD_TRANSFORM_ONLY_VALID_ON_DRIVER"),
    ],
)
def test_contexts_and_rdds_stay_on_the_driver(
    sc: SparkContext, capture: Any, condition: str
) -> None:
    captured = capture(sc)
    with pytest.raises(pickle.PicklingError, match=condition) as info:
        sc.parallelize([1], 1).map(lambda _: captured).collect()
    assert isinstance(info.value.__cause__, PySparkRuntimeError)


def test_threads_of_a_task_that_read_a_class_at_once_get_the_same() -> None:
    scope = closures.ClassScope()
    found: list[type] = []

    def make() -> type:
        if not found:  # another thread is faster
            found.append(scope.intern("an id", lambda: type("Read", (), {})))
        return type("Read", (), {})

    assert scope.intern("an id", make) is found[0] is scope.intern("an id", make)


def test_what_a_task_has_read_goes_with_its_last_use() -> None:
    """Not only when the collector of cycles runs: a task may read far more than fits in memory."""

    class Record:
        pass

    data = closures.dumps([Record()])
    scope = closures.ClassScope()
    closures.enter_scope(scope)
    gc.disable()
    try:
        (record,) = closures.loads(data)
        gone = weakref.ref(record)
        del record
        assert gone() is None
    finally:
        gc.enable()
        closures.enter_scope(None)


def test_reading_outside_a_task_gives_the_programs_own_class() -> None:
    main = program("class Thing:\n    pass\n")
    copy = closures.loads(closures.dumps(main["Thing"]()))
    assert type(copy) is main["Thing"]


COLLECTOR = """
import gc
from minispark import SparkContext
gc.set_threshold(*{before})
with SparkContext("local", "collector") as sc:
    print(sc.parallelize([1], 1).map(lambda _: gc.get_threshold()).collect()[0])
print(gc.get_threshold())
"""


@pytest.mark.parametrize(
    ("before", "inside"), [((700, 10, 10), (50000, 20, 100)), ((0, 10, 10), (0, 10, 10))]
)
def test_the_collectors_thresholds_are_raised_for_tasks_unless_it_is_off(
    before: tuple[int, int, int], inside: tuple[int, int, int]
) -> None:
    # In a process of its own: a cancelled task of another test may still be running in this one.
    code = COLLECTOR.format(before=before)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.splitlines() == [str(inside), str(before)], run.stderr


def test_what_a_program_registers_with_copyreg_counts_from_then_on() -> None:
    class Meters:
        def __init__(self, length: int) -> None:
            self.length = length

    def round_trip() -> int:
        read: Meters = closures.loads(closures.dumps(Meters(3)))
        return read.length

    assert round_trip() == 3
    try:
        copyreg.pickle(Meters, lambda meters: (Meters, (meters.length + 1,)))
        assert round_trip() == 4
        copyreg.pickle(Meters, lambda meters: (Meters, (meters.length + 2,)))
        assert round_trip() == 5
    finally:
        del copyreg.dispatch_table[Meters]
    assert round_trip() == 3
