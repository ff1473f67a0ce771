"""Hadoop's text and sequence formats by their class names, and their settings."""

import os

OLD, NEW = "org.apache.hadoop.mapred.", "org.apache.hadoop.mapreduce.lib."
OLD_TEXT, OLD_SEQUENCE = OLD + "TextOutputFormat", OLD + "SequenceFileOutputFormat"
NEW_TEXT, NEW_SEQUENCE = NEW + "output.TextOutputFormat", NEW + "output.SequenceFileOutputFormat"
OLD_TEXT_IN, OLD_SEQUENCE_IN = OLD + "TextInputFormat", OLD + "SequenceFileInputFormat"
NEW_TEXT_IN, NEW_SEQUENCE_IN = NEW + "input.TextInputFormat", NEW + "input.SequenceFileInputFormat"
INT, LONG = "org.apache.hadoop.io.IntWritable", "org.apache.hadoop.io.LongWritable"
TEXT = "org.apache.hadoop.io.Text"
OUT, IN = (
    "mapreduce.output.fileoutputformat.outputdir",
    "mapreduce.input.fileinputformat.inputdir",
)
COMPRESS = "mapreduce.output.fileoutputformat.compress"
GZIP = "org.apache.hadoop.io.compress.GzipCodec"


def _visible(path):
    return sorted(name for name in os.listdir(path) if not name.startswith("."))


def _content(path, name):
    with open(os.path.join(path, name), "rb") as file:
        return file.read()


def _write(path, data):
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


def text_of_the_old_api(sc, tmp):
    """What Java prints for each Writable."""
    pairs = [
        (1, "a"), ("k", None), (None, "v"), (None, None), (True, b"ab\xff"), (1.5, False),
        (1e10, 2e-3), (float("nan"), float("-inf")), (1e7, 9999999.0), (0.001, 1e-4),
        (-0.0, 123456789.123), (1 << 40, "\xe9\nx"), ("", ""), (100.0, 1e22),
    ]  # fmt: skip
    sc.parallelize(pairs, 1).saveAsHadoopFile(str(tmp / "out"), OLD_TEXT)
    return _visible(tmp / "out"), _content(tmp / "out", "part-00000")


def text_of_the_new_api(sc, tmp):
    """Other names."""
    sc.parallelize([(1, "a"), (2, "b")], 2).saveAsNewAPIHadoopFile(str(tmp / "out"), NEW_TEXT)
    return _visible(tmp / "out"), _content(tmp / "out", "part-r-00001")


def text_of_collections(sc, tmp):
    """Maps and arrays in Java's words."""
    pairs = [(1, {"a": 1, "b": 2.0, "c": None, "d": {"x": True}}), (2, ()), (3, (1, "x", None))]
    sc.parallelize(pairs, 1).saveAsHadoopFile(str(tmp / "out"), OLD_TEXT)
    return _content(tmp / "out", "part-00000")


def text_read_by_both_apis(sc, tmp):
    """Keys are where lines start, whatever class is asked for."""
    path = _write(tmp / "a.txt", b"\xef\xbb\xbfab\ncd\r\n\nef\rgh")
    return (
        sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT).collect(),
        sc.newAPIHadoopFile(path, NEW_TEXT_IN, INT, TEXT).glom().collect(),
    )


def text_in_splits(sc, tmp):
    """The old API has a goal, the new one sizes."""
    path = _write(tmp / "a.txt", b"abc\n" * 30)
    sizes = "mapreduce.input.fileinputformat.split."
    return (
        sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT).keys().collect(),
        *(
            sc.newAPIHadoopFile(path, NEW_TEXT_IN, LONG, TEXT, conf=conf).keys().glom().collect()
            for conf in (
                {},
                {sizes + "maxsize": "50"},
                {sizes + "maxsize": "50", sizes + "minsize": "70"},
                {"mapred.max.split.size": "30"},
            )
        ),
    )


def text_settings_of_the_old_api(sc, tmp):
    """A path has no settings, an RDD has."""
    path = _write(tmp / "a.txt", b"abc\n" * 30)
    conf = {"mapreduce.input.fileinputformat.split.minsize": "500"}
    return (
        sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT, conf=conf).getNumPartitions()
        == sc.defaultMinPartitions,
        sc.hadoopRDD(OLD_TEXT_IN, LONG, TEXT, conf={**conf, IN: path}).getNumPartitions(),
        sc.hadoopRDD(OLD_TEXT_IN, LONG, TEXT, conf={"mapred.input.dir": path}).keys().sum(),
    )


