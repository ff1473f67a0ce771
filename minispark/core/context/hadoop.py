"""RDDs from binary files and Hadoop's formats: whole files, records, pickle files, SequenceFiles.

Part of the class SparkContext (`minispark.core.context`), for programs. What class names and
settings mean is `minispark.io.hadoop`, the formats are in `minispark.io`.
Must not know: file systems.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from minispark.core.arguments import need_count, need_str
from minispark.core.context.base import ContextBase, native
from minispark.core.rdd import RDD
from minispark.engine.serializers import (
    AutoBatchedSerializer,
    CloudPickleSerializer,
    FrameCodec,
    NoOpSerializer,
    PairDeserializer,
    UTF8Deserializer,
)

if TYPE_CHECKING:
    from minispark.io.hadoop import Input

__all__ = ["HadoopSourceOps"]

T = TypeVar("T")
U = TypeVar("U")

_OLD_SEQUENCE = "org.apache.hadoop.mapred.SequenceFileInputFormat"
_TEXT = "org.apache.hadoop.io.Text"


class HadoopSourceOps(ContextBase):
    """Making RDDs of files that are no plain text."""

    def pickleFile(self, name: str, minPartitions: int | None = None) -> RDD[Any]:
        """The elements that :meth:`RDD.saveAsPickleFile` has written.

        Parameters
        ----------
        name
            a path: a directory, file, glob or comma list
        minPartitions
            about how many partitions at least; None: :attr:`defaultMinPartitions`. Files of less
            than 100 KB are not divided.

        Raises
        ------
        SparkException
            from the action, if there is no such path, or a file is no pickle file or damaged

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "numbers")
        ...     sc.parallelize(range(5), 1).saveAsPickleFile(path, 3)
        ...     sc.pickleFile(path).collect()
        [0, 1, 2, 3, 4]

        As in Spark: reads what Spark has written. Only load files that you trust: unpickling can
        run any code.
        """
        from minispark.core.tasks.hadoop import read_batches
        from minispark.io.hadoop import HadoopConf, input_of

        need_str("name", name)
        need_count("minPartitions", minPartitions)
        minimum = minPartitions or self.defaultMinPartitions
        conf = HadoopConf(self._hadoop_settings)
        source = input_of(_OLD_SEQUENCE, False, name, conf, minimum)
        site = native("objectFile")
        node = self._file_node("HadoopRDD", site, source.splits, read_batches, name)
        return self._rdd(self._behind(node, site), _pickled())

    def binaryFiles(self, path: str, minPartitions: int | None = None) -> RDD[tuple[str, bytes]]:
        """(name, bytes) of each file of a directory, glob or comma list.

        Parameters
        ----------
        path
            a path
        minPartitions
            about how many partitions at least, if files are large; None:
            :attr:`defaultMinPartitions`

        Raises
        ------
        SparkException
            from the action, if there is no such path

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with open(os.path.join(folder, "a.bin"), "wb") as file:
        ...         _ = file.write(b"one")
        ...     found = sc.binaryFiles(folder).collect()
        >>> [(os.path.basename(name), content) for name, content in found]
        [('a.bin', b'one')]

        As in Spark: small files share a partition; compressed ones are given as they are; what
        is in subdirectories is left out.
        """
        from minispark.io.binary import read_streams, stream_splits

        need_str("path", path)
        need_count("minPartitions", minPartitions)
        minimum = minPartitions or self.defaultMinPartitions
        splits = partial(stream_splits, path, minimum, self.defaultParallelism)
        node = self._file_node("BinaryFileRDD", native("binaryFiles"), splits, read_streams, path)
        return self._rdd(node, PairDeserializer(UTF8Deserializer(), NoOpSerializer()))

    def binaryRecords(self, path: str, recordLength: int) -> RDD[bytes]:
        """The records of ``recordLength`` bytes of a file, directory, glob or comma list.

        Parameters
        ----------
        path
            a path
        recordLength
            how many bytes a record has

        Raises
        ------
        TypeError
            if ``recordLength`` is no int of 32 bits
        SparkException
            from the action, if there is no such path, if a file is compressed, if it ends within a
            record, or if ``recordLength`` is not positive

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "pairs.bin")
        ...     with open(path, "wb") as file:
        ...         _ = file.write(b"0011")
        ...     sc.binaryRecords(path, 2).collect()
        [b'00', b'11']

        As in Spark: large files are cut between records.
        """
        from minispark.io.binary import read_records, record_splits

        need_str("path", path)
        if type(recordLength) is not int or not -(1 << 31) <= recordLength < 1 << 31:
            raise TypeError(
                f"recordLength is an int of 32 bits, not {type(recordLength).__name__}: "
                f"{recordLength!r}"
            )
        site = native("binaryRecords")
        node = self._file_node(
            "NewHadoopRDD",
            site,
            partial(record_splits, path, recordLength),
            partial(read_records, recordLength),
            path,
        )
        return self._rdd(self._behind(node, site), NoOpSerializer())

    def sequenceFile(
        self,
        path: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        minSplits: int | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[T, U]]:
        """The (key, value) pairs of SequenceFiles.

        Parameters
        ----------
        path
            a path: a directory, file, glob or comma list
        keyClass, valueClass
            the Writables of keys and values. What the files say goes before; None is right.
        keyConverter, valueConverter
            None: there are no Java classes here
        minSplits
            about how many partitions at least; None: 2, or :attr:`defaultParallelism` if that is
            less. Files of less than 100 KB are not divided.
        batchSize
            how many pairs go into a batch; 0: by their size

        Raises
        ------
        SparkException
            if there is no such path; for a class that is not known; if a file is no SequenceFile,
            is damaged, or has Writables that PySpark has no values for

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "pairs")
        ...     sc.parallelize([("a", 1.5), ("b", 2.5)], 1).saveAsSequenceFile(path)
        ...     sc.sequenceFile(path).collect()
        [('a', 1.5), ('b', 2.5)]

        As in Spark: the first pair is read when the RDD is made. Bytes become bytearray.
        """
        from minispark.io.hadoop import HadoopConf, input_of

        need_str("path", path)
        need_count("minSplits", minSplits)
        minimum = minSplits or min(self.defaultParallelism, 2)
        conf = HadoopConf(self._hadoop_settings)
        self._check_classes(keyClass or _TEXT, valueClass or _TEXT, keyConverter, valueConverter)
        source = input_of(_OLD_SEQUENCE, False, path, conf, minimum)
        return self._pairs(source, "sequenceFile at PythonRDD.scala:395", path, batchSize)

    def hadoopFile(
        self,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[T, U]]:
        """The (key, value) pairs of files, in a format of Hadoop's old API.

        Parameters
        ----------
        path
            a path: a directory, file, glob or comma list
        inputFormatClass
            ``org.apache.hadoop.mapred.TextInputFormat``, whose keys are where lines start and whose
            values are lines, or ``...SequenceFileInputFormat``
        keyClass, valueClass
            the Writables of keys and values: checked to exist, and then left to the files
        keyConverter, valueConverter
            None: there are no Java classes here
        conf
            settings; Spark does not use them for a path, but for :meth:`hadoopRDD`
        batchSize
            how many pairs go into a batch; 0: by their size

        Raises
        ------
        SparkException
            as for :meth:`sequenceFile`; for a format or setting that is not known

        Examples
        --------
        >>> import os, tempfile
        >>> format = "org.apache.hadoop.mapred.TextInputFormat"
        >>> number, text = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "lines.txt")
        ...     with open(path, "w") as file:
        ...         _ = file.write("to\\nbe\\n")
        ...     sc.hadoopFile(path, format, number, text).collect()
        [(0, 'to'), (3, 'be')]

        Differs from Spark: other formats, converters and settings are refused by name.
        """
        need_str("path", path)
        return self._hadoop_input(
            False,
            path,
            inputFormatClass,
            (keyClass, valueClass, keyConverter, valueConverter),
            conf,
            batchSize,
            "hadoopFile",
        )

    def hadoopRDD(
        self,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[T, U]]:
        """The (key, value) pairs of what settings name, in a format of Hadoop's old API.

        Parameters
        ----------
        inputFormatClass, keyClass, valueClass, keyConverter, valueConverter, batchSize
            as for :meth:`hadoopFile`
        conf
            among others ``mapreduce.input.fileinputformat.inputdir``, a path

        Raises
        ------
        SparkException
            as for :meth:`hadoopFile`; if there is no path in ``conf``

        Examples
        --------
        >>> import os, tempfile
        >>> format = "org.apache.hadoop.mapred.SequenceFileInputFormat"
        >>> text = "org.apache.hadoop.io.Text"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "pairs")
        ...     sc.parallelize([("a", "b")], 1).saveAsSequenceFile(path)
        ...     conf = {"mapreduce.input.fileinputformat.inputdir": path}
        ...     sc.hadoopRDD(format, text, text, conf=conf).collect()
        [('a', 'b')]

        Differs from Spark: see :meth:`hadoopFile`.
        """
        return self._hadoop_input(
            False,
            None,
            inputFormatClass,
            (keyClass, valueClass, keyConverter, valueConverter),
            conf,
            batchSize,
            "hadoopRDD",
        )

    def newAPIHadoopFile(
        self,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[T, U]]:
        """The (key, value) pairs of files, in a format of Hadoop's new API.

        Parameters
        ----------
        path
            a path: a directory, file, glob or comma list
        inputFormatClass
            ``org.apache.hadoop.mapreduce.lib.input.TextInputFormat`` or
            ``...SequenceFileInputFormat``
        keyClass, valueClass, keyConverter, valueConverter, batchSize
            as for :meth:`hadoopFile`
        conf
            settings, such as ``mapreduce.input.fileinputformat.split.maxsize``: how many bytes a
            partition has at most

        Raises
        ------
        SparkException
            as for :meth:`hadoopFile`

        Examples
        --------
        >>> import os, tempfile
        >>> format = "org.apache.hadoop.mapreduce.lib.input.TextInputFormat"
        >>> number, text = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"
        >>> conf = {"mapreduce.input.fileinputformat.split.maxsize": "3"}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "lines.txt")
        ...     with open(path, "w") as file:
        ...         _ = file.write("to\\nbe\\n")
        ...     sc.newAPIHadoopFile(path, format, number, text, conf=conf).glom().collect()
        [[(0, 'to'), (3, 'be')], []]

        As in Spark: without settings a partition is a file, or 32 MiB of it. Differs from Spark:
        see :meth:`hadoopFile`.
        """
        need_str("path", path)
        return self._hadoop_input(
            True,
            path,
            inputFormatClass,
            (keyClass, valueClass, keyConverter, valueConverter),
            conf,
            batchSize,
            "newAPIHadoopFile",
        )

    def newAPIHadoopRDD(
        self,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: dict[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[T, U]]:
        """The (key, value) pairs of what settings name, in a format of Hadoop's new API.

        Parameters
        ----------
        inputFormatClass, keyClass, valueClass, keyConverter, valueConverter, batchSize
            as for :meth:`newAPIHadoopFile`
        conf
            among others ``mapreduce.input.fileinputformat.inputdir``, a path

        Raises
        ------
        SparkException
            as for :meth:`hadoopRDD`

        Examples
        --------
        >>> import os, tempfile
        >>> format = "org.apache.hadoop.mapreduce.lib.input.SequenceFileInputFormat"
        >>> text = "org.apache.hadoop.io.Text"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "pairs")
        ...     sc.parallelize([("a", "b")], 1).saveAsSequenceFile(path)
        ...     conf = {"mapreduce.input.fileinputformat.inputdir": path}
        ...     sc.newAPIHadoopRDD(format, text, text, conf=conf).collect()
        [('a', 'b')]

        Differs from Spark: see :meth:`hadoopFile`.
        """
        return self._hadoop_input(
            True,
            None,
            inputFormatClass,
            (keyClass, valueClass, keyConverter, valueConverter),
            conf,
            batchSize,
            "newAPIHadoopRDD",
        )

    def _hadoop_input(
        self,
        is_new: bool,
        path: str | None,
        format_class: str,
        classes: tuple[str, str, str | None, str | None],
        settings: dict[str, str] | None,
        batch_size: int,
        operation: str,
    ) -> RDD[Any]:
        from minispark.io.hadoop import HadoopConf, input_of

        conf = HadoopConf(self._hadoop_settings, settings)
        if path is not None and not is_new:
            conf = HadoopConf(self._hadoop_settings)
        self._check_classes(*classes)
        source = input_of(format_class, is_new, path, conf, self.defaultMinPartitions)
        return self._pairs(source, f"{operation} at {_SITES[operation]}", path, batch_size)

    def _check_classes(
        self,
        key_class: str,
        value_class: str,
        key_converter: str | None,
        value_converter: str | None,
    ) -> None:
        from minispark.io.hadoop import refuse_converter
        from minispark.io.writables import known_class

        known_class(key_class)
        known_class(value_class)
        refuse_converter(key_converter)
        refuse_converter(value_converter)

    def _pairs(self, source: Input, site: str, name: str | None, batch_size: int) -> RDD[Any]:
        from minispark.core.tasks.hadoop import (
            pickled_pairs,
            read_sequence_pairs,
            read_text_pairs,
        )

        read = read_text_pairs if source.kind == "text" else read_sequence_pairs
        kind = "NewHadoopRDD" if source.is_new else "HadoopRDD"
        # As in Spark, where one pair is looked at, so that what cannot be read is an error here.
        self._rdd(
            self._file_node(kind, site, source.splits, partial(pickled_pairs, read, 1), name),
            _pickled(),
        ).take(1)
        read_frames = partial(pickled_pairs, read, batch_size)
        node = self._file_node(kind, site, source.splits, read_frames, name)
        converted = self._behind(node, "map at PythonHadoopUtil.scala:186")
        return self._rdd(
            self._behind(converted, "mapPartitions at SerDeUtil.scala:184"), _pickled()
        )


_SITES = {
    "hadoopFile": "PythonRDD.scala:534",
    "hadoopRDD": "PythonRDD.scala:536",
    "newAPIHadoopFile": "PythonRDD.scala:465",
    "newAPIHadoopRDD": "PythonRDD.scala:467",
}


def _pickled() -> FrameCodec:
    return AutoBatchedSerializer(CloudPickleSerializer())
