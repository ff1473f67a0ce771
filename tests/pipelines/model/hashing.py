"""Where Spark's Python workers put a key: Python's hashes under PYTHONHASHSEED=0, in plain Python.

For the model; independent of the process's own hash seed and of any engine. Numbers hash alike in
every process, so the built-in `hash` serves for them.
"""

from __future__ import annotations

import datetime
from typing import Any

_M64 = (1 << 64) - 1


def _rotate(x: int, bits: int) -> int:
    return ((x << bits) | (x >> (64 - bits))) & _M64


def siphash13(data: bytes) -> int:
    """SipHash-1-3 of `data` with a zero key, as an unsigned 64-bit number."""
    v = [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573]

    def step() -> None:
        v[0] = (v[0] + v[1]) & _M64
        v[2] = (v[2] + v[3]) & _M64
        v[1] = _rotate(v[1], 13) ^ v[0]
        v[3] = _rotate(v[3], 16) ^ v[2]
        v[0] = _rotate(v[0], 32)
        v[2] = (v[2] + v[1]) & _M64
        v[0] = (v[0] + v[3]) & _M64
        v[1] = _rotate(v[1], 17) ^ v[2]
        v[3] = _rotate(v[3], 21) ^ v[0]
        v[2] = _rotate(v[2], 32)

    whole = len(data) - len(data) % 8
    tail = int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56
    blocks = [int.from_bytes(data[i : i + 8], "little") for i in range(0, whole, 8)]
    for block in [*blocks, tail]:
        v[3] ^= block
        step()
        v[0] ^= block
    v[2] ^= 0xFF
    for _ in range(3):
        step()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _signed(x: int) -> int:
    x &= _M64
    return x - (1 << 64) if x >> 63 else x


def _of_bytes(data: bytes) -> int:
    if not data:
        return 0
    found = _signed(siphash13(data))
    return -2 if found == -1 else found


def _of_str(text: str) -> int:
    widest = max(map(ord, text), default=0)
    if widest < 0x100:
        return _of_bytes(text.encode("latin-1"))
    wide = "utf-16-le" if widest < 0x10000 else "utf-32-le"
    return _of_bytes(text.encode(wide, "surrogatepass"))


def _of_frozenset(items: frozenset[Any]) -> int:
    def shuffled(h: int) -> int:
        return (((h ^ 89869747) ^ (h << 16)) * 3644798167) & _M64

    mixed = 0
    for item in items:
        mixed ^= shuffled(seeded_hash(item) & _M64)
    mixed ^= ((len(items) + 1) * 1927868237) & _M64
    mixed ^= (mixed >> 11) ^ (mixed >> 25)
    mixed = (mixed * 69069 + 907133923) & _M64
    return _signed(590923713 if mixed == _M64 else mixed)


def seeded_hash(value: Any) -> int:
    """`hash(value)` as a process with PYTHONHASHSEED=0 computes it."""
    match value:
        case str():
            return _of_str(value)
        case bytes():
            return _of_bytes(value)
        case int() | float():
            return hash(value)
        case frozenset():
            return _of_frozenset(value)
        case datetime.date():
            return _of_bytes(value.year.to_bytes(2, "big") + bytes([value.month, value.day]))
    raise TypeError(f"the model does not know the hash of {type(value).__name__}")


def portable_hash(key: Any) -> int:
    """Spark's hash of a key: None is 0, a tuple mixes its elements' hashes, the rest as Python."""
    if key is None:
        return 0
    if not isinstance(key, tuple):
        return seeded_hash(key)
    mixed = 0x345678
    for item in key:
        mixed = ((mixed ^ portable_hash(item)) * 1000003) & ((1 << 63) - 1)
    mixed ^= len(key)
    return -2 if mixed == -1 else mixed
