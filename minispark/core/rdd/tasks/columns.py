"""Pairs in columns: how keys and values cross a shuffle when nobody can tell.

For the steps that send records into a shuffle and those that read them. PySpark pickles records in
batches, pair by pair, and a program can tell: objects that are one before the shuffle are one
after it if they were in the same batch. With *plain* objects it cannot: numbers, texts, None and
tuples of such are as good as any copy. These are written some thousand at a time, keys and values
apart, in half the time.

The frame of such a batch is a pair of frames, the pickled keys and the pickled values; that of
any other is what Spark writes.
Must not know: where the frames go, or what is done with the records.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from itertools import chain
from typing import Any

from minispark.engine.serializers import (
    BatchedSerializer,
    CloudPickleSerializer,
    Frame,
    FrameCodec,
    PickleSerializer,
    Serializer,
)

_ATOMS = frozenset({int, str, float, bool, bytes, type(None)})
_ATOMS_AND_TUPLES = _ATOMS | {tuple}

_PICKLES = (CloudPickleSerializer, PickleSerializer)

MOST_ELEMENTS = 64
"""How many elements the tuples of a column may have, on average, to be looked through."""


def is_plain(column: list[Any]) -> bool:
    """Whether all objects are plain: of the builtin types themselves, no subclass.

    >>> is_plain([1, "a", (None, 2.5)]), is_plain([[]]), is_plain([([],)])
    (True, False, False)
    """
    return _is_plain(column, False)


def are_plain_keys(column: list[Any]) -> bool:
    """Whether all keys are plain, and none is NaN: as the key of a dict that equals itself only.

    >>> are_plain_keys([1, ("a", 2.5)]), are_plain_keys([float("nan")])
    (True, False)
    """
    return _is_plain(column, True)


def _is_plain(column: list[Any], as_keys: bool) -> bool:
    most = MOST_ELEMENTS * len(column)
    while True:
        kinds = set(map(type, column))
        if not kinds <= _ATOMS_AND_TUPLES:
            return False
        if as_keys and float in kinds and any(x != x for x in column if type(x) is float):
            return False
        if tuple not in kinds:
            return True
        column = list(chain.from_iterable(x for x in column if type(x) is tuple))
        if len(column) > most:  # tuples in tuples may be a few objects, and without end
            return False


def can_write(serializer: Serializer) -> bool:
    """Whether plain objects written by ``serializer`` are as good as those written by pickle."""
    return type(serializer) in _PICKLES


def write_columns(keys: list[Any], values: list[Any]) -> Frame:
    """The frame of a batch of pairs with plain keys and values."""
    return _dumps(keys), _dumps(values)


def read_columns(frame: Frame) -> Iterable[tuple[Any, Any]] | None:
    """The pairs that :func:`write_columns` has written; None: the frame is one of Spark's."""
    if isinstance(frame, tuple):
        return zip(pickle.loads(frame[0]), pickle.loads(frame[1]), strict=True)
    return None


def _dumps(column: list[Any]) -> bytes:
    return pickle.dumps(column, pickle.HIGHEST_PROTOCOL)


class PlacedPairs(FrameCodec):
    """Reads pairs from either kind of frame; ``serializer`` has written Spark's."""

    def __init__(self, serializer: Serializer) -> None:
        self._rows = BatchedSerializer(serializer)

    def batch(self, frame: Frame) -> Iterable[Any]:
        pairs = read_columns(frame)
        return self._rows.batch(frame) if pairs is None else pairs


class PlacedValues(PlacedPairs):
    """Reads pairs from frames of columns, and from Spark's frames of (key, values of that key)."""

    def batch(self, frame: Frame) -> Iterable[Any]:
        pairs = read_columns(frame)
        if pairs is None:
            return ((key, value) for key, values in self._rows.batch(frame) for value in values)
        return pairs
