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


@pytest.mark.parametrize(
    ("partitions", "places"),
    [
        (2**30, [260399014, 256234351, 1024454414]),
        (2**31 - 1, [520798028, 512468703, 2048908828]),
        (2**30 + 1, [520798028, 512468703, 447153120]),  # the third is the second draw
    ],
)
def test_a_draw_is_repeated_where_low_places_would_be_favoured(partitions, places):
    assert [start_partition(i, partitions) for i in range(3)] == places
