"""From a program's data and schema to rows in their internal form.

For `SparkSession.createDataFrame`. As in Spark: what is looked at, and when, is the same. Must not
know: what becomes of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, cast

from minispark.core.rdd import RDD
from minispark.errors import PySparkTypeError, PySparkValueError
from minispark.sql import settings as names_of
from minispark.sql.absent import not_there_yet
from minispark.sql.inference import Inference, as_of_schema, has_null_type, merge_types
from minispark.sql.types import DataType, StructType
from minispark.sql.verification import verifier

if TYPE_CHECKING:
    from minispark.core.context import SparkContext
    from minispark.sql.settings import Settings

__all__ = ["rows_and_schema"]

_ALL = 0.99
"""A ratio from which on all rows are looked at."""
_MOST_ROWS = 100
"""How many rows are looked at for types that the first ones do not tell."""
_FOREIGN = ("numpy", "pandas", "pyarrow")


def rows_and_schema(
    context: SparkContext,
    settings: Settings,
    data: RDD[Any] | Iterable[Any],
    schema: object,
    ratio: float | None,
    verify: bool,
) -> tuple[RDD[Any], StructType]:
    """The rows as tuples in their internal form, and what their columns are."""
    _refuse_foreign(data)
    if isinstance(schema, str):
        schema = DataType.fromDDL(schema)
    prepare: Callable[[Any], Any] | None = None
    if isinstance(schema, StructType):
        prepare = _verifying(verifier(schema) if verify else None)
    elif isinstance(schema, DataType):
        prepare = _wrapping(verifier(schema, name="field value") if verify else None)
        schema = StructType().add("value", schema)
    elif isinstance(schema, (list, tuple)):
        schema = _names(schema)
    elif schema is not None:
        raise PySparkTypeError(
            errorClass="NOT_EXPECTED_TYPE",
            messageParameters={
                "arg_name": "schema",
                "expected_type": "list, None or StructType",
                "arg_type": type(schema).__name__,
            },
        )
    inference = Inference(
        settings.flag(names_of.DICT_AS_STRUCT),
        settings.flag(names_of.ARRAY_FROM_FIRST),
        settings.flag(names_of.MAP_FROM_FIRST),
        settings.get(names_of.TIMESTAMP_TYPE) == "TIMESTAMP_NTZ",
    )
    if isinstance(data, RDD):
        return _of_rdd(data if prepare is None else data.map(prepare), schema, ratio, inference)
    items = list(data if prepare is None else map(prepare, data))
    rows, struct = _of_list(items, schema, inference)
    return context.parallelize(rows), struct


def _of_rdd(
    rdd: RDD[Any], schema: StructType | list[str] | None, ratio: float | None, inference: Inference
) -> tuple[RDD[Any], StructType]:
    if isinstance(schema, StructType):
        return rdd.map(schema.toInternal), schema
    struct = _inferred_of_rdd(rdd, ratio, schema, inference)
    converted = rdd.map(as_of_schema(struct))
    _rename(struct, schema)
    return converted.map(struct.toInternal), struct


def _of_list(
    data: list[Any], schema: StructType | list[str] | None, inference: Inference
) -> tuple[list[Any], StructType]:
    if isinstance(schema, StructType):
        struct = schema
    else:
        if not data:
            raise _empty()
        struct = _merged(inference.schema(row, schema) for row in data)
        if has_null_type(struct):
            raise _undetermined()
    # By the names that were found: those that are given count from here on.
    convert = as_of_schema(struct)
    rows = [convert(row) for row in data]
    if not isinstance(schema, StructType):
        _rename(struct, schema)
    return [struct.toInternal(row) for row in rows], struct


def _inferred_of_rdd(
    rdd: RDD[Any], ratio: float | None, names: list[str] | None, inference: Inference
) -> StructType:
    first = rdd.first()
    if hasattr(first, "__len__") and len(first) == 0:
        raise _empty()
    if ratio is not None:
        if ratio < _ALL:
            rdd = rdd.sample(False, float(ratio))
        schema_of = partial(inference.schema, names=names)
        found: RDD[DataType] = rdd.map(schema_of)
        return cast(StructType, found.reduce(merge_types))
    struct: DataType = inference.schema(first, names)
    if has_null_type(struct):
        for row in rdd.take(_MOST_ROWS)[1:]:
            struct = merge_types(struct, inference.schema(row, names))
            if not has_null_type(struct):
                break
        else:
            raise _undetermined()
    return cast(StructType, struct)


def _merged(schemas: Iterable[StructType]) -> StructType:
    found: Iterable[DataType] = schemas
    return cast(StructType, reduce(merge_types, found))


def _rename(struct: StructType, names: list[str] | None) -> None:
    for place, name in enumerate(names or ()):
        struct.fields[place].name = name
        struct.names[place] = name


def _names(names: Sequence[Any]) -> list[str]:
    for name in names:
        if not isinstance(name, str):
            raise PySparkTypeError(
                errorClass="NOT_EXPECTED_TYPE",
                messageParameters={
                    "arg_name": "schema",
                    "expected_type": "list of str, None or StructType",
                    "arg_type": f"list with {type(name).__name__}",
                },
            )
    return list(names)


def _verifying(verify: Callable[[Any], object] | None) -> Callable[[Any], Any]:
    def prepare(row: Any) -> Any:
        if verify is not None:
            verify(row)
        return row

    return prepare


def _wrapping(verify: Callable[[Any], object] | None) -> Callable[[Any], Any]:
    def prepare(value: Any) -> Any:
        if verify is not None:
            verify(value)
        return (value,)

    return prepare


def _refuse_foreign(data: object) -> None:
    package = type(data).__module__.partition(".")[0]
    if package in _FOREIGN:
        raise not_there_yet(f"A DataFrame of {package}'s {type(data).__name__}: give a list; this")


def _empty() -> PySparkValueError:
    return PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})


def _undetermined() -> PySparkValueError:
    return PySparkValueError(errorClass="CANNOT_DETERMINE_TYPE", messageParameters={})
