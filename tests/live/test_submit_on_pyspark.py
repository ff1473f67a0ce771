"""The same line on both engines: what a program finds, what counts more, how it ends.

    python -m pytest tests/live/test_submit_on_pyspark.py

Needs PySpark and Java; their absence is an error here, not a skip.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

PROGRAM = """
    import os, sys
    def tell():
        from pyspark import SparkConf, SparkContext, SparkFiles
        early = dict(SparkConf().getAll())
        sc = SparkContext()
        names = ("spark.a", "spark.b", "spark.c", "spark.files", "spark.submit.pyFiles",
                 "spark.archives", "spark.driver.memory", "spark.executor.memory",
                 "spark.executor.cores", "spark.jars", "spark.driver.extraClassPath")
        found = [sc.getConf().get(name) or None for name in names]
        print("TOLD", early, sc.master, sc.appName, *found, SparkConf().get("spark.master"))
        return sc
    print("TOLD", sys.argv[:1], sys.argv[2:], __file__, __name__, sys.path[0], hash("a"))
    exec(sys.argv[1])
"""
DEFAULTS = "spark.a defaults\nspark.b=defaults  \nspark.c: \\u00e9\\\n   more\nother.x 1\n"

LINES = [
    (["p.py", "tell()", "x", "--master", "y z"], {}),
    (["link.py", "tell()"], {}),
    (["deep/../p.py", "pass"], {}),
    (["--master", "local[2]", "--name", "n", "--conf", "spark.a=1=2", "p.py", "tell()"], {}),
    (["p.py", "tell()"], {"SPARK_CONF_DIR": "conf"}),
    (["p.py", "tell()"], {"SPARK_CONF_DIR": "conf", "MASTER": "local[6]"}),
    (["--properties-file", "f", "p.py", "tell()"], {"SPARK_CONF_DIR": "conf"}),
    (
        ["--properties-file", "f", "--load-spark-defaults", "-c", "spark.b=o", "p.py", "tell()"],
        {"SPARK_CONF_DIR": "conf"},
    ),
    (["--py-files", "deep/one.py", "p.py", "import one; tell(); print('TOLD', one.x)"], {}),
    (["--files", "a b%.txt,deep/*.py", "p.py", "tell()"], {}),
    (["--driver-memory", "1g", "--executor-memory", "1g", "p.py", "tell()"], {}),
    (["--files", "missing", "p.py", "tell()"], {}),
    (["p.py", "sys.exit(3)"], {}),
    (["p.py", "sys.exit('text')"], {}),
    (["p.py", "sys.exit(-1)"], {}),
    (["p.py", "1/0"], {}),
    (["p.py", "os._exit(5)"], {}),
    (["p.py", "raise KeyboardInterrupt"], {}),
    (["missing.py"], {}),
    ([], {}),
    (["--help"], {}),
    (["--version"], {}),
    (["--usage-error"], {}),
    (["--unknown", "p.py"], {}),
    (["--conf", "bad", "p.py"], {}),
    (["--master"], {}),
    (["-c=spark.a=1", "p.py"], {}),
    (["--verbose=x", "p.py", "pass"], {}),
    (["--name", "", "p.py", "tell()"], {}),
    (["--executor-cores", "x", "p.py", "pass"], {}),
    (["--properties-file", "missing", "p.py", "pass"], {}),
    (["--master", "nonsense", "p.py", "pass"], {}),
    (["--deploy-mode", "cluster", "p.py", "pass"], {}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("submit")
    (folder / "deep").mkdir()
    (folder / "conf").mkdir()
    (folder / "p.py").write_text(dedent(PROGRAM))
    (folder / "link.py").symlink_to("p.py")
    (folder / "deep" / "one.py").write_text("x = 17\n")
    (folder / "a b%.txt").write_text("text")
    (folder / "f").write_text("spark.a file\nspark.master local[5]\nspark.app.name from file\n")
    (folder / "conf" / "spark-defaults.conf").write_text(DEFAULTS)
    return folder


@pytest.mark.parametrize(("words", "variables"), LINES, ids=[" ".join(line) for line, _ in LINES])
def test_a_line_means_the_same(folder: Path, words: list[str], variables: dict[str, str]) -> None:
    def run(engine: str) -> tuple[int, list[str], list[str]]:
        kept = {name: text for name, text in os.environ.items() if "SPARK" not in name}
        done = subprocess.run(
            [sys.executable, "-m", "minispark.cli.submit", "--engine", engine, *words],
            cwd=folder,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            timeout=120,
        )
        told = [line for line in done.stdout.splitlines() if line.startswith("TOLD")]
        said = [line for line in done.stderr.splitlines() if line.startswith(("Error:", "Warning"))]
        if words[:1] in (["--executor-cores"], ["--master"], ["--deploy-mode"]):
            said = []  # a trace of Java's there
        status = 130 if done.returncode == -signal.SIGINT else done.returncode  # to a shell
        return status, told, [line for line in said if "without effect" not in line]

    assert run("minispark") == run("pyspark")
