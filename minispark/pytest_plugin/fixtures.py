"""The fixtures `sc` and `spark`: one context for the session, of the engine that was asked for.

For test suites: a project's own fixtures of these names go before them. Must not know: how tests
are run on two engines.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from importlib import import_module
from typing import Any

import pytest

from minispark.pytest_plugin import engines

DEFAULTS = {
    "spark.master": "local[2]",
    "spark.app.name": "pytest",
    "spark.ui.enabled": "false",  # a web server that no test looks at
}
_OF_A_TEST = (
    "spark.jobGroup.id",
    "spark.job.description",
    "spark.job.interruptOnCancel",
    "spark.scheduler.pool",
)
"""What a test may set for the jobs of its thread."""

_SHARED = pytest.StashKey[Any]()
"""In the config: the context that `sc` has made, while it is in use."""


def settings(config: pytest.Config) -> dict[str, str]:
    """The settings of the context: the defaults, and over them those of `spark_conf`."""
    found = dict(DEFAULTS)
    for line in config.getini("spark_conf"):
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            raise pytest.UsageError(
                f"spark_conf in the settings of pytest: {line!r} is not of the form key=value"
            )
        found[key.strip()] = value.strip()
    return found


@pytest.fixture(scope="session")
def spark_engine(pytestconfig: pytest.Config) -> str:
    """The engine that runs this test: "minispark" or "pyspark"."""
    asked = pytestconfig.stash[engines.ENGINE]
    return engines.PYSPARK if asked == engines.PYSPARK else engines.MINISPARK


@pytest.fixture(scope="session")
def sc(pytestconfig: pytest.Config) -> Iterator[Any]:
    """A SparkContext for the whole session. Of minispark, if no engine is asked for.

    The one that runs already, where another fixture has made it.
    """
    spark = import_module(engines.package(pytestconfig))
    if spark.SparkContext._active_spark_context is not None:
        yield spark.SparkContext.getOrCreate()
        return
    conf = spark.SparkConf().setAll(list(settings(pytestconfig).items()))
    with spark.SparkContext(conf=conf) as context:
        pytestconfig.stash[_SHARED] = context
        yield context
        pytestconfig.stash[_SHARED] = None


@pytest.fixture(scope="session")
def spark(pytestconfig: pytest.Config, sc: Any) -> Iterator[Any]:
    """A SparkSession for the whole session, that of the context `sc`."""
    sql = import_module(f"{engines.package(pytestconfig)}.sql")
    session = sql.SparkSession.builder.getOrCreate()
    yield session
    session.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """After each test, clear what it set for its jobs; tell of one that stopped the context."""
    result = yield
    context = item.config.stash.get(_SHARED, None)
    if context is not None:
        if type(context)._active_spark_context is not context:
            item.config.stash[_SHARED] = None
            pytest.fail(
                "the SparkContext of the fixture sc is shared by all tests, and was stopped in "
                "this one: tests after it will fail. Do not stop it in tests; code that has to "
                "stop its context is tested with one of its own",
                pytrace=False,
            )
        for key in _OF_A_TEST:
            context.setLocalProperty(key, None)
        context.clearJobTags()
    return result
