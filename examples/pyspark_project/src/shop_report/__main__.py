"""python -m shop_report orders.csv customers.csv output"""

import sys

from pyspark.sql import SparkSession

from shop_report import report


def run(spark, orders_path, customers_path, output):
    sc = spark.sparkContext
    orders, broken = report.read_orders(sc, orders_path)
    countries = report.read_countries(sc, customers_path)
    totals = report.revenue_by_country(orders, countries)
    totals.map(lambda pair: f"{pair[0]},{pair[1]:.2f}").coalesce(1).saveAsTextFile(output)
    best = report.best_products(orders, 3)
    print(f"{orders.count()} orders, {broken.value} broken lines")
    for product, pieces in best:
        print(f"{pieces:6} {product}")


def main(arguments):
    spark = SparkSession.builder.appName("shop report").getOrCreate()
    try:
        run(spark, *arguments)
    finally:
        spark.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
