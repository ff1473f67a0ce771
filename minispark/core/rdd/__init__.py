"""The class RDD: what a program holds, and all that it can do with it.

An RDD is a lazy, partitioned collection: transformations give new RDDs and run nothing, actions
run a job and give values. The class is put together from modules by what an operation needs of
the elements; each builds on those before it:

    base        the RDD itself: its node of the lineage, or its pipeline of functions
    keeping     what is kept: cache, persist, checkpoints, shuffle outputs
    structure   partitions as they are: union, zip, partitionBy, coalesce, lineage
    elements    any elements: map, filter, distinct, sample, set operations
    actions     any elements, to the driver: reduce, count, take, foreach
    pairs       (key, value) pairs: by-key operations and joins
    numbers     numbers: sum, mean, histogram
    approximate what is about right: countApprox, countApproxDistinct (estimates: the formulas)
    ordered     elements or keys with an order: sortBy, sortByKey
    output      out of the program: saveAsTextFile
    hadoop      out of the program in Hadoop's formats: saveAsPickleFile, saveAsSequenceFile
    barrier     stages whose tasks run all at once
    ../tasks/   the functions of all these that run in tasks
"""

from __future__ import annotations

from typing import Any, TypeVar

from minispark.core.no_jvm import NoJvm
from minispark.core.parts import name_methods_after
from minispark.core.rdd.barrier import RDDBarrier
from minispark.core.rdd.base import Partitioner, Pipeline
from minispark.core.rdd.estimates import BoundedFloat
from minispark.core.rdd.hadoop import HadoopOutputOps
from minispark.core.rdd.names import *  # noqa: F403  # not in __all__, as in PySpark
from minispark.engine.lineage import Node
from minispark.engine.serializers import FrameCodec
from minispark.engine.shuffle.hashing import portable_hash
from minispark.errors import SparkException
from minispark.resource.profile import ResourceProfile

__all__ = [
    "RDD",
    "BoundedFloat",
    "Partitioner",
    "PipelinedRDD",
    "RDDBarrier",
    "portable_hash",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class RDD(HadoopOutputOps[T_co]):
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

    _jrdd = NoJvm(
        "Storage and lineage: getStorageLevel, toDebugString, getNumPartitions. Java's own "
        "operations: none, use those of RDD"
    )
    _jrdd_deserializer = NoJvm("There is nothing behind it: elements come out by collect")
    _to_java_object_rdd = NoJvm("Java has no use for the elements here: use those of RDD")

    def barrier(self: RDD[T]) -> RDDBarrier[T]:
        """Have the next step computed in a barrier stage: all its tasks at once.

        >>> from minispark import BarrierTaskContext
        >>> def meet(records):
        ...     return [BarrierTaskContext.get().allGather(str(sum(records)))]
        >>> sc.parallelize([1, 2, 3], 2).barrier().mapPartitions(meet).collect()
        [['1', '5'], ['1', '5']]

        As in Spark: see :class:`RDDBarrier`.
        """
        return RDDBarrier(self)

    def withResources(self: RDD[T], profile: ResourceProfile) -> RDD[T]:
        """Compute the stages of this RDD with what ``profile`` asks for: not in local mode.

        Raises
        ------
        SparkException
            always, as in Spark's local mode: there is one executor, and it is as it is
        TypeError
            if ``profile`` is not a ResourceProfile

        >>> from minispark.resource import ResourceProfileBuilder, TaskResourceRequests
        >>> profile = ResourceProfileBuilder().require(TaskResourceRequests().cpus(2)).build
        >>> try:
        ...     sc.parallelize([1]).withResources(profile)
        ... except Exception as exc:
        ...     print("TaskResourceProfiles are only supported" in str(exc))
        True
        """
        if not isinstance(profile, ResourceProfile):
            raise TypeError(
                f"profile is a ResourceProfile, not {type(profile).__name__}: {profile!r}"
            )
        if profile.executorResources:
            raise SparkException(
                "ResourceProfiles are only supported on YARN and Kubernetes and Standalone with "
                "dynamic allocation enabled."
            )
        raise SparkException(
            "TaskResourceProfiles are only supported for Standalone, Yarn and Kubernetes cluster "
            "for now when dynamic allocation is disabled."
        )

    def getResourceProfile(self) -> ResourceProfile | None:
        """The profile that ``withResources`` has set: None in local mode.

        >>> sc.parallelize([1]).getResourceProfile() is None
        True
        """
        return None

    def _new(self, node: Node, codec: FrameCodec) -> RDD[Any]:
        return RDD(self.ctx, codec, node, None)

    def _new_pipelined(self, pipeline: Pipeline, codec: FrameCodec) -> RDD[Any]:
        return PipelinedRDD(self.ctx, codec, None, pipeline)


class PipelinedRDD(RDD[T_co]):
    """An RDD made by functions that run in one pass over the RDD before it."""


# Its address, as a program sees it in the text of an object.
RDDBarrier.__module__ = __name__

name_methods_after(RDD)
