"""Sorting, and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from minispark import SparkContext
from minispark.errors import SparkException


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("partitions", [1, 2, 3, 7])
def test_a_sort_is_total_and_stable(sc: SparkContext, partitions: int, ascending: bool) -> None:
    pairs = [(i * 7919 % 13, i) for i in range(100)]
    parts = sc.parallelize(pairs, 4).sortByKey(ascending, partitions).glom().collect()
    assert len(parts) == partitions
    expected = sorted(pairs, key=lambda pair: pair[0], reverse=not ascending)
    assert [pair for part in parts for pair in part] == expected
    keys = [{key for key, _ in part} for part in parts]
    assert sum(map(len, keys)) == 13, "a key is in one partition"


def test_a_sort_runs_its_sampling_when_it_is_defined(sc: SparkContext) -> None:
    calls = sc.accumulator(0)

    def count(x: int) -> int:
        calls.add(1)
        return x

    rdd = sc.parallelize(range(10), 2).map(count)
    rdd.sortBy(lambda x: x, numPartitions=1)
    assert calls.value == 0
    rdd.sortBy(lambda x: x)
    assert calls.value == 20


def test_the_bounds_of_a_sort_come_from_sparks_sample(sc: SparkContext) -> None:
    pairs = sc.parallelize([(i * 7919 % 100003, i) for i in range(20000)], 6)
    assert [len(part) for part in pairs.sortByKey().glom().collect()] == [
        2812,
        3554,
        2777,
        2414,
        4177,
        4266,
    ]


def test_there_is_nothing_to_sort_in_an_empty_rdd(sc: SparkContext) -> None:
    empty = sc.parallelize([], 3).keyBy(str)
    assert empty.sortByKey(numPartitions=5) is empty


def test_keys_that_cannot_be_compared_fail_where_they_meet(sc: SparkContext) -> None:
    pairs = sc.parallelize([(1, 1), ("a", 2)], 2)
    with pytest.raises(TypeError, match="'<' not supported"):
        pairs.sortByKey()
    with pytest.raises(SparkException, match="'<' not supported"):
        pairs.sortByKey(numPartitions=1).collect()


def test_partitions_are_sorted_by_what_the_key_function_gives(sc: SparkContext) -> None:
    pairs = sc.parallelize([("b", 1), ("A", 2), ("C", 3), ("d", 4)], 2)
    sort = pairs.repartitionAndSortWithinPartitions
    assert sort(2, ord, False, str.lower).glom().collect() == [
        [("d", 4), ("b", 1)],
        [("C", 3), ("A", 2)],
    ]


@pytest.mark.parametrize(
    ("elements", "buckets", "expected"),
    [
        ([1, 2, 3, 4, 5], 2, ([1, 3, 5], [2, 3])),
        ([1, 2, 3, 4, 5], 3, ([1, 2.333333333333333, 3.6666666666666665, 5], [2, 1, 2])),
        ([1, 1, 1], 5, ([1, 1], [3])),
        ([1, 2, None, float("nan")], 1, ([1, 2], [2])),
        ([1, 2, 3, 9, None, float("nan")], [0, 2, 4], ([0, 2, 4], [1, 2])),
        ([1, 2, 3], (0, 1, 4), ((0, 1, 4), [0, 3])),
        (["ab", "ac", "b", "x"], ("a", "b", "c"), (("a", "b", "c"), [2, 1])),
        ([], [0, 1], ([0, 1], [0])),
    ],
)
def test_a_histogram_counts_what_lies_between_bounds(
    sc: SparkContext, elements: list[Any], buckets: Any, expected: Any
) -> None:
    bounds, counts = sc.parallelize(elements, 2).histogram(buckets)
    assert (bounds if isinstance(bounds, tuple) else list(bounds), counts) == expected


@pytest.mark.parametrize(
    ("elements", "buckets", "error", "message"),
    [
        ([1], 0, ValueError, "number of buckets must be >= 1"),
        ([], 2, ValueError, r"Can not reduce\(\) empty RDD"),
        ([1, float("inf")], 2, ValueError, "Can not generate buckets with infinite value"),
        (["a", "b"], 2, TypeError, "Can not generate buckets with non-number in RDD"),
        ([1], [1], ValueError, "buckets should have more than one value"),
        ([1], [0, None], ValueError, "can not have None or NaN in buckets"),
        ([1], [0, float("nan")], ValueError, "can not have None or NaN in buckets"),
        ([1], [2, 1], ValueError, "buckets should be sorted"),
        ([1], [1, 1], ValueError, "buckets should not contain duplicated values"),
        ([1], "ab", TypeError, "buckets should be a list or tuple or number"),
    ],
)
def test_a_histogram_refuses_bad_bounds(
    sc: SparkContext, elements: list[Any], buckets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sc.parallelize(elements, 2).histogram(buckets)


def test_numbers_are_summed_from_zero_on(sc: SparkContext) -> None:
    assert repr(sc.parallelize([-0.0], 1).sum()) == "0.0"
    assert sc.parallelize([10**30, -1], 2).sum() == 10**30 - 1
    assert sc.emptyRDD().sum() == 0


def test_statistics_come_from_one_pass(sc: SparkContext) -> None:
    calls = sc.accumulator(0)

    def count(x: int) -> int:
        calls.add(1)
        return x

    stats = sc.parallelize([1, 2, 3, 4], 3).map(count).stats()
    assert (stats.count(), stats.mean(), stats.sum(), stats.min(), stats.max()) == (
        4,
        2.5,
        10,
        1,
        4,
    )
    assert (stats.variance(), round(stats.sampleVariance(), 12)) == (1.25, 1.666666666667)
    assert calls.value == 4
