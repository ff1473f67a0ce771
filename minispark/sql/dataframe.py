"""``pyspark.sql.dataframe``: rows with a schema, and what an RDD program asks of them.

For programs. What computes the rows is behind `minispark.sql.frames`; how a table looks as text is
`minispark.sql.showing`. Must not know: how rows are computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from minispark.core.no_jvm import NoJvm
from minispark.errors import AnalysisException, PySparkAttributeError, PySparkTypeError
from minispark.sql import settings as names
from minispark.sql.absent import PartOfPySpark, absent_names, not_there_yet
from minispark.storagelevel import StorageLevel

if TYPE_CHECKING:
    from minispark.core.rdd import RDD
    from minispark.sql.frames import Frame
    from minispark.sql.row import Row
    from minispark.sql.session import SparkSession
    from minispark.sql.types import StructType

__all__ = ["DataFrame"]

_ABSENT = """
agg alias approxQuantile asTable checkpoint coalesce colRegex corr cov createGlobalTempView
createOrReplaceGlobalTempView createOrReplaceTempView createTempView crossJoin crosstab cube
describe distinct drop dropDuplicates dropDuplicatesWithinWatermark drop_duplicates dropna exceptAll
executionInfo exists explain fillna filter foreach foreachPartition freqItems groupBy groupby
groupingSets hint inputFiles intersect intersectAll isLocal isStreaming join lateralJoin limit
localCheckpoint mapInArrow mapInPandas melt mergeInto metadataColumn na nearestByJoin observe offset
orderBy pandas_api plot randomSplit registerTempTable repartition repartitionById
repartitionByRange replace rollup sameSemantics sample sampleBy scalar select selectExpr
semanticHash sort sortWithinPartitions stat subtract summary tail to toArrow toJSON
toPandas transform transpose union unionAll unionByName unpivot where withColumn
withColumnRenamed withColumns withColumnsRenamed withMetadata withWatermark write writeStream
writeTo zip zipWithIndex
"""


class DataFrame(PartOfPySpark):
    """Rows with a schema, not computed yet.

    Made by a :class:`~minispark.sql.SparkSession`, never directly.

    >>> from minispark.sql import SparkSession
    >>> spark = SparkSession.builder.getOrCreate()
    >>> df = spark.range(3)
    >>> df
    DataFrame[id: bigint]
    >>> df.rdd.map(lambda row: row.id * 2).collect()
    [0, 2, 4]

    Differs from Spark: it has what takes rows to an RDD, to the program, or to the screen. Queries
    are not there yet.
    """

    _absent = frozenset(_ABSENT.split())
    _jdf = NoJvm("Rows: collect, or rdd. Text: show. What is computed: none, there are no queries")

    def __init__(self, frame: Frame, sparkSession: SparkSession) -> None:
        # First the session: pickling a DataFrame fails for its context, as in Spark.
        self._session = sparkSession
        self._frame = frame

    @property
    def sparkSession(self) -> SparkSession:
        """The session that it was made with."""
        return self._session

    @property
    def schema(self) -> StructType:
        """The names and types of the columns."""
        return self._frame.schema

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.schema.names)

    @property
    def dtypes(self) -> list[tuple[str, str]]:
        """The names of the columns with their types, as SQL writes them."""
        return [(field.name, field.dataType.simpleString()) for field in self.schema.fields]

    @cached_property
    def rdd(self) -> RDD[Row]:
        """The rows as an RDD."""
        return self._frame.rdd()

    def collect(self) -> list[Row]:
        """All rows."""
        return self._frame.collect()

    def count(self) -> int:
        """How many rows there are."""
        return self._frame.count()

    def take(self, num: int) -> list[Row]:
        """The first ``num`` rows.

        Raises
        ------
        AnalysisException
            (INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE) for a number below 0
        """
        if not isinstance(num, int):
            raise _unexpected("num", "int", num)
        if num < 0:
            raise AnalysisException(
                f'The limit like expression "{num}" is invalid. The limit expression must be equal '
                f"to or greater than 0, but got {num}. SQLSTATE: 42K0E",
                errorClass="INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
                messageParameters={"name": "limit", "expr": f'"{num}"', "v": str(num)},
            )
        return self._frame.take(num)

    def head(self, n: int | None = None) -> Row | list[Row] | None:
        """The first row, or None where there is none; with ``n`` a list of the first ``n`` rows."""
        if n is None:
            rows = self.take(1)
            return rows[0] if rows else None
        return self.take(n)

    def first(self) -> Row | None:
        """The first row, or None where there is none."""
        rows = self.take(1)
        return rows[0] if rows else None

    def isEmpty(self) -> bool:
        """Whether there is no row."""
        return not self.take(1)

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Iterator[Row]:
        """All rows, a partition at a time."""
        return self.rdd.toLocalIterator(prefetchPartitions)

    def toDF(self, *cols: str) -> DataFrame:
        """The same rows, with these names for the columns.

        Raises
        ------
        AnalysisException
            (ASSIGNMENT_ARITY_MISMATCH) if there are more columns or fewer

        >>> from minispark.sql import SparkSession
        >>> SparkSession.builder.getOrCreate().range(1).toDF("number").collect()
        [Row(number=0)]
        """
        for name in cols:
            if not isinstance(name, str):
                raise PySparkTypeError(
                    errorClass="NOT_EXPECTED_TYPE",
                    messageParameters={
                        "arg_name": "cols",
                        "expected_type": "list[str]",
                        "arg_type": type(name).__name__,
                    },
                )
        if len(cols) != len(self.schema):
            raise AnalysisException(
                "The number of columns or variables assigned or aliased: "
                f"{len(self.schema)} does not match the number of source expressions: {len(cols)}. "
                "SQLSTATE: 42802",
                errorClass="ASSIGNMENT_ARITY_MISMATCH",
                messageParameters={
                    "numExpr": str(len(cols)),
                    "numTarget": str(len(self.schema)),
                },
            )
        return DataFrame(self._frame.renamed(list(cols)), self._session)

    # -- keeping ---------------------------------------------------------------------------

    def cache(self) -> DataFrame:
        """Keep the rows once they are computed; this DataFrame itself.

        >>> from minispark.sql import SparkSession
        >>> df = SparkSession.builder.getOrCreate().range(3).cache()
        >>> df.count(), df.storageLevel.useMemory
        (3, True)

        Differs from Spark: another DataFrame that is made in the same way is not kept with it.
        """
        return self.persist()

    def persist(self, storageLevel: StorageLevel = StorageLevel.MEMORY_AND_DISK_DESER) -> DataFrame:
        """Keep the rows once they are computed, in this way; this DataFrame itself."""
        self._frame.persist(storageLevel)
        return self

    def unpersist(self, blocking: bool = False) -> DataFrame:
        """Keep the rows no longer; this DataFrame itself."""
        self._frame.unpersist(blocking)
        return self

    @property
    def is_cached(self) -> bool:
        """Whether the rows are kept once they are computed."""
        return self._frame.storage_level() is not None

    @property
    def storageLevel(self) -> StorageLevel:
        """How the rows are kept."""
        return self._frame.storage_level() or StorageLevel.NONE

    # -- showing ---------------------------------------------------------------------------

    def printSchema(self, level: int | None = None) -> None:
        """Print the columns and their types as a tree, ``level`` levels of it."""
        print(self.schema.treeString(level) if level else self.schema.treeString())

    def show(self, n: int = 20, truncate: bool | int = True, vertical: bool = False) -> None:
        """Print the first ``n`` rows as a table.

        Parameters
        ----------
        n
            how many rows
        truncate
            how wide a value may be; True: 20 characters, False: as wide as it is
        vertical
            whether each value has a line of its own
        """
        print(self._show_string(n, truncate, vertical))

    def _show_string(self, n: int = 20, truncate: bool | int = True, vertical: bool = False) -> str:
        from minispark.sql.showing import table_text

        if not isinstance(n, int) or isinstance(n, bool):
            raise _unexpected("n", "int", n)
        if not isinstance(vertical, bool):
            raise _unexpected("vertical", "bool", vertical)
        if truncate is True:
            width = 20
        else:
            try:
                width = int(truncate)
            except ValueError:
                raise _unexpected("truncate", "bool", truncate) from None
        return table_text(self.schema, self.take, self._time_zone(), n, width, vertical)

    def _time_zone(self) -> str:
        return self._session._settings.get(names.TIME_ZONE) or "UTC"

    def __repr__(self) -> str:
        settings = self._session._settings
        if settings.flag(names.EAGER):
            rows, width = settings.number(names.EAGER_ROWS), settings.number(names.EAGER_WIDTH)
            return self._show_string(rows or 0, width or 0)
        return f"DataFrame[{', '.join(f'{name}: {kind}' for name, kind in self.dtypes)}]"

    def _repr_html_(self) -> str | None:
        """What a notebook shows: a table, if the settings ask for that; else what `repr` gives."""
        from minispark.sql.showing import table_html

        settings = self._session._settings
        if not settings.flag(names.EAGER):
            return None
        rows, width = settings.number(names.EAGER_ROWS), settings.number(names.EAGER_WIDTH)
        return table_html(self.schema, self.take, self._time_zone(), rows or 0, width or 0)

    def __getitem__(self, item: object) -> NoReturn:
        raise not_there_yet(f"DataFrame[{item!r}]")

    def _has_no(self, name: str) -> NoReturn:
        if name in self.__dict__.get("_frame").schema.names:  # type: ignore[union-attr]
            raise PySparkAttributeError(
                str(not_there_yet(f"DataFrame.{name}, a column").getMessage()),
            )
        raise PySparkAttributeError(
            errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": name}
        )


def _unexpected(parameter: str, expected: str, value: object) -> PySparkTypeError:
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={
            "expected_type": expected,
            "arg_name": parameter,
            "arg_type": type(value).__name__,
        },
    )


__getattr__ = absent_names(__name__, "DataFrameNaFunctions", "DataFrameStatFunctions")
