"""Word count over a set of documents keyed by name.

    python examples/document_wordcount.py [directory of text files]

Teaches: wholeTextFiles, and the shape that MapReduce was first explained with:

    map:    (document, text) -> (word, 1)*
    reduce: (word, [1, 1, ...]) -> (word, n)

and then that the key decides the question: with (document, word) as the key the same program
answers "how often does this word stand in this document?".
"""

import re
import sys
from pathlib import Path

from minispark import SparkContext

DATA = Path(__file__).resolve().parent / "data"


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def map_words(document):
    """(name, text) -> (word, 1) for each word. The name is not used: we count over all."""
    _name, text = document
    return [(word, 1) for word in words(text)]


def map_words_by_document(document):
    """(name, text) -> ((name, word), 1): the same, counted in each document apart."""
    name, text = document
    return [((name, word), 1) for word in words(text)]


def add(a, b):
    return a + b


def main(directory):
    with SparkContext("local[2]", "DocumentWordCount") as sc:
        # wholeTextFiles gives (URI, text), one element a file; the file's name is enough for us.
        documents = (
            sc.wholeTextFiles(directory)
            .map(lambda document: (document[0].rsplit("/", 1)[-1], document[1]))
            .cache()
        )

        print("In all documents:")
        totals = documents.flatMap(map_words).reduceByKey(add)
        for word, n in totals.takeOrdered(8, key=lambda pair: (-pair[1], pair[0])):
            print(f"{n:6} {word}")

        print("The most frequent long words of each document:")
        by_document = (
            documents.flatMap(map_words_by_document)
            .reduceByKey(add)
            .filter(lambda pair: len(pair[0][1]) > 3)
            # ((name, word), n) -> (name, (n, word)): now the document is the key.
            .map(lambda pair: (pair[0][0], (pair[1], pair[0][1])))
            .groupByKey()
            .mapValues(lambda found: sorted(found, key=lambda f: (-f[0], f[1]))[:3])
            .sortByKey()
        )
        for name, found in by_document.collect():
            print(f"  {name}: " + ", ".join(f"{word} {n}" for n, word in found))

        # Which words stand in every document? One (word, 1) for each *different* word of each.
        n_documents = documents.count()
        everywhere = (
            documents.flatMap(lambda document: [(word, 1) for word in set(words(document[1]))])
            .reduceByKey(add)
            .filter(lambda pair: pair[1] == n_documents)
            .keys()
        )
        print(f"In each of the {n_documents} documents: " + " ".join(sorted(everywhere.collect())))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(DATA / "documents"))
