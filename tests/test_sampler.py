"""Seeded samples are Spark's to the element. The expected samples were drawn by PySpark."""

import pickle

import pytest

from minispark.rddsampler import RDDRangeSampler, RDDSampler, RDDStratifiedSampler


def samples(sampler, *partitions):
    return [list(sampler.func(split, iter(part))) for split, part in enumerate(partitions)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((False, 0.5, 17), [[1, 7], [8, 9, 10, 15], [16, 21]]),
        ((False, 0.5, -5), [[1, 2, 3, 5, 6], [8, 11, 14], [16, 17, 18, 20]]),
        ((True, 0.5, 17), [[0, 1, 1, 2, 6, 7], [11, 12], [17, 17, 17, 19, 20, 22]]),
        ((False, 0.0, 1), [[], [], []]),
        ((True, 0.0, 1), [[], [], []]),
        ((False, 1.0, 1), [list(range(8)), list(range(8, 16)), list(range(16, 24))]),
    ],
)
def test_a_sample_is_spark_s(arguments, expected):
    parts = [range(i * 8, i * 8 + 8) for i in range(3)]
    assert samples(RDDSampler(*arguments), *parts) == expected


def test_large_fractions_with_replacement_are_drawn_spark_s_other_way():
    assert samples(RDDSampler(True, 25.0, 3), [0], [8], [16]) == [[0] * 20, [8] * 12, [16] * 21]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0.0, 0.3), [[], [6, 7, 8]]),
        ((0.3, 0.7), [[1, 4, 5], [10]]),
        ((0.7, 1.0), [[0, 2, 3], [9, 11]]),
    ],
)
def test_ranges_side_by_side_split_without_a_gap(bounds, expected):
    assert samples(RDDRangeSampler(*bounds, 17), range(6), range(6, 12)) == expected


@pytest.mark.parametrize(
    ("withReplacement", "expected"),
    [
        (
            True,
            [
                [("a", 0), ("b", 3), ("b", 3)],
                [("b", 1), ("b", 1), ("b", 3), ("b", 3), ("b", 3)],
            ],
        ),
        (False, [[("b", 1), ("a", 2), ("b", 3)], [("b", 1), ("b", 3)]]),
    ],
)
def test_each_key_has_a_fraction_of_its_own(withReplacement, expected):
    sampler = RDDStratifiedSampler(withReplacement, {"a": 0.3, "b": 2.0}, 5)
    pairs = [("a", 0), ("b", 1), ("a", 2), ("b", 3)]
    assert samples(sampler, pairs, pairs) == expected


def test_a_key_without_a_fraction_is_an_error():
    with pytest.raises(KeyError):
        samples(RDDStratifiedSampler(False, {}, 5), [("a", 1)])


def test_without_a_seed_each_sampler_has_its_own_and_keeps_it():
    sampler, other = RDDSampler(False, 0.5), RDDSampler(False, 0.5)
    assert samples(sampler, range(500)) == samples(sampler, range(500))
    assert samples(sampler, range(500)) != samples(other, range(500))


@pytest.mark.parametrize(
    "sampler",
    [
        RDDSampler(True, 0.5),
        RDDRangeSampler(0.2, 0.6),
        RDDStratifiedSampler(False, {0: 0.5, 1: 0.2}),
    ],
)
def test_a_sampler_draws_the_same_on_the_other_side(sampler):
    pairs = [(i % 2, i) for i in range(100)]
    assert list(pickle.loads(pickle.dumps(sampler)).func(3, pairs)) == list(sampler.func(3, pairs))
    assert list(pickle.loads(pickle.dumps(sampler.func))(3, pairs)) == list(sampler.func(3, pairs))
