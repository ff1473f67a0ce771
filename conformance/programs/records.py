"""What a program can tell of how its records went through a shuffle: which objects are still one,
what was changed while it was on its way, which error comes first.
"""

import collections
import enum

WORDS = (
    *("ERROR-ONE", "ERROR-TWO", "unhashable", "unpack", "subscriptable", "index out of range"),
    *("TypeError", "ValueError", "KeyError", "struct.error", "STOP_ITERATION_OCCURRED"),
)


def _attempt(action):
    """What an action gives, or which words are in the text of its error."""
    try:
        return action()
    except Exception as error:
        return [word for word in WORDS if word in str(error)]


def _sharing(objects):
    """Each object as the position of the first one that is the same object."""
    numbers = {}
    return [numbers.setdefault(id(x), len(numbers)) for x in objects]


def _grown_again_and_again(count):
    """Pairs whose value is one list, which grows before each."""
    seen = []
    for i in range(count):
        seen.append(i)
        yield i % 7, seen


def _sharing_values(count):
    shared = [0]
    for i in range(count):
        yield i, shared


class Word(str):
    """A str that is not one."""


class Key:
    """Equal by its number, whatever its name."""

    def __init__(self, number, name):
        self.number = number
        self.name = name

    def __eq__(self, other):
        return self.number == other.number

    def __hash__(self):
        return hash(self.number)

    def __lt__(self, other):
        return self.number < other.number


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


Point = collections.namedtuple("Point", "x y")


def values_that_are_one_list_in_group_by_key(sc):
    """One list as the value of many keys."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _sharing_values(300))
    groups = rdd.groupByKey(1).values().map(lambda values: next(iter(values)))
    return groups.mapPartitions(lambda it: [_sharing(list(it))]).collect()


def values_that_are_one_list_in_reduce_by_key(sc):
    """The same; no key comes twice."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _sharing_values(300))
    values = rdd.reduceByKey(lambda a, b: a, 2).values()
    return values.mapPartitions(lambda it: [_sharing(list(it))]).collect()


def values_that_are_one_list_in_sort_by_key(sc):
    """The same."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _sharing_values(300))
    values = rdd.sortByKey(numPartitions=2).values()
    return values.mapPartitions(lambda it: [_sharing(list(it))]).collect()


def values_that_are_one_list_in_a_join(sc):
    """The same; both sides cross a union first."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _sharing_values(300))
    joined = rdd.join(sc.parallelize([(i, i) for i in range(300)], 1), 1)
    lists = joined.values().map(lambda sides: sides[0])
    return lists.mapPartitions(lambda it: [_sharing(list(it))]).collect()


def values_that_are_one_list_after_some_plain_ones(sc):
    """Only some values can be told from copies."""

    def values(_):
        yield from ((i, i) for i in range(70))
        yield from ((i + 70, shared[1]) for i, shared in _sharing_values(100))

    rdd = sc.parallelize([0], 1).flatMap(values)
    other = sc.parallelize([(i, i) for i in range(170)], 1)
    lists = rdd.join(other, 1).values().map(lambda sides: sides[0])
    return lists.mapPartitions(lambda it: [_sharing([x for x in it if type(x) is list])]).collect()


def cached_lists_that_are_one_list_in_a_join(sc):
    """Read back from a cache, values are still one object where they were in one batch."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _sharing_values(300)).cache()
    joined = rdd.join(sc.parallelize([(i, i) for i in range(300)], 1), 1)
    lists = joined.values().map(lambda sides: sides[0])
    return lists.mapPartitions(lambda it: [_sharing(list(it))]).collect()


def cached_groups_in_a_join(sc):
    """The values of a key from a cache, joined and changed behind the join."""

    def changed(sides):
        sides[0].data.append("more")
        return list(sides[0]), type(sides[0]).__name__, len(sides[0]), sides[1]

    groups = sc.parallelize([(i % 40, i) for i in range(200)], 3).groupByKey(2).cache()
    ranks = groups.mapValues(lambda values: len(values))
    return groups.join(ranks).mapValues(changed).glom().collect(), groups.mapValues(list).collect()


def cached_lists_in_a_cogroup(sc):
    """Lists, empty ones too, and lists in lists."""
    lists = sc.parallelize([(i % 5, [i] * (i % 3)) for i in range(30)], 2).cache()
    deep = sc.parallelize([(i % 5, [[i]]) for i in range(10)], 2).cache()
    return lists.cogroup(deep, 2).mapValues(lambda s: [list(v) for v in s]).glom().collect()


def a_list_that_grows_while_it_is_grouped(sc):
    """A generator yields one list again and again."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _grown_again_and_again(100))
    return rdd.groupByKey(2).mapValues(lambda vs: [len(v) for v in vs]).glom().collect()


