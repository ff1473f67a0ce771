"""The programs there are: found by reading their files, identified by their source.

For the runner and its workers. Programs are data here: nothing in this module knows an engine, and
listing programs does not execute them.
"""

from __future__ import annotations

import ast
import hashlib
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"

# Modules of programs carry a name under this prefix and are never in sys.modules, so cloudpickle
# takes their functions and classes by value, as it does those of a script's __main__.
MODULE_PREFIX = "conformance_program_"


@dataclass(frozen=True, order=True)
class Program:
    """One program: a function of a module under `programs/`.

    `source` is a digest of all that its answer may depend on in that file: the function's own text,
    and that of each helper, constant, class or import of the module that it reaches by name.
    """

    area: str
    name: str
    source: str
    parameters: tuple[str, ...]
    path: Path

    @property
    def title(self) -> str:
        return f"{self.area}.{self.name}"

    @property
    def makes_its_own_context(self) -> bool:
        return not {"sc", "spark"} & set(self.parameters)


def discover(
    areas: Iterable[str] = (), names: Iterable[str] = (), root: Path = PROGRAMS
) -> list[Program]:
    """All programs, by area and in the order of their file, or those of the areas and names given.

    A name is a program's own (`first_of_nothing`) or with its area (`actions.first_of_nothing`).
    Areas and names given together must both fit. Raises `ValueError` for an area or a name that
    no program has, and where no program is left.
    """
    wanted_areas, wanted_names = set(areas), set(names)
    everything = [p for path in sorted(root.glob("*.py")) for p in programs_of(path)]
    unknown = wanted_areas - {p.area for p in everything}
    if unknown:
        raise ValueError(f"no such area: {', '.join(sorted(unknown))}")
    unknown = wanted_names - {p.name for p in everything} - {p.title for p in everything}
    if unknown:
        raise ValueError(f"no such program: {', '.join(sorted(unknown))}")
    found = [
        p
        for p in everything
        if (not wanted_areas or p.area in wanted_areas)
        and (not wanted_names or p.name in wanted_names or p.title in wanted_names)
    ]
    if not found:
        raise ValueError("no program is of these areas and has one of these names")
    return found


def programs_of(path: Path) -> list[Program]:
    """The programs of one file: its module-level functions whose names do not start with `_`."""
    text = path.read_text(encoding="utf-8")
    body = ast.parse(text, filename=str(path)).body
    found: list[Program] = []
    for statement in body:
        if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
            if any(p.name == statement.name for p in found):
                raise ValueError(f"{path.name} defines {statement.name} twice")
            parameters = tuple(argument.arg for argument in statement.args.args)
            unknown = set(parameters) - {"sc", "spark", "api", "tmp"}
            if unknown:
                raise ValueError(f"{path.name}: {statement.name} asks for {sorted(unknown)}")
            found.append(
                Program(path.stem, statement.name, _digest(text, body, statement), parameters, path)
            )
    return found


def load(program: Program) -> Callable[..., Any]:
    """The program's function, in a module of its own made for it alone."""
    module = types.ModuleType(MODULE_PREFIX + program.area)
    module.__file__ = str(program.path)
    exec(_compiled(program.path), module.__dict__)
    function: Callable[..., Any] = module.__dict__[program.name]
    return function


@cache
def _compiled(path: Path) -> types.CodeType:
    text = path.read_text(encoding="utf-8")
    # Without dont_inherit this module's own `from __future__` would hold in the program's.
    return compile(text, str(path), "exec", dont_inherit=True)


def _digest(text: str, body: list[ast.stmt], program: ast.stmt) -> str:
    defined = [(_names_defined(statement), statement) for statement in body]
    reached = {id(program)}
    # Statements that define no name (but the docstring) act on the module as a whole.
    reached |= {id(s) for names, s in defined if not names and not _is_text(s)}
    pending = [s for s in body if id(s) in reached]
    while pending:
        used = {n.id for n in ast.walk(pending.pop()) if isinstance(n, ast.Name)}
        for names, statement in defined:
            if names & used and id(statement) not in reached:
                reached.add(id(statement))
                pending.append(statement)
    lines = text.split("\n")
    parts = [_segment(lines, s) for s in body if id(s) in reached]
    return hashlib.sha256("\n\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _segment(lines: list[str], statement: ast.stmt) -> str:
    """As ``ast.get_source_segment`` of a module's statement, without a look at the whole text."""
    assert statement.end_lineno is not None
    taken = lines[statement.lineno - 1 : statement.end_lineno]
    taken[-1] = taken[-1].encode()[: statement.end_col_offset].decode()
    return "\n".join(taken)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _names_defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
