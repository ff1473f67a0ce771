"""``pyspark.rdd``: the class RDD and what belongs to it."""

from minispark.core.rdd import (
    RDD,
    BoundedFloat,
    Partitioner,
    PipelinedRDD,
    RDDBarrier,
    portable_hash,
)
from minispark.core.rdd.names import *  # noqa: F403  # not in __all__, as in PySpark

__all__ = [
    "RDD",
    "BoundedFloat",
    "Partitioner",
    "PipelinedRDD",
    "RDDBarrier",
    "portable_hash",
]
