"""How records become frames and frames records again.

A *frame* is what moves between two steps that do not share memory: normally the bytes of one
pickled batch of records. What a batch holds is not an accident of speed: the order of
``cartesian``, the placement of ``repartition`` and what a mutated record looks like to the next
step all depend on where batches end, so the rules here are those of ``pyspark.serializers``.

A :class:`FrameCodec` turns an iterator of records into frames and back. A :class:`Serializer` is
one that also writes to streams, under PySpark's names; those of the kind :class:`FramedSerializer`
say how one object becomes bytes, and the others are made of one such. The frames of a cartesian
product or of a zip are pairs of frames.
"""

from __future__ import annotations

import io
import marshal
import pickle
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice, product
from typing import Any, BinaryIO, cast

from minispark.engine import closures
from minispark.engine.arrays import as_rows
from minispark.engine.streams import SpecialLengths, read_frames, read_int, write_with_length

Frame = Any
"""bytes; a str for a line of text; a tuple of frames: two for products and zips, one for columns"""


def frame_size(frame: Frame) -> int:
    """About how many bytes a frame has, or the frames of the tuple that it is."""
    return sum(map(frame_size, frame)) if isinstance(frame, tuple) else len(frame)


class FrameCodec:
    """Records to frames and back, a batch a frame."""

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        """Write ``records`` as frames, lazily."""
        raise NotImplementedError(f"{type(self).__name__} only reads")

    def batch(self, frame: Frame) -> Iterable[Any]:
        """The records of one frame."""
        raise NotImplementedError

    def records(self, frames: Iterable[Frame]) -> Iterator[Any]:
        """The records of all ``frames``, lazily."""
        return chain.from_iterable(map(self.batch, frames))

    def _read_frames(self, stream: BinaryIO) -> Iterator[Frame]:
        """The frames that stand in a stream."""
        return read_frames(stream)


class Serializer(FrameCodec):
    """Objects to a stream of bytes and back. As in Spark: two are equal when what one has written,
    the other can read.

    >>> from minispark.serializers import MarshalSerializer, PickleSerializer
    >>> PickleSerializer() == PickleSerializer(), PickleSerializer() == MarshalSerializer()
    (True, False)
    """

    def dump_stream(self, iterator: Iterable[Any], stream: BinaryIO) -> None:
        """Write all objects to a stream: each frame after its length.

        >>> import io
        >>> from minispark.serializers import MarshalSerializer
        >>> stream = io.BytesIO()
        >>> MarshalSerializer().dump_stream([1, "a"], stream)
        >>> list(MarshalSerializer().load_stream(io.BytesIO(stream.getvalue())))
        [1, 'a']
        """
        for frame in self.frames(iterator):
            write_with_length(frame, stream)

    def load_stream(self, stream: BinaryIO) -> Iterator[Any]:
        """The objects that :meth:`dump_stream` has written, lazily.

        >>> import io
        >>> from minispark.serializers import BatchedSerializer, PickleSerializer
        >>> stream, serializer = io.BytesIO(), BatchedSerializer(PickleSerializer(), 2)
        >>> serializer.dump_stream([1, 2, 3], stream)
        >>> list(serializer.load_stream(io.BytesIO(stream.getvalue())))
        [1, 2, 3]
        """
        return self.records(self._read_frames(stream))

    def dumps(self, obj: Any) -> bytes:
        """One object as bytes.

        Raises
        ------
        NotImplementedError
            where the serializer writes no single objects

        >>> from minispark.serializers import MarshalSerializer
        >>> MarshalSerializer().loads(MarshalSerializer().dumps([1, 2]))
        [1, 2]
        """
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class FramedSerializer(Serializer):
    """An object a frame. For one of your own, derive from this and define both methods.

    >>> import json
    >>> from minispark import SparkContext
    >>> from minispark.serializers import FramedSerializer
    >>> class JsonSerializer(FramedSerializer):
    ...     def dumps(self, obj):
    ...         return json.dumps(obj).encode()
    ...     def loads(self, obj):
    ...         return json.loads(obj)
    >>> sc.stop()
    >>> with SparkContext("local", "json", serializer=JsonSerializer()) as other:
    ...     other.parallelize([(1, "a")]).collect()  # JSON has no tuples
    [[1, 'a']]
    """

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        for record in records:
            frame = self.dumps(record)
            if frame is None:
                raise ValueError("serialized value should not be None")
            yield frame

    def batch(self, frame: Frame) -> Iterable[Any]:
        return [None if frame is None else self.loads(frame)]

    def loads(self, obj: bytes) -> Any:
        """The object that :meth:`dumps` has written.

        >>> from minispark.serializers import PickleSerializer
        >>> PickleSerializer().loads(PickleSerializer().dumps({1: "a"}))
        {1: 'a'}
        """
        raise NotImplementedError


