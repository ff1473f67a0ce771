"""`python -m minispark`: the command `minispark`."""

from minispark.cli.main import main

if __name__ == "__main__":
    main()
