"""Settings that Spark gives a type: read, or refused in its words.

For the context, when it starts. Must not know: which settings there are, and what they do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from minispark.conf import SparkConf
from minispark.errors import SparkException

D = TypeVar("D")
T = TypeVar("T")

SECONDS = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
"""The units of a time."""


def whole_number(conf: SparkConf, key: str, default: int) -> int:
    """A setting that is a whole number, in decimal digits."""
    return _read(conf, key, default, "int", _whole_number)


def number(conf: SparkConf, key: str, default: float) -> float:
    """A setting that is a number."""
    return _read(conf, key, default, "double", _number)


def boolean(conf: SparkConf, key: str, default: bool) -> bool:
    """A setting that is ``true`` or ``false``, in any case."""
    return _read(conf, key, default, "boolean", _boolean)


def milliseconds(conf: SparkConf, key: str, default: D) -> float | D:
    """A setting that is a time such as ``100ms`` or ``2s``, without a unit in milliseconds.

    Its value and the default are in seconds.
    """
    return _read(conf, key, default, "time in MILLISECONDS", lambda text: _time(text, "ms"))


def seconds(conf: SparkConf, key: str, default: D) -> int | D:
    """A setting that is a time of whole seconds, also without a unit; what is below one is cut."""
    return _read(conf, key, default, "time in SECONDS", lambda text: int(_time(text, "s")))


def _read(conf: SparkConf, key: str, default: D, kind: str, parse: Callable[[str], T]) -> T | D:
    text = conf.get(key, None)
    if text is None:
        return default
    try:
        return parse(text.strip())
    except ValueError:
        raise wrong_type(key, text, kind) from None


def wrong_type(key: str, text: str, wanted: str) -> SparkException:
    """The error for a setting whose text does not stand for a value of the type that it has."""
    return SparkException(
        f"[INVALID_CONF_VALUE.TYPE_MISMATCH] The value '{text}' in the config \"{key}\" is "
        f"invalid. It should be a/an '{wanted}' value. SQLSTATE: 22022",
        "org.apache.spark.SparkIllegalArgumentException",
    )


def wrong_value(key: str, text: str, rule: str) -> SparkException:
    """The error for a setting whose value breaks a rule, which is a sentence."""
    return SparkException(
        f"[INVALID_CONF_VALUE.REQUIREMENT] The value '{text}' in the config \"{key}\" is "
        f"invalid. {rule} SQLSTATE: 22022",
        "org.apache.spark.SparkIllegalArgumentException",
    )


def _whole_number(text: str) -> int:
    if re.fullmatch(r"[-+]?[0-9]+", text) is None:
        raise ValueError(text)
    return _fitting(text, bits=32)


def _fitting(text: str, bits: int) -> int:
    """A number that Java has room for; ValueError for any other."""
    value = int(text)
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(text)
    return value


def _number(text: str) -> float:
    if "_" in text or text.lstrip("+-") in ("nan", "inf", "infinity"):  # Python's alone
        raise ValueError(text)
    return float(text)


def _boolean(text: str) -> bool:
    known = text.lower()
    if known not in ("true", "false"):
        raise ValueError(text)
    return known == "true"


def _time(text: str, unit: str) -> float:
    """How many seconds a time is; a number alone is in ``unit``."""
    match = re.fullmatch(r"(-?[0-9]+)([a-z]*)", text.lower())
    if match is None or (match[2] or unit) not in SECONDS:
        raise ValueError(text)
    return _fitting(match[1], bits=64) * SECONDS[match[2] or unit]
