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
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from types import NoneType, TracebackType
from typing import Any, ClassVar, NoReturn, TypeVar

from minispark.accumulators import REGISTRY
from minispark.conf import SYSTEM_PROPERTIES, SparkConf
from minispark.core.arguments import need_str
from minispark.core.callsite import call_site
from minispark.core.context.base import assert_on_driver
from minispark.core.context.checkpoints import CheckpointOps
from minispark.core.context.control import ControlOps
from minispark.core.context.files import FileOps
from minispark.core.context.hadoop import HadoopSourceOps
from minispark.core.context.names import *  # noqa: F403  # not in __all__, as in PySpark
from minispark.core.context.shared import SharedOps
from minispark.core.context.sources import SourceOps
from minispark.core.cpus import task_cpus, task_slots
from minispark.core.interrupts import cancel_on_interrupt, remove_on_end
from minispark.core.limits import check_executor_memory, max_result_bytes
from minispark.core.master import parse_master
from minispark.core.no_jvm import NoJvm
from minispark.core.parts import name_methods_after
from minispark.core.rdd import RDD
from minispark.core.retries import retries_for
from minispark.core.settings import seconds, whole_number, wrong_value
from minispark.core.storage import compression, local_directories, storage_memory
from minispark.core.workers import is_profiled, workers_for
from minispark.engine.engine import Engine
from minispark.engine.pools import Pools
from minispark.engine.serializers import (
    AutoBatchedSerializer,
    BatchedSerializer,
    CloudPickleSerializer,
    Serializer,
    UTF8Deserializer,
)
from minispark.engine.status import StatusStore
from minispark.errors import PySparkRuntimeError, SparkException
from minispark.launcher import take_in
from minispark.profiler import (
    BasicProfiler,
    MemoryProfiler,
    Profiler,
    ProfilerCollector,
    UDFBasicProfiler,
)
from minispark.resource.information import ResourceInformation
from minispark.version import SPARK_VERSION

__all__ = ["SparkContext"]

T = TypeVar("T")
U = TypeVar("U")

LOG_LEVELS = ("ALL", "DEBUG", "ERROR", "WARN", "INFO", "OFF", "FATAL", "TRACE")


