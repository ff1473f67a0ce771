"""Storage levels are PySpark's."""

import pickle

import pytest

from minispark.errors import SparkException
from minispark.storagelevel import StorageLevel

LEVELS = {
    "NONE": ((False, False, False, False, 1), "Serialized 1x Replicated"),
    "DISK_ONLY": ((True, False, False, False, 1), "Disk Serialized 1x Replicated"),
    "DISK_ONLY_2": ((True, False, False, False, 2), "Disk Serialized 2x Replicated"),
    "DISK_ONLY_3": ((True, False, False, False, 3), "Disk Serialized 3x Replicated"),
    "MEMORY_ONLY": ((False, True, False, False, 1), "Memory Serialized 1x Replicated"),
    "MEMORY_ONLY_2": ((False, True, False, False, 2), "Memory Serialized 2x Replicated"),
    "MEMORY_AND_DISK": ((True, True, False, False, 1), "Disk Memory Serialized 1x Replicated"),
    "MEMORY_AND_DISK_2": ((True, True, False, False, 2), "Disk Memory Serialized 2x Replicated"),
    "OFF_HEAP": ((True, True, True, False, 1), "Disk Memory OffHeap Serialized 1x Replicated"),
    "MEMORY_AND_DISK_DESER": (
        (True, True, False, True, 1),
        "Disk Memory Deserialized 1x Replicated",
    ),
}


@pytest.mark.parametrize("name", LEVELS)
def test_each_level_says_what_it_is(name):
    parts, text = LEVELS[name]
    level = getattr(StorageLevel, name)
    assert level == StorageLevel(*parts)
    assert str(level) == text
    assert repr(level) == f"StorageLevel{parts}"
    assert pickle.loads(pickle.dumps(level)) == level


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ((True, False, False, False, 40), "Replication restricted to be less than 40"),
        ((True, True, False, False, 0), "StorageLevel is null or invalid"),
        ((True, True, False, False, -1), "StorageLevel is null or invalid"),
        ((False, False, True, False, 1), "StorageLevel is null or invalid"),
        ((False, False, False, False, 2), "StorageLevel is null or invalid"),
    ],
)
def test_a_level_that_no_partition_can_be_kept_at_is_refused(sc, level, message):
    rdd = sc.parallelize([1, 2], 2)
    with pytest.raises(SparkException, match=message):
        rdd.persist(StorageLevel(*level))
    assert rdd.getStorageLevel() == StorageLevel.NONE
    assert rdd.persist(StorageLevel(True, False, False, False, 39)).count() == 2


def test_what_is_off_the_heap_has_sparks_words_in_a_lineage(sc):
    rdd = sc.parallelize([1], 1).persist(StorageLevel.OFF_HEAP)
    assert rdd.toDebugString().endswith(b" [Disk Memory (off heap) Serialized 1x Replicated]")


def test_levels_that_differ_are_not_equal_and_none_is_a_key():
    assert StorageLevel.DISK_ONLY != StorageLevel.DISK_ONLY_2
    assert StorageLevel.NONE != (False, False, False, False, 1)
    with pytest.raises(TypeError, match="unhashable type: 'StorageLevel'"):
        hash(StorageLevel.NONE)
