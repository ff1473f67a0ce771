"""Hadoop's formats by name: what is refused, with the way out, and nothing half-written."""

import pytest

from minispark.errors import SparkException

OLD_TEXT = "org.apache.hadoop.mapred.TextOutputFormat"
NEW_TEXT = "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat"
SEQUENCE_IN = "org.apache.hadoop.mapred.SequenceFileInputFormat"
NEW_TEXT_IN = "org.apache.hadoop.mapreduce.lib.input.TextInputFormat"
TEXT = "org.apache.hadoop.io.Text"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"outputFormatClass": "x.Y"}, "Known are org.apache.hadoop.mapred.TextOutputFormat"),
        ({"outputFormatClass": NEW_TEXT}, "use it with the operation of newAPI or NewAPI"),
        ({"keyConverter": "x.Y"}, "with a map"),
        ({"valueConverter": "x.Y"}, "with a map"),
        ({"keyClass": "x.Y", "valueClass": TEXT}, "No class of keys or values"),
        ({"conf": {"mapreduce.job.reduces": "3"}}, "The setting mapreduce.job.reduces"),
        ({"compressionCodecClass": "x.Y"}, "No such compression codec"),
    ],
)
def test_what_is_not_supported_says_so_and_writes_nothing(sc, tmp_path, arguments, words):
    given = {"path": str(tmp_path / "out"), "outputFormatClass": OLD_TEXT, **arguments}
    with pytest.raises(SparkException, match=words):
        sc.parallelize([(1, "a")], 1).saveAsHadoopFile(**given)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("conf", [{"mapred.output.dir": 5}, {5: "a"}])
def test_settings_are_strings(sc, conf):
    with pytest.raises(TypeError, match="a setting in conf is a str with a str"):
        sc.parallelize([(1, "a")], 1).saveAsHadoopDataset(conf)


def test_a_list_says_what_to_do(sc, tmp_path):
    with pytest.raises(SparkException, match="or use saveAsPickleFile"):
        sc.parallelize([(1, [2])], 1).saveAsSequenceFile(str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"inputFormatClass": "x.Y"}, "or read and write files of your own format"),
        ({"inputFormatClass": NEW_TEXT_IN}, "cannot be cast to class"),
        ({"keyConverter": "x.Y"}, "with a map"),
        ({"conf": {"no.such": "x"}}, "is not supported"),
    ],
)
def test_what_cannot_be_read_says_so(sc, tmp_path, arguments, words):
    (tmp_path / "a").write_bytes(b"x")
    given = {"inputFormatClass": SEQUENCE_IN, "keyClass": TEXT, "valueClass": TEXT, **arguments}
    with pytest.raises(SparkException, match=words):
        sc.hadoopFile(str(tmp_path / "a"), **given)


def test_a_size_of_splits_is_a_number(sc, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    conf = {"mapreduce.input.fileinputformat.split.maxsize": "many"}
    with pytest.raises(SparkException, match="is a number of bytes"):
        sc.newAPIHadoopFile(str(tmp_path / "a"), NEW_TEXT_IN, TEXT, TEXT, conf=conf)


@pytest.mark.parametrize("length", ["3", None, 3.0, 1 << 31, True])
def test_the_length_of_a_record_is_an_int(sc, tmp_path, length):
    with pytest.raises(TypeError, match="recordLength is an int of 32 bits"):
        sc.binaryRecords(str(tmp_path), length)


def test_a_file_that_ends_within_a_record_is_named(sc, tmp_path):
    (tmp_path / "a").write_bytes(b"1234567")
    with pytest.raises(SparkException, match=r"a is damaged at byte 6: it ends where 3 more"):
        sc.binaryRecords(str(tmp_path / "a"), 3).collect()
