"""Inside a task: pairs of Hadoop's formats, and pickled batches in SequenceFiles.

For `core.context.hadoop` and `core.rdd.hadoop`. What is read becomes frames as Spark's JVM makes
them; what is written becomes the records of a part format. See the package's docstring for the
shape of the functions that write.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from minispark.errors import SparkException
from minispark.io.bytesource import ByteSource
from minispark.io.objectfile import BATCHES, batches_of, java_array
from minispark.io.sequence import read_sequence_split
from minispark.io.splits import FileSplit
from minispark.io.text import decode_text, read_split_with_offsets
from minispark.io.writables import BYTES, class_of, decoder, encode, java_class_of, text_of

if TYPE_CHECKING:
    from minispark.engine.taskstate import TaskState
    from minispark.io.output import FileOutput

# What Spark's JVM pickles with, and how large it wants a batch to be.
_PROTOCOL = 2
_SMALL, _LARGE = 1 << 20, 10 << 20


def read_text_pairs(split: FileSplit) -> Iterator[tuple[int, str]]:
    """(where it starts, line) of each line of a split."""
    for offset, line in read_split_with_offsets(split):
        yield offset, decode_text(line)


def read_sequence_pairs(split: FileSplit) -> Iterator[tuple[Any, Any]]:
    """(key, value) of each record of a split."""
    header, records = read_sequence_split(split)
    read_key = read_value = None
    for number, (key, value) in enumerate(records):
        if read_key is None or read_value is None:
            # Not before there is a record: a file without any is read whatever its classes are.
            read_key, read_value = decoder(header.key_class), decoder(header.value_class)
        name = f"{split.path} (record {number} of the split at {split.start}"
        yield _whole(read_key, key, f"{name}, key)"), _whole(read_value, value, f"{name}, value)")


def _whole(read: Callable[[ByteSource], Any], data: bytes, name: str) -> Any:
    source = ByteSource(iter([data]), name)
    value = read(source)
    if not source.at_end:
        raise source.damaged(f"its value has {source.position} bytes, and there are {len(data)}")
    return value


def read_batches(split: FileSplit) -> Iterator[bytes]:
    """The pickled batches of a split of a pickle file."""
    header, records = read_sequence_split(split)
    for _, value in records:
        if header.value_class != BYTES:
            raise SparkException(
                f"class {header.value_class} cannot be cast to class {BYTES}\n"
                f"{split.path} is a SequenceFile of other values: read it with sequenceFile",
                "java.lang.ClassCastException",
            )
        source = ByteSource(iter([value]), split.path)
        yield from batches_of(source.take(source.int32()), split.path)


def pickled_pairs(
    read: Callable[[FileSplit], Iterator[tuple[Any, Any]]], batch_size: int, split: FileSplit
) -> Iterator[bytes]:
    """The pairs of a split as frames of ``batch_size`` pairs; 0: of about 1 MB or more."""
    if batch_size < 0:
        raise SparkException(
            f"requirement failed: size={batch_size} and step={batch_size}, but both must be "
            "positive\nbatchSize is a number of pairs, or 0",
            "java.lang.IllegalArgumentException",
        )
    pairs = read(split)
    size = batch_size or 1
    while batch := list(islice(pairs, size)):
        frame = pickle.dumps(batch, _PROTOCOL)
        yield frame
        if batch_size == 0:
            if len(frame) < _SMALL:
                size *= 2
            elif len(frame) > _LARGE and size > 1:
                size //= 2


def check_pair(element: Any) -> None:
    """Refuse the first element of what shall be saved, if it is no pair."""
    if type(element) is not tuple or len(element) != 2:
        raise SparkException(
            f"RDD element of type {java_class_of(element)} cannot be used\n"
            "Elements are (key, value) tuples"
        )


def first_frame(task: TaskState, frames: Iterator[bytes]) -> bytes | None:
    """The first frame of the task's partition, for a look at what is in it.

    As in Spark, which then hangs up: what the task has counted is not counted.
    """
    frame = next(frames, None)
    if frame is not None:
        task.accumulators.clear()
    return frame


def encode_pairs(
    key_class: str, value_class: str, _split: int, iterator: Iterable[Any]
) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values as the bytes of the Writables that the file is to be of."""
    for key, value in map(_pair, iterator):
        for what, part, wanted in (("key", key, key_class), ("value", value, value_class)):
            if class_of(part) != wanted:
                raise SparkException(
                    f"wrong {what} class: {class_of(part)} is not class {wanted}",
                    "java.io.IOException",
                )
        yield encode(key), encode(value)


def encode_lines(separator: str, _split: int, iterator: Iterable[Any]) -> Iterator[bytes]:
    """Key and value in a line; what is None is left out, with the separator."""
    for key, value in map(_pair, iterator):
        parts = [text_of(part) for part in (key, value) if class_of(part) and part is not None]
        if parts:
            yield separator.join(parts).encode()


def _pair(element: Any) -> tuple[Any, Any]:
    if type(element) is not tuple or not element:
        raise SparkException(
            f"Argument is not an array\nAn element is a {type(element).__name__}; elements are "
            "(key, value) tuples",
            "java.lang.IllegalArgumentException",
        )
    return element[0], element[-1]


def write_batches(output: FileOutput, task: TaskState, frames: Iterator[bytes]) -> None:
    """Write the frames of the task's partition as the part of a pickle file."""
    ids, objects = task.id, _objects(frames)
    output.write_partition(ids.partition, ids.attempt, ids.task_id, objects, task.before_commit)


def _objects(frames: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while batches := list(islice(frames, BATCHES)):
        yield b"", encode(java_array(batches))
