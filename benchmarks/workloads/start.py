"""Start-up: a whole process, from its start to its exit, with one small job in between."""

from benchmarks.workloads.base import Workload

SCRIPT = """\
import {module} as spark
sc = spark.SparkContext("{master}", "start"{conf})
print(sc.parallelize(range(100)).map(lambda x: x + 1).sum())
sc.stop()
"""

WORKLOADS = [
    Workload(
        name="start",
        title="Start, one job, stop, exit (whole process)",
        size=100,
        quick_size=100,
        script=SCRIPT,
        loop_is_goal=False,
        loop_script="print(sum(map(lambda x: x + 1, range(100))))\n",
    )
]
