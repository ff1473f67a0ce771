"""Modules of --py-files, for the driver: it can import them before there is a context.

Must not know: how tasks get them (the context sees to that).
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence

from minispark.engine.localdir import LocalDirectory
from minispark.io.added import AddedFiles
from minispark.launcher.settings import local_path

PACKAGES = (".zip", ".egg")


def put_on_path(places: Sequence[str]) -> None:
    """Put modules, and zips and eggs of modules, on `sys.path`, behind the program's directory.

    As in Spark: a single module is copied, since what else is in its directory is not meant; one
    that is not there is an error when a context is made.
    """
    copies: AddedFiles | None = None
    found: dict[str, None] = {}
    for place in places:
        path = local_path(place)
        if path is not None and path.endswith(PACKAGES):
            found[path] = None
        elif place.endswith((".py", *PACKAGES)) and (path is None or os.path.isfile(path)):
            copies = copies or AddedFiles(_directory(), overwrite=False)
            name = copies.add_file(place, recursive=False)
            is_package = name.endswith(PACKAGES)
            found[os.path.join(copies.directory, name) if is_package else copies.directory] = None
    sys.path[1:1] = found


def _directory() -> str:
    """A directory that goes with the process."""
    directory = LocalDirectory()
    atexit.register(directory.remove)
    return directory.path
