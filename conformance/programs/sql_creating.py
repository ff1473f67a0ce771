"""createDataFrame, range and toDF: schemas that are found and given, values, partitions."""

import array
import collections
import datetime as dt
import decimal

Point = collections.namedtuple("Point", "x y")


class Thing:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Bare:
    __slots__ = ()


def _attempt(function):
    try:
        return function()
    except Exception as error:
        return error


def _told(df):
    return [df.schema, df.columns, df.dtypes, repr(df), df.collect()]


def _made(spark, *arguments, **options):
    return _attempt(lambda: _told(spark.createDataFrame(*arguments, **options)))


def placement(spark, sc):
    """Rows lie as parallelize and range place them."""
    found = []
    for count in (0, 1, 3, 7):
        rows = sc.parallelize([(i,) for i in range(count)], 3)
        found.append(spark.createDataFrame(rows, "a int").rdd.glom().collect())
        found.append(spark.range(0, count, 1, 3).rdd.glom().collect())
    found.append(spark.range(10, 0, -3, 2).rdd.glom().collect())
    found.append(spark.range(5, 5, 1, 4).rdd.getNumPartitions())
    rows = spark.createDataFrame([(i,) for i in range(10)], "a int")
    return [*found, rows.rdd.getNumPartitions() == sc.defaultParallelism, rows.count()]


def rows_of_all_kinds(spark, api):
    """Tuples, lists, Rows, namedtuples, dicts and objects."""
    Row = api.sql.Row
    return [
        _made(spark, [(1, "a"), (2, None)]),
        _made(spark, [[1, "a"], [2, "b"]]),
        _made(spark, [Row(b=1, a="x"), Row(b=2, a="y")]),
        _made(spark, [Row(1, 2)]),
        _made(spark, [Point(1, "x"), Point(2, "y")]),
        _made(spark, [{"b": 1, "a": "x"}, {"a": "y", "c": 2.5}]),
        _made(spark, [Thing(b=1, a="x"), Thing(a="y", c=3)]),
        _made(spark, [(Point(1, 2), Row(q="z"), (3, "x"), {"k": 1}, [1])]),
        _made(spark, [{}]),
        _made(spark, ((i,) for i in range(3))),
        _made(spark, {(1,)}),
    ]


def names(spark, api):
    """Names for what is found: as many as there are, fewer, more, twice the same."""
    Row = api.sql.Row
    return [
        _made(spark, [(1, "a")], ["x", "y"]),
        _made(spark, [(1, "a")], ("x", "y")),
        _made(spark, [(1, "a")], ["x"]),
        _made(spark, [(1, 2)], ["x", "x"]),
        _made(spark, [Row(b=1, a="x")], ["p", "q"]),
        _made(spark, [{"b": 1, "a": "x"}], ["p", "q"]),
        type(_made(spark, [(1,)], ["x", "y"])).__name__,
    ]


def found_types(spark):
    """The type of each kind of value."""
    values = (
        True,
        1,
        1.5,
        "a",
        b"b",
        bytearray(b"c"),
        decimal.Decimal("1.5"),
        dt.date(2020, 1, 2),
        dt.datetime(2020, 1, 2, 3, 4, 5, 6),
        dt.time(1, 2, 3),
        dt.timedelta(days=1, seconds=2),
        [1, None],
        [[1.5]],
        {"a": None, "b": 1},
        {1: {"x": [True]}},
        array.array("i", [1, 2]),
        array.array("d", [1.5]),
    )
    return _told(spark.createDataFrame([values]))


def types_that_meet(spark, sc):
    """Types of several rows become one; of an RDD only the first ones are looked at."""
    return [
        _made(spark, [(None,), (1,)]),
        _made(spark, [(1,), ("a",)]),
        _made(spark, [("a",), (b"b",), (True,)]),
        _made(spark, [([1],), ([None],), ([],)]),
        _made(spark, [({"a": 1},), ({"b": "x"},)]),
        _made(spark, [([1, "a"],)]),
        _made(spark, [({"a": 1, "b": "x"},)]),
        _made(spark, [(Point(1, None),), (Point(None, "y"),)]),
        _made(spark, sc.parallelize([(1,), ("a",), (2.5,)], 2)),
        _made(spark, sc.parallelize([(None,), (2.5,), (1,)], 2)),
        _made(spark, sc.parallelize([(1,), ("a",)], 2), None, 1.0),
        _made(spark, sc.parallelize([{"a": 1}, {"b": 2}], 2), None, 1.0),
    ]


