"""``pyspark.files``: files that a program gives to its tasks."""

from minispark.core.files import SparkFiles

__all__ = ["SparkFiles"]
