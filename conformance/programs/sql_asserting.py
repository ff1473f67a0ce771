"""`assertDataFrameEqual` of DataFrames: schemas first, then rows."""

import importlib


def _check(api, *arguments, **options):
    try:
        function = importlib.import_module(api.__name__ + ".testing").assertDataFrameEqual
        return function(*arguments, **options)
    except Exception as error:
        return error


def frames_and_lists(api, spark):
    """A frame is compared with a frame or a list; with a list its schema does not count."""
    one = spark.createDataFrame([(1, "a"), (2, "b")], "n int, s string")
    other = spark.createDataFrame([(2, "b"), (1, "a")], "n int, s string")
    Row = api.sql.Row
    return [
        _check(api, one, other),
        _check(api, one, other, checkRowOrder=True),
        _check(api, one, [Row(n=2, s="b"), Row(n=1, s="a")]),
        _check(api, [Row(1, "a"), Row(2, "b")], one),
        _check(api, one, None),
        _check(api, one, 1),
    ]


def schemas_that_differ(api, spark):
    """Names, types and nullability."""
    one = spark.createDataFrame([(1, "a")], "n int, s string")
    others = ["n long, s string", "m int, s string", "n int not null, s string"]
    return [
        _check(api, one, spark.createDataFrame([(1, "a")], schema), ignoreNullable=ignored)
        for schema in others
        for ignored in (True, False)
    ]


def columns_in_another_order(api, spark):
    """By name, or by position."""
    one = spark.createDataFrame([(1, "a"), (2, "b")], "n int, s string")
    other = spark.createDataFrame([("b", 2), ("a", 1)], "s string, n int")
    renamed = spark.createDataFrame([(1, "a"), (2, "c")], "x int, y string")
    return [
        _check(api, one, other),
        _check(api, one, other, ignoreColumnOrder=True),
        _check(api, one, renamed, ignoreColumnOrder=True),
        _check(api, one, renamed, ignoreColumnName=True),
        _check(api, one, other, ignoreColumnName=True),
        _check(api, one, [(1, "a")], ignoreColumnOrder=True),
    ]


def values_of_types(api, spark):
    """Floats within tolerance, nested values, None."""
    schema = "f double, l array<double>, m map<string, double>, r struct<x: double>, d decimal(5,3)"
    from decimal import Decimal

    def frame(number, decimal):
        rows = [(number, [number], {"k": number}, (number,), Decimal(decimal)), (None,) * 5]
        return spark.createDataFrame(rows, schema)

    return [
        _check(api, frame(1.0, "1.000"), frame(1.0000001, "1.000")),
        _check(api, frame(1.0, "1.000"), frame(1.0, "1.001")),
        _check(api, frame(1.0, "1.000"), frame(1.0, "1.001"), rtol=0.01),
        _check(api, frame(1.0, "1.000"), frame(2.0, "1.000"), showOnlyDiff=True),
    ]
