from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from shop_report import report
from shop_report.orders import Order

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def spark():
    session = (
        SparkSession.builder.master("local[2]")
        .appName("tests of the shop report")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def sc(spark):
    return spark.sparkContext


@pytest.fixture
def data():
    return DATA


@pytest.fixture
def orders(sc):
    """Orders that a test can count on its fingers."""
    rows = [
        Order(0, "ann", "tea", 1, 4.0),
        Order(60, "ann", "milk", 2, 1.0),
        Order(60, "ben", "tea", 3, 4.0),
        Order(9000, "ann", "tea", 1, 5.0),
    ]
    return sc.parallelize(rows, 3)


@pytest.fixture
def countries(sc):
    shared = sc.broadcast({"ann": "Norway", "ben": "Chile"})
    yield shared
    shared.unpersist()


@pytest.fixture
def file_orders(sc, data):
    """(orders, broken) of the file."""
    orders, broken = report.read_orders(sc, str(data / "orders.csv"))
    yield orders, broken
    orders.unpersist()
