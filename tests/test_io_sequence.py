"""SequenceFiles, Writables and pickled batches: there and back, in splits, and damaged."""

import base64
import json
import random
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispark.core.tasks.hadoop import read_batches, read_sequence_pairs
from minispark.errors import SparkException
from minispark.io.bytesource import ByteSource, vint_bytes
from minispark.io.filesystem import LocalFileSystem
from minispark.io.javamap import hash_order, java_hash
from minispark.io.objectfile import batches_of, java_array
from minispark.io.sequence import Header, SequenceWriter, read_sequence_split
from minispark.io.splits import FileSplit
from minispark.io.writables import class_of, decoder, encode

PACKAGE = "org.apache.hadoop.io."
CODECS = [None, *(f"{PACKAGE}compress.{name}Codec" for name in ("Default", "Gzip", "BZip2"))]
KEPT = json.loads((Path(__file__).parent / "data" / "spark_sequence_files.json").read_text())

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
)


def whole(path):
    return FileSplit(f"file:{path}", 0, path.stat().st_size)


def written(path, records, header):
    with LocalFileSystem().create(f"file:{path}") as file:
        writer = SequenceWriter(file, header)
        for key, value in records:
            writer.append(key, value)
        writer.close()
    return path


def without_checksum(path, data):
    """The file with other bytes, and no checksum file that would tell."""
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("in_blocks", [False, True])
def test_each_record_is_in_one_split(tmp_path, codec, in_blocks):
    rnd = random.Random(7)
    records = [(b"%06d" % i, rnd.randbytes(rnd.randrange(200))) for i in range(30_000)]
    header = Header("k", "v", codec, in_blocks and codec is not None)
    path = written(tmp_path / "a", records, header)
    size = path.stat().st_size
    assert list(read_sequence_split(whole(path))[1]) == records
    cuts = sorted({0, size, *(rnd.randrange(size) for _ in range(12)), 1, 20, size - 1})
    parts = [
        list(read_sequence_split(FileSplit(f"file:{path}", start, end - start))[1])
        for start, end in pairwise(cuts)
    ]
    assert [record for part in parts for record in part] == records
    assert sum(bool(part) for part in parts) > 2


@pytest.mark.parametrize("codec", CODECS)
def test_a_header_tells_what_it_was_given(tmp_path, codec):
    header = Header("a.Key", "b.Värdet", codec, codec is not None, (("name", "wert"),))
    found, records = read_sequence_split(whole(written(tmp_path / "a", [], header)))
    assert (found, list(records)) == (header, [])


@given(st.lists(st.tuples(st.binary(), st.binary())))
@settings(max_examples=50, deadline=None)
def test_batches_come_back_from_java_s_array(pairs):
    batches = [part for pair in pairs for part in pair]
    assert list(batches_of(java_array(batches), "a")) == batches


@given(scalars)
def test_a_value_comes_back_from_its_writable(value):
    found = decoder(class_of(value))(ByteSource(iter([encode(value)]), "a"))
    assert found == value
    assert type(found) is (bytearray if type(value) is bytes else type(value))


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), scalars, max_size=30))
@settings(deadline=None)
def test_a_map_comes_back(value):
    found = decoder(class_of(value))(ByteSource(iter([encode(value)]), "a"))
    assert found == value


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(1, 9))
def test_numbers_of_variable_length_come_back(value, piece):
    data = vint_bytes(value)
    pieces = (data[at : at + piece] for at in range(0, len(data), piece))
    assert ByteSource(pieces, "a").vint() == value


def test_java_s_order_of_keys():
    assert hash_order(["Aa", "BB", "C#"], java_hash) == ["Aa", "BB", "C#"]
    assert hash_order(["C#", "BB", "Aa"], java_hash) == ["C#", "BB", "Aa"]
    assert hash_order(list(range(20, 0, -1)), java_hash) == list(range(1, 21))


# -- what real Spark has written ---------------------------------------------------------


