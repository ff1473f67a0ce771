"""Which partitions ``coalesce`` without a shuffle puts together.

Neighbours, as long as nobody knows where a partition lies. Spark prefers to group partitions that
lie together, so where places are known (a cached block, a shuffle's output) it goes another
way, and though here as in Spark's local mode there is only one place, the groups come out
differently, and partitions may even change their order. As in Spark: DefaultPartitionCoalescer.
"""

from __future__ import annotations

from collections.abc import Sequence

SEED = 7919
SLACK = 0.1
"""By how much of all partitions a group may be larger before place counts less than balance."""


def neighbours(count: int, groups: int) -> list[Sequence[int]]:
    """Groups of neighbouring partitions, as equal as can be.

    >>> [list(group) for group in neighbours(5, 2)]
    [[0, 1], [2, 3, 4]]
    """
    return [range(i * count // groups, (i + 1) * count // groups) for i in range(groups)]


def by_place(count: int, groups: int, placed: Sequence[int]) -> list[Sequence[int]]:
    """Groups when the places of the partitions ``placed`` are known: one place for all.

    >>> by_place(4, 2, [0, 1, 2, 3])
    [[0, 2], [1, 3]]
    """
    draw = _java_random(SEED)
    left = dict.fromkeys(range(count))  # in order, each to be grouped once
    result: list[list[int]] = [[] for _ in range(groups)]

    def take(group: list[int], partition: int) -> None:
        if partition in left:
            del left[partition]
            group.append(partition)

    # A group for each place, of which there is one; more groups start from drawn partitions.
    take(result[0], placed[0])
    for group in result[1:]:
        take(group, placed[draw(len(placed))])
    # A draw may have hit a partition that was taken: such groups start from what is left.
    is_placed = set(placed)
    for source in (iter(placed), (i for i in range(count) if i not in is_placed)):
        for group in result:
            while not group and (partition := next(source, None)) is not None:
                take(group, partition)
    # The power of two choices: of two drawn groups the smaller one, unless the smallest of those
    # at the partition's place is smaller still.
    slack = int(SLACK * count)
    for partition in left:
        first, second = result[draw(groups)], result[draw(groups)]
        chosen = first if len(first) < len(second) else second
        if partition in is_placed:
            smallest = min(result, key=len)
            if len(chosen) + slack > len(smallest):
                chosen = smallest
        chosen.append(partition)
    return [group for group in result if group]


class _java_random:  # noqa: N801  # used as a function
    """``nextInt`` of java.util.Random."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def __call__(self, bound: int) -> int:
        while True:
            self._state = (self._state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
            bits = self._state >> 17
            if bound & (bound - 1) == 0:
                return (bound * bits) >> 31
            value = bits % bound
            if bits - value + (bound - 1) < 1 << 31:
                return value
