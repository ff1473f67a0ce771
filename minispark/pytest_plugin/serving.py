"""The process that runs the tests of PySpark: a pytest that runs what it is told to.

It collects as any pytest does, with the arguments of the first process, then waits for the names of
tests, one after the other, and sends what it reports of them. It ends when it is told to, or when
the first process is gone. Must not know: why a test is asked for.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter  # public in `pytest` in its later versions only

from minispark.pytest_plugin import wire

_LEFT_TO_THE_FIRST: dict[str, Any] = {
    # which tests run
    "keyword": "",
    "markexpr": "",
    "deselect": None,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "stepwise_skip": False,
    "collectonly": False,
    # files that it writes
    "xmlpath": None,
    "log_file": None,
    "cacheclear": False,
    # what needs a terminal
    "usepdb": False,
    "trace": False,
    "setuponly": False,
    "setupshow": False,
    "setupplan": False,
}
"""Options that are not for this process."""

_PLUGINS_OF_THE_FIRST = ("terminalreporter", "lfplugin", "nfplugin", "stepwiseplugin")
"""The terminal has one writer, and what failed is kept for the next run once, for all tests."""


class Quiet:
    """Takes out what is for the first process: the terminal, and what is kept for the next run."""

    def __init__(self, told: str) -> None:
        self._log = open(json.loads(told)["log"], "a", buffering=1, encoding="utf-8")  # noqa: SIM115

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Write to the log what would be written to the terminal.

        Not without a reporter: other plugins, such as pytest-timeout, ask for its writer.
        """
        manager = config.pluginmanager
        for name in _PLUGINS_OF_THE_FIRST:
            if manager.has_plugin(name):
                manager.unregister(name=name)
        manager.register(TerminalReporter(config, self._log), "terminalreporter")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Close the log."""
        self._log.close()


class Serving:
    """Answers the first process; `told` is how to reach it, as `other` writes it."""

    def __init__(self, told: str) -> None:
        self._told = json.loads(told)
        for end in ("requests", "answers"):
            # What tests start must not hold the pipes open.
            os.set_inheritable(self._told[end], False)
        self._requests: queue.SimpleQueue[wire.Message | None] = queue.SimpleQueue()
        self._errors: list[tuple[str, str]] = []
        self._config: pytest.Config | None = None
        self._over = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Leave to the first process what is its own."""
        self._config = config
        for option, value in _LEFT_TO_THE_FIRST.items():
            if hasattr(config.option, option):
                setattr(config.option, option, value)
        if getattr(config.option, "basetemp", None):
            config.option.basetemp = f"{config.option.basetemp}-pyspark"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected."""
        if report.failed:
            self._errors.append((report.nodeid, report.longreprtext))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run what is asked for, until nothing more will be."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=self._listen, name="minispark-requests", daemon=True).start()
        items = {item.nodeid: item for item in session.items}
        self._send({"ready": True, "errors": self._errors})
        try:
            self._serve(session, items)
        finally:
            self._over = True
        return True

    def _serve(self, session: pytest.Session, items: dict[str, pytest.Item]) -> None:
        for request in self._asked():
            item = items.get(request["run"])
            if item is None:
                self._send({"missing": request["run"]})
                continue
            try:
                following = items.get(request["next"])
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except (KeyboardInterrupt, pytest.exit.Exception) as error:
                self._send({"exit": str(error), "status": getattr(error, "returncode", None)})
                raise
            self._send({"done": request["run"], "stop": session.shouldstop})

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Send what is reported of a test."""
        assert self._config is not None
        self._send({"report": wire.report_to_message(self._config, report)})

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        """Send a warning of a test; those of collecting the first process has itself."""
        if when == "runtest":
            self._send(
                {
                    "warning": wire.warning_to_message(
                        warning_message, when=when, nodeid=nodeid, location=location
                    )
                }
            )

    def _send(self, message: wire.Message) -> None:
        line = memoryview(wire.encode(message))
        while line:
            line = line[os.write(self._told["answers"], line) :]

    def _asked(self) -> Iterator[wire.Message]:
        while (request := self._requests.get()) is not None:
            yield request

    def _listen(self) -> None:
        """Queue what is asked; when the first process is gone, interrupt the test that runs."""
        with open(self._told["requests"], "rb", closefd=False) as lines:
            for line in lines:
                request = wire.decode(line)
                if "end" in request:
                    self._requests.put(None)
                    return
                self._requests.put(request)
        if not self._over:
            os.kill(os.getpid(), signal.SIGINT)
