"""Checkpoints: what is freed when a lineage is cut, and what is left when something fails."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minispark import SparkConf, SparkContext
from minispark.engine.events import Event, JobEnded
from minispark.errors import SparkException
from minispark.io.checkpoints import (
    begin,
    partition_file,
    read_partition,
    remove,
    write_partition,
)
from minispark.io.filesystem import qualified


def local_files(sc: SparkContext, prefix: str) -> list[str]:
    return [name for name in os.listdir(sc._engine.directory.path) if name.startswith(prefix)]


def files_below(path: Path) -> list[str]:
    return sorted(name for _, _, files in os.walk(path) for name in files)


def test_a_cut_lineage_is_freed_with_its_shuffles(sc: SparkContext, tmp_path: Path) -> None:
    sc.setCheckpointDir(str(tmp_path))
    source = sc.parallelize([(i % 3, i) for i in range(9)], 3)
    shuffled = source.reduceByKey(max, 2)
    kept = shuffled.mapValues(str)
    kept.checkpoint()
    kept.count()
    assert len(local_files(sc, "shuffle_")) == 3
    old = weakref.ref(shuffled._node)
    del source, shuffled
    gc.collect()
    assert old() is None
    sc.parallelize([1]).count()  # files go with the next job
    assert local_files(sc, "shuffle_") == []
    assert sorted(kept.collect()) == [(0, "6"), (1, "7"), (2, "8")]


def test_a_thousand_checkpoints_in_a_row_are_no_deep_lineage(sc: SparkContext) -> None:
    rdd = sc.parallelize([0], 1)
    for _ in range(1000):
        rdd = rdd.map(lambda x: x + 1).cache()
        rdd.localCheckpoint()
        rdd.count()
    assert rdd.collect() == [1000]
    lines = (rdd.toDebugString() or b"").decode().splitlines()
    assert len([line for line in lines if "RDD[" in line]) == 2


def mark_after_the_first_job(sc: SparkContext, path: Path) -> None:
    """Write a file when a job has ended: the next one is that of the checkpoint."""

    def listen(event: Event) -> None:
        if isinstance(event, JobEnded) and not path.exists():
            path.write_text("")

    sc._engine.events.add_listener(listen)


def test_a_checkpoint_that_fails_leaves_no_file(sc: SparkContext, tmp_path: Path) -> None:
    sc.setCheckpointDir(str(tmp_path / "kept"))
    counted = tmp_path / "counted"

    def fail_in_the_second_job(index: int, records: Iterator[int]) -> Iterator[int]:
        if counted.exists() and index == 1:
            raise ValueError("boom")
        return records

    rdd = sc.parallelize(range(4), 2).mapPartitionsWithIndex(fail_in_the_second_job)
    rdd.checkpoint()
    mark_after_the_first_job(sc, counted)
    with pytest.raises(SparkException, match="boom"):
        rdd.count()
    assert files_below(tmp_path / "kept") == []
    assert not rdd.isCheckpointed()


def test_a_task_tried_again_writes_its_part_once(tmp_path: Path) -> None:
    with SparkContext("local[2,3]", "retries") as sc:
        sc.setCheckpointDir(str(tmp_path / "kept"))
        failed = tmp_path / "failed"
        counted = tmp_path / "counted"

        def fail_once_in_the_second_job(records: Iterator[int]) -> Iterator[int]:
            yield from records
            if counted.exists() and not failed.exists():
                failed.write_text("")
                raise ValueError("once")

        rdd = sc.parallelize(range(10), 1).mapPartitions(fail_once_in_the_second_job)
        rdd.checkpoint()
        mark_after_the_first_job(sc, counted)
        assert rdd.count() == 10
        assert failed.exists()
        assert rdd.isCheckpointed()
        assert rdd.collect() == list(range(10))
        assert files_below(tmp_path / "kept") == [".part-00000.crc", "part-00000"]


def write_until_killed(
    written: Path, killed: Path, failures: int
) -> Callable[[Iterator[int]], Iterator[bytes]]:
    """A function whose worker is killed while it writes a part: so often, and not when counted."""

    def kill(records: Iterator[int]) -> Iterator[bytes]:
        for x in records:
            yield bytes(1 << 20)
            if written.exists() and x == 12 and len(list(killed.iterdir())) < failures:
                (killed / str(time.monotonic_ns())).touch()
                os.kill(os.getpid(), signal.SIGKILL)

    return kill


@pytest.mark.parametrize("failures", [1, 2])
def test_killed_attempts_leave_nothing_but_complete_parts(tmp_path: Path, failures: int) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    with SparkContext("local[2,3]", "killed") as sc:
        sc.setCheckpointDir(str(tmp_path / "kept"))
        rdd = sc.parallelize(range(20), 2).mapPartitions(
            write_until_killed(tmp_path / "counted", killed, failures)
        )
        rdd.checkpoint()
        mark_after_the_first_job(sc, tmp_path / "counted")
        assert rdd.count() == 20
        assert len(list(killed.iterdir())) == failures
        directory = (rdd.getCheckpointFile() or "").removeprefix("file:")
        parts = [".part-00000.crc", ".part-00001.crc", "part-00000", "part-00001"]
        assert sorted(os.listdir(directory)) == parts
        assert rdd.map(len).sum() == 20 << 20


def test_attempts_that_are_killed_for_good_leave_nothing(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    with SparkContext("local[2,3]", "killed") as sc:
        sc.setCheckpointDir(str(tmp_path / "kept"))
        rdd = sc.parallelize(range(20), 2).mapPartitions(
            write_until_killed(tmp_path / "counted", killed, 3)
        )
        rdd.checkpoint()
        mark_after_the_first_job(sc, tmp_path / "counted")
        with pytest.raises(SparkException, match="SIGKILL"):
            rdd.count()
        assert list((tmp_path / "kept").glob("*/*")) == []


def test_an_attempt_that_is_late_makes_nothing_anew(tmp_path: Path) -> None:
    directory = qualified(str(tmp_path / "rdd-1"))
    begin(directory)
    remove(directory)
    with pytest.raises(FileNotFoundError):
        write_partition(directory, 0, 0, [], lambda: None)
    assert os.listdir(tmp_path) == []


def test_a_killed_program_leaves_its_attempts_apart_from_complete_parts(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from minispark.io.checkpoints import begin, write_partition
def segments():
    yield [b"x" * 1_000_000]
    os.kill(os.getpid(), signal.SIGKILL)
begin(sys.argv[1])
write_partition(sys.argv[1], 0, 0, [[b"done"]], lambda: None)
write_partition(sys.argv[1], 1, 1, segments(), lambda: None)
"""
    line = [sys.executable, "-c", program, qualified(str(tmp_path))]
    assert subprocess.run(line, check=False).returncode == -signal.SIGKILL
    assert sorted(os.listdir(tmp_path)) == [".part-00000.crc", "_temporary", "part-00000"]


