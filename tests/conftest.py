"""What all tests share: a context of their own, and nothing left behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from minispark import SparkContext
from minispark.conf import SYSTEM_PROPERTIES
from minispark.errors.exceptions.captured import remove_exception_handler


@pytest.fixture
def sc(_no_system_property_outlives_its_test: None) -> Iterator[SparkContext]:
    """A fresh context with two slots."""
    with SparkContext("local[2]", "tests") as context:
        yield context


@pytest.fixture(autouse=True, scope="session")
def _interrupts_arrive() -> None:
    """Tests send signals; a shell starts its background jobs with SIGINT ignored, nohup SIGHUP."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _no_system_property_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests whose tasks have to be in this process are marked: they run on threads."""
    if request.node.get_closest_marker("threads") is not None:
        SYSTEM_PROPERTIES["spark.minispark.executor"] = "threads"
    yield
    SYSTEM_PROPERTIES.clear()


@pytest.fixture(autouse=True)
def _no_session_marks_the_tests_behind_it() -> Iterator[None]:
    """Once there was a session, failed functions raise another exception in the whole process."""
    yield
    remove_exception_handler()


@pytest.fixture(autouse=True)
def _no_context_outlives_its_test() -> Iterator[None]:
    yield
    left = SparkContext._active_spark_context
    if left is not None:
        left.stop()
    assert left is None, "the test left a SparkContext running"
