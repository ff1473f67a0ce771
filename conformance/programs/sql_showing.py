"""The texts of DataFrames: show, printSchema, repr."""

import contextlib
import datetime as dt
import decimal
import io


def _printed(function):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            function()
        except Exception as error:
            return error
    return out.getvalue()


def _shown(df):
    return [
        _printed(df.show),
        _printed(lambda: df.show(truncate=False)),
        _printed(lambda: df.show(2, 6)),
        _printed(lambda: df.show(2, 3, True)),
        _printed(lambda: df.show(vertical=True)),
        _printed(df.printSchema),
        repr(df),
    ]


def numbers(spark):
    rows = [
        (1, -(2**40), 1.5, True, decimal.Decimal("1.50")),
        (None, None, None, None, None),
        (2, 3, 1e7, False, decimal.Decimal("-0.000001")),
        (3, 4, 1.23456789e-5, False, decimal.Decimal("1E+3")),
        (4, 5, float("nan"), True, decimal.Decimal(0)),
        (5, 6, float("-inf"), True, None),
    ]
    return _shown(
        spark.createDataFrame(rows, "i int, l long, d double, b boolean, c decimal(20,6)")
    )


def floats(spark):
    rows = [(x,) for x in (0.1, 1.0, 1e7, 1e-3, 9.99e-4, 1 / 3, 16777216.0, 1e30)]
    return [
        *_shown(spark.createDataFrame(rows, "f float")),
        *_shown(spark.createDataFrame(rows, "f double")),
    ]


def texts(spark):
    """Wide characters count twice; what breaks a line is written out."""
    rows = ["a\tb\nc\r\\", "x" * 20, "x" * 21, "\u65e5\u672c\u8a9e", "\u00e9" * 25, "", None]
    df = spark.createDataFrame([(row,) for row in rows], "a string")
    wide = spark.createDataFrame(
        [("\u65e5\u672c", "ab")],
        "`\u65e5\u672c\u8a9e\u30c6\u30ad\u30b9\u30c8` string, `b\tc` string",
    )
    return [*_shown(df), *_shown(wide)]


def moments(spark):
    rows = [
        (
            dt.date(2020, 1, 2),
            dt.datetime(2020, 1, 2, 3, 4, 5, 120000),
            dt.time(1, 2, 3, 450000),
            dt.timedelta(days=1, hours=2, microseconds=4),
        ),
        (dt.date(1, 1, 1), dt.datetime(1, 1, 1), dt.time(0), dt.timedelta(days=-1, seconds=5)),
        (None, None, None, None),
    ]
    return _shown(
        spark.createDataFrame(rows, "d date, n timestamp_ntz, t time, i interval day to second")
    )


def moments_in_a_zone(spark):
    """A moment is shown in the time zone of the session."""
    rows = [(dt.datetime(2020, 7, 1, 12, tzinfo=dt.timezone.utc),)]
    df = spark.createDataFrame(rows, "t timestamp")
    found = []
    for zone in ("UTC", "+02:30", "America/New_York", "Asia/Kolkata"):
        spark.conf.set("spark.sql.session.timeZone", zone)
        found.append(_printed(lambda: df.show(truncate=False)))
    spark.conf.unset("spark.sql.session.timeZone")
    return found


def intervals(spark, api):
    t = api.sql.types
    length = dt.timedelta(days=3, hours=4, minutes=5, seconds=6, milliseconds=70)
    found = []
    for start in range(4):
        for end in range(start, 4):
            schema = t.StructType().add("i", t.DayTimeIntervalType(start, end))
            rows = [(length,), (-length,), (dt.timedelta(0),)]
            found.append(_printed(lambda: spark.createDataFrame(rows, schema).show(5, False)))
    return found


def nested(spark):
    rows = [
        (
            [1, None],
            [["a"], []],
            {"k": [True, None]},
            (1, (None, "x")),
            [b"ab"],
            {1.5: dt.date(2020, 1, 1)},
        ),
        (None, None, None, None, None, None),
    ]
    schema = (
        "a array<int>, b array<array<string>>, c map<string,array<boolean>>, "
        "d struct<p:int,q:struct<r:int,s:string>>, e array<binary>, f map<double,date>"
    )
    df = spark.createDataFrame(rows, schema)
    return [*_shown(df), _printed(lambda: df.printSchema(1)), _printed(lambda: df.printSchema(2))]


def not_nullable(spark, api):
    t = api.sql.types
    schema = t.StructType(
        [
            t.StructField("a", t.ArrayType(t.LongType(), False), False),
            t.StructField("b", t.MapType(t.StringType(), t.LongType(), False), False),
            t.StructField("c", t.DecimalType(5, 2), False),
        ]
    )
    return _shown(spark.createDataFrame([([1], {"k": 2}, decimal.Decimal("1.5"))], schema))


def nothing(spark, api):
    """No rows; no columns."""
    t = api.sql.types
    none = spark.createDataFrame([(), ()], t.StructType())
    return [
        *_shown(spark.createDataFrame([], "a int, bcdef string")),
        _printed(none.show),
        _printed(lambda: none.show(vertical=True)),
        repr(none),
    ]


def how_many(spark):
    """So many rows, and whether there are more."""
    df = spark.range(25)
    return [
        _printed(lambda: df.show(*arguments))
        for arguments in [
            (),
            (3,),
            (0,),
            (-1,),
            (24,),
            (25,),
            (26,),
            (1, True, True),
            (2, "5"),
            (2, 1.7),
            (2, 0),
            (2, -1),
            ("x",),
            (True,),
            (2, "x"),
            (2, True, 1),
        ]
    ]


def eager(spark):
    """In a shell a DataFrame may show its rows where it is asked for its text."""
    spark.conf.set("spark.sql.repl.eagerEval.enabled", True)
    spark.conf.set("spark.sql.repl.eagerEval.maxNumRows", 2)
    try:
        return repr(spark.range(3))
    finally:
        spark.conf.unset("spark.sql.repl.eagerEval.enabled")
        spark.conf.unset("spark.sql.repl.eagerEval.maxNumRows")


def no_rows_wanted(spark):
    """Also where there are rows."""
    df = spark.range(3)
    return [_printed(lambda: df.show(0)), _printed(lambda: df.show(0, vertical=True))]


def html(spark):
    """What a notebook shows."""
    df = spark.createDataFrame([("<a&b>'\"", None, "x" * 30), ("a\nb", [], "")], ["<", "b", "c"])
    found = [df._repr_html_()]
    rows, width = "spark.sql.repl.eagerEval.maxNumRows", "spark.sql.repl.eagerEval.truncate"
    spark.conf.set("spark.sql.repl.eagerEval.enabled", True)
    try:
        found += [df._repr_html_(), spark.range(21)._repr_html_(), spark.range(0)._repr_html_()]
        for count, cut in ((1, 3), (0, 20)):
            spark.conf.set(rows, count)
            spark.conf.set(width, cut)
            found += [df._repr_html_(), repr(df)]
    finally:
        for key in ("spark.sql.repl.eagerEval.enabled", rows, width):
            spark.conf.unset(key)
    return found
