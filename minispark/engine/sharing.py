"""What worker processes have of the driver's state, besides what tasks bring with them.

A task brings all that its functions refer to. Some things of a program it does not bring: where
added files are, which broadcast values may be kept. Their modules say with :func:`share` what a
worker has to call; it is asked once for each stage, and called there before its tasks.

Must not know: what is shared.
"""

from collections.abc import Callable

_shared: list[Callable[[], Callable[[], object] | None]] = []


def share(ask: Callable[[], Callable[[], object] | None]) -> None:
    """From now on tell workers: ``ask()`` gives what they have to call, if anything."""
    _shared.append(ask)


def preparations() -> list[Callable[[], object]]:
    """What a worker has to call now."""
    return [call for ask in _shared if (call := ask()) is not None]
