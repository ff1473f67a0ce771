"""Profiles of what tasks do with the program's functions. As in Spark: ``pyspark.profiler``.

With ``spark.python.profile`` true, each RDD that is computed has a profiler: its tasks run under
it, and what they find is added up in an accumulator. ``SparkContext.show_profiles`` prints it.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minispark.accumulators import AccumulatorParam
from minispark.errors import PySparkNotImplementedError
from minispark.taskcontext import BarrierTaskContext, TaskContext

if TYPE_CHECKING:
    import pstats

    from minispark.core.context import SparkContext

__all__ = [
    "BasicProfiler",
    "MemUsageParam",
    "MemoryProfiler",
    "PStatsParam",
    "Profiler",
    "ProfilerCollector",
    "UDFBasicProfiler",
]

# Before 3.12 each thread has a profile of its own; since then a process has one at a time.
_one_at_a_time = threading.RLock() if sys.version_info >= (3, 12) else None
_NOT_PROFILED = "A task is not profiled, and has no part in the profile of its RDD: "


class ProfilerCollector:
    """The profilers of a context, by RDD.

    Parameters
    ----------
    profiler_cls
        the class of the profilers of RDDs
    udf_profiler_cls, memory_profiler_cls
        as in Spark, for DataFrame functions
    dump_path
        where profiles are written when the program ends; None: they are printed

    >>> from minispark.profiler import BasicProfiler, ProfilerCollector
    >>> collector = ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler)
    >>> collector.profilers
    []
    """

    def __init__(
        self,
        profiler_cls: type[Profiler],
        udf_profiler_cls: type[Profiler],
        memory_profiler_cls: type[Profiler],
        dump_path: str | None = None,
    ) -> None:
        self.profiler_cls = profiler_cls
        self.udf_profiler_cls = udf_profiler_cls
        self.memory_profiler_cls = memory_profiler_cls
        self.profile_dump_path = dump_path
        self.profilers: list[list[Any]] = []

    def new_profiler(self, ctx: SparkContext) -> Profiler:
        """A profiler for an RDD.

        >>> from minispark.profiler import BasicProfiler, ProfilerCollector
        >>> collector = ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler)
        >>> isinstance(collector.new_profiler(sc), BasicProfiler)
        True
        """
        return self.profiler_cls(ctx)

    def new_udf_profiler(self, ctx: SparkContext) -> Profiler:
        """A profiler for a DataFrame function.

        >>> from minispark.profiler import BasicProfiler, ProfilerCollector
        >>> collector = ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler)
        >>> isinstance(collector.new_udf_profiler(sc), BasicProfiler)
        True
        """
        return self.udf_profiler_cls(ctx)

    def new_memory_profiler(self, ctx: SparkContext) -> Profiler:
        """A profiler of memory for a DataFrame function.

        >>> from minispark.profiler import BasicProfiler, ProfilerCollector
        >>> collector = ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler)
        >>> isinstance(collector.new_memory_profiler(sc), BasicProfiler)
        True
        """
        return self.memory_profiler_cls(ctx)

    def add_profiler(self, id: int, profiler: Profiler) -> None:
        """Remember the profiler of an RDD.

        >>> from minispark.profiler import BasicProfiler, ProfilerCollector
        >>> collector = ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler)
        >>> collector.add_profiler(7, BasicProfiler(sc))
        >>> collector.profilers[0][0]
        7
        """
        if not self.profilers:
            if self.profile_dump_path:
                atexit.register(self.dump_profiles, self.profile_dump_path)
            else:
                atexit.register(self.show_profiles)
        self.profilers.append([id, profiler, False])

    def dump_profiles(self, path: str) -> None:
        """Write all profiles into a directory, and forget them.

        >>> import tempfile
        >>> from minispark.profiler import BasicProfiler, ProfilerCollector
        >>> collector = ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     collector.dump_profiles(folder)
        """
        for id, profiler, _ in self.profilers:
            profiler.dump(id, path)
        self.profilers = []

    def show_profiles(self) -> None:
        """Print the profiles that were not printed yet.

        >>> from minispark.profiler import BasicProfiler, ProfilerCollector
        >>> ProfilerCollector(BasicProfiler, BasicProfiler, BasicProfiler).show_profiles()
        """
        for entry in self.profilers:
            id, profiler, was_shown = entry
            if not was_shown and profiler:
                profiler.show(id)
                entry[2] = True


class Profiler:
    """What a profiler does; derive from :class:`BasicProfiler` to do it in another way.

    Parameters
    ----------
    ctx
        the context whose tasks it profiles

    >>> from minispark import BasicProfiler, SparkConf, SparkContext
    >>> class Told(BasicProfiler):
    ...     def show(self, id):
    ...         print("profile of one RDD:", self.stats() is not None)
    >>> sc.stop()
    >>> conf = SparkConf().set("spark.python.profile", "true")
    >>> with SparkContext("local", "profiled", conf=conf, profiler_cls=Told) as profiled:
    ...     _ = profiled.parallelize([1, 2], 1).map(str).count()
    ...     profiled.show_profiles()
    profile of one RDD: True
    """

    def __init__(self, ctx: SparkContext) -> None:
        pass

    def profile(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """In a task: call ``func`` and give what it gives, taking note.

        >>> from minispark.profiler import Profiler
        >>> Profiler(sc).profile(len, [])
        Traceback (most recent call last):
        ...
        NotImplementedError
        """
        raise NotImplementedError

    def stats(self) -> pstats.Stats | dict[Any, Any]:
        """What was found so far.

        >>> from minispark.profiler import Profiler
        >>> Profiler(sc).stats()
        Traceback (most recent call last):
        ...
        NotImplementedError
        """
        raise NotImplementedError

    def show(self, id: int) -> None:
        """Print it.

        >>> from minispark.profiler import Profiler
        >>> Profiler(sc).show(1)
        Traceback (most recent call last):
        ...
        NotImplementedError
        """
        raise NotImplementedError

    def dump(self, id: int, path: str) -> None:
        """Write it into a directory.

        >>> from minispark.profiler import Profiler
        >>> Profiler(sc).dump(1, "profiles")
        Traceback (most recent call last):
        ...
        NotImplementedError
        """
        raise NotImplementedError


class PStatsParam(AccumulatorParam["pstats.Stats | None"]):
    """Adds profiles up.

    >>> from minispark.profiler import PStatsParam
    >>> PStatsParam.zero(None) is None
    True
    """

    @staticmethod
    def zero(value: pstats.Stats | None) -> None:
        """Nothing found yet.

        >>> from minispark.profiler import PStatsParam
        >>> PStatsParam.zero(None) is None
        True
        """
        return

    @staticmethod
    def addInPlace(value1: pstats.Stats | None, value2: pstats.Stats | None) -> pstats.Stats | None:
        """Both together.

        >>> from minispark.profiler import PStatsParam
        >>> PStatsParam.addInPlace(None, None) is None
        True
        """
        if value1 is None:
            return value2
        if value2 is not None:
            value1.add(value2)
        return value1


class MemUsageParam(AccumulatorParam[dict[str, Any] | None]):
    """Adds profiles of memory up: {file: [(line, (increment, memory, occurrences) or None)]}.

    >>> from minispark.profiler import MemUsageParam
    >>> MemUsageParam.addInPlace({"f.py": [(1, (0.5, 9.0, 1))]}, {"f.py": [(1, (0.5, 9.0, 1))]})
    {'f.py': [(1, (1.0, 18.0, 2))]}
    """

    @staticmethod
    def zero(value: dict[str, Any] | None) -> None:
        """Nothing found yet.

        >>> from minispark.profiler import MemUsageParam
        >>> MemUsageParam.zero({}) is None
        True
        """
        return

    @staticmethod
    def addInPlace(
        value1: dict[str, Any] | None, value2: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        """Both together, line by line; of the files in ``value1``.

        >>> from minispark.profiler import MemUsageParam
        >>> MemUsageParam.addInPlace({}, {"f.py": []})
        {'f.py': []}
        """
        if not value1:
            return value2
        if not value2:
            return value1
        for filename, lines in value1.items():
            one, other = dict(lines), dict(value2.get(filename) or [])
            value1[filename] = [
                (line, _sums(one.get(line), other.get(line))) for line in {**one, **other}
            ]
        return value1


def _sums(one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if one and other:
        return tuple(a + b for a, b in zip(one, other, strict=True))
    return one or other or None


class BasicProfiler(Profiler):
    """Profiles with cProfile.

    >>> from minispark import BasicProfiler
    >>> BasicProfiler(sc).stats() is None
    True
    """

    def __init__(self, ctx: SparkContext) -> None:
        super().__init__(ctx)
        self._accumulator = ctx.accumulator(None, PStatsParam)  # type: ignore[arg-type]  # static

    def profile(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call ``func`` under cProfile and give what it gives.

        >>> from minispark import BasicProfiler
        >>> BasicProfiler(sc).profile(len, [1, 2])
        2

        Differs from Spark: from Python 3.12 on a process has one profiler at a time. There the
        tasks that are profiled take turns; those of barrier stages, which wait for each other, and
        all of a program that is profiled itself, run without, and a warning says so.
        """
        if _one_at_a_time is None:
            return self._profile(func, *args, **kwargs)
        if isinstance(TaskContext.get(), BarrierTaskContext):
            warnings.warn(
                f"{_NOT_PROFILED}tasks of a barrier stage run at once, and from Python 3.12 on one "
                "can be profiled at a time.",
                RuntimeWarning,
                stacklevel=2,
            )
            return func(*args, **kwargs)
        with _one_at_a_time:
            if not _another_profiles():
                return self._profile(func, *args, **kwargs)
        warnings.warn(
            f"{_NOT_PROFILED}another profiler runs in this process, and from Python 3.12 on there "
            "can be one at a time.",
            RuntimeWarning,
            stacklevel=2,
        )
        return func(*args, **kwargs)

    def _profile(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        import cProfile  # where it is needed: few programs profile
        import pstats

        profile = cProfile.Profile()
        result = profile.runcall(func, *args, **kwargs)
        stats = pstats.Stats(profile)
        stats.stream = None  # type: ignore[attr-defined]  # standard output cannot be pickled
        stats.strip_dirs()
        self._accumulator.add(stats)  # type: ignore[arg-type]  # None or Stats
        return result

    def stats(self) -> pstats.Stats:
        """What was found so far; None where no task has ended.

        >>> from minispark import BasicProfiler
        >>> BasicProfiler(sc).stats() is None
        True
        """
        return self._accumulator.value  # type: ignore[return-value]  # None only before any task

    def show(self, id: int) -> None:
        """Print it, the functions that took most time first.

        >>> from minispark import BasicProfiler
        >>> BasicProfiler(sc).show(1)  # nothing found yet
        """
        self._show("RDD", id)

    def dump(self, id: int, path: str) -> None:
        """Write it into a directory, as ``rdd_<id>.pstats``.

        >>> import tempfile
        >>> from minispark import BasicProfiler
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     BasicProfiler(sc).dump(1, folder)  # nothing found yet
        """
        self._dump("rdd", id, path)

    def _show(self, kind: str, id: int) -> None:
        stats = self.stats()
        if stats:
            line = "=" * 60
            print(f"{line}\nProfile of {kind}<id={id}>\n{line}")
            stats.sort_stats("time", "cumulative").print_stats()

    def _dump(self, kind: str, id: int, path: str) -> None:
        os.makedirs(path, exist_ok=True)
        stats = self.stats()
        if stats:
            stats.dump_stats(os.path.join(path, f"{kind}_{id}.pstats"))


def _another_profiles() -> bool:
    """Whether a profiler that is not of this module runs; asked for while none of this module."""
    if sys.version_info < (3, 12):
        return False
    return sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) is not None


