"""A SparkConf keeps settings as PySpark's does before its JVM runs."""

import pickle

import pytest

from minispark import SparkContext
from minispark.conf import SparkConf
from minispark.errors import PySparkRuntimeError


@pytest.mark.parametrize(
    ("value", "kept"),
    [("x", "x"), ("", ""), (1, "1"), (1.5, "1.5"), (True, "True"), (None, "None"), ([1], "[1]")],
)
def test_values_are_kept_as_text(value, kept):
    assert SparkConf().set("a", value).get("a") == kept


def test_what_is_not_set_is_the_default_as_it_was_given():
    conf = SparkConf().set("empty", "")
    assert conf.get("a") is None
    assert conf.get("a", None) is None
    assert conf.get("a", False) is False
    assert conf.get("a", "x") == "x"
    assert conf.get("empty", "x") == ""
    assert conf.contains("empty")
    assert not conf.contains("a")


def test_calls_can_be_chained():
    conf = SparkConf()
    for same in (
        conf.set("a", "1"),
        conf.setIfMissing("a", "2"),
        conf.setIfMissing("b", "2"),
        conf.setMaster("local[3]"),
        conf.setAppName("name"),
        conf.setSparkHome("/home"),
        conf.setExecutorEnv("LANG", "C"),
        conf.setExecutorEnv(pairs=[("X", "1"), ("Y", "2")]),
        conf.setAll([("c", 3), ("a", "4")]),
    ):
        assert same is conf
    assert conf.getAll() == [
        ("a", "4"),
        ("b", "2"),
        ("spark.master", "local[3]"),
        ("spark.app.name", "name"),
        ("spark.home", "/home"),
        ("spark.executorEnv.LANG", "C"),
        ("spark.executorEnv.X", "1"),
        ("spark.executorEnv.Y", "2"),
        ("c", "3"),
    ]


def test_the_debug_string_has_a_line_for_each():
    assert SparkConf().toDebugString() == ""


def test_settings_are_shown_by_name_once_a_context_was_started(monkeypatch):
    monkeypatch.setattr(SparkConf, "_a_context_was_started", False)
    before = SparkConf(False).set("b", 2).set("a", 1)
    with SparkContext("local", "any"):
        pass
    after = SparkConf(False).set("b", 2).set("a", 1)
    assert before.toDebugString() == "b=2\na=1"
    assert after.toDebugString() == "a=1\nb=2"


@pytest.mark.parametrize(
    "arguments", [{}, {"value": "x"}, {"key": "a", "value": "b", "pairs": [("c", "d")]}]
)
def test_a_worker_s_environment_wants_a_pair_or_pairs(arguments):
    with pytest.raises(PySparkRuntimeError) as raised:
        SparkConf().setExecutorEnv(**arguments)
    assert str(raised.value) == (
        "[KEY_VALUE_PAIR_REQUIRED] Key-value pair or a list of pairs is required."
    )


def test_a_copy_goes_its_own_way():
    conf = SparkConf().set("a", "1")
    twin = SparkConf().setAll(conf.getAll())
    twin.set("a", "2")
    conf.getAll().append(("b", "1"))
    assert conf.getAll() == [("a", "1")]
    assert pickle.loads(pickle.dumps(conf)).getAll() == [("a", "1")]
