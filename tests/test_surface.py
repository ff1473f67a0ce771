"""The public surface: minispark has PySpark's names, and the report notices when it has not."""

from __future__ import annotations

import copy
import importlib.util

import pytest

from conformance import surface
from conformance.without_jvm import OURS, REASONS


@pytest.fixture(scope="module")
def mini() -> surface.Facts:
    return surface.read_surface("minispark")


@pytest.fixture(scope="module")
def spark() -> surface.Facts:
    return surface.recorded()


def test_nothing_is_missing_or_different_outside_the_list(mini, spark):
    comparison = surface.Comparison(spark, mini)
    assert comparison.failures == []
    assert comparison.bad_entries == []


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="PySpark not installed")
def test_what_was_written_down_is_pyspark_s_surface(spark):
    live = surface.read_surface("pyspark")
    if live["python"] != spark["python"]:
        pytest.skip(f"written down with Python {spark['python']}")
    assert live == spark


def test_each_entry_has_a_reason():
    assert all(len(reason) > 10 for reason in [*REASONS.values(), *OURS.values()])


def without_excuse(mini, spark, change):
    """What the report says of a minispark that is changed."""
    changed = copy.deepcopy(mini)
    change(changed)
    before = set(surface.Comparison(spark, mini).failures)
    return sorted(set(surface.Comparison(spark, changed).failures) - before)


def members(facts, home):
    return facts["classes"][home]["members"]


RDD = "core.rdd.RDD"
CONF = "conf.SparkConf"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda f: members(f, CONF).pop("getAll"), "missing: conf.SparkConf.getAll"),
        (lambda f: f["modules"]["rdd"]["names"].pop("portable_hash"), "missing: rdd.portable_hash"),
        (
            lambda f: members(f, CONF).update(getAll={"kind": "property", "writable": False}),
            "different: conf.SparkConf.getAll: method in PySpark, property here",
        ),
        (
            lambda f: members(f, CONF)["contains"]["signature"].pop(),
            "different: conf.SparkConf.contains: (self, key) in PySpark, (self) here",
        ),
        (
            lambda f: members(f, CONF).update(more={}),
            "only here: conf.SparkConf.more",
        ),
        (
            lambda f: f["classes"][CONF].update(hashable=False),
            "different: conf.SparkConf can be hashed in PySpark only",
        ),
        (
            lambda f: f["modules"]["context"]["names"]["SparkConf"].update(home="other.SparkConf"),
            "different: conf.SparkConf: several classes, conf.SparkConf, other.SparkConf",
        ),
        (
            lambda f: f["classes"]["errors.exceptions.base.ParseException"].update(bases=[]),
            "different: errors.exceptions.base.ParseException is no AnalysisException, "
            "PySparkException, Exception, BaseException",
        ),
        (lambda f: f["modules"].pop("files"), "missing: files"),
    ],
)
def test_the_report_notices(mini, spark, change, line):
    assert line in without_excuse(mini, spark, change)


def test_an_entry_that_names_nothing_or_is_the_same_is_an_error(mini, spark):
    reasons = {
        **REASONS,
        "conf.SparkConf.getAll": "there",
        "conf.SparkConf.nothing": "no such",
    }
    bad = surface.Comparison(spark, mini, reasons, {**OURS, "conf.more": "nothing"}).bad_entries
    assert bad == [
        "conf.SparkConf.getAll is the same in minispark: it does not belong on the list",
        "conf.SparkConf.nothing names nothing in PySpark: it does not belong on the list",
        "conf.more is not only here",
    ]
