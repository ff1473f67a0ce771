"""Medians, ratios and the table, from the measurements of one run. Pure: nothing is run here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

START = "<!-- benchmarks:start -->"
END = "<!-- benchmarks:end -->"
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

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def median_seconds(self, workload: str, engine: str) -> float | None:
        found = self.series[workload].get(engine)
        return median(found.seconds) if found and found.seconds else None

    def peak_bytes(self, workload: str, engine: str) -> float | None:
        found = self.series[workload].get(engine)
        return median(found.peak_bytes) if found and found.peak_bytes else None

    def ratio(self, workload: str, slower: str, faster: str) -> float | None:
        """How many times the median of the one is that of the other."""
        a, b = self.median_seconds(workload, slower), self.median_seconds(workload, faster)
        return a / b if a is not None and b else None

    def over_best_loop(self, workload: str, engine: str) -> float | None:
        """The engine's median over that of the faster hand-written version, where it is one."""
        if workload in self.without_goal:
            return None
        ratios = [self.ratio(workload, engine, loop) for loop in LOOPS]
        found = [ratio for ratio in ratios if ratio is not None]
        return max(found) if found else None

    def problems(self) -> list[str]:
        """What failed, and where answers differ: an empty list is a run to be trusted."""
        found = []
        for workload, by_engine in self.series.items():
            answers = {name: set(series.checksums) for name, series in by_engine.items()}
            if len(set().union(*answers.values())) > 1:
                told = ", ".join(f"{name} {' '.join(sorted(a))}" for name, a in answers.items())
                found.append(f"{workload}: different answers: {told}")
            for name, series in by_engine.items():
                if series.failure is not None:
                    found.append(f"{workload} on {name} failed: {series.failure}")
        return found


def time_text(seconds: float | None) -> str:
    """Two or three figures and a unit.

    >>> time_text(0.0000212), time_text(0.0456), time_text(0.456), time_text(12.34)
    ('0.02 ms', '46 ms', '0.46 s', '12.3 s')
    >>> time_text(None)
    '-'
    """
    if seconds is None:
        return "-"
    if seconds < 0.1:
        milliseconds = seconds * 1000
        digits = 0 if milliseconds >= 10 else 1 if milliseconds >= 1 else 2
        return f"{milliseconds:.{digits}f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def ratio_text(ratio: float | None) -> str:
    """
    >>> ratio_text(0.123), ratio_text(4.56), ratio_text(123.4), ratio_text(None)
    ('0.12', '4.6', '123', '-')
    """
    if ratio is None:
        return "-"
    if ratio < 1:
        return f"{ratio:.2f}"
    return f"{ratio:.1f}" if ratio < 20 else f"{ratio:,.0f}"


def memory_text(size: float | None) -> str:
    return "-" if size is None else f"{size / 2**20:,.0f} MiB"


def table(run: Run) -> str:
    """The run as a Markdown table: a row a workload, median seconds and peak memory an engine."""
    times = list(run.engines)
    memories = [engine for engine in times if engine != "loop2"]
    head = ["workload", *(run.engines[engine] for engine in times)]
    ratios = "minispark" in run.engines
    if ratios:
        head += ["PySpark ÷ minispark"] if "pyspark" in run.engines else []
        head += ["minispark ÷ best loop"]
    head += [f"memory, {run.engines[engine]}" for engine in memories]
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for workload in run.series:
        row = [run.titles[workload]]
        row += [time_text(run.median_seconds(workload, engine)) for engine in times]
        if ratios:
            if "pyspark" in run.engines:
                row.append(ratio_text(run.ratio(workload, "pyspark", "minispark")))
            row.append(ratio_text(run.over_best_loop(workload, "minispark")))
        row += [memory_text(run.peak_bytes(workload, engine)) for engine in memories]
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def section(run: Run) -> str:
    """The table and the sentence that says what it shows."""
    about = run.environment
    return (
        f"{table(run)}\n\n"
        f"Medians of {about['rounds']} interleaved rounds on {about['cores']} cores, master "
        f"`{about['master']}`, {about['python']}, {', '.join(about['versions'])}. Every "
        f"measurement in a process of its own, warmed up but for the first row; answers compared "
        f"by checksum. Memory is the peak of the whole process tree, the JVM included. "
        f"`python -m benchmarks` measures anew."
    )


def put_between_markers(text: str, new: str) -> str:
    """Replace what stands between the two markers of the README.

    Raises:
        ValueError: The markers are not there, once each and in order.

    >>> put_between_markers(f"a\\n{START}\\nold\\n{END}\\nb\\n", "new") == (
    ...     f"a\\n{START}\\n\\nnew\\n\\n{END}\\nb\\n"
    ... )
    True
    """
    before, found_start, rest = text.partition(START)
    _old, found_end, after = rest.partition(END)
    if not found_start or not found_end or START in rest or END in after:
        raise ValueError(f"the text needs one line {START} and, further down, one line {END}")
    return f"{before}{START}\n\n{new}\n\n{END}{after}"
