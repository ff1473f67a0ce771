"""Block files that are compressed: by which codec, and that no answer depends on it."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from minispark import SparkConf, SparkContext
from minispark.core import storage
from minispark.core.storage import compression
from minispark.engine.blockfile import DamagedBlock, append_segment, read_segments
from minispark.engine.compression import CODECS, Compression, compress, decompress, is_there
from minispark.errors import SparkException

INSTALLED = [name for name in CODECS if is_there(name)]
"""zlib, and all others where the package cramjam is."""

KEYS = {
    "spark.shuffle.compress": "shuffle",
    "spark.shuffle.spill.compress": "spill",
    "spark.rdd.compress": "blocks",
}


def conf(**settings: str) -> SparkConf:
    return SparkConf().setAll((key.replace("_", "."), text) for key, text in settings.items())


@pytest.fixture(params=["processes", "threads"])
def executor(request: pytest.FixtureRequest) -> Iterator[str]:
    return request.param  # type: ignore[no-any-return]


def sizes(settings: SparkConf) -> tuple[int, int]:
    """How large the map outputs and the cached blocks of a job are, whose answer is right."""
    with SparkContext("local[2]", "compression", conf=settings) as sc:
        pairs = sc.parallelize(range(20_000), 4).map(lambda n: (f"the key {n % 100}", [n] * 3))
        grouped = pairs.groupByKey(3).mapValues(sorted).cache()
        expected = {f"the key {k}": [[n] * 3 for n in range(k, 20_000, 100)] for k in range(100)}
        for _ in range(2):
            assert dict(grouped.collect()) == expected
        files = Path(sc._engine.directory.path)
        (cached,) = sc._engine.cached()
        shuffled = sum(path.stat().st_size for path in files.glob("shuffle_*"))
        stored = sum(path.stat().st_size for path in files.glob("rdd_*"))
        assert cached.memory_size == stored
        return shuffled, stored


def test_nothing_is_compressed_unless_it_is_asked_for(executor: str) -> None:
    plain = conf(spark_minispark_executor=executor)
    shuffled, stored = sizes(plain)
    smaller = sizes(plain.set("spark.shuffle.compress", "true"))
    assert smaller[0] < shuffled * 0.8
    assert smaller[1] == stored
    smaller = sizes(plain.set("spark.shuffle.compress", "False").set("spark.rdd.compress", "true"))
    assert smaller[0] == shuffled
    assert smaller[1] < stored * 0.8


@pytest.mark.parametrize("codec", INSTALLED)
def test_every_codec_gives_back_what_it_was_given(codec: str, tmp_path: Path) -> None:
    batches = [[b"a" * 10_000, b"b" * 10], [b""], [random.Random(1).randbytes(5000)]]
    path = tmp_path / "block"
    with path.open("wb") as file:
        segments = [append_segment(file, list(batch), codec) for batch in batches]
    assert list(read_segments(str(path), segments)) == [frame for each in batches for frame in each]
    data = path.read_bytes()
    assert [data[segment.offset] for segment in segments] == [CODECS[codec][0], 0x80, 0x80]
    assert segments[0].length < 600
    for position in range(segments[0].length):
        path.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(DamagedBlock, match="checksum mismatch at offset 0"):
            list(read_segments(str(path), segments))


@pytest.mark.parametrize("codec", INSTALLED)
def test_what_does_not_get_smaller_is_left_as_it_is(codec: str) -> None:
    for frames in ([random.Random(2).randbytes(100_000)], [b""], []):
        data = pickle.dumps(frames, pickle.HIGHEST_PROTOCOL)
        assert compress(data, codec) is data
        assert pickle.loads(decompress(data)) == frames


@pytest.mark.parametrize(("key", "field"), KEYS.items())
def test_each_setting_is_for_its_own_files(key: str, field: str) -> None:
    chosen = compression(SparkConf().set(key, "TRUE"))
    assert getattr(chosen, field) in ("lz4", "zlib")
    assert [codec for codec in chosen if codec is not None] == [getattr(chosen, field)]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("lz4", "lz4"),
        ("Snappy", "snappy"),
        ("zstd", "zstd"),
        ("org.apache.spark.io.LZ4CompressionCodec", "lz4"),
        ("org.apache.spark.io.SnappyCompressionCodec", "snappy"),
        ("org.apache.spark.io.ZStdCompressionCodec", "zstd"),
        (None, "lz4"),
    ],
)
def test_a_codec_has_sparks_names(
    monkeypatch: pytest.MonkeyPatch, text: str | None, codec: str
) -> None:
    monkeypatch.setattr(storage, "is_there", lambda name: True)
    settings = conf(spark_shuffle_compress="true", spark_rdd_compress="true")
    if text is not None:
        settings.set("spark.io.compression.codec", text)
    assert compression(settings) == Compression(codec, None, codec)


def test_without_the_package_a_codec_that_is_named_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storage, "is_there", lambda name: name == "zlib")
    settings = conf(spark_rdd_compress="true")
    assert compression(settings) == Compression(blocks="zlib"), "none is named"
    settings.set("spark.io.compression.codec", "lz4")
    with pytest.raises(SparkException, match=r"pip install 'minispark\[compression\]'"):
        SparkContext("local", "no package", conf=settings)


@pytest.mark.parametrize("text", ["lzf", "org.apache.spark.io.LZFCompressionCodec"])
def test_lzf_is_refused_by_name(text: str) -> None:
    settings = conf(spark_rdd_compress="true").set("spark.io.compression.codec", text)
    with pytest.raises(SparkException, match=r"no such codec\. Use one of lz4, snappy, zstd"):
        SparkContext("local", "lzf", conf=settings)
    assert compression(settings.set("spark.rdd.compress", "false")) == Compression()


def test_a_codec_that_spark_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SparkConf().set("spark.io.compression.codec", "zip")
    known = r'The codec zip is not available.*"spark.io.compression.codec" to one of .*, zstd'
    with pytest.raises(SparkException, match=rf"{known}\. SQLSTATE"):
        SparkContext("local", "zip", conf=settings)
    settings.set("spark.rdd.compress", "true")
    monkeypatch.setattr(storage, "is_there", lambda name: name != "lz4")
    with pytest.raises(SparkException, match=rf"{known}, which need the package cramjam: "):
        SparkContext("local", "zip", conf=settings)


@pytest.mark.parametrize("key", KEYS)
def test_a_setting_that_is_neither_true_nor_false_is_refused(key: str) -> None:
    with pytest.raises(SparkException, match=f"The value '1' in the config \"{key}\""):
        SparkContext("local", "refused", conf=SparkConf().set(key, "1"))
