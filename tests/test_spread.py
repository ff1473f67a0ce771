"""A repartition starts where Spark's does. The expected places are those of real runs."""

import pytest

from minispark.engine.shuffle.spread import start_partition


@pytest.mark.parametrize(
    ("partitions", "targets"), [(3, [0, 1, 2, 0]), (5, [4, 4]), (2, [1, 1, 0, 0, 0])]
)
def test_the_first_batch_goes_where_spark_sends_it(partitions, targets):
    starts = [start_partition(i, partitions) for i in range(len(targets))]
    assert [(start + 1) % partitions for start in starts] == targets


def test_every_place_is_drawn_and_none_outside():
    for partitions in (1, 2, 3, 7, 8, 100):
        places = {start_partition(i, partitions) for i in range(2000)}
        assert places == set(range(partitions))
    assert start_partition(5, 2**31 - 1) in range(2**31 - 1)


def test_the_draw_is_repeated_where_low_places_would_be_favoured():
    # Half of all draws lie in the incomplete last round.
    n = 2**30 + 1
    assert all(0 <= start_partition(i, n) < n for i in range(50))
