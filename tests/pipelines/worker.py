"""Runs pipelines on real PySpark in a process of its own: `python -m tests.pipelines.worker`.

For the conformance run. Pipelines come in on stdin, answers go out on stdout, one JSON document a
line; the first line out says that PySpark is ready. The vocabulary travels to PySpark's workers by
value: they cannot import this package.
"""

from __future__ import annotations

import json
import os
import sys


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
    sc = SparkContext(conf=conf)
    sc.setLogLevel("OFF")
    answers.write(json.dumps({"ready": sc.version}) + "\n")
    answers.flush()
    for line in sys.stdin:
        answer = language.run(sc, json.loads(line), (Py4JJavaError,))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    sc.stop()


if __name__ == "__main__":
    main()
