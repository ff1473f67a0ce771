"""Pickle files and SequenceFiles: what is written, and what comes back."""

import os


def _names(path):
    return sorted(os.listdir(path))


def _there_and_back(sc, tmp, data, slices=1, codec=None):
    path = str(tmp / "out")
    sc.parallelize(data, slices).saveAsSequenceFile(path, codec)
    return sc.sequenceFile(path).glom().collect()


def _content(path, name, sync_from):
    """A part file with its random sync mark, which ends at ``sync_from``, left out."""
    with open(os.path.join(path, name), "rb") as file:
        data = file.read()
    sync = data[sync_from - 16 : sync_from]
    return data.replace(sync, b"<sync>")


def _errors(*calls):
    found = []
    for call in calls:
        try:
            found.append(call())
        except Exception as error:
            found.append(error)
    return found


def _fails_with(words, call):
    """Whether a task fails, and says this: engines differ in what they put before it."""
    try:
        return call()
    except Exception as error:
        return words in str(error), "Job aborted due to stage failure" in str(error)


def _one_partition(rdd):
    """Files come in the directory's order: sort partitions by their first element."""
    return sorted((part for part in rdd.glom().collect() if part), key=str)


def pickle_file_names(sc, tmp):
    """Part files without a suffix, a checksum file for each, and _SUCCESS."""
    sc.parallelize(range(5), 2).saveAsPickleFile(str(tmp / "out"))
    return _names(tmp / "out")


def pickle_file_partitions(sc, tmp):
    """A file under 100 KB is a partition, whatever number is asked for."""
    sc.parallelize(range(25), 3).saveAsPickleFile(str(tmp / "out"), 3)
    return [_one_partition(sc.pickleFile(str(tmp / "out"), minimum)) for minimum in (None, 1, 5)]


def pickle_file_bytes(sc, tmp):
    """Java's array of ten pickled batches a record."""
    sc.parallelize(["a"] * 25, 1).saveAsPickleFile(str(tmp / "out"), 2)
    return _content(tmp / "out", "part-00000", 95)


def pickle_file_bytes_of_nothing(sc, tmp):
    """A header alone."""
    sc.parallelize([], 1).saveAsPickleFile(str(tmp / "out"))
    return _content(tmp / "out", "part-00000", 95), sc.pickleFile(str(tmp / "out")).collect()


def pickle_file_batches(sc, tmp):
    """The batches of the file are those of the RDD: cartesian shows them."""
    found = []
    for size in (0, 1, 2, 3, 10, -1):
        path = str(tmp / f"out{size}")
        sc.parallelize(range(7), 1).saveAsPickleFile(path, size)
        loaded = sc.pickleFile(path)
        found.append(loaded.cartesian(sc.parallelize("ab", 1)).collect())
        found.append(loaded.repartition(3).glom().collect())
    return found


def pickle_file_of_any_values(sc, tmp):
    """Whatever pickle takes."""
    data = [
        None,
        1 << 100,
        2.5,
        "é\U0001f600",
        b"x",
        [1, [2]],
        {"a": {1, 2}},
        (1,),
        1j,
        frozenset(),
    ]
    sc.parallelize(data, 2).saveAsPickleFile(str(tmp / "out"))
    return _one_partition(sc.pickleFile(str(tmp / "out")))


def pickle_file_of_instances(sc, tmp):
    """Classes of the program travel by value."""

    class Point:
        def __init__(self, x):
            self.x = x

    sc.parallelize([Point(1), Point(2)], 1).saveAsPickleFile(str(tmp / "out"))
    return sc.pickleFile(str(tmp / "out")).map(lambda point: point.x).collect()


def pickle_file_of_two_paths(sc, tmp):
    """Paths between commas, and globs."""
    sc.parallelize([1, 2], 1).saveAsPickleFile(str(tmp / "a"))
    sc.parallelize([3], 1).saveAsPickleFile(str(tmp / "b"))
    return (
        sc.pickleFile(f"{tmp}/b,{tmp}/a").glom().collect(),
        sc.pickleFile(f"{tmp}/[ab]").glom().collect(),
    )


def pickle_file_of_no_partitions(sc, tmp):
    """Only _SUCCESS."""
    sc.emptyRDD().saveAsPickleFile(str(tmp / "out"))
    return _names(tmp / "out"), sc.pickleFile(str(tmp / "out")).glom().collect()


