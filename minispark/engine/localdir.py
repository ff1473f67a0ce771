"""The directory in which one context keeps its files, and its end.

Each context owns one directory below ``spark.local.dir``, readable by its user alone. It goes
with ``stop()``. A process that was killed could not do that, so each start removes the
directories whose owner is gone: the name of a directory tells the process that made it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "minispark-"


class LocalDirectory:
    """``<parent>/minispark-<pid>-<random>/``, made at once, mode 0700."""

    def __init__(self, parent: str | None = None) -> None:
        root = Path(parent) if parent else Path(tempfile.gettempdir())
        root.mkdir(parents=True, exist_ok=True)
        _remove_stale(root)
        self.path = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root)
        self._pid = os.getpid()

    def file(self, name: str) -> str:
        """The path of the file ``name`` in this directory."""
        return os.path.join(self.path, name)

    def remove(self) -> None:
        """Remove the directory and all in it. A forked child of the owner removes nothing."""
        if os.getpid() == self._pid:
            shutil.rmtree(self.path, ignore_errors=True)


def _remove_stale(root: Path) -> None:
    for entry in os.scandir(root):
        if not entry.name.startswith(_PREFIX) or not entry.is_dir(follow_symlinks=False):
            continue
        pid = entry.name[len(_PREFIX) :].split("-", 1)[0]
        if pid.isdigit() and _is_gone(int(pid), entry):
            shutil.rmtree(entry.path, ignore_errors=True)


def _is_gone(pid: int, entry: os.DirEntry[str]) -> bool:
    """Whether the process ``pid`` that made the directory ``entry`` runs no more.

    A process of that number which started after the directory was made is another one.
    """
    if pid == os.getpid():
        return False
    import psutil  # only where a directory of another process lies here: keeps starts quick

    try:
        return bool(psutil.Process(pid).create_time() > entry.stat().st_mtime + 1)
    except psutil.NoSuchProcess:
        return True
    except (psutil.AccessDenied, OSError):
        return False
