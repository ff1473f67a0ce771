"""Files of bytes: records of a fixed length, and whole files."""

import os


def _write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


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


def _by_name(rdd):
    return sorted((os.path.basename(name), content) for name, content in rdd.collect())


def records_of_a_file(sc, tmp):
    """bytes of one length each."""
    path = _write(tmp / "a", bytes(range(12)))
    return [sc.binaryRecords(path, length).glom().collect() for length in (1, 3, 12)]


def records_of_a_directory(sc, tmp):
    """Empty and hidden files have none."""
    _write(tmp / "d" / "a", b"aabb")
    _write(tmp / "d" / "b", b"")
    _write(tmp / "d" / "_c", b"cc")
    _write(tmp / "d" / ".d", b"dd")
    return sc.binaryRecords(str(tmp / "d"), 2).glom().collect()


def records_of_globs_and_lists(sc, tmp):
    """As for text."""
    a, b = _write(tmp / "a1", b"1122"), _write(tmp / "a2", b"33")
    return (
        sc.binaryRecords(f"{b},{a}", 2).glom().collect(),
        sc.binaryRecords(f"{tmp}/a*", 2).glom().collect(),
    )


def records_in_splits(sc, tmp):
    """Splits of whole records, at most 32 MiB and a tenth."""
    path = _write(tmp / "a", b"x" * (42 << 20))
    return [
        sc.binaryRecords(path, length).map(len).glom().map(len).collect()
        for length in (1 << 20, 7 << 20, 21 << 20, 42 << 20)
    ]


def records_with_names(sc, tmp):
    """The RDD has none."""
    path = _write(tmp / "a", b"12")
    return sc.binaryRecords(path, 1).name(), sc.binaryRecords(path, 1).id() > 0


def records_of_a_missing_file(sc, tmp):
    """Found by the action."""
    rdd = sc.binaryRecords(str(tmp / "none"), 2)
    return _errors(rdd.collect, rdd.getNumPartitions)


def records_of_no_length(sc, tmp):
    """Zero and less."""
    path = _write(tmp / "a", b"12")
    return (
        _fails_with("/ by zero", sc.binaryRecords(path, 0).collect),
        _fails_with("NegativeArraySize", sc.binaryRecords(path, -1).collect),
    )


def records_of_compressed_files(sc, tmp):
    """Refused by the file's name."""
    gzip, bzip2 = _write(tmp / "a.gz", b"12"), _write(tmp / "a.bz2", b"12")
    words = "FixedLengthRecordReader does not support reading compressed files"
    return [_fails_with(words, sc.binaryRecords(path, 1).collect) for path in (gzip, bzip2)]


def records_in_further_steps(sc, tmp):
    """One record a batch: cartesian and repartition show it."""
    rdd = sc.binaryRecords(_write(tmp / "a", b"abcdefgh"), 2)
    return (
        rdd.cartesian(sc.parallelize([1, 2], 1)).collect(),
        rdd.repartition(2).glom().collect(),
        rdd.union(sc.parallelize([1], 1)).glom().collect(),
        rdd.zipWithIndex().collect(),
    )


def files_of_a_directory(sc, tmp):
    """Name and bytes; what is in subdirectories and hidden is left out."""
    _write(tmp / "d" / "a", b"one\xff\r\n")
    _write(tmp / "d" / "b", b"")
    _write(tmp / "d" / "_c", b"c")
    _write(tmp / "d" / "sub" / "e", b"e")
    return _by_name(sc.binaryFiles(str(tmp / "d")))


def files_by_name(sc, tmp):
    """The names are qualified paths."""
    _write(tmp / "a", b"one")
    return sc.binaryFiles(str(tmp / "a")).collect()


def files_are_not_decompressed(sc, tmp):
    """Whatever their names are."""
    path = _write(tmp / "a.gz", b"no gzip")
    return sc.binaryFiles(path).values().collect()


def files_share_partitions(sc, tmp):
    """Small ones are together."""
    for name in "abcd":
        _write(tmp / name, name.encode() * 10)
    found = [
        sc.binaryFiles(f"{tmp}/*", minimum).values().glom().collect()
        for minimum in (None, 0, 1, 4, -3)
    ]
    return [[sorted(part) for part in parts] for parts in found]


def large_files_and_minimum(sc, tmp):
    """A share is at least 4 MiB, which every file counts more than it has."""
    for name in "abc":
        _write(tmp / name, name.encode() * (3 << 20))
    rdd = sc.binaryFiles(f"{tmp}/*", 64)
    return rdd.mapValues(len).values().glom().collect()


def files_of_an_empty_directory(sc, tmp):
    """No partition."""
    (tmp / "d").mkdir()
    return sc.binaryFiles(str(tmp / "d")).glom().collect()


def files_of_globs_and_lists(sc, tmp):
    """As for text."""
    a, b = _write(tmp / "a1", b"1"), _write(tmp / "a2", b"2")
    return sc.binaryFiles(f"{b},{a}").collect(), sc.binaryFiles(f"{tmp}/a?").collect()


def files_that_are_missing(sc, tmp):
    """Found by the action."""
    rdd = sc.binaryFiles(str(tmp / "none"))
    return _errors(rdd.collect, lambda: sc.binaryFiles(f"{tmp}/x*").collect())


def files_with_names(sc, tmp):
    """The RDD is called as its path."""
    _write(tmp / "a", b"1")
    return sc.binaryFiles(str(tmp / "a")).name()


def files_in_further_steps(sc, tmp):
    """One file a batch."""
    for name in "abc":
        _write(tmp / name, name.encode())
    rdd = sc.binaryFiles(f"{tmp}/*").values()
    return (
        sorted(rdd.cartesian(sc.parallelize([1, 2], 1)).collect()),
        sorted(rdd.union(sc.parallelize([b"x"], 1)).collect()),
    )