class CloudPickleSerializer(FramedSerializer):
    """cloudpickle: functions, lambdas and classes of the program are records like any other.

    Parameters
    ----------
    allowed_names
        the only (module, name) pairs that :meth:`loads` looks up; None: all

    >>> from minispark.serializers import CloudPickleSerializer
    >>> serializer = CloudPickleSerializer()
    >>> serializer.loads(serializer.dumps(lambda x: x + 1))(1)
    2
    """

    allowed_names: Iterable[tuple[str, str]] | None = None

    def __init__(self, allowed_names: Iterable[tuple[str, str]] | None = None) -> None:
        self.allowed_names = allowed_names

    def dumps(self, obj: Any) -> bytes:
        return closures.dumps(obj)

    def loads(self, obj: bytes, encoding: str = "bytes") -> Any:
        if self.allowed_names is not None:
            return _RestrictedUnpickler(obj, self.allowed_names, encoding).load()
        return closures.loads(obj, encoding)


class _RestrictedUnpickler(pickle.Unpickler):
    def __init__(
        self, data: bytes, allowed_names: Iterable[tuple[str, str]], encoding: str
    ) -> None:
        super().__init__(io.BytesIO(data), encoding=encoding)
        self._allowed_names = allowed_names

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed_names:
            raise pickle.UnpicklingError(f"Unpickling {module}.{name} is not allowed")
        return super().find_class(module, name)


class PickleSerializer(FramedSerializer):
    """Plain pickle: classes and functions by name only.

    >>> from minispark.serializers import PickleSerializer
    >>> PickleSerializer().loads(PickleSerializer().dumps(len))
    <built-in function len>
    """

    def dumps(self, obj: Any) -> bytes:
        return pickle.dumps(obj, closures.PROTOCOL)

    def loads(self, obj: bytes, encoding: str = "bytes") -> Any:
        return closures.loads(obj, encoding)


class MarshalSerializer(FramedSerializer):
    """marshal: faster than pickle, for Python's plain types only.

    >>> from minispark.serializers import MarshalSerializer
    >>> MarshalSerializer().loads(MarshalSerializer().dumps((1, "a")))
    (1, 'a')
    """

    def dumps(self, obj: Any) -> bytes:
        return marshal.dumps(obj)

    def loads(self, obj: bytes) -> Any:
        return marshal.loads(obj)


class CompressedSerializer(FramedSerializer):
    """What another serializer writes, made smaller by zlib.

    Parameters
    ----------
    serializer
        the other one, which must be a FramedSerializer

    >>> from minispark.serializers import CompressedSerializer, PickleSerializer
    >>> serializer = CompressedSerializer(PickleSerializer())
    >>> len(serializer.dumps("a" * 1000)) < 100
    True
    """

    def __init__(self, serializer: FramedSerializer) -> None:
        if not isinstance(serializer, FramedSerializer):
            raise AssertionError("serializer must be a FramedSerializer")
        self.serializer = serializer

    def dumps(self, obj: Any) -> bytes:
        return zlib.compress(self.serializer.dumps(obj), 1)

    def loads(self, obj: bytes) -> Any:
        return self.serializer.loads(zlib.decompress(obj))

    def __repr__(self) -> str:
        return f"CompressedSerializer({self.serializer})"


