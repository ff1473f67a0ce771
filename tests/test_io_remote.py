"""Other file systems than the local one, shown on fsspec's in-memory one."""

import fsspec
import pytest

from minispark.errors import SparkException
from minispark.io.output import FileOutput
from minispark.io.text import read_split_text, text_splits
from minispark.io.whole import read_whole_split, whole_file_splits


@pytest.fixture
def memory():
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def read(path, n):
    return [list(read_split_text(split)) for split in text_splits(path, n)]


def test_text_is_split_and_globbed_as_local_text_is(memory):
    memory.pipe({"/data/a.txt": b"1\r\n2\n3", "/data/b.txt": b"4\n", "/data/_x": b"5\n"})
    assert read("memory://data", 1) == [["1", "2", "3"], ["4"]]
    assert read("memory://data/{a,c}.txt", 3) == [["1"], ["2"], ["3"]]
    assert read("memory://data/*,memory://data/b.txt", 1) == [["1", "2", "3"], ["4"], ["4"]]


def test_whole_files_have_their_qualified_names(memory):
    memory.pipe({"/data/a.txt": b"1\n", "/data/b.txt": b"2\n"})
    (split,) = whole_file_splits("memory://data", 1)
    assert list(read_whole_split(split)) == [
        ("memory://data/a.txt", b"1\n"),
        ("memory://data/b.txt", b"2\n"),
    ]


def test_a_missing_path_is_named_with_its_scheme(memory):
    with pytest.raises(SparkException, match=r"^Input path does not exist: memory://data/nope$"):
        text_splits("memory://data/nope", 1)


def test_output_is_committed(memory):
    output = FileOutput("memory://data/out")
    output.setup()
    output.write_partition(0, 0, 1, iter([b"a"]))
    output.write_partition(1, 0, 2, iter([b"b"]))
    output.commit()
    assert {path: memory.cat(path) for path in memory.find("/data/out")} == {
        "/data/out/part-00000": b"a\n",
        "/data/out/part-00001": b"b\n",
        "/data/out/_SUCCESS": b"",
    }
    with pytest.raises(SparkException, match="Output directory memory://data/out already exists"):
        FileOutput("memory://data/out").setup()


def test_an_aborted_output_leaves_no_file(memory):
    output = FileOutput("memory://data/out")
    output.setup()
    output.write_partition(0, 0, 1, iter([b"a"]))
    output.abort()
    assert memory.find("/data") == []


def test_an_unknown_scheme_is_refused_in_sparks_words():
    with pytest.raises(SparkException) as caught:
        text_splits("foo://bucket/a", 1)
    assert str(caught.value) == 'No FileSystem for scheme "foo"'


def test_a_missing_driver_package_is_named(monkeypatch):
    def missing(protocol):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(SparkException, match="Install s3fs") as caught:
        text_splits("s3a://bucket/a", 1)
    assert isinstance(caught.value.__cause__, ImportError)


def test_an_abort_bears_files_that_a_cancelled_task_removes_meanwhile(memory, monkeypatch):
    output = FileOutput("memory://data/out")
    output.setup()
    output.write_partition(0, 0, 1, iter([b"a"]))
    output.write_partition(1, 0, 2, iter([b"b"]))
    real, gone = type(memory).rm_file, []

    def removed_by_another(self, path):
        if not gone and path.endswith("part-00000"):
            gone.append(path)
            real(self, path)
        real(self, path)

    monkeypatch.setattr(type(memory), "rm_file", removed_by_another)
    output.abort()
    assert gone
    assert memory.find("/data/out") == []