def kept(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(base64.b64decode(KEPT[name]))
    return whole(path)


@pytest.mark.parametrize("name", ["plain", "records", "DefaultCodec", "GzipCodec", "BZip2Codec"])
def test_files_of_spark_are_read(tmp_path, name):
    pairs = list(read_sequence_pairs(kept(tmp_path, name)))
    assert pairs == [(i, f"value {i}") for i in range(5)]


def test_a_map_of_spark_is_read(tmp_path):
    ((key, value),) = read_sequence_pairs(kept(tmp_path, "map"))
    assert key == b"k"
    assert value == {"a": 1.5, "b": {1: 2.5}, "c": None, "d": b"x", "e": 1 << 40, "f": False}


def test_a_pickle_file_of_spark_is_read(sc, tmp_path):
    kept(tmp_path, "pickle")
    assert (
        sc.pickleFile(str(tmp_path / "pickle")).collect()
        == [
            1,
            "two",
            [3.0],
            None,
            {"four": 4},
        ]
        * 5
    )


def test_what_spark_has_written_is_written(sc, tmp_path):
    data = [1, "two", [3.0], None, {"four": 4}] * 5
    sc.parallelize(data, 1).saveAsPickleFile(str(tmp_path / "out"), 2)
    ours = (tmp_path / "out" / "part-00000").read_bytes()
    theirs = base64.b64decode(KEPT["pickle"])
    assert (ours[:79], ours[95:]) == (theirs[:79], theirs[95:])


# -- damaged files -----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_damaged_file_of_spark_is_an_error_or_a_value_and_costs_no_memory(tmp_path, name):
    data = base64.b64decode(KEPT[name])
    read = read_batches if name == "pickle" else read_sequence_pairs
    path = tmp_path / "a"
    rnd = random.Random(name)
    tracemalloc.start()
    try:
        messages = []
        for _ in range(400):
            changed = bytearray(data)
            if rnd.random() < 0.3:
                del changed[rnd.randrange(len(data)) :]
            else:
                at = rnd.randrange(len(data))
                changed[at : at + 4] = rnd.choice([b"\x7f\xff\xff\xff", b"\xff" * 4, b"\0" * 4])
            path.write_bytes(changed)
            try:
                list(read(whole(path)))
            except SparkException as error:
                messages.append(str(error))
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
        assert len(messages) > 50
        # A name of a class or codec that is damaged is named itself.
        named = (str(path), "class", "codec")
        assert [m for m in messages if not any(name in m for name in named)] == []
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"XEQ" + data[3:], "not a SequenceFile"),
        (lambda data: data[:2], "not a SequenceFile"),
        (lambda data: b"SEQ\x07" + data[4:], "Expecting v6, found v7"),
        (lambda data: data[:50], "at byte 38: it ends where 25 more bytes should be"),
        (lambda data: data[:-3], "are left"),
        (lambda data: data[:85] + b"\x7f\xff\xff\xff" + data[89:], "at byte 93"),
        (lambda data: data[:85] + b"\x80\0\0\0" + data[89:], "a record of -2147483648 bytes"),
        (lambda data: data[:89] + b"\x7f\xff\xff\xff" + data[93:], "a key of 2147483647 bytes"),
        (lambda data: data[:85] + b"\xff" * 4 + b"x" * 16 + data[85:], "File is corrupt!"),
        (lambda data: data[:97] + b"\x20" + data[98:], "record 0 of the split at 0, value"),
        (lambda data: data.replace(b"IntW", b"intW"), "WritableName can't load class"),
    ],
)
def test_the_error_says_what_is_wrong_and_where(tmp_path, change, words):
    path = tmp_path / "a"
    path.write_bytes(change(base64.b64decode(KEPT["plain"])))
    with pytest.raises(SparkException) as caught:
        list(read_sequence_pairs(whole(path)))
    assert words in str(caught.value)


def test_a_pickle_file_of_other_values_is_refused(sc, tmp_path):
    sc.parallelize([(1, "a")], 1).saveAsSequenceFile(str(tmp_path / "out"))
    with pytest.raises(SparkException, match="read it with sequenceFile"):
        sc.pickleFile(str(tmp_path / "out")).collect()


def test_a_sequence_file_of_bytes_that_are_no_batches_is_refused(sc, tmp_path):
    sc.parallelize([(None, b"no batches")], 1).saveAsSequenceFile(str(tmp_path / "out"))
    with pytest.raises(SparkException, match="not written by saveAsPickleFile"):
        sc.pickleFile(str(tmp_path / "out")).collect()


def test_a_file_that_no_longer_matches_its_checksums_is_refused(sc, tmp_path):
    out = tmp_path / "out"
    sc.parallelize([(1, "a")], 1).saveAsSequenceFile(str(out))
    data = (out / "part-00000").read_bytes()
    (out / "part-00000").write_bytes(data[:-1] + b"b")
    with pytest.raises(SparkException, match="Checksum error"):
        sc.sequenceFile(str(out))
    without_checksum(out / "part-00000", data[:-1] + b"b")
    assert sc.sequenceFile(str(out)).collect() == [(1, "b")]


def test_large_files_are_read_piece_by_piece(tmp_path):
    header = Header(PACKAGE + "NullWritable", PACKAGE + "BytesWritable")
    value = encode(bytes(1000))
    path = written(tmp_path / "a", ((b"", value) for _ in range(20_000)), header)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_sequence_pairs(whole(path))) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
