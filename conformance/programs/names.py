"""Names that a program imports from modules of its own: each does what it does in PySpark."""

import importlib
import io
import pickle


def _module(api, name):
    return importlib.import_module(f"{api.__name__}.{name}")


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def _written(serializer, values):
    stream = io.BytesIO()
    serializer.dump_stream(values, stream)
    return stream.getvalue()


def _there_and_back(serializer, values):
    return list(serializer.load_stream(io.BytesIO(_written(serializer, values))))


def one_class_by_both_paths(sc, api):
    """From the package, from its module, and from core."""
    pairs = (
        ("context", "core.context", "SparkContext"),
        ("rdd", "core.rdd", "RDD"),
        ("rdd", "core.rdd", "PipelinedRDD"),
        ("broadcast", "core.broadcast", "Broadcast"),
        ("files", "core.files", "SparkFiles"),
        ("status", "core.status", "StatusTracker"),
        ("context", "conf", "SparkConf"),
        ("context", "storagelevel", "StorageLevel"),
        ("rdd", "resultiterable", "ResultIterable"),
        ("rdd", "serializers", "AutoBatchedSerializer"),
        ("errors", "errors.exceptions.base", "PySparkValueError"),
        ("resource", "resource.profile", "ResourceProfile"),
    )
    return [
        getattr(_module(api, one), name) is getattr(_module(api, other), name)
        for one, other, name in pairs
    ]


def a_pipelined_rdd_is_one(sc, api):
    """What isinstance says."""
    rdd = _module(api, "rdd")
    mapped = sc.parallelize([1], 1).map(str)
    return [isinstance(mapped, rdd.PipelinedRDD), isinstance(mapped, api.RDD), mapped.is_cached]


def bytes_of_framed_serializers(sc, api):
    """The stream of each, byte by byte where it is not a pickle."""
    its = _module(api, "serializers")
    marshal = its.MarshalSerializer()
    return [
        _written(marshal, [1, "a", (2.5, None)]).hex(),
        _written(its.BatchedSerializer(marshal, 2), [1, 2, 3]).hex(),
        _written(its.BatchedSerializer(marshal), [1, 2, 3]).hex(),
        _written(its.AutoBatchedSerializer(marshal, 20), range(9)).hex(),
        _written(its.NoOpSerializer(), [b"a", b""]).hex(),
        _written(its.FlattenedValuesSerializer(marshal, 2), [("k", [1, 2, 3])]).hex(),
    ]


def serializers_read_what_they_write(sc, api):
    """All that write."""
    its = _module(api, "serializers")
    values = [1, "a", (2, None), [3.5], {"k": b"v"}]
    framed = (
        its.PickleSerializer(),
        its.CloudPickleSerializer(),
        its.MarshalSerializer(),
        its.CompressedSerializer(its.PickleSerializer()),
    )
    return [
        [_there_and_back(each, values) for each in framed],
        [_there_and_back(its.BatchedSerializer(each, 2), values) for each in framed],
        [_there_and_back(its.AutoBatchedSerializer(each), values) for each in framed],
        _there_and_back(its.FlattenedValuesSerializer(framed[0], 2), [("k", [1, 2, 3])]),
        [each.loads(each.dumps(values)) for each in framed],
    ]


def how_serializers_are_shown_and_compared(sc, api):
    """repr, equality, hash."""
    its = _module(api, "serializers")
    plain, marshal = its.PickleSerializer(), its.MarshalSerializer()
    made = [
        plain,
        its.CompressedSerializer(plain),
        its.BatchedSerializer(marshal),
        its.BatchedSerializer(marshal, 7),
        its.AutoBatchedSerializer(plain),
        its.FlattenedValuesSerializer(plain, 3),
        its.UTF8Deserializer(False),
        its.CartesianDeserializer(plain, marshal),
        its.PairDeserializer(plain, marshal),
        its.NoOpSerializer(),
    ]
    return [
        [repr(each) for each in made],
        [its.BatchedSerializer(marshal, 7) == each for each in made],
        its.AutoBatchedSerializer(plain, 9) == its.AutoBatchedSerializer(plain),
        len({its.PickleSerializer(), plain, marshal}),
        its.CPickleSerializer is its.CloudPickleSerializer,
    ]


def streams_with_marks(sc, api):
    """The end of a section, NULL, and a stream that breaks off."""
    its = _module(api, "serializers")
    one = _written(its.MarshalSerializer(), [1])
    null, end = (-5).to_bytes(4, "big", signed=True), (-1).to_bytes(4, "big", signed=True)

    def read(serializer, data):
        return list(serializer.load_stream(io.BytesIO(data)))

    marshal, text = its.MarshalSerializer(), its.UTF8Deserializer()
    line = b"\x00\x00\x00\x03f\xc3\xbc"
    return [
        read(marshal, one + end + one),
        read(marshal, one + null + one),
        read(marshal, one + one[:-1]),
        read(marshal, b""),
        read(text, line + null + line + end + line),
        read(its.UTF8Deserializer(False), line),
        _attempt(lambda: text.loads(io.BytesIO(end))),
    ]


