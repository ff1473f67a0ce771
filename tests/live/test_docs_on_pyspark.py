"""What the docstrings of the RDD class show is what real PySpark shows.

Each example runs as it stands, with `sc` a PySpark context. Starts a JVM, so it is not part of the
ordinary run: `pytest tests/live`. Needs pyspark and Java; their absence is an error here, not a
skip.
"""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Iterator

import pyspark
import pytest


@pytest.fixture(scope="module")
def pyspark_context() -> Iterator[pyspark.SparkContext]:
    with pytest.MonkeyPatch.context() as environment:
        # pyspark refuses to look a key up without it, whatever it is.
        environment.setenv("PYTHONHASHSEED", "0")
        with pyspark.SparkContext("local[2]", "docs") as context:
            context.setLogLevel("OFF")
            yield context


@pytest.mark.parametrize(
    "subject",
    ["", ".base", ".structure", ".elements", ".actions", ".pairs", ".numbers", ".ordered"],
)
def test_the_examples_of_the_rdd_class_are_true_on_pyspark(
    pyspark_context: pyspark.SparkContext, subject: str
) -> None:
    module = importlib.import_module("minispark.core.rdd" + subject)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in doctest.DocTestFinder().find(module, extraglobs={"sc": pyspark_context}):
        for example in test.examples:
            example.source = example.source.replace("minispark", "pyspark")
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
