"""Classes that are put together from parts.

For the classes RDD and SparkContext, whose operations stand in modules by what they are for.
"""

from __future__ import annotations

from types import FunctionType

__all__ = ["name_methods_after"]


def name_methods_after(cls: type) -> None:
    """Have the methods of a class's parts carry its own name.

    A call with an argument missing then says ``RDD.map()``, whichever module ``map`` stands in.
    """
    for part in cls.__mro__[1:]:
        if part.__module__.startswith(cls.__module__):
            for name, method in vars(part).items():
                if isinstance(method, FunctionType):
                    method.__qualname__ = f"{cls.__name__}.{name}"
