"""Approximate answers: on time, with Spark's bounds; as many distinct elements as Spark says."""

from __future__ import annotations

import math
import pickle
import threading
import time
from collections.abc import Iterator

import pytest

from minispark import SparkContext
from minispark.core.rdd.estimates import estimated_mean, estimated_sum, student_quantile
from minispark.core.tasks import hyperloglog_bias
from minispark.core.tasks.hyperloglog import Sketch, precision_of
from minispark.errors import SparkException
from minispark.rdd import BoundedFloat
from minispark.statcounter import StatCounter

first_two_ended = threading.Semaphore(0)
killed = threading.Semaphore(0)


def the_last_two_never_end(partition: int, numbers: Iterator[int]) -> Iterator[int]:
    """Tasks run in this process, in this imported module."""
    if partition < 2:
        yield from numbers
        first_two_ended.release()
        return
    try:
        threading.Event().wait()
    finally:
        killed.release()


def told(answer: BoundedFloat) -> tuple[float, float, float, float]:
    return float(answer), answer.confidence, answer.low, answer.high


def test_at_the_timeout_the_answer_is_made_of_what_has_ended(sc: SparkContext) -> None:
    slow = sc.parallelize(range(400), 4).mapPartitionsWithIndex(the_last_two_never_end)
    # The figures are those of pyspark 4.3.0.
    assert slow.countApprox(2000) == 400
    assert told(slow.sumApprox(2000)) == pytest.approx(
        (39800.0, 0.95, -270400.5918752434, 350000.5918752434), rel=1e-9
    )
    assert told(slow.meanApprox(2000)) == pytest.approx(
        (99.5, 0.95, 91.47850168318745, 107.52149831681255), rel=1e-9
    )


@pytest.mark.threads
def test_what_is_left_of_the_job_is_cancelled_once_the_answer_is_given(sc: SparkContext) -> None:
    slow = sc.parallelize(range(400), 4).mapPartitionsWithIndex(the_last_two_never_end)
    while killed.acquire(blocking=False):
        pass
    begun = time.monotonic()
    slow.countApprox(2000)
    assert time.monotonic() - begun < 20
    assert killed.acquire(timeout=10)
    assert killed.acquire(timeout=10)
    assert sc.statusTracker().getActiveJobsIds() == []
    assert sc.parallelize(range(4), 4).sum() == 6


@pytest.mark.parametrize("timeout", [0, -1])
def test_without_time_nothing_is_known(sc: SparkContext, timeout: int) -> None:
    slow = sc.parallelize([1, 2], 4).mapPartitionsWithIndex(the_last_two_never_end)
    assert slow.countApprox(timeout) == 0
    assert told(slow.sumApprox(timeout)) == (0.0, 0.0, -math.inf, math.inf)
    assert told(slow.meanApprox(timeout)) == (0.0, 0.0, -math.inf, math.inf)


def test_a_timeout_of_centuries_is_one(sc: SparkContext) -> None:
    assert sc.parallelize([1, 2], 2).countApprox(2**62) == 2


def test_a_failed_task_fails_the_action(sc: SparkContext) -> None:
    with pytest.raises(SparkException) as caught:
        sc.parallelize([1, 0], 2).map(lambda x: 1 / x).sumApprox(60_000)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize(
    ("timeout", "confidence", "message"),
    [
        (0.5, 0.9, "timeout is an int of milliseconds, not float: 0.5"),
        (True, 0.9, "timeout is an int of milliseconds, not bool: True"),
        (None, 0.9, "timeout is an int of milliseconds, not NoneType: None"),
        (5, 1, "confidence is a float, not int: 1"),
        (5, "x", "confidence is a float, not str: 'x'"),
    ],
)
def test_arguments_of_another_type_are_refused(
    sc: SparkContext, timeout: int, confidence: float, message: str
) -> None:
    numbers = sc.parallelize([1], 1)
    for ask in (numbers.countApprox, numbers.sumApprox, numbers.meanApprox):
        with pytest.raises(TypeError) as caught:
            ask(timeout, confidence)
        assert str(caught.value) == message


@pytest.mark.parametrize("confidence", [-0.1, 1.5, math.nan])
def test_a_confidence_that_is_no_probability_is_refused_where_it_is_needed(
    confidence: float,
) -> None:
    for estimate in (estimated_sum, estimated_mean):
        with pytest.raises(SparkException, match="out of \\[0, 1\\] range"):
            estimate(StatCounter([1.0, 2.0]), 1, 2, confidence)
        estimate(StatCounter([1.0, 2.0]), 2, 2, confidence)


