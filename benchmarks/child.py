"""One workload on one engine, in this process: `python -m benchmarks.child '{...}'`.

The request comes as JSON and the answer goes as JSON to the file that the request names, since an
engine may print what it likes. Nothing is imported here that would count as an engine's memory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.engines import ENGINES
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.base import checksum


def high_water_mark(status: Path) -> int:
    """The kernel's own peak of one process, in bytes, from its /proc/*/status; 0 without one."""
    try:
        text = status.read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def main(request: dict[str, str | int]) -> None:
    workload = WORKLOADS[str(request["workload"])]
    engine = ENGINES[str(request["engine"])]
    value = workload.input(int(request["size"]), Path(str(request["data"])))
    seconds, result = engine.run(workload, value, str(request["master"]))
    answer = {
        "seconds": seconds,
        "peak_bytes": high_water_mark(Path("/proc/self/status")),
        "checksum": checksum(result),
    }
    Path(str(request["answer"])).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
