"""`python -m benchmarks.caching`: two RDDs, each larger than storage memory, at each level.

They are read in turn, so that each drives the other out of memory. Prints of each level whether all
answers were right, how often a partition was computed, what is where in the end, what was evicted,
and the peak memory of the process tree; the first line is without a cache.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from time import perf_counter
from typing import NamedTuple

from benchmarks.measure import ROOT
from benchmarks.memory import PeakMemory

LEVELS = (
    "NONE",
    "MEMORY_ONLY",
    "MEMORY_ONLY_2",
    "MEMORY_AND_DISK",
    "MEMORY_AND_DISK_2",
    "MEMORY_AND_DISK_DESER",
    "DISK_ONLY",
    "DISK_ONLY_2",
    "DISK_ONLY_3",
    "OFF_HEAP",
)
PARTITIONS = 16
RECORD = 1 << 10


class Measured(NamedTuple):
    """What came of one level. Sizes are in MiB."""

    level: str
    are_right: bool
    seconds: float
    computed: int
    """How often a partition was computed, of both RDDs."""
    cached: int
    in_memory: float
    on_disk: float
    evicted: int
    peak: float

    def line(self) -> str:
        return (
            f"{self.level:22}{'right' if self.are_right else 'WRONG':>8}{self.seconds:9.1f}"
            f"{self.computed:10}{self.cached:8}{self.in_memory:11.1f}{self.on_disk:9.1f}"
            f"{self.evicted:9}{self.peak:10.0f}"
        )


HEAD = (
    f"{'level':22}{'answers':>8}{'seconds':>9}{'computed':>10}{'cached':>8}{'in memory':>11}"
    f"{'on disk':>9}{'evicted':>9}{'peak MiB':>10}"
)


def measure(level: str, memory: int, times: float, master: str = "local[2]") -> Measured:
    """One level with so many MiB of storage memory, and RDDs so many times as large."""
    arguments = [level, str(memory), str(times), master]
    command = [sys.executable, "-m", "benchmarks.caching", "--child", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = PeakMemory(process.pid)
    out, _ = process.communicate()
    found = peak.stop()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}")
    return Measured(level, **json.loads(out), peak=found / 2**20)


def child(level: str, memory: int, times: float, master: str) -> None:
    """What :func:`measure` starts: prints what it found as JSON."""
    from minispark import SparkConf, SparkContext, StorageLevel
    from minispark.engine.events import BlockEvicted, Event

    evicted = 0

    def count(event: Event) -> None:
        nonlocal evicted
        evicted += isinstance(event, BlockEvicted)

    records = int(memory * 2**20 * times) // RECORD
    conf = SparkConf().set("spark.memory.fraction", str(memory / (1024 - 300)))
    with SparkContext(master, "caching", conf=conf) as sc:
        sc._engine.events.add_listener(count)
        computed = sc.accumulator(0)

        def block(n: int) -> bytes:
            return n.to_bytes(8, "big") * (RECORD // 8)

        def make(numbers: object) -> object:
            computed.add(1)
            return ((n, block(n)) for n in numbers)  # type: ignore[attr-defined]

        def check(record: tuple[int, bytes]) -> int:
            n, data = record
            return n if data == block(n) else -(2**60)

        storage = getattr(StorageLevel, level)
        two = [sc.parallelize(range(records), PARTITIONS).mapPartitions(make) for _ in range(2)]
        start = perf_counter()
        for rdd in two:
            rdd.persist(storage)
        sums = [rdd.map(check).sum() for _ in range(3) for rdd in two]
        seconds = perf_counter() - start
        cached = sc._engine.cached()
        answer = {
            "are_right": set(sums) == {records * (records - 1) // 2},
            "seconds": seconds,
            "computed": computed.value,
            "cached": sum(each.cached_partitions for each in cached),
            "in_memory": sum(each.memory_size for each in cached) / 2**20,
            "on_disk": sum(each.disk_size for each in cached) / 2**20,
            "evicted": evicted,
        }
    print(json.dumps(answer))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.caching", description=HEAD)
    parser.add_argument("--memory", type=int, default=64, help="MiB of storage memory; default 64")
    parser.add_argument("--times", type=float, default=4, help="size of an RDD over it; default 4")
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--master", default="local[2]")
    options = parser.parse_args(argv)
    print(HEAD)
    found = []
    for level in options.levels:
        found.append(measure(level, options.memory, options.times, options.master))
        print(found[-1].line(), flush=True)
    return 0 if all(each.are_right for each in found) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
    else:
        sys.exit(main())
