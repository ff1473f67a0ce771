"""PySpark's daemon of workers, with what it has imported out of the garbage collector's way.

For whoever asks PySpark for many small jobs: a worker collects garbage after each task, and most
of that time goes into looking at imported modules again. A context takes this module in place of
`pyspark.daemon` as `spark.python.daemon.module`. It changes no answer.
"""

from __future__ import annotations

import gc

if __name__ == "__main__":
    from pyspark import daemon

    gc.freeze()
    daemon.manager()
