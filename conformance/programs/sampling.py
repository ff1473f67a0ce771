"""Seeded samples: the same elements as Spark picks."""


def sample_without_replacement(sc):
    """Several seeds and fractions."""
    rdd = sc.parallelize(range(100), 4)
    return {
        f"{f},{s}": rdd.sample(False, f, s).glom().collect()
        for f in (0.1, 0.5, 0.9)
        for s in (0, 7)
    }


def sample_with_replacement(sc):
    """Elements may come several times."""
    rdd = sc.parallelize(range(40), 3)
    return {
        f"{f},{s}": rdd.sample(True, f, s).glom().collect() for f in (0.2, 1.0, 2.5) for s in (0, 7)
    }


def sample_of_everything_and_nothing(sc):
    """Fractions 0 and 1, both ways."""
    rdd = sc.parallelize(range(10), 2)
    return [rdd.sample(r, f, 3).glom().collect() for r in (False, True) for f in (0, 0.0, 1, 1.0)]


def sample_with_a_fraction_above_one(sc):
    """Without replacement: everything. With: more than there is."""
    rdd = sc.parallelize(range(10), 2)
    return rdd.sample(False, 3.0, 1).glom().collect(), rdd.sample(True, 3.0, 1).glom().collect()


def sample_with_a_large_mean(sc):
    """A Poisson mean over 20 uses another formula."""
    return sc.parallelize(range(5), 2).sample(True, 25.0, 11).glom().collect()


def sample_with_a_negative_fraction(sc):
    """Refused."""
    return sc.parallelize(range(10), 2).sample(False, -0.1)


def sample_with_a_nan_fraction(sc):
    """nan is not at least 0."""
    return sc.parallelize(range(10), 2).sample(False, float("nan"))


def sample_with_odd_seeds(sc):
    """Negative, huge and zero seeds."""
    rdd = sc.parallelize(range(60), 3)
    return {
        str(s): rdd.sample(False, 0.2, s).glom().collect()
        for s in (-1, -(2**40), 2**70, 12345678901234567890)
    }


def sample_with_a_float_seed_fails(sc):
    """The seed is combined with the partition by xor."""
    return sc.parallelize(range(10), 2).sample(False, 0.5, 1.5).collect()


def sample_differs_by_partition(sc):
    """The same elements in other partitions give another sample."""
    return [sc.parallelize(range(24), n).sample(False, 0.4, 5).collect() for n in (1, 2, 3, 8)]


def sample_of_empty_rdds(sc):
    """Nothing to take."""
    return sc.parallelize([], 2).sample(False, 0.5, 1).glom().collect(), sc.emptyRDD().sample(
        True, 0.5, 1
    ).collect()


def sample_of_a_mapped_rdd_runs_in_its_pipeline(sc):
    """map, sample, map."""
    return (
        sc.parallelize(range(50), 2)
        .map(lambda x: x * x)
        .sample(False, 0.3, 9)
        .map(str)
        .glom()
        .collect()
    )


def sample_of_a_sample(sc):
    """Each with its own seed, and both with the same."""
    rdd = sc.parallelize(range(80), 2)
    return rdd.sample(False, 0.5, 1).sample(False, 0.5, 2).glom().collect(), rdd.sample(
        False, 0.5, 1
    ).sample(False, 0.5, 1).glom().collect()


def sample_is_the_same_each_time(sc):
    """Two actions on one sampled RDD, even without a seed."""
    sampled = sc.parallelize(range(200), 3).sample(False, 0.5)
    return sampled.collect() == sampled.collect(), 40 < sampled.count() < 160


def sample_of_shuffled_data(sc):
    """Its order is determined, so is the sample."""
    rdd = sc.parallelize([(i % 7, i) for i in range(60)], 3).partitionBy(3)
    return rdd.sample(False, 0.3, 4).glom().collect()


def take_sample_without_replacement(sc):
    """Fewer than there are, with seeds."""
    rdd = sc.parallelize(range(50), 4)
    return {f"{n},{s}": rdd.takeSample(False, n, s) for n in (1, 5, 20, 49) for s in (0, 1, 42)}


def take_sample_of_all_or_more(sc):
    """As many as there are, shuffled."""
    rdd = sc.parallelize(range(12), 3)
    return rdd.takeSample(False, 12, 1), rdd.takeSample(False, 100, 1), rdd.takeSample(False, 12, 2)


def take_sample_with_replacement(sc):
    """Also more than there are."""
    rdd = sc.parallelize(range(10), 3)
    return {f"{n},{s}": rdd.takeSample(True, n, s) for n in (1, 5, 10, 40) for s in (0, 1, 42)}


