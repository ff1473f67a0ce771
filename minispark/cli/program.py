"""A program is run as Python would run it: as a new module `__main__`.

For `minispark-submit`. Must not know: engine and settings.
"""

from __future__ import annotations

import io
import os
import signal
import stat
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

from minispark.launcher.options import LineError
from minispark.launcher.settings import local_path


def run(place: str, arguments: Sequence[str]) -> NoReturn:
    """Run a program, and end the process as it ends."""
    path = local_path(place)
    if path is None:
        raise LineError(f"{place!r} is not on this machine: copy it here first")
    path = os.path.realpath(path)  # as in Spark
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(
            f"minispark-submit: can't open file {path!r}: [Errno {error.errno}] {error.strerror}",
            file=sys.stderr,
        )
        sys.exit(2)
    _outlive_readers()
    for number in (signal.SIGTERM, signal.SIGHUP):
        _end_on(number)
    sys.argv = [path, *arguments]
    sys.path[: 0 if sys.flags.safe_path else 1] = [os.path.dirname(path)]
    module = ModuleType("__main__")
    module.__dict__.update(
        __builtins__=__builtins__,
        __file__=path,
        __cached__=None,
        __loader__=SourceFileLoader("__main__", path),
    )
    sys.modules["__main__"] = module
    sys.exit(_outcome(source, path, module.__dict__))


def _outcome(source: bytes, path: str, names: dict[str, Any]) -> Any:
    """What the process is to exit with."""
    try:
        code: CodeType = compile(source, path, "exec", dont_inherit=True)
        exec(code, names)
    except SystemExit as error:
        return error.code
    except BaseException as error:
        # The first frame is the one above.
        behind = None if error.__traceback__ is None else error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(behind), behind)
        return 128 + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return None


def _end_on(number: signal.Signals) -> None:
    """Let a signal end the program as `sys.exit` does, so that all is cleaned up; done again, at
    once. A program that ignores it, or handles it itself, is left alone.
    """

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        signal.signal(number, lambda _number, _frame: os._exit(128 + number))
        raise SystemExit(128 + number)

    if signal.getsignal(number) is signal.SIG_DFL:
        signal.signal(number, end)


def _outlive_readers() -> None:
    """Let the program go on to its end when what reads its output does not, as `head` does.

    So it does under spark-submit, whose JVM reads what the program writes.
    """
    if sys.stdout is None:
        return
    mode = os.fstat(sys.stdout.fileno()).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        old = sys.stdout
        sys.stdout = io.TextIOWrapper(
            _Pipe(old.fileno(), "wb", closefd=False),
            encoding=old.encoding,
            errors=old.errors,
            write_through=True,
        )


class _Pipe(io.FileIO):
    """Writes all that it is given, and into nothing once nobody reads."""

    def write(self, data: Any, /) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest) :]
        except BrokenPipeError:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.fileno())
            os.close(nothing)
        return size
