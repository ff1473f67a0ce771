"""Frames that are RDDs of rows: an engine that computes nothing but what an RDD does.

For `minispark.sql.frames`, which chooses it. Rows move in batches, as Spark's JVM hands them to
Python; where a file's rows begin and end, and which partition they are in, is `minispark.io`.
Must not know: sessions, and what programs see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from minispark.core.context.base import native
from minispark.engine.lineage import MapPartitionsNode, Node
from minispark.engine.serializers import (
    BatchedSerializer,
    CloudPickleSerializer,
    Frame,
    FrameCodec,
)
from minispark.errors import (
    AnalysisException,
    ArithmeticException,
    IllegalArgumentException,
    SparkException,
)
from minispark.errors.exceptions.captured import JOB_FAILURES
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
from minispark.sql.types import (
    ArrayType,
    CharType,
    DataType,
    DecimalType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    VarcharType,
)

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.core.rdd import RDD
    from minispark.sql.settings import Settings
    from minispark.storagelevel import StorageLevel

FrameFunction = Callable[[int, Iterator[Frame]], Iterator[Frame]]

__all__ = ["RowEngine"]

_LONGEST = 1 << 63
_MOST_DIGITS = 38
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


class RowTuples(RowBatches):
    """The same batches, read as the tuples of values that they hold: what counts needs no Rows."""

    def batch(self, frame: Frame) -> Iterable[Any]:
        _, rows = CloudPickleSerializer().loads(frame)
        return rows  # type: ignore[no-any-return]


class RowFrame:
    """A node of a lineage that has rows, and what its columns are."""

    def __init__(self, rows: RDD[Row], schema: StructType) -> None:
        self._rows = rows
        self.schema = schema
        self._level: StorageLevel | None = None

    def rdd(self) -> RDD[Row]:
        # A step of its own: that the rows are kept is not seen in it, as in Spark.
        context = self._rows.ctx
        return context._rdd(context._behind(self._rows._node, _SITE), RowBatches())

    def collect(self) -> list[Row]:
        with _own_errors():
            return self._rows.collect()

    def take(self, count: int) -> list[Row]:
        with _own_errors():
            return self._rows.take(count)

    def count(self) -> int:
        with _own_errors():
            return self._rows.ctx._rdd(self._rows._node, RowTuples()).count()

    def renamed(self, names: list[str]) -> RowFrame:
        fields = [
            StructField(name, field.dataType, field.nullable, field.metadata)
            for name, field in zip(names, self.schema.fields, strict=True)
        ]
        return self._behind(partial(_renamed, names), StructType(fields))

    def persist(self, level: StorageLevel) -> None:
        if self._level is None:
            self._rows.persist(level)
            self._level = level

    def unpersist(self, blocking: bool) -> None:
        if self._level is not None:
            self._rows.unpersist(blocking)
            self._level = None

    def storage_level(self) -> StorageLevel | None:
        return self._level

    def _behind(self, function: FrameFunction, schema: StructType) -> RowFrame:
        return RowFrame(_step(self._rows.ctx, self._rows._node, function), schema)


def _step(context: SparkContext, before: Node, function: FrameFunction) -> RDD[Any]:
    """Rows that the engine itself makes of the frames of a node."""
    node = MapPartitionsNode(context._engine.new_node_id(), _SITE, before, function)
    return context._rdd(node, RowBatches())


@contextmanager
def _own_errors() -> Iterator[None]:
    """Errors of rows that are not as their schema says reach the program as what they are."""
    try:
        yield
    except JOB_FAILURES as error:
        if isinstance(error.__cause__, (ArithmeticException, IllegalArgumentException)):
            raise error.__cause__ from None
        raise


class RowEngine:
    """Frames on RDDs of one context."""

    def __init__(self, context: SparkContext, settings: Settings) -> None:
        self._context = context
        self._settings = settings

    def of_rows(self, rows: RDD[Any], schema: StructType) -> RowFrame:
        from minispark.sql.values import row_reader

        _refuse_lengths(schema)
        _check_decimals(schema)
        binary = bytes if self._settings.flag(names.BINARY_AS_BYTES) else bytearray
        read = partial(_read_rows, rows._codec, schema.names, row_reader(schema, binary))
        return RowFrame(_step(self._context, rows._node, read), schema)

    def range(self, start: int, end: int, step: int, partitions: int) -> RowFrame:
        if step == 0:
            raise IllegalArgumentException("requirement failed: step (0) cannot be 0")
        if partitions < 1:
            raise IllegalArgumentException(
                f"numPartitions is at least 1, not {partitions}: a range needs a partition"
            )
        for name, value in (("start", start), ("end", end), ("step", step)):
            if not -_LONGEST <= value < _LONGEST:
                raise IllegalArgumentException(f"{name} is an int of 64 bits, not {value}")
        count = max(0, -((start - end) // step))
        edges = [start + part * count // partitions * step for part in range(partitions + 1)]
        slices = [range(low, high, step) for low, high in pairwise(edges)] if count else []
        schema = StructType([StructField("id", LongType(), nullable=False)])
        return self._frame("RangeRDD", lambda: slices, _read_range, schema)

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


def _refuse_lengths(schema: StructType) -> None:
    for field in schema.fields:
        if isinstance(field.dataType, (CharType, VarcharType)):
            raise SparkException(
                "[INTERNAL_ERROR] Logical plan should not have output of char/varchar type when "
                f"spark.sql.preserveCharVarcharTypeInfo is false: the column {field.name} is of "
                f"the type {field.dataType.simpleString()}, give it the type string"
            )


def _check_decimals(kind: DataType) -> None:
    """Refuse decimals of a size that there is none of, wherever they are in a type."""
    if isinstance(kind, StructType):
        for field in kind.fields:
            _check_decimals(field.dataType)
    elif isinstance(kind, ArrayType):
        _check_decimals(kind.elementType)
    elif isinstance(kind, MapType):
        _check_decimals(kind.keyType)
        _check_decimals(kind.valueType)
    elif isinstance(kind, DecimalType):
        _check_decimal(kind.precision, kind.scale)


def _check_decimal(precision: int, scale: int) -> None:
    if scale < 0:
        setting = "spark.sql.legacy.allowNegativeScaleOfDecimal"
        raise AnalysisException(
            f'Negative scale is not allowed: \'{scale}\'. Set the config "{setting}" to "true" '
            "to allow it. SQLSTATE: 0A000",
            errorClass="NEGATIVE_SCALE_DISALLOWED",
            messageParameters={"scale": str(scale), "sqlConf": f'"{setting}"'},
        )
    if scale > precision:
        raise AnalysisException(
            f"Decimal scale ({scale}) cannot be greater than precision ({precision}). "
            "SQLSTATE: 22003",
            errorClass="DECIMAL_SCALE_EXCEEDS_PRECISION",
            messageParameters={"scale": str(scale), "precision": str(precision)},
        )
    if precision > _MOST_DIGITS:
        raise ArithmeticException(
            f"Decimal precision {precision} exceeds max precision {_MOST_DIGITS}. SQLSTATE: 22003",
            errorClass="DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
            messageParameters={"precision": str(precision), "maxPrecision": str(_MOST_DIGITS)},
        )


def _read_rows(
    codec: FrameCodec,
    names: list[str],
    read: Callable[[Any], tuple[Any, ...]],
    _partition: int,
    frames: Iterator[Frame],
) -> Iterator[Frame]:
    return RowBatches().write(names, map(read, codec.records(frames)))


def _renamed(names: list[str], _partition: int, frames: Iterator[Frame]) -> Iterator[Frame]:
    return RowBatches().write(names, map(tuple, RowBatches().records(frames)))


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
