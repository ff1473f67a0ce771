"""Broadcast variables: values that the driver sends once and tasks only read.

The value is pickled into a file when it is broadcast. What pickles with a closure is the file's
name; a task reads it when it first asks for the value. What it has read is kept for the next task
in the same worker process, or on the same thread, if that refers to it too, as in Spark.
As in Spark: ``pyspark.core.broadcast``.
"""

from __future__ import annotations

import io
import os
import pickle
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar, cast
from weakref import WeakValueDictionary

from minispark.core.callsite import call_site
from minispark.core.no_jvm import NoJvm
from minispark.core.workers import are_reused
from minispark.engine import closures, taskstate
from minispark.engine.blockfile import Segment, append_segment, new_block_file, read_segments
from minispark.engine.sharing import keep, share
from minispark.errors import PySparkRuntimeError, SparkException

if TYPE_CHECKING:
    from minispark.core.context import SparkContext

__all__ = ["Broadcast"]

T = TypeVar("T")


class Broadcast(Generic[T]):
    """A value that every task can read; made by ``SparkContext.broadcast``.

    Examples
    --------
    >>> names = sc.broadcast({1: "one", 2: "two"})
    >>> names.value[1]
    'one'
    >>> sc.parallelize([2, 1, 2]).map(lambda x: names.value[x]).collect()
    ['two', 'one', 'two']
    >>> names.destroy()
    """

    _jbroadcast = NoJvm("The value: broadcast.value")

    def __init__(
        self,
        sc: SparkContext | None = None,
        value: T | None = None,
        pickle_registry: BroadcastPickleRegistry | None = None,
        path: str | None = None,
        sock_file: BinaryIO | None = None,
    ) -> None:
        self._destroyed_at: str | None = None
        self._on_driver = sc is not None
        if sc is not None:
            self._id, self._path = sc._place_for_broadcast()
            self._segment = _write(self._path, self._pickled(value))
            self._version = 0
            self._are_kept = are_reused(sc._conf)
            self._copies = threading.local()
            _known[self._path] = self
        elif sock_file is not None:
            self._value: T = self.load(sock_file)
        elif path is not None:
            self._value = self.load_from_path(path)
        else:
            raise TypeError(
                "a Broadcast is made with a SparkContext, or read from path or sock_file"
            )

    def dump(self, value: T, f: BinaryIO) -> None:
        """Pickle ``value`` into a file, and close it.

        Raises
        ------
        PicklingError
            if ``value`` cannot be pickled

        >>> import os, tempfile
        >>> numbers = sc.broadcast([1, 2])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "value")
        ...     numbers.dump([3, 4], open(path, "wb"))
        ...     numbers.load_from_path(path)
        [3, 4]
        """
        f.write(self._pickled(value))
        f.close()

    def load(self, file: BinaryIO) -> T:
        """What :meth:`dump` has written.

        >>> import io, pickle
        >>> sc.broadcast([1, 2]).load(io.BytesIO(pickle.dumps([3, 4])))
        [3, 4]
        """
        return cast("T", pickle.load(file))

    def load_from_path(self, path: str) -> T:
        """What :meth:`dump` has written into the file at ``path``.

        >>> import os, tempfile
        >>> numbers = sc.broadcast([1, 2])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "value")
        ...     numbers.dump([3, 4], open(path, "wb"))
        ...     numbers.load_from_path(path)
        [3, 4]
        """
        with open(path, "rb") as file:
            return self.load(file)

    def _pickled(self, value: T | None) -> bytes:
        try:
            data = io.BytesIO()
            pickler = pickle.Pickler(data, closures.PROTOCOL)
            pickler.fast = _has_nothing_twice(value)
            pickler.dump(value)
            return data.getvalue()
        except pickle.PickleError:
            raise
        except Exception as exc:
            raise _could_not_serialize(exc) from exc

    @property
    def value(self) -> T:
        """A copy of the value, on the driver as well, and the same one each time it is asked for.

        >>> names = ["a", "b"]
        >>> copy = sc.broadcast(names)
        >>> copy.value == names, copy.value is names, copy.value is copy.value
        (True, False, True)
        """
        try:
            return self._value
        except AttributeError:  # not read yet; many tasks ask for each record
            pass
        self._refuse_if_destroyed()
        if self._path in _kept:
            _, self._value = _kept[self._path]
        else:
            self._value = self._read()
        return self._value

    def _read(self) -> T:
        state = taskstate.current()
        if state is None or self._on_driver:
            return self._load()
        of_driver = _known.get(self._path)  # there is one if the task is on a thread
        copies = None if of_driver is None or not of_driver._are_kept else of_driver._copies
        if copies is not None and hasattr(copies, "value"):
            return cast("T", copies.value)
        state.is_reading_broadcast = True
        try:
            value = self._load()
        finally:
            state.is_reading_broadcast = False
        if copies is not None:
            copies.value = value
            _on_thread.copies[self._path] = copies
        if self._path in _to_be_kept:
            _kept[self._path] = (_to_be_kept[self._path], value)
        return value

    def _load(self) -> T:
        (data,) = read_segments(self._path, [self._segment])
        return cast("T", closures.loads(data))

    def unpersist(self, blocking: bool = False) -> None:
        """Drop the copies that tasks have; they read it anew if they need it again.

        Parameters
        ----------
        blocking
            as in Spark; here there is nothing to wait for: the copies are gone when the next
            stage begins

            >>> limit = sc.broadcast(2)
            >>> limit.unpersist()
            >>> sc.parallelize([1, 2, 3]).filter(lambda x: x > limit.value).collect()
            [3]
        """
        if not self._on_driver:
            raise _invalid("unpersisted")
        self._refuse_if_destroyed()
        self._version += 1
        self._copies = threading.local()

    def destroy(self, blocking: bool = False) -> None:
        """Remove the value for good: a later job that uses it fails.

        Parameters
        ----------
        blocking
            as in Spark; the value is always gone when this returns

            >>> limit = sc.broadcast(2)
            >>> limit.destroy()
            >>> try:
            ...     sc.parallelize([1]).map(lambda x: limit.value).collect()
            ... except Exception as exc:
            ...     print("after it was destroyed" in str(exc))
            True
        """
        if not self._on_driver:
            raise _invalid("destroyed")
        self._refuse_if_destroyed()
        self._destroyed_at = str(call_site())
        self._copies = threading.local()
        _known.pop(self._path, None)
        os.unlink(self._path)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self._on_driver:
            raise _invalid("serialized")
        if self._destroyed_at is not None:
            raise SparkException(f"Task not serializable\n{self._destroyed_text()}")
        return (_in_task, (self._id, self._path, self._segment))

    def _refuse_if_destroyed(self) -> None:
        if self._destroyed_at is not None:
            raise SparkException(
                f"[INTERNAL_ERROR_BROADCAST] {self._destroyed_text()}  SQLSTATE: XX000"
            )

    def _destroyed_text(self) -> str:
        return (
            f"Attempted to use Broadcast({self._id}) after it was destroyed ({self._destroyed_at})"
        )


