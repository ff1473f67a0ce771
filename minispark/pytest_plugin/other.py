"""The other pytest: a process on the real PySpark, started at its first test, one for the session.

For `both`. It is a pytest with the same arguments, settings and environment (`serving` is what it
does with them), in a process group of its own, and gets requests and gives answers through two
pipes. No wait for it is without an end: it is over when it is no more, or when its pipe is closed.
Must not know: what a report says.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from minispark.pytest_plugin import wire

_LINES_OF_ITS_LOG = 40
_NOT_THERE = {"xdist": "-n0", "pytest_cov": "--no-cov"}
"""What turns off plugins that are for the first process alone."""
_SECONDS_TO_END = 60
"""For its fixtures, and for stopping the context."""
_SECONDS_AFTER_A_SIGNAL = 5


class Ended(Exception):
    """The other process is no more; the text says how that came, and what it printed."""


class OtherPytest:
    """A pytest process that runs the tests it is asked for, one after the other.

    Parameters
    ----------
    config
        of this process
    serve
        the variable by which the other one learns what it is
    with_directory
        whether the working directory is on its `sys.path`, as with `python -m pytest`
    """

    def __init__(self, config: pytest.Config, serve: str, with_directory: bool) -> None:
        self._config = config
        self._serve = serve
        self._with_directory = with_directory
        self._process: subprocess.Popen[bytes] | None = None
        self._ended: str | None = None
        self._buffer = b""

    def run(self, nodeid: str, following: str | None) -> Iterator[wire.Message]:
        """What it says of a test, up to "done" or "missing". `following` is run next.

        Raises Ended where there is no such process any more.
        """
        if self._ended is not None:
            raise Ended(self._ended)
        if self._process is None:
            self._start()
        self._ask({"run": nodeid, "next": following})
        while True:
            message = self._receive()
            yield message
            if "done" in message or "missing" in message:
                return

    def end(self, at_once: bool = False) -> int | None:
        """End it: after its fixtures; or at once, where a test may still run.

        Gives its exit status; None where it was never started.
        """
        if self._process is None:
            return None
        if not at_once:
            with contextlib.suppress(BrokenPipeError):  # it has ended by itself
                self._requests.write(wire.encode({"end": True}))
        # Without that word before it, the end of the pipe interrupts a test that runs.
        self._requests.close()
        self._wait(_SECONDS_TO_END)
        os.close(self._answers)
        status, self._process = self._process.returncode, None
        self._ended = self._ended or "the pytest process on PySpark was ended"
        Path(self._log).unlink()
        return status

    def log(self) -> str:
        """The end of what it printed, where that is not on the terminal itself."""
        lines = Path(self._log).read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-_LINES_OF_ITS_LOG:])

    def _start(self) -> None:
        handle, self._log = tempfile.mkstemp(prefix="minispark-pytest-", suffix=".log")
        asked, requests = os.pipe()
        self._answers, answered = os.pipe()
        told = json.dumps({"requests": asked, "answers": answered, "log": self._log})
        on_the_terminal = self._config.getoption("capture") == "no"
        try:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self._config.invocation_params.dir,
                env={**os.environ, self._serve: told},
                stdin=subprocess.DEVNULL,
                stdout=None if on_the_terminal else handle,
                stderr=None if on_the_terminal else handle,
                pass_fds=(asked, answered),
                process_group=0,  # Ctrl-C is for the first process, which then ends this one
            )
        finally:
            for end in (handle, asked, answered):
                os.close(end)
        self._requests = os.fdopen(requests, "wb", buffering=0)

    def _command(self) -> list[str]:
        safe = [] if self._with_directory else ["-P"]
        worker = getattr(self._config, "workerinput", None)  # of pytest-xdist
        given = worker["mainargv"][1:] if worker else self._config.invocation_params.args
        more = [
            option
            for plugin, option in _NOT_THERE.items()
            if self._config.pluginmanager.has_plugin(plugin)
        ]
        seed = getattr(self._config.option, "randomly_seed", None)
        if isinstance(seed, int) and self._config.pluginmanager.has_plugin("randomly"):
            more.append(f"--randomly-seed={seed}")
        return [sys.executable, *safe, "-m", "pytest", *map(str, given), *more]

    def _ask(self, request: wire.Message) -> None:
        try:
            self._requests.write(wire.encode(request))
        except BrokenPipeError:
            raise self._it_ended() from None

    def _receive(self) -> wire.Message:
        assert self._process is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if selector.select(timeout=1):
                    chunk = os.read(self._answers, 1 << 16)
                    if not chunk:
                        raise self._it_ended()
                    self._buffer += chunk
                elif self._process.poll() is not None:
                    # Something that it started may hold its end of the pipe open.
                    raise self._it_ended()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return wire.decode(line)

    def _it_ended(self) -> Ended:
        assert self._process is not None
        self._wait(_SECONDS_TO_END)
        status = self._process.returncode
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended: {status}"
        self._ended = f"the pytest process on PySpark {how}"
        log = self.log()
        return Ended(self._ended + (f"\nThe end of what it printed:\n{log}" if log else ""))

    def _wait(self, seconds: float) -> None:
        """Wait for its end; after these seconds, end it and what it has started."""
        assert self._process is not None
        for name, wait in (("", seconds), ("SIGTERM", _SECONDS_AFTER_A_SIGNAL), ("SIGKILL", None)):
            if name:
                os.killpg(self._process.pid, getattr(signal, name))
            try:
                self._process.wait(wait)
                return
            except subprocess.TimeoutExpired:
                continue
