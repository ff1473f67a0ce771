"""SparkContext: where a program begins.

Makes RDDs from data and files, broadcast variables and accumulators, and owns the engine that
runs their jobs. As in Spark: ``pyspark.core.context``.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, count
from types import NoneType, TracebackType
from typing import Any, ClassVar, NoReturn, TypeVar, cast

from minispark.accumulators import (
    COMPLEX_ACCUMULATOR_PARAM,
    FLOAT_ACCUMULATOR_PARAM,
    INT_ACCUMULATOR_PARAM,
    REGISTRY,
    Accumulator,
    AccumulatorParam,
)
from minispark.conf import SparkConf
from minispark.core.broadcast import Broadcast
from minispark.core.callsite import call_site
from minispark.core.master import parse_master
from minispark.core.rdd import RDD
from minispark.core.rdd.structure import union_node
from minispark.core.rdd.tasks.sources import range_slice
from minispark.engine.engine import Engine, collect_frames
from minispark.engine.lineage import (
    EmptyNode,
    FileNode,
    MapPartitionsNode,
    Node,
    ParallelCollectionNode,
)
from minispark.engine.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CloudPickleSerializer,
    Frame,
    FrameCodec,
    NoOpSerializer,
    PairDeserializer,
    Serializer,
    UTF8Deserializer,
)
from minispark.errors import PySparkRuntimeError, SparkException
from minispark.taskcontext import TaskContext
from minispark.version import SPARK_VERSION

__all__ = ["SparkContext"]

T = TypeVar("T")
U = TypeVar("U")

LOG_LEVELS = ("ALL", "DEBUG", "ERROR", "WARN", "INFO", "OFF", "FATAL", "TRACE")


class SparkContext:
    """The connection of a program to the engine. One can be active at a time.

    Parameters
    ----------
    master
        ``local`` (one task at a time), ``local[N]``, ``local[*]``, or ``local[N,F]`` with F
        attempts a task; None: what ``conf`` says, else ``local[*]``
    appName
        a name for the application; None: what ``conf`` says, else ``pyspark-shell``
    sparkHome
        as in Spark; kept in the configuration
    pyFiles, gateway, jsc
        not supported here: refused when given
    environment
        environment variables for tasks. Tasks run in this process, so ``os.environ`` has them
        until the context stops; likewise those of ``SparkConf.setExecutorEnv``.
    batchSize
        how many elements are pickled together; 0 chooses by size, -1 puts all in one
    serializer
        how elements are pickled
    conf
        a SparkConf

    Raises
    ------
    ValueError
        if another context is active
    SparkException
        if the master is not one of those above

    Examples
    --------
    A program begins with

        from minispark import SparkContext
        sc = SparkContext("local[2]", "my program")

    >>> sc.parallelize([1, 2, 3]).map(lambda x: x * x).sum()
    14
    """

    _active_spark_context: ClassVar[SparkContext | None] = None
    _lock: ClassVar[threading.RLock] = threading.RLock()

    def __init__(
        self,
        master: str | None = None,
        appName: str | None = None,
        sparkHome: str | None = None,
        pyFiles: list[str] | None = None,
        environment: dict[str, Any] | None = None,
        batchSize: int = 0,
        serializer: Serializer = CloudPickleSerializer(),  # noqa: B008  # frozen, as in Spark
        conf: SparkConf | None = None,
        gateway: object = None,
        jsc: object = None,
    ) -> None:
        _assert_on_driver()
        for option, value, way_out in (
            ("pyFiles", pyFiles, "put the files' folder on sys.path"),
            ("gateway", gateway, "there is no JVM: leave it out"),
            ("jsc", jsc, "there is no JVM: leave it out"),
        ):
            if value:
                raise NotImplementedError(f"SparkContext({option}=...) is not supported: {way_out}")
        with SparkContext._lock:
            self._made_at = call_site()
            active = SparkContext._active_spark_context
            if active is not None:
                raise ValueError(
                    "Cannot run multiple SparkContexts at once; existing SparkContext"
                    f"(app={active.appName}, master={active.master}) created by "
                    f"{active._made_at.function} at {active._made_at.file}:"
                    f"{active._made_at.line} "
                )
            self._start(master, appName, sparkHome, environment, batchSize, serializer, conf)
            SparkContext._active_spark_context = self

    def _start(
        self,
        master: str | None,
        app_name: str | None,
        spark_home: str | None,
        environment: dict[str, Any] | None,
        batch_size: int,
        serializer: Serializer,
        conf: SparkConf | None,
    ) -> None:
        settings = SparkConf()
        if not isinstance(conf, (SparkConf, NoneType)):
            raise TypeError(f"conf is a SparkConf, not {type(conf).__name__}: {conf!r}")
        if conf is not None:
            settings.setAll(conf.getAll())
        for key, value in (
            ("spark.master", master),
            ("spark.app.name", app_name),
            ("spark.home", spark_home),
        ):
            if value:
                settings.set(key, value)
        settings.setIfMissing("spark.master", "local[*]")
        settings.setIfMissing("spark.app.name", "pyspark-shell")
        for name, value in (environment or {}).items():
            settings.setExecutorEnv(name, value)
        self.environment = {
            key.removeprefix("spark.executorEnv."): value
            for key, value in settings.getAll()
            if key.startswith("spark.executorEnv.")
        }
        self.master = str(settings.get("spark.master"))
        self.appName = str(settings.get("spark.app.name"))
        self.sparkHome = settings.get("spark.home", None)
        self.pythonExec = os.environ.get("PYSPARK_PYTHON", "python3")
        self.pythonVer = ".".join(map(str, sys.version_info[:2]))
        parsed = parse_master(self.master)
        parallelism = settings.get("spark.default.parallelism", None)
        if parallelism is not None and re.fullmatch(r"\s*-?[0-9]+\s*", parallelism) is None:
            raise SparkException(
                "Illegal value for config key spark.default.parallelism: "
                f"'{parallelism}' is not an int",
                "java.lang.NumberFormatException",
            )
        self._slots = parsed.slots
        self._started_ms = int(time.time() * 1000)
        settings.setAll(
            [
                ("spark.app.id", f"local-{self._started_ms}"),
                ("spark.app.startTime", str(self._started_ms)),
                ("spark.driver.host", "localhost"),
                ("spark.executor.id", "driver"),
                ("spark.submit.deployMode", "client"),
            ]
        )
        self._conf = settings
        self._batchSize = batch_size
        self._unbatched_serializer = serializer
        self.serializer: FrameCodec = (
            AutoBatchedSerializer(serializer)
            if batch_size == 0
            else BatchedSerializer(serializer, batch_size)
        )
        self._broadcast_ids = count()
        self._local = threading.local()
        self._running: Engine | None = Engine(
            parsed.slots,
            parsed.max_failures,
            os.environ.get("SPARK_LOCAL_DIRS") or settings.get("spark.local.dir", None),
            REGISTRY.count,
        )
        self._outer_environment = {name: os.environ.get(name) for name in self.environment}
        try:
            os.environ.update(self.environment)
            self._stop_progress = _show_progress(settings, self._running)
        except BaseException:
            self._restore_environment()
            self._running.stop()
            raise

    # -- life ------------------------------------------------------------------------------

    @classmethod
    def getOrCreate(cls, conf: SparkConf | None = None) -> SparkContext:
        """The active context, or a new one with ``conf``.

        >>> SparkContext.getOrCreate() is sc
        True
        """
        _assert_on_driver()
        with SparkContext._lock:
            if SparkContext._active_spark_context is None:
                SparkContext(conf=conf or SparkConf())
            assert SparkContext._active_spark_context is not None
            return SparkContext._active_spark_context

    def stop(self) -> None:
        """End the context: running jobs are cancelled, its threads and files go.

        May be called again. A ``with`` block calls it at its end.
        """
        with SparkContext._lock:  # held to the end, so that a second call waits
            if self._running is not None:
                self._stop_progress()
                self._running.stop()
                self._restore_environment()
                self._running = None
            if SparkContext._active_spark_context is self:
                SparkContext._active_spark_context = None

    def _restore_environment(self) -> None:
        for name, before in self._outer_environment.items():
            if before is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = before

    def __enter__(self) -> SparkContext:
        return self

    def __exit__(
        self,
        type: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _engine(self) -> Engine:
        _assert_on_driver()
        if self._running is None:
            raise SparkException(
                "Cannot call methods on a stopped SparkContext.\n"
                f"This one was created at: {self._made_at}",
                "java.lang.IllegalStateException",
            )
        return self._running

    # -- about -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def _repr_html_(self) -> str:
        rows = (("Version", f"v{self.version}"), ("Master", self.master), ("AppName", self.appName))
        cells = "".join(f"<dt>{name}</dt><dd><code>{text}</code></dd>" for name, text in rows)
        return f"<div><p><b>SparkContext</b> (minispark)</p><dl>{cells}</dl></div>"

    @property
    def version(self) -> str:
        """The version of Spark whose API and answers are followed."""
        return SPARK_VERSION

    @property
    def applicationId(self) -> str:
        """An id for this run of the application."""
        return f"local-{self._started_ms}"

    @property
    def startTime(self) -> int:
        """When the context was made, in milliseconds since 1970."""
        return self._started_ms

    @property
    def uiWebUrl(self) -> str | None:
        """The address of the web UI: None, there is none yet."""
        return None

    @property
    def defaultParallelism(self) -> int:
        """How many partitions ``parallelize`` makes when it is not told.

        ``spark.default.parallelism`` if it is set, else the number of slots.
        """
        value = self._conf.get("spark.default.parallelism", None)
        return self._slots if value is None else int(value.strip())

    @property
    def defaultMinPartitions(self) -> int:
        """How many partitions a file has at least when it is not told: at most 2."""
        return min(self.defaultParallelism, 2)

    def sparkUser(self) -> str:
        """The user who runs the application."""
        import getpass

        return os.environ.get("SPARK_USER") or getpass.getuser()

    def getConf(self) -> SparkConf:
        """A copy of the configuration.

        >>> sc.getConf().get("spark.executor.id")
        'driver'
        """
        return SparkConf().setAll(sorted(self._conf.getAll()))

    def setLogLevel(self, logLevel: str) -> None:
        """Which messages of minispark's logger are shown.

        Parameters
        ----------
        logLevel
            one of ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE, WARN, in any case
        """
        level = logLevel.upper()
        if level not in LOG_LEVELS:
            raise SparkException(
                f"requirement failed: Supplied level {level} did not match one of: "
                f"{','.join(LOG_LEVELS)}",
                "java.lang.IllegalArgumentException",
            )
        import logging

        extra = {"ALL": 0, "TRACE": 5, "FATAL": logging.CRITICAL, "OFF": logging.CRITICAL + 10}
        logging.getLogger("minispark").setLevel(extra.get(level, level))

    # -- local properties ------------------------------------------------------------------

    @property
    def _properties(self) -> dict[str, str]:
        """The properties of this thread."""
        if not hasattr(self._local, "properties"):
            self._local.properties = {}
        return cast("dict[str, str]", self._local.properties)

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Set a property of the jobs that this thread submits; None takes it away.

        >>> sc.setLocalProperty("team", "blue")
        >>> from minispark import TaskContext
        >>> def team(_):
        ...     return TaskContext.get().getLocalProperty("team")
        >>> sc.parallelize([1], 1).map(team).collect()
        ['blue']
        >>> sc.setLocalProperty("team", None)
        """
        _need_str("key", key)
        if value is None:
            self._properties.pop(key, None)
        else:
            _need_str("value", value)
            self._properties[key] = value

    def getLocalProperty(self, key: str) -> str | None:
        """A property of this thread, or None."""
        return self._properties.get(key)

    def setJobDescription(self, value: str | None) -> None:
        """Describe the jobs that this thread submits from now on."""
        self.setLocalProperty("spark.job.description", value)

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Name the group of the jobs that this thread submits from now on."""
        self.setLocalProperty("spark.jobGroup.id", groupId)
        self.setLocalProperty("spark.job.description", description)
        self.setLocalProperty("spark.job.interruptOnCancel", str(interruptOnCancel).lower())

    # -- sources ---------------------------------------------------------------------------

    def emptyRDD(self) -> RDD[Any]:
        """An RDD with no partitions and no elements.

        >>> sc.emptyRDD().collect()
        []
        """
        node = EmptyNode(self._engine.new_node_id(), _native("emptyRDD"))
        return RDD(self, NoOpSerializer(), node, None)

    def range(
        self, start: int, end: int | None = None, step: int = 1, numSlices: int | None = None
    ) -> RDD[int]:
        """The ints of ``range(start, end, step)``; of ``range(start)`` if there is no ``end``.

        >>> sc.range(5).collect(), sc.range(2, 9, 3).collect()
        ([0, 1, 2, 3, 4], [2, 5, 8])

        As in Spark: each partition makes its part by itself; nothing is sent.
        """
        if end is None:
            start, end = 0, start
        return self.parallelize(range(start, end, step), numSlices)

    def parallelize(self, c: Iterable[T], numSlices: int | None = None) -> RDD[T]:
        """The elements of ``c`` as an RDD.

        Parameters
        ----------
        c
            any iterable. It is read and pickled now: an iterator once, for good, and changes to
            a list later on change nothing.
        numSlices
            how many partitions; None: :attr:`defaultParallelism`

        Raises
        ------
        PicklingError
            if an element cannot be pickled

        Examples
        --------
        >>> sc.parallelize([0, 2, 3, 4, 6], 5).glom().collect()
        [[0], [2], [3], [4], [6]]
        >>> sc.parallelize(range(0, 6, 2), 5).glom().collect()
        [[], [0], [], [2], [4]]
        """
        slices = self.defaultParallelism if numSlices is None else int(numSlices)
        if isinstance(c, range):
            empty: RDD[Any] = self.parallelize([], slices)
            if len(c) == 0:
                return empty
            return cast("RDD[T]", empty.mapPartitionsWithIndex(partial(range_slice, c, slices)))
        elements: Sequence[T] = cast("Sequence[T]", c) if "__len__" in dir(c) else list(c)
        batch_size = max(1, min(len(elements) // slices, self._batchSize or 1024))
        codec = BatchedSerializer(self._unbatched_serializer, batch_size)
        node = ParallelCollectionNode(
            self._engine.new_node_id(),
            "readRDDFromFile at PythonRDD.scala:326",
            list(codec.frames(elements)),
            slices,
        )
        return RDD(self, codec, node, None)

    def textFile(
        self, name: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[str]:
        """The lines of a text file, or of all files of a directory, glob or comma list.

        Parameters
        ----------
        name
            a path
        minPartitions
            about how many partitions at least; None: :attr:`defaultMinPartitions`
        use_unicode
            False: elements are UTF-8 bytes

        Raises
        ------
        SparkException
            from the action, if there is no such path

        Examples
        --------
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "greeting.txt")
        ...     with open(path, "w") as file:
        ...         _ = file.write("hello\\nworld\\n")
        ...     sc.textFile(path).collect()
        ['hello', 'world']

        As in Spark: splits, line ends and file order are Hadoop's.
        """
        from minispark.io.text import read_split_text, text_splits

        _need_str("name", name)

        minimum = minPartitions or min(self.defaultParallelism, 2)
        site = _native("textFile")
        source = FileNode(
            self._engine.new_node_id(),
            site,
            "HadoopRDD",
            partial(text_splits, name, minimum),
            read_split_text if use_unicode else _read_split_bytes,
        )
        node = MapPartitionsNode(self._engine.new_node_id(), site, source)
        source.name = node.name = name
        return RDD(self, UTF8Deserializer(use_unicode), node, None)

    def wholeTextFiles(
        self, path: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[tuple[str, str]]:
        """(name, content) of each file of a directory, glob or comma list.

        Parameters
        ----------
        path
            a path
        minPartitions
            about how many partitions at least; None: :attr:`defaultMinPartitions`
        use_unicode
            False: names and contents are UTF-8 bytes
        """
        from minispark.io.whole import whole_file_splits

        _need_str("path", path)

        minimum = minPartitions or self.defaultMinPartitions
        site = _native("wholeTextFiles")
        source = FileNode(
            self._engine.new_node_id(),
            site,
            "WholeTextFileRDD",
            partial(whole_file_splits, path, minimum),
            partial(_read_whole_files, use_unicode),
        )
        node = MapPartitionsNode(self._engine.new_node_id(), site, source)
        node.name = path
        text = UTF8Deserializer(use_unicode)
        return RDD(self, PairDeserializer(text, text), node, None)

    def union(self, rdds: list[RDD[T]]) -> RDD[T]:
        """The elements of all ``rdds``, one after the other.

        >>> sc.union([sc.parallelize([1], 1), sc.parallelize([2, 3], 2)]).glom().collect()
        [[1], [2], [3]]
        """
        codec = rdds[0]._codec
        if any(rdd._codec != codec for rdd in rdds):
            rdds = [rdd._reserialize() for rdd in rdds]
        return RDD(self, rdds[0]._codec, union_node(self, [rdd._node for rdd in rdds]), None)

    # -- shared variables ------------------------------------------------------------------

    def broadcast(self, value: T) -> Broadcast[T]:
        """Send ``value`` to tasks once; they read it from ``.value``.

        Raises
        ------
        PicklingError
            if ``value`` cannot be pickled

        >>> limit = sc.broadcast(2)
        >>> sc.parallelize([1, 2, 3]).filter(lambda x: x > limit.value).collect()
        [3]
        """
        broadcast_id = next(self._broadcast_ids)
        path = self._engine.directory.file(f"broadcast_{broadcast_id}")
        return Broadcast.create(broadcast_id, path, value)

    def accumulator(
        self, value: T, accum_param: AccumulatorParam[T] | None = None
    ) -> Accumulator[T]:
        """A variable that tasks add to, starting at ``value``.

        Parameters
        ----------
        value
            an int, float or complex number, or any value that ``accum_param`` can add
        accum_param
            how to add; needed for values of other types

        Raises
        ------
        TypeError
            if ``value`` is no number and there is no ``accum_param``
        """
        param: Any = accum_param
        if param is None:
            for kind, default in (
                (int, INT_ACCUMULATOR_PARAM),
                (float, FLOAT_ACCUMULATOR_PARAM),
                (complex, COMPLEX_ACCUMULATOR_PARAM),
            ):
                if isinstance(value, kind):
                    param = default
                    break
            else:
                raise TypeError(f"No default accumulator param for type {type(value)}")
        return REGISTRY.register(value, param)

    # -- jobs ------------------------------------------------------------------------------

    def runJob(
        self,
        rdd: RDD[T],
        partitionFunc: Callable[[Iterable[T]], Iterable[U]],
        partitions: Sequence[int] | None = None,
        allowLocal: bool = False,
    ) -> list[U]:
        """Apply ``partitionFunc`` to some partitions of ``rdd``; all that it gives, as a list.

        Parameters
        ----------
        partitionFunc
            a function of an iterator over a partition's elements, which gives an iterable
        partitions
            their indexes; None: all
        allowLocal
            has no effect, as in Spark since 1.x

        >>> sc.runJob(sc.parallelize([1, 2, 3, 4], 2), lambda it: [sum(it)], [1])
        [7]
        """
        chosen = range(rdd.getNumPartitions()) if partitions is None else list(partitions)
        for partition in chosen:
            if not isinstance(partition, int):
                raise TypeError(f"partitions are ints, not {type(partition).__name__}")
        mapped = rdd.mapPartitions(partitionFunc)
        return self._collect(mapped._node, mapped._codec, chosen)

    def _collect(
        self, node: Node, codec: FrameCodec, partitions: Sequence[int] | None
    ) -> list[Any]:
        results = self._engine.run_job(node, collect_frames, partitions, dict(self._properties))
        return list(codec.records(chain.from_iterable(results)))

    def __getnewargs__(self) -> NoReturn:
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})


def _need_str(parameter: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{parameter} is a str, not {type(value).__name__}: {value!r}")


def _read_split_bytes(split: Any) -> Iterator[Frame]:
    from minispark.io.text import read_split, repair_text

    return map(repair_text, read_split(split))


def _read_whole_files(use_unicode: bool, split: Any) -> Iterator[Frame]:
    from minispark.io.text import decode_text, repair_text
    from minispark.io.whole import read_whole_split

    for name, content in read_whole_split(split):
        if use_unicode:
            yield name, decode_text(content)
        else:
            yield name.encode(), repair_text(content)


def _native(operation: str) -> str:
    return f"{operation} at NativeMethodAccessorImpl.java:0"


def _assert_on_driver() -> None:
    if TaskContext.get() is not None:
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})


def _show_progress(conf: SparkConf, engine: Engine) -> Callable[[], None]:
    """Show a progress bar if a person is looking and has not turned it off; how to end it."""
    wanted = str(conf.get("spark.ui.showConsoleProgress", "true")).lower() == "true"
    if not wanted or sys.stderr is None or not sys.stderr.isatty():
        return lambda: None
    from minispark.ui.progress import ConsoleProgressBar

    bar = ConsoleProgressBar(sys.stderr)
    engine.events.add_listener(bar.on_event)
    return bar.stop


def _stop_at_exit() -> None:
    context = SparkContext._active_spark_context
    if context is not None:
        context.stop()


atexit.register(_stop_at_exit)
