"""Archives, unpacked into a directory of their own: none can write outside it.

For the files that a program adds. Apart from those, because what it imports is slow to import and
few programs need it. Must not know: where archives come from.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zipfile
import zlib

from minispark.errors import SparkException

_UNIX = 3  # of a zip's member: the system that made it, whose permissions it has
_DAMAGED = (zipfile.BadZipFile, zlib.error)


def unpack(archive: str, target: str, name: str) -> None:
    """Unpack by the archive's name; what is no archive stays a file, as in Spark."""
    lower = name.lower()
    try:
        if lower.endswith((".zip", ".jar")):
            _unpack_zip(archive, target)
        elif lower.endswith((".tgz", ".tar.gz")):
            _unpack_tar_gz(archive, target)
        elif lower.endswith(".tar"):
            with tarfile.open(archive, "r:") as packed:
                packed.extractall(target, filter="data")
        else:
            os.replace(archive, target)
    # RuntimeError: a member of a zip has a password, or is compressed in an unknown way.
    except (OSError, EOFError, RuntimeError, tarfile.TarError, *_DAMAGED) as exc:
        raise SparkException(f"{name} cannot be unpacked: {exc}", "java.io.IOException") from exc


def _unpack_zip(archive: str, target: str) -> None:
    os.mkdir(target)
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            path = packed.extract(member, target)
            mode = member.external_attr >> 16
            if member.create_system == _UNIX and mode and not member.is_dir():
                os.chmod(path, mode & 0o777)


def _unpack_tar_gz(archive: str, target: str) -> None:
    with gzip.open(archive) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as packed:
            packed.extractall(target, filter="data")
        while stream.read(1 << 20):  # the checksum stands at the end, where tarfile does not look
            pass
