"""What a Python process finds as `py4j` that a program under `minispark-submit` has started.

Its directory is on their PYTHONPATH. With the first import minispark stands in for PySpark.
"""

import importlib
import sys

import minispark.dropin

del sys.modules["py4j"]  # this module, which is not the real one
minispark.dropin.activate()
importlib.import_module("py4j")
