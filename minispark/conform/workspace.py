"""Where a program runs: a copy of the working directory, and a directory for its output.

Both lie at the same path in every run of either engine, one run after the other, so that nothing
which depends on a path can differ; after a run, what was written there is put aside.
Must not know: engines, processes, or what is in files.

    <root>/run/work   the copy: the program's working directory
    <root>/run/out    what `{out}` in an argument stands for
    <root>/run/start  the program that is started
    <root>/run/temp   temporary files of engine and program
    <root>/<name>     what a run has left: its output, and the files that it wrote
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

OUT = "{out}"
MEGABYTE = 1_000_000
_MOST_FILES = 20_000

_NOT_COPIED = frozenset({".git", ".hg", ".svn", "__pycache__", "node_modules"})
_MARKS_OF_OTHERS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files that mark a virtual environment, and a cache."""

_OF_SPARK = frozenset({"derby.log", "metastore_db", "spark-warehouse"})
"""What Spark leaves in a working directory, whatever a program does."""


class WorkspaceError(ValueError):
    """The working directory cannot be copied; the text says why, and the way out."""


@dataclass(frozen=True)
class Written:
    """What a run wrote: names below the working directory, or beginning with `out/`.

    `files` says where the content of each new or changed file lies; `directories` are new ones
    with nothing in them; `deleted` are files of the working directory that are gone.
    """

    files: dict[str, Path] = field(default_factory=dict)
    directories: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()


class Workspace:
    """A directory in which a program is run, again and again, each time from the same start.

    Parameters
    ----------
    root: an existing directory, for this alone.
    source: the working directory of the program, which is not touched.
    makes_out: whether the directory for output is there when the program starts.
    without: a directory that is not copied if it lies in `source`; `root` is not copied either.
    """

    def __init__(
        self, root: Path, source: Path, makes_out: bool, without: Path | None = None
    ) -> None:
        self.root = root.resolve()
        self.source = source.resolve()
        self._makes_out = makes_out
        self._without = {self.root, (without or root).resolve()}
        self._before: dict[str, tuple[int, int, int]] = {}
        self.run = self.root / "run"
        self.work = self.run / "work"
        self.out = self.run / "out"
        self.start = self.run / "start"
        self.temp = self.run / "temp"

    def prepare(self) -> None:
        """Make the directories anew, as they are before a run."""
        shutil.rmtree(self.run, ignore_errors=True)
        for directory in (self.work, self.start, self.temp):
            directory.mkdir(parents=True)
        if self._makes_out:
            self.out.mkdir()
        _copy(self.source, self.work, self._without)
        self._before = dict(_files(self.work))

    def finish(self, kept: Path) -> Written:
        """Put what a run wrote aside, in an existing directory."""
        after = dict(_files(self.work))
        directories = _empty_directories(self.work, self.source)
        files = {
            path: _moved(self.work / path, kept / "work" / path)
            for path, about in after.items()
            if self._before.get(path) != about and not _is_left_by_spark(path)
        }
        if self.out.is_dir():
            directories |= {f"out/{path}" for path in _empty_directories(self.out, None)}
            for path in dict(_files(self.out)):
                files[f"out/{path}"] = _moved(self.out / path, kept / "out" / path)
        elif self.out.exists():
            files["out"] = _moved(self.out, kept / "out")
        deleted = frozenset(self._before.keys() - after.keys())
        shutil.rmtree(self.run, ignore_errors=True)
        return Written(files, frozenset(directories), deleted)

    def inside(self, path: Path) -> Path:
        """Where a path of the working directory lies in the copy; any other one stays."""
        absolute = Path(os.path.normpath(self.source / path))
        if absolute.is_relative_to(self.source):
            return self.work / absolute.relative_to(self.source)
        return absolute


def check_size(source: Path, megabytes: float, without: Path | None = None) -> None:
    """Raise WorkspaceError where a directory is too large to be copied for each run.

    Parameters
    ----------
    source: the directory.
    megabytes: what its files may have together, in units of 1,000,000 bytes.
    without: a directory that does not count.
    """
    size = 0
    left_out = {without.resolve()} if without else frozenset()
    for count, (_, (length, _, mode)) in enumerate(_files(source, left_out), 1):
        size += 0 if stat.S_ISLNK(mode) else length
        if size > megabytes * MEGABYTE or count > _MOST_FILES:
            raise WorkspaceError(
                f"the working directory {source} has more than {megabytes:g} MB or "
                f"{_MOST_FILES} files, and each run gets a copy of it. Start in a smaller "
                "directory, with the program and its inputs named by their absolute paths (they "
                "are read where they are); or put symbolic links to large inputs in the directory "
                "(they are not followed); or allow more with --copy-limit MB"
            )


def _files(
    root: Path, without: Set[Path] = frozenset()
) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """The files and links below a directory, with size, time of change and mode; sorted."""
    for folder, directories, names in os.walk(root):
        here = Path(folder)
        links = [name for name in directories if (here / name).is_symlink()]
        directories[:] = sorted(
            name
            for name in directories
            if name not in links and _is_copied(here / name) and here / name not in without
        )
        for name in sorted([*names, *links]):
            path = here / name
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue  # it went meanwhile
            if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                about = (status.st_size, status.st_mtime_ns, status.st_mode)
                yield path.relative_to(root).as_posix(), about


def _is_copied(directory: Path) -> bool:
    if directory.name in _NOT_COPIED:
        return False
    return not any((directory / mark).is_file() for mark in _MARKS_OF_OTHERS)


def _copy(source: Path, target: Path, without: Set[Path]) -> None:
    for folder, directories, names in os.walk(source):
        here = Path(folder)
        there = target / here.relative_to(source)
        there.mkdir(exist_ok=True)
        links = [name for name in directories if (here / name).is_symlink()]
        directories[:] = [
            name
            for name in directories
            if name not in links and _is_copied(here / name) and here / name not in without
        ]
        for name in [*names, *links]:
            path = here / name
            if path.is_symlink():
                (there / name).symlink_to(_target(path, source))
            elif path.is_file():
                shutil.copy2(path, there / name)


def _target(link: Path, source: Path) -> Path:
    """Where the copy of a link points: to the same file, or to the copy of it."""
    named = Path(os.readlink(link))
    meant = Path(os.path.normpath(link.parent / named))
    if not named.is_absolute() and meant.is_relative_to(source):
        return named
    return meant


def _empty_directories(root: Path, source: Path | None) -> set[str]:
    """The directories below `root` without anything in them, and that `source` has not."""
    found = set()
    for folder, directories, names in os.walk(root):
        path = Path(folder).relative_to(root)
        if _is_left_by_spark(path.as_posix()) or (source and (source / path).is_dir()):
            continue
        if path.parts and not directories and not names:
            found.add(f"{path.as_posix()}/")
    return found


def _is_left_by_spark(path: str) -> bool:
    return path.partition("/")[0] in _OF_SPARK


def _moved(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(source, target))
