"""``pyspark.rdd``: the class RDD and what belongs to it."""

from minispark.core.rdd import (
    RDD,
    BoundedFloat,
    Partitioner,
    PipelinedRDD,
    RDDBarrier,
    portable_hash,
)

__all__ = [
    "RDD",
    "BoundedFloat",
    "Partitioner",
    "PipelinedRDD",
    "RDDBarrier",
    "portable_hash",
]
