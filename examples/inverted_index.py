"""An inverted index: from each word to the places where it stands, and a search in it.

    python examples/inverted_index.py [directory of text files] [word ...]

Teaches: a generator in flatMap, groupByKey where the whole group is wanted (for a sum it would be
wasteful: there reduceByKey adds up before anything is moved), a broadcast set for look-ups in
tasks, and one index read by two questions. It is the heart of every search engine.
"""

import re
import sys
from pathlib import Path

from minispark import SparkContext

DATA = Path(__file__).resolve().parent / "data"
STOP_WORDS = {"a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "it", "no", "of"}
STOP_WORDS |= {"on", "the", "there", "to"}


def main(directory, query):
    with SparkContext("local[2]", "InvertedIndex") as sc:
        # The set is sent to the tasks once, not once in every closure that mentions it.
        stop_words = sc.broadcast(STOP_WORDS)

        def places(document):
            """(URI, text) -> (word, (file name, line number)) for each word worth finding."""
            uri, text = document
            name = uri.rsplit("/", 1)[-1]
            for number, line in enumerate(text.splitlines(), start=1):
                for word in re.findall(r"[a-z']+", line.lower()):
                    if word not in stop_words.value:
                        yield word, (name, number)

        index = (
            sc.wholeTextFiles(directory)
            .flatMap(places)
            .distinct()  # a word twice in one line is one place
            .groupByKey()
            .mapValues(sorted)
            .cache()
        )

        print(f"{index.count()} words; those in most places:")
        for word, found in index.takeOrdered(5, key=lambda entry: (-len(entry[1]), entry[0])):
            print(f"  {word}: " + " ".join(f"{name}:{number}" for name, number in found))

        # Search: the documents that hold every word of the query.
        print("Documents with " + " and ".join(query) + ":")
        hits = index.filter(lambda entry: entry[0] in query).flatMap(
            lambda entry: {(name, entry[0]) for name, _number in entry[1]}
        )
        complete = hits.groupByKey().filter(lambda hit: len(set(hit[1])) == len(set(query)))
        for name in sorted(complete.keys().collect()):
            print(f"  {name}")


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else str(DATA / "documents"),
        sys.argv[2:] or ["bread", "market"],
    )
