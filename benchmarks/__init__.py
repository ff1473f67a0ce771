"""The same programs on minispark, on real PySpark and as hand-written loops, measured together.

`python -m benchmarks` from the repository's root runs them. Where things are:

    workloads/   what is run: one small module for each family of programs
    engines.py   on what it is run: minispark, PySpark, plain loops
    data.py      input files, generated once from fixed seeds
    child.py     one workload on one engine, timed inside a process of its own
    measure.py   starts that process, with memory.py watching its whole tree
    report.py    medians, ratios, the README's table, results.json

A new workload is one more entry in a module of `workloads/`; a new engine one more in `engines.py`.
"""
