"""Inside a task: a partition piped through a command of the operating system.

For `RDD.pipe`. One thread does both ends: it writes records while the command takes them and reads
lines while the command gives them, so neither side can block the other, the records are computed in
the task's own thread, and an error among them reaches the task. Needs pipes that a selector can
watch (any POSIX system).
"""

import os
import selectors
import shlex
from collections.abc import Iterable, Iterator
from itertools import chain
from subprocess import PIPE, Popen
from typing import Any, Final

from minispark.errors import PySparkRuntimeError

_CHUNK: Final = 1 << 16
_ENOUGH_INPUT: Final = 1 << 13


def pipe_partition(
    command: str, env: dict[str, str], check_code: bool, _split: int, iterator: Iterable[Any]
) -> Iterator[str]:
    """Start `command`, give it each element as a line, yield each line that it writes."""
    with Popen(shlex.split(command), env=env, stdin=PIPE, stdout=PIPE) as process:
        try:
            for line in _exchange(process, map(_encoded_line, iterator)):
                yield line.decode("utf-8")
            code = process.wait()
        finally:
            process.kill()  # no effect on one that has ended
    if check_code and code:
        raise PySparkRuntimeError(
            errorClass="PIPE_FUNCTION_EXITED",
            messageParameters={"func_name": command, "error_code": str(code)},
        )


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
            for ready, _ in selector.select():
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
