"""One job a partition: how a driver goes through an RDD that it cannot hold.

For `RDD.toLocalIterator`. Must not know: how a job is run, what its results are.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from minispark.core.rdd.failures import raise_behind
from minispark.errors.exceptions.captured import JOB_FAILURES

R = TypeVar("R")


def partition_results(
    run_job: Callable[[list[int]], R], num_partitions: Callable[[], int], prefetch: bool
) -> Iterator[R]:
    """What ``run_job([i])`` gives, for each partition i, run when it is asked for.

    With ``prefetch`` the job after the one that is asked for is started, too. Nothing is asked
    of either function before the first result is.

    >>> list(partition_results(lambda partitions: partitions, lambda: 3, prefetch=True))
    [[0], [1], [2]]
    """
    results = _one_ahead if prefetch else _in_turn
    try:
        yield from results(run_job, num_partitions)
    except JOB_FAILURES as failure:
        raise_behind("Exception thrown in awaitResult: ", failure)


def _in_turn(run_job: Callable[[list[int]], R], num_partitions: Callable[[], int]) -> Iterator[R]:
    for partition in range(num_partitions()):
        yield run_job([partition])


def _one_ahead(run_job: Callable[[list[int]], R], num_partitions: Callable[[], int]) -> Iterator[R]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, "prefetch") as thread:
        jobs = (thread.submit(run_job, [partition]) for partition in range(num_partitions()))
        ahead = next(jobs, None)
        while ahead is not None:
            result = ahead.result()
            ahead = next(jobs, None)
            yield result
