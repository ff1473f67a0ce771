"""What a run leaves behind in its process and its session: threads, descriptors, processes."""

from __future__ import annotations

import gc
import os
import threading
import time

import psutil

PATIENCE_SECONDS = 5.0
"""How long what has been given up may take to end."""


class Leftovers:
    """Knows what there was when it was made. The process leads its session."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._descriptors = _descriptors()

    def found(self) -> list[str]:
        """What there is besides, once what is on its way out has had some time."""
        gc.collect()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self._now()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return found

    def _now(self) -> list[str]:
        threads = set(threading.enumerate()) - self._threads
        descriptors = _descriptors() - self._descriptors
        others = processes_of_session(os.getsid(0)) - {os.getpid()}
        return [
            *(f"thread {thread.name}" for thread in threads),
            *(f"descriptor {number} of {name}" for number, name in descriptors),
            *(f"process {pid}" for pid in others),
        ]


def _descriptors() -> set[tuple[str, str]]:
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
        except FileNotFoundError:  # that of the listing itself
            continue
    return found


def processes_of_session(session: int) -> set[int]:
    """The processes that live. Orphans too: those whose parent was killed."""
    found = set()
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == session and is_alive(pid):
                found.add(pid)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there, and has not ended."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
