"""An engine under test, as the runner sees it: a worker process that answers programs.

A worker that dies or hangs costs the program it was at, not the run: another is started for the
rest.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from conformance.canonical import Form
from conformance.catalog import PROGRAMS, Program

ROOT = Path(__file__).parent.parent

# Of what a dead worker wrote to standard error, this much is shown.
LINES_OF_LOG = 200


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    """A directory for a worker's files."""
    directory = tempfile.mkdtemp(prefix="conformance-")
    try:
        yield directory
    finally:
        # What a worker has started may be removing files in it, too.
        for _ in range(50):
            shutil.rmtree(directory, ignore_errors=True)
            if not os.path.exists(directory):
                break
            time.sleep(0.1)


class Unavailable(RuntimeError):
    """The engine cannot run here: not installed, or Java missing."""


@dataclass(frozen=True)
class Run:
    """What an engine answered: for each program, as many answers as it was run times."""

    engine: str
    version: str
    python: str
    answers: dict[str, list[Form]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


def run(
    engine: str,
    master: str,
    programs: Iterable[Program],
    seconds: float,
    on_answer: Callable[[str, Form], None] = lambda title, answer: None,
) -> Run:
    """Runs programs of one directory on the engine, those that make their own context last.

    `seconds` is what one program may take. Raises `Unavailable`.
    """
    ordered = sorted(programs, key=lambda p: p.makes_its_own_context)
    root = ordered[0].path.parent if ordered else PROGRAMS
    arguments = ["--master", master, "--programs", str(root), "--seconds", str(seconds)]
    titles = [p.title for p in ordered]
    return serve(engine, "conformance.worker", arguments, titles, on_answer)


def serve(
    engine: str,
    module: str,
    arguments: list[str],
    titles: Iterable[str],
    on_answer: Callable[[str, Form], None] = lambda title, answer: None,
    hash_seed: str | None = None,
) -> Run:
    """Has workers (`python -m module`) answer titles, one after the other, in their order.

    A worker is told its engine, a directory for what it writes, and `arguments`. It speaks as
    `conformance.worker` does, and ends by itself where an answer takes too long. `hash_seed` is
    its PYTHONHASHSEED: for PySpark always 0, else by default that of this process. Raises
    `Unavailable`.
    """
    pending = list(titles)
    result: Run | None = None
    while pending or result is None:
        with Worker(engine, module, arguments, hash_seed) as worker:
            if result is None:
                greeting = worker.greeting
                result = Run(greeting["engine"], greeting["version"], greeting["python"])
            while pending and worker.alive:
                title = pending.pop(0)
                answer = worker.ask(title)
                result.answers.setdefault(title, []).append(answer)
                on_answer(title, answer)
        if worker.complaint:
            result.complaints.append(f"{engine}: {worker.complaint}")
    return result


def choose_executor(executor: str) -> None:
    """Have minispark's workers that are started from now on run tasks there.

    See `spark.minispark.executor`; `auto` is what it is without.
    """
    if executor != "auto":
        setting = f"spark.minispark.executor={executor}"
        os.environ["PYSPARK_SUBMIT_ARGS"] = f"--conf {setting} pyspark-shell"


class Worker:
    """One worker process of an engine, from its greeting to its end.

    `greeting` is what it said of itself; `complaint` what was wrong with its end, if anything,
    once the worker has ended. Raises `Unavailable` where the engine cannot run.
    """

    def __init__(
        self, engine: str, module: str, arguments: list[str], hash_seed: str | None = None
    ) -> None:
        self.complaint = ""
        with contextlib.ExitStack() as stack:
            self._log = stack.enter_context(
                tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
            )
            # Kept here, because a worker that dies cannot clean up behind itself.
            told = ["--engine", engine, "--scratch", stack.enter_context(_scratch()), *arguments]
            # As spark-submit does; without it PySpark refuses to hash strings on the driver.
            seed = "0" if engine == "pyspark" else hash_seed
            self._process = _start(module, told, self._log, seed)
            stack.callback(self._end)
            greeting = self._next()
            if greeting is None:
                raise Unavailable(f"{engine} did not start:\n{_tail(self._log)}")
            if "unavailable" in greeting:
                raise Unavailable(greeting["unavailable"])
            self.greeting = greeting
            self._stack = stack.pop_all()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, title: str) -> Form:
        """The answer to a title; of a worker that dies at it, {"broken": why}."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(title + "\n")
            self._process.stdin.flush()
            while (line := self._next()) is not None:
                if line.get("end") == title:
                    return line["answer"]
        except BrokenPipeError:
            pass
        status = self._process.wait()
        return {"broken": f"the worker ended with status {status}:\n{_tail(self._log)}"}

    def close(self) -> None:
        """Lets the worker finish, and cleans up behind it."""
        self._stack.close()

    def _next(self) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else None

    def _end(self) -> None:
        died = not self.alive
        complaint = _finished(self._process, self._log)
        # Of one that died before its end, the answer it died at tells.
        self.complaint = "" if died else complaint


def _start(
    module: str, arguments: list[str], log: IO[str], hash_seed: str | None
) -> subprocess.Popen[str]:
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        text=True,
        encoding="utf-8",
    )


def _finished(worker: subprocess.Popen[str], log: IO[str]) -> str:
    """Lets the worker finish; says what was wrong with its end, if anything."""
    assert worker.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        worker.stdin.close()
    try:
        status = worker.wait(timeout=60)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
        return f"the worker did not end within a minute of its last program\n{_tail(log)}"
    return "" if status == 0 else f"the worker ended with status {status}\n{_tail(log)}"


def _tail(log: IO[str]) -> str:
    log.seek(0)
    return "".join(log.readlines()[-LINES_OF_LOG:])
