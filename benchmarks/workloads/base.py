"""What a workload is: one program, written for Spark's API and by hand, with its sizes.

It knows nothing of engines: it is given a context (minispark's or PySpark's) or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

MINISPARK = ("minispark", "minispark-threads", "minispark-processes")  # its engines


def size_is_input(size: int, data: Path) -> Any:
    """The input of a workload that needs no file: its size."""
    return size


@dataclass(frozen=True)
class Workload:
    """One program in all its versions; every version returns the same plain value.

    Attributes:
        name: What `--only` and results.json call it.
        title: What the table calls it; `{size}` is replaced by the size, with thousands marked.
        size: How much of it, in a full run; the workload says what is counted.
        quick_size: The same for `--quick`.
        spark: The program over a SparkContext and the input.
        loop: The same answer by a hand-written loop, in one process.
        loop2: The same over two processes, with a `multiprocessing.Pool` that is already warm.
        input: Makes the input from a size and the data directory; files are made once and kept.
        script: For a workload that is a whole process: its source, with `{module}`,
            `{master}` and `{conf}` (one more argument, or nothing) to fill in. It prints its
            result. `spark` and `loop` are not used then.
        loop_script: The same without any engine.
        master: The master of Spark's version, where it is not the one of the whole run.
        only_on: Names of the only engines that it is for; empty: all of them.
        loop_is_goal: Whether the loop does the work itself. False where the workload is about
            jobs and tasks, of which a loop has none: then the report gives no ratio to it.
        repeats: How often in each round: more than once where engines differ by less than two runs
            of the same engine do.
    """

    name: str
    title: str
    size: int
    quick_size: int
    spark: Callable[[Any, Any], Any] | None = None
    loop: Callable[[Any], Any] | None = None
    loop2: Callable[[Any, Any], Any] | None = None
    input: Callable[[int, Path], Any] = size_is_input
    script: str | None = None
    loop_script: str | None = None
    master: str | None = None
    only_on: tuple[str, ...] = ()
    loop_is_goal: bool = True
    repeats: int = 1

    def is_for(self, engine: str) -> bool:
        return not self.only_on or engine in self.only_on


def halves(n: int) -> list[tuple[int, int]]:
    """The bounds of two ranges that make up range(n): a task for each of two processes.

    >>> halves(5)
    [(0, 2), (2, 5)]
    """
    return [(0, n // 2), (n // 2, n)]


def checksum(result: Any) -> str:
    """A digest of a result that is the same in whatever order an engine lists it.

    >>> checksum([("a", 1), ("b", 2)]) == checksum([("b", 2), ("a", 1)])
    True
    >>> checksum([("a", 1)]) == checksum([("a", 2)])
    False
    """
    if isinstance(result, dict):
        result = list(result.items())
    if isinstance(result, list):
        result = sorted(map(repr, result))
    return sha256(repr(result).encode("utf-8", "surrogatepass")).hexdigest()[:16]
