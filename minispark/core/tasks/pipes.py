"""Inside a task: a partition piped through a command of the operating system.

For `RDD.pipe`. One thread does both ends: it writes records while the command takes them and reads
lines while the command gives them, so neither side can block the other, the records are computed in
the task's own thread, and an error among them reaches the task. Needs pipes that a selector can
watch (any POSIX system).

A command ends with its task at the latest, and what it has started with it: it has a process group
of its own. It may be that the task is cancelled, has failed, or wants no more lines.
"""

import os
import selectors
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from signal import SIGKILL, SIGTERM
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Event, Thread
from typing import Any, Final

from minispark.engine import taskstate
from minispark.errors import PySparkRuntimeError

_CHUNK: Final = 1 << 16
_ENOUGH_INPUT: Final = 1 << 13

_LOOK_AGAIN_SECONDS: Final = 0.05
"""A task on a thread that waits in C for longer would not notice that it is cancelled."""

_PATIENCE_SECONDS: Final = 0.2
"""So long a command may take to end once it is told to; a cancelled worker has half a second."""


def pipe_partition(
    command: str, env: dict[str, str], check_code: bool, _split: int, iterator: Iterable[Any]
) -> Iterator[str]:
    """Start `command`, give it each element as a line, yield each line that it writes."""
    running = _Command()
    task = taskstate.current()
    if task is not None:
        task.at_end.append(running.end)
    del task  # whoever keeps this iterator does not keep the task's state
    try:
        process = running.start(shlex.split(command), env)
        for line in _exchange(process, map(_encoded_line, iterator)):
            yield line.decode("utf-8")
        code = _exit_code(process)
    finally:
        running.close()
    if check_code and code:
        raise PySparkRuntimeError(
            errorClass="PIPE_FUNCTION_EXITED",
            messageParameters={"func_name": command, "error_code": str(code)},
        )


class _Command:
    """A command that runs for a task."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._failure: BaseException | None = None
        self._is_started = Event()

    def start(self, arguments: list[str], env: dict[str, str]) -> "Popen[bytes]":
        """Start it. On a thread that no one interrupts: if the task is cancelled just now, there
        is no process of which nobody knows.
        """
        Thread(target=self._start, args=(arguments, env), daemon=True).start()
        self._is_started.wait()
        if self._failure is not None:
            raise self._failure
        assert self._process is not None
        return self._process

    def _start(self, arguments: list[str], env: dict[str, str]) -> None:
        try:
            self._process = Popen(arguments, env=env, stdin=PIPE, stdout=PIPE, process_group=0)
        except BaseException as exc:  # it is the task's
            self._failure = exc
        self._is_started.set()

    def end(self) -> None:
        """End it and what it has started, unless it has come to its end. Any thread may call it."""
        self._is_started.wait(_PATIENCE_SECONDS)
        process = self._process
        if process is None or process.returncode is not None:
            return
        for demand in (SIGTERM, SIGKILL):  # the second is for what it has left, too
            with suppress(OSError):  # nothing is there, or what is there may not be told
                os.killpg(process.pid, demand)
            with suppress(TimeoutExpired):
                process.wait(_PATIENCE_SECONDS)

    def close(self) -> None:
        """End it, and let go of it."""
        self.end()
        process, self._process = self._process, None
        for stream in () if process is None else (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _exit_code(process: "Popen[bytes]") -> int:
    while True:
        with suppress(TimeoutExpired):
            return process.wait(_LOOK_AGAIN_SECONDS)


def _encoded_line(element: Any) -> bytes:
    return (str(element).rstrip("\n") + "\n").encode("utf-8")


def _exchange(process: "Popen[bytes]", lines_in: Iterator[bytes]) -> Iterator[bytes]:
    """Feed `lines_in` to the process while yielding the lines it writes, without their ends."""
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    os.set_blocking(stdin.fileno(), False)
    unsent = memoryview(b"")
    line_parts: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(stdin, selectors.EVENT_WRITE)
        selector.register(stdout, selectors.EVENT_READ)
        while selector.get_map():
            for ready, _ in selector.select(_LOOK_AGAIN_SECONDS):
                if ready.fileobj is stdout:
                    chunk = os.read(stdout.fileno(), _CHUNK)
                    if not chunk:
                        selector.unregister(stdout)
                        continue
                    first, *further = chunk.split(b"\n")
                    line_parts.append(first)
                    if further:
                        yield from chain([b"".join(line_parts)], further[:-1])
                        line_parts = [further[-1]]
                else:
                    unsent = unsent or _next_input(lines_in)
                    try:
                        unsent = unsent[os.write(stdin.fileno(), unsent) :]
                        finished = False
                    except BrokenPipeError:  # as `head` does: it has read all it wants
                        finished = True
                    if finished or not (unsent or (unsent := _next_input(lines_in))):
                        selector.unregister(stdin)
                        stdin.close()
    if last := b"".join(line_parts):
        yield last


def _next_input(lines: Iterator[bytes]) -> memoryview:
    """Some lines to write at once, or nothing where there are none left."""
    taken = bytearray()
    for line in lines:
        taken += line
        if len(taken) >= _ENOUGH_INPUT:
            break
    return memoryview(taken)