class SparkContext(SourceOps, HadoopSourceOps, SharedOps, ControlOps, FileOps, CheckpointOps):
    """The connection of a program to the engine. One can be active at a time.

    Parameters
    ----------
    master
        ``local`` (one task at a time), ``local[N]``, ``local[*]``, ``local[N,F]`` with F attempts
        a task, or ``local-cluster[W,C,M]``: W times C tasks at a time, in worker processes; None:
        what ``conf`` says, else ``local[*]``
    appName
        a name for the application; None: what ``conf`` says, else ``pyspark-shell``
    sparkHome
        as in Spark; kept in the configuration
    pyFiles
        files for :meth:`addPyFile`
    gateway, jsc
        of a JVM: refused when given
    environment
        environment variables for tasks, as those of ``SparkConf.setExecutorEnv``. Where tasks run
        on threads, ``os.environ`` has them until the context stops.
    batchSize
        how many elements are pickled together; 0 chooses by size, -1 puts all in one
    serializer
        how elements are pickled
    conf
        a SparkConf
    profiler_cls, udf_profiler_cls, memory_profiler_cls
        the profilers that ``spark.python.profile`` turns on; see :meth:`show_profiles`

    Raises
    ------
    ValueError
        if another context is active, or ``batchSize`` is below -1
    TypeError
        if an argument has another type than it should
    SparkException
        if the master is not one of those above

    Examples
    --------
    A program begins with::

        from minispark import SparkContext
        sc = SparkContext("local[2]", "my program")

    >>> sc.parallelize([1, 2, 3]).map(lambda x: x * x).sum()
    14
    """

    _active_spark_context: ClassVar[SparkContext | None] = None

    _jvm = NoJvm(
        "Files and directories: sc.textFile and its like read any path, Python's pathlib or the "
        "package fsspec lists and removes. Log levels: sc.setLogLevel, or Python's logging. Java "
        "classes: none, write it in Python"
    )
    _jsc = NoJvm(
        "Hadoop's configuration: credentials of object stores are read by fsspec's drivers, from "
        "their environment variables and files. Slots: sc.defaultParallelism. Jobs and executors: "
        "sc.statusTracker(). Settings: sc.getConf()"
    )
    _gateway = NoJvm("There is nothing behind it: write it in Python")

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
        profiler_cls: type[BasicProfiler] = BasicProfiler,
        udf_profiler_cls: type[UDFBasicProfiler] = UDFBasicProfiler,
        memory_profiler_cls: type[MemoryProfiler] = MemoryProfiler,
    ) -> None:
        assert_on_driver()
        for option, value in (("gateway", gateway), ("jsc", jsc)):
            if value is not None:
                raise NotImplementedError(
                    f"SparkContext({option}=...) is not supported: there is no JVM: leave it out"
                )
        py_files = list(pyFiles or [])
        if isinstance(pyFiles, str) or not all(isinstance(path, str) for path in py_files):
            raise TypeError(f"pyFiles is a list of paths, not {pyFiles!r}")
        _check_batches(batchSize, serializer)
        profilers = (profiler_cls, udf_profiler_cls, memory_profiler_cls)
        names = ("profiler_cls", "udf_profiler_cls", "memory_profiler_cls")
        for option, given in zip(names, profilers, strict=True):
            if not (isinstance(given, type) and issubclass(given, Profiler)):
                raise TypeError(
                    f"{option} is a class derived from BasicProfiler or Profiler, not {given!r}"
                )
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
            SparkConf._a_context_was_started = True
            try:
                self._start_profiling(*profilers)
                self._start_files(self._conf, py_files)
                self._start_checkpoints(self._conf)
            except BaseException:
                self.stop()
                raise

    def _start_profiling(
        self,
        profiler_cls: type[BasicProfiler],
        udf_profiler_cls: type[UDFBasicProfiler],
        memory_profiler_cls: type[MemoryProfiler],
    ) -> None:
        self.profiler_collector = None
        if is_profiled(self._conf):
            path = self._conf.get("spark.python.profile.dump", None)
            self.profiler_collector = ProfilerCollector(
                profiler_cls, udf_profiler_cls, memory_profiler_cls, path
            )

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
        take_in()
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
        whole_number(settings, "spark.default.parallelism", 0)
        self._slots = parsed.cores
        self._is_cluster = parsed.worker_memory is not None
        check_executor_memory(settings, parsed.worker_memory)
        retries = retries_for(settings, parsed.max_failures, self._is_cluster)
        cpus = task_cpus(settings)
        slots = task_slots(parsed, cpus)
        self._started_ms = int(time.time() * 1000)
        settings.setAll(
            [
                ("spark.app.id", f"local-{self._started_ms}"),
                ("spark.app.startTime", str(self._started_ms)),
                ("spark.executor.id", "driver"),
                ("spark.submit.deployMode", "client"),
            ]
        )
        for key, value in (
            ("spark.app.submitTime", str(self._started_ms)),
            ("spark.driver.host", "localhost"),
            ("spark.serializer.objectStreamReset", "100"),
            ("spark.submit.pyFiles", ""),
        ):
            settings.setIfMissing(key, value)
        self._conf = settings
        self._batchSize = batch_size
        self._unbatched_serializer = serializer
        self.serializer = (
            AutoBatchedSerializer(serializer)
            if batch_size == 0
            else BatchedSerializer(serializer, batch_size)
        )
        self._broadcast_ids = count()
        self._local = threading.local()
        pools = Pools(
            settings.get("spark.scheduler.mode", None) or "FIFO",
            settings.get("spark.scheduler.allocation.file", None),
        )
        retained_jobs = whole_number(settings, "spark.ui.retainedJobs", 1000)
        retained_stages = whole_number(settings, "spark.ui.retainedStages", 1000)
        barrier_seconds = _barrier_seconds(settings)
        memory = _worker_memory(settings)
        result_bytes = max_result_bytes(settings)
        workers = workers_for(settings, self.environment, slots, self._is_cluster)
        # Nothing is read or checked behind this line: the engine has threads and a directory.
        self._running = Engine(
            slots,
            retries,
            local_directories(settings),
            REGISTRY.count,
            pools,
            f"{cpus:f}",
            barrier_seconds,
            workers,
            memory,
            storage_memory(settings),
            compression(settings),
            result_bytes,
        )
        on_threads = {} if workers is not None else self.environment
        self._outer_environment = {name: os.environ.get(name) for name in on_threads}
        self._stop_progress = self._restore_interrupts = self._restore_ends = _nothing_to_undo
        try:
            self._status = StatusStore(retained_jobs, retained_stages)
            self._running.events.add_listener(self._status.on_event)
            os.environ.update(on_threads)
            self._stop_progress = _show_progress(settings, self._running)
            self._restore_interrupts = cancel_on_interrupt(self._cancel_on_interrupt)
            if workers is None:  # else the files go with the workers, whatever ends this process
                self._restore_ends = remove_on_end(self._running.directory.remove)
        except BaseException:
            self._stop_progress()
            self._restore_interrupts()
            self._restore_ends()
            self._restore_environment()
            self._running.stop()
            raise

    # -- properties of the process ---------------------------------------------------------

    @classmethod
    def setSystemProperty(cls, key: str, value: str) -> None:
        """Set a property of this process. SparkConfs made later have those named ``spark...``.

        >>> from minispark import SparkConf, SparkContext
        >>> SparkContext.setSystemProperty("spark.example.colour", "blue")
        >>> SparkConf().get("spark.example.colour")
        'blue'
        """
        name = _property_name(key)
        need_str("value", value)
        take_in()
        SYSTEM_PROPERTIES[name] = value

    @classmethod
    def getSystemProperty(cls, key: str) -> str:
        """A property of this process; None if it is not set.

        >>> from minispark import SparkContext
        >>> SparkContext.setSystemProperty("colour", "blue")
        >>> SparkContext.getSystemProperty("colour")
        'blue'

        Differs from Spark: there are no properties of a Java machine, such as ``java.version``.
        """
        name = _property_name(key)
        take_in()
        return SYSTEM_PROPERTIES.get(name)  # type: ignore[return-value]  # as there

    # -- life ------------------------------------------------------------------------------

    @classmethod
    def getOrCreate(cls, conf: SparkConf | None = None) -> SparkContext:
        """The active context, or a new one with ``conf``.

        >>> SparkContext.getOrCreate() is sc
        True
        """
        assert_on_driver()
        with SparkContext._lock:
            if SparkContext._active_spark_context is None:
                SparkContext(conf=conf or SparkConf())
            assert SparkContext._active_spark_context is not None
            return SparkContext._active_spark_context

    def stop(self) -> None:
        """End the context: running jobs are cancelled, its threads and files go.

        May be called again. A ``with`` block calls it at its end.

        In a program without ``with``::

            sc = SparkContext("local[2]", "my program")
            try:
                print(sc.parallelize([1, 2]).count())
            finally:
                sc.stop()
        """
        with SparkContext._lock:  # held to the end, so that a second call waits
            if self._running is not None:
                self._stop_progress()
                self._stop_files()
                self._restore_interrupts()
                self._running.stop()
                self._restore_ends()
                self._restore_environment()
                self._running = None
            if SparkContext._active_spark_context is self:
                SparkContext._active_spark_context = None

    def _cancel_on_interrupt(self) -> None:
        if self._running is not None:
            self.cancelAllJobs()

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

    # -- about -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def _repr_html_(self) -> str:
        rows = (("Version", f"v{self.version}"), ("Master", self.master), ("AppName", self.appName))
        cells = "".join(f"<dt>{name}</dt><dd><code>{text}</code></dd>" for name, text in rows)
        return f"<div><p><b>SparkContext</b> (minispark)</p><dl>{cells}</dl></div>"

    @property
    def version(self) -> str:
        """The version of Spark whose API and answers are followed.

        >>> sc.version.split(".")[0]
        '4'
        """
        return SPARK_VERSION

    @property
    def applicationId(self) -> str:
        """An id for this run of the application.

        >>> sc.applicationId.startswith("local-")
        True
        """
        return f"local-{self._started_ms}"

    @property
    def startTime(self) -> int:
        """When the context was made, in milliseconds since 1970.

        >>> import time
        >>> 0 <= time.time() * 1000 - sc.startTime < 86_400_000
        True
        """
        return self._started_ms

    @property
    def resources(self) -> dict[str, ResourceInformation]:
        """What the driver has been given besides CPUs; nothing, as in Spark's local mode.

        >>> sc.resources
        {}
        """
        return {}

    @property
    def uiWebUrl(self) -> str | None:
        """Where the web UI is (None; there is none yet).

        >>> sc.uiWebUrl is None
        True

        Differs from Spark: it has one, unless ``spark.ui.enabled`` is false.
        """
        return None

    def sparkUser(self) -> str:
        """The user who runs the application.

        >>> len(sc.sparkUser()) > 0
        True
        """
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

            >>> sc.setLogLevel("WARN")
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

    # -- profiles --------------------------------------------------------------------------

    def show_profiles(self) -> None:
        """Print the profiles of the RDDs computed so far, each once.

        Raises
        ------
        PySparkRuntimeError
            (INCORRECT_CONF_FOR_PROFILE) if ``spark.python.profile`` is not true

        In a program::

            conf = SparkConf().set("spark.python.profile", "true")
            with SparkContext("local", "profiled", conf=conf) as sc:
                sc.parallelize([1, 2], 1).map(str).count()
                sc.show_profiles()

        >>> try:
        ...     sc.show_profiles()
        ... except Exception as exc:
        ...     print(str(exc).split("]")[0])
        [INCORRECT_CONF_FOR_PROFILE

        As in Spark: the functions of this package are in it too. While a partition is profiled,
        what it reads and gives is in memory.
        """
        self._profilers().show_profiles()

    def dump_profiles(self, path: str) -> None:
        """Write the profiles into a directory, a file ``rdd_<id>.pstats`` each, and forget them.

        Raises
        ------
        PySparkRuntimeError
            (INCORRECT_CONF_FOR_PROFILE) if ``spark.python.profile`` is not true

        >>> try:
        ...     sc.dump_profiles("profiles")
        ... except Exception as exc:
        ...     print(str(exc).split("]")[0])
        [INCORRECT_CONF_FOR_PROFILE
        """
        self._profilers().dump_profiles(path)

    def _profilers(self) -> ProfilerCollector:
        if self.profiler_collector is None:
            raise PySparkRuntimeError(errorClass="INCORRECT_CONF_FOR_PROFILE", messageParameters={})
        return self.profiler_collector

    def __getnewargs__(self) -> NoReturn:
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})


