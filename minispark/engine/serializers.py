"""How records become frames and frames records again.

A *frame* is what moves between two steps that do not share memory: normally the bytes of one
pickled batch of records. What a batch holds is not an accident of speed: the order of
``cartesian``, the placement of ``repartition`` and what a mutated record looks like to the next
step all depend on where batches end, so the rules here are those of ``pyspark.serializers``.

A :class:`FrameCodec` turns an iterator of records into frames and back; a :class:`Serializer`
turns one object into bytes. The frames of a cartesian product or of a zip are pairs of frames.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any, ClassVar

from minispark.engine import closures

Frame = Any
"""bytes; a str for a line of text; for products and zips a pair of frames."""


@dataclass(frozen=True)
class Serializer:
    """One object to bytes and back. Equal serializers write the same bytes."""

    def dumps(self, obj: Any) -> bytes:
        raise NotImplementedError

    def loads(self, obj: bytes) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class CloudPickleSerializer(Serializer):
    """cloudpickle: functions, lambdas and classes of the program are records like any other."""

    def dumps(self, obj: Any) -> bytes:
        return closures.dumps(obj)

    def loads(self, obj: bytes) -> Any:
        return closures.loads(obj)


@dataclass(frozen=True)
class PickleSerializer(Serializer):
    """Plain pickle: classes and functions by name only."""

    def dumps(self, obj: Any) -> bytes:
        return pickle.dumps(obj, closures.PROTOCOL)

    def loads(self, obj: bytes) -> Any:
        return closures.loads(obj)


@dataclass(frozen=True)
class MarshalSerializer(Serializer):
    """marshal: faster than pickle, for Python's plain types only."""

    def dumps(self, obj: Any) -> bytes:
        return marshal.dumps(obj)

    def loads(self, obj: bytes) -> Any:
        return marshal.loads(obj)


class FrameCodec:
    """Records to frames and back, a batch a frame."""

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        """Write ``records`` as frames, lazily."""
        raise TypeError(f"{type(self).__name__} only reads")

    def batch(self, frame: Frame) -> Iterable[Any]:
        """The records of one frame."""
        raise NotImplementedError

    def records(self, frames: Iterable[Frame]) -> Iterator[Any]:
        """The records of all ``frames``, lazily."""
        return chain.from_iterable(map(self.batch, frames))


@dataclass(frozen=True)
class BatchedSerializer(FrameCodec):
    """``batchSize`` records a frame; -1: all of them in one."""

    UNLIMITED_BATCH_SIZE: ClassVar[int] = -1

    serializer: Serializer
    batchSize: int = UNLIMITED_BATCH_SIZE

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        dumps = self.serializer.dumps
        iterator = iter(records)
        if self.batchSize == self.UNLIMITED_BATCH_SIZE:
            yield dumps(list(iterator))
            return
        while batch := list(islice(iterator, self.batchSize)):
            yield dumps(batch)

    def batch(self, frame: Frame) -> Iterable[Any]:
        return self.serializer.loads(frame)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class AutoBatchedSerializer(FrameCodec):
    """Batches of 1, 2, 4, ... records, until a frame is about ``bestSize`` bytes."""

    batchSize: ClassVar[int] = 0

    serializer: Serializer
    bestSize: int = 1 << 16

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        dumps, best = self.serializer.dumps, self.bestSize
        size = 1
        iterator = iter(records)
        while batch := list(islice(iterator, size)):
            frame = dumps(batch)
            yield frame
            if len(frame) < best:
                size *= 2
            elif len(frame) > best * 10 and size > 1:
                size //= 2

    def batch(self, frame: Frame) -> Iterable[Any]:
        return self.serializer.loads(frame)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class NoOpSerializer(FrameCodec):
    """Records that are frames already, one a frame."""

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        return iter(records)

    def batch(self, frame: Frame) -> Iterable[Any]:
        return [frame]

    def records(self, frames: Iterable[Frame]) -> Iterator[Any]:
        return iter(frames)


@dataclass(frozen=True)
class UTF8Deserializer(FrameCodec):
    """Lines of text, one a frame: str, or with ``use_unicode=False`` the UTF-8 bytes.

    Whoever reads the file decodes it, many lines at once: nothing is left to do here.
    """

    use_unicode: bool = True

    def batch(self, frame: Frame) -> Iterable[Any]:
        return [frame]

    def records(self, frames: Iterable[Frame]) -> Iterator[Any]:
        return iter(frames)


@dataclass(frozen=True)
class CartesianDeserializer(FrameCodec):
    """Every record of the left frame with every record of the right, left-major."""

    key_ser: FrameCodec
    val_ser: FrameCodec

    def batch(self, frame: Frame) -> Iterable[Any]:
        left, right = frame
        return product(self.key_ser.batch(left), self.val_ser.batch(right))


@dataclass(frozen=True)
class PairDeserializer(FrameCodec):
    """The records of the left frame with those of the right, one to one."""

    key_ser: FrameCodec
    val_ser: FrameCodec

    def batch(self, frame: Frame) -> Iterable[Any]:
        left, right = list(self.key_ser.batch(frame[0])), list(self.val_ser.batch(frame[1]))
        if len(left) != len(right):
            raise ValueError(
                "Can not deserialize PairRDD with different number of items in batches: "
                f"({len(left)}, {len(right)})"
            )
        return zip(left, right, strict=True)
