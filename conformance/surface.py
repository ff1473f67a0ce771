"""The public surface of PySpark's RDD side, and whether minispark has all of it.

    python -m conformance.surface              minispark against the installed PySpark
    python -m conformance.surface --recorded   against what was written down of PySpark
    python -m conformance.surface --record     write PySpark's surface down

A *surface* is facts only: which names each module gives, and of each class its members, their
kinds and signatures, and its bases. It is read by importing; no JVM starts. What need not be the
same stands in `conformance.without_jvm`, with the reason.

Exit status: 0 nothing is missing or different, 1 something is, 3 PySpark is not installed.
Must not know: what any name does; programs (`conformance/programs`) compare that.
"""

from __future__ import annotations

import argparse
import ast
import dis
import importlib
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from conformance.without_jvm import OURS, REASONS

RECORDED = Path(__file__).parent / "recorded_surface.json"

Facts = dict[str, Any]

MODULES = (
    "",
    "accumulators",
    "broadcast",
    "cloudpickle",
    "conf",
    "context",
    "core",
    "core.broadcast",
    "core.context",
    "core.files",
    "core.rdd",
    "core.status",
    "errors",
    "errors.error_classes",
    "errors.exceptions",
    "errors.exceptions.base",
    "errors.exceptions.captured",
    "errors.utils",
    "files",
    "join",
    "profiler",
    "rdd",
    "rddsampler",
    "resource",
    "resource.information",
    "resource.profile",
    "resource.requests",
    "resultiterable",
    "serializers",
    "shuffle",
    "statcounter",
    "status",
    "storagelevel",
    "taskcontext",
    "util",
    "version",
    # PySpark's own workings: each stands in `without_jvm`, or minispark has it.
    "_globals",
    "daemon",
    "errors.exceptions.tblib",
    "errors_doc_gen",
    "find_spark_home",
    "install",
    "instrumentation_utils",
    "java_gateway",
    "logger",
    "loose_version",
    "memory_profiler_ext",
    "shell",
    "testing",
    "threaddump",
    "traceback_utils",
    "worker",
    "worker_message",
    "worker_util",
)
"""What a program on the RDD side can import: all of PySpark but DataFrames and what is on them."""

OWN_NAMES_ONLY = (
    "accumulators",
    "conf",
    "core.broadcast",
    "broadcast",
    "errors.exceptions.base",
    "join",
    "profiler",
    "taskcontext",
)
"""Modules of which only their own names count. What they import for themselves (functions, errors
and serializers of other modules) nobody imports from there."""

VENDORED = "cloudpickle"
"""A package that PySpark has a copy of, and minispark depends on."""

RUN_WHEN_IMPORTED = ("shell", "daemon", "worker", "memory_profiler_ext", "testing", "threaddump")
"""Modules that start something, or need more packages: only whether they exist is asked."""

UNINTERESTING = frozenset(
    f"__{name}__"
    for name in (
        *("module", "doc", "dict", "weakref", "annotations", "parameters", "orig_bases", "slots"),
        *("abstractmethods", "dataclass_fields", "dataclass_params", "match_args", "new", "final"),
        *("firstlineno", "static_attributes", "annotate", "annotate_func", "annotations_cache"),
        *("replace", "hash", "ne", "subclasshook", "init_subclass", "class_getitem"),
        *("protocol_attrs", "non_callable_proto_members", "type_params"),
        "slotnames",  # put there when an instance is pickled
    )
)
"""What Python itself puts on classes. (`__hash__` is a fact of its own; `__ne__` follows from
`__eq__`.)"""

HOW_IT_IS_MADE = frozenset(
    f"__{name}__"
    for name in (
        *("init", "repr", "str", "reduce", "reduce_ex", "getstate", "setstate", "getnewargs"),
        *("copy", "deepcopy", "del"),
    )
)
"""Members that minispark may have though PySpark has not: no program calls them by name."""


# -- reading a surface ----------------------------------------------------------------------


def read_surface(package: str) -> Facts:
    """The facts of a package, which is imported."""
    modules: Facts = {}
    classes: Facts = {}
    for name in MODULES:
        path = f"{package}.{name}".rstrip(".")
        if name in RUN_WHEN_IMPORTED:
            if _is_there(package, name):
                modules[name] = {"all": None, "names": {}}
            continue
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError as error:
            if error.name is None or not path.startswith(error.name):
                raise
            continue
        names: Facts = {}
        for public, value in sorted(_public_names(module, package)):
            names[public] = _fact(value, package)
            if inspect.isclass(value):
                home = _home(value, package)
                classes.setdefault(home, {"bases": _bases(value), **_class_facts(value, package)})
        modules[name] = {"all": sorted(getattr(module, "__all__", ())) or None, "names": names}
    about = importlib.import_module(package)
    return {
        "version": about.__version__,
        "python": ".".join(map(str, sys.version_info[:2])),
        "modules": modules,
        "classes": dict(sorted(classes.items())),
    }


