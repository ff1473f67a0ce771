import pytest
from pyspark import StorageLevel

from minispark.testing import assert_rdd_equal
from shop_report import report
from shop_report.orders import parse_order


def test_revenue_is_summed_by_country_and_sorted(orders, countries):
    found = report.revenue_by_country(orders, countries)
    assert_rdd_equal(found, [("Chile", 12.0), ("Norway", 11.0)], check_order=True)


def test_customers_without_a_country_are_unknown(sc, orders):
    nobody = sc.broadcast({})
    assert report.revenue_by_country(orders, nobody).collect() == [("unknown", 23.0)]


@pytest.mark.parametrize(
    ("n", "best"), [(0, []), (1, [("tea", 5)]), (9, [("tea", 5), ("milk", 2)])]
)
def test_the_best_products(orders, n, best):
    assert report.best_products(orders, n) == best


def test_the_mean_of_a_product(orders):
    assert report.mean_order(orders) == pytest.approx({"tea": 7.0, "milk": 2.0})


def test_a_pause_ends_a_basket(orders):
    expected = [("ann", ["tea", "milk"]), ("ann", ["tea"]), ("ben", ["tea"])]
    assert_rdd_equal(report.baskets(orders), expected)


def test_pairs_are_counted_once_a_basket(sc):
    baskets = sc.parallelize([("x", ["b", "a", "b"]), ("y", ["a", "b", "c"]), ("z", ["c"])], 2)
    expected = [(("a", "b"), 2), (("a", "c"), 1), (("b", "c"), 1)]
    assert_rdd_equal(report.bought_together(baskets), expected)


def test_no_orders_give_empty_answers(sc, countries):
    none = sc.emptyRDD()
    assert report.revenue_by_country(none, countries).isEmpty()
    assert report.best_products(none, 3) == []
    assert report.baskets(none).collect() == []


def test_orders_are_kept_in_memory(file_orders):
    orders, _ = file_orders
    assert orders.getStorageLevel() == StorageLevel.MEMORY_ONLY


def test_a_task_that_fails_is_told_with_the_line(sc):
    with pytest.raises(Exception, match="2 fields instead of 5"):
        sc.parallelize(["a,b"], 1).map(parse_order).collect()


@pytest.mark.needs_jvm
def test_the_files_are_read_by_hadoop(sc):
    assert sc._jsc.hadoopConfiguration().get("fs.defaultFS") == "file:///"
