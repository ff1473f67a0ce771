"""How elements travel in the model: the frames that workers exchange, and how they are read."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Frame = Any
Elements = Iterator[Any]

AUTOMATIC = 0
UNLIMITED = -1


@dataclass(frozen=True)
class Batched:
    """Pickled lists of `size` elements; AUTOMATIC: 1, 2, 4, ... by pickled size."""

    size: int

    def read(self, frame: Frame) -> Any:
        return pickle.loads(frame)

    def write(self, elements: Iterable[Any]) -> Iterator[Frame]:
        source = iter(elements)
        count, best = (1, 1 << 16) if self.size == AUTOMATIC else (self.size, None)
        while batch := list(itertools.islice(source, count)):
            frame = pickle.dumps(batch, 5)
            yield frame
            if best is not None:
                if len(frame) < best:
                    count *= 2
                elif len(frame) > best * 10 and count > 1:
                    count //= 2


@dataclass(frozen=True)
class Lines:
    """A line of text a frame, decoded or as it lies in the file."""

    decoded: bool = True

    def read(self, frame: Frame) -> Any:
        return [frame if self.decoded else frame.encode()]


@dataclass(frozen=True)
class Raw:
    """A frame is an element."""

    def read(self, frame: Frame) -> Any:
        return [frame]


@dataclass(frozen=True)
class Zipped:
    """A pair of frames whose elements belong together, in order."""

    left: Any
    right: Any

    def read(self, frame: Frame) -> Any:
        left, right = list(self.left.read(frame[0])), list(self.right.read(frame[1]))
        if len(left) != len(right):
            raise ValueError("different number of items in batches")
        return list(zip(left, right, strict=True))


@dataclass(frozen=True)
class Crossed:
    """A pair of frames, of whose elements all pairs are meant, the left ones outside."""

    left: Any
    right: Any

    def read(self, frame: Frame) -> Any:
        return list(itertools.product(self.left.read(frame[0]), self.right.read(frame[1])))


@dataclass(frozen=True)
class Nothing:
    """No frames at all (emptyRDD)."""

    def read(self, frame: Frame) -> Any:
        raise AssertionError


AUTO = Batched(AUTOMATIC)


def unpack(form: Any, frames: Iterable[Frame]) -> Elements:
    for frame in frames:
        yield from form.read(frame)
