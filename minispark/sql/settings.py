"""The settings of a session: which there are, what values they take, and where they are kept.

For `minispark.sql.conf`, which shows them to programs, and for what reads them. A session has every
setting of its context, and those that the program gives it; what is read here has a default.
Must not know: what a setting does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from minispark.errors import (
    AnalysisException,
    IllegalArgumentException,
    SparkNoSuchElementException,
)

__all__ = ["Settings", "size_in_bytes"]

MAX_PARTITION_BYTES = "spark.sql.files.maxPartitionBytes"
OPEN_COST = "spark.sql.files.openCostInBytes"
MIN_PARTITIONS = "spark.sql.files.minPartitionNum"
MAX_PARTITIONS = "spark.sql.files.maxPartitionNum"
LEAF_PARALLELISM = "spark.sql.leafNodeDefaultParallelism"
TIME_ZONE = "spark.sql.session.timeZone"
TIMESTAMP_TYPE = "spark.sql.timestampType"
DICT_AS_STRUCT = "spark.sql.pyspark.inferNestedDictAsStruct.enabled"
ARRAY_FROM_FIRST = "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled"
MAP_FROM_FIRST = "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled"
BINARY_AS_BYTES = "spark.sql.execution.pyspark.binaryAsBytes"
EAGER = "spark.sql.repl.eagerEval.enabled"
EAGER_ROWS = "spark.sql.repl.eagerEval.maxNumRows"
EAGER_WIDTH = "spark.sql.repl.eagerEval.truncate"

_SIZE = re.compile(r"(-?[0-9]+)([a-z]+)?")
_UNITS = {
    unit: 1 << 10 * power
    for power, units in enumerate(("b", "k kb", "m mb", "g gb", "t tb", "p pb"))
    for unit in units.split()
}


def size_in_bytes(text: str) -> int:
    """A size as Spark writes it: a number, and a unit of binary size or none.

    >>> size_in_bytes("128MB"), size_in_bytes("4096"), size_in_bytes("1k")
    (134217728, 4096, 1024)
    """
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None or (found[2] or "b") not in _UNITS:
        raise ValueError(f"{text!r} is no size in bytes")
    return int(found[1]) * _UNITS[found[2] or "b"]


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.strip().lower()]


def _time_zone(text: str) -> object:
    # Imported where it is used: it reads the list of all zones.
    from minispark.sql.moments import zone_of

    return zone_of(text)


@dataclass(frozen=True)
class _Setting:
    """What is known of one setting. ``kind`` is what its values are called in errors."""

    default: str | None
    kind: str = "string"
    requirement: str | None = None
    """What a number has to be, in Spark's words: at least 1."""
    options: tuple[str, ...] = ()


_READERS: Mapping[str, Callable[[str], object]] = {
    "int": int,
    "bytes in BYTE": size_in_bytes,
    "boolean": _boolean,
    "time zone": _time_zone,
    "string": str,
}
_FALSE = _Setting("false", "boolean")
_TRUE = _Setting("true", "boolean")

_KNOWN: Mapping[str, _Setting] = {
    MAX_PARTITION_BYTES: _Setting("134217728b", "bytes in BYTE"),
    OPEN_COST: _Setting("4194304b", "bytes in BYTE"),
    MIN_PARTITIONS: _Setting(None, "int", "The min partition number must be a positive integer."),
    MAX_PARTITIONS: _Setting(
        None, "int", "The maximum number of partitions must be a positive integer."
    ),
    LEAF_PARALLELISM: _Setting(None, "int", f"The value of {LEAF_PARALLELISM} must be positive."),
    TIME_ZONE: _Setting(None, "time zone"),
    TIMESTAMP_TYPE: _Setting("TIMESTAMP_LTZ", options=("TIMESTAMP_NTZ", "TIMESTAMP_LTZ")),
    DICT_AS_STRUCT: _FALSE,
    ARRAY_FROM_FIRST: _FALSE,
    MAP_FROM_FIRST: _FALSE,
    BINARY_AS_BYTES: _TRUE,
    EAGER: _FALSE,
    EAGER_ROWS: _Setting("20", "int"),
    EAGER_WIDTH: _Setting("20", "int"),
    "spark.sql.adaptive.enabled": _TRUE,
    "spark.sql.ansi.enabled": _TRUE,
    "spark.sql.caseSensitive": _FALSE,
    "spark.sql.execution.arrow.pyspark.enabled": _TRUE,
    "spark.sql.shuffle.partitions": _Setting(
        "200", "int", "The value of spark.sql.shuffle.partitions must be positive"
    ),
    "spark.sql.sources.default": _Setting("parquet"),
    "spark.sql.sources.partitionOverwriteMode": _Setting("STATIC", options=("DYNAMIC", "STATIC")),
}
"""Settings that can be changed while a session runs; the last ones are asked for often, but have
no meaning without a DataFrame engine."""

_FIXED: Mapping[str, str | None] = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.extensions": None,
    "spark.sql.warehouse.dir": None,
}
"""Settings that stay as they were when the session was made."""

_OF_THE_CONTEXT = re.compile(
    r"spark\.(acls|admin|archives|authenticate|barrier|blockManager|broadcast|buffer|checkpoint"
    r"|cleaner|cores|driver|dynamicAllocation|eventLog|excludeOnFailure|executor|files"
    r"|history|io|jars|kerberos|kryo|kryoserializer|locality|memory|metrics|network|plugins|rdd"
    r"|reducer|resources|rpc|scheduler|serializer|shuffle|speculation|stage|storage|submit|task"
    r"|ui|unsafe)\..*|spark\.(archives|files|jars|speculation|serializer|authenticate|plugins)"
)
"""Settings that a context reads when it starts: to change them later would do nothing."""


