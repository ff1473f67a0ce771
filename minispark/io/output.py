"""Text output: part files, written by tasks and put into place when the job is done.

For whatever saves records as text. As in Hadoop's FileOutputCommitter (algorithm version 1): a task
writes below `_temporary` and commits by one rename; the job's commit moves all part files up, and
`_SUCCESS` comes last. So a part file under its final name is complete, and a directory with
`_SUCCESS` holds all of them. Must not know: what an RDD is, how tasks are scheduled.

What is left in the directory: after success the part files and `_SUCCESS`, each local one with its
checksum file, as Spark leaves them; after `abort` an empty directory, as in Spark; after a
crash of the program `_temporary`, which readers skip.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from minispark.errors import SparkException
from minispark.io.codecs import Codec, codec_of_class
from minispark.io.filesystem import FileSystem, child, file_system_of, name_of, qualified

_FLUSH_SIZE = 1 << 17


def _new_job_id() -> str:
    # Not from the random module: drawing from it would change what the user's program draws.
    return time.strftime("%Y%m%d%H%M%S") + str(int.from_bytes(os.urandom(8), "big") >> 1)


@dataclass(frozen=True)
class TextOutput:
    """One job that writes a directory of text files; can be pickled and sent to its tasks.

    The driver calls `setup`, then each task `write_partition`, then the driver `commit`; or `abort`
    when a task failed for good.

    Parameters
    ----------
    path: the directory to write, relative to the working directory or with a scheme.
    compression_codec_class: the Java class name of a Hadoop codec; None for plain text.

    Raises SparkException for an unknown codec, and for an empty path.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     output = TextOutput(f"{directory}/out")
    ...     output.setup()
    ...     output.write_partition(0, 0, 7, iter([b"a", b"b"]))
    ...     output.commit()
    ...     sorted(os.listdir(f"{directory}/out"))
    ['._SUCCESS.crc', '.part-00000.crc', '_SUCCESS', 'part-00000']
    """

    path: str
    compression_codec_class: str | None = None
    job_id: str = field(default_factory=_new_job_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", qualified(self.path))
        self._codec()  # refuses an unknown class before anything is written

    def setup(self) -> None:
        """Makes the directory.

        Raises SparkException (org.apache.hadoop.mapred.FileAlreadyExistsException) where the path
        exists, before anything is written.
        """
        fs = file_system_of(self.path)
        if fs.status(self.path) is not None:
            raise SparkException(
                f"Output directory {self.path} already exists",
                "org.apache.hadoop.mapred.FileAlreadyExistsException",
            )
        fs.make_directories(self._attempts)

    def write_partition(
        self, partition: int, attempt: int, task_id: int, records: Iterator[bytes]
    ) -> None:
        """Writes the records of one partition, a line each, and commits the task.

        When this raises, nothing of the attempt is left. Of several attempts at a partition
        the one that commits last counts.
        """
        fs = file_system_of(self.path)
        codec = self._codec()
        name = f"part-{partition:05d}" + ("" if codec is None else codec.suffix)
        directory = child(
            self._attempts, f"attempt_{self.job_id}_m_{partition:06d}_{attempt}_{task_id}"
        )
        committed = child(self._job, f"task_{self.job_id}_m_{partition:06d}")
        try:
            fs.make_directories(directory)
            _write_lines(fs, child(directory, name), codec, records)
            fs.delete(committed)
            fs.rename(directory, committed)
        except BaseException:
            fs.delete(directory)
            raise

    def commit(self) -> None:
        """Moves the part files of all committed tasks into place, and marks the success."""
        fs = file_system_of(self.path)
        for task in sorted(fs.children(self._job), key=lambda entry: entry.path):
            if name_of(task.path) == "_temporary":
                continue
            # A checksum file goes before its part file, which is then never without it.
            for file in sorted(fs.children(task.path), key=lambda entry: entry.path):
                fs.rename(file.path, child(self.path, name_of(file.path)))
        fs.delete(self._temporary)
        with fs.create(child(self.path, "_SUCCESS")):
            pass  # an empty file

    def abort(self) -> None:
        """Removes what tasks have written, committed or not; the directory stays, empty."""
        file_system_of(self.path).delete(self._temporary)

    @property
    def _temporary(self) -> str:
        return child(self.path, "_temporary")

    @property
    def _job(self) -> str:
        return child(self._temporary, "0")

    @property
    def _attempts(self) -> str:
        return child(self._job, "_temporary")

    def _codec(self) -> Codec | None:
        name = self.compression_codec_class
        return codec_of_class(name) if name else None


def _write_lines(fs: FileSystem, path: str, codec: Codec | None, records: Iterator[bytes]) -> None:
    compressor = None if codec is None else codec.compressor()
    buffer = bytearray()
    with fs.create(path) as file:
        for record in records:
            buffer += record
            buffer += b"\n"
            if len(buffer) >= _FLUSH_SIZE:
                data = bytes(buffer)
                file.write(data if compressor is None else compressor.compress(data))
                buffer.clear()
        data = bytes(buffer)
        file.write(data if compressor is None else compressor.compress(data) + compressor.flush())
