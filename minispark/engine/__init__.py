"""How a job runs: lineage, stages, scheduler, tasks, shuffle, blocks.

This floor knows nothing of RDD methods or of ``SparkContext``; it never imports from
``minispark.core`` or any floor above it.
"""
