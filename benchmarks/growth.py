"""How time and memory grow with the number of records. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import log
from statistics import median
from typing import Any

NOISE = 1.1  # what two measurements of the same may differ by
FLAT = 1.5  # memory that grows by less, while records grow sixteenfold, has a bound
COMPARES = ("sort",)  # workloads that may grow as n log n


@dataclass
class Growth:
    """One workload on one engine at several sizes: all rounds of each, sizes in ascending order."""

    workload: str
    engine: str
    seconds: dict[int, list[float]] = field(default_factory=dict)
    peak_bytes: dict[int, list[int]] = field(default_factory=dict)

    def add(self, size: int, seconds: float, peak_bytes: int) -> None:
        self.seconds.setdefault(size, []).append(seconds)
        self.peak_bytes.setdefault(size, []).append(peak_bytes)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(found: dict[str, Any]) -> Growth:
        """
        >>> growth = Growth("sort", "minispark", {1: [1.0]}, {1: [5]})
        >>> import json
        >>> Growth.from_json(json.loads(json.dumps(growth.as_json()))) == growth
        True
        """
        by_size = {
            part: {int(size): values for size, values in found[part].items()}
            for part in ("seconds", "peak_bytes")
        }
        return Growth(found["workload"], found["engine"], **by_size)

    def ends(self) -> tuple[int, int]:
        return min(self.seconds), max(self.seconds)

    def sizes_text(self) -> str:
        """
        >>> Growth("sort", "", {1_000_000: [1.0], 16_000_000: [20.0]}).sizes_text()
        '1 to 16 million'
        """
        first, last = self.ends()
        return f"{first / 1e6:g} to {last / 1e6:g} million"

    def time_factor(self) -> float:
        """The median of the largest size over that of the smallest."""
        first, last = self.ends()
        return median(self.seconds[last]) / median(self.seconds[first])

    def memory_factor(self) -> float:
        first, last = self.ends()
        return median(self.peak_bytes[last]) / median(self.peak_bytes[first])

    def exponent(self) -> float:
        """The e of "time grows as records to the power of e".

        >>> round(Growth("wordcount", "", {1: [1.0], 16: [8.0]}).exponent(), 3)
        0.75
        """
        first, last = self.ends()
        return log(self.time_factor()) / log(last / first)

    def time_bound(self) -> float:
        """The largest factor that is linear, or n log n for a sort, but for noise.

        >>> round(Growth("wordcount", "", {1: [1.0], 16: [8.0]}).time_bound(), 3)
        17.6
        """
        first, last = self.ends()
        compares = log(last) / log(first) if self.workload in COMPARES else 1.0
        return last / first * compares * NOISE
