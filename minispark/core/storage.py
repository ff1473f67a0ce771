"""What the settings say of blocks: where their files lie, how many there may be, in which form."""

from __future__ import annotations

import os

from minispark.conf import SparkConf
from minispark.core.limits import LEAST_MEMORY, memory_of
from minispark.core.settings import boolean, wrong_value
from minispark.engine.compression import Compression, is_there
from minispark.errors import SparkException
from minispark.io import home

_FRACTION = "spark.memory.fraction"
_STORAGE_FRACTION = "spark.memory.storageFraction"
_DIRECTORIES = "spark.local.dir"
_CODEC = "spark.io.compression.codec"

_RESERVED = 300
"""MiB of the driver's memory that Spark keeps for itself."""

_CLASSES = {
    "org.apache.spark.io.LZ4CompressionCodec": "lz4",
    "org.apache.spark.io.LZFCompressionCodec": "lzf",
    "org.apache.spark.io.SnappyCompressionCodec": "snappy",
    "org.apache.spark.io.ZStdCompressionCodec": "zstd",
}
_SUPPORTED = ("lz4", "snappy", "zstd")
_PACKAGE = (
    "the package cramjam: pip install 'minispark[compression]'. Or leave the setting out: then "
    "Python's own zlib compresses"
)


def local_directories(settings: SparkConf) -> list[str]:
    """The directories below which the context makes its own; none: the system's temporary one.

    As in Spark: a comma list, of which the environment variable goes before the setting. Raises
    SparkException for a setting that names none.
    """
    text = os.environ.get("SPARK_LOCAL_DIRS") or settings.get(_DIRECTORIES, None)
    if text is None:
        return []
    paths = [path for path in map(str.strip, text.split(",")) if path]
    if not paths:
        raise SparkException(
            f"Failed to get a temp directory under [{text}]: {_DIRECTORIES} names none. Leave it "
            "out, and the system's temporary directory is used",
            "java.io.IOException",
        )
    return [path if os.path.isabs(path) else f"{home.directory()}/{path}" for path in paths]


def storage_memory(settings: SparkConf) -> int:
    """How many bytes of cached partitions may be in memory.

    As in Spark: ``spark.memory.fraction`` of what the driver has above 300 MiB. Raises
    SparkException for a setting that Spark refuses.
    """
    megabytes = memory_of("spark.driver.memory", settings.get("spark.driver.memory", None) or "1g")
    if megabytes < LEAST_MEMORY:
        raise SparkException(
            f"[INVALID_DRIVER_MEMORY.SYSTEM_MEMORY] Insufficient driver memory: System memory "
            f"{megabytes << 20} must be at least {LEAST_MEMORY << 20}.\nPlease increase heap size "
            'using the --driver-memory option or "spark.driver.memory" in Spark configuration. '
            "SQLSTATE: F0000",
            "org.apache.spark.SparkIllegalArgumentException",
        )
    fraction, kept = (
        _fraction(settings, _FRACTION, "0.6"),
        _fraction(settings, _STORAGE_FRACTION, "0.5"),
    )
    if fraction == 0:
        raise SparkException(
            "requirement failed: onHeapExecutionMemory must be > 0",
            "java.lang.IllegalArgumentException",
        )
    if kept == 1:
        raise wrong_value(_STORAGE_FRACTION, "1.0", "Storage fraction must be in [0,1)")
    return int(((megabytes - _RESERVED) << 20) * fraction)


def _fraction(settings: SparkConf, key: str, default: str) -> float:
    text = settings.get(key, default).strip()
    try:
        fraction = float(text)
    except ValueError:
        raise SparkException(
            f'Illegal value for config key {key}: For input string: "{text}"',
            "java.lang.NumberFormatException",
        ) from None
    if not 0 <= fraction <= 1:
        raise SparkException(
            f"{key} should be between 0 and 1 (was '{fraction}').",
            "java.lang.IllegalArgumentException",
        )
    return fraction


def compression(settings: SparkConf) -> Compression:
    """By which codecs block files are compressed: none, unless a setting says that they are.

    Raises SparkException for a setting that Spark refuses, and, if something is to be compressed,
    for a codec that is not there.
    """
    keys = ("spark.shuffle.compress", "spark.shuffle.spill.compress", "spark.rdd.compress")
    wanted = [boolean(settings, key, False) for key in keys]
    text = settings.get(_CODEC, None)
    name = None if text is None else _CLASSES.get(text, text.lower())
    if name is not None and name not in _CLASSES.values():
        needs = "" if not any(wanted) or is_there("lz4") else f", which need {_PACKAGE}"
        raise SparkException(
            f"[CODEC_NOT_AVAILABLE.WITH_CONF_SUGGESTION] The codec {text} is not available. "
            f'Consider to set the config "{_CODEC}" to one of {", ".join(_SUPPORTED)}{needs}. '
            "SQLSTATE: 56038",
            "org.apache.spark.SparkIllegalArgumentException",
        )
    if not any(wanted):
        return Compression()
    if name is None:
        name = "lz4" if is_there("lz4") else "zlib"
    elif name not in _SUPPORTED:
        raise SparkException(
            f"{_CODEC}={text}: minispark has no such codec. Use one of {', '.join(_SUPPORTED)}: "
            "no answer depends on it"
        )
    elif not is_there(name):
        raise SparkException(f"{_CODEC}={text} needs {_PACKAGE}")
    return Compression(*(name if is_wanted else None for is_wanted in wanted))
