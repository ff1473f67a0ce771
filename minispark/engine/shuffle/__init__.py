"""What happens to records between a map side and a reduce side."""
