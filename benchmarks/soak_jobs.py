"""The jobs of a soak: small, of all kinds, each checks its own answer.

A job is given a context, a random generator, and a directory that it leaves as it was.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from operator import add
from pathlib import Path
from random import Random
from typing import Any

from minispark import SparkContext, StorageLevel
from minispark.errors import SparkException

Job = Callable[[SparkContext, Random, Path], None]

WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "cat")
LEVELS = (
    StorageLevel.MEMORY_ONLY,
    StorageLevel.MEMORY_AND_DISK,
    StorageLevel.DISK_ONLY,
)


class WrongAnswer(Exception):
    """A job gave another answer than plain Python does."""


def check(found: Any, expected: Any) -> None:
    if found != expected:
        raise WrongAnswer(f"found {found!r:.500}, expected {expected!r:.500}")


def pairs_of(random: Random, count: int = 2000, keys: int = 50) -> list[tuple[int, int]]:
    return [(random.randrange(keys), random.randrange(1000)) for _ in range(count)]


def word_count(sc: SparkContext, random: Random, directory: Path) -> None:
    lines = [" ".join(random.choices(WORDS, k=8)) for _ in range(300)]
    counts = (
        sc.parallelize(lines, 3).flatMap(str.split).map(lambda word: (word, 1)).reduceByKey(add)
    )
    check(counts.collectAsMap(), dict(Counter(word for line in lines for word in line.split())))


def reduce_by_key(sc: SparkContext, random: Random, directory: Path) -> None:
    pairs, sums = pairs_of(random), defaultdict(int)
    for key, value in pairs:
        sums[key] += value
    check(sc.parallelize(pairs, 4).reduceByKey(add, 3).collectAsMap(), dict(sums))


def group_by_key(sc: SparkContext, random: Random, directory: Path) -> None:
    pairs, groups = pairs_of(random), defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    check(sc.parallelize(pairs, 4).groupByKey(2).mapValues(list).collectAsMap(), dict(groups))


def join(sc: SparkContext, random: Random, directory: Path) -> None:
    left, right = pairs_of(random, 300), pairs_of(random, 100)
    found = sc.parallelize(left, 3).join(sc.parallelize(right, 2)).collect()
    expected = [(key, (a, b)) for key, a in left for other, b in right if key == other]
    check(sorted(found), sorted(expected))


def sort(sc: SparkContext, random: Random, directory: Path) -> None:
    numbers = [random.random() for _ in range(5000)]
    check(
        sc.parallelize(numbers, 4).sortBy(lambda x: x, numPartitions=3).collect(), sorted(numbers)
    )


def cache(sc: SparkContext, random: Random, directory: Path) -> None:
    """Half of them unpersisted, the others left to the garbage collector."""
    count = random.randrange(1000, 3000)
    rdd = sc.parallelize(range(count), 3).map(lambda x: x + 1).persist(random.choice(LEVELS))
    check((rdd.sum(), rdd.count(), rdd.max()), (count * (count + 1) // 2, count, count))
    if random.random() < 0.5:
        rdd.unpersist(blocking=True)


def broadcast(sc: SparkContext, random: Random, directory: Path) -> None:
    """A third of them destroyed, a third unpersisted, the others left to the garbage collector."""
    table = sc.broadcast({key: random.random() for key in range(5000)})
    found = sc.parallelize(range(100), 3).map(lambda key: table.value[key]).collect()
    check(found, [table.value[key] for key in range(100)])
    random.choice([table.destroy, table.unpersist, lambda: None])()


def accumulate(sc: SparkContext, random: Random, directory: Path) -> None:
    total, count = sc.accumulator(0), random.randrange(500)
    sc.parallelize(range(count), 4).foreach(lambda x: total.add(x))
    check(total.value, sum(range(count)))


def checkpoint(sc: SparkContext, random: Random, directory: Path) -> None:
    """Into files or, half of them, local."""
    rdd = sc.parallelize(range(200), 2).map(lambda x: (x % 7, x)).reduceByKey(add)
    is_local = random.random() < 0.5
    rdd.localCheckpoint() if is_local else rdd.checkpoint()
    expected = [(key, sum(range(key, 200, 7))) for key in range(7)]
    check((sorted(rdd.collect()), sorted(rdd.collect())), (expected, expected))
    check(rdd.isCheckpointed(), True)
    files = rdd.getCheckpointFile()
    if files is not None:
        shutil.rmtree(files.removeprefix("file:"))


def fail(sc: SparkContext, random: Random, directory: Path) -> None:
    """In its first or second stage, by an exception or, half of them, by the end of the worker."""
    bad = random.randrange(100)
    dies = sc.getConf().get("spark.minispark.executor") != "threads" and random.random() < 0.5

    def step(x: int) -> tuple[int, int]:
        if x == bad:
            if dies:
                os._exit(3)
            raise ValueError(f"not {bad}")
        return x % 5, x

    rdd = sc.parallelize(range(100), 3).map(step)
    try:
        rdd.reduceByKey(add).count() if random.random() < 0.5 else rdd.count()
    except SparkException as error:
        check((f"not {bad}" if not dies else "exit status 3") in str(error), True)
    else:
        raise WrongAnswer("a job that fails did not")


def cancel(sc: SparkContext, random: Random, directory: Path) -> None:
    group, has_ended = f"soak-{random.random()}", threading.Event()

    def cancel_soon() -> None:
        while not has_ended.wait(pause):  # the first time it may not have been submitted yet
            sc.cancelJobGroup(group)

    def wait(x: int) -> int:
        threading.Event().wait(30)
        return x

    pause = random.uniform(0.01, 0.1)
    canceller = threading.Thread(target=cancel_soon)
    sc.setJobGroup(group, "is cancelled", interruptOnCancel=True)
    canceller.start()
    try:
        sc.parallelize(range(2), 2).map(wait).count()
    except SparkException as error:
        check("cancelled" in str(error), True)
    else:
        raise WrongAnswer("a job that is cancelled ended")
    finally:
        has_ended.set()
        canceller.join()
        sc.setLocalProperty("spark.jobGroup.id", None)


def take(sc: SparkContext, random: Random, directory: Path) -> None:
    count = random.randrange(1, 400)
    rdd = sc.parallelize(range(1000), 10).filter(lambda x: x % 2 == 1)
    check((rdd.take(count), rdd.first()), (list(range(1, 2 * count, 2)), 1))


def files(sc: SparkContext, random: Random, directory: Path) -> None:
    place = tempfile.mkdtemp(dir=directory)
    try:
        lines = [random.choice(WORDS) * random.randrange(9) for _ in range(500)]
        codec = random.choice([None, "org.apache.hadoop.io.compress.GzipCodec"])
        sc.parallelize(lines, 3).saveAsTextFile(f"{place}/saved", codec)
        # Files come in the order of their directory, as in Hadoop.
        check(sorted(sc.textFile(f"{place}/saved").collect()), sorted(lines))
    finally:
        shutil.rmtree(place)


JOBS: tuple[Job, ...] = (
    word_count,
    reduce_by_key,
    group_by_key,
    join,
    sort,
    cache,
    broadcast,
    accumulate,
    checkpoint,
    fail,
    cancel,
    take,
    files,
)
