"""Word count: how often does each word stand in a file?

    python examples/wordcount.py [text file] [output directory]

Teaches: an RDD of lines, flatMap, map to pairs, reduceByKey, and that nothing runs before an
action asks for a result. With an output directory, all counts are written there as text.
"""

import re
import sys
from pathlib import Path

from minispark import SparkContext

DATA = Path(__file__).resolve().parent / "data"


def words(line):
    """The words of one line: lower case, letters and apostrophes only."""
    return re.findall(r"[a-z']+", line.lower())


def main(path, output=None):
    with SparkContext("local[2]", "WordCount") as sc:
        lines = sc.textFile(path)  # one element a line; the file is not read yet
        counts = (
            lines.flatMap(words)  # one element a word
            .map(lambda word: (word, 1))  # a pair: key, value
            .reduceByKey(lambda a, b: a + b)  # add the ones of equal words
            .cache()  # two actions follow: count once, keep the result
        )

        # The actions: only now is the file read. Ties in the count are put in alphabetical order,
        # so that the answer is the same on every run.
        print(f"{counts.count()} different words in {Path(path).name}")
        for word, n in counts.takeOrdered(10, key=lambda pair: (-pair[1], pair[0])):
            print(f"{n:6} {word}")

        if output is not None:
            counts.sortByKey().map(lambda pair: f"{pair[0]}\t{pair[1]}").saveAsTextFile(output)


if __name__ == "__main__":
    arguments = sys.argv[1:] or [str(DATA / "market_town.txt")]
    main(*arguments)
