"""The directories of a context: `spark.local.dir` as a list, and what cannot be used of it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from minispark import SparkConf, SparkContext
from minispark.engine import taskstate
from minispark.errors import SparkException


def conf_with(*places: object) -> SparkConf:
    return SparkConf().set("spark.local.dir", " , ".join(map(str, places)))


def a_file(tmp_path: Path) -> Path:
    """What no directory can be made below, whoever asks."""
    path = tmp_path / "no directory"
    path.write_text("")
    return path


def test_files_are_spread_over_all_directories_and_go_with_the_context(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("one", "two", "three")]
    with SparkContext("local[2]", "spread", conf=conf_with(*places)) as sc:
        own = [next(place.iterdir()) for place in places]
        assert [path.stat().st_mode & 0o777 for path in own] == [0o700] * 3
        pairs = sc.parallelize(range(100), 8).map(lambda x: (x % 7, x))
        # So many that chance, which names their files, leaves no directory out.
        sums = pairs.reduceByKey(lambda a, b: a + b, 80).cache()
        expected = sorted((k, sum(range(k, 100, 7))) for k in range(7))
        assert sorted(sums.collect()) == expected
        assert sorted(sums.collect()) == expected
        for kind, count in (("shuffle_", 8), ("rdd_", 80)):
            found = [len(list(path.glob(f"{kind}*"))) for path in own]
            assert all(found)
            assert sum(found) == count
    assert [list(place.iterdir()) for place in places] == [[], [], []]


def test_so_is_what_tasks_spill_also_if_each_has_one_file(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("one", "two", "three")]

    def first_directory(_: object) -> list[str | None]:
        memory = taskstate.memory()
        return [] if memory is None else [memory.directory()]

    with SparkContext("local[2]", "spread", conf=conf_with(*places)) as sc:
        found = sc.parallelize(range(6), 6).mapPartitions(first_directory).collect()
        own = [str(next(place.iterdir())) for place in places]
        assert sorted(filter(None, found)) == sorted(own * 2)


def test_a_directory_that_cannot_be_used_is_logged_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = a_file(tmp_path), tmp_path / "good"
    with caplog.at_level(logging.WARNING, "minispark"):
        sc = SparkContext("local", "one bad", conf=conf_with(bad, good))
    try:
        assert str(bad) in caplog.text
        assert sc.parallelize(range(10), 2).cache().count() == 10
        assert [path.parent for path in map(Path, sc._engine.directory.paths)] == [good]
    finally:
        sc.stop()


def test_no_directory_that_can_be_used_is_an_error_that_names_them(tmp_path: Path) -> None:
    bad = a_file(tmp_path)
    with pytest.raises(SparkException, match="Failed to get a temp directory") as caught:
        SparkContext("local", "all bad", conf=conf_with(bad, f"{bad}/below"))
    assert f"[{bad},{bad}/below]" in str(caught.value)
    assert caught.value.java_exception.toString().startswith("java.io.IOException: ")


def test_the_environment_variable_goes_before_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path / 'a'},{tmp_path / 'b'}")
    with SparkContext("local", "variable", conf=conf_with(tmp_path / "c")) as sc:
        assert sorted(map(os.path.dirname, sc._engine.directory.paths)) == [
            str(tmp_path / "a"),
            str(tmp_path / "b"),
        ]
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("text", ["", " ", ","])
def test_a_setting_that_names_no_directory_is_refused(text: str) -> None:
    with pytest.raises(SparkException, match=rf"^Failed to get a temp directory under \[{text}\]"):
        SparkContext("local", "nowhere", conf=SparkConf().set("spark.local.dir", text))
