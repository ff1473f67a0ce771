"""One value of all records, by functions over (value so far, record).

Every version makes its records itself, in the timed part.
"""

from operator import add

from benchmarks.workloads.base import Workload, halves

# (count, sum, maximum) as a tuple that is made anew for each record.


def aggregate(sc, n):
    return sc.parallelize(range(n), 4).aggregate(
        (0, 0, 0),
        lambda so_far, x: (so_far[0] + 1, so_far[1] + x, max(so_far[2], x * 7919 % 1_000_003)),
        both,
    )


def both(a, b):
    return a[0] + b[0], a[1] + b[1], max(a[2], b[2])


def aggregate_loop(n):
    return aggregate_part((0, n))


def aggregate_part(bounds):
    count = total = largest = 0
    for x in range(*bounds):
        count += 1
        total += x
        scattered = x * 7919 % 1_000_003
        if scattered > largest:
            largest = scattered
    return count, total, largest


def aggregate_loop2(n, pool):
    return both(*pool.map(aggregate_part, halves(n)))


# A histogram in 64 partitions, whose lists of counts are added up in a tree.

BINS = 10_000


def tree_aggregate(sc, n):
    return sc.parallelize(range(n), 64).treeAggregate([0] * BINS, counted, added, depth=2)


def counted(counts, x):
    counts[x * 7919 % BINS] += 1
    return counts


def added(counts, more):
    return list(map(add, counts, more))


def tree_aggregate_loop(n):
    return tree_aggregate_part((0, n))


def tree_aggregate_part(bounds):
    counts = [0] * BINS
    for x in range(*bounds):
        counts[x * 7919 % BINS] += 1
    return counts


def tree_aggregate_loop2(n, pool):
    return added(*pool.map(tree_aggregate_part, halves(n)))


WORKLOADS = [
    Workload(
        name="aggregate",
        title="aggregate of {size} ints",
        size=3_000_000,
        quick_size=100_000,
        spark=aggregate,
        loop=aggregate_loop,
        loop2=aggregate_loop2,
    ),
    Workload(
        name="tree_aggregate",
        title="treeAggregate of {size} ints, 64 partitions",
        size=5_000_000,
        quick_size=100_000,
        spark=tree_aggregate,
        loop=tree_aggregate_loop,
        loop2=tree_aggregate_loop2,
    ),
]
