"""SparkSession and what hangs on it, where the behaviour is minispark's own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minispark import RDD, SparkContext
from minispark.errors import (
    IllegalArgumentException,
    PySparkAttributeError,
    PySparkNotImplementedError,
    PySparkRuntimeError,
    PySparkTypeError,
    PythonException,
    SparkException,
)
from minispark.sql import DataFrame, Row, SparkSession


@pytest.fixture
def spark(sc: SparkContext) -> Iterator[SparkSession]:
    with SparkSession.builder.getOrCreate() as session:
        yield session


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_package_is_imported_without_its_sql_side() -> None:
    assert run(
        "import sys, minispark; minispark.SparkContext\n"
        "print([name for name in sys.modules if name.startswith('minispark.sql')])"
    ) == ["[]"]


def test_what_pyspark_has_and_minispark_has_not_says_so(spark: SparkSession) -> None:
    for thing, name in ((spark, "sql"), (spark.range(1), "select"), (spark.read, "json")):
        assert not hasattr(thing, name)
        with pytest.raises(PySparkAttributeError, match=rf"{name} is not there yet.*--engine"):
            getattr(thing, name)


def test_what_pyspark_has_not_either_is_a_plain_attribute_error(spark: SparkSession) -> None:
    with pytest.raises(AttributeError, match="'SparkSession' object has no attribute 'nothing'"):
        _ = spark.nothing
    with pytest.raises(PySparkAttributeError, match="ATTRIBUTE_NOT_SUPPORTED"):
        _ = spark.range(1).nothing


def test_columns_are_not_there_yet(spark: SparkSession) -> None:
    with pytest.raises(PySparkAttributeError, match=r"DataFrame\.id, a column is not there yet"):
        _ = spark.range(1).id
    with pytest.raises(PySparkNotImplementedError, match=r"DataFrame\['id'\]"):
        _ = spark.range(1)["id"]


@pytest.mark.parametrize("name", ["functions", "Window", "Column", "types.VariantType"])
def test_an_import_of_what_is_not_there_says_so(name: str) -> None:
    module, _, short = f"minispark.sql.{name}".rpartition(".")
    (line,) = run(
        f"try:\n    from {module} import {short}\nexcept ImportError as error:\n    print(error)"
    )
    assert f"{module}.{short} is not there yet" in line
    assert "minispark-submit --engine pyspark" in line


@pytest.mark.parametrize(
    "ask",
    [
        lambda builder: builder.remote("sc://localhost"),
        lambda builder: builder.enableHiveSupport(),
        lambda builder: builder.config("spark.remote", "sc://localhost").getOrCreate(),
        lambda builder: builder.config("spark.sql.catalogImplementation", "hive").getOrCreate(),
    ],
)
def test_servers_and_hive_are_refused(ask: Callable[[SparkSession.Builder], object]) -> None:
    with pytest.raises(PySparkNotImplementedError, match="leave out"):
        ask(SparkSession.builder)
    assert SparkContext._active_spark_context is None


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="value cannot be null for key: a"):
        SparkSession.builder.config("a").getOrCreate()
    assert SparkContext._active_spark_context is None


def test_a_session_needs_a_context_that_runs(sc: SparkContext) -> None:
    with pytest.raises(TypeError, match="sparkContext is a SparkContext, not int: 1"):
        SparkSession(1)  # type: ignore[arg-type]
    sc.stop()
    with pytest.raises(SparkException, match="stopped SparkContext"):
        SparkSession(sc)


def test_rdds_become_data_frames_while_there_is_a_session(sc: SparkContext) -> None:
    rdd = sc.parallelize([(1,)])
    with pytest.raises(PySparkRuntimeError, match="CALL_BEFORE_INITIALIZE"):
        rdd.toDF()
    with SparkSession.builder.getOrCreate():
        assert isinstance(rdd.toDF(["a"]), DataFrame)
    with pytest.raises(PySparkRuntimeError, match="CALL_BEFORE_INITIALIZE"):
        RDD.toDF(rdd)


def test_a_failure_under_a_session_is_a_python_exception_alone(spark: SparkSession) -> None:
    failing = spark.sparkContext.parallelize([1], 1).map(lambda x: 1 // (x - 1))
    with pytest.raises(PythonException) as caught:
        failing.collect()
    assert not isinstance(caught.value, SparkException)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "ZeroDivisionError" in (caught.value.getMessageParameters() or {})["traceback"]


def test_options_that_are_not_known_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(PySparkNotImplementedError, match="'header' of text"):
        spark.read.option("header", True)
    with pytest.raises(PySparkNotImplementedError, match="modifiedAfter"):
        spark.read.text(str(tmp_path), modifiedAfter="2020-01-01T00:00:00")
    with pytest.raises(PySparkNotImplementedError, match="the format 'json'"):
        spark.read.format("json")
    with pytest.raises(PySparkTypeError, match="paths"):
        spark.read.text(5)  # type: ignore[arg-type]


def test_directories_called_after_values_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "day=1").mkdir()
    (tmp_path / "day=1" / "a.txt").write_text("a\n")
    with pytest.raises(PySparkNotImplementedError, match="day=1"):
        spark.read.text(str(tmp_path))
    assert spark.read.text(str(tmp_path), recursiveFileLookup=True).count() == 1


def test_a_long_file_is_read_in_bounded_memory(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("x" * 99 + "\n" + ("y" * 99 + "\n") * 200_000)
    assert spark.read.text(str(path)).first() == Row(value="x" * 99)


def test_data_of_other_packages_is_refused(spark: SparkSession) -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(PySparkNotImplementedError, match="numpy's ndarray"):
        spark.createDataFrame(numpy.zeros((2, 2)))


def test_none_where_the_schema_has_none_of_it_is_refused(spark: SparkSession) -> None:
    df = spark.createDataFrame([(None,)], "a int not null", verifySchema=False)
    with pytest.raises(IllegalArgumentException, match="The column a is not nullable"):
        df.collect()


def test_frames_of_two_schemas_unite_as_rdds(spark: SparkSession) -> None:
    one = spark.createDataFrame([(1,)], "a int").rdd
    other = spark.createDataFrame([("x", 2)], "b string, c int").rdd
    rows = spark.sparkContext.union([one, other]).collect()
    assert [repr(row) for row in rows] == ["Row(a=1)", "Row(b='x', c=2)"]
    assert other.union(one.map(tuple)).collect() == [("x", 2), (1,)]


def test_names_for_columns_are_texts(spark: SparkSession) -> None:
    with pytest.raises(PySparkTypeError, match="list of str"):
        spark.createDataFrame([(1,)], [1])  # type: ignore[list-item]


def test_a_range_is_checked(spark: SparkSession) -> None:
    with pytest.raises(IllegalArgumentException, match="numPartitions is at least 1, not 0"):
        spark.range(0, 5, 1, 0)
    with pytest.raises(IllegalArgumentException, match="end is an int of 64 bits"):
        spark.range(2**63)


def test_what_is_in_java_says_what_there_is_in_its_place(spark: SparkSession) -> None:
    for thing, name in ((spark, "_jvm"), (spark, "_jsparkSession"), (spark.range(1), "_jdf")):
        assert not hasattr(thing, name)
        with pytest.raises(PySparkAttributeError, match=rf"{name} is not there: .*without a JVM"):
            getattr(thing, name)


def test_a_setting_without_a_name_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="key cannot be null"):
        SparkSession.builder.config(None, "x").getOrCreate()  # type: ignore[call-overload]
    assert SparkContext._active_spark_context is None


def test_a_data_frame_does_not_go_to_tasks(spark: SparkSession) -> None:
    with pytest.raises(PySparkRuntimeError, match="CONTEXT_ONLY_VALID_ON_DRIVER"):
        pickle.dumps(spark.range(1))


def test_values_of_numpy_are_refused_as_spark_refuses_them(spark: SparkSession) -> None:
    numpy = pytest.importorskip("numpy")
    for value, kind in ((numpy.float64(1), "double"), (numpy.int64(1), "long")):
        df = spark.createDataFrame([(value,)], f"a {kind}", verifySchema=False)
        with pytest.raises(SparkException, match="make an int, a float or a str of it"):
            df.collect()


def test_names_of_the_sql_side_are_at_the_top_too() -> None:
    assert run("from minispark import Row; print(Row(a=1), Row.__module__)") == [
        "Row(a=1) minispark.sql.types"
    ]
    (line,) = run("try: from minispark import SQLContext\nexcept ImportError as e: print(e)")
    assert "SQLContext is not there yet" in line


def test_what_is_kept_is_counted_too(spark: SparkSession) -> None:
    seen = spark.sparkContext.accumulator(0)

    def row(number: int) -> tuple[int]:
        seen.add(1)
        return (number,)

    df = spark.createDataFrame(spark.sparkContext.range(10, numSlices=2).map(row), "a long").cache()
    assert (df.count(), df.count(), len(df.collect()), seen.value) == (10, 10, 10, 10)


def test_a_notebook_shows_a_session_as_its_context(spark: SparkSession) -> None:
    assert spark.sparkContext.appName in spark._repr_html_()
