"""The times of a run as an SVG: a row a workload, a mark an engine, a logarithmic scale. Pure.

It has a ground of its own and follows the reader's light or dark mode.
"""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

from benchmarks.report import ratio_text
from benchmarks.results import LOOPS, Run

LABELS, PLOT, RATIOS, MARGIN = 400, 480, 105, 16  # widths of the three columns, and around them
ROW, HEAD, FOOT = 24, 74, 14

STYLE = """\
text { font: 12.5px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.soft { fill: #59636e }
.head { font-weight: 600; font-size: 14px }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #e3e8ee }
.span { stroke: #b8c1cb; stroke-width: 2 }
.minispark { fill: #0a66d8 }
.pyspark { fill: #d9580d }
.loop { fill: #178a4c }
.other { fill: none; stroke: #7d8590; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.soft { fill: #9198a1 }
.ground { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #262c34 }
.span { stroke: #4a525c }
.minispark { fill: #4c9bff }
.pyspark { fill: #ff8a3d }
.loop { fill: #3fbf77 }
.other { stroke: #8b949e }
}
"""


def mark(engine: str, x: float, y: float) -> str:
    """The sign of an engine: they differ in shape as well as in colour."""
    if engine == "minispark":
        return f'<circle class="minispark" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>'
    if engine == "pyspark":
        return f'<path class="pyspark" d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5l-6.5 6.5l-6.5-6.5z"/>'
    if engine == "loop":
        return f'<rect class="loop" x="{x - 1.75:.1f}" y="{y - 8:.1f}" width="3.5" height="16"/>'
    if engine == "dask":
        return f'<rect class="other" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'
    return f'<circle class="other" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def marks(run: Run, workload: str) -> dict[str, float]:
    """Seconds by what has a mark in the row: an engine, or `loop`, the faster of the loops."""
    found = {}
    for engine in ("pysparkling", "dask", "pyspark", "minispark"):
        seconds = run.median_seconds(workload, engine)
        if seconds is not None and not run.wrong(workload, engine):
            found[engine] = seconds
    if workload not in run.without_goal:
        loops = [run.median_seconds(workload, loop) for loop in LOOPS]
        if times := [seconds for seconds in loops if seconds is not None]:
            found["loop"] = min(times)
    return found


def seconds_text(power: int) -> str:
    """
    >>> seconds_text(-2), seconds_text(0), seconds_text(2)
    ('10 ms', '1 s', '100 s')
    """
    return f"{10 ** (power + 3)} ms" if power < 0 else f"{10**power} s"


def chart(run: Run) -> str:
    """The whole file. A run without any time gives an empty chart."""
    rows = {workload: marks(run, workload) for workload in run.series}
    times = [seconds for row in rows.values() for seconds in row.values()] or [1.0]
    low, high = floor(log10(min(times))), ceil(log10(max(times)))
    high = max(high, low + 1)
    width = MARGIN + LABELS + PLOT + RATIOS + MARGIN
    bottom = HEAD + ROW * len(rows)
    left = float(MARGIN + LABELS)

    def place(seconds: float) -> float:
        return left + PLOT * (log10(seconds) - low) / (high - low)

    parts = [
        f'<rect class="ground" x="0.5" y="0.5" rx="8" width="{width - 1}" '
        f'height="{bottom + FOOT - 1}"/>',
        text(MARGIN, 28, "Time of each workload, logarithmic scale", "head"),
    ]
    x = left
    names = {**run.engines, "loop": "faster loop, by hand"}
    for engine in ("minispark", "pyspark", "loop", "pysparkling", "dask"):
        if any(engine in row for row in rows.values()):
            parts += [mark(engine, x + 6, 24), text(x + 17, 28, names[engine])]
            x += 34 + 6.6 * len(names[engine])
    for power in range(low, high + 1):
        x = place(10.0**power)
        parts.append(f'<path class="grid" d="M{x:.1f} {HEAD - 12}V{bottom}"/>')
        parts.append(text(x, HEAD - 18, seconds_text(power), "soft", "middle"))
    if run.has("minispark") and run.has("pyspark"):
        parts.append(text(width - MARGIN, HEAD - 32, "PySpark ÷", "soft", "end"))
        parts.append(text(width - MARGIN, HEAD - 18, "minispark", "soft", "end"))
    for row_number, (workload, row) in enumerate(rows.items()):
        y = HEAD + ROW * (row_number + 0.5)
        parts.append(text(left - 14, y + 4, run.titles[workload], anchor="end"))
        if {"minispark", "pyspark"} <= row.keys():
            ends = sorted(place(row[engine]) for engine in ("minispark", "pyspark"))
            parts.append(f'<path class="span" d="M{ends[0]:.1f} {y:.1f}H{ends[1]:.1f}"/>')
            ratio = ratio_text(row["pyspark"] / row["minispark"])
            parts.append(text(width - MARGIN, y + 4, ratio, anchor="end"))
        parts += [mark(engine, place(seconds), y) for engine, seconds in row.items()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + FOOT}" '
        f'viewBox="0 0 {width} {bottom + FOOT}">\n<style>\n{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
