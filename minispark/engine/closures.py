"""What crosses between driver and tasks: objects as cloudpickle bytes.

Everything a task gets was written by :func:`dumps` and is read by :func:`loads`; so does
everything that a task gives back. Nothing else is shared, whichever executor runs the task.

cloudpickle writes the functions and classes of ``__main__`` by value, and remembers each such
class under an id, so that two copies in one process become one class. In a process that is
driver and worker at once this memory would hand the driver's own class to a task. So a task
reads with a :class:`ClassScope`: inside it a class has one identity (that of the task), and the
id travels on, so that an instance sent back is again an instance of the driver's class.

In Spark's workers PYTHONHASHSEED is 0. A task's own uses of the builtin ``hash`` are given that
answer too: see :mod:`minispark.engine.shuffle.hashing`. And what they print goes to standard
error: a program's standard output is the driver's alone.
"""

from __future__ import annotations

import builtins
import copyreg
import io
import pickle
import sys
import threading
import weakref
from collections.abc import Callable
from functools import partial
from types import CodeType
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as _cloudpickle

from minispark.engine.shuffle.hashing import seed0_hash
from minispark.errors import SparkException

PROTOCOL = pickle.HIGHEST_PROTOCOL
_CLOUDPICKLE_MODULE = _cloudpickle.__name__
_MARKS = (_CLOUDPICKLE_MODULE.encode(), b"builtins", b"__main__")
"""Of these modules a task gets something else than the driver, or nothing."""


class ClassScope:
    """The classes defined by value that one task has read, by cloudpickle's id for them."""

    def __init__(self) -> None:
        self._classes: dict[str, type] = {}

    def intern(self, tracker_id: str, make: Callable[[], type]) -> type:
        cls = self._classes.get(tracker_id)
        if cls is None:
            # Of two threads of the task that read a class at once, one makes the one that counts.
            made = make()
            # Written back under the same id, its instances are the driver's class again; before
            # another thread has it, which may write one.
            _cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS[made] = tracker_id
            cls = self._classes.setdefault(tracker_id, made)
        return cls


_active = threading.local()


def enter_scope(scope: ClassScope | None) -> None:
    """Make ``scope`` the one that :func:`loads` uses on this thread (None: the driver's).

    It is for as long as the task keeps it, so that no thread holds what a task has read.
    """
    _active.scope = None if scope is None else weakref.ref(scope)


def _active_scope() -> ClassScope | None:
    known: weakref.ref[ClassScope] | None = getattr(_active, "scope", None)
    return None if known is None else known()


def _task_print(*values: object, file: Any = None, **options: Any) -> None:
    """`print`; in a task what is for standard output goes to standard error."""
    if _active_scope() is not None and (file is None or file is sys.stdout):
        file = sys.stderr
    print(*values, file=file, **options)


class _BuiltinInTask(partial[Any]):
    """What a builtin function is in a task. As data it is that builtin function, on each side."""

    __name__: str
    __qualname__: str

    def __new__(cls, name: str, function: Callable[..., Any]) -> _BuiltinInTask:
        made = super().__new__(cls, function)
        made.__name__ = made.__qualname__ = name
        made.__module__ = "builtins"
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _builtin, (self.__name__,)

    def __hash__(self) -> int:
        return seed0_hash(getattr(builtins, self.__name__))  # as a key it lies where that does

    def __repr__(self) -> str:
        return f"<built-in function {self.__name__}>"


_IN_TASKS = {
    name: _BuiltinInTask(name, function)
    for name, function in (("hash", seed0_hash), ("print", _task_print))
}
"""Builtin functions that are others in a task."""


def _builtin(name: str) -> Any:
    """The builtin function ``name``, or in a task what stands for it."""
    return getattr(builtins, name) if _active_scope() is None else _IN_TASKS[name]


def dumps(obj: Any) -> bytes:
    """Serialise ``obj``; what cannot be serialised raises Spark's PicklingError."""
    try:
        with io.BytesIO() as file:
            Pickler(file, protocol=PROTOCOL).dump(obj)
            return file.getvalue()
    except (pickle.PickleError, SparkException):
        raise
    except Exception as exc:
        raise pickle.PicklingError(
            f"Could not serialize object: {type(exc).__name__}: {exc}"
        ) from exc


def dumps_with_references(obj: Any) -> tuple[bytes, tuple[object, ...]]:
    """As :func:`dumps`, with what ``obj`` only refers to, see :func:`note_reference`: for as long
    as the bytes are to be read it has to stay.
    """
    outer = getattr(_references, "noted", None)
    noted: list[object] = []
    _references.noted = noted
    try:
        return dumps(obj), tuple(noted)
    finally:
        _references.noted = outer


