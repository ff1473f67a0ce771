"""Reference pages, written from the package when the site is built: one for each public class,
and one for what else a module has.

Each name says how it stands to Spark: where its docstring has a paragraph that begins "Differs
from Spark", that it differs; else that it is as in Spark, and how many conformance programs
compare it.

Must not know: how a page looks (Sphinx does), or what any class is for.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import minispark

PROGRAMS = Path(__file__).parent.parent / "conformance" / "programs"
NOT_FOR_PROGRAMS = re.compile(
    r"minispark\.(_|cli|conform|engine|io|launcher|pytest_plugin|ui|core\.(no_jvm|(rdd|context)\.)"
    r"|sql\.(?!conf|dataframe|readwriter|session|types|utils))"
)
"""Modules without a counterpart in pyspark: how it is made, not what is there to use."""
DIFFERS = re.compile(r"^\s*Differs from Spark\b", re.MULTILINE)


@dataclass
class Name:
    """A public object, and the paths under which a program imports it."""

    value: Any
    paths: list[str] = field(default_factory=list)

    @property
    def module(self) -> str:
        return self._home.rpartition(".")[0]

    @property
    def short(self) -> str:
        return self._home.rpartition(".")[2]

    @property
    def _home(self) -> str:
        """The first path, but that of an alias only if there is no other."""
        own = f".{getattr(self.value, '__name__', '')}"
        return next((path for path in self.paths if path.endswith(own)), self.paths[0])


def write_pages(folder: Path) -> None:
    """Write the pages, and a list of them, into ``folder``, which holds nothing else."""
    pages = dict(sorted(reference_pages(), key=lambda page: page[0].lower()))
    first = [name for name in minispark.__all__ if name in pages]
    modules = [name for name in pages if name.startswith("minispark")]
    others = [name for name in pages if name not in first and name not in modules]
    pages["index"] = (
        f"{_title('Reference')}Each class of the API, and what else a module has. Import a name "
        "from ``minispark`` as you would from ``pyspark``.\n\n"
        + _contents("What ``minispark`` itself has", first)
        + _contents("Classes of its modules", others)
        + _contents("Functions, exceptions and constants", modules)
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in pages.items():
        (folder / f"{name}.rst").write_text(text, "utf-8")


def reference_pages() -> Iterator[tuple[str, str]]:
    """(name, text) of each page."""
    names: dict[int, Name] = {}
    for module in public_modules():
        for name in module.__all__:
            value = getattr(module, name)
            names.setdefault(id(value), Name(value)).paths.append(f"{module.__name__}.{name}")
    others: dict[str, list[Name]] = {}
    for each in names.values():
        if inspect.isclass(each.value) and not issubclass(each.value, BaseException):
            yield each.short, _class_page(each)
        else:
            others.setdefault(each.module, []).append(each)
    for module_name, group in others.items():
        yield module_name, _title(module_name) + "\n".join(_other(each) for each in group)


def public_modules() -> Iterator[ModuleType]:
    """The modules that a program imports from, the shortest names first."""
    found = [each.name for each in pkgutil.walk_packages(minispark.__path__, "minispark.")]
    for name in sorted(["minispark", *found], key=lambda each: (each.count("."), each)):
        if not NOT_FOR_PROGRAMS.match(name):
            module = importlib.import_module(name)
            if hasattr(module, "__all__"):
                yield module


def public_members(cls: type) -> Iterator[tuple[str, object]]:
    """The members of a class that minispark defines, and not a base class of Python's own."""
    for member in dir(cls):
        owner = next((base for base in cls.__mro__ if member in base.__dict__), cls)
        if not member.startswith("_") and owner.__module__.partition(".")[0] == "minispark":
            yield member, inspect.getattr_static(cls, member)


def _class_page(name: Name) -> str:
    paths = ", ".join(f"``{path}``" for path in name.paths)
    members = [
        _entry(_directive(value), f"{name.short}.{member}", _status(member, value), "   ")
        for member, value in public_members(name.value)
    ]
    return (
        f"{_title(name.short)}Import it as {paths}.\n\n.. currentmodule:: {name.module}\n\n"
        + _entry("autoclass", name.short, _status("", name.value), "")
        + "".join(members)
    )


def _other(name: Name) -> str:
    kind = "autodata"
    if inspect.isclass(name.value):
        kind = "autoexception"
    elif callable(name.value):
        kind = "autofunction"
    return f".. currentmodule:: {name.module}\n\n" + _entry(
        kind, name.short, _status(name.short, name.value), ""
    )


def _directive(value: object) -> str:
    if isinstance(value, property | cached_property):
        return "autoproperty"
    is_function = callable(value) and inspect.isroutine(value)
    return "automethod" if is_function else "autoattribute"


def _entry(directive: str, name: str, status: str, indent: str) -> str:
    return f"{indent}.. {directive}:: {name}\n\n{indent}   {status}\n\n"


def _contents(title: str, names: list[str]) -> str:
    listed = "\n".join(f"   {name}" for name in names)
    return f"{title}\n{'-' * len(title)}\n\n.. toctree::\n   :maxdepth: 1\n\n{listed}\n\n"


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}\n\n"


def _status(name: str, value: object) -> str:
    """How a name stands to Spark."""
    if DIFFERS.search(inspect.getdoc(value) or ""):
        return "**Differs from Spark**, as said here."
    programs = _programs_that_use(name) if name else 0
    if not programs:
        return "**As in Spark**."
    return f"**As in Spark**: compared in {programs} program{'s' if programs > 1 else ''}."


@cache
def _programs() -> list[str]:
    """The conformance programs: the text of each function."""
    texts = [path.read_text("utf-8") for path in sorted(PROGRAMS.glob("*.py"))]
    parts = [part for text in texts for part in re.split(r"^(?=def )", text, flags=re.MULTILINE)]
    return [part for part in parts if part.startswith("def ") and not part.startswith("def _")]


@cache
def _programs_that_use(name: str) -> int:
    """How many conformance programs have ``.name``, or call ``name``."""
    use = re.compile(rf"\.{name}\b|\b{name}\(")
    return sum(1 for program in _programs() if use.search(program))
