"""Saving an RDD in Hadoop's formats: SequenceFiles, pickle files, text of keys and values.

Part of the class RDD (`minispark.core.rdd`), for programs. What class names and settings mean is
`minispark.io.hadoop`, the formats are in `minispark.io`. Must not know: file systems, codecs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from minispark.core.arguments import need_str
from minispark.core.rdd.output import OutputOps
from minispark.engine.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CloudPickleSerializer,
    FrameCodec,
    NoOpSerializer,
)
from minispark.errors import SparkException

if TYPE_CHECKING:
    from minispark.io.hadoop import HadoopConf

__all__ = ["HadoopOutputOps"]

K = TypeVar("K")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)


class HadoopOutputOps(OutputOps[T_co]):
    """How an RDD leaves the program for other programs of Hadoop's world."""

    def saveAsPickleFile(self, path: str, batchSize: int = 10) -> None:
        """Write the elements, pickled, a file for each partition.

        Parameters
        ----------
        path
            the directory to make
        batchSize
            how many elements are pickled together; 0: by their size; -1: all of a partition

        Raises
        ------
        SparkException
            if the directory exists, before anything is written; if a task fails

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "numbers")
        ...     sc.parallelize([1, [2.5], {"three": 3}], 2).saveAsPickleFile(path)
        ...     sorted(sc.pickleFile(path).map(str).collect())
        ['1', '[2.5]', "{'three': 3}"]

        As in Spark: SequenceFiles of (NullWritable, BytesWritable), ten batches a record, which
        Spark can read, and the other way round.
        """
        # Imported where it is used: most programs save nothing.
        from minispark.core.tasks.hadoop import write_batches
        from minispark.io.hadoop import KEY_CLASS, VALUE_CLASS, output_of
        from minispark.io.writables import BYTES, NULL

        pickler = CloudPickleSerializer()
        codec: FrameCodec = AutoBatchedSerializer(pickler)
        if batchSize != 0:
            codec = BatchedSerializer(pickler, batchSize)
        batches = self._reserialize(codec)
        conf = self._output_conf(path, None)
        conf.set(KEY_CLASS, NULL)
        conf.set(VALUE_CLASS, BYTES)
        output = output_of("sequence", False, conf, self.ctx._outputs_may_exist)
        batches._write_out(output, partial(write_batches, output))

    def saveAsSequenceFile(
        self: HadoopOutputOps[tuple[K, V]], path: str, compressionCodecClass: str | None = None
    ) -> None:
        """Write (key, value) pairs as SequenceFiles of Hadoop's Writables.

        Parameters
        ----------
        path
            the directory to make
        compressionCodecClass
            a Hadoop codec by the name of its class: records are compressed in blocks; None: plain

        Raises
        ------
        SparkException
            if the first element is no pair, or its key or value has no Writable; if there are no
            elements, since the classes are those of the first; if the directory exists; if a task
            fails, as for a key or value of another class than the first one's

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "counts")
        ...     sc.parallelize([("to", 2), ("be", 2)], 1).saveAsSequenceFile(path)
        ...     sc.sequenceFile(path).collect()
        [('to', 2), ('be', 2)]

        As in Spark: written can be None, bool, int, float, str, bytes, and dicts and tuples of
        these. A tuple is written as an ArrayWritable, which cannot be read back. Bytes are read
        back as bytearray, dicts in the order of Java's HashMap.
        """
        self._save_to_hadoop(
            False,
            path,
            "org.apache.hadoop.mapred.SequenceFileOutputFormat",
            codec=compressionCodecClass,
        )

    def saveAsHadoopFile(
        self: HadoopOutputOps[tuple[K, V]],
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        compressionCodecClass: str | None = None,
    ) -> None:
        """Write (key, value) pairs in a format of Hadoop's old API.

        Parameters
        ----------
        path
            the directory to make
        outputFormatClass
            ``org.apache.hadoop.mapred.TextOutputFormat`` or ``...SequenceFileOutputFormat``
        keyClass, valueClass
            the Writables of keys and values, such as ``org.apache.hadoop.io.IntWritable``; unless
            both are given, those of the first element
        keyConverter, valueConverter
            None: there are no Java classes here
        conf
            settings of the job, such as ``mapreduce.output.fileoutputformat.compress``
        compressionCodecClass
            a Hadoop codec by the name of its class

        Raises
        ------
        SparkException
            as for :meth:`saveAsSequenceFile`; for a class or setting that is not known

        Examples
        --------
        >>> import os, tempfile
        >>> format = "org.apache.hadoop.mapred.TextOutputFormat"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "counts")
        ...     sc.parallelize([("to", 2), ("be", None)], 1).saveAsHadoopFile(path, format)
        ...     sc.textFile(path).collect()
        ['to\\t2', 'be']

        As in Spark: text is what Java prints for the Writables. Differs from Spark: other formats,
        converters and settings are refused by name.
        """
        self._save_to_hadoop(
            False,
            path,
            outputFormatClass,
            (keyClass, valueClass),
            (keyConverter, valueConverter),
            conf,
            compressionCodecClass,
        )

    def saveAsNewAPIHadoopFile(
        self: HadoopOutputOps[tuple[K, V]],
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
    ) -> None:
        """Write (key, value) pairs in a format of Hadoop's new API.

        Parameters
        ----------
        path
            the directory to make
        outputFormatClass
            ``org.apache.hadoop.mapreduce.lib.output.TextOutputFormat`` or
            ``...SequenceFileOutputFormat``
        keyClass, valueClass, keyConverter, valueConverter, conf
            as for :meth:`saveAsHadoopFile`

        Raises
        ------
        SparkException
            as for :meth:`saveAsHadoopFile`

        Examples
        --------
        >>> import os, tempfile
        >>> format = "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat"
        >>> conf = {"mapreduce.output.textoutputformat.separator": "="}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "counts")
        ...     sc.parallelize([("to", 2)], 1).saveAsNewAPIHadoopFile(path, format, conf=conf)
        ...     with open(os.path.join(path, "part-r-00000")) as file:
        ...         file.read()
        'to=2\\n'

        As in Spark: part files are called ``part-r-00000``. Differs from Spark: see
        :meth:`saveAsHadoopFile`.
        """
        self._save_to_hadoop(
            True,
            path,
            outputFormatClass,
            (keyClass, valueClass),
            (keyConverter, valueConverter),
            conf,
        )

    def saveAsHadoopDataset(
        self: HadoopOutputOps[tuple[K, V]],
        conf: dict[str, str],
        keyConverter: str | None = None,
        valueConverter: str | None = None,
    ) -> None:
        """Write (key, value) pairs as the settings of a job of Hadoop's old API say.

        Parameters
        ----------
        conf
            among others ``mapreduce.output.fileoutputformat.outputdir``;
            ``mapred.output.format.class`` (None: text);
            ``mapreduce.job.output.key.class`` (None: LongWritable) and
            ``mapreduce.job.output.value.class`` (None: Text), of which text has no need
        keyConverter, valueConverter
            None: there are no Java classes here

        Raises
        ------
        SparkException
            as for :meth:`saveAsHadoopFile`; if there is no directory in ``conf``

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "counts")
        ...     conf = {"mapreduce.output.fileoutputformat.outputdir": path}
        ...     sc.parallelize([("to", 2)], 1).saveAsHadoopDataset(conf)
        ...     sc.textFile(path).collect()
        ['to\\t2']

        As in Spark. Differs from Spark: see :meth:`saveAsHadoopFile`.
        """
        self._save_to_hadoop(False, None, None, None, (keyConverter, valueConverter), conf)

    def saveAsNewAPIHadoopDataset(
        self: HadoopOutputOps[tuple[K, V]],
        conf: dict[str, str],
        keyConverter: str | None = None,
        valueConverter: str | None = None,
    ) -> None:
        """Write (key, value) pairs as the settings of a job of Hadoop's new API say.

        Parameters
        ----------
        conf
            as for :meth:`saveAsHadoopDataset`, with ``mapreduce.job.outputformat.class``
        keyConverter, valueConverter
            None: there are no Java classes here

        Raises
        ------
        SparkException
            as for :meth:`saveAsHadoopDataset`

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "counts")
        ...     conf = {"mapreduce.output.fileoutputformat.outputdir": path}
        ...     sc.parallelize([("to", 2)], 1).saveAsNewAPIHadoopDataset(conf)
        ...     sc.textFile(path).collect()
        ['to\\t2']

        As in Spark. Differs from Spark: see :meth:`saveAsHadoopFile`.
        """
        self._save_to_hadoop(True, None, None, None, (keyConverter, valueConverter), conf)

    def _save_to_hadoop(
        self: HadoopOutputOps[Any],
        is_new: bool,
        path: str | None,
        format_class: str | None,
        classes: tuple[str | None, str | None] | None = (None, None),
        converters: tuple[str | None, str | None] = (None, None),
        settings: Mapping[str, str] | None = None,
        codec: str | None = None,
    ) -> None:
        """Write pairs; ``classes`` are those of keys and values, None where the settings have them.

        What is wrong is found in the order in which Spark finds it.
        """
        from minispark.core.tasks.hadoop import check_pair, encode_lines, encode_pairs
        from minispark.io.codecs import codec_of_class
        from minispark.io.formats import SequenceFormat
        from minispark.io.hadoop import (
            KEY_CLASS,
            VALUE_CLASS,
            compress_with,
            output_kind,
            output_of,
            refuse_converter,
            separator_of,
        )
        from minispark.io.writables import class_of, encode, known_class

        conf = self._output_conf(path, settings)
        first = self._first_element()
        for element in first:
            check_pair(element)
        if classes is not None:
            key_class, value_class = classes
            if key_class is None or value_class is None:
                if not first:
                    raise SparkException(
                        "empty collection\nWithout elements the classes of keys and values have to "
                        "be given",
                        "org.apache.spark.SparkUnsupportedOperationException",
                    )
                for part in first[0]:
                    encode(part)  # all that is in it must have a Writable, too
                key_class, value_class = class_of(first[0][0]), class_of(first[0][1])
            conf.set(KEY_CLASS, known_class(key_class))
            conf.set(VALUE_CLASS, known_class(value_class))
        if codec is not None:
            codec_of_class(codec)
            compress_with(codec, conf)
        for converter in converters:
            refuse_converter(converter)
        kind = output_kind(format_class, is_new, conf)
        output = output_of(kind, is_new, conf, self.ctx._outputs_may_exist)
        if isinstance(output.format, SequenceFormat):
            pairs = partial(encode_pairs, output.format.key_class, output.format.value_class)
            self._then(pairs, False, NoOpSerializer())._write_out(output)
        else:
            lines = partial(encode_lines, separator_of(conf))
            self._then(lines, False, NoOpSerializer())._write_out(output)

    def _first_element(self) -> list[Any]:
        """The first element, if there is one: the first partition that has any is looked at."""
        from minispark.core.tasks.hadoop import first_frame

        pickled = self._reserialize()
        total = self.getNumPartitions()
        scanned = 0
        while scanned < total:
            # As in Spark's own take: the first partition, then four times as many as before.
            chosen = range(scanned, min(total, scanned * 5 or 1))
            properties = self.ctx._job_properties()
            for frame in self.ctx._engine.run_job(pickled._node, first_frame, chosen, properties):
                if frame is not None:
                    return list(islice(pickled._codec.records([frame]), 1))
            scanned = chosen.stop
        return []

    def _output_conf(self, path: str | None, settings: Mapping[str, str] | None) -> HadoopConf:
        from minispark.io.hadoop import OUTPUT_DIR, HadoopConf

        conf = HadoopConf(self.ctx._hadoop_settings, settings)
        if path is not None:
            conf.set(OUTPUT_DIR, need_str("path", path))
        return conf
