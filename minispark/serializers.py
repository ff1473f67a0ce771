"""Serializers that a program can give to a SparkContext. As in Spark: ``pyspark.serializers``."""

from minispark.engine.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CloudPickleSerializer,
    MarshalSerializer,
    PickleSerializer,
    Serializer,
    UTF8Deserializer,
)

CPickleSerializer = CloudPickleSerializer

__all__ = [
    "AutoBatchedSerializer",
    "BatchedSerializer",
    "CPickleSerializer",
    "CloudPickleSerializer",
    "MarshalSerializer",
    "PickleSerializer",
    "Serializer",
    "UTF8Deserializer",
]