def pickle_file_onto_a_directory(sc, tmp):
    """Refused."""
    sc.parallelize([1], 1).saveAsPickleFile(str(tmp / "out"))
    sc.parallelize([2], 1).saveAsPickleFile(str(tmp / "out"))


def pickle_file_that_is_missing(sc, tmp):
    """Found out by the action."""
    rdd = sc.pickleFile(str(tmp / "none"))
    return _errors(rdd.getNumPartitions, rdd.collect)


def pickle_file_with_a_negative_number(sc, tmp):
    """Of partitions."""
    sc.parallelize([1], 1).saveAsPickleFile(str(tmp / "out"))
    return sc.pickleFile(str(tmp / "out"), -1).collect()


def pickle_file_names_in_lineage(sc, tmp):
    """The name is the source's."""
    sc.parallelize([1], 1).saveAsPickleFile(str(tmp / "out"))
    return sc.pickleFile(str(tmp / "out")).name()


def pickle_file_that_fails(sc, tmp):
    """What a task raises, and what is left."""
    failing = sc.parallelize([1, 0], 1).map(lambda x: 1 // x)
    errors = _errors(lambda: failing.saveAsPickleFile(str(tmp / "out")))
    return errors, _names(tmp / "out")


def pickle_file_in_splits(sc, tmp):
    """A larger file is cut at its sync marks."""
    sc.parallelize([f"{i:05d}" * 20 for i in range(5000)], 1).saveAsPickleFile(str(tmp / "out"), 5)
    rdd = sc.pickleFile(str(tmp / "out"), 4)
    return rdd.map(len).glom().map(len).collect(), rdd.first(), rdd.count()


def sequence_of_each_type(sc, tmp):
    """The Writable of each Python type, and back."""
    values = [
        1,
        -1,
        1 << 31,
        -(1 << 31),
        -(1 << 63),
        1.5,
        float("inf"),
        -0.0,
        True,
        None,
        "",
        "é\n",
    ]
    found = []
    for number, value in enumerate(values):
        path = str(tmp / str(number))
        sc.parallelize([(value, value)], 1).saveAsSequenceFile(path)
        found.append(sc.sequenceFile(path).collect())
    return found


def sequence_of_bytes(sc, tmp):
    """Come back as bytearray."""
    return _there_and_back(sc, tmp, [(1, b"ab"), (2, bytearray(b"\xff")), (3, b"")])


def sequence_bytes_in_the_file(sc, tmp):
    """Header and records."""
    sc.parallelize([(1, "a"), (300, "é" * 70)], 1).saveAsSequenceFile(str(tmp / "out"))
    return _content(tmp / "out", "part-00000", 85)


def sequence_of_maps(sc, tmp):
    """In Java's order, and maps in maps."""
    maps = [{i: str(i) for i in (17, 1, 33, 16, 0, -1)}, {"b": {2: None}, "a": True}, {}]
    return _there_and_back(sc, tmp, list(enumerate(maps)))


def sequence_of_maps_with_many_keys(sc, tmp):
    """Tables that have grown."""
    maps = [{f"key{i * 7919}": i for i in range(100)}, {i * 1000003: 0 for i in range(-20, 20)}]
    found = _there_and_back(sc, tmp, list(enumerate(maps)))
    return [list(value.items()) for _, value in found[0]]


def sequence_of_maps_with_mixed_keys(sc, tmp):
    """None, bool, long, float and str keys together."""
    data = {1 << 40: 1, 5: 2, True: 3, None: 4, "x": 5, 2.5: 6, -1: 7}
    found = _there_and_back(sc, tmp, [(1, data)])
    return list(found[0][0][1].items())


def sequence_map_bytes(sc, tmp):
    """Class numbers, and DoubleWritable by its name."""
    data = {"a": 1.5, "b": {1: 2.5}, "c": None, "d": b"x", "e": 1 << 40, "f": False}
    sc.parallelize([(1, data)], 1).saveAsSequenceFile(str(tmp / "out"))
    return _content(tmp / "out", "part-00000", 92)


def sequence_of_tuples_cannot_be_read(sc, tmp):
    """An ArrayWritable is written, and is an error when read."""
    sc.parallelize([(1, (1, "a"))], 1).saveAsSequenceFile(str(tmp / "out"))
    error = "NoSuchMethodException: org.apache.hadoop.io.ArrayWritable.<init>()"
    return _content(tmp / "out", "part-00000", 94), _fails_with(
        error, lambda: sc.sequenceFile(str(tmp / "out"))
    )


def sequence_of_refused_types(sc, tmp):
    """Found when saved, by the first element."""
    values = [[1], {1}, 1 << 70, 1j, {"a": [1]}, (1, [2])]
    return _errors(
        *(
            lambda value=value: sc.parallelize([(1, value)], 1).saveAsSequenceFile(str(tmp / "out"))
            for value in values
        )
    )


def sequence_of_no_pairs(sc, tmp):
    """Found when saved."""
    return _errors(
        *(
            lambda value=value: sc.parallelize([value], 1).saveAsSequenceFile(str(tmp / "out"))
            for value in (1, "ab", [1, 2], (1, 2, 3), (1,), {"a": 1}, 1.5)
        )
    )


def sequence_of_a_triple_later(sc, tmp):
    """The first and last of it are taken."""
    return _there_and_back(sc, tmp, [(1, 2), (3, 4, 5), (6,)])


def sequence_of_mixed_types(sc, tmp):
    """A failed job, and nothing is left."""
    errors = _errors(
        lambda: sc.parallelize([(1, 2), (1, "a")], 1).saveAsSequenceFile(str(tmp / "out")),
        lambda: sc.parallelize([(1, 2), ("a", 2)], 1).saveAsSequenceFile(str(tmp / "out2")),
        lambda: sc.parallelize([(1, 2), 3], 1).saveAsSequenceFile(str(tmp / "out3")),
    )
    return errors, _names(tmp / "out")


def sequence_of_nothing(sc, tmp):
    """There is no first element to take the classes from."""
    return _errors(
        lambda: sc.parallelize([], 2).saveAsSequenceFile(str(tmp / "out")),
        lambda: sc.emptyRDD().saveAsSequenceFile(str(tmp / "out")),
    )


def sequence_of_an_empty_partition(sc, tmp):
    """A file with a header."""
    path = tmp / "out"
    sc.parallelize([(1, 2)], 2).saveAsSequenceFile(str(path))
    return _names(path), _one_partition(sc.sequenceFile(str(path)))


def sequence_compressed(sc, tmp):
    """In blocks, with each codec."""
    data = [(i, f"value {i % 7}") for i in range(50)]
    package = "org.apache.hadoop.io.compress."
    found = []
    for codec in ("DefaultCodec", "DeflateCodec", "GzipCodec", "BZip2Codec"):
        path = str(tmp / codec)
        sc.parallelize(data, 1).saveAsSequenceFile(path, package + codec)
        with open(os.path.join(path, "part-00000"), "rb") as file:
            head = file.read(60)
        found.append((head, _names(path), sc.sequenceFile(path).collect()))
    return found


def sequence_with_an_unknown_codec(sc, tmp):
    """Refused."""
    return _errors(
        lambda: sc.parallelize([(1, 2)], 1).saveAsSequenceFile(str(tmp / "out"), "no.such.Codec")
    )


def sequence_onto_a_directory(sc, tmp):
    """Refused."""
    rdd = sc.parallelize([(1, 2)], 1)
    rdd.saveAsSequenceFile(str(tmp / "out"))
    return _errors(lambda: rdd.saveAsSequenceFile(str(tmp / "out")))


def sequence_in_splits(sc, tmp):
    """A split begins at a sync mark, and ends at the one behind its end."""
    path = str(tmp / "out")
    sc.parallelize([(i, f"v{i}" * 3) for i in range(40000)], 1).saveAsSequenceFile(path)
    return [
        [(part[0], part[-1], len(part)) for part in rdd.glom().collect() if part]
        for rdd in (sc.sequenceFile(path, minSplits=n) for n in (1, 2, 7))
    ]


def sequence_in_splits_of_blocks(sc, tmp):
    """A block belongs to the split in which it begins."""
    path = str(tmp / "out")
    codec = "org.apache.hadoop.io.compress.BZip2Codec"
    # What compresses badly: blocks of a megabyte that stay large.
    data = ((i, "".join(chr(48 + (i * j * 7919) % 10007 % 70) for j in range(1, 60)))
            for i in range(40000))  # fmt: skip
    sc.parallelize(data, 1).saveAsSequenceFile(path, codec)
    found = sc.sequenceFile(path, minSplits=3).keys().glom().collect()
    return sum(len(part) for part in found), sorted(key for part in found for key in part)[-1]


def sequence_batches(sc, tmp):
    """The batches of batchSize: cartesian and repartition show them."""
    path = str(tmp / "out")
    sc.parallelize([(i, None) for i in range(9)], 1).saveAsSequenceFile(path)
    found = []
    for size in (0, 1, 2, 4, 100):
        rdd = sc.sequenceFile(path, batchSize=size)
        found.append(rdd.cartesian(sc.parallelize("ab", 1)).collect())
        found.append(rdd.repartition(2).glom().collect())
    return found


def sequence_with_a_negative_batch_size(sc, tmp):
    """An error of the action."""
    path = str(tmp / "out")
    sc.parallelize([(1, 2)], 1).saveAsSequenceFile(path)
    rdd = sc.sequenceFile(path, batchSize=-1)
    return _fails_with("size=-1 and step=-1, but both must be positive", rdd.collect)


def sequence_classes(sc, tmp):
    """Must exist, and are then left to the file."""
    path = str(tmp / "out")
    sc.parallelize([(1, "a")], 1).saveAsSequenceFile(path)
    text, number = "org.apache.hadoop.io.Text", "org.apache.hadoop.io.IntWritable"
    return _errors(
        lambda: sc.sequenceFile(path, number, text).collect(),
        lambda: sc.sequenceFile(path, text, number).collect(),
        lambda: sc.sequenceFile(path, "no.Such", text),
        lambda: sc.sequenceFile(path, number, "no.Such"),
        lambda: sc.sequenceFile(path, number, text, "no.Such"),
        lambda: sc.sequenceFile(path, number, text, None, "no.Such"),
    )


def sequence_that_is_missing(sc, tmp):
    """Found when the RDD is made."""
    return sc.sequenceFile(str(tmp / "none"))


def sequence_that_is_none(sc, tmp):
    """A file of something else."""
    (tmp / "text").write_bytes(b"hello world\n" * 30)
    (tmp / "short").write_bytes(b"SE")
    (tmp / "new").write_bytes(b"SEQ\x07" + b"x" * 100)
    return [
        _fails_with(words, lambda name=name: sc.sequenceFile(str(tmp / name)))
        for name, words in (
            ("text", "/text not a SequenceFile"),
            ("short", "/short not a SequenceFile"),
            ("new", "A record version mismatch occurred. Expecting v6, found v7"),
        )
    ]


def sequence_that_is_empty(sc, tmp):
    """A file of no bytes has no split."""
    (tmp / "empty").write_bytes(b"")
    return sc.sequenceFile(str(tmp / "empty")).glom().collect()


def sequence_in_a_map_file(sc, tmp):
    """A directory in the input is a MapFile: its file `data` is read."""
    sc.parallelize([(1, "a"), (2, "b")], 1).saveAsSequenceFile(str(tmp / "out"))
    os.makedirs(tmp / "maps" / "one")
    os.rename(tmp / "out" / "part-00000", tmp / "maps" / "one" / "data")
    os.makedirs(tmp / "none" / "one")
    return sc.sequenceFile(str(tmp / "maps")).collect(), _errors(
        lambda: sc.sequenceFile(str(tmp / "none"))
    )


def sequence_read_as_pickle_file(sc, tmp):
    """A pickle file is a SequenceFile."""
    sc.parallelize([1, 2], 1).saveAsPickleFile(str(tmp / "pickle"))
    return sc.sequenceFile(str(tmp / "pickle")).collect()


def sequence_partitioner_and_union(sc, tmp):
    """What the batches of two sources make of a union."""
    path = str(tmp / "out")
    sc.parallelize([(i, i) for i in range(5)], 1).saveAsSequenceFile(path)
    rdd = sc.sequenceFile(path)
    joined = rdd.union(sc.parallelize([(9, 9)], 1))
    return rdd.partitioner, joined.glom().collect(), rdd.reduceByKey(max, 2).glom().collect()


def sequence_of_surrogates(sc, tmp):
    """Half of a pair is replaced."""
    return _there_and_back(sc, tmp, [("a\ud800b", "\U0001f600")])


def sequence_runs_jobs_that_count(sc, tmp):
    """Saving looks at the first element twice, and then at all."""
    seen = sc.accumulator(0)

    def count(pair):
        seen.add(1)
        return pair

    sc.parallelize([(1, 2)], 1).map(count).saveAsSequenceFile(str(tmp / "out"))
    return seen.value
