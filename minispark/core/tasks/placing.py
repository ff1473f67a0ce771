"""What a task does to send records into a shuffle: place them by key, in frames.

For `partitionBy`, and for the operations that have a shuffle of their own. Must not know: where
the frames go.
"""

from __future__ import annotations

import pickle
import struct
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, repeat
from typing import Any, TypeAlias

from minispark.core.tasks.columns import (
    ATOMS,
    are_plain_keys,
    can_write,
    is_plain,
    write_columns,
)
from minispark.engine import taskstate
from minispark.engine.serializers import Frame, Serializer
from minispark.engine.shuffle.hashing import portable_hash, portable_hashes
from minispark.engine.shuffle.ranges import KeyRanges

Placed: TypeAlias = tuple[int, Frame]

RECORDS_AT_ONCE = 8192
"""How many records are worked on together: enough, and all in the processor's cache."""
RECORDS_A_FRAME = 64
"""How many of them there are for each partition."""
BYTES_AT_ONCE = 4 << 20
"""But no more than these, as far as some records tell."""
FIRST_RECORDS = 64
"""So many of them have to tell it first."""

_as_long = struct.Struct("!q").pack


def place_by_key(
    num_partitions: int,
    partition_func: Callable[[Any], int],
    serializer: Serializer,
    is_seen: bool,
    _split: int,
    pairs: Iterable[tuple[Any, Any]],
) -> Iterator[Placed]:
    """(reduce partition, frame) for the pairs of one partition.

    Frames are Spark's, see `_place_rows`, because a program can tell: by `cartesian` and `zip` if
    `is_seen`, and by objects that share what a frame shares. If it cannot, because the first pairs
    are plain and not `is_seen`, these go in columns.
    """
    iterator = chain(pairs)  # which does not ask again after its end, as pickling does not
    first_key, first_value, error = gather(iterator, 1)
    if error is not None:
        raise error
    iterator = chain(zip(first_key, first_value, strict=True), iterator)
    are_fixed = are_plain_keys(first_key)
    enough: float = min(10 * num_partitions, 1000)
    missing = _count(enough)
    if are_fixed and not is_seen and num_partitions > 0 and can_write(serializer):
        waiting = _Waiting(num_partitions, partition_func)
        size = 0.0
        fitting = FIRST_RECORDS
        while True:
            # No further than Spark reads before it writes: the batch may turn out not to be plain.
            wanted = min(missing, at_once(num_partitions), fitting)
            keys, values, error = gather(iterator, wanted)
            if error is not None:
                places_of(keys, num_partitions, partition_func)  # what this raises comes first
                raise error
            if not keys:
                yield from waiting.placed()
                return
            are_fixed = are_plain_keys(keys)
            if not (are_fixed and is_plain(values)):
                iterator = chain(zip(keys, values, strict=True), iterator)
                break
            added = about_size(keys, values)
            fitting = how_many_fit(len(keys), added)
            yield from waiting.add(keys, values, added)
            missing -= len(keys)
            size += added
            if missing == 0:
                enough = _next(enough, size / num_partitions)
                missing = _count(enough)
                size = 0.0
        yield from waiting.placed()
    yield from _place_rows(
        num_partitions, partition_func, serializer, iterator, are_fixed, enough, missing
    )


def place_keys(
    num_partitions: int, serializer: Serializer, _split: int, keys: Iterable[Any]
) -> Iterator[Placed]:
    """The map side of `distinct`, for `PlacedKeys` to read: the keys of one partition, each once,
    or once in each part.

    Where some of the first are not plain all go as pairs with None, as Spark's do.
    """
    iterator = iter(keys)
    are_plain = num_partitions > 0 and can_write(serializer)
    most = at_once(num_partitions)
    wanted = min(most, FIRST_RECORDS)
    while some := list(islice(iterator, wanted)):
        if not (are_plain and are_plain_keys(some)):
            pairs = zip(chain(some, iterator), repeat(None))
            yield from place_by_key(num_partitions, portable_hash, serializer, False, _split, pairs)
            return
        dealt_keys: list[list[Any]] = [[] for _ in range(num_partitions)]
        for place, key in zip(places_of(some, num_partitions, portable_hash), some, strict=True):
            dealt_keys[place].append(key)
        for place, own_keys in enumerate(dealt_keys):
            if own_keys:
                yield place, write_columns(own_keys)
        wanted = min(most, how_many_fit(len(some), about_size(some, [])))


def _place_rows(
    num_partitions: int,
    partition_func: Callable[[Any], int],
    serializer: Serializer,
    pairs: Iterator[tuple[Any, Any]],
    are_fixed: bool,
    enough: float,
    missing: int,
) -> Iterator[Placed]:
    """(reduce partition, frame) by Spark's rule.

    Pairs are gathered by partition and written out when there are more than `enough`, all
    partitions at once; a frame is what was gathered for one partition. How many are enough
    grows while the frames are small. The first time so many are still `missing`. As long as keys
    `are_fixed` they are placed some at a time.
    """
    memory = taskstate.memory()
    while True:
        before = enough
        buckets: defaultdict[int, list[tuple[Any, Any]]] = defaultdict(list)
        while are_fixed and missing:
            wanted = min(missing, RECORDS_AT_ONCE)
            keys, values, error = gather(pairs, wanted)
            places = places_of(keys, num_partitions, partition_func)
            if error is not None:
                raise error
            for place, key, value in zip(places, keys, values, strict=True):
                buckets[place].append((key, value))
            missing -= len(keys)
            are_fixed = len(keys) == wanted  # else there are no more, or none that are
        if not are_fixed:
            for key, value in islice(pairs, missing):
                buckets[partition_func(key) % num_partitions].append((key, value))
                missing -= 1
        size = 0
        for place, rows in buckets.items():
            _as_long(place)  # refuses what is no integer, as Spark does: struct.error
            frame = serializer.dumps(rows)
            size += len(frame)
            yield place, frame
        if missing:
            return
        enough = _next(enough, size / len(buckets))
        if memory is not None:  # as Spark looks at its memory
            enough = min(enough, _count(before) * memory.part(8) / size)
        missing = _count(enough)


