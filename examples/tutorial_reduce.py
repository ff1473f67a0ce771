"""From functools.reduce to reduceByKey: a tutorial to run and read side by side.

    python examples/tutorial_reduce.py

Teaches: what a fold is, why a distributed one asks for an operator that is associative and
commutative, what zero values are for, and how to make a mean out of an operator that is both.
Change the operators and run it again.
"""

from functools import reduce
from operator import add, concat, sub

from minispark import SparkContext

NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8]
LETTERS = list("abcdefgh")
PARTITIONS = [1, 2, 3, 4, 8]


# 1. Folds, in plain Python ------------------------------------------------------------------


def left_fold(op, values):
    """((a . b) . c) . d: what functools.reduce does."""
    return reduce(op, values)


def right_fold(op, values):
    """a . (b . (c . d)): the same list, bracketed from the other end."""
    return reduce(lambda result, value: op(value, result), reversed(values))


def every_bracketing(op, values):
    """The set of all results that any placing of brackets can give; the order of values stays."""
    if len(values) == 1:
        return {values[0]}
    return {
        op(left, right)
        for cut in range(1, len(values))
        for left in every_bracketing(op, values[:cut])
        for right in every_bracketing(op, values[cut:])
    }


def folds():
    print("1. A fold puts an operator between the values of a list")
    four = NUMBERS[:4]
    for name, op in [("add", add), ("sub", sub)]:
        print(f"   {name} over {four}: left {left_fold(op, four)}, right {right_fold(op, four)}")
    print(f"   every bracketing of add gives {sorted(every_bracketing(add, four))}")
    print(f"   every bracketing of sub gives {sorted(every_bracketing(sub, four))}")
    print("   add is associative: brackets do not matter. sub is not.")


# 2. Why that matters when the list is cut into partitions -------------------------------------


def by_partitions(sc, values, action):
    """{result of the action: the numbers of partitions that gave it}, in the order found."""
    found = {}
    for n in PARTITIONS:
        found.setdefault(action(sc.parallelize(values, n)), []).append(n)
    return found


def show(name, found):
    verdict = "always the same" if len(found) == 1 else "depends on the partitions!"
    print(f"   {name}: {verdict}")
    for result, partitions in found.items():
        print(f"      {result!r} with {', '.join(map(str, partitions))} partition(s)")


def associative(sc):
    print("2. RDD.reduce folds each partition by itself, then folds the results: new brackets")
    show("reduce(add)", by_partitions(sc, NUMBERS, lambda rdd: rdd.reduce(add)))
    show("reduce(max)", by_partitions(sc, NUMBERS, lambda rdd: rdd.reduce(max)))
    show("reduce(sub)", by_partitions(sc, NUMBERS, lambda rdd: rdd.reduce(sub)))
    print("   The number of partitions is a matter of speed. It must not change the answer,")
    print("   so the operator must be associative: (a . b) . c == a . (b . c).")


# 3. Why the operator must be commutative too ---------------------------------------------------


def commutative(sc):
    print("3. A shuffle brings values together in an order of its own: a . b must be b . a")
    show("reduce(concat)", by_partitions(sc, LETTERS, lambda rdd: rdd.reduce(concat)))
    print("   Joining strings is associative, and here the order of the partitions was kept.")
    show(
        "treeReduce(concat)",
        by_partitions(sc, LETTERS, lambda rdd: rdd.treeReduce(concat, depth=3)),
    )
    print("   treeReduce is for sums of many partitions: it adds them up in groups.")
    show(
        "distinct().reduce(concat)",
        by_partitions(sc, LETTERS, lambda rdd: rdd.distinct().reduce(concat)),
    )
    show(
        "reduceByKey(concat) after distinct()",
        by_partitions(
            sc,
            LETTERS,
            lambda rdd: (
                rdd.distinct()
                .map(lambda letter: ("vowel" if letter in "aeiou" else "consonant", letter))
                .reduceByKey(concat)
                .collectAsMap()["consonant"]
            ),
        ),
    )
    print("   distinct moves each letter to the partition that its hash names. On a cluster a")
    print("   reduce task also takes what arrives first, so two runs may differ as well.")


# 4. Zero values ------------------------------------------------------------------------------


def zero_values(sc):
    print("4. fold starts from a zero value: once in each partition, and once more at the end")
    show("fold(0, add)", by_partitions(sc, NUMBERS, lambda rdd: rdd.fold(0, add)))
    show("fold(100, add)", by_partitions(sc, NUMBERS, lambda rdd: rdd.fold(100, add)))
    print("   So the zero must be neutral: zero . a == a. It is 0 for add, 1 for mul, '' for")
    print("   concat. It is also what an empty RDD folds to; reduce has no answer there.")
    print(f"   fold(0, add) of nothing: {sc.parallelize([], 2).fold(0, add)}")
    try:
        sc.parallelize([], 2).reduce(add)
    except ValueError as error:
        print(f"   reduce(add) of nothing: ValueError: {error}")


# 5. A mean ----------------------------------------------------------------------------------


def mean_of_two(a, b):
    return (a + b) / 2


def add_value(total, value):
    """(sum, count) and one more value: used inside a partition."""
    return total[0] + value, total[1] + 1


def add_totals(a, b):
    """Two (sum, count): used between partitions. Associative and commutative."""
    return a[0] + b[0], a[1] + b[1]


def mean(sc):
    print("5. A mean of means is not the mean; (sum, count) is an answer that can be added")
    show("reduce(mean of two)", by_partitions(sc, NUMBERS, lambda rdd: rdd.reduce(mean_of_two)))
    show(
        "aggregate((0, 0), add a value, add totals)",
        by_partitions(sc, NUMBERS, lambda rdd: rdd.aggregate((0, 0), add_value, add_totals)),
    )


# 6. By key ----------------------------------------------------------------------------------


def by_key(sc):
    print("6. reduceByKey is the same fold, once for each key")
    pairs = sc.parallelize([("odd" if n % 2 else "even", n) for n in NUMBERS], 3)
    print(f"   reduceByKey(add): {sorted(pairs.reduceByKey(add).collect())}")
    print(f"   foldByKey(0, add): {sorted(pairs.foldByKey(0, add).collect())}")
    totals = pairs.aggregateByKey((0, 0), add_value, add_totals)
    means = totals.mapValues(lambda total: total[0] / total[1])
    print(f"   aggregateByKey, then sum / count: {sorted(means.collect())}")
    print("   Each map task folds its own values first, so only one value a key and task is")
    print("   moved: what associative and commutative operators buy.")


def main():
    with SparkContext("local[2]", "TutorialReduce") as sc:
        folds()
        associative(sc)
        commutative(sc)
        zero_values(sc)
        mean(sc)
        by_key(sc)


if __name__ == "__main__":
    main()
