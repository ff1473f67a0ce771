"""Statistics are PySpark's, to the last bit. The expected values were computed by PySpark."""

import math
import pickle
import sys

import numpy as np
import pytest

from minispark.statcounter import StatCounter


@pytest.fixture(params=["with numpy", "without numpy"])
def numpy_or_not(request, monkeypatch):
    if request.param == "without numpy":
        monkeypatch.setitem(sys.modules, "numpy", None)
    return request.param == "with numpy"


def test_parts_of_every_size_merge_to_pyspark_s_floats(numpy_or_not):
    stats = StatCounter([1, 5, 2.5])
    assert stats.mergeStats(StatCounter([0.1] * 40)) is stats
    stats.mergeStats(StatCounter([7.7] * 3))
    assert stats.asDict() == {
        "count": 46,
        "mean": 0.7739130434782608,
        "sum": 35.6,
        "min": 0.1,
        "max": 7.7,
        "stdev": 2.016425305954266,
        "variance": 4.065971014492755,
    }
    assert stats.asDict(sample=True)["stdev"] == 1.9943872092110526
    assert stats.asDict(sample=True)["variance"] == 3.9775803402646512
    stats = StatCounter([0.1, 0.2, 0.3]).mergeStats(StatCounter([0.7, 1e-3, 3.3]))
    assert (stats.mean(), stats.sum()) == (0.7668333333333331, 4.600999999999999)
    assert (stats.sampleVariance(), stats.sampleStdev()) == (1.5983601666666665, 1.2642626968580013)


def test_results_are_numpy_s_scalars_where_it_is_installed(numpy_or_not):
    stats = StatCounter([1, 2, 3])
    kind = np.float64 if numpy_or_not else float
    assert [type(x) for x in (stats.stdev(), stats.sampleStdev())] == [kind] * 2
    kind = np.float64 if numpy_or_not else int
    assert [type(x) for x in (stats.min(), stats.max())] == [kind] * 2
    assert [type(x) for x in (stats.mean(), stats.sum(), stats.variance())] == [float] * 3
    assert (
        repr(StatCounter([1.0, 2.5])) == "(count: 2, mean: 1.75, stdev: 0.75, max: 2.5, min: 1.0)"
    )


def test_nothing_has_no_mean_to_speak_of(numpy_or_not):
    stats = StatCounter()
    assert (stats.count(), stats.mean(), stats.sum()) == (0, 0.0, 0.0)
    assert (stats.min(), stats.max()) == (math.inf, -math.inf)
    assert math.isnan(stats.variance())
    assert math.isnan(stats.stdev())
    assert math.isnan(StatCounter([1.0]).sampleVariance())
    assert StatCounter([1.0]).variance() == 0.0


def test_nan_is_contagious():
    stats = StatCounter([1.0, float("nan"), 2.0])
    assert all(math.isnan(x) for x in (stats.min(), stats.max(), stats.mean()))


def test_arrays_are_counted_place_by_place():
    stats = StatCounter([np.array([1.0, 2.0]), np.array([3.0, 1.0])])
    assert repr(stats) == (
        "(count: 2, mean: [2.  1.5], stdev: [1.  0.5], max: [3. 2.], min: [1. 1.])"
    )


def test_a_small_numpy_scalar_is_shown_with_its_own_digits():
    stats = StatCounter([np.float32(1.5), np.float32(2.1)])
    assert repr(stats) == "(count: 2, mean: 1.8, stdev: 0.29999995, max: 2.1, min: 1.5)"


def test_merging_with_nothing_and_with_itself(numpy_or_not):
    stats = StatCounter([1.0, 3.0])
    stats.mergeStats(StatCounter())
    assert (stats.count(), stats.mean()) == (2, 2.0)
    assert StatCounter().mergeStats(stats).asDict() == stats.asDict()
    stats.mergeStats(stats)
    assert (stats.count(), stats.mean(), stats.variance()) == (4, 2.0, 1.0)


def test_a_copy_goes_its_own_way(numpy_or_not):
    stats = StatCounter([1.0])
    twins = stats.copy(), pickle.loads(pickle.dumps(stats))
    for twin in twins:
        twin.merge(5.0)
        assert (twin.count(), twin.max()) == (2, 5.0)
    assert stats.count() == 1


def test_only_another_counter_can_be_merged():
    with pytest.raises(TypeError, match="Can only merge StatCounter but got <class 'int'>"):
        StatCounter().mergeStats(3)


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError):
        StatCounter(["a"])
