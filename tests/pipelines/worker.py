"""Runs pipelines on real PySpark in a process of its own: `python -m tests.pipelines.worker`.

For the conformance run. Pipelines come in on stdin, answers go out on stdout, one JSON document a
line; the first line out says that PySpark is ready. The vocabulary travels to PySpark's workers by
value: they cannot import this package.
"""

from __future__ import annotations

import json
import os
import re
import sys


def _told(error: BaseException) -> str:
    """The last line of the Python traceback that Java's exception has in its message, if any."""
    message: str = error.java_exception.getMessage() or ""  # type: ignore[attr-defined]
    lines = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Refused): .*)$", message, re.MULTILINE)
    return lines[-1] if lines else ""


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the JVM prints does not reach the answers

    from py4j.protocol import Py4JJavaError
    from pyspark import SparkConf, SparkContext, cloudpickle

    from . import language, vocabulary

    for module in (language, vocabulary):
        cloudpickle.register_pickle_by_value(module)
    conf = SparkConf().setMaster("local[2]").setAppName("pipelines")
    conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
    # Most of a small task's time is waiting for TCP's acknowledgements and collecting garbage.
    conf.set("spark.python.unix.domain.socket.enabled", "true")
    conf.set("spark.python.daemon.module", "conformance.daemon")
    sc = SparkContext(conf=conf)
    sc.setLogLevel("OFF")
    answers.write(json.dumps({"ready": sc.version}) + "\n")
    answers.flush()
    for line in sys.stdin:
        answer = language.run(sc, json.loads(line), (Py4JJavaError,), _told)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    sc.stop()


if __name__ == "__main__":
    main()
