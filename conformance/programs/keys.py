"""Keys of every kind: where they are placed and which of them are the same key."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import uuid

Point = collections.namedtuple("Point", "x y")


class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3
    CYAN = "c"
    AMBER = (1, 2)


class Level(enum.IntEnum):
    LOW = 1
    MIDDLE = 5
    HIGH = 9


@dataclasses.dataclass(frozen=True)
class Place:
    city: str
    number: int


@dataclasses.dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int


class Caseless:
    """A key that compares and hashes by its text in lower case."""

    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return isinstance(other, Caseless) and self.text.lower() == other.text.lower()

    def __hash__(self):
        return hash(self.text.lower())


class Clashing:
    """A key whose hash is always the same."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return isinstance(other, Clashing) and self.number == other.number

    def __hash__(self):
        return -1


class Tag(str):
    pass


def _place(sc, keys, partitions=5, slices=3):
    rdd = sc.parallelize([(k, i) for i, k in enumerate(keys)], slices)
    return rdd.partitionBy(partitions).values().glom().collect()


def _group(sc, keys, partitions=5, slices=3):
    rdd = sc.parallelize([(k, i) for i, k in enumerate(keys)], slices)
    return rdd.groupByKey(partitions).mapValues(list).glom().collect()


def str_keys_in_latin_1(sc):
    """One byte a character."""
    return _group(sc, ["a", "b", "é", "ÿ", "\x00", "\x7f", "\x80", "abc", "naïve", " ", "\n"])


def str_keys_in_two_bytes(sc):
    """Characters of the basic plane."""
    return _group(
        sc, ["ł", "Ω", "я", "中", "中文", "日本語テキスト", "€", "a€", "\u0100", "\uffff", "한국어"]
    )


def str_keys_in_four_bytes(sc):
    """Characters beyond the basic plane."""
    return _group(sc, ["😀", "a😀", "😀😀", "𝒳", "\U0010ffff", "\U00010000", "é中😀"])


def str_keys_with_lone_surrogates(sc):
    """Half characters are keys too."""
    return _place(sc, ["\ud800", "\udfff", "a\ud83d", "\ud83d\ude00", "\ud83d\ude00x"])


def empty_and_long_str_keys(sc):
    """Lengths around the hash function's blocks."""
    keys = ["x" * n for n in (0, 1, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 5000)]
    return _place(sc, keys + ["中" * n for n in (1, 3, 4, 5, 7, 8, 9, 500)], 7)


def str_keys_that_look_alike(sc):
    """Composed and decomposed letters differ."""
    return _group(sc, ["é", "e\u0301", "É", "e", "ß", "ss"])


def many_word_keys(sc):
    """400 words over 13 partitions."""
    return _place(sc, [f"word-{i}" for i in range(400)], 13, 4)


def bytes_keys(sc):
    """bytes of many lengths; b"" is placed as 0."""
    keys = [b"", b"a", b"\x00", b"\xff", b"abcdefgh", b"abcdefghi", bytes(range(256)), b"x" * 1000]
    return _place(sc, keys, 7)


def str_and_bytes_of_the_same_text(sc):
    """Placed together, yet two keys."""
    return _group(sc, ["abc", b"abc", "", b"", "xyz", b"xyz"])


def int_keys(sc):
    """Negative ints, zero, and those around 64 bits."""
    keys = [
        0,
        1,
        -1,
        -2,
        -3,
        7,
        10**18,
        -(10**18),
        2**61 - 1,
        2**61 - 2,
        2**61,
        2**63 - 1,
        2**63,
        -(2**63),
    ]
    return _group(sc, keys)


def big_int_keys(sc):
    """More than 64 bits, positive and negative."""
    return _group(sc, [2**64, 2**64 + 1, -(2**64), 2**100, -(2**100), 10**30, 3**200, -(3**200)], 7)


def minus_one_and_minus_two(sc):
    """They have the same hash, so one partition, but are two keys."""
    return _group(sc, [-1, -2, -1, -2], 4)


def float_keys(sc):
    """Fractions, infinities, integral floats, the smallest and the largest."""
    keys = [
        0.5,
        -0.5,
        1.5,
        2.0,
        -2.0,
        1e300,
        1e-300,
        5e-324,
        float("inf"),
        float("-inf"),
        0.1 + 0.2,
        1e16,
    ]
    return _group(sc, keys, 7)


def zeros_are_one_key(sc):
    """0, -0.0, 0.0 and False: the first one seen names the key."""
    return _group(sc, [-0.0, 0.0, 0, False], 3, 4), _group(sc, [0.0, -0.0], 2, 1)


def one_is_one(sc):
    """1.0, 1, True, Decimal and Fraction of one are one key."""
    return _group(sc, [1.0, 1, True, decimal.Decimal(1), fractions.Fraction(1)], 3, 5)


