"""Inside a task: elements as lines of text.

For `core.rdd.output`. See the package's docstring for the shape of these functions.
"""

from collections.abc import Iterable, Iterator
from typing import Any


def encode_as_text(_split: int, iterator: Iterable[Any]) -> Iterator[bytes]:
    """The text of each element in UTF-8, without a line end; bytes stay as they are."""
    for x in iterator:
        yield x if isinstance(x, bytes) else str(x).encode("utf-8")
