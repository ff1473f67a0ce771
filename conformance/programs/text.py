"""Text files in and out: lines, splits, names and encodings."""

import gzip
import os


def _write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return str(path)


def _tree(root):
    """Every file below a directory with its content, but for hidden ones."""
    found = {}
    for directory, _, names in os.walk(root):
        for name in sorted(n for n in names if not n.startswith(".")):
            path = os.path.join(directory, name)
            relative = os.path.relpath(path, root)
            if name.endswith(".gz"):
                with gzip.open(path) as stream:
                    found[relative] = stream.read()
            else:
                with open(path, "rb") as stream:
                    found[relative] = stream.read()
    return dict(sorted(found.items()))


def lines_of_a_small_file(sc, tmp):
    """One split."""
    return sc.textFile(_write(tmp / "a.txt", "one\ntwo\nthree\n"), 1).glom().collect()


def a_file_without_a_final_newline(sc, tmp):
    """The last line counts."""
    return sc.textFile(_write(tmp / "a.txt", "one\ntwo"), 1).glom().collect()


def line_ends_of_every_kind(sc, tmp):
    """LF, CR LF, CR, and mixtures; form feeds and Unicode separators end nothing."""
    data = "unix\nwindows\r\nmac\rmixed\n\rafter\r\r\nend\x0bvt\x0cff\x85nel\u2028ls\u2029ps"
    return sc.textFile(_write(tmp / "a.txt", data), 1).glom().collect()


def empty_lines(sc, tmp):
    """They are elements."""
    return sc.textFile(_write(tmp / "a.txt", "\n\na\n\n\nb\n\n"), 1).collect()


def an_empty_file(sc, tmp):
    """No line, whatever the number of splits asked for."""
    path = _write(tmp / "a.txt", "")
    return sc.textFile(path, 1).glom().collect(), sc.textFile(path, 3).glom().collect()


def a_file_of_one_newline(sc, tmp):
    """One empty line."""
    return sc.textFile(_write(tmp / "a.txt", "\n"), 1).collect(), sc.textFile(
        _write(tmp / "b.txt", "\r\n"), 1
    ).collect()


def splits_of_a_small_file(sc, tmp):
    """Which lines fall into which split, for 1 to 8."""
    path = _write(tmp / "a.txt", "".join(f"line {i}\n" for i in range(10)))
    return {n: sc.textFile(path, n).glom().collect() for n in range(1, 9)}


def splits_of_a_fifty_byte_file(sc, tmp):
    """4 asked for, 5 made."""
    path = _write(tmp / "a.txt", "123456789\n" * 5)
    return [
        (n, sc.textFile(path, n).getNumPartitions(), sc.textFile(path, n).glom().collect())
        for n in (2, 3, 4, 5, 6)
    ]


def splits_of_lines_of_unlike_length(sc, tmp):
    """A long line belongs to the split where it starts."""
    path = _write(tmp / "a.txt", "a\n" + "b" * 50 + "\nc\nd\n" + "e" * 30 + "\nf")
    return {n: sc.textFile(path, n).glom().collect() for n in (2, 3, 5)}


def splits_between_cr_and_lf(sc, tmp):
    """A split that ends inside CR LF loses and doubles nothing."""
    path = _write(tmp / "a.txt", "ab\r\ncd\r\nef\r\ngh\r\n")
    return {n: sc.textFile(path, n).glom().collect() for n in (2, 3, 4, 5, 7, 16)}


def splits_of_carriage_returns(sc, tmp):
    """Lone CRs."""
    path = _write(tmp / "a.txt", "ab\rcd\ref\rgh\rij")
    return {n: sc.textFile(path, n).glom().collect() for n in (1, 2, 3, 5, 14)}


def splits_of_empty_lines(sc, tmp):
    """Newlines only."""
    path = _write(tmp / "a.txt", "\n" * 9)
    return {n: sc.textFile(path, n).glom().collect() for n in (1, 2, 3, 4)}


