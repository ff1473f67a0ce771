"""The same programs on minispark, on real PySpark and as hand-written loops, measured together.

`python -m benchmarks` from the repository's root runs them. Where things are:

    workloads/   what is run: one small module for each family of programs
    engines.py   on what it is run: minispark's executors, PySpark, other engines, plain loops
    data.py      input files, generated once from fixed seeds
    child.py     one workload on one engine, timed inside a process of its own
    measure.py   starts that process, with memory.py watching its whole tree
    record.py    each measurement in a file, as it comes; a run goes on from there
    runs.py      which measurements a run makes, in which order
    results.py   what a run measured: medians, ratios, wrong answers
    growth.py    time and memory by the number of records; scaling.py measures them
    limits.py    the limits that the project sets itself, and which are met
    report.py    the tables; chart.py the chart; publish.py puts them into the README

A new workload is one more entry in a module of `workloads/`; a new engine one more in `engines.py`.
"""
