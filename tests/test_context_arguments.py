"""What SparkContext is given is checked when it is made."""

from __future__ import annotations

import re
from typing import Any

import pytest

from minispark import SparkConf, SparkContext
from minispark.serializers import (
    AutoBatchedSerializer,
    CPickleSerializer,
    MarshalSerializer,
    UTF8Deserializer,
)


class NotAProfiler:
    pass


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"batchSize": "a"}, TypeError, "batchSize is an int, not str: 'a'"),
        ({"batchSize": None}, TypeError, "batchSize is an int, not NoneType: None"),
        ({"batchSize": 2.0}, TypeError, "batchSize is an int, not float: 2.0"),
        ({"batchSize": -7}, ValueError, "batchSize is a number of elements, 0 to choose it by "),
        ({"serializer": None}, TypeError, "serializer is an instance of a class of minispark."),
        ({"serializer": 3}, TypeError, "such as CPickleSerializer(), not 3"),
        ({"serializer": CPickleSerializer}, TypeError, "not <class 'minispark."),
        (
            {"serializer": AutoBatchedSerializer(CPickleSerializer())},
            TypeError,
            "serializer is one of single elements",
        ),
        ({"serializer": UTF8Deserializer()}, TypeError, "batches are made by batchSize"),
        ({"profiler_cls": None}, TypeError, "profiler_cls is a class derived from BasicProfiler"),
        ({"profiler_cls": NotAProfiler}, TypeError, "not <class 'tests."),
        ({"udf_profiler_cls": 3}, TypeError, "udf_profiler_cls is a class"),
        ({"memory_profiler_cls": NotAProfiler()}, TypeError, "memory_profiler_cls is a class"),
    ],
)
@pytest.mark.parametrize("profiled", ["true", "false"])
def test_a_wrong_one_is_named(
    given: dict[str, Any], error: type[Exception], message: str, profiled: str
) -> None:
    conf = SparkConf().set("spark.python.profile", profiled)
    with pytest.raises(error, match=re.escape(message)):
        SparkContext("local[1]", "arguments", conf=conf, **given)
    assert SparkContext._active_spark_context is None


@pytest.mark.parametrize(
    "given",
    [
        {"batchSize": -1},
        {"batchSize": 0},
        {"batchSize": 1},
        {"batchSize": 3},
        {"batchSize": True},
        {"serializer": MarshalSerializer()},
    ],
)
def test_a_right_one_is_used(given: dict[str, Any]) -> None:
    with SparkContext("local[1]", "arguments", **given) as sc:
        assert sc.parallelize(range(5), 2).map(str).glom().collect() == [
            ["0", "1"],
            ["2", "3", "4"],
        ]
