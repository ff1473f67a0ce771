"""countApprox, sumApprox, meanApprox where the time is enough, and countApproxDistinct."""

ENOUGH = 600_000


def _told(answer):
    return type(answer).__name__, float(answer), answer.confidence, answer.low, answer.high


def _caught(ask):
    try:
        return ask()
    except Exception as error:
        return error


def _refused(ask):
    try:
        ask()
    except Exception:
        return "refused"
    return "accepted"


def count_of_all(sc):
    """An int, and exact."""
    return sc.parallelize(range(1000), 10).countApprox(ENOUGH), sc.parallelize([], 3).countApprox(
        ENOUGH, 0.5
    )


def sum_of_all(sc):
    """A float with its bounds, whatever the confidence asked for."""
    numbers = sc.parallelize(range(1000), 10)
    return [_told(numbers.sumApprox(ENOUGH, confidence)) for confidence in (0.0, 0.9, 1.0)]


def mean_of_all(sc):
    numbers = sc.parallelize(range(1000), 10)
    return [_told(numbers.meanApprox(ENOUGH, confidence)) for confidence in (0.0, 0.9, 1.0)]


def of_nothing(sc):
    """No partitions, and partitions without elements."""
    none, empty = sc.emptyRDD(), sc.parallelize([], 3)
    return [
        (rdd.countApprox(ENOUGH), _told(rdd.sumApprox(ENOUGH)), _told(rdd.meanApprox(ENOUGH)))
        for rdd in (none, empty)
    ]


def of_fractions(sc):
    """Sums are made of means, so they round as means do. No order of tasks changes these."""
    thirds = sc.parallelize([1 / 3] * 9, 9)
    numbers = sc.parallelize([0.1] * 7 + [1 / 3], 1)
    return _told(thirds.sumApprox(ENOUGH)), _told(numbers.meanApprox(ENOUGH))


def of_what_floats_can_be_made_of(sc):
    """A mean takes float() of each element, a sum adds them up first."""
    texts = sc.parallelize(["1.5", "2.5"], 2)
    flags = sc.parallelize([True, False, True], 2)
    return _told(texts.meanApprox(ENOUGH)), _told(flags.sumApprox(ENOUGH))


def of_the_infinite(sc):
    odd = [float("inf"), 1.0], [float("nan"), 1.0], [float("inf"), float("-inf")]
    return [
        (
            _told(sc.parallelize(each, 2).sumApprox(ENOUGH)),
            _told(sc.parallelize(each, 2).meanApprox(ENOUGH)),
        )
        for each in odd
    ]


def errors_of_tasks(sc):
    """The elements' own, and those of elements that are no numbers."""

    def bad(x):
        raise ValueError(f"bad {x}")

    broken = sc.parallelize([1], 1).map(bad)
    words = sc.parallelize(["a"], 1)
    return [
        _caught(lambda: broken.countApprox(ENOUGH)),
        _caught(lambda: broken.sumApprox(ENOUGH)),
        _caught(lambda: broken.meanApprox(ENOUGH)),
        _caught(lambda: words.sumApprox(ENOUGH)),
        _caught(lambda: words.meanApprox(ENOUGH)),
    ]


def nothing_known_yet(sc):
    """No time at all: nothing has ended."""
    import time

    def wait(x):
        time.sleep(2)
        return x

    slow = sc.parallelize([1, 2], 2).map(wait)
    return slow.countApprox(0), _told(slow.sumApprox(0)), _told(slow.meanApprox(-5))


def types_of_arguments(sc):
    """A timeout is an int, a confidence a float: nothing else is taken for one."""
    numbers = sc.parallelize([1, 2], 1)
    asked = []
    for timeout in (0.5, "1", None, True):
        asked.append(_refused(lambda timeout=timeout: numbers.sumApprox(timeout)))
    for confidence in (1, "x", True):
        asked.append(_refused(lambda confidence=confidence: numbers.sumApprox(9**7, confidence)))
        asked.append(_refused(lambda confidence=confidence: numbers.meanApprox(9**7, confidence)))
        asked.append(_refused(lambda confidence=confidence: numbers.countApprox(9**7, confidence)))
    return asked


def a_confidence_that_is_none_of_a_known_sum(sc):
    """It is only looked at where there is something to estimate."""
    numbers = sc.parallelize([1, 2, 3], 2)
    return [_told(numbers.sumApprox(ENOUGH, confidence)) for confidence in (-0.1, 1.5)]


def distinct_by_size_and_deviation(sc):
    """Small, medium, large: by counting empty registers, by the biased and the plain estimate."""
    return [
        sc.parallelize(range(size), 2).countApproxDistinct(deviation)
        for size in (0, 1, 2, 10, 100, 1000, 10_000)
        for deviation in (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005)
    ]


def distinct_through_the_precisions(sc):
    """At each precision from 4 to 19, more elements than registers, where the bias is corrected."""
    return [
        sc.parallelize(range(3 * 2**precision), 4).countApproxDistinct(1.05 / 2 ** (precision / 2))
        for precision in range(4, 15)
    ] + [sc.parallelize(range(1000), 1).countApproxDistinct(0.0015)]


def distinct_of_a_hundred_thousand(sc):
    numbers = sc.parallelize(range(100_000), 2)
    return [numbers.countApproxDistinct(deviation) for deviation in (0.05, 0.01, 0.001)]


def distinct_of_words(sc):
    """Hashed as keys are."""
    words = sc.parallelize([f"w{i % 3000}" for i in range(5000)], 3)
    return words.countApproxDistinct(), words.countApproxDistinct(0.01)


def distinct_of_all_kinds(sc):
    """What hashes alike is one: 1 and 1.0, -1 and -2."""
    kinds = [None, 1, 1.0, "a", (1, 2), b"x", -1, -2, 2**70, None, True, 0.5]
    return sc.parallelize(kinds, 3).countApproxDistinct()


def distinct_of_nothing(sc):
    return sc.emptyRDD().countApproxDistinct(), sc.parallelize([], 4).countApproxDistinct(0.2)


def distinct_does_not_depend_on_partitions(sc):
    return [sc.parallelize(range(700), parts).countApproxDistinct() for parts in (1, 2, 9)]


def deviations_that_are_refused(sc):
    """Too small, or no number; an int is refused too, by Java."""
    numbers = sc.parallelize(range(10), 1)
    return [
        _caught(lambda: numbers.countApproxDistinct(0.0000169)),
        _caught(lambda: numbers.countApproxDistinct(0.000017)),
        _caught(lambda: numbers.countApproxDistinct(-1)),
        _caught(lambda: numbers.countApproxDistinct("x")),
        _caught(lambda: numbers.countApproxDistinct(None)),
        _refused(lambda: numbers.countApproxDistinct(1)),
    ]


def deviations_that_are_large(sc):
    """16 registers are the least there can be."""
    numbers = sc.parallelize(range(500), 2)
    return [numbers.countApproxDistinct(deviation) for deviation in (0.9, 2.0, 100.0)]


def unhashable_elements(sc):
    return _caught(lambda: sc.parallelize([[1]], 1).countApproxDistinct())