def nan_keys_are_each_their_own(sc):
    """Pickled nans are separate objects: no two are the same key."""
    nan = float("nan")
    rdd = sc.parallelize([(nan, 1), (nan, 2), (1.5, 3)], 1)
    return rdd.groupByKey(1).mapValues(list).collect(), rdd.reduceByKey(
        lambda a, b: a + b, 1
    ).collect()


def one_nan_object_in_a_task_is_one_key(sc):
    """A nan that a task makes once is the same object, so combined before the shuffle."""

    def keyed(it):
        nan = float("nan")
        return [(nan, x) for x in it]

    rdd = sc.parallelize([1, 2, 3, 4], 2).mapPartitions(keyed)
    return rdd.reduceByKey(lambda a, b: a + b, 1).collect()


def complex_keys(sc):
    """Complex numbers, among them real ones."""
    return _group(sc, [1j, 1 + 0j, 1, -1j, 2.5 + 1j, complex(0, -0.0), 0])


def none_keys(sc):
    """None goes to partition 0."""
    return _group(sc, [None, 0, None, "", 5], 5)


def bool_keys(sc):
    """True and False among ints."""
    return _group(sc, [True, False, 2, True, 0], 3)


def tuple_keys(sc):
    """Pairs and triples of ints, the empty tuple, and nested ones."""
    keys = [
        (),
        (0,),
        (1,),
        (-1,),
        (1, 2),
        (2, 1),
        (1, 2, 3),
        ((1,), 2),
        ((), ()),
        (((1,),),),
        tuple(range(50)),
    ]
    return _group(sc, keys, 7)


def tuple_keys_with_none_and_str(sc):
    """None and str inside tuples, also inside nested tuples."""
    keys = [
        (None,),
        (None, None),
        ("a",),
        ("a", None),
        (None, "a"),
        (("a", 1), None),
        ("a", ("b", ("c",))),
        ("中", "😀"),
    ]
    return _group(sc, keys, 7)


def tuple_keys_of_mixed_numbers(sc):
    """(1, 2) and (1.0, True+1) are one key."""
    return _group(sc, [(1, 2), (1.0, 2.0), (True, 2), (1.5, 2)], 5)


def tuple_keys_of_bytes_and_big_ints(sc):
    """Components of other kinds."""
    return _group(
        sc, [(b"a", 2**70), (b"a", -(2**70)), (b"", -1), (1.5, 1j), (frozenset([1]), 2)], 7
    )


def frozenset_keys(sc):
    """Sets of ints and of words, however they were built."""
    keys = [
        frozenset(),
        frozenset([1, 2]),
        frozenset([2, 1]),
        frozenset("abc"),
        frozenset(["ab", "cd"]),
        frozenset("bca"),
    ]
    return [[[i for i in v] for _, v in p] for p in _group(sc, keys, 7)]


def decimal_keys(sc):
    """Equal decimals are one key however written."""
    keys = [
        decimal.Decimal(s)
        for s in ("1", "1.0", "1.10", "1.1", "-3", "0", "-0", "1E+3", "Infinity", "0.1")
    ]
    return _group(sc, keys, 7)


def fraction_keys(sc):
    """Fractions, and the floats and ints that equal them."""
    keys = [
        fractions.Fraction(1, 3),
        fractions.Fraction(2, 6),
        fractions.Fraction(1, 2),
        0.5,
        fractions.Fraction(4, 2),
        2,
    ]
    return _group(sc, keys, 7)


def date_keys(sc):
    """Days."""
    keys = [datetime.date(2024, 2, d) for d in range(1, 30, 3)] + [
        datetime.date(1, 1, 1),
        datetime.date(9999, 12, 31),
    ]
    return _group(sc, keys, 5)


def datetime_keys(sc):
    """Naive ones and ones with a zone; the same instant in two zones is one key."""
    utc = datetime.timezone.utc
    east = datetime.timezone(datetime.timedelta(hours=2))
    keys = [
        datetime.datetime(2024, 1, 1),
        datetime.datetime(2024, 1, 1, 12, 30, 15, 999),
        datetime.datetime(2024, 1, 1, 12, tzinfo=utc),
        datetime.datetime(2024, 1, 1, 14, tzinfo=east),
        datetime.datetime(1970, 1, 1, tzinfo=utc),
    ]
    return _place(sc, keys, 7), [list(v) for _, v in sum(_group(sc, keys, 1), [])]


def time_and_timedelta_keys(sc):
    """Times of day and durations."""
    keys = [
        datetime.time(0),
        datetime.time(12, 30),
        datetime.time(23, 59, 59, 999999),
        datetime.timedelta(0),
        datetime.timedelta(days=-1),
        datetime.timedelta(days=1, microseconds=3),
    ]
    return _group(sc, keys, 5)


