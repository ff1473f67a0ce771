"""What Spark answers to a pipeline, in plain single-threaded Python; the judge of the tests.

It follows the documented semantics and, where Spark's answer depends on them, the mechanics:
which batches ("frames") elements travel in, which jobs run and what they leave behind, where
keys are placed, in which order partitions are merged. It may not import any engine, and stays
simple: every stage computes whole partitions in the calling thread.

    frames        frames and their formats: two RDDs of the same format may be joined frame by
                  frame, otherwise both are written anew
    cluster       RDDs as the cluster sees them, and the jobs that compute them
    dataset       RDDs as the program sees them: operations and actions
    text          where a text file is cut
    hashing       where keys are placed
    randomness    the JVM's random numbers
    interpreter   the language of pipelines
"""

from .interpreter import run

__all__ = ["run"]
