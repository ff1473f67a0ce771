"""Checkpoints: partitions kept for good, so that a lineage can end there.

A node is marked (``node.checkpoint``). When a job over its lineage has ended well, the mark is
carried out, on the thread that ran the job: all partitions are kept, by a job of their own where
they are not there already, and the node is cut. It then reads what was kept, and lets go of its
inputs, so that their shuffles and blocks are freed.

    before   node <- parent <- ... <- source
    after    node <- kept partitions

As in Spark, each node is looked at once, by the first job over it, and not beyond a node that is
marked: a mark that comes later, or one whose carrying out failed, is never carried out.
Must not know: where partitions are kept.
"""

from __future__ import annotations

import threading

from minispark.engine.lineage import Node


class Checkpoints:
    """Which nodes of a context's lineages have been looked at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards Node.is_checkpoint_settled

    def carry_out(self, root: Node, with_those_before: bool = False) -> None:
        """Carry out the marks of a lineage whose job has ended.

        ``with_those_before``: also, and first, those that stand before a marked node.
        """
        waiting: list[tuple[Node, bool]] = [(root, False)]
        while waiting:
            node, is_its_turn = waiting.pop()
            if not is_its_turn and not self._is_first_look(node):
                continue
            is_marked = node.checkpoint is not None
            if is_its_turn or (is_marked and not with_those_before):
                self._keep(node)
                continue
            if is_marked:
                waiting.append((node, True))
            before = [*node.parents, *(shuffle.parent for shuffle in node.shuffles)]
            waiting += [(each, False) for each in reversed(before)]

    def _is_first_look(self, node: Node) -> bool:
        with self._lock:
            is_first = not node.is_checkpoint_settled
            node.is_checkpoint_settled = True
            return is_first

    def _keep(self, node: Node) -> None:
        assert node.checkpoint is not None
        kept = node.checkpoint.keep(node)
        if kept is not None:
            node.cut(kept)