class BatchedSerializer(Serializer):
    """``batchSize`` records a frame; -1: all of them in one.

    Parameters
    ----------
    serializer
        what writes and reads a batch
    batchSize
        how many records a batch has; -1: all

    >>> from minispark.serializers import BatchedSerializer, PickleSerializer
    >>> BatchedSerializer(PickleSerializer(), 10)
    BatchedSerializer(PickleSerializer(), 10)
    """

    UNLIMITED_BATCH_SIZE = -1
    UNKNOWN_BATCH_SIZE = 0

    def __init__(self, serializer: Serializer, batchSize: int = UNLIMITED_BATCH_SIZE) -> None:
        self.serializer = serializer
        self.batchSize = batchSize

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        dumps = self.serializer.dumps
        iterator = iter(records)
        if self.batchSize == self.UNLIMITED_BATCH_SIZE:
            yield dumps(list(iterator))
            return
        while batch := list(islice(iterator, self.batchSize)):
            yield dumps(batch)

    def batch(self, frame: Frame) -> Iterable[Any]:
        return cast("Iterable[Any]", cast(FramedSerializer, self.serializer).loads(frame))

    def __repr__(self) -> str:
        return f"BatchedSerializer({self.serializer}, {self.batchSize})"


class AutoBatchedSerializer(BatchedSerializer):
    """Batches of 1, 2, 4, ... records, until a frame is about ``bestSize`` bytes.

    Parameters
    ----------
    serializer
        what writes and reads a batch
    bestSize
        how many bytes a frame has about

    >>> from minispark.serializers import AutoBatchedSerializer, PickleSerializer
    >>> AutoBatchedSerializer(PickleSerializer())
    AutoBatchedSerializer(PickleSerializer())
    """

    def __init__(self, serializer: Serializer, bestSize: int = 1 << 16) -> None:
        super().__init__(serializer, self.UNKNOWN_BATCH_SIZE)
        self.bestSize = bestSize

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        return auto_batched(self, 1, records)

    def __repr__(self) -> str:
        return f"AutoBatchedSerializer({self.serializer})"


def auto_batched(
    batched: AutoBatchedSerializer, size: int, records: Iterable[Any]
) -> Iterator[Frame]:
    """The frames of ``batched``, if the next batch is one of ``size`` records."""
    dumps = batched.serializer.dumps
    is_pickle = type(batched.serializer) in (CloudPickleSerializer, PickleSerializer)
    iterator = iter(records)
    while batch := list(islice(iterator, size)):
        frame = dumps(batch)  # also where another is written: its size decides
        rows = as_rows(batch) if is_pickle else None
        yield frame if rows is None else dumps(rows)
        size = size_after(batched, size, len(frame))


def size_after(batched: AutoBatchedSerializer, size: int, length: float) -> int:
    """How many records ``batched`` takes after ``size`` of them were ``length`` bytes."""
    if length < batched.bestSize:
        return 2 * size
    return size // 2 if length > 10 * batched.bestSize and size > 1 else size


class FlattenedValuesSerializer(BatchedSerializer):
    """Pairs of a key and a list of values, which is cut into pieces of ``batchSize`` values.

    Parameters
    ----------
    serializer
        what writes and reads a pair
    batchSize
        how many values a piece has at most

    >>> import io
    >>> from minispark.serializers import FlattenedValuesSerializer, PickleSerializer
    >>> stream, serializer = io.BytesIO(), FlattenedValuesSerializer(PickleSerializer(), 2)
    >>> serializer.dump_stream([("a", [1, 2, 3])], stream)
    >>> list(serializer.load_stream(io.BytesIO(stream.getvalue())))
    [('a', [1, 2]), ('a', [3])]
    """

    def __init__(self, serializer: Serializer, batchSize: int = 10) -> None:
        super().__init__(serializer, batchSize)

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        for key, values in records:
            for start in range(0, len(values), self.batchSize):
                yield self.serializer.dumps((key, values[start : start + self.batchSize]))

    def batch(self, frame: Frame) -> Iterable[Any]:
        return self.serializer.batch(frame)

    def __repr__(self) -> str:
        return f"FlattenedValuesSerializer({self.serializer}, {self.batchSize})"