def splits_inside_a_character(sc, tmp):
    """Multi-byte characters are not cut."""
    path = _write(tmp / "a.txt", "ąęł\n中文字\n😀😀\nend\n")
    return {n: sc.textFile(path, n).glom().collect() for n in (1, 2, 3, 4, 5)}


def more_splits_than_bytes(sc, tmp):
    """Every byte a split."""
    path = _write(tmp / "a.txt", "a\nb\n")
    return sc.textFile(path, 10).glom().collect()


def text_in_many_languages(sc, tmp):
    """UTF-8."""
    return sc.textFile(
        _write(tmp / "a.txt", "naïve café\nΩμέγα\n日本語\n👩‍💻 emoji\nе\u0301\n"), 1
    ).collect()


def a_byte_order_mark_is_skipped(sc, tmp):
    """At the start of the file only."""
    return (
        sc.textFile(_write(tmp / "a.txt", b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n"), 1).collect(),
        sc.textFile(_write(tmp / "b.txt", b"\xef\xbb\xbf"), 1).collect(),
        sc.textFile(_write(tmp / "c.txt", b"\xef\xbb\xbf\nx\n"), 2).glom().collect(),
    )


def invalid_utf_8_is_replaced(sc, tmp):
    """Bytes that are no UTF-8 read as replacement characters."""
    data = b"ok\n\xff\xfe\n\xc3\n\xe4\xb8\nab\xf0\x9f\x98cd\n\xed\xa0\x80\n\xc0\xaf\nx\x80y\n"
    return sc.textFile(_write(tmp / "a.txt", data), 1).collect()


def nul_characters(sc, tmp):
    """They are text."""
    return sc.textFile(_write(tmp / "a.txt", b"a\x00b\n\x00\n"), 1).collect()


def lines_as_bytes(sc, tmp):
    """use_unicode=False."""
    rdd = sc.textFile(_write(tmp / "a.txt", "é\n中\n\n"), 1, use_unicode=False)
    return rdd.collect(), rdd.map(len).collect()


def a_directory_of_files(sc, tmp):
    """Each a split of its own. Their order is that of the directory, so they are sorted here."""
    for name in ("c.txt", "a.txt", "b", "B.txt", "10", "9"):
        _write(tmp / "d" / name, f"in {name}\n")
    return sorted(sc.textFile(str(tmp / "d"), 1).glom().collect())


def a_directory_with_a_star(sc, tmp):
    """The same files by a pattern come in the order of their names."""
    for name in ("c.txt", "a.txt", "b", "B.txt", "10", "9", "é", "a"):
        _write(tmp / "d" / name, f"in {name}\n")
    return sc.textFile(f"{tmp}/d/*", 1).glom().collect()


def hidden_files_are_skipped(sc, tmp):
    """Names that begin with a dot or an underscore."""
    for name in (".hidden", "_SUCCESS", "_meta.txt", ".x.crc", "seen.txt", "a_b.txt", "~tilde"):
        _write(tmp / "d" / name, f"in {name}\n")
    return sorted(sc.textFile(str(tmp / "d"), 1).glom().collect()), sc.textFile(
        f"{tmp}/d/*", 1
    ).glom().collect()


def a_directory_in_a_directory_fails(sc, tmp):
    """Subdirectories are not read, and cannot be opened as files."""
    _write(tmp / "d" / "a.txt", "a\n")
    _write(tmp / "d" / "sub" / "b.txt", "b\n")
    return sc.textFile(str(tmp / "d"), 1).glom().collect()


def a_glob_of_files(sc, tmp):
    """Stars, question marks, sets and alternatives."""
    for name in ("a1.txt", "a2.txt", "b1.txt", "b2.log", "c.txt"):
        _write(tmp / name, f"{name}\n")
    return {
        p: sc.textFile(f"{tmp}/{p}", 1).glom().collect()
        for p in ("*.txt", "a?.txt", "[ab]1.txt", "{a1,c}.txt", "*")
    }


def a_glob_of_directories(sc, tmp):
    """Files of all that match."""
    _write(tmp / "x1" / "a.txt", "x1 a\n")
    _write(tmp / "x2" / "b.txt", "x2 b\n")
    _write(tmp / "y" / "c.txt", "y c\n")
    return sc.textFile(f"{tmp}/x*", 1).glom().collect(), sc.textFile(
        f"{tmp}/*/[bc].txt", 1
    ).glom().collect()


def a_glob_that_matches_nothing(sc, tmp):
    """An error at the action."""
    return sc.textFile(f"{tmp}/*.txt", 1).collect()


def a_list_of_paths(sc, tmp):
    """Separated by commas; the order is that of the list."""
    b, a = _write(tmp / "b.txt", "b\n"), _write(tmp / "a.txt", "a\n")
    return sc.textFile(f"{b},{a}", 1).glom().collect(), sc.textFile(
        f"{a},{b},{a}", 1
    ).glom().collect()


def the_same_file_twice(sc, tmp):
    """Read twice."""
    a = _write(tmp / "a.txt", "1\n2\n3\n4\n")
    return sc.textFile(f"{a},{a}", 4).glom().collect()


def files_of_unlike_size_in_splits(sc, tmp):
    """The goal is the total divided by the count asked for."""
    _write(tmp / "d" / "a.txt", "".join(f"a{i}\n" for i in range(40)))
    _write(tmp / "d" / "b.txt", "b0\n")
    _write(tmp / "d" / "c.txt", "")
    _write(tmp / "d" / "e.txt", "".join(f"e{i}\n" for i in range(10)))
    return {n: sc.textFile(f"{tmp}/d/*", n).glom().collect() for n in (1, 2, 3, 5)}


def file_scheme_paths(sc, tmp):
    """file: and file:// before the path."""
    path = _write(tmp / "a.txt", "x\n")
    return sc.textFile(f"file://{path}", 1).collect(), sc.textFile(f"file:{path}", 1).collect()


def paths_with_spaces_and_letters(sc, tmp):
    """Names need no quoting."""
    path = _write(tmp / "my data é" / "file one.txt", "x\n")
    return sc.textFile(path, 1).collect(), sc.textFile(path, 1).name()


def a_missing_file_fails_at_the_action(sc, tmp):
    """textFile itself does not look."""
    rdd = sc.textFile(f"{tmp}/none.txt", 1).map(len)
    return rdd.collect()


def a_missing_file_fails_when_partitions_are_counted(sc, tmp):
    """getNumPartitions must look."""
    return sc.textFile(f"{tmp}/none.txt", 1).getNumPartitions()


def a_missing_file_fails_in_a_shuffle(sc, tmp):
    """reduceByKey asks for the number of partitions when it is defined."""
    rdd = sc.textFile(f"{tmp}/none.txt", 1).map(lambda line: (line, 1))
    return rdd.reduceByKey(max)


def a_missing_file_may_come_before_the_action(sc, tmp):
    """Written after textFile was called."""
    rdd = sc.textFile(f"{tmp}/late.txt", 1).map(str.upper)
    _write(tmp / "late.txt", "now\n")
    return rdd.collect()


def an_empty_directory(sc, tmp):
    """No files, no partitions."""
    (tmp / "d").mkdir()
    rdd = sc.textFile(str(tmp / "d"), 2)
    return rdd.getNumPartitions(), rdd.collect(), rdd.isEmpty()


def gzip_files(sc, tmp):
    """By the name's end; one split however many are asked for."""
    path = tmp / "a.txt.gz"
    path.write_bytes(gzip.compress("".join(f"line {i}\n" for i in range(20)).encode(), mtime=0))
    return sc.textFile(str(path), 4).glom().collect()


def gzip_of_two_members(sc, tmp):
    """One behind the other."""
    path = tmp / "a.gz"
    path.write_bytes(gzip.compress(b"one\n", mtime=0) + gzip.compress(b"two\n", mtime=0))
    return sc.textFile(str(path), 1).collect()


def bzip2_files(sc, tmp):
    """A small one."""
    import bz2

    path = tmp / "a.bz2"
    path.write_bytes(bz2.compress("".join(f"line {i}\n" for i in range(20)).encode()))
    return sc.textFile(str(path), 1).glom().collect()


def text_and_gzip_in_one_directory(sc, tmp):
    """Side by side."""
    _write(tmp / "d" / "a.txt", "plain\n")
    (tmp / "d" / "b.gz").write_bytes(gzip.compress(b"packed\n", mtime=0))
    return sc.textFile(f"{tmp}/d/*", 1).glom().collect()


def whole_text_files(sc, tmp):
    """Path and content of each file."""
    for name, text in (
        ("b.txt", "b1\nb2\n"),
        ("a.txt", "a\r\n"),
        ("empty.txt", ""),
        ("_x", "hidden"),
    ):
        _write(tmp / "d" / name, text)
    return sorted(sc.wholeTextFiles(str(tmp / "d"), 1).collect())


def whole_text_files_of_a_glob(sc, tmp):
    """And of a list of paths."""
    for name in ("a.txt", "b.log", "c.txt"):
        _write(tmp / name, name)
    return sorted(sc.wholeTextFiles(f"{tmp}/*.txt", 1).collect()), sorted(
        sc.wholeTextFiles(f"{tmp}/a.txt,{tmp}/b.log", 1).collect()
    )


def whole_text_files_as_bytes(sc, tmp):
    """use_unicode=False."""
    _write(tmp / "a.txt", "é")
    ((name, content),) = sc.wholeTextFiles(str(tmp), 1, use_unicode=False).collect()
    return name == b"file:" + bytes(tmp / "a.txt"), content


def whole_text_files_with_invalid_utf_8(sc, tmp):
    """Replacement characters."""
    _write(tmp / "a.txt", b"a\xffb")
    return sc.wholeTextFiles(str(tmp), 1).values().collect()


def whole_text_files_of_a_missing_directory(sc, tmp):
    """At the action."""
    return sc.wholeTextFiles(f"{tmp}/none", 1).collect()


def word_count_by_document(sc, tmp):
    """(file, text) pairs to (word, count)."""
    _write(tmp / "d" / "one.txt", "to be or not to be")
    _write(tmp / "d" / "two.txt", "to do is to be")
    pairs = sc.wholeTextFiles(str(tmp / "d"), 1).flatMap(lambda nt: [(w, 1) for w in nt[1].split()])
    return sorted(pairs.reduceByKey(lambda a, b: a + b, 2).collect())


def save_text(sc, tmp):
    """Part files, their names, and _SUCCESS."""
    sc.parallelize(["a", "b", "c"], 2).saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out")


def save_writes_checksums_beside(sc, tmp):
    """All names in the directory, hidden ones too."""
    sc.parallelize(["a", "b", "c"], 2).saveAsTextFile(f"{tmp}/out")
    return sorted(os.listdir(tmp / "out"))


def save_and_change_by_hand(sc, tmp):
    """A part file that no longer fits its checksum cannot be read."""
    sc.parallelize(["a", "b", "c"], 1).saveAsTextFile(f"{tmp}/out")
    _write(tmp / "out" / "part-00000", "changed\n")
    try:
        return sc.textFile(f"{tmp}/out", 1).collect()
    except Exception:
        return "refused"


def save_of_a_failing_map(sc, tmp):
    """What reaches the caller of saveAsTextFile."""
    sc.parallelize([1, 0], 2).map(lambda x: 1 // x).saveAsTextFile(f"{tmp}/out")


def save_with_empty_partitions(sc, tmp):
    """They are empty files."""
    sc.parallelize(["a", "b"], 4).saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out")


def save_an_empty_rdd(sc, tmp):
    """Only _SUCCESS, or empty parts."""
    sc.emptyRDD().saveAsTextFile(f"{tmp}/none")
    sc.parallelize([], 2).saveAsTextFile(f"{tmp}/two")
    return _tree(tmp)


def save_what_is_not_text(sc, tmp):
    """str() of each; bytes as they are."""
    values = [
        1,
        1.5,
        None,
        True,
        (1, "a"),
        [1, None],
        {"k": "v"},
        "text",
        b"bytes",
        2**70,
        float("nan"),
        -0.0,
    ]
    sc.parallelize(values, 1).saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out")


def save_unicode(sc, tmp):
    """UTF-8."""
    sc.parallelize(["é", "中文", "😀", "", " x "], 1).saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out")


def save_invalid_bytes(sc, tmp):
    """bytes that are no UTF-8 pass through a Java string."""
    sc.parallelize([b"ok", b"\xff\xfe", b"a\xc3"], 1).saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out")


def save_lone_surrogates_fails(sc, tmp):
    """They have no UTF-8."""
    sc.parallelize(["\ud800"], 1).saveAsTextFile(f"{tmp}/out")


def save_embedded_newlines(sc, tmp):
    """Written as they are, read back as more lines."""
    sc.parallelize(["a\nb", "c\r\nd", "e\n"], 1).saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out"), sc.textFile(f"{tmp}/out", 1).collect()


def save_onto_an_existing_directory_fails(sc, tmp):
    """Nothing is written."""
    (tmp / "out").mkdir()
    sc.parallelize(["a"], 1).saveAsTextFile(f"{tmp}/out")


def save_onto_an_existing_directory_leaves_it_alone(sc, tmp):
    """The old content stays, no user code runs."""
    sc.parallelize(["old"], 1).saveAsTextFile(f"{tmp}/out")
    ran = sc.accumulator(0)

    def look(x):
        ran.add(1)
        return x

    try:
        sc.parallelize(["new"], 1).map(look).saveAsTextFile(f"{tmp}/out")
    except Exception:
        return _tree(tmp / "out"), ran.value
    return "accepted"


def save_into_directories_that_do_not_exist(sc, tmp):
    """They are made."""
    sc.parallelize(["a"], 1).saveAsTextFile(f"{tmp}/x/y/out")
    return sorted(_tree(tmp))


def save_with_gzip(sc, tmp):
    """A codec by its Java class."""
    codec = "org.apache.hadoop.io.compress.GzipCodec"
    sc.parallelize(["a", "b", "é"], 2).saveAsTextFile(f"{tmp}/out", codec)
    return _tree(tmp / "out"), sc.textFile(f"{tmp}/out/part-*", 1).glom().collect()


def save_with_an_unknown_codec_fails(sc, tmp):
    """No such class."""
    sc.parallelize(["a"], 1).saveAsTextFile(f"{tmp}/out", "no.such.Codec")


def save_of_a_failing_map_leaves_no_success(sc, tmp):
    """The directory is there, _SUCCESS is not."""
    try:
        sc.parallelize([1, 0], 2).map(lambda x: 1 // x).saveAsTextFile(f"{tmp}/out")
    except Exception:
        return os.path.exists(f"{tmp}/out/_SUCCESS")
    return "saved"


def save_and_read_back(sc, tmp):
    """A round trip keeps partitions where files are small."""
    sc.parallelize([f"line {i}" for i in range(10)], 3).saveAsTextFile(f"{tmp}/out")
    return sc.textFile(f"{tmp}/out/part-*", 1).glom().collect(), sorted(
        sc.textFile(f"{tmp}/out", 1).collect()
    )


def save_many_partitions(sc, tmp):
    """Names have five digits."""
    sc.parallelize(range(12), 12).saveAsTextFile(f"{tmp}/out")
    return sorted(n for n in os.listdir(tmp / "out") if not n.startswith("."))


def save_returns_none(sc, tmp):
    """An action without a value."""
    return sc.parallelize(["a"], 1).saveAsTextFile(f"{tmp}/out")


def save_of_a_shuffle(sc, tmp):
    """Word count written out."""
    path = _write(tmp / "in.txt", "to be or not to be\nthat is the question\n")
    counts = (
        sc.textFile(path, 2)
        .flatMap(str.split)
        .map(lambda w: (w, 1))
        .reduceByKey(lambda a, b: a + b, 2)
    )
    counts.saveAsTextFile(f"{tmp}/out")
    return _tree(tmp / "out")


def read_what_other_programs_write(sc, tmp):
    """Parsing key and value back."""
    sc.parallelize([("a", 1), ("b", 2)], 2).map(lambda kv: f"{kv[0]}\t{kv[1]}").saveAsTextFile(
        f"{tmp}/out"
    )
    lines = sc.textFile(f"{tmp}/out/part-*", 1)
    return lines.map(lambda line: tuple(line.split("\t"))).mapValues(int).glom().collect()


def a_long_line(sc, tmp):
    """300,000 characters in one line among short ones."""
    path = _write(tmp / "a.txt", "short\n" + "x" * 300_000 + "\nend\n")
    return sc.textFile(path, 3).map(len).glom().collect()


def many_lines(sc, tmp):
    """20,000 lines in 5 splits: how many and which."""
    path = _write(tmp / "a.txt", "".join(f"{i} {'y' * (i % 13)}\n" for i in range(20_000)))
    return sc.textFile(path, 5).glom().map(lambda p: (len(p), p[0], p[-1])).collect()


def a_word_count_of_a_file(sc, tmp):
    """From text to sorted counts."""
    text = "It was the best of times, it was the worst of times,\nit was the age of wisdom...\n" * 3
    path = _write(tmp / "book.txt", text)
    words = sc.textFile(path, 3).flatMap(
        lambda line: line.lower().replace(",", " ").replace(".", " ").split()
    )
    counts = words.map(lambda w: (w, 1)).reduceByKey(lambda a, b: a + b, 3)
    return counts.glom().collect(), counts.takeOrdered(3, key=lambda kv: (-kv[1], kv[0]))


def grep_and_number_lines(sc, tmp):
    """filter, zipWithIndex, take."""
    path = _write(
        tmp / "log.txt",
        "".join(f"{'ERROR' if i % 7 == 0 else 'INFO'} message {i}\n" for i in range(40)),
    )
    numbered = sc.textFile(path, 3).zipWithIndex()
    return (
        numbered.filter(lambda li: li[0].startswith("ERROR"))
        .map(lambda li: (li[1] + 1, li[0]))
        .take(4)
    )


def a_file_that_is_no_directory_in_the_middle(sc, tmp):
    """a.txt/b cannot exist."""
    path = _write(tmp / "a.txt", "x\n")
    return sc.textFile(f"{path}/b", 1).collect()


def min_partitions_of_zero_takes_the_default(sc, tmp):
    """0 and None are the same."""
    path = _write(tmp / "a.txt", "x\ny\n")
    return sorted(sc.textFile(path, 0).collect()) == sorted(sc.textFile(path).collect())


def relative_paths_after_a_change_of_the_working_directory(sc, tmp):
    """They mean what they meant when the first context was made."""
    before = os.getcwd()
    path = os.path.relpath(_write(tmp / "a.txt", "one\ntwo\n"), before)
    made = sc.textFile(path)
    os.chdir(tmp)
    try:
        sc.parallelize([1], 1).saveAsTextFile(os.path.relpath(tmp / "out", before))
        return made.collect(), sc.textFile(path).count(), os.path.exists(tmp / "out" / "_SUCCESS")
    finally:
        os.chdir(before)