def _next(enough: float, average: float) -> float:
    """How many are enough after frames of `average` bytes."""
    megabytes = int(average) >> 20
    if megabytes < 1:
        return min(sys.maxsize, enough * 1.5)
    return max(int(enough / 1.5), 1) if megabytes > 10 else enough


def _count(enough: float) -> int:
    """The first whole number above `enough`."""
    return max(1, int(enough) + 1)


class _Waiting:
    """Plain pairs that wait until there are enough for frames of some size."""

    def __init__(self, num_partitions: int, partition_func: Callable[[Any], int]) -> None:
        self._num_partitions = num_partitions
        self._partition_func = partition_func
        self._keys: list[Any] = []
        self._values: list[Any] = []
        self._places: list[int] = []
        self._size = 0.0
        self._ranges: KeyRanges | None = None
        """What sorts the pairs instead of placing each by itself."""

    def add(self, keys: list[Any], values: list[Any], size: float) -> Iterator[Placed]:
        """Take in pairs of about that many bytes; give all that have waited, if it is enough."""
        ranges = self._partition_func if isinstance(self._partition_func, KeyRanges) else None
        if ranges is not None and not ranges.can_sort(keys):
            ranges = None
        if ranges is not self._ranges:
            yield from self.placed()
            self._ranges = ranges
        if ranges is None:
            places = places_of(keys, self._num_partitions, self._partition_func)
            if set(map(type, places)) != {int}:
                for place in dict.fromkeys(places):
                    _as_long(place)  # as for rows
                places = list(map(int, places))
            self._places += places
        self._keys += keys
        self._values += values
        self._size += size
        if len(self._keys) >= at_once(self._num_partitions) or self._size >= BYTES_AT_ONCE:
            yield from self.placed()

    def placed(self) -> Iterator[Placed]:
        """All that have waited."""
        keys, values = self._keys, self._values
        if self._ranges is None:
            columns = dealt(self._num_partitions, self._places, keys, values)
        else:
            columns = self._ranges.sorted_columns(keys, values)
        self._keys, self._values, self._places, self._size = [], [], [], 0.0
        for place, own_keys, own_values in columns:
            yield place, write_columns(own_keys, own_values)


def how_many_fit(count: int, size: float) -> int:
    """How many records are `BYTES_AT_ONCE`, if so many have that size."""
    return max(1, int(count * BYTES_AT_ONCE / size)) if count else 1


def at_once(num_partitions: int) -> int:
    """How many records to place at once."""
    return max(RECORDS_AT_ONCE, RECORDS_A_FRAME * num_partitions)


def about_size(keys: list[Any], values: list[Any]) -> float:
    """About how many bytes plain pairs are, by those of one in some hundred."""
    step = 1 + len(keys) // 16
    some = (keys[::step], values[::step])
    return len(pickle.dumps(some)) * step


def gather(
    pairs: Iterator[tuple[Any, Any]], count: int
) -> tuple[list[Any], list[Any], Exception | None]:
    """The keys and the values of the next pairs, and what the iterator raised after them.

    A key that is not plain is the last: the program may change it, and use it again for the next
    pair, but as in Spark it belongs where it belonged when it came.
    """
    keys: list[Any] = []
    values: list[Any] = []
    atoms = ATOMS
    try:
        for key, value in islice(pairs, count):
            keys.append(key)
            values.append(value)
            if type(key) in atoms:
                continue
            if type(key) is not tuple:
                break
            for element in key:
                if type(element) not in atoms and not is_plain([element]):
                    return keys, values, None
    except Exception as exc:
        return keys, values, exc
    return keys, values, None


def places_of(
    keys: list[Any], num_partitions: int, partition_func: Callable[[Any], int]
) -> list[int]:
    """The reduce partition of each key."""
    if partition_func is portable_hash:
        return [hash_of_key % num_partitions for hash_of_key in portable_hashes(keys)]
    return [partition_func(key) % num_partitions for key in keys]


def dealt(
    num_partitions: int, places: list[int], keys: list[Any], values: list[Any]
) -> list[tuple[int, list[Any], list[Any]]]:
    """(reduce partition, keys, values) for each partition that has some of them."""
    dealt_keys: list[list[Any]] = [[] for _ in range(num_partitions)]
    dealt_values: list[list[Any]] = [[] for _ in range(num_partitions)]
    for place, key, value in zip(places, keys, values, strict=True):
        dealt_keys[place].append(key)
        dealt_values[place].append(value)
    return [
        (place, own_keys, own_values)
        for place, (own_keys, own_values) in enumerate(zip(dealt_keys, dealt_values, strict=True))
        if own_keys
    ]
