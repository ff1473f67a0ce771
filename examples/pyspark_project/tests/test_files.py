import pytest

from shop_report import __main__ as program
from shop_report import report


def test_broken_lines_are_counted_not_read(file_orders):
    orders, broken = file_orders
    assert orders.count() == 10
    assert broken.value == 3


def test_the_report_is_written_and_printed(spark, data, tmp_path, capsys):
    files = (str(data / "orders.csv"), str(data / "customers.csv"))
    program.run(spark, *files, str(tmp_path / "out"))
    assert (tmp_path / "out" / "part-00000").read_text().splitlines() == [
        "Norway,34.50",
        "Chile,8.50",
        "unknown,4.00",
    ]
    assert (tmp_path / "out" / "_SUCCESS").exists()
    assert capsys.readouterr().out.splitlines() == [
        "10 orders, 3 broken lines",
        "     5 tea",
        "     4 bread",
        "     3 butter",
    ]


def test_an_earlier_report_is_not_overwritten(spark, data, tmp_path):
    files = (str(data / "orders.csv"), str(data / "customers.csv"))
    with pytest.raises(Exception, match="already exists"):
        program.run(spark, *files, str(tmp_path))


def test_a_missing_file_is_named(sc, tmp_path):
    orders, _ = report.read_orders(sc, str(tmp_path / "nowhere.csv"))
    with pytest.raises(Exception, match=r"nowhere\.csv"):
        orders.count()


def test_customers_who_never_ordered(sc, file_orders, data):
    customers = sc.textFile(str(data / "customers.csv"))
    assert report.customers_without_orders(file_orders[0], customers).collect() == ["eve"]


def test_lines_of_the_orders_as_rows(spark, data):
    lines = spark.read.text(str(data / "customers.csv")).rdd.map(lambda row: row.value)
    assert lines.first() == "ann,Norway"
