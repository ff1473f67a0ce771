"""Text input and output against PySpark's own answers, recorded in test_io_answers.json.

Run as a program, with pyspark installed, this file records the answers anew:

    python tests/test_io_answers.py

Directories are read through the glob `*`, because a directory's own order is the file system's.
"""

import base64
import bz2
import gzip
import json
import os
import random
import sys
import tempfile
import zlib
from pathlib import Path

import pytest

from minispark.errors import SparkException
from minispark.io.formats import LineFormat
from minispark.io.output import FileOutput
from minispark.io.text import (
    decode_text,
    read_split,
    read_split_text,
    repair_text,
    text_splits,
)
from minispark.io.whole import read_whole_split, whole_file_splits

ANSWERS = Path(__file__).with_suffix(".json")
BOM = b"\xef\xbb\xbf"


def random_text(rnd, ends):
    words = [b"", b"a", b"xy", b"word" * 3, "é漢😀".encode(), b"\xff", b"\xed\xa0\x80"]
    lines = rnd.choice([0, 1, 2, 4, 9, 25])
    text = b"".join(rnd.choice(words) + rnd.choice(ends) for _ in range(lines))
    return text + rnd.choice([b"", b"", b"tail", b"\r", b"x\r", b"\n\n", BOM])


def random_trees():
    """Directories of one to five text files, and into how many partitions they are read."""
    rnd = random.Random(20240607)
    ends = [[b"\n"], [b"\r\n"], [b"\r"], [b"\n", b"\r\n", b"\r"], [b"\r", b"\n"]]
    for index in range(150):
        chosen = rnd.choice(ends)
        files = {f"f{i}": random_text(rnd, chosen) for i in range(rnd.randint(1, 5))}
        if rnd.random() < 0.1:
            files["f0"] = BOM + files["f0"]
        if rnd.random() < 0.1:
            files["g.gz"] = gzip.compress(random_text(rnd, chosen), mtime=0)
        yield f"{index}", files, rnd.randint(1, 8)


BZ2_TEXT = b"".join(b"%d\r\n" % (i * i * 7919) for i in range(30000))

ODD_TREES = [
    ("bom alone", {"a": BOM}, 2),
    ("bom and tiny splits", {"a": BOM + b"\n\nabc\n"}, 20),
    ("two boms", {"a": BOM + BOM + b"a\n" + BOM + b"b"}, 3),
    ("bom in a gz", {"a.gz": gzip.compress(BOM + b"abc\n", mtime=0)}, 2),
    ("one return", {"a": b"\r"}, 2),
    ("returns", {"a": b"\r\r\r\r"}, 3),
    ("return then feed at each border", {"a": b"\r\n" * 6}, 12),
    ("feed then return", {"a": b"\n\r" * 6}, 5),
    ("empty files", {"a": b"", "b": b"", "c": b""}, 2),
    ("empty and full", {"a": b"", "b": b"1\n2\n3\n", "c": b""}, 2),
    ("a byte a split", {"a": b"ab\ncd\n\ne"}, 8),
    ("members", {"a.gz": gzip.compress(b"a\nb", mtime=0) + gzip.compress(b"c\n", mtime=0)}, 4),
    ("empty gz", {"a.gz": gzip.compress(b"", mtime=0)}, 2),
    ("no bytes gz", {"a.gz": b""}, 2),
    ("deflate", {"a.deflate": zlib.compress(b"a\nb\n")}, 2),
    ("two deflate streams", {"a.deflate": zlib.compress(b"a\nb") + zlib.compress(b"c\n")}, 2),
    ("upper case suffix", {"a.GZ": gzip.compress(b"a\n", mtime=0)}, 1),
    *((f"small bz2 in {n}", {"a.bz2": bz2.compress(b"abc\n" * 3)}, n) for n in (1, 2, 4, 8, 50)),
    *((f"blocks in {n}", {"a.bz2": bz2.compress(BZ2_TEXT, 1)}, n) for n in (1, 2, 3, 7, 40)),
    (
        "bz2 streams",
        {"a.bz2": bz2.compress(b"a\nb") + bz2.compress(b"") + bz2.compress(b"c\nd\n")},
        5,
    ),
    ("bz2 and more", {"a.bz2": bz2.compress(b"a\n") + b"other bytes"}, 1),
    ("a crlf over a block's end", {"a.bz2": bz2.compress((b"\r\n" * 60000), 1)}, 3),
]


