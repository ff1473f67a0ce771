"""Files, modules and archives that a program gives to its tasks.

Part of the class SparkContext (`minispark.core.context`), for programs; `SparkFiles` finds them.
Must not know: how files are fetched.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from minispark.conf import SparkConf
from minispark.core.arguments import need_str
from minispark.core.context.base import ContextBase
from minispark.core.files import SparkFiles

if TYPE_CHECKING:
    from minispark.io.added import AddedFiles

__all__ = ["FileOps"]


class FileOps(ContextBase):
    """Adding files. Each context has a directory for them, which goes with it."""

    PACKAGE_EXTENSIONS: ClassVar[Iterable[str]] = (".zip", ".egg", ".jar")

    _files_directory: str
    _python_paths: list[str]
    """What this context has put on ``sys.path``."""

    @cached_property
    def _added(self) -> AddedFiles:
        # Imported where it is used: most programs add no file.
        from minispark.io.added import AddedFiles

        overwrite = str(self._conf.get("spark.files.overwrite", "false")).lower() == "true"
        return AddedFiles(self._files_directory, overwrite)

    def addFile(self, path: str, recursive: bool = False) -> None:
        """Give a file to the tasks: it is copied now, and ``SparkFiles.get`` finds it.

        Parameters
        ----------
        path
            a local path, or a URL of any file system that can be read from
        recursive
            whether it may be a directory

        Raises
        ------
        SparkException
            if it is not there, or a directory without ``recursive``, or another file of that
            name was added before (unless ``spark.files.overwrite`` is true)

        >>> import os, tempfile
        >>> from minispark import SparkFiles
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "greeting.txt")
        ...     with open(path, "w") as file:
        ...         _ = file.write("hello")
        ...     sc.addFile(path)
        ...     rdd = sc.parallelize([1], 1)
        ...     rdd.map(lambda _: open(SparkFiles.get("greeting.txt")).read()).collect()
        ['hello']

        As in Spark: a file that was added is not copied again, though it may have changed. Differs
        from Spark: there the file has to stay until the first task has fetched it.
        """
        need_str("path", path)
        assert self._engine
        self._added.add_file(path, recursive)

    @property
    def listFiles(self) -> list[str]:
        """The URIs of the files that were added.

        >>> isinstance(sc.listFiles, list)
        True
        """
        return list(self._added.files)

    def addPyFile(self, path: str) -> None:
        """Give a module, or a zip or egg of modules, to the tasks, which can import it.

        So can the driver.

        Parameters
        ----------
        path
            as of :meth:`addFile`

        >>> import os, tempfile
        >>> def with_helpers(x):
        ...     from my_helpers import double
        ...     return double(x)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "my_helpers.py")
        ...     with open(path, "w") as file:
        ...         _ = file.write("def double(x): return 2 * x")
        ...     sc.addPyFile(path)
        ...     sc.parallelize([1, 2], 1).map(with_helpers).collect()
        [2, 4]

        Differs from Spark: tasks run in this process, so a module that was imported before is not
        imported again. When the context stops, the modules that came from it are forgotten.
        """
        need_str("path", path)
        assert self._engine
        name = self._added.add_file(path, recursive=False)
        if name[-4:].lower() in self.PACKAGE_EXTENSIONS:
            self._put_on_path(os.path.join(self._files_directory, name))
        importlib.invalidate_caches()

    def addArchive(self, path: str) -> None:
        """Give an archive to the tasks: it is unpacked now, into a directory of its name.

        Parameters
        ----------
        path
            as of :meth:`addFile`, of a zip, jar, tar, tgz or tar.gz file; ``#name`` behind it
            names the directory

        Raises
        ------
        SparkException
            if it is not there, or cannot be unpacked

        >>> import os, tempfile, zipfile
        >>> from minispark import SparkFiles
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "words.zip")
        ...     with zipfile.ZipFile(path, "w") as archive:
        ...         archive.writestr("greeting.txt", "hello")
        ...     sc.addArchive(path + "#words")
        ...     rdd = sc.parallelize([1], 1)
        ...     rdd.map(lambda _: open(SparkFiles.get("words/greeting.txt")).read()).collect()
        ['hello']
        """
        need_str("path", path)
        assert self._engine
        self._added.add_archive(path)

    @property
    def listArchives(self) -> list[str]:
        """The URIs of the archives that were added.

        >>> isinstance(sc.listArchives, list)
        True
        """
        return list(self._added.archives)

    def _start_files(self, conf: SparkConf, py_files: list[str]) -> None:
        """Make the directory, and add what the configuration says."""
        directory = os.path.join(self._engine.directory.path, "userFiles")
        self._files_directory = directory
        self._python_paths = []
        os.mkdir(directory)
        SparkFiles._root_directory = directory
        self._put_on_path(directory)
        for path in py_files:
            self.addPyFile(path)
        for key, add in (
            ("spark.files", self.addFile),
            ("spark.archives", self.addArchive),
            ("spark.submit.pyFiles", self.addPyFile),
        ):
            for path in (conf.get(key, None) or "").split(","):
                if path.strip():
                    add(path.strip())

    def _stop_files(self) -> None:
        """Forget the modules that came from this context, and where they were."""
        SparkFiles._root_directory = None
        for path in self._python_paths:
            if path in sys.path:
                sys.path.remove(path)
        inside = self._files_directory + os.sep
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(inside):
                del sys.modules[name]

    def _put_on_path(self, path: str) -> None:
        sys.path.insert(1, path)
        self._python_paths.append(path)
