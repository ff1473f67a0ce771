"""One line: options for the engines, a program, its arguments; as the program gets them.

Must not know: how a program is run.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from minispark.conform.workspace import OUT, Workspace
from minispark.launcher.options import LineError, read_line

PYSPARK = "{pyspark}"
"""In a line: the directory of the installed PySpark."""

_WITH_PATHS = frozenset({"--archives", "--files", "--jars", "--properties-file", "--py-files"})


@dataclass(frozen=True)
class Command:
    """A line, and the working directory in which it was written."""

    options: tuple[str, ...]
    program: Path
    arguments: tuple[str, ...]
    directory: Path

    @property
    def makes_out(self) -> bool:
        """Whether `{out}` is to be there already: where an argument names something in it."""
        return any(f"{OUT}/" in word for word in self.arguments)

    @property
    def title(self) -> str:
        """How the line is called in a table: its options come last."""
        words = [self.program.name, *map(shlex.quote, self.arguments)]
        if self.options:
            words.append(f"[{shlex.join(self.options)}]")
        return " ".join(words)

    def words_in(self, space: Workspace) -> list[str]:
        """The program's arguments as they are in a workspace."""
        return [self._argument(word, space) for word in self.arguments]

    def options_in(self, space: Workspace) -> list[str]:
        """The options of the engines as they are in a workspace."""
        words = []
        for before, word in zip(("", *self.options), self.options, strict=False):
            name, equals, value = word.partition("=")
            if before in _WITH_PATHS:
                words.append(self._paths(word, space))
            elif equals and name in _WITH_PATHS:
                words.append(f"{name}={self._paths(value, space)}")
            else:
                words.append(word.replace(OUT, str(space.out)))
        return words

    def written_outside(self) -> list[Path]:
        """The absolute paths in the arguments, outside the directory, where nothing is."""
        found = []
        for word in self.arguments:
            path = Path(word.removeprefix("file://").removeprefix("file:"))
            if path.is_absolute() or ".." in path.parts:
                path = Path(os.path.normpath(self.directory / path))
                if not path.is_relative_to(self.directory) and not os.path.lexists(path):
                    found.append(path)
        return found

    def _paths(self, listed: str, space: Workspace) -> str:
        return ",".join(self._argument(word, space) for word in listed.split(","))

    def _argument(self, word: str, space: Workspace) -> str:
        if OUT in word:
            return word.replace(OUT, str(space.out))
        for prefix in ("file://", "file:", ""):
            path = word.removeprefix(prefix)
            if word.startswith(prefix) and (path.startswith("/") or ".." in Path(path).parts):
                moved = str(space.inside(Path(path)))
                return prefix + moved + ("/" if path.endswith("/") else "")
        return word


def read_command(words: Sequence[str], directory: Path) -> Command:
    """Read a line.

    Raises LineError where it has no program, or an option that does not exist, and where
    `{pyspark}` stands for nothing.
    """
    words = [_with_pyspark(word) for word in words]
    line = read_line(words)
    if line.program is None:
        raise LineError("no program: minispark conform [options] PROGRAM.py [arguments]")
    if not line.program.endswith(".py"):
        raise LineError(f"{line.program!r} is no Python program: its name has to end with .py")
    # Its links are not followed: the name of the file is that of the application.
    program = Path(os.path.normpath(directory.resolve() / line.program))
    if not program.is_file():
        raise LineError(f"there is no file {program}")
    options = tuple(words[: len(words) - len(line.arguments) - 1])
    return Command(options, program, line.arguments, directory.resolve())


def read_list(path: Path, options: Sequence[str] = ()) -> list[Command]:
    """The lines of a file: each a command, in the directory of the file; `#` begins a comment.

    Parameters
    ----------
    path: the file.
    options: are put before those of each line.

    Raises LineError for a line that is none, and names it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LineError(f"{path} is neither a program nor a list of lines: {error}") from None
    commands = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = shlex.split(line, comments=True)
            if words:
                commands.append(read_command([*options, *words], path.parent))
        except ValueError as error:
            raise LineError(f"{path}, line {number}: {error}") from None
    if not commands:
        raise LineError(f"{path} has no line with a program")
    return commands


def _with_pyspark(word: str) -> str:
    if PYSPARK not in word:
        return word
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise LineError(
            f"{word}: PySpark is not installed in this Python: pip install 'minispark[conformance]'"
        )
    return word.replace(PYSPARK, str(Path(found.origin).parent))
