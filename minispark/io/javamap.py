"""The order of a Java HashMap: a dict that went through Spark's JVM comes back in it.

For Writables. Spark makes a HashMap of a dict before it writes it, and another when it reads it;
in both, keys lie by their hash. Must not know: how keys are written.

Not followed is what Java does with eight keys and more in one bucket of a large map: it makes a
tree of them, whose order may be another one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

Hash = Callable[[Any], int]


def java_hash(key: Any) -> int:
    """Java's `hashCode` of what Spark makes of a key.

    >>> java_hash("ab"), java_hash(7), java_hash(1.5), java_hash(None)
    (3105, 7, 1073217536, 0)
    """
    if key is None:
        return 0
    if isinstance(key, bool):
        return 1231 if key else 1237
    if isinstance(key, int):
        # Java shifts a long's sign in from the left only where it is no int.
        bits = key & 0xFFFFFFFFFFFFFFFF
        is_int = -(1 << 31) <= key < 1 << 31
        return bits & 0xFFFFFFFF if is_int else (bits ^ bits >> 32) & 0xFFFFFFFF
    if isinstance(key, float):
        bits = int.from_bytes(_double(key), "big")
        return (bits ^ bits >> 32) & 0xFFFFFFFF
    if isinstance(key, str):
        code = 0
        units = key.encode("utf-16-be", "surrogatepass")
        for at in range(0, len(units), 2):
            code = (31 * code + (units[at] << 8 | units[at + 1])) & 0xFFFFFFFF
        return code
    return 0  # an array: in Java the hash of its address, which says nothing


def writable_hash(key: Any) -> int:
    """`hashCode` of the Writable that Spark makes of a key.

    >>> writable_hash("ab"), writable_hash(True)
    (4066, 0)
    """
    if key is None:
        return 0
    if isinstance(key, bool):
        return 0 if key else 1
    if isinstance(key, int):
        return key & 0xFFFFFFFF
    if isinstance(key, float):
        return int.from_bytes(_double(key)[4:], "big")
    if isinstance(key, str):
        key = key.encode("utf-8", "surrogatepass")
    if isinstance(key, bytes | bytearray):
        code = 1
        for byte in key:
            code = (31 * code + (byte - (byte >> 7 << 8))) & 0xFFFFFFFF
        return code
    return 0


def hash_order(keys: Sequence[Any], hash_of: Hash, capacity: int = 16) -> list[Any]:
    """The keys of a HashMap into which `keys` were put one by one, in the map's own order.

    >>> hash_order([17, 1, 0, 16], java_hash)
    [0, 16, 17, 1]
    """
    capacity = grown(capacity, len(keys))

    def bucket(key: Any) -> int:
        code = hash_of(key)
        return (code ^ code >> 16) & (capacity - 1)

    return sorted(keys, key=bucket)  # keys of one bucket stay as they came


def grown(capacity: int, size: int) -> int:
    """How large a table is once `size` keys are in it: it doubles when it is three quarters full.

    >>> grown(16, 12), grown(16, 13)
    (16, 32)
    """
    while size > capacity * 3 // 4:
        capacity *= 2
    return capacity


def unpickled_order(keys: Sequence[Any]) -> list[Any]:
    """The order that Spark's JVM finds the keys of a pickled dict in.

    Its unpickler takes the items of a pickle from the last to the first, a thousand at a time.
    """
    capacity = 0
    order: list[Any] = []
    for start in range(0, len(keys), 1000):
        batch = hash_order(keys[start : start + 1000][::-1], java_hash)
        if capacity == 0:
            capacity = _power_of_two(int(len(batch) / 0.75 + 1.0))
        capacity = grown(capacity, len(batch))
        order = hash_order([*order, *batch], java_hash, capacity)
    return order


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def _double(value: float) -> bytes:
    # Java knows one NaN only.
    return struct.pack(">d", value if value == value else float("nan"))
