"""Inside a task: elements as lines of text, and a partition of them as a part file.

For `core.rdd.output`. See the package's docstring for the shape of these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minispark.engine.taskstate import TaskState
    from minispark.io.output import FileOutput


def encode_as_text(_split: int, iterator: Iterable[Any]) -> Iterator[bytes]:
    """The text of each element, without a line end, in UTF-8; bytes that are not are mended."""
    for x in iterator:
        text = x.decode("utf-8", "replace") if isinstance(x, bytes) else str(x)
        yield text.encode("utf-8")


def write_partition(output: FileOutput, task: TaskState, lines: Iterator[bytes]) -> None:
    """Write the lines of the task's partition; what a job that saves does with each."""
    ids = task.id
    output.write_partition(ids.partition, ids.attempt, ids.task_id, lines, task.before_commit)
