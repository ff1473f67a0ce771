import pytest

from shop_report.orders import BadLine, Order, parse_order


def test_a_line_becomes_an_order():
    assert parse_order("1000, ann,bread,2, 2.50") == Order(1000, "ann", "bread", 2, 2.5)


def test_the_amount_is_that_of_all_pieces():
    assert parse_order("0,ann,bread,3,2.50").amount == 7.5


@pytest.mark.parametrize(
    "line", ["", "1,ann,bread,2", "x,ann,bread,2,1", "1,ann,bread,-2,1", "1,,bread,2,1"]
)
def test_a_line_that_is_no_order_is_refused(line):
    with pytest.raises(BadLine):
        parse_order(line)
