"""Operations that need no shuffle, on many small records, and on few records with much work.

Every version makes its records itself, in the timed part: Spark's from `parallelize(range(n))`.
"""

from random import Random

from benchmarks.workloads.base import Workload, halves

# Some small functions over ints: what is paid for each record besides the functions.


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
    return sum(pool.map(narrow_chain_part, halves(n)))


# A sample without replacement. The loops draw as Spark does, so that they get the same sample.

SEED, FRACTION, SPLITS = 17, 0.1, 4


def sample(sc, n):
    return sc.parallelize(range(n), SPLITS).sample(False, FRACTION, SEED).sum()


def sample_loop(n):
    return sum(map(sample_split, sample_splits(n)))


def sample_loop2(n, pool):
    return sum(pool.map(sample_split, sample_splits(n)))


def sample_splits(n):
    return [(split, split * n // SPLITS, (split + 1) * n // SPLITS) for split in range(SPLITS)]


def sample_split(task):
    split, start, end = task
    random = Random(SEED ^ split)
    for _ in range(10):
        random.randint(0, 1)
    draw = random.random
    total = 0
    for x in range(start, end):
        if draw() < FRACTION:
            total += x
    return total


# All pairs of two RDDs; size is the number of elements of each.


def cartesian(sc, n):
    left = sc.parallelize(range(n), 2)
    right = sc.parallelize(range(n), 2)
    return left.cartesian(right).map(lambda pair: pair[0] * pair[1] % 7).sum()


def cartesian_loop(n):
    return cartesian_part((0, n, n))


def cartesian_part(task):
    start, end, n = task
    total = 0
    for a in range(start, end):
        for b in range(n):
            total += a * b % 7
    return total


def cartesian_loop2(n, pool):
    return sum(pool.map(cartesian_part, [(*bounds, n) for bounds in halves(n)]))


# Pi by throwing darts: two partitions of pure Python work, seconds each; size is darts in one.


def monte_carlo(sc, darts):
    return sc.parallelize([1, 2], 2).map(lambda seed: hits((seed, darts))).sum()


def monte_carlo_loop(darts):
    return hits((1, darts)) + hits((2, darts))


def monte_carlo_loop2(darts, pool):
    return sum(pool.map(hits, [(1, darts), (2, darts)]))


def hits(task):
    seed, darts = task
    draw = Random(seed).random
    inside = 0
    for _ in range(darts):
        x = draw()
        y = draw()
        if x * x + y * y < 1.0:
            inside += 1
    return inside


WORKLOADS = [
    Workload(
        name="narrow_chain",
        title="map, filter, map, sum over {size} ints",
        size=5_000_000,
        quick_size=500_000,
        spark=narrow_chain,
        loop=narrow_chain_loop,
        loop2=narrow_chain_loop2,
    ),
    Workload(
        name="sample",
        title="sample of {size} ints, 10%",
        size=10_000_000,
        quick_size=200_000,
        spark=sample,
        loop=sample_loop,
        loop2=sample_loop2,
    ),
    Workload(
        name="cartesian",
        title="cartesian of {size} x {size} ints",
        size=3_000,
        quick_size=300,
        spark=cartesian,
        loop=cartesian_loop,
        loop2=cartesian_loop2,
    ),
    Workload(
        name="monte_carlo",
        title="Monte Carlo, 2 tasks of {size} darts",
        size=30_000_000,
        quick_size=200_000,
        spark=monte_carlo,
        loop=monte_carlo_loop,
        loop2=monte_carlo_loop2,
        repeats=3,
    ),
    Workload(
        name="monte_carlo_one_slot",
        title="Monte Carlo, 2 tasks of {size} darts, one slot",
        size=30_000_000,
        quick_size=200_000,
        spark=monte_carlo,
        loop=monte_carlo_loop,
        master="local[1]",
        repeats=3,
    ),
]
