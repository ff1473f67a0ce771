"""The directories in which one context keeps its files, and their end.

Each context owns one directory below each of ``spark.local.dir``, readable by its user alone. They
go with ``stop()``. A process that was killed could not do that, so each start removes the
directories whose owner is gone: an owner holds a lock on a file in its directory, and the system
takes the lock from a process that ends, however it ends. Whoever has the lock owns the directory,
and nobody removes one that he does not own: neither one in use, nor one that is just being made.

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
from typing import IO, Literal

from minispark.engine.events import log_warning
from minispark.errors import SparkException

_PREFIX = "minispark-"
_UNOWNED = "new-minispark-"
_LOCK = "owner.lock"
_GOING = ".gone"
_RANDOM = 8
"""How many characters ``tempfile`` adds to a name."""


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
        lock = None
        while lock is None:  # else another start has taken it for one whose owner is gone
            new = tempfile.mkdtemp(prefix=_UNOWNED, dir=root)
            lock = _own_new(new)
        self._lock = lock  # held until remove()
        self.path = os.path.join(root, os.path.basename(new).replace(_UNOWNED, _PREFIX))
        os.rename(new, self.path)
        self._pid = os.getpid()
        self._making = threading.RLock()  # a signal that ends the process may come meanwhile
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
            found = os.lstat(self.path)  # another user may have been faster
        if not _is_own_directory(found):
            raise SparkException(
                f"{self.path} is not this context's directory any more: it belongs to another "
                "user, or others can write into it. spark.local.dir says where it is made"
            )

    def _make_again(self) -> None:
        with self._making:
            if self._is_removed or os.path.lexists(self.path):
                return
            self._lock.close()
            lock = None
            while lock is None:  # as when it was made first
                os.makedirs(os.path.dirname(self.path), exist_ok=True)
                with contextlib.suppress(FileExistsError):
                    os.mkdir(self.path, 0o700)
                lock = _own_new(self.path)
            self._lock = lock
        log_warning(f"{self.path} was removed, and is made again; what was in it is lost")

    def remove(self) -> None:
        """Remove the directory and all in it. A forked child of the owner removes nothing."""
        with self._making:
            self._is_removed = True
            self._lock.close()
        if os.getpid() == self._pid:
            _remove(self.path)


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
    """Remove a file that may be gone already. One that cannot be goes with its directory."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def remove_abandoned(path: str) -> bool:
    """Remove a context's directory if the owner is gone; whether he is, or it has gone with him."""
    try:
        if _is_own_directory(os.lstat(path)):
            with _own(path, "r+b"):
                _remove(path)
    except OSError:
        return not os.path.exists(path)
    return True


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
    for entry in os.scandir(root):
        if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
            remove_abandoned(entry.path)
            if _is_made_here(entry, _PREFIX):  # one that was not quite removed
                _remove_empty(entry.path)
        elif _is_made_here(entry, _UNOWNED):
            with contextlib.suppress(OSError):
                if set(os.listdir(entry.path)) <= {_LOCK}:
                    with _own(entry.path, "a+b"):
                        remove_file(os.path.join(entry.path, _LOCK))
                        _remove_empty(entry.path)


def _is_made_here(entry: os.DirEntry[str], prefix: str) -> bool:
    """Whether a directory is as :class:`LocalDirectory` makes them, by name, mode and user."""
    if len(entry.name.removesuffix(_GOING)) != len(prefix) + _RANDOM:
        return False
    if not entry.name.startswith(prefix):
        return False
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # it is gone
        return False
    is_private = status.st_mode & 0o777 == 0o700
    return is_private and stat.S_ISDIR(status.st_mode) and is_own(status)


def _remove_empty(directory: str) -> None:
    with contextlib.suppress(OSError):
        os.rmdir(directory)


def _remove(directory: str) -> None:
    """Remove a directory, also one that was removed in part.

    Under another name: what is still at work makes no more files in it. The lock file goes last: by
    it the next start finds what is left, if this ends before its time.
    """
    import shutil

    going = directory.removesuffix(_GOING) + _GOING
    with contextlib.suppress(OSError):
        os.rename(directory, going)
    for each in {directory, going}:
        with contextlib.suppress(OSError):
            for entry in os.scandir(each):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                elif entry.name != _LOCK:
                    remove_file(entry.path)
        shutil.rmtree(each, ignore_errors=True)


def _own(directory: str, mode: Literal["a+b", "r+b"]) -> IO[bytes]:
    """The lock of a directory, held until it is closed; OSError if it cannot be had.

    With the mode "a+b" the file is made if it is not there; else such a directory is none of ours.
    """
    path = os.path.join(directory, _LOCK)
    lock = open(path, mode)  # noqa: SIM115  # for who asks
    try:
        _lock(lock)
        if not os.path.samestat(os.fstat(lock.fileno()), os.stat(path)):
            raise FileNotFoundError(path)  # who had it before has removed it since it was opened
    except BaseException:
        lock.close()
        raise
    return lock


def _own_new(directory: str) -> IO[bytes] | None:
    """The lock of a directory that was just made; None if another start has taken it for one whose
    owner is gone.
    """
    try:
        return _own(directory, "a+b")
    except (BlockingIOError, FileNotFoundError):
        return None
    except OSError:
        path = os.path.join(directory, _LOCK)
        if not os.path.exists(path):
            _remove_empty(directory)
            raise
        # A file system without locks: nobody will take the directory for one without an owner.
        return open(path, "ab")


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed or the process ends; BlockingIOError if somebody else has."""
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except PermissionError as exc:
            raise BlockingIOError(*exc.args) from exc
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
