"""Where Hadoop cuts a text file, for the model."""

from __future__ import annotations


def text_partitions(data: bytes, wanted: int) -> list[list[str]]:
    """Split a file as Hadoop's FileInputFormat does; a split has the lines that start in it."""
    goal = len(data) // max(wanted, 1)
    size = max(1, min(goal, 32 << 20))
    splits: list[tuple[int, int]] = []
    at = 0
    while (len(data) - at) / size > 1.1:
        splits.append((at, at + size))
        at += size
    if at < len(data):
        splits.append((at, len(data)))

    lines: list[tuple[int, str]] = []
    begin = 0
    while begin < len(data):
        end = min((p for p in (data.find(b"\n", begin), data.find(b"\r", begin)) if p >= 0),
                  default=len(data))  # fmt: skip
        lines.append((begin, data[begin:end].decode()))
        begin = end + (2 if data[end : end + 2] == b"\r\n" else 1)
    return [
        [line for start, line in lines if (low < start or low == start == 0) and start <= high]
        for low, high in splits
    ]
