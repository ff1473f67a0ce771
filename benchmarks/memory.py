"""The memory of a process tree: now, and its peak."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import psutil

from benchmarks.child import high_water_mark


def process_bytes(process: psutil.Process) -> int:
    """What a process holds; a page that n processes share (forked workers) counts 1/n in each."""
    try:
        return int(getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss)
    except psutil.AccessDenied:
        return int(process.memory_info().rss)


def own_bytes(process: psutil.Process) -> int:
    """The same without the pages of files, such as Python's own code: how many processes share
    these depends on whatever else runs on the machine.
    """
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        (kibibytes,) = re.findall(r"^Pss_Anon: +(\d+) kB$", rollup, re.MULTILINE)
    except (OSError, ValueError):  # another system, or one that does not tell
        return process_bytes(process)
    return int(kibibytes) * 1024


def tree_bytes(root: psutil.Process) -> int:
    """The memory of a process and of all that descend from it, now; its peak if it is alone."""
    total = 0
    try:
        children = root.children(recursive=True)
        if not children:
            total = high_water_mark(Path(f"/proc/{root.pid}/status"))
        for process in [root, *children] if total == 0 else []:
            try:
                total += process_bytes(process)
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        pass
    return total


class PeakMemory:
    """Polls a process tree from a thread until told to stop, at most 5% of the time."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._stop = Event()
        self._thread = Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def _watch(self, pid: int) -> None:
        try:
            root = psutil.Process(pid)
        except psutil.NoSuchProcess:
            return
        pause = 0.0
        while not self._stop.wait(pause):
            start = perf_counter()
            self.peak = max(self.peak, tree_bytes(root))
            pause = max(0.02, 20 * (perf_counter() - start))

    def stop(self) -> int:
        self._stop.set()
        self._thread.join()
        return self.peak
