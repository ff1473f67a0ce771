"""Frames that are RDDs of rows: an engine that computes nothing but what an RDD does.

For `minispark.sql.frames`, which chooses it. Rows move in batches, as Spark's JVM hands them to
Python; where a file's rows begin and end, and which partition they are in, is `minispark.io`.
Must not know: sessions, and what programs see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from minispark.core.context.base import native
from minispark.engine.serializers import BatchedSerializer, CloudPickleSerializer, Frame
from minispark.errors import AnalysisException, IllegalArgumentException, SparkException
from minispark.io.filesystem import FileStatus
from minispark.io.scan import (
    NoDirectoriesOfValues,
    Packing,
    PathNotFound,
    packed,
    scanned_files,
)
from minispark.io.splits import FileSplit
from minispark.sql import settings as names
from minispark.sql.absent import not_there_yet
from minispark.sql.frames import TextInput
from minispark.sql.row import Row, make_row
from minispark.sql.types import LongType, StringType, StructField, StructType

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.core.rdd import RDD
    from minispark.sql.settings import Settings

__all__ = ["RowEngine"]

_JVM_BATCH = 1 << 20
"""How large a batch of rows becomes before Spark stops doubling it, in bytes."""

_SITE = native("javaToPython").replace("NativeMethodAccessorImpl.java", "<unknown>")


class RowBatches(BatchedSerializer):
    """Rows in batches that say once what their fields are called.

    Equal to any other of its kind: a batch says all that is needed to read it.
    """

    def __init__(self) -> None:
        super().__init__(CloudPickleSerializer())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowBatches)

    def __hash__(self) -> int:
        return hash(RowBatches)

    def write(self, fields: list[str], rows: Iterable[Any]) -> Iterator[Frame]:
        """Tuples of values as batches of 1, 2, 4, ... rows, as Spark's JVM makes them."""
        dumps, size, iterator = self.serializer.dumps, 1, iter(rows)
        while batch := list(islice(iterator, size)):
            frame = dumps((fields, batch))
            yield frame
            if len(frame) < _JVM_BATCH:
                size *= 2
            elif len(frame) > _JVM_BATCH * 10 and size > 1:
                size //= 2

    def frames(self, records: Iterable[Any]) -> Iterator[Frame]:
        # What else is written: rows of an RDD that keeps the batches of this one.
        yield self.serializer.dumps((None, list(records)))

    def batch(self, frame: Frame) -> Iterable[Any]:
        fields, rows = CloudPickleSerializer().loads(frame)
        return rows if fields is None else map(partial(make_row, fields), rows)


class RowFrame:
    """An RDD of rows, and what its columns are."""

    def __init__(self, rows: RDD[Row], schema: StructType) -> None:
        self._rows = rows
        self.schema = schema

    def rdd(self) -> RDD[Row]:
        return self._rows

    def collect(self) -> list[Row]:
        return self._rows.collect()

    def take(self, count: int) -> list[Row]:
        return self._rows.take(count)

    def count(self) -> int:
        return self._rows.count()

    def renamed(self, names: list[str]) -> RowFrame:
        fields = [
            StructField(name, field.dataType, field.nullable, field.metadata)
            for name, field in zip(names, self.schema.fields, strict=True)
        ]
        return RowFrame(self._rows.map(partial(make_row, names)), StructType(fields))


