"""One line of the orders file: `time,customer,product,quantity,price`."""

from typing import NamedTuple


class Order(NamedTuple):
    time: int  # seconds since the epoch
    customer: str
    product: str
    quantity: int
    price: float  # of one piece

    @property
    def amount(self):
        return self.quantity * self.price


class BadLine(ValueError):
    """A line that is no order."""


def parse_order(line):
    fields = [field.strip() for field in line.split(",")]
    if len(fields) != 5:
        raise BadLine(f"{len(fields)} fields instead of 5: {line!r}")
    time, customer, product, quantity, price = fields
    try:
        order = Order(int(time), customer, product, int(quantity), float(price))
    except ValueError:
        raise BadLine(f"not a number where one should be: {line!r}") from None
    if order.quantity <= 0 or not customer:
        raise BadLine(f"nobody buys nothing: {line!r}")
    return order
