"""Inside a task: bringing the values of each key together, before and behind a shuffle.

For `groupByKey`, and for cogroup and joins. PySpark collects the values of each key before the
shuffle and joins the lists behind it. The answer is the same when plain pairs, see `columns`, go
through the shuffle some thousand at a time, and nothing has to be held; the other pairs go as in
PySpark.

In cogroups each side's pairs cross a union on their way. There PySpark writes them, each value
tagged with the number of its side, and reads them again; plain ones are handed on in a
:class:`SideBatch`, as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby, islice, repeat
from operator import attrgetter, itemgetter
from typing import Any

from minispark.core.tasks.columns import (
    are_plain_keys,
    as_tuples,
    can_write,
    from_tuples,
    is_plain,
    read_columns,
    write_columns,
)
from minispark.core.tasks.placing import (
    BYTES_AT_ONCE,
    FIRST_RECORDS,
    RECORDS_AT_ONCE,
    Placed,
    about_size,
    at_once,
    dealt,
    gather,
    how_many_fit,
    place_by_key,
    places_of,
)
from minispark.engine.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    Frame,
    FrameCodec,
    Serializer,
    auto_batched,
    size_after,
)
from minispark.engine.shuffle.combine import group_values_in_parts, grouped_values
from minispark.engine.shuffle.hashing import portable_hash


def place_groups(
    num_partitions: int,
    partition_func: Callable[[Any], int],
    serializer: Serializer,
    _split: int,
    pairs: Iterable[tuple[Any, Any]],
) -> Iterator[Placed]:
    """The map side of `groupByKey`, for `PlacedValues` to read."""
    iterator = chain(pairs)  # not asked again after its end
    # A function of the program is called once for each key, as in PySpark.
    if partition_func is portable_hash and num_partitions > 0 and can_write(serializer):
        most = at_once(num_partitions)
        wanted = min(most, FIRST_RECORDS)
        while True:
            keys, values, error = gather(iterator, wanted)
            if not (are_plain_keys(keys) and is_plain(values)):
                gathered = zip(keys, values, strict=True)
                iterator = chain(gathered, iterator if error is None else raising(error))
                break
            is_last = not keys
            wanted = min(most, how_many_fit(len(keys), about_size(keys, values)))
            is_grouped = 2 * len(set(keys)) <= len(keys)  # else it would not pay
            if is_grouped:
                groups_at_once = grouped_values(zip(keys, values, strict=True))
                keys, values = list(groups_at_once), list(groups_at_once.values())
            places = places_of(keys, num_partitions, portable_hash)
            for place, own_keys, own_values in dealt(num_partitions, places, keys, values):
                yield place, write_columns(own_keys, own_values, is_grouped)
            if error is not None:
                raise error
            if is_last:
                return
    groups = group_values_in_parts(iterator)
    yield from place_by_key(num_partitions, partition_func, serializer, False, _split, groups)


def raising(error: Exception) -> Iterator[Any]:
    """No records, only what was raised when they were asked for."""
    raise error
    yield


class PlacedValues(FrameCodec):
    """Reads pairs from what `place_groups` has written; `serializer` has written Spark's frames."""

    def __init__(self, serializer: Serializer) -> None:
        self._rows = BatchedSerializer(serializer)

    def batch(self, frame: Frame) -> Iterable[Any]:
        columns = read_columns(frame)
        if columns is None:
            return ((key, value) for key, values in self._rows.batch(frame) for value in values)
        keys, values, is_grouped = columns
        if is_grouped:
            keys = chain.from_iterable(map(repeat, keys, map(len, values)))
            values = chain.from_iterable(values)
        return zip(keys, values, strict=True)


class SideBatch:
    """Pairs of one side of a cogroup.

    ``kind`` is what the values were before they became plain tuples, see `as_tuples`.
    """

    def __init__(
        self,
        side: int,
        keys: list[Any],
        values: list[Any],
        is_plain: bool,
        kind: type | None = None,
    ) -> None:
        self.side = side
        self.keys = keys
        self.values = values
        self.is_plain = is_plain
        self.kind = kind

    def of_side(self) -> tuple[int, Iterator[tuple[Any, Any]]]:
        """The side, and the pairs."""
        return self.side, zip(self.keys, self._values_as_they_were(), strict=True)

    def _values_as_they_were(self) -> Iterable[Any]:
        return self.values if self.kind is None else from_tuples(self.kind, self.values)

    def tagged(self) -> Iterator[tuple[Any, tuple[int, Any]]]:
        """The pairs as PySpark moves them: each value with the number of its side."""
        return zip(self.keys, zip(repeat(self.side), self._values_as_they_were()), strict=True)


