"""Limits and bad days: each is a right answer or a clear error, and the context works on.

What minispark does on such a day, next to Spark, is in docs/reliability.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from minispark import RDD, SparkConf, SparkContext
from minispark.errors import SparkException

EXECUTORS = ("threads", "processes")


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sc(executor: str, tmp_path: Path) -> Iterator[SparkContext]:
    """A context of each executor, which has to work when the test is over."""
    with context(executor, tmp_path / "blocks") as made:
        yield made
        assert_it_works(made)
    assert list((tmp_path / "blocks").iterdir()) == [], "files are left"


def context(executor: str, local_dir: Path, *settings: tuple[str, str]) -> SparkContext:
    conf = SparkConf().setMaster("local[2]").setAppName("bad days")
    conf.set("spark.minispark.executor", executor).set("spark.local.dir", str(local_dir))
    return SparkContext(conf=conf.setAll(settings))


def assert_it_works(sc: SparkContext) -> None:
    """A job with all that jobs need: tasks, a shuffle, cached blocks, a broadcast value."""
    factor = sc.broadcast(10)
    pairs = sc.parallelize(range(20), 4).map(lambda x: (x % 3, x * factor.value)).cache()
    assert sorted(pairs.reduceByKey(lambda a, b: a + b).collect()) == [
        (0, 630),
        (1, 700),
        (2, 570),
    ]
    assert pairs.count() == 20
    pairs.unpersist()


# -- results -----------------------------------------------------------------------------------

RECORD = b"x" * 400_000

TOO_LARGE = (
    r"Job aborted due to stage failure: Total size of serialized results of 3 tasks "
    r"\(117\d\.\d KiB\) is bigger than spark\.driver\.maxResultSize \(1024\.0 KiB\)"
)

ACTIONS: list[Callable[[RDD[bytes]], Any]] = [
    lambda rdd: rdd.collect(),
    lambda rdd: rdd.reduce(lambda a, b: a + b),
    lambda rdd: rdd.fold(b"", lambda a, b: a + b),
    lambda rdd: rdd.take(4),
    lambda rdd: rdd.top(4),
]
"""Some of those that bring records to the driver."""


@pytest.fixture(scope="module", params=EXECUTORS)
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    local_dir = tmp_path_factory.mktemp("limited")
    yield lambda: context(request.param, local_dir, ("spark.driver.maxResultSize", "1m"))
    assert list(local_dir.iterdir()) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_results_larger_than_they_may_be_end_the_job(limited: Any, action: Any) -> None:
    with limited() as sc:
        with pytest.raises(SparkException) as caught:
            action(sc.parallelize(range(6), 6).map(lambda _: RECORD))
        assert re.fullmatch(TOO_LARGE, str(caught.value))
        assert caught.value.java_exception_class == "org.apache.spark.SparkException"
        assert_it_works(sc)


def test_what_brings_little_to_the_driver_is_not_limited(limited: Any, tmp_path: Path) -> None:
    with limited() as sc:
        records = sc.parallelize(range(6), 6).map(lambda _: RECORD)
        assert records.count() == 6
        assert len(records.take(2)) == 2
        assert records.map(lambda x: (1, x)).groupByKey().mapValues(len).collect() == [(1, 6)]
        assert sum(map(len, records.toLocalIterator())) == 2_400_000, "a job a partition"
        assert records.aggregate(0, lambda n, x: n + len(x), int.__add__) == 2_400_000
        records.cache().count()
        records.saveAsPickleFile(str(tmp_path / "records"))


def test_a_result_that_is_too_large_is_computed_to_its_end_but_not_kept(limited: Any) -> None:
    with limited() as sc:
        seen = sc.accumulator(0)

        def records(_: object) -> Iterator[bytes]:
            for _ in range(5):
                yield RECORD
            seen.add(1)

        with pytest.raises(SparkException, match=r"of 1 tasks \(1953.\d KiB\) is bigger"):
            sc.parallelize([0], 1).mapPartitions(records).collect()
        assert seen.value == 0, "as in Spark: a task whose result is refused has not ended well"


@pytest.mark.parametrize("size", ["0", "-1", "-1m"])
def test_no_limit(executor: str, tmp_path: Path, size: str) -> None:
    with context(executor, tmp_path, ("spark.driver.maxResultSize", size)) as sc:
        assert sc.parallelize([0], 1).map(lambda _: RECORD).collect() == [RECORD]


@pytest.mark.parametrize("size", ["", "1.5m", "1 m", "much", "9223372036854775808"])
def test_a_limit_that_is_no_amount_is_refused(tmp_path: Path, size: str) -> None:
    with pytest.raises(SparkException) as caught:
        context("threads", tmp_path, ("spark.driver.maxResultSize", size))
    assert str(caught.value) == (
        f"[INVALID_CONF_VALUE.TYPE_MISMATCH] The value '{size}' in the config "
        "\"spark.driver.maxResultSize\" is invalid. It should be a/an 'bytes in BYTE' value. "
        "SQLSTATE: 22022"
    )
    assert list(tmp_path.iterdir()) == []
