"""`assertDataFrameEqual` and `assertSchemaEqual`: what is equal, and what their errors say."""

import importlib
from decimal import Decimal


def _testing(api):
    return importlib.import_module(api.__name__ + ".testing")


def _row(api):
    return importlib.import_module(api.__name__ + ".sql").Row


def _asked(function, *arguments, **options):
    """What it answers, or how it fails."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        return error


def rows_in_any_order(api):
    """Lists of rows are equal in any order, unless it is asked for."""
    Row = _row(api)
    check = _testing(api).assertDataFrameEqual
    one = [Row(n=1, s="a"), Row(n=2, s="b")]
    other = [Row(n=2, s="b"), Row(n=1, s="a")]
    return [_asked(check, one, other), _asked(check, one, other, checkRowOrder=True)]


def rows_that_differ(api):
    """Paired by their text, each difference marked."""
    Row = _row(api)
    check = _testing(api).assertDataFrameEqual
    one = [Row(n=n, s="x") for n in (1, 2, 3, 4)]
    other = [Row(n=n, s="x") for n in (1, 2, 5, 6)]
    return [
        _asked(check, one, other),
        _asked(check, one, other, maxErrors=1),
        _asked(check, one, other, showOnlyDiff=True),
        _asked(check, one, other, checkRowOrder=True, showOnlyDiff=True, maxErrors=1),
    ]


def rows_of_unlike_number(api):
    """A row that the other side lacks stands alone, or, in order, moves all that follow."""
    Row = _row(api)
    check = _testing(api).assertDataFrameEqual
    one = [Row(n=n) for n in (1, 2, 3, 4)]
    other = [Row(n=n) for n in (2, 3, 4)]
    return [
        *(
            _asked(check, *pair, checkRowOrder=order)
            for pair in ((one, other), (other, one))
            for order in (False, True)
        ),
        _asked(check, one, []),
        _asked(check, [], one, showOnlyDiff=True),
        _asked(check, [], []),
        _asked(check, one, [Row(n=9), Row(n=2)], maxErrors=2),
    ]


def floats_within_tolerance(api):
    """Absolute and relative tolerance, in rows, lists and dicts; NaN is equal to any float."""
    Row = _row(api)
    check = _testing(api).assertDataFrameEqual
    nan, inf = float("nan"), float("inf")
    values = [
        (1.0, 1.0000099),
        (1.0, 1.0001),
        (0.0, 1e-9),
        (0.0, 1e-7),
        (nan, nan),
        (nan, 1.0),
        (inf, inf),
        (inf, 1.0),
        (1.0, inf),
        (1, 1.0),
        (1, 1.0000001),
        (100000, 100001),
        ([1.0], [1.0000001]),
        ([1.0], [1.0, 2.0]),
        ({"a": 1.0}, {"a": 1.0000001}),
        ({"a": 1.0}, {"b": 1.0}),
        (Row(x=1.0), Row(x=1.0000001)),
        ((1.0,), (1.0000001,)),
        (Decimal("1"), Decimal("1.000001")),
        (Decimal("1"), Decimal("1.1")),
        (Decimal(1), 1),
        (None, 0),
        (None, None),
        ("1", 1),
        (True, 1),
    ]
    return [
        *(type(_asked(check, [Row(v=a)], [Row(v=b)])).__name__ for a, b in values),
        _asked(check, [Row(v=1.1)], [Row(v=1.0)], rtol=0.11),
        _asked(check, [Row(v=1.1)], [Row(v=1.0)], atol=0.11),
    ]


def rows_and_other_elements(api):
    """What is in the lists is not looked at: rows without names, tuples, None."""
    Row = _row(api)
    check = _testing(api).assertDataFrameEqual
    return [
        _asked(check, [Row(1, 2)], [Row(1, 2)]),
        _asked(check, [Row(1, "a\nb")], [Row(1, "a\nc")]),
        _asked(check, [Row(a=1)], [Row(b=1)]),
        _asked(check, [Row(a=1)], [Row(a=1, b=2)]),
        _asked(check, [(1, 2.0)], [(1, 2.0000001)]),
        _asked(check, [None, 1], [1, None]),
        _asked(check, [None], [1]),
    ]


def rows_in_the_error(api):
    """includeDiffRows: the pairs are in the error's data."""
    Row = _row(api)
    check = _testing(api).assertDataFrameEqual
    one, other = [Row(n=1), Row(n=2)], [Row(n=1), Row(n=3), Row(n=4)]
    answers = []
    for options in ({}, {"includeDiffRows": True}, {"includeDiffRows": True, "maxErrors": 1}):
        try:
            check(one, other, **options)
        except AssertionError as error:
            answers.append(str(error.data))
    return answers


def what_is_no_frame(api):
    """Neither a DataFrame nor a list."""
    check = _testing(api).assertDataFrameEqual
    return [
        _asked(check, one, other)
        for one, other in (
            (None, None),
            (None, []),
            ([], None),
            (1, []),
            ([], (1,)),
            (1, None),
            (None, 1),
            ("", {}),
        )
    ] + [
        _asked(check, [], [], ignoreColumnOrder=True),
        _asked(check, [], [], ignoreColumnName=True),
    ]


def schemas(api):
    """Nullable or not, names, order, nested types."""
    types = importlib.import_module(api.__name__ + ".sql.types")
    check = _testing(api).assertSchemaEqual

    def of(**columns):
        schema = types.StructType()
        for name, kind in columns.items():
            schema.add(name, kind)
        return schema

    one = of(a=types.LongType(), b=types.StringType())
    strict = types.StructType([types.StructField("a", types.LongType(), False), one["b"]])
    pairs = [
        (one, strict),
        (one, of(b=types.StringType(), a=types.LongType())),
        (one, of(c=types.LongType(), d=types.StringType())),
        (one, of(a=types.LongType())),
        (one, of(a=types.IntegerType(), b=types.StringType())),
        (
            of(a=types.ArrayType(types.LongType(), True)),
            of(a=types.ArrayType(types.LongType(), False)),
        ),
        (of(a=types.ArrayType(types.LongType())), of(a=types.ArrayType(types.StringType()))),
        (
            of(a=types.MapType(types.StringType(), one, True)),
            of(a=types.MapType(types.StringType(), strict, False)),
        ),
        (of(a=types.DecimalType(10, 2)), of(a=types.DecimalType(10, 3))),
        (of(a=types.CharType(3)), of(a=types.CharType(4))),
        (of(), of()),
    ]
    answers = []
    for first, second in pairs:
        for options in (
            {},
            {"ignoreNullable": False},
            {"ignoreColumnOrder": True},
            {"ignoreColumnName": True},
        ):
            answers.append(_asked(check, first, second, **options))
    return answers


def what_is_no_schema(api):
    """Neither argument may be anything but a StructType."""
    types = importlib.import_module(api.__name__ + ".sql.types")
    check = _testing(api).assertSchemaEqual
    schema = types.StructType()
    return [
        _asked(check, one, other)
        for one, other in ((None, schema), (schema, types.LongType()), ("a: int", None))
    ]