def test_a_killed_program_with_worker_processes_leaves_complete_parts_only(tmp_path: Path) -> None:
    program = """
import sys, time
from minispark import SparkContext
def slow(records):
    for x in records:
        yield bytes(1 << 20)
        time.sleep(0.05)
with SparkContext("local[2]", "killed") as sc:
    sc.setCheckpointDir(sys.argv[1])
    rdd = sc.parallelize(range(24), 2).mapPartitions(slow)
    rdd.checkpoint()
    rdd.count()
    time.sleep(60)
"""
    kept = tmp_path / "kept"
    with subprocess.Popen([sys.executable, "-c", program, str(kept)]) as running:
        wait_until(lambda: any(kept.glob("*/rdd-*/_temporary/*/part-*")))
        running.kill()
    assert list(kept.glob("*/*/part-*")) == []
    wait_until(lambda: files_below(kept) == [])


@pytest.mark.threads
def test_every_damaged_byte_of_a_part_is_found(sc: SparkContext, tmp_path: Path) -> None:
    sc.setCheckpointDir(f"memory://kept{os.getpid()}")  # no checksum files there
    rdd = sc.parallelize(range(3), 1)
    rdd.checkpoint()
    assert rdd.collect() == [0, 1, 2]
    import fsspec

    memory = fsspec.filesystem("memory")
    directory = (rdd.getCheckpointFile() or "").removeprefix("memory:/")
    (part,) = memory.ls(directory, detail=False)
    data = memory.cat(part)
    for position in range(len(data)):
        memory.pipe(part, data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(SparkException, match="Checksum error"):
            rdd.collect()
    for length in range(len(data)):
        memory.pipe(part, data[:length])
        with pytest.raises(SparkException, match="Checksum error"):
            rdd.collect()
    memory.pipe(part, data + b"x")
    with pytest.raises(SparkException, match="Checksum error"):
        rdd.collect()
    memory.pipe(part, data)
    assert rdd.collect() == [0, 1, 2]


def test_a_part_that_ends_where_a_segment_does_is_damaged(tmp_path: Path) -> None:
    directory = qualified(str(tmp_path))
    segments = [[b"one"], [b"two"], [b"three"]]
    sizes: list[int] = []
    begin(directory)
    for count in range(len(segments) + 1):
        write_partition(directory, count, 0, segments[:count], lambda: None)
        sizes.append(os.path.getsize(tmp_path / f"part-{count:05d}"))
    path = partition_file(directory, len(segments))
    assert list(read_partition(path)) == [b"one", b"two", b"three"]
    (tmp_path / ".part-00003.crc").unlink()  # as on a file system without checksums
    end = sizes[0]
    for size in reversed(sizes):
        os.truncate(tmp_path / "part-00003", size - end)
        with pytest.raises(SparkException, match="Checksum error"):
            list(read_partition(path))


@pytest.mark.parametrize("damage", [*range(-5, 5), "empty", "gone", "directory"])
def test_a_damaged_local_part_is_a_clear_error(
    sc: SparkContext, tmp_path: Path, damage: int | str
) -> None:
    sc.setCheckpointDir(str(tmp_path))
    rdd = sc.parallelize(range(3), 1)
    rdd.checkpoint()
    assert rdd.collect() == [0, 1, 2]
    (part,) = tmp_path.glob("*/*/part-00000")
    data = bytearray(part.read_bytes())
    if isinstance(damage, int):
        data[damage] ^= 1
        part.write_bytes(data)
    elif damage == "empty":
        os.truncate(part, 0)
    else:
        part.unlink()
        if damage == "directory":
            part.mkdir()
    with pytest.raises(SparkException, match=r"Checksum error|part-00000"):
        rdd.collect()
    assert sc.parallelize(range(3), 1).collect() == [0, 1, 2]


def test_jobs_of_other_threads_read_through_while_a_lineage_is_cut(
    sc: SparkContext, tmp_path: Path
) -> None:
    sc.setCheckpointDir(str(tmp_path))
    wrong: list[object] = []
    for _ in range(20):
        # Its functions would be applied twice if a task took the kept partitions for their input.
        rdd = sc.parallelize(range(50), 4).map(lambda x: x + 1)
        rdd.checkpoint()
        doubled = rdd.map(lambda x: x * 2)
        threads = [
            threading.Thread(target=lambda d=doubled: wrong.append(d.collect())) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(result == [2 * (x + 1) for x in range(50)] for result in wrong)
    assert len(wrong) == 60


def test_arguments_that_are_wrong(sc: SparkContext) -> None:
    with pytest.raises(TypeError, match="dirName is a str, not int: 3"):
        sc.setCheckpointDir(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="blocking is a bool, not str: 'yes'"):
        sc.parallelize([1]).cleanShuffleDependencies("yes")  # type: ignore[arg-type]


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path, sc: SparkContext) -> None:
    nowhere = "/proc/kept"  # for any user, root too
    with pytest.raises(SparkException, match=f"can be made below {nowhere}: ") as caught:
        sc.setCheckpointDir(nowhere)
    assert isinstance(caught.value.__cause__, OSError)
    assert sc.getCheckpointDir() is None


@pytest.mark.parametrize(("path", "told"), [("/proc/kept", "No directory"), ("", "Can not create")])
def test_a_directory_that_is_set_and_cannot_be_made_is_told(path: str, told: str) -> None:
    conf = SparkConf().set("spark.checkpoint.dir", path)
    with pytest.raises(SparkException, match=f"^spark.checkpoint.dir: {told}"):
        SparkContext("local", "checkpoints", conf=conf)
    assert SparkContext._active_spark_context is None


def test_a_stopped_context_has_no_checkpoint_directory() -> None:
    with SparkContext("local[2]", "stopped") as sc:
        pass
    with pytest.raises(SparkException, match="stopped"):
        sc.setCheckpointDir("anywhere")


def test_cleaned_shuffles_leave_no_files_and_are_computed_again(sc: SparkContext) -> None:
    sums = sc.parallelize([(i % 3, i) for i in range(9)], 3).reduceByKey(max, 2)
    assert sums.count() == 3
    assert len(local_files(sc, "shuffle_")) == 3
    sums.cleanShuffleDependencies(blocking=True)
    assert local_files(sc, "shuffle_") == []
    assert sorted(sums.collect()) == [(0, 6), (1, 7), (2, 8)]


def test_shuffles_cleaned_under_a_running_job_cost_no_result(sc: SparkContext) -> None:
    pairs = sc.parallelize([(i % 7, i) for i in range(700)], 8)
    sums = pairs.reduceByKey(lambda a, b: a + b, 8)
    expected = sorted(sums.collect())
    stop = threading.Event()

    def clean() -> None:
        for _ in range(20):
            if stop.wait(0.05):
                return
            sums.cleanShuffleDependencies()

    thread = threading.Thread(target=clean)
    thread.start()
    try:
        results = [sorted(sums.collect()) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert results == [expected] * 3


def test_shuffles_are_cleaned_any_number_of_times(sc: SparkContext) -> None:
    sums = sc.parallelize([(i % 3, i) for i in range(9)], 3).reduceByKey(max, 2)
    for _ in range(10):
        sums.cleanShuffleDependencies()
        assert sorted(sums.collect()) == [(0, 6), (1, 7), (2, 8)]


@pytest.mark.threads
def test_a_shuffle_cleaned_while_a_stage_waits_for_another_is_computed_again() -> None:
    with SparkContext("local[4]", "cleaning") as sc:
        go = threading.Event()
        GATES["second"] = go
        first = sc.parallelize([(1, 1)], 2).reduceByKey(max)
        second = sc.parallelize([(2, 1), (3, 1)], 2).map(through_the_gate).reduceByKey(max)
        results: list[object] = []
        both = first.union(second)
        thread = threading.Thread(target=lambda: results.append(sorted(both.collect())))
        thread.start()
        try:
            wait_until(lambda: len(local_files(sc, "shuffle_0_")) == 2)
            first.cleanShuffleDependencies(blocking=True)
        finally:
            go.set()
            thread.join(30)
        assert results == [[(1, 1), (2, 1), (3, 1)]]


GATES: dict[str, threading.Event] = {}
"""Tasks run in this process, in this imported module."""


def through_the_gate(x: tuple[int, int]) -> tuple[int, int]:
    assert GATES["second"].wait(30)
    return x


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)