def streams_of_pairs(sc, api):
    """Frames of keys and of values, one after the other."""
    its = _module(api, "serializers")
    each = its.BatchedSerializer(its.MarshalSerializer(), 2)
    data = b"".join(_written(each, part) for part in ([1, 2], "ab", [3], "c"))
    uneven = b"".join(_written(each, part) for part in ([1, 2], "a"))

    def read(serializer, data):
        return list(serializer.load_stream(io.BytesIO(data)))

    pair, product = its.PairDeserializer(each, each), its.CartesianDeserializer(each, each)
    return [
        read(pair, data),
        read(product, data),
        read(product, uneven),
        _attempt(lambda: read(pair, uneven)),
        read(its.PairDeserializer(pair, each), data + _written(each, "d")),
    ]


def numbers_in_streams(sc, api):
    """read_int and the like, at the end of a stream and before it."""
    its = _module(api, "serializers")
    stream = io.BytesIO()
    its.write_int(-2, stream)
    its.write_long(2**40, stream)
    its.write_with_length(b"abc", stream)
    data = stream.getvalue()
    back = io.BytesIO(data)
    return [
        data.hex(),
        its.read_int(back),
        its.read_long(back),
        its.read_int(back),
        its.read_bool(io.BytesIO(b"\x01")),
        its.pack_long(7).hex(),
        _attempt(lambda: its.read_int(io.BytesIO(b""))),
        type(_attempt(lambda: its.read_int(io.BytesIO(b"ab")))).__name__,
        type(_attempt(lambda: its.write_int(2**31, io.BytesIO()))).__name__,
    ]


def serializers_that_refuse(sc, api):
    """What cannot be done with one."""
    its = _module(api, "serializers")

    class Nothing(its.FramedSerializer):
        def dumps(self, obj):
            return None

    return [
        _attempt(lambda: _written(Nothing(), [1])),
        _attempt(lambda: its.CompressedSerializer(its.BatchedSerializer(its.PickleSerializer()))),
        _attempt(lambda: its.CloudPickleSerializer([]).loads(pickle.dumps(len))),
        its.CloudPickleSerializer([("builtins", "len")]).loads(pickle.dumps(len)) is len,
        type(_attempt(lambda: its.Serializer().dumps(1))).__name__,
        type(_attempt(lambda: its.FramedSerializer().loads(b""))).__name__,
        type(_attempt(lambda: its.UTF8Deserializer().dumps(1))).__name__,
    ]


def contexts_with_other_serializers(api):
    """Compressed, marshalled, and one of the program's own, in batches of all sizes."""
    its = _module(api, "serializers")

    class Reversed(its.FramedSerializer):
        def dumps(self, obj):
            return pickle.dumps(obj)[::-1]

        def loads(self, obj):
            return pickle.loads(obj[::-1])

    answers = []
    for serializer in (
        its.CompressedSerializer(its.PickleSerializer()),
        its.MarshalSerializer(),
        Reversed(),
    ):
        for size in (0, 1, -1):
            with api.SparkContext("local", "names", batchSize=size, serializer=serializer) as sc:
                pairs = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2)
                answers.append(pairs.reduceByKey(lambda x, y: x + y, 2).glom().collect())
    return answers


def samplers_by_hand(sc, api):
    """Their draws, one by one."""
    its = _module(api, "rddsampler")

    class Draws(its.RDDSamplerBase):
        def func(self, split, iterator):
            self.initRandomGenerator(split)
            for mean in iterator:
                yield self.getUniformSample(), self.getPoissonSample(mean)

    return [
        list(Draws(False, 17).func(3, [0.5, 2.0, 30.0])),
        list(its.RDDSampler(True, 2.0, 5).func(1, range(5))),
        list(its.RDDRangeSampler(0.2, 0.6, 5).func(1, range(20))),
        list(
            its.RDDStratifiedSampler(False, {"a": 0.5, "b": 1.0}, 5).func(0, [("a", 1), ("b", 2)])
        ),
        type(_attempt(lambda: its.RDDSamplerBase(False, 1).func(0, []))).__name__,
        sc.parallelize(range(20), 3).mapPartitionsWithIndex(Draws(False, 1).func).count(),
    ]


def joins_as_functions(sc, api):
    """As the methods of RDD."""
    its = _module(api, "join")
    left = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2)
    right = sc.parallelize([("a", 4), ("c", 5)], 2)
    answers = [
        getattr(its, name)(left, right, partitions).glom().collect()
        for name in (
            "python_join",
            "python_left_outer_join",
            "python_right_outer_join",
            "python_full_outer_join",
        )
        for partitions in (None, 2)
    ]
    groups = its.python_cogroup((left, right, left), 2)
    lists = groups.mapValues(lambda sides: [list(side) for side in sides])
    return answers, lists.glom().collect(), groups.mapValues(type).values().distinct().count()