def _is_there(package: str, name: str) -> bool:
    root = Path(str(importlib.import_module(package).__file__)).parent / name.replace(".", "/")
    return root.is_dir() or root.with_suffix(".py").is_file()


def _public_names(module: ModuleType, package: str) -> Iterator[tuple[str, object]]:
    """What a program can sensibly import from a module: its own names, and the package's."""
    listed = set(getattr(module, "__all__", ()))
    constants = _constants(module)
    for name, value in vars(module).items():
        if name in listed:
            yield name, value
        elif name.startswith("_") or inspect.ismodule(value) or isinstance(value, TypeVar):
            continue
        elif inspect.isclass(value) or isinstance(value, FunctionType):
            if _counts(value.__module__, module, package):
                yield name, value
        elif name in constants:
            yield name, value


def _counts(home: str, module: ModuleType, package: str) -> bool:
    """Whether what is at home in one module is a public name of another that has it."""
    if not _is_of(home, package) or _is_of(home, f"{package}.sql"):
        return False
    name = module.__name__.removeprefix(package).removeprefix(".")
    return home == module.__name__ or name not in OWN_NAMES_ONLY


def _is_of(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@cache
def _constants(module: ModuleType) -> frozenset[str]:
    """The names that the module's own text gives a value, types and their like left out."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return frozenset()
    found = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and not _is_typing(getattr(module, target.id, None)):
                found.add(target.id)
    return frozenset(found)


def _is_typing(value: object) -> bool:
    return type(value).__module__ in ("typing", "types") and not callable(
        getattr(value, "__code__", None)
    )


def _home(value: Any, package: str) -> str:
    return f"{value.__module__.removeprefix(package).removeprefix('.')}.{value.__qualname__}"


def _fact(value: Any, package: str) -> Facts:
    if inspect.isclass(value):
        return {"kind": "class", "home": _home(value, package)}
    if isinstance(value, FunctionType):
        home = _home(value, package)
        return {"kind": "function", "home": home, "signature": _signature(value)}
    if inspect.isroutine(value):
        return {"kind": "function", "signature": _signature(value)}
    shown = repr(value) if type(value) in (int, float, bool, type(None)) else None
    return {"kind": "value", "type": type(value).__name__, "value": shown}


def _bases(cls: type) -> list[str]:
    return [base.__name__ for base in cls.__mro__[1:] if base is not object]


def _class_facts(cls: type, package: str) -> Facts:
    members: Facts = {name: {"kind": "attribute"} for name in sorted(_attributes(cls, package))}
    for name in dir(cls):
        owner = next((base for base in cls.__mro__ if name in vars(base)), None)
        if owner is None or _is_private(name):
            continue
        if not _is_of(owner.__module__, package) and not _is_of(owner.__module__, VENDORED):
            continue
        members[name] = _member(cls, name)
    return {"hashable": cls.__hash__ is not None, "members": dict(sorted(members.items()))}


def _is_private(name: str) -> bool:
    if name.startswith("__") and name.endswith("__"):
        return name in UNINTERESTING
    return name.startswith("_")


def _member(cls: type, name: str) -> Facts:
    value = inspect.getattr_static(cls, name)
    kinds = {staticmethod: "staticmethod", classmethod: "classmethod", property: "property"}
    kind = kinds.get(type(value))
    if kind == "property":
        return {"kind": "property", "writable": value.fset is not None}
    if kind is None and not inspect.isroutine(value):
        return {"kind": "attribute"}
    return {"kind": kind or "method", "signature": _signature(getattr(cls, name))}


def _attributes(cls: type, package: str) -> set[str]:
    """What the methods of a class, and of its bases in the package, set on `self`."""
    found: set[str] = set()
    for base in cls.__mro__:
        if _is_of(base.__module__, package) or _is_of(base.__module__, VENDORED):
            found |= _own_attributes(base)
    return {name for name in found if not name.startswith("_")}


@cache
def _own_attributes(cls: type) -> frozenset[str]:
    found = set(inspect.get_annotations(cls))
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError):  # it calls another module its own
        return frozenset(found)
    body = tree.body[0]
    assert isinstance(body, ast.ClassDef)
    for node in ast.walk(body):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if (
                    isinstance(each, ast.Attribute)
                    and isinstance(each.value, ast.Name)
                    and each.value.id == "self"
                ):
                    found.add(each.attr)
    return frozenset(found)


def _signature(function: Any) -> list[list[str | None]] | None:
    """[name, kind, default] of each parameter; None where Python cannot tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, p.kind.name, _default(p.default)] for p in parameters]


