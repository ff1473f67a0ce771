"""``pyspark.sql.readwriter``: DataFrames from files.

For programs, by ``spark.read``. Must not know: how files are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minispark.errors import (
    AnalysisException,
    IllegalArgumentException,
    PySparkTypeError,
)
from minispark.sql.absent import PartOfPySpark, absent_names, not_there_yet
from minispark.sql.frames import TextInput
from minispark.sql.types import DataType, StringType, StructType
from minispark.sql.utils import to_str

if TYPE_CHECKING:
    from minispark.sql.dataframe import DataFrame
    from minispark.sql.session import SparkSession

__all__ = ["DataFrameReader"]

_WHOLE = "wholeText"
_SEPARATOR = "lineSep"
_PATTERN = "pathGlobFilter"
_RECURSIVE = "recursiveFileLookup"
_OPTIONS = {name.lower(): name for name in (_WHOLE, _SEPARATOR, _PATTERN, _RECURSIVE)}


class DataFrameReader(PartOfPySpark):
    """Makes DataFrames from files: ``spark.read``.

    >>> import os, tempfile
    >>> from minispark.sql import SparkSession
    >>> spark = SparkSession.builder.getOrCreate()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "greeting.txt")
    ...     with open(path, "w") as file:
    ...         _ = file.write("hello\\nworld\\n")
    ...     spark.read.text(path).collect()
    [Row(value='hello'), Row(value='world')]

    Differs from Spark: it reads text alone. The other formats are not there yet.
    """

    _absent = frozenset({"changes", "csv", "jdbc", "json", "orc", "parquet", "table", "xml"})

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark
        self._format: str | None = None
        self._schema: StructType | None = None
        self._options: dict[str, str] = {}
        self._path: str | None = None

    def format(self, source: str) -> DataFrameReader:
        """What the files hold, for :meth:`load`: "text"."""
        if not isinstance(source, str):
            raise _unexpected("source", "str", source)
        if source.lower() != "text":
            raise not_there_yet(f"Reading files of the format {source!r}")
        self._format = source
        return self

    def schema(self, schema: StructType | str) -> DataFrameReader:
        """What the columns are called: for text one column of strings."""
        found = DataType.fromDDL(schema) if isinstance(schema, str) else schema
        if not isinstance(found, StructType):
            raise _unexpected("schema", "StructType or str", schema)
        self._schema = found
        return self

    def option(self, key: str, value: Any) -> DataFrameReader:
        """Set an option of :meth:`text` by its name, whatever its case; None is as if not given.

        Raises
        ------
        PySparkNotImplementedError
            for an option that is not there

        Differs from Spark: there an option that is not known is left unread.
        """
        if key.lower() == "path":
            self._path = to_str(value)
            return self
        known = _OPTIONS.get(key.lower())
        if known is None:
            accepted = ", ".join(_OPTIONS.values())
            raise not_there_yet(f"The option {key!r} of text (there are {accepted})")
        if value is not None:
            self._options[known] = str(to_str(value))
        return self

    def options(self, **options: Any) -> DataFrameReader:
        """Set several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def load(
        self,
        path: str | list[str] | None = None,
        format: str | None = None,
        schema: StructType | str | None = None,
        **options: Any,
    ) -> DataFrame:
        """The DataFrame of the files at ``path``, whose format is "text"."""
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        if self._format is None:
            raise not_there_yet("Reading files of the format 'parquet'")
        if path is None:
            paths = [] if self._path is None else [self._path]
            self._path = None
        else:
            paths = [path] if isinstance(path, str) else path
        return self._text(paths)

    def text(
        self,
        paths: str | list[str] | tuple[str, ...],
        wholetext: bool = False,
        lineSep: str | None = None,
        pathGlobFilter: bool | str | None = None,
        recursiveFileLookup: bool | str | None = None,
        modifiedBefore: bool | str | None = None,
        modifiedAfter: bool | str | None = None,
    ) -> DataFrame:
        """The lines of text files, as a DataFrame with one column, ``value``.

        Parameters
        ----------
        paths
            a path or several: each a file, a directory or a glob
        wholetext
            whether each file is one row
        lineSep
            what ends a row; None: a line feed, a carriage return, or both
        pathGlobFilter
            a glob that names of files have to match
        recursiveFileLookup
            whether directories in directories are read
        modifiedBefore, modifiedAfter
            not there yet

        Raises
        ------
        AnalysisException
            (PATH_NOT_FOUND) if there is nothing at a path
        IllegalArgumentException
            for an empty ``lineSep``
        PySparkNotImplementedError
            for directories that are called after values, such as ``day=3``, and for options that
            are not there yet

        Examples
        --------
        >>> import os, tempfile
        >>> from minispark.sql import SparkSession
        >>> spark = SparkSession.builder.getOrCreate()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "list.txt")
        ...     with open(path, "w") as file:
        ...         _ = file.write("a;b;c")
        ...     spark.read.text(path, lineSep=";").rdd.map(lambda row: row.value).collect()
        ['a', 'b', 'c']

        As in Spark: files are cut and put together into partitions by their size, as the settings
        ``spark.sql.files.*`` say; empty files and hidden ones are left out.
        """
        given = {
            "wholetext": wholetext,
            "lineSep": lineSep,
            "pathGlobFilter": pathGlobFilter,
            "recursiveFileLookup": recursiveFileLookup,
            "modifiedBefore": modifiedBefore,
            "modifiedAfter": modifiedAfter,
        }
        self.options(**{key: value for key, value in given.items() if value is not None})
        return self._text([paths] if isinstance(paths, str) else paths)

    def _text(self, paths: list[str] | tuple[str, ...]) -> DataFrame:
        from minispark.sql.dataframe import DataFrame

        if not isinstance(paths, (list, tuple)) or not all(isinstance(p, str) for p in paths):
            raise _unexpected("paths", "str or list of str", paths)
        if self._path is not None:
            raise AnalysisException(
                "There is a 'path' or 'paths' option set and load() is called with path parameters."
                " Either remove the path option if it's the same as the path parameter, or add it "
                "to the load() parameter if you do want to read multiple paths. To ignore this "
                "check, set 'spark.sql.legacy.pathOptionBehavior.enabled' to 'true'."
            )
        separator = self._options.get(_SEPARATOR)
        if separator == "":
            raise IllegalArgumentException(
                "requirement failed: 'lineSep' cannot be an empty string."
            )
        source = TextInput(
            tuple(paths),
            self._flag(_WHOLE),
            separator,
            self._options.get(_PATTERN),
            self._flag(_RECURSIVE),
            self._column(),
        )
        return DataFrame(self._spark._engine.text(source), self._spark)

    def _flag(self, option: str) -> bool:
        text = self._options.get(option, "false")
        try:
            return {"true": True, "false": False}[text.lower()]
        except KeyError:
            raise IllegalArgumentException(f'For input string: "{text}"') from None

    def _column(self) -> str:
        if self._schema is None:
            return "value"
        for field in self._schema.fields:
            if not isinstance(field.dataType, StringType):
                kind = field.dataType.simpleString().upper()
                raise AnalysisException(
                    f"The Text datasource doesn't support the column `{field.name}` of the type "
                    f'"{kind}". SQLSTATE: 0A000',
                    errorClass="UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
                    messageParameters={
                        "columnName": f"`{field.name}`",
                        "columnType": f'"{kind}"',
                        "format": "Text",
                    },
                )
        if len(self._schema) != 1:
            raise AnalysisException(
                f"Text data source supports only a single column, and you have "
                f"{len(self._schema)} columns."
            )
        return self._schema.fields[0].name


def _unexpected(parameter: str, expected: str, value: object) -> PySparkTypeError:
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={
            "arg_name": parameter,
            "expected_type": expected,
            "arg_type": type(value).__name__,
        },
    )


__getattr__ = absent_names(__name__, "DataFrameWriter", "DataFrameWriterV2")
