"""Work on a text file; sizes are in MB (10**6 bytes). The file is there before the timed part."""

import gzip
import os
from collections import defaultdict
from itertools import islice
from operator import add

from benchmarks.data import gzip_file, text_file
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
    with open(path, encoding="utf-8") as lines:
        return counted(lines)


def counted(lines):
    counts = defaultdict(int)
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


# The same of a compressed file, which cannot be split: no version for two processes.


def wordcount_gzip_loop(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return counted(lines)


# The head of a big file, several times: nothing needs to read all of it.

LOOKS = 20


def head(sc, path):
    lines = sc.textFile(path)
    return [(lines.first(), lines.map(len).take(100)) for _ in range(LOOKS)]


def head_loop(path):
    looks = []
    for _ in range(LOOKS):
        with open(path, encoding="utf-8") as lines:
            first = next(lines).rstrip("\n")
        with open(path, encoding="utf-8") as lines:
            looks.append((first, [len(line) - 1 for line in islice(lines, 100)]))
    return looks


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
    ),
    Workload(
        name="wordcount_gzip",
        title="Word count of {size} MB of text, gzip",
        size=100,
        quick_size=5,
        spark=wordcount,
        loop=wordcount_gzip_loop,
        input=gzip_file,
    ),
    Workload(
        name="head",
        title="first and take(100) of {size} MB of text, 20 times",
        size=100,
        quick_size=5,
        spark=head,
        loop=head_loop,
        input=text_file,
        loop_is_goal=False,
    ),
]