def text_that_is_compressed(sc, tmp):
    """Keys count the unpacked bytes."""
    path = str(tmp / "out")
    pairs = sc.parallelize([("a", 1), ("bb", 22), ("c", 3)], 1)
    pairs.saveAsHadoopFile(path, OLD_TEXT, compressionCodecClass=GZIP)
    return (
        _visible(path),
        sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT).collect(),
        sc.newAPIHadoopFile(path, NEW_TEXT_IN, LONG, TEXT).collect(),
    )


def text_with_invalid_bytes(sc, tmp):
    """Are replaced."""
    path = _write(tmp / "a.txt", b"a\xffb\n\xed\xa0\x80\n")
    return sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT).collect()


def text_of_an_empty_file(sc, tmp):
    """No partition."""
    path = _write(tmp / "a.txt", b"")
    return (
        sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT).glom().collect(),
        sc.newAPIHadoopFile(path, NEW_TEXT_IN, LONG, TEXT).glom().collect(),
    )


def settings_of_output(sc, tmp):
    """Compression, separator, names, marks: under present and old names."""
    settings = [
        {COMPRESS: "true"},
        {COMPRESS: "true", COMPRESS + ".codec": GZIP},
        {"mapred.output.compress": "true", "mapred.output.compression.codec": GZIP},
        {COMPRESS: "false", COMPRESS + ".codec": GZIP},
        {"mapreduce.output.textoutputformat.separator": "::"},
        {"mapred.textoutputformat.separator": ""},
        {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"},
        {"mapreduce.output.basename": "foo"},
    ]
    found = []
    for number, conf in enumerate(settings):
        old, new = str(tmp / f"old{number}"), str(tmp / f"new{number}")
        pairs = sc.parallelize([("a", 1)], 1)
        pairs.saveAsHadoopFile(old, OLD_TEXT, conf=conf)
        pairs.saveAsNewAPIHadoopFile(new, NEW_TEXT, conf=conf)
        found.append((_visible(old), _visible(new), sc.textFile(old).collect()))
    return found


def sequences_of_both_apis(sc, tmp):
    """Written and read by each other."""
    pairs = sc.parallelize([(1, ""), (1, "a"), (3, "x")], 1)
    old, new = str(tmp / "old"), str(tmp / "new")
    pairs.saveAsHadoopFile(old, OLD_SEQUENCE, INT, TEXT)
    pairs.saveAsNewAPIHadoopFile(new, NEW_SEQUENCE, INT, TEXT)
    return (
        _visible(old),
        _visible(new),
        sc.newAPIHadoopFile(old, NEW_SEQUENCE_IN, INT, TEXT).collect(),
        sc.hadoopFile(new, OLD_SEQUENCE_IN, INT, TEXT).collect(),
        sc.hadoopFile(f"{new},{old}", OLD_SEQUENCE_IN, INT, TEXT).glom().collect(),
    )


def sequences_compressed(sc, tmp):
    """Records, blocks, or not at all."""
    found = []
    for kind in (None, "RECORD", "BLOCK", "NONE"):
        path = str(tmp / str(kind))
        conf = {COMPRESS: "true"} if kind is None else {COMPRESS: "true", COMPRESS + ".type": kind}
        pairs = sc.parallelize([(i, "value" * i) for i in range(5)], 1)
        pairs.saveAsNewAPIHadoopFile(path, NEW_SEQUENCE, conf=conf)
        head = _content(path, "part-r-00000")[:104]
        found.append((head[:61], b"Codec" in head, sc.sequenceFile(path).collect()))
    return found


def sequences_compressed_in_an_unknown_way(sc, tmp):
    """Each is a failure."""
    pairs = sc.parallelize([(1, "a")], 1)
    error = _errors(
        lambda: pairs.saveAsNewAPIHadoopFile(
            str(tmp / "a"), NEW_SEQUENCE, conf={COMPRESS: "true", COMPRESS + ".type": "X"}
        ),
        lambda: pairs.saveAsNewAPIHadoopFile(
            str(tmp / "b"), NEW_SEQUENCE, conf={COMPRESS: "true", COMPRESS + ".codec": "Nope"}
        ),
    )
    return [isinstance(each, Exception) for each in error]


def sequences_in_splits(sc, tmp):
    """By size, at sync marks."""
    path = str(tmp / "out")
    pairs = sc.parallelize([(i, f"v{i}" * 3) for i in range(40000)], 1)
    pairs.saveAsNewAPIHadoopFile(path, NEW_SEQUENCE)
    conf = {"mapreduce.input.fileinputformat.split.maxsize": "150000"}
    rdd = sc.newAPIHadoopFile(path, NEW_SEQUENCE_IN, INT, TEXT, conf=conf)
    return [(part[0], part[-1], len(part)) for part in rdd.glom().collect() if part]


def classes_of_keys_and_values(sc, tmp):
    """Both, or those of the first element."""
    pairs = sc.parallelize([(1, "a")], 1)
    return _errors(
        lambda: pairs.saveAsHadoopFile(str(tmp / "a"), OLD_SEQUENCE, LONG, TEXT),
        lambda: pairs.saveAsHadoopFile(str(tmp / "b"), OLD_SEQUENCE, LONG),
        lambda: pairs.saveAsHadoopFile(str(tmp / "c"), OLD_SEQUENCE, "no.Such", TEXT),
        lambda: pairs.saveAsHadoopFile(str(tmp / "d"), OLD_TEXT, "java.lang.String", TEXT),
        lambda: pairs.saveAsHadoopFile(str(tmp / "e"), OLD_TEXT, LONG, LONG),
    )


def nothing_with_classes(sc, tmp):
    """Files of a header each."""
    old, new = str(tmp / "old"), str(tmp / "new")
    sc.parallelize([], 2).saveAsHadoopFile(old, OLD_SEQUENCE, INT, TEXT)
    sc.parallelize([], 2).saveAsNewAPIHadoopFile(new, NEW_TEXT, INT, TEXT)
    return _visible(old), sc.sequenceFile(old).glom().collect(), _visible(new)


def nothing_without_classes(sc, tmp):
    """There is no first element."""
    return _errors(
        lambda: sc.parallelize([], 2).saveAsHadoopFile(str(tmp / "a"), OLD_TEXT),
        lambda: sc.parallelize([], 2).saveAsNewAPIHadoopFile(str(tmp / "b"), NEW_TEXT),
    )


def datasets(sc, tmp):
    """All in settings."""
    found = []
    pairs = sc.parallelize([(1, "a")], 1)
    classes = {"mapreduce.job.output.key.class": INT, "mapreduce.job.output.value.class": TEXT}
    old_classes = {"mapred.output.key.class": INT, "mapred.output.value.class": TEXT}
    for number, conf in enumerate(
        [
            {},
            {"mapred.output.format.class": OLD_SEQUENCE, **classes},
            {"mapred.output.format.class": OLD_SEQUENCE, **old_classes},
            {"mapreduce.job.outputformat.class": NEW_SEQUENCE},
        ]
    ):
        path = str(tmp / str(number))
        pairs.saveAsHadoopDataset({OUT: path, **conf})
        found.append((_visible(path), _content(path, "part-00000")[:60]))
    pairs.saveAsNewAPIHadoopDataset(
        {OUT: str(tmp / "new"), "mapreduce.job.outputformat.class": NEW_SEQUENCE, **classes}
    )
    pairs.saveAsNewAPIHadoopDataset({"mapred.output.dir": str(tmp / "text")})
    return found, _visible(tmp / "new"), _content(tmp / "text", "part-r-00000")


def datasets_that_cannot_be(sc, tmp):
    """No directory; classes that are not those of the elements."""
    pairs = sc.parallelize([(1, "a")], 1)
    return _errors(
        lambda: pairs.saveAsHadoopDataset({}),
        lambda: pairs.saveAsNewAPIHadoopDataset({}),
        lambda: pairs.saveAsHadoopDataset(
            {OUT: str(tmp / "a"), "mapred.output.format.class": OLD_SEQUENCE}
        ),
        lambda: pairs.saveAsNewAPIHadoopDataset(
            {OUT: str(tmp / "b"), "mapreduce.job.outputformat.class": NEW_SEQUENCE}
        ),
    )


def datasets_of_nothing(sc, tmp):
    """Text needs no classes."""
    sc.parallelize([], 1).saveAsHadoopDataset({OUT: str(tmp / "out")})
    return _visible(tmp / "out")


def datasets_read(sc, tmp):
    """By both APIs, and with no path."""
    path = str(tmp / "out")
    sc.parallelize([(1, "a"), (2, "b")], 1).saveAsSequenceFile(path)
    return _errors(
        lambda: sc.hadoopRDD(OLD_SEQUENCE_IN, INT, TEXT, conf={IN: path}).collect(),
        lambda: sc.newAPIHadoopRDD(NEW_SEQUENCE_IN, INT, TEXT, conf={IN: path}).collect(),
        lambda: sc.hadoopRDD(OLD_SEQUENCE_IN, INT, TEXT),
        lambda: sc.newAPIHadoopRDD(NEW_SEQUENCE_IN, INT, TEXT),
    )


def output_formats_that_cannot_be(sc, tmp):
    """Unknown, or of the other API."""
    pairs = sc.parallelize([(1, "a")], 1)
    path = str(tmp / "out")
    return _errors(
        lambda: pairs.saveAsHadoopFile(path, "no.Such"),
        lambda: pairs.saveAsNewAPIHadoopFile(path, "no.Such"),
        lambda: pairs.saveAsHadoopFile(path, NEW_TEXT),
        lambda: pairs.saveAsNewAPIHadoopFile(path, OLD_TEXT),
    )


def input_formats_that_cannot_be(sc, tmp):
    """Unknown."""
    path = _write(tmp / "a", b"x")
    return _errors(
        lambda: sc.hadoopFile(path, "no.Such", INT, TEXT),
        lambda: sc.newAPIHadoopFile(path, "no.Such", INT, TEXT),
        lambda: sc.newAPIHadoopFile(path, NEW_TEXT_IN, "no.Such", TEXT),
        lambda: sc.hadoopFile(path, OLD_TEXT_IN, INT, "no.Such"),
    )


def converters(sc, tmp):
    """Classes that are not there."""
    path = _write(tmp / "a", b"x")
    pairs = sc.parallelize([(1, "a")], 1)
    return _errors(
        lambda: sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT, "no.Such"),
        lambda: sc.newAPIHadoopFile(path, NEW_TEXT_IN, LONG, TEXT, None, "no.Such"),
        lambda: pairs.saveAsHadoopFile(str(tmp / "b"), OLD_TEXT, keyConverter="no.Such"),
        lambda: pairs.saveAsNewAPIHadoopFile(str(tmp / "c"), NEW_TEXT, valueConverter="no.Such"),
        lambda: pairs.saveAsHadoopDataset({OUT: str(tmp / "d")}, "no.Such"),
    )


