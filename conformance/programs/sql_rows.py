"""Row: a tuple with names."""

import copy
import pickle


def _attempt(function):
    try:
        return function()
    except Exception as error:
        return error


def named(api):
    """Fields by name and by place; `in` looks at names."""
    row = api.sql.Row(name="Ada", age=36)
    return [
        repr(row),
        row.name,
        row["age"],
        row[0],
        row[-1],
        row[0:1],
        "name" in row,
        "Ada" in row,
        len(row),
        list(row),
        row == ("Ada", 36),
        row == api.sql.Row("Ada", 36),
        hash(row) == hash(("Ada", 36)),
        row.asDict(),
        row,
    ]


def factory(api):
    """Names alone make a row that makes rows."""
    person = api.sql.Row("name", "age")
    return [
        repr(person),
        person("Ada", 36),
        repr(person("Ada", 36)),
        person("Ada"),
        repr(person("Ada")),
        person("Ada").asDict(),
        "name" in person,
        repr(api.sql.Row("it's", 3, None)),
        repr(api.sql.Row()),
        api.sql.Row(),
    ]


def nested(api):
    """Rows in rows, lists and dicts become dicts if asked; in tuples they do not."""
    Row = api.sql.Row
    row = Row(a=1, b=Row(c=[Row(d=2)], e={"k": Row(f=3)}, g=(Row(h=4),)))
    return [repr(row), row.asDict(), row.asDict(True), row.b.c[0].d]


def duplicates(api):
    """Of fields of one name, the first by name and the last as a dict."""
    row = api.sql.Row("x", "x")(1, 2)
    return [repr(row), row.x, row["x"], row.asDict()]


def copies(api):
    """Pickled and copied rows keep their names, also of a factory."""
    rows = [api.sql.Row(a=1, b="x"), api.sql.Row("a", "b"), api.sql.Row("a", "b")(1)]
    found = []
    for row in rows:
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            found.append(pickle.loads(pickle.dumps(row, protocol)))
        found += [copy.copy(row), copy.deepcopy(row)]
    return found


def through_tasks(sc, api):
    """Rows cross to tasks and back, and are keys by their values."""
    Row = api.sql.Row
    rows = sc.parallelize([Row(k="a", v=1), Row(k="b", v=2), Row(k="a", v=1)], 2)
    counted = rows.map(lambda row: (row, 1)).reduceByKey(lambda a, b: a + b, 2).glom().collect()
    return [rows.collect(), rows.map(lambda row: row.k + str(row.v)).collect(), counted]


def errors(api):
    """Each mistake has a condition."""
    Row = api.sql.Row
    row = Row(a=1)

    def assign():
        row.a = 2

    return [
        _attempt(lambda: Row("x", a=1)),
        _attempt(lambda: row.b),
        _attempt(lambda: row["b"]),
        _attempt(lambda: row[5]),
        _attempt(lambda: row.__nothing__),
        _attempt(lambda: Row("a")(1, 2)),
        _attempt(lambda: Row(1, 2).asDict()),
        _attempt(lambda: Row(1, 2).a),
        _attempt(lambda: Row(1, 2)["a"]),
        _attempt(lambda: Row("a", "b")(1).b),
        _attempt(lambda: Row("a", "b")(1)["b"]),
        _attempt(assign),
    ]


def names_that_are_methods(api):
    """A field called as a method of tuples is had by its name in brackets alone."""
    row = api.sql.Row(count=1, index=2)
    return [row["count"], callable(row.count), row.asDict()]


def at_the_top(api):
    """Row is a name of the package itself."""
    return [api.Row is api.sql.Row, api.Row(a=1)]


def names_of_no_text(api):
    """What is no name is not found."""
    return type(_attempt(lambda: api.sql.Row(a=1)[1.5])).__name__
