"""Programs that go over the same cached data again and again. They make it in the timed part.

The hand-written versions over two processes keep a part's data in the process that made it.
"""

from collections import defaultdict
from functools import lru_cache
from operator import add

from benchmarks.workloads.base import Workload

ROUNDS, PARTITIONS = 10, 4

# Page rank, as Spark's own example has it, with the partitions of all rounds the same; size is the
# number of links, four for each page.


def page_rank(sc, links_wanted):
    pages = links_wanted // 4
    links = (
        sc.parallelize(range(links_wanted), PARTITIONS)
        .map(lambda i: link(i, pages))
        .distinct()
        .groupByKey(PARTITIONS)
        .cache()
    )
    ranks = links.mapValues(lambda targets: 1.0)
    for _ in range(ROUNDS):
        shares = links.join(ranks, PARTITIONS).flatMap(lambda joined: shares_of(*joined[1]))
        ranks = shares.reduceByKey(add, PARTITIONS).mapValues(lambda rank: rank * 0.85 + 0.15)
    return rounded(ranks.collect())


def link(i, pages):
    return (
        i * (i * 48271 + 40692) % 2147483647 % pages,
        i * (i * 69621 + 16807) % 2147483647 % pages,
    )


def shares_of(targets, rank):
    share = rank / len(targets)
    for target in targets:
        yield target, share


def rounded(ranks):
    """Six digits: the order of a sum may change the last of sixteen."""
    return [(page, round(rank, 6)) for page, rank in ranks]


def page_rank_loop(links_wanted):
    targets = page_targets(links_wanted, 0, 1)
    ranks = dict.fromkeys(targets, 1.0)
    for _ in range(ROUNDS):
        ranks = {page: rank * 0.85 + 0.15 for page, rank in shares_by_page(targets, ranks).items()}
    return rounded(ranks.items())


def page_targets(links_wanted, part, parts):
    """Every page of the part, with the pages that it has links to."""
    pages = links_wanted // 4
    targets = defaultdict(set)
    for i in range(links_wanted):
        page = i * (i * 48271 + 40692) % 2147483647 % pages
        if page % parts == part:
            targets[page].add(i * (i * 69621 + 16807) % 2147483647 % pages)
    return targets


kept_targets = lru_cache(page_targets)


def shares_by_page(targets, ranks):
    shares = defaultdict(float)
    get = ranks.get
    for page, its_targets in targets.items():
        rank = get(page)
        if rank is not None:
            share = rank / len(its_targets)
            for target in its_targets:
                shares[target] += share
    return shares


def page_rank_part(task):
    links_wanted, part, ranks = task
    targets = kept_targets(links_wanted, part, 2)
    return shares_by_page(targets, dict.fromkeys(targets, 1.0) if ranks is None else ranks)


def page_rank_loop2(links_wanted, pool):
    ranks = [None, None]  # of the pages of each part
    for _ in range(ROUNDS):
        tasks = [(links_wanted, part, ranks[part]) for part in range(2)]
        shares, more = pool.map(page_rank_part, tasks, chunksize=1)
        for page, share in more.items():
            shares[page] += share
        ranks = [{}, {}]
        for page, share in shares.items():
            ranks[page % 2][page] = share * 0.85 + 0.15
    return rounded([pair for part in ranks for pair in part.items()])


# k-means, as Spark's own example has it: numpy for one point at a time. All versions share the
# function that finds the nearest centre. Coordinates are whole numbers: sums are exact, in any
# order.

CENTRES, DIMENSIONS = 10, 8


def k_means(sc, n):
    points = sc.parallelize(range(n), PARTITIONS).map(point).cache()
    centres = first_centres()
    for _ in range(ROUNDS):
        centres = moved(centres, sums_by_centre(points, centres).collect())
    return [tuple(centre) for centre in centres.tolist()]


def sums_by_centre(points, centres):
    return points.map(lambda p: (closest(p, centres), (p, 1))).reduceByKey(
        lambda a, b: (a[0] + b[0], a[1] + b[1])
    )


def point(i):
    import numpy as np

    return np.array(
        [i * (i * 48271 + 40692 * d) % 2147483647 % 1000 for d in range(DIMENSIONS)], dtype=float
    )


def first_centres():
    import numpy as np

    return np.array([point(i) for i in range(1, CENTRES + 1)])


def closest(p, centres):
    distances = centres - p
    return int((distances * distances).sum(axis=1).argmin())


def moved(centres, sums):
    """New centres: the mean of the points of each, from (centre, (sum, count))."""
    new = centres.copy()
    for centre, (total, count) in sums:
        new[centre] = total / count
    return new


def k_means_loop(n):
    points = [point(i) for i in range(n)]
    centres = first_centres()
    for _ in range(ROUNDS):
        centres = moved(centres, sums_of(points, centres).items())
    return [tuple(centre) for centre in centres.tolist()]


def sums_of(points, centres):
    """For each centre the sum and the number of the points that are nearest to it."""
    sums, counts = {}, defaultdict(int)
    for p in points:
        centre = closest(p, centres)
        counts[centre] += 1
        if centre in sums:
            sums[centre] += p
        else:
            sums[centre] = p.copy()
    return {centre: (sums[centre], counts[centre]) for centre in sums}


@lru_cache
def kept_points(n, part):
    return [point(i) for i in range(n) if i % 2 == part]


def k_means_part(task):
    n, part, centres = task
    return sums_of(kept_points(n, part), centres)


def k_means_loop2(n, pool):
    centres = first_centres()
    for _ in range(ROUNDS):
        sums, more = pool.map(k_means_part, [(n, part, centres) for part in range(2)], chunksize=1)
        for centre, (total, count) in more.items():
            so_far, counted = sums.get(centre, (0.0, 0))
            sums[centre] = so_far + total, counted + count
        centres = moved(centres, sums.items())
    return [tuple(centre) for centre in centres.tolist()]


WORKLOADS = [
    Workload(
        name="page_rank",
        title="Page rank, {size} links, 10 rounds",
        size=200_000,
        quick_size=8_000,
        spark=page_rank,
        loop=page_rank_loop,
        loop2=page_rank_loop2,
    ),
    Workload(
        name="k_means",
        title="k-means with numpy, {size} points, 10 rounds",
        size=50_000,
        quick_size=2_000,
        spark=k_means,
        loop=k_means_loop,
        loop2=k_means_loop2,
    ),
]
