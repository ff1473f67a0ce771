"""What a line of options, the environment and the files of settings say together.

The last of these counts: ``spark-defaults.conf``, ``--properties-file``, ``--conf``, the option of
its own. As in Spark's spark-submit with a local master. Must not know: who asks, and what a setting
does.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping

from minispark.errors import PySparkRuntimeError
from minispark.launcher import defaults_file
from minispark.launcher.options import Line, LineError, read_line
from minispark.launcher.refusals import note_what_has_no_effect, refuse_cluster, refuse_options

SHELL = "pyspark-shell"
"""The program of a line that has none: of an interactive Python."""

_KEYS = {
    "--driver-memory": "spark.driver.memory",
    "--driver-class-path": "spark.driver.extraClassPath",
    "--driver-java-options": "spark.driver.extraJavaOptions",
    "--driver-library-path": "spark.driver.extraLibraryPath",
    "--jars": "spark.jars",
    "--packages": "spark.jars.packages",
    "--exclude-packages": "spark.jars.excludes",
    "--repositories": "spark.jars.repositories",
}
_POSITIVE = (
    ("--executor-memory", "spark.executor.memory", "Executor memory"),
    ("--executor-cores", "spark.executor.cores", "Executor cores"),
    ("--driver-memory", "spark.driver.memory", "Driver memory"),
    ("--driver-cores", "spark.driver.cores", "Driver cores"),
    ("--total-executor-cores", "spark.cores.max", "Total executor cores"),
    ("--num-executors", "spark.executor.instances", "Number of executors"),
)
_AMOUNT = re.compile(r"\s*0*[1-9][0-9]*\s*(?P<unit>[kmgtp]?b?)\s*", re.IGNORECASE)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_GLOB = re.compile(r"[*?\[{]")


def settings_to_start_with(line: Line, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings with which the program of a line starts, now.

    What has no effect, and with --verbose all that was understood, is told on standard error.

    Raises LineError for what is refused, besides what `settings_of` raises it for.
    """
    refuse_options(line)
    settings = settings_of(line, environment)
    refuse_cluster(settings["spark.submit.deployMode"])
    note_what_has_no_effect(line)
    if "--verbose" in line.switches:
        from minispark.launcher.showing import parsed

        print(parsed(line, settings), file=sys.stderr)
    return settings


def settings_of(line: Line, environment: Mapping[str, str]) -> dict[str, str]:
    """What a line, the environment and the files say.

    Settings that are not Spark's are left out, and standard error says so.

    Raises LineError for a file that is not there, and for numbers that are none.
    """
    found = _of_the_line_and_its_files(line, environment)
    for option, key, name in _POSITIVE:
        text = line.options.get(option, found.get(key))
        if text is not None and not _is_positive(text, in_bytes="memory" in option):
            raise LineError(f"{name} must be a positive number, not {text!r}")
    mode = line.options.get("--deploy-mode", found.get("spark.submit.deployMode", "client"))
    if mode not in ("client", "cluster"):
        raise LineError('--deploy-mode must be either "client" or "cluster"')
    for option, key in _KEYS.items():
        if option in line.options:
            found[key] = line.options[option]
    if environment.get("SPARK_DRIVER_MEMORY"):
        found.setdefault("spark.driver.memory", environment["SPARK_DRIVER_MEMORY"])
    master = line.options.get("--master", found.get("spark.master", environment.get("MASTER")))
    if master is None:
        master = "local[*]"
    if master != "yarn" and not master.startswith(("spark", "k8s", "local")):
        raise LineError(
            f"Master must either be yarn or start with spark, k8s, or local, not {master!r}"
        )
    found["spark.master"] = master
    app_name = line.options.get("--name", found.get("spark.app.name"))
    if app_name is None:
        # As in Spark: a program that is a link is known by what the link leads to.
        app_name = os.path.basename(os.path.realpath(line.program or SHELL))
    found["spark.app.name"] = app_name
    found["spark.submit.deployMode"] = mode
    _settle_files(line, found)
    return found


