"""Pairs in columns: how keys and values cross a shuffle when nobody can tell.

For the steps that send records into a shuffle and those that read them. PySpark pickles records in
batches, pair by pair, and a program can tell: objects that are one before the shuffle are one
after it if they were in the same batch. With *plain* objects it cannot: numbers, texts, None and
tuples of such are as good as any copy. These are written some thousand at a time, keys and values
apart, in half the time.

The frame of such a batch is a tuple of one, the pickled columns; that of any other is what Spark
writes.
Must not know: where the frames go, or what is done with the records.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from typing import Any

from minispark.engine.serializers import (
    BatchedSerializer,
    CloudPickleSerializer,
    Frame,
    FrameCodec,
    PickleSerializer,
    Serializer,
)
from minispark.resultiterable import ResultIterable

ATOMS = frozenset({int, str, float, bool, bytes, type(None)})
_ATOMS_AND_TUPLES = ATOMS | {tuple}

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


def as_tuples(column: list[Any]) -> tuple[type, list[Any]] | None:
    """Lists, or the values of keys, as plain tuples, and what they were; None if they are others.

    A list is not plain, but as good as any copy as long as no one else has it: none may be there
    twice, and no function of the program may have had any.

    >>> as_tuples([[1, 2], [3]])
    (<class 'list'>, [(1, 2), (3,)])
    """
    kinds = set(map(type, column))
    if kinds == {list}:
        lists = column
    elif kinds == {ResultIterable}:
        lists = [values.data for values in column]
        if set(map(type, lists)) != {list} or len(set(map(id, column))) < len(column):
            return None
    else:
        return None
    tuples = list(map(tuple, lists))
    if len(set(map(id, lists))) < len(lists) or not is_plain(tuples):
        return None
    return kinds.pop(), tuples


def from_tuples(kind: type, tuples: list[Any]) -> Iterable[Any]:
    """What :func:`as_tuples` was given, anew."""
    lists = map(list, tuples)
    return lists if kind is list else map(ResultIterable, lists)


def can_write(serializer: Serializer) -> bool:
    """Whether plain objects written by ``serializer`` are as good as those written by pickle."""
    return type(serializer) in _PICKLES


def write_columns(*columns: Any) -> Frame:
    """The frame of a batch of pairs: plain keys, plain values, and what is to be known of them."""
    return (pickle.dumps(columns, pickle.HIGHEST_PROTOCOL),)


def read_columns(frame: Frame) -> tuple[Any, ...] | None:
    """What was given to :func:`write_columns`; None: the frame is one of Spark's."""
    if isinstance(frame, tuple):
        columns: tuple[Any, ...] = pickle.loads(frame[0])
        return columns
    return None


class PlacedPairs(FrameCodec):
    """Reads pairs from either kind of frame; ``serializer`` has written Spark's."""

    def __init__(self, serializer: Serializer) -> None:
        self._rows = BatchedSerializer(serializer)

    def batch(self, frame: Frame) -> Iterable[Any]:
        columns = read_columns(frame)
        return self._rows.batch(frame) if columns is None else zip(*columns, strict=True)


class PlacedKeys(FrameCodec):
    """Reads keys from frames of pairs of either kind, and from columns that are the keys alone."""

    def __init__(self, serializer: Serializer) -> None:
        self._rows = BatchedSerializer(serializer)

    def batch(self, frame: Frame) -> Iterable[Any]:
        columns = read_columns(frame)
        return map(itemgetter(0), self._rows.batch(frame)) if columns is None else iter(columns[0])
