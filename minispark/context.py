"""``pyspark.context``: the class SparkContext."""

from minispark.core.context import SparkContext

__all__ = ["SparkContext"]
