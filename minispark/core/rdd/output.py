"""Saving an RDD: out of the program, into files.

Part of the class RDD (`minispark.core.rdd`), for programs. What a directory of part files looks
like and how it is committed is `minispark.io.output`.
Must not know: file systems, codecs.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from minispark.core.arguments import need_str
from minispark.core.rdd.failures import raise_behind
from minispark.core.rdd.ordered import OrderedOps
from minispark.core.tasks import output as tasks
from minispark.engine.serializers import NoOpSerializer
from minispark.errors.exceptions.captured import JOB_FAILURES

if TYPE_CHECKING:
    from minispark.engine.task import Action
    from minispark.io.output import FileOutput

__all__ = ["OutputOps"]

T_co = TypeVar("T_co", covariant=True)


class OutputOps(OrderedOps[T_co]):
    """How an RDD leaves the program."""

    def saveAsTextFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Write each element as a line of text, a file for each partition.

        Parameters
        ----------
        path
            the directory to make
        compressionCodecClass
            a Hadoop codec by the name of its class, such as
            ``org.apache.hadoop.io.compress.GzipCodec``; None: plain text

        Raises
        ------
        SparkException
            if the directory exists, before anything is written; if there is no such codec; if a
            task fails, and then there is no output

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "words")
        ...     sc.parallelize(["to", "be"], 2).saveAsTextFile(path)
        ...     names = sorted(name for name in os.listdir(path) if not name.startswith("."))
        ...     lines = sorted(sc.textFile(path).collect())
        >>> names, lines
        (['_SUCCESS', 'part-00000', 'part-00001'], ['be', 'to'])

        As in Spark: the text of an element is ``str`` of it, in UTF-8; bytes are taken for UTF-8.
        ``_SUCCESS`` is written last, when all part files are complete.
        """
        # Imported where it is used: most programs save nothing.
        from minispark.io.hadoop import OUTPUT_DIR, HadoopConf, compress_with, output_of

        conf = HadoopConf(self.ctx._hadoop_settings)
        conf.set(OUTPUT_DIR, need_str("path", path))
        if compressionCodecClass:
            compress_with(compressionCodecClass, conf)
        output = output_of("text", False, conf, self.ctx._outputs_may_exist)
        self._then(tasks.encode_as_text, False, NoOpSerializer())._write_out(output)

    def _write_out(self, output: FileOutput, write: Action | None = None) -> None:
        """Write this RDD's records, which are as the format of ``output`` takes them.

        ``write`` is what a task does with its frames; None: they are the records.
        """
        node = self._node
        write = write or partial(tasks.write_partition, output)
        output.setup()
        try:
            try:
                self.ctx._engine.run_job(node, write, properties=self.ctx._job_properties())
                output.commit()
            except JOB_FAILURES as failure:
                raise_behind("Job aborted.", failure)
        except BaseException as failure:
            _abort(output, failure)
            raise


def _abort(output: FileOutput, failure: BaseException) -> None:
    """Remove what was written; where that fails too, ``failure`` stays what the program sees."""
    try:
        output.abort()
    except Exception as error:
        failure.add_note(f"What the job had written to {output.path} is still there: {error}")
