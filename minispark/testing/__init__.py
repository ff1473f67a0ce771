"""Assertions for tests, as `pyspark.testing` has them, and for RDDs.

They work with RDDs of both engines: import them from here in tests that run on either.
"""

from minispark.testing.rdds import assert_rdd_equal

__all__ = ["assert_rdd_equal"]