def types_that_are_not_found(spark, sc):
    return [
        _made(spark, []),
        _made(spark, [], ["a"]),
        _made(spark, sc.parallelize([], 2)),
        _made(spark, sc.emptyRDD()),
        _made(spark, [(None,)]),
        _made(spark, sc.parallelize([(None,), (None,)], 2)),
        _made(spark, [([],)]),
        _made(spark, [({},)]),
        _made(spark, [{"a": {"b": None}}]),
        _made(spark, [1, 2]),
        _made(spark, ["a"]),
        _made(spark, [None]),
        _made(spark, [Bare()]),
        _made(spark, {"a": 1}),
        _made(spark, [(1,), (2.5,)]),
        _made(spark, [(1,), (True,)]),
        _made(spark, [([1, 2.5],)]),
        _made(spark, [({1},)]),
        _made(spark, [(1j,)]),
        _made(spark, [(len,)]),
        _made(spark, [(dt.date(2020, 1, 1),), (dt.datetime(2020, 1, 1),)]),
    ]


def given_schemas(spark, sc, api):
    """A struct, a text, another type for values alone; no rows."""
    t = api.sql.types
    struct = t.StructType().add("a", "integer", False).add("b", "string")
    return [
        _made(spark, [(1, "x")], struct),
        _made(spark, [{"b": "x", "a": 1, "c": 2}], struct),
        _made(spark, [Thing(a=1)], struct),
        _made(spark, [api.sql.Row(b=1, a="x")], struct),
        _made(spark, [1, None], "int"),
        _made(spark, sc.parallelize(["a", None], 2), t.StringType()),
        _made(spark, [[1], [2, None]], "array<int>"),
        _made(spark, [{"a": 1}], "map<string,int>"),
        _made(spark, range(3), t.LongType()),
        _made(spark, [], struct),
        _made(spark, sc.emptyRDD(), "a int"),
        _made(spark, [], t.StructType()),
        _told(spark.emptyDataFrame("a int, b array<string>")),
        _made(spark, [((1, [(2,)]),)], "a struct<p:int,q:array<struct<r:int>>>"),
    ]


def values_that_do_not_fit(spark):
    """Each is refused, by name."""
    return [
        _made(spark, rows, schema)
        for rows, schema in [
            ([("x",)], "a int"),
            ([(True,)], "a int"),
            ([(1.0,)], "a int"),
            ([(1,)], "a double"),
            ([(1,)], "a boolean"),
            ([("a",)], "a binary"),
            ([(1,)], "a decimal(5,2)"),
            ([(dt.date(2020, 1, 1),)], "a timestamp"),
            ([(2**31,)], "a int"),
            ([(2**63,)], "a long"),
            ([(-129,)], "a byte"),
            ([(32768,)], "a short"),
            ([(None,)], "a int not null"),
            ([(1,)], "a int, b int"),
            ([(1, 2, 3)], "a int, b int"),
            ([1], "a int"),
            (["ab"], "a string, b string"),
            ([([1, "x"],)], "a array<int>"),
            ([({1},)], "a array<int>"),
            ([({"k": {"z": 1.5}},)], "a map<string,map<string,int>>"),
            ([({None: 1},)], "a map<string,int>"),
            ([((1, "x"),)], "a struct<p:int,q:int>"),
            ([((1,),)], "a struct<p:int,q:int>"),
            ([((None,),)], "a struct<p:int not null>"),
            ([(1,)], "int"),
            (["x"], "int"),
        ]
    ]


