"""Hadoop's checksum files: a CRC for every 512 bytes of a local file, in `.name.crc` beside it.

For the local file system. Every file that Spark writes to a local directory has one, and Spark
refuses to read a file that no longer matches its own; both hold here too, so the two engines
leave, accept and refuse the same files. Must not know: where the files lie.
"""

from __future__ import annotations

import io
import sys
from array import array
from typing import Self
from zlib import crc32

from minispark.errors import SparkException

_MAGIC = b"crc\x00"
_BYTES_PER_SUM = 512
_BUFFERED = 256 * _BYTES_PER_SUM


def checksum_name(name: str) -> str:
    """The name of the checksum file of the file called `name`.

    >>> checksum_name("part-00000")
    '.part-00000.crc'
    """
    return f".{name}.crc"


class ChecksumReader:
    """A stream over a file that checks every block it reads.

    Parameters
    ----------
    data: the file; closed with the stream.
    sums: all bytes of its checksum file. If it is not one, nothing is checked, as in Hadoop.
    path: the qualified path of the file, for errors.

    `read` raises SparkException (org.apache.hadoop.fs.ChecksumException) where the file and its
    checksums differ, also where the file has grown.
    """

    def __init__(self, data: io.FileIO, sums: bytes, path: str) -> None:
        self._data = data
        self._path = path
        self._position = 0
        self._block = int.from_bytes(sums[4:8], "big") if sums[:4] == _MAGIC else 0
        self._sums = array("I", sums[8 : len(sums) - len(sums) % 4])
        if sys.byteorder == "little":
            self._sums.byteswap()

    def read(self, size: int) -> bytes:
        if not self._block:
            self._data.seek(self._position)
            found = self._data.read(size)
            self._position += len(found)
            return found
        start = self._position - self._position % self._block
        end = self._position + size
        end += -end % self._block
        self._data.seek(start)
        found = self._data.read(end - start)
        self._verify(found, start)
        wanted = found[self._position - start :][:size]
        self._position += len(wanted)
        return wanted

    def seek(self, position: int) -> int:
        self._position = position
        return position

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._data.close()

    def _verify(self, found: bytes, start: int) -> None:
        block, view, first = self._block, memoryview(found), start // self._block
        for offset in range(0, len(found), block):
            index = first + offset // block
            if index >= len(self._sums):
                self._fail(f"at {start + offset}")
            expected, computed = self._sums[index], crc32(view[offset : offset + block])
            if expected != computed:
                self._fail(f"at {start + offset} exp: {_signed(expected)} got: {_signed(computed)}")

    def _fail(self, what: str) -> None:
        directory, _, name = self._path.rpartition("/")
        raise SparkException(
            f"Checksum error: {self._path} {what}\n"
            f"The file is damaged, or was changed after it was written; if the change was meant, "
            f"delete its checksum file {directory}/{checksum_name(name)}",
            "org.apache.hadoop.fs.ChecksumException",
        )


class ChecksumWriter:
    """A stream that writes a file and its checksum file; both are complete when it is closed."""

    def __init__(self, path: str, sums_path: str) -> None:
        self._buffer = bytearray()
        self._data = io.FileIO(path, "w")
        try:
            self._sums = io.BufferedWriter(io.FileIO(sums_path, "w"))
        except BaseException:
            self._data.close()
            raise
        self._sums.write(_MAGIC + _BYTES_PER_SUM.to_bytes(4, "big"))

    def write(self, data: bytes) -> int:
        self._buffer += data
        if len(self._buffer) >= _BUFFERED:
            self._write_out(len(self._buffer) - len(self._buffer) % _BYTES_PER_SUM)
        return len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._write_out(len(self._buffer))
        finally:
            try:
                self._data.close()
            finally:
                self._sums.close()

    def _write_out(self, size: int) -> None:
        sums = array("I")
        with memoryview(self._buffer) as view:
            for offset in range(0, size, _BYTES_PER_SUM):
                sums.append(crc32(view[offset : min(size, offset + _BYTES_PER_SUM)]))
            written = 0
            while written < size:  # an unbuffered file may take less than it was given
                written += self._data.write(view[written:size])
        if sys.byteorder == "little":
            sums.byteswap()
        self._sums.write(sums.tobytes())
        del self._buffer[:size]


def _signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value