class NoOpSerializer(FramedSerializer):
    """Records that are frames already, one a frame.

    >>> from minispark.serializers import NoOpSerializer
    >>> NoOpSerializer().dumps(b"ab")
    b'ab'
    """

    def dumps(self, obj: Any) -> Any:
        return obj

    def loads(self, obj: Any) -> Any:
        return obj

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        return iter(records)

    def records(self, frames: Iterable[Frame]) -> Iterator[Any]:
        return iter(frames)


class UTF8Deserializer(Serializer):
    """Lines of text, one a frame: str, or with ``use_unicode=False`` the UTF-8 bytes.

    Whoever reads a text file decodes it, many lines at once; in a stream the lines are bytes.

    Parameters
    ----------
    use_unicode
        whether lines become str

    >>> import io
    >>> from minispark.serializers import UTF8Deserializer, write_with_length
    >>> stream = io.BytesIO()
    >>> write_with_length("für".encode(), stream)
    >>> list(UTF8Deserializer().load_stream(io.BytesIO(stream.getvalue())))
    ['für']
    """

    def __init__(self, use_unicode: bool = True) -> None:
        self.use_unicode = use_unicode

    def loads(self, stream: BinaryIO) -> str | bytes | None:
        """The next line of a stream; None where it has NULL.

        Raises
        ------
        EOFError
            at its end

        >>> import io
        >>> from minispark.serializers import UTF8Deserializer
        >>> UTF8Deserializer(False).loads(io.BytesIO(b"\\x00\\x00\\x00\\x02ab"))
        b'ab'
        """
        length = read_int(stream)
        if length == SpecialLengths.END_OF_DATA_SECTION:
            raise EOFError
        if length == SpecialLengths.NULL:
            return None
        line = stream.read(length)
        return line.decode() if self.use_unicode else line

    def _read_frames(self, stream: BinaryIO) -> Iterator[Frame]:
        while True:
            try:
                yield self.loads(stream)
            except EOFError:
                return

    def batch(self, frame: Frame) -> Iterable[Any]:
        return [frame]

    def records(self, frames: Iterable[Frame]) -> Iterator[Any]:
        return iter(frames)

    def __repr__(self) -> str:
        return f"UTF8Deserializer({self.use_unicode})"


class _PairedDeserializer(Serializer):
    """Frames that are pairs of frames; in a stream they come one after the other."""

    def __init__(self, key_ser: FrameCodec, val_ser: FrameCodec) -> None:
        self.key_ser = key_ser
        self.val_ser = val_ser

    def _read_frames(self, stream: BinaryIO) -> Iterator[Frame]:
        return zip(  # to the end of the shorter one
            self.key_ser._read_frames(stream), self.val_ser._read_frames(stream), strict=False
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key_ser}, {self.val_ser})"


class CartesianDeserializer(_PairedDeserializer):
    """Every record of the left frame with every record of the right, left-major.

    >>> from minispark.serializers import BatchedSerializer, CartesianDeserializer
    >>> from minispark.serializers import PickleSerializer
    >>> each = BatchedSerializer(PickleSerializer())
    >>> CartesianDeserializer(each, each) == CartesianDeserializer(each, each)
    True
    """

    def batch(self, frame: Frame) -> Iterable[Any]:
        left, right = frame
        return product(self.key_ser.batch(left), self.val_ser.batch(right))


class PairDeserializer(_PairedDeserializer):
    """The records of the left frame with those of the right, one to one.

    >>> from minispark.serializers import BatchedSerializer, PairDeserializer, PickleSerializer
    >>> each = BatchedSerializer(PickleSerializer())
    >>> PairDeserializer(each, each) == PairDeserializer(each, each)
    True
    """

    def batch(self, frame: Frame) -> Iterable[Any]:
        left, right = list(self.key_ser.batch(frame[0])), list(self.val_ser.batch(frame[1]))
        if len(left) != len(right):
            raise ValueError(
                "Can not deserialize PairRDD with different number of items in batches: "
                f"({len(left)}, {len(right)})"
            )
        return zip(left, right, strict=True)
