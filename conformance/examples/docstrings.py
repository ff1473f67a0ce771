"""The examples there are: read from the source of the PySpark that is installed.

For the judge and its workers. PySpark's files are parsed, never imported: listing its examples
needs no Java, and brings none of its objects into the process.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# What is not the RDD side, or not for programs to use: folders and modules below the package.
NOT_JUDGED = {
    "sql": "DataFrames",
    "ml": "machine learning on DataFrames",
    "mllib": "machine learning",
    "pandas": "pandas on Spark",
    "streaming": "streams",
    "pipelines": "declarative pipelines of DataFrames",
    "testing": "PySpark's own tests, and comparing DataFrames",
    "tests": "PySpark's own tests",
    "cloudpickle": "a copy of a package of its own",
    "logger": "the log of DataFrame errors and of worker processes",
    "shuffle": "how PySpark's workers merge and sort; no part of its documented API",
    "python": "copies for spark-submit",
    "examples": "programs, without docstring examples",
}

VERSION = re.compile(r"^__version__.*?[\"'](.+?)[\"']", re.MULTILINE)


class NotInstalled(RuntimeError):
    """There is no PySpark here to read."""


@dataclass(frozen=True)
class Docstring:
    """The examples of one docstring.

    `module` is without the package's own name (`core.rdd`), `name` is the object's in its module
    (`RDD.map`), empty for the module itself. `lines` are those of the examples in the file.
    """

    module: str
    name: str
    examples: tuple[doctest.Example, ...]
    lines: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module

    @cached_property
    def calls(self) -> frozenset[str]:
        """The names that the examples call, as `SparkContext` in `SparkContext("local")`."""
        return frozenset(
            node.func.id
            for node in self._nodes()
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that the examples use."""
        return frozenset(node.id for node in self._nodes() if isinstance(node, ast.Name))

    def _nodes(self) -> Iterator[ast.AST]:
        for example in self.examples:
            yield from ast.walk(ast.parse(example.source))


@dataclass(frozen=True)
class Module:
    """One module's docstrings, and which names its code has: the examples may use them.

    `imports` are its import statements, one name each, by the name that they bind.
    """

    name: str
    docstrings: tuple[Docstring, ...]
    imports: dict[str, str]
    defines: frozenset[str]


@dataclass(frozen=True)
class Package:
    """An installed PySpark, as far as it is judged, and how many `>>>` the rest has."""

    version: str
    modules: tuple[Module, ...]
    not_judged: dict[str, int]

    @property
    def docstrings(self) -> list[Docstring]:
        return [docstring for module in self.modules for docstring in module.docstrings]


def root_of_pyspark() -> Path:
    """Where PySpark's source is. Raises `NotInstalled`."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise NotInstalled("PySpark is not installed: pip install 'minispark[conformance]'")
    return Path(spec.origin).parent


def read(root: Path) -> Package:
    """Every example below `root`, modules by name, docstrings by the name of their object.

    That is the order in which `doctest` runs them.
    """
    modules = []
    not_judged: Counter[str] = Counter()
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        without = next((part for part in parts if part in NOT_JUDGED), None)
        if without is not None:
            text = path.read_text(encoding="utf-8")
            not_judged[without] += sum(s.lstrip().startswith(">>>") for s in text.splitlines())
        else:
            module = _module(path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts))
            if module.docstrings:
                modules.append(module)
    found = VERSION.search((root / "version.py").read_text(encoding="utf-8"))
    version = found.group(1) if found else "unknown"
    return Package(version, tuple(modules), {name: n for name, n in not_judged.items() if n})


def read_module(root: Path, name: str) -> Module:
    """The examples of one module that `read` has found."""
    path = root.joinpath(*name.split("."))
    return _module(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"), name)


def _module(path: Path, name: str) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        d for object_name, node in _documented(tree) if (d := _docstring(name, object_name, node))
    ]
    imports = {}
    defines = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.update(_imports(node))
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            defines.add(node.name)
        elif isinstance(node, ast.Assign):
            defines |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defines.add(node.target.id)
    docstrings = tuple(sorted(found, key=lambda d: d.name))
    return Module(name, docstrings, imports, frozenset(defines))


def _documented(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]]:
    """What `doctest` looks into: the module, its functions and classes, and those of classes."""
    yield "", tree
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        prefix, parent = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                pending.append((f"{prefix}{node.name}.", node))


def _docstring(
    module: str, name: str, node: ast.Module | ast.ClassDef | ast.FunctionDef
) -> Docstring | None:
    text = ast.get_docstring(node, clean=False)
    examples = doctest.DocTestParser().get_examples(text) if text else []
    if not examples:
        return None
    first = node.body[0].lineno
    return Docstring(module, name, tuple(examples), tuple(first + e.lineno for e in examples))


def _imports(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    found = {}
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        one = ast.Import([alias]) if isinstance(node, ast.Import) else None
        found[bound] = ast.unparse(one or ast.ImportFrom(node.module, [alias], node.level))
    return found
