"""The file of a map task, and what the reduce tasks are told of it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from minispark.engine.shuffle import files
from minispark.engine.shuffle.files import read_reduce_partition, write_map_output


def test_each_reduce_partition_reads_its_frames_in_the_order_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SEGMENT_BYTES", 300)  # some rows of segments in each file
    frames = [(i * 7 % 5, f"{i}".encode() * 20) for i in range(60)]
    statuses = [
        write_map_output(str(tmp_path / "a"), frames),
        write_map_output(str(tmp_path / "none"), []),
        write_map_output(str(tmp_path / "b"), [(9, b"nine"), (0, b"zero"), (9, b"again")]),
    ]
    assert len(statuses[0].runs) > 3
    written = {p: [frame for q, frame in frames if q == p] for p in range(10)}
    written[9] = [b"nine", b"again"]
    written[0].append(b"zero")
    for partition, expected in written.items():
        assert list(read_reduce_partition(0, statuses, partition)) == expected


def test_what_a_reduce_task_is_told_is_small(tmp_path: Path) -> None:
    status = write_map_output(str(tmp_path / "a"), ((p, b"") for p in range(1000)))
    assert len(pickle.dumps(status, pickle.HIGHEST_PROTOCOL)) < 1000 * 16 + 500
    assert pickle.loads(pickle.dumps(status)) == status
