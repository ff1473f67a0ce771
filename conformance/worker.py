"""Runs programs on one engine, in a process of its own.

Started by `conformance.engines` as `python -m conformance.worker --engine NAME --master MASTER`.
It reads titles of programs from its input, one a line, and writes JSON lines to what was its
standard output: first a greeting (`{"engine": ..., "version": ...}` or `{"unavailable": why}`),
then for each program `{"begin": title}` and `{"end": title, "answer": ...}`. Anything programs
print goes to standard error. With
`conformance.examples.worker` and `tests.pipelines.worker` this is the only module that imports one.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from conformance import catalog
from conformance.canonical import Canonical, Form, UnknownType

# What programs reach as api.<module>, as a script after `from pyspark.accumulators import ...`.
SUBMODULES = ("accumulators", "conf", "errors", "resultiterable", "statcounter")

# The same for the programs of areas that begin with this name, which alone may make sessions.
SESSIONS = "sql"
SUBMODULES_OF_SESSIONS = ("sql", "sql.types", "sql.utils")


class Host:
    """Holds the engine and its shared context, and runs programs one after the other."""

    def __init__(self, api: ModuleType, master: str, scratch: Path, seconds: float) -> None:
        self.api = api
        self._master = master
        self._scratch = scratch
        self._seconds = seconds
        self._shared: Any = None

    def shared_context(self) -> Any:
        if self._shared is None:
            conf = self.api.SparkConf().setMaster(self._master).setAppName("conformance")
            conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
            conf.set("spark.local.dir", str(self._scratch / "local"))
            self._shared = self.api.SparkContext(conf=conf)
            self._shared.setLogLevel("OFF")
        return self._shared

    def close(self) -> None:
        if self._shared is not None:
            self._shared.stop()
            self._shared = None

    def run(self, program: catalog.Program) -> Form:
        """The program's answer; one that breaks the rules of programs is `{"broken": why}`."""
        if program.makes_its_own_context:
            self.close()
        else:
            self.shared_context()
        directory = Path(tempfile.mkdtemp(prefix="program-", dir=self._scratch)).resolve()
        faulthandler.dump_traceback_later(self._seconds, exit=True)
        try:
            answer = self._answer(program, directory)
            if program.makes_its_own_context and self._a_context_is_left():
                answer = {"broken": "left a context running"}
        finally:
            faulthandler.cancel_dump_traceback_later()
            shutil.rmtree(directory, ignore_errors=True)
        return answer

    def _answer(self, program: catalog.Program, directory: Path) -> Form:
        given = {"sc": self._shared, "api": self.api, "tmp": directory}
        canonical = Canonical(str(directory))
        function = catalog.load(program)
        with ExitStack() as stack:
            if program.area.startswith(SESSIONS):
                stack.enter_context(sessions(self.api))
            try:
                if "spark" in program.parameters:
                    given["spark"] = self.api.sql.SparkSession(self._shared)
                value = function(**{name: given[name] for name in program.parameters})
            except BaseException as error:  # an exception is an answer
                return canonical.raised(error)
            try:
                return canonical.returned(value)
            except UnknownType as error:
                return {"broken": str(error)}

    def _a_context_is_left(self) -> bool:
        active = getattr(self.api.SparkContext, "_active_spark_context", None)
        if active is None:
            return False
        active.stop()
        return True


@contextmanager
def sessions(api: ModuleType) -> Iterator[None]:
    """What sessions change in the process is as it was when the program has ended.

    A session gives all RDDs `toDF`, has PySpark raise other exceptions, and is found by the next.
    """
    for name in SUBMODULES_OF_SESSIONS:
        importlib.import_module(f"{api.__name__}.{name}")
    captured = importlib.import_module(f"{api.__name__}.errors.exceptions.captured")
    forget = getattr(captured, "remove_exception_handler", lambda: None)  # minispark's
    to_df = api.RDD.toDF
    gateway = sys.modules.get("py4j.java_gateway")
    get_value = getattr(gateway, "get_return_value", None)
    try:
        yield
    finally:
        forget()
        api.RDD.toDF = to_df
        session = api.sql.SparkSession
        left = session._instantiatedSession
        session._instantiatedSession = session._activeSession = None
        if gateway is not None:
            gateway.get_return_value = get_value  # type: ignore[attr-defined]
            if left is not None and left._sc._jsc is not None:
                java = session._get_j_spark_session_class(left._sc._jvm)
                java.clearDefaultSession()
                java.clearActiveSession()


def prepare(engine: str) -> None:
    """Sets the environment an engine needs before it is imported."""
    if engine == "pyspark":
        os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        # Defaults for the contexts that programs make themselves.
        os.environ["PYSPARK_SUBMIT_ARGS"] = (
            "--conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false pyspark-shell"
        )
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise RuntimeError(
                "PySpark needs Java: no `java` on the path, and JAVA_HOME is not set"
            )


def own_output() -> IO[str]:
    """A stream to what was standard output; whatever else is printed goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    faulthandler.enable()
    return out


def refuse(engine: str, error: Exception, out: IO[str]) -> int:
    """Says that the engine cannot run here; the exit status that goes with it."""
    out.write(json.dumps({"unavailable": f"{engine}: {error}"}) + "\n")
    out.flush()
    return 3


def serve(api: ModuleType, answer: Callable[[str], Form], titles: IO[str], out: IO[str]) -> None:
    """Greets, and answers titles until there are no more."""

    def say(**line: Any) -> None:
        out.write(json.dumps(line, ensure_ascii=True) + "\n")
        out.flush()

    say(engine=api.__name__, version=api.__version__, python=sys.version.split()[0])
    for line in titles:
        title = line.strip()
        say(begin=title)
        say(end=title, answer=answer(title))


def main() -> int:
    parser = argparse.ArgumentParser(prog="conformance.worker")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--master", required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--programs", type=Path, default=catalog.PROGRAMS)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    out = own_output()
    try:
        prepare(options.engine)
        api = importlib.import_module(options.engine)
        for name in SUBMODULES:
            importlib.import_module(f"{options.engine}.{name}")
        host = Host(api, options.master, options.scratch, options.seconds)
        host.shared_context()  # a master that is refused is refused once
    except Exception as error:
        return refuse(options.engine, error, out)
    programs = {p.title: p for p in catalog.discover(root=options.programs)}
    try:
        serve(api, lambda title: host.run(programs[title]), sys.stdin, out)
    finally:
        host.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
