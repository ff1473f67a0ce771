"""Every example in a docstring of the package is true.

An example finds a SparkContext with two slots as `sc`, as the reader of a docstring is told.
`tests/live` runs those of the public classes on real PySpark.
"""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import minispark
from minispark import SparkContext, resource
from minispark.resultiterable import ResultIterable
from minispark.statcounter import StatCounter

MODULES = ["minispark"] + [
    module.name for module in pkgutil.walk_packages(minispark.__path__, "minispark.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(sc: SparkContext, name: str) -> None:
    module = importlib.import_module(name)
    results = doctest.testmod(module, extraglobs={"sc": sc}, optionflags=doctest.ELLIPSIS)
    assert results.failed == 0


CLASSES = [
    minispark.Accumulator,
    minispark.AccumulatorParam,
    minispark.BarrierTaskContext,
    minispark.BarrierTaskInfo,
    minispark.BasicProfiler,
    minispark.Broadcast,
    minispark.Profiler,
    minispark.RDD,
    minispark.RDDBarrier,
    minispark.SparkConf,
    minispark.SparkContext,
    minispark.SparkFiles,
    minispark.StatusTracker,
    minispark.StorageLevel,
    minispark.TaskContext,
    StatCounter,
    ResultIterable,
    *(getattr(resource, name) for name in resource.__all__),
]
NO_EXAMPLE = {
    "Accumulator.local_value": "for the engine",
    "SparkContext.stop": "an example would stop the context of those that follow it",
}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_each_public_name_of_a_class_has_an_example(cls: type) -> None:
    documented = {cls.__name__: cls} | {
        f"{cls.__name__}.{name}": getattr(cls, name)
        for name in dir(cls)
        if not name.startswith("_")
        and (callable(getattr(cls, name)) or isinstance(getattr(cls, name), property))
    }
    without = {name for name, value in documented.items() if ">>>" not in (value.__doc__ or "")}
    assert without - NO_EXAMPLE.keys() == set()