class RowEngine:
    """Frames on RDDs of one context."""

    def __init__(self, context: SparkContext, settings: Settings) -> None:
        self._context = context
        self._settings = settings

    def of_rows(self, rows: RDD[Any], schema: StructType) -> RowFrame:
        raise NotImplementedError

    def range(self, start: int, end: int, step: int, partitions: int) -> RowFrame:
        if step == 0:
            raise IllegalArgumentException("requirement failed: step cannot be 0")
        if partitions < 1:
            raise IllegalArgumentException(
                "requirement failed: numSlices cannot be negative or zero"
            )
        numbers = range(start, end, step)
        slices = [
            numbers[part * len(numbers) // partitions : (part + 1) * len(numbers) // partitions]
            for part in range(partitions)
        ]
        schema = StructType([StructField("id", LongType(), nullable=False)])
        return self._frame("RangeRDD", lambda: slices if numbers else [], _read_range, schema)

    def _frame(
        self,
        kind: str,
        list_splits: Callable[[], Sequence[Any]],
        read: Callable[[Any], Iterator[Frame]],
        schema: StructType,
    ) -> RowFrame:
        context = self._context
        node = context._file_node(kind, _SITE, list_splits, read, None)
        return RowFrame(context._rdd(context._behind(node, _SITE), RowBatches()), schema)

    def text(self, source: TextInput) -> RowFrame:
        files = _listed(source)
        # Sizes and parallelism count when the files are read, so as Spark does it.
        splits = partial(self._partitions, files, source.is_whole)
        read = partial(_read_text, source)
        schema = StructType([StructField(source.column, StringType())])
        return self._frame("FileScanRDD", splits, read, schema)

    def _partitions(self, files: list[FileStatus], are_whole: bool) -> list[list[FileSplit]]:
        if not files:
            return []
        number = self._settings.number
        parallelism = number(names.MIN_PARTITIONS) or number(names.LEAF_PARALLELISM)
        packing = Packing(
            self._settings.size(names.MAX_PARTITION_BYTES),
            self._settings.size(names.OPEN_COST),
            parallelism or self._context.defaultParallelism,
            number(names.MAX_PARTITIONS),
        )
        try:
            return packed(files, packing, are_whole)
        except ValueError as error:
            raise IllegalArgumentException(str(error)) from None


def _listed(source: TextInput) -> list[FileStatus]:
    try:
        return scanned_files(list(source.paths), source.name_pattern, source.is_recursive)
    except PathNotFound as missing:
        raise AnalysisException(
            f"Path does not exist: {missing}. SQLSTATE: 42K03",
            errorClass="PATH_NOT_FOUND",
            messageParameters={"path": str(missing)},
        ) from None
    except NoDirectoriesOfValues as found:
        raise not_there_yet(
            f"Reading directories that are called after values, such as {found}, as columns"
        ) from None
    except SparkException as error:
        if error.java_exception_class == "java.lang.IllegalArgumentException":
            raise IllegalArgumentException(str(error)) from None
        raise


def _read_range(numbers: range) -> Iterator[Frame]:
    return RowBatches().write(["id"], ((number,) for number in numbers))


def _read_text(source: TextInput, splits: list[FileSplit]) -> Iterator[Frame]:
    values = ((value,) for split in splits for value in _values(source, split))
    return RowBatches().write([source.column], values)


def _values(source: TextInput, split: FileSplit) -> Iterator[str]:
    from minispark.io.text import decode_text, read_split_text

    try:
        if source.is_whole:
            from minispark.io.whole import WholeFileSplit, read_whole_split

            for _, content in read_whole_split(WholeFileSplit((split.path,))):
                yield decode_text(content)
        elif source.line_separator is None:
            yield from read_split_text(split)
        else:
            from minispark.io.delimited import read_delimited

            yield from map(decode_text, read_delimited(split, source.line_separator.encode()))
    except SparkException as error:
        if error.java_exception_class != "java.io.FileNotFoundException":
            raise
        path = split.path.replace(":", "://", 1) if split.path.startswith("file:") else split.path
        raise SparkException(
            f"[FAILED_READ_FILE.FILE_NOT_EXIST] Encountered error while reading file {path}. File "
            "does not exist. It is possible the underlying files have been updated.\n"
            "You can explicitly invalidate the cache in Spark by running 'REFRESH TABLE tableName' "
            "command in SQL or by recreating the Dataset/DataFrame involved. SQLSTATE: KD001"
        ) from None
