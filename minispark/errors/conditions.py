"""The texts of the error conditions that an RDD program can meet.

For `minispark.errors.error_classes` and `minispark.errors.utils`, which fills them in. A condition
is the name in brackets at the start of an error's text; programs compare both the name and the
text, so they are Spark's, word for word.
Names in angle brackets are filled from the error's message parameters.
Must not know: which class of exception carries a condition, or where one is raised.
"""

from typing import Final

# fmt: off
CONDITIONS: Final[dict[str, str]] = {
    "APPLICATION_NAME_NOT_SET":
        "An application name must be set in your configuration.",
    "ARGUMENT_REQUIRED":
        "Argument `<arg_name>` is required when <condition>.",
    "BROADCAST_VARIABLE_NOT_LOADED":
        "Broadcast variable `<variable>` not loaded.",
    "CALL_BEFORE_INITIALIZE":
        "Not supported to call `<func_name>` before initializing <object>.",
    "CANNOT_BE_EMPTY":
        "At least one <item> must be specified.",
    "CANNOT_BE_NONE":
        "Argument `<arg_name>` cannot be None.",
    "CONTEXT_ONLY_VALID_ON_DRIVER":
        "It appears that you are attempting to reference SparkContext from a broadcast variable, "
        "action, or transformation. SparkContext can only be used on the driver, not in code that "
        "runs on workers. For more information, see SPARK-5063.",
    "INCORRECT_CONF_FOR_PROFILE":
        "`spark.python.profile` or `spark.python.profile.memory` configuration\n"
        " must be set to `true` to enable Python profile.",
    "INVALID_BROADCAST_OPERATION":
        "Broadcast can only be <operation> in driver.",
    "INVALID_TYPE":
        "Argument `<arg_name>` should not be a <arg_type>.",
    "KEY_VALUE_PAIR_REQUIRED":
        "Key-value pair or a list of pairs is required.",
    "MASTER_URL_INVALID":
        "Master must either be yarn or start with spark, k8s, or local.",
    "MASTER_URL_NOT_SET":
        "A master URL must be set in your configuration.",
    "MEMORY_PROFILE_INVALID_SOURCE":
        "Memory profiler can only be used on editors with line numbers.",
    "MISSING_LIBRARY_FOR_PROFILER":
        "Install the 'memory_profiler' library in the cluster to enable memory profiling.",
    "NEGATIVE_VALUE":
        "Value for `<arg_name>` must be greater than or equal to 0, got '<arg_value>'.",
    "NOT_EXPECTED_TYPE":
        "Argument `<arg_name>` should be <expected_type>, got <arg_type>.",
    "NOT_IMPLEMENTED":
        "<feature> is not implemented.",
    "NOT_IN_BARRIER_STAGE":
        "It is not in a barrier stage.",
    "NOT_ITERABLE":
        "<objectName> is not iterable.",
    "NOT_SAME_TYPE":
        "Argument `<arg_name1>` and `<arg_name2>` should be the same type, "
        "got <arg_type1> and <arg_type2>.",
    "NO_ACTIVE_EXCEPTION":
        "No active exception.",
    "PACKAGE_NOT_INSTALLED":
        "<package_name> >= <minimum_version> must be installed; however, it was not found.",
    "PIPE_FUNCTION_EXITED":
        "Pipe function `<func_name>` exited with error code <error_code>.",
    "PYTHON_HASH_SEED_NOT_SET":
        "Randomness of hash of string should be disabled via PYTHONHASHSEED.",
    "RDD_TRANSFORM_ONLY_VALID_ON_DRIVER":
        "It appears that you are attempting to broadcast an RDD or reference an RDD from an \n"
        "action or transformation. RDD transformations and actions can only be invoked by the \n"
        "driver, not inside of other transformations; for example, \n"
        "rdd1.map(lambda x: rdd2.values.count() * x) is invalid because the values \n"
        "transformation and count action cannot be performed inside of the rdd1.map \n"
        "transformation. For more information, see SPARK-5063.",
    "READ_ONLY":
        "<object> is read-only.",
    "SESSION_OR_CONTEXT_EXISTS":
        "There should not be an existing Spark Session or Spark Context.",
    "SESSION_OR_CONTEXT_NOT_EXISTS":
        "SparkContext or SparkSession should be created first.",
    "STOP_ITERATION_OCCURRED":
        "Caught StopIteration thrown from user's code; failing the task: <exc>",
    "UNSUPPORTED_OPERATION":
        "<operation> is not supported.",
    "UNSUPPORTED_PACKAGE_VERSION":
        "<package_name> >= <minimum_version> must be installed; however, your version is "
        "<current_version>.",
    "VALUE_ALLOWED":
        "Value for `<arg_name>` does not allow <disallowed_value>.",
    "VALUE_NOT_ACCESSIBLE":
        "Value `<value>` cannot be accessed inside tasks.",
    "VALUE_NOT_ALLOWED":
        "Value for `<arg_name>` has to be amongst the following values: <allowed_values>.",
    "VALUE_NOT_BETWEEN":
        "Value for `<arg_name>` must be between <min> and <max>.",
    "VALUE_NOT_POSITIVE":
        "Value for `<arg_name>` must be positive, got '<arg_value>'.",
    "VALUE_OUT_OF_BOUNDS":
        "Value for `<arg_name>` must be between <lower_bound> and <upper_bound> (inclusive), "
        "got <actual>",
}
# fmt: on

SQL_STATES: Final[dict[str, str]] = {
    "NOT_EXPECTED_TYPE": "42K09",
    "NOT_IMPLEMENTED": "0A000",
    "NOT_ITERABLE": "42K09",
    "NOT_SAME_TYPE": "42K09",
}
