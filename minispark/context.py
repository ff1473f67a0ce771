"""``pyspark.context``: the class SparkContext."""

from minispark.core.context import SparkContext
from minispark.core.context.names import *  # noqa: F403  # not in __all__, as in PySpark

__all__ = ["SparkContext"]
