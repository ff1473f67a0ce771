"""One run of a program on one engine: a process of its own, from its start to its end.

The process leads a session of its own; what of it is left at the end of the program or of its
time, or when the command is interrupted, is ended. Must not know: what is compared.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from minispark.conform import recorder
from minispark.conform.command import Command
from minispark.conform.workspace import Workspace, Written

_GRACE = 10.0  # seconds for a process that was asked to end
_LINES_OF_LOG = 30


class CannotRun(RuntimeError):
    """An engine does not start a program at all; the text has its reason."""


@dataclass(frozen=True)
class Run:
    """What a run left.

    `status` is the exit status, 128 and its number for a signal, None where the time was over.
    `failure` has the facts of the exception that the program did not catch, if there was one.
    `start` and `end` are in seconds since the epoch.
    """

    engine: str
    start: float
    end: float
    status: int | None
    failure: dict[str, Any] | None
    stdout: Path
    written: Written

    @property
    def seconds(self) -> float:
        """How long the process took, its start included."""
        return self.end - self.start


def run(engine: str, command: Command, space: Workspace, name: str, timeout: float) -> Run:
    """Run a program on an engine.

    Parameters
    ----------
    engine: minispark or pyspark.
    command: what to run.
    space: where; what the run leaves there is put aside under `name`.
    timeout: seconds after which the process is ended.

    Raises CannotRun where the engine does not come as far as to start the program.
    """
    space.prepare()
    # Named as the program: an application without a name is called as its file.
    started = space.start / command.program.name
    shutil.copyfile(recorder.__file__, started)
    stdout, stderr, log = (space.run / name for name in ("stdout", "stderr", "log"))
    program = os.path.realpath(space.inside(command.program))  # as in Spark
    task = {"program": program, "stdout": str(stdout), "stderr": str(stderr)}
    (space.start / recorder.TASK).write_text(json.dumps(task), encoding="utf-8")
    words = [
        *[sys.executable, "-m", "minispark.cli.submit", "--engine", engine],
        *[*command.options_in(space), str(started), *command.words_in(space)],
    ]
    start = time.time()
    with log.open("wb") as file:
        status = _run(words, space, file, timeout)
    end = time.time()
    record = _record(space.start / recorder.RECORD)
    if record is None and status is not None:
        text = _tail(log)
        raise CannotRun(f"{engine} did not start the program (exit status {status}):\n{text}")
    kept = space.root / name
    kept.mkdir()
    for path in (stdout, stderr, log):
        path.touch()  # the program may not have been started
        shutil.move(path, kept / path.name)
    written = space.finish(kept)
    failure = None if record is None else record.get("exception")
    return Run(engine, start, end, status, failure, kept / stdout.name, written)


def _run(words: list[str], space: Workspace, log: IO[bytes], timeout: float) -> int | None:
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=space.work,
        env=_environment(space),
        start_new_session=True,
    )
    try:
        status = process.wait(timeout)
        return 128 - status if status < 0 else status
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _environment(space: Workspace) -> dict[str, str]:
    """The variables of a run: hashes alike in both engines, temporary files in one place."""
    environment = dict(os.environ)
    java = [environment.get("SPARK_SUBMIT_OPTS", ""), f"-Djava.io.tmpdir={space.temp}"]
    environment.update(
        PYTHONHASHSEED="0",
        PYTHONUNBUFFERED="YES",
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
        TMPDIR=str(space.temp),
        SPARK_LOCAL_DIRS=str(space.temp),
        SPARK_SUBMIT_OPTS=" ".join([*java, "-XX:-UsePerfData"]).strip(),
    )
    return environment


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the session of a process; first those in its group, which clean up."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    # PySpark's workers are no longer in the group, but in the session.
    until = time.monotonic() + _GRACE
    while (left := list(_session(process.pid))) and time.monotonic() < until:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        process.poll()
        time.sleep(0.01)
    process.wait()


def _session(leader: int) -> Iterator[int]:
    """The processes of a session."""
    for pid in _processes():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                yield pid


def _processes() -> list[int]:
    if os.path.isdir("/proc/self"):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True, timeout=_GRACE
    )
    return [int(word) for word in listed.stdout.split()]


def _record(path: Path) -> dict[str, Any] | None:
    """What the recorder wrote; None where it did not run."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _tail(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LINES_OF_LOG:])
