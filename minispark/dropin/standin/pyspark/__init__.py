"""What a Python process finds as `pyspark` that a program under `minispark-submit` has started.

Its directory is on their PYTHONPATH. With the first import minispark stands in for PySpark.
"""

import importlib
import sys

import minispark.dropin

del sys.modules["pyspark"]  # this module, which is not the real one
minispark.dropin.activate()
importlib.import_module("pyspark")
