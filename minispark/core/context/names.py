"""Names of other modules that programs import from ``pyspark.context``, where they are too.

For ``minispark.context`` and ``minispark.core.context``. Nothing is defined here.
"""

from minispark.accumulators import Accumulator
from minispark.conf import SparkConf
from minispark.core.broadcast import Broadcast, BroadcastPickleRegistry
from minispark.core.files import SparkFiles
from minispark.core.rdd import RDD
from minispark.core.status import StatusTracker
from minispark.errors import PySparkRuntimeError
from minispark.profiler import BasicProfiler, MemoryProfiler, ProfilerCollector, UDFBasicProfiler
from minispark.resource.information import ResourceInformation
from minispark.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CPickleSerializer,
    NoOpSerializer,
    PairDeserializer,
    Serializer,
    UTF8Deserializer,
)
from minispark.storagelevel import StorageLevel
from minispark.taskcontext import TaskContext

__all__ = [
    "RDD",
    "Accumulator",
    "AutoBatchedSerializer",
    "BasicProfiler",
    "BatchedSerializer",
    "Broadcast",
    "BroadcastPickleRegistry",
    "CPickleSerializer",
    "MemoryProfiler",
    "NoOpSerializer",
    "PairDeserializer",
    "ProfilerCollector",
    "PySparkRuntimeError",
    "ResourceInformation",
    "Serializer",
    "SparkConf",
    "SparkFiles",
    "StatusTracker",
    "StorageLevel",
    "TaskContext",
    "UDFBasicProfiler",
    "UTF8Deserializer",
]
