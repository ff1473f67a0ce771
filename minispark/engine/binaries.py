"""What the tasks of a stage have in common, as bytes for another process.

Spark calls it the task binary. It is made once a stage attempt, and read once in each process that
runs tasks of it; the program's functions in it are still pickled, and are read anew by each task.

A lineage may be thousands of nodes long, and pickle goes down a reference by a call. So nodes are
written one after the other, those that others read before them, and refer to each other by their
position. What lies behind a shuffle or on the driver is left out, see ``Node.__getstate__``.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from minispark.engine import closures
from minispark.engine.lineage import Node
from minispark.engine.task import TaskSet


def dumps(task_set: TaskSet, preparations: Sequence[Callable[[], object]]) -> bytes:
    """A task set as bytes, with functions to be called where it is read, before its tasks run."""
    with io.BytesIO() as file:
        pickler = _Pickler(file, protocol=closures.PROTOCOL)
        nodes = list(_sources_first(task_set.node))
        pickler.dump(preparations)
        pickler.dump(len(nodes))
        for position, (node, state) in enumerate(nodes):
            pickler.dump((type(node), state))
            pickler.positions[id(node)] = position
        pickler.dump(task_set)
        return file.getvalue()


def loads(data: bytes) -> TaskSet:
    """The task set that :func:`dumps` has written; the process is prepared for it."""
    unpickler = _Unpickler(io.BytesIO(data))
    for prepare in unpickler.load():
        prepare()
    for _ in range(unpickler.load()):
        cls, state = unpickler.load()
        node = cls.__new__(cls)
        node.__dict__.update(state)
        unpickler.nodes.append(node)
    task_set: TaskSet = unpickler.load()
    return task_set


class _Pickler(closures.Pickler):
    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol=protocol)
        self.positions: dict[int, int] = {}

    def persistent_id(self, obj: Any) -> int | None:
        return self.positions[id(obj)] if isinstance(obj, Node) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.nodes: list[Node] = []

    def persistent_load(self, position: int) -> Node:
        return self.nodes[position]


def _sources_first(root: Node) -> Iterator[tuple[Node, dict[str, Any]]]:
    """``root`` and all that it reads within its stage, each once, behind what it reads.

    Each with its state, which is looked at once: a checkpoint may replace its inputs meanwhile.
    """
    done: set[int] = set()
    waiting: list[tuple[Node, dict[str, Any] | None]] = [(root, None)]
    while waiting:
        node, state = waiting.pop()
        if node.id in done:
            continue
        if state is not None:
            done.add(node.id)
            yield node, state
        else:
            state = node.__getstate__()
            waiting.append((node, state))
            waiting += [(parent, None) for parent in state["_inputs"].parents]
