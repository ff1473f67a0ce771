"""Narrow operations on many small records: what is paid for each record besides the functions."""

from benchmarks.workloads.base import Workload


def narrow_chain(sc, n):
    return (
        sc.parallelize(range(n), 4)
        .map(lambda x: x + 1)
        .filter(lambda x: x % 3 != 0)
        .map(lambda x: x * 2)
        .sum()
    )


def narrow_chain_loop(n):
    return narrow_chain_part((0, n))


def narrow_chain_part(bounds):
    total = 0
    for x in range(*bounds):
        y = x + 1
        if y % 3 != 0:
            total += y * 2
    return total


def narrow_chain_loop2(n, pool):
    return sum(pool.map(narrow_chain_part, [(0, n // 2), (n // 2, n)]))


WORKLOADS = [
    Workload(
        name="narrow_chain",
        title="map, filter, map, sum over {size} ints",
        size=5_000_000,
        quick_size=500_000,
        spark=narrow_chain,
        loop=narrow_chain_loop,
        loop2=narrow_chain_loop2,
    )
]
