"""How a cached RDD is kept.

For programs, which pass a level to `persist`, and for the block store, which reads it.
Must not know: blocks.
"""

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["StorageLevel"]


# Neither frozen nor hashable, as PySpark's is not: a level that works as a key of a dict here
# would break there.
@dataclass(repr=False)
class StorageLevel:
    """Where the partitions of a cached RDD go, in which form, and how often.

    Parameters
    ----------
    useDisk: may lie on disk.
    useMemory: may lie in memory.
    useOffHeap: in memory that the garbage collector does not see.
    deserialized: as objects; Python data is always pickled, so programs leave it False.
    replication: number of copies.

    As in Spark.

    >>> StorageLevel.MEMORY_AND_DISK
    StorageLevel(True, True, False, False, 1)
    >>> print(StorageLevel.MEMORY_AND_DISK)
    Disk Memory Serialized 1x Replicated
    """

    useDisk: bool
    useMemory: bool
    useOffHeap: bool
    deserialized: bool
    replication: int = 1

    NONE: ClassVar["StorageLevel"]
    DISK_ONLY: ClassVar["StorageLevel"]
    DISK_ONLY_2: ClassVar["StorageLevel"]
    DISK_ONLY_3: ClassVar["StorageLevel"]
    MEMORY_ONLY: ClassVar["StorageLevel"]
    MEMORY_ONLY_2: ClassVar["StorageLevel"]
    MEMORY_AND_DISK: ClassVar["StorageLevel"]
    MEMORY_AND_DISK_2: ClassVar["StorageLevel"]
    OFF_HEAP: ClassVar["StorageLevel"]
    MEMORY_AND_DISK_DESER: ClassVar["StorageLevel"]

    def __repr__(self) -> str:
        return (
            f"StorageLevel({self.useDisk}, {self.useMemory}, {self.useOffHeap}, "
            f"{self.deserialized}, {self.replication})"
        )

    def __str__(self) -> str:
        places = (
            ("Disk ", self.useDisk),
            ("Memory ", self.useMemory),
            ("OffHeap ", self.useOffHeap),
        )
        where = "".join(name for name, used in places if used)
        form = "Deserialized" if self.deserialized else "Serialized"
        return f"{where}{form} {self.replication}x Replicated"


StorageLevel.NONE = StorageLevel(False, False, False, False)
StorageLevel.DISK_ONLY = StorageLevel(True, False, False, False)
StorageLevel.DISK_ONLY_2 = StorageLevel(True, False, False, False, 2)
StorageLevel.DISK_ONLY_3 = StorageLevel(True, False, False, False, 3)
StorageLevel.MEMORY_ONLY = StorageLevel(False, True, False, False)
StorageLevel.MEMORY_ONLY_2 = StorageLevel(False, True, False, False, 2)
StorageLevel.MEMORY_AND_DISK = StorageLevel(True, True, False, False)
StorageLevel.MEMORY_AND_DISK_2 = StorageLevel(True, True, False, False, 2)
StorageLevel.OFF_HEAP = StorageLevel(True, True, True, False, 1)
StorageLevel.MEMORY_AND_DISK_DESER = StorageLevel(True, True, False, True)
