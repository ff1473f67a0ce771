"""Hadoop's SequenceFiles: a header, then records of a key and a value, as bytes.

For the formats of pairs. As in Hadoop's SequenceFile (version 6), byte for byte but for the random
marks: a *sync mark* stands in the file every 100 KB or before each compressed block, so that a
reader can begin at the first one in its split. Must not know: what keys and values mean.

    header    SEQ 6, class of keys, class of values, is it compressed, in blocks, codec, metadata,
              the 16 bytes of the sync mark
    record    length of both, length of the key, key, value; the value compressed, if records are
    sync      -1, the sync mark
    block     sync, number of records, then compressed each: lengths of the keys, keys, lengths of
              the values, values
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from minispark.errors import SparkException
from minispark.io.bytesource import END_OF_FILE, ByteSource, vint_bytes
from minispark.io.codecs import Codec, codec_of_class
from minispark.io.filesystem import InputStream, OutputStream, file_system_of, pieces_of
from minispark.io.splits import FileSplit
from minispark.io.writables import encode_text, take_text

_MAGIC = b"SEQ"
_VERSION = 6
_OLDEST = 4
_DEFAULT_CODEC = "org.apache.hadoop.io.compress.DefaultCodec"
_SYNC_SIZE = 16
_ESCAPE = b"\xff\xff\xff\xff"
# How far sync marks lie apart, in bytes; no split is smaller.
SYNC_INTERVAL = 5 * 1024 * (len(_ESCAPE) + _SYNC_SIZE)
# How many bytes of keys and values make a block, before they are compressed.
_BLOCK_SIZE = 1_000_000
_FLUSH_SIZE = 1 << 17


@dataclass(frozen=True)
class Header:
    """What a SequenceFile says of itself: the classes of keys and values, how it is compressed."""

    key_class: str
    value_class: str
    codec_class: str | None = None
    in_blocks: bool = False
    metadata: tuple[tuple[str, str], ...] = ()

    def bytes(self, sync: bytes) -> bytes:
        """The header as it stands in the file."""
        parts = [
            _MAGIC,
            bytes([_VERSION]),
            encode_text(self.key_class),
            encode_text(self.value_class),
        ]
        parts.append(bytes([self.codec_class is not None, self.in_blocks]))
        if self.codec_class is not None:
            parts.append(encode_text(self.codec_class))
        parts.append(len(self.metadata).to_bytes(4, "big"))
        parts += (encode_text(name) + encode_text(value) for name, value in self.metadata)
        return b"".join([*parts, sync])


def read_sequence_split(split: FileSplit) -> tuple[Header, Iterator[tuple[bytes, bytes]]]:
    """The header of a split's file, and the (key, value) records of the split as bytes.

    As in Hadoop: a split holds what follows the first sync mark in it up to the first one at or
    after its end. The file is open until the records have been read, or the iterator is closed.
    Memory holds one record and a piece of the file.

    Raises SparkException (java.io.IOException or EOFException) where the file is no SequenceFile,
    or is damaged; it names the file and the byte.
    """
    records = _records(split)
    header = next(records)
    assert isinstance(header, Header)
    return header, records  # type: ignore[return-value]


def _records(split: FileSplit) -> Iterator[Header | tuple[bytes, bytes]]:
    fs = file_system_of(split.path)
    status = fs.status(split.path)
    with fs.open(split.path) as file:
        length = split.start + split.length if status is None else status.length
        source = ByteSource(pieces_of(file), split.path)
        header, sync = _read_header(source)
        yield header
        end = split.start + split.length
        if split.start > source.position:
            source = _at_sync(file, split, sync, length)
        if source.position >= end:
            return
        codec = None if header.codec_class is None else codec_of_class(header.codec_class)
        if header.in_blocks and codec is not None:
            yield from _block_records(source, sync, codec, end)
        else:
            yield from _single_records(source, sync, codec, end, length)


def _read_header(source: ByteSource) -> tuple[Header, bytes]:
    try:
        magic = source.take(len(_MAGIC) + 1)
    except SparkException as short:
        if short.java_exception_class != END_OF_FILE:
            raise
        raise SparkException(f"{source.name} not a SequenceFile", END_OF_FILE) from short
    if magic[:3] != _MAGIC:
        raise SparkException(f"{source.name} not a SequenceFile", "java.io.IOException")
    version = magic[3]
    if version > _VERSION:
        raise SparkException(
            f"A record version mismatch occurred. Expecting v{_VERSION}, found v{version}\n"
            f"in {source.name}",
            "org.apache.hadoop.io.VersionMismatchException",
        )
    if version < _OLDEST:
        raise source.damaged(f"it is of version {version}; read are {_OLDEST} to {_VERSION}")
    key_class, value_class = take_text(source), take_text(source)
    compressed, in_blocks = (byte != 0 for byte in source.take(2))
    codec_class = None
    if compressed:
        codec_class = take_text(source) if version >= 5 else _DEFAULT_CODEC
    metadata = []
    if version >= 6:
        count = source.int32()
        if count < 0:
            raise source.damaged(f"{count} entries of metadata")
        metadata = [(take_text(source), take_text(source)) for _ in range(count)]
    header = Header(key_class, value_class, codec_class, in_blocks, tuple(metadata))
    return header, source.take(_SYNC_SIZE)


def _at_sync(file: InputStream, split: FileSplit, sync: bytes, length: int) -> ByteSource:
    """The file from the first sync mark whose escape is at or after the split's start."""
    file.seek(split.start + len(_ESCAPE))
    source = ByteSource(pieces_of(file), split.path, split.start + len(_ESCAPE))
    if not source.skip_to(sync):
        return ByteSource(iter(()), split.path, length)
    at = source.position - len(_ESCAPE)
    file.seek(at)
    return ByteSource(pieces_of(file), split.path, at)


