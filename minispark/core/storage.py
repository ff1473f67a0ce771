"""What the settings say of blocks: in which directories their files lie."""

from __future__ import annotations

import os

from minispark.conf import SparkConf
from minispark.io import home


def local_directories(settings: SparkConf) -> list[str]:
    """The directories below which the context makes its own; none: the system's temporary one.

    As in Spark: a comma list, of which the environment variable goes before the setting.
    """
    text = os.environ.get("SPARK_LOCAL_DIRS") or settings.get("spark.local.dir", None) or ""
    paths = filter(None, map(str.strip, text.split(",")))
    return [path if os.path.isabs(path) else f"{home.directory()}/{path}" for path in paths]
