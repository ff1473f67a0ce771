"""The JVM's random numbers that decide where Spark puts things, for the model."""

from __future__ import annotations

_M32 = (1 << 32) - 1
_M64 = (1 << 64) - 1


def _int32(x: int) -> int:
    x &= _M32
    return x - (1 << 32) if x >> 31 else x


def _bounded(draw: int, bound: int) -> int | None:
    """Fold 31 random bits into [0, bound), or None where java.util.Random would draw again."""
    if bound & (bound - 1) == 0:
        return (bound * draw) >> 31
    rest = draw % bound
    return None if _int32(draw - rest + bound - 1) < 0 else rest


class JavaRandom:
    """java.util.Random: a linear congruential generator of 48 bits."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next_int(self, bound: int) -> int:
        while True:
            self._state = (self._state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
            found = _bounded(self._state >> 17, bound)
            if found is not None:
                return found


def _murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3 x86 32-bit of `data` (a multiple of 4 bytes long)."""
    h = seed
    for i in range(0, len(data), 4):
        k = int.from_bytes(data[i : i + 4], "little") * 0xCC9E2D51 & _M32
        k = (k << 15 | k >> 17) & _M32
        h ^= k * 0x1B873593 & _M32
        h = (h << 13 | h >> 19) & _M32
        h = (h * 5 + 0xE6546B64) & _M32
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & _M32
    h = (h ^ h >> 13) * 0xC2B2AE35 & _M32
    return h ^ h >> 16


class XorShiftRandom:
    """Spark's XORShiftRandom."""

    def __init__(self, seed: int) -> None:
        data = seed.to_bytes(8, "big", signed=True)
        low = _murmur3(data, 0x3C074A61)
        self._state = _murmur3(data, low) << 32 | low

    def next_int(self, bound: int) -> int:
        while True:
            s = self._state
            s ^= (s << 21) & _M64
            s ^= s >> 35
            s ^= (s << 4) & _M64
            self._state = s
            found = _bounded(s & 0x7FFFFFFF, bound)
            if found is not None:
                return found