# (partitions in all, values of those that ended, confidence, Spark's sum, Spark's mean)
SPARKS_ESTIMATES = [
    (
        4,
        [[1.0, 2.0, 3.0]],
        0.95,
        (24.0, 0.95, -34.2052072736246, 82.20520727362461),
        (2.0, 0.95, -0.4841377117207988, 4.484137711720798),
    ),
    (
        4,
        [[1.0, 2.0], [5.0]],
        0.9,
        (16.0, 0.9, -7.420638671681779, 39.42063867168178),
        (2.6666666666666665, 0.9, -0.8427192445269522, 6.176052577860285),
    ),
    (
        5,
        [[7.5, 1.0, 2.0, 2.0]],
        0.123,
        (62.5, 0.123, 55.94742850214573, 69.05257149785427),
        (3.125, 0.123, 2.876266931997623, 3.373733068002377),
    ),
    (
        2,
        [[float(i) for i in range(100)]],
        0.95,
        (9900.0, 0.95, 8394.215942213243, 11405.784057786757),
        (49.5, 0.95, 43.743490583494214, 55.256509416505786),
    ),
    (
        2,
        [[float(i) for i in range(101)]],
        0.95,
        (10100.0, 0.95, 8590.159074140649, 11609.840925859351),
        (50.0, 0.95, 44.28577214525881, 55.71422785474119),
    ),
    (
        3,
        [[2.0], [2.0]],
        0.95,
        (6.0, 0.95, -25.12371817096308, 37.12371817096308),
        (2.0, 0.95, 2.0, 2.0),
    ),
    (3, [[2.0]], 0.95, (6.0, 0.95, -math.inf, math.inf), (2.0, 0.95, -math.inf, math.inf)),
    (3, [[]], 0.95, (0.0, 0.0, -math.inf, math.inf), (0.0, 0.0, -math.inf, math.inf)),
    (2, [[1.0, 2.0]], 0.0, (6.0, 0.0, 6.0, 6.0), (1.5, 0.0, 1.5, 1.5)),
    (2, [[1.0, 2.0]], 1.0, (6.0, 1.0, -math.inf, math.inf), (1.5, 1.0, -math.inf, math.inf)),
    (1, [[1.0, 2.0]], 0.5, (3.0, 1.0, 3.0, 3.0), (1.5, 1.0, 1.5, 1.5)),
]


@pytest.mark.parametrize(("total", "ended", "confidence", "sums", "means"), SPARKS_ESTIMATES)
def test_estimates_and_bounds_are_those_of_sparks_evaluators(
    total: int,
    ended: list[list[float]],
    confidence: float,
    sums: tuple[float, ...],
    means: tuple[float, ...],
) -> None:
    seen = StatCounter()
    for values in ended:
        seen.mergeStats(StatCounter(values))
    # Spark's own quantiles are exact to about nine digits.
    assert told(estimated_sum(seen, len(ended), total, confidence)) == pytest.approx(
        sums, rel=1e-8, abs=1e-8
    )
    assert told(estimated_mean(seen, len(ended), total, confidence)) == pytest.approx(
        means, rel=1e-8, abs=1e-8
    )


@pytest.mark.parametrize(
    ("confidence", "degrees", "quantile"),
    [
        (0.95, 1, 12.706204736),
        (0.5, 1, 1.0),
        (0.95, 2, 4.302652730),
        (0.99, 3, 5.840909310),
        (0.95, 10, 2.228138852),
        (0.999, 99, 3.391528833),
        (0.0, 7, 0.0),
    ],
)
def test_quantiles_of_students_distribution(
    confidence: float, degrees: int, quantile: float
) -> None:
    assert student_quantile(confidence, degrees) == pytest.approx(quantile, abs=5e-9)


def test_a_bounded_float_is_a_float_and_can_be_pickled() -> None:
    about = pickle.loads(pickle.dumps(BoundedFloat(2.0, 0.9, 1.0, 3.0)))
    assert (about + 1, told(about)) == (3.0, (2.0, 0.9, 1.0, 3.0))


@pytest.mark.parametrize(
    ("size", "deviation", "answer"),
    [(1000, 0.3, 1213), (1000, 0.05, 1006), (10_000, 0.1, 8224), (100_000, 0.02, 98247)],
)
def test_distinct_elements_are_counted_as_sparks_library_does(
    size: int, deviation: float, answer: int
) -> None:
    assert Sketch(precision_of(deviation)).add_all(range(size)).estimate() == answer


def test_the_estimate_is_as_good_as_was_asked_for() -> None:
    off = []
    for start in range(0, 20_000_000, 1_000_000):
        estimate = Sketch(precision_of(0.02)).add_all(range(start, start + 20_000)).estimate()
        off.append((estimate / 20_000 - 1) ** 2)
    assert math.sqrt(sum(off) / len(off)) < 0.02 * 1.5


def test_sketches_of_parts_are_the_sketch_of_all() -> None:
    for precision in (4, 9, 20):  # kept as an array, as either, as a dict
        parts = [Sketch(precision).add_all(range(i, i + 300)) for i in (0, 100, 4000)]
        whole = Sketch(precision).add_all([*range(400), *range(4000, 4300)])
        merged = Sketch(precision)
        for part in parts:
            merged.merge(pickle.loads(pickle.dumps(part)))
        assert merged.estimate() == whole.estimate()


def test_each_measured_estimate_has_its_number_of_elements() -> None:
    for precision in hyperloglog_bias.PRECISIONS:
        estimates, elements = hyperloglog_bias.measured(precision)
        assert len(estimates) == len(elements)
        assert elements[-1] <= 5 * 2**precision
