"""What reaches for PySpark's JVM is refused, with the public way to the same."""

from __future__ import annotations

import pickle

import pytest

import minispark
from minispark import SparkConf, SparkContext
from minispark.errors import PySparkAttributeError

ATTRIBUTES = [
    ("SparkContext", "_jvm", "sc.setLogLevel"),
    ("SparkContext", "_jsc", "sc.statusTracker()"),
    ("SparkContext", "_gateway", "write it in Python"),
    ("RDD", "_jrdd", "getStorageLevel"),
    ("RDD", "_jrdd_deserializer", "collect"),
    ("RDD", "_to_java_object_rdd", "RDD"),
    ("Broadcast", "_jbroadcast", "broadcast.value"),
]


def made(sc: SparkContext, name: str) -> object:
    rdd = sc.parallelize([1])
    return {"SparkContext": sc, "RDD": rdd, "Broadcast": sc.broadcast(1)}[name]


@pytest.mark.parametrize(("cls", "attribute", "way"), ATTRIBUTES)
def test_an_attribute_of_the_jvm_names_the_way_out(sc, cls, attribute, way):
    for asked in (made(sc, cls), getattr(minispark, cls)):
        with pytest.raises(PySparkAttributeError) as caught:
            getattr(asked, attribute)
        assert f"{cls}.{attribute} is not there: minispark runs without a JVM" in str(caught.value)
        assert way in str(caught.value)
        assert caught.value.getCondition() == "JVM_ATTRIBUTE_NOT_SUPPORTED"
        assert caught.value.getMessageParameters() == {"attr_name": attribute}


@pytest.mark.parametrize(("cls", "attribute", "way"), ATTRIBUTES)
def test_a_program_that_asks_first_takes_its_other_way(sc, cls, attribute, way):
    assert not hasattr(made(sc, cls), attribute)
    assert getattr(made(sc, cls), attribute, None) is None


def test_the_error_crosses_from_a_task(sc):
    with pytest.raises(PySparkAttributeError) as caught:
        sc._jvm  # noqa: B018
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("option", ["_jvm", "_jconf"])
def test_a_conf_takes_nothing_from_a_jvm(option):
    with pytest.raises(NotImplementedError, match=rf"SparkConf\({option}=...\).*leave it out"):
        SparkConf(True, **{option: object()})
