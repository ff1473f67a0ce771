"""`minispark.testing`: what is equal, and what the error says of what is not."""

from __future__ import annotations

import math
import random
import time
from collections import namedtuple
from decimal import Decimal
from itertools import permutations

import pytest

from minispark.testing import assert_rdd_equal
from minispark.testing.matching import Tolerance, unmatched

NAN = float("nan")


class Unhashable:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Unhashable) and self.value == other.value

    __hash__ = None


EQUAL = [
    ([], []),
    ([1, 2, 2], [2, 1, 2]),
    (
        [None, "a", 1, (1, "a"), [1], {"k": [1]}, {1}],
        [{1}, [1], {"k": [1]}, None, 1, "a", (1, "a")],
    ),
    ([NAN, ("a", NAN)], [("a", NAN), NAN]),
    ([Decimal("NaN"), Decimal("1.00000001")], [Decimal(1), Decimal("NaN")]),
    ([0.1 + 0.2, ("k", [0.1 + 0.2])], [("k", [0.3]), 0.3]),
    ([1, True], [1.0, 1]),
    ([(1, 0.1 + 0.2), (2, 0.1 + 0.2)], [(2.0, 0.3), (1.0, 0.3)]),
    ([math.inf, -math.inf], [-math.inf, math.inf]),
    ([{"a": 0.3, "b": 1}], [{"b": 1, "a": 0.1 + 0.2}]),
    ([Unhashable(1), Unhashable(2)], [Unhashable(2), Unhashable(1)]),
    ([(Unhashable([1]), 0.3)], [(Unhashable([1]), 0.1 + 0.2)]),
    ([{1, 2}], [frozenset({1, 2})]),
    ([namedtuple("Point", "x y")(1, 2)], [(1, 2)]),
    ([10**400], [10**400]),
    ([b"a", "a"], ["a", b"a"]),
]
DIFFERENT = [
    ([1], []),
    ([1, 1, 2], [1, 2, 2]),
    ([(1,)], [[1]]),
    ([None], [0]),
    ([NAN], [0.0]),
    ([1], ["1"]),
    ([b"a"], ["a"]),
    ([1], [2]),
    ([100_000], [100_001]),  # within the relative tolerance, and ints
    ([1.0000001], [1]),
    ([1.001], [1.0]),
    ([math.inf], [-math.inf]),
    ([math.inf], [1e308]),
    ([10**400], [1.5]),
    ([Decimal("Infinity")], [Decimal(1)]),
    ([{"a": 1}], [{"a": 1, "b": 2}]),
    ([(1, 2)], [(1, 2, 3)]),
    ([Unhashable(1)], [Unhashable(2)]),
]


@pytest.mark.parametrize(("actual", "expected"), EQUAL, ids=repr)
def test_equal_elements_in_any_order(sc, actual, expected):
    assert_rdd_equal(actual, expected)
    assert_rdd_equal(expected, actual)
    assert_rdd_equal(sc.parallelize(actual, 3), sc.parallelize(expected, 2))


@pytest.mark.parametrize(("actual", "expected"), DIFFERENT, ids=repr)
def test_different_elements(actual, expected):
    for one, other in ((actual, expected), (expected, actual)):
        with pytest.raises(AssertionError, match=r"^RDDs are not equal: "):
            assert_rdd_equal(one, other)
        with pytest.raises(AssertionError):
            assert_rdd_equal(one, other, check_order=True)
        with pytest.raises(AssertionError):
            assert_rdd_equal([one], [other], check_partitions=True)


def test_elements_are_paired_as_by_trying_all_orders():
    """Against a slow and simple judge."""
    rng = random.Random(4)
    tolerance = Tolerance(0, 0.1)
    values = [0, 7, 1.0, 1.05, 2.0, 2.05, NAN, math.inf, "a", None, 10**400]

    def element():
        value = rng.choice(values)
        return rng.choice([value, ("k", value), [value, rng.choice(values)], {"x": value}])

    for _ in range(1000):
        actual = [element() for _ in range(rng.randint(0, 4))]
        expected = [*rng.sample(actual, len(actual)), element()][rng.randint(0, 1) :]
        short, long = sorted([actual, expected], key=len)
        most = max(
            sum(tolerance.same(a, e) for a, e in zip(short, order, strict=False))
            for order in permutations(long)
        )
        left, missing = unmatched(actual, expected, tolerance)
        assert len(actual) - len(left) == len(expected) - len(missing) == most


def test_many_elements_take_little_time():
    rng = random.Random(1)
    numbers = [rng.random() for _ in range(10_000)]
    moved = [number * (1 + 1e-9) for number in reversed(numbers)]
    begin = time.monotonic()
    assert_rdd_equal([(n, "x") for n in numbers], [(n, "x") for n in moved])
    assert_rdd_equal([(1, n) for n in numbers], [(1, n) for n in moved])
    assert_rdd_equal([(1, 0.3)] * 10_000, [(1, 0.1 + 0.2)] * 10_000)
    assert time.monotonic() - begin < 30