def missing_paths(sc, tmp):
    """Found when the RDD is made."""
    path = str(tmp / "none")
    return _errors(
        lambda: sc.hadoopFile(path, OLD_TEXT_IN, LONG, TEXT),
        lambda: sc.newAPIHadoopFile(path, NEW_TEXT_IN, LONG, TEXT),
        lambda: sc.newAPIHadoopFile(path, NEW_SEQUENCE_IN, LONG, TEXT),
    )


def directories_that_exist(sc, tmp):
    """Refused by each."""
    path = str(tmp / "out")
    pairs = sc.parallelize([(1, "a")], 1)
    pairs.saveAsSequenceFile(path)
    return _errors(
        lambda: pairs.saveAsHadoopFile(path, OLD_TEXT),
        lambda: pairs.saveAsNewAPIHadoopFile(path, NEW_TEXT),
        lambda: pairs.saveAsHadoopDataset({OUT: path}),
        lambda: pairs.saveAsNewAPIHadoopDataset({OUT: path}),
    )


def directories_that_may_exist(api, tmp):
    """spark.hadoop.validateOutputSpecs: files of the same names are replaced, others stay."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("x")
    with api.SparkContext(conf=conf.set("spark.hadoop.validateOutputSpecs", "false")) as sc:
        path = str(tmp / "out")
        sc.parallelize([1, 2, 3], 3).saveAsTextFile(path)
        sc.parallelize([4, 5], 2).saveAsTextFile(path)
        return _visible(path), sorted(sc.textFile(path).collect())


def settings_of_the_context(api, tmp):
    """spark.hadoop.*: for all that is written."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("x")
    conf.set("spark.hadoop." + COMPRESS, "true")
    with api.SparkContext(conf=conf) as sc:
        sc.parallelize([1], 1).saveAsTextFile(str(tmp / "text"))
        sc.parallelize([1], 1).saveAsPickleFile(str(tmp / "pickle"))
        sc.parallelize([(1, 2)], 1).saveAsNewAPIHadoopFile(str(tmp / "new"), NEW_TEXT)
        return (
            _visible(tmp / "text"),
            _content(tmp / "pickle", "part-00000")[:122],
            _visible(tmp / "new"),
            sc.pickleFile(str(tmp / "pickle")).collect(),
        )


def batches_of_hadoop_rdds(sc, tmp):
    """batchSize, and 0 for growing ones."""
    path = _write(tmp / "a.txt", b"a\nb\nc\nd\ne\n")
    found = []
    for size in (0, 1, 2):
        rdd = sc.newAPIHadoopFile(path, NEW_TEXT_IN, LONG, TEXT, batchSize=size)
        found.append(rdd.cartesian(sc.parallelize([1, 2], 1)).collect())
        found.append(rdd.repartition(2).glom().collect())
    return found
