"""What the profiler of an RDD's tasks finds, prints and writes."""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from minispark import BarrierTaskContext, BasicProfiler, SparkConf, SparkContext
from minispark.errors import PySparkRuntimeError, SparkException

HAS_LOCK = getattr(sys, "_is_gil_enabled", lambda: True)()

needs_the_lock = pytest.mark.skipif(
    not HAS_LOCK,
    reason="cProfile hangs or crashes beside other threads where there is no lock",
)


@pytest.fixture
def profiled() -> Iterator[SparkContext]:
    conf = SparkConf().set("spark.python.profile", "true")
    with SparkContext("local[2]", "profiled", conf=conf) as context:
        yield context


def slow(x: int) -> int:
    return sum(range(x))


def calls_of(stats: Any, name: str) -> int:
    return sum(values[1] for key, values in stats.stats.items() if key[2] == name)


def test_the_calls_of_all_tasks_are_added_up(profiled: SparkContext) -> None:
    profiled.parallelize(range(10), 4).map(slow).count()
    (entry,) = profiled.profiler_collector.profilers  # type: ignore[union-attr]
    assert calls_of(entry[1].stats(), "slow") == 10


def test_the_answers_are_the_same(profiled: SparkContext) -> None:
    rdd = profiled.parallelize([(i % 3, i) for i in range(30)], 4).reduceByKey(max).cache()
    both = rdd.cartesian(rdd).union(rdd.zip(rdd)).coalesce(2)
    seen = both.glom().collect()
    profiled.stop()
    with SparkContext("local[2]", "plain") as sc:
        rdd = sc.parallelize([(i % 3, i) for i in range(30)], 4).reduceByKey(max).cache()
        assert rdd.cartesian(rdd).union(rdd.zip(rdd)).coalesce(2).glom().collect() == seen


def test_profiles_are_printed_once(
    profiled: SparkContext, capsys: pytest.CaptureFixture[str]
) -> None:
    rdd = profiled.parallelize(range(10), 2).map(slow)
    rdd.count()
    profiled.show_profiles()
    printed = capsys.readouterr().out
    assert "Profile of RDD<id=" in printed
    assert "(slow)" in printed
    profiled.show_profiles()
    assert capsys.readouterr().out == ""


def test_profiles_are_written_to_files(profiled: SparkContext, tmp_path: Path) -> None:
    profiled.parallelize(range(10), 2).map(slow).count()
    profiled.dump_profiles(str(tmp_path / "new" / "profiles"))
    (path,) = (tmp_path / "new" / "profiles").iterdir()
    assert path.name.startswith("rdd_")
    assert calls_of(pstats.Stats(str(path)), "slow") == 10
    profiled.dump_profiles(str(tmp_path / "again"))
    assert not (tmp_path / "again").exists()


def test_a_profiler_of_the_programs_own() -> None:
    shown: list[Any] = []

    class Mine(BasicProfiler):
        def show(self, id: int) -> None:
            shown.append((id, calls_of(self.stats(), "slow")))

    conf = SparkConf().set("spark.python.profile", "true")
    with SparkContext("local[2]", "mine", conf=conf, profiler_cls=Mine) as sc:
        rdd = sc.parallelize(range(3), 2).map(slow)
        rdd.count(), rdd.collect()
        sc.show_profiles()
    assert [calls for _, calls in shown] == [3, 3]


def test_a_failing_task_fails_as_ever(profiled: SparkContext) -> None:
    with pytest.raises(Exception, match="ZeroDivisionError") as caught:
        profiled.parallelize([0], 1).map(lambda x: 1 // x).collect()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert profiled.parallelize([1, 2]).count() == 2


def test_without_the_setting_there_are_no_profiles(sc: SparkContext) -> None:
    for call in (sc.show_profiles, lambda: sc.dump_profiles("x")):
        with pytest.raises(PySparkRuntimeError, match="INCORRECT_CONF_FOR_PROFILE"):
            call()


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from Python 3.12 on, whatever this one is."""
    monkeypatch.setattr("minispark.profiler._one_at_a_time", threading.RLock())


def in_step(records: Iterable[int]) -> Iterable[int]:
    BarrierTaskContext.get().barrier()
    return records


@needs_the_lock
@pytest.mark.threads
@pytest.mark.usefixtures("one_at_a_time")
def test_tasks_that_wait_for_each_other_run_unprofiled() -> None:
    conf = SparkConf().set("spark.python.profile", "true").set("spark.barrier.sync.timeout", "20s")
    with (
        SparkContext("local[2]", "barrier", conf=conf) as sc,
        pytest.warns(RuntimeWarning, match="tasks of a barrier stage run at once"),
    ):
        assert sc.parallelize([1, 2], 2).barrier().mapPartitions(in_step).collect() == [1, 2]


@pytest.mark.usefixtures("one_at_a_time")
def test_other_tasks_take_turns(profiled: SparkContext) -> None:
    profiled.parallelize(range(10), 4).map(slow).count()
    (entry,) = profiled.profiler_collector.profilers  # type: ignore[union-attr]
    assert calls_of(entry[1].stats(), "slow") == 10


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="one profiler at a time")
def test_tasks_that_wait_for_each_other_are_profiled(profiled: SparkContext) -> None:
    profiled.parallelize([1, 2], 2).barrier().mapPartitions(in_step).collect()
    (entry,) = profiled.profiler_collector.profilers  # type: ignore[union-attr]
    assert calls_of(entry[1].stats(), "in_step") == 2


def test_without_the_lock_tasks_under_a_profiler_cannot_be_had_on_threads() -> None:
    conf = SparkConf().set("spark.python.profile", "true")
    conf.set("spark.minispark.executor", "threads")
    if HAS_LOCK:
        with SparkContext("local", "threads", conf=conf) as sc:
            assert sc.parallelize([1, 2]).map(slow).collect() == [0, 1]
    else:
        with pytest.raises(SparkException, match="leave the setting out"):
            SparkContext("local", "threads", conf=conf)


@needs_the_lock
def test_a_profiled_program_may_profile_its_tasks(profiled: SparkContext) -> None:
    numbers = profiled.parallelize(range(10), 2).map(slow)
    with warnings.catch_warnings(record=True) as said, cProfile.Profile():
        warnings.simplefilter("always")
        assert numbers.count() == 10
    told = [each for each in said if "another profiler runs" in str(each.message)]
    assert len(told) == (2 if sys.version_info >= (3, 12) else 0)
