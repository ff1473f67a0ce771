"""A machine that has other things to do, so that what depends on time shows.

For the runs of a program that are to differ where they can. Must not know: which runs these are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_WORK = """
import os
parent = os.getppid()
while os.getppid() == parent:
    sum(range(10_000))
"""
_FOR_EACH_CPU = 2


@contextmanager
def busy_machine(level: int) -> Iterator[None]:
    """Keep all processors busy in the meantime, with processes that end with this one.

    At level 0 there are none, and at each further one more.
    """
    words = [sys.executable, "-I", "-c", _WORK]
    number = level * _FOR_EACH_CPU * (os.cpu_count() or 1)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(number):
            workers.append(subprocess.Popen(words, stdin=subprocess.DEVNULL))
        yield
    finally:
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.wait()
