"""What RDDs are put together from, and what they are called."""

from __future__ import annotations

import pytest

from minispark import SparkContext


@pytest.mark.parametrize("name", [5, b"x", ["x"]])
def test_a_name_that_is_no_str_is_refused_with_what_was_given(
    sc: SparkContext, name: object
) -> None:
    rdd = sc.parallelize([1], 1).setName("kept")
    with pytest.raises(TypeError) as caught:
        rdd.setName(name)  # type: ignore[arg-type]
    assert str(caught.value) == f"setName() takes a str, not {name!r} ({type(name).__name__})"
    assert rdd.name() == "kept"


def test_none_takes_the_name_away_as_in_spark(sc: SparkContext) -> None:
    assert sc.parallelize([1], 1).setName("a").setName(None).name() is None


@pytest.mark.parametrize("operation", ["union", "cartesian", "zip"])
def test_what_is_no_rdd_is_refused_in_sparks_words(sc: SparkContext, operation: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(sc.parallelize([1], 1), operation)([1])
    assert str(caught.value) == "'list' object has no attribute '_jrdd_deserializer'"
