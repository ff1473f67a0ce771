"""The committer: what is in the directory at every moment, and what is left of failures."""

import os
import pickle
import random
import signal
import subprocess
import sys
import zlib
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispark.errors import SparkException
from minispark.io.formats import LineFormat
from minispark.io.output import FileOutput
from minispark.io.text import read_split, text_splits
from tests.cancelling import cancelled_at_each_step, needs_proc, open_files


def visible(path):
    return sorted(name for name in os.listdir(path) if not name.endswith(".crc"))


def everything(path):
    return sorted(name for _, folders, files in os.walk(path) for name in folders + files)


@pytest.fixture
def output(tmp_path):
    output = FileOutput(str(tmp_path / "out"))
    output.setup()
    return output


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def failing(*records):
    yield from records
    raise ValueError("boom")


def test_no_part_file_is_in_place_before_the_job_commits(output, out):
    output.write_partition(0, 0, 1, iter([b"a"]))
    assert visible(out) == ["_temporary"]
    output.commit()
    assert visible(out) == ["_SUCCESS", "part-00000"]


def test_a_task_that_fails_leaves_nothing_and_its_retry_counts(output, out):
    output.write_partition(1, 0, 7, iter([b"kept"]))
    before = everything(out)
    with pytest.raises(ValueError, match="boom"):
        output.write_partition(0, 0, 8, failing(b"half", b"x" * 1_000_000))
    assert everything(out) == before
    output.write_partition(0, 1, 9, iter([b"whole"]))
    output.commit()
    assert (out / "part-00000").read_bytes() == b"whole\n"
    assert (out / "part-00001").read_bytes() == b"kept\n"


def test_of_two_attempts_at_a_partition_one_counts(output, out):
    output.write_partition(0, 0, 1, iter([b"first"] * 3))
    output.write_partition(0, 1, 2, iter([b"second"]))
    output.commit()
    assert visible(out) == ["_SUCCESS", "part-00000"]
    assert (out / "part-00000").read_bytes() == b"second\n"


def test_attempts_side_by_side_do_not_meet(output, out):
    slow = FileOutput.write_partition

    def records():
        yield b"outer"
        slow(output, 0, 1, 2, iter([b"inner"]))
        yield b"outer"

    output.write_partition(0, 0, 1, records())
    output.commit()
    assert (out / "part-00000").read_bytes() == b"outer\nouter\n"


def test_an_aborted_job_leaves_an_empty_directory_as_on_spark(output, out):
    output.write_partition(0, 0, 1, iter([b"a"]))
    output.abort()
    assert os.listdir(out) == []
    with pytest.raises(SparkException, match="already exists"):
        FileOutput(str(out)).setup()


def meddle(monkeypatch, name, change, times):
    """Have `change(path)` happen just before os.`name` works below a directory, a few times."""
    real, left = getattr(os, name), [times]

    def meddling(path, *args, **options):
        if left[0] and "dir_fd" in options:
            left[0] -= 1
            change(path, options["dir_fd"])
        return real(path, *args, **options)

    monkeypatch.setattr(os, name, meddling)
    return left


@needs_proc
def test_a_task_that_is_cancelled_while_it_writes_or_removes_keeps_no_file_open(output, out):
    attempts = count(1)

    def write():
        output.write_partition(0, 0, next(attempts), iter([b"a"]))

    for _ in cancelled_at_each_step(write):
        assert open_files(out) == 0


def test_an_abort_bears_files_that_a_cancelled_task_removes_meanwhile(output, out, monkeypatch):
    output.write_partition(0, 0, 1, iter([b"a"]))
    unlink = os.unlink
    left = meddle(monkeypatch, "unlink", lambda path, fd: unlink(path, dir_fd=fd), 2)
    output.abort()
    assert left == [0]
    assert os.listdir(out) == []


def test_an_abort_bears_files_that_a_cancelled_task_makes_meanwhile(output, out, monkeypatch):
    output.write_partition(0, 0, 1, iter([b"a"]))
    made = []

    def make(path, fd):
        made.append(path)
        os.close(os.open(f"{path}/late", os.O_CREAT | os.O_WRONLY, dir_fd=fd))

    left = meddle(monkeypatch, "rmdir", make, 3)
    output.abort()
    assert left == [0]
    assert len(made) == 3
    assert os.listdir(out) == []


def test_an_existing_directory_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(SparkException) as caught:
        FileOutput(f"file://{tmp_path}/").setup()
    assert str(caught.value) == f"Output directory file:{tmp_path} already exists"
    assert (
        caught.value.java_exception_class == "org.apache.hadoop.mapred.FileAlreadyExistsException"
    )
    assert os.listdir(tmp_path) == []


def test_an_unknown_codec_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(SparkException) as caught:
        FileOutput(str(tmp_path / "out"), LineFormat("no.such.Codec"))
    assert str(caught.value).startswith("no.such.Codec\n")
    assert "org.apache.hadoop.io.compress.GzipCodec" in str(caught.value)
    assert caught.value.java_exception_class == "java.lang.ClassNotFoundException"