def _check_batches(batch_size: object, serializer: object) -> None:
    if not isinstance(batch_size, int):
        raise TypeError(f"batchSize is an int, not {type(batch_size).__name__}: {batch_size!r}")
    if batch_size < -1:
        raise ValueError(
            f"batchSize is a number of elements, 0 to choose it by size, or -1 to put all in one "
            f"batch, not {batch_size}"
        )
    if not isinstance(serializer, Serializer):
        raise TypeError(
            "serializer is an instance of a class of minispark.serializers, such as "
            f"CPickleSerializer(), not {serializer!r}"
        )
    if isinstance(serializer, (BatchedSerializer, UTF8Deserializer)):
        raise TypeError(
            f"serializer is one of single elements, such as CPickleSerializer(), not {serializer}: "
            "batches are made by batchSize"
        )


def _property_name(key: object) -> str:
    if need_str("key", key) == "":
        raise SparkException("key can't be empty", "java.lang.IllegalArgumentException")
    return str(key)


def _worker_memory(conf: SparkConf) -> int:
    """What the tasks of one process may hold together, in bytes."""
    text = str(conf.get("spark.python.worker.memory", "512m"))
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([kmgt])", text.lower())
    size = 0 if match is None else int(float(match[1]) * 1024 ** (1 + "kmgt".index(match[2])))
    if size <= 0:
        raise ValueError(
            "invalid format: spark.python.worker.memory is an amount of memory with a unit "
            f"(k, m, g or t), such as 512m or 1.5g, not '{text}'"
        )
    return size


def _barrier_seconds(conf: SparkConf) -> int | None:
    key = "spark.barrier.sync.timeout"
    time_limit = seconds(conf, key, None)
    if time_limit is not None and time_limit <= 0:
        raise wrong_value(key, str(conf.get(key)), "The value should be a positive time value.")
    return time_limit


def _show_progress(conf: SparkConf, engine: Engine) -> Callable[[], None]:
    """Show a progress bar if a person is looking and has not turned it off; how to end it."""
    wanted = str(conf.get("spark.ui.showConsoleProgress", "true")).lower() == "true"
    if not wanted or sys.stderr is None or not sys.stderr.isatty():
        return _nothing_to_undo
    from minispark.ui.progress import ConsoleProgressBar

    bar = ConsoleProgressBar(sys.stderr)
    engine.events.add_listener(bar.on_event)
    return bar.stop


def _nothing_to_undo() -> None:
    pass


def _stop_at_exit() -> None:
    while (context := SparkContext._active_spark_context) is not None:
        with suppress(KeyboardInterrupt):  # one more Ctrl-C: the files are to go nevertheless
            context.stop()


name_methods_after(SparkContext)
atexit.register(_stop_at_exit)
