"""The runs of a program on two engines, and what differs between the engines.

Each thing that is compared (standard output, exit status, exception, each file) is lines of text,
and the names of files are compared by themselves. Where the first runs differ, each engine runs
again, on a busy machine: what differs between two runs of one engine is random or timed, and named,
not counted.
Must not know: how it is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from minispark.cli.engines import ENGINES
from minispark.conform import lines
from minispark.conform.busy import busy_machine
from minispark.conform.command import Command
from minispark.conform.contents import lines_of_file, lines_of_text
from minispark.conform.failures import comparable
from minispark.conform.lines import Hunk, Item
from minispark.conform.perrun import blanked
from minispark.conform.runs import CannotRun, Run, run
from minispark.conform.workspace import Workspace, WorkspaceError, check_size

OUTPUT, STATUS, EXCEPTION, FILES, TIME = (
    "standard output",
    "exit status",
    "exception",
    "files",
    "time",
)


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where, the group that it belongs to, and how.

    Either `hunks` of lines, or what is to be `said`.
    """

    group: str
    where: str
    hunks: tuple[Hunk, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class Random:
    """What differs between two runs of one engine: where, which engine, and the lines if any."""

    where: str
    engine: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What came out for one command: `runs` has those of each engine, the first one first."""

    command: Command
    runs: dict[str, list[Run]]
    differences: list[Difference] = field(default_factory=list)
    random: list[Random] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether nothing differs between the engines."""
        return not self.differences

    @property
    def groups(self) -> list[str]:
        """In what they differ."""
        return list(dict.fromkeys(difference.group for difference in self.differences))


def judge(
    command: Command,
    root: Path,
    timeout: float,
    most_runs: int = 3,
    copy_limit: float = 200,
    without: Path | None = None,
) -> Verdict:
    """Run a command on both engines, and compare.

    Parameters
    ----------
    command: what to run.
    root: an existing directory for all that the runs leave.
    timeout: seconds for each run.
    most_runs: how often each engine may run to find what is random or timed.
    copy_limit: megabytes that the working directory may have.
    without: a directory that is not part of the working directory, though it may lie there.

    Raises WorkspaceError where the working directory is too large, or the program writes where the
    engines would meet; CannotRun where an engine does not start, or neither ends in its time.
    """
    check_size(command.directory, copy_limit, without)
    space = Workspace(root, command.directory, command.makes_out, without)
    missing = command.written_outside()
    runs: list[list[Run]] = [[], []]
    verdict = None
    for number in range(1, most_runs + 1):
        for position, engine in enumerate(ENGINES):
            name = f"{position + 1}-{engine}-{number}"
            # Where time decides, it is to decide otherwise than before.
            with busy_machine(level=number - 1):
                runs[position].append(run(engine, command, space, name, timeout))
            _refuse_a_meeting(engine, missing)
        verdict = _verdict(command, runs, timeout)
        if verdict.same or verdict.groups == [TIME]:
            break
    assert verdict is not None
    return verdict


def _refuse_a_meeting(engine: str, missing: Sequence[Path]) -> None:
    for path in missing:
        if path.exists():
            raise WorkspaceError(
                f"on {engine} the program has written {path}, and the other engine would write "
                "there too. Remove it, and name a place of each engine's own: {out} in an argument "
                "is a new path, {out}/name one in a new directory; a path relative to the working "
                "directory will do as well"
            )


def _verdict(command: Command, runs: Sequence[list[Run]], timeout: float) -> Verdict:
    ours, theirs = runs
    verdict = Verdict(command, {ours[0].engine: ours, theirs[0].engine: theirs})
    over = [side[0].engine for side in runs if any(each.status is None for each in side)]
    if len(over) == 2:
        raise CannotRun(
            f"the program did not end within {timeout:g} s on either engine: there is nothing to "
            "compare. --timeout SECONDS gives it more"
        )
    if over:
        said = f"it did not end within {timeout:g} s on {over[0]}, and did on the other engine"
        verdict.differences.append(Difference(TIME, TIME, said=said))
        return verdict
    _compare_lines(verdict, OUTPUT, OUTPUT, ours, theirs, _output)
    _compare_status(verdict, ours, theirs)
    _compare_lines(verdict, EXCEPTION, EXCEPTION, ours, theirs, _failure)
    _compare_files(verdict, ours, theirs)
    return verdict


def _compare_status(verdict: Verdict, ours: Sequence[Run], theirs: Sequence[Run]) -> None:
    """One that is random is the same where each engine has ended in each of the ways.

    An engine that fails now and then, where the other one does not, is a difference.
    """
    ends = [{run.status for run in side} for side in (ours, theirs)]
    if ends[0] == ends[1] or len(ends[0]) == len(ends[1]) == 1:
        _compare_lines(verdict, STATUS, STATUS, ours, theirs, _status)
    else:
        told = [
            f"{' and '.join(dict.fromkeys(map(str, (run.status for run in side))))} on "
            f"{side[0].engine}"
            for side in (ours, theirs)
        ]
        verdict.differences.append(Difference(STATUS, STATUS, said=", ".join(told)))


def _compare_lines(
    verdict: Verdict,
    group: str,
    where: str,
    ours: Sequence[Run],
    theirs: Sequence[Run],
    read: Callable[[Run], list[str]],
) -> None:
    found = lines.compare([read(each) for each in ours], [read(each) for each in theirs])
    if found.hunks:
        verdict.differences.append(Difference(group, where, hunks=tuple(found.hunks)))
    for side, items in ((ours, found.ours_random), (theirs, found.theirs_random)):
        if items:
            verdict.random.append(Random(where, side[0].engine, tuple(items)))


def _compare_files(verdict: Verdict, ours: Sequence[Run], theirs: Sequence[Run]) -> None:
    names = [_Names.of(side) for side in (ours, theirs)]
    for one, other in (names, names[::-1]):
        only = sorted(one.always - other.always - other.sometimes)
        for name in _without_checksums(only):
            said = f"only on {one.engine}"
            verdict.differences.append(Difference(FILES, name, said=said))
        for name in _without_checksums(sorted(one.sometimes)):
            verdict.random.append(Random(name, one.engine))
    for name in sorted(names[0].always & names[1].always):
        if all(name in each.written.files for each in (*ours, *theirs)):
            read = partial(_content, name=name)
            _compare_lines(verdict, FILES, name, ours, theirs, read)


@dataclass(frozen=True)
class _Names:
    """What an engine wrote: in each of its runs, and in some of them only."""

    engine: str
    always: set[str]
    sometimes: set[str]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> _Names:
        told = [
            {
                *each.written.files,
                *each.written.directories,
                *(f"{name} (deleted)" for name in each.written.deleted),
            }
            for each in runs
        ]
        always = set.intersection(*told)
        return cls(runs[0].engine, always, set.union(*told) - always)


def _without_checksums(names: Sequence[str]) -> list[str]:
    """Names without those of checksum files whose own file is among them."""
    own = {str(path.with_name(f".{path.name}.crc")) for path in map(PurePosixPath, names)}
    return [name for name in names if name not in own]


def _blank(run: Run) -> Callable[[str], str]:
    return partial(blanked, start=run.start, end=run.end)


def _output(run: Run) -> list[str]:
    return lines_of_text(run.stdout, _blank(run))


def _status(run: Run) -> list[str]:
    return [str(run.status)]


def _content(run: Run, name: str) -> list[str]:
    return lines_of_file(run.written.files[name], _blank(run))


def _failure(run: Run) -> list[str]:
    if run.failure is None:
        return []
    form = comparable(run.failure)
    if "java" in form:
        java_class, message = form["java"]
        told = [f"{java_class}", *message.split("\n")]
    else:
        facts = form["exception"]
        told = [facts["class"], *facts["message"].split("\n")]
        told += [f"{name}: {value}" for name, value in facts.get("parameters", {}).items()]
    return [blanked(line, run.start, run.end) for line in told]
