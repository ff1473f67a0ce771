"""What of PySpark's surface has no meaning without a JVM, and what minispark has besides.

For `conformance.surface`, which checks these lists: an entry that names nothing in PySpark, or
whose name is the same in minispark, is an error. A module's name stands for all that is at home in
it, a class's for all its members.
"""

PLUMBING = "how PySpark's Python talks to its JVM; there is none"
FOR_SQL = "for DataFrames"
WORKERS = "PySpark's worker processes; tasks are started otherwise here"
DEVELOPERS = "for those who build or debug PySpark itself"
SPILLING = (
    "how PySpark's workers merge and sort beyond their memory; the operations of RDD do that here: "
    "repartitionAndSortWithinPartitions, sortBy, combineByKey"
)
CAPTURED = (
    "made from Java exceptions in PySpark; here its classes are those of the same name in errors, "
    "which catch the same"
)
HELPER = "a helper that cloudpickle does not list; import it from the package cloudpickle"
CALL_SITE = "tells the JVM which line of the program called"

REASONS: dict[str, str] = {
    # Modules
    "_globals": FOR_SQL,
    "daemon": WORKERS,
    "errors.exceptions.tblib": "rebuilds tracebacks from the text of Java exceptions; here an "
    "exception of a task comes with its own",
    "errors.exceptions.captured": CAPTURED,
    "errors_doc_gen": DEVELOPERS,
    "find_spark_home": "finds the Java installation; there is none",
    "install": "downloads a Java distribution of Spark",
    "instrumentation_utils": "counts calls of pandas on Spark",
    "java_gateway": PLUMBING,
    "logger": "the log of DataFrame errors, and of worker processes; use Python's logging",
    "loose_version": "compares versions of pandas and pyarrow, " + FOR_SQL,
    "memory_profiler_ext": FOR_SQL + ": profiles the memory of their functions",
    "shell": "the program behind bin/pyspark; start Python and make a SparkContext",
    "shuffle": SPILLING,
    "threaddump": DEVELOPERS,
    "traceback_utils": CALL_SITE,
    "worker": WORKERS,
    "worker_message": WORKERS,
    "worker_util": WORKERS,
    # Between Python and the JVM
    "accumulators.AccumulatorTCPServer": PLUMBING,
    "accumulators.AccumulatorUnixServer": PLUMBING,
    "accumulators.UpdateRequestHandler": PLUMBING,
    "accumulators.pickleSer": PLUMBING,
    "accumulators.specialAccumulatorSer": PLUMBING,
    "cloudpickle.dynamic_subimport": HELPER,
    "cloudpickle.instance": HELPER,
    "cloudpickle.is_tornado_coroutine": HELPER,
    "cloudpickle.list_registry_pickle_by_value": HELPER,
    "cloudpickle.subimport": HELPER,
    "context.DEFAULT_CONFIGS": "settings of the JVM's serializer, and of SQL",
    "core.context.DEFAULT_CONFIGS": "settings of the JVM's serializer, and of SQL",
    "core.rdd.RDD.__init__": "made from a Java RDD there; SparkContext and the operations of RDD "
    "make it",
    "core.rdd.PipelinedRDD.__init__": "rdd.mapPartitionsWithIndex(func, preservesPartitioning) "
    "makes the same",
    "core.rdd.PipelinedRDD.func": "how PySpark puts functions together before the JVM gets them",
    "core.rdd.PipelinedRDD.is_barrier": "how PySpark puts functions together, as above",
    "core.rdd.PipelinedRDD.preservesPartitioning": "how PySpark puts functions together, as above",
    "core.rdd.PipelinedRDD.prev": "how PySpark puts functions together, as above",
    "serializers.AutoSerializer": "reads nothing that it has written, since Python 3",
    "serializers.ChunkedStream": PLUMBING,
    "taskcontext.ALL_GATHER_FUNCTION": PLUMBING,
    "taskcontext.BARRIER_FUNCTION": PLUMBING,
    "util.PythonEvalType": "kinds of DataFrame functions, and a protocol with the JVM",
    "util.default_api_mode": "between Spark Connect and the JVM; there is neither",
    "util.enable_faulthandler": WORKERS,
    "util.handle_worker_exception": WORKERS,
    "util.local_connect_and_auth": PLUMBING,
    "util.spark_connect_mode": "between Spark Connect and the JVM; there is neither",
    "util.start_faulthandler_periodic_traceback": WORKERS,
    "util.with_faulthandler": WORKERS,
    # Errors of queries
    "errors.exceptions.base.recover_python_exception": "reads the traceback out of the text of a "
    "Java exception; here an exception of a task comes with its own",
    "errors.utils.current_origin": FOR_SQL,
    "errors.utils.is_debugging_enabled": FOR_SQL,
    "errors.utils.set_current_origin": FOR_SQL,
    "errors.utils.with_origin_to_class": FOR_SQL,
}
"""Names of PySpark that are not here, or are something else: why not."""

OURS: dict[str, str] = {
    "errors.SparkException": "stands where PySpark raises py4j.protocol.Py4JJavaError",
    "accumulators.Accumulator.local_value": "for the engine, which sends it to the driver",
    "serializers.Serializer.batch": "for the engine",
    "serializers.Serializer.frames": "for the engine",
    "serializers.Serializer.records": "for the engine",
}
"""Public names that PySpark does not have: why they are there."""
