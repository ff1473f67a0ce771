"""Both engines in one run: tests of minispark run here, those of PySpark in another process.

One process cannot have two packages of one name. What the other one reports is logged here, so that
whatever looks at reports (durations, JUnit's XML, `-x`, `--lf`, ...) sees one run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from minispark.pytest_plugin import engines, wire
from minispark.pytest_plugin.other import Ended, OtherPytest


class Both:
    """Runs the tests of PySpark in another process; `serve` is the variable that makes it one."""

    def __init__(self, config: pytest.Config, serve: str) -> None:
        here = {"", os.getcwd()}
        self._other = OtherPytest(config, serve, with_directory=not here.isdisjoint(sys.path))
        self._errors: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Run a test of PySpark there; leave any other to pytest."""
        if engines.variant(item) != engines.PYSPARK:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._reports(item, nextitem):
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """With the last test here all fixtures end, whatever runs there afterwards."""
        if engines.variant(nextitem) == engines.PYSPARK:
            item.session._setupstate.teardown_exact(None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_timeout_set_timer(self, item: pytest.Item) -> bool | None:
        """pytest-timeout measures a test where it runs."""
        return True if engines.variant(item) == engines.PYSPARK else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """End the other process before the reports of this one are written."""
        self._other.end()
        return (yield)

    def pytest_keyboard_interrupt(self) -> None:
        """End the test that runs there, too."""
        self._other.end(at_once=True)

    def pytest_internalerror(self) -> None:
        """End the test that runs there, too."""
        self._other.end(at_once=True)

    def _reports(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[Any]:
        following = None
        if nextitem is not None and engines.variant(nextitem) == engines.PYSPARK:
            following = nextitem.nodeid
        try:
            for message in self._other.run(item.nodeid, following):
                if "report" in message:
                    yield wire.report_from_message(item.config, message["report"])
                elif "warning" in message:
                    _warn(item.config, message["warning"])
                elif "ready" in message:
                    self._errors = dict(message["errors"])
                elif "missing" in message:
                    yield from _failed(item, self._why_missing(item))
                elif "exit" in message:
                    _exit(message)
                elif message["stop"]:
                    item.session.shouldstop = message["stop"]
        except Ended as ended:
            yield from _failed(item, f"not passed on PySpark: {ended}")

    def _why_missing(self, item: pytest.Item) -> str:
        why = "the pytest process on PySpark has not collected this test"
        parts = [node.nodeid for node in item.listchain()]
        told = [text for nodeid, text in self._errors.items() if nodeid in parts]
        return "\n".join([why, *told])


def _failed(item: pytest.Item, why: str) -> Iterator[pytest.TestReport]:
    """What is reported of a test that could not be run to its end."""
    for when, outcome, text in (("call", "failed", why), ("teardown", "passed", None)):
        yield pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords=dict.fromkeys(item.keywords, 1),
            outcome=outcome,  # type: ignore[arg-type]
            longrepr=text,
            when=when,  # type: ignore[arg-type]
            user_properties=item.user_properties,
        )


def _warn(config: pytest.Config, message: wire.Message) -> None:
    location = message["location"]
    config.hook.pytest_warning_recorded.call_historic(
        kwargs={
            "warning_message": wire.warning_from_message(message),
            "when": message["when"],
            "nodeid": message["nodeid"],
            "location": None if location is None else tuple(location),
        }
    )


def _exit(message: wire.Message) -> None:
    if message["status"] is None and not message["exit"]:
        raise KeyboardInterrupt
    pytest.exit(message["exit"], message["status"])
