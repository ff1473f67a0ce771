"""Runs the examples of PySpark's docstrings on one engine, in a process of its own.

Started as `python -m conformance.examples.worker`, and speaks as `conformance.worker` does: a
title is a docstring's, its answer what became of each of its examples. One worker runs those of one
module, as PySpark's own run does.

On minispark, whatever the examples import from `pyspark` is minispark's module of that name, and
the real package cannot be reached. An example that asks for a name of the module it stands in finds
minispark's object of that name.
"""

from __future__ import annotations

import argparse
import contextlib
import doctest
import faulthandler
import importlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance import worker
from conformance.canonical import Form
from conformance.examples import docstrings
from conformance.examples.docstrings import Docstring, Module

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Setup:
    """What PySpark's own run of a module's examples gives them, and how it reads their output.

    A session is one whose `sparkContext` is the context.
    """

    context: tuple[str, ...] = ()
    conf: dict[str, str] = field(default_factory=dict)
    session: bool = False
    checkpoints: bool = False
    flags: int = doctest.ELLIPSIS


# A module that is not here gets no context from PySpark either. Nobody there runs `statcounter`.
SETUPS = {
    "accumulators": Setup(("local", "test")),
    "core.broadcast": Setup(("local[4]", "broadcast tests"), session=True),
    "core.context": Setup(("local[4]", "context tests"), conf={"spark.ui.enabled": "True"}),
    "core.files": Setup(("local[2]", "files tests")),
    "core.rdd": Setup(("local[4]", "PythonTest"), checkpoints=True),
    "resource.profile": Setup(
        ("local[4]", "profile tests"), flags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    ),
    "statcounter": Setup(("local[4]", "PythonTest")),
    "taskcontext": Setup(("local[2]", "taskcontext tests"), session=True),
    "util": Setup(("local[4]", "PythonTest")),
}


class AsPySparkWrites(doctest.OutputChecker):
    """Compares output, with the engine's names written as PySpark's.

    What reaches a program as a `Py4JJavaError` there is a `SparkException` here, as
    docs/differences.md says.
    """

    def __init__(self, engine: str) -> None:
        self._package = re.compile(rf"\b{engine}\b")
        self._error = re.compile(rf"\A({engine}[\w.]*\.)?SparkException\b")

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        got = self._error.sub(lambda m: ("py4j.protocol." if m[1] else "") + "Py4JJavaError", got)
        return super().check_output(want, self._package.sub("pyspark", got), optionflags)


class Runner(doctest.DocTestRunner):
    """Runs one docstring's examples and notes for each what became of it."""

    def __init__(self, checker: doctest.OutputChecker, flags: int) -> None:
        super().__init__(checker, optionflags=flags)
        self.outcomes: dict[int, tuple[str, str]] = {}

    def report_start(self, out: Any, test: Any, example: Any) -> None:
        pass

    def report_success(self, out: Any, test: Any, example: Any, got: str) -> None:
        self.outcomes[example.lineno] = (PASSED, got)

    def report_failure(self, out: Any, test: Any, example: Any, got: str) -> None:
        self.outcomes[example.lineno] = (FAILED, got)

    def report_unexpected_exception(self, out: Any, test: Any, example: Any, exc_info: Any) -> None:
        error = f"{exc_info[0].__name__}: {exc_info[1]}"
        self.outcomes[example.lineno] = (FAILED, error)


class Host:
    """Holds the engine and the context that the examples of a module share."""

    def __init__(self, api: ModuleType, module: Module, scratch: Path, seconds: float) -> None:
        self._api = api
        self._module = module
        self._setup = SETUPS.get(module.name, Setup())
        self._docstrings = {d.title: d for d in module.docstrings}
        self._scratch = scratch
        self._seconds = seconds
        self._given: dict[str, Any] = {}
        if api.__name__ == "pyspark":
            self._checker = doctest.OutputChecker()
        else:
            self._checker = AsPySparkWrites(api.__name__)

    def run(self, title: str) -> Form:
        """For each example of a docstring: what became of it, and what it gave."""
        docstring = self._docstrings[title]
        with self._a_limit():
            self._prepare(docstring)
            names = self._names() | self._given
            examples = [self._own(example) for example in docstring.examples]
            test = doctest.DocTest(examples, names, title, None, 0, None)
            runner = Runner(self._checker, self._setup.flags)
            runner.run(test, out=lambda text: None)
            if "SparkContext" in docstring.calls:
                self.close()
        skipped = (SKIPPED, "")
        return [list(runner.outcomes.get(e.lineno, skipped)) for e in docstring.examples]

    def close(self) -> None:
        """Stops whatever context there is."""
        self._given = {}
        active = self._api.SparkContext._active_spark_context
        if active is not None:
            active.stop()

    @contextlib.contextmanager
    def _a_limit(self) -> Iterator[None]:
        faulthandler.dump_traceback_later(self._seconds, exit=True)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _prepare(self, docstring: Docstring) -> None:
        """Sees to the context: the module's, or none where the examples make their own."""
        if not self._setup.context or "SparkContext" in docstring.calls:
            self.close()
        elif not self._given:
            self._given = self._globals()

    def _globals(self) -> dict[str, Any]:
        setup = self._setup
        conf = self._api.SparkConf()
        for key, value in setup.conf.items():
            conf.set(key, value)
        context = self._api.SparkContext(*setup.context, conf=conf)
        context.setLogLevel("OFF")
        if setup.checkpoints:
            context.setCheckpointDir(str(self._scratch / "checkpoints"))
        return {"spark": self._session(context)} if setup.session else {"sc": context}

    def _session(self, context: Any) -> Any:
        return importlib.import_module(f"{self._api.__name__}.sql").SparkSession(context)

    def _names(self) -> dict[str, Any]:
        """The names that the module's own code has, as far as its examples use them."""
        module = self._module
        used = {name for docstring in module.docstrings for name in docstring.names}
        names: dict[str, Any] = {}
        for name in used & module.imports.keys():
            # Without it the example fails, and says which name it missed.
            with contextlib.suppress(ImportError):
                exec(module.imports[name], names)
        try:
            own = importlib.import_module(f"pyspark.{module.name}")
        except ModuleNotFoundError:
            own = None
        names |= {n: getattr(own, n) for n in used & module.defines if hasattr(own, n)}
        # As in a script, so that functions and classes cross to tasks by value.
        return {**names, "__name__": "__main__"}

    def _own(self, example: doctest.Example) -> doctest.Example:
        """The example, with paths below PySpark's package as paths below the engine's."""
        return doctest.Example(
            example.source.replace("pyspark/", f"{self._api.__name__}/"),
            example.want,
            example.exc_msg,
            example.lineno,
            example.indent,
            example.options,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="conformance.examples.worker")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--pyspark", type=Path, required=True)
    parser.add_argument("--module", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    out = worker.own_output()
    module = docstrings.read_module(options.pyspark.absolute(), options.module)
    os.chdir(options.scratch)
    os.environ["TMPDIR"] = tempfile.tempdir = str(options.scratch)
    os.environ["SPARK_LOCAL_DIRS"] = str(options.scratch / "local")
    try:
        worker.prepare(options.engine)
        api = importlib.import_module(options.engine)
        if options.engine != "pyspark":
            api.activate()
    except Exception as error:
        return worker.refuse(options.engine, error, out)
    with contextlib.suppress(ImportError):
        import numpy

        # As PySpark's own run: the examples show numbers as numpy 1 printed them.
        numpy.set_printoptions(legacy="1.25")
    host = Host(api, module, options.scratch, options.seconds)
    try:
        worker.serve(api, host.run, sys.stdin, out)
    finally:
        host.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