def values_that_become_others(spark):
    """What crosses to the engine and back is of its column's type."""
    return [
        _made(spark, rows, schema)
        for rows, schema in [
            ([(1,), (1.5,), (True,), (b"b",), (None,)], "a string"),
            ([(dt.datetime(2020, 1, 2, 3),)], "a date"),
            ([((1, 2),), (array.array("i", [3]),)], "a array<int>"),
            ([(0.1,), (1e300,), (float("nan"),), (-0.0,)], "a float"),
            ([(bytearray(b"x"),)], "a binary"),
            (
                [(decimal.Decimal("1.005"),), (decimal.Decimal("-1.005"),), (None,)],
                "a decimal(5,2)",
            ),
            ([(decimal.Decimal("NaN"),), (decimal.Decimal("1e2"),)], "a decimal(5,2)"),
            ([({"p": 1},)], "a struct<p:int,q:int>"),
            ([("a\0b",), ("\u65e5\U0001f600",)], "a string"),
        ]
    ]


def without_verification(spark):
    """Nothing is refused: what is not of its type is None, long numbers are cut."""
    return [
        _made(spark, rows, schema, verifySchema=False)
        for rows, schema in [
            ([("x",), (1.5,), (True,)], "a int"),
            ([(2**40 + 3,), (2**70,), (-1,)], "a int"),
            ([(300,), (-129,)], "a byte"),
            ([(1,), (1.5,), ("x",)], "a double"),
            ([(1,), (True,)], "a boolean"),
            ([(1,), (1.5,), ("2",)], "a decimal(5,2)"),
            ([("x",), (b"y",), (1,)], "a binary"),
            ([((1, "x"),), ("ab",), (5,)], "a array<int>"),
            ([([1],), ({"a": "x"},)], "a map<string,int>"),
            ([([1, 2],), ("ab",)], "a string"),
            ([(2**63,)], "a long"),
        ]
    ]


def rows_of_a_wrong_length(spark):
    """Refused when they are read."""
    return [
        _attempt(lambda: spark.createDataFrame([(1, 2), (3,)]).collect()),
        _attempt(lambda: spark.createDataFrame([(1,)], "a int, b int", verifySchema=False).count()),
    ]


def decimals_without_room(spark):
    return [
        _attempt(
            lambda: spark.createDataFrame(
                [(decimal.Decimal("1234.5"),)], "a decimal(5,2)"
            ).collect()
        ),
        _attempt(lambda: spark.createDataFrame([(decimal.Decimal("1e30"),)]).collect()),
    ]


def dicts_in_the_order_of_java(spark):
    """Keys come back as Java's HashMap has them."""
    words = ["zz", "a", "b", "hello", "k1", "k2"]
    maps = [
        {word: place for place, word in enumerate(words)},
        {f"key{i}": i for i in range(20)},
        {},
        {"one": 1},
    ]
    numbers = [{k: 1 for k in [100, 5, 17, 33, 1]}, {-k: k for k in range(30)}]
    return [
        [
            list(row.value.items())
            for row in spark.createDataFrame(maps, "map<string,int>").collect()
        ],
        [
            list(row.value.items())
            for row in spark.createDataFrame(numbers, "map<int,int>").collect()
        ],
        [
            list(row.value.items())
            for row in spark.createDataFrame(numbers, "map<bigint,int>").collect()
        ],
    ]


def checked_in_tasks(spark, sc):
    """Rows of an RDD are checked when they are read, and fail the job."""
    rows = sc.parallelize([1, "x"], 1)
    df = spark.createDataFrame(rows, "int")
    return [df.schema, _attempt(df.collect), _attempt(df.count), _attempt(df.rdd.collect)]


def failures(spark, sc):
    """A function that raises: as a PythonException, once there is a session."""

    def fail(x):
        raise ValueError(f"no {x}")

    rdd = sc.parallelize([1], 1).map(fail)
    return [_attempt(rdd.collect), _attempt(spark.createDataFrame(rdd, "int").collect)]


def wrong_arguments(spark):
    return [
        _attempt(lambda: spark.createDataFrame([(1,)], 5)),
        _attempt(lambda: spark.createDataFrame([(1,)], {"a": "int"})),
        _attempt(lambda: spark.createDataFrame(spark.range(1))),
        _attempt(lambda: spark.createDataFrame(5)),
        _attempt(lambda: spark.range(0, 5, 0)),
        _attempt(lambda: spark.range(2).toDF("x", "y")),
        _attempt(lambda: spark.range(2).toDF(["x"])),
        _attempt(lambda: spark.range(2).nothing),
    ]