def test_a_codec_of_hadoop_that_is_not_written_here_is_refused_by_name(tmp_path):
    with pytest.raises(SparkException, match="SnappyCodec is not written here; use one of"):
        FileOutput(str(tmp_path / "out"), LineFormat("org.apache.hadoop.io.compress.SnappyCodec"))


def test_an_output_travels_to_its_tasks(output, out):
    pickle.loads(pickle.dumps(output)).write_partition(0, 0, 1, iter([b"a"]))
    output.commit()
    assert (out / "part-00000").read_bytes() == b"a\n"


def test_the_programs_own_random_numbers_are_not_drawn_from(tmp_path):
    random.seed(1)
    expected = random.random()
    random.seed(1)
    FileOutput(str(tmp_path / "out")).setup()
    assert random.random() == expected


@given(records=st.lists(st.binary(max_size=2000), max_size=20), repeat=st.sampled_from([1, 300]))
@settings(deadline=None)
def test_what_is_written_is_read_back(tmp_path_factory, records, repeat):
    # Ends of lines within a record are written as they are, and split it when read, as on Spark.
    records = [record.replace(b"\r", b"").replace(b"\n", b"") for record in records] * repeat
    out = tmp_path_factory.mktemp("out") / "out"
    output = FileOutput(str(out))
    output.setup()
    output.write_partition(0, 0, 1, iter(records))
    output.commit()
    back = [record for split in text_splits(f"{out}/*", 3) for record in read_split(split)]
    if records and records[0].startswith(b"\xef\xbb\xbf"):
        records = [records[0][3:], *records[1:]]
    assert back == records


def test_each_file_has_hadoops_checksums(output, out):
    records = [os.urandom(701) for _ in range(1000)]
    output.write_partition(0, 0, 1, iter(records))
    output.commit()
    data = b"\n".join(records) + b"\n"
    sums = [zlib.crc32(data[i : i + 512]) for i in range(0, len(data), 512)]
    expected = b"crc\0\0\0\2\0" + b"".join(value.to_bytes(4, "big") for value in sums)
    assert (out / ".part-00000.crc").read_bytes() == expected
    assert (out / "._SUCCESS.crc").read_bytes() == b"crc\0\0\0\2\0"


@pytest.fixture
def saved(output, out):
    output.write_partition(0, 0, 1, iter([b"%d" % i for i in range(5000)]))
    output.commit()
    return out / "part-00000"


def read(path, n=1):
    return [record for split in text_splits(str(path), n) for record in read_split(split)]


def test_a_file_that_matches_its_checksums_is_read_in_any_splits(saved):
    for n in (1, 2, 7, 100):
        assert read(saved, n) == [b"%d" % i for i in range(5000)]


def test_a_changed_file_is_refused_in_sparks_words_with_the_way_out(saved):
    data = bytearray(saved.read_bytes())
    expected = zlib.crc32(data[1024:1536])
    data[1100] ^= 1
    saved.write_bytes(data)
    with pytest.raises(SparkException) as caught:
        read(saved)
    signed = [n - 2**32 if n >= 2**31 else n for n in (expected, zlib.crc32(data[1024:1536]))]
    lines = str(caught.value).split("\n")
    assert lines[0] == f"Checksum error: file:{saved} at 1024 exp: {signed[0]} got: {signed[1]}"
    assert f"delete its checksum file file:{saved.parent}/.part-00000.crc" in lines[1]
    assert caught.value.java_exception_class == "org.apache.hadoop.fs.ChecksumException"


@pytest.mark.parametrize("size", [1023, 1024])
def test_a_file_that_grew_is_refused(output, out, size):
    output.write_partition(0, 0, 1, iter([b"x" * (size - 1)]))
    output.commit()
    assert read(out / "part-00000") == [b"x" * (size - 1)]
    with open(out / "part-00000", "ab") as file:
        file.write(b"more")
    with pytest.raises(SparkException, match="Checksum error"):
        read(out / "part-00000")


def test_without_its_checksum_file_a_changed_file_is_read(saved):
    saved.write_bytes(b"new\n")
    (saved.parent / ".part-00000.crc").unlink()
    assert read(saved) == [b"new"]


def test_a_checksum_file_that_is_not_one_is_ignored_as_in_hadoop(saved):
    (saved.parent / ".part-00000.crc").write_bytes(b"something else")
    assert read(saved, 3) == [b"%d" % i for i in range(5000)]


def test_a_killed_program_leaves_no_part_file_and_no_success(tmp_path):
    out = tmp_path / "out"
    program = """
import os, signal, sys
from minispark.io.output import FileOutput
output = FileOutput(sys.argv[1])
output.setup()
output.write_partition(0, 0, 1, iter([b"done"]))
def records():
    yield b"x" * 1_000_000
    os.kill(os.getpid(), signal.SIGKILL)
output.write_partition(1, 0, 2, records())
"""
    done = subprocess.run([sys.executable, "-c", program, str(out)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert visible(out) == ["_temporary"]
    assert text_splits(str(out), 2) == []


def test_an_attempt_that_is_late_makes_nothing_anew(tmp_path):
    output = FileOutput(str(tmp_path / "out"))
    output.setup()
    output.abort()
    with pytest.raises(FileNotFoundError):
        output.write_partition(0, 0, 1, iter([b"late"]))
    assert os.listdir(tmp_path / "out") == []
