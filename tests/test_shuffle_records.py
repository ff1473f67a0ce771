"""How records go through a shuffle: what goes in columns, where, in which order, how many at once.

What a program can tell of it is in `conformance/programs/records.py`.
"""

from __future__ import annotations

import enum
from collections import namedtuple
from collections.abc import Iterable, Iterator
from operator import attrgetter, itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minispark import SparkContext
from minispark.core.tasks.columns import (
    PlacedKeys,
    PlacedPairs,
    are_plain_keys,
    as_tuples,
    from_tuples,
    is_plain,
)
from minispark.core.tasks.placing import BYTES_AT_ONCE, place_by_key, place_keys
from minispark.engine.serializers import BatchedSerializer, CloudPickleSerializer, MarshalSerializer
from minispark.engine.shuffle.combine import group_sides, join_sides
from minispark.engine.shuffle.hashing import portable_hash, portable_hashes
from minispark.engine.shuffle.ranges import KeyRanges
from minispark.resultiterable import ResultIterable

PICKLE = CloudPickleSerializer()


class Word(str):
    pass


class Level(enum.IntEnum):
    LOW = 1


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize("plain", [1, True, 2.5, "a", b"a", None, (), (1, ("a", (None,)))])
def test_numbers_texts_none_and_tuples_of_them_are_plain(plain: Any) -> None:
    assert is_plain([1, plain])
    assert are_plain_keys([plain, "a"])


@pytest.mark.parametrize(
    "other", [Word("a"), Level.LOW, Point(1, 2), [1], {}, 1j, object, b"".join]
)
def test_subclasses_containers_and_functions_are_not_plain(other: Any) -> None:
    for column in ([1, other], [(1, other)], [(1, ("a", (other,)))]):
        assert not is_plain(column)
        assert not are_plain_keys(column)


def test_nan_is_plain_but_no_plain_key() -> None:
    nan = float("nan")
    for column in ([1.0, nan], [(1, nan)], [(1, ("a", nan))]):
        assert is_plain(column)
        assert not are_plain_keys(column)


def test_tuples_that_are_many_times_in_others_are_not_looked_through() -> None:
    nested: tuple[Any, ...] = (1,)
    for _ in range(60):  # 61 objects, 2 ** 60 elements
        nested = (nested, nested)
    assert not is_plain([nested])


def test_lists_that_nobody_else_has_are_as_good_as_tuples() -> None:
    kind, tuples = as_tuples([[1, "a"], []]) or (None, [])
    assert (kind, tuples) == (list, [(1, "a"), ()])
    kind, tuples = as_tuples([ResultIterable([1]), ResultIterable([2, 3])]) or (None, [])
    assert kind is ResultIterable
    assert [list(values) for values in from_tuples(kind, tuples)] == [[1], [2, 3]]


def test_lists_that_are_there_twice_or_hold_others_are_not() -> None:
    shared = [1]
    assert as_tuples([shared, shared]) is None
    assert as_tuples([[[1]], [2]]) is None
    assert as_tuples([[1], (2,)]) is None
    assert as_tuples([ResultIterable(shared), ResultIterable(shared)]) is None
    assert as_tuples([ResultIterable((1,))]) is None


ATOMS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary())
KEYS = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)


@given(keys=st.lists(KEYS) | st.lists(st.tuples(st.text(), st.integers())) | st.lists(st.text()))
def test_many_keys_hash_as_each_does(keys: list[Any]) -> None:
    assert list(portable_hashes(keys)) == [portable_hash(key) for key in keys]


def test_the_first_key_that_cannot_be_hashed_is_named() -> None:
    with pytest.raises(TypeError, match="'list'"):
        portable_hashes([(1, []), ({}, 2)])


NUMBERS = st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.just(float("inf"))


@given(
    bounds=st.lists(NUMBERS, max_size=4).map(sorted),
    keys=st.lists(NUMBERS),
    ascending=st.booleans(),
)
def test_sorted_pairs_lie_where_each_would_and_equal_ones_as_they_came(
    bounds: list[Any], keys: list[Any], ascending: bool
) -> None:
    ranges = KeyRanges(bounds, None, ascending)
    assert ranges.can_sort(keys)
    pairs = sorted(enumerate(keys), key=lambda pair: pair[1], reverse=not ascending)
    expected = [(ranges(key), key, position) for position, key in pairs]
    columns = ranges.sorted_columns(keys, list(range(len(keys))))
    got = [(place, *pair) for place, *both in columns for pair in zip(*both, strict=True)]
    assert repr(got) == repr(expected)


@pytest.mark.parametrize(
    ("bounds", "keys"), [([1], ["a"]), (["a"], [b"a"]), ([float("nan")], [1.0]), ([1], [None])]
)
def test_what_comparisons_may_refuse_or_not_order_is_not_sorted_early(
    bounds: list[Any], keys: list[Any]
) -> None:
    assert not KeyRanges(bounds).can_sort(keys)
    assert not KeyRanges(keys, lambda key: key).can_sort(keys)


