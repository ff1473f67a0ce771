"""Types of columns and schemas: their texts, JSON, fields."""

import json


def _attempt(function):
    try:
        return function()
    except Exception as error:
        return error


def _condition(function):
    """The condition and its parameters: the rest of a parser's message is its own."""
    try:
        return function()
    except Exception as error:
        return [type(error).__name__, error.getCondition(), error.getMessageParameters()]


def _all(t):
    return [
        t.NullType(),
        t.BooleanType(),
        t.ByteType(),
        t.ShortType(),
        t.IntegerType(),
        t.LongType(),
        t.FloatType(),
        t.DoubleType(),
        t.DecimalType(),
        t.DecimalType(5, 2),
        t.StringType(),
        t.CharType(3),
        t.VarcharType(4),
        t.BinaryType(),
        t.DateType(),
        t.TimeType(),
        t.TimeType(3),
        t.TimestampType(),
        t.TimestampNTZType(),
        t.DayTimeIntervalType(),
        t.DayTimeIntervalType(1),
        t.DayTimeIntervalType(0, 2),
        t.YearMonthIntervalType(),
        t.YearMonthIntervalType(0),
        t.CalendarIntervalType(),
        t.ArrayType(t.IntegerType()),
        t.ArrayType(t.ArrayType(t.StringType(), False), False),
        t.MapType(t.StringType(), t.DoubleType()),
        t.MapType(t.StringType(), t.MapType(t.LongType(), t.DateType(), False), False),
        t.StructType(),
        _schema(t),
    ]


def _schema(t):
    inner = t.StructType().add("x", t.DecimalType(7, 3)).add("y", t.ArrayType(t.LongType(), False))
    return t.StructType(
        [
            t.StructField("id", t.LongType(), False),
            t.StructField("name", t.StringType(), True, {"comment": "who", "n": [1, 2]}),
            t.StructField("inner", inner),
            t.StructField("by key", t.MapType(t.StringType(), inner, False)),
        ]
    )


def texts(api):
    """repr, SQL's form, names and JSON of every type."""
    return [
        [repr(kind), kind.simpleString(), kind.typeName(), kind.json(), kind.needConversion()]
        for kind in _all(api.sql.types)
    ]


def equality(api):
    """Types are equal by their parameters; those without any are one object."""
    t = api.sql.types
    kinds = _all(t)
    return [
        [a == b for b in _all(t)].count(True) == 1 and hash(a) == hash(b)
        for a, b in zip(kinds, _all(t))
    ] + [t.LongType() is t.LongType(), t.DecimalType() == t.DecimalType(10, 0)]


def schema(api):
    """Fields by name, place and slice; the tree."""
    s = _schema(api.sql.types)
    return [
        s.names,
        s.fieldNames(),
        len(s),
        [field.name for field in s],
        s["id"],
        s[1],
        s[-1],
        s[1:3],
        s["name"].metadata,
        s.treeString(),
        s.treeString(1),
        s.treeString(2),
        s.toNullable(),
        type(s).fromJson(json.loads(s.json())) == s,
        s.jsonValue(),
    ]


def adding(api):
    """Fields are added by name and type, by a type's name in JSON, or as they are."""
    t = api.sql.types
    return [
        t.StructType().add("a", t.IntegerType()).add("b", "string", False, {"k": 1}),
        t.StructType().add(t.StructField("c", t.DateType())).names,
        t.StructType().add("d", "decimal(4,1)"),
    ]


def errors(api):
    t = api.sql.types
    s = _schema(t)
    return [
        _attempt(lambda: s["nothing"]),
        _attempt(lambda: s[9]),
        _attempt(lambda: s[1.5]),
        _attempt(lambda: t.StructType().add("a")),
        _attempt(lambda: t.StructType().add("a", "int")),
        _attempt(lambda: t.StructField("a", t.LongType()).typeName()),
        _attempt(lambda: t.DayTimeIntervalType(5)),
        _attempt(lambda: t.YearMonthIntervalType().toInternal(1)),
        _attempt(lambda: s.toInternal(5)),
        _attempt(lambda: t.StructField.fromJson({"name": "a", "type": {"type": "x"}})),
        _attempt(lambda: t.StructField.fromJson({"name": "a", "type": "nonsense"})),
    ]


