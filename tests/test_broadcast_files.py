"""The files of broadcast values: there as long as something refers to them."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from minispark import RDD, SparkConf, SparkContext


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_the_file_of_a_broadcast_value_goes_when_nothing_refers_to_it(executor: str) -> None:
    conf = SparkConf().set("spark.minispark.executor", executor)
    with SparkContext("local[2]", "broadcast files", conf=conf) as sc:
        directory = Path(sc._engine.directory.path)

        def files() -> int:
            gc.collect()
            sc.parallelize([1], 1).count()
            return len(list(directory.rglob("broadcast_*")))

        def looked_up() -> RDD[int]:
            table = sc.broadcast({1: 10, 2: 20})
            return sc.parallelize([1, 2], 2).map(lambda x: table.value[x])

        rdd = looked_up()
        child = rdd.repartition(1)
        del rdd
        assert files() == 1, "an RDD refers to it"
        assert sorted(child.collect()) == sorted(child.collect()) == [10, 20]
        del child
        assert files() == 0
        of_program = sc.broadcast(1)
        assert files() == 1
        pid = os.fork()
        if pid == 0:
            del of_program
            os._exit(0)
        os.waitpid(pid, 0)
        assert files() == 1, "a forked child removes nothing of its parent's"
        of_program.destroy()
        assert files() == 0
