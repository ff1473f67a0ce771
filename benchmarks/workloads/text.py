"""Work on a text file; sizes are in MB (10**6 bytes). The file is there before the timed part."""

import os
from collections import defaultdict
from operator import add

from benchmarks.data import text_file
from benchmarks.workloads.base import Workload


def wordcount(sc, path):
    return (
        sc.textFile(path)
        .flatMap(lambda line: line.split())
        .map(lambda word: (word, 1))
        .reduceByKey(add)
        .collect()
    )


def wordcount_loop(path):
    counts = defaultdict(int)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            for word in line.split():
                counts[word] += 1
    return dict(counts)


def wordcount_part(part):
    """The lines that start in the bytes from start to end of the file."""
    path, start, end = part
    counts = defaultdict(int)
    with open(path, "rb") as lines:
        if start > 0:
            lines.seek(start - 1)
            lines.readline()  # the line that crosses the start belongs to the part before
        position = lines.tell()
        for line in lines:
            if position >= end:
                break
            position += len(line)
            for word in line.decode("utf-8").split():
                counts[word] += 1
    return dict(counts)


def wordcount_loop2(path, pool):
    size = os.path.getsize(path)
    parts = [(path, 0, size // 2), (path, size // 2, size)]
    counts, more = pool.map(wordcount_part, parts)
    for word, n in more.items():
        counts[word] = counts.get(word, 0) + n
    return counts


WORKLOADS = [
    Workload(
        name="wordcount",
        title="Word count of {size} MB of text",
        size=100,
        quick_size=5,
        spark=wordcount,
        loop=wordcount_loop,
        loop2=wordcount_loop2,
        input=text_file,
    )
]
