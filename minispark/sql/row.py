"""Row: a tuple whose fields may have names.

For programs, and for whatever makes or reads the rows of a DataFrame. As in Spark:
``pyspark.sql.types.Row``, which is where programs import it from. Must not know: schemas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from minispark.errors import (
    PySparkAttributeError,
    PySparkKeyError,
    PySparkRuntimeError,
    PySparkTypeError,
    PySparkValueError,
)

__all__ = ["Row"]


class Row(tuple[Any, ...]):
    """A tuple with names for its fields.

    Made with names, it is a row: its fields are had by name and by place. Made with values alone,
    it is a tuple that, called, makes rows: its values are then the names of their fields.

    Raises
    ------
    PySparkValueError
        (CANNOT_SET_TOGETHER) if values and names are given together

    Examples
    --------
    >>> from minispark.sql import Row
    >>> row = Row(name="Ada", age=36)
    >>> row, row.name, row["age"], row[0]
    (Row(name='Ada', age=36), 'Ada', 36, 'Ada')
    >>> "name" in row, "Ada" in row
    (True, False)
    >>> Person = Row("name", "age")
    >>> Person("Ada", 36) == row
    True

    As in Spark: it compares as the tuple that it is, so names do not count.
    """

    __fields__: list[str]

    @overload
    def __new__(cls, *args: Any) -> Row: ...

    @overload
    def __new__(cls, **kwargs: Any) -> Row: ...

    def __new__(cls, *args: Any, **kwargs: Any) -> Row:
        if args and kwargs:
            raise PySparkValueError(
                errorClass="CANNOT_SET_TOGETHER",
                messageParameters={"arg_list": "args and kwargs"},
            )
        if not kwargs:
            return tuple.__new__(cls, args)
        row = tuple.__new__(cls, kwargs.values())
        row.__fields__ = list(kwargs)
        return row

    def asDict(self, recursive: bool = False) -> dict[str, Any]:
        """The fields as a dict.

        Parameters
        ----------
        recursive
            whether rows among the values, and in lists and dicts among them, become dicts too

        Raises
        ------
        PySparkTypeError
            (CANNOT_CONVERT_TYPE) if the fields have no names

        >>> from minispark.sql import Row
        >>> row = Row(key=1, value=Row(a="x"))
        >>> row.asDict()
        {'key': 1, 'value': Row(a='x')}
        >>> row.asDict(recursive=True)
        {'key': 1, 'value': {'a': 'x'}}

        As in Spark: of fields of the same name the last one stays.
        """
        if not hasattr(self, "__fields__"):
            raise PySparkTypeError(
                errorClass="CANNOT_CONVERT_TYPE",
                messageParameters={"from_type": "Row", "to_type": "dict"},
            )
        values = map(_without_rows, self) if recursive else self
        return dict(zip(self.__fields__, values))  # noqa: B905  # a row may have fewer

    def __contains__(self, item: object) -> bool:
        if hasattr(self, "__fields__"):
            return item in self.__fields__
        return super().__contains__(item)

    def __call__(self, *args: Any) -> Row:
        """A row whose fields are called after the values of this one."""
        if len(args) > len(self):
            raise PySparkValueError(
                errorClass="TOO_MANY_VALUES",
                messageParameters={
                    "expected": str(len(self)),
                    "item": "fields",
                    "actual": str(len(args)),
                },
            )
        return make_row(self, args)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, (int, slice)):
            return super().__getitem__(item)
        try:
            place = self.__fields__.index(item)
        except ValueError:
            raise PySparkValueError(str(item)) from None
        try:
            return super().__getitem__(place)
        except IndexError:
            raise PySparkKeyError(
                errorClass="KEY_NOT_EXISTS", messageParameters={"key": str(item)}
            ) from None

    def __getattr__(self, item: str) -> Any:
        if not item.startswith("__"):
            fields = self.__fields__
            if item in fields and fields.index(item) < len(self):
                return tuple.__getitem__(self, fields.index(item))
        raise PySparkAttributeError(
            errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": item}
        )

    def __setattr__(self, key: Any, value: Any) -> None:
        if key != "__fields__":
            raise PySparkRuntimeError(errorClass="READ_ONLY", messageParameters={"object": "Row"})
        self.__dict__[key] = value

    def __reduce__(self) -> str | tuple[Any, ...]:
        if hasattr(self, "__fields__"):
            return make_row, (self.__fields__, tuple(self))
        return tuple.__reduce__(self)

    def __repr__(self) -> str:
        if hasattr(self, "__fields__"):
            fields = zip(self.__fields__, tuple(self))  # noqa: B905  # a row may have fewer
            return f"Row({', '.join(f'{name}={value!r}' for name, value in fields)})"
        return f"<Row({', '.join(map(repr, self))})>"


def make_row(fields: Sequence[Any], values: Sequence[Any]) -> Row:
    """A row of these values, whose fields have these names.

    >>> make_row(["a", "b"], (1, 2))
    Row(a=1, b=2)
    """
    row = Row(*values)
    row.__dict__["__fields__"] = fields
    return row


def _without_rows(value: Any) -> Any:
    if isinstance(value, Row):
        return value.asDict(True)
    if isinstance(value, list):
        return [_without_rows(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_rows(item) for key, item in value.items()}
    return value


# Its address, as a program sees it.
Row.__module__ = "minispark.sql.types"
