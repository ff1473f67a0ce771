"""A program is run as Python would run it: as a new module `__main__`.

For `minispark-submit`. Must not know: engine and settings.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, NoReturn

from minispark.cli.output import outlive_readers
from minispark.cli.signals import end_on_signals
from minispark.dropin import STANDIN
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
    outlive_readers()
    end_on_signals()
    _let_children_find_minispark()
    sys.argv = [path, *arguments]
    # Not where the user has said so; the Python that runs this command may have it of its own.
    folder = [] if os.environ.get("PYTHONSAFEPATH") else [os.path.dirname(path)]
    sys.path[: 0 if sys.flags.safe_path else 1] = [*folder, STANDIN]
    module = ModuleType("__main__")
    module.__dict__.update(
        __builtins__=__builtins__,
        __file__=path,
        __cached__=None,
        __loader__=SourceFileLoader("__main__", path),
    )
    sys.modules["__main__"] = module
    sys.exit(_outcome(source, path, module.__dict__))


def _let_children_find_minispark() -> None:
    """Have `pyspark` be minispark also in Python processes that the program starts.

    Those of `multiprocessing` get this process's `sys.path`, others the variable.
    """
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = STANDIN + (os.pathsep + before if before else "")


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
