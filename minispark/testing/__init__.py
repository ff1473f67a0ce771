"""Assertions for tests: those of `pyspark.testing`, and one for RDDs.

That for RDDs takes those of both engines: import it from here in tests that run on either.
"""

from minispark.sql.absent import absent_names
from minispark.testing.rdds import assert_rdd_equal
from minispark.testing.utils import assertDataFrameEqual, assertSchemaEqual

__all__ = ["assertDataFrameEqual", "assertSchemaEqual", "assert_rdd_equal"]

__getattr__ = absent_names(__name__, "main")