def test_values_of_groupbykey_are_compared_as_lists(sc):
    grouped = sc.parallelize([("a", 1), ("a", 2), ("b", 3)], 2).groupByKey()
    assert_rdd_equal(grouped, [("b", [3]), ("a", [1, 2])])
    with pytest.raises(AssertionError):
        assert_rdd_equal(grouped, [("b", [3]), ("a", [1, 3])])


def test_arrays_are_compared_by_shape_and_elements(sc):
    numpy = pytest.importorskip("numpy")
    rdd = sc.parallelize([("a", numpy.array([1.0, 2.0])), ("b", numpy.float32(0.5))], 2)
    assert_rdd_equal(rdd, [("b", 0.5), ("a", numpy.array([1.0, 2.0000001]))])
    with pytest.raises(AssertionError):
        assert_rdd_equal([numpy.zeros((2, 1))], [numpy.zeros((1, 2))])
    with pytest.raises(AssertionError):
        assert_rdd_equal([numpy.zeros(2)], [[0, 0]])


def test_tolerances_can_be_given():
    assert_rdd_equal([1.04], [1.0], rtol=0.05)
    assert_rdd_equal([1.5], [1.0], rtol=2)
    assert_rdd_equal([Decimal("1.5")], [Decimal(1)], atol=1)
    with pytest.raises(AssertionError):
        assert_rdd_equal([1 + 1e-12], [1.0], rtol=0, atol=0)


def message(*arguments, **options) -> list[str]:
    with pytest.raises(AssertionError) as raised:
        assert_rdd_equal(*arguments, **options)
    return str(raised.value).splitlines()


def test_the_error_lists_what_is_missing_and_unexpected_with_counts_and_partitions(sc):
    actual = sc.parallelize(["a", "b", "x", "x"], 2)
    expected = sc.parallelize(["c", "a", "c", "b"], 4)
    assert message(actual, expected) == [
        "RDDs are not equal: 2 elements are missing, 2 are unexpected (4 found, 4 expected)",
        "missing:",
        "  'c' (in partition 0)",
        "  'c' (in partition 2)",
        "unexpected:",
        "  'x' (in partition 1), 2 times",
    ]
    assert message(["x", "x"], []) == [
        "RDDs are not equal: 2 elements are unexpected (2 found, 0 expected)",
        "unexpected:",
        "  'x', 2 times",
    ]


def test_a_long_error_is_cut():
    lines = message(list(range(100)), ["y" * 1000])
    assert lines[1:3] == ["missing:", f"  '{'y' * 199}... (1002 characters)"]
    assert lines[-1] == "  ... and 80 others"
    assert len(lines) == 25


def test_the_error_says_where_the_order_is_lost(sc):
    assert message(sc.parallelize([1, 2, 3], 3), [1, 3, 2], check_order=True) == [
        "RDDs are not equal: the elements are the same, their order is not",
        "first difference: at position 1 3 was expected, and 2 (in partition 1) found",
    ]
    assert message([1, 2], [1, 2, 3], check_order=True)[-1] == (
        "first difference: at position 2 3 was expected, and nothing more found"
    )
    assert_rdd_equal(sc.parallelize([1, 2, 3], 3), [1, 2, 3], check_order=True)


def test_partitions_are_compared_as_glom_gives_them(sc):
    rdd = sc.parallelize([1, 2, 3, 4], 2)
    assert_rdd_equal(rdd, [[2, 1], [3, 4]], check_partitions=True)
    assert_rdd_equal(rdd, sc.parallelize([1, 2, 3, 4], 2), check_partitions=True, check_order=True)
    assert message(rdd, [[2, 1], [3, 4]], check_partitions=True, check_order=True) == [
        "RDDs are not equal: the elements are the same, their places are not",
        "partition 0: expected [2, 1]",
        "                found [1, 2]",
    ]
    assert message(rdd, [[1, 2, 3], [4], []], check_partitions=True) == [
        "RDDs are not equal: the elements are the same, their places are not",
        "2 partitions found, 3 expected",
        "partition 0: expected [1, 2, 3]",
        "                found [1, 2]",
        "partition 1: expected [4]",
        "                found [3, 4]",
    ]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "told"),
    [
        ((1, []), {}, TypeError, "`actual` should be an RDD or a list, got int"),
        (([], "ab"), {}, TypeError, "`expected` should be an RDD or a list, got str"),
        (([], iter([])), {}, TypeError, "`expected` should be an RDD or a list, got list_iterator"),
        (([[1]], [1]), {"check_partitions": True}, TypeError, "it has a int in it"),
        (([], []), {"rtol": -1}, ValueError, "`rtol` should be a number from 0 on, got -1"),
        (([], []), {"atol": NAN}, ValueError, "`atol` should be a number from 0 on, got nan"),
    ],
)
def test_wrong_arguments_are_named(arguments, options, error, told):
    with pytest.raises(error, match=told):
        assert_rdd_equal(*arguments, **options)
