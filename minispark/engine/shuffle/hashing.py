"""Where a key belongs: hashes that do not depend on the process that computes them.

For partitioners, and for task code that calls `hash`. Spark starts its Python workers with
PYTHONHASHSEED=0, so on Spark a key lands where the hash under seed 0 puts it. The driver, and task
threads inside it, run under whatever seed their process got: there this module reproduces what
CPython computes under seed 0, type by type.
Must not know: partitioners, shuffles and tasks.

What depends on the seed is the hash of str and bytes, and of all that hashes through them: dates
and naive times, memoryviews, tuples and frozensets of such, and classes whose `__hash__` is
written in Python and calls `hash` (dataclasses, enums, paths, most classes of a program).

What hashes by its address (classes, functions, None before Python 3.12, NaN, objects without a
`__hash__`) lands anywhere on Spark. Here it gets a hash by its name or its class, so that
all processes agree on where it belongs.

Out of reach are a `__hash__` that finds its way to a builtin one by another road
(`super().__hash__()`) and builtin types that keep what they hash to themselves (`re.Pattern`); a
program with such keys gets Spark's placement when it runs under PYTHONHASHSEED=0.
"""

import builtins
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from copy import copy
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

from siphash24 import siphash13

# The environment variable may have been set after the process started; the hash does not lie.
_SEED_IS_0: Final = hash("minispark") == -2774307303297692517

_WORD: Final = 0xFFFFFFFFFFFFFFFF


def portable_hash(x: Hashable) -> int:
    """The hash that decides in which partition a key belongs: `portable_hash(key) % n`.

    As in Spark: None is 0, a tuple mixes the portable hashes of its elements, and anything else
    has the builtin hash it has under PYTHONHASHSEED=0. Raises TypeError for an unhashable key, as
    `hash` does.

    >>> portable_hash(None), portable_hash((None, 1)) & 0xffffffff
    (0, 219750521)
    >>> portable_hash("key") % 10
    4
    """
    if x is None:
        return 0
    if isinstance(x, tuple):
        mixed = 0x345678
        for element in x:
            mixed = (mixed ^ portable_hash(element)) * 1000003 & sys.maxsize
        return mixed ^ len(x)
    return seed0_hash(x)


def portable_hashes(keys: list[Any]) -> Iterable[int]:
    """The portable hash of each key: as `portable_hash`, many at a time.

    >>> list(portable_hashes([1, 2])), portable_hashes([("a", 1)]) == [portable_hash(("a", 1))]
    ([1, 2], True)
    """
    kinds = set(map(type, keys))
    if kinds == {int} or (_SEED_IS_0 and kinds == {str}):
        return map(hash, keys)
    if kinds == {str}:
        hashes = {key: _hash_str(key) for key in dict.fromkeys(keys)}
        return map(hashes.__getitem__, keys)
    if kinds == {tuple} and len(set(map(len, keys))) == 1:
        try:
            return _hash_columns(keys)
        except TypeError:
            pass  # which key is told, is for the loop to find out
    return [portable_hash(key) for key in keys]


def _hash_columns(keys: list[tuple[Any, ...]]) -> list[int]:
    """The portable hashes of tuples of one length."""
    mixed = [0x345678] * len(keys)
    for elements in zip(*keys, strict=True):
        hashes = portable_hashes(list(elements))
        mixed = [(m ^ h) * 1000003 & sys.maxsize for m, h in zip(mixed, hashes, strict=True)]
    return [m ^ len(keys[0]) for m in mixed]


def seed0_hash(x: object) -> int:
    """What `hash(x)` is in a process with PYTHONHASHSEED=0, as Spark's Python workers are.

    It stands in for the builtin in task code, so it never leaves a trace in `x`. Raises TypeError
    for an unhashable object, as `hash` does.

    >>> seed0_hash("abc") == seed0_hash(b"abc") == -4594863902769663758
    True
    >>> seed0_hash(1.0)
    1
    """
    cls: Any = type(x)
    if cls is str:
        return hash(x) if _SEED_IS_0 else _hash_str(x)  # type: ignore[arg-type]
    if cls is int:
        return hash(x)
    return _hasher(cls)(x)


