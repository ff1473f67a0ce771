"""The report's questions, as functions of RDDs."""

from operator import add

from pyspark import StorageLevel

from shop_report.orders import BadLine, parse_order

NOBODY = "unknown"
PAUSE = 30 * 60  # seconds without an order that end a basket


def read_orders(sc, path):
    """The orders of a file, and an accumulator that counts its broken lines."""
    broken = sc.accumulator(0)

    def orders_of(lines):
        for line in lines:
            try:
                yield parse_order(line)
            except BadLine:
                broken.add(1)

    lines = sc.textFile(path)
    orders = lines.mapPartitions(orders_of).persist(StorageLevel.MEMORY_ONLY)
    return orders, broken


def read_countries(sc, path):
    """{customer: country} as a broadcast variable."""
    pairs = sc.textFile(path).map(lambda line: tuple(line.split(",", 1)))
    return sc.broadcast(pairs.collectAsMap())


def revenue_by_country(orders, countries):
    """(country, amount), the largest first."""
    return (
        orders.map(lambda order: (countries.value.get(order.customer, NOBODY), order.amount))
        .reduceByKey(add)
        .sortBy(lambda pair: (-pair[1], pair[0]))
    )


def best_products(orders, n):
    """The n products of which most pieces were sold."""
    pieces = orders.map(lambda order: (order.product, order.quantity)).reduceByKey(add)
    return pieces.takeOrdered(n, key=lambda pair: (-pair[1], pair[0]))


def mean_order(orders):
    """{product: mean amount of an order}."""
    sums = orders.map(lambda order: (order.product, order.amount)).combineByKey(
        lambda amount: (amount, 1),
        lambda pair, amount: (pair[0] + amount, pair[1] + 1),
        lambda one, other: (one[0] + other[0], one[1] + other[1]),
    )
    return sums.mapValues(lambda pair: pair[0] / pair[1]).collectAsMap()


def baskets(orders):
    """(customer, [products]): what was bought without a pause of half an hour, by time."""

    def split(orders):
        basket, before = [], None
        for order in sorted(orders):
            if before is not None and order.time - before > PAUSE:
                yield basket
                basket = []
            basket.append(order.product)
            before = order.time
        yield basket

    return orders.keyBy(lambda order: order.customer).groupByKey().flatMapValues(split)


def bought_together(baskets):
    """((product, product), number of baskets with both), each pair once."""
    return (
        baskets.values()
        .map(lambda products: sorted(set(products)))
        .flatMap(lambda names: [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]])
        .map(lambda pair: (pair, 1))
        .reduceByKey(add)
    )


def customers_without_orders(orders, countries_file):
    """The customers who have ordered nothing, by name."""
    known = countries_file.map(lambda line: line.split(",", 1)[0])
    return known.subtract(orders.map(lambda order: order.customer)).sortBy(lambda name: name)
