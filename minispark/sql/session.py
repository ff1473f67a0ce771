"""``pyspark.sql.session``: SparkSession, where a program for DataFrames begins.

For programs. Must not know: what computes DataFrames (`minispark.sql.frames` chooses it).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, overload

from minispark.conf import SparkConf
from minispark.core.context import SparkContext
from minispark.core.no_jvm import NoJvm
from minispark.core.rdd import RDD
from minispark.errors import IllegalArgumentException, PySparkRuntimeError, PySparkTypeError
from minispark.errors.exceptions.captured import install_exception_handler
from minispark.io import home
from minispark.sql.absent import PartOfPySpark, not_there_yet
from minispark.sql.conf import RuntimeConfig
from minispark.sql.frames import FrameEngine, engine_for
from minispark.sql.readwriter import DataFrameReader
from minispark.sql.settings import Settings, need_value
from minispark.sql.utils import to_str
from minispark.version import SPARK_VERSION

if TYPE_CHECKING:
    from minispark.sql.dataframe import DataFrame
    from minispark.sql.types import DataType, StructType

__all__ = ["SparkSession"]

_REMOTE = "spark.remote"
_CATALOG = "spark.sql.catalogImplementation"
_WAREHOUSE = "spark.sql.warehouse.dir"

_ABSENT = """
addArtifact addArtifacts addTag catalog clearProgressHandlers clearTags copyFromLocalToFs dataSource
getTags interruptAll interruptOperation interruptTag profile readStream registerProgressHandler
removeProgressHandler removeTag sql streams table tvf udf udtf
"""


class _Builders:
    """Gives a new builder each time it is asked for."""

    def __get__(self, instance: object, owner: type[SparkSession]) -> SparkSession.Builder:
        return owner.Builder()


class SparkSession(PartOfPySpark):
    """The connection of a program to DataFrames, on top of a context.

    Parameters
    ----------
    sparkContext
        the context. Where the default session runs on one, its settings are shared.
    jsparkSession
        of a JVM: refused when given
    options
        settings by name

    Examples
    --------
    A program begins with::

        from minispark.sql import SparkSession
        spark = SparkSession.builder.master("local[2]").appName("my program").getOrCreate()

    >>> from minispark.sql import SparkSession
    >>> spark = SparkSession.builder.getOrCreate()
    >>> spark.sparkContext is sc
    True

    As in Spark: there is one context in a process, and sessions share it.
    """

    _absent = frozenset(_ABSENT.split())

    class Builder:
        """Gathers settings for a session, and gets or makes it.

        >>> from minispark.sql import SparkSession
        >>> builder = SparkSession.builder.appName("nightly").config("colour", "blue")
        >>> builder.getOrCreate().conf.get("colour")
        'blue'
        """

        _lock = threading.RLock()

        def __init__(self) -> None:
            self._options: dict[str, Any] = {}

        @overload
        def config(self, *, conf: SparkConf) -> SparkSession.Builder: ...

        @overload
        def config(self, key: str, value: Any) -> SparkSession.Builder: ...

        @overload
        def config(self, *, map: dict[str, Any]) -> SparkSession.Builder: ...

        def config(
            self,
            key: str | None = None,
            value: Any = None,
            conf: SparkConf | None = None,
            *,
            map: dict[str, Any] | None = None,
        ) -> SparkSession.Builder:
            """Note a setting, or all of a SparkConf or a dict.

            >>> from minispark.sql import SparkSession
            >>> builder = SparkSession.builder.config("colour", "blue").config(map={"size": 3})
            >>> spark = builder.getOrCreate()
            >>> spark.conf.get("colour"), spark.conf.get("size")
            ('blue', '3')
            """
            with self._lock:
                if conf is not None:
                    self._options.update(conf.getAll())
                elif map is not None:
                    self._options.update((name, to_str(given)) for name, given in map.items())
                else:
                    self._options[key] = to_str(value)  # type: ignore[index]  # None: see _checked
                return self

        def master(self, master: str) -> SparkSession.Builder:
            """Where tasks run, such as "local[4]"."""
            return self.config("spark.master", master)

        def appName(self, name: str) -> SparkSession.Builder:
            """The name of the application."""
            return self.config("spark.app.name", name)

        def remote(self, url: str) -> SparkSession.Builder:
            """The address of a Spark Connect server: refused.

            Raises
            ------
            PySparkNotImplementedError
                always: there is no client of Spark Connect. Its servers refuse RDDs too.
            """
            raise _no_remote(url)

        def enableHiveSupport(self) -> SparkSession.Builder:
            """Tables of Hive: refused.

            Raises
            ------
            PySparkNotImplementedError
                always: there are no tables, and Hive runs in Java
            """
            raise _no_hive()

        def getOrCreate(self) -> SparkSession:
            """The session that runs, with these settings applied; or a new one.

            Raises
            ------
            SparkException
                if the master is not one of those that there are

            >>> from minispark.sql import SparkSession
            >>> spark = SparkSession.builder.getOrCreate()
            >>> SparkSession.builder.config("colour", "red").getOrCreate() is spark
            True
            >>> spark.conf.get("colour")
            'red'

            As in Spark: a session or a context that runs already is used; what a context reads
            when it starts, such as the master, is then as it was.
            """
            with self._lock:
                session = SparkSession._instantiatedSession
                options = self._checked()
                if session is None or session._sc._running is None:
                    return SparkSession(self._context(), options=options)
                session._settings.apply(options)
                return session

        def create(self) -> SparkSession:
            """A new session, with settings of its own, on the context that runs or on a new one.

            >>> from minispark.sql import SparkSession
            >>> one = SparkSession.builder.getOrCreate()
            >>> other = SparkSession.builder.config("shade", "green").create()
            >>> other is one, other.conf.get("shade"), one.conf.get("shade", "none")
            (False, 'green', 'none')
            """
            with self._lock:
                options = self._checked()
                session = SparkSession._instantiatedSession
                running = session is not None and session._sc._running is not None
                context = session._sc if session is not None and running else self._context()
                return SparkSession._with(context, _settings_of(context, options))

        def _context(self) -> SparkContext:
            return SparkContext.getOrCreate(SparkConf().setAll(self._options.items()))

        def _checked(self) -> dict[str, str]:
            """The settings, all of which have a name and a value, and none asks for a JVM."""
            for key, value in self._options.items():
                if key is None:
                    raise IllegalArgumentException("requirement failed: key cannot be null")
                if not isinstance(key, str):
                    raise TypeError(f"the name of a setting is a str, not {key!r}")
                need_value(key, value)
            if _REMOTE in self._options or "SPARK_REMOTE" in os.environ:
                raise _no_remote(self._options.get(_REMOTE) or os.environ["SPARK_REMOTE"])
            if self._options.get(_CATALOG, "in-memory") != "in-memory":
                raise _no_hive()
            return dict(self._options)

    builder: ClassVar[_Builders] = _Builders()
    """A new :class:`SparkSession.Builder` each time it is asked for."""

    _instantiatedSession: ClassVar[SparkSession | None] = None
    _activeSession: ClassVar[SparkSession | None] = None
    _active_in: ClassVar[threading.local] = threading.local()
    """Whether a session is active in the thread."""

    _jvm = NoJvm("DataFrames: those of this session. Java classes: none, write it in Python")
    _jsparkSession = NoJvm("There is nothing behind it: use the methods of SparkSession")

    def __init__(
        self,
        sparkContext: SparkContext,
        jsparkSession: object = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        if not isinstance(sparkContext, SparkContext):
            raise TypeError(
                f"sparkContext is a SparkContext, not {type(sparkContext).__name__}: "
                f"{sparkContext!r}"
            )
        if jsparkSession is not None:
            raise NotImplementedError(
                "SparkSession(jsparkSession=...) is not supported: there is no JVM: leave it out"
            )
        assert sparkContext._engine  # raises where the context is stopped
        default = SparkSession._instantiatedSession
        if default is not None and default._sc is sparkContext:
            settings = default._settings
            settings.apply(options or {})
        else:
            settings = _settings_of(sparkContext, options or {})
        self._become(sparkContext, settings)

    @classmethod
    def _with(cls, context: SparkContext, settings: Settings) -> SparkSession:
        session = cls.__new__(cls)
        session._become(context, settings)
        return session

    def _become(self, context: SparkContext, settings: Settings) -> None:
        self._sc = context
        self._settings = settings
        _give_rdds_to_df(self)
        install_exception_handler()
        default = SparkSession._instantiatedSession
        if default is None or default._sc._running is None:
            SparkSession._instantiatedSession = self
            SparkSession._activate(self)

    @classmethod
    def _activate(cls, session: SparkSession) -> None:
        SparkSession._activeSession = session
        SparkSession._active_in.is_set = True

    @cached_property
    def _engine(self) -> FrameEngine:
        return engine_for(self._sc, self._settings)

    # -- what it is ------------------------------------------------------------------------

    @property
    def sparkContext(self) -> SparkContext:
        """The context that it runs on.

        >>> from minispark.sql import SparkSession
        >>> SparkSession.builder.getOrCreate().sparkContext.parallelize([1, 2]).count()
        2
        """
        return self._sc

    @property
    def version(self) -> str:
        """The version of Spark that it stands for.

        >>> from minispark.sql import SparkSession
        >>> SparkSession.builder.getOrCreate().version == sc.version
        True
        """
        return SPARK_VERSION

    @cached_property
    def conf(self) -> RuntimeConfig:
        """Its settings.

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> spark.conf.set("colour", "blue")
        >>> spark.conf.get("colour")
        'blue'
        """
        return RuntimeConfig(self._settings)

    @property
    def client(self) -> object:
        """Of Spark Connect alone, as in Spark.

        Raises
        ------
        PySparkRuntimeError
            (ONLY_SUPPORTED_WITH_SPARK_CONNECT) always
        """
        raise PySparkRuntimeError(
            errorClass="ONLY_SUPPORTED_WITH_SPARK_CONNECT",
            messageParameters={"feature": "SparkSession.client"},
        )

    # -- other sessions --------------------------------------------------------------------

    def newSession(self) -> SparkSession:
        """A session with settings of its own, on the same context.

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> spark.newSession().sparkContext is sc
        True
        """
        return SparkSession._with(self._sc, _settings_of(self._sc, {}))

    @classmethod
    def getActiveSession(cls) -> SparkSession | None:
        """The session that was made or used last in this thread; None if there is none.

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> SparkSession.getActiveSession() is spark
        True
        """
        if SparkContext._active_spark_context is None:
            return None
        if not getattr(SparkSession._active_in, "is_set", False):
            return None
        session = SparkSession._activeSession
        return None if session is None or session._sc._running is None else session

    @classmethod
    def active(cls) -> SparkSession:
        """The active session, or the one that was made first.

        Raises
        ------
        PySparkRuntimeError
            (NO_ACTIVE_OR_DEFAULT_SESSION) if there is none

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> SparkSession.active() is spark
        True
        """
        session = cls.getActiveSession() or SparkSession._instantiatedSession
        if session is None:
            raise PySparkRuntimeError(
                errorClass="NO_ACTIVE_OR_DEFAULT_SESSION", messageParameters={}
            )
        return session

    # -- DataFrames ------------------------------------------------------------------------

    @property
    def read(self) -> DataFrameReader:
        """What makes DataFrames from files.

        >>> from minispark.sql import SparkSession
        >>> reader = SparkSession.builder.getOrCreate().read
        """
        return DataFrameReader(self)

    def range(
        self,
        start: int,
        end: int | None = None,
        step: int = 1,
        numPartitions: int | None = None,
    ) -> DataFrame:
        """The ints of ``range(start, end, step)`` in a column ``id``; of ``range(start)`` alone.

        Parameters
        ----------
        start, end, step
            as of Python's range
        numPartitions
            how many partitions; None: ``defaultParallelism`` of the context

        Raises
        ------
        IllegalArgumentException
            if ``step`` is 0, or ``numPartitions`` is not positive

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> spark.range(1, 7, 2, 2).rdd.glom().collect()
        [[Row(id=1)], [Row(id=3), Row(id=5)]]
        """
        from minispark.sql.dataframe import DataFrame

        if end is None:
            start, end = 0, start
        parts = self._sc.defaultParallelism if numPartitions is None else int(numPartitions)
        return DataFrame(self._engine.range(int(start), int(end), int(step), parts), self)

    def createDataFrame(
        self,
        data: RDD[Any] | Iterable[Any],
        schema: StructType | DataType | str | Sequence[str] | None = None,
        samplingRatio: float | None = None,
        verifySchema: bool = True,
    ) -> DataFrame:
        """A DataFrame of the rows of an RDD or of an iterable.

        Parameters
        ----------
        data
            the rows: tuples, lists, Rows, namedtuples, dicts or objects with attributes; with a
            schema that is no struct, values of its type
        schema
            a StructType, or a text that stands for one (``a int, b string``); another type: that of
            the one column, ``value``; names of columns, whose types are found; None: names and
            types are found
        samplingRatio
            of an RDD without types, how large a part is looked at for them; None: the first rows
            until all types are known
        verifySchema
            whether each value is checked against the schema

        Raises
        ------
        PySparkValueError, PySparkTypeError
            if values are not as the schema says, or no types are found for them. For an RDD this is
            an error of the action.

        Examples
        --------
        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> df = spark.createDataFrame([("Ada", 36), ("Grace", None)], "name string, age int")
        >>> df.collect()
        [Row(name='Ada', age=36), Row(name='Grace', age=None)]
        >>> spark.createDataFrame(sc.parallelize([(1, 2.5)]), ["id", "weight"])
        DataFrame[id: bigint, weight: double]

        As in Spark: rows of a list go to partitions as `parallelize` places them, and values are
        then of their columns' types, or None. Differs from Spark: pandas, numpy and Arrow data is
        refused.
        """
        from minispark.sql.creating import rows_and_schema
        from minispark.sql.dataframe import DataFrame

        SparkSession._activate(self)
        if isinstance(data, DataFrame):
            raise PySparkTypeError(
                errorClass="INVALID_TYPE",
                messageParameters={"arg_name": "data", "arg_type": "DataFrame"},
            )
        rows, struct = rows_and_schema(
            self._sc, self._settings, data, schema, samplingRatio, verifySchema
        )
        return DataFrame(self._engine.of_rows(rows, struct), self)

    def emptyDataFrame(self, schema: StructType | str) -> DataFrame:
        """A DataFrame without rows.

        >>> from minispark.sql import SparkSession
        >>> SparkSession.builder.getOrCreate().emptyDataFrame("a int").count()
        0
        """
        return self.createDataFrame([], schema)

    # -- the end ---------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the context, and with it all sessions.

        In a program without ``with``::

            spark = SparkSession.builder.getOrCreate()
            try:
                print(spark.read.text("notes.txt").count())
            finally:
                spark.stop()
        """
        self._sc.stop()
        SparkSession._instantiatedSession = None
        SparkSession._activeSession = None
        SparkSession._active_in.is_set = False
        RDD.toDF = _without_session  # type: ignore[method-assign]

    def _repr_html_(self) -> str:
        return f"<p><b>SparkSession</b></p>{self.sparkContext._repr_html_()}"

    def __enter__(self) -> SparkSession:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.stop()


