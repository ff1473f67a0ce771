"""What arguments have to be: refused by name, with what was given and what is accepted.

For the classes of the facade. Must not know: any operation.
"""

from __future__ import annotations

__all__ = ["need_count", "need_str"]


def need_str(parameter: str, value: object) -> str:
    """``value``, which is a str; raises TypeError if it is not.

    >>> need_str("path", 3)
    Traceback (most recent call last):
    ...
    TypeError: path is a str, not int: 3
    """
    if not isinstance(value, str):
        raise TypeError(f"{parameter} is a str, not {type(value).__name__}: {value!r}")
    return value


def need_count(parameter: str, value: object) -> int | None:
    """``value``, which is an int or None; raises TypeError if it is not.

    >>> need_count("minPartitions", "3")
    Traceback (most recent call last):
    ...
    TypeError: minPartitions is an int or None, not str: '3'
    """
    if value is not None and not isinstance(value, int):
        raise TypeError(f"{parameter} is an int or None, not {type(value).__name__}: {value!r}")
    return value