def internal_forms(api):
    """Days, microseconds and tuples, and back."""
    import datetime as dt

    t = api.sql.types
    day, moment = dt.date(2020, 2, 29), dt.datetime(2020, 2, 29, 1, 2, 3, 4)
    told = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=3)))
    pairs = [
        (t.DateType(), day),
        (t.TimestampType(), moment),
        (t.TimestampType(), told),
        (t.TimestampNTZType(), moment),
        (t.TimeType(), dt.time(23, 59, 59, 999999)),
        (t.DayTimeIntervalType(), dt.timedelta(days=-1, microseconds=5)),
        (t.ArrayType(t.DateType()), [day, None]),
        (t.MapType(t.DateType(), t.LongType()), {day: 1}),
        (t.StructType().add("a", t.DateType()).add("b", "long"), {"a": day}),
        (t.StructType().add("a", t.DateType()).add("b", "long"), (day, 1)),
        (t.StructType().add("a", "string").add("b", "long"), ["x", 1]),
        (t.ArrayType(t.DateType()), []),
    ]
    found = []
    for kind, value in pairs:
        inside = kind.toInternal(value)
        back = kind.fromInternal(inside)
        # A moment in the zone of the process says nothing on another machine.
        found.append([back] if isinstance(kind, t.TimestampType) else [inside, back])
    return found + [[kind.toInternal(None), kind.fromInternal(None)] for kind, _ in pairs[:6]]


def from_text(spark, api):
    """Types and schemas as SQL writes them."""
    parse = api.sql.types.DataType.fromDDL
    return [
        parse(text)
        for text in [
            "int",
            "INT",
            "Integer",
            "bigint",
            "byte",
            "smallint",
            "real",
            "double",
            "boolean",
            "binary",
            "date",
            "time",
            "time(3)",
            "timestamp",
            "timestamp_ntz",
            "timestamp_ltz",
            "timestamp without time zone",
            "string",
            "void",
            "decimal",
            "decimal(5)",
            "dec(5, 2)",
            "numeric(4,1)",
            "char(3)",
            "varchar(5)",
            "interval",
            "interval day",
            "interval day to second",
            "interval year to month",
            "array<int>",
            "map<string,array<map<int,double>>>",
            "struct<>",
            "struct<a:int, b string>",
            "struct<a:int not null>",
            "",
            "  ",
            "a int",
            "a: int, b:string",
            "a int, A string",
            "a int not null comment 'it''s', b string COMMENT \"x\"",
            "`a b` int, `c``d` string",
            "int int",
            "select int",
            "1a int",
            "a struct<x int, y:array<string>>",
            "a interval day to hour",
            "-- what\na int",
            "/* what */ a int",
            "a string collate utf8_binary",
        ]
    ]


def from_wrong_text(spark, api):
    """What is no type, and where that is seen."""
    parse = api.sql.types.DataType.fromDDL
    return [
        _condition(lambda text=text: parse(text))
        for text in [
            "str",
            "a",
            "a b",
            "a,b",
            "a int,",
            "a int,,b int",
            "a int b int",
            "int, string",
            "array",
            "array<int",
            "array<>",
            "map<int>",
            "struct<a>",
            "a.b int",
            "int(3)",
            "string(3)",
            "char",
            "decimal(39,2)",
            "interval hour to day",
            "double precision",
            "a int default 3",
            "array<int not null>",
            "a int;",
        ]
    ]


def functions_that_programs_import(spark, api):
    """Without a public name in PySpark, and used all the same."""
    t = api.sql.types
    return [
        t._infer_schema((1, "a"), ["x"]),
        t._infer_schema(api.sql.Row(b=1, a=None)),
        t._infer_type([1, None]),
        t._merge_type(t.LongType(), t.NullType()),
        t._has_nulltype(t.ArrayType(t.NullType())),
        t._create_row(["a"], [1]),
        t._create_converter(t.StructType().add("a", "string"))({"a": 1}),
        t._parse_datatype_string("a int"),
        t._parse_datatype_json_string(t.StructType().add("a", "integer").json()),
        t._make_type_verifier(t.IntegerType())(5),
        _attempt(lambda: t._make_type_verifier(t.IntegerType(), name="age")("x")),
    ]


def texts_of_errors(spark, api):
    """What a program prints of an error in a schema."""
    found = []
    for text in ("a int b", "a foo", "array<int", "decimal(40,2)", "a,\nb"):
        error = _attempt(lambda text=text: api.sql.types.DataType.fromDDL(text))
        found.append([str(error), error.getMessage(), error.getCondition(), error.getSqlState()])
    return found


def decimals_of_no_size(spark, api):
    """There are no such columns."""
    t = api.sql.types
    return [
        _attempt(lambda kind=kind: spark.createDataFrame([], t.StructType().add("a", kind)))
        for kind in (
            t.DecimalType(39, 2),
            t.DecimalType(2, 5),
            t.DecimalType(5, -2),
            t.ArrayType(t.DecimalType(39, 2)),
            t.MapType(t.StringType(), t.StructType().add("b", t.DecimalType(2, 5))),
        )
    ]
