"""In which order the stages that can run get the free slots: first come first served, or fairly.

FIFO: the stage of the lowest job first. FAIR: each job belongs to a *pool*, named by the property
``spark.scheduler.pool`` of the thread that submitted it. The next free slot goes to the pool that
has the least of what is due to it: pools that run fewer tasks than their minimum share first,
then by running tasks over weight; inside a pool by its own mode. As in Spark.

For the scheduler, whose dispatcher asks :meth:`Pools.next_stage` for every free slot.
Must not know: what a task is, or when a stage can run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from minispark.engine.events import log_warning
from minispark.errors import SparkException

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from minispark.engine.stages import Stage

FIFO, FAIR = "FIFO", "FAIR"
DEFAULT = "default"


class Pool(NamedTuple):
    """What is due to the jobs of one pool."""

    mode: str = FIFO
    min_share: int = 0
    weight: int = 1


class Pools:
    """The order of a context's stages.

    Parameters
    ----------
    mode
        FIFO or FAIR, in any case
    allocation_file
        an XML file that describes pools, for FAIR; None: all pools are alike

    Raises
    ------
    SparkException
        if ``mode`` is neither, or the file is not there or is no XML
    """

    def __init__(self, mode: str = FIFO, allocation_file: str | None = None) -> None:
        self.mode = _known_mode(mode)
        self._pools: dict[str, Pool] = {}
        if self.mode == FAIR:
            if allocation_file is not None:
                self._pools.update(_read_allocations(allocation_file))
            self._pools.setdefault(DEFAULT, Pool())

    def name_of(self, properties: Mapping[str, str]) -> str:
        """The pool of a job with these local properties."""
        name = properties.get("spark.scheduler.pool", DEFAULT)
        if self.mode == FAIR and name not in self._pools:
            log_warning(
                f"pool {name!r} is in no allocation file: it is made with mode FIFO, minShare 0, "
                "weight 1"
            )
            self._pools[name] = Pool()
        return name

    def next_stage(self, active: Iterable[Stage], free: int) -> Stage | None:
        """Which of the active stages may start a task, with ``free`` slots; None if none can.

        ``active`` is in the order of FIFO.
        """
        if self.mode == FIFO:
            return next((stage for stage in active if stage.fits(free)), None)
        running: dict[str, int] = {}
        waiting: dict[str, list[Stage]] = {}
        for stage in active:
            running[stage.pool] = running.get(stage.pool, 0) + len(stage.running)
            if stage.fits(free):
                waiting.setdefault(stage.pool, []).append(stage)
        if not waiting:
            return None
        name = min(waiting, key=lambda each: (_due(self._pools[each], running[each]), each))
        stages = waiting[name]
        if self._pools[name].mode == FIFO:
            return stages[0]
        return min(stages, key=lambda each: (_due(Pool(), len(each.running)), each.id))


def _due(pool: Pool, running: int) -> tuple[bool, float]:
    """The smaller, the sooner it is this pool's turn."""
    if running < pool.min_share:
        return False, running / max(pool.min_share, 1)
    return True, running / pool.weight if pool.weight else float("inf")


def _known_mode(mode: str) -> str:
    known = mode.upper()
    if known == "NONE":
        raise SparkException(
            "Unsupported scheduling mode: NONE. Use FAIR or FIFO instead.",
            "java.lang.IllegalArgumentException",
        )
    if known not in (FIFO, FAIR):
        raise SparkException(
            f"[INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS] The value '{mode}' in the config "
            "\"spark.scheduler.mode\" is invalid. It should be one of 'FAIR, FIFO, NONE'. "
            "SQLSTATE: 22022",
            "org.apache.spark.SparkIllegalArgumentException",
        )
    return known


def _read_allocations(path: str) -> dict[str, Pool]:
    from xml.etree import ElementTree  # where it is needed: most programs have no such file

    local = path.removeprefix("file://").removeprefix("file:")
    try:
        root = ElementTree.parse(local).getroot()
    except OSError as exc:
        raise SparkException(
            f"spark.scheduler.allocation.file: File {path} does not exist"
            if isinstance(exc, FileNotFoundError)
            else f"spark.scheduler.allocation.file: {exc}",
            "java.io.FileNotFoundException",
        ) from exc
    except ElementTree.ParseError as exc:
        raise SparkException(
            f"spark.scheduler.allocation.file {path} is no XML document: {exc}",
            "org.xml.sax.SAXParseException",
        ) from exc
    return {each.get("name", ""): _read_pool(each) for each in root.iter("pool")}


def _read_pool(element: Element) -> Pool:
    """What the file says of a pool. As in Spark: what is not understood has its default."""
    mode = (element.findtext("schedulingMode") or "").strip().upper()
    if mode not in (FIFO, FAIR):
        if mode:
            log_warning(f"pool {element.get('name')!r}: schedulingMode {mode} is taken as FIFO")
        mode = FIFO
    return Pool(mode, _whole_number(element, "minShare", 0), _whole_number(element, "weight", 1))


def _whole_number(element: Element, name: str, default: int) -> int:
    text = element.findtext(name)
    try:
        return default if text is None else int(text)
    except ValueError:
        log_warning(f"pool {element.get('name')!r}: {name} {text!r} is taken as {default}")
        return default
