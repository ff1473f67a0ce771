"""`import pyspark` that gives minispark: which modules, which classes, what is told of the rest.

Each test is a process of its own: what is imported stays imported. A stand-in for the real PySpark
lies on the path of each.
"""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from conformance.without_jvm import REASONS
from minispark.version import SPARK_VERSION

RECORDED = Path(__file__).parents[1] / "conformance" / "recorded_surface.json"


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A directory with a package `pyspark` that is not minispark's."""
    package = tmp_path / "pyspark"
    (package / "core").mkdir(parents=True)
    (package / "__init__.py").write_text("__version__ = 'real'\nSparkContext = 'the real one'\n")
    (package / "ml.py").write_text("")
    (package / "core" / "__init__.py").write_text("")
    (package / "core" / "context.py").write_text(
        "class SparkContext:\n    _active_spark_context = 'one that runs'\n"
    )
    return tmp_path


def run(real: Path, program: str) -> list[str]:
    """The lines that a program prints."""
    code = f"import sys; sys.path.insert(0, {str(real)!r})\n" + dedent(program)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_all_forms_of_import_give_the_same_classes(real: Path) -> None:
    assert (
        run(
            real,
            """
        import minispark
        minispark.activate()
        import pyspark
        import pyspark.rdd
        import pyspark.core.context as context
        from pyspark import RDD, SparkContext, StorageLevel
        from pyspark.core.rdd import RDD as core_RDD
        from pyspark.errors import PySparkTypeError
        print(SparkContext is minispark.SparkContext is pyspark.SparkContext)
        print(SparkContext is context.SparkContext)
        print(RDD is pyspark.rdd.RDD is core_RDD is minispark.rdd.RDD)
        print(PySparkTypeError is minispark.errors.PySparkTypeError)
        print(pyspark.storagelevel.StorageLevel is StorageLevel is minispark.StorageLevel)
        """,
        )
        == ["True"] * 5
    )


def test_every_module_of_pyspark_that_minispark_has_is_found(real: Path) -> None:
    modules = json.loads(RECORDED.read_text(encoding="utf-8"))["modules"]
    lines = run(
        real,
        f"""
        import importlib.util
        import minispark
        minispark.activate()
        for name in {list(filter(None, modules))!r}:
            try:
                found = importlib.import_module("pyspark." + name).__name__
            except ModuleNotFoundError as error:
                found = error.name
            print(name, found)
        """,
    )
    found = dict(line.split() for line in lines)
    assert found["core.rdd"] == "minispark.core.rdd"
    assert found["version"] == "pyspark.version"
    missing = {name for name, told in found.items() if told == f"pyspark.{name}"} - {"version"}
    assert "java_gateway" in missing
    assert missing <= set(REASONS)


def test_the_top_level_has_what_pysparks_has_of_sql(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        minispark.activate()
        import pyspark
        from pyspark import Row
        print(pyspark.sql.Row is Row is minispark.Row, pyspark.sql is minispark.sql)
        try:
            from pyspark import SQLContext
        except ImportError as error:
            print(str(error).partition(".")[2].partition(". ")[0])
        """,
    ) == ["True True", "sql.SQLContext is not there yet"]


def test_the_version_is_that_of_spark(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        minispark.activate()
        import pyspark
        from pyspark.version import __version__
        print(pyspark.__version__, __version__, pyspark.version.__version__)
        """,
    ) == [" ".join([SPARK_VERSION] * 3)]


def test_a_star_import_gives_the_public_names(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        minispark.activate()
        from pyspark import *
        print(all(name in globals() for name in minispark.__all__))
        """,
    ) == ["True"]


@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("pyspark.ml", "machine learning on DataFrames runs in Spark's JVM"),
        (
            "pyspark.sql.functions",
            "has of DataFrames only what an RDD program needs",
        ),
        ("pyspark.streaming", "streams run in Spark's JVM"),
        ("pyspark.java_gateway", "runs without a JVM"),
        ("py4j.java_gateway", "of py4j there are the exceptions, in py4j.protocol"),
        ("pyspark.engine", "PySpark has it for its own use, or not at all"),
    ],
)
def test_what_minispark_lacks_fails_at_the_import_and_says_why(
    real: Path, module: str, why: str
) -> None:
    # The real package has `ml`: it is not reached.
    (line,) = run(
        real,
        f"""
        import minispark
        minispark.activate()
        try:
            import {module}
        except ModuleNotFoundError as error:
            print(error.name, error)
        """,
    )
    assert line.startswith(f"{module} No module named '{module}'")
    assert why in line
    assert "`minispark-submit --engine pyspark program.py` runs the program there" in line


def test_a_name_that_minispark_lacks_is_told_of_pyspark(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        minispark.activate()
        import pyspark
        for name in ("nothing", "engine"):
            try:
                getattr(pyspark, name)
            except AttributeError as error:
                print(error)
        """,
    ) == [f"module 'pyspark' has no attribute '{name}'" for name in ("nothing", "engine")]


