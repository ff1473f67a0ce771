"""The directory in which one context keeps its files, and its end.

Each context owns one directory below ``spark.local.dir``, readable by its user alone. It goes
with ``stop()``. A process that was killed could not do that, so each start removes the
directories whose owner is gone: an owner holds a lock on a file in its directory, and the system
takes the lock from a process that ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
from typing import IO

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

    def file(self, name: str) -> str:
        """The path of the file ``name`` in this directory."""
        return os.path.join(self.path, name)

    def remove(self) -> None:
        """Remove the directory and all in it. A forked child of the owner removes nothing."""
        self._lock.close()
        if os.getpid() == self._pid:
            import shutil

            shutil.rmtree(self.path, ignore_errors=True)


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
