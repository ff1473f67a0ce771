"""Where Hadoop cuts a text file, for the model."""

from __future__ import annotations


def text_partitions(data: bytes, wanted: int) -> list[list[str]]:
    """Split a file as Hadoop's FileInputFormat does; a split has the lines that start in it."""
    return files_partitions([data], wanted)


def files_partitions(files: list[bytes], wanted: int) -> list[list[str]]:
    """Split files one after the other; how large a split is depends on the size of all."""
    goal = sum(map(len, files)) // max(wanted, 1)
    size = max(1, min(goal, 32 << 20))
    return [part for data in files for part in _partitions_of(data, size)]


def lines_of(data: bytes) -> list[str]:
    """The lines of a file that is not split."""
    return [line for _, line in _lines(data)]


def whole_partitions(files: list[tuple[str, bytes]], wanted: int) -> list[list[tuple[str, bytes]]]:
    """Which files go together: a group is full at the size that each should have.

    Those that fill no group, and empty ones (which lie nowhere), come last, together.
    """
    full = -(-sum(len(data) for _, data in files) // (wanted or 1))
    groups: list[list[tuple[str, bytes]]] = []
    group: list[tuple[str, bytes]] = []
    for file in files:
        if file[1]:
            group.append(file)
            if sum(len(data) for _, data in group) >= full:
                groups.append(group)
                group = []
    rest = [file for file in files if not any(file in group for group in groups)]
    return [*groups, rest] if rest else groups


def _partitions_of(data: bytes, size: int) -> list[list[str]]:
    splits: list[tuple[int, int]] = []
    at = 0
    while (len(data) - at) / size > 1.1:
        splits.append((at, at + size))
        at += size
    if at < len(data):
        splits.append((at, len(data)))
    lines = _lines(data)
    return [
        [line for start, line in lines if (low < start or low == start == 0) and start <= high]
        for low, high in splits
    ]


def _lines(data: bytes) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    begin = 0
    while begin < len(data):
        end = min((p for p in (data.find(b"\n", begin), data.find(b"\r", begin)) if p >= 0),
                  default=len(data))  # fmt: skip
        lines.append((begin, data[begin:end].decode()))
        begin = end + (2 if data[end : end + 2] == b"\r\n" else 1)
    return lines