def test_what_comes_with_an_import_of_pyspark_is_there(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        minispark.activate()
        import pyspark
        print(pyspark.sql.SparkSession is minispark.sql.SparkSession)
        print(pyspark.rdd.RDD is pyspark.RDD, pyspark.context.SparkContext is pyspark.SparkContext)
        from pyspark import Row
        print(Row is minispark.sql.Row, hasattr(pyspark, "ml"))
        """,
    ) == ["True", "True True", "True False"]


@pytest.mark.parametrize("name", ["ml", "mllib", "pandas", "streaming"])
def test_a_module_that_minispark_lacks_says_why_in_either_form(real: Path, name: str) -> None:
    first, second = run(
        real,
        f"""
        import minispark
        minispark.activate()
        for line in ("import pyspark.{name}", "from pyspark import SparkConf, {name}"):
            try:
                exec(line)
            except ModuleNotFoundError as error:
                print(error)
        """,
    )
    assert first == second


def test_a_failed_job_is_caught_as_py4js_error(real: Path) -> None:
    assert (
        run(
            real,
            """
        import minispark
        minispark.activate()
        from py4j.protocol import Py4JError, Py4JJavaError
        from pyspark import SparkContext
        sc = SparkContext("local[2]", "test")
        for kind in (Py4JJavaError, Py4JError):
            try:
                sc.parallelize([1]).map(lambda x: x / 0).collect()
            except kind as error:
                print(type(error.__cause__).__name__)
        """,
        )
        == ["ZeroDivisionError"] * 2
    )


def test_functions_that_name_pyspark_run_in_tasks(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        minispark.activate()
        import pyspark
        from pyspark import StorageLevel, SparkContext
        from pyspark.rdd import portable_hash
        sc = SparkContext("local[2]", "test")
        rdd = sc.parallelize([("a", 1)], 1)
        print(rdd.map(lambda kv: (pyspark.__version__, str(StorageLevel.DISK_ONLY))).collect())
        print(rdd.map(lambda kv: portable_hash(kv[0]) == hash(kv[0])).collect())
        """,
    ) == [f"[('{SPARK_VERSION}', 'Disk Serialized 1x Replicated')]", "[True]"]


def test_what_is_undone_gives_the_real_package_again(real: Path) -> None:
    assert run(
        real,
        """
        import minispark
        with minispark.activate():
            import pyspark
            print(pyspark.__version__ != "real")
            with minispark.activate():
                pass
            from pyspark.rdd import RDD      # the inner block has not ended it
        import pyspark
        print(pyspark.__version__, "pyspark.rdd" in sys.modules)
        minispark.deactivate()
        """,
    ) == ["True", "real False"]


def test_modules_of_the_real_package_that_were_imported_come_back(real: Path) -> None:
    assert run(
        real,
        """
        import warnings
        import pyspark
        first = pyspark
        import minispark
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with minispark.activate():
                from pyspark import SparkContext
                print(SparkContext is minispark.SparkContext)
        print([str(w.message)[:31] for w in told], told[0].filename)
        import pyspark
        print(pyspark is first)
        """,
    ) == ["True", "['pyspark was imported before min'] <string>", "True"]


def test_a_running_context_of_the_real_package_is_an_error(real: Path) -> None:
    assert run(
        real,
        """
        import pyspark.core.context
        import minispark
        try:
            minispark.activate()
        except RuntimeError as error:
            print(error)
        print(pyspark.SparkContext)
        """,
    ) == [
        "minispark.activate() while a SparkContext of PySpark runs in this process: stop it first, "
        "with its stop()",
        "the real one",
    ]


def test_the_finder_imports_nothing(real: Path) -> None:
    # Python 3.11 asks it under the lock of all imports: what it waits for may wait for that lock.
    assert (
        run(
            real,
            """
        import minispark
        minispark.activate()
        before = set(sys.modules)
        finder = sys.meta_path[0]
        for name in ("pyspark.sql.types", "pyspark.core.rdd", "py4j.protocol"):
            print(finder.find_spec(name, None) is not None, set(sys.modules) - before)
        """,
        )
        == ["True set()"] * 3
    )


@pytest.mark.parametrize("package", ["minispark", "pyspark"])
def test_threads_may_import_at_once(real: Path, package: str) -> None:
    assert run(
        real,
        f"""
        import importlib, threading
        import minispark
        minispark.activate()
        sys.setswitchinterval(1e-5)
        modules = ["{package}" + dot for dot in (
            "", ".rdd", ".core.rdd", ".sql", ".sql.types", ".core.context", ".errors", ".conf",
            ".util", ".accumulators", ".taskcontext", ".status",
        )]
        failed = []
        def load(name):
            try:
                importlib.import_module(name)
                importlib.import_module("{package}").SparkContext
            except BaseException as error:
                failed.append((name, error))
        threads = [threading.Thread(target=load, args=(name,)) for name in modules * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(failed)
        """,
    ) == ["[]"]