_NUMBERS = frozenset({int, float, bool, type(None)})
"""What pickle writes each time anew; it looks whether it has written any other object before."""


def _has_nothing_twice(value: object) -> bool:
    """Whether pickle would look in vain: a set of texts and numbers, or a dict of such to numbers.

    To look costs seven times as much as to write.
    """
    keys = _NUMBERS | {str, bytes}
    if type(value) is dict:
        return _NUMBERS.issuperset(map(type, value.values())) and keys.issuperset(map(type, value))
    return type(value) in (set, frozenset) and keys.issuperset(map(type, cast("set[Any]", value)))


def _invalid(operation: str) -> PySparkRuntimeError:
    return PySparkRuntimeError(
        errorClass="INVALID_BROADCAST_OPERATION", messageParameters={"operation": operation}
    )


def _in_task(broadcast_id: int, path: str, segment: Segment) -> Broadcast[Any]:
    """What unpickling a broadcast variable gives: one for each task."""
    state = taskstate.current()
    found: Broadcast[Any] | None = None if state is None else state.broadcasts.get(broadcast_id)
    if found is None:
        # As in Spark: it is sent with a function that refers to it, not inside another's value.
        if state is None or state.is_reading_broadcast:
            raise PySparkRuntimeError(
                errorClass="BROADCAST_VARIABLE_NOT_LOADED",
                messageParameters={"variable": str(broadcast_id)},
            )
        found = state.broadcasts[broadcast_id] = Broadcast.__new__(Broadcast)
        found._id, found._path, found._segment = broadcast_id, path, segment
        found._on_driver, found._destroyed_at = False, None
    return found


