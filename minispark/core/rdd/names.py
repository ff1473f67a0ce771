"""Names of other modules that programs import from ``pyspark.rdd``, where they are too.

For ``minispark.rdd`` and ``minispark.core.rdd``. Nothing is defined here.
"""

from minispark.errors import PySparkRuntimeError
from minispark.join import (
    python_cogroup,
    python_full_outer_join,
    python_join,
    python_left_outer_join,
    python_right_outer_join,
)
from minispark.rddsampler import RDDRangeSampler, RDDSampler, RDDStratifiedSampler
from minispark.resource.profile import ResourceProfile
from minispark.resource.requests import ExecutorResourceRequests, TaskResourceRequests
from minispark.resultiterable import ResultIterable
from minispark.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CartesianDeserializer,
    CloudPickleSerializer,
    CPickleSerializer,
    NoOpSerializer,
    PairDeserializer,
    Serializer,
    pack_long,
)
from minispark.statcounter import StatCounter
from minispark.storagelevel import StorageLevel
from minispark.util import fail_on_stopiteration

__all__ = [
    "AutoBatchedSerializer",
    "BatchedSerializer",
    "CPickleSerializer",
    "CartesianDeserializer",
    "CloudPickleSerializer",
    "ExecutorResourceRequests",
    "NoOpSerializer",
    "PairDeserializer",
    "PySparkRuntimeError",
    "RDDRangeSampler",
    "RDDSampler",
    "RDDStratifiedSampler",
    "ResourceProfile",
    "ResultIterable",
    "Serializer",
    "StatCounter",
    "StorageLevel",
    "TaskResourceRequests",
    "fail_on_stopiteration",
    "pack_long",
    "python_cogroup",
    "python_full_outer_join",
    "python_join",
    "python_left_outer_join",
    "python_right_outer_join",
]
