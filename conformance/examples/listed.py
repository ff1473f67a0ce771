"""The examples that cannot pass without a JVM: which, and why. The one place where they stand.

The judge holds the list to account: an entry for an example that does not exist, that PySpark
itself skips, or that passes, is an error. It may name less than one in twenty of all examples.
"""

from __future__ import annotations

from dataclasses import dataclass

# The share of all examples that may be listed.
MOST = 0.05


@dataclass(frozen=True)
class Entry:
    """Examples of one docstring, by their place in it (the first is 1), and the reason.

    `on_pyspark`: PySpark itself fails them in the same way, when its judge is this one.
    """

    title: str
    places: tuple[int, ...]
    reason: str
    on_pyspark: bool = False


LISTED: tuple[Entry, ...] = (
    Entry("conf.SparkConf", (18, 19), "sets a property of the JVM's own SparkConf object"),
    Entry(
        "core.context.SparkContext.getSystemProperty",
        (1,),
        "asks for a property of the JVM, which spark-submit gives it when PySpark starts it",
    ),
    Entry(
        "core.context.SparkContext.uiWebUrl",
        (1,),
        "the address of the web UI that runs in the JVM: there is no UI yet, so None",
    ),
    Entry(
        "resource.profile.ResourceProfile",
        (5, 6, 7, 8),
        "a resource profile in local mode, which PySpark refuses too, with the same error; "
        "there these pass in Spark's own tests only, which switch the check off",
        on_pyspark=True,
    ),
    Entry("serializers", (9,), "counts batches through the JVM's own RDD object"),
    Entry(
        "statcounter.StatCounter.asDict",
        (1,),
        "shows a Python 2 number and another order of the keys; nobody runs it in PySpark",
        on_pyspark=True,
    ),
    Entry(
        "taskcontext.TaskContext",
        (11, 12, *range(14, 21), 22, *range(26, 32)),
        "TaskContext in a user-defined function of a DataFrame: there are no queries yet",
    ),
)
