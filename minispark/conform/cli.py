"""The command line of `minispark conform`.

Exit status: 0 if the engines gave the same, 1 if not, 2 for a line that makes no sense and for what
cannot run here.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from minispark.conform.command import Command, read_command, read_list
from minispark.conform.compare import Verdict, judge
from minispark.conform.report import details_of, json_of, table_of, text_of
from minispark.conform.runs import CannotRun
from minispark.conform.workspace import WorkspaceError
from minispark.launcher.options import WITH_VALUE, LineError, read_line

USAGE = """\
Usage: minispark conform [options] PROGRAM.py [arguments of the program]
       minispark conform --report [options] PROGRAM.py|LIST ...

Runs a program for PySpark on minispark and on PySpark, each in a process of its own, and compares
standard output, the files that were written, the exit status and the exception.

Each run has its own copy of the working directory. In an argument, {out} is a path of its own where
nothing is yet, and {out}/name one in a new directory; {pyspark} is the directory of PySpark.

  --report             a table of many programs: files of programs, and lists with a line for each:
                       options, program, arguments; they run in the directory of the list
  --json FILE          write the results there too
  --timeout SECONDS    for each run (default: 600)
  --runs N             how often each engine runs at most, to find out what is random or timed
                       (default: 2)
  --copy-limit MB      what the working directory may hold (default: 200)
  --keep DIR           keep there what each run wrote: a new directory
  --help, -h           show this

All other options are those of spark-submit, for both engines: minispark-submit --help shows them.

Exit status: 0 the same, 1 a difference, 2 nothing could be compared."""

_OWN = {"--json", "--timeout", "--runs", "--copy-limit", "--keep"}


@dataclass
class _Options:
    """The options of the command itself."""

    report: bool = False
    json: Path | None = None
    timeout: float = 600.0
    runs: int = 3
    copy_limit: float = 200.0
    keep: Path | None = None


class _Stopped(BaseException):
    """A signal has asked the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command; ``words`` are its arguments, those of the process if None."""
    words = list(sys.argv[1:] if words is None else words)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        sys.exit(_run(words))
    except (LineError, WorkspaceError, CannotRun) as error:
        print(f"minispark conform: {error}", file=sys.stderr)
        sys.exit(2)
    except _Stopped as stopped:
        print("minispark conform: stopped; both engines have ended", file=sys.stderr)
        sys.exit(128 + stopped.number)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    # What is being ended and removed now shall not be interrupted.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise _Stopped(number)


def _run(words: list[str]) -> int:
    if not words or words[0] in ("--help", "-h"):
        print(USAGE)
        return 0 if words else 2
    options, rest = _own_options(words)
    commands = _commands(options, rest)
    if options.json is not None and not options.json.parent.is_dir():
        raise LineError(f"--json: there is no directory {options.json.parent}")
    with ExitStack() as stack:
        root = _root(options, stack)
        results: list[tuple[str, Verdict | str]] = []
        for number, command in enumerate(commands, 1):
            here = root / f"{number:03d}-{command.program.stem}" if options.report else root
            here.mkdir(exist_ok=True)
            if options.report:
                print(f"[{number}/{len(commands)}] {command.title}", file=sys.stderr)
            results.append((command.title, _judged(command, here, options)))
        _print(results, options)
        if options.json is not None:
            options.json.write_text(json_of(results), encoding="utf-8")
    verdicts = [verdict for _, verdict in results]
    if any(isinstance(verdict, str) for verdict in verdicts):
        return 2
    return 0 if all(not isinstance(each, str) and each.same for each in verdicts) else 1


def _judged(command: Command, root: Path, options: _Options) -> Verdict | str:
    try:
        return judge(command, root, options.timeout, options.runs, options.copy_limit, options.keep)
    except (CannotRun, WorkspaceError) as error:
        if not options.report:
            raise
        return str(error)  # the other programs may run


def _print(results: Sequence[tuple[str, Verdict | str]], options: _Options) -> None:
    if not options.report:
        for _, verdict in results:
            print(verdict if isinstance(verdict, str) else text_of(verdict))
        return
    for title, verdict in results:
        details = [verdict] if isinstance(verdict, str) else list(details_of(verdict))
        if details:
            print("\n".join([f"== {title}", *(line for line in details if line), ""]))
    print(table_of(results))


def _root(options: _Options, stack: ExitStack) -> Path:
    if options.keep is None:
        made = tempfile.TemporaryDirectory(prefix="minispark-conform-", ignore_cleanup_errors=True)
        return Path(stack.enter_context(made))
    try:
        options.keep.mkdir(parents=True)
    except OSError as error:
        raise LineError(f"--keep {options.keep}: a new directory is made there: {error}") from None
    return options.keep.resolve()


def _commands(options: _Options, words: Sequence[str]) -> list[Command]:
    here = Path.cwd()
    if not options.report:
        return [read_command(words, here)]
    line = read_line(words)
    if line.program is None:
        raise LineError("--report needs programs, or files with a line for each program")
    places = [line.program, *line.arguments]
    submit = words[: len(words) - len(places)]
    commands: list[Command] = []
    for place in places:
        if place.endswith(".py"):
            commands.append(read_command([*submit, place], here))
        else:
            commands += read_list(Path(place), submit)
    return commands


def _own_options(words: Sequence[str]) -> tuple[_Options, list[str]]:
    """The command's own options, and the words without them."""
    options = _Options()
    rest: list[str] = []
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, value = words[at].partition("=")
        at += 1
        if name == "--report" and not equals:
            options.report = True
        elif name in _OWN:
            if not equals:
                if at == len(words):
                    raise LineError(f"Missing argument for option '{name}'.")
                value = words[at]
                at += 1
            _set(options, name, value)
        else:
            size = 2 if not equals and (name in WITH_VALUE or name == "-c") else 1
            rest += words[at - 1 : at - 1 + size]
            at += size - 1
    return options, [*rest, *words[at:]]


def _set(options: _Options, name: str, value: str) -> None:
    if name == "--json":
        options.json = Path(value)
    elif name == "--keep":
        options.keep = Path(value)
    elif name == "--runs":
        if not value.isdigit() or int(value) < 1:
            raise LineError(f"--runs is a number from 1 on, not {value!r}")
        options.runs = int(value)
    elif name == "--timeout":
        options.timeout = _positive(name, value, "seconds")
    else:
        options.copy_limit = _positive(name, value, "megabytes")


def _positive(name: str, value: str, unit: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise LineError(f"{name} is a number of {unit} above 0, not {value!r}")
    return number
