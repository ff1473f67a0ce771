"""``pyspark.rdd``: the class RDD and what belongs to it."""

from minispark.core.rdd import RDD, Partitioner, portable_hash

__all__ = ["RDD", "Partitioner", "portable_hash"]