def batches_of_side(
    side: int,
    is_read_back: bool,
    codec: FrameCodec,
    serializer: Serializer,
    _split: int,
    pairs: Iterable[Any],
) -> Iterator[Frame]:
    """The pairs of one side as frames, for `UnitedSides` to read: SideBatches, and from the first
    pair on that is not plain what `codec` writes. A pair is whatever has a `[0]` and a `[1]`.

    If the pairs were read back just now, from a cache or behind a shuffle, nobody else has their
    objects, and lists of plain objects may be values as well.
    """
    iterator = iter(pairs)
    if not (isinstance(codec, AutoBatchedSerializer) and can_write(serializer)):
        yield from codec.frames(_tagged(side, iterator))
        return
    # A batch is one of PySpark's: what is found not to be plain was not read too soon, and is
    # written together with the same others. Once it does not grow any more, some records tell.
    size = 1
    grows = True
    while True:
        batch = SideBatch(side, [], [], False)
        for pair in islice(iterator, size):
            batch.keys.append(pair[0])
            batch.values.append(pair[1])
        if not batch.keys:
            return
        plain = _as_plain(batch, is_read_back)
        if plain is None:
            rest = chain(batch.tagged(), _tagged(side, iterator))
            yield from auto_batched(codec, size, rest)
            return
        yield plain
        next_size = size_after(codec, size, _frame_size(codec, batch, is_exact=grows))
        grows = grows and next_size > size
        size = min(next_size, RECORDS_AT_ONCE)


def _frame_size(codec: AutoBatchedSerializer, batch: SideBatch, is_exact: bool) -> int:
    """How many bytes PySpark's frame of the batch has, or about how many."""
    step = 1 if is_exact else 1 + len(batch.keys) // 16
    some = SideBatch(batch.side, batch.keys[::step], batch.values[::step], batch.is_plain)
    return step * len(codec.serializer.dumps(list(some.tagged())))


def _as_plain(batch: SideBatch, is_read_back: bool) -> SideBatch | None:
    if not are_plain_keys(batch.keys):
        return None
    if is_plain(batch.values):
        return SideBatch(batch.side, batch.keys, batch.values, True, batch.kind)
    if is_read_back and (tuples := as_tuples(batch.values)) is not None:
        kind, values = tuples
        return SideBatch(batch.side, batch.keys, values, True, kind)
    return None


def _tagged(side: int, pairs: Iterable[Any]) -> Iterator[tuple[Any, tuple[int, Any]]]:
    for pair in pairs:
        yield pair[0], (side, pair[1])


class UnitedSides(FrameCodec):
    """Reads SideBatches from the frames of `batches_of_side`; `codec` is that of the others."""

    def __init__(self, codec: FrameCodec) -> None:
        self._codec = codec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnitedSides) and self._codec == other._codec

    __hash__ = None  # type: ignore[assignment]  # compared only

    def frames(self, records: Iterable[Frame]) -> Iterator[Frame]:
        return iter(records)

    def batch(self, frame: Frame) -> Iterable[SideBatch]:
        if isinstance(frame, SideBatch):
            return [frame]
        tagged = list(self._codec.batch(frame))
        if not tagged:  # a frame of its own may stand for an empty partition
            return []
        keys = [key for key, _ in tagged]
        values = [value for _, (_, value) in tagged]
        _, (side, _) = tagged[0]
        return [SideBatch(side, keys, values, False)]


def place_sides(
    num_partitions: int,
    serializer: Serializer,
    _split: int,
    batches: Iterable[SideBatch],
) -> Iterator[Placed]:
    """The map side of a cogroup, for `PlacedSides` to read."""
    iterator = iter(batches)
    waiting: list[SideBatch] = []
    count = 0
    size = 0.0
    for batch in iterator:
        waiting.append(batch)
        if not batch.is_plain:
            # What is in which of PySpark's frames depends on all pairs: also on those that wait.
            tagged = chain.from_iterable(rest.tagged() for rest in chain(waiting, iterator))
            groups = group_values_in_parts(tagged)
            yield from place_by_key(
                num_partitions, portable_hash, serializer, False, _split, groups
            )
            return
        count += len(batch.keys)
        size += about_size(batch.keys, batch.values)
        if count >= at_once(num_partitions) or size >= BYTES_AT_ONCE:
            yield from _in_columns(num_partitions, waiting)
            waiting, count, size = [], 0, 0.0
    yield from _in_columns(num_partitions, waiting)


def _in_columns(num_partitions: int, batches: list[SideBatch]) -> Iterator[Placed]:
    for (side, kind), alike in groupby(batches, attrgetter("side", "kind")):
        some = list(alike)
        keys = list(chain.from_iterable(batch.keys for batch in some))
        values = list(chain.from_iterable(batch.values for batch in some))
        places = places_of(keys, num_partitions, portable_hash)
        for place, own_keys, own_values in dealt(num_partitions, places, keys, values):
            yield place, write_columns(own_keys, own_values, side, kind)


class PlacedSides(FrameCodec):
    """Reads SideBatches from what `place_sides` has written; `serializer` has written Spark's."""

    def __init__(self, serializer: Serializer) -> None:
        self._rows = BatchedSerializer(serializer)

    def batch(self, frame: Frame) -> Iterable[SideBatch]:
        columns = read_columns(frame)
        if columns is not None:
            keys, values, side, kind = columns
            return [SideBatch(side, keys, values, True, kind)]
        return self._in_runs(self._rows.batch(frame))

    def _in_runs(
        self, groups: Iterable[tuple[Any, Iterable[tuple[int, Any]]]]
    ) -> Iterator[SideBatch]:
        tagged = ((side, key, value) for key, values in groups for side, value in values)
        for side, run in groupby(tagged, itemgetter(0)):
            _, keys, values = zip(*run, strict=True)
            yield SideBatch(side, list(keys), list(values), False)
