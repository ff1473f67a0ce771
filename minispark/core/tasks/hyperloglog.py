"""HyperLogLog++: how many different numbers there are, about, in little memory.

For `countApproxDistinct`. It is the algorithm of Heule, Nunkesser and Hall, "HyperLogLog in
Practice" (2013), with 64-bit hashes and without their sparse form, as Spark's library (stream-lib)
has it: the same hash, registers, bias correction and thresholds, so the same estimate.
Must not know: RDDs, what the numbers stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, log, log2

from minispark.core.tasks import hyperloglog_bias

_MASK = 0xFFFFFFFFFFFFFFFF
_M = 0xC6A4A7935BD1E995
_SEED = 0xE17A1465

# Below how many elements counting the empty registers is the better estimate, from precision 4 on.
_THRESHOLDS = (
    10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 11500, 20000, 50000, 120000, 350000,
)  # fmt: skip
_ALPHAS = {4: 0.673, 5: 0.697, 6: 0.709}
_NEIGHBOURS = 6

_ENTRY_BYTES = 100
"""About what an entry of a dict of ints takes."""


def precision_of(relative_sd: float) -> int:
    """How many bits of a hash choose its register, for estimates with this standard deviation.

    >>> precision_of(0.05), precision_of(0.5)
    (9, 4)
    """
    return max(4, ceil(2.0 * log2(1.054 / relative_sd)))


def murmur64(data: bytes) -> int:
    """MurmurHash64A with the seed of stream-lib, as an unsigned number.

    >>> murmur64(b"") == murmur64(b"0")
    False
    """
    length = len(data)
    h = _SEED ^ (length * _M & _MASK)
    whole = length & ~7
    for start in range(0, whole, 8):
        k = int.from_bytes(data[start : start + 8], "little") * _M & _MASK
        h = ((h ^ ((k ^ k >> 47) * _M & _MASK)) * _M) & _MASK
    if whole < length:
        h = ((h ^ int.from_bytes(data[whole:], "little")) * _M) & _MASK
    h = ((h ^ h >> 47) * _M) & _MASK
    return h ^ h >> 47


class Sketch:
    """What is remembered of the numbers that were added.

    Registers are kept as a dict while few are in use, else as an array, a byte each.

    Parameters
    ----------
    precision
        there are 2 to this power registers

    >>> sketch = Sketch(9).add_all(range(1000)).add_all(range(500))
    >>> sketch.estimate()
    1006
    """

    def __init__(self, precision: int) -> None:
        self.precision = precision
        self._few: dict[int, int] = {}
        self._all: bytearray | None = None

    def add_all(self, numbers: Iterable[int]) -> Sketch:
        """Add numbers, and give back this sketch."""
        precision = self.precision
        shift, least = 64 - precision, 1 << (precision - 1)
        for number in numbers:
            x = murmur64(b"%d" % number)
            rank = 65 - ((x << precision & _MASK) | least).bit_length()
            self._raise_to(x >> shift, rank)
        return self

    def merge(self, other: Sketch) -> Sketch:
        """Add what another sketch of the same precision has seen, and give back this one."""
        for index, rank in other._in_use():
            self._raise_to(index, rank)
        return self

    def estimate(self) -> int:
        """About how many different numbers were added."""
        m = 1 << self.precision
        used = list(self._in_use())
        empty = m - len(used)
        # The sum of powers of two is exact in any order, so it is that of the array's order.
        alpha = _ALPHAS.get(self.precision, 0.7213 / (1 + 1.079 / m))
        raw = alpha * m * m * (1 / (empty + sum(2.0**-rank for _, rank in used)))
        corrected = raw - _bias(raw, self.precision) if raw <= 5 * m else raw
        counted = m * log(m / empty) if empty else corrected
        if self.precision in hyperloglog_bias.PRECISIONS:
            by_count = counted < _THRESHOLDS[self.precision - 4]
        else:
            by_count = raw <= 5 * m
        return int((counted if by_count else corrected) + 0.5)

    def _raise_to(self, index: int, rank: int) -> None:
        registers = self._all
        if registers is not None:
            if registers[index] < rank:
                registers[index] = rank
        elif self._few.get(index, 0) < rank:
            self._few[index] = rank
            if len(self._few) * _ENTRY_BYTES > 1 << self.precision:
                self._all = bytearray(1 << self.precision)
                for each, its_rank in self._few.items():
                    self._all[each] = its_rank
                self._few.clear()

    def _in_use(self) -> Iterator[tuple[int, int]]:
        if self._all is None:
            return iter(self._few.items())
        return ((index, rank) for index, rank in enumerate(self._all) if rank)


def _bias(raw: float, precision: int) -> float:
    """By how much a raw estimate is too large, from those that were measured nearest to it."""
    if precision not in hyperloglog_bias.PRECISIONS:
        return 0.0
    estimates, elements = hyperloglog_bias.measured(precision)
    by_distance = {(raw - each) ** 2: i for i, each in enumerate(estimates)}
    nearest = [by_distance[distance] for distance in sorted(by_distance)[:_NEIGHBOURS]]
    return sum(estimates[i] - elements[i] for i in nearest) / _NEIGHBOURS