def cloudpickle_by_its_name(sc, api):
    """Functions there and back."""
    its = _module(api, "cloudpickle")
    double = its.loads(its.dumps(lambda x: 2 * x))
    file = io.BytesIO()
    its.dump((1, double), file)
    file.seek(0)
    one, again = its.load(file)
    via_class = io.BytesIO()
    its.CloudPickler(via_class).dump([double])
    return double(4), one, again(5), pickle.loads(via_class.getvalue())[0](6)


def versions(sc, api):
    """Major and minor, and what is no version."""
    split = _module(api, "util").VersionUtils.majorMinorVersion
    texts = ("4.3.0", "2.3.0-SNAPSHOT", "10.20", "4", "x.y", "", "4.3-x")
    return [_attempt(lambda text=text: split(text)) for text in texts]


def traceback_tools(sc, api):
    """walk_tb, print_exec, and a traceback without the package's part."""
    util = _module(api, "util")

    def fail():
        raise ValueError("on purpose")

    answers = []
    try:
        util.fail_on_stopiteration(fail)()
    except ValueError as error:
        stream = io.StringIO()
        util.print_exec(stream)
        answers.append(stream.getvalue().splitlines()[-1])
        answers.append(len(list(util.walk_tb(error.__traceback__))))
        own = error.__traceback__.tb_next  # the wrapper's
        simple = util.try_simplify_traceback(own)
        answers.append([each.tb_frame.f_code.co_name for each in util.walk_tb(simple)])
        whole = util.try_simplify_traceback(error.__traceback__)
        answers.append(len(list(util.walk_tb(whole))))  # begins outside, so all of it
        answers.append(list(util.walk_tb(None)))
    return answers


def small_helpers(sc, api):
    """disable_gc, is_remote_only, and the bounds of Java's numbers."""
    import gc

    util = _module(api, "util")
    with util.disable_gc():
        inside = gc.isenabled()
    gc.disable()
    with util.disable_gc():
        pass
    still_off = not gc.isenabled()
    gc.enable()
    bounds = [
        getattr(util, f"JVM_{kind}_{end}")
        for kind in ("BYTE", "SHORT", "INT", "LONG")
        for end in ("MIN", "MAX")
    ]
    return inside, still_off, gc.isenabled(), util.is_remote_only(), api.is_remote_only(), bounds


def decorators_for_extensions(sc, api):
    """since and keyword_only."""

    @api.since("1.4")
    def one():
        """Gives one.

        Always.
        """

    @api.since(2.0)
    def two():
        """Gives two."""

    class Settings:
        @api.keyword_only
        def __init__(self, *, depth=1):
            self.depth = depth

    made = Settings(depth=3)
    text = [line.strip() for line in one.__doc__.splitlines()]
    return text, two.__doc__, made.depth, made._input_kwargs, _attempt(lambda: Settings(3))


def conditions_by_hand(sc, api):
    """The map of conditions, and its reader."""
    known = _module(api, "errors.error_classes").ERROR_CLASSES_MAP
    reader = _module(api, "errors.utils").ErrorClassesReader()
    names = ("CANNOT_BE_NONE", "NOT_ITERABLE", "RDD_TRANSFORM_ONLY_VALID_ON_DRIVER")
    return [
        [known[name]["message"] for name in names],
        [known[name].get("sqlState") for name in names],
        [reader.get_message_template(name) for name in names],
        [name in reader.error_info_map for name in (*names, "NO_SUCH")],
        [reader.get_sqlstate(name) for name in (*names, "NO_SUCH", None)],
    ]


def captured_errors_are_caught(sc, api):
    """By the class of that name in errors, where they are raised or not."""
    captured, errors = _module(api, "errors.exceptions.captured"), _module(api, "errors")
    names = (
        "AnalysisException",
        "ArithmeticException",
        "IllegalArgumentException",
        "NumberFormatException",
        "ParseException",
        "PythonException",
        "QueryExecutionException",
        "StreamingQueryException",
        "UnknownException",
    )
    return [
        (name, issubclass(getattr(captured, name), getattr(errors, name))) for name in names
    ], issubclass(captured.CapturedException, errors.PySparkException)


def numbers_of_a_barrier_and_profile(sc):
    """Attributes that say what an RDD is."""
    rdd = sc.parallelize([1, 2], 2)
    return rdd.has_resource_profile, rdd.is_cached, rdd.is_checkpointed, rdd.partitioner


def errors_without_java(sc, api):
    """An attribute error for an attribute that needs the JVM is an AttributeError."""
    error = api.errors.PySparkAttributeError(
        "no", errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": "_jvm"}
    )
    return isinstance(error, AttributeError), error.getCondition(), str(error)
