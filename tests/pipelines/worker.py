"""Runs pipelines on an engine in a process of its own: `python -m tests.pipelines.worker`.

For the conformance run, which starts it and speaks with it as with `conformance.worker`: a pipeline
is its own title, and one that takes too long ends the process.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import json
import re
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from conformance.worker import own_output, prepare, refuse, serve

from . import language

# An engine that is not up by then will never be.
SECONDS_TO_START = 120


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.pipelines.worker")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--master", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    out = own_output()
    tempfile.tempdir = options.scratch
    faulthandler.dump_traceback_later(SECONDS_TO_START, exit=True)
    try:
        prepare(options.engine)
        api = importlib.import_module(options.engine)
        sc = _context(api, options.master, options.scratch)
        ask = {"minispark": _of_minispark, "pyspark": _of_pyspark}[options.engine](sc)
    except Exception as error:
        return refuse(options.engine, error, out)
    faulthandler.cancel_dump_traceback_later()

    def answer(title: str) -> dict[str, Any]:
        faulthandler.dump_traceback_later(options.seconds, exit=True)
        try:
            return ask(json.loads(title))
        finally:
            faulthandler.cancel_dump_traceback_later()

    try:
        serve(api, answer, sys.stdin, out)
    finally:
        sc.stop()
    return 0


def _context(api: Any, master: str, scratch: str) -> Any:
    conf = api.SparkConf().setMaster(master).setAppName("pipelines")
    conf.set("spark.local.dir", scratch)
    if api.__name__ == "pyspark":
        conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
        # Most of a small task's time is waiting for TCP's acknowledgements and collecting garbage.
        conf.set("spark.python.unix.domain.socket.enabled", "true")
        conf.set("spark.python.daemon.module", "conformance.daemon")
    sc = api.SparkContext(conf=conf)
    sc.setLogLevel("OFF")
    return sc


def _of_minispark(sc: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    from .check import of_minispark

    return of_minispark(sc)


def _of_pyspark(sc: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    from py4j.protocol import Py4JJavaError
    from pyspark import cloudpickle

    from . import vocabulary

    # By value: PySpark's workers cannot import this package.
    for module in (language, vocabulary):
        cloudpickle.register_pickle_by_value(module)
    return lambda pipeline: language.run(sc, pipeline, (Py4JJavaError,), _told)


def _told(error: BaseException) -> str:
    """The last line of the Python traceback that Java's exception or a cause of it has, if any."""
    java = error.java_exception  # type: ignore[attr-defined]
    while java is not None:
        message: str = java.getMessage() or ""
        lines = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Refused): .*)$", message, re.MULTILINE)
        if lines:
            return lines[-1]
        java = java.getCause()
    return ""


if __name__ == "__main__":
    sys.exit(main())
