"""Every example in a docstring of the package is true.

An example finds a SparkContext with two slots as `sc`, as the reader of a docstring is told.
`tests/live` runs those of the RDD class on real PySpark.
"""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import minispark
from minispark import RDD, SparkContext

MODULES = ["minispark"] + [
    module.name for module in pkgutil.walk_packages(minispark.__path__, "minispark.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(sc: SparkContext, name: str) -> None:
    module = importlib.import_module(name)
    results = doctest.testmod(module, extraglobs={"sc": sc}, optionflags=doctest.ELLIPSIS)
    assert results.failed == 0


def test_each_public_operation_of_an_rdd_has_an_example() -> None:
    without = [
        name
        for name in dir(RDD)
        if not name.startswith("_")
        and callable(getattr(RDD, name))
        and ">>>" not in (getattr(RDD, name).__doc__ or "")
    ]
    assert without == []