def _default(value: object) -> str | None:
    if value is inspect.Parameter.empty:
        return None
    if isinstance(value, FunctionType):
        return "<identity>" if _is_identity(value) else value.__name__
    if isinstance(value, type):
        return value.__name__
    return repr(value)


def _is_identity(function: FunctionType) -> bool:
    """Whether a function only gives its argument back. Judged unrun: it may refuse arguments."""
    steps = [step.opname for step in dis.get_instructions(function)]
    loads = [step for step in steps if step.startswith("LOAD_FAST")]
    return len(loads) == 1 and set(steps) <= {*loads, "RESUME", "RETURN_VALUE"}


# -- comparing two surfaces -----------------------------------------------------------------


class Comparison:
    """PySpark's surface against minispark's: what is the same, missing, different, excused."""

    def __init__(
        self,
        spark: Facts,
        mini: Facts,
        reasons: Mapping[str, str] = REASONS,
        ours: Mapping[str, str] = OURS,
    ) -> None:
        self._spark, self._mini = spark, mini
        self._reasons, self._ours = reasons, ours
        self.rows: dict[str, dict[str, list[str]]] = {}
        """By class or module: names by verdict: same, missing, different, only here, excused."""
        self._used: set[str] = set()
        self._paths: dict[str, list[str]] = {}
        for module, facts in spark["modules"].items():
            self._compare_module(module, facts)
        self._compare_paths()
        self.bad_entries = self._check_list()

    @property
    def failures(self) -> list[str]:
        """A line for each name that is missing, different, or only in minispark."""
        return [
            f"{verdict}: {line}"
            for row in self.rows.values()
            for verdict in ("missing", "different", "only here")
            for line in row[verdict]
        ]

    def table(self) -> str:
        """The counts, a line for each class and module."""
        heads = ("same", "missing", "different", "only here", "excused")
        lines = [f"{'':44}" + "".join(f"{head:>11}" for head in heads)]
        total = dict.fromkeys(heads, 0)
        for title, row in sorted(self.rows.items()):
            for head in heads:
                total[head] += len(row[head])
            lines.append(f"{title:44}" + "".join(f"{len(row[head]):11d}" for head in heads))
        lines.append(f"{'all':44}" + "".join(f"{total[head]:11d}" for head in heads))
        return "\n".join(lines)

    def _note(self, title: str, verdict: str, line: str) -> None:
        row = self.rows.setdefault(
            title, {v: [] for v in ("same", "missing", "different", "only here", "excused")}
        )
        row[verdict].append(line)

    def _judge(self, title: str, keys: list[str], verdict: str, line: str) -> None:
        """Note a verdict; where one of the keys is on the list, as excused."""
        listed = next((key for key in keys if key in self._reasons), None)
        if listed is not None:
            if verdict == "same":
                return self._note(title, verdict, line)
            self._used.add(listed)
            verdict = "excused"
        return self._note(title, verdict, line)

    def _compare_module(self, module: str, facts: Facts) -> None:
        title = f"module {module}".rstrip() if module else "module (package)"
        mine = self._mini["modules"].get(module)
        if mine is None:
            return self._judge(title, [module], "missing", module)
        if not facts["names"]:
            self._judge(title, [module], "same", module)
        for name, fact in facts["names"].items():
            path = f"{module}.{name}".lstrip(".")
            home = fact.get("home", path)
            keys = [path, home, module, home.rpartition(".")[0]]
            known = mine["names"].get(name)
            if known is None:
                self._judge(title, keys, "missing", path)
                continue
            difference = _difference(fact, known)
            verdict = "different" if difference else "same"
            self._judge(title, keys, verdict, f"{path}: {difference}" if difference else path)
            if fact["kind"] == "class" and not difference:
                self._paths.setdefault(home, []).append(known["home"])
                if len(self._paths[home]) == 1:
                    self._compare_class(home, known["home"])
        listed = set(facts["all"] or ())
        for name in sorted(listed - set(mine["all"] or ())):
            path = f"{module}.__all__: {name}".lstrip(".")
            self._judge(title, [f"{module}.{name}".lstrip(".")], "missing", path)
        for name in sorted(set(mine["all"] or ()) - set(facts["names"])):
            path = f"{module}.{name}".lstrip(".")
            if path in self._ours:
                self._used.add(path)
            else:
                self._note(title, "only here", path)
        return None

    def _compare_class(self, home: str, my_home: str) -> None:
        spark, mini = self._spark["classes"][home], self._mini["classes"][my_home]
        missing = [base for base in spark["bases"] if base not in mini["bases"]]
        self._judge(
            home,
            [f"{home}.__bases__", home, home.rpartition(".")[0]],
            "different" if missing else "same",
            f"{home} is no {', '.join(missing)}" if missing else f"{home}.__bases__",
        )
        if spark["hashable"] != mini["hashable"]:
            words = "can be hashed in PySpark only"
            if mini["hashable"]:
                words = "can be hashed in minispark only"
            self._judge(home, [f"{home}.__hash__", home], "different", f"{home} {words}")
        module = home.rpartition(".")[0]
        for name, fact in spark["members"].items():
            path = f"{home}.{name}"
            inherited = [f"{module}.{base}.{name}" for base in spark["bases"]]
            keys = [path, *inherited, home, module]
            known = mini["members"].get(name)
            if known is None:
                self._judge(home, keys, "missing", path)
                continue
            difference = _difference(fact, known)
            verdict = "different" if difference else "same"
            self._judge(home, keys, verdict, f"{path}: {difference}" if difference else path)
        for name in sorted(set(mini["members"]) - set(spark["members"]) - HOW_IT_IS_MADE):
            path = f"{home}.{name}"
            origins = [path, *(f"{module}.{base}.{name}" for base in spark["bases"])]
            listed = next((origin for origin in origins if origin in self._ours), None)
            if listed is not None:
                self._used.add(listed)
            else:
                self._note(home, "only here", path)

    def _compare_paths(self) -> None:
        """Each class of PySpark is one class here too, by whichever path it comes."""
        for home, mine in self._paths.items():
            if len(set(mine)) > 1:
                line = f"{home}: several classes, {', '.join(sorted(set(mine)))}"
                self._judge(home, [home], "different", line)

    def _check_list(self) -> list[str]:
        """What is wrong with the lists themselves."""
        bad = []
        for key in sorted(self._reasons.keys() - self._used):
            what = "is the same in minispark" if self._names(key) else "names nothing in PySpark"
            bad.append(f"{key} {what}: it does not belong on the list")
        bad += [f"{key} is not only here" for key in sorted(self._ours.keys() - self._used)]
        return bad

    def _names(self, key: str) -> bool:
        modules, classes = self._spark["modules"], self._spark["classes"]
        if key in modules or key in classes:
            return True
        owner, _, name = key.rpartition(".")
        return (
            name in modules.get(owner, {"names": {}})["names"]
            or name in classes.get(owner, {"members": {}})["members"]
        )