def of_rdds(spark, sc):
    """RDD.toDF, and names for the columns of a DataFrame."""
    rdd = sc.parallelize([(1, "a"), (2, "b")], 2)
    return [
        _told(rdd.toDF()),
        _told(rdd.toDF(["x", "y"])),
        _told(rdd.toDF("x int, y string")),
        _told(rdd.toDF(["x"], 1.0)),
        _told(spark.range(2).toDF("x")),
        rdd.toDF(["x", "y"]).toDF("p", "q").rdd.glom().collect(),
    ]


def small_actions(spark):
    df = spark.range(0, 7, 1, 3)
    empty = spark.createDataFrame([], "a int")
    return [
        df.count(),
        df.first(),
        df.head(),
        df.head(2),
        df.head(0),
        df.take(0),
        df.take(5),
        df.isEmpty(),
        list(df.toLocalIterator()),
        df.schema,
        empty.count(),
        empty.first(),
        empty.head(),
        empty.take(3),
        empty.isEmpty(),
        df.rdd is df.rdd,
        df.rdd.map(lambda row: row.id).sum(),
        df.sparkSession is spark,
    ]


def settings_of_types(spark):
    """What a session's settings say about types."""
    rows = [({"b": 1, "c": "x"}, dt.datetime(2020, 1, 2), [1, None])]
    found = []
    for key, value in [
        ("spark.sql.pyspark.inferNestedDictAsStruct.enabled", "true"),
        ("spark.sql.timestampType", "TIMESTAMP_NTZ"),
        ("spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled", "true"),
        ("spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled", "true"),
        ("spark.sql.execution.pyspark.binaryAsBytes", "false"),
    ]:
        spark.conf.set(key, value)
        try:
            found.append(_made(spark, rows))
            found.append(_made(spark, [(b"x",)]))
        finally:
            spark.conf.unset(key)
    return found


def frames_that_are_kept(spark):
    """cache, persist and their end."""
    df = spark.createDataFrame([(1,), (2,)], "a int")
    before = df.storageLevel
    same = df.cache() is df
    return [before, same, df.storageLevel, df.count(), df.collect(), df.unpersist().storageLevel]


class Word(str):
    pass


class Table(dict):
    pass


def values_of_other_classes(spark, sc):
    """Where they are not made plain on the way, Spark's Java side does not know them."""
    Word.__module__ = Table.__module__ = "__main__"

    def refused(function):
        return "PickleException: " in str(_attempt(function))

    return [
        _told(spark.createDataFrame([(Word("a"),)], "a string")),
        _told(spark.createDataFrame([(collections.Counter("aab"),)])),
        _told(spark.createDataFrame([(collections.OrderedDict(b=1, a=2),)])),
        _told(spark.createDataFrame([({1, 2},)], "a array<int>", verifySchema=False)),
        refused(spark.createDataFrame(sc.parallelize([(Word("a"),)], 1), "a string").collect),
        refused(spark.createDataFrame([(Table(a=1),)]).collect),
        refused(spark.createDataFrame([(decimal.Decimal("inf"),)], "a decimal(5,2)").collect),
        _told(spark.createDataFrame([(decimal.Decimal("-0.00"),)], "a decimal(5,2)")),
    ]


def states_of_errors(spark, sc):
    """The SQLSTATE of errors from Java."""
    attempts = [
        lambda: spark.range(1).toDF("a", "b"),
        lambda: spark.range(1).take(-1),
        lambda: spark.conf.get("spark.no.such.setting"),
        lambda: spark.conf.set("spark.sql.warehouse.dir", "x"),
        lambda: spark.createDataFrame([(1,), (1, 2)]).collect(),
        lambda: spark.range(0, 1, 0),
        lambda: sc.parallelize([1], 1).map(lambda x: x / 0).collect(),
    ]
    errors = map(_attempt, attempts)
    return [[error.getCondition(), error.getSqlState()] for error in errors]


def kept_or_not(spark):
    df = spark.range(3)
    renamed = df.toDF("a")
    return [df.is_cached, df.cache().is_cached, renamed.is_cached, df.unpersist().is_cached]
