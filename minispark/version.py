"""Versions: of minispark, and of the Spark API that it follows."""

__version__ = "0.1.0"

SPARK_VERSION = "4.3.0"
"""What ``SparkContext.version`` tells: the release of Spark whose answers are given here."""
