"""What one run measured, and what follows from it: medians, ratios, wrong answers. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import exp, log
from statistics import mean, median
from typing import Any

LOOPS = ("loop", "loop2")


@dataclass
class Series:
    """All rounds of one workload on one engine."""

    seconds: list[float] = field(default_factory=list)
    peak_bytes: list[int] = field(default_factory=list)
    checksums: list[str] = field(default_factory=list)
    failure: str | None = None


@dataclass
class Run:
    """All that one run measured: `series[workload][engine]`, and on what."""

    environment: dict[str, Any]
    titles: dict[str, str]
    engines: dict[str, str]
    series: dict[str, dict[str, Series]]
    without_goal: list[str] = field(default_factory=list)  # workloads not to be held to their loop
    optional: list[str] = field(default_factory=list)  # engines that may be wrong

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(found: dict[str, Any]) -> Run:
        """
        >>> run = Run({}, {"w": "W"}, {}, {"w": {"loop": Series([1.0], [2], ["a"])}})
        >>> Run.from_json(run.as_json()) == run
        True
        """
        series = {
            workload: {engine: Series(**measured) for engine, measured in by_engine.items()}
            for workload, by_engine in found["series"].items()
        }
        return Run(**{**found, "series": series})

    def has(self, engine: str) -> bool:
        """Whether anything was measured on it."""
        return any(
            engine in by_engine and by_engine[engine].seconds for by_engine in self.series.values()
        )

    def median_seconds(self, workload: str, engine: str) -> float | None:
        found = self.series.get(workload, {}).get(engine)
        return median(found.seconds) if found and found.seconds else None

    def peak_bytes(self, workload: str, engine: str) -> float | None:
        found = self.series.get(workload, {}).get(engine)
        return median(found.peak_bytes) if found and found.peak_bytes else None

    def ratio(self, workload: str, slower: str, faster: str) -> float | None:
        """How many times the median of the one is that of the other."""
        a, b = self.median_seconds(workload, slower), self.median_seconds(workload, faster)
        return a / b if a is not None and b else None

    def memory_ratio(self, workload: str, larger: str, smaller: str) -> float | None:
        a, b = self.peak_bytes(workload, larger), self.peak_bytes(workload, smaller)
        return a / b if a is not None and b else None

    def over_best_loop(self, workload: str, engine: str) -> float | None:
        """The engine's median over that of the faster hand-written version, where it is one."""
        if workload in self.without_goal:
            return None
        ratios = [self.ratio(workload, engine, loop) for loop in LOOPS]
        found = [ratio for ratio in ratios if ratio is not None]
        return max(found) if found else None

    def geometric_mean(self, slower: str, faster: str) -> float | None:
        """Of the ratios of all workloads that both ran."""
        ratios = [self.ratio(workload, slower, faster) for workload in self.series]
        found = [ratio for ratio in ratios if ratio is not None]
        return exp(mean(map(log, found))) if found else None

    def answers(self, workload: str) -> set[str]:
        """The checksums of the engines that have to be right: one, if all is well."""
        return {
            checksum
            for engine, series in self.series[workload].items()
            if engine not in self.optional
            for checksum in series.checksums
        }

    def wrong(self, workload: str, engine: str) -> bool:
        """Whether an optional engine gave another answer than those that have to be right."""
        found, right = self.series[workload].get(engine), self.answers(workload)
        return engine in self.optional and bool(found and right and set(found.checksums) - right)

    def problems(self) -> list[str]:
        """What failed, and where answers differ: an empty list is a run to be trusted."""
        found = []
        for workload, by_engine in self.series.items():
            needed = {name: s for name, s in by_engine.items() if name not in self.optional}
            if len(self.answers(workload)) > 1:
                told = ", ".join(
                    f"{name} {' '.join(sorted(set(series.checksums)))}"
                    for name, series in needed.items()
                )
                found.append(f"{workload}: different answers: {told}")
            for name, series in needed.items():
                if series.failure is not None:
                    found.append(f"{workload} on {name} failed: {series.failure}")
        return found
