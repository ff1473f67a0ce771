"""Storage memory: what is cached at which level when there is more than there is room for."""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import caching
from minispark import RDD, Accumulator, SparkConf, SparkContext, StorageLevel
from minispark.core.storage import storage_memory
from minispark.engine.blocks import BlockStore, CachedBlocks, StoredBlock, ToWrite
from minispark.engine.events import (
    BlockEvicted,
    BlockLost,
    BlocksRemoved,
    BlockStored,
    Event,
    EventBus,
)
from minispark.engine.localdir import LocalDirectories
from minispark.errors import SparkException

FRACTION = "0.001"
MEMORY = int((1024 - 300 << 20) * 0.001)
"""Some 740 KiB for cached blocks."""

RECORD = 10_000

LEVELS = [level for level in caching.LEVELS if level != "NONE"]


@pytest.fixture(params=["processes", "threads"])
def small(request: pytest.FixtureRequest) -> Iterator[SparkContext]:
    """A context with little storage memory."""
    conf = SparkConf().set("spark.memory.fraction", FRACTION)
    conf.set("spark.minispark.executor", request.param)
    with SparkContext("local[2]", "storage memory", conf=conf) as sc:
        yield sc


@pytest.fixture
def events(small: SparkContext) -> list[Event]:
    """What happens to blocks in the context."""
    seen: list[Event] = []

    def note(event: Event) -> None:
        if isinstance(event, BlockStored | BlockEvicted | BlockLost | BlocksRemoved):
            seen.append(event)

    small._engine.events.add_listener(note)
    return seen


def data(sc: SparkContext, records: int, partitions: int) -> tuple[RDD[bytes], Accumulator[int]]:
    """So many records of 10 kB, which do not compress, and how many were made."""
    made = sc.accumulator(0)

    def make(n: int) -> bytes:
        import random

        made.add(1)
        return random.Random(n).randbytes(RECORD)

    return sc.parallelize(range(records), partitions).map(make), made


def first_bytes(rdd: RDD[bytes]) -> list[int]:
    return rdd.map(lambda record: record[0]).collect()


def block_files(sc: SparkContext) -> list[Path]:
    return list(Path(sc._engine.directory.path).glob("rdd_*"))


