"""Small Spark programs, run on minispark and on real PySpark, and their answers compared."""
