"""What the settings say of tasks that fail, or are slow."""

from __future__ import annotations

from minispark.conf import SparkConf
from minispark.core.settings import boolean, milliseconds, number, whole_number
from minispark.engine.retries import Retries, Speculation
from minispark.errors import SparkException


def retries_for(settings: SparkConf, task_failures: int, is_cluster: bool) -> Retries:
    """How often tasks and stages are tried, and whether slow ones are tried a second time.

    ``task_failures`` is what the master says; ``spark.task.maxFailures`` is for masters that are a
    cluster, as in Spark. Raises SparkException for a setting that has not its type.
    """
    if is_cluster:
        task_failures = whole_number(settings, "spark.task.maxFailures", task_failures)
    stage_failures = whole_number(
        settings, "spark.stage.maxConsecutiveAttempts", Retries().stage_failures
    )
    return Retries(task_failures, stage_failures, _speculation(settings))


def _speculation(settings: SparkConf) -> Speculation | None:
    usual = Speculation()
    prefix = "spark.speculation"
    rule = Speculation(
        milliseconds(settings, f"{prefix}.interval", usual.interval),
        number(settings, f"{prefix}.multiplier", usual.multiplier),
        number(settings, f"{prefix}.quantile", usual.quantile),
        milliseconds(settings, f"{prefix}.minTaskRuntime", usual.min_seconds),
        milliseconds(settings, f"{prefix}.task.duration.threshold", usual.long_seconds),
    )
    if not boolean(settings, prefix, False):
        return None
    if rule.interval <= 0:
        raise SparkException(
            f"{prefix}.interval must be above 0", "java.lang.IllegalArgumentException"
        )
    return rule
