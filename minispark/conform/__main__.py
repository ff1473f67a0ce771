"""`python -m minispark.conform`, the same as `minispark conform`."""

from minispark.conform.cli import main

main()
