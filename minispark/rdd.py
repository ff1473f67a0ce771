"""``pyspark.rdd``: the class RDD and what belongs to it."""

from minispark.core.rdd import RDD, Partitioner, PipelinedRDD, portable_hash

__all__ = ["RDD", "Partitioner", "PipelinedRDD", "portable_hash"]
