"""Each test that takes `sc` or `spark` becomes two, one an engine, and the report compares them.

For `--spark-engine both`, in both of its processes: so they name tests alike. Must not know: who
runs which.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from typing import Any

import pytest

from minispark.pytest_plugin import engines

_BOTH = (engines.MINISPARK, engines.PYSPARK)
_PROPERTY = "spark_engine"
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


class Variants:
    """The tests of both engines, and what is told of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._fixtures = frozenset(config.getini("spark_fixtures"))

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Two tests of one: `test_x[minispark]` and `test_x[pyspark]`.

        Other parameters stand before: `test_x[1-pyspark]`.
        """
        needs_jvm = metafunc.definition.get_closest_marker(engines.NEEDS_JVM)
        if needs_jvm or self._takes_one(metafunc.fixturenames):
            metafunc.fixturenames.append(engines.VARIANT)
            metafunc.parametrize(engines.VARIANT, _BOTH, ids=_BOTH, scope="function")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Those of PySpark come last: until then no JVM has to start."""
        result = yield
        items.sort(key=lambda item: engines.variant(item) == engines.PYSPARK)
        for item in items:
            engine = engines.variant(item)
            if engine is not None:
                item.user_properties.append((_PROPERTY, engine))
            elif self._takes_one(getattr(item, "fixturenames", ())):
                item.warn(
                    pytest.PytestWarning(
                        "runs on minispark alone: tests of unittest's classes cannot be run on "
                        "both engines at once. Run them with --spark-engine pyspark too"
                    )
                )
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How many tests passed on each engine, and which did not end alike on both."""
        ends: dict[str, dict[str, str]] = {engine: {} for engine in _BOTH}
        once = 0
        for outcome in _OUTCOMES:
            for report in terminalreporter.stats.get(outcome, ()):
                engine = dict(getattr(report, "user_properties", ())).get(_PROPERTY)
                if engine in ends:
                    ends[engine][_without_engine(report.nodeid)] = outcome
                else:
                    once += 1
        if not once and not any(ends.values()):
            return
        terminalreporter.section("spark engines")
        for engine, outcomes in ends.items():
            terminalreporter.line(f"{engine}: {_counts(outcomes.values())}")
        if once:
            names = ", ".join(sorted(self._fixtures))
            terminalreporter.line(f"once, on {_BOTH[0]}: {once} that take none of {names}")
        for line in _unlike(ends):
            terminalreporter.line(line)

    def _takes_one(self, names: Collection[str]) -> bool:
        return not self._fixtures.isdisjoint(names)


def _without_engine(nodeid: str) -> str:
    for engine in _BOTH:
        for ending, rest in ((f"-{engine}]", "]"), (f"[{engine}]", "")):
            if nodeid.endswith(ending):
                return nodeid.removesuffix(ending) + rest
    return nodeid


def _counts(outcomes: Any) -> str:
    found = list(outcomes)
    told = [f"{found.count(each)} {each}" for each in _OUTCOMES if each in found]
    return ", ".join(told) or "no test was run"


def _unlike(ends: dict[str, dict[str, str]]) -> Iterator[str]:
    here, there = (ends[engine] for engine in _BOTH)
    for test, outcome in here.items():
        other = there.get(test, outcome)
        if other != outcome and "skipped" not in (outcome, other):
            yield f"differs: {test}: {outcome} on {_BOTH[0]}, {other} on {_BOTH[1]}"
