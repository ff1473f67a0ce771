"""Random pipelines: a small language for RDD programs, an engine-free model of their answers.

For the tests and for `python -m conformance.pipelines`. A pipeline is JSON-able data (see
`language`), so the same one runs on minispark, on PySpark in another process, and in the model.
"""
