"""Settings for what fails and what is slow: as Spark reads them, or refused in its words."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from minispark import SparkConf, SparkContext, TaskContext
from minispark.core.retries import retries_for
from minispark.engine.events import Event, StageCompleted
from minispark.engine.retries import Retries, Speculation
from minispark.errors import SparkException

SPECULATION = "spark.speculation"


def settings(**values: str) -> SparkConf:
    return SparkConf().setAll((f"spark.{key}".replace("__", "."), v) for key, v in values.items())


def test_what_is_tried_how_often_without_settings() -> None:
    assert retries_for(settings(), 3, is_cluster=False) == Retries(3, 4, None)


def test_settings_are_followed() -> None:
    conf = settings(task__maxFailures="7", stage__maxConsecutiveAttempts=" 2 ")
    assert retries_for(conf, 4, is_cluster=True) == Retries(7, 2)
    assert retries_for(conf, 1, is_cluster=False) == Retries(1, 2), "as in Spark's local mode"


def test_speculation_has_sparks_defaults_and_units() -> None:
    conf = settings(speculation=" TRUE ")
    assert retries_for(conf, 1, False).speculation == Speculation(0.1, 3.0, 0.9, 0.1, None)
    conf = settings(
        speculation="true",
        speculation__interval="20",
        speculation__multiplier="1.5",
        speculation__quantile=".5",
        speculation__minTaskRuntime="2s",
        speculation__task__duration__threshold="1min",
    )
    assert retries_for(conf, 1, False).speculation == Speculation(0.02, 1.5, 0.5, 2.0, 60.0)


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("spark.stage.maxConsecutiveAttempts", "x", "int"),
        ("spark.stage.maxConsecutiveAttempts", "1.0", "int"),
        ("spark.stage.maxConsecutiveAttempts", "2147483648", "int"),
        (SPECULATION, "maybe", "boolean"),
        (f"{SPECULATION}.interval", "1.5s", "time in MILLISECONDS"),
        (f"{SPECULATION}.interval", "x", "time in MILLISECONDS"),
        (f"{SPECULATION}.interval", "9223372036854775808", "time in MILLISECONDS"),
        (f"{SPECULATION}.minTaskRuntime", "1 fortnight", "time in MILLISECONDS"),
        (f"{SPECULATION}.task.duration.threshold", "", "time in MILLISECONDS"),
        (f"{SPECULATION}.multiplier", "x", "double"),
        (f"{SPECULATION}.quantile", "1_0", "double"),
        (f"{SPECULATION}.quantile", "nan", "double"),
    ],
)
def test_a_value_of_another_type_is_refused(key: str, value: str, kind: str) -> None:
    with pytest.raises(SparkException) as caught:
        SparkContext("local[2]", "settings", conf=SparkConf().set(key, value))
    assert str(caught.value) == (
        f"[INVALID_CONF_VALUE.TYPE_MISMATCH] The value '{value}' in the config \"{key}\" is "
        f"invalid. It should be a/an '{kind}' value. SQLSTATE: 22022"
    )


def test_the_attempts_of_a_local_cluster_are_a_number() -> None:
    conf = SparkConf().set("spark.task.maxFailures", "abc")
    with pytest.raises(SparkException, match="The value 'abc' in the config"):
        SparkContext("local-cluster[1,1,1024]", "settings", conf=conf)


def test_an_interval_that_is_none_is_refused() -> None:
    with pytest.raises(SparkException, match="interval must be above 0"):
        retries_for(settings(speculation="true", speculation__interval="0"), 1, False)


# -- tasks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_each_failed_attempt_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, executor: str
) -> None:
    def fail_twice(x: int) -> int:
        (tmp_path / os.urandom(8).hex()).touch()
        if len(os.listdir(tmp_path)) < 3:
            raise ValueError(f"attempt {TaskContext.get().attemptNumber()}")
        return x

    conf = SparkConf().set("spark.minispark.executor", executor)
    with SparkContext("local[2,3]", "log", conf=conf) as sc:
        assert sc.parallelize([1], 1).map(fail_twice).collect() == [1]
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert [text.splitlines()[0] for text in warnings] == [
        f"Lost task 0.{n} in stage 0.0 (TID {n}) (localhost executor driver): "
        "Traceback (most recent call last):"
        for n in range(2)
    ]
    assert [text.splitlines()[-1] for text in warnings] == [
        f"ValueError: attempt {n}" for n in range(2)
    ]


# -- stages ------------------------------------------------------------------------------------


def losing_outputs(sc: SparkContext, times: int) -> None:
    """Remove the map outputs whenever their stage has ended well, but only so many times."""
    left = [times]

    def lose(event: Event) -> None:
        if isinstance(event, StageCompleted) and event.failure is None and event.stage_id == 0:
            left[0] -= 1
            if left[0] >= 0:
                for file in Path(sc._engine.directory.path).glob("shuffle_*"):
                    file.unlink()

    sc._engine.events.add_listener(lose)


@pytest.mark.parametrize(("allowed", "lost"), [(1, 1), (2, 2), (6, 6)])
def test_a_stage_may_fail_as_often_in_a_row_as_the_setting_says(allowed: int, lost: int) -> None:
    conf = SparkConf().set("spark.stage.maxConsecutiveAttempts", str(allowed))
    with SparkContext("local[2]", "stages", conf=conf) as sc:
        pairs = sc.parallelize(range(10), 2).map(lambda x: (x % 2, x))
        losing_outputs(sc, lost)
        with pytest.raises(
            SparkException,
            match=rf"ResultStage 1 \(.*\) has failed the maximum allowable .* times: {allowed}\.",
        ):
            pairs.reduceByKey(max, 2).collect()


@pytest.mark.parametrize(("allowed", "lost"), [(2, 1), (6, 5)])
def test_and_once_less_costs_no_result(allowed: int, lost: int) -> None:
    conf = SparkConf().set("spark.stage.maxConsecutiveAttempts", str(allowed))
    with SparkContext("local[2]", "stages", conf=conf) as sc:
        pairs = sc.parallelize(range(10), 2).map(lambda x: (x % 2, x))
        losing_outputs(sc, lost)
        assert pairs.reduceByKey(max, 2).collect() == [(0, 8), (1, 9)]


def test_an_attempt_that_ends_well_begins_the_count_anew() -> None:
    """The middle stage fails once before and once after an attempt that ends well."""
    conf = SparkConf().set("spark.stage.maxConsecutiveAttempts", "2")
    with SparkContext("local[2]", "stages", conf=conf) as sc:
        first = sc.parallelize(range(10), 2).map(lambda x: (x % 3, x)).reduceByKey(max, 2)
        second = first.map(lambda kv: (kv[1] % 2, kv[0])).reduceByKey(max, 2)
        failed: list[int] = []
        ended: list[int] = []

        def lose(event: Event) -> None:
            if not isinstance(event, StageCompleted):
                return
            (ended if event.failure is None else failed).append(event.stage_id)
            if ended in ([0], [0, 0, 1]):
                for file in Path(sc._engine.directory.path).glob("shuffle_*"):
                    file.unlink(missing_ok=True)

        sc._engine.events.add_listener(lose)
        assert sorted(second.collect()) == [(0, 2), (1, 1)]
        assert failed == [1, 2, 1]
        assert ended == [0, 0, 1, 0, 1, 2]


@pytest.fixture(autouse=True)
def _warnings_are_seen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.WARNING, logger="minispark"):
        yield
