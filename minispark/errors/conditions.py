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
    "ATTRIBUTE_NOT_SUPPORTED":
        "Attribute `<attr_name>` is not supported.",
    "BROADCAST_VARIABLE_NOT_LOADED":
        "Broadcast variable `<variable>` not loaded.",
    "CALL_BEFORE_INITIALIZE":
        "Not supported to call `<func_name>` before initializing <object>.",
    "CANNOT_BE_EMPTY":
        "At least one <item> must be specified.",
    "CANNOT_BE_NONE":
        "Argument `<arg_name>` cannot be None.",
    "CANNOT_CONVERT_TYPE":
        "Cannot convert <from_type> into <to_type>.",
    "CANNOT_DETERMINE_TYPE":
        "Some of types cannot be determined after inferring.",
    "CANNOT_INFER_ARRAY_ELEMENT_TYPE":
        "Can not infer the element data type, a non-empty list starting with a non-None value is "
        "required.",
    "CANNOT_INFER_EMPTY_SCHEMA":
        "Can not infer schema from an empty dataset.",
    "CANNOT_INFER_SCHEMA_FOR_TYPE":
        "Can not infer schema for type: `<data_type>`.",
    "CANNOT_INFER_TYPE_FOR_FIELD":
        "Unable to infer the type of the field `<field_name>`.",
    "CANNOT_MERGE_TYPE":
        "Can not merge type `<data_type1>` and `<data_type2>`.",
    "CANNOT_PARSE_DATATYPE":
        "Unable to parse datatype. <msg>.",
    "CANNOT_SET_TOGETHER":
        "<arg_list> should not be set together.",
    "CONTEXT_ONLY_VALID_ON_DRIVER":
        "It appears that you are attempting to reference SparkContext from a broadcast variable, "
        "action, or transformation. SparkContext can only be used on the driver, not in code that "
        "runs on workers. For more information, see SPARK-5063.",
    "DIFFERENT_ROWS":
        "<error_msg>",
    "DIFFERENT_SCHEMA":
        "Schemas do not match.\n--- actual\n+++ expected\n<error_msg>",
    "FIELD_DATA_TYPE_UNACCEPTABLE":
        "<data_type> can not accept object <obj> in type <obj_type>.",
    "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME":
        "<field_name>: <data_type> can not accept object <obj> in type <obj_type>.",
    "FIELD_NOT_NULLABLE":
        "Field is not nullable, but got None.",
    "FIELD_NOT_NULLABLE_WITH_NAME":
        "<field_name>: This field is not nullable, but got None.",
    "FIELD_STRUCT_LENGTH_MISMATCH":
        "Length of object (<object_length>) does not match with length of fields "
        "(<field_length>).",
    "FIELD_STRUCT_LENGTH_MISMATCH_WITH_NAME":
        "<field_name>: Length of object (<object_length>) does not match with length of fields "
        "(<field_length>).",
    "FIELD_TYPE_MISMATCH":
        "<obj> is not an instance of type <data_type>.",
    "FIELD_TYPE_MISMATCH_WITH_NAME":
        "<field_name>: <obj> is not an instance of type <data_type>.",
    "INCORRECT_CONF_FOR_PROFILE":
        "`spark.python.profile` or `spark.python.profile.memory` configuration\n"
        " must be set to `true` to enable Python profile.",
    "INDEX_OUT_OF_RANGE":
        "<arg_name> index out of range, got '<index>'.",
    "INVALID_BROADCAST_OPERATION":
        "Broadcast can only be <operation> in driver.",
    "INVALID_INTERVAL_CASTING":
        "Interval <start_field> to <end_field> is invalid.",
    "INVALID_TYPE":
        "Argument `<arg_name>` should not be a <arg_type>.",
    "INVALID_TYPENAME_CALL":
        "StructField does not have typeName. Use typeName on its type explicitly instead.",
    "INVALID_TYPE_DF_EQUALITY_ARG":
        "Expected type <expected_type> for `<arg_name>` but got type <actual_type>.",
    "KEY_NOT_EXISTS":
        "Key `<key>` does not exist.",
    "KEY_VALUE_PAIR_REQUIRED":
        "Key-value pair or a list of pairs is required.",
    "LENGTH_SHOULD_BE_THE_SAME":
        "<arg1> and <arg2> should be of the same length, got <arg1_length> and <arg2_length>.",
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
    "NO_ACTIVE_OR_DEFAULT_SESSION":
        "No active or default Spark session found. Please create a new Spark session before "
        "running the code.",
    "ONLY_SUPPORTED_WITH_SPARK_CONNECT":
        "<feature> is only supported with Spark Connect; however, the current Spark session does "
        "not use Spark Connect.",
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
    "TOO_MANY_VALUES":
        "Expected <expected> values for `<item>`, got <actual>.",
    "UNEXPECTED_TUPLE_WITH_STRUCT":
        "Unexpected tuple <tuple> with StructType.",
    "UNSUPPORTED_DATA_TYPE":
        "Unsupported DataType `<data_type>`.",
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
    "ATTRIBUTE_NOT_SUPPORTED": "0A000",
    "CANNOT_INFER_EMPTY_SCHEMA": "42K09",
    "CANNOT_INFER_SCHEMA_FOR_TYPE": "42K09",
    "CANNOT_INFER_TYPE_FOR_FIELD": "42K09",
    "CANNOT_MERGE_TYPE": "42K09",
    "NOT_EXPECTED_TYPE": "42K09",
    "NOT_IMPLEMENTED": "0A000",
    "NOT_ITERABLE": "42K09",
    "NOT_SAME_TYPE": "42K09",
    "NO_ACTIVE_OR_DEFAULT_SESSION": "08003",
    "ONLY_SUPPORTED_WITH_SPARK_CONNECT": "0A000",
}
