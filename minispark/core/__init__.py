"""The RDD side of the API: contexts, RDDs, broadcast variables.

The facade over :mod:`minispark.engine`; what a program imports from ``pyspark.core``.
"""
