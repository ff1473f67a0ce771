"""The examples in PySpark's own docstrings, run on minispark."""
