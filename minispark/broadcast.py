"""``pyspark.broadcast``: the class Broadcast."""

from minispark.core.broadcast import Broadcast

__all__ = ["Broadcast"]
