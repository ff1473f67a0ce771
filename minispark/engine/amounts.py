"""Amounts of bytes as text, as Spark writes them."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def bytes_text(size: int) -> str:
    """An amount in the largest unit of which it has two.

    >>> bytes_text(2047), bytes_text(2560), bytes_text(1 << 30)
    ('2047.0 B', '2.5 KiB', '1024.0 MiB')
    """
    power = min(max(size.bit_length() - 2, 0) // 10, len(_UNITS) - 1)
    unit = 1 << 10 * power
    tenths = (20 * size + unit) // (2 * unit)  # a half is rounded up, as in Java
    return f"{tenths // 10}.{tenths % 10} {_UNITS[power]}"