def whole_trees():
    rnd = random.Random(31337)
    sizes = [[5], [0], [0, 0, 0], [10] * 4, [1, 2, 3, 4, 5, 6, 7, 8], [100, 1, 1, 1, 50, 0, 0, 7]]
    sizes += [[rnd.choice([0, 1, 5, 90]) for _ in range(rnd.randint(1, 9))] for _ in range(10)]
    for index, tree in enumerate(sizes):
        files = {f"f{i}": b"\xffx" * (n // 2) + b"\r" * (n % 2) for i, n in enumerate(tree)}
        for n in (1, 2, 3, 5, 8, -2):
            yield f"{index} in {n}", files, n
    packed = {"a.gz": gzip.compress(b"a\n" * 99, mtime=0), "b.bz2": bz2.compress(b"b"), "c": BOM}
    yield "packed", packed, 2


TREE = {
    "a.txt": b"1",
    "b.txt": b"2",
    "_x": b"hidden",
    ".y": b"hidden",
    "srt/a b": b"a b",
    "srt/a!b": b"a!b",
    "srt/a%b": b"a%b",
    "srt/a#b": b"a#b",
    "srt/a[b": b"a[b",
    "srt/a{b": b"a{b",
    "srt/a+b": b"a+b",
    "srt/a,b": b"a,b",
    "srt/aZb": b"aZb",
    "srt/a~b": b"a~b",
    "srt/aéb": b"ae",
    "srt/a\U0001f600b": b"wide",
    "srt/a\uffeeb": b"half",
    "sub/one/c.txt": b"3",
    "sub/two/c.txt": b"4",
    "sub/two/d.txt": b"5",
    "_sub/c.txt": b"6",
    "colon/12:00": b"7",
    "dg/d1": b"1",
    "dg/d.": b".",
    "dg/d*": b"*",
    "dg/d]": b"]",
    "dg/d": b"d",
}
PATHS = """
/nope
/x*
/nope,ROOT/nope2,ROOT/x*
/a.txt,ROOT/nope2
/a.txt,
/a.txt, ROOT/b.txt
//a.txt
/./sub/../a.txt
/a.txt/
/a.txt/x
/a.txt/*
/*.txt
/{a,b}.txt
/{a,c}.txt
/{x,c}.txt
/{a.txt,sub/two/{c,d}.txt}
/{sub/two,nope}/c.txt
/{nope/a,nope/b}
/{nope/a}
/[a-b].txt
/[^a].txt
/[!a].txt
/?.txt
/*/c.txt
/sub
/sub/*
/sub/*/*
/sub/one
/_sub
/_sub/*
/_x
/.y
/_*
/srt/*
/srt/a b
/srt/a%b
/srt/a%20b
/srt/a\\[b
/srt/a\\{b
/srt/a[[]b
/srt/a\\,b
/srt/a?b
/colon/*
/colon/12:00
/col*/12*
/dg/d[*]
/dg/d[?]
/dg/d[.]
/dg/d\\d
/dg/d[]]
/dg/d[]1]
/dg/d\\*
/dg/d?
/dg/d[!1]
/dg/d[^1]
/dg/d[1!]
/dg/d{1,[.]}
/dg/d{1,.}
/dg/d{,1}
/dg/d[1
/dg/[
/dg/{
/dg/{a
/dg/[^
/dg/}
/dg/{a,b}}
/dg/{}
/dg/\\
/dg/*\\
/a.txt,ROOT/a.txt
""".strip().split("\n")
OTHER_PATHS = [
    "",
    "file:ROOT/a.txt",
    "file://ROOT/a.txt",
    "FILE:ROOT/a.txt",
    "file://ROOT/nope",
    "file://host/x",
    "file:x",
    "foo:x",
    "foo://host/x",
    ":x",
]

OUTPUTS = [
    ("plain", [["a", "b"], [], ["é", "x\ny", ""]], None),
    ("no partitions", [], None),
    ("empty partitions", [[], []], None),
    ("longer than a checksum", [["0123456789" * 60], ["x" * 511], ["y" * 512]], None),
    ("gz", [["a"], [], ["b"]], "org.apache.hadoop.io.compress.GzipCodec"),
    ("bz2", [["a"], [], ["b"]], "org.apache.hadoop.io.compress.BZip2Codec"),
    ("default", [["a"], [], ["b"]], "org.apache.hadoop.io.compress.DefaultCodec"),
    ("deflate", [["a"], [], ["b"]], "org.apache.hadoop.io.compress.DeflateCodec"),
    ("no codec", [["a"]], ""),
]


def odd_bytes():
    rnd = random.Random(5)
    pool = bytes.fromhex("417f808f909fa0bfc0c1c2dfe0e1ecedeeeff0f1f3f4f5f8ff")
    pairs = [bytes([a, b]) for a in pool for b in pool]
    longer = [bytes(rnd.choices(pool, k=rnd.randint(3, 9))) for _ in range(1500)]
    return [record for record in pairs + longer if record]


def build(root, files):
    for name, content in files.items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def minispark_text(path, n):
    return [list(read_split_text(split)) for split in text_splits(path, n)]


def minispark_whole(path, n):
    return [
        [[name, decode_text(content)] for name, content in read_whole_split(split)]
        for split in whole_file_splits(path, n)
    ]


def minispark_write(path, partitions, codec):
    output = FileOutput(path, LineFormat(codec))
    output.setup()
    for index, records in enumerate(partitions):
        output.write_partition(index, 0, index, (record.encode() for record in records))
    output.commit()


def shortened(answer):
    """Large answers are recorded as their sizes and a checksum."""
    text = json.dumps(answer)
    if len(text) < 4000:
        return answer
    return {"sizes": [len(partition) for partition in answer], "crc": zlib.crc32(text.encode())}


def outcome(function, root):
    try:
        return {"ok": function()}
    except Exception as error:
        java = getattr(error, "java_exception", None)
        if java is None and not isinstance(error, SparkException):
            raise
        name = error.java_exception_class if java is None else java.getClass().getName()
        message = str(error) if java is None else java.getMessage()
        return {
            "error": name,
            "message": message.replace(root, "ROOT").replace(os.getcwd(), "HERE"),
        }


def written(path):
    """What a directory holds: names with checksum files; contents, unpacked where packed."""
    found = {}
    for name in sorted(os.listdir(path)):
        content = Path(path, name).read_bytes()
        if name.endswith(".gz"):
            content = gzip.decompress(content)
        elif name.endswith(".bz2"):
            content = bz2.decompress(content)
        elif name.endswith(".deflate"):
            content = zlib.decompress(content)
        elif name.endswith((".gz.crc", ".bz2.crc", ".deflate.crc")):
            content = b"depends on the compressor"
        found[name] = base64.b64encode(content).decode()
    return found


def all_answers(engine):
    """Every answer, by kind and case; `engine` has the functions text, whole, write and utf8."""
    with tempfile.TemporaryDirectory() as root:
        root = os.path.realpath(root)
        answers = {"text": {}, "whole": {}, "path": {}, "write": {}}
        for case, files, n in [*random_trees(), *ODD_TREES]:
            build(f"{root}/text/{case}", files)
            answers["text"][case] = shortened(engine.text(f"{root}/text/{case}/*", n))
        for case, files, n in whole_trees():
            build(f"{root}/whole/{case}", files)
            found = engine.whole(f"{root}/whole/{case}/*", n)
            answers["whole"][case] = [
                [[name.removeprefix(f"file:{root}/"), content] for name, content in group]
                for group in found
            ]
        build(f"{root}/tree", TREE)
        tree = f"{root}/tree"
        for path in PATHS + OTHER_PATHS:
            real = path.replace("ROOT", tree)
            real = tree + real if path in PATHS else real
            answers["path"][path] = outcome(lambda real=real: engine.text(real, 1), tree)
        for case, partitions, codec in OUTPUTS:
            engine.write(f"{root}/out/{case}", partitions, codec)
            answers["write"][case] = written(f"{root}/out/{case}")
        for case, path, codec in [
            ("existing", f"{root}/tree", None),
            ("existing file", f"file:{root}/tree/a.txt", None),
            ("existing, end slash", f"{root}/tree/", None),
            ("below a file", f"{root}/tree/a.txt/x/y", None),
            ("empty path", "", None),
            ("unknown codec", f"{root}/out/unknown", "no.such.Codec"),
            ("codec's short name", f"{root}/out/unknown", "gzip"),
        ]:
            answers["write"][case] = outcome(
                lambda path=path, codec=codec: engine.write(path, [["a"]], codec), root
            )
        Path(root, "odd").write_bytes(b"\n".join(odd_bytes()))
        answers["utf8"] = engine.text(f"{root}/odd", 1)[0]
        return answers


class Minispark:
    text = staticmethod(minispark_text)
    whole = staticmethod(minispark_whole)
    write = staticmethod(minispark_write)


@pytest.fixture(scope="module")
def answers():
    return json.loads(ANSWERS.read_text())


@pytest.fixture(scope="module")
def ours():
    return all_answers(Minispark)


def first_lines(message, expected):
    """Our messages may go on, in lines of their own, with the way out."""
    return "\n".join(message.split("\n")[: expected.count("\n") + 1])


@pytest.mark.parametrize("kind", ["text", "whole", "path", "write"])
def test_every_answer_is_pysparks(kind, answers, ours):
    assert list(ours[kind]) == list(answers[kind])
    for case, expected in answers[kind].items():
        found = ours[kind][case]
        if "error" in expected:
            found["message"] = first_lines(found.get("message", ""), expected["message"])
        assert found == expected, f"{kind}: {case}"


def test_bytes_that_are_no_utf8_are_replaced_as_java_replaces_them(answers):
    records = odd_bytes()
    assert [decode_text(record) for record in records] == answers["utf8"]
    assert [repair_text(record).decode() for record in records] == answers["utf8"]
    assert records != [text.encode() for text in answers["utf8"]]


def test_records_as_bytes_and_as_text_are_the_same_records(tmp_path):
    content = b"\n".join(odd_bytes())
    Path(tmp_path, "odd").write_bytes(content)
    (split,) = text_splits(str(tmp_path), 1)
    assert [decode_text(record) for record in read_split(split)] == list(read_split_text(split))


def record():
    from pyspark import SparkContext

    sc = SparkContext("local[2]", "record")
    sc.setLogLevel("OFF")

    class PySpark:
        @staticmethod
        def text(path, n):
            return sc.textFile(path, n).glom().collect()

        @staticmethod
        def whole(path, n):
            return sc.wholeTextFiles(path, n).map(list).glom().collect()

        @staticmethod
        def write(path, partitions, codec):
            if not partitions:
                sc.emptyRDD().saveAsTextFile(path, codec)
                return
            numbered = sc.parallelize(range(len(partitions)), len(partitions))
            numbered.flatMap(lambda index: partitions[index]).saveAsTextFile(path, codec)

    ANSWERS.write_text(
        json.dumps(all_answers(PySpark), separators=(",", ":"))
        .replace('":[', '":\n[')
        .replace('":{', '":\n{')
        + "\n"
    )
    sc.stop()


if __name__ == "__main__":
    sys.exit(record())
