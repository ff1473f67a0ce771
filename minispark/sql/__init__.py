"""``pyspark.sql``: what an RDD program needs of it.

    session      SparkSession: where a program begins
    conf         its settings, as programs see them (settings: which there are)
    readwriter   DataFrames from text files
    dataframe    rows with a schema (showing: as a table on the screen)
    types        types, schemas and Row
    utils        older addresses of exceptions

What computes DataFrames is behind one interface, `frames`; what PySpark has besides is refused by
name (`absent`).
"""

from minispark.sql.absent import absent_names
from minispark.sql.dataframe import DataFrame
from minispark.sql.readwriter import DataFrameReader
from minispark.sql.row import Row
from minispark.sql.session import SparkSession
from minispark.sql.utils import is_remote

__all__ = ["DataFrame", "DataFrameReader", "Row", "SparkSession", "is_remote"]

__getattr__ = absent_names(
    __name__,
    *("Catalog", "Column", "DataFrameNaFunctions", "DataFrameStatFunctions", "DataFrameWriter"),
    *("DataFrameWriterV2", "Geography", "Geometry", "GroupedData", "HiveContext"),
    *("MergeIntoWriter", "Observation", "PandasCogroupedOps", "SQLContext", "UDFRegistration"),
    *("UDTFRegistration", "VariantVal", "Window", "WindowSpec"),
    # Modules
    *("avro", "catalog", "classic", "column", "connect", "context", "datasource", "functions"),
    *("group", "merge", "observation", "pandas", "plot", "profiler", "protobuf", "streaming"),
    *("tvf", "udf", "udtf", "window"),
)
