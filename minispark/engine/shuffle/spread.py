"""Where a map partition starts to deal out elements that have no key.

For `repartition` and `coalesce(shuffle=True)`. Spark's JVM draws the place from a generator of its
own, seeded with the index of the map partition, so that partitions do not all start with the same
target; this is that generator, as far as one draw needs it.
Must not know: what is dealt, in which batches, and to whom.
"""

_WORD = 0xFFFFFFFFFFFFFFFF
_HALF = 0xFFFFFFFF


def start_partition(map_partition: int, num_partitions: int) -> int:
    """The place drawn for a map partition; its first batch goes to the one after it.

    Parameters
    ----------
    map_partition: index of the partition that deals.
    num_partitions: how many partitions there are to deal to, 1 or more.

    As in Spark: `XORShiftRandom(map_partition).nextInt(num_partitions)`.

    >>> [(start_partition(i, 3) + 1) % 3 for i in range(4)]
    [0, 1, 2, 0]
    """
    state = _hash_seed(map_partition)
    while True:
        state ^= state << 21 & _WORD
        state ^= state >> 35
        state ^= state << 4 & _WORD
        drawn = state & 0x7FFFFFFF
        if num_partitions & (num_partitions - 1) == 0:
            return num_partitions * drawn >> 31
        place = drawn % num_partitions
        # The last, incomplete round of values would favour the low places: draw again.
        if drawn - place + num_partitions - 1 < 1 << 31:
            return place


def _hash_seed(seed: int) -> int:
    """Spreads the bits of a seed over 64: neighbouring seeds would start out alike otherwise."""
    data = seed.to_bytes(8, "big", signed=True)
    low = _murmur3(data, 0x3C074A61)
    return _murmur3(data, low) << 32 | low


def _murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3 x86-32 of bytes whose number is a multiple of four."""
    mixed = seed
    for at in range(0, len(data), 4):
        block = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & _HALF
        block = (block << 15 | block >> 17) * 0x1B873593 & _HALF
        mixed ^= block
        mixed = (mixed << 13 | mixed >> 19) & _HALF
        mixed = mixed * 5 + 0xE6546B64 & _HALF
    mixed ^= len(data)
    mixed = (mixed ^ mixed >> 16) * 0x85EBCA6B & _HALF
    mixed = (mixed ^ mixed >> 13) * 0xC2B2AE35 & _HALF
    return mixed ^ mixed >> 16
