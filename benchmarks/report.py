"""What a run tells its reader: tables in Markdown, the README's section. Pure: nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.growth import Growth
from benchmarks.results import LOOPS, Run

START = "<!-- benchmarks:start -->"
END = "<!-- benchmarks:end -->"
CHART = "benchmarks/chart.svg"
FIRST = ("minispark", "pyspark", "loop", "loop2")  # in the README's first table


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
    >>> ratio_text(1.25)
    '1.25'
    """
    if ratio is None:
        return "-"
    if ratio < 2:
        return f"{ratio:.2f}"
    return f"{ratio:.1f}" if ratio < 20 else f"{ratio:,.0f}"


def memory_text(size: float | None) -> str:
    return "-" if size is None else f"{size / 2**20:,.0f} MiB"


def cell(run: Run, workload: str, engine: str) -> str:
    """The median time, or why there is none to be told."""
    if run.wrong(workload, engine):
        return "wrong"
    found = run.series[workload].get(engine)
    if found is not None and found.failure is not None:
        return "failed"
    return time_text(run.median_seconds(workload, engine))


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table: the first row is its head, the first column its names."""
    head, *body = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def table(run: Run, engines: Sequence[str]) -> str:
    """Median times on these engines, minispark's ratios, and peak memory, but for the loops."""
    sized = [engine for engine in engines if engine not in LOOPS]
    ours, theirs = "minispark" in engines, "pyspark" in engines
    head = ["workload", *(run.engines[engine] for engine in engines)]
    head += ["PySpark ÷ minispark"] if ours and theirs else []
    head += ["minispark ÷ faster loop"] if ours else []
    head += [f"memory, {run.engines[engine]}" for engine in sized]
    rows = [head]
    for workload in run.series:
        row = [run.titles[workload], *(cell(run, workload, engine) for engine in engines)]
        if ours and theirs:
            row.append(ratio_text(run.ratio(workload, "pyspark", "minispark")))
        if ours:
            row.append(ratio_text(run.over_best_loop(workload, "minispark")))
        row += [memory_text(run.peak_bytes(workload, engine)) for engine in sized]
        rows.append(row)
    return markdown(rows)


def growth_table(growth: Sequence[Growth], titles: dict[str, str]) -> str:
    """Times and peak memory for each size, and by which power of the size the time grows."""
    sizes = sorted({size for found in growth for size in found.seconds})
    head = ["records", *(f"{size / 1e6:g} million" for size in sizes), "time grows as"]
    rows = [head]
    for found in growth:
        row = [f"{found.workload} on {titles.get(found.engine, found.engine)}"]
        for size in sizes:
            if size in found.seconds:
                seconds, peak = median(found.seconds[size]), median(found.peak_bytes[size])
                row.append(f"{time_text(seconds)}, {memory_text(peak)}")
            else:
                row.append("-")
        rows.append([*row, f"n^{found.exponent():.2f}" if len(found.seconds) > 1 else "-"])
    return markdown(rows)


def _more_rounds(run: Run) -> str:
    """Which workloads were run more often than that, in words."""
    often: dict[int, list[str]] = {}
    for name, engines in run.series.items():
        times = max(len(series.seconds) for series in engines.values())
        if times > run.environment["rounds"]:
            often.setdefault(times, []).append(name)
    return "".join(f" ({' and '.join(names)}: of {times})" for times, names in often.items())


def section(run: Run, growth: Sequence[Growth]) -> str:
    """The README's section: the chart, the table, what it shows; the other engines folded away."""
    about = run.environment
    mean = run.geometric_mean("pyspark", "minispark")
    others = [engine for engine in run.engines if engine not in FIRST and run.has(engine)]
    parts = [
        f"PySpark takes {ratio_text(mean)} times as long (geometric mean of what follows).",
        f"![Times of all workloads on a logarithmic scale]({CHART})",
        table(run, [engine for engine in FIRST if run.has(engine)]),
        f"Medians of {about['rounds']} interleaved rounds{_more_rounds(run)} on "
        f"{about['cores']} cores, master "
        f"`{about['master']}`, {about['python']}, {', '.join(about['versions'])}. Every "
        f"measurement in a process of its own, warmed up but for the first row; answers compared "
        f"by checksum. Memory is the peak of the whole process tree, the JVM included. The loops "
        f"are written by hand, with the functions inlined. `python -m benchmarks` measures anew.",
    ]
    if others:
        parts += [
            "<details><summary>Other executors, other engines</summary>",
            table(run, others),
            "</details>",
        ]
    if growth:
        parts += [
            "Cost by size (`python -m benchmarks.scaling`):",
            growth_table(growth, run.engines),
        ]
    return "\n\n".join(parts)


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