@lru_cache(maxsize=512)
def _hasher(cls: type) -> Callable[[Any], int]:
    """How to hash the instances of a class: decided by where it has its `__hash__` from."""
    slot: object = cls.__hash__
    if isinstance(slot, FunctionType):
        return _python_hasher(slot)
    for base, hasher in _nested_types():
        if slot is base.__hash__:
            return hasher
    if not _SEED_IS_0:
        for base, hasher in _seeded_types():
            if slot is base.__hash__:
                return hasher
    if cls.__module__ == "numpy":
        return _numpy_hasher(cls)
    if cls is type(None):
        return _hash_none
    if cls is BuiltinFunctionType or slot is object.__hash__:
        return _hash_name
    return hash


def _nested_types() -> Iterator[tuple[type, Callable[[Any], int]]]:
    """The builtin types that may hold what hashes by its address, or hash so themselves."""
    yield tuple, _hash_tuple
    yield frozenset, _hash_frozenset
    yield range, _hash_range
    yield float, _hash_number
    yield complex, _hash_number
    if sys.version_info >= (3, 12):
        yield slice, _hash_slice


def _seeded_types() -> Iterator[tuple[type, Callable[[Any], int]]]:
    """The other builtin types whose hash depends on the seed, and what it is under seed 0."""
    yield str, _hash_str
    yield bytes, _hash_bytes
    yield memoryview, _hash_memoryview
    # Imported only where a program has it: it is dear in the first quarter of a second.
    datetime = sys.modules.get("datetime")
    if datetime is not None:
        yield datetime.date, _hash_date
        yield datetime.time, _hash_time
        yield datetime.datetime, _hash_datetime


# -- what has no hash that two processes agree on ----------------------------------------------


def _hash_none(_: None) -> int:
    return 0xFCA86420  # as Python 3.12 and later have it


def _hash_name(x: Any) -> int:
    named = x if isinstance(x, type | FunctionType | BuiltinFunctionType) else type(x)
    return _hash_str(f"{named.__module__}.{named.__qualname__}")


def _hash_number(number: Any) -> int:
    return 0 if number != number else hash(number)


# -- str and bytes -----------------------------------------------------------------------------


def _hash_bytes(data: bytes) -> int:
    """SipHash-1-3 with a key of zeros; empty is 0, and -1 means an error in C."""
    if len(data) == 0:
        return 0
    digest: int = siphash13(data).intdigest()
    return -2 if digest == -1 else digest


def _hash_str(text: str) -> int:
    """A str hashes as the bytes it is stored in: 1, 2 or 4 a character, by its widest one."""
    try:
        return _hash_bytes(str.encode(text, "latin-1"))
    except UnicodeEncodeError:
        pass
    order = "le" if sys.byteorder == "little" else "be"
    data = str.encode(text, f"utf-16-{order}", "surrogatepass")
    if len(data) != 2 * str.__len__(text):  # a character needed two units
        data = str.encode(text, f"utf-32-{order}", "surrogatepass")
    return _hash_bytes(data)


def _hash_memoryview(view: memoryview) -> int:
    hash(view)  # refuses what cannot be hashed: writable memory, formats other than bytes
    return _hash_bytes(view.tobytes())


# -- containers --------------------------------------------------------------------------------


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def _mix(elements: Iterator[object]) -> tuple[int, int]:
    """The xxHash lanes over the hashes of some elements, and their number."""
    mixed, count = 2870177450012600261, 0
    for element in elements:
        mixed = mixed + seed0_hash(element) * 14029467366897019727 & _WORD
        mixed = (mixed << 31 | mixed >> 33) * 11400714785074694791 & _WORD
        count += 1
    return mixed, count


def _hash_tuple(values: tuple[object, ...]) -> int:
    mixed, count = _mix(tuple.__iter__(values))
    mixed = mixed + (count ^ 2870177450012600261 ^ 3527539) & _WORD
    return 1546275796 if mixed == _WORD else _signed(mixed)


def _hash_range(numbers: range) -> int:
    if numbers[1:]:
        return hash(numbers)
    # Without a second number there is no step, and without a first no start: both are None.
    return _hash_tuple((len(numbers), numbers.start if numbers else None, None))


def _hash_slice(part: slice) -> int:
    mixed, _ = _mix(iter((part.start, part.stop, part.step)))
    return 1546275796 if mixed == _WORD else _signed(mixed)