_without_session = RDD.toDF


def _give_rdds_to_df(session: SparkSession) -> None:
    """Have `RDD.toDF` make DataFrames of this session."""

    def toDF(
        self: RDD[Any],
        schema: StructType | DataType | str | Sequence[str] | None = None,
        sampleRatio: float | None = None,
    ) -> DataFrame:
        """A DataFrame of the rows of this RDD: ``spark.createDataFrame`` of it.

        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> sc.parallelize([(1, "a")]).toDF(["x", "y"]).collect()
        [Row(x=1, y='a')]

        As in Spark: it is there while there is a session.
        """
        if session._sc._running is None:
            _without_session(self, schema, sampleRatio)
        return session.createDataFrame(self, schema, sampleRatio)

    toDF.__qualname__ = _without_session.__qualname__
    RDD.toDF = toDF  # type: ignore[method-assign,assignment]


def _settings_of(context: SparkContext, options: dict[str, str]) -> Settings:
    """The settings of a new session: its context's, and those that it is made with."""
    settings = Settings(dict(context._conf.getAll()))
    if _WAREHOUSE not in settings.all():
        settings.put(_WAREHOUSE, f"file:{home.directory()}/spark-warehouse")
    for key, value in options.items():
        settings.put(key, need_value(key, value))
    return settings


def _no_remote(url: object) -> Exception:
    return not_there_yet(
        f"A session of Spark Connect ({url}), whose servers have no RDDs: leave out remote(), "
        f"{_REMOTE} and SPARK_REMOTE; it"
    )


def _no_hive() -> Exception:
    return not_there_yet(
        "Hive, which runs in Java and has tables for DataFrames: leave out enableHiveSupport() and "
        f"{_CATALOG}; it"
    )