def _difference(spark: Facts, mini: Facts) -> str:
    """How two facts differ, in words; empty if they do not."""
    if spark["kind"] != mini["kind"]:
        return f"{spark['kind']} in PySpark, {mini['kind']} here"
    for part in ("type", "value", "writable"):
        if spark.get(part) != mini.get(part):
            return f"{part} {spark.get(part)} in PySpark, {mini.get(part)} here"
    if spark.get("signature") != mini.get("signature"):
        return f"{_shown(spark['signature'])} in PySpark, {_shown(mini['signature'])} here"
    return ""


def _shown(signature: list[list[str | None]] | None) -> str:
    if signature is None:
        return "(?)"
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    parts = []
    for name, kind, default in signature:
        shown = f"{stars.get(str(kind), '')}{name}"
        if kind == "KEYWORD_ONLY":
            shown = f"[by name] {shown}"
        parts.append(shown if default is None else f"{shown}={default}")
    return f"({', '.join(parts)})"


# -- the command line -----------------------------------------------------------------------


def recorded() -> Facts:
    """PySpark's surface as it was written down."""
    facts: Facts = json.loads(RECORDED.read_text("utf-8"))
    return facts


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.surface",
        description="Compares the public names and signatures of PySpark and minispark.",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--record", action="store_true", help="write PySpark's surface down")
    mode.add_argument("--recorded", action="store_true", help="compare with what was written down")
    options = parser.parse_args(arguments)
    if options.recorded:
        spark = recorded()
    else:
        try:
            spark = read_surface("pyspark")
        except ModuleNotFoundError as error:
            if error.name != "pyspark":
                raise
            print("cannot run: PySpark is not installed; --recorded needs none", file=sys.stderr)
            return 3
    if options.record:
        RECORDED.write_text(json.dumps(spark, indent=1, sort_keys=True) + "\n", "utf-8")
        print(f"{RECORDED.name}: PySpark {spark['version']}")
        return 0
    comparison = Comparison(spark, read_surface("minispark"))
    print(comparison.table())
    print("\nWithout a meaning here:")
    for key, reason in sorted(REASONS.items()):
        print(f"  {key}: {reason}")
    print("\nOnly in minispark:")
    for key, reason in sorted(OURS.items()):
        print(f"  {key}: {reason}")
    for line in comparison.failures:
        print(line)
    for line in comparison.bad_entries:
        print(f"list: {line}")
    failed = len(comparison.failures) + len(comparison.bad_entries)
    print(f"\nPySpark {spark['version']}: {failed} missing or different outside the list")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
