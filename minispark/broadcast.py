"""``pyspark.broadcast``: the class Broadcast."""

from minispark.core.broadcast import Broadcast, BroadcastPickleRegistry

__all__ = ["Broadcast", "BroadcastPickleRegistry"]
