"""Decorators that PySpark's package gives to programs that extend it: ``since``, ``keyword_only``.

Must not know: what is decorated.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

__all__ = ["keyword_only", "since"]

F = TypeVar("F", bound=Callable[..., Any])


def since(version: str | float) -> Callable[[F], F]:
    """Say in a function's docstring since which version it is there.

    >>> from minispark import since
    >>> @since(1.2)
    ... def one():
    ...     '''Gives 1.'''
    >>> print(one.__doc__)
    Gives 1.
    <BLANKLINE>
    .. versionadded:: 1.2
    """

    def decorate(function: F) -> F:
        text = function.__doc__
        if text is None:
            raise AssertionError(f"{function.__name__} has no docstring to say it in")
        indent = min(re.findall(r"\n( +)", text), key=len, default="")
        function.__doc__ = f"{text.rstrip()}\n\n{indent}.. versionadded:: {version}"
        return function

    return decorate


def keyword_only(func: F) -> F:
    """Let a method take its arguments by name only, and keep them as ``self._input_kwargs``.

    >>> from minispark import keyword_only
    >>> class Settings:
    ...     @keyword_only
    ...     def __init__(self, *, depth=1):
    ...         self.given = self._input_kwargs
    >>> Settings(depth=2).given
    {'depth': 2}
    >>> Settings(2)
    Traceback (most recent call last):
    ...
    TypeError: Method __init__ forces keyword arguments.
    """

    @wraps(func)
    def by_name(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args:
            raise TypeError(f"Method {func.__name__} forces keyword arguments.")
        self._input_kwargs = kwargs
        return func(self, **kwargs)

    return cast(F, by_name)
