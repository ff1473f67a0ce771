"""Actions on elements of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minispark import SparkContext
from minispark.errors import PySparkRuntimeError, SparkException


def halt(*_: object) -> Any:
    raise StopIteration("halt")


def append(xs: list[Any], x: Any) -> list[Any]:
    xs.append(x)
    return xs


def extend(xs: list[Any], ys: list[Any]) -> list[Any]:
    xs.extend(ys)
    return xs


def test_fold_uses_its_zero_once_a_partition_and_once_on_the_driver(sc: SparkContext) -> None:
    assert sc.parallelize([1, 2, 3], 4).fold(100, lambda a, b: a + b) == 506
    assert sc.emptyRDD().fold(100, lambda a, b: a + b) == 100


def test_a_zero_is_changed_on_the_driver_and_copied_into_tasks(sc: SparkContext) -> None:
    zero: list[int] = []
    result = sc.parallelize([1, 2, 3], 2).aggregate(zero, append, extend)
    assert result is zero
    assert zero == [1, 2, 3]


def test_reduce_goes_from_left_to_right_and_passes_over_empty_partitions(sc: SparkContext) -> None:
    assert sc.parallelize("abc", 7).reduce(lambda a, b: f"({a}{b})") == "((ab)c)"


@pytest.mark.parametrize("partitions", [1, 3])
def test_there_is_no_reduction_of_nothing(sc: SparkContext, partitions: int) -> None:
    nothing = sc.parallelize([], partitions)
    with pytest.raises(ValueError, match=r"Can not reduce\(\) empty RDD"):
        nothing.reduce(max)
    with pytest.raises(ValueError, match=r"Cannot reduce empty RDD\."):
        nothing.treeReduce(max)
    with pytest.raises(ValueError, match="RDD is empty"):
        nothing.first()


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("partitions", [1, 2, 5, 9, 17])
def test_a_tree_aggregates_each_element_once(sc: SparkContext, partitions: int, depth: int) -> None:
    rdd = sc.parallelize(range(20), partitions)
    assert sorted(rdd.treeAggregate([], append, extend, depth)) == list(range(20))
    assert rdd.treeReduce(lambda a, b: a + b, depth) == 190


def test_a_tree_passes_over_empty_partitions(sc: SparkContext) -> None:
    one, none = sc.parallelize([7], 1), sc.parallelize([], 2)
    assert one.union(none).treeReduce(max) == none.union(one).treeReduce(max) == 7


def test_a_tree_merges_in_tasks_what_reduce_would_merge_on_the_driver(sc: SparkContext) -> None:
    merged_here: list[int] = []  # tasks append to copies of their own

    def merge(a: int, b: int) -> int:
        merged_here.append(b)
        return a + b

    rdd = sc.parallelize(range(27), 27)
    assert rdd.treeAggregate(0, lambda a, b: a + b, merge, 3) == 351
    assert len(merged_here) == 2  # tasks made 9 of 27 aggregates, and 3 of 9
    assert rdd.reduce(merge) == 351
    assert len(merged_here) == 2 + 26


@pytest.mark.parametrize("depth", [0, -1])
def test_a_tree_has_a_level(sc: SparkContext, depth: int) -> None:
    for action in (
        lambda: sc.parallelize([1]).treeReduce(max, depth),
        lambda: sc.parallelize([1]).treeAggregate(0, max, max, depth),
    ):
        with pytest.raises(ValueError, match=f"Depth cannot be smaller than 1 but got {depth}"):
            action()


def test_a_stop_iteration_on_the_driver_is_an_error_too(sc: SparkContext) -> None:
    with pytest.raises(PySparkRuntimeError) as caught:
        sc.parallelize([1, 2], 2).reduce(halt)
    assert caught.value.getCondition() == "STOP_ITERATION_OCCURRED"


def test_of_equal_elements_the_first_is_the_greatest_and_the_least(sc: SparkContext) -> None:
    rdd = sc.parallelize([(1, "a"), (1, "b"), (0, "c"), (0, "d")], 3)
    assert rdd.max(key=lambda pair: pair[0]) == (1, "a")
    assert rdd.min(key=lambda pair: pair[0]) == (0, "c")
    assert rdd.top(1, key=lambda pair: pair[0]) == [(1, "a")]


def test_counts_by_value_are_in_order_of_arrival_and_zero_for_others(sc: SparkContext) -> None:
    counts = sc.parallelize(["b", "a", "b", 1, 1.0], 2).countByValue()
    assert list(counts.items()) == [("b", 2), ("a", 1), (1, 2)]
    assert counts["c"] == 0


def test_take_computes_no_more_partitions_than_it_needs(sc: SparkContext) -> None:
    computed = sc.accumulator(0)

    def count(_: int, part: Iterator[int]) -> Iterator[int]:
        computed.add(1)
        return part

    rdd = sc.parallelize(range(100), 50).mapPartitionsWithIndex(count)
    needed = []
    for action in (
        lambda: rdd.take(0),
        lambda: rdd.take(2),
        lambda: rdd.take(3),
        lambda: rdd.filter(lambda x: x == 20).take(1),
        lambda: rdd.isEmpty(),
    ):
        before = computed.value
        action()
        needed.append(computed.value - before)
    assert needed == [0, 1, 2, 25, 1]


def test_take_computes_no_more_elements_than_it_needs(sc: SparkContext) -> None:
    assert sc.parallelize([1, 1, 0], 1).map(lambda x: 1 // x).take(2) == [1, 1]


@pytest.mark.parametrize(
    ("with_replacement", "expected"), [(False, [8, 3, 6, 5, 15]), (True, [8, 5, 2, 18, 1])]
)
def test_a_seeded_sample_taken_is_sparks(
    sc: SparkContext, with_replacement: bool, expected: list[int]
) -> None:
    assert sc.parallelize(range(20), 4).takeSample(with_replacement, 5, 3) == expected


def test_a_sample_without_replacement_is_at_most_everything(sc: SparkContext) -> None:
    assert sorted(sc.parallelize(range(5), 2).takeSample(False, 9)) == [0, 1, 2, 3, 4]
    assert sc.parallelize([], 2).takeSample(True, 9) == []
    with pytest.raises(ValueError, match=r"Sample size cannot be negative\."):
        sc.parallelize([1]).takeSample(False, -1)


def test_foreach_partition_runs_a_generator_to_its_end(sc: SparkContext) -> None:
    total = sc.accumulator(0)

    def add(part: Iterator[int]) -> Iterator[None]:
        for x in part:
            yield total.add(x)

    sc.parallelize(range(5), 2).foreachPartition(add)
    sc.parallelize([100], 1).foreachPartition(lambda part: total.add(sum(part)))
    assert total.value == 110


@pytest.mark.parametrize(("prefetch", "computed_at_first"), [(False, [1]), (True, [1, 2])])
def test_a_local_iterator_computes_a_partition_when_it_is_reached(
    sc: SparkContext, prefetch: bool, computed_at_first: list[int]
) -> None:
    computed = sc.accumulator(0)

    def count(part: Iterator[int]) -> Iterator[int]:
        computed.add(1)
        return part

    elements = sc.parallelize(range(8), 4).mapPartitions(count).toLocalIterator(prefetch)
    assert computed.value == 0
    assert next(elements) == 0
    assert computed.value in computed_at_first
    assert list(elements) == [1, 2, 3, 4, 5, 6, 7]
    assert computed.value == 4


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_local_iterator_gives_what_came_before_an_error(sc: SparkContext, prefetch: bool) -> None:
    elements = sc.parallelize([1, 0], 2).map(lambda x: 1 // x).toLocalIterator(prefetch)
    if not prefetch:
        assert next(elements) == 1
    with pytest.raises(SparkException, match=r"^Exception thrown in awaitResult") as caught:
        list(elements)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_local_iterator_keeps_the_properties_of_the_thread_that_made_it(sc: SparkContext) -> None:
    from minispark import TaskContext

    sc.setLocalProperty("team", "blue")
    seen = sc.parallelize([1, 2], 2).map(lambda _: TaskContext.get().getLocalProperty("team"))
    assert list(seen.toLocalIterator(prefetchPartitions=True)) == ["blue", "blue"]
