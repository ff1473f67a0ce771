"""Where RDDs come from: data of the program, files, other RDDs.

Part of the class SparkContext (`minispark.core.context`), for programs.
Must not know: jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from minispark.core.arguments import need_count, need_str
from minispark.core.context.base import ContextBase, native
from minispark.core.rdd import RDD
from minispark.core.rdd.structure import union_node
from minispark.core.tasks.sources import range_slice
from minispark.engine.lineage import (
    EmptyNode,
    ParallelCollectionNode,
)
from minispark.engine.serializers import (
    BatchedSerializer,
    Frame,
    NoOpSerializer,
    PairDeserializer,
    UTF8Deserializer,
)

__all__ = ["SourceOps"]

T = TypeVar("T")


class SourceOps(ContextBase):
    """Making RDDs."""

    def emptyRDD(self) -> RDD[Any]:
        """An RDD with no partitions and no elements.

        >>> sc.emptyRDD().collect()
        []
        """
        node = EmptyNode(self._engine.new_node_id(), native("emptyRDD"))
        return self._rdd(node, NoOpSerializer())

    def range(
        self, start: int, end: int | None = None, step: int = 1, numSlices: int | None = None
    ) -> RDD[int]:
        """The ints of ``range(start, end, step)``; of ``range(start)`` if there is no ``end``.

        >>> sc.range(5).collect(), sc.range(2, 9, 3).collect()
        ([0, 1, 2, 3, 4], [2, 5, 8])

        As in Spark: each partition makes its part by itself; nothing is sent.
        """
        if end is None:
            start, end = 0, start
        return self.parallelize(range(start, end, step), numSlices)

    def parallelize(self, c: Iterable[T], numSlices: int | None = None) -> RDD[T]:
        """The elements of ``c`` as an RDD.

        Parameters
        ----------
        c
            any iterable. It is read and pickled now: an iterator once, for good, and changes to
            a list later on change nothing.
        numSlices
            how many partitions; None: :attr:`defaultParallelism`

        Raises
        ------
        PicklingError
            if an element cannot be pickled

        Examples
        --------
        >>> sc.parallelize([0, 2, 3, 4, 6], 5).glom().collect()
        [[0], [2], [3], [4], [6]]
        >>> sc.parallelize(range(0, 6, 2), 5).glom().collect()
        [[], [0], [], [2], [4]]
        """
        slices = self.defaultParallelism if numSlices is None else int(numSlices)
        if isinstance(c, range):
            empty: RDD[Any] = self.parallelize([], slices)
            if len(c) == 0:
                return empty
            return cast("RDD[T]", empty.mapPartitionsWithIndex(partial(range_slice, c, slices)))
        elements: Sequence[T] = cast("Sequence[T]", c) if "__len__" in dir(c) else list(c)
        batch_size = max(1, min(len(elements) // slices, self._batchSize or 1024))
        codec = BatchedSerializer(self._unbatched_serializer, batch_size)
        id = self._engine.new_node_id()
        node = ParallelCollectionNode(
            id,
            "readRDDFromFile at PythonRDD.scala:326",
            list(codec.frames(elements)),
            slices,
            self._engine.directory.file(f"parallelized_{id}"),
        )
        return self._rdd(node, codec)

    def textFile(
        self, name: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[str]:
        """The lines of a text file, or of all files of a directory, glob or comma list.

        Parameters
        ----------
        name
            a path
        minPartitions
            about how many partitions at least; None: :attr:`defaultMinPartitions`
        use_unicode
            False: elements are UTF-8 bytes

        Raises
        ------
        SparkException
            from the action, if there is no such path

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "greeting.txt")
        ...     with open(path, "w") as file:
        ...         _ = file.write("hello\\nworld\\n")
        ...     sc.textFile(path).collect()
        ['hello', 'world']

        As in Spark: splits, line ends and file order are Hadoop's.
        """
        from minispark.io.text import read_split_text, text_splits

        need_str("name", name)
        need_count("minPartitions", minPartitions)
        minimum = minPartitions or min(self.defaultParallelism, 2)
        site = native("textFile")
        read = read_split_text if use_unicode else _read_split_bytes
        source = self._file_node("HadoopRDD", site, partial(text_splits, name, minimum), read, name)
        node = self._behind(source, site)
        node.name = name
        return self._rdd(node, UTF8Deserializer(use_unicode))

    def wholeTextFiles(
        self, path: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[tuple[str, str]]:
        """(name, content) of each file of a directory, glob or comma list.

        Parameters
        ----------
        path
            a path
        minPartitions
            about how many partitions at least; None: :attr:`defaultMinPartitions`
        use_unicode
            False: names and contents are UTF-8 bytes

        Raises
        ------
        SparkException
            from the action, if there is no such path

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with open(os.path.join(folder, "greeting.txt"), "w") as file:
        ...         _ = file.write("hello\\nworld\\n")
        ...     ((name, content),) = sc.wholeTextFiles(folder).collect()
        ...     os.path.basename(name), content
        ('greeting.txt', 'hello\\nworld\\n')

        As in Spark: names begin with ``file:``, and small files share a partition.
        """
        from minispark.io.whole import whole_file_splits

        need_str("path", path)
        need_count("minPartitions", minPartitions)
        minimum = minPartitions or self.defaultMinPartitions
        site = native("wholeTextFiles")
        splits = partial(whole_file_splits, path, minimum)
        read = partial(_read_whole_files, use_unicode)
        node = self._behind(self._file_node("WholeTextFileRDD", site, splits, read, None), site)
        node.name = path
        text = UTF8Deserializer(use_unicode)
        return self._rdd(node, PairDeserializer(text, text))

    def union(self, rdds: list[RDD[T]]) -> RDD[T]:
        """The elements of all ``rdds``, one after the other.

        >>> sc.union([sc.parallelize([1], 1), sc.parallelize([2, 3], 2)]).glom().collect()
        [[1], [2], [3]]
        """
        codec = rdds[0]._codec
        if any(rdd._codec != codec for rdd in rdds):
            rdds = [rdd._reserialize() for rdd in rdds]
        nodes = [rdd._node for rdd in rdds]
        return self._rdd(union_node(rdds[0].ctx, nodes), rdds[0]._codec)


def _read_split_bytes(split: Any) -> Iterator[Frame]:
    from minispark.io.text import read_split, repair_text

    return map(repair_text, read_split(split))


def _read_whole_files(use_unicode: bool, split: Any) -> Iterator[Frame]:
    from minispark.io.text import decode_text, repair_text
    from minispark.io.whole import read_whole_split

    for name, content in read_whole_split(split):
        if use_unicode:
            yield name, decode_text(content)
        else:
            yield name.encode(), repair_text(content)