class Settings:
    """The settings of one session: those of its context, and what the program has set since.

    >>> settings = Settings({"spark.app.name": "nightly"})
    >>> settings.set("spark.sql.files.maxPartitionBytes", "1k")
    >>> settings.get("spark.app.name"), settings.size("spark.sql.files.maxPartitionBytes")
    ('nightly', 1024)
    """

    def __init__(self, of_context: Mapping[str, str]) -> None:
        self._values = dict(of_context)

    def get(self, key: str) -> str | None:
        """A value as text: what is set, else the default.

        Raises SparkNoSuchElementException (SQL_CONF_NOT_FOUND) where there is neither.
        """
        if key in self._values:
            return self._values[key]
        if key in _KNOWN:
            return _KNOWN[key].default if key != TIME_ZONE else _local_time_zone()
        if key in _FIXED:
            return _FIXED[key]
        raise SparkNoSuchElementException(
            f'The SQL config "{key}" cannot be found. Please verify that the config exists. '
            "SQLSTATE: 42K0I",
            errorClass="SQL_CONF_NOT_FOUND",
            messageParameters={"sqlConf": f'"{key}"'},
        )

    def get_or(self, key: str, default: str | None) -> str | None:
        """A value that is set, else ``default``, which has to be one that the setting takes."""
        if default is not None:
            _check(key, default)
        return self._values.get(key, default)

    def number(self, key: str) -> int | None:
        """The number that a setting has; None for one that is not set and has no default."""
        value = self.get(key)
        return None if value is None else int(value)

    def size(self, key: str) -> int:
        """The number of bytes that a setting has."""
        return size_in_bytes(self.get(key) or "")

    def flag(self, key: str) -> bool:
        """Whether a setting is true."""
        return _boolean(self.get(key) or "")

    def set(self, key: str, value: str) -> None:
        """Set one.

        Raises IllegalArgumentException for a value that the setting does not take, and
        AnalysisException for a setting that cannot change any more.
        """
        self._refuse_fixed(key)
        self.put(key, value)

    def put(self, key: str, value: str) -> None:
        """Set one, also of those that are fixed from now on."""
        _check(key, value)
        self._values[key] = value

    def apply(self, options: Mapping[str, str | None]) -> None:
        """Set all that can be set while the session runs, and leave out the others."""
        for key, value in options.items():
            if key not in _FIXED:
                self.put(key, need_value(key, value))

    def unset(self, key: str) -> None:
        """Forget what is set under a name, if anything is."""
        self._refuse_fixed(key)
        self._values.pop(key, None)

    def is_modifiable(self, key: str) -> bool:
        """Whether it is a setting of sessions that can change."""
        return key in _KNOWN

    def all(self) -> dict[str, str]:
        """All that are set."""
        return dict(self._values)

    def _refuse_fixed(self, key: str) -> None:
        if key in _FIXED:
            raise AnalysisException(
                f'Cannot modify the value of the static Spark config: "{key}". SQLSTATE: 46110',
                errorClass="CANNOT_MODIFY_STATIC_CONFIG",
                messageParameters={"key": f'"{key}"'},
            )
        if _OF_THE_CONTEXT.fullmatch(key):
            docroot = "https://spark.apache.org/docs/latest"
            raise AnalysisException(
                f'Cannot modify the value of the Spark config: "{key}".\n'
                f"See also '{docroot}/sql-migration-guide.html#ddl-statements'. SQLSTATE: 46110",
                errorClass="CANNOT_MODIFY_CONFIG",
                messageParameters={"key": f'"{key}"', "docroot": docroot},
            )


def need_value(key: str, value: str | None) -> str:
    """``value``, which is not None."""
    if value is None:
        raise IllegalArgumentException(f"requirement failed: value cannot be null for key: {key}")
    return value


def _check(key: str, value: str) -> None:
    known = _KNOWN.get(key)
    if known is None:
        return
    try:
        read = _READERS[known.kind](value)
    except (ValueError, KeyError):
        if known.kind == "time zone":
            raise _invalid(
                key, value, "TIME_ZONE", "Cannot resolve the given timezone.", {}
            ) from None
        raise _invalid(
            key,
            value,
            "TYPE_MISMATCH",
            f"It should be a/an '{known.kind}' value.",
            {"confType": known.kind},
        ) from None
    if known.requirement is not None and isinstance(read, int) and read < 1:
        requirement = {"confRequirement": known.requirement}
        raise _invalid(key, value, "REQUIREMENT", known.requirement, requirement)
    if known.options and value.upper() not in known.options:
        options = ", ".join(known.options)
        raise _invalid(
            key,
            value,
            "OUT_OF_RANGE_OF_OPTIONS",
            f"It should be one of '{options}'.",
            {"confOptions": options},
        )


def _invalid(
    key: str, value: str, what: str, sentence: str, more: dict[str, str]
) -> IllegalArgumentException:
    return IllegalArgumentException(
        f"The value '{value}' in the config \"{key}\" is invalid. {sentence} SQLSTATE: 22022",
        errorClass=f"INVALID_CONF_VALUE.{what}",
        messageParameters={"confName": key, "confValue": value, **more},
    )


def _local_time_zone() -> str:
    from minispark.sql.moments import local_zone_name

    return local_zone_name()