def evictions(events: list[Event]) -> list[tuple[int, int, bool]]:
    return [
        (event.rdd_id, event.partition, event.is_on_disk)
        for event in events
        if isinstance(event, BlockEvicted)
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_an_rdd_larger_than_memory_gives_its_answer_at_every_level(
    small: SparkContext, level: str
) -> None:
    rdd, made = data(small, 160, 16)  # 1.6 MB
    expected = first_bytes(rdd)
    rdd.persist(getattr(StorageLevel, level))
    assert [first_bytes(rdd) for _ in range(3)] == [expected] * 3
    (cached,) = small._engine.cached()
    storage = getattr(StorageLevel, level)
    assert cached.level == str(storage)
    assert cached.num_partitions == 16
    if storage.useDisk:
        assert made.value == 320, "computed once without the cache, and once with it"
        assert cached.cached_partitions == 16
        assert cached.memory_size + cached.disk_size > 1_600_000
    else:
        assert cached.cached_partitions == 7
        assert cached.disk_size == 0
        assert made.value == 320 + 2 * 90, "what had no room is computed each time"
    if storage.useMemory and not storage.useOffHeap:
        assert MEMORY - 110_000 < cached.memory_size <= MEMORY
    else:
        assert cached.memory_size == 0
    assert len(block_files(small)) == cached.cached_partitions
    assert small._status.stored_bytes == (cached.memory_size, cached.disk_size)
    assert small._status.evictions == 0, "never for a block of the same RDD"


@pytest.mark.parametrize("level", LEVELS)
def test_what_was_longest_not_used_makes_room(
    small: SparkContext, events: list[Event], level: str
) -> None:
    storage = getattr(StorageLevel, level)
    one, _ = data(small, 30, 3)
    other, _ = data(small, 30, 3)
    for rdd in (one, other):
        rdd.persist(storage).count()
    assert one.filter(lambda record: False).isEmpty()  # now it is the other's turn
    third, made = data(small, 30, 3)
    third.persist(storage).count()
    gone = evictions(events)
    assert len(block_files(small)) == 9 - sum(not on_disk for _, _, on_disk in gone)
    if storage.useMemory and not storage.useOffHeap:
        expected = (other.id(), storage.useDisk)
        assert [(rdd_id, on_disk) for rdd_id, _, on_disk in gone] == [expected] * 2
    else:
        assert gone == []
    assert small._status.evictions == len(gone)
    assert first_bytes(other) == first_bytes(data(small, 30, 3)[0])
    assert made.value == 30


def test_what_is_stored_and_removed_is_told_with_its_sizes(
    small: SparkContext, events: list[Event]
) -> None:
    rdd, _ = data(small, 100, 1)
    rdd.persist(StorageLevel.MEMORY_AND_DISK).count()
    (stored,) = events
    assert isinstance(stored, BlockStored)
    assert stored[:3] == (rdd.id(), 0, 0)
    assert stored.disk_size > 1_000_000
    text = (rdd.toDebugString() or b"").decode()
    assert "CachedPartitions: 1; MemorySize: 0.0 B; DiskSize: 977.6 KiB" in text
    rdd.unpersist()
    assert events[1:] == [BlocksRemoved(rdd.id())]
    assert small._status.stored_bytes == (0, 0)
    assert small._engine.cached() == []
    assert block_files(small) == []


def test_a_partition_larger_than_memory_is_computed_once_a_job(small: SparkContext) -> None:
    rdd, made = data(small, 3000, 1)  # 30 MB: more than is written at once
    rdd.cache()
    expected = [n % 7 for n in range(3000)]
    numbered = rdd.zipWithIndex().map(lambda pair: pair[1] % 7)
    assert [numbered.collect() for _ in range(2)] == [expected] * 2
    assert made.value == 6000
    assert block_files(small) == []
    assert small._engine.cached() == []


def test_a_partition_in_the_way_of_an_error_leaves_nothing(small: SparkContext) -> None:
    rdd = small.parallelize(range(200), 1).map(lambda n: bytes(RECORD) if n < 150 else 1 // 0)
    rdd.cache()
    for _ in range(2):
        with pytest.raises(SparkException, match="ZeroDivisionError"):
            rdd.count()
    assert block_files(small) == []


def test_a_lost_block_is_told_and_stored_again(
    small: SparkContext, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    rdd = small.parallelize(range(10), 1).cache()
    rdd.count()
    (file,) = block_files(small)
    file.write_bytes(b"x" + file.read_bytes()[1:])
    assert rdd.collect() == list(range(10))
    assert [type(event) for event in events] == [BlockStored, BlockLost]
    assert f"partition 0 of RDD {rdd.id()} is damaged or gone, and is computed again" in caplog.text
    assert block_files(small) == []
    assert rdd.collect() == list(range(10))
    assert len(block_files(small)) == 1


def test_cached_blocks_go_with_the_last_that_knows_of_their_rdd(
    small: SparkContext, events: list[Event]
) -> None:
    rdd, _ = data(small, 30, 3)
    rdd.cache()
    lengths = rdd.map(len)
    lengths.count()
    rdd_id = rdd.id()
    del rdd
    gc.collect()
    lengths.count()
    assert len(block_files(small)) == 3, "another RDD still reads them"
    del lengths
    gc.collect()
    small.parallelize([1]).count()  # files go with the next job
    assert block_files(small) == []
    assert BlocksRemoved(rdd_id) in events
    assert small._status.stored_bytes == (0, 0)


def test_an_rdd_is_unpersisted_while_jobs_read_and_store_it(small: SparkContext) -> None:
    rdd, _ = data(small, 40, 4)
    expected = first_bytes(rdd)
    wrong: list[list[int]] = []
    may_end = threading.Event()

    def read() -> None:
        while not may_end.is_set():
            found = first_bytes(rdd)
            if found != expected:
                wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(40):
        rdd.cache().count()
        rdd.unpersist()
    may_end.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert small._engine.cached() == []
    assert block_files(small) == []
    assert small._status.stored_bytes == (0, 0)


def test_an_rdd_cached_again_and_again_leaves_nothing(small: SparkContext) -> None:
    rdd, _ = data(small, 20, 2)
    for level in LEVELS:
        storage = getattr(StorageLevel, level)
        rdd.persist(storage).count()
        assert [cached.level for cached in small._engine.cached()] == [str(storage)]
        rdd.unpersist(blocking=True)
        assert block_files(small) == []


def test_a_local_checkpoint_is_never_dropped(small: SparkContext) -> None:
    kept, made = data(small, 60, 6)
    kept.cache()
    kept.localCheckpoint()
    expected = first_bytes(kept)
    for _ in range(3):
        other, _ = data(small, 60, 6)
        other.cache().count()
    assert small._status.evictions > 0
    assert first_bytes(kept) == expected
    assert made.value == 60


@pytest.fixture(scope="module")
def uncached() -> caching.Measured:
    """Two RDDs of 32 MB, computed each time."""
    return caching.measure("NONE", memory=8, times=4)


@pytest.mark.parametrize("level", ["MEMORY_ONLY", "MEMORY_AND_DISK", "DISK_ONLY", "OFF_HEAP"])
def test_more_than_there_is_memory_for_takes_little_of_it(
    uncached: caching.Measured, level: str
) -> None:
    found = caching.measure(level, memory=8, times=4)
    storage = getattr(StorageLevel, level)
    assert uncached.are_right
    assert found.are_right
    assert found.peak < uncached.peak + 50
    assert found.computed == (2 * caching.PARTITIONS if storage.useDisk else uncached.computed)
    uses_memory = storage.useMemory and not storage.useOffHeap
    assert (found.in_memory > 0) == (found.evicted > 0) == uses_memory
    assert found.in_memory <= 8
    assert (found.on_disk > 0) == storage.useDisk


# The table alone


class Cached:
    """A table with room for so many bytes, and what happened in it."""

    def __init__(self, path: Path, memory: int) -> None:
        self.directory = LocalDirectories([str(path)])
        self.events: list[Event] = []
        bus = EventBus()
        bus.add_listener(self.events.append)
        self.table = CachedBlocks(self.directory, bus, memory)
        self.store = BlockStore(self.table)

    def frames(
        self, rdd_id: int, partition: int, compute: Callable[[], Any] = lambda: [b"computed"]
    ) -> Iterator[Any]:
        return self.store.get_or_store(rdd_id, partition, 0, compute)

    def put(self, rdd_id: int, partition: int, size: int) -> StoredBlock | ToWrite | None:
        """Have a block of about so many bytes."""
        deque(self.frames(rdd_id, partition, lambda: [bytes(size)]), 0)
        return self.table.find_or_begin(rdd_id, partition, 0)


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[Cached]:
    made = Cached(tmp_path, 10_000)
    yield made
    made.directory.remove()


def test_nothing_goes_for_what_has_no_room_all_the_same(cached: Cached) -> None:
    for rdd_id in (1, 2):
        cached.table.keep(rdd_id, StorageLevel.MEMORY_ONLY)
    cached.put(1, 0, 3_000)
    cached.put(2, 0, 3_000)
    cached.table.keep(2, StorageLevel.MEMORY_AND_DISK)
    assert isinstance(cached.put(2, 1, 8_000), StoredBlock)
    assert cached.table.cached(1) == {0}
    assert evictions(cached.events) == []
    usage = cached.table.usage(2)
    assert usage.memory_size < 4_000
    assert usage.disk_size > 8_000


def test_a_block_that_is_read_is_read_to_its_end_though_it_goes(
    cached: Cached, caplog: pytest.LogCaptureFixture
) -> None:
    cached.table.keep(1, StorageLevel.MEMORY_ONLY)
    frames = [bytes([n]) * 2_000 for n in range(4)]
    deque(cached.frames(1, 0, lambda: frames), 0)
    reading, late = cached.frames(1, 0), cached.frames(1, 0, lambda: frames)
    assert next(reading) == frames[0]
    cached.table.keep(2, StorageLevel.MEMORY_ONLY)
    cached.put(2, 0, 9_000)
    assert evictions(cached.events) == [(1, 0, False)]
    assert list(reading) == frames[1:]
    assert list(late) == frames, "it had not begun to read, and computes"
    assert caplog.text == ""


def test_what_is_unpersisted_while_it_is_written_is_handed_on(cached: Cached) -> None:
    cached.table.keep(1, StorageLevel.MEMORY_ONLY)
    times = 0

    def compute() -> Iterator[bytes]:
        nonlocal times
        times += 1
        yield b"one"
        cached.table.remove(1)
        yield b"two"

    assert list(cached.frames(1, 0, compute)) == [b"one", b"two"]
    assert times == 1
    assert list(Path(cached.directory.path).glob("rdd_*")) == []
    assert list(cached.frames(1, 0)) == [b"computed"], "and is not kept from then on"
    assert list(Path(cached.directory.path).glob("rdd_*")) == []


def test_a_file_that_cannot_be_removed_yet_goes_later(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached.table.keep(1, StorageLevel.MEMORY_ONLY)
    cached.put(1, 0, 1_000)

    def refuse(path: str) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        cached.table.remove(1)
    assert len(list(Path(cached.directory.path).glob("rdd_*"))) == 1
    cached.table.remove_released()
    assert list(Path(cached.directory.path).glob("rdd_*")) == []


# The settings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, int((1024 - 300 << 20) * 0.6)),
        ({"spark.driver.memory": "2g"}, int((2048 - 300 << 20) * 0.6)),
        ({"spark.driver.memory": "450m", "spark.memory.fraction": "1"}, 150 << 20),
    ],
)
def test_storage_memory_is_sparks(settings: dict[str, str], expected: int) -> None:
    assert storage_memory(SparkConf().setAll(settings.items())) == expected


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("spark.memory.fraction", "2", r"should be between 0 and 1 \(was '2.0'\)"),
        ("spark.memory.fraction", "-0.5", r"should be between 0 and 1 \(was '-0.5'\)"),
        ("spark.memory.fraction", "0", "onHeapExecutionMemory must be > 0"),
        ("spark.memory.fraction", "much", 'For input string: "much"'),
        ("spark.driver.memory", "449m", "System memory 470810624 must be at least 471859200"),
        ("spark.driver.memory", "much", "spark.driver.memory: Size .*\n.*byte string: much"),
        ("spark.driver.memory", "-1g", "spark.driver.memory: Size .*\n.*byte string: -1g"),
        ("spark.memory.storageFraction", "7", r"storageFraction should .* \(was '7.0'\)"),
        ("spark.memory.storageFraction", "-0.1", r"storageFraction should .* \(was '-0.1'\)"),
        ("spark.memory.storageFraction", "1", r"Storage fraction must be in \[0,1\) SQLSTATE"),
        ("spark.memory.storageFraction", "x", 'storageFraction: For input string: "x"'),
        ("spark.executor.memory", "1x", 'spark.executor.memory: Size .*\nInvalid suffix: "x"'),
        ("spark.executor.memory", "1.5g", "Size .*\nFractional .* not supported.* was: 1.5"),
        ("spark.executor.memory", "", "spark.executor.memory: Size .*\n.*byte string: "),
        ("spark.executor.memory", "449m", "Executor memory 470810624 must be at least 471859200"),
        ("spark.executor.memory", "1024", "Executor memory 1024 must be at least 471859200"),
    ],
)
def test_a_memory_that_spark_refuses_is_refused(key: str, value: str, message: str) -> None:
    with pytest.raises(SparkException, match=message):
        SparkContext("local", "refused", conf=SparkConf().set(key, value))
