"""What one engine writes the other reads: pickle files, SequenceFiles, text of Hadoop's formats.

Starts a JVM, so it is not part of the ordinary run: `pytest tests/live`.
Needs pyspark and Java; their absence is an error here, not a skip.
"""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from ENGINE import SparkContext

PACKAGE = "org.apache.hadoop.io.compress."
NEW = "org.apache.hadoop.mapreduce.lib."
PAIRS = [(i, f"value {i % 100}" * 3) for i in range(20000)]
MAPS = [("a", {"b": 1.5, "c": {1: None}}), ("d", {i: True for i in range(40)}), ("e", {})]
VALUES = [1, "two", [3.0], {"four": {4}}, None, b"5", (6, 7j)] * 300
COMPRESS = "mapreduce.output.fileoutputformat.compress"


def write(sc, folder):
    for size in (0, 3, 10, -1):
        sc.parallelize(VALUES, 2).saveAsPickleFile(f"{folder}/pickle{size}", size)
    for codec in (None, "DefaultCodec", "GzipCodec", "BZip2Codec"):
        name = codec and PACKAGE + codec
        sc.parallelize(PAIRS, 2).saveAsSequenceFile(f"{folder}/pairs{codec}", name)
    sc.parallelize(PAIRS, 2).saveAsNewAPIHadoopFile(
        f"{folder}/pairsRecords", NEW + "output.SequenceFileOutputFormat", conf={COMPRESS: "true"}
    )
    sc.parallelize(MAPS, 1).saveAsSequenceFile(f"{folder}/maps")
    sc.parallelize(PAIRS, 2).saveAsNewAPIHadoopFile(
        f"{folder}/lines", NEW + "output.TextOutputFormat"
    )


def read(sc, folder):
    def partitions(rdd):
        return sorted(map(repr, rdd.glom().collect()))

    for size in (0, 3, 10, -1):
        print(partitions(sc.pickleFile(f"{folder}/pickle{size}")))
    for kind in (None, "DefaultCodec", "GzipCodec", "BZip2Codec", "Records"):
        print(partitions(sc.sequenceFile(f"{folder}/pairs{kind}", minSplits=5)))
    print(sc.sequenceFile(f"{folder}/maps").collect())
    long, text = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"
    format = NEW + "input.TextInputFormat"
    print(partitions(sc.newAPIHadoopFile(f"{folder}/lines", format, long, text)))


with SparkContext("local[2]", "files") as sc:
    {"write": write, "read": read}[sys.argv[1]](sc, sys.argv[2])
"""


def run(directory, engine, *arguments):
    program = directory / f"{engine}_program.py"
    program.write_text(PROGRAM.replace("ENGINE", engine), "utf-8")
    finished = subprocess.run(
        [sys.executable, program, *map(str, arguments)],
        cwd=directory,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("writer", ["minispark", "pyspark"])
def test_both_read_the_same(tmp_path, writer):
    run(tmp_path, writer, "write", tmp_path / "files")
    theirs = run(tmp_path, "pyspark", "read", tmp_path / "files")
    assert run(tmp_path, "minispark", "read", tmp_path / "files") == theirs
    assert theirs.count("\n") == 11
