"""What `from minispark import ...` gives, but for the version: the names of ``pyspark.__all__``.

For `minispark` itself, which imports this when it is first asked for one of them.
"""

from minispark._decorators import keyword_only, since
from minispark.accumulators import Accumulator, AccumulatorParam
from minispark.conf import SparkConf
from minispark.core.broadcast import Broadcast
from minispark.core.context import SparkContext
from minispark.core.rdd import RDD, RDDBarrier
from minispark.dropin import activate, deactivate
from minispark.files import SparkFiles
from minispark.profiler import BasicProfiler, Profiler
from minispark.serializers import CPickleSerializer, MarshalSerializer
from minispark.status import SparkExecutorInfo, SparkJobInfo, SparkStageInfo, StatusTracker
from minispark.storagelevel import StorageLevel
from minispark.taskcontext import BarrierTaskContext, BarrierTaskInfo, TaskContext
from minispark.util import InheritableThread, inheritable_thread_target, is_remote_only

# With the names that `from minispark import *` does not give.
__all__ = [
    "RDD",
    "Accumulator",
    "AccumulatorParam",
    "BarrierTaskContext",
    "BarrierTaskInfo",
    "BasicProfiler",
    "Broadcast",
    "CPickleSerializer",
    "InheritableThread",
    "MarshalSerializer",
    "Profiler",
    "RDDBarrier",
    "SparkConf",
    "SparkContext",
    "SparkExecutorInfo",
    "SparkFiles",
    "SparkJobInfo",
    "SparkStageInfo",
    "StatusTracker",
    "StorageLevel",
    "TaskContext",
    "activate",
    "deactivate",
    "inheritable_thread_target",
    "is_remote_only",
    "keyword_only",
    "since",
]
