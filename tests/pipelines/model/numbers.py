"""Statistics, histograms and the estimate of distinct elements, for the model."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_M64 = (1 << 64) - 1


@dataclass
class Moments:
    """Count, mean and sum of squared differences, added up in Spark's way (it shows in floats)."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Moments:
        found = cls()
        for x in numbers:
            before = x - found.mean
            found.n += 1
            found.mean += before / found.n
            found.squares += before * (x - found.mean)
            found.low, found.high = min(found.low, x), max(found.high, x)
        return found

    def plus(self, other: Moments) -> Moments:
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        n, apart = self.n + other.n, other.mean - self.mean
        if other.n * 10 < self.n:
            mean = self.mean + apart * other.n / n
        elif self.n * 10 < other.n:
            mean = other.mean - apart * self.n / n
        else:
            mean = (self.mean * self.n + other.mean * other.n) / n
        squares = self.squares + (other.squares + apart * apart * self.n * other.n / n)
        return Moments(n, mean, squares, min(self.low, other.low), max(self.high, other.high))

    def variance(self, sample: bool = False) -> float:
        n = self.n - 1 if sample else self.n
        return self.squares / n if n > 0 else math.nan


def even_buckets(low: Any, high: Any, n: int) -> tuple[list[Any], Any]:
    """The bounds of `n` buckets alike, of ints where they come out even, and their width."""
    width: Any = (high - low) / n
    if math.isinf(width):
        raise ValueError("infinite")
    width = int(width)
    if width * n != high - low:
        width = (high - low) * 1.0 / n
    return [i * width + low for i in range(n)] + [high], width


def width_of(bounds: list[Any]) -> Any:
    """The width of buckets that are alike, else None."""
    if isinstance(bounds[0], str):
        return None
    steps = [after - before for before, after in itertools.pairwise(bounds)]
    if max(steps) - min(steps) >= 1e-10:
        return None
    return (bounds[-1] - bounds[0]) / len(steps)


def bucket_counts(values: Iterable[Any], bounds: list[Any], width: Any) -> list[int]:
    """How many values each bucket has; the last one has its upper bound too."""
    counts = [0] * (len(bounds) - 1)
    for x in values:
        if bounds[0] <= x <= bounds[-1]:
            at = (
                bisect.bisect_right(bounds, x) - 1
                if width is None
                else int((x - bounds[0]) / width)
            )
            counts[min(at, len(counts) - 1)] += 1
    return counts


def distinct_estimate(hashes: Iterable[int], sd: float) -> int:
    """HyperLogLog++ where few registers are taken: then it counts the empty ones."""
    bits = max(4, math.ceil(2 * math.log(1.054 / sd) / math.log(2)))
    taken = {_murmur64(str(h).encode()) >> (64 - bits) for h in hashes}
    size = 1 << bits
    return round(size * math.log(size / (size - len(taken))))


def _murmur64(data: bytes) -> int:
    """MurmurHash64A as stream-lib has it: of the text of a number."""
    m = 0xC6A4A7935BD1E995
    h = 0xE17A1465 ^ (len(data) * m & _M64)
    for at in range(0, len(data) - len(data) % 8, 8):
        k = int.from_bytes(data[at : at + 8], "little") * m & _M64
        k = (k ^ k >> 47) * m & _M64
        h = (h ^ k) * m & _M64
    if rest := data[len(data) - len(data) % 8 :]:
        h = (h ^ int.from_bytes(rest, "little")) * m & _M64
    h = (h ^ h >> 47) * m & _M64
    return h ^ h >> 47
