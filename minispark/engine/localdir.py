"""The directories in which one context keeps its files, and their end.

Each context owns one directory below each of ``spark.local.dir``, readable by its user alone. They
go with ``stop()``. A process that was killed could not do that, so each start removes the
directories whose owner is gone: an owner holds a lock on a file in its directory, and the system
takes the lock from a process that ends, however it ends.

What is read from there is unpickled, which runs whatever code stands in it. So a file gets its name
only as long as its directory is the user's own, and a file of another user is not read.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
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
        if _is_open_to_all(os.stat(root)):
            log_warning(
                f"spark.local.dir: {root} has no sticky bit, so everyone can remove what is in it"
            )
        _remove_stale(root)
        # It gets the name under which others look for stale ones when it has its lock.
        new = tempfile.mkdtemp(prefix=_UNOWNED, dir=root)
        self._lock = open(os.path.join(new, _LOCK), "wb")  # noqa: SIM115  # held until remove()
        _try_lock(self._lock)
        self.path = os.path.join(root, os.path.basename(new).replace(_UNOWNED, _PREFIX))
        os.rename(new, self.path)
        self._pid = os.getpid()
        self._making = threading.Lock()
        self._is_removed = False

    def check(self) -> None:
        """See to it that the directory is there, and that nobody else can write into it.

        One that somebody has removed is made again: what was in it is lost, and no more. Raises
        SparkException for one that is not this user's own.
        """
        try:
            found = os.lstat(self.path)
        except FileNotFoundError:
            self._make_again()
            return
        if not _is_own_directory(found):
            raise SparkException(
                f"{self.path} is not this context's directory any more: it belongs to another "
                "user, or others can write into it. spark.local.dir says where it is made"
            )

    def _make_again(self) -> None:
        with self._making:
            if self._is_removed or os.path.lexists(self.path):
                return
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            os.mkdir(self.path, 0o700)
            self._lock.close()
            self._lock = open(os.path.join(self.path, _LOCK), "wb")  # noqa: SIM115  # as before
            _try_lock(self._lock)
        log_warning(f"{self.path} was removed, and is made again; what was in it is lost")

    def remove(self) -> None:
        """Remove the directory and all in it. A forked child of the owner removes nothing."""
        with self._making:
            self._is_removed = True
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
        self._by_path = dict(zip(self.paths, self._directories, strict=True))

    def file(self, name: str) -> str:
        """The path of the file ``name``: always in the same one of the directories.

        That one is there, and the user's own; raises SparkException if it is not.
        """
        path = place_of(name, self.paths)
        self._by_path[os.path.dirname(path)].check()
        return path

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


def is_own(status: os.stat_result) -> bool:
    """Whether a file is this process's user's."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def _is_own_directory(status: os.stat_result) -> bool:
    """Whether a directory is the user's, and nobody else can write into it."""
    by_others = stat.S_IWGRP | stat.S_IWOTH
    is_closed = os.name == "nt" or not status.st_mode & by_others
    return stat.S_ISDIR(status.st_mode) and is_own(status) and is_closed


def _is_open_to_all(status: os.stat_result) -> bool:
    return bool(status.st_mode & stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX


def _remove_stale(root: str) -> None:
    import shutil

    for entry in os.scandir(root):
        if entry.name.startswith(_PREFIX):
            try:
                if not _is_own_directory(entry.stat(follow_symlinks=False)):
                    continue
                lock = open(os.path.join(entry.path, _LOCK), "r+b")  # noqa: SIM115  # closed below
            except OSError:
                continue  # it is gone meanwhile, or none of ours
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
