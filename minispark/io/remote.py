"""File systems that are not local, through fsspec.

For `minispark.io.filesystem`, which imports this module when the first path with another scheme
than `file:` is used: importing fsspec costs more than a small job. Must not know: splits, records.
"""

from __future__ import annotations

from typing import cast

import fsspec

from minispark.errors import SparkException
from minispark.io.filesystem import (
    DELETE_ATTEMPTS,
    FileStatus,
    InputStream,
    OutputStream,
    child,
    name_of,
    split_root,
)

# Hadoop's names for what fsspec calls otherwise.
_PROTOCOLS = {"s3a": "s3", "s3n": "s3", "wasbs": "abfs", "wasb": "abfs", "abfss": "abfs"}


class RemoteFileSystem:
    """The files under one root, such as `s3a://bucket`, through the fsspec driver for its scheme.

    Object stores that hold no directories show those their keys imply. What a driver lists is
    sorted by name, as Hadoop's connectors list.
    """

    block_size = 32 * 1024 * 1024

    def __init__(self, root: str) -> None:
        self._root = root
        scheme, _, authority = root.partition(":")
        self._bucket = authority.removeprefix("//")
        try:
            self._driver = fsspec.filesystem(_PROTOCOLS.get(scheme, scheme))
        except ValueError:
            raise SparkException(
                f'No FileSystem for scheme "{scheme}"',
                "org.apache.hadoop.fs.UnsupportedFileSystemException",
            ) from None
        except ImportError as missing:
            raise SparkException(
                f'No FileSystem for scheme "{scheme}": {missing}',
                "org.apache.hadoop.fs.UnsupportedFileSystemException",
            ) from missing

    def status(self, path: str) -> FileStatus | None:
        try:
            found = self._driver.info(self._key(path))
        except FileNotFoundError:
            return None
        return self._status(path, found)

    def children(self, path: str) -> list[FileStatus]:
        listed = self._driver.ls(self._key(path), detail=True)
        found = [
            self._status(child(path, name_of(entry["name"].rstrip("/"))), entry) for entry in listed
        ]
        return sorted(found, key=lambda status: status.path)

    def open(self, path: str) -> InputStream:
        return cast(InputStream, self._driver.open(self._key(path), "rb"))

    def create(self, path: str) -> OutputStream:
        return cast(OutputStream, self._driver.open(self._key(path), "wb"))

    def make_directories(self, path: str) -> None:
        self._driver.makedirs(self._key(path), exist_ok=True)

    def make_directory(self, path: str) -> None:
        # Drivers differ in what `mkdir` does without those above; most have no directories at all.
        self.make_directories(path)

    def rename(self, source: str, target: str) -> None:
        self._driver.mv(self._key(source), self._key(target), recursive=True)

    def delete(self, path: str) -> None:
        for attempt in range(1, DELETE_ATTEMPTS + 1):
            try:
                if self._driver.exists(self._key(path)):
                    self._driver.rm(self._key(path), recursive=True)
                return
            except FileNotFoundError:  # another has removed a part of it
                if attempt == DELETE_ATTEMPTS:
                    raise

    def _key(self, path: str) -> str:
        return self._bucket + split_root(path)[1]

    def _status(self, path: str, entry: dict[str, object]) -> FileStatus:
        is_directory = entry["type"] == "directory"
        size = entry["size"]
        return FileStatus(
            path, 0 if is_directory or size is None else cast(int, size), is_directory
        )
