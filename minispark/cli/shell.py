"""An interactive Python with a context, as PySpark's shell.

The command starts Python, or IPython, anew; there `startup.py` calls `begin`. The options are
handed on as PYSPARK_SUBMIT_ARGS, as Spark does it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from minispark.cli import texts
from minispark.cli.engines import stay_here
from minispark.cli.submit import fail
from minispark.launcher.options import LineError, read_line
from minispark.launcher.refusals import refuse_cluster, refuse_options
from minispark.version import __version__

APP_NAME = "PySparkShell"
"""As in Spark."""
_STARTUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup.py")


def main(words: Sequence[str]) -> NoReturn:
    """Become the shell."""
    try:
        words = stay_here("pyspark", words)
        line = read_line(words)
        if line.switches & {"--help", "--usage-error"}:
            print(texts.SHELL_USAGE)
            sys.exit(0 if "--help" in line.switches else 1)
        if "--version" in line.switches:
            print(texts.version())
            sys.exit(0)
        refuse_options(line)
        refuse_cluster(line.options.get("--deploy-mode"))
        if line.program is not None:
            raise LineError(f"the shell takes options only, not {line.program!r}")
        command = _python()
    except LineError as error:
        fail(str(error), "minispark")
    own = os.environ.get("PYTHONSTARTUP", "")
    if own == _STARTUP:  # in a shell of ours
        own = os.environ.get("OLD_PYTHONSTARTUP", "")
    environment = {
        **os.environ,
        "PYSPARK_SUBMIT_ARGS": shlex.join(["--name", APP_NAME, *words, "pyspark-shell"]),
        "OLD_PYTHONSTARTUP": own,
        "PYTHONSTARTUP": _STARTUP,
        "PYTHONHASHSEED": "0",
    }
    os.execve(command[0], command, environment)


def begin() -> tuple[object, object]:
    """Start a context and a session, and tell about them: (context, session)."""
    from minispark.cli.signals import end_on_signals
    from minispark.dropin import activate
    from minispark.errors import SparkException
    from minispark.sql import SparkSession

    folder = os.path.dirname(_STARTUP)
    if folder in sys.path:  # IPython puts it there: its modules are not meant to be imported
        sys.path.remove(folder)
    activate()
    end_on_signals()
    try:
        session = SparkSession.builder.getOrCreate()
        context = session.sparkContext
    except (SparkException, ValueError) as refusal:  # of an option or a setting, mostly
        print(f"minispark: {refusal}", file=sys.stderr)
        _end(1)
    except Exception:
        traceback.print_exc()
        _end(1)
    print(
        f"Welcome to minispark version {__version__}: the API of Spark version "
        f"{context.version}, in plain Python\n\n"
        f"Using Python version {platform.python_version()} "
        f"({', '.join(platform.python_build())})\n"
        f"SparkContext available as 'sc' (master = {context.master}, app id = "
        f"{context.applicationId}).\n"
        "SparkSession available as 'spark'."
    )
    return context, session


def _end(status: int) -> NoReturn:
    """End the process: nothing has begun, and IPython would go on after `sys.exit`."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def own_startup() -> list[str]:
    """The file that the user has for the start of each interactive Python; none, or one."""
    path = os.environ.get("OLD_PYTHONSTARTUP")
    return [path] if path and os.path.isfile(path) else []


def _python() -> list[str]:
    """The command of the interactive Python. Raises LineError if it is not there.

    It is this Python, unless another one is named.
    """
    wanted = os.environ.get("PYSPARK_DRIVER_PYTHON")
    options = shlex.split(os.environ.get("PYSPARK_DRIVER_PYTHON_OPTS", ""))
    has_ipython = importlib.util.find_spec("IPython") is not None
    if has_ipython and (wanted in ("ipython", "ipython3") or (not wanted and sys.stdin.isatty())):
        return [sys.executable, "-m", "IPython", *options]
    if not wanted or wanted in ("python", "python3"):
        return [sys.executable, *options, "-i"]
    path = shutil.which(wanted)
    if path is None:
        raise LineError(f"PYSPARK_DRIVER_PYTHON is {wanted!r}, and there is no such command")
    is_python = os.path.basename(path).startswith("python")
    return [path, *options, *(["-i"] if is_python else [])]
