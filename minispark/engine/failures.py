"""What the scheduler says of attempts, stages and jobs that have failed, in Spark's words.

Must not know: what is done about them.
"""

from __future__ import annotations

from minispark.engine.amounts import bytes_text
from minispark.engine.stages import Running, Stage
from minispark.engine.task import TaskFailure
from minispark.errors import SparkException
from minispark.errors.exceptions.captured import (
    PYTHON_EXCEPTION,
    PythonException,
    python_failure,
)

SPARK_EXCEPTION = "org.apache.spark.SparkException"


def abort_error(
    stage: Stage, task_id: int, attempt: Running, failures: int, failure: TaskFailure
) -> SparkException | PythonException:
    """What a job fails with whose task has failed so many times."""
    job = (
        f"Job aborted due to stage failure: Task {attempt.position} in stage "
        f"{stage.id}.{stage.attempt} failed {failures} times, most recent failure: "
        f"{lost(stage, task_id, attempt)}"
    )
    exc = failure.exception
    if not isinstance(exc, SparkException):
        return python_failure(f"{job}{_where(stage)}: {python_exception(failure)}", failure.text)
    # The engine's own. As in Spark: what is an error of Spark's comes first, and what is one
    # of Java's or Hadoop's is the reason why the job was aborted.
    if exc.java_exception_class == SPARK_EXCEPTION:
        return SparkException(f"{exc}\n{job}{_where(stage)}: {exc}")
    text = f"{job}: {exc.java_exception_class}: {exc}\n{_where(stage)}"
    return SparkException(text.rstrip())


def failed_too_often(stage: Stage, failures: int) -> str:
    """Why the jobs fail of a stage whose attempts have failed so many times in a row."""
    kind = "ResultStage" if stage.outputs is None else "ShuffleMapStage"
    return (
        f"{kind} {stage.id} ({stage.node.call_site}) has failed the maximum allowable number "
        f"of times: {failures}."
    )


def too_large(stage: Stage, max_result_bytes: int) -> SparkException:
    """What a job fails with whose results are larger than they may be."""
    return SparkException(
        f"Job aborted due to stage failure: Total size of serialized results of "
        f"{stage.results} tasks ({bytes_text(stage.result_bytes)}) is bigger than "
        f"spark.driver.maxResultSize ({bytes_text(max_result_bytes)})"
    )


def python_exception(failure: TaskFailure) -> str:
    """An error in Python code."""
    return (
        f"{PYTHON_EXCEPTION}: [PYTHON_EXCEPTION] An exception was thrown from the Python worker: "
        f"{failure.text} SQLSTATE: 38000"
    )


def lost(stage: Stage, task_id: int, attempt: Running) -> str:
    """An attempt that has failed."""
    return (
        f"Lost task {attempt.position}.{attempt.attempt} in stage {stage.id}.{stage.attempt} "
        f"(TID {task_id}) (localhost executor driver)"
    )


def _where(stage: Stage) -> str:
    """Which line of the program wants what the stage computes, if it is known."""
    site = stage.node.call_site
    return "" if ".scala:" in site or ".java:" in site else f" ({site})"
