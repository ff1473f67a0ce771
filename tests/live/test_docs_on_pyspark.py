"""What the docstrings of the public classes show is what real PySpark shows.

Each example runs as it stands, with `sc` a PySpark context. Starts a JVM, so it is not part of the
ordinary run: `pytest tests/live`. Needs pyspark and Java; their absence is an error here, not a
skip.
"""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from collections.abc import Iterator

import pyspark
import pytest

from minispark.core import context, rdd


@pytest.fixture(scope="module", autouse=True)
def _seed_and_end() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        # pyspark refuses to look a key up without it, whatever it is.
        environment.setenv("PYTHONHASHSEED", "0")
        yield
        pyspark.SparkContext.getOrCreate().stop()


@pytest.fixture
def pyspark_context() -> pyspark.SparkContext:
    """One for all, or a new one after an example that makes its own."""
    conf = pyspark.SparkConf().setMaster("local[2]").setAppName("docs")
    context = pyspark.SparkContext.getOrCreate(conf)
    context.setLogLevel("OFF")
    return context


ONLY_HERE = {
    "uiWebUrl": "there is a UI there",
    "checkpoint": "its files stay there, and those of the example are gone with their folder",
}
PARTS = [module.name for module in pkgutil.iter_modules(rdd.__path__, f"{rdd.__name__}.")] + [
    module.name for module in pkgutil.iter_modules(context.__path__, f"{context.__name__}.")
]


@pytest.mark.parametrize(
    "name",
    [
        "minispark.core.rdd",
        "minispark.core.context",
        *PARTS,
        "minispark.accumulators",
        "minispark.conf",
        "minispark.core.broadcast",
        "minispark.core.files",
        "minispark.core.status",
        "minispark.profiler",
        "minispark.resource.information",
        "minispark.resource.profile",
        "minispark.resource.requests",
        "minispark.resultiterable",
        "minispark.statcounter",
        "minispark.storagelevel",
        "minispark.taskcontext",
        "minispark.util",
    ],
)
def test_the_examples_are_true_on_pyspark(
    pyspark_context: pyspark.SparkContext, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # PySpark keeps a TaskContext that an example makes, and then takes this for a task.
    monkeypatch.setattr(pyspark.TaskContext, "_taskContext", None)
    module = importlib.import_module(name)
    pyspark_context.setLocalProperty("spark.jobGroup.id", None)  # others leave theirs
    there = _names_there(name)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in doctest.DocTestFinder().find(module, extraglobs={"sc": pyspark_context}):
        owner, _, member = test.name.removeprefix(f"{name}.").rpartition(".")
        if member.startswith("_") or owner.startswith("_") or member in ONLY_HERE:
            continue
        if not owner and name in PARTS and member not in there:
            continue  # a function of a module that PySpark has not
        for example in test.examples:
            example.source = example.source.replace("minispark", "pyspark")
            example.want = example.want.replace("minispark", "pyspark")
            if example.exc_msg is not None:
                example.exc_msg = example.exc_msg.replace("minispark", "pyspark")
        test.globs = {**there, "sc": pyspark_context}
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def _names_there(name: str) -> dict[str, object]:
    """What an example finds without an import: the public names of PySpark's module."""
    home = re.sub(r"\.core\.(rdd|context)\..*", r".core.\1", name).replace("minispark", "pyspark")
    return vars(importlib.import_module(home))
