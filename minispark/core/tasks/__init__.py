"""What the operations of an RDD do inside a task, one module a subject, as `core.rdd` is cut.

For `core.rdd` alone. What is done to each record by itself is a step, see `engine.steps`; here is
the rest. Each function works on the records of one partition: it takes the operation's own
arguments, then the partition's index and the iterator over its records, and an operation binds the
former with `functools.partial`. As module-level functions they cross to a task by name, so that
only the user's functions are pickled by value, and as generators they keep a partition streaming.

Where PySpark guards a user function against StopIteration, the loop here catches it, which costs
nothing; a generator without `except StopIteration` is one that PySpark does not guard either (the
interpreter then turns it into a RuntimeError).
Must not know: RDD, SparkContext, the driver.
"""
