"""The class RDD: what a program holds, and all that it can do with it.

An RDD is a lazy, partitioned collection: transformations give new RDDs and run nothing, actions
run a job and give values. The class is put together from modules by what an operation needs of
the elements; each builds on those before it:

    base        the RDD itself: its node of the lineage, or its pipeline of functions
    structure   partitions as they are: union, zip, partitionBy, coalesce, cache, lineage
    elements    any elements: map, filter, distinct, sample, set operations
    actions     any elements, to the driver: reduce, count, take, foreach
    pairs       (key, value) pairs: by-key operations and joins
    numbers     numbers: sum, mean, histogram
    ordered     elements or keys with an order: sortBy, sortByKey
    output      out of the program: saveAsTextFile
    tasks/      the functions of all these that run in tasks
"""

from __future__ import annotations

from typing import TypeVar

from minispark.core.rdd.base import Partitioner
from minispark.core.rdd.output import OutputOps
from minispark.engine.shuffle.hashing import portable_hash

__all__ = ["RDD", "Partitioner", "portable_hash"]

T_co = TypeVar("T_co", covariant=True)


class RDD(OutputOps[T_co]):
    """A lazy, partitioned collection of elements.

    Made by a :class:`~minispark.SparkContext` (``parallelize``, ``textFile``, ...) or by a
    transformation of another RDD; never directly.

    Examples
    --------
    >>> words = sc.parallelize(["to", "be", "or", "not", "to", "be"], 2)
    >>> counts = words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
    >>> sorted(counts.collect())
    [('be', 2), ('not', 1), ('or', 1), ('to', 2)]
    """
