"""What of spark-submit is not possible here, and what has no effect: with the way out.

Must not know: what is done with the rest.
"""

from __future__ import annotations

import sys

from minispark.launcher.options import Line, LineError

ON_PYSPARK = "minispark-submit --engine pyspark runs the same line on PySpark"

_REFUSED = {
    "--class": "it names a class of Java: a Python program has none. Leave it out",
    "--keytab": "there is no cluster to log in to. Leave it out",
    "--kill": "there is no cluster on which a program could run",
    "--principal": "there is no cluster to log in to. Leave it out",
    "--proxy-user": "the program runs as the user who starts it. Leave it out",
    "--remote": "there is no Spark Connect. Leave it out",
    "--status": "there is no cluster on which a program could run",
    "--supervise": "the program runs in this process, which nobody restarts. Leave it out",
}
_NO_JVM = "there is no JVM"
_ONE_PROCESS = "with a local master the program has one process, and no executors"
_WITHOUT_EFFECT = {
    "--driver-class-path": _NO_JVM,
    "--driver-java-options": _NO_JVM,
    "--driver-library-path": _NO_JVM,
    "--exclude-packages": _NO_JVM,
    "--jars": _NO_JVM,
    "--packages": _NO_JVM,
    "--repositories": _NO_JVM,
    "--driver-cores": _ONE_PROCESS,
    "--executor-cores": _ONE_PROCESS,
    "--executor-memory": _ONE_PROCESS,
    "--num-executors": _ONE_PROCESS,
    "--queue": _ONE_PROCESS,
    "--total-executor-cores": _ONE_PROCESS,
}


def program_of(line: Line) -> str:
    """The program of a line that can be run here; LineError says why not."""
    refuse_options(line)
    if line.program is None:
        raise LineError("Missing application resource.")
    if not line.program.endswith(".py"):
        raise LineError(
            f"{line.program!r} is no Python program: its name has to end with .py. Programs in "
            f"Java, Scala and R do not run here: {ON_PYSPARK}"
        )
    return line.program


def refuse_options(line: Line) -> None:
    """Raise LineError for an option that asks for what there is not."""
    for option in [*line.options, *line.switches]:
        if option in _REFUSED:
            raise LineError(
                f"{option} is not supported by minispark: {_REFUSED[option]}. {ON_PYSPARK}"
            )


def refuse_cluster(mode: str | None) -> None:
    """Raise LineError for a program that is to run elsewhere."""
    if mode == "cluster":
        raise LineError(
            "Cluster deploy mode is not supported by minispark: the program runs in this process. "
            f"Leave --deploy-mode out, or make it client. {ON_PYSPARK}"
        )


def note_what_has_no_effect(line: Line) -> None:
    """Say which options have no effect, on standard error."""
    for why in (_NO_JVM, _ONE_PROCESS):
        names = sorted(name for name in line.options if _WITHOUT_EFFECT.get(name) == why)
        if names:
            note = f"without effect on minispark: {', '.join(names)} ({why})"
            print(f"Warning: {note}", file=sys.stderr)
