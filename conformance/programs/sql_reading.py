"""spark.read.text: which files are read, how they are cut and packed, what a row is."""

import bz2
import gzip


def _attempt(function):
    try:
        return function()
    except Exception as error:
        return error


def _values(df):
    return [[row[0] for row in part] for part in df.rdd.glom().collect()]


def _session(api, **settings):
    """A session on four slots; partitions depend on their number."""
    builder = api.sql.SparkSession.builder.master("local[4]").appName("reading")
    for key, value in settings.items():
        builder = builder.config(f"spark.sql.files.{key}", value)
    return builder.getOrCreate()


def _files(tmp):
    (tmp / "long.txt").write_text("".join(f"{i:03}\n" for i in range(100)))
    (tmp / "short.txt").write_bytes(b"x\r\ny\rz\n\n")
    (tmp / "empty.txt").write_bytes(b"")
    (tmp / "_hidden").write_text("hidden\n")
    (tmp / ".dot").write_text("hidden\n")
    (tmp / "packed.gz").write_bytes(gzip.compress(b"gz1\ngz2\n", mtime=0))
    (tmp / "below").mkdir()
    (tmp / "below" / "deep.txt").write_text("deep\n")


def partitions(api, tmp):
    """Files are cut by size, the largest pieces come first, small ones share a partition."""
    _files(tmp)
    found = []
    for settings in [
        {},
        {"openCostInBytes": 0},
        {"openCostInBytes": 0, "maxPartitionBytes": 64},
        {"openCostInBytes": 16, "maxPartitionBytes": 64},
        {"openCostInBytes": "1k", "maxPartitionBytes": "100b"},
        {"openCostInBytes": 0, "minPartitionNum": 10},
        {"openCostInBytes": 0, "maxPartitionBytes": 50, "maxPartitionNum": 3},
    ]:
        with _session(api, **settings) as spark:
            found.append(_values(spark.read.text(str(tmp))))
            found.append(spark.read.text(str(tmp)).count())
    return found


def leaf_parallelism(api, tmp):
    _files(tmp)
    with _session(api, openCostInBytes=0) as spark:
        found = [_values(spark.read.text(str(tmp / "long.txt")))]
        spark.conf.set("spark.sql.leafNodeDefaultParallelism", 7)
        found.append(_values(spark.read.text(str(tmp / "long.txt"))))
    return found


def paths(api, tmp):
    """Several paths, globs, the same file twice, hidden files, a comma."""
    _files(tmp)
    with _session(api) as spark:
        read = spark.read.text

        def told(*names, **options):
            return _attempt(
                lambda: sorted(sum(_values(read([str(tmp / n) for n in names], **options)), []))[:6]
            )

        return [
            told("short.txt"),
            told("short.txt", "short.txt"),
            told("s*.txt", "below"),
            told("*/deep.txt"),
            told("_hidden"),
            told("empty.txt"),
            told("."),
            told(".", recursiveFileLookup=True),
            told(".", recursiveFileLookup="true"),
            told(".", pathGlobFilter="s*"),
            told(".", pathGlobFilter="*.{gz,csv}"),
            told("nothing"),
            told("short.txt", "nothing"),
            told("no*"),
            told("short.txt,long.txt"),
            read([]).rdd.getNumPartitions(),
            _attempt(lambda: read("")),
        ]


def line_ends(spark, tmp):
    """The usual ones, or one of the program's own."""
    path = tmp / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree;four;;\n;")
    read = spark.read.text
    return [
        _values(read(str(path))),
        _values(read(str(path), lineSep=";")),
        _values(read(str(path), lineSep="\r\n")),
        _values(read(str(path), lineSep="nothing")),
        _attempt(lambda: read(str(path), lineSep="").collect()),
    ]


def line_ends_that_are_cut(api, tmp):
    """A file is cut anywhere, also within a delimiter: no row is lost, none comes twice."""
    (tmp / "a.txt").write_bytes(b"aXXbXXcXXdddddddXXeXXf")
    (tmp / "b.txt").write_bytes(b"aXXXbXXXXcX")
    (tmp / "c.txt").write_bytes(b"\xef\xbb\xbfa;b;c;;\n;")
    found = []
    with _session(api, openCostInBytes=0) as spark:
        for size in (1, 2, 3, 4, 5, 7, 30):
            spark.conf.set("spark.sql.files.maxPartitionBytes", size)
            for name, end in (("a.txt", "XX"), ("b.txt", "XX"), ("c.txt", ";"), ("c.txt", None)):
                found.append(_values(spark.read.text(str(tmp / name), lineSep=end)))
    return found


def whole_files(api, tmp):
    _files(tmp)
    with _session(api) as spark:
        return [
            sorted(sum(_values(spark.read.text(str(tmp), wholetext=True)), [])),
            spark.read.text(str(tmp / "empty.txt"), wholetext=True).count(),
            _attempt(lambda: spark.read.text(str(tmp), wholetext="maybe").count()),
        ]


def compressed(api, tmp):
    """gzip is one piece; bzip2 may be several, each row in one of them."""
    lines = b"".join(b"%06d\n" % i for i in range(3000))
    (tmp / "a.gz").write_bytes(gzip.compress(lines, mtime=0))
    (tmp / "a.bz2").write_bytes(bz2.compress(lines))
    with _session(api, maxPartitionBytes=1000) as spark:
        return [
            [len(part) for part in _values(spark.read.text(str(tmp / name)))]
            for name in ("a.gz", "a.bz2")
        ]


def bytes_that_are_no_text(spark, tmp):
    (tmp / "a.txt").write_bytes(b"caf\xc3\xa9 \xff\xfe\xc3\n\xed\xa0\x80\n")
    return _values(spark.read.text(str(tmp / "a.txt")))


def other_ways(spark, tmp):
    """Options, format and load, a schema."""
    path = tmp / "a.txt"
    path.write_text("a;b\n")
    read = str(path)
    return [
        _values(spark.read.option("lineSep", ";").text(read)),
        _values(spark.read.options(LINESEP=";").text(read)),
        _values(spark.read.option("wholetext", True).format("text").load(read)),
        _values(spark.read.format("text").load([read], lineSep=";")),
        _values(spark.read.format("text").option("path", read).load()),
        spark.read.schema("line string").text(read).collect(),
        _attempt(lambda: spark.read.schema("line int").text(read)),
        str(_attempt(lambda: spark.read.option("path", read).text(read))),
    ]


def frames(spark, tmp):
    path = tmp / "a.txt"
    path.write_text("one\ntwo\n")
    df = spark.read.text(str(path))
    words = df.rdd.flatMap(lambda row: row.value).map(lambda letter: (letter, 1))
    return [
        repr(df),
        df.schema,
        df.columns,
        df.count(),
        df.first(),
        df.collect(),
        sorted(words.reduceByKey(lambda a, b: a + b).collect()),
    ]


def a_file_that_is_gone(spark, tmp):
    """Files are listed when the DataFrame is made, and read when it is computed."""
    path = tmp / "a.txt"
    path.write_text("one\n")
    df = spark.read.text(str(tmp))
    (tmp / "b.txt").write_text("later\n")
    found = [df.collect()]
    path.unlink()
    error = _attempt(df.collect)
    return [*found, type(error).__name__ in ("Py4JJavaError", "SparkException")]
