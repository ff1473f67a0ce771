"""What a user function that raises StopIteration is turned into.

A StopIteration that leaves a user function would end, without a word, the loop that called it, and
records would be missing from the answer. So whoever calls user functions inside a loop over records
catches it and raises the error made here. For the merge loops of `engine.shuffle` and, through
`minispark.util`, for the facade. Must not know: who called which function.
"""

from minispark.errors import PySparkRuntimeError


def stop_iteration_error(exc: StopIteration) -> PySparkRuntimeError:
    """The error to raise in place of ``exc``, a StopIteration that came out of a user function.

    >>> print(stop_iteration_error(StopIteration("done")))
    [STOP_ITERATION_OCCURRED] Caught StopIteration thrown from user's code; failing the task: done
    """
    return PySparkRuntimeError(
        errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": str(exc)}
    )
