"""What computes DataFrames: the interface between `minispark.sql` and an engine for them.

A `FrameEngine` makes frames; a `Frame` is rows of one schema that are not computed yet. The classes
that programs see know these two alone, and `engine_for` is the one place that chooses an engine. At
present there is one, on RDDs (`minispark.sql.rows`); an engine that plans queries takes its place
here, behind the same classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.core.rdd import RDD
    from minispark.sql.row import Row
    from minispark.sql.settings import Settings
    from minispark.sql.types import StructType
    from minispark.storagelevel import StorageLevel

__all__ = ["Frame", "FrameEngine", "TextInput", "engine_for"]


class Frame(Protocol):
    """Rows of one schema, not computed yet."""

    @property
    def schema(self) -> StructType:
        """The names and types of the columns."""

    def rdd(self) -> RDD[Row]:
        """The rows as an RDD; asked for once."""

    def collect(self) -> list[Row]:
        """All rows, in the order of partitions."""

    def take(self, count: int) -> list[Row]:
        """The first rows."""

    def count(self) -> int:
        """How many rows there are."""

    def renamed(self, names: list[str]) -> Frame:
        """The same rows, with other names for the columns."""

    def persist(self, level: StorageLevel) -> None:
        """Keep the rows once they are computed; nothing if they are kept already."""

    def unpersist(self, blocking: bool) -> None:
        """Keep them no longer."""

    def storage_level(self) -> StorageLevel | None:
        """How they are kept; None: they are not."""


@dataclass(frozen=True)
class TextInput:
    """What is read as text."""

    paths: tuple[str, ...]
    is_whole: bool = False
    """Whether a file is one row."""
    line_separator: str | None = None
    """What ends a row; None: any of the usual ends of lines."""
    name_pattern: str | None = None
    """A glob that names of files have to match."""
    is_recursive: bool = False
    """Whether directories in directories are read."""
    column: str = "value"


class FrameEngine(Protocol):
    """Makes frames for one session."""

    def of_rows(self, rows: RDD[Any], schema: StructType) -> Frame:
        """Rows in their internal form, as tuples."""

    def range(self, start: int, end: int, step: int, partitions: int) -> Frame:
        """Ints in one column, ``id``."""

    def text(self, source: TextInput) -> Frame:
        """Lines of files, or whole files, in one column."""


def engine_for(context: SparkContext, settings: Settings) -> FrameEngine:
    """The engine of a session."""
    from minispark.sql.rows import RowEngine

    return RowEngine(context, settings)
