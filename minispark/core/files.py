"""Files that a program gives to its tasks. As in Spark: ``pyspark.core.files``."""

from __future__ import annotations

import os
from functools import partial
from typing import ClassVar

from minispark.engine.sharing import share

__all__ = ["SparkFiles"]


class SparkFiles:
    """Finds what ``SparkContext.addFile``, ``addPyFile`` and ``addArchive`` have added.

    On the driver and in tasks alike. It is never constructed.

    >>> import os, tempfile
    >>> from minispark import SparkFiles
    >>> def below(numbers):
    ...     with open(SparkFiles.get("limit.txt")) as file:
    ...         limit = int(file.read())
    ...     return [x for x in numbers if x < limit]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "limit.txt")
    ...     with open(path, "w") as file:
    ...         _ = file.write("2")
    ...     sc.addFile(path)
    ...     sc.parallelize([1, 2, 3], 1).mapPartitions(below).collect()
    [1]
    """

    _root_directory: ClassVar[str | None] = None
    """Of the context that runs; in a worker process, of the driver's."""

    def __init__(self) -> None:
        raise NotImplementedError("Do not construct SparkFiles objects")

    @classmethod
    def get(cls, filename: str) -> str:
        """The path of a file that was added, by its name; whether or not it exists.

        >>> import os
        >>> from minispark import SparkFiles
        >>> os.path.basename(SparkFiles.get("limit.txt"))
        'limit.txt'
        """
        return os.path.abspath(os.path.join(cls.getRootDirectory(), filename))

    @classmethod
    def getRootDirectory(cls) -> str:
        """The directory where they are. Each context has its own, and it goes with the context.

        Raises
        ------
        RuntimeError
            if there is no active SparkContext

        >>> import os
        >>> from minispark import SparkFiles
        >>> os.path.isdir(SparkFiles.getRootDirectory())
        True
        """
        if cls._root_directory is None:
            raise RuntimeError("there is no active SparkContext, which files belong to: make one")
        return cls._root_directory


def _set_root_directory(path: str | None) -> None:
    SparkFiles._root_directory = path


share(lambda: partial(_set_root_directory, SparkFiles._root_directory))
