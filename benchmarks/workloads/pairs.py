"""Shuffles by key. Keys look random: `i * (i * A + B) % PRIME` scatters i, and costs little.

Every version makes its records itself, in the timed part: Spark's from `parallelize(range(n))`.
What comes back to the program is small, or what it would be in a real one; sums of everything make
sure that nothing is left out.
"""

from collections import defaultdict
from operator import add

from benchmarks.workloads.base import Workload, halves

# Sums of few keys: all is done before the shuffle.


def reduce_few(sc, n):
    return sc.parallelize(range(n), 4).map(lambda i: (i % 100, i)).reduceByKey(add).collect()


def reduce_few_loop(n):
    return reduce_few_part((0, n))


def reduce_few_part(bounds):
    sums = defaultdict(int)
    for i in range(*bounds):
        sums[i % 100] += i
    return dict(sums)


def reduce_few_loop2(n, pool):
    return added(*pool.map(reduce_few_part, halves(n)))


def added(sums, more):
    """The first dict, with the values of the second added."""
    get = sums.get
    for key, value in more.items():
        sums[key] = get(key, 0) + value
    return sums


# Sums of many keys, of which few are wanted: which ones is known when they are complete.


def reduce_many(sc, n):
    return (
        sc.parallelize(range(n), 4)
        .map(lambda i: (i * (i * 48271 + 40692) % 2147483647 % 1_000_000, i))
        .reduceByKey(add)
        .filter(lambda pair: pair[1] % 100 == 0)
        .collect()
    )


def reduce_many_part(bounds):
    sums = defaultdict(int)
    for i in range(*bounds):
        sums[i * (i * 48271 + 40692) % 2147483647 % 1_000_000] += i
    return dict(sums)


def whole_hundreds(sums):
    return {key: total for key, total in sums.items() if total % 100 == 0}


def reduce_many_loop(n):
    return whole_hundreds(reduce_many_part((0, n)))


def reduce_many_loop2(n, pool):
    return whole_hundreds(added(*pool.map(reduce_many_part, halves(n))))


# The median of each of 100,000 groups.


def group(sc, n):
    return (
        sc.parallelize(range(n), 4)
        .map(lambda i: (i * (i * 48271 + 40692) % 2147483647 % 100_000, i))
        .groupByKey()
        .mapValues(lambda values: sorted(values)[len(values) // 2])
        .collect()
    )


def group_part(bounds):
    groups = defaultdict(list)
    for i in range(*bounds):
        groups[i * (i * 48271 + 40692) % 2147483647 % 100_000].append(i)
    return groups


def medians(groups):
    return {key: sorted(values)[len(values) // 2] for key, values in groups.items()}


def group_loop(n):
    return medians(group_part((0, n)))


def group_loop2(n, pool):
    groups, more = pool.map(group_part, halves(n))
    for key, values in more.items():
        groups[key] += values
    return medians(groups)


# How many visitors: texts, each about twenty times.


def distinct(sc, n):
    return (
        sc.parallelize(range(n), 4)
        .map(lambda i: f"visitor-{i * (i * 48271 + 40692) % 2147483647 % 150_000}")
        .distinct()
        .count()
    )


def distinct_part(bounds):
    return {f"visitor-{i * (i * 48271 + 40692) % 2147483647 % 150_000}" for i in range(*bounds)}


def distinct_loop(n):
    return len(distinct_part((0, n)))


def distinct_loop2(n, pool):
    first, second = pool.map(distinct_part, halves(n))
    return len(first | second)


# A join of n records with half as many; keys may be there several times, or not, on each side.


def join(sc, n):
    left = sc.parallelize(range(n), 4).map(
        lambda i: (i * (i * 48271 + 40692) % 2147483647 % 500_000, i)
    )
    right = sc.parallelize(range(n // 2), 4).map(
        lambda i: (i * (i * 69621 + 16807) % 2147483647 % 500_000, i)
    )
    return left.join(right, 4).map(lambda pair: pair[1][0] * pair[1][1]).sum()


def join_loop(n):
    return join_part((0, n, n // 2))


def join_part(task):
    start, end, others = task
    right = defaultdict(list)
    for i in range(others):
        right[i * (i * 69621 + 16807) % 2147483647 % 500_000].append(i)
    total = 0
    get = right.get
    for i in range(start, end):
        for other in get(i * (i * 48271 + 40692) % 2147483647 % 500_000, ()):
            total += i * other
    return total


def join_loop2(n, pool):
    """Each process makes a table of the whole right side: cheaper than moving records."""
    return sum(pool.map(join_part, [(*bounds, n // 2) for bounds in halves(n)]))


WORKLOADS = [
    Workload(
        name="reduce_few",
        title="reduceByKey, {size} pairs, 100 keys",
        size=5_000_000,
        quick_size=200_000,
        spark=reduce_few,
        loop=reduce_few_loop,
        loop2=reduce_few_loop2,
    ),
    Workload(
        name="reduce_many",
        title="reduceByKey, {size} pairs, 1,000,000 keys",
        size=2_000_000,
        quick_size=100_000,
        spark=reduce_many,
        loop=reduce_many_loop,
        loop2=reduce_many_loop2,
    ),
    Workload(
        name="group",
        title="groupByKey, {size} pairs, 100,000 keys",
        size=2_000_000,
        quick_size=100_000,
        spark=group,
        loop=group_loop,
        loop2=group_loop2,
    ),
    Workload(
        name="distinct",
        title="distinct of {size} texts, 150,000 of them",
        size=3_000_000,
        quick_size=100_000,
        spark=distinct,
        loop=distinct_loop,
        loop2=distinct_loop2,
    ),
    Workload(
        name="join",
        title="join of {size} pairs with half as many",
        size=1_000_000,
        quick_size=50_000,
        spark=join,
        loop=join_loop,
        loop2=join_loop2,
    ),
]