class UDFBasicProfiler(BasicProfiler):
    """As :class:`BasicProfiler`, for DataFrame functions.

    >>> from minispark.profiler import UDFBasicProfiler
    >>> UDFBasicProfiler(sc).profile(len, [1, 2])
    2
    """

    def show(self, id: int) -> None:
        """Print it, the functions that took most time first.

        >>> from minispark.profiler import UDFBasicProfiler
        >>> UDFBasicProfiler(sc).show(1)  # nothing found yet
        """
        self._show("UDF", id)

    def dump(self, id: int, path: str) -> None:
        """Write it into a directory, as ``udf_<id>.pstats``.

        >>> import tempfile
        >>> from minispark.profiler import UDFBasicProfiler
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     UDFBasicProfiler(sc).dump(1, folder)  # nothing found yet
        """
        self._dump("udf", id, path)


class MemoryProfiler(Profiler):
    """Profiles the memory of DataFrame functions: there are none here yet.

    >>> from minispark.profiler import MemoryProfiler
    >>> MemoryProfiler(sc).stats() is None
    True

    Differs from Spark: :meth:`profile` is not supported.
    """

    def __init__(self, ctx: SparkContext) -> None:
        super().__init__(ctx)
        self._accumulator = ctx.accumulator(None, MemUsageParam)  # type: ignore[arg-type]  # static

    def profile(  # type: ignore[override]  # its parameters are Spark's
        self,
        sub_lines: list[Any] | None,
        start_line: int | None,
        func: Callable[..., Any],
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Not supported.

        Raises
        ------
        PySparkNotImplementedError
            always
        """
        raise PySparkNotImplementedError(
            errorClass="NOT_IMPLEMENTED",
            messageParameters={"feature": "MemoryProfiler, which profiles DataFrame functions,"},
        )

    def stats(self) -> dict[Any, Any]:
        """What was found so far: None.

        >>> from minispark.profiler import MemoryProfiler
        >>> MemoryProfiler(sc).stats() is None
        True
        """
        return self._accumulator.value  # type: ignore[return-value]  # None only before any task

    def show(self, id: int) -> None:
        """Print it: nothing.

        >>> from minispark.profiler import MemoryProfiler
        >>> MemoryProfiler(sc).show(1)
        """

    def dump(self, id: int, path: str) -> None:
        """Write it into a directory: nothing.

        >>> from minispark.profiler import MemoryProfiler
        >>> MemoryProfiler(sc).dump(1, "profiles")
        """