def a_list_that_grows_while_it_is_joined(sc):
    """The same, on its way through a union."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _grown_again_and_again(100))
    other = sc.parallelize([(i, None) for i in range(7)], 1)
    return rdd.join(other, 2).mapValues(lambda sides: len(sides[0])).glom().collect()


def a_list_that_grows_while_it_is_sorted(sc):
    """The same; what is sorted was written in batches of forty and more."""
    rdd = sc.parallelize([0], 1).flatMap(lambda _: _grown_again_and_again(300))
    return rdd.sortByKey(numPartitions=2).mapValues(len).glom().collect()


def a_pair_that_is_one_list(sc):
    """A generator yields one list, with another key and value each time."""

    def pairs(_):
        pair = [None, None]
        for i in range(100):
            pair[0], pair[1] = i % 9, i
            yield pair

    rdd = sc.parallelize([0], 1).flatMap(pairs)
    other = sc.parallelize([(i, "x") for i in range(9)], 1)
    return (
        rdd.groupByKey(2).mapValues(list).glom().collect(),
        rdd.reduceByKey(max, 2).glom().collect(),
        rdd.sortByKey(numPartitions=2).glom().collect(),
        rdd.join(other, 2).glom().collect(),
    )


def pairs_of_other_kinds(sc):
    """What can be unpacked, and what has a [0] and a [1]."""
    rdd = sc.parallelize(["ab", [1, 2], (3, 4), {5: 6, 7: 8}], 1)
    indexed = sc.parallelize(["abc", (1, 2, 3), [4, 5, 6]], 1)
    return (
        _attempt(lambda: rdd.groupByKey(1).mapValues(list).collect()),
        _attempt(lambda: indexed.join(indexed, 1).collect()),
        _attempt(lambda: indexed.groupByKey(1).collect()),
        _attempt(lambda: sc.parallelize([1, 2], 1).groupByKey(1).collect()),
        _attempt(lambda: sc.parallelize([1, 2], 1).join(indexed, 1).collect()),
        _attempt(lambda: sc.parallelize([(1,)], 1).sortByKey(numPartitions=2).collect()),
    )


def keys_that_are_equal(sc):
    """1, 1.0 and True, -0.0 and 0: the first that arrives stays."""
    data = [(1.0, "a"), (True, "b"), (1, "c"), (-0.0, "d"), (0, "e"), (False, "f"), (2, "g")]
    rdd = sc.parallelize(data * 3, 3)
    other = sc.parallelize([(True, 1), (0, 2), (3, 3), (2.0, 4)], 2)
    return (
        rdd.groupByKey(2).mapValues(list).glom().collect(),
        rdd.reduceByKey(lambda a, b: a + b, 2).glom().collect(),
        rdd.keys().distinct(2).glom().collect(),
        rdd.join(other, 2).glom().collect(),
        rdd.fullOuterJoin(other, 2).glom().collect(),
        other.rightOuterJoin(rdd, 2).glom().collect(),
        rdd.subtractByKey(other, 2).glom().collect(),
        rdd.cogroup(other, 2).mapValues(lambda s: [list(v) for v in s]).glom().collect(),
    )


def keys_that_are_nan(sc):
    """NaN is one key as long as it is one object, and another behind every hop."""
    nan = float("nan")
    rdd = sc.parallelize([0], 1).flatMap(
        lambda _: [(nan, i) for i in range(5)] + [((nan, 1), 9)] * 2
    )
    other = sc.parallelize([(1.0, 1)], 1)
    return (
        rdd.groupByKey(1).map(lambda kv: len(kv[1])).collect(),
        rdd.reduceByKey(lambda a, b: a + b, 1).values().collect(),
        rdd.keys().distinct(1).count(),
        rdd.leftOuterJoin(other, 1).values().collect(),
        rdd.cogroup(rdd, 1).map(lambda kv: [len(v) for v in kv[1]]).collect(),
    )


def elements_that_are_counted(sc):
    plain = [f"w{i % 5}" for i in range(40)]
    odd = [1, True, 1.0, None, Word("w1"), (1, "a"), (1.0, "a"), 2**70]
    some = [[word, "w0"] for word in plain]
    lines = sc.parallelize([*some, plain, odd, [], *some, plain, odd], 2)
    words = lines.flatMap(lambda line: line)
    functions = [lambda x, y: x + y, lambda x, y: y, max, lambda x, y: [x, y]]
    pairings = [
        lambda word: (word, 1),
        lambda word: (word, True),
        lambda word: (word, 1.0),
        lambda word: (word, "1"),
    ]
    return {
        "by one": [
            words.map(pairing).reduceByKey(f, 3).map(repr).glom().collect()
            for pairing in pairings
            for f in functions
        ],
        "locally": type(
            words.map(lambda word: (word, 1)).reduceByKeyLocally(functions[0])
        ).__name__,
        "filtered": words.filter(lambda word: word != "w3")
        .map(lambda word: (word, 1))
        .reduceByKey(lambda x, y: x + y, 2)
        .map(repr)
        .glom()
        .collect(),
        "as they come": sc.parallelize(plain + odd + plain, 2)
        .map(lambda word: (word, 1))
        .reduceByKey(lambda x, y: x + y, 2)
        .map(repr)
        .glom()
        .collect(),
    }


def elements_that_cannot_be_counted(sc):
    def fails_late(line):
        yield from line
        if line[0] == 99:
            raise ValueError("ERROR-ONE")

    def stops_late(line):
        if line[0] == 99:
            raise StopIteration
        return line

    def counted(lines, function):
        pairs = sc.parallelize(lines, 2).flatMap(function).map(lambda x: (x, 1))
        return _attempt(lambda: pairs.reduceByKey(lambda x, y: x + y).glom().collect())

    lines = [[i % 3, 7] for i in range(60)]
    return {
        "unhashable": counted([*lines, [[1]]], lambda line: line),
        "no iterable": counted([*lines, 5], lambda line: line),
        "an error": counted([*lines, [99]], fails_late),
        "an end": counted([*lines, [99]], stops_late),
    }


def keys_that_are_none_or_mixed(sc):
    """Keys of many types in one shuffle."""
    keys = [None, "a", 1, 2.5, b"a", ("a", 1), ("a", None), (), True, 10**30, -(10**30), "日本"]
    rdd = sc.parallelize([(key, i) for i, key in enumerate(keys * 4)], 3)
    return (
        rdd.groupByKey(3).mapValues(list).glom().collect(),
        rdd.reduceByKey(lambda a, b: a + b, 3).glom().collect(),
        rdd.keys().distinct(3).glom().collect(),
        rdd.join(rdd.mapValues(str), 3).glom().collect(),
    )


def keys_of_classes_that_look_plain(sc):
    """A subclass of str, an enum, a namedtuple, a class with __eq__ and __hash__."""
    words = sc.parallelize([(Word("a"), 1), ("a", 2), (Word("b"), 3)], 2)
    points = sc.parallelize([(Point(1, 2), 1), ((1, 2), 2), (Point(0, 0), 3)], 2)
    keys = sc.parallelize([(Key(i % 3, f"name{i}"), i) for i in range(9)], 3)
    colours = sc.parallelize([(c, c.value) for c in (Colour.RED, Colour.BLUE, Colour.RED)], 2)

    def named(rdd):
        return rdd.map(lambda kv: (type(kv[0]).__name__, kv[1])).glom().collect()

    return (
        named(words.reduceByKey(lambda a, b: a + b, 2)),
        named(points.groupByKey(2).mapValues(list)),
        named(words.join(words, 2)),
        keys.reduceByKey(lambda a, b: a + b, 1).map(lambda kv: (kv[0].name, kv[1])).collect(),
        keys.groupByKey(1).map(lambda kv: (kv[0].name, list(kv[1]))).collect(),
        keys.join(keys, 1).map(lambda kv: (kv[0].name, kv[1])).collect(),
        colours.groupByKey(1).mapValues(list).map(lambda kv: (kv[0].name, kv[1])).collect(),
    )


def values_of_classes_that_look_plain(sc):
    """They come out as what they were."""
    values = [Word("a"), Point(1, [2]), Colour.RED, True, 2.5, None, b"x", (1, (Word("c"),)), {1}]
    rdd = sc.parallelize(list(enumerate(values)), 2)

    def kinds(value):
        return (
            [type(value).__name__, *(kinds(v) for v in value if type(value) is tuple)]
            if (isinstance(value, tuple))
            else type(value).__name__
        )

    return (
        rdd.groupByKey(2).flatMapValues(list).mapValues(kinds).collect(),
        rdd.join(rdd, 2).mapValues(lambda sides: kinds(sides[0])).collect(),
        rdd.sortByKey(False, 2).mapValues(kinds).collect(),
    )


def keys_that_cannot_be_hashed(sc):
    """Refused when they are met: before what comes after them, and after what came before."""

    def pairs(bad, last):
        def generate(_):
            for i in range(last):
                yield ([i] if i == bad else i), i
            raise ValueError("ERROR-TWO")

        return sc.parallelize([0], 1).flatMap(generate)

    def attempts(rdd):
        return [
            _attempt(lambda: rdd.groupByKey(2).count()),
            _attempt(lambda: rdd.reduceByKey(max, 2).count()),
            _attempt(lambda: rdd.partitionBy(2).count()),
            _attempt(lambda: rdd.keys().distinct().count()),
        ]

    return attempts(pairs(3, 10)), attempts(pairs(20, 10)), attempts(pairs(60, 90))


def a_partition_function_that_fails(sc):
    """Its error comes before that of the records after it, where nothing is merged before."""

    def first(key):
        if key == 5:
            raise KeyError("ERROR-ONE")
        return key

    def pairs(_):
        for i in range(10):
            yield i, i
        raise ValueError("ERROR-TWO")

    rdd = sc.parallelize([0], 1).flatMap(pairs)
    return (
        _attempt(lambda: rdd.partitionBy(2, first).count()),
        _attempt(lambda: rdd.groupByKey(2, first).count()),
        _attempt(lambda: rdd.repartitionAndSortWithinPartitions(2, first).count()),
    )


def a_partition_function_that_gives_no_int(sc):
    """Floats, texts and bools as places."""
    rdd = sc.parallelize([(i, i) for i in range(20)], 2)
    return (
        _attempt(lambda: rdd.reduceByKey(max, 2, lambda key: float(key)).collect()),
        _attempt(lambda: rdd.reduceByKey(max, 2, lambda key: str(key)).collect()),
        _attempt(lambda: rdd.reduceByKey(max, 2, lambda key: key > 9).glom().collect()),
        _attempt(lambda: rdd.groupByKey(2, lambda key: key > 9).mapValues(list).glom().collect()),
        _attempt(lambda: rdd.repartitionAndSortWithinPartitions(2, lambda key: None).collect()),
    )


def a_partition_function_is_called_once_for_each_key(sc):
    """Where values are merged before; else once for each pair."""

    def calls(operation):
        counter = sc.accumulator(0)

        def place(key):
            counter.add(1)
            return key

        operation(place).count()
        return counter.value

    rdd = sc.parallelize([(i % 5, i) for i in range(50)], 2)
    return (
        calls(lambda place: rdd.groupByKey(2, place)),
        calls(lambda place: rdd.reduceByKey(max, 2, place)),
        calls(lambda place: rdd.partitionBy(2, place)),
        calls(lambda place: rdd.repartitionAndSortWithinPartitions(2, place)),
    )


def a_sort_calls_its_key_function_as_often(sc):
    """Once for each record to place it, once to sort it, and for the sample."""

    def calls(operation):
        counter = sc.accumulator(0)

        def key_of(x):
            counter.add(1)
            return -x

        operation(key_of).count()
        return counter.value

    rdd = sc.parallelize([(i * 7 % 50, i) for i in range(50)], 2)
    return (
        calls(lambda key_of: rdd.sortByKey(True, 2, key_of)),
        calls(lambda key_of: rdd.sortByKey(True, 1, key_of)),
        calls(lambda key_of: rdd.keys().sortBy(key_of, numPartitions=2)),
    )


def merging_functions_that_raise_stop_iteration(sc):
    """It is an error, on either side of the shuffle."""

    def stop(a, b):
        raise StopIteration("ERROR-ONE")

    rdd = sc.parallelize([(1, 1), (1, 2), (2, 1), (2, 2)], 2)
    return (
        _attempt(lambda: rdd.reduceByKey(stop, 2).collect()),
        _attempt(lambda: rdd.combineByKey(lambda v: v, stop, max, 2).collect()),
        _attempt(lambda: rdd.combineByKey(lambda v: v, max, stop, 1).collect()),
        _attempt(lambda: rdd.partitionBy(2, lambda key: stop(key, key)).collect()),
        _attempt(lambda: rdd.sortByKey(True, 2, lambda key: stop(key, key)).collect()),
    )


def sorts_of_numbers_texts_and_others(sc):
    """Equal keys stay as they arrive, up and down; ints and floats, True, wide texts, tuples."""
    numbers = [(i * 7919 % 101 / 2 if i % 3 else i % 50, i) for i in range(300)]
    mixed = [(True, 0), (1, 1), (1.0, 2), (0.5, 3), (10**30, 4), (-1, 5), (float("inf"), 6)] * 5
    texts = [("日本ab\U0001f600é"[i * 5 % 7 :], i) for i in range(60)]
    tuples = [((i % 3, str(i % 5)), i) for i in range(60)]

    def both(data):
        rdd = sc.parallelize(data, 3)
        return [rdd.sortByKey(up, 3).glom().collect() for up in (True, False)]

    return both(numbers), both(mixed), both(texts), both(tuples)


def sorts_with_nan(sc):
    """NaN has no place: what comes out depends on what is compared with what.

    None is near an end: there, how list.sort looks for runs depends on Python's release.
    """
    nan, places = float("nan"), (13, 23, 33, 43)
    rdd = sc.parallelize([(nan if i in places else float(i * 23 % 60), i) for i in range(60)], 2)
    return [rdd.sortByKey(up, 2).values().glom().collect() for up in (True, False)]


def sorts_of_keys_that_cannot_be_compared(sc):
    """In the job that sorts, and where two never meet, not at all."""
    rdd = sc.parallelize([(i, i) for i in range(20)] + [("a", 1)], 2)
    return (
        _attempt(lambda: rdd.sortByKey(True, 2).collect()),
        _attempt(lambda: rdd.sortByKey(True, 1).collect()),
        _attempt(lambda: sc.parallelize([(None, 1)], 1).sortByKey(True, 2).collect()),
    )


def joins_of_sides_in_one_partition(sc):
    """Sides that are partitioned alike, joined into other numbers of partitions."""
    left = sc.parallelize([(i % 6, i) for i in range(20)], 3).partitionBy(2)
    right = sc.parallelize([(i % 9, -i) for i in range(20)], 3).partitionBy(2)
    return (
        left.join(right).glom().collect(),
        left.join(right, 3).glom().collect(),
        left.fullOuterJoin(right, 3).glom().collect(),
        right.rightOuterJoin(left, 1).glom().collect(),
        left.subtractByKey(right, 3).glom().collect(),
        left.cogroup(right, 3).mapValues(lambda s: [list(v) for v in s]).glom().collect(),
        left.mapValues(lambda v: [v]).fullOuterJoin(right, 3).glom().collect(),
    )


def a_cogroup_of_four(sc):
    """Sides with many, one and no values of a key; one side has values that are not plain."""
    sides = [
        sc.parallelize([(i % (3 + n), {i} if n == 2 else i) for i in range(12)], 2)
        for n in range(4)
    ]
    groups = sides[0].groupWith(*sides[1:])
    return groups.mapValues(lambda s: [list(v) for v in s]).glom().collect()


def many_records_of_mixed_kinds(sc):
    """Plain values for some thousand records, then a dict, then plain ones again."""
    data = [(i % 701, {"i": i} if i == 9000 else i) for i in range(12000)]
    rdd = sc.parallelize(data, 1)
    other = sc.parallelize([(i, str(i)) for i in range(0, 701, 7)], 1)

    def told(rdd):
        return (
            rdd.map(lambda x: hash(str(x)) % 1000)
            .glom()
            .map(lambda part: [len(part), sum(i * x for i, x in enumerate(part))])
            .collect()
        )

    return (
        told(rdd.groupByKey(3).mapValues(list)),
        told(rdd.join(other, 3)),
        told(rdd.reduceByKey(lambda a, b: b, 3)),
        told(rdd.sortByKey(numPartitions=3)),
    )


def _read_on(it):
    """The records, and the names of the errors between them, until there is nothing more."""
    it = iter(it)
    found = []
    while len(found) < 500:
        try:
            found.append(next(it))
        except StopIteration:
            found += list(it)
            break
        except Exception as error:
            found.append(type(error).__name__)
    return found


def _both_sizes(sc, records_of):
    """What is read on from a few and from many records in one partition."""
    return [
        records_of(sc.parallelize(range(count), 1)).mapPartitions(_read_on).collect()
        for count in (7, 70)
    ]


def reading_on_after_errors_behind_a_flat_map(sc):
    """The rest of what the function gave for the record follows, and the next records."""

    def values(x):
        yield from range(x % 5)

    return (
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x % 3, 1]).map(lambda x: 1 // x)),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: (x % 3, x)).filter(lambda x: 6 / (x - 1))),
        _both_sizes(sc, lambda r: r.flatMap(values).keyBy(lambda x: 6 // x)),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: str(x)).map(lambda x: 1 // int(x))),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: {x: 1, -x: 2}).map(lambda x: 9 // (x % 4))),
        _both_sizes(sc, lambda r: r.map(str).flatMap(list).map(int).map(lambda x: 9 // x)),
    )


def reading_on_after_errors_of_a_flat_map_itself(sc):
    """It is over if the function raises, what it gives is no iterable, or anything before fails."""
    return (
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x, 1 // (x - 4)])),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x] if x != 50 else x)),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x] if x != 5 else x)),
        _both_sizes(sc, lambda r: r.map(lambda x: 1 // (x - 4)).flatMap(lambda x: [x, x])),
        _both_sizes(sc, lambda r: r.filter(lambda x: 1 // (x - 40)).flatMap(lambda x: [x, x])),
        _both_sizes(sc, lambda r: r.map(lambda x: 1 // (x - 4)).map(lambda x: [x, x])),
    )


class _Stumbling:
    """An iterator that raises at each third element, and goes on."""

    def __init__(self, count):
        self.left = count

    def __iter__(self):
        return self

    def __next__(self):
        self.left -= 1
        if self.left < 0:
            raise StopIteration
        if self.left % 3 == 1:
            raise ValueError(self.left)
        return self.left


class _Unstartable:
    def __iter__(self):
        raise StopIteration("unstartable")


def reading_on_after_errors_inside_of_what_a_flat_map_gives(sc):
    """A generator is over, and the next record's follows; an iterator of a class may go on."""

    def failing(x):
        yield x
        yield 6 // (x % 5 - 2)
        yield -x

    return (
        _both_sizes(sc, lambda r: r.flatMap(failing)),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: map(lambda y: y // (x % 4), range(3)))),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: _Stumbling(x % 6))),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: _Stumbling(x % 6)).map(lambda x: 1 // x)),
        _both_sizes(
            sc, lambda r: r.flatMap(failing).flatMap(lambda x: [x, 0]).map(lambda x: 1 // x)
        ),
    )


def reading_on_after_errors_with_flat_maps_in_flat_maps(sc):
    """Only the last one's rest follows where it or what is behind it fails; else it is over."""

    def counted(x):
        return (x * 10 + i for i in range(3))

    return (
        _both_sizes(sc, lambda r: r.flatMap(counted).flatMap(counted).map(lambda x: 1 // (x % 7))),
        _both_sizes(
            sc,
            lambda r: (
                r.flatMap(counted)
                .map(lambda x: x // ((x - 51) * (x - 401)))
                .flatMap(lambda x: [x, x])
            ),
        ),
        _both_sizes(
            sc,
            lambda r: (
                r.flatMap(lambda x: _Stumbling(x % 4))
                .flatMap(lambda x: [x, x])
                .map(lambda x: 1 // x)
            ),
        ),
        _both_sizes(
            sc,
            lambda r: (
                r.flatMap(lambda x: [x, x])
                .flatMap(lambda x: _Stumbling(x % 5))
                .filter(lambda x: 1 // x)
            ),
        ),
    )


def reading_on_after_errors_behind_a_flat_map_values(sc):
    """As behind a flatMap; what fails inside ends the values of that pair."""

    def failing(x):
        yield x
        yield 6 // (x % 5 - 2)
        yield -x

    def keyed(of_pairs):
        return _both_sizes(sc, lambda r: of_pairs(r.map(lambda x: (x % 2, x))))

    return (
        keyed(lambda r: r.flatMapValues(lambda x: [x % 3, 1]).map(lambda kv: 1 // kv[1])),
        keyed(lambda r: r.flatMapValues(lambda x: [x % 3, 1]).mapValues(lambda x: 1 // x)),
        keyed(lambda r: r.flatMapValues(failing)),
        keyed(lambda r: r.flatMapValues(failing).mapValues(lambda x: 1 // (x % 3))),
        keyed(lambda r: r.flatMapValues(lambda x: _Stumbling(x % 6))),
        keyed(lambda r: r.flatMapValues(lambda x: [x, 1 // (x - 4)])),
        keyed(lambda r: r.flatMapValues(lambda x: [x] if x % 20 != 19 else x)),
        _both_sizes(sc, lambda r: r.map(lambda x: [x][x % 5 == 4 :]).flatMapValues(list)),
        _both_sizes(
            sc,
            lambda r: r.map(lambda x: {1: [x, 2]} if x % 5 else {1: [x], 0: 3}).flatMapValues(list),
        ),
    )


def reading_on_after_a_stop_iteration(sc):
    """Raised by a function it is an error like another; by `iter` of what is given, the end."""

    def stops(x):
        if x % 5 == 4:
            raise StopIteration(x)
        return [x]

    def keyed(r):
        return r.map(lambda x: (0, x))

    def stopping(x):
        yield x
        raise StopIteration(x)

    return (
        _both_sizes(sc, lambda r: r.map(stops)),
        _both_sizes(sc, lambda r: r.filter(stops)),
        _both_sizes(sc, lambda r: r.flatMap(stops)),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x, x]).map(stops)),
        _both_sizes(sc, lambda r: r.flatMap(stopping)),
        _both_sizes(sc, lambda r: keyed(r).flatMapValues(stops)),
        _both_sizes(sc, lambda r: keyed(r).flatMapValues(stopping)),
        _both_sizes(sc, lambda r: keyed(r).flatMapValues(lambda x: [x, x]).mapValues(stops)),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x] if x != 4 else _Unstartable())),
        _both_sizes(sc, lambda r: r.flatMap(lambda x: [x] if x != 44 else _Unstartable())),
        _both_sizes(
            sc, lambda r: keyed(r).flatMapValues(lambda x: [x] if x != 4 else _Unstartable())
        ),
    )


def reading_on_behind_other_operations(sc):
    """A generator of the program is over; positions count what was read."""

    def own(it):
        for x in it:
            yield 1 // (x % 3)

    def failing(r):
        return r.map(lambda x: 6 // (x % 3))

    return (
        _both_sizes(sc, lambda r: r.mapPartitions(own)),
        _both_sizes(sc, lambda r: r.mapPartitions(own).map(lambda x: x)),
        _both_sizes(sc, lambda r: r.mapPartitionsWithIndex(lambda i, it: own(it))),
        _both_sizes(sc, lambda r: r.mapPartitions(lambda it: map(lambda x: 1 // (x % 3), it))),
        _both_sizes(sc, lambda r: failing(r).mapPartitions(iter).flatMap(lambda x: [x, x])),
        _both_sizes(sc, lambda r: failing(r).flatMap(lambda x: [x]).mapPartitions(iter)),
        _both_sizes(sc, lambda r: failing(r).zipWithUniqueId()),
        _both_sizes(sc, lambda r: failing(r).glom()),
        _both_sizes(sc, lambda r: failing(r).sample(True, 2.0, 5)),
        _both_sizes(sc, lambda r: failing(r).sample(False, 0.9, 5)),
        _both_sizes(sc, lambda r: failing(r).map(lambda x: (x, x)).mapValues(str).keys().values()),
        _both_sizes(sc, lambda r: r.map(lambda x: [x]).mapValues(str)),
    )


def what_was_read_on_is_read_by_others(sc):
    """The rest of a partition whose error somebody has caught."""

    def skipping(it):
        it = iter(it)
        while True:
            try:
                yield next(it)
            except StopIteration:
                return
            except ZeroDivisionError:
                yield "skipped"

    rdd = sc.parallelize(range(40), 2).flatMap(lambda x: [x, x + 1]).map(lambda x: 12 // (x % 4))
    kept = rdd.mapPartitions(skipping)
    return (
        kept.map(lambda x: (x, 1)).reduceByKey(lambda a, b: a + b, 2).glom().collect(),
        kept.distinct(2).glom().collect(),
        kept.count(),
        kept.take(9),
        kept.map(lambda x: (x, 1)).groupByKey(1).mapValues(len).collect(),
    )


def errors_before_a_hop_are_the_tasks(sc):
    """Another worker's function has failed, whose error nobody can catch: the task fails."""
    rdd = sc.parallelize(range(9), 3)

    def failing(x):
        if x == 4:
            raise ValueError("ERROR-ONE")
        return x

    def catching(rdd):
        def swallow(it):
            found = []
            try:
                found.extend(it)
            except Exception as error:
                found.append(type(error).__name__)
            return found

        def replace(it):
            try:
                return list(it)
            except Exception:
                raise KeyError("ERROR-TWO") from None

        return (
            _attempt(lambda: rdd.mapPartitions(swallow).count()),
            _attempt(lambda: rdd.mapPartitions(_read_on).count()),
            _attempt(lambda: rdd.mapPartitions(replace).count()),
        )

    failed = rdd.map(failing)
    return (
        catching(failed.union(rdd)),
        catching(failed.cache()),
        catching(failed.coalesce(1)),
        catching(failed.cartesian(sc.parallelize([1], 1))),
        catching(failed.zip(rdd)),
        catching(sc.parallelize([1, 2], 2).union(rdd.mapPartitions(lambda it: map(failing, it)))),
        catching(rdd.flatMap(lambda x: [x, failing(x)]).coalesce(2).map(lambda x: x + 1)),
    )


def merging_is_done_before_the_next_function_is_called(sc):
    """Also if it reads nothing; so what fails there nobody can catch."""
    pairs = sc.parallelize([(i % 3, i) for i in range(30)], 2)

    def merged(operation):
        calls = sc.accumulator(0)

        def first(value):
            calls.add(1)
            return value

        def further(so_far, value):
            calls.add(1)
            return so_far + value

        unread = operation(pairs, first, further).mapPartitions(lambda it: ["unread"]).collect()
        return unread, calls.value

    def failing(a, b):
        raise ValueError("ERROR-ONE")

    def caught(rdd):
        return _attempt(lambda: rdd.mapPartitions(_read_on).collect())

    return (
        merged(lambda r, first, further: r.reduceByKey(further, 1)),
        merged(lambda r, first, further: r.combineByKey(first, further, further, 1)),
        merged(lambda r, first, further: r.aggregateByKey(0, further, further, 1)),
        merged(lambda r, first, further: r.foldByKey(0, further, 1)),
        merged(lambda r, first, further: r.sortByKey(numPartitions=1, keyfunc=first)),
        merged(lambda r, first, further: r.groupByKey(1).mapValues(first)),
        caught(pairs.combineByKey(int, max, failing, 1)),
        caught(pairs.aggregateByKey(0, max, failing, 1)),
        caught(pairs.reduceByKey(failing, 1)),
        caught(pairs.partitionBy(1).reduceByKey(failing)),
        caught(pairs.partitionBy(1).foldByKey(0, failing)),
        caught(pairs.sortByKey(numPartitions=1, keyfunc=lambda k: failing(k, k) if k == 7 else k)),
    )


class Fickle:
    """A key that cannot be compared; all have one hash."""

    def __eq__(self, other):
        raise ValueError("ERROR-ONE")

    def __hash__(self):
        return 1


def keys_that_cannot_be_compared_behind_the_shuffle(sc):
    """They meet there, before the next function is called."""
    pairs = sc.parallelize([(0, 1), (1, 2)], 2).map(lambda kv: (Fickle(), kv[1]))

    def caught(rdd):
        return _attempt(lambda: rdd.mapPartitions(lambda it: [len(_read_on(it))]).collect())

    return (
        caught(pairs.groupByKey(1)),
        caught(pairs.reduceByKey(max, 1)),
        caught(pairs.join(pairs, 1)),
        caught(pairs.cogroup(pairs, 1)),
        caught(pairs.subtractByKey(pairs, 1)),
        caught(pairs.keys().distinct(1)),
        caught(pairs.partitionBy(1)),
    )


class Cell:
    """A key that can be changed: its hash and what it equals follow."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return isinstance(other, Cell) and self.number == other.number

    def __hash__(self):
        return hash(self.number)

    def __lt__(self, other):
        return self.number < other.number


def _used_again(count, keys_of, before=()):
    """Pairs whose key is, or has in it, one object, which is changed before each."""
    cell = Cell(0)
    for i in range(count):
        if i in before:
            yield before[i], -i
        cell.number = i % 5
        yield keys_of(cell), i


def _changed_later(count, keys_of):
    """Pairs whose key is an object of its own, which is changed after the next pair was given."""
    last = None
    for i in range(count):
        cell = Cell(i % 5)
        yield keys_of(cell), i
        if last is not None:
            last.number += 10
        last = cell


def _told(rdd):
    """What is in each partition: for few records these, for many how many and a sum of them."""

    def number(key):
        return key.number if isinstance(key, Cell) else key

    def plain(record):
        key, value = record
        key = tuple(map(number, key)) if isinstance(key, tuple) else number(key)
        return key, value if isinstance(value, int) else [list(v) for v in value]

    def shortened(part):
        return part if len(part) <= 30 else (len(part), sum(hash(str(x)) % 999 for x in part))

    return rdd.map(plain).glom().map(shortened).collect()


def _by_key(rdd):
    """What operations by key make of the pairs."""
    other = rdd.mapValues(lambda v: v % 3)
    return [
        _attempt(lambda operation=operation: operation())
        for operation in (
            lambda: _told(rdd.partitionBy(3)),
            lambda: _told(rdd.groupByKey(3).mapValues(lambda vs: [vs])),
            lambda: _told(rdd.reduceByKey(max, 3)),
            lambda: _told(rdd.combineByKey(lambda v: v, max, max, 3)),
            lambda: _told(rdd.keys().distinct(3).map(lambda key: (key, 0))),
            lambda: _told(rdd.cogroup(other, 3)),
            lambda: _told(rdd.join(other, 3).mapValues(max)),
            lambda: _told(rdd.subtractByKey(rdd.filter(lambda kv: kv[1] < 3), 3)),
            lambda: _told(rdd.sortByKey(numPartitions=1)),
            lambda: sorted(rdd.map(lambda kv: kv[1]).zip(rdd.values()).countByKey().values()),
        )
    ]


def _in_one_partition(sc, pairs):
    return sc.parallelize([0], 1).flatMap(lambda _: pairs())


def keys_that_are_used_again(sc):
    """One object as the key of all pairs is looked at as it is when the pair comes."""
    return [
        _by_key(_in_one_partition(sc, lambda: _used_again(count, lambda cell: cell)))
        for count in (7, 60, 2500)
    ]


def keys_in_tuples_that_are_used_again(sc):
    """The same, as an element of the key."""
    return [
        _by_key(_in_one_partition(sc, lambda: _used_again(count, lambda cell: ("a", cell))))
        for count in (7, 60)
    ]


def keys_that_are_used_again_after_plain_ones(sc):
    """The same, where some keys are numbers, texts or tuples of these."""
    return [
        _by_key(_in_one_partition(sc, lambda: _used_again(count, lambda cell: cell, before)))
        for count, before in (
            (60, {0: 3}),
            (60, {0: "text", 17: 2, 18: ("a", 1)}),
            (60, {i: i % 3 for i in range(30)}),
            (2500, {i: i % 7 for i in range(0, 1500, 3)}),
        )
    ]


def keys_that_are_changed_later(sc):
    """An object that was a key already is changed when others have come."""
    return [
        _by_key(_in_one_partition(sc, lambda: _changed_later(count, lambda cell: cell)))
        for count in (7, 60, 2500)
    ] + [_by_key(_in_one_partition(sc, lambda: _changed_later(60, lambda cell: ("a", cell))))]


def keys_in_tuples_that_are_used_again_after_plain_ones(sc):
    """Plain tuples come before those with an object in them."""
    return [
        _by_key(_in_one_partition(sc, lambda: _used_again(count, lambda cell: ("a", cell), before)))
        for count, before in ((60, {0: ("a", 3)}), (300, {i: ("a", i % 3) for i in range(150)}))
    ]


def functions_that_use_a_key_again(sc):
    """The same objects from a function of each record, where they are kept in a variable."""
    cells = [Cell(0), Cell(1)]

    def keyed(x):
        cell = cells[x % 2]
        cell.number = x % 6
        return cell, x

    rdd = sc.parallelize(range(200), 2)
    return _by_key(rdd.map(keyed)), _by_key(rdd.keyBy(lambda x: keyed(x)[0]))


def keys_that_are_used_again_after_large_values(sc):
    """On the way through a union large records are few in a batch, and the next ones too."""

    def pairs(large, values):
        for i in range(large):
            yield f"{i}", values[i % len(values)]
        yield from _used_again(40, lambda cell: cell)

    other = sc.parallelize([(Cell(i), i) for i in range(5)], 1)

    def told(large, *values):
        rdd = _in_one_partition(sc, lambda: pairs(large, values))
        joined = rdd.join(other, 2)
        return joined.map(lambda kv: (kv[0].number, kv[1])).glom().collect()

    return (
        told(0, 1),
        told(20, "x" * 100_000),
        told(40, b"x" * 700_000),
        told(64, "x" * 3_000),
        told(50, "x" * 50_000, "y"),
    )


def values_that_are_used_again_after_small_ones(sc):
    """How many small records are read together in a join, before a list that is changed."""

    def pairs(small, value):
        numbers = [0]
        for i in range(20000):
            numbers[0] = i
            yield i * 1000, value if i < small else numbers

    other = sc.parallelize([(1, 1)], 1)

    def told(small, value):
        left = _in_one_partition(sc, lambda: pairs(small, value))
        found = dict(left.leftOuterJoin(other, 1).mapValues(lambda pair: pair[0]).collect())
        return [found[i * 1000] for i in (small, small + 500, 12287, 19999)]

    return told(0, 0), told(2100, 7), told(5000, "yy"), told(9083, "yyyyy"), told(9083, ("a", 2.5))


class _Once:
    """Records that must not be asked for once they are over."""

    def __init__(self, count):
        self._left = iter([(i % 3, i) for i in range(count)])

    def __iter__(self):
        return self

    def __next__(self):
        if self._left is None:
            raise ValueError("ERROR-ONE")
        try:
            return next(self._left)
        except StopIteration:
            self._left = None
            raise


def iterators_that_are_not_asked_again_after_their_end(sc):
    other = sc.parallelize([(1, 1)], 1)

    def told(count):
        rdd = sc.parallelize([0, 1], 2).mapPartitions(lambda _: _Once(count))
        return [
            _attempt(lambda: rdd.partitionBy(2).glom().collect()),
            _attempt(lambda: rdd.groupByKey(2).mapValues(list).glom().collect()),
            _attempt(lambda: rdd.reduceByKey(max, 2).glom().collect()),
            _attempt(lambda: rdd.join(other, 2).glom().collect()),
            _attempt(lambda: rdd.sortByKey(numPartitions=2).glom().collect()),
            _attempt(lambda: sorted(rdd.distinct(2).collect())),
            _attempt(lambda: rdd.map(str).filter(len).glom().collect()),
            _attempt(lambda: rdd.zipWithIndex().count()),
            _attempt(lambda: rdd.cache().count()),
        ]

    return [told(count) for count in (0, 1, 16, 17, 60)]


def distinct_of_many_keys_of_all_kinds(sc):
    """More keys than one frame has, alone, and with one of another kind behind or before them."""
    numbers = sc.parallelize(range(60_000), 3).map(lambda i: i * 7919 % 9973)
    texts = numbers.map(lambda i: f"{i:05}")
    odd = [frozenset([1]), Word("00001"), None, (1, None), 1.0, True, b"1"]
    mixed = sc.parallelize([*range(3000), *odd, *range(3000, 3010), *odd, *odd], 2)
    return (
        [(len(part), part[:5], part[-5:]) for part in numbers.distinct(5).glom().collect()],
        [(len(part), part[:5], part[-5:]) for part in texts.distinct().glom().collect()],
        [
            (len(part), [x for x in part if type(x) is not int])
            for part in mixed.distinct(4).glom().collect()
        ],
        sc.parallelize([2, 2.0, 1, True, 1.0] * 20, 2).distinct(2).glom().collect(),
        sc.parallelize([], 2).distinct(3).glom().collect(),
        _attempt(lambda: sc.parallelize([*range(100), [1]], 2).distinct().collect()),
        _attempt(lambda: numbers.map(lambda i: i // (i - 9)).distinct().count()),
    )


class Shown:
    """Says how it is asked to be shown."""

    def __format__(self, specification):
        return f"<{specification}>"

    def __repr__(self):
        return "shown"


def texts_made_of_records(sc):
    """f-strings: of plain records, of those that become others, and of what cannot be shown so."""
    numbers = sc.parallelize(range(200), 2)
    width, unit = 6, "it's {m}"
    changing = numbers.map(lambda i: i if i < 150 else Shown() if i % 2 else float(i))
    return (
        numbers.map(lambda i: f"{i}-{i % 3:02}{unit}").glom().collect(),
        numbers.map(lambda i: (f"{i!r:>5}|{-i:+}", f"{i:>{width}}{{}}")).take(30),
        numbers.filter(lambda i: f"{i}" < f"{i + 1:03}").count(),
        numbers.map(lambda i: f"{i}" if i % 2 else f"{i=!s}").map(lambda text: text[1:]).collect(),
        changing.map(lambda x: f"{x}{x:>4}{x!r}").collect()[140:],
        numbers.map(lambda i: f"k{i % 5}").map(lambda key: (key, 1)).reduceByKey(max).collect(),
        _attempt(lambda: changing.map(lambda x: f"{x:d}").collect()),
        _attempt(lambda: numbers.map(lambda i: f"{i:.{i}q}" if i > 60 else f"{i}").count()),
    )
