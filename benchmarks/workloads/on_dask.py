"""The workloads that dask.bag has operations for, written for it; for orientation.

Each is a function of the input alone; the engine has set up dask's scheduler, over warm processes.
"""

from operator import add, itemgetter

from benchmarks.workloads import iterative, narrow, scheduling


def numbers(n, partitions=4):
    import dask.bag

    return dask.bag.range(n, partitions)


def plus_one(x):
    return x + 1


def tiny_jobs(jobs):
    import dask.bag

    return sum(
        dask.bag.from_sequence(range(i, i + 100), npartitions=4).map(plus_one).sum().compute()
        for i in range(jobs)
    )


def tiny_tasks(partitions):
    return numbers(partitions, partitions).map(plus_one).sum().compute()


def shuffle_grid(partitions):
    records = numbers(scheduling.RECORDS_A_PARTITION * partitions, partitions)
    return records.foldby(
        lambda x: x % scheduling.KEYS, lambda count, _x: count + 1, 0, add, 0
    ).compute()


def narrow_chain(n):
    return (
        numbers(n)
        .map(lambda x: x + 1)
        .filter(lambda x: x % 3 != 0)
        .map(lambda x: x * 2)
        .sum()
        .compute()
    )


def cartesian(n):
    return numbers(n, 2).product(numbers(n, 2)).map(lambda ab: ab[0] * ab[1] % 7).sum().compute()


def monte_carlo(darts):
    import dask.bag

    seeds = dask.bag.from_sequence([1, 2], npartitions=2)
    return seeds.map(lambda seed: narrow.hits((seed, darts))).sum().compute()


def wordcount(path):
    import dask.bag

    text = dask.bag.read_text(path, blocksize=None if path.endswith(".gz") else 2**25)
    return text.str.split().flatten().frequencies().compute()


def reduce_few(n):
    return numbers(n).foldby(lambda i: i % 100, add, 0, add, 0).compute()


def reduce_many(n):
    return (
        numbers(n)
        .foldby(lambda i: i * (i * 48271 + 40692) % 2147483647 % 1_000_000, add, 0, add, 0)
        .filter(lambda pair: pair[1] % 100 == 0)
        .compute()
    )


def group(n):
    return (
        numbers(n)
        .groupby(lambda i: i * (i * 48271 + 40692) % 2147483647 % 100_000)
        .map(lambda pair: (pair[0], sorted(pair[1])[len(pair[1]) // 2]))
        .compute()
    )


def distinct(n):
    return (
        numbers(n)
        .map(lambda i: f"visitor-{i * (i * 48271 + 40692) % 2147483647 % 150_000}")
        .distinct()
        .count()
        .compute()
    )


def join(n):
    """The right side as one partition, as dask's join wants it."""
    left = numbers(n).map(lambda i: (i * (i * 48271 + 40692) % 2147483647 % 500_000, i))
    right = numbers(n // 2, 1).map(lambda i: (i * (i * 69621 + 16807) % 2147483647 % 500_000, i))
    joined = left.join(right, itemgetter(0), itemgetter(0))
    return joined.map(lambda sides: sides[0][1] * sides[1][1]).sum().compute()


def take_ordered(n):
    return numbers(n).map(lambda i: i * (i * 48271 + 40692) % 2147483647).topk(100).compute()


def page_rank(links_wanted):
    import dask

    pages = links_wanted // 4
    links = (
        numbers(links_wanted)
        .map(iterative.link, pages)
        .distinct()
        .groupby(itemgetter(0))
        .map(lambda group: (group[0], [target for _page, target in group[1]]))
        .persist()
    )
    ranks = dict.fromkeys(links.pluck(0).compute(), 1.0)
    for _ in range(iterative.ROUNDS):
        shares = links.map(given, dask.delayed(ranks)).flatten()
        total = shares.foldby(itemgetter(0), lambda sum_, pair: sum_ + pair[1], 0.0, add, 0.0)
        ranks = {page: rank * 0.85 + 0.15 for page, rank in total.compute()}
    return iterative.rounded(ranks.items())


def given(page_targets, ranks):
    page, targets = page_targets
    return list(iterative.shares_of(targets, ranks[page])) if page in ranks else []


def k_means(n):
    points = numbers(n).map(iterative.point).persist()
    centres = iterative.first_centres()
    for _ in range(iterative.ROUNDS):
        sums = points.map_partitions(iterative.sums_of, centres).map_partitions(
            lambda part: list(part.items())
        )
        total = sums.foldby(itemgetter(0), together, (0.0, 0), both, (0.0, 0))
        centres = iterative.moved(centres, total.compute())
    return [tuple(centre) for centre in centres.tolist()]


def together(so_far, pair):
    return both(so_far, pair[1])


def both(a, b):
    return a[0] + b[0], a[1] + b[1]


PROGRAMS = {
    "tiny_jobs": tiny_jobs,
    "tiny_tasks": tiny_tasks,
    "shuffle_200x200": shuffle_grid,
    "narrow_chain": narrow_chain,
    "cartesian": cartesian,
    "monte_carlo": monte_carlo,
    "wordcount": wordcount,
    "wordcount_gzip": wordcount,
    "reduce_few": reduce_few,
    "reduce_many": reduce_many,
    "group": group,
    "distinct": distinct,
    "join": join,
    "take_ordered": take_ordered,
    "page_rank": page_rank,
    "k_means": k_means,
}
