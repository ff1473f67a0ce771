"""What workers have besides what their task has brought with it.

A task brings all that its functions refer to. Some things of a program it does not bring: where
added files are, which broadcast values may be kept. Their modules say with :func:`share` what a
worker process has to call; it is asked once for each stage, and called there before its tasks.

What a task has brought may stay for the next one, if that brings it too. Who keeps it, in a worker
process or on a slot's thread, says with :func:`keep` what to call at the end of each task.

Must not know: what is shared.
"""

from collections.abc import Callable, Collection
from typing import Any

_shared: list[Callable[[], Callable[[], object] | None]] = []
_keepers: list[Callable[[Collection[Any]], None]] = []


def share(ask: Callable[[], Callable[[], object] | None]) -> None:
    """From now on tell workers: ``ask()`` gives what they have to call, if anything."""
    _shared.append(ask)


def preparations() -> list[Callable[[], object]]:
    """What a worker has to call now."""
    return [call for ask in _shared if (call := ask()) is not None]


def keep(drop_all_but: Callable[[Collection[Any]], None]) -> None:
    """From now on tell, at the end of each task, which broadcast values may be kept."""
    _keepers.append(drop_all_but)


def keep_only(referred_to: Collection[Any]) -> None:
    """The task on this thread has ended, and leaves what it has read of these to the next one."""
    for drop_all_but in _keepers:
        drop_all_but(referred_to)
