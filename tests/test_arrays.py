"""Batches of numpy arrays: written in another form, and as before when they are read."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from minispark import SparkContext
from minispark.engine.arrays import as_rows
from minispark.serializers import AutoBatchedSerializer, CPickleSerializer

np = pytest.importorskip("numpy")


def facts(array: Any) -> tuple[Any, ...]:
    """What a program can tell of an array."""
    flags = array.flags
    kept = (flags.c_contiguous, flags.f_contiguous, flags.writeable, flags.owndata)
    return type(array), array.tolist(), array.dtype, array.shape, array.strides, kept


def read_back(batch: list[Any]) -> list[Any]:
    rows = as_rows(batch)
    assert rows is not None
    found: list[Any] = pickle.loads(pickle.dumps(rows, pickle.HIGHEST_PROTOCOL))
    return found


@pytest.mark.parametrize(
    "batch",
    [
        [np.arange(8.0), np.arange(8.0) + 1],
        [np.arange(6).reshape(2, 3) * i for i in range(5)],
        [np.array([i], dtype=np.uint8) for i in range(200)],
        [np.array([i, i * 1j]) for i in range(3)],
        [np.float32([1, 2]), np.float32([3, 4])],
        [np.arange(10.0)[2:4], np.arange(10.0)[3:5]],
    ],
)
def test_arrays_of_one_form_come_back_as_pickle_gives_them(batch: list[Any]) -> None:
    expected = pickle.loads(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
    assert list(map(facts, read_back(batch))) == list(map(facts, expected))


def read_only() -> Any:
    array = np.arange(3.0)
    array.flags.writeable = False
    return array


def twice() -> list[Any]:
    array = np.arange(3.0)
    return [array, array]


@pytest.mark.parametrize(
    "batch",
    [
        [],
        [np.arange(3.0)],
        [1, 2],
        [np.arange(3.0), 1],
        [np.float64(1), np.float64(2)],
        [np.arange(3.0), np.arange(4.0)],
        [np.arange(3), np.arange(3.0)],
        [np.array(1.0), np.array(2.0)],
        [np.array(["a", "bcd"]), np.array(["x", "yz0"])],
        [np.array([]), np.array([])],
        [np.array([None, "a"]), np.array([1, []], dtype=object)],
        [np.arange(6).reshape(2, 3).T, np.arange(6).reshape(2, 3).T],
        [np.arange(6.0)[::2], np.arange(6.0)[::2]],
        [np.arange(3, dtype=">i4"), np.arange(3, dtype=">i4")],
        [np.zeros(2, dtype="i4,f8"), np.zeros(2, dtype="i4,f8")],
        [np.zeros(1000), np.zeros(1000)],
        [np.ma.array([1, 2]), np.ma.array([1, 2])],
        [read_only(), read_only()],
        twice(),
    ],
)
def test_anything_else_is_left_to_pickle(batch: list[Any]) -> None:
    assert as_rows(batch) is None


def test_what_is_done_to_one_array_is_not_seen_in_another() -> None:
    first, second = read_back([np.zeros(3), np.zeros(3)])
    first += 1
    assert (first.tolist(), second.tolist()) == ([1.0] * 3, [0.0] * 3)


def test_batches_end_where_they_end_in_spark() -> None:
    serializer = AutoBatchedSerializer(CPickleSerializer(), bestSize=2000)
    arrays = [np.arange(8.0) for _ in range(100)]
    sizes = [len(pickle.loads(frame)) for frame in serializer.frames(arrays)]
    expected, size, left = [], 1, 100
    while left:
        expected.append(min(size, left))
        left -= expected[-1]
        frame = pickle.dumps(arrays[: expected[-1]], pickle.HIGHEST_PROTOCOL)
        if len(frame) < 2000:
            size *= 2
    assert sizes == expected


def test_cached_arrays_are_the_same_in_every_job(sc: SparkContext) -> None:
    points = sc.parallelize(range(50), 2).map(lambda i: np.array([i, 1.0])).cache()

    def add_one(point: Any) -> Any:
        point += 1
        return point

    for _ in range(3):
        assert points.map(add_one).sum().tolist() == [1275.0, 100.0]
