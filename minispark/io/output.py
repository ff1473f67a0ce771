"""Output: part files, written by tasks and put into place when the job is done.

For whatever saves records; what a part file holds is a *format* (`minispark.io.formats`). As in
Hadoop's FileOutputCommitter (algorithm version 1): a task writes below `_temporary` and commits by
one rename; the job's commit moves all part files up, and `_SUCCESS` comes last. So a part file
under its final name is complete, and a directory with `_SUCCESS` holds all of them.
Must not know: what an RDD is, how tasks are scheduled.

What is left in the directory: after success the part files and `_SUCCESS`, each local one with its
checksum file, as Spark leaves them; after `abort` an empty directory, as in Spark; after a
crash of the program `_temporary`, which readers skip.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from minispark.errors import SparkException
from minispark.io.filesystem import child, file_system_of, name_of, qualified
from minispark.io.formats import LineFormat, PartFormat


def _new_job_id() -> str:
    # Not from the random module: drawing from it would change what the user's program draws.
    return time.strftime("%Y%m%d%H%M%S") + str(int.from_bytes(os.urandom(8), "big") >> 1)


_LINES = LineFormat()


@dataclass(frozen=True)
class FileOutput:
    """One job that writes a directory of part files; can be pickled and sent to its tasks.

    The driver calls `setup`, then each task `write_partition`, then the driver `commit`; or `abort`
    when a task failed for good.

    Parameters
    ----------
    path: the directory to write, relative to the program's home (see `home`) or with a scheme.
    format: what is written into a part file.
    part_prefix: the names of part files, but for their numbers.
    may_exist: whether the directory may be there already; its files stay, but for those of the
        same names.
    mark_success: whether `_SUCCESS` is written.
    name: what the directory is called where it may not exist; None: its qualified path.

    Raises SparkException for an empty path.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     output = FileOutput(f"{directory}/out")
    ...     output.setup()
    ...     output.write_partition(0, 0, 7, iter([b"a", b"b"]))
    ...     output.commit()
    ...     sorted(os.listdir(f"{directory}/out"))
    ['._SUCCESS.crc', '.part-00000.crc', '_SUCCESS', 'part-00000']
    """

    path: str
    format: PartFormat = _LINES
    part_prefix: str = "part-"
    may_exist: bool = False
    mark_success: bool = True
    name: str | None = None
    job_id: str = field(default_factory=_new_job_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", qualified(self.path))

    def setup(self) -> None:
        """Makes the directory.

        Raises SparkException (org.apache.hadoop.mapred.FileAlreadyExistsException) where the path
        exists, before anything is written.
        """
        fs = file_system_of(self.path)
        if not self.may_exist and fs.status(self.path) is not None:
            raise SparkException(
                f"Output directory {self.name or self.path} already exists",
                "org.apache.hadoop.mapred.FileAlreadyExistsException",
            )
        fs.make_directories(self._attempts)

    def write_partition(
        self,
        partition: int,
        attempt: int,
        task_id: int,
        records: Iterator[Any],
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        """Writes the records of one partition, and commits the task.

        When this raises, nothing of the attempt is left. `before_commit` is called before the part
        file is put in place, and may raise; where it does not, of several attempts at a partition
        the one that commits last counts.
        """
        fs = file_system_of(self.path)
        name = f"{self.part_prefix}{partition:05d}{self.format.suffix}"
        directory = child(
            self._attempts, f"attempt_{self.job_id}_m_{partition:06d}_{attempt}_{task_id}"
        )
        committed = child(self._job, f"task_{self.job_id}_m_{partition:06d}")
        try:
            fs.make_directory(directory)
            with fs.create(child(directory, name)) as file:
                self.format.write(file, records)
            if before_commit is not None:
                before_commit()
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
                target = child(self.path, name_of(file.path))
                if self.may_exist:
                    fs.delete(target)
                fs.rename(file.path, target)
        fs.delete(self._temporary)
        if not self.mark_success:
            return
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
