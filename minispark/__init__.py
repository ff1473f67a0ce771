"""minispark: Spark's RDD API in plain Python.

The same programs, the same answers, no JVM: ``from minispark import SparkContext`` here,
``from pyspark import SparkContext`` there.

    core, and one module for each that a program imports from ``pyspark``   the API
    engine                                                                  how a job runs
    io                                                                      files in and out
"""

from minispark._decorators import keyword_only as keyword_only
from minispark._decorators import since as since
from minispark.accumulators import Accumulator, AccumulatorParam
from minispark.conf import SparkConf
from minispark.core.broadcast import Broadcast
from minispark.core.context import SparkContext
from minispark.core.rdd import RDD, RDDBarrier
from minispark.dropin import activate as activate
from minispark.dropin import deactivate as deactivate
from minispark.files import SparkFiles
from minispark.profiler import BasicProfiler, Profiler
from minispark.serializers import CPickleSerializer, MarshalSerializer
from minispark.status import SparkExecutorInfo, SparkJobInfo, SparkStageInfo, StatusTracker
from minispark.storagelevel import StorageLevel
from minispark.taskcontext import BarrierTaskContext, BarrierTaskInfo, TaskContext
from minispark.util import InheritableThread, inheritable_thread_target
from minispark.util import is_remote_only as is_remote_only
from minispark.version import __version__

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
    "__version__",
    "inheritable_thread_target",
]