def uuid_keys(sc):
    """UUIDs hash by their number."""
    return _group(sc, [uuid.uuid5(uuid.NAMESPACE_DNS, f"host{i}") for i in range(8)], 5)


def range_keys(sc):
    """Ranges with the same elements are equal."""
    return _group(sc, [range(3), range(0, 3), range(0, 10, 2), range(0, 9, 2), range(5, 0, -1)], 5)


def enum_keys(sc):
    """Members of an Enum of the program hash by their name."""
    keys = [Colour.RED, Colour.GREEN, Colour.BLUE, Colour.CYAN, Colour.AMBER, Colour.RED]
    return [[(k.name, v) for k, v in p] for p in _group(sc, keys, 5)]


def int_enum_keys(sc):
    """Members of an IntEnum are ints."""
    groups = _group(sc, [Level.HIGH, 9, Level.LOW, True, Level.MIDDLE, 5.0], 4, 6)
    return [[(int(k), v) for k, v in p] for p in groups]


def namedtuple_keys(sc):
    """A namedtuple is a tuple, and equal to one."""
    groups = _group(
        sc, [Point(1, 2), (1, 2), Point("a", None), ("a", None), Point(Point(1, 2), 3)], 5, 5
    )
    return [[(tuple(k), type(k).__name__, v) for k, v in p] for p in groups]


def frozen_dataclass_keys(sc):
    """A frozen dataclass with a str field."""
    keys = [Place("Oslo", 1), Place("Lima", 2), Place("Oslo", 1), Place("東京", 3), Place("", 0)]
    return [[(k.city, k.number, v) for k, v in p] for p in _group(sc, keys, 5)]


def ordered_dataclass_keys(sc):
    """A frozen dataclass of ints, grouped and sorted."""
    keys = [Version(1, 10), Version(1, 2), Version(0, 9), Version(1, 2)]
    rdd = sc.parallelize([(k, i) for i, k in enumerate(keys)], 2)
    by_order = rdd.sortByKey(numPartitions=2).map(lambda kv: (kv[0].major, kv[0].minor, kv[1]))
    return [
        [(k.major, k.minor, v) for k, v in p] for p in _group(sc, keys, 3)
    ], by_order.glom().collect()


def keys_with_their_own_equality(sc):
    """A class with __eq__ and __hash__: the first spelling stays."""
    keys = [Caseless(t) for t in ("Abc", "xyz", "ABC", "XyZ", "other", "abc")]
    return [[(k.text, v) for k, v in p] for p in _group(sc, keys, 4)]


def keys_that_all_clash(sc):
    """One hash for all: one partition, separate groups."""
    groups = _group(sc, [Clashing(i % 3) for i in range(7)], 4)
    return [[(k.number, v) for k, v in p] for p in groups]


def str_subclass_keys(sc):
    """A subclass of str is placed as the str and equal to it."""
    groups = _group(sc, [Tag("a"), "a", Tag("中"), "中"], 5, 4)
    return [[(str(k), type(k).__name__, v) for k, v in p] for p in groups]


def numpy_scalar_keys(sc):
    """numpy's numbers are the same keys as Python's."""
    import numpy as np

    keys = [
        np.int64(3),
        3,
        np.int8(-1),
        -1,
        np.float64(2.5),
        2.5,
        np.float32(0.1),
        0.1,
        np.bool_(True),
        1,
    ]
    groups = _group(sc, keys, 5, 10)
    return [[(float(k), hasattr(k, "dtype"), v) for k, v in p] for p in groups]


def numpy_str_keys(sc):
    """numpy.str_ and numpy.bytes_ hash as str and bytes."""
    import numpy as np

    return _place(sc, [np.str_("abc"), "abc", np.bytes_(b"abc"), b"abc", np.str_("中")], 7)


def mixed_type_keys(sc):
    """Keys of many types side by side."""
    keys = [1, "1", b"1", 1.5, None, (1,), True, "", (), frozenset(), 2**80, -1]
    return _place(sc, keys, 6)


def keys_that_arrive_again_later(sc):
    """Two batches of records over the same keys of many kinds."""
    keys = [None, "a", 1, (None, "a"), b"a", 1.0, "中", None, "a", (None, "a"), b"a", "中"]
    return _group(sc, keys, 4, 6)


def a_list_key_fails_in_reduce_by_key(sc):
    """Unhashable in the map-side dict."""
    return sc.parallelize([([1], 1)], 1).reduceByKey(lambda a, b: a + b, 2).collect()


def a_dict_key_fails_in_group_by_key(sc):
    """Unhashable in the map-side dict."""
    return sc.parallelize([({}, 1)], 1).groupByKey(2).collect()


def a_set_key_fails_in_partition_by(sc):
    """Unhashable when hashed for its partition."""
    return sc.parallelize([({1}, 1)], 1).partitionBy(2).collect()