def take_sample_of_one_element(sc):
    """Many copies of it, or itself."""
    rdd = sc.parallelize(["x"], 2)
    return rdd.takeSample(True, 5, 3), rdd.takeSample(False, 5, 3)


def take_sample_of_nothing(sc):
    """num 0, empty partitions, no partitions."""
    return (
        sc.parallelize(range(5), 2).takeSample(False, 0, 1),
        sc.parallelize([], 2).takeSample(True, 4, 1),
        sc.emptyRDD().takeSample(False, 4, 1),
    )


def take_sample_of_a_negative_number(sc):
    """Refused."""
    return sc.parallelize(range(5), 2).takeSample(False, -1)


def take_sample_of_a_huge_number(sc):
    """Refused too."""
    import sys

    return sc.parallelize(range(5), 2).takeSample(True, sys.maxsize)


def take_sample_of_strings(sc):
    """Any elements."""
    return sc.parallelize("the quick brown fox jumps over the lazy dog".split(), 3).takeSample(
        False, 4, 17
    )


def random_split_into_three(sc):
    """Every element in just one split."""
    rdd = sc.parallelize(range(60), 3)
    splits = [r.glom().collect() for r in rdd.randomSplit([2, 3, 1], 24)]
    return splits, sorted(x for s in splits for p in s for x in p) == list(range(60))


def random_split_with_other_seeds(sc):
    """Weights are normalised: [1, 1] and [0.5, 0.5] are the same."""
    rdd = sc.parallelize(range(30), 2)
    return [
        [r.collect() for r in rdd.randomSplit(w, s)]
        for w in ([1, 1], [0.5, 0.5], [10, 1])
        for s in (1, 17)
    ]


def random_split_with_a_zero_weight(sc):
    """That split is empty."""
    return [r.glom().collect() for r in sc.parallelize(range(20), 2).randomSplit([1, 0, 1], 3)]


def random_split_into_one(sc):
    """Everything."""
    return [r.glom().collect() for r in sc.parallelize(range(6), 2).randomSplit([5], 3)]


def random_split_without_weights(sc):
    """An empty list sums to nothing."""
    return sc.parallelize(range(6), 2).randomSplit([], 3)


def random_split_with_negative_weights(sc):
    """Refused."""
    return sc.parallelize(range(6), 2).randomSplit([1, -1], 3)


def random_split_with_zero_weights(sc):
    """Refused: nothing to divide by."""
    return sc.parallelize(range(6), 2).randomSplit([0, 0], 3)


def random_split_covers_without_a_seed(sc):
    """The splits of one call share one seed."""
    a, b = sc.parallelize(range(100), 3).randomSplit([1, 1])
    return sorted(a.collect() + b.collect()) == list(range(100))


def sample_by_key(sc):
    """A fraction for each key."""
    rdd = sc.parallelize([(k, i) for i in range(30) for k in "abc"], 3)
    fractions = {"a": 0.1, "b": 0.5, "c": 1.0}
    return [
        rdd.sampleByKey(r, fractions, s).glom().collect() for r in (False, True) for s in (2, 20)
    ]


def sample_by_key_with_int_fractions(sc):
    """0 and 1."""
    rdd = sc.parallelize([(i % 2, i) for i in range(10)], 2)
    return rdd.sampleByKey(False, {0: 0, 1: 1}, 1).glom().collect()


def sample_by_key_with_a_missing_key(sc):
    """A KeyError of the task."""
    return sc.parallelize([("a", 1), ("b", 2)], 1).sampleByKey(False, {"a": 1.0}, 1).collect()


def sample_by_key_with_a_negative_fraction(sc):
    """An assertion when called."""
    return sc.parallelize([("a", 1)], 1).sampleByKey(False, {"a": -0.5}, 1)


def sample_by_key_keeps_the_partitioner(sc):
    """And the placement."""
    rdd = sc.parallelize([(i % 5, i) for i in range(40)], 3).partitionBy(2)
    out = rdd.sampleByKey(False, {k: 0.4 for k in range(5)}, 8)
    return out.glom().collect(), out.partitioner == rdd.partitioner


def monte_carlo_with_a_seeded_generator(sc):
    """Random numbers of the program, seeded by partition."""

    def hits(index, points):
        import random

        rng = random.Random(index)
        return [sum(rng.random() ** 2 + rng.random() ** 2 < 1 for _ in points)]

    return sc.parallelize(range(1000), 4).mapPartitionsWithIndex(hits).collect()