_known: WeakValueDictionary[str, Broadcast[Any]] = WeakValueDictionary()
"""The driver's broadcast variables, by the path of their file."""

_to_be_kept: dict[str, int] = {}
"""In a worker process: the versions of those that the driver has."""

_kept: dict[str, tuple[int, Any]] = {}
"""In a worker process: versions and values of those that tasks have read."""


def _keep(versions: Mapping[str, int]) -> None:
    """Keep values of these versions, and no others."""
    _to_be_kept.clear()
    _to_be_kept.update(versions)
    for path, (version, _) in list(_kept.items()):
        if versions.get(path) != version:
            del _kept[path]


class _OnThread(threading.local):
    def __init__(self) -> None:
        self.copies: WeakValueDictionary[str, threading.local] = WeakValueDictionary()
        """Which of the driver's broadcast variables have a copy for this thread, by path."""


_on_thread = _OnThread()


def _drop_all_but(referred_to: Collection[Broadcast[Any]]) -> None:
    """At a task's end, of what it might leave to the next one."""
    if not _kept and not _on_thread.copies:
        return
    paths = {each._path for each in referred_to}
    for path in list(_kept):
        if path not in paths:
            _kept.pop(path, None)
    for path, copies in list(_on_thread.copies.items()):
        if path not in paths:
            del _on_thread.copies[path], copies.value


keep(_drop_all_but)


_were_known = False


def _to_be_shared() -> Callable[[], object] | None:
    global _were_known
    _were_known = _were_known or bool(_known)
    if not _were_known:
        return None
    # Taken at once, since other threads may broadcast meanwhile: items() goes on one by one.
    known = [reference() for reference in _known.valuerefs()]
    return partial(_keep, {each._path: each._version for each in known if each is not None})


share(_to_be_shared)


def _write(path: str, data: bytes) -> Segment:
    temporary = f"{path}.new"
    try:
        with new_block_file(temporary) as file:
            segment = append_segment(file, [data])
        os.replace(temporary, path)
    except OSError as exc:  # no room, say
        raise _could_not_serialize(exc) from exc
    return segment


def _could_not_serialize(exc: Exception) -> pickle.PicklingError:
    return pickle.PicklingError(f"Could not serialize broadcast: {type(exc).__name__}: {exc}")


class BroadcastPickleRegistry(threading.local):
    """Broadcast variables that a function refers to, by thread. As in Spark, where it is filled
    when a function is pickled; nothing is put into it here.

    >>> from minispark.core.broadcast import BroadcastPickleRegistry
    >>> registry = BroadcastPickleRegistry()
    >>> registry.add(sc.broadcast(1))
    >>> len(list(registry))
    1
    """

    def __init__(self) -> None:
        self._registry: set[Broadcast[Any]] = set()

    def __iter__(self) -> Iterator[Broadcast[Any]]:
        yield from self._registry

    def add(self, bcast: Broadcast[Any]) -> None:
        """Put one in.

        >>> from minispark.core.broadcast import BroadcastPickleRegistry
        >>> BroadcastPickleRegistry().add(sc.broadcast(1))
        """
        self._registry.add(bcast)

    def clear(self) -> None:
        """Take all out.

        >>> from minispark.core.broadcast import BroadcastPickleRegistry
        >>> BroadcastPickleRegistry().clear()
        """
        self._registry.clear()
