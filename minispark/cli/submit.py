"""The command `minispark-submit`: runs a program for PySpark, on minispark.

As in Spark's spark-submit: the options, what the program finds, and the exit status. It starts
Python anew with PYTHONHASHSEED=0, as spark-submit does, and imports nothing heavy before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from minispark.cli import texts
from minispark.cli.engines import stay_here
from minispark.launcher import begin_with
from minispark.launcher.options import Line, LineError, read_line
from minispark.launcher.refusals import program_of


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command; ``words`` are its arguments, those of the process if None."""
    words = list(sys.argv[1:] if words is None else words)
    try:
        words = stay_here("spark-submit", words)
        line = read_line(words)
        if not words or line.switches & {"--help", "--usage-error"}:
            print(texts.SUBMIT_USAGE, file=sys.stderr)
            # As spark-submit: a line without anything in it is not like one without a program.
            sys.exit(255 if not words else 0 if "--help" in line.switches else 1)
        if "--version" in line.switches:
            print(texts.version(), file=sys.stderr)
            sys.exit(0)
        program = program_of(line)
        restart_with_spark_hashes()
        start(line)
    except LineError as error:
        fail(str(error), "minispark-submit")
    from minispark.cli.program import run

    run(program, line.arguments)


def start(line: Line) -> None:
    """Let the settings of a line be those with which contexts start; `pyspark` is minispark.

    Raises LineError for what is not possible here.
    """
    from minispark.dropin import activate
    from minispark.launcher.settings import settings_to_start_with

    settings = settings_to_start_with(line, os.environ)
    begin_with(settings)
    activate()
    if settings.get("spark.submit.pyFiles"):
        from minispark.cli.modules import put_on_path

        put_on_path(settings["spark.submit.pyFiles"].split(","))


def fail(message: str, command: str) -> NoReturn:
    """End as spark-submit does for a line that it refuses."""
    print(f"Error: {message}\n\n{command} --help shows the options.", file=sys.stderr)
    sys.exit(1)


def restart_with_spark_hashes() -> None:
    """Start this process anew, unless its hashes are those of Spark's Python: of seed 0.

    As under spark-submit, output is not kept back either.
    """
    if os.environ.get("PYTHONHASHSEED") == "0" and os.environ.get("PYTHONUNBUFFERED"):
        return
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "YES"}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


if __name__ == "__main__":
    main()