BATCHES = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.tuples(st.sampled_from([1, 1.0, 2, "a"]), ATOMS)))
)


@given(batches=BATCHES)
def test_values_are_grouped_by_key_and_side_in_order_of_arrival(batches: list[Any]) -> None:
    expected: dict[Any, list[list[Any]]] = {}
    for side, pairs in batches:
        for key, value in pairs:
            expected.setdefault(key, [[], [], []])[side].append(value)
    assert repr(list(group_sides(3, batches))) == repr([(k, *v) for k, v in expected.items()])


@given(batches=BATCHES, keep_left=st.booleans(), keep_right=st.booleans())
def test_joins_combine_what_is_grouped(
    batches: list[Any], keep_left: bool, keep_right: bool
) -> None:
    batches = [batch for batch in batches if batch[0] < 2]
    expected = []
    for key, left, right in group_sides(2, batches):
        lefts = left or ([None] if keep_right else [])
        rights = right or ([None] if keep_left else [])
        expected += [(key, (v, w)) for v in lefts for w in rights]
    assert repr(list(join_sides(batches, keep_left, keep_right))) == repr(expected)


def pairs_asked_for(pairs: Iterator[Any], asked: list[int]) -> Iterator[Any]:
    for pair in pairs:
        asked[0] += 1
        yield pair


def test_plain_pairs_go_some_thousand_at_a_time() -> None:
    pairs = [(i % 1000, i) for i in range(20_000)]
    frames = list(place_by_key(2, portable_hash, PICKLE, False, 0, pairs))
    assert len(frames) < 10
    read = [pair for _, frame in frames for pair in PlacedPairs(PICKLE).batch(frame)]
    assert sorted(read) == sorted(pairs)


def test_large_pairs_do_not_wait_for_so_many() -> None:
    asked = [0]
    pairs = pairs_asked_for(((i, "x" * 1_000_000) for i in range(500)), asked)
    placed = place_by_key(2, portable_hash, PICKLE, False, 0, pairs)
    next(placed)
    assert asked[0] < 50


def test_keys_alone_go_in_frames_of_some_megabytes() -> None:
    keys = [f"{i}" + "y" * 100_000 for i in range(200)]
    placed = list(place_keys(2, PICKLE, 0, iter(keys)))
    assert max(len(frame[0]) for _, frame in placed) < 2 * BYTES_AT_ONCE
    codec = PlacedKeys(PICKLE)
    for place in range(2):
        found = [key for where, frame in placed if where == place for key in codec.batch(frame)]
        assert found == [key for key in keys if portable_hash(key) % 2 == place]


@pytest.mark.parametrize("plain", [0, 3, 40])
def test_keys_of_which_one_is_not_plain_go_as_pairs_with_none(plain: int) -> None:
    keys = [*range(plain), Word("b")]
    frames = [frame for _, frame in place_keys(1, PICKLE, 0, keys)]
    pairs = [pair for frame in frames for pair in PlacedPairs(PICKLE).batch(frame)]
    assert pairs == [(key, None) for key in keys]
    found = [key for frame in frames for key in PlacedKeys(PICKLE).batch(frame)]
    assert found == keys
    assert type(found[-1]) is Word


def test_frames_that_are_seen_are_those_of_spark() -> None:
    pairs = [(i % 3, i) for i in range(100)]
    frames = [frame for _, frame in place_by_key(1, portable_hash, PICKLE, True, 0, pairs)]
    batches = [list(BatchedSerializer(PICKLE).batch(frame)) for frame in frames]
    assert list(map(len, batches)) == [11, 16, 23, 34, 16]
    assert [pair for batch in batches for pair in batch] == pairs


def test_a_serializer_of_the_programs_own_writes_all_pairs() -> None:
    placed = place_by_key(1, portable_hash, MarshalSerializer(), False, 0, [(1, "a"), (2, "b")])
    assert [MarshalSerializer().loads(frame) for _, frame in placed] == [[(1, "a"), (2, "b")]]


@pytest.mark.parametrize("is_seen", [True, False])
def test_no_pair_is_lost_after_a_key_that_is_not_looked_through(is_seen: bool) -> None:
    large = ((tuple(range(100)),),)
    pairs = [(large if i == 50 else (i,), i) for i in range(2000)]
    frames = [frame for _, frame in place_by_key(3, portable_hash, PICKLE, is_seen, 0, pairs)]
    read = [pair for frame in frames for pair in PlacedPairs(PICKLE).batch(frame)]
    assert sorted(read, key=itemgetter(1)) == pairs


def test_a_key_that_is_used_again_lies_where_it_belonged_when_it_came(sc: SparkContext) -> None:
    class Key:
        number = 0

    def use_again(numbers: Iterable[int]) -> Iterator[tuple[Key, int]]:
        key = Key()
        for key.number in numbers:
            yield key, key.number

    placed = (
        sc.parallelize(range(8), 1).mapPartitions(use_again).partitionBy(2, attrgetter("number"))
    )
    assert placed.values().glom().collect() == [[0, 2, 4, 6], [1, 3, 5, 7]]
