"""Transformations of elements of any kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from minispark import RDD, SparkContext
from minispark.errors import PySparkRuntimeError, SparkException


def halt(*_: object) -> Any:
    raise StopIteration("halt")


@pytest.mark.parametrize(
    "use",
    [
        lambda rdd: rdd.map(halt),
        lambda rdd: rdd.flatMap(halt),
        lambda rdd: rdd.filter(halt),
        lambda rdd: rdd.keyBy(halt),
        lambda rdd: rdd.groupBy(halt),
        lambda rdd: rdd.keyBy(str).mapValues(halt),
        lambda rdd: rdd.keyBy(str).flatMapValues(halt),
        lambda rdd: rdd.keyBy(bool).reduceByKey(halt),
        lambda rdd: rdd.keyBy(bool).combineByKey(halt, max, max),
        lambda rdd: rdd.keyBy(bool).aggregateByKey(0, halt, max),
    ],
)
def test_a_stop_iteration_of_a_user_function_fails_the_job_instead_of_losing_records(
    sc: SparkContext, use: Callable[[RDD[int]], RDD[Any]]
) -> None:
    with pytest.raises(SparkException, match=r"STOP_ITERATION_OCCURRED.*halt") as caught:
        use(sc.parallelize(range(10), 2)).collect()
    assert isinstance(caught.value.__cause__, PySparkRuntimeError)
    assert isinstance(caught.value.__cause__.__cause__, StopIteration)


def test_an_iterator_that_ends_early_ends_only_itself(sc: SparkContext) -> None:
    def until_five(part: Iterator[int]) -> Iterator[int]:
        return map(lambda x: halt() if x == 5 else x, part)  # noqa: C417  # a generator would raise

    assert sc.parallelize(range(8), 2).mapPartitions(until_five).map(str).glom().collect() == [
        ["0", "1", "2", "3"],
        ["4"],
    ]


def test_a_transformation_runs_nothing_until_an_action_asks(sc: SparkContext) -> None:
    calls = sc.accumulator(0)

    def seen(x: int) -> int:
        calls.add(1)
        return x

    rdd = sc.parallelize(range(4), 2).map(seen).filter(seen).flatMap(lambda x: [seen(x)])
    pairs = rdd.keyBy(seen).reduceByKey(lambda a, b: a).join(rdd.keyBy(seen)).distinct()
    assert calls.value == 0
    assert pairs.count() == 3
    assert calls.value > 0


def test_elements_stream_through_a_pipeline(sc: SparkContext) -> None:
    seen = sc.accumulator(0)

    def count(x: int) -> int:
        seen.add(1)
        return x

    first = sc.parallelize(range(1000), 1).map(count).filter(bool).map(str)
    first.mapPartitions(lambda part: [next(part)]).collect()
    assert seen.value == 2


def test_what_a_partition_function_returns_is_what_the_next_one_gets(sc: SparkContext) -> None:
    lists = sc.parallelize(range(4), 2).mapPartitions(list)
    assert lists.mapPartitions(lambda part: [type(part).__name__]).collect() == ["list", "list"]


def test_a_merge_by_key_is_done_before_the_next_function_is_called(sc: SparkContext) -> None:
    pairs = sc.parallelize([(0, 1), (0, 2)], 1)
    with pytest.raises(SparkException, match="ZeroDivisionError"):
        pairs.reduceByKey(lambda a, b: a // 0).mapPartitions(lambda part: [1]).collect()


@pytest.mark.parametrize(
    ("with_replacement", "expected"),
    [(False, [[0, 2, 4], [5], [11, 12, 13], [16, 18]]), (True, [[], [6, 9], [10, 13], [17]])],
)
def test_a_seeded_sample_is_sparks(
    sc: SparkContext, with_replacement: bool, expected: list[list[int]]
) -> None:
    sample = sc.parallelize(range(20), 4).sample(with_replacement, 0.4, 7)
    assert sample.glom().collect() == expected


def test_a_random_split_is_sparks_and_loses_nothing(sc: SparkContext) -> None:
    parts = sc.parallelize(range(12), 3).randomSplit([1, 2], 5)
    assert [part.collect() for part in parts] == [[2, 3, 5, 7, 8, 10], [0, 1, 4, 6, 9, 11]]


@pytest.mark.parametrize(("fraction", "refused"), [(-0.1, True), (float("nan"), True), (0, False)])
def test_a_sample_refuses_a_negative_fraction(
    sc: SparkContext, fraction: float, refused: bool
) -> None:
    rdd = sc.parallelize([1, 2])
    if refused:
        with pytest.raises(ValueError, match=r"Fraction must be nonnegative\."):
            rdd.sample(False, fraction)
    else:
        assert rdd.sample(False, fraction).collect() == []


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, -1], "Weights must be nonnegative"),
        ([0, 0.0], "Sum of weights must be positive"),
        ([], "Sum of weights must be positive"),
    ],
)
def test_a_random_split_refuses_bad_weights(
    sc: SparkContext, weights: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sc.parallelize([1]).randomSplit(weights)


def test_distinct_keeps_the_first_of_equal_elements(sc: SparkContext) -> None:
    assert repr(sc.parallelize([1, 1.0, True, 0, False, None], 1).distinct(1).collect()) == (
        "[1, 0, None]"
    )


def test_numbering_elements_needs_a_job_only_for_several_partitions(sc: SparkContext) -> None:
    computed = sc.accumulator(0)

    def seen(x: str) -> str:
        computed.add(1)
        return x

    sc.parallelize("abc", 1).map(seen).zipWithIndex()
    assert computed.value == 0
    numbered = sc.parallelize("abcd", 2).map(seen).zipWithIndex()
    assert computed.value == 4
    assert numbered.collect() == [("a", 0), ("b", 1), ("c", 2), ("d", 3)]


@pytest.mark.parametrize(
    ("elements", "command", "expected"),
    [
        ([1, "two\n\n", "drei é", None, ""], "cat", ["1", "two", "drei é", "None", ""]),
        (["b", "a"], "sort -r", ["b", "a"]),
        ([], "printf 'a\\n\\nb'", ["a", "", "b"]),
        (range(100_000), "head -n 2", ["0", "1"]),
        (["x" * 1_000_000], "wc -c", ["1000001"]),
    ],
)
def test_pipe_gives_lines_and_takes_lines(
    sc: SparkContext, elements: Any, command: str, expected: list[str]
) -> None:
    piped = sc.parallelize(elements, 1).pipe(command, {"PATH": os.environ["PATH"]})
    assert [line.strip() for line in piped.collect()] == expected


def test_pipe_gives_the_command_no_variables_but_those_named(sc: SparkContext) -> None:
    assert sc.parallelize([1], 1).pipe("env").collect() == []
    assert sc.parallelize([1], 1).pipe("env", {"A": "1"}).collect() == ["A=1"]


def test_pipe_heeds_the_exit_code_only_when_asked(sc: SparkContext) -> None:
    rdd = sc.parallelize([1], 1)
    assert rdd.pipe("false").collect() == []
    with pytest.raises(SparkException, match="Pipe function `false` exited with error code 1"):
        rdd.pipe("false", checkCode=True).collect()


def test_pipe_passes_on_an_error_among_its_elements(sc: SparkContext) -> None:
    with pytest.raises(SparkException, match="ZeroDivisionError"):
        sc.parallelize([1, 0], 1).map(lambda x: 1 // x).pipe("cat").collect()


def test_pipe_leaves_no_process_when_not_read_to_its_end(sc: SparkContext) -> None:
    lines = sc.parallelize(range(1_000_000), 1).pipe("cat")
    assert lines.take(2) == ["0", "1"]


def test_a_data_frame_is_refused_as_before_a_session_exists(sc: SparkContext) -> None:
    with pytest.raises(PySparkRuntimeError) as caught:
        sc.parallelize([(1,)]).toDF(["a"])
    assert caught.value.getCondition() == "CALL_BEFORE_INITIALIZE"
    assert caught.value.getMessageParameters() == {
        "func_name": "RDD.toDF",
        "object": "SparkSession",
    }
