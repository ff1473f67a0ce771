"""Stands for the real PySpark in tests of the pytest plugin: just enough of it, and no JVM."""

from pyspark.context import SparkConf, SparkContext

__all__ = ["SparkConf", "SparkContext"]
__version__ = "stand-in"