def settings_of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings with which a program starts that no command has started.

    Raises PySparkRuntimeError for a PYSPARK_SUBMIT_ARGS that PySpark could not start with.
    """
    text = environment.get("PYSPARK_SUBMIT_ARGS", SHELL)
    try:
        line = read_line(shlex.split(text))
        if line.program != SHELL:
            raise LineError(f"it has to end with {SHELL}, which stands for the program")
        return settings_to_start_with(line, environment)
    except ValueError as error:  # LineError is one, and what shlex finds
        # Not what it says as a whole: there may be passwords in it.
        where = "PYSPARK_SUBMIT_ARGS: " if "PYSPARK_SUBMIT_ARGS" in environment else ""
        raise PySparkRuntimeError(f"{where}{error}", "JAVA_GATEWAY_EXITED", {}) from None


def local_path(place: str) -> str | None:
    """The absolute path of a file of this machine; None for one that is elsewhere.

    >>> local_path("file:///data/a%20b.txt"), local_path("s3://bucket/a.txt")
    ('/data/a b.txt', None)
    """
    from urllib.parse import unquote, urlsplit

    if _URI.match(place) is None:
        return os.path.abspath(place)
    parts = urlsplit(place)
    return unquote(parts.path) if parts.scheme in ("file", "local") else None


def _of_the_line_and_its_files(line: Line, environment: Mapping[str, str]) -> dict[str, str]:
    found = dict(line.settings)
    path = line.options.get("--properties-file")
    if path is not None:
        if not os.path.isfile(path):
            raise LineError(f"Invalid properties file '{path}'.")
        found = {**read_properties(path), **found}
    if path is None or "--load-spark-defaults" in line.switches:
        path = defaults_file(environment)
        if path is not None:
            found = {**read_properties(path), **found}
    for key in [key for key in found if not key.startswith("spark.")]:
        print(f"Warning: Ignoring non-Spark config property: {key}", file=sys.stderr)
        del found[key]
    return found


def read_properties(path: str) -> dict[str, str]:
    """The settings in a file of Java's properties. Blanks around a value do not count.

    Raises LineError for a file that is not one.
    """
    import javaproperties

    try:
        with open(path, encoding="utf-8") as file:
            return {key: value.strip() for key, value in javaproperties.load(file).items()}
    except (javaproperties.InvalidUEscapeError, UnicodeDecodeError) as error:
        raise LineError(f"{path} is no file of properties: {error}") from None


def _is_positive(text: str, in_bytes: bool) -> bool:
    amount = _AMOUNT.fullmatch(text)
    return amount is not None and (in_bytes or not amount["unit"])


def _settle_files(line: Line, found: dict[str, str]) -> None:
    """Files by absolute names, since the program may go to another directory."""
    files = _places(line.options.get("--files", found.get("spark.files")))
    modules = _places(line.options.get("--py-files", found.get("spark.submit.pyFiles")))
    archives = _places(line.options.get("--archives", found.get("spark.archives")))
    for key, places in (
        ("spark.files", [_as_uri(place) for place in [*files, *modules]]),
        ("spark.submit.pyFiles", [local_path(place) or place for place in modules]),
        ("spark.archives", [_as_uri(place) for place in archives]),
    ):
        found.pop(key, None)
        if places:
            found[key] = ",".join(dict.fromkeys(places))


def _places(text: str | None) -> list[str]:
    places: list[str] = []
    for place in filter(None, map(str.strip, (text or "").split(","))):
        places.extend(_matches(place) if _GLOB.search(place) and not _URI.match(place) else [place])
    return places


def _matches(pattern: str) -> list[str]:
    """URIs, in the form that Spark gives to those of a pattern."""
    from glob import glob
    from urllib.parse import quote

    found = sorted(glob(pattern))
    if not found:
        print(f"Warning: no file matches {pattern!r}", file=sys.stderr)
    return [f"file:{quote(os.path.abspath(path))}" for path in found]


def _as_uri(place: str) -> str:
    from urllib.parse import quote

    if _URI.match(place):
        return place
    path, hash_sign, fragment = place.partition("#")
    return f"file://{quote(os.path.abspath(path))}{hash_sign}{fragment}"
