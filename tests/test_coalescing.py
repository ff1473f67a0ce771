"""How coalesce groups partitions; the expected groups were given by pyspark 4.3.0."""

from __future__ import annotations

import pytest

from minispark import SparkContext
from minispark.engine.coalescing import by_place, neighbours


@pytest.mark.parametrize("count", range(8))
@pytest.mark.parametrize("groups", range(1, 8))
def test_neighbours_are_all_partitions_in_order(count: int, groups: int) -> None:
    found = neighbours(count, groups)
    assert [i for group in found for i in group] == list(range(count))
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.parametrize("count", range(1, 12))
@pytest.mark.parametrize("groups", range(1, 12))
def test_groups_by_place_hold_each_partition_once(count: int, groups: int) -> None:
    for placed in (list(range(count)), [count - 1], list(range(0, count, 2))):
        found = by_place(count, min(groups, count), placed)
        assert sorted(i for group in found for i in group) == list(range(count))
        assert all(found)


def test_places_that_a_job_made_known_change_the_groups(sc: SparkContext) -> None:
    rdd = sc.parallelize(range(8), 8).cache()
    before = rdd.coalesce(3)
    assert before.glom().collect() == [[0, 1], [2, 3, 4], [5, 6, 7]]
    rdd.count()
    after = rdd.coalesce(3).glom().collect()
    assert sorted(x for group in after for x in group) == list(range(8))
    assert after != before.glom().collect()
    assert before.glom().collect() == [[0, 1], [2, 3, 4], [5, 6, 7]], "groups stay once made"
