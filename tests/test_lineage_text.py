"""The lineage as `toDebugString` draws it."""

from __future__ import annotations

import sys

from minispark import SparkContext


def test_a_lineage_of_more_shuffles_than_calls_can_nest_is_drawn(sc: SparkContext) -> None:
    rdd = sc.parallelize([(1, 1)], 1)
    shuffles = sys.getrecursionlimit() + 100
    for number in range(shuffles):
        rdd = rdd.partitionBy(1 + number % 2)
    text = rdd.toDebugString()
    assert text is not None
    assert text.decode().count("ShuffledRDD[") == shuffles
