"""Operations on key-value pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minispark import RDD, SparkContext
from minispark.errors import SparkException
from minispark.resultiterable import ResultIterable

LEFT = [(1, "a"), (2, "b"), (1, "c"), (None, "d")]
RIGHT = [(1, "x"), (3, "y"), (1, "z"), (None, "w")]


@pytest.fixture
def left(sc: SparkContext) -> RDD[tuple[Any, str]]:
    return sc.parallelize(LEFT, 2)


@pytest.fixture
def right(sc: SparkContext) -> RDD[tuple[Any, str]]:
    return sc.parallelize(RIGHT, 3)


def test_joins_keep_every_combination_in_order(left: Any, right: Any) -> None:
    both = [(None, ("d", "w")), (1, ("a", "x")), (1, ("a", "z")), (1, ("c", "x")), (1, ("c", "z"))]
    only_left, only_right = (2, ("b", None)), (3, (None, "y"))

    def joined(rdd: RDD[Any]) -> list[Any]:
        return [pair for part in rdd.glom().collect() for pair in part]

    assert joined(left.join(right)) == both
    assert joined(left.leftOuterJoin(right)) == [*both, only_left]
    assert joined(left.rightOuterJoin(right)) == [*both, only_right]
    assert joined(left.fullOuterJoin(right)) == [*both, only_left, only_right]


def test_a_join_has_as_many_partitions_as_both_sides_unless_told(left: Any, right: Any) -> None:
    assert left.join(right).getNumPartitions() == 5
    assert left.join(right, 2).getNumPartitions() == 2
    assert left.groupWith(right, left).getNumPartitions() == 7


def test_sides_that_are_partitioned_alike_are_joined_without_a_shuffle(
    left: Any, right: Any
) -> None:
    joined = left.partitionBy(2).join(right.partitionBy(2), 2)
    assert b"PartitionerAwareUnionRDD" in joined.toDebugString()
    assert joined.toDebugString().count(b"ShuffledRDD") == 2
    assert joined.count() == 5


def test_a_cogroup_has_all_values_of_a_key_on_each_side(left: Any, right: Any) -> None:
    groups = left.cogroup(right).collect()
    assert {key: tuple(map(list, sides)) for key, sides in groups} == {
        None: (["d"], ["w"]),
        1: (["a", "c"], ["x", "z"]),
        2: (["b"], []),
        3: ([], ["y"]),
    }
    assert all(type(side) is ResultIterable for _, sides in groups for side in sides)


def test_values_are_subtracted_by_key_even_where_they_are_false(sc: SparkContext) -> None:
    rest = sc.parallelize([("a", 0), ("b", None), ("b", 1)], 2)
    assert rest.subtractByKey(sc.parallelize([("a", None)], 1), 1).collect() == [
        ("b", None),
        ("b", 1),
    ]


def test_a_key_with_one_value_is_not_passed_to_the_reducing_function(sc: SparkContext) -> None:
    pairs = sc.parallelize([("a", 1), ("b", 2)], 2)
    assert sorted(pairs.reduceByKey(lambda a, b: a // 0).collect()) == [("a", 1), ("b", 2)]


def test_equal_keys_of_different_types_are_one_key_the_first(sc: SparkContext) -> None:
    pairs = sc.parallelize([(1, "a"), (True, "b"), (1.0, "c")], 3)
    assert repr(pairs.reduceByKey(lambda a, b: a + b).collect()) == "[(1, 'abc')]"


def test_each_key_of_each_partition_gets_a_zero_of_its_own(sc: SparkContext) -> None:
    zero: list[int] = []
    lists = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 1).aggregateByKey(
        zero, lambda xs, x: xs.append(x) or xs, lambda xs, ys: xs + ys
    )
    assert sorted(lists.collect()) == [("a", [1, 3]), ("b", [2])]
    assert zero == []


def test_grouped_values_keep_their_order_and_can_be_read_again(sc: SparkContext) -> None:
    ((key, values),) = sc.parallelize([("k", i) for i in range(6)], 3).groupByKey(2).collect()
    assert (key, list(values), list(values), len(values)) == ("k", [*range(6)], [*range(6)], 6)


def test_an_unhashable_key_fails_the_job_with_the_type_named(sc: SparkContext) -> None:
    with pytest.raises(SparkException, match="unhashable type: 'list'") as caught:
        sc.parallelize([([], 1)], 1).groupByKey().collect()
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_lookup_in_a_partitioned_rdd_computes_one_partition(sc: SparkContext) -> None:
    computed = sc.accumulator(0)

    def count(part: Iterator[Any]) -> Iterator[Any]:
        computed.add(1)
        return part

    pairs = sc.parallelize([(i % 5, i) for i in range(10)], 3).partitionBy(4)
    assert pairs.mapPartitions(count, preservesPartitioning=True).lookup(3) == [3, 8]
    assert computed.value == 1
    assert pairs.mapPartitions(count).lookup(3) == [3, 8]
    assert computed.value == 5


@pytest.mark.parametrize(
    ("keeps", "operation"),
    [
        (True, lambda rdd: rdd.mapValues(str)),
        (True, lambda rdd: rdd.flatMapValues(str)),
        (True, lambda rdd: rdd.filter(bool)),
        (True, lambda rdd: rdd.sample(False, 0.5)),
        (True, lambda rdd: rdd.reduceByKey(max)),
        (True, lambda rdd: rdd.groupByKey()),
        (True, lambda rdd: rdd.join(rdd)),
        (True, lambda rdd: rdd.subtractByKey(rdd)),
        (True, lambda rdd: rdd.map(tuple, preservesPartitioning=True)),
        (False, lambda rdd: rdd.map(tuple)),
        (False, lambda rdd: rdd.glom()),
        (False, lambda rdd: rdd.keyBy(str)),
        (False, lambda rdd: rdd.zipWithIndex()),
        (False, lambda rdd: rdd.distinct()),
        (False, lambda rdd: rdd.intersection(rdd)),
    ],
)
def test_the_partitioner_stays_where_keys_do(left: RDD[Any], keeps: bool, operation: Any) -> None:
    partitioned = left.partitionBy(2)
    assert (operation(partitioned).partitioner == partitioned.partitioner) is keeps


def test_a_reduction_of_partitioned_pairs_needs_no_further_shuffle(left: RDD[Any]) -> None:
    reduced = left.partitionBy(2).reduceByKey(max, 2)
    assert reduced.toDebugString().count(b"ShuffledRDD") == 1
    assert sorted(reduced.filter(lambda pair: pair[0] is not None).collect()) == [
        (1, "c"),
        (2, "b"),
    ]


def test_a_sample_by_key_is_sparks_and_needs_a_fraction_for_each_key(sc: SparkContext) -> None:
    pairs = sc.parallelize([(key, i) for i in range(8) for key in "ab"], 2)
    assert pairs.sampleByKey(False, {"a": 0.3, "b": 0.8}, 4).collect() == [
        ("b", 0),
        ("b", 1),
        ("b", 2),
        ("b", 4),
        ("a", 5),
        ("b", 5),
        ("b", 6),
        ("a", 7),
    ]
    with pytest.raises(AssertionError, match=r"Negative fraction value: -0\.1"):
        pairs.sampleByKey(False, {"a": -0.1})
    with pytest.raises(SparkException, match="KeyError: 'b'"):
        pairs.sampleByKey(False, {"a": 1.0}).collect()


@pytest.mark.parametrize("batch_size", [-1, 1, 3])
def test_pairs_go_through_shuffles_in_batches_of_any_size(batch_size: int) -> None:
    with SparkContext("local[2]", "batches", batchSize=batch_size) as sc:
        left = sc.parallelize([(i % 3, i) for i in range(7)], 10)
        right = sc.parallelize([(i % 4, [i]) for i in range(4)], 2)
        assert left.join(right, 2).glom().collect() == [
            [(0, (0, [0])), (0, (3, [0])), (0, (6, [0])), (2, (2, [2])), (2, (5, [2]))],
            [(1, (1, [1])), (1, (4, [1]))],
        ]
        assert left.groupByKey(1).mapValues(list).collect() == [
            (0, [0, 3, 6]),
            (1, [1, 4]),
            (2, [2, 5]),
        ]
        assert sorted(left.keys().distinct(2).collect()) == [0, 1, 2]