def _hash_frozenset(values: frozenset[object]) -> int:
    mixed = 0
    for element in frozenset.__iter__(values):
        code = seed0_hash(element)
        mixed ^= (code ^ 89869747 ^ code << 16) * 3644798167
    mixed = (mixed ^ (frozenset.__len__(values) + 1) * 1927868237) & _WORD
    mixed ^= mixed >> 11 ^ mixed >> 25
    mixed = mixed * 69069 + 907133923 & _WORD
    return 590923713 if mixed == _WORD else _signed(mixed)


# -- dates and times: the bytes that they are kept in, unless they stand for a point on a time line


def _hash_date(day: Any) -> int:
    return _hash_bytes(bytes((day.year >> 8, day.year & 255, day.month, day.day)))


def _time_bytes(time: Any) -> bytes:
    micro = time.microsecond
    fields = (time.hour, time.minute, time.second, micro >> 16, micro >> 8 & 255, micro & 255)
    return bytes(fields)


def _hash_time(time: Any) -> int:
    if time.utcoffset() is not None:
        return hash(time)
    return _hash_bytes(_time_bytes(time))


def _hash_datetime(moment: Any) -> int:
    # As its own hash does, ask for the offset of the earlier of two moments with the same name.
    if moment.replace(fold=0).utcoffset() is not None:
        return hash(moment)
    day = bytes((moment.year >> 8, moment.year & 255, moment.month, moment.day))
    return _hash_bytes(day + _time_bytes(moment))


# -- numpy's scalars ---------------------------------------------------------------------------


def _numpy_hasher(cls: type) -> Callable[[Any], int]:
    # Its string scalars have slots of their own, which call those of their bases.
    if issubclass(cls, str):
        return hash if _SEED_IS_0 else _hash_str
    if issubclass(cls, bytes):
        return hash if _SEED_IS_0 else _hash_bytes
    if cls.__name__ == "datetime64":
        return _hash_numpy_datetime
    return _hash_number


def _hash_numpy_datetime(moment: Any) -> int:
    """numpy hashes a moment as the datetime that it equals, and any other as its C struct."""
    if moment != moment:
        return 0
    if _SEED_IS_0 or hash(moment) == moment.view("i8"):  # the latter: no unit, or an older numpy
        return hash(moment)
    micros = moment.astype("M8[us]")
    if micros == moment and not isinstance(micros.item(), int):
        return _hash_datetime(micros.item())
    # Step by step: numpy has no factor between attoseconds and days.
    day = micros.astype("M8[s]").astype("M8[D]")
    month = day.astype("M8[M]")
    seconds, micro = divmod(int((micros - day).astype("i8")), 10**6)
    pico, atto = divmod(int((moment - micros).astype("m8[as]").astype("i8")), 10**6)
    months = int(month.astype("i8"))
    days = int((day - month.astype("M8[D]")).astype("i8"))
    fields = (months % 12 + 1, days + 1, seconds // 3600, seconds // 60 % 60, seconds % 60)
    data = (1970 + months // 12).to_bytes(8, sys.byteorder, signed=True)
    for field in (*fields, micro, pico, atto):
        data += field.to_bytes(4, sys.byteorder)
    return _hash_bytes(data)


# -- classes with a `__hash__` written in Python -----------------------------------------------


class _Globals(dict[str, Any]):
    """A module's names as they are now, with `seed0_hash` in the place of `hash`."""

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(hash=seed0_hash, __builtins__=names.get("__builtins__", builtins))
        self._names = names

    def __missing__(self, name: str) -> Any:
        return self._names[name]


def _python_hasher(function: FunctionType) -> Callable[[Any], int]:
    """A `__hash__` of a program, run with another `hash` in its eyes."""
    from opcode import opmap

    code = function.__code__
    if "hash" not in code.co_names or "hash" in function.__globals__:
        return hash
    seeded = FunctionType(
        code,
        _Globals(function.__globals__),
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    keeps = "__setattr__" in code.co_names or opmap["STORE_ATTR"] in code.co_code[::2]

    def hasher(x: Any) -> int:
        # One that keeps its result in the object would hand it to the builtin `hash` later on, and
        # equal keys of a dict would part: it works on a copy.
        result = seeded(copy(x) if keeps else x)
        if not isinstance(result, int):
            raise TypeError("__hash__ method should return an integer")
        if not -(1 << 63) <= result < 1 << 63:
            return int.__hash__(result)
        return -2 if result == -1 else int(result)

    return hasher
