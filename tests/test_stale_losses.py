"""What one job has computed again is not lost once more by another that still reads the old."""

from __future__ import annotations

import os
import threading
import time
from operator import add
from pathlib import Path

from minispark import SparkContext
from minispark.engine.events import Event, TaskStarted


def test_an_output_computed_again_is_not_forgotten_for_a_job_that_reads_the_lost_one(
    sc: SparkContext, tmp_path: Path
) -> None:
    started: list[TaskStarted] = []

    def note(event: Event) -> None:
        if isinstance(event, TaskStarted):
            started.append(event)

    sc._engine.events.add_listener(note)
    sums = sc.parallelize([(i % 2, i) for i in range(10)], 2).reduceByKey(add, 1)
    expected = [(0, 20), (1, 25)]
    assert sorted(sums.collect()) == expected
    reads, gate = tmp_path / "reads", tmp_path / "gate"

    def wait(record: object) -> object:
        reads.touch()
        while not os.path.exists(gate):
            time.sleep(0.01)
        return record

    # One task: its left side waits, and then its right side reads the shuffle.
    later = sc.parallelize(["left"], 1).map(wait).cartesian(sums)
    found: list[list[object]] = []
    slow = threading.Thread(target=lambda: found.append(later.collect()))
    slow.start()
    while not reads.exists():
        time.sleep(0.01)
    for path in Path(sc._engine.directory.path).rglob("shuffle_*"):
        path.unlink()
    assert sorted(sums.collect()) == expected
    before = len(started)
    gate.touch()
    slow.join()
    tasks = len(started) - before
    assert found == [[("left", pair) for pair in sums.collect()]]
    assert tasks == 1, "the slow job's task, and no map task"
