"""k-means: find the centres of k heaps of points. Needs numpy.

    python examples/kmeans.py [file of "x y" lines] [k]

Each round gives every point to its nearest centre and moves each centre to the mean of its
points, until no centre moves by more than a thousandth.

Teaches: numpy arrays as elements, a broadcast value (the centres go to the tasks, the points
stay where they are), and a mean by key as (sum, count): sums may be added in any grouping, means
may not (see tutorial_reduce.py).
"""

import sys
from pathlib import Path

import numpy as np

from minispark import SparkContext

DATA = Path(__file__).resolve().parent / "data"


def nearest(point, centres):
    """The index of the centre nearest to the point."""
    return int(np.argmin(np.sum((centres - point) ** 2, axis=1)))


def farthest_point(points, centres):
    """The point that is farthest from its nearest centre."""
    return points.max(key=lambda point: float(np.min(np.sum((centres - point) ** 2, axis=1))))


def sums_by_centre(points, centres):
    """{index of the centre: (sum of its points, how many)}; `centres` is a broadcast value."""
    return (
        points.map(lambda point: (nearest(point, centres.value), (point, 1)))
        .reduceByKey(lambda a, b: (a[0] + b[0], a[1] + b[1]))
        .collectAsMap()
    )


def main(path, k=3, tolerance=1e-3, most_rounds=20):
    with SparkContext("local[2]", "KMeans") as sc:
        points = sc.textFile(path).map(lambda line: np.array(line.split(), dtype=float)).cache()

        # Start from k points of the data, far apart: first any, then always the farthest one.
        centres = np.array([points.first()])
        while len(centres) < k:
            centres = np.vstack([centres, farthest_point(points, centres)])

        rounds, step = 0, tolerance
        while step >= tolerance and rounds < most_rounds:
            sums = sums_by_centre(points, sc.broadcast(centres))
            moved = np.array(
                [sums[i][0] / sums[i][1] if i in sums else centres[i] for i in range(k)]
            )
            step = float(np.max(np.abs(moved - centres)))
            centres, rounds = moved, rounds + 1

        print(f"{points.count()} points, {k} centres after {rounds} rounds:")
        sizes = points.map(lambda point: nearest(point, centres)).countByValue()
        for i in sorted(range(k), key=lambda i: tuple(centres[i])):
            print(f"  ({centres[i][0]:.4f}, {centres[i][1]:.4f}) with {sizes[i]} points")


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else str(DATA / "points.txt"),
        int(sys.argv[2]) if len(sys.argv) > 2 else 3,
    )
