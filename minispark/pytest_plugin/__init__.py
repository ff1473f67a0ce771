"""The pytest plugin: which engine `import pyspark` means in tests, and fixtures that run on it.

For test suites; docs/testing.md is the guide. It is loaded by every run of pytest where minispark
is installed, so it imports nothing of the API until an option asks for it or a fixture is used.

    engines      which engine is asked for, and whether it is there
    fixtures     sc, spark, spark_engine
    variants     `both`: each test that takes them, once an engine
    both         `both`: sends the tests of PySpark to another process
    other        ... which it starts, talks to and ends
    serving      ... and what that process does
    wire         what passes between the two
"""

from __future__ import annotations

import os

import pytest

from minispark.pytest_plugin import engines
from minispark.pytest_plugin.fixtures import pytest_runtest_teardown as pytest_runtest_teardown
from minispark.pytest_plugin.fixtures import sc as sc
from minispark.pytest_plugin.fixtures import settings
from minispark.pytest_plugin.fixtures import spark as spark
from minispark.pytest_plugin.fixtures import spark_engine as spark_engine

_SERVE = "MINISPARK_PYTEST_SERVE"
"""The variable by which the process that runs PySpark's tests learns that it is that one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and the settings."""
    group = parser.getgroup("minispark")
    group.addoption(
        "--spark-engine",
        choices=engines.CHOICES,
        help="what `import pyspark` means in the tests: minispark, the real PySpark, or each of "
        "the two for the tests that take the fixtures sc or spark",
    )
    parser.addini("spark_engine", "the same as --spark-engine, which goes before it")
    parser.addini(
        "spark_conf",
        "settings of the context of the fixtures sc and spark, a line key=value each",
        type="linelist",
    )
    parser.addini(
        "spark_fixtures",
        "names of fixtures: with --spark-engine both, tests that take one run on both engines "
        "(default: sc, spark)",
        type="args",
        default=["sc", "spark"],
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Settle what `import pyspark` means before any code of the tests is imported."""
    _settle(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and what `both` needs."""
    config.addinivalue_line(
        "markers",
        f"{engines.NEEDS_JVM}: the test needs Spark's JVM: skipped on minispark, run on PySpark",
    )
    # A plugin that is named in a conftest is loaded too late for the hook above.
    _settle(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Which engine, in which version."""
    return engines.header(config.stash[engines.ENGINE])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Skip what needs a JVM where there is none."""
    if item.get_closest_marker(engines.NEEDS_JVM) and engines.runs_on_minispark(item):
        item.add_marker(
            pytest.mark.skip(
                reason="needs Spark's JVM, and minispark has none: run it with "
                "--spark-engine pyspark"
            )
        )


def _settle(config: pytest.Config) -> None:
    if engines.ENGINE in config.stash:
        return
    settings(config)
    serve = os.environ.pop(_SERVE, None)
    engine = engines.PYSPARK if serve else engines.asked_for(config)
    engines.prepare(engine, config)
    config.stash[engines.ENGINE] = engine
    if serve:
        from minispark.pytest_plugin.serving import Quiet, Serving
        from minispark.pytest_plugin.variants import Variants

        config.pluginmanager.register(Variants(config), "minispark-variants")
        config.pluginmanager.register(Quiet(serve), "minispark-quiet")
        config.pluginmanager.register(Serving(serve), "minispark-serving")
    elif engine == engines.BOTH:
        from minispark.pytest_plugin.both import Both
        from minispark.pytest_plugin.variants import Variants

        config.pluginmanager.register(Variants(config), "minispark-variants")
        config.pluginmanager.register(Both(config, _SERVE), "minispark-both")