def a_list_inside_a_tuple_key_fails(sc):
    """A tuple is as hashable as what it holds."""
    return sc.parallelize([((1, [2]), 1)], 1).partitionBy(2).collect()


def a_bytearray_key_fails_in_join(sc):
    """bytearray cannot be hashed."""
    rdd = sc.parallelize([(bytearray(b"x"), 1)], 1)
    return rdd.join(rdd, 2).collect()


def a_list_key_fails_in_count_by_key(sc):
    """The counting dict needs a hash."""
    return sc.parallelize([([1], 1)], 1).countByKey()


def a_list_key_fails_in_aggregate_by_key(sc):
    """As reduceByKey."""
    return sc.parallelize([([1], 1)], 1).aggregateByKey(0, max, max, 1).collect()


def a_list_key_fails_in_cogroup(sc):
    """As groupByKey."""
    rdd = sc.parallelize([([1], 1)], 1)
    return rdd.cogroup(rdd, 1).collect()


def a_list_key_passes_a_custom_partition_function(sc):
    """partitionBy never hashes when the function does not."""
    rdd = sc.parallelize([([i], i) for i in range(6)], 2)
    return rdd.partitionBy(3, lambda k: k[0]).glom().collect()


def a_list_key_can_be_sorted(sc):
    """sortByKey compares, it does not hash."""
    rdd = sc.parallelize([([i * 7 % 5, i], i) for i in range(10)], 2)
    return rdd.sortByKey(numPartitions=3).glom().collect()


def a_list_key_in_collect_as_map_fails(sc):
    """The dict is made on the driver."""
    return sc.parallelize([([1], 1)], 1).collectAsMap()


def a_list_key_in_lookup_is_found(sc):
    """lookup compares by ==."""
    return sc.parallelize([([1], 1), ([2], 2)], 2).lookup([1])


def hash_as_a_partition_function(sc):
    """partitionBy(n, hash) with str, tuple and None-free keys."""
    keys = ["a", "b", "abc", "中", "😀", 5, -1, 2.5, ("a", 1), (1, 2), b"x", frozenset(["q"])]
    rdd = sc.parallelize([(k, i) for i, k in enumerate(keys)], 3)
    return rdd.partitionBy(4, hash).values().glom().collect()


def hash_called_by_a_lambda(sc):
    """hash() of the program inside its partition function."""
    rdd = sc.parallelize([(w, 1) for w in "one two three four five six seven".split()], 2)
    return rdd.partitionBy(4, lambda k: hash(k)).glom().collect()


def hash_called_in_a_map(sc):
    """hash() in a task is that of PYTHONHASHSEED=0."""
    return sc.parallelize(["a", "abc", "中", "😀", b"bytes", ("a", 1), ""], 2).map(hash).collect()


def hash_of_program_classes_in_a_map(sc):
    """The program's own __hash__, an Enum's and a dataclass's, in a task."""
    rdd = sc.parallelize([Caseless("Abc"), Colour.RED, Place("Oslo", 1), Point("a", 1)], 2)
    return rdd.map(hash).collect()


def portable_hash_of_the_engine(api, sc):
    """rdd.portable_hash in a task, on odd values."""
    from importlib import import_module

    portable_hash = import_module(f"{api.__name__}.rdd").portable_hash
    values = [
        None,
        (),
        (None,),
        (None, 1),
        (1, None),
        "a",
        ("a",),
        0.0,
        -1,
        (-1,),
        ((None, 1), 2),
        b"",
        2**70,
    ]
    return sc.parallelize(values, 2).map(portable_hash).collect()


def a_hash_that_raises(sc):
    """The user's exception from __hash__ fails the job."""

    class Bad:
        def __hash__(self):
            raise RuntimeError("no hash today")

    return sc.parallelize([0], 1).map(lambda _: (Bad(), 1)).partitionBy(2).collect()


def an_equality_that_raises(sc):
    """The user's exception from __eq__ on a clash fails the job."""

    class Bad:
        def __init__(self, n):
            self.n = n

        def __hash__(self):
            return 1

        def __eq__(self, other):
            raise ValueError("cannot compare")

    return sc.parallelize([0, 1], 1).map(lambda n: (Bad(n), n)).reduceByKey(max, 2).collect()


def word_count_by_enum_and_length(sc):
    """A tuple of an Enum and an int as key of a reduce."""
    words = "red green blue redder greener bluest red".split()

    def classify(word):
        for colour in Colour:
            if word.startswith(colour.name.lower()):
                return (colour, len(word)), 1
        return (None, 0), 1

    out = sc.parallelize(words, 3).map(classify).reduceByKey(lambda a, b: a + b, 3)
    return out.map(lambda kv: ((kv[0][0].name, kv[0][1]), kv[1])).glom().collect()
