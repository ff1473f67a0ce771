"""Page rank: which pages of a small web matter most?

    python examples/pagerank.py [file of "page page" lines] [rounds]

Each page gives its rank away in equal shares to the pages it links to; a page's new rank is
0.15 + 0.85 x what it was given. After some rounds the ranks stand still.

Teaches: joins, iteration over a cached RDD, and partitioning: `links` is partitioned once, and
since mapValues leaves keys where they are, each round's join finds its keys in place. (The pages
of a real web without any link out need care: here every page has one, so no rank is lost.)
"""

import sys
from operator import add
from pathlib import Path

from minispark import SparkContext

DATA = Path(__file__).resolve().parent / "data"


def contributions(page_and_links):
    """(page, (targets, rank)) -> (target, share) for each target."""
    _page, (targets, rank) = page_and_links
    return [(target, rank / len(targets)) for target in targets]


def main(path, rounds=10):
    with SparkContext("local[2]", "PageRank") as sc:
        links = (
            sc.textFile(path)
            .map(lambda line: tuple(line.split()))
            .distinct()
            .groupByKey(2)  # (page, its targets), in 2 partitions
            .mapValues(sorted)
            .cache()  # read again in every round
        )
        ranks = links.mapValues(lambda targets: 1.0)
        nothing = links.mapValues(lambda targets: 0.0)  # keeps pages that no page links to

        for _ in range(rounds):
            shares = links.join(ranks).flatMap(contributions)
            ranks = (
                nothing.union(shares)
                .reduceByKey(add, links.getNumPartitions())
                .mapValues(lambda given: 0.15 + 0.85 * given)
            )

        # Still nothing has run but the plan: the rounds are one long lineage, run by collect().
        for page, rank in sorted(ranks.collect(), key=lambda pair: (-pair[1], pair[0])):
            print(f"{rank:.6f} {page}")


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else str(DATA / "links.txt"),
        int(sys.argv[2]) if len(sys.argv) > 2 else 10,
    )
