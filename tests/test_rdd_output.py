"""Saving an RDD as text."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from minispark import SparkContext
from minispark.errors import SparkException
from minispark.io.output import FileOutput


def visible(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if not path.name.startswith("."))


def test_each_partition_is_a_file_of_lines(sc: SparkContext, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sc.parallelize([b"ab", b"\xffz", "é", None, 1.5, "a\nb"], 3).saveAsTextFile(str(out))
    assert visible(out) == ["_SUCCESS", "part-00000", "part-00001", "part-00002"]
    assert [(out / f"part-0000{i}").read_bytes() for i in range(3)] == [
        b"ab\n\xef\xbf\xbdz\n",
        b"\xc3\xa9\nNone\n",
        b"1.5\na\nb\n",
    ]


def test_a_codec_compresses_each_file(sc: SparkContext, tmp_path: Path) -> None:
    out = tmp_path / "out"
    codec = "org.apache.hadoop.io.compress.GzipCodec"
    sc.parallelize(["a", "b"], 1).saveAsTextFile(str(out), codec)
    assert gzip.decompress((out / "part-00000.gz").read_bytes()) == b"a\nb\n"


def test_an_existing_directory_is_left_alone(sc: SparkContext, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(SparkException, match="already exists") as caught:
        sc.parallelize(["a"]).saveAsTextFile(str(tmp_path))
    assert (
        caught.value.java_exception_class == "org.apache.hadoop.mapred.FileAlreadyExistsException"
    )
    assert visible(tmp_path) == ["kept"]


def test_a_failed_job_leaves_an_empty_directory(sc: SparkContext, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(SparkException, match=r"^Job aborted\.\nCaused by: ") as caught:
        sc.parallelize([1, 0], 1).map(lambda x: 1 // x).saveAsTextFile(str(out))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert list(out.iterdir()) == []


def test_an_abort_that_fails_does_not_hide_what_the_job_failed_of(
    sc: SparkContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_output: FileOutput) -> None:
        raise PermissionError("no access")

    monkeypatch.setattr(FileOutput, "abort", refuse)
    with pytest.raises(SparkException, match=r"^Job aborted\.") as caught:
        sc.parallelize([1, 0], 1).map(lambda x: 1 // x).saveAsTextFile(str(tmp_path / "out"))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert caught.value.__notes__ == [
        f"What the job had written to file:{tmp_path}/out is still there: no access"
    ]


def test_a_job_that_cannot_be_committed_is_taken_back(
    sc: SparkContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_output: FileOutput) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(FileOutput, "commit", refuse)
    with pytest.raises(OSError, match=r"^disk full$"):
        sc.parallelize([1], 1).saveAsTextFile(str(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []
