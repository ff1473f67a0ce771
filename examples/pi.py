"""Pi by throwing darts (the Monte Carlo method).

    python examples/pi.py [partitions] [darts a partition]

A dart that lands anywhere in the unit square lands in the quarter circle with probability pi/4.

Teaches: parallelize for work that has no input data, mapPartitionsWithIndex, and randomness that
can be repeated: each partition seeds its own generator with its index, so the answer depends
neither on the machine nor on which task runs first. (Never share one generator between tasks:
each gets a copy, and all copies would throw the same darts.)
"""

import random
import sys

from minispark import SparkContext


def throw(index, darts):
    """Throw this partition's darts; yield how many landed in the circle."""
    rng = random.Random(index)
    yield sum(rng.random() ** 2 + rng.random() ** 2 <= 1.0 for _ in darts)


def main(partitions=4, darts=50_000):
    with SparkContext("local[2]", "Pi") as sc:
        everyone = sc.parallelize(range(partitions * darts), partitions)
        hits = everyone.mapPartitionsWithIndex(throw).sum()
        print(f"{hits} of {partitions * darts} darts in the circle")
        print(f"pi is about {4 * hits / (partitions * darts):.5f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
