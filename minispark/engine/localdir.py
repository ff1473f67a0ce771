"""The directories in which one context keeps its files, and their end.

Each context owns one directory below each of ``spark.local.dir``, readable by its user alone. They
go with ``stop()``. A process that was killed could not do that, so each start removes the
directories whose owner is gone: an owner holds a lock on a file in its directory, and the system
takes the lock from a process that ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Sequence
from typing import IO

from minispark.engine.events import log_warning
from minispark.errors import SparkException

_PREFIX = "minispark-"
_UNOWNED = "new-minispark-"
_LOCK = "owner.lock"


class LocalDirectory:
    """``<parent>/minispark-<random>/``, made at once, mode 0700."""

    def __init__(self, parent: str | None = None) -> None:
        import tempfile  # where it is needed: not in worker processes

        root = parent or tempfile.gettempdir()
        os.makedirs(root, exist_ok=True)
        _remove_stale(root)
        # It gets the name under which others look for stale ones when it has its lock.
        new = tempfile.mkdtemp(prefix=_UNOWNED, dir=root)
        self._lock = open(os.path.join(new, _LOCK), "wb")  # noqa: SIM115  # held until remove()
        _try_lock(self._lock)
        self.path = os.path.join(root, os.path.basename(new).replace(_UNOWNED, _PREFIX))
        os.rename(new, self.path)
        self._pid = os.getpid()

    def remove(self) -> None:
        """Remove the directory and all in it. A forked child of the owner removes nothing."""
        self._lock.close()
        if os.getpid() == self._pid:
            import shutil

            shutil.rmtree(self.path, ignore_errors=True)


class LocalDirectories:
    """A directory of a context's own below each of ``parents`` (none: below the system's temporary
    directory), over which its files are spread.

    As in Spark: where none can be made, that is logged, and the others are used. Raises
    SparkException if there is no other.
    """

    def __init__(self, parents: Sequence[str] = ()) -> None:
        self._directories: list[LocalDirectory] = []
        failures: list[OSError] = []
        for parent in parents or (None,):
            try:
                self._directories.append(LocalDirectory(parent))
            except OSError as exc:
                failures.append(exc)
                log_warning(f"spark.local.dir: no directory can be made below {parent}: {exc}")
        if not self._directories:
            raise SparkException(
                f"Failed to get a temp directory under [{','.join(parents)}]: "
                f"{'; '.join(map(str, failures))}. spark.local.dir, and the environment variable "
                "SPARK_LOCAL_DIRS, which goes before it, say where directories are made",
                "java.io.IOException",
            ) from failures[0]
        self.paths = [directory.path for directory in self._directories]
        self.path = self.paths[0]

    def file(self, name: str) -> str:
        """The path of the file ``name``: always in the same one of the directories."""
        return place_of(name, self.paths)

    def remove(self) -> None:
        """Remove them and all in them. A forked child of the owner removes nothing."""
        for directory in self._directories:
            directory.remove()


def place_of(name: str, directories: Sequence[str]) -> str:
    """The path of the file ``name`` in one of ``directories``: the one that its hash says."""
    return os.path.join(directories[zlib.crc32(name.encode()) % len(directories)], name)


def remove_file(path: str) -> None:
    """Remove a file that may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _remove_stale(root: str) -> None:
    import shutil

    for entry in os.scandir(root):
        if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
            try:
                lock = open(os.path.join(entry.path, _LOCK), "r+b")  # noqa: SIM115  # closed below
            except OSError:
                continue  # another user's, or none of ours
            with lock:
                is_stale = _try_lock(lock)
            if is_stale:
                shutil.rmtree(entry.path, ignore_errors=True)


def _try_lock(file: IO[bytes]) -> bool:
    """Lock a file, if nobody else has; until it is closed or the process ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
