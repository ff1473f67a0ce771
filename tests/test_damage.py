"""Block files that are altered, cut short or gone: always found, and never a wrong answer.

A shuffle file costs its map task alone, a cached block its partition alone; the log tells of both.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from minispark import SparkConf, SparkContext
from minispark.engine.events import BlockStored, Event, StageCompleted, TaskStarted

Damage = Callable[[Path], None]


@pytest.fixture(params=["threads", "processes"])
def sc(request: pytest.FixtureRequest) -> Iterator[SparkContext]:
    conf = SparkConf().set("spark.minispark.executor", str(request.param))
    with SparkContext("local[2]", "damage", conf=conf) as made:
        yield made


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    """What was logged since it was asked for last."""

    def taken() -> list[str]:
        messages = [each.getMessage() for each in caplog.records]
        caplog.clear()
        return messages

    with caplog.at_level(logging.WARNING, logger="minispark"):
        yield taken


def altered_at(offset: int) -> Damage:
    def damage(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[offset] ^= 1 << offset % 8
        file.write_bytes(data)

    return damage


def cut_to(length: int) -> Damage:
    return lambda file: os.truncate(file, length)


def become_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def become_unreadable(file: Path) -> None:
    """So that nobody can open it, the superuser included."""
    file.unlink()
    file.symlink_to(file)


def all_kinds(size: int) -> Iterator[Damage]:
    yield from map(altered_at, range(size))
    yield from map(cut_to, range(size))
    yield from (Path.unlink, become_a_directory, become_unreadable)


class Shuffled:
    """A small shuffle: two map tasks, three reduce tasks."""

    def __init__(self, sc: SparkContext) -> None:
        self._sc = sc
        self._rdd = sc.parallelize(range(12), 2).map(lambda x: (f"k{x % 5}", x)).groupByKey(3)
        self.answer = self.collect()
        self._events: list[Event] = []
        sc._engine.events.add_listener(self._events.append)

    def collect(self) -> list[list[tuple[str, list[int]]]]:
        return self._rdd.mapValues(list).glom().collect()

    def files(self) -> list[Path]:
        """The files of the map tasks, in their order."""
        folder = Path(self._sc._engine.directory.path)
        return [max(folder.glob(f"shuffle_0_{p}_*"), key=number_of) for p in range(2)]

    def ran_again(self) -> list[int]:
        """Which map tasks did, since it was asked for last."""
        failed = [e.stage_id for e in self._events if isinstance(e, StageCompleted) and e.failure]
        started = [e for e in self._events if isinstance(e, TaskStarted)]
        again = [e.partition for e in started if e.stage_id not in failed]
        assert len(failed) <= 1
        self._events.clear()
        return again


def number_of(file: Path) -> int:
    return int(file.name.rpartition("_")[2])


@pytest.mark.parametrize("victim", [0, 1])
def test_every_damage_to_a_shuffle_file_costs_its_map_task_only(
    sc: SparkContext, victim: int, warnings: Callable[[], list[str]]
) -> None:
    shuffled = Shuffled(sc)
    size = shuffled.files()[victim].stat().st_size
    assert 100 < size < 1000
    found = 0
    for damage in all_kinds(size):
        damage(shuffled.files()[victim])
        assert shuffled.collect() == shuffled.answer
        assert shuffled.ran_again() == [victim]
        (warning,) = warnings()
        assert f"FetchFailed(shuffle 0, map outputs {victim}: block file" in warning
        found += 1
    assert found == 2 * size + 3
    assert shuffled.collect() == shuffled.answer
    assert shuffled.ran_again() == [0, 1, 2], "nothing is damaged: the reduce tasks alone run"
    assert warnings() == []


@pytest.mark.parametrize("victim", [0, 1])
def test_every_damage_to_a_cached_block_costs_its_partition_only(
    sc: SparkContext, victim: int, warnings: Callable[[], list[str]]
) -> None:
    cached = sc.parallelize(range(20), 2).map(lambda x: (x % 3, str(x))).cache()
    answer = cached.glom().collect()
    stored: list[Any] = []
    sc._engine.events.add_listener(
        lambda event: stored.append(event.partition) if isinstance(event, BlockStored) else None
    )

    def file() -> Path:
        found = Path(sc._engine.directory.path).glob(f"rdd_{cached._node.id}_{victim}_*")
        (block,) = [each for each in found if each.is_file()]  # one became a directory
        return block

    size = file().stat().st_size
    assert 50 < size < 1000
    found = 0
    for damage in all_kinds(size):
        damage(file())
        assert cached.glom().collect() == answer
        assert cached.glom().collect() == answer, "and it is cached again"
        assert stored == [victim]
        stored.clear()
        (warning,) = warnings()
        assert f"partition {victim} of RDD {cached._node.id} is damaged or gone" in warning
        found += 1
    assert found == 2 * size + 3


def test_all_files_damaged_at_once(sc: SparkContext, warnings: Callable[[], list[str]]) -> None:
    shuffled = Shuffled(sc)
    for file in shuffled.files():
        altered_at(5)(file)
    assert shuffled.collect() == shuffled.answer
    assert sorted(shuffled.ran_again()) == [0, 1]
    assert warnings()
