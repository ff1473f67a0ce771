"""From the text a user gives as an input path to the files it names.

For the readers of `minispark.io`. A text holds paths between commas; a path may be a glob; a
directory stands for the files in it. As in Hadoop's FileInputFormat, Globber and GlobPattern, down
to the order and the words of the errors. Must not know: splits, records, codecs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from minispark.errors import SparkException
from minispark.io.filesystem import (
    FileStatus,
    FileSystem,
    child,
    file_system_of,
    name_of,
    qualified,
    split_root,
)

_INVALID_INPUT = "org.apache.hadoop.mapred.InvalidInputException"

# What Hadoop writes as %XX inside a path; it sorts paths by that form.
_QUOTED = re.compile(r'[\x00-\x20"<>\\^`{|}%\[\]#?\x7f]')


def input_entries(paths: str) -> list[FileStatus]:
    """The files and directories that an input text names, in Hadoop's order.

    Matches of a glob are sorted by name; what lies in a directory keeps the directory's own order;
    names that begin with `_` or `.` are left out. A directory found inside a named
    directory is in the list, for the caller to refuse or to skip.

    Raises SparkException (org.apache.hadoop.mapred.InvalidInputException) that names every path
    that does not exist and every glob that matches nothing.
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
        raise SparkException("\n".join(errors), _INVALID_INPUT)
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


def _matches(fs: FileSystem, path: str) -> list[FileStatus] | None:
    """What a path or glob stands for, hidden names left out; None for a plain path to nothing."""
    patterns = list(_without_slashes_in_braces(path))
    found: list[FileStatus] = []
    saw_glob = len(patterns) > 1
    for pattern in patterns:
        root, location = split_root(pattern)
        components = [part for part in location.split("/") if part]
        saw_glob = saw_glob or any(_compiled(part) is not None for part in components)
        found += [entry for entry in _descend(fs, root + "/", components) if _is_shown(entry)]
    if not found and not saw_glob:
        return None
    return sorted(found, key=_sort_key)


def _descend(fs: FileSystem, root: str, components: list[str]) -> list[FileStatus]:
    candidates = [FileStatus(root, 0, True)]
    for depth, component in enumerate(components):
        last = depth == len(components) - 1
        regex = _compiled(component)
        if regex is not None:
            candidates = [
                entry
                for candidate in candidates
                for entry in _children(fs, candidate)
                if (last or entry.is_directory) and regex.fullmatch(name_of(entry.path))
            ]
            continue
        name = re.sub(r"\\(.)", r"\1", component, flags=re.DOTALL)
        paths = [child(candidate.path, name) for candidate in candidates]
        if last:
            candidates = [entry for path in paths if (entry := fs.status(path)) is not None]
        else:  # not looked at until something below it is
            candidates = [FileStatus(path, 0, True) for path in paths]
    return candidates


def _children(fs: FileSystem, candidate: FileStatus) -> list[FileStatus]:
    found = fs.status(candidate.path)
    if found is None or not found.is_directory:
        return []
    return fs.children(candidate.path)


def _compiled(component: str) -> re.Pattern[str] | None:
    """The regular expression of one component of a glob; None where it is a plain name."""
    regex: list[str] = []
    in_set = False
    braces = 0
    has_wildcard = False
    index = 0
    while index < len(component):
        char = component[index]
        if char == "\\":
            index += 1
            if index >= len(component):
                raise _illegal("Missing escaped character", component, index)
            regex.append(re.escape(component[index]))
        elif char == "*":
            regex.append(".*")
            has_wildcard = True
        elif char == "?":
            regex.append(".")
            has_wildcard = True
        elif char == "{":
            regex.append("(?:")
            braces += 1
            has_wildcard = True
        elif char == "}" and braces:
            regex.append(")")
            braces -= 1
        elif char == "," and braces:
            regex.append("|")
        elif char == "[":
            if in_set:
                raise _illegal("Unclosed character class", component, index)
            in_set = has_wildcard = True
            regex.append("[")
        elif char == "]" and in_set:
            in_set = False
            regex.append("]")
        elif in_set and char in "!^" and component[index - 1] == "[":
            regex.append("^")
        elif in_set and char == "-":
            regex.append("-")
        else:
            regex.append(re.escape(char))
        index += 1
    if in_set:
        raise _illegal("Unclosed character class", component, index)
    if braces:
        raise _illegal("Unclosed group", component, index)
    if not has_wildcard:
        return None
    try:
        return re.compile("".join(regex), re.DOTALL)
    except re.error as error:
        raise _illegal(str(error), component, error.pos or 0) from error


def _illegal(what: str, glob: str, position: int) -> SparkException:
    return SparkException(
        f"Illegal file pattern: {what} near index {position}\n{glob}", "java.io.IOException"
    )


def _without_slashes_in_braces(pattern: str) -> Iterator[str]:
    """The patterns that a glob stands for when each brace group that has a slash is written out."""
    group = _group_with_slash(pattern)
    if group is None:
        yield pattern
        return
    start, alternatives, end = group
    for alternative in alternatives:
        yield from _without_slashes_in_braces(pattern[:start] + alternative + pattern[end:])


def _group_with_slash(pattern: str) -> tuple[int, list[str], int] | None:
    """Where the first outermost brace group with a slash lies, and its alternatives."""
    depth = start = piece = index = 0
    pieces: list[str] = []
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            index += 1
        elif char == "{":
            depth += 1
            if depth == 1:
                start, piece, pieces = index, index + 1, []
        elif char == "," and depth == 1:
            pieces.append(pattern[piece:index])
            piece = index + 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                pieces.append(pattern[piece:index])
                if "/" in pattern[start:index]:
                    return start, pieces, index + 1
        index += 1
    return None
