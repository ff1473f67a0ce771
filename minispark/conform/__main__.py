"""`python -m minispark.conform`, the same as `minispark conform`."""

from minispark.conform.cli import main

if __name__ == "__main__":
    main()
