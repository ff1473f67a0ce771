"""Hadoop's formats and settings, by the names that a program gives them in Spark.

For the operations that take Java class names and a `conf`. A class or setting that is not known
here is refused by name: nothing is loaded, and nothing is ignored. Must not know: contexts, RDDs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from minispark.errors import SparkException
from minispark.io.codecs import is_splittable
from minispark.io.filesystem import FileStatus
from minispark.io.formats import LineFormat, PartFormat, SequenceFormat
from minispark.io.output import FileOutput
from minispark.io.paths import input_entries
from minispark.io.sequence import SYNC_INTERVAL
from minispark.io.splits import (
    NEW_API_INVALID_INPUT,
    FileSplit,
    goal_splits,
    map_files,
    new_api_files,
    old_api_files,
    sized_splits,
)
from minispark.io.writables import LONG, TEXT, known_class

_OLD, _NEW = "org.apache.hadoop.mapred.", "org.apache.hadoop.mapreduce."
_INPUTS = {
    _OLD + "TextInputFormat": "text",
    _OLD + "SequenceFileInputFormat": "sequence",
    _NEW + "lib.input.TextInputFormat": "text",
    _NEW + "lib.input.SequenceFileInputFormat": "sequence",
}
_OUTPUTS = {
    _OLD + "TextOutputFormat": "text",
    _OLD + "SequenceFileOutputFormat": "sequence",
    _NEW + "lib.output.TextOutputFormat": "text",
    _NEW + "lib.output.SequenceFileOutputFormat": "sequence",
}
_DEFAULT_CODEC = "org.apache.hadoop.io.compress.DefaultCodec"

INPUT_DIR = "mapreduce.input.fileinputformat.inputdir"
OUTPUT_DIR = "mapreduce.output.fileoutputformat.outputdir"
KEY_CLASS = "mapreduce.job.output.key.class"
VALUE_CLASS = "mapreduce.job.output.value.class"
_OLD_OUTPUT = "mapred.output.format.class"
_NEW_OUTPUT = "mapreduce.job.outputformat.class"
_COMPRESS = "mapreduce.output.fileoutputformat.compress"
_CODEC = _COMPRESS + ".codec"
_TYPE = _COMPRESS + ".type"
_SEPARATOR = "mapreduce.output.textoutputformat.separator"
_BASENAME = "mapreduce.output.basename"
_MARK = "mapreduce.fileoutputcommitter.marksuccessfuljobs"
_SMALLEST = "mapreduce.input.fileinputformat.split.minsize"
_LARGEST = "mapreduce.input.fileinputformat.split.maxsize"
_KNOWN = {
    INPUT_DIR, OUTPUT_DIR, KEY_CLASS, VALUE_CLASS, _OLD_OUTPUT, _NEW_OUTPUT, _COMPRESS, _CODEC,
    _TYPE, _SEPARATOR, _BASENAME, _MARK, _SMALLEST, _LARGEST,
}  # fmt: skip
# The names that Hadoop 1 had for them.
_DEPRECATED = {
    "mapred.input.dir": INPUT_DIR,
    "mapred.output.dir": OUTPUT_DIR,
    "mapred.output.key.class": KEY_CLASS,
    "mapred.output.value.class": VALUE_CLASS,
    "mapreduce.outputformat.class": _NEW_OUTPUT,
    "mapred.output.compress": _COMPRESS,
    "mapred.output.compression.codec": _CODEC,
    "mapred.output.compression.type": _TYPE,
    "mapred.textoutputformat.separator": _SEPARATOR,
    "mapred.min.split.size": _SMALLEST,
    "mapred.max.split.size": _LARGEST,
}


class HadoopConf:
    """Settings of a job, under Hadoop's present names.

    Parameters
    ----------
    base: settings of the context; those that mean nothing here are left out.
    own: what the program gives to this one operation, which goes before.

    Raises SparkException for a setting in `own` that is not known here, and TypeError for one that
    is no str.

    >>> HadoopConf({}, {"mapred.output.compress": "true"}).flag(_COMPRESS)
    True
    """

    def __init__(self, base: Mapping[str, str], own: Mapping[str, str] | None = None) -> None:
        self._settings = {
            name: value for key, value in base.items() if (name := _present(key)) in _KNOWN
        }
        for key, value in (own or {}).items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise TypeError(f"a setting in conf is a str with a str, not {key!r}: {value!r}")
            name = _present(key)
            if name not in _KNOWN:
                raise SparkException(
                    f"The setting {key} in conf is not supported. Read or written without it the "
                    "records may be others: read whole files (wholeTextFiles, binaryFiles) and "
                    f"divide them with flatMap. Supported are {', '.join(sorted(_KNOWN))}",
                    "java.lang.IllegalArgumentException",
                )
            self._settings[name] = value

    def get(self, name: str) -> str | None:
        return self._settings.get(name)

    def set(self, name: str, value: str) -> None:
        self._settings[name] = value

    def flag(self, name: str, default: bool = False) -> bool:
        value = (self.get(name) or "").strip().lower()
        # As Hadoop has it: what is neither true nor false is as if it were not there.
        return value == "true" if value in ("true", "false") else default

    def number(self, name: str) -> int | None:
        value = self.get(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise SparkException(
                f'For input string: "{value}"\n{name} is a number of bytes',
                "java.lang.NumberFormatException",
            ) from None


@dataclass(frozen=True)
class Input:
    """Where pairs come from: `kind` is "text" or "sequence"; `splits` are listed when asked for."""

    kind: str
    is_new: bool
    path: str
    min_partitions: int = 1
    smallest: int = 1
    largest: int | None = None

    def splits(self) -> list[FileSplit]:
        """One split a partition.

        Raises SparkException where a path does not exist, or a directory is where none may be.
        """
        if self.kind == "text":
            files = new_api_files(self.path) if self.is_new else old_api_files(self.path)
            return self._cut(files, self.smallest, is_splittable)

        error = (NEW_API_INVALID_INPUT,) if self.is_new else ()
        files = map_files(input_entries(self.path, *error))
        return self._cut(files, max(self.smallest, SYNC_INTERVAL), _always)

    def _cut(
        self, files: list[FileStatus], smallest: int, is_splittable: Callable[[str], bool]
    ) -> list[FileSplit]:
        if self.is_new:
            return sized_splits(files, smallest, self.largest, is_splittable)
        return goal_splits(files, self.min_partitions, smallest, is_splittable)


def input_of(
    class_name: str, is_new: bool, path: str | None, conf: HadoopConf, min_partitions: int
) -> Input:
    """The input that a format's class name, a path and settings stand for.

    Raises SparkException for a class that is not known or of the other API, and
    (java.io.IOException) where there is no path.
    """
    if class_name not in _INPUTS:
        _refuse(class_name, _INPUTS)
    if class_name.startswith(_NEW) != is_new:
        wanted = (_NEW if is_new else _OLD) + "InputFormat"
        raise SparkException(
            f"class {class_name} cannot be cast to class {wanted}\n{_other_api(is_new)}",
            "java.lang.ClassCastException",
        )
    path = conf.get(INPUT_DIR) if path is None else path
    if not path:
        raise SparkException("No input paths specified in job", "java.io.IOException")
    smallest = conf.number(_SMALLEST) or 1
    return Input(_INPUTS[class_name], is_new, path, min_partitions, smallest, conf.number(_LARGEST))


def output_kind(class_name: str | None, is_new: bool, conf: HadoopConf) -> str:
    """Whether an output format is for "text" or "sequence" files; of no format, that in `conf`.

    Raises SparkException for a class that is not known or of the other API.
    """
    default = _NEW + "lib.output.TextOutputFormat" if is_new else _OLD + "TextOutputFormat"
    name = class_name or conf.get(_NEW_OUTPUT if is_new else _OLD_OUTPUT) or default
    if name not in _OUTPUTS:
        _refuse(name, _OUTPUTS)
    if name.startswith(_NEW) != is_new:
        wanted = (_NEW if is_new else _OLD) + "OutputFormat"
        raise SparkException(
            f"class {name} not {wanted}\n{_other_api(is_new)}", "java.lang.RuntimeException"
        )
    return _OUTPUTS[name]


def output_of(kind: str, is_new: bool, conf: HadoopConf, may_exist: bool) -> FileOutput:
    """The output that settings describe; the classes of keys and values are in them.

    Raises SparkException where there is no directory in them, or no such codec.
    """
    path = conf.get(OUTPUT_DIR)
    if not path:
        where = "" if is_new else " in JobConf"
        raise SparkException(
            f"Output directory not set{where}.", "org.apache.hadoop.mapred.InvalidJobConfException"
        )
    codec = (conf.get(_CODEC) or _DEFAULT_CODEC) if conf.flag(_COMPRESS) else None
    format: PartFormat
    if kind == "text":
        format = LineFormat(codec)
    else:
        way = conf.get(_TYPE) or "RECORD"
        if way not in ("NONE", "RECORD", "BLOCK"):
            raise SparkException(
                "No enum constant org.apache.hadoop.io.SequenceFile.CompressionType."
                f"{way}\n{_TYPE} is NONE, RECORD or BLOCK",
                "java.lang.IllegalArgumentException",
            )
        format = SequenceFormat(
            known_class(conf.get(KEY_CLASS) or LONG),
            known_class(conf.get(VALUE_CLASS) or TEXT),
            None if way == "NONE" else codec,
            way == "BLOCK",
        )
    prefix = f"{conf.get(_BASENAME) or 'part'}-r-" if is_new else "part-"
    # As in Hadoop: the new API names the directory in errors as it was given.
    name = path if is_new else None
    return FileOutput(path, format, prefix, may_exist, conf.flag(_MARK, True), name)


def compress_with(codec_class: str, conf: HadoopConf) -> None:
    """What a codec given by its own parameter sets: blocks, where a format has them."""
    conf.set(_COMPRESS, "true")
    conf.set(_CODEC, codec_class)
    conf.set(_TYPE, "BLOCK")


def separator_of(conf: HadoopConf) -> str:
    """What stands between key and value in a line."""
    separator = conf.get(_SEPARATOR)
    return "\t" if separator is None else separator


def refuse_converter(class_name: str | None) -> None:
    """Raises SparkException (java.lang.ClassNotFoundException) for a converter: a Java class."""
    if class_name is not None:
        raise SparkException(
            f"{class_name}\nConverters are classes of the JVM, and there is none here: convert "
            "keys and values with a map() of your own",
            "java.lang.ClassNotFoundException",
        )


def _always(_path: str) -> bool:
    return True


def _present(key: str) -> str:
    return _DEPRECATED.get(key, key)


def _other_api(is_new: bool) -> str:
    if is_new:
        return "It belongs to Hadoop's old API: use it without newAPI or NewAPI in the operation"
    return "It belongs to Hadoop's new API: use it with the operation of newAPI or NewAPI"


def _refuse(class_name: str, known: Mapping[str, str]) -> NoReturn:
    raise SparkException(
        f"{class_name}\nFormats of other classes need a JVM. Known are {', '.join(known)}; or read "
        "and write files of your own format with binaryFiles and mapPartitions",
        "java.lang.ClassNotFoundException",
    )
