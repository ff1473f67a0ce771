"""``pyspark.sql.conf``: the settings of a session, as programs see them.

Which settings there are, and what values they take, is `minispark.sql.settings`.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from minispark.errors import PySparkTypeError
from minispark.sql.settings import Settings, need_value

__all__ = ["RuntimeConfig"]


class _NotGiven(Enum):
    NOT_GIVEN = 0


_NOT_GIVEN: Final = _NotGiven.NOT_GIVEN


class RuntimeConfig:
    """The settings of a session: those of its context, and what the program has set since.

    >>> from minispark.sql import SparkSession
    >>> spark = SparkSession.builder.getOrCreate()
    >>> spark.conf.set("spark.sql.files.maxPartitionBytes", "64m")
    >>> spark.conf.get("spark.sql.files.maxPartitionBytes")
    '64m'

    As in Spark: a session's settings are its own; those of its context stay as they are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def set(self, key: str, value: str | int | bool) -> None:
        """Set one.

        Raises
        ------
        AnalysisException
            (CANNOT_MODIFY_STATIC_CONFIG, CANNOT_MODIFY_CONFIG) for one that is read once, when the
            session or the context starts
        IllegalArgumentException
            for a value that the setting does not take
        PySparkTypeError
            (NOT_EXPECTED_TYPE) for a value that is no str, int or bool

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> spark.conf.set("colour.is.blue", True)
        >>> spark.conf.get("colour.is.blue")
        'true'

        Differs from Spark: values of another type have a clear error.
        """
        _need_text("key", key)
        need_value(key, value)  # type: ignore[arg-type]
        if not isinstance(value, (str, int)):
            raise _unexpected("value", "str, int or bool", value)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self._settings.set(key, text)

    def get(self, key: str, default: str | _NotGiven | None = _NOT_GIVEN) -> str | None:
        """The value of one as text.

        Parameters
        ----------
        key
            its name
        default
            what is given where it is not set, in place of the default that it has

        Raises
        ------
        SparkNoSuchElementException
            (SQL_CONF_NOT_FOUND) where it is not set and there is no default

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> spark.conf.get("spark.sql.shuffle.partitions")
        '200'
        >>> spark.conf.get("spark.sql.shuffle.partitions", "7"), spark.conf.get("nothing", None)
        ('7', None)

        Differs from Spark: of the settings of DataFrames some have their defaults here, the others
        are not found until they are set.
        """
        _need_text("key", key)
        if isinstance(default, _NotGiven):
            return self._settings.get(key)
        if default is not None:
            _need_text("default", default)
        return self._settings.get_or(key, default)

    def unset(self, key: str) -> None:
        """Forget what is set under a name.

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> spark.conf.set("colour", "blue")
        >>> spark.conf.unset("colour")
        >>> spark.conf.get("colour", "none")
        'none'
        """
        _need_text("key", key)
        self._settings.unset(key)

    def isModifiable(self, key: str) -> bool:
        """Whether this is a setting of sessions that can change.

        >>> from minispark.sql import SparkSession
        >>> conf = SparkSession.builder.getOrCreate().conf
        >>> conf.isModifiable("spark.sql.shuffle.partitions"), conf.isModifiable("spark.master")
        (True, False)
        """
        _need_text("key", key)
        return self._settings.is_modifiable(key)

    @property
    def getAll(self) -> dict[str, str]:
        """All that are set, by name.

        >>> from minispark.sql import SparkSession
        >>> SparkSession.builder.getOrCreate().conf.getAll["spark.app.name"] == sc.appName
        True
        """
        return self._settings.all()


def _need_text(parameter: str, value: object) -> None:
    if not isinstance(value, str):
        raise _unexpected(parameter, "str", value)


def _unexpected(parameter: str, expected: str, value: object) -> PySparkTypeError:
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={
            "arg_name": parameter,
            "expected_type": expected,
            "arg_type": type(value).__name__,
        },
    )