def note_reference(obj: object) -> None:
    """``obj`` is pickled as the place where its value lies, which goes when ``obj`` does."""
    noted = getattr(_references, "noted", None)
    if noted is not None:
        noted.append(obj)


_references = threading.local()


def loads(data: bytes | bytearray, encoding: str = "bytes") -> Any:
    """Read what :func:`dumps` wrote, inside the class scope of the running task if there is one.

    ``encoding`` is for the str of Python 2, as of ``pickle.loads``.
    """
    scope = _active_scope()
    if scope is None or not any(mark in data for mark in _MARKS):
        return pickle.loads(data, encoding=encoding)
    return _TaskUnpickler(io.BytesIO(data), scope, encoding).load()


def _reduce_code(code: CodeType) -> tuple[Any, tuple[Any, ...]]:
    """As cloudpickle does, but with the name of the file: tracebacks show the program's lines.

    Since 3.1.3 cloudpickle leaves the name out.
    """
    make, arguments = _cloudpickle._code_reduce(code)
    before, after = arguments[:_FILE_NAME], arguments[_FILE_NAME + 1 :]
    return make, (*before, code.co_filename, *after)


_FILE_NAME = 10
"""Where the arguments of types.CodeType have the name of the file, from Python 3.11 on."""


_reducers: tuple[dict[type, Any], dict[type, Any]] = ({}, {})
"""What was registered with copyreg, and the dict that was made then: see the function below."""


def reducers_now() -> dict[type, Any]:
    """How objects of a type are written where the program or cloudpickle has said so, as a dict.

    cloudpickle has it as a ChainMap over ``copyreg.dispatch_table``, since a program may register
    more at any time, also on another thread. To look into one costs more than the rest of writing a
    small object.
    """
    global _reducers
    registered, reducers = _reducers
    if registered != copyreg.dispatch_table:
        registered = copyreg.dispatch_table.copy()
        cloudpickles: dict[type, Any] = cloudpickle.Pickler.dispatch_table.maps[0]
        reducers = {**registered, **cloudpickles, CodeType: _reduce_code}
        _reducers = registered, reducers
    return reducers


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # it has no types
    """cloudpickle's, with the names of source files in functions."""

    @property
    def dispatch_table(self) -> dict[type, Any]:
        return reducers_now()


class _TaskUnpickler(pickle.Unpickler):
    """It must not be part of what it reads: a cycle would keep all records until it is found."""

    def __init__(self, file: io.BytesIO, scope: ClassScope, encoding: str) -> None:
        super().__init__(file, encoding=encoding)
        self._scope = scope

    def find_class(self, module: str, name: str) -> Any:
        if module == _CLOUDPICKLE_MODULE:
            if name == "_make_skeleton_class":
                return partial(_make_skeleton_class, self._scope)
            if name == "_make_skeleton_enum":
                return partial(_make_skeleton_enum, self._scope)
            if name == "_make_function":
                return _make_task_function
        elif module == "builtins" and name in _IN_TASKS:
            return _IN_TASKS[name]
        elif module == "__main__":  # as in Spark's workers, whose main program is another
            raise AttributeError(
                f"Can't get attribute '{name}' on <module '__main__'>: what is defined in the "
                "program's own file cannot be read in a task where it was pickled by name, as "
                "broadcast values are; define it in a module that tasks can import"
            )
        return super().find_class(module, name)


def _make_skeleton_class(
    scope: ClassScope,
    type_constructor: Any,
    name: str,
    bases: tuple[type, ...],
    type_kwargs: dict[str, Any],
    class_tracker_id: str | None,
    extra: Any,
) -> type:
    def make() -> type:
        return _cloudpickle._make_skeleton_class(  # type: ignore[no-any-return]
            type_constructor, name, bases, type_kwargs, None, extra
        )

    return make() if class_tracker_id is None else scope.intern(class_tracker_id, make)


def _make_skeleton_enum(
    scope: ClassScope,
    bases: tuple[type, ...],
    name: str,
    qualname: str,
    members: dict[str, Any],
    module: str,
    class_tracker_id: str | None,
    extra: Any,
) -> type:
    def make() -> type:
        return _cloudpickle._make_skeleton_enum(  # type: ignore[no-any-return]
            bases, name, qualname, members, module, None, extra
        )

    return make() if class_tracker_id is None else scope.intern(class_tracker_id, make)


def _make_task_function(code: Any, globals_: dict[str, Any], *rest: Any) -> Any:
    """A function of the program, read in a task: its builtin functions are the workers' ones."""
    if globals_ is not None:
        for name, in_task in _IN_TASKS.items():
            ordinary = getattr(builtins, name)
            if globals_.get(name, ordinary) is ordinary:
                globals_[name] = in_task
    return _cloudpickle._make_function(code, globals_, *rest)
