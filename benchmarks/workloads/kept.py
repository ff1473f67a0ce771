"""What is kept for several jobs: a cached RDD, a broadcast value. It is made in the timed part."""

import os
import pickle
import tempfile
from functools import lru_cache

from benchmarks.workloads.base import Workload, halves

# Five questions to the same cached records.


def cached(sc, n):
    records = sc.parallelize(range(n), 4).map(record).cache()
    return [
        records.count(),
        records.map(lambda pair: pair[1]).sum(),
        records.filter(lambda pair: pair[0] == "k7").count(),
        records.map(lambda pair: pair[1]).max(),
        records.map(lambda pair: len(pair[0]) * pair[1]).sum(),
    ]


def record(i):
    return f"k{i % 1_000}", i * 7919 % 1_000_003


def cached_loop(n):
    records = [(f"k{i % 1_000}", i * 7919 % 1_000_003) for i in range(n)]
    return [question(records) for question in QUESTIONS]


QUESTIONS = (
    len,
    lambda records: sum(value for _key, value in records),
    lambda records: sum(key == "k7" for key, _value in records),
    lambda records: max(value for _key, value in records),
    lambda records: sum(len(key) * value for key, value in records),
)


@lru_cache
def kept_records(bounds):
    return [(f"k{i % 1_000}", i * 7919 % 1_000_003) for i in range(*bounds)]


def cached_part(task):
    question, bounds = task
    return QUESTIONS[question](kept_records(bounds))


def cached_loop2(n, pool):
    """Each process keeps the records of its part; mostly it is given the same one again."""
    answers = []
    for question in range(len(QUESTIONS)):
        tasks = [(question, bounds) for bounds in halves(n)]
        first, second = pool.map(cached_part, tasks, chunksize=1)
        answers.append(max(first, second) if question == 3 else first + second)
    return answers


# A large dict that the tasks of several jobs look things up in; size is its
# number of entries; each job looks up two fifths as many.

JOBS = 5


def broadcast(sc, entries):
    table = sc.broadcast(table_of(entries))
    return [
        sc.parallelize(range(2 * entries // 5), 4)
        .map(lambda i: table.value.get(f"k{i * 7919 % (2 * entries)}", 0))
        .sum()
        for _ in range(JOBS)
    ]


def table_of(entries):
    return {f"k{i}": i for i in range(entries)}


def broadcast_loop(entries):
    table = table_of(entries)
    return [looked_up(table, entries, (0, 2 * entries // 5)) for _ in range(JOBS)]


def looked_up(table, entries, bounds):
    get = table.get
    total = 0
    for i in range(*bounds):
        total += get(f"k{i * 7919 % (2 * entries)}", 0)
    return total


@lru_cache
def loaded(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def broadcast_part(task):
    path, entries, bounds = task
    return looked_up(loaded(path), entries, bounds)


def broadcast_loop2(entries, pool):
    """The table goes through a file that each process loads once."""
    file, path = tempfile.mkstemp()
    with os.fdopen(file, "wb") as out:
        pickle.dump(table_of(entries), out, protocol=pickle.HIGHEST_PROTOCOL)
    tasks = [(path, entries, bounds) for bounds in halves(2 * entries // 5)]
    answers = [sum(pool.map(broadcast_part, tasks, chunksize=1)) for _ in range(JOBS)]
    os.unlink(path)
    return answers


WORKLOADS = [
    Workload(
        name="cached",
        title="Five jobs over {size} cached records",
        size=1_000_000,
        quick_size=50_000,
        spark=cached,
        loop=cached_loop,
        loop2=cached_loop2,
    ),
    Workload(
        name="broadcast",
        title="Five jobs with a broadcast dict of {size} entries",
        size=1_000_000,
        quick_size=20_000,
        spark=broadcast,
        loop=broadcast_loop,
        loop2=broadcast_loop2,
    ),
]
