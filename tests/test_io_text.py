"""Text files: what must hold for any bytes, and what is refused."""

import bz2
import gzip
import os
import pickle
import re
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minispark.errors import SparkException
from minispark.io.filesystem import PIECE
from minispark.io.splits import FileSplit
from minispark.io.text import decode_text, read_split, read_split_text, text_splits

texts = st.lists(
    st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"word", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xff"]),
    max_size=40,
).map(b"".join)


def records_of(content):
    """The records of a file, by definition rather than by reading it in pieces."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    records = re.split(rb"\r\n|\n|\r", content)
    return records if records[-1] else records[:-1]


def all_records(path, n):
    return [record for split in text_splits(str(path), n) for record in read_split(split)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("text")


@given(content=texts, n=st.integers(0, 60))
@example(content=b"\xef\xbb\xbf\r\n", n=5)
@settings(max_examples=300, deadline=None)
def test_the_splits_of_a_file_hold_each_of_its_records_once(folder, content, n):
    path = folder / "any"
    path.write_bytes(content)
    assert all_records(path, n) == records_of(content)


@given(content=texts, n=st.integers(1, 8))
@settings(deadline=None)
def test_splits_cover_a_file_without_a_gap(folder, content, n):
    path = folder / "covered"
    path.write_bytes(content)
    position = 0
    for split in text_splits(str(path), n):
        assert split.start == position
        position += split.length
    assert position == len(content)


@given(content=texts, cut=st.integers(PIECE - 50, PIECE + 50), n=st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_records_that_cross_the_pieces_a_file_is_read_in_stay_whole(folder, content, cut, n):
    path = folder / "long"
    whole = b"x" * (cut - len(content) // 2) + content + b"y" * PIECE + content
    path.write_bytes(whole)
    assert all_records(path, n) == records_of(whole)


@given(content=st.binary(max_size=30))
@settings(deadline=None)
def test_any_bytes_decode_and_valid_text_is_unchanged(content):
    text = decode_text(content)
    assert decode_text(text.encode()) == text
    if "\ufffd" not in text:
        assert text.encode() == content


@given(
    streams=st.lists(st.tuples(texts, st.integers(0, 400)), min_size=1, max_size=3),
    n=st.integers(1, 30),
)
@settings(max_examples=60, deadline=None)
def test_bzip2_blocks_hold_each_record_once_however_they_are_split(folder, streams, n):
    path = folder / "packed.bz2"
    # Bytes that do not compress: a block of level 1 holds 100,000 of them.
    parts = [text + os.urandom(size * 500).replace(b"\xef", b"") for text, size in streams]
    path.write_bytes(b"".join(bz2.compress(part, 1) for part in parts))
    assert all_records(path, n) == records_of(b"".join(parts))


def test_a_split_travels_to_its_task(tmp_path):
    (tmp_path / "a").write_bytes(b"1\n2\n")
    for split in text_splits(str(tmp_path), 2):
        assert pickle.loads(pickle.dumps(split)) == split


def test_a_record_longer_than_many_pieces_is_one_record(tmp_path):
    line = b"x" * (PIECE * 40)
    (tmp_path / "a").write_bytes(line + b"\r" + line + b"\n")
    splits = text_splits(str(tmp_path), 7)
    assert [len(list(read_split(split))) for split in splits] == [1, 0, 0, 1, 0, 0, 0]
    assert all_records(tmp_path, 7) == [line, line]


def test_memory_holds_a_piece_of_a_file_and_not_the_file(tmp_path):
    (tmp_path / "a").write_bytes(b"a line of text\n" * 600_000)
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"\n" + b"a line of text\n" * 600_000))
    splits = text_splits(str(tmp_path), 1)
    tracemalloc.start()
    count = sum(1 for split in splits for _ in read_split(split))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1_200_001
    assert peak < 3_000_000


def test_a_reader_that_stops_early_closes_its_file(tmp_path):
    (tmp_path / "a").write_bytes(b"a\n" * PIECE)
    (split,) = text_splits(str(tmp_path), 1)
    before = len(os.listdir("/proc/self/fd"))
    records = read_split(split)
    next(records)
    del records
    assert len(os.listdir("/proc/self/fd")) == before


def refused(path):
    with pytest.raises(SparkException) as caught:
        all_records(path, 1)
    return caught.value


PACKED = gzip.compress(b"abc\n" * 3000, mtime=0)
BZ2 = bz2.compress(os.urandom(3000))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.gz", PACKED[:-12]),
        ("head.gz", PACKED[:5]),
        ("text.gz", b"not gzip at all\n"),
        ("flipped.gz", PACKED[:-6] + bytes([PACKED[-6] ^ 1]) + PACKED[-5:]),
        ("garbage behind.gz", PACKED + b"garbage"),
        ("zeros behind.gz", PACKED + bytes(20)),
        ("cut.deflate", zlib.compress(b"abc\n" * 300)[:-6]),
        ("text.deflate", b"hello"),
        ("text.bz2", b"hello world"),
        ("cut.bz2", BZ2[: len(BZ2) // 2]),
        ("flipped.bz2", BZ2[:500] + bytes([BZ2[500] ^ 1]) + BZ2[501:]),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    error = refused(tmp_path / name)
    assert name in str(error)
    assert error.java_exception_class in ("java.io.IOException", "java.io.EOFException")


@pytest.mark.parametrize("name", ["a.snappy", "a.lz4", "a.zst", "a.SNAPPY"])
def test_a_format_that_is_not_read_is_refused_by_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"\0" * 100)
    assert len(text_splits(str(tmp_path), 8)) == 1
    message = str(refused(tmp_path))
    assert name in message
    assert "decompress the file first" in message


def test_xz_is_refused_where_spark_would_read_its_bytes_as_text(tmp_path):
    (tmp_path / "a.xz").write_bytes(b"\xfd7zXZ\0...")
    assert "a.xz" in str(refused(tmp_path))
    (tmp_path / "a.xz").write_bytes(b"plain\n")
    assert all_records(tmp_path, 1) == [b"plain"]


def test_a_directory_in_a_directory_is_refused_in_sparks_words(tmp_path):
    (tmp_path / "sub").mkdir()
    with pytest.raises(SparkException) as caught:
        text_splits(str(tmp_path), 1)
    assert str(caught.value) == (
        f"Path: {tmp_path}/sub is a directory, which is not supported by the record reader when "
        "`mapreduce.input.fileinputformat.input.dir.recursive` is false."
    )
    assert caught.value.java_exception_class == "java.io.IOException"


def test_a_negative_number_of_partitions_is_refused_in_sparks_words(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(SparkException, match=r"^Illegal Capacity: -1$"):
        text_splits(str(tmp_path), -1)


def test_a_directory_keeps_its_own_order_as_on_spark(tmp_path):
    for name in ["f3", "f1", "b", "f2", "a"]:
        (tmp_path / name).write_text(name)
    found = [record.decode() for record in all_records(tmp_path, 1)]
    assert found == [entry.name for entry in os.scandir(tmp_path)]


def test_a_link_is_its_target_and_one_to_nowhere_is_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a").write_text("linked")
    (tmp_path / "in" / "live").symlink_to(tmp_path / "a")
    (tmp_path / "in" / "dead").symlink_to(tmp_path / "nowhere")
    assert all_records(tmp_path / "in", 1) == [b"linked"]


def test_a_file_with_a_colon_in_its_name_is_refused_as_on_spark(tmp_path):
    (tmp_path / "12:00").write_text("x")
    message = str(refused(tmp_path))
    assert message.startswith(
        "java.net.URISyntaxException: Relative path in absolute URI: .12:00.crc\n"
    )
    assert "rename" in message


def test_a_file_that_is_gone_since_it_was_listed_is_an_error_that_names_it(tmp_path):
    with pytest.raises(SparkException, match=r"File file:/nowhere/a does not exist"):
        list(read_split(FileSplit("file:/nowhere/a", 0, 5)))


def test_a_file_that_grew_since_it_was_listed_gives_the_records_of_its_split(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x\ny")
    splits = text_splits(str(path), 1)
    path.write_bytes(b"x\ny\nz\n")
    assert [record for split in splits for record in read_split_text(split)] == ["x", "y"]


def test_reading_local_files_does_not_import_fsspec(tmp_path):
    import subprocess
    import sys

    Path(tmp_path, "a").write_text("1\n2\n")
    program = (
        "import sys; from minispark.io.text import *\n"
        "print([list(read_split_text(s)) for s in text_splits(sys.argv[1], 1)])\n"
        "print('fsspec' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[['1', '2']]\nFalse\n"
