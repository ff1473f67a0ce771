"""A small ETL (extract, transform, load) over a web server's log, as MapReduce does it.

    python examples/log_etl.py [log file] [output directory]

The question: how many requests, bytes and errors a day for each section of the site? The five
steps of the classic MapReduce are written one by one:

    extract            log line -> a request, or None where the line is broken
    map                request -> ((day, section), (1, bytes, errors))
    shuffle and sort   equal keys into the same partition, each partition in order of its keys
    reduce             the run of values of one key -> one total
    write              one file a partition, and the broken lines apart

Teaches: real data is dirty (count what you drop and look at it), what a shuffle is, and why
sorted input makes `reduce` a single pass. Without an output directory a temporary one is used.
"""

import re
import sys
import tempfile
from datetime import datetime
from itertools import groupby
from pathlib import Path

from minispark import SparkContext

DATA = Path(__file__).resolve().parent / "data"

# 192.0.2.1 - - [06/May/2024:06:01:02 +0000] "GET /market/stalls HTTP/1.1" 200 5400 "-" "Agent"
LINE = re.compile(r'\S+ \S+ \S+ \[([^\]]+)\] "[A-Z]+ (\S+) HTTP/[\d.]+" (\d{3}) (\d+|-)')


def extract(line):
    """A log line as (day, path, status, bytes); None if the line is not a request."""
    match = LINE.match(line)
    if match is None:
        return None
    time, path, status, size = match.groups()
    try:
        day = datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").date().isoformat()
    except ValueError:  # looks like a time but is none: 31/Bed/2024
        return None
    return day, path, int(status), 0 if size == "-" else int(size)


def to_pair(request):
    """A request as key and value. The section is the first step of the path: /market/x -> market"""
    day, path, status, size = request
    section = path.split("?")[0].split("/")[1] or "home"
    return (day, section), (1, size, 1 if status >= 400 else 0)


def reduce_sorted(pairs):
    """All pairs of a partition, sorted by key: equal keys are neighbours, so one pass is enough."""
    for key, run in groupby(pairs, key=lambda pair: pair[0]):
        requests = size = errors = 0
        for _key, (one, sent, error) in run:
            requests, size, errors = requests + one, size + sent, errors + error
        yield key, (requests, size, errors)


def to_csv(total):
    (day, section), numbers = total
    return ",".join([day, section, *map(str, numbers)])


def main(log, output):
    with SparkContext("local[2]", "LogETL") as sc:
        lines = sc.textFile(log)

        # Extract. Both results of it are needed below, so keep (line, request) once it is made.
        extracted = lines.map(lambda line: (line, extract(line))).cache()
        requests = extracted.values().filter(lambda request: request is not None)
        broken = extracted.filter(lambda pair: pair[1] is None).keys()

        # Map, shuffle and sort, reduce. (In daily work `requests.map(to_pair).reduceByKey(...)`
        # does the last two in one, and adds up within each map task before anything is moved.)
        totals = (
            requests.map(to_pair)
            .repartitionAndSortWithinPartitions(numPartitions=2)
            .mapPartitions(reduce_sorted)
        )

        # Write. Spark refuses a directory that exists, so that no run mixes with an older one.
        totals.map(to_csv).saveAsTextFile(f"{output}/totals")
        broken.coalesce(1).saveAsTextFile(f"{output}/broken")

        print(f"{requests.count()} requests, {broken.count()} broken lines")
        print("day,section,requests,bytes,errors")
        for line in sorted(sc.textFile(f"{output}/totals").collect()):
            print(line)


if __name__ == "__main__":
    log = sys.argv[1] if len(sys.argv) > 1 else str(DATA / "access.log")
    if len(sys.argv) > 2:
        main(log, sys.argv[2])
    else:
        with tempfile.TemporaryDirectory() as directory:
            main(log, f"{directory}/log_etl")
