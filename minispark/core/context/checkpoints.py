"""Where checkpoints go.

Part of the class SparkContext (`minispark.core.context`), for programs; `RDD.checkpoint` makes
them. Must not know: how they are written.
"""

from __future__ import annotations

from minispark.conf import SparkConf
from minispark.core.arguments import need_str
from minispark.core.context.base import ContextBase
from minispark.errors import SparkException

__all__ = ["CheckpointOps"]


class CheckpointOps(ContextBase):
    """The directory for the checkpoints of a context."""

    def setCheckpointDir(self, dirName: str) -> None:
        """Say below which directory :meth:`RDD.checkpoint` keeps partitions.

        A directory for this context is made there now. It stays when the context stops.

        Parameters
        ----------
        dirName
            a local path, or a URL of any file system that can be written to; None: nowhere

        Raises
        ------
        TypeError
            if ``dirName`` is not a str
        SparkException
            if it is empty, or no directory can be made there

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     sc.setCheckpointDir(folder)
        ...     sc.getCheckpointDir().startswith("file:" + folder)
        True

        As in Spark: the configuration's ``spark.checkpoint.dir`` is the directory until then.
        """
        assert self._engine
        if dirName is None:
            self._checkpoint_directory = None
            return
        from minispark.io.checkpoints import new_directory

        self._checkpoint_directory = new_directory(need_str("dirName", dirName))

    def getCheckpointDir(self) -> str | None:
        """The directory for this context's checkpoints; None if there is none.

        >>> sc.setCheckpointDir(None)
        >>> sc.getCheckpointDir() is None
        True
        """
        return self._checkpoint_directory

    def _start_checkpoints(self, conf: SparkConf) -> None:
        self._checkpoint_directory = None
        directory = conf.get("spark.checkpoint.dir", None)
        if directory is None:
            return
        try:
            self.setCheckpointDir(directory)
        except SparkException as exc:
            raise SparkException(f"spark.checkpoint.dir: {exc}", exc.java_exception_class) from exc
