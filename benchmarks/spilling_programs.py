"""One program on more data than memory, in this process: see `benchmarks.spilling`.

Records are made in the tasks, so nothing is held but by what is measured. A payload is text that
differs in each record. The right answer is known: each record's key and the length of its payload
are added up.
"""

from __future__ import annotations

import base64
import importlib
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

IN, OUT = 16, 8
"""Partitions, before and behind a shuffle."""


def records(count: int, length: int, step: int, part: int) -> Iterator[tuple[int, str]]:
    """The pairs (key, payload) of one of `IN` parts; keys are 0 to count - 1, each once, mixed.

    A payload is letters in no order: about as hard to compress as what programs have.
    """
    some = random.Random(7).randbytes(3 << 18)
    text = base64.b64encode(some).decode("ascii") * 2
    half, fill = len(text) // 2, length - 10
    for i in range(part, count, IN):
        key = i * step % count
        start = key * 31 % half
        yield key, f"{key:010d}{text[start : start + fill]}"


def made(sc: Any, count: int, length: int, step: int = 7_919) -> Any:
    return sc.parallelize(range(IN), IN).flatMap(partial(records, count, length, step))


def total(pairs: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    keys = lengths = 0
    for key, payload in pairs:
        keys += key
        lengths += len(payload) + int(payload[:10])
    yield keys, lengths


def added(sums: Iterable[tuple[int, int]]) -> tuple[int, int]:
    keys, lengths = zip(*sums, strict=True)
    return sum(keys), sum(lengths)


def of_all(count: int, length: int) -> tuple[int, int]:
    keys = count * (count - 1) // 2
    return keys, keys + count * length


def in_order(pairs: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int, int, int]]:
    first = last = None
    keys = lengths = 0
    for key, payload in pairs:
        if last is not None and key < last:
            raise AssertionError("not sorted")
        first = key if first is None else first
        last = key
        keys += key
        lengths += len(payload) + int(payload[:10])
    if first is not None and last is not None:
        yield first, last, keys, lengths


def sort(sc: Any, count: int, length: int) -> bool:
    found = made(sc, count, length).sortByKey(numPartitions=OUT).mapPartitions(in_order).collect()
    is_sorted = all(a[1] <= b[0] for a, b in pairwise(found))
    return is_sorted and added(each[2:] for each in found) == of_all(count, length)


def group(sc: Any, count: int, length: int) -> bool:
    """Ten values a key."""

    def of_groups(groups: Iterable[tuple[int, Iterable[str]]]) -> Iterator[tuple[int, int]]:
        keys = lengths = 0
        for key, payloads in groups:
            for payload in payloads:
                keys += int(payload[:10])
                lengths += len(payload) + int(payload[:10])
                if int(payload[:10]) // 10 != key:
                    raise AssertionError("in the wrong group")
        yield keys, lengths

    pairs = made(sc, count, length).map(lambda pair: (pair[0] // 10, pair[1]))
    found = pairs.groupByKey(OUT).mapPartitions(of_groups).collect()
    return added(found) == of_all(count, length)


def reduce(sc: Any, count: int, length: int) -> bool:
    """All keys distinct."""
    reduced = made(sc, count, length).reduceByKey(lambda a, b: a + b, OUT)
    return added(reduced.mapPartitions(total).collect()) == of_all(count, length)


def distinct(sc: Any, count: int, length: int) -> bool:
    texts = made(sc, count, length).values().distinct(OUT)
    pairs = texts.map(lambda text: (int(text[:10]), text))
    return added(pairs.mapPartitions(total).collect()) == of_all(count, length)


def join(sc: Any, count: int, length: int) -> bool:
    """Two sides of half the records each."""

    def of_pairs(pairs: Iterable[tuple[int, tuple[str, str]]]) -> Iterator[tuple[int, int]]:
        return total((key, left) for key, (left, right) in pairs if left == right)

    half = count // 2
    joined = made(sc, half, length).join(made(sc, half, length, 104_729), OUT)
    return added(joined.mapPartitions(of_pairs).collect()) == of_all(half, length)


def cogroup(sc: Any, count: int, length: int) -> bool:
    def of_groups(groups: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, int]]:
        return total(
            (key, left) for key, (lefts, rights) in groups for left in lefts if left in list(rights)
        )

    half = count // 2
    grouped = made(sc, half, length).cogroup(made(sc, half, length, 104_729), OUT)
    return added(grouped.mapPartitions(of_groups).collect()) == of_all(half, length)


HOT = 20_000_000


def hot_key(sc: Any, count: int, length: int) -> bool:
    """One key with 20 million values: counted, and added up one after the other."""
    groups = sc.range(HOT, numSlices=IN).map(lambda i: ("hot", i)).groupByKey(OUT)
    counted = groups.mapValues(len).collect()
    summed = groups.mapValues(sum).collect()
    return counted == [("hot", HOT)] and summed == [("hot", HOT * (HOT - 1) // 2)]


PROGRAMS: dict[str, Callable[[Any, int, int], bool]] = {
    program.__name__: program for program in (sort, group, reduce, join, distinct, cogroup, hot_key)
}


def main(request: dict[str, Any]) -> None:
    spark = importlib.import_module(request["module"])
    conf = spark.SparkConf().setMaster("local[2]").setAppName(request["program"])
    conf.set("spark.python.worker.memory", request["memory"])
    conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
    length = request["record_bytes"]
    count = request["megabytes"] * 10**6 // length
    with spark.SparkContext(conf=conf) as sc:
        sc.setLogLevel("ERROR")
        for _ in range(5):
            sc.parallelize(range(1_000), 4).map(lambda x: (x % 10, x)).groupByKey().collect()
        print("idle", flush=True)
        sys.stdin.readline()
        start = perf_counter()
        is_right = PROGRAMS[request["program"]](sc, count, length)
        answer = {"seconds": perf_counter() - start, "right": is_right}
    Path(request["answer"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
