"""From the text a user gives as an input path to the files it names.

For the readers of `minispark.io`. A text holds paths between commas; a path may be a glob; a
directory stands for the files in it. As in Hadoop's FileInputFormat, Globber and GlobPattern, down
to the order and the words of the errors. Must not know: splits, records, codecs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from minispark.errors import SparkException
from minispark.io.filesystem import (
    FileStatus,
    FileSystem,
    child,
    file_system_of,
    name_of,
    qualified,
    refuse_colon,
    split_root,
)

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

# What Hadoop writes as %XX inside a path; it sorts paths by that form.
_QUOTED = re.compile(r'[\x00-\x20"<>\\^`{|}%\[\]#?\x7f]')


def input_entries(
    paths: str, java_exception_class: str = "org.apache.hadoop.mapred.InvalidInputException"
) -> list[FileStatus]:
    """The files and directories that an input text names, in Hadoop's order.

    Matches of a glob are sorted by name; what lies in a directory keeps the directory's own order;
    names that begin with `_` or `.` are left out. A directory found inside a named
    directory is in the list, for the caller to refuse or to skip.

    Parameters
    ----------
    paths: paths, globs and directories between commas.
    java_exception_class: the class of the error; Hadoop has two of them.

    Raises SparkException that names every path that does not exist and every glob that matches
    nothing.
    """
    found: list[FileStatus] = []
    errors: list[str] = []
    for path in [qualified(part) for part in split_commas(paths)]:
        fs = file_system_of(path)
        matches = _matches(fs, path)
        if matches is None:
            errors.append(f"Input path does not exist: {path}")
        elif not matches:
            errors.append(f"Input Pattern {path} matches 0 files")
        else:
            for match in matches:
                if match.is_directory:
                    found += [entry for entry in fs.children(match.path) if _is_shown(entry)]
                else:
                    found.append(match)
    if errors:
        raise SparkException("\n".join(errors), java_exception_class)
    return found


def split_commas(paths: str) -> list[str]:
    """The paths between the commas of an input text; commas in braces belong to a glob.

    >>> split_commas("/logs/{a,b}.txt,/more")
    ['/logs/{a,b}.txt', '/more']
    """
    parts: list[str] = []
    start = depth = 0
    in_glob = False
    for index, char in enumerate(paths):
        if char == "{":
            depth += 1
            in_glob = True
        elif char == "}":
            depth -= 1
            if depth == 0:
                in_glob = False
        elif char == "," and not in_glob:
            parts.append(paths[start:index])
            start = index + 1
    return [*parts, paths[start:]]


def _is_shown(entry: FileStatus) -> bool:
    return not name_of(entry.path).startswith(("_", "."))


def _sort_key(entry: FileStatus) -> bytes:
    text = _QUOTED.sub(lambda match: f"%{ord(match[0]):02X}", entry.path)
    return text.encode("utf-16-be", "surrogatepass")


def is_glob(path: str) -> bool:
    """Whether a qualified path has a wildcard in it.

    >>> is_glob("file:/logs/*.txt"), is_glob("file:/logs/a.txt")
    (True, False)
    """
    return any(char in path for char in "{}[]*?\\")


def unfiltered_matches(path: str) -> list[FileStatus]:
    """What a qualified path or glob stands for, by name; hidden names too."""
    return sorted(_found(file_system_of(path), path)[0], key=_sort_key)


def glob_filter(pattern: str) -> Callable[[str], bool]:
    """Whether a name matches a glob.

    >>> is_text = glob_filter("*.{txt,csv}")
    >>> is_text("a.csv"), is_text("a.gz")
    (True, False)
    """
    regex = _compiled(pattern)
    if regex is None:
        plain = _ESCAPED.sub(r"\1", pattern)
        return lambda name: name == plain
    return lambda name: regex.fullmatch(name) is not None


def _matches(fs: FileSystem, path: str) -> list[FileStatus] | None:
    """What a path or glob stands for, hidden names left out; None for a plain path to nothing."""
    entries, saw_glob = _found(fs, path)
    found = [entry for entry in entries if _is_shown(entry)]
    if not found and not saw_glob:
        return None
    return sorted(found, key=_sort_key)


def _found(fs: FileSystem, path: str) -> tuple[list[FileStatus], bool]:
    """What a path or glob stands for, and whether it is a glob."""
    patterns = list(_without_slashes_in_braces(path))
    found: list[FileStatus] = []
    saw_glob = len(patterns) > 1
    for pattern in patterns:
        root, location = split_root(pattern)
        components = [part for part in location.split("/") if part]
        saw_glob = saw_glob or any(_compiled(part) is not None for part in components)
        found += _descend(fs, root + "/", components)
    return found, saw_glob


def _descend(fs: FileSystem, root: str, components: list[str]) -> list[FileStatus]:
    candidates = [FileStatus(root, 0, True)]
    for depth, component in enumerate(components):
        last = depth == len(components) - 1
        regex = _compiled(component)
        if regex is not None:
            candidates = [
                entry
                for candidate in candidates
                for entry in _children(fs, candidate, also_files=last)
                if regex.fullmatch(name_of(entry.path))
            ]
            continue
        name = _ESCAPED.sub(r"\1", component)
        refuse_colon(name, child(root, name))
        paths = [child(candidate.path, name) for candidate in candidates]
        if last:
            candidates = [entry for path in paths if (entry := fs.status(path)) is not None]
        else:  # not looked at until something below it is
            candidates = [FileStatus(path, 0, True) for path in paths]
    return candidates


def _children(fs: FileSystem, candidate: FileStatus, also_files: bool) -> list[FileStatus]:
    found = fs.status(candidate.path)
    if found is None or not found.is_directory:
        return []
    children = [entry for entry in fs.children(candidate.path) if also_files or entry.is_directory]
    for entry in children:
        refuse_colon(name_of(entry.path), entry.path)
    return children


def _compiled(component: str) -> re.Pattern[str] | None:
    """The regular expression of one component of a glob; None where it is a plain name.

    What Hadoop hands on to its regular expressions as it stands is handed on here too.
    """
    regex: list[str] = []
    in_set = has_wildcard = False
    braces = index = 0
    while index < len(component):
        char = component[index]
        piece = char
        if char == "\\":
            index += 1
            if index >= len(component):
                raise _bad_expression("Missing escaped character", component, index)
            piece += component[index]
        elif char in ".$()|+":
            piece = "\\" + char
        elif char in "*?":
            piece = ".*" if char == "*" else "."
            has_wildcard = True
        elif char == "{":
            piece = "(?:"
            braces += 1
            has_wildcard = True
        elif char == "}" and braces:
            piece = ")"
            braces -= 1
        elif char == "," and braces:
            piece = "|"
        elif char == "[":
            if in_set:
                raise _bad_expression("Unclosed character class", component, index)
            in_set = has_wildcard = True
        elif char == "^" and not in_set:
            piece = "\\^"
        elif char == "!" and in_set and component[index - 1] == "[":
            piece = "^"
        elif char == "]":
            in_set = False
        regex.append(piece)
        index += 1
    if in_set:
        raise _bad_expression("Unclosed character class", component, index)
    if braces:
        raise _bad_expression("Unclosed group", component, index)
    if not has_wildcard:
        return None
    try:
        return re.compile("".join(regex), re.DOTALL)
    except re.error as error:
        raise _illegal(f"error parsing regexp: {error.msg}: `{component}`") from error


def _bad_expression(what: str, glob: str, position: int) -> SparkException:
    return _illegal(f"error parsing regexp: {what} at pos {position}: `{glob}`")


def _illegal(what: str) -> SparkException:
    return SparkException(f"Illegal file pattern: {what}", "java.io.IOException")


def _without_slashes_in_braces(path: str) -> Iterator[str]:
    """The paths that a glob stands for when each brace group that has a slash is written out."""
    group = _group_with_slash(path)
    if group is None:
        yield path
        return
    start, alternatives, end = group
    for alternative in alternatives:
        yield from _without_slashes_in_braces(path[:start] + alternative + path[end:])


def _group_with_slash(path: str) -> tuple[int, list[str], int] | None:
    """Where the first outermost brace group with a slash lies, and its alternatives."""
    root, location = split_root(path)
    depth = start = piece = index = 0
    pieces: list[str] = []
    while index < len(location):
        char = location[index]
        if char == "\\":
            index += 1
            if index == len(location):
                raise _illegal(
                    f"An escaped character does not present for glob {location} at {index}"
                )
        elif char == "{":
            depth += 1
            if depth == 1:
                start, piece, pieces = index, index + 1, []
        elif char == "," and depth == 1:
            pieces.append(location[piece:index])
            piece = index + 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                pieces.append(location[piece:index])
                if "/" in location[start:index]:
                    return len(root) + start, pieces, len(root) + index + 1
        index += 1
    return None
