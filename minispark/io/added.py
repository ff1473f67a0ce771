"""Files fetched for tasks: copied, or unpacked, into one directory.

For the context. Nothing is seen under its final name before it is complete. Must not know:
contexts, tasks, what is in an archive.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path
from urllib.parse import quote, unquote

from minispark.errors import SparkException
from minispark.io import home
from minispark.io.filesystem import file_system_of, name_of, qualified

NOT_FOUND = "java.io.FileNotFoundException"
# In URIs, besides letters and digits.
_UNQUOTED = "/_-!.~'()*,;:$&+=@"
_ENCODED = re.compile("%[0-9A-Fa-f]{2}")
_SPACES = ("Cc", "Zl", "Zp", "Zs")  # Unicode's categories


class AddedFiles:
    """The directory of a context's added files, and what they came from."""

    def __init__(self, directory: str, overwrite: bool) -> None:
        self.directory = directory
        self._overwrite = overwrite
        self.files: dict[str, None] = {}
        self.archives: dict[str, None] = {}

    def add_file(self, path: str, recursive: bool) -> str:
        """Fetch a file, or with ``recursive`` a directory; its name in :attr:`directory`."""
        if "#" in path and _is_uri(path):
            raise SparkException(
                f"URI has a fragment component: {path}", "java.lang.IllegalArgumentException"
            )
        uri, is_directory = _found(_path_of(path))
        if is_directory and not recursive:
            raise SparkException(
                f"[UNSUPPORTED_ADD_FILE.DIRECTORY] Don't support add file. The file {uri}/ is a "
                "directory, consider to set recursive=True. SQLSTATE: 0A000"
            )
        name = name_of(uri)
        key = _listed(uri) + ("/" if is_directory else "")
        if key not in self.files:
            with tempfile.TemporaryDirectory(dir=self.directory, prefix=".") as scratch:
                fetched = os.path.join(scratch, name)
                _fetch(uri, fetched)
                self._publish(fetched, name, key)
            self.files[key] = None
        return name

    def add_archive(self, path: str) -> None:
        """Fetch an archive and unpack it, under the name behind ``#``, or else its own."""
        from minispark.io.archives import unpack

        if "#" in path and _is_uri(path):
            source, fragment = map(unquote, path.split("#"))
        else:
            source, fragment = _path_of(path), ""
        uri, _ = _found(source, "java.nio.file.NoSuchFileException")
        name = fragment or name_of(uri)
        if os.path.basename(name) != name or name in (".", ".."):
            raise SparkException(
                f"{name!r} is no name for a directory: {path}", "java.lang.IllegalArgumentException"
            )
        key = _listed(uri) + (f"#{quote(fragment, safe=_UNQUOTED)}" if fragment else "")
        if key not in self.archives:
            with tempfile.TemporaryDirectory(dir=self.directory, prefix=".") as scratch:
                fetched = os.path.join(scratch, "archive")
                _fetch(uri, fetched)
                unpacked = os.path.join(scratch, "unpacked")
                unpack(fetched, unpacked, name_of(uri))
                self._publish(unpacked, name, key)
            self.archives[key] = None

    def _publish(self, fetched: str, name: str, uri: str) -> None:
        target = os.path.join(self.directory, name)
        if os.path.exists(target):
            if _are_alike(fetched, target):
                return
            if not self._overwrite:
                raise SparkException(f"File {target} exists and does not match contents of {uri}")
            if os.path.isdir(target):
                shutil.rmtree(target)
        os.replace(fetched, target)


def _path_of(text: str) -> str:
    """The path that a path or URI of a file is: in ``file:`` URIs some characters are encoded.

    As in Spark, what begins so and is no URI is the name of a file.
    """
    if not text.startswith("file:"):
        return text
    return unquote(text) if _is_uri(text) else os.path.join(home.directory(), text)


def _is_uri(text: str) -> bool:
    """Whether nothing in ``text`` has to be encoded, in a path and what is behind one ``#``."""
    plain = _ENCODED.sub("", text).replace("#", "", 1)
    return _encoded(plain) == plain


def _listed(uri: str) -> str:
    """A qualified path as the URI that programs are shown."""
    return _encoded(uri) if uri.startswith("file:") else uri


def _encoded(path: str) -> str:
    """With percent signs for what Java encodes in paths: it leaves letters of all alphabets."""
    return "".join(
        quote(each, safe=_UNQUOTED)
        if each.isascii() or unicodedata.category(each) in _SPACES
        else each
        for each in path
    )


def _found(path: str, error: str = NOT_FOUND) -> tuple[str, bool]:
    """The URI of a path that exists, and whether it is a directory."""
    uri = qualified(path)
    status = file_system_of(uri).status(uri)
    if status is None:
        raise SparkException(f"File {uri} does not exist", error)
    return uri, status.is_directory


def _fetch(uri: str, target: str) -> None:
    """Copy a file or directory of any file system to a local path."""
    system = file_system_of(uri)
    status = system.status(uri)
    if status is not None and status.is_directory:
        os.mkdir(target)
        for entry in system.children(uri):
            _fetch(entry.path, os.path.join(target, name_of(entry.path)))
        return
    if uri.startswith("file:"):
        shutil.copy2(uri.removeprefix("file:"), target)
        return
    with system.open(uri) as source, open(target, "wb") as file:
        while piece := source.read(1 << 20):
            file.write(piece)


def _are_alike(one: str, other: str) -> bool:
    if os.path.isdir(one) != os.path.isdir(other):
        return False
    if not os.path.isdir(one):
        return filecmp.cmp(one, other, shallow=False)
    files = {path.relative_to(one) for path in Path(one).rglob("*")}
    if files != {path.relative_to(other) for path in Path(other).rglob("*")}:
        return False
    return all(_are_alike(os.path.join(one, each), os.path.join(other, each)) for each in files)
