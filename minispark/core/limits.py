"""What the settings say of how much there may be, and what is said of a setting that is wrong."""

from __future__ import annotations

import sys

from minispark.conf import SparkConf
from minispark.core.settings import wrong_type
from minispark.errors import SparkException
from minispark.resource.requests import byte_size

MAX_RESULT_SIZE = "spark.driver.maxResultSize"

_LARGEST = (1 << 63) - 1


def max_result_bytes(settings: SparkConf) -> int:
    """How many bytes the results of a stage may have together; ``sys.maxsize``: any number.

    As in Spark: 1g unless it is set, a number alone is in bytes, and 0 and less mean no limit.
    Raises SparkException for what is no amount.
    """
    text = settings.get(MAX_RESULT_SIZE, "1g")
    try:
        size = byte_size(text.removeprefix("-"), "b")
    except SparkException as exc:
        raise wrong_type(MAX_RESULT_SIZE, text, "bytes in BYTE") from exc
    if size > _LARGEST:
        raise wrong_type(MAX_RESULT_SIZE, text, "bytes in BYTE")
    return size if size > 0 and not text.startswith("-") else sys.maxsize
