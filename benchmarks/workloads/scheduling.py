"""Next to no work in many jobs, tasks and blocks: what the scheduler and the shuffle cost."""

from operator import add

from benchmarks.workloads.base import MINISPARK, Workload


def plus_one(x):
    return x + 1


# Many jobs, one after the other, in one context; size is their number.


def tiny_jobs(sc, jobs):
    return sum(sc.parallelize(range(i, i + 100), 4).map(plus_one).sum() for i in range(jobs))


def tiny_jobs_loop(jobs):
    return sum(sum(map(plus_one, range(i, i + 100))) for i in range(jobs))


# One job of many tasks; size is their number.


def tiny_tasks(sc, partitions):
    return sc.parallelize(range(partitions), partitions).map(plus_one).sum()


def tiny_tasks_loop(partitions):
    return sum(map(plus_one, range(partitions)))


# A shuffle of many small blocks: size map partitions, and as many reduce partitions.

RECORDS_A_PARTITION = 1_000
KEYS = 10_000


def shuffle_grid(sc, partitions):
    records = sc.parallelize(range(RECORDS_A_PARTITION * partitions), partitions)
    return records.map(lambda x: (x % KEYS, 1)).reduceByKey(add, partitions).collect()


def shuffle_grid_loop(partitions):
    counts = {}
    for x in range(RECORDS_A_PARTITION * partitions):
        key = x % KEYS
        counts[key] = counts.get(key, 0) + 1
    return counts


WORKLOADS = [
    Workload(
        name="tiny_jobs",
        title="{size} jobs of 4 tiny partitions, one warm context",
        size=200,
        quick_size=20,
        spark=tiny_jobs,
        loop=tiny_jobs_loop,
        loop_is_goal=False,
    ),
    Workload(
        name="tiny_tasks",
        title="One job of {size} tiny partitions",
        size=2_000,
        quick_size=100,
        spark=tiny_tasks,
        loop=tiny_tasks_loop,
        loop_is_goal=False,
    ),
    Workload(
        name="tiny_tasks_10000",
        title="One job of {size} tiny partitions",
        size=10_000,
        quick_size=200,
        spark=tiny_tasks,
        loop=tiny_tasks_loop,
        only_on=(*MINISPARK, "loop"),  # several minutes on PySpark
        loop_is_goal=False,
    ),
    Workload(
        name="shuffle_200x200",
        title="Shuffle of {size} x {size} partitions (reduceByKey)",
        size=200,
        quick_size=20,
        spark=shuffle_grid,
        loop=shuffle_grid_loop,
    ),
]
