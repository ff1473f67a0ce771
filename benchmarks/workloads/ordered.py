"""Sorting. Every version makes its records itself, in the timed part."""

import heapq
from operator import itemgetter

from benchmarks.workloads.base import Workload, halves

# A sort of (random text, int). The sorted records are read where they lie, one after the other.
# Like the splits of a file, partitions are not larger when there are more records.

A_PARTITION = 500_000


def sort(sc, n):
    partitions = max(2, n // A_PARTITION)
    sums = (
        sc.parallelize(range(n), partitions)
        .map(lambda i: (f"{i * (i * 48271 + 40692) % 2147483647:08x}", i))
        .sortByKey(numPartitions=partitions)
        .mapPartitions(lambda records: [position_sums(records)])
        .collect()
    )
    return at_position(sums)


def position_sums(records):
    """How many records, the sum of their values, and that of position times value."""
    position = total = weighted = 0
    for _key, value in records:
        total += value
        weighted += position * value
        position += 1
    return position, total, weighted


def at_position(sums):
    """What `position_sums` would give of all the parts in one piece."""
    before = total = weighted = 0
    for length, values, inside in sums:
        weighted += before * values + inside
        total += values
        before += length
    return before, total, weighted


def sort_part(bounds):
    records = [(f"{i * (i * 48271 + 40692) % 2147483647:08x}", i) for i in range(*bounds)]
    records.sort(key=itemgetter(0))
    return records


def sort_loop(n):
    return position_sums(sort_part((0, n)))


def sort_loop2(n, pool):
    records, more = pool.map(sort_part, halves(n))
    records += more
    records.sort(key=itemgetter(0))  # two sorted runs: one merge
    return position_sums(records)


# The hundred largest.


def take_ordered(sc, n):
    numbers = sc.parallelize(range(n), 4).map(lambda i: i * (i * 48271 + 40692) % 2147483647)
    return numbers.takeOrdered(100, key=lambda x: -x)


def take_ordered_loop(n):
    return take_ordered_part((0, n))


def take_ordered_part(bounds):
    return heapq.nlargest(100, (i * (i * 48271 + 40692) % 2147483647 for i in range(*bounds)))


def take_ordered_loop2(n, pool):
    first, second = pool.map(take_ordered_part, halves(n))
    return heapq.nlargest(100, first + second)


WORKLOADS = [
    Workload(
        name="sort",
        title="sortByKey of {size} (random text, int)",
        size=2_000_000,
        quick_size=100_000,
        spark=sort,
        loop=sort_loop,
        loop2=sort_loop2,
    ),
    Workload(
        name="take_ordered",
        title="takeOrdered(100) of {size} ints",
        size=3_000_000,
        quick_size=200_000,
        spark=take_ordered,
        loop=take_ordered_loop,
        loop2=take_ordered_loop2,
    ),
]
