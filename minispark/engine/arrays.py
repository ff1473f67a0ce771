"""Batches of small numpy arrays: pickled as the rows of one array.

To unpickle an array of ten numbers takes as long as ten operations on it, and to cut one out of a
larger array a tenth of that. For :mod:`minispark.engine.serializers`. What comes back is what
pickle gives for each array by itself: an array of the same numbers that may be written to, on
memory that it does not own, and which it shares with no other.
Must not know: frames.
"""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import Any

_LARGEST = 4096
"""Of how many bytes an array is at most; larger ones gain nothing."""

_form = attrgetter("dtype", "shape", "flags.carray")


class Rows:
    """A list of arrays, to be pickled; what is unpickled is the list."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self._whole,)


def as_rows(batch: list[Any]) -> Rows | None:
    """The objects of a batch as rows of one array; None if they are no small arrays of one form.

    >>> as_rows([1, 2]) is None
    True
    """
    numpy = sys.modules.get("numpy")  # if it is not imported, there are no arrays
    if numpy is None or len(batch) < 2 or set(map(type, batch)) != {numpy.ndarray}:
        return None
    if len(set(map(id, batch))) < len(batch):  # one array twice: then it comes back as one
        return None
    forms = set(map(_form, batch))
    dtype, shape, is_usual = next(iter(forms))
    if not is_usual or dtype.isbuiltin != 1 or dtype.metadata or dtype.hasobject or not shape:
        return None
    if len(forms) > 1 or not 0 < batch[0].nbytes <= _LARGEST:
        return None
    return Rows(numpy.array(batch))