def _single_records(
    source: ByteSource, sync: bytes, codec: Codec | None, end: int, file_length: int
) -> Iterator[tuple[bytes, bytes]]:
    while not source.at_end:
        at = source.position
        length = source.int32()
        if length == -1:
            _check_sync(source, sync)
            if at >= end or source.at_end:
                return
            length = source.int32()
        key_length = source.int32()
        if not 0 <= key_length <= length:
            raise source.damaged(f"a record of {length} bytes with a key of {key_length} bytes")
        if length > file_length - source.position:
            raise source.damaged(
                f"a record of {length} bytes where {file_length - source.position} are left",
                END_OF_FILE,
            )
        key = source.take(key_length)
        value_at = source.position
        value = source.take(length - key_length)
        if codec is not None:
            where = f"{source.name} (the value at byte {value_at})"
            value = b"".join(codec.decompress([value], where))
        yield key, value


def _block_records(
    source: ByteSource, sync: bytes, codec: Codec, end: int
) -> Iterator[tuple[bytes, bytes]]:
    while source.position < end and not source.at_end:
        at = source.position
        if source.int32() != -1:
            raise source.damaged("a block without a sync mark before it")
        _check_sync(source, sync)
        count = source.vint()
        if count < 0:
            raise source.damaged(f"a block of {count} records")
        key_lengths, keys, value_lengths, values = (
            ByteSource(
                codec.decompress([source.take(source.vint())], f"{source.name} (block at {at})"),
                f"{source.name} (the {what} of the block at byte {at})",
            )
            for what in ("key lengths", "keys", "value lengths", "values")
        )
        for _ in range(count):
            yield keys.take(key_lengths.vint()), values.take(value_lengths.vint())


def _check_sync(source: ByteSource, sync: bytes) -> None:
    if source.take(_SYNC_SIZE) != sync:
        raise SparkException(
            f"File is corrupt!\n{source.name} has another sync mark before byte {source.position} "
            "than at its start",
            "java.io.IOException",
        )


class SequenceWriter:
    """Writes a SequenceFile: `append` records, then `close`, which leaves the stream open."""

    def __init__(self, file: OutputStream, header: Header) -> None:
        self._file = file
        self._codec = None if header.codec_class is None else codec_of_class(header.codec_class)
        self._block = _Block() if header.in_blocks and self._codec is not None else None
        self._sync = os.urandom(_SYNC_SIZE)
        self._buffer = bytearray(header.bytes(self._sync))
        self._written = 0  # bytes that have left the buffer
        self._last_sync = 0

    def append(self, key: bytes, value: bytes) -> None:
        if self._block is not None:
            self._block.append(key, value)
            if self._block.size >= _BLOCK_SIZE:
                self._write_block(self._block)
            return
        if self._codec is not None:
            value = _compressed(self._codec, value)
        if self._position >= self._last_sync + SYNC_INTERVAL:
            self._write_sync()
        self._buffer += (len(key) + len(value)).to_bytes(4, "big")
        self._buffer += len(key).to_bytes(4, "big")
        self._buffer += key
        self._buffer += value
        if len(self._buffer) >= _FLUSH_SIZE:
            self._flush()

    def close(self) -> None:
        if self._block is not None and self._block.count:
            self._write_block(self._block)
        self._flush()

    @property
    def _position(self) -> int:
        return self._written + len(self._buffer)

    def _write_sync(self) -> None:
        self._buffer += _ESCAPE + self._sync
        self._last_sync = self._position

    def _write_block(self, block: _Block) -> None:
        assert self._codec is not None
        self._write_sync()
        self._buffer += vint_bytes(block.count)
        for part in (block.key_lengths, block.keys, block.value_lengths, block.values):
            data = _compressed(self._codec, bytes(part))
            self._buffer += vint_bytes(len(data)) + data
        self._flush()
        self._block = _Block()

    def _flush(self) -> None:
        self._file.write(bytes(self._buffer))
        self._written += len(self._buffer)
        self._buffer.clear()


class _Block:
    """The records of a block that is not written yet."""

    def __init__(self) -> None:
        self.count = 0
        self.key_lengths = bytearray()
        self.keys = bytearray()
        self.value_lengths = bytearray()
        self.values = bytearray()

    @property
    def size(self) -> int:
        return len(self.keys) + len(self.values)

    def append(self, key: bytes, value: bytes) -> None:
        self.count += 1
        self.key_lengths += vint_bytes(len(key))
        self.keys += key
        self.value_lengths += vint_bytes(len(value))
        self.values += value


def _compressed(codec: Codec, data: bytes) -> bytes:
    compressor = codec.compressor()
    return compressor.compress(data) + compressor.flush()
