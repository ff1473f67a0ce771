"""What a small shop sold: orders and customers in, totals and baskets out."""
