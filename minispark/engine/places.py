"""What is known of where partitions lie.

There is one place here, so the question is whether the place of a partition is known: because
a block of it is cached, or because map outputs for it exist. Only ``coalesce`` asks, see
:mod:`minispark.engine.coalescing`.

As in Spark, what is cached is looked up once and remembered until the next job begins or a map
stage ends; it may be out of date in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from minispark.engine.lineage import Node

ASKED_BELOW = 1000
"""The places of a shuffle with this many map or reduce partitions, or more, are not asked for."""


class Places:
    """The known places of a context's partitions.

    Parameters
    ----------
    cached
        tells which partitions of an RDD id are cached
    has_output
        tells whether a shuffle has map outputs for a partition
    """

    def __init__(
        self, cached: Callable[[int], set[int]], has_output: Callable[[int, int], bool]
    ) -> None:
        self._look_up = cached
        self._has_output = has_output
        self._lock = threading.Lock()
        self._cached: dict[int, set[int]] = {}

    def forget(self) -> None:
        """Look up anew what is cached when it is next asked for."""
        with self._lock:
            self._cached.clear()

    def cached(self, node: Node) -> set[int]:
        """The partitions of ``node`` that are cached, as far as is known."""
        with self._lock:
            found = self._cached.get(node.id)
            if found is None:
                found = set() if node.storage is None else self._look_up(node.id)
                self._cached[node.id] = found
            return found

    def is_known(self, node: Node, partition: int) -> bool:
        """Whether it is known where a partition, or some partition it is made of, lies."""
        seen: set[tuple[int, int]] = set()
        waiting = [(node, partition)]
        while waiting:
            each, index = waiting.pop()
            if (each.id, index) in seen:
                continue
            seen.add((each.id, index))
            if index in self.cached(each) or each.is_grouped_by_place:
                return True
            for shuffle in each.shuffles:
                partitions = max(shuffle.parent.num_partitions, shuffle.num_partitions)
                if partitions < ASKED_BELOW and self._has_output(shuffle.shuffle_id, index):
                    return True
            waiting += each.narrow_parents(index)
        return False
