"""Errors have PySpark's classes, conditions and words, and survive the way from task to driver."""

import copy
import pickle
import re

import cloudpickle
import pytest

import minispark.errors as errors
from minispark.errors import (
    PySparkAssertionError,
    PySparkException,
    PySparkTypeError,
    PySparkValueError,
    QueryContext,
    SparkException,
)
from minispark.errors.conditions import CONDITIONS, SQL_STATES
from minispark.errors.utils import ErrorClassesReader

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, PySparkException)
]


def wrong_type():
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={"arg_name": "f", "expected_type": "str", "arg_type": "int"},
    )


def test_an_error_shows_its_condition_and_its_text():
    error = wrong_type()
    assert str(error) == "[NOT_EXPECTED_TYPE] Argument `f` should be str, got int."
    assert error.getMessage() == str(error)
    assert error.getCondition() == "NOT_EXPECTED_TYPE"
    assert error.getMessageParameters() == {
        "arg_name": "f",
        "expected_type": "str",
        "arg_type": "int",
    }
    assert error.getSqlState() == "42K09"
    assert error.getQueryContext() == []
    assert error.getBreakingChangeInfo() is None


def test_an_error_with_a_text_of_its_own_shows_just_that():
    error = PySparkValueError("no such luck")
    assert str(error) == "no such luck"
    assert error.getMessage() == "[None] no such luck"
    assert (error.getCondition(), error.getMessageParameters(), error.getSqlState()) == (None,) * 3
    assert error.getBreakingChangeInfo() is None
    assert error.args == ("no such luck",)


def test_a_text_of_its_own_goes_before_that_of_the_condition():
    error = PySparkException("mine", errorClass="READ_ONLY")
    assert str(error) == "[READ_ONLY] mine"


def test_the_old_name_of_the_condition_warns():
    with pytest.warns(FutureWarning, match="Deprecated in 4.0.0, use getCondition instead."):
        assert wrong_type().getErrorClass() == "NOT_EXPECTED_TYPE"


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (errors.PySparkValueError, ValueError),
        (errors.PySparkTypeError, TypeError),
        (errors.PySparkIndexError, IndexError),
        (errors.PySparkAttributeError, AttributeError),
        (errors.PySparkRuntimeError, RuntimeError),
        (errors.PySparkAssertionError, AssertionError),
        (errors.PySparkNotImplementedError, NotImplementedError),
        (errors.PySparkPicklingError, pickle.PicklingError),
        (errors.PySparkKeyError, KeyError),
        (errors.PySparkImportError, ImportError),
        (errors.NumberFormatException, errors.IllegalArgumentException),
        (errors.ParseException, errors.AnalysisException),
        (errors.TempTableAlreadyExistsException, errors.AnalysisException),
    ],
)
def test_an_error_is_caught_as_the_one_it_wraps(cls, builtin):
    with pytest.raises(builtin, match=re.escape("[NOT_ITERABLE] int is not iterable.")):
        raise cls(errorClass="NOT_ITERABLE", messageParameters={"objectName": "int"})


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize(
    "cross",
    [
        *[lambda e, n=n: pickle.loads(pickle.dumps(e, n)) for n in range(6)],
        lambda e: pickle.loads(cloudpickle.dumps(e)),
        copy.copy,
        copy.deepcopy,
    ],
)
def test_every_error_survives_pickling_and_copying(cls, cross):
    error = cls(errorClass="CANNOT_BE_NONE", messageParameters={"arg_name": "f"})
    error.add_note("seen in a task")
    twin = cross(error)
    assert type(twin) is cls
    assert str(twin) == "[CANNOT_BE_NONE] Argument `f` cannot be None."
    assert twin.getMessageParameters() == {"arg_name": "f"}
    assert twin.__notes__ == ["seen in a task"]
    by_position = cross(cls("text", "READ_ONLY"))
    assert (str(by_position), by_position.args) == ("[READ_ONLY] text", ("text", "READ_ONLY"))


def test_an_error_of_a_program_survives_with_what_it_adds():
    class Mine(PySparkValueError):
        def __init__(self, value):
            super().__init__(f"bad value {value}")
            self.value = value

    twin = pickle.loads(cloudpickle.dumps(Mine(5)))
    assert (str(twin), twin.value) == ("bad value 5", 5)


def test_an_assertion_keeps_its_rows():
    error = pickle.loads(pickle.dumps(PySparkAssertionError("rows differ", data=[1, 2])))
    assert error.data == [1, 2]
    assert PySparkAssertionError("x").data is None


def test_a_condition_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="Cannot find main error class 'NO_SUCH'"):
        PySparkException(errorClass="NO_SUCH", messageParameters={})
    with pytest.raises(ValueError, match="Cannot find main error class 'NO_SUCH'"):
        PySparkException("text", "NO_SUCH").getBreakingChangeInfo()
    assert PySparkException("text", "NO_SUCH").getSqlState() is None


@pytest.mark.parametrize("parameters", [None, {}, {"name": "f"}, {"arg_name": "f", "more": "x"}])
def test_parameters_that_the_text_does_not_have_are_refused(parameters):
    with pytest.raises(AssertionError, match="Undefined error message parameter for error class"):
        PySparkException(errorClass="CANNOT_BE_NONE", messageParameters=parameters)


def test_an_error_without_text_and_condition_is_refused():
    with pytest.raises(TypeError, match="PySparkTypeError needs a message or an errorClass"):
        PySparkTypeError()


def test_parameters_go_into_the_text_as_they_are():
    error = PySparkException(
        errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": "<exc> {0} \\1"}
    )
    assert str(error).endswith("failing the task: <exc> {0} \\1")


def test_each_condition_can_be_filled_in():
    reader = ErrorClassesReader()
    for condition, template in CONDITIONS.items():
        parameters = dict.fromkeys(re.findall("<([a-z_A-Z0-9]+)>", template), "VALUE")
        text = reader.get_error_message(condition, parameters)
        assert "<" not in text
        assert text.count("VALUE") >= len(parameters)
    assert set(SQL_STATES) <= set(CONDITIONS)


def test_the_words_are_pyspark_s():
    words = {
        "CONTEXT_ONLY_VALID_ON_DRIVER": "It appears that you are attempting to reference "
        "SparkContext from a broadcast variable, action, or transformation. SparkContext can only "
        "be used on the driver, not in code that runs on workers. For more information, see "
        "SPARK-5063.",
        "INCORRECT_CONF_FOR_PROFILE": "`spark.python.profile` or `spark.python.profile.memory` "
        "configuration\n must be set to `true` to enable Python profile.",
        "MASTER_URL_NOT_SET": "A master URL must be set in your configuration.",
        "PIPE_FUNCTION_EXITED": "Pipe function `<func_name>` exited with error code <error_code>.",
    }
    assert {condition: CONDITIONS[condition] for condition in words} == words


def test_a_query_context_has_all_of_its_methods_or_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        QueryContext()


def test_a_failed_job_is_no_pyspark_exception_just_as_py4j_s_is_none():
    error = SparkException("Job aborted due to stage failure", "org.apache.spark.X")
    assert not isinstance(error, PySparkException)
    assert str(error) == "Job aborted due to stage failure"
    assert SparkException("x").java_exception_class == "org.apache.spark.SparkException"
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (str(twin), twin.java_exception_class) == (str(error), "org.apache.spark.X")
